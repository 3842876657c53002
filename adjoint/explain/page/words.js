// What is said of a step: on the page, and to those who listen.

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
