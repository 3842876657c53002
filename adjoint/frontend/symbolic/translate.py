"""The graph of a SymPy expression as a graph of our own syntax.

Equal subexpressions become one and the same `Node`. Sums and products of any number of
parts become nodes of kinds of their own, ``sum`` (the value: the signs of its terms)
and ``product`` (the value: its number, or None), which `symbolic_grouping` then makes
binary.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from fractions import Fraction
from typing import Any, NoReturn

import sympy

from adjoint.errors import Source
from adjoint.frontend.formula.parser import parse_expression
from adjoint.frontend.symbolic.parts import (
    REFUSED,
    Expression,
    base_and_exponent,
    is_leaf,
    is_negative,
    parts_of,
)
from adjoint.frontend.symbolic.table import CALLS, FORMULAS, HINTS, NAMED
from adjoint.frontend.syntax import Node

#: A subexpression of more parts is named in an error, not shown.
_LONGEST_SHOWN = 60
#: The first operand of polygamma beyond this is a mistake, and might take for ever.
_LARGEST_ORDER = 1000
#: Sizes are counted up to this.
_ENDLESS = 10**9

_COMPARE = {
    sympy.StrictLessThan: "<",
    sympy.LessThan: "<=",
    sympy.StrictGreaterThan: ">",
    sympy.GreaterThan: ">=",
    sympy.Equality: "==",
    sympy.Unequality: "!=",
}

#: A term of a sum: its sign, and the rest of it.
_Term = tuple[int, Node]

_TOO_LARGE = "a number here is too large for a float"


class Translation:
    """One translation under way, to be differentiated by some leaves (None: by all).

    ``functions`` are names of functions that may be called beside SymPy's own.

    ``leaves`` are the symbols, and what stands for one, with their nodes.
    """

    def __init__(
        self,
        wrt: Collection[Expression] | None = None,
        functions: Collection[str] = (),
    ) -> None:
        self._wrt = wrt
        self._functions = functions
        self._active: set[Node] = set()
        self.leaves: dict[Expression, Node] = {}
        self._known: dict[int, Node] = {}
        self._sizes: dict[int, int] = {}
        self._interned: dict[tuple[object, ...], Node] = {}

    def node(self, expression: Expression) -> Node:
        """The node of an expression, which the caller keeps alive.

        Raises SourceError, showing the subexpression, for what cannot be computed.
        """
        known = self._known
        pending: list[tuple[Expression, list[Expression] | None]] = [(expression, None)]
        while pending:
            one, parts = pending.pop()
            if id(one) in known:
                continue
            if parts is None:
                parts = [] if self._is_leaf(one) else parts_of(one)
                pending.append((one, parts))
                pending += [(part, None) for part in reversed(parts)]
                continue
            size = 1 + sum([self._sizes[id(part)] for part in parts])
            self._sizes[id(one)] = min(size, _ENDLESS)
            known[id(one)] = self._built(one)
        return known[id(expression)]

    def __len__(self) -> int:
        return len(self._interned)

    def size(self, expression: Expression) -> int:
        """How many parts an expression has, written out (up to a billion)."""
        return self._sizes.get(id(expression), 1)

    # -- nodes

    def _of(self, expression: Expression) -> Node:
        return self._known[id(expression)]

    def _new(self, kind: str, value: object, *parts: Node) -> Node:
        """The node; the one that is there already where there is one."""
        key = kind, type(value), value, *map(id, parts)
        node = self._interned.get(key)
        if node is None:
            node = self._interned[key] = Node(kind, value, parts, -1, -1)
            if not self._active.isdisjoint(parts):
                self._active.add(node)
        return node

    def _number(self, number: float | int) -> Node:
        return self._new("number", number)

    def _built(self, one: Expression) -> Node:
        if self._is_leaf(one):
            node = self.leaves.get(one)
            if node is None:
                node = self.leaves[one] = Node("name", one, (), -1, -1)
                if self._wrt is None or one in self._wrt:
                    self._active.add(node)
            return node
        for kind in type(one).__mro__:
            build = _BUILD.get(kind)
            if build is not None:
                return build(self, one)
        kind = type(one)
        if self._is_own(one):
            parts = [self._of(part) for part in one.args]
            return self._new("call", kind.__name__, *parts)
        if isinstance(one, REFUSED):
            self._refuse(one)
        parts = [self._of(part) for part in one.args]
        if kind in CALLS:
            return self._new("call", CALLS[kind], *parts)
        if kind in FORMULAS:
            names = dict(zip("abc", parts, strict=False))
            return self._written_out(parse_expression(FORMULAS[kind]), names)
        self._refuse(one)

    def _is_own(self, one: Expression) -> bool:
        is_function = isinstance(one, sympy.Function)
        return is_function and type(one).__name__ in self._functions

    def _is_leaf(self, one: Expression) -> bool:
        return is_leaf(one) and not self._is_own(one)

    def _written_out(self, formula: Node, names: dict[str, Node]) -> Node:
        """A formula of the table, which is not deep, with nodes for its operands."""
        if formula.kind == "name":
            known = names.get(str(formula.value))
            return known or self._new("constant", formula.value)
        if isinstance(formula.value, int):
            return self._number(float(formula.value))
        parts = [self._written_out(part, names) for part in formula.parts]
        return self._new(formula.kind, formula.value, *parts)

    def _refuse(self, one: Expression, message: str | None = None) -> NoReturn:
        """Raise the error that shows the subexpression."""
        name = type(one).__name__
        shown = str(one) if self.size(one) < _LONGEST_SHOWN else f"{name}(...)"
        hint = next((HINTS[c] for c in type(one).__mro__ if c in HINTS), None)
        source = Source(shown, "SymPy expression")
        if message is None:
            message = f"`{name}` cannot be computed in floating point here"
        raise source.error(0, len(shown), message, hint)

    # -- numbers

    def _rational(self, one: Expression) -> Node:
        try:
            return self._number(int(one.p) / int(one.q))
        except OverflowError:
            self._refuse(one, _TOO_LARGE)

    def _decimal(self, one: Expression) -> Node:
        return self._number(self._float(one, one))

    def _float(self, number: Any, one: Expression) -> float:
        """A number in an expression as a float."""
        try:
            converted = float(number)
        except OverflowError:
            converted = math.inf
        if math.isinf(converted):
            self._refuse(one, _TOO_LARGE)
        return converted

    def _symbol_of_number(self, one: Expression) -> Node:
        """Pi, or a constant that ``math`` has not, to the last digit of a float."""
        if one in NAMED:
            return self._new("constant", NAMED[one])
        return self._number(float(one.evalf(40)))

    def _infinity(self, one: Expression) -> Node:
        infinity = self._new("constant", "inf")
        return infinity if one is sympy.oo else self._new("unary", "-", infinity)

    def _not_real(self, one: Expression) -> Node:
        self._refuse(one, "this is not a real number")

    def _truth(self, one: Expression) -> Node:
        return self._number(bool(one))

    # -- sums, products and powers

    def _sum(self, one: Expression) -> Node:
        """The terms with their signs; the positive ones come first, a number last."""
        terms = [
            (-1, self._negated(term)) if is_negative(term) else (1, self._of(term))
            for term in one.args
        ]
        return self._total(self._collected(terms))

    def _total(self, terms: list[_Term]) -> Node:
        terms.sort(key=lambda term: (term[1].kind == "number", -term[0]))
        sign, number = terms[-1][0], terms[-1][1].value
        if terms[0][0] < 0 and isinstance(number, float):  # -2 - x, and not -(x + 2)
            terms = [(1, self._number(sign * number)), *terms[:-1]]
        if len(terms) == 1:
            sign, node = terms[0]
            return node if sign > 0 else self._new("unary", "-", node)
        return self._new("sum", tuple(s for s, _ in terms), *(n for _, n in terms))

    def _collected(self, terms: list[_Term]) -> list[_Term]:
        """Terms that differ in one factor as one: ``l*m1*c + l*m2*c`` by ``l*c``."""
        alike: dict[object, list[tuple[int, Node]]] = {}
        for at, (_, node) in enumerate(terms):
            if node.kind == "product":
                for factor in node.parts:
                    others = frozenset(node.parts) - {factor}
                    alike.setdefault((node.value, others), []).append((at, factor))
        found = [group for group in alike.values() if len(group) > 1]
        found.sort(key=len, reverse=True)
        left: dict[int, _Term] = dict(enumerate(terms))
        for group in found:
            group = [(at, factor) for at, factor in group if at in left]
            if len(group) > 1:
                first, differing = group[0]
                sign, node = left[first]
                inner = [(sign * left.pop(at)[0], factor) for at, factor in group]
                total = self._total(self._collected(inner))
                factors = [one for one in node.parts if one is not differing]
                number = 1.0 if node.value is None else float(str(node.value))
                left[first] = sign, self._times(number, [*factors, total])
        return [left[at] for at in sorted(left)]

    def _negated(self, term: Expression) -> Node:
        if term.is_Mul:
            return self._product(term, -1)
        build = self._decimal if term.is_Float else self._rational
        return build(-term)

    def _product(self, one: Expression, sign: int = 1) -> Node:
        """Factors over factors; of the number, numerator and denominator alike."""
        above: list[Node] = []
        below: list[Node] = []
        number = float(sign)
        divisor = 1.0
        for factor in one.args:
            if factor.is_Rational:
                number *= self._float(factor.p, one)
                divisor = self._float(factor.q, one)
            elif factor.is_Float:
                number *= self._float(factor, one)
            else:
                base, exponent = base_and_exponent(factor)
                side = above if exponent > 0 else below
                side.append(self._power(self._of(base), abs(exponent)))
        top, bottom = self._times(number, above), self._times(divisor, below)
        if divisor == 1 and not below:
            return top
        return self._new("binary", "/", top, bottom)

    def _times(self, number: float, factors: list[Node]) -> Node:
        """What no derivative is taken of is multiplied first: it stays as it is."""
        active = [factor for factor in factors if factor in self._active]
        passive = [factor for factor in factors if factor not in self._active]
        if active and len(passive) > 1:
            factors = [self._times(abs(number), passive), *active]
            number = math.copysign(1.0, number)
        if not factors:
            return self._number(number)
        if number == -1:
            return self._new("unary", "-", self._times(1, factors))
        if number == 1:
            if len(factors) == 1:
                return factors[0]
            return self._new("product", None, *factors)
        return self._new("product", number, *factors)

    def _power(self, base: Node, exponent: Fraction) -> Node:
        """A positive rational power; halves by sqrt, thirds by cbrt.

        Of a negative number, sqrt raises; cbrt is the real root, as a person means it,
        where SymPy's power is complex.
        """
        whole, rest = divmod(exponent, 1)
        if not rest:
            return self._raised(base, whole)
        roots = {2: "sqrt", 3: "cbrt"}
        if rest.denominator not in roots:
            return self._new("binary", "**", base, self._number(float(exponent)))
        root = self._new("call", roots[rest.denominator], base)
        factors = [self._raised(root, rest.numerator)]
        if whole:
            factors.insert(0, self._raised(base, whole))
        return self._times(1, factors)

    def _raised(self, base: Node, exponent: int) -> Node:
        if exponent == 1:
            return base
        return self._new("binary", "**", base, self._number(exponent))

    def _any_power(self, one: Expression) -> Node:
        base, exponent = base_and_exponent(one)
        if base is one:
            parts = [self._of(part) for part in one.args]
            return self._new("binary", "**", *parts)
        power = self._power(self._of(base), abs(exponent))
        if exponent > 0:
            return power
        return self._new("binary", "/", self._number(1.0), power)

    # -- conditions

    def _piecewise(self, one: Expression) -> Node:
        """A chain of choices; where no condition holds, SymPy says nan."""
        node = self._new("constant", "nan")
        for expression, condition in reversed(one.args):
            if condition == sympy.true:
                node = self._of(expression)
            else:
                parts = self._of(condition), self._of(expression), node
                node = self._new("choice", None, *parts)
        return node

    def _relation(self, one: Expression) -> Node:
        sign = _COMPARE[type(one)]
        return self._new("compare", (sign,), *map(self._of, one.args))

    def _logic(self, one: Expression) -> Node:
        """The simplest condition first: it may be what guards the others."""
        word = "and" if isinstance(one, sympy.And) else "or"
        conditions = sorted(one.args, key=self.size)
        return self._new("logic", word, *map(self._of, conditions))

    def _exclusive(self, one: Expression) -> Node:
        node, *others = map(self._of, one.args)
        for other in others:
            node = self._new("compare", ("!=",), node, other)
        return node

    def _implies(self, one: Expression) -> Node:
        premise, conclusion = map(self._of, one.args)
        return self._new("logic", "or", self._new("unary", "not", premise), conclusion)

    def _polygamma(self, one: Expression) -> Node:
        order, argument = one.args
        if not (order.is_Integer and 0 <= order <= _LARGEST_ORDER):
            self._refuse(one, "the order has to be a whole number that is written out")
        if order == 0:
            return self._new("call", "digamma", self._of(argument))
        parts = self._number(int(order)), self._of(argument)
        return self._new("call", "polygamma", *parts)


_BUILD: dict[type, Callable[[Translation, Any], Node]] = {
    sympy.Rational: Translation._rational,
    sympy.Float: Translation._decimal,
    sympy.NumberSymbol: Translation._symbol_of_number,
    type(sympy.oo): Translation._infinity,
    type(-sympy.oo): Translation._infinity,
    type(sympy.I): Translation._not_real,
    type(sympy.nan): Translation._not_real,
    type(sympy.zoo): Translation._not_real,
    type(sympy.true): Translation._truth,
    type(sympy.false): Translation._truth,
    sympy.Add: Translation._sum,
    sympy.Mul: Translation._product,
    sympy.Pow: Translation._any_power,
    sympy.Piecewise: Translation._piecewise,
    sympy.And: Translation._logic,
    sympy.Or: Translation._logic,
    sympy.Xor: Translation._exclusive,
    sympy.Implies: Translation._implies,
    sympy.Not: lambda self, one: self._new("unary", "not", self._of(one.args[0])),
    sympy.ITE: lambda self, one: self._new("choice", None, *map(self._of, one.args)),
    sympy.polygamma: Translation._polygamma,
} | dict.fromkeys(_COMPARE, Translation._relation)
