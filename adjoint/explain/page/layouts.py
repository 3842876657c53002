"""Where the nodes of the graph stand on the page, in pixels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from adjoint.explain.layered import Layout, layered
from adjoint.target.layout import width as columns

# Sizes in the drawing of the graph, in pixels; the page's style has the same font.
_LETTER, _HEIGHT, _LEAST, _MOST_LETTERS = 7.4, 64, 112, 30
_GAP_ACROSS, _GAP_DOWN = 34, 16


def layouts(nodes: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The graph from left to right (``across``), and from top to bottom (``down``)."""
    letters = [
        min(_MOST_LETTERS, columns(f"{node['name']} = {node['text']}"))
        for node in nodes
    ]
    widths = [max(_LEAST, round(24 + count * _LETTER)) for count in letters]
    edges = [
        (source, target)
        for target, node in enumerate(nodes)
        for source in dict.fromkeys(node["operands"])
        if source >= 0
    ]
    first = [at for at, node in enumerate(nodes) if node["operation"] == "input"]
    across = layered([_HEIGHT] * len(nodes), edges, first, _GAP_ACROSS)
    down = layered(widths, edges, first, _GAP_DOWN)
    return {
        "widths": widths,
        "height": _HEIGHT,
        "edges": edges,
        "layer": across.layer,
        "across": _rounded(across, edges),
        "down": _rounded(down, edges),
    }


def _rounded(layout: Layout, edges: Sequence[tuple[int, int]]) -> dict[str, Any]:
    """Where along their layers the nodes are, and the bends of the edges from each.

    Edges from one node share their bends; those of the longest are kept.
    """
    bends: list[list[float]] = [[] for _ in layout.middle]
    for (source, _), route in zip(edges, layout.routes, strict=True):
        if len(route) > len(bends[source]):
            bends[source] = [round(place) for _, place in route]
    return {"middle": [round(place, 1) for place in layout.middle], "bends": bends}
