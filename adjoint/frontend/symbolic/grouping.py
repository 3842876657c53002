"""Sums and products of many parts as binary ones, grouped so that more is shared.

``a*b*c`` and ``a*b*d`` share ``a*b`` where they are grouped so. The pair that occurs in
the most sums (or products) is made a part of its own, then the next, as in compression
by pairs (Larsson and Moffat, *Off-line dictionary-based compression*, 2000; for
expressions: Hosangadi, Fallah and Kastner, 2006). What is left is taken from left to
right.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable

from adjoint.frontend.syntax import Node

#: Of groups with more parts, no pairs are looked for: they are quadratic in number.
_MOST_PARTS = 40

#: Two parts, the one that came first in front, and whether their signs are the same.
_Pair = tuple[int, int, bool]


def grouped(roots: list[Node]) -> None:
    """Make the nodes of the kinds ``sum`` and ``product`` below these nodes binary."""
    sums, products = _below(roots)
    for node, parts in zip(products, _Grouping("*", products).parts(), strict=True):
        _fold_product(node, [part for part, _ in parts])
    for node, parts in zip(sums, _Grouping("+", sums).parts(), strict=True):
        _fold_sum(node, parts)


def _below(roots: list[Node]) -> tuple[list[Node], list[Node]]:
    """The sums and the products, in order of appearance."""
    found: dict[str, list[Node]] = {"sum": [], "product": []}
    seen = set(roots)
    pending = list(reversed(roots))
    while pending:
        node = pending.pop()
        if node.kind in found:
            found[node.kind].append(node)
        for part in reversed(node.parts):
            if part not in seen:
                seen.add(part)
                pending.append(part)
    return found["sum"], found["product"]


class _Grouping:
    """All the sums, or all the products, of a graph; parts are known by a number."""

    def __init__(self, sign: str, groups: list[Node]):
        self.sign = sign
        self.nodes: list[Node] = []
        self._number: dict[Node, int] = {}
        self._groups = [self._read(group) for group in groups]
        #: in which groups a pair occurs
        self._where: dict[_Pair, dict[int, None]] = {}

    def parts(self) -> Iterable[list[tuple[Node, int]]]:
        """The parts of each group, with their signs, when pairs have been shared."""
        self._share()
        return [
            [(self.nodes[number], sign) for number, sign in group]
            for group in self._groups
        ]

    def _read(self, group: Node) -> list[tuple[int, int]]:
        signs = group.value if group.kind == "sum" else (1,) * len(group.parts)
        numbers = [self._number_of(part) for part in group.parts]
        return list(zip(numbers, signs, strict=True))  # type: ignore[call-overload]

    def _number_of(self, node: Node) -> int:
        number = self._number.get(node)
        if number is None:
            number = self._number[node] = len(self.nodes)
            self.nodes.append(node)
        return number

    def _share(self) -> None:
        for at, group in enumerate(self._groups):
            distinct = len({number for number, _ in group}) == len(group)
            if distinct and len(group) <= _MOST_PARTS:
                for first, second in _pairs(group):
                    self._note(at, first, second)
        queue = [(-len(where), pair) for pair, where in self._where.items()]
        queue = [entry for entry in queue if entry[0] < -1]
        heapq.heapify(queue)
        while queue:
            count, pair = heapq.heappop(queue)
            where = self._where.get(pair, {})
            if len(where) < 2:
                continue
            if len(where) != -count:  # some are gone since
                heapq.heappush(queue, (-len(where), pair))
                continue
            for entry in self._replace(pair, list(where)):
                heapq.heappush(queue, entry)

    def _note(self, at: int, first: tuple[int, int], second: tuple[int, int]) -> _Pair:
        pair = _pair(first, second)
        self._where.setdefault(pair, {})[at] = None
        return pair

    def _replace(self, pair: _Pair, where: list[int]) -> list[tuple[int, _Pair]]:
        """Make the pair one part of these groups; gives the pairs that it is in now."""
        a, b, same = pair
        sign = self.sign if same else "-"
        node = Node("binary", sign, (self.nodes[a], self.nodes[b]), -1, -1)
        number = self._number_of(node)
        made: dict[_Pair, None] = {}
        for at in where:
            group = self._groups[at]
            place = min(i for i, (one, _) in enumerate(group) if one in (a, b))
            signs = dict(group)
            rest = [part for part in group if part[0] not in (a, b)]
            del self._where[pair][at]
            for old in ((a, signs[a]), (b, signs[b])):
                for part in rest:
                    self._where[_pair(old, part)].pop(at, None)
            new = number, signs[a]
            made |= dict.fromkeys(self._note(at, new, part) for part in rest)
            rest.insert(place, new)
            self._groups[at] = rest
        return [(-len(self._where[one]), one) for one in made]


def _pairs(
    group: list[tuple[int, int]],
) -> Iterable[tuple[tuple[int, int], tuple[int, int]]]:
    for at, first in enumerate(group):
        for second in group[at + 1 :]:
            yield first, second


def _pair(first: tuple[int, int], second: tuple[int, int]) -> _Pair:
    """Signs do not tell a pair from its negative."""
    (a, sign_a), (b, sign_b) = sorted((first, second))
    return a, b, sign_a == sign_b


def _fold_product(node: Node, factors: list[Node]) -> None:
    """The number, if there is one, comes first: ``2*a*b``."""
    if node.value is not None:
        factors.insert(0, Node("number", node.value, (), -1, -1))
    left, *others = factors
    for factor in others:
        left = Node("binary", "*", (left, factor), -1, -1)
    node.kind, node.value, node.parts = left.kind, left.value, left.parts


def _fold_sum(node: Node, terms: list[tuple[Node, int]]) -> None:
    """A positive term comes first; of none but negative ones, the sum is negative."""
    positive = next((at for at, (_, sign) in enumerate(terms) if sign > 0), 0)
    terms.insert(0, terms.pop(positive))
    (left, sign), *others = terms
    negative = sign < 0
    steps = [("+" if (s < 0) == negative else "-", term) for term, s in others]
    for sign_, term in steps:
        left = Node("binary", sign_, (left, term), -1, -1)
    if negative:
        left = Node("unary", "-", (left,), -1, -1)
    node.kind, node.value, node.parts = left.kind, left.value, left.parts
