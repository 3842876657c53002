"""The graph of nodes that is made of an expression: equal nodes are one.

Sums and products of any length are nodes of kinds of their own, ``sum`` (the value: the
signs of its terms) and ``product`` (the value: its number, or None), which `grouping`
then makes binary.
"""

from __future__ import annotations

import math
from fractions import Fraction

from adjoint.frontend.syntax import Node

#: A term of a sum: its sign, and the rest of it.
Term = tuple[int, Node]

#: Products of more factors are not compared factor by factor, which is quadratic.
_MOST_FACTORS = 32


class Graph:
    """Nodes, each made once. A node is active where a derivative is taken of it."""

    def __init__(self) -> None:
        self._active: set[Node] = set()
        self._interned: dict[tuple[object, ...], Node] = {}

    def __len__(self) -> int:
        return len(self._interned)

    def leaf(self, name: object, active: bool) -> Node:
        """The node of a name, which the caller makes once."""
        node = Node("name", name, (), -1, -1)
        if active:
            self._active.add(node)
        return node

    def new(self, kind: str, value: object, *parts: Node) -> Node:
        """The node; the one that is there already where there is one."""
        key = kind, type(value), value, *map(id, parts)
        node = self._interned.get(key)
        if node is None:
            node = self._interned[key] = Node(kind, value, parts, -1, -1)
            if not self._active.isdisjoint(parts):
                self._active.add(node)
        return node

    def number(self, number: float | int) -> Node:
        """The node of a number."""
        return self.new("number", number)

    def total(self, terms: list[Term]) -> Node:
        """A sum; it is ``-2 - x``, and not ``-(x + 2)``."""
        terms.sort(key=lambda term: (term[1].kind == "number", -term[0]))
        sign, number = terms[-1][0], terms[-1][1].value
        if terms[0][0] < 0 and isinstance(number, float):
            terms = [(1, self.number(sign * number)), *terms[:-1]]
        if len(terms) == 1:
            sign, node = terms[0]
            return node if sign > 0 else self.new("unary", "-", node)
        return self.new("sum", tuple(s for s, _ in terms), *(n for _, n in terms))

    def collected(self, terms: list[Term]) -> list[Term]:
        """Terms that differ in one factor as one: ``l*m1*c + l*m2*c`` by ``l*c``."""
        alike: dict[object, list[tuple[int, Node]]] = {}
        for at, (_, node) in enumerate(terms):
            if node.kind == "product" and len(node.parts) <= _MOST_FACTORS:
                for factor in node.parts:
                    others = frozenset(node.parts) - {factor}
                    alike.setdefault((node.value, others), []).append((at, factor))
        found = [group for group in alike.values() if len(group) > 1]
        found.sort(key=len, reverse=True)
        left: dict[int, Term] = dict(enumerate(terms))
        for group in found:
            group = [(at, factor) for at, factor in group if at in left]
            if len(group) > 1:
                first, differing = group[0]
                sign, node = left[first]
                inner = [(sign * left.pop(at)[0], factor) for at, factor in group]
                total = self.total(self.collected(inner))
                factors = [one for one in node.parts if one is not differing]
                number = 1.0 if node.value is None else float(str(node.value))
                left[first] = sign, self.times(number, [*factors, total])
        return [left[at] for at in sorted(left)]

    def times(self, number: float, factors: list[Node]) -> Node:
        """What no derivative is taken of is multiplied first: it stays as it is."""
        active = [factor for factor in factors if factor in self._active]
        passive = [factor for factor in factors if factor not in self._active]
        if active and len(passive) > 1:
            factors = [self.times(abs(number), passive), *active]
            number = math.copysign(1.0, number)
        if not factors:
            return self.number(number)
        if number == -1:
            return self.new("unary", "-", self.times(1, factors))
        if number == 1:
            if len(factors) == 1:
                return factors[0]
            return self.new("product", None, *factors)
        return self.new("product", number, *factors)

    def power(self, base: Node, exponent: Fraction) -> Node:
        """A positive rational power; halves by sqrt, thirds by cbrt.

        Of a negative number, sqrt raises; cbrt is the real root, as a person means it,
        where SymPy's power is complex.
        """
        whole, rest = divmod(exponent, 1)
        if not rest:
            return self._raised(base, whole)
        roots = {2: "sqrt", 3: "cbrt"}
        if rest.denominator not in roots:
            return self.new("binary", "**", base, self.number(float(exponent)))
        root = self.new("call", roots[rest.denominator], base)
        factors = [self._raised(root, rest.numerator)]
        if whole:
            factors.insert(0, self._raised(base, whole))
        return self.times(1, factors)

    def _raised(self, base: Node, exponent: int) -> Node:
        if exponent == 1:
            return base
        return self.new("binary", "**", base, self.number(exponent))
