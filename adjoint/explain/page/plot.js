// Pictures of the function: a filled contour or a curve, and the value by iteration.

const PLOT = { left: 58, bottom: 30, top: 8, right: 10, cells: 90, arrow: 52, bands: 14 };
const RAMP = ["#1b2a49", "#2b5c8a", "#4f98a8", "#a5cfb0", "#f3ecc5"];

// Ends of bands, or of an axis: round numbers about (high - low) / count apart.
function roundStep(low, high, count) {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * [1, 2, 5, 10].find((m) => m * power >= rough * 0.999);
}

function ticks(low, high, count, least = 0) {
  const step = Math.max(least, roundStep(low, high, count));
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  if (!Number.isFinite(step) || last - first > 50) return [];
  return Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step + 0);
}

// The bulk of some numbers: their extremes, unless a few are far from the others. Null
// where there is none, or where the numbers are too large to tell them apart.
function bulk(values) {
  const sorted = Float64Array.from(values.filter(Number.isFinite)).sort();
  if (!sorted.length) return null;
  const share = (part) => sorted[Math.round(part * (sorted.length - 1))];
  const wide = share(0.98) - share(0.02);
  const low = Math.max(sorted[0], share(0.02) - wide);
  const high = Math.min(sorted.at(-1), share(0.98) + wide);
  const span = low < high ? { low, high } : { low: low - 1, high: high + 1 };
  const size = span.high - span.low;
  return size > 0 && Number.isFinite(size) ? span : null;
}

// The band that a number is in. They are narrow below and wide above, as the rings of a
// bowl that are equally far from each other, so that a minimum can be seen.
function bandOf(number, { low, high }) {
  const share = Math.min(Math.max((number - low) / (high - low), 0), 1);
  return Math.min(Math.floor(Math.sqrt(share) * PLOT.bands), PLOT.bands - 1);
}

// The function on a grid over the inputs `axes` of the model, the others held.
function sampled(model, value, inputs, axes) {
  const [across, up] = axes.map((at) => model.inputs[at]);
  const rows = [];
  const point = [...inputs];
  for (let j = 0; j <= PLOT.cells; j++) {
    point[axes[1]] = up.low + ((up.high - up.low) * j) / PLOT.cells;
    const row = [];
    for (let i = 0; i <= PLOT.cells; i++) {
      point[axes[0]] = across.low + ((across.high - across.low) * i) / PLOT.cells;
      row.push(Number(value(...point)[0]));
    }
    rows.push(row);
  }
  return { rows, span: bulk(rows.flat()), canvas: null };
}

function mixed(share) {
  const place = Math.min(Math.max(share, 0), 1) * (RAMP.length - 1);
  const at = Math.min(Math.floor(place), RAMP.length - 2);
  const [a, b] = [RAMP[at], RAMP[at + 1]].map((colour) =>
    [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16)));
  return a.map((x, i) => Math.round(x + (b[i] - x) * (place - at)));
}

// The bands of a grid as a picture, which is kept until the size changes.
function bandsOf(grid, width, height) {
  const scale = Math.min(2, window.devicePixelRatio || 1);
  const [w, h] = [width, height].map((size) => Math.round(size * scale));
  if (grid.canvas?.width !== w || grid.canvas.height !== h) {
    grid.canvas = element("canvas", { width: w, height: h, "aria-hidden": "true" });
    grid.canvas.style.cssText =
      `left:${PLOT.left}px;top:${PLOT.top}px;width:${width}px;height:${height}px`;
    paintBands(grid.canvas, grid, w, h);
  }
  return grid.canvas;
}

// One pixel after the other; where the function is not finite nothing.
function paintBands(canvas, { rows, span }, w, h) {
  const context = canvas.getContext("2d");
  const image = context.createImageData(w, h);
  if (!span) return;
  const cells = PLOT.cells;
  const colours = Array.from({ length: PLOT.bands }, (_, i) => mixed((i + 0.5) / PLOT.bands));
  let above = new Array(w).fill(null);
  for (let y = 0; y < h; y++) {
    const v = (1 - (y + 0.5) / h) * cells;
    const j = Math.min(Math.floor(v), cells - 1);
    const [lower, upper, q] = [rows[j], rows[j + 1], v - j];
    const bands = [];
    for (let x = 0; x < w; x++) {
      const u = ((x + 0.5) / w) * cells;
      const i = Math.min(Math.floor(u), cells - 1);
      const p = u - i;
      const z = (lower[i] * (1 - p) + lower[i + 1] * p) * (1 - q)
        + (upper[i] * (1 - p) + upper[i + 1] * p) * q;
      const band = Number.isFinite(z) ? bandOf(z, span) : null;
      bands.push(band);
      if (band === null) continue;
      const line = (x > 0 && bands[x - 1] !== band) || (y > 0 && above[x] !== band);
      const [r, g, b] = colours[band];
      image.data.set([r, g, b, line ? 175 : 255], 4 * (y * w + x));
    }
    above = bands;
  }
  context.putImageData(image, 0, 0);
}

// What is far outside of a picture stays outside, but within what can be drawn.
function pixel(place) {
  return Math.max(-1e4, Math.min(1e4, place));
}

// A frame with axes; `x` and `y` go from numbers to pixels. Numbers across stand at least
// `least` apart.
function frame(width, height, xs, ys, names, least = 0) {
  const inner = { w: width - PLOT.left - PLOT.right, h: height - PLOT.top - PLOT.bottom };
  const share = (number, [low, high]) => (number - low) / (high - low);
  const x = (number) => pixel(PLOT.left + share(number, xs) * inner.w);
  const y = (number) => pixel(PLOT.top + (1 - share(number, ys)) * inner.h);
  const drawing = svg("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "img" });
  const axes = svg("g", { class: "axes" });
  for (const number of ticks(...xs, Math.max(2, inner.w / 70), least)) {
    axes.append(svg("text", { x: x(number), y: height - PLOT.bottom + 15, class: "across" },
      shown(number, 4)));
  }
  for (const number of ticks(...ys, Math.max(2, inner.h / 45))) {
    axes.append(svg("text", { x: PLOT.left - 6, y: y(number) + 4, class: "up" },
      shown(number, 4)));
  }
  axes.append(
    svg("text", { x: PLOT.left + inner.w / 2, y: height - 1, class: "across title" }, names[0]),
    svg("text", {
      x: 10, y: PLOT.top + inner.h / 2, class: "across title",
      transform: `rotate(-90 10 ${PLOT.top + inner.h / 2})`,
    }, names[1]),
    svg("rect", { x: PLOT.left, y: PLOT.top, width: inner.w, height: inner.h }));
  drawing.append(axes);
  const clip = svg("clipPath", { id: `clip-${frame.count = (frame.count ?? 0) + 1}` });
  clip.append(svg("rect", { x: PLOT.left, y: PLOT.top, width: inner.w, height: inner.h }));
  const layer = svg("g", { "clip-path": `url(#${clip.id})` });
  drawing.append(clip, layer);
  return { drawing, layer, x, y, ...inner };
}

// The paths of a trace: a line for each, with a dot for each point.
function drawTrace(layer, trace, place) {
  let path = "";
  for (const visited of trace) {
    const [x, y] = place(visited);
    if (!Number.isFinite(x + y)) continue;
    path += `${visited.begins || !path ? "M" : "L"}${x.toFixed(2)},${y.toFixed(2)}`;
    if (trace.length <= 300) layer.append(svg("circle", { cx: x, cy: y, r: 2, class: "dot" }));
  }
  if (!path) return;
  layer.prepend(svg("path", { d: path, class: "casing" }), svg("path", { d: path, class: "path" }));
}

// From a place, in a direction of pixels.
function drawArrow(layer, x, y, dx, dy) {
  const length = Math.hypot(dx, dy);
  if (!(length > 0) || !Number.isFinite(length)) return;
  const [ux, uy] = [dx / length, dy / length];
  const [tx, ty] = [x + ux * PLOT.arrow, y + uy * PLOT.arrow];
  const head = [-9, 5, -9, -5];
  const wing = (a, b) => `${tx + a * ux - b * uy},${ty + a * uy + b * ux}`;
  layer.append(
    svg("line", { x1: x, y1: y, x2: tx - 7 * ux, y2: ty - 7 * uy, class: "arrow" }),
    svg("polygon", {
      points: `${tx},${ty} ${wing(head[0], head[1])} ${wing(head[2], head[3])}`, class: "tip",
    }));
}

// The function over two inputs, with trace, point, next point and arrow.
function drawContour(figure, model, grid, state, next) {
  const [a, b] = state.axes;
  const [across, up] = [model.inputs[a], model.inputs[b]];
  const width = Math.max(240, Math.min(560, figure.clientWidth || 480));
  const height = Math.round(width * 0.82);
  const names = [across.name, up.name];
  const plot = frame(width, height, [across.low, across.high], [up.low, up.high], names);
  const at = (point) => [plot.x(point[a]), plot.y(point[b])];
  const [x, y] = at(state.inputs);
  drawTrace(plot.layer, state.trace, ({ point }) => at(point));
  if (next) {
    const gradient = (input) => next.partials[model.wrt.indexOf(input)];
    const dx = -gradient(a) * (plot.w / (across.high - across.low));
    const dy = gradient(b) * (plot.h / (up.high - up.low));
    const [nx, ny] = at(next.point);
    drawArrow(plot.layer, x, y, dx, dy);
    if (Number.isFinite(nx + ny)) {
      plot.layer.append(svg("circle", { cx: nx, cy: ny, r: 5, class: "next" }));
    }
  }
  plot.layer.append(svg("circle", { cx: x, cy: y, r: 6, class: "here" }));
  const where = [a, b].map((i) => `${model.inputs[i].name} = ${shown(state.inputs[i])}`);
  plot.drawing.setAttribute("aria-label",
    `${model.name} over ${listed(names)} as a filled contour, the point at ${listed(where)}`);
  const outside = [a, b].some((i) =>
    state.inputs[i] < model.inputs[i].low || state.inputs[i] > model.inputs[i].high);
  const legend = element("div", { class: "legend" });
  if (grid.span) {
    const { low, high } = grid.span;
    const middle = low + (high - low) / 4; // half way up the bands
    const numbers = [low, middle, high].map((number) => element("span", {}, shown(number, 3)));
    const ends = element("span", { class: "ends" }, ...numbers);
    legend.append(element("span", { class: "ramp" }), ends);
  }
  const caption = element("figcaption", {},
    grid.span ? "" : "There is no function here to draw. ",
    outside ? "The point is outside of the plotted range." : "");
  const bands = bandsOf(grid, plot.w, plot.h);
  const stage = element("div", { class: "stage" }, bands, plot.drawing);
  figure.replaceChildren(stage, legend, caption);
}

// The function over its one input.
function drawCurve(figure, model, value, state, next) {
  const at = model.wrt[0];
  const input = model.inputs[at];
  const width = Math.max(240, Math.min(560, figure.clientWidth || 480));
  const height = Math.round(width * 0.7);
  const samples = Array.from({ length: 401 }, (_, i) => {
    const point = [...state.inputs];
    point[at] = input.low + ((input.high - input.low) * i) / 400;
    return [point[at], Number(value(...point)[0])];
  });
  const { low, high } = bulk(samples.map(([, v]) => v)) ?? { low: -1, high: 1 };
  const margin = 0.06 * (high - low);
  const names = [input.name, model.name];
  const plot = frame(
    width, height, [input.low, input.high], [low - margin, high + margin], names);
  let path = "";
  let pen = false;
  for (const [x, v] of samples) {
    const finite = Number.isFinite(v);
    if (finite) path += `${pen ? "L" : "M"}${plot.x(x).toFixed(2)},${plot.y(v).toFixed(2)}`;
    pen = finite;
  }
  plot.layer.append(svg("path", { d: path, class: "curve" }));
  const place = ({ point, value: v }) => [plot.x(point[at]), plot.y(v)];
  drawTrace(plot.layer, state.trace, place);
  const here = Number(value(...state.inputs)[0]);
  if (Number.isFinite(here)) {
    const [x, y] = place({ point: state.inputs, value: here });
    if (next) {
      drawArrow(plot.layer, x, y, -next.partials[0], 0);
      const [nx, ny] = place(next);
      if (Number.isFinite(nx + ny)) {
        plot.layer.append(svg("circle", { cx: nx, cy: ny, r: 5, class: "next" }));
      }
    }
    plot.layer.append(svg("circle", { cx: x, cy: y, r: 6, class: "here" }));
  }
  plot.drawing.setAttribute("aria-label",
    `${model.name} over ${input.name} as a curve, ` +
    `the point at ${input.name} = ${shown(state.inputs[at])}`);
  figure.replaceChildren(element("div", { class: "stage" }, plot.drawing));
}

// The value of the function by iteration.
function drawHistory(figure, model, trace) {
  const values = trace.map(({ value }) => value);
  if (!values.length) {
    figure.replaceChildren(element("p", { class: "note" },
      "The value by iteration is drawn here once there are steps."));
    return;
  }
  const width = Math.max(240, Math.min(560, figure.clientWidth || 480));
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const margin = low < high ? 0.08 * (high - low) : 1;
  const xs = [0, Math.max(1, values.length - 1)];
  const plot = frame(width, 240, xs, [low - margin, high + margin], ["iteration", model.name], 1);
  let count = -1;
  drawTrace(plot.layer, trace, ({ value }) => [plot.x(count += 1), plot.y(value)]);
  plot.drawing.setAttribute("aria-label",
    `${model.name} by iteration: from ${shown(values[0])} to ${shown(values.at(-1))} ` +
    `in ${values.length - 1} iterations`);
  figure.replaceChildren(element("div", { class: "stage" }, plot.drawing));
}
