// The page: what is shown follows from the state; every control changes the state.

const STEP_TIME = 1100; // milliseconds between the steps of Play
const RUN_TIME = 120;
const MOST_ITERATIONS = 2000; // in one run

const { functions: MODELS, version } = JSON.parse(document.getElementById("data").textContent);
const at = (id) => document.getElementById(id);

let state = stateOf(location.hash, MODELS, FUNCTIONS);
let timer = null;
let playing = ""; // "play", "run", or nothing
let view = {}; // what has been built for the function that is picked
let walk = null; // the walkthrough at the point

const model = () => MODELS[state.picked];
const code = () => {
  const [value, gradient, record] = FUNCTIONS[state.picked];
  return { value, gradient, record };
};

// -- what follows from the state

const isFinal = () => state.position > walk.visits.length;
const isFinite = () => firstTrouble(model(), walk) === null;
const visits = () => Math.max(0, state.position - 1);

function next() {
  return nextPoint(model(), FUNCTIONS[state.picked], state.inputs, state.rate);
}

// Why a button can do nothing now; nothing where it can do something.
function obstacleTo(id) {
  if (id === "reset") return null;
  if (id === "clear") return state.trace.length ? null : "There is no trace to clear.";
  if (id === "back") return state.position ? null : "There is no step to take back.";
  if (id === playing) return null;
  if (id === "descend" || id === "run") return obstacle(next(), state.inputs);
  if (id === "forward") return state.position ? "The values are computed already." : null;
  if (id === "step" && !state.position) return "Press Forward first: it computes the values.";
  if (state.position && !isFinite()) return "Without finite values there are no adjoints.";
  return isFinal() ? "All adjoints are complete." : null;
}

// The button that makes sense next.
function suggested() {
  if (playing) return playing;
  if (!state.position) return "forward";
  if (!obstacleTo("step")) return "step";
  return isFinal() && isFinite() && !obstacleTo("descend") ? "descend" : "reset";
}

// -- what the buttons do

const ACTIONS = {
  forward() {
    state.position = 1;
    speak(isFinite() ? `Values computed: ${model().name} is ${shown(walk.value)}.` : "");
  },
  step() {
    state.position += 1;
    speak(sentences(walk.visits[visits() - 1]));
  },
  back() {
    state.position -= 1;
    speak(state.position ? `${visits()} of ${walk.visits.length} nodes.` : "Nothing is computed.");
  },
  play() {
    start("play", STEP_TIME, () => {
      const action = state.position ? "step" : "forward";
      if (obstacleTo(action)) return false;
      ACTIONS[action]();
      return !obstacleTo("step");
    });
  },
  all() {
    state.position = isFinite() ? 1 + walk.visits.length : 1;
    if (isFinite()) speak(`All adjoints are complete. ${gradientInWords()}`);
  },
  reset() {
    const { picked } = state;
    state = initialState(MODELS, picked);
    for (const field of document.querySelectorAll("input")) field.blur();
    view.selected = null;
    speak("Reset.");
  },
  descend() {
    descendOnce();
    speak(`${model().name} is ${shown(walk.value)}. ${gradientInWords()}`);
  },
  run() {
    let left = MOST_ITERATIONS;
    start("run", RUN_TIME, () => {
      if (obstacle(next(), state.inputs) || left-- === 0) return false;
      descendOnce();
      return true;
    });
  },
  clear() {
    state.trace = [];
    speak("Trace cleared.");
  },
};

function descendOnce() {
  state.trace = extended(state.trace, state.inputs, code().value(...state.inputs)[0], next());
  state.inputs = [...state.trace.at(-1).point];
  compute();
  state.position = 1 + walk.visits.length;
}

// Repeats an action until it gives false or something else is done.
function start(name, time, action) {
  const tick = () => {
    if (!action()) stop();
    render();
  };
  playing = name;
  timer = setInterval(tick, time);
  tick();
}

function stop() {
  clearInterval(timer);
  timer = null;
  playing = "";
}

function press(id) {
  const wasPlaying = playing;
  stop();
  if (wasPlaying === id) {
    speak("Paused.");
  } else {
    const why = obstacleTo(id);
    if (why) speak(why);
    else ACTIONS[id]();
  }
  render();
}

// -- words

function speak(text) {
  at("spoken").textContent = text;
}

function nodeText(index) {
  const { name, text } = model().nodes[index];
  return text ? `${name} = ${readable(text)}` : name;
}

function runningSum(c) {
  const g = `g(${model().nodes[c.parent].name})`;
  if (c.before === undefined) return `${g}: nothing yet, now ${shown(c.total)}`;
  return `${g}: ${shown(c.before)} so far + ${inside(c.amount)} = ${shown(c.total)}`;
}

function product(visit, c) {
  return `${shown(visit.adjoint)} × ${inside(c.local)} = ${shown(c.amount)}`;
}

function sentences(visit) {
  const { nodes } = model();
  const parts = visit.contributions.map((c) =>
    `${nodes[c.parent].name} receives ${product(visit, c)}; ${runningSum(c)}.`);
  const head = `Node ${visits()} of ${walk.visits.length}: ${nodes[visit.node].name}, ` +
    `adjoint ${shown(visit.adjoint)}.`;
  return [head, ...parts, ...(isFinal() ? [gradientInWords()] : [])].join(" ");
}

function partials() {
  const { adjoints } = sofar(model(), walk, walk.visits.length);
  return model().wrt.map((input) => adjoints.get(input) ?? 0);
}

function gradientInWords() {
  const parts = partials().map((g, i) => `${shown(g)} by ${model().inputs[model().wrt[i]].name}`);
  return `The gradient is ${listed(parts)}.`;
}

// -- building what belongs to a function

function build() {
  const { inputs, text, python } = model();
  at("picker").value = String(state.picked);
  at("formula").textContent = text;
  view = { selected: null, gridKey: "" };
  walk = null;
  view.fields = inputs.map(buildInput);
  at("sliders").replaceChildren(...view.fields.map(({ row }) => row));
  buildGraph();
  view.lines = python.map((line, i) => element("span", lineAttributes(line, i), line || " "));
  at("python").replaceChildren(element("code", {}, ...view.lines));
  view.scrolled = null;
  buildAxes();
  at("cost").textContent = model().wrt.length === 1 ? "" :
    `Central differences run the function ${2 * model().wrt.length} times; ` +
    "the reverse sweep gives all partial derivatives at once.";
}

function lineAttributes(line, i) {
  return { "data-line": i, class: /^\s*#/.test(line) ? "line comment" : "line" };
}

function buildInput(input, index) {
  const id = `input-${index}`;
  const slider = element("input", {
    type: "range", id, min: input.low, max: input.high, step: input.whole ? 1 : input.step,
  });
  const field = element("input", {
    type: "number", step: input.whole ? 1 : "any", "aria-label": `${input.name}, as a number`,
  });
  const set = (text) => {
    const number = Number(text);
    const valid = text !== "" && Number.isFinite(number);
    field.setAttribute("aria-invalid", String(!valid));
    if (!valid) return;
    stop();
    state.inputs[index] = input.whole ? Math.round(number) : number;
    render();
  };
  slider.addEventListener("input", () => set(slider.value));
  field.addEventListener("input", () => set(field.value));
  field.addEventListener("blur", () => {
    field.setAttribute("aria-invalid", "false");
    if (field.isConnected) field.value = asTyped(state.inputs[index]);
  });
  const row = element("div", { class: "input" },
    element("label", { for: id }, input.name), slider, field);
  return { row, slider, field };
}

function buildAxes() {
  const { wrt, inputs } = model();
  at("axes").hidden = wrt.length < 2;
  for (const id of ["across", "up"]) {
    at(id).replaceChildren(...wrt.map((i) => element("option", { value: i }, inputs[i].name)));
  }
}

// The orientation depends on the room there is.
function buildGraph() {
  const { graph } = model();
  const wide = place(graph, false);
  const room = at("drawing").clientWidth - 8;
  const placed = wide.width <= room ? wide : place(graph, true);
  view.drawn = drawGraph(model(), placed, room);
  at("drawing").replaceChildren(view.drawn.drawing);
  view.drawn.nodes.forEach(({ group }, index) => {
    group.addEventListener("click", () => select(index));
    group.addEventListener("focus", () => select(index));
  });
  tabTo(view.selected ?? 0);
}

function select(index) {
  view.selected = index;
  tabTo(index);
  renderSelected();
}

function tabTo(index) {
  view.drawn.nodes.forEach(({ group }, i) => group.setAttribute("tabindex", i === index ? 0 : -1));
}

const MOVES = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

function moveInGraph(event) {
  const last = view.drawn.nodes.length - 1;
  const now = view.selected ?? 0;
  const jumps = { Home: 0, End: last, Enter: now, " ": now };
  const target = event.key in MOVES ? now + MOVES[event.key] : jumps[event.key];
  if (target === undefined) return;
  event.preventDefault();
  const index = Math.max(0, Math.min(last, target));
  view.drawn.nodes[index].group.focus();
  select(index);
}

// -- rendering

function compute() {
  walk = walkthrough(model(), code().record, state.inputs);
}

function render() {
  const wasFinal = walk !== null && isFinal();
  compute();
  const most = isFinite() ? 1 + walk.visits.length : 1;
  state.position = wasFinal ? most : Math.min(state.position, most);
  renderInputs();
  renderButtons();
  renderNow();
  const visit = visits() ? walk.visits[visits() - 1] : undefined;
  const known = sofar(model(), walk, state.position ? visits() : -1);
  if (!state.position) known.adjoints.clear();
  fillGraph(model(), view.drawn, walk, known, state.position > 0, visit);
  renderSelected();
  renderGradient();
  renderSource(visit);
  renderDescent();
  remember();
}

function renderInputs() {
  view.fields.forEach(({ slider, field }, i) => {
    const number = state.inputs[i];
    slider.value = number;
    slider.setAttribute("aria-valuetext", shown(number));
    if (document.activeElement !== field) field.value = asTyped(number);
  });
}

// A number as a field shows it, where it has not been typed.
function asTyped(number) {
  return String(Number((number ?? 0).toPrecision(8)));
}

function renderButtons() {
  const marked = suggested();
  for (const id of Object.keys(ACTIONS)) {
    const button = at(id);
    button.classList.toggle("next", id === marked);
    if (id === marked) button.setAttribute("aria-current", "step");
    else button.removeAttribute("aria-current");
    button.setAttribute("aria-disabled", String(Boolean(obstacleTo(id))));
  }
  at("play").textContent = playing === "play" ? "Pause" : "Play";
  at("run").textContent = playing === "run" ? "Pause" : "Run";
  const count = walk.visits.length;
  Object.assign(at("progress"), { max: Math.max(1, count), value: count ? visits() : isFinal() });
  at("progress-text").textContent = `${visits()} of ${count} nodes`;
  const trouble = state.position && !isFinite() ? firstTrouble(model(), walk) : "";
  if (at("trouble").textContent !== trouble) at("trouble").textContent = trouble;
}

function renderNow() {
  const now = at("now");
  if (!state.position) {
    now.replaceChildren(element("p", {},
      "Press ", element("b", {}, "Forward"),
      ": it computes the value of every node, from the inputs to the result."));
    return;
  }
  if (!isFinite()) {
    now.replaceChildren(element("p", {}, "Move the inputs to where the function has a value."));
    return;
  }
  const { result, name, nodes } = model();
  const called = result < 0 ? name : nodes[result].name;
  const parts = [];
  if (!visits()) {
    parts.push(element("p", {},
      "The values are known: ", element("span", { class: "v" }, `${called} = ${shown(walk.value)}`),
      isFinal() ? "." : ". Now the adjoints go back, one node at a time, " +
      `beginning with ${called}, whose adjoint is 1.`));
  } else {
    const visit = walk.visits[visits() - 1];
    const first = visits() === 1 ? " (the seed)" : "";
    parts.push(element("p", { class: "visit" },
      element("b", {}, nodeText(visit.node)), " has the adjoint ",
      element("span", { class: "g" }, `g(${nodes[visit.node].name}) = ${shown(visit.adjoint)}`),
      `${first}. It hands on:`));
    parts.push(element("ul", {}, ...visit.contributions.map((c) => contribution(visit, c))));
  }
  if (isFinal()) parts.push(element("p", { class: "done" }, gradientInWords()));
  now.replaceChildren(...parts);
}

function contribution(visit, c) {
  const { nodes } = model();
  const [child, parent] = [nodes[visit.node].name, nodes[c.parent].name];
  const known = sofar(model(), walk, visits());
  const waiting = known.missing.get(c.parent);
  const isLast = visit.contributions.findLast((one) => one.parent === c.parent) === c;
  const state = !isLast ? "" : waiting ? `, ${waiting} still to come` : ", complete";
  const rule = /^\(?−?[\d.]+\)?$/.test(readable(c.rule)) ? "" : `${readable(c.rule)} = `;
  return element("li", {},
    element("span", { class: "to" }, `to ${parent}`),
    element("span", { class: "math" },
      `g(${child}) × ∂${child}/∂${parent} = ${shown(visit.adjoint)} × `,
      rule ? `(${rule}${shown(c.local)})` : inside(c.local), " = ",
      element("b", { class: "g" }, shown(c.amount))),
    element("span", { class: "sum" }, `${runningSum(c)}${state}`));
}

function renderSelected() {
  const index = view.selected;
  view.drawn.nodes.forEach(({ group }, i) => group.classList.toggle("selected", i === index));
  if (index === null) {
    at("selected").textContent = "Select a node, by mouse or by the arrow keys, to read about it.";
    return;
  }
  const parts = [view.drawn.nodes[index].group.getAttribute("aria-label")];
  const visit = walk.visits.find(({ node }) => node === index);
  for (const c of state.position && isFinite() && visit ? visit.contributions : []) {
    const parent = model().nodes[c.parent].name;
    parts.push(`derivative by ${parent}: ${readable(c.rule)} = ${shown(c.local)}`);
  }
  at("selected").textContent = parts.join("; ");
}

function renderGradient() {
  const ready = isFinal() && isFinite();
  const exact = ready ? partials() : [];
  const central = ready ? centralDifferences(model(), code().value, state.inputs) : [];
  at("partials").replaceChildren(...model().wrt.map((input, i) => {
    const error = ready ? Math.abs(exact[i] - central[i]) : undefined;
    return element("tr", {},
      element("th", { scope: "row" }, model().inputs[input].name),
      element("td", { class: "g", "data-number": exact[i] }, shown(exact[i])),
      element("td", {}, shown(central[i])),
      element("td", {}, ready ? shown(error, 2) : ""));
  }));
}

function renderSource(visit) {
  const { forward, reverse, nodes } = model();
  const lines = new Set(visit ? reverse[visit.node] : []);
  if (state.position && !visit) forward.filter((_, i) => nodes[i].text).forEach((l) => lines.add(l));
  view.lines.forEach((line, i) => {
    line.classList.toggle("active", lines.has(i));
    if (lines.has(i)) line.setAttribute("aria-current", "step");
    else line.removeAttribute("aria-current");
  });
  scrollTo(Math.min(...[...lines].filter((i) => i >= 0)));
}

// The source from the derivative on; further down where the line would not be seen.
function scrollTo(first) {
  const box = at("python");
  const begin = view.lines.findLast((line) => line.textContent.startsWith("def ")).offsetTop - 8;
  const place = view.lines[first]?.offsetTop ?? begin;
  const target = place < begin + box.clientHeight - 60 ? begin : place - box.clientHeight / 2;
  if (view.scrolled === target) return;
  view.scrolled = target;
  box.scrollTop = target;
}

function renderDescent() {
  const { wrt, inputs } = model();
  const ready = isFinal() && isFinite();
  const ahead = ready ? next() : null;
  at("rate").value = Math.log10(state.rate);
  at("rate").setAttribute("aria-valuetext", shown(state.rate, 3));
  if (document.activeElement !== at("rate-number")) {
    at("rate-number").value = Number(state.rate.toPrecision(3));
  }
  at("preview").replaceChildren(...preview(ready, ahead));
  if (wrt.length < 2) {
    drawCurve(at("plot"), model(), code().value, state, ahead);
  } else {
    const [a, b] = state.axes;
    [at("across").value, at("up").value] = [a, b];
    const others = inputs.map((_, i) => i).filter((i) => i !== a && i !== b);
    const held = others.map((i) => `${inputs[i].name} = ${shown(state.inputs[i], 4)}`);
    at("held").textContent = held.length ? `held: ${held.join(", ")}` : "";
    const key = [a, b, ...others.map((i) => state.inputs[i])].join(" ");
    if (key !== view.gridKey) {
      view.grid = sampled(model(), code().value, state.inputs, state.axes);
      view.grid.canvas = null;
      view.gridKey = key;
    }
    drawContour(at("plot"), model(), view.grid, state, ahead);
  }
  drawHistory(at("history"), model(), state.trace);
}

function preview(ready, ahead) {
  if (!ready) return ["The next point is known when the gradient is complete."];
  const why = obstacle(ahead, state.inputs);
  if (why) return [why];
  const { wrt, inputs, name } = model();
  const rows = wrt.slice(0, 6).map((i, j) => element("span", { class: "math" },
    `${inputs[i].name}: ${shown(state.inputs[i])} − ${shown(state.rate, 3)} × ` +
    `${inside(ahead.partials[j])} = ${shown(ahead.point[i])}`));
  return [element("b", {}, "Next point"), ...rows, element("span", { class: "math" },
    `${name}: ${shown(walk.value)} → ${shown(ahead.value)}`)];
}

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

const THEMES = [["", "Auto", "as the system"], ["light", "Light", "light"], ["dark", "Dark", "dark"]];

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
