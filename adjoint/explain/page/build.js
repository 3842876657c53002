// What belongs to a function: fields for its inputs, its graph, its source, its axes.

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
  view.drawn = drawGraph(model(), at("drawing").clientWidth - 8);
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
