// What is shown follows from the state: all of it is brought up to date here.

function compute() {
  walk = walkthrough(model(), code().record, state.inputs);
}

function render() {
  const wasFinal = walk !== null && isFinal();
  compute();
  const most = hasValue() ? 1 + walk.visits.length : 1;
  state.position = wasFinal ? most : Math.min(state.position, most);
  renderInputs();
  renderButtons();
  renderNow();
  const visit = visits() ? walk.visits[visits() - 1] : undefined;
  const known = sofar(model(), walk, state.position ? visits() : -1);
  if (!state.position) known.adjoints.clear();
  if (isFinal() && hasValue()) partials().forEach((g, i) => known.adjoints.set(model().wrt[i], g));
  fillGraph(model(), view.drawn, walk, known, state.position > 0, visit);
  const near = visit ? [...visit.contributions.map((c) => c.parent), visit.node] : [];
  for (const node of near) showNode(view.drawn, node, at("drawing"));
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
  const trouble = state.position && !hasValue() ? firstTrouble(model(), walk) : "";
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
  if (!hasValue()) {
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
  for (const c of state.position && hasValue() && visit ? visit.contributions : []) {
    const parent = model().nodes[c.parent].name;
    parts.push(`derivative by ${parent}: ${readable(c.rule)} = ${shown(c.local)}`);
  }
  at("selected").textContent = parts.join("; ");
}

function renderGradient() {
  const ready = isFinal() && hasValue();
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
  if (state.position && !visit) forward.forEach((line, i) => nodes[i].text && lines.add(line));
  view.lines.forEach((line, i) => {
    line.classList.toggle("active", lines.has(i));
    if (lines.has(i)) line.setAttribute("aria-current", "step");
    else line.removeAttribute("aria-current");
  });
  scrollSource(Math.min(...[...lines].filter((i) => i >= 0)));
}

// The source from the derivative on; further down where the line would not be seen.
function scrollSource(first) {
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
  const ready = isFinal() && hasValue();
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
