// Gradient descent: the next point, and the trace of those that were visited.

const RATES = { least: 0.001, most: 1, usual: 0.1 };

// The point after one step against the gradient, and the function there; null where the
// gradient is not finite.
function nextPoint(model, [value, gradient], inputs, rate) {
  const partials = gradient(...inputs).slice(1);
  if (!partials.every(Number.isFinite)) return null;
  const point = [...inputs];
  model.wrt.forEach((at, i) => { point[at] = inputs[at] - rate * partials[i]; });
  return { point, value: value(...point)[0], partials };
}

// Whether a step leads nowhere: to what is not finite, or to the same point.
function obstacle(next, inputs) {
  if (next === null) return "The gradient is not finite here: there is no way downhill.";
  if (!next.point.every(Number.isFinite) || !Number.isFinite(next.value)) {
    return "The next point has no finite value: try a smaller step size.";
  }
  if (next.point.every((x, i) => x === inputs[i])) {
    return "The gradient vanishes here: there is no way downhill.";
  }
  return null;
}

// The trace with one more step. A point that the trace does not end with, because the
// inputs were moved by hand, begins a new path.
function extended(trace, inputs, value, next) {
  const last = trace.at(-1);
  const goesOn = last && last.point.every((x, i) => x === inputs[i]);
  const start = goesOn ? [] : [{ point: [...inputs], value, begins: true }];
  return [...trace, ...start, { point: next.point, value: next.value, begins: false }];
}
