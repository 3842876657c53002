// The walkthrough at a point: the numbers of the recording, put in order.

// `model` describes the function, `record` is its generated recording. The result has
//   value, values    of the function, and of each node (undefined where it is not run)
//   visits           { node, adjoint, contributions } in the order of the reverse sweep,
//                    each contribution { parent, rule, local, amount, before, total }
//   missing          how many contributions each node waits for in all
//   raised           the exception of the user's own that the function raises, or null
function walkthrough(model, record, inputs) {
  const numbers = record(...inputs);
  const count = model.nodes.length;
  const raw = numbers.slice(1, 1 + count);
  const ran = (at) => {
    if (at < 0) return true;
    const scope = model.scopes[at];
    return ran(scope.outer) && Boolean(raw[scope.condition]) === scope.holds;
  };
  const values = raw.map((v, at) => (ran(model.nodes[at].scope) ? v : undefined));
  const totals = new Map([[model.result, 1]]);
  const visits = new Map();
  const missing = new Map();
  model.contributions.forEach((c, at) => {
    if (!ran(c.scope)) return;
    const start = 1 + count + 3 * at;
    const [local, amount, total] = numbers.slice(start, start + 3);
    if (!visits.has(c.child)) {
      const adjoint = totals.get(c.child);
      visits.set(c.child, { node: c.child, adjoint, contributions: [] });
    }
    const before = totals.get(c.parent);
    visits.get(c.child).contributions.push({ ...c, local, amount, before, total });
    totals.set(c.parent, total);
    missing.set(c.parent, (missing.get(c.parent) ?? 0) + 1);
  });
  const failed = model.guards.find((guard) => ran(guard.scope) && !raw[guard.condition]);
  const raised = failed ? failed.text : null;
  return { value: numbers[0], values, visits: [...visits.values()], missing, raised };
}

// What is known when `done` visits have been made: the adjoint of each node so far, and
// how many contributions it still waits for.
function sofar(model, walk, done) {
  const adjoints = new Map();
  const missing = new Map(walk.missing);
  const seeded = done > 0 || walk.visits.length === 0;
  if (seeded && model.result >= 0) adjoints.set(model.result, 1);
  for (const visit of walk.visits.slice(0, done)) {
    for (const c of visit.contributions) {
      adjoints.set(c.parent, c.total);
      missing.set(c.parent, missing.get(c.parent) - 1);
    }
  }
  return { adjoints, missing };
}

// Why there is no value: an exception of the user's own, or the first node whose number is
// not finite though those of its operands are. Null where there is one.
function firstTrouble(model, walk) {
  if (walk.raised) return `The function raises ${walk.raised} here.`;
  const bad = (at) => typeof walk.values[at] === "number" && !Number.isFinite(walk.values[at]);
  const at = model.nodes.findIndex((node, i) => bad(i) && !node.operands.some(bad));
  if (at < 0) return null;
  const node = model.nodes[at];
  if (node.operation === "input") return `${node.name} is not a finite number.`;
  const operands = [...new Set(node.operands)].filter((i) => i >= 0);
  const where = operands.map((i) => `${model.nodes[i].name} = ${shown(walk.values[i])}`);
  const place = where.length ? ` for ${listed(where)}` : "";
  return `${node.name} = ${readable(node.text)} has no finite value${place}` +
    ` (here it is ${shown(walk.values[at])}; the generated Python may raise an error).`;
}

// (f(x + h) - f(x - h)) / 2h for each input of interest.
function centralDifferences(model, value, inputs) {
  return model.wrt.map((at) => {
    const h = Math.cbrt(Number.EPSILON) * Math.max(1, Math.abs(inputs[at]));
    const [above, below] = [inputs[at] + h, inputs[at] - h];
    const moved = (x) => value(...inputs.map((input, i) => (i === at ? x : input)))[0];
    return (moved(above) - moved(below)) / (above - below);
  });
}
