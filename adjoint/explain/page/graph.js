// The computational graph: layers, an order with few crossings, places, a drawing.

const BOX = { height: 64, dummy: 10, letter: 7.3, least: 120 };
const GAP = { width: 18, height: 34 }; // within a layer
const BETWEEN = { down: 46, across: 78 }; // layers; a number stands there
const LARGEST_SCALE = 1.25;

// Where each node and each edge goes. Layers follow each other from left to right, or
// from top to bottom if `down`. Long edges run over dummies, one in each layer between.
function layout(model, down) {
  const { nodes } = model;
  const layers = layersOf(nodes);
  const items = nodes.map((node, at) => ({ at, layer: layers[at], ...sizeOf(node) }));
  const edges = edgesOf(nodes).map(([from, to]) => {
    const chain = [items[from]];
    for (let layer = layers[from] + 1; layer < layers[to]; layer++) {
      const dummy = { at: -1, layer, width: BOX.dummy, height: BOX.dummy };
      items.push(dummy);
      chain.push(dummy);
    }
    chain.push(items[to]);
    return { from, to, chain };
  });
  for (const item of items) Object.assign(item, { above: [], below: [] });
  for (const { chain } of edges) {
    for (let i = 1; i < chain.length; i++) {
      chain[i].above.push(chain[i - 1]);
      chain[i - 1].below.push(chain[i]);
    }
  }
  const rows = [];
  for (const item of items) (rows[item.layer] ??= []).push(item);
  order(rows);
  place(rows, down);
  const size = extent(items);
  return { items: items.slice(0, nodes.length), edges, down, ...size };
}

function sizeOf(node) {
  const letters = Math.min(30, node.name.length + (node.text ? 3 + node.text.length : 0));
  return { width: Math.max(BOX.least, 24 + letters * BOX.letter), height: BOX.height };
}

// From operand to node, each pair once.
function edgesOf(nodes) {
  const edges = [];
  nodes.forEach((node, to) => {
    for (const from of new Set(node.operands)) if (from >= 0) edges.push([from, to]);
  });
  return edges;
}

// The longest way from an input; what depends on nothing stands just before its use.
function layersOf(nodes) {
  const layers = nodes.map(() => 0);
  nodes.forEach((node, at) => {
    for (const from of node.operands) {
      if (from >= 0) layers[at] = Math.max(layers[at], layers[from] + 1);
    }
  });
  const free = (node) => node.operation !== "input" && node.operands.every((i) => i < 0);
  nodes.forEach((node, at) => {
    if (!free(node)) return;
    const uses = nodes.flatMap((n, i) => (n.operands.includes(at) ? [layers[i]] : []));
    if (uses.length) layers[at] = Math.max(0, Math.min(...uses) - 1);
  });
  return layers;
}

// Each layer by the mean place of the neighbours, to and fro; the best order is kept.
function order(rows) {
  const number = () => rows.forEach((row) => row.forEach((item, i) => { item.rank = i; }));
  number();
  let best = rows.map((row) => [...row]);
  let fewest = crossings(rows);
  for (let sweep = 0; sweep < 8 && fewest > 0; sweep++) {
    const side = sweep % 2 ? "below" : "above";
    for (const row of sweep % 2 ? [...rows].reverse() : rows) {
      for (const item of row) {
        const ranks = item[side].map((other) => other.rank);
        item.key = ranks.length ? mean(ranks) : item.rank;
      }
      row.sort((a, b) => a.key - b.key || a.rank - b.rank);
      row.forEach((item, i) => { item.rank = i; });
    }
    const count = crossings(rows);
    if (count < fewest) {
      fewest = count;
      best = rows.map((row) => [...row]);
    }
  }
  best.forEach((row, i) => { rows[i] = row; });
  number();
}

function crossings(rows) {
  let count = 0;
  for (const row of rows) {
    const pairs = row.flatMap((item) => item.below.map((other) => [item.rank, other.rank]));
    for (let i = 0; i < pairs.length; i++) {
      for (let j = 0; j < i; j++) {
        count += (pairs[i][0] - pairs[j][0]) * (pairs[i][1] - pairs[j][1]) < 0;
      }
    }
  }
  return count;
}

// Along its layer each item is drawn to the mean of its neighbours, and then pushed off
// those beside it.
function place(rows, down) {
  const [along, across] = down ? ["width", "height"] : ["height", "width"];
  const thick = rows.map((row) => Math.max(...row.map((item) => item[across])));
  let start = 0;
  rows.forEach((row, i) => {
    let next = 0;
    for (const item of row) {
      item.depth = start + thick[i] / 2;
      item.side = next + item[along] / 2;
      next += item[along] + GAP[along];
    }
    start += thick[i] + (down ? BETWEEN.down : BETWEEN.across);
  });
  for (let sweep = 0; sweep < 12; sweep++) {
    for (const row of sweep % 2 ? [...rows].reverse() : rows) {
      for (const item of row) {
        const near = [...item.above, ...item.below].map((other) => other.side);
        item.wish = near.length ? mean(near) : item.side;
      }
      spread(row, along);
    }
  }
  for (const item of rows.flat()) {
    [item.x, item.y] = down ? [item.side, item.depth] : [item.depth, item.side];
  }
}

// The wishes, as near as the order and the sizes allow: blocks that touch move together.
function spread(row, along) {
  const blocks = [];
  for (const item of row) {
    let block = { items: [item], offsets: [0], wish: item.wish };
    while (blocks.length) {
      const before = blocks.at(-1);
      const last = before.items.length - 1;
      const room = (before.items[last][along] + block.items[0][along]) / 2 + GAP[along];
      if (before.wish + before.offsets[last] + room <= block.wish) break;
      blocks.pop();
      const shift = before.offsets[last] + room;
      const offsets = [...before.offsets, ...block.offsets.map((o) => o + shift)];
      const items = [...before.items, ...block.items];
      block = { items, offsets, wish: mean(items.map((one, i) => one.wish - offsets[i])) };
    }
    blocks.push(block);
  }
  for (const { items, offsets, wish } of blocks) {
    items.forEach((item, i) => { item.side = wish + offsets[i]; });
  }
}

function extent(items) {
  const left = Math.min(...items.map((i) => i.x - i.width / 2));
  const top = Math.min(...items.map((i) => i.y - i.height / 2));
  const right = Math.max(...items.map((i) => i.x + i.width / 2));
  const bottom = Math.max(...items.map((i) => i.y + i.height / 2));
  for (const item of items) {
    item.x += 8 - left;
    item.y += 8 - top;
  }
  return { width: right - left + 16, height: bottom - top + 16 };
}

function mean(numbers) {
  return numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
}

// The drawing, which is filled in by `fillGraph`; larger than planned where there is room.
function drawGraph(model, placed, room) {
  const { width, height, down } = placed;
  const scale = Math.min(LARGEST_SCALE, Math.max(1, room / width));
  const drawing = svg("svg", {
    width: width * scale, height: height * scale, viewBox: `0 0 ${width} ${height}`, role: "group",
    "aria-label": "Computational graph; the arrow keys go from node to node",
  });
  const edges = placed.edges.map((edge) => {
    const line = svg("path", { d: curve(edge.chain, down), class: "edge" });
    const label = svg("text", { class: "local", "aria-hidden": "true" });
    const [a, b] = edge.chain.slice(-2);
    label.setAttribute("x", down ? (a.x + b.x) / 2 : b.x - b.width / 2 - BETWEEN.across / 2);
    const beside = b.y + (a.y - b.y) * 0.5;
    label.setAttribute("y", down ? b.y - b.height / 2 - BETWEEN.down / 2 + 4 : beside - 6);
    drawing.append(line);
    return { ...edge, line, label };
  });
  const nodes = placed.items.map((item) => drawNode(model.nodes[item.at], item));
  drawing.append(...nodes.map((node) => node.group), ...edges.map((edge) => edge.label));
  return { drawing, nodes, edges };
}

function drawNode(node, { at, x, y, width, height }) {
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
  const room = 30 - name.length;
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
      if (b.at < 0) path += `L${b.x},${b.y + b.height / 2}`;
    } else {
      const [start, end] = [a.x + a.width / 2, b.x - b.width / 2];
      const half = (start + end) / 2;
      path += `M${start},${a.y}C${half},${a.y} ${half},${b.y} ${end},${b.y}`;
      if (b.at < 0) path += `L${b.x + b.width / 2},${b.y}`;
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
    const locals = used ? arriving.get(from).map((c) => `× ${shown(c.local, 4)}`) : [];
    label.textContent = locals.join("  ");
  }
}
