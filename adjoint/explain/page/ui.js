// The address of the page, and how everything is set going.

// -- the address

let remembering = null;
let written = location.hash;

function remember() {
  clearTimeout(remembering);
  remembering = setTimeout(() => {
    written = fragmentOf(state);
    history.replaceState(null, "", written);
  }, 250);
}

function recall() {
  if (location.hash === written) return;
  stop();
  state = stateOf(location.hash, MODELS, FUNCTIONS);
  build();
  render();
}

async function share() {
  const address = location.href.split("#")[0] + fragmentOf(state);
  history.replaceState(null, "", written = fragmentOf(state));
  try {
    await navigator.clipboard.writeText(address);
    speak("Link copied.");
    at("share").textContent = "Copied";
    setTimeout(() => { at("share").textContent = "Copy link"; }, 1500);
  } catch {
    speak("The address of the page holds this moment.");
    at("share").textContent = "See address bar";
  }
}

// -- setting up

const THEMES = [
  ["", "Auto", "as the system"],
  ["light", "Light", "light"],
  ["dark", "Dark", "dark"],
];

function setUp() {
  at("version").textContent = version;
  at("picker").replaceChildren(...MODELS.map(({ text }, i) =>
    element("option", { value: i }, text.split("\n")[0])));
  at("picker").hidden = MODELS.length < 2;
  at("picker-label").hidden = MODELS.length < 2;
  at("picker").addEventListener("change", () => {
    stop();
    state = initialState(MODELS, Number(at("picker").value));
    build();
    render();
  });
  for (const id of Object.keys(ACTIONS)) at(id).addEventListener("click", () => press(id));
  at("drawing").addEventListener("keydown", moveInGraph);
  for (const [id, other, mine] of [["across", "up", 0], ["up", "across", 1]]) {
    at(id).addEventListener("change", () => {
      const chosenInput = Number(at(id).value);
      if (Number(at(other).value) === chosenInput) state.axes.reverse();
      else state.axes[mine] = chosenInput;
      render();
    });
  }
  const setRate = (rate) => {
    if (!(rate >= RATES.least && rate <= RATES.most)) return;
    state.rate = Number(rate.toPrecision(6));
    render();
  };
  at("rate").addEventListener("input", () => setRate(10 ** Number(at("rate").value)));
  at("rate-number").addEventListener("input", () => setRate(Number(at("rate-number").value)));
  at("rate-number").addEventListener("blur", render);
  at("share").addEventListener("click", share);
  let theme = 0;
  at("theme").addEventListener("click", () => {
    theme = (theme + 1) % THEMES.length;
    const [name, label, words] = THEMES[theme];
    document.documentElement.dataset.theme = name;
    at("theme").textContent = label;
    at("theme").setAttribute("aria-label", `Colours: ${words}`);
  });
  addEventListener("hashchange", recall);
  let width = innerWidth;
  addEventListener("resize", () => {
    if (innerWidth === width) return;
    width = innerWidth;
    buildGraph();
    render();
  });
  build();
  render();
}

setUp();
