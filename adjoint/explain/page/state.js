// The state of the page, where it begins, and its place in the address.

const MOST_SHARED = 60; // points of a trace that a link takes along

function initialState(models, picked = 0) {
  const model = models[picked];
  const [across, up] = [model.wrt[0], model.wrt[1] ?? model.wrt[0]];
  return {
    picked,
    inputs: model.inputs.map((input) => input.value),
    position: 0, // 0: nothing is computed; 1: the values; 1 + k: k nodes visited
    rate: RATES.usual,
    axes: [across, up],
    trace: [],
  };
}

function fragmentOf(state) {
  const parts = { f: state.picked, at: state.inputs.join(","), step: state.position };
  parts.rate = state.rate;
  parts.axes = state.axes.join(",");
  if (state.trace.length) {
    const points = state.trace.slice(-MOST_SHARED).map(({ point, begins }, i) =>
      (begins && i ? "!" : "") + point.map((x) => Number(x.toPrecision(9))).join(","));
    parts.path = points.join(";");
  }
  return "#" + Object.entries(parts).map(([name, value]) => `${name}=${value}`).join("&");
}

// The state that a fragment describes; what it does not say, or says wrongly, is as at
// the beginning.
function stateOf(fragment, models, functions) {
  const given = Object.fromEntries(
    fragment.replace(/^#/, "").split("&").map((part) => part.split("=")));
  const state = initialState(models, chosen(given.f, models.length) ?? 0);
  const model = models[state.picked];
  const point = numbers(given.at, model.inputs.length);
  if (point) state.inputs = point;
  state.position = chosen(given.step, Infinity) ?? 0;
  const rate = Number(given.rate);
  if (rate >= RATES.least && rate <= RATES.most) state.rate = rate;
  const axes = numbers(given.axes, 2);
  if (axes && axes.every((at) => model.wrt.includes(at))) {
    if (axes[0] !== axes[1] || model.wrt.length === 1) state.axes = axes;
  }
  for (const text of (given.path ?? "").split(";")) {
    const visited = numbers(text.replace(/^!/, ""), model.inputs.length);
    if (!visited) continue;
    const begins = text.startsWith("!") || !state.trace.length;
    const value = functions[state.picked][0](...visited)[0];
    state.trace.push({ point: visited, value, begins });
  }
  const last = state.trace.at(-1);
  const same = (x, i) => Number(state.inputs[i].toPrecision(9)) === x;
  if (last && last.point.every(same)) last.point = [...state.inputs];
  return state;
}

function chosen(text, count) {
  return /^\d{1,9}$/.test(text ?? "") && Number(text) < count ? Number(text) : null;
}

function numbers(text, count) {
  const found = (text ?? "").split(",").map((part) => (part === "" ? NaN : Number(part)));
  return found.length === count && found.every(Number.isFinite) ? found : null;
}
