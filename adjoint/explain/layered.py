"""Layered layout of an acyclic graph, from left to right (Sugiyama's method).

Nodes get layers by their longest path from an input, edges over several layers get a
bend in each layer between, the order within the layers is improved by barycentres, and
the heights are the least squares solution that keeps the order (pool adjacent
violators). Everything is in a fixed order, so that the same graph gives the same bytes.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

#: A node: its number, or, for a bend, the number of the source and the layer.
Place = int | tuple[int, int]

_ORDERINGS = 12
_ALIGNMENTS = 24
#: A bend takes that much height.
_BEND = 10.0


@dataclass(frozen=True)
class Layout:
    """Where everything is.

    ``layer``    the layer of each node, from 0
    ``middle``   the height of the middle of each node
    ``routes``   for each edge the layers and heights of its bends, from the left
    ``crossings`` how many pairs of edges cross
    """

    layer: list[int]
    middle: list[float]
    routes: list[list[tuple[int, float]]]
    crossings: int


@dataclass
class _Graph:
    """The graph with its bends: what each place is joined to, left and right."""

    layers: list[list[Place]]
    left: dict[Place, list[Place]] = field(default_factory=dict)
    right: dict[Place, list[Place]] = field(default_factory=dict)

    def join(self, a: Place, b: Place) -> None:
        self.right.setdefault(a, []).append(b)
        self.left.setdefault(b, []).append(a)


def layered(
    heights: Sequence[float],
    edges: Sequence[tuple[int, int]],
    first: Sequence[int],
    gap: float,
) -> Layout:
    """Lay out nodes of the given heights; edges go from a lower number to a higher.

    ``first`` are nodes that have to be in the leftmost layer; ``gap`` is the least
    distance between two nodes of a layer.
    """
    layer = _layers(len(heights), edges, set(first))
    graph = _with_bends(layer, edges, first)
    crossings = _ordered(graph)

    def height(place: Place) -> float:
        return heights[place] if isinstance(place, int) else _BEND

    middle = _aligned(graph, height, gap)
    routes = [
        [(at, middle[source, at]) for at in range(layer[source] + 1, layer[target])]
        for source, target in edges
    ]
    return Layout(layer, [middle[k] for k in range(len(heights))], routes, crossings)


def _layers(count: int, edges: Sequence[tuple[int, int]], first: set[int]) -> list[int]:
    """The longest path to each node; without operands, just before the first use."""
    sources: list[list[int]] = [[] for _ in range(count)]
    targets: list[list[int]] = [[] for _ in range(count)]
    for source, target in edges:
        sources[target].append(source)
        targets[source].append(target)
    layer: list[int] = []
    for node in range(count):
        before = [layer[source] for source in sources[node]]
        layer.append(0 if node in first else 1 + max(before, default=-1))
    for node in reversed(range(count)):
        if not sources[node] and node not in first and targets[node]:
            layer[node] = max(0, min(layer[target] for target in targets[node]) - 1)
    return layer


def _with_bends(
    layer: Sequence[int], edges: Sequence[tuple[int, int]], first: Sequence[int]
) -> _Graph:
    """Edges from one source share their bends, and part where they have to."""
    graph = _Graph([[] for _ in range(1 + max(layer, default=0))])
    graph.layers[0] += first
    for node, at in enumerate(layer):
        if at or node not in first:
            graph.layers[at].append(node)
    furthest: dict[int, int] = {}
    for source, target in edges:
        reached = furthest.setdefault(source, layer[source])
        for at in range(reached + 1, layer[target]):
            graph.layers[at].append((source, at))
            before = source if at == layer[source] + 1 else (source, at - 1)
            graph.join(before, (source, at))
            furthest[source] = at
        direct = layer[target] == layer[source] + 1
        graph.join(source if direct else (source, layer[target] - 1), target)
    return graph


def _ordered(graph: _Graph) -> int:
    """Put each layer into an order with few crossings; how many are left."""
    best, order = _crossings(graph), [list(layer) for layer in graph.layers]
    for sweep in range(_ORDERINGS):
        forward = sweep % 2 == 0
        sides = graph.left if forward else graph.right
        steps = range(1, len(graph.layers))
        for at in steps if forward else reversed(range(len(graph.layers) - 1)):
            _sort(graph, at, at - 1 if forward else at + 1, sides)
        count = _crossings(graph)
        if count < best:
            best, order = count, [list(layer) for layer in graph.layers]
    graph.layers = order
    return best


def _sort(
    graph: _Graph, at: int, beside: int, sides: Mapping[Place, Sequence[Place]]
) -> None:
    """Sort a layer by the barycentres of what its places are joined to."""
    rank = {place: k for k, place in enumerate(graph.layers[beside])}
    own = {place: k for k, place in enumerate(graph.layers[at])}

    def barycentre(place: Place) -> float:
        ranks = [rank[other] for other in sides.get(place, ())]
        return sum(ranks) / len(ranks) if ranks else own[place]

    graph.layers[at].sort(key=barycentre)


def _crossings(graph: _Graph) -> int:
    """How many pairs of lines cross, all layers together."""
    total = 0
    for left, right in pairwise(graph.layers):
        rank = {place: k for k, place in enumerate(right)}
        seen: list[int] = []
        for place in left:
            ends = sorted(rank[other] for other in graph.right.get(place, ()))
            total += sum(len(seen) - bisect_right(seen, end) for end in ends)
            for end in ends:
                insort(seen, end)
    return total


def _aligned(
    graph: _Graph, height: Callable[[Place], float], gap: float
) -> dict[Place, float]:
    """The height of the middle of each place: near those that it is joined to."""
    middle: dict[Place, float] = {}
    for layer in graph.layers:
        at = 0.0
        for place in layer:
            middle[place] = at + height(place) / 2
            at += height(place) + gap
        for place in layer:
            middle[place] -= at / 2
    for step in range(_ALIGNMENTS):
        forward = step % 2 == 0
        sides = [graph.left] if forward else [graph.right]
        if 2 * step >= _ALIGNMENTS:  # at last, level with both sides
            sides = [graph.left, graph.right]
        for layer in graph.layers if forward else reversed(graph.layers):
            wished = [_wish(place, middle, sides) for place in layer]
            apart = [(height(a) + height(b)) / 2 + gap for a, b in pairwise(layer)]
            for place, at in zip(layer, separated(wished, apart), strict=True):
                middle[place] = at
    return middle


def _wish(
    place: Place,
    middle: Mapping[Place, float],
    sides: Sequence[Mapping[Place, Sequence[Place]]],
) -> float:
    near = [middle[other] for side in sides for other in side.get(place, ())]
    return sum(near) / len(near) if near else middle[place]


def separated(wished: Sequence[float], apart: Sequence[float]) -> list[float]:
    """The numbers nearest to those wished for, each ``apart`` from the one before.

    Least squares by pooling adjacent violators: neighbours that come too near to each
    other are moved together from then on.

    >>> separated([0.0, 0.0, 9.0], [2.0, 2.0])
    [-1.0, 1.0, 9.0]
    """
    offset, offsets = 0.0, [0.0]
    for distance in apart:
        offset += distance
        offsets.append(offset)
    pools: list[tuple[float, int]] = []
    for wish, shift in zip(wished, offsets, strict=False):
        total, count = wish - shift, 1
        while pools and pools[-1][0] / pools[-1][1] >= total / count:
            before = pools.pop()
            total, count = total + before[0], count + before[1]
        pools.append((total, count))
    starts = [total / count for total, count in pools for _ in range(count)]
    return [a + b for a, b in zip(starts, offsets, strict=False)]
