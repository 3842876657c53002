// The computational graph: what is where, a drawing, and what is filled in.

const BETWEEN = { down: 46, across: 72 }; // layers; a number stands there
const BEND = 10; // the length of an edge at a bend
const MARGIN = 8;
const SCALE = { least: 0.88, most: 1.25 };
const MOST_LETTERS = 30;

// Nodes as boxes, and edges as chains of boxes and bends, in pixels: along the layers
// they are placed as the model says, and the layers follow each other.
function place(graph, down) {
  const { middle, bends } = down ? graph.down : graph.across;
  const sizes = graph.widths.map((width) => ({ width, height: graph.height }));
  const thick = [];
  graph.layer.forEach((layer, at) => {
    const own = down ? sizes[at].height : sizes[at].width;
    thick[layer] = Math.max(thick[layer] ?? 0, own);
  });
  const depths = [];
  let start = MARGIN;
  for (const size of thick) {
    depths.push(start + size / 2);
    start += size + (down ? BETWEEN.down : BETWEEN.across);
  }
  const ends = graph.layer.map((_, at) => {
    const half = (down ? sizes[at].width : sizes[at].height) / 2;
    return [middle[at] - half, middle[at] + half];
  });
  const low = Math.min(...ends.flat(), ...bends.flat());
  const high = Math.max(...ends.flat(), ...bends.flat());
  const at = (layer, side) => {
    const [along, across] = [depths[layer], side - low + MARGIN];
    return down ? { x: across, y: along } : { x: along, y: across };
  };
  const boxes = graph.layer.map((layer, i) => ({ ...at(layer, middle[i]), ...sizes[i] }));
  const edges = graph.edges.map(([from, to]) => {
    const between = bends[from].slice(0, graph.layer[to] - graph.layer[from] - 1);
    const bent = between.map((side, i) => (
      { ...at(graph.layer[from] + 1 + i, side), width: BEND, height: BEND, bend: true }));
    return { from, to, chain: [boxes[from], ...bent, boxes[to]] };
  });
  const length = start - (down ? BETWEEN.down : BETWEEN.across) + MARGIN;
  const breadth = high - low + 2 * MARGIN;
  const [width, height] = down ? [breadth, length] : [length, breadth];
  return { boxes, edges, width, height, down };
}

// The orientation that the room is enough for, from left to right if possible.
function placed(graph, room) {
  const [across, down] = [place(graph, false), place(graph, true)];
  const fits = across.width * SCALE.least <= room || across.width <= down.width;
  return fits ? across : down;
}

// The drawing, which is filled in by `fillGraph`; a little larger or smaller than planned
// as there is room.
function drawGraph(model, room) {
  const { boxes, edges, width, height, down } = placed(model.graph, room);
  const most = down ? 1 : SCALE.most;
  const scale = Math.min(most, Math.max(SCALE.least, room / width));
  const drawing = svg("svg", {
    width: width * scale, height: height * scale, viewBox: `0 0 ${width} ${height}`, role: "group",
    "aria-label": "Computational graph; the arrow keys go from node to node",
  });
  const lines = edges.map((edge) => {
    const line = svg("path", { d: curve(edge.chain, down), class: "edge" });
    const label = svg("text", { class: "local", "aria-hidden": "true" });
    const [a, b] = edge.chain.slice(-2);
    label.setAttribute("x", down ? (a.x + b.x) / 2 : b.x - b.width / 2 - BETWEEN.across / 2);
    const beside = b.y + (a.y - b.y) * 0.5;
    label.setAttribute("y", down ? b.y - b.height / 2 - BETWEEN.down / 2 + 4 : beside - 6);
    drawing.append(line);
    return { ...edge, line, label };
  });
  const nodes = boxes.map((box, at) => drawNode(model.nodes[at], at, box));
  drawing.append(...nodes.map((node) => node.group), ...lines.map((edge) => edge.label));
  return { drawing, nodes, edges: lines };
}

function drawNode(node, at, { x, y, width, height }) {
  const left = x - width / 2 + 12;
  const top = y - height / 2;
  const text = node.text ? ` = ${readable(node.text)}` : "";
  const head = svg("text", { x: left, y: top + 20, class: "head" });
  head.append(svg("tspan", { class: "name" }, node.name), shortened(text, node.name));
  const value = svg("text", { x: left, y: top + 38, class: "v" });
  const adjoint = svg("text", { x: left, y: top + 55, class: "g" });
  const box = svg("rect", { x: x - width / 2, y: top, width, height, rx: 9 });
  const kind = node.operation === "input" ? "node input" : "node";
  const group = svg("g", { class: kind, role: "button", tabindex: -1, "data-node": at });
  group.append(box, head, value, adjoint);
  return { group, value, adjoint, label: node.name + text };
}

function shortened(text, name) {
  const room = MOST_LETTERS - name.length;
  return text.length > room ? `${text.slice(0, room - 1)}…` : text;
}

function curve(chain, down) {
  let path = "";
  for (let i = 1; i < chain.length; i++) {
    const [a, b] = [chain[i - 1], chain[i]];
    if (down) {
      const [start, end] = [a.y + a.height / 2, b.y - b.height / 2];
      const half = (start + end) / 2;
      path += `M${a.x},${start}C${a.x},${half} ${b.x},${half} ${b.x},${end}`;
      if (b.bend) path += `L${b.x},${b.y + b.height / 2}`;
    } else {
      const [start, end] = [a.x + a.width / 2, b.x - b.width / 2];
      const half = (start + end) / 2;
      path += `M${start},${a.y}C${half},${a.y} ${half},${b.y} ${end},${b.y}`;
      if (b.bend) path += `L${b.x + b.width / 2},${b.y}`;
    }
  }
  return path;
}

// Values and adjoints so far; `visit` is the one that was made last, or undefined.
function fillGraph(model, drawn, walk, known, computed, visit) {
  const arriving = new Map();
  for (const c of visit?.contributions ?? []) {
    arriving.set(c.parent, [...(arriving.get(c.parent) ?? []), c]);
  }
  drawn.nodes.forEach(({ group, value, adjoint, label }, at) => {
    const v = computed ? walk.values[at] : undefined;
    const g = known.adjoints.get(at);
    const waiting = (known.missing.get(at) ?? 0) > 0;
    const skipped = computed && v === undefined;
    value.textContent = v === undefined ? "" : `v ${shown(v)}`;
    adjoint.textContent = g === undefined ? "" : `g ${shown(g)}${waiting ? " …" : ""}`;
    group.classList.toggle("active", visit?.node === at);
    group.classList.toggle("receiving", arriving.has(at));
    group.classList.toggle("skipped", skipped);
    group.classList.toggle("complete", g !== undefined && !waiting);
    const words = [label];
    if (skipped) words.push("not run at this point");
    else words.push(v === undefined ? "not yet computed" : `value ${shown(v)}`);
    if (g !== undefined) words.push(`adjoint ${waiting ? "so far " : ""}${shown(g)}`);
    group.setAttribute("aria-label", words.join(", "));
  });
  for (const { from, to, line, label } of drawn.edges) {
    const used = visit?.node === to && arriving.has(from);
    line.classList.toggle("active", used);
    const runs = walk.values[from] !== undefined && walk.values[to] !== undefined;
    line.classList.toggle("skipped", computed && !runs);
    const locals = used ? arriving.get(from).map((c) => `× ${shown(c.local, 4)}`) : [];
    label.textContent = locals.join("  ");
  }
}

// Brings a node into what can be seen of the drawing.
function showNode(drawn, index, box) {
  const [node, seen] = [drawn.nodes[index].group, box].map((e) => e.getBoundingClientRect());
  const beyond = (low, high, from, to) => (low < from ? low - from : Math.max(0, high - to));
  box.scrollLeft += beyond(node.left - 40, node.right + 40, seen.left, seen.right);
  box.scrollTop += beyond(node.top - 40, node.bottom + 40, seen.top, seen.bottom);
}
