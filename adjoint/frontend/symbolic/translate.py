"""The graph of a SymPy expression as a graph of our own syntax.

Equal subexpressions become one and the same `Node` of a `Graph`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from typing import Any, NoReturn

import sympy

from adjoint.errors import Source
from adjoint.frontend.formula.parser import parse_expression
from adjoint.frontend.symbolic.graph import Graph
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

_TOO_LARGE = "a number here is too large for a float"


class Translation:
    """One translation under way, to be differentiated by some leaves (None: by all).

    ``functions`` are names of functions that may be called beside SymPy's own;
    ``leaves`` are the symbols, and what stands for one, with their nodes.
    """

    def __init__(
        self,
        wrt: Collection[Expression] | None = None,
        functions: Collection[str] = (),
    ) -> None:
        self._wrt = wrt
        self._functions = functions
        self.graph = Graph()
        self.leaves: dict[Expression, Node] = {}
        self._known: dict[int, Node] = {}
        self._sizes: dict[int, int] = {}

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

    def size(self, expression: Expression) -> int:
        """How many parts an expression has, written out (up to a billion)."""
        return self._sizes.get(id(expression), 1)

    # -- nodes

    def _of(self, expression: Expression) -> Node:
        return self._known[id(expression)]

    def _built(self, one: Expression) -> Node:
        if self._is_leaf(one):
            node = self.leaves.get(one)
            if node is None:
                active = self._wrt is None or one in self._wrt
                node = self.leaves[one] = self.graph.leaf(one, active)
            return node
        for kind in type(one).__mro__:
            build = _BUILD.get(kind)
            if build is not None:
                return build(self, one)
        kind = type(one)
        if self._is_own(one):
            parts = [self._of(part) for part in one.args]
            return self.graph.new("call", kind.__name__, *parts)
        if isinstance(one, REFUSED):
            self._refuse(one)
        parts = [self._of(part) for part in one.args]
        if kind in CALLS:
            return self.graph.new("call", CALLS[kind], *parts)
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
            return known or self.graph.new("constant", formula.value)
        if isinstance(formula.value, int):
            return self.graph.number(float(formula.value))
        parts = [self._written_out(part, names) for part in formula.parts]
        return self.graph.new(formula.kind, formula.value, *parts)

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
            return self.graph.number(int(one.p) / int(one.q))
        except OverflowError:
            self._refuse(one, _TOO_LARGE)

    def _decimal(self, one: Expression) -> Node:
        return self.graph.number(self._float(one, one))

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
            return self.graph.new("constant", NAMED[one])
        return self.graph.number(float(one.evalf(40)))

    def _infinity(self, one: Expression) -> Node:
        infinity = self.graph.new("constant", "inf")
        return infinity if one is sympy.oo else self.graph.new("unary", "-", infinity)

    def _not_real(self, one: Expression) -> Node:
        self._refuse(one, "this is not a real number")

    def _truth(self, one: Expression) -> Node:
        return self.graph.number(bool(one))

    # -- sums, products and powers

    def _sum(self, one: Expression) -> Node:
        """The terms with their signs; the positive ones come first, a number last."""
        terms = [
            (-1, self._negated(term)) if is_negative(term) else (1, self._of(term))
            for term in one.args
        ]
        return self.graph.total(self.graph.collected(terms))

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
                side.append(self.graph.power(self._of(base), abs(exponent)))
        top, bottom = self.graph.times(number, above), self.graph.times(divisor, below)
        if divisor == 1 and not below:
            return top
        return self.graph.new("binary", "/", top, bottom)

    def _any_power(self, one: Expression) -> Node:
        base, exponent = base_and_exponent(one)
        if base is one:
            parts = [self._of(part) for part in one.args]
            return self.graph.new("binary", "**", *parts)
        power = self.graph.power(self._of(base), abs(exponent))
        if exponent > 0:
            return power
        return self.graph.new("binary", "/", self.graph.number(1.0), power)

    # -- conditions

    def _piecewise(self, one: Expression) -> Node:
        """A chain of choices; where no condition holds, SymPy says nan."""
        node = self.graph.new("constant", "nan")
        for expression, condition in reversed(one.args):
            if condition == sympy.true:
                node = self._of(expression)
            else:
                parts = self._of(condition), self._of(expression), node
                node = self.graph.new("choice", None, *parts)
        return node

    def _relation(self, one: Expression) -> Node:
        sign = _COMPARE[type(one)]
        return self.graph.new("compare", (sign,), *map(self._of, one.args))

    def _logic(self, one: Expression) -> Node:
        """The simplest condition first: it may be what guards the others."""
        word = "and" if isinstance(one, sympy.And) else "or"
        conditions = sorted(one.args, key=self.size)
        return self.graph.new("logic", word, *map(self._of, conditions))

    def _not(self, one: Expression) -> Node:
        return self.graph.new("unary", "not", self._of(one.args[0]))

    def _choice(self, one: Expression) -> Node:
        return self.graph.new("choice", None, *map(self._of, one.args))

    def _exclusive(self, one: Expression) -> Node:
        node, *others = map(self._of, one.args)
        for other in others:
            node = self.graph.new("compare", ("!=",), node, other)
        return node

    def _implies(self, one: Expression) -> Node:
        premise, conclusion = map(self._of, one.args)
        return self.graph.new(
            "logic", "or", self.graph.new("unary", "not", premise), conclusion
        )

    def _polygamma(self, one: Expression) -> Node:
        order, argument = one.args
        if not (order.is_Integer and 0 <= order <= _LARGEST_ORDER):
            self._refuse(one, "the order has to be a whole number that is written out")
        if order == 0:
            return self.graph.new("call", "digamma", self._of(argument))
        parts = self.graph.number(int(order)), self._of(argument)
        return self.graph.new("call", "polygamma", *parts)


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
    sympy.Not: lambda self, one: self.graph.new("unary", "not", self._of(one.args[0])),
    sympy.ITE: lambda self, one: self.graph.new(
        "choice", None, *map(self._of, one.args)
    ),
    sympy.polygamma: Translation._polygamma,
} | dict.fromkeys(_COMPARE, Translation._relation)
