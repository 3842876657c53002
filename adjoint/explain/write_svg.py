"""A graph as SVG: a picture that needs no other program, for light and dark pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from adjoint.errors import OptionError
from adjoint.explain.graph import INPUT, Graph, GraphNode
from adjoint.explain.layered import Layout, layered
from adjoint.target.layout import width as columns

#: A picture of more nodes is nothing to look at.
MOST_NODES = 400

_CHARACTER, _LINE = 7.9, 17.0  # of a monospaced font of 13 pixels
_SMALL = 6.8  # a character of 11 pixels
_PADDING, _GAP, _MARGIN = 10.0, 26.0, 16.0
_LEAST_BETWEEN = 56.0
_LONGEST_TITLE, _LONGEST_LABEL = 34, 28
_TITLE_HEIGHT = 30.0

_STYLE = """
    .graph { --page: #ffffff; --ink: #0f172a; --soft: #475569; --line: #94a3b8;
      --node: #f8fafc; --input: #dbeafe; --input-line: #2563eb;
      --result: #dcfce7; --result-line: #15803d; }
    @media (prefers-color-scheme: dark) { .graph { --page: #0f172a; --ink: #f1f5f9;
      --soft: #cbd5e1; --line: #64748b; --node: #1e293b; --input: #1e3a8a;
      --input-line: #60a5fa; --result: #14532d; --result-line: #4ade80; } }
    .page { fill: var(--page); }
    text { font: 13px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace;
      fill: var(--ink); }
    .heading { font-weight: bold; }
    .number { fill: var(--soft); }
    .label { font-size: 11px; fill: var(--soft); text-anchor: middle; }
    rect.operation { fill: var(--node); stroke: var(--line); }
    rect.input { fill: var(--input); stroke: var(--input-line); }
    rect.result { fill: var(--result); stroke: var(--result-line); stroke-width: 2px; }
    .edge { fill: none; stroke: var(--line); stroke-width: 1.4px; }
    .head { fill: var(--line); }"""

_HEAD = (
    '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7"'
    ' markerHeight="7" orient="auto"><path class="head" d="M0 0 8 4 0 8z"/>'
    "</marker></defs>"
)


@dataclass(frozen=True)
class _Box:
    """A rectangle by its left edge, its middle, and its size."""

    x: float
    y: float
    width: float
    height: float

    def meets(self, other: _Box) -> bool:
        return (
            self.x < other.x + other.width
            and other.x < self.x + self.width
            and abs(self.y - other.y) < (self.height + other.height) / 2
        )


def svg(graph: Graph) -> str:
    """The graph as a picture, from left to right.

    Raises OptionError for more than `MOST_NODES` nodes.
    """
    if len(graph.nodes) > MOST_NODES:
        raise OptionError(
            f"a picture of {len(graph.nodes)} nodes cannot be read; DOT and Mermaid "
            "have no limit"
        )
    heights = [len(node.lines) * _LINE + 2 * _PADDING - 4 for node in graph.nodes]
    edges = [(edge.source, edge.target) for edge in graph.edges]
    first = [at for at, node in enumerate(graph.nodes) if node.kind == INPUT]
    layout = layered(heights, edges, first, _GAP)
    boxes, spans = _boxes(graph, layout, heights)
    lines = [_path(graph, at, boxes, spans, layout) for at in range(len(graph.edges))]
    labels = _labels(graph, lines, boxes)
    return _document(graph, boxes, lines, labels, spans)


def _boxes(
    graph: Graph, layout: Layout, heights: Sequence[float]
) -> tuple[list[_Box], list[tuple[float, float]]]:
    """The box of each node, and from where to where each layer extends."""
    widths = [_width(node) for node in graph.nodes]
    count = 1 + max(layout.layer, default=0)
    wide, before = [0.0] * count, [_LEAST_BETWEEN] * count
    for at, layer in enumerate(layout.layer):
        wide[layer] = max(wide[layer], widths[at])
    for edge in graph.edges:
        layer = layout.layer[edge.target]
        room = columns(_cut(edge.label, _LONGEST_LABEL)) * _SMALL + 28
        before[layer] = max(before[layer], room)
    spans: list[tuple[float, float]] = []
    x = _MARGIN
    for layer in range(count):
        x += before[layer] if layer else 0.0
        spans.append((x, x + wide[layer]))
        x += wide[layer]
    top = min(
        (y - h / 2 for y, h in zip(layout.middle, heights, strict=True)), default=0.0
    )
    bends = [y for route in layout.routes for _, y in route]
    top = min([top, *bends]) - _MARGIN - _TITLE_HEIGHT
    boxes = []
    for at, layer in enumerate(layout.layer):
        left, right = spans[layer]
        x = (left + right - widths[at]) / 2
        boxes.append(_Box(x, layout.middle[at] - top, widths[at], heights[at]))
    for route in layout.routes:
        route[:] = [(layer, y - top) for layer, y in route]
    return boxes, spans


def _width(node: GraphNode) -> float:
    longest = max(columns(_cut(line, _LONGEST_TITLE)) for line in node.lines)
    return longest * _CHARACTER + 2 * _PADDING


def _cut(text: str, longest: int) -> str:
    """The text, or what there is room for; the whole of it is in the tooltip."""
    if columns(text) <= longest:
        return text
    while columns(text) > longest - 3:
        text = text[:-1]
    return text + "..."


Point = tuple[float, float]


def _path(
    graph: Graph,
    at: int,
    boxes: Sequence[_Box],
    spans: Sequence[tuple[float, float]],
    layout: Layout,
) -> list[Point]:
    """The points of an edge: it is level at each, and crosses each layer level."""
    edge = graph.edges[at]
    source, target = boxes[edge.source], boxes[edge.target]
    points = [(source.x + source.width, source.y)]
    right = spans[layout.layer[edge.source]][1]
    if right > points[0][0]:
        points.append((right, source.y))
    for layer, y in layout.routes[at]:
        points += [(spans[layer][0], y), (spans[layer][1], y)]
    left = spans[layout.layer[edge.target]][0]
    if left < target.x:
        points.append((left, target.y))
    return [*points, (target.x - 2, target.y)]


def _labels(
    graph: Graph, lines: Sequence[Sequence[Point]], boxes: Sequence[_Box]
) -> list[_Box | None]:
    """A place for each label, along the last curve of its edge, clear of the others."""
    taken = list(boxes)
    placed: list[_Box | None] = []
    for edge, line in zip(graph.edges, lines, strict=True):
        if not edge.label:
            placed.append(None)
            continue
        wide = columns(_cut(edge.label, _LONGEST_LABEL)) * _SMALL
        candidates = [_on_curve(line, part, wide) for part in _PARTS]
        free = (box for box in candidates if not any(map(box.meets, taken)))
        placed.append(next(free, candidates[0]))
        taken.append(placed[-1] or candidates[0])
    return placed


#: Where on its curve a label may be, the best place first.
_PARTS = (0.5, 0.58, 0.42, 0.66, 0.34, 0.74, 0.26, 0.82, 0.18)


def _on_curve(line: Sequence[Point], part: float, wide: float) -> _Box:
    """The box of a label in the middle of the curve's width, at its height there."""
    starts = [k for k in range(len(line) - 1) if line[k][1] != line[k + 1][1]]
    start = (
        starts[-1]
        if starts
        else max(range(len(line) - 1), key=lambda k: line[k + 1][0] - line[k][0])
    )
    (x0, y0), (x1, y1) = line[start], line[start + 1]
    blend = part * part * (3 - 2 * part)
    x, y = x0 + (x1 - x0) * part, y0 + (y1 - y0) * blend
    return _Box(x - wide / 2, y, wide, 14.0)


def _document(
    graph: Graph,
    boxes: Sequence[_Box],
    lines: Sequence[Sequence[Point]],
    labels: Sequence[_Box | None],
    spans: Sequence[tuple[float, float]],
) -> str:
    title = escape(graph.title)
    title_width = columns(graph.title) * _CHARACTER + 2 * _MARGIN
    width = max(spans[-1][1] + _MARGIN, title_width)
    height = max([box.y + box.height / 2 for box in boxes], default=_TITLE_HEIGHT)
    height = max([height, *(y for line in lines for _, y in line)]) + _MARGIN
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" class="graph" role="img"'
        f' width="{width:.0f}" height="{height:.0f}"'
        f' viewBox="0 0 {width:.0f} {height:.0f}"'
        ' aria-labelledby="title description">',
        f'  <title id="title">{title}</title>',
        f'  <desc id="description">{escape(graph.description)}</desc>',
        f"  <style>{_STYLE}\n  </style>",
        f"  {_HEAD}",
        '  <rect class="page" width="100%" height="100%"/>',
        f'  <text class="heading" x="{_MARGIN:.0f}" y="26">{title}</text>',
    ]
    parts += [_edge(line) for line in lines]
    parts += [_node(node, box) for node, box in zip(graph.nodes, boxes, strict=True)]
    for edge, box in zip(graph.edges, labels, strict=True):
        if box is not None:
            parts.append(_label(edge.label, box))
    return "\n".join([*parts, "</svg>"])


def _edge(line: Sequence[Point]) -> str:
    (x, y), *rest = line
    path = [f"M{x:.1f} {y:.1f}"]
    for to_x, to_y in rest:
        middle = (x + to_x) / 2
        path.append(
            f"H{to_x:.1f}"
            if to_y == y
            else f"C{middle:.1f} {y:.1f} {middle:.1f} {to_y:.1f} {to_x:.1f} {to_y:.1f}"
        )
        x, y = to_x, to_y
    return f'  <path class="edge" marker-end="url(#head)" d="{" ".join(path)}"/>'


def _node(node: GraphNode, box: _Box) -> str:
    top = box.y - box.height / 2
    shape = (
        f'<rect class="{node.kind}" x="{box.x:.1f}" y="{top:.1f}" rx="7" '
        f'width="{box.width:.1f}" height="{box.height:.1f}"/>'
    )
    texts = []
    for at, line in enumerate(node.lines):
        y = top + _PADDING + at * _LINE + 9
        kind = ' class="number"' if at else ""
        shown = escape(_cut(line, _LONGEST_TITLE))
        texts.append(
            f'<text{kind} x="{box.x + _PADDING:.1f}" y="{y:.1f}">{shown}</text>'
        )
    tip = f"<title>{escape(', '.join(node.lines))}</title>"
    return f"  <g>{tip}{shape}{''.join(texts)}</g>"


def _label(text: str, box: _Box) -> str:
    shown = escape(_cut(text, _LONGEST_LABEL))
    x, y = box.x + box.width / 2, box.y + 4
    tip = f"<title>{escape(text)}</title>"
    ground = (
        f'<rect class="page" x="{box.x - 2:.1f}" y="{box.y - 7:.1f}" rx="3" '
        f'width="{box.width + 4:.1f}" height="{box.height:.1f}"/>'
    )
    words = f'<text class="label" x="{x:.1f}" y="{y:.1f}">{shown}</text>'
    return f"  <g>{tip}{ground}{words}</g>"
