"""The operations on SymPy's expressions, in one case of all conditions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy

from adjoint.check.cases import Case, OutsideDomain, normal
from adjoint.target.expressions import Expressions
from adjoint.target.piecewise import expression

#: SymPy computes with whole numbers at once; with larger ones that may take for ever.
_LARGEST = 1_000


class TooLarge(Exception):
    """An expression is too large for SymPy."""


class Symbols(Expressions):
    """The function of each operation on expressions, in one case of all signs.

    The steps of floor and its like are unknown whole numbers, as many as there are
    different arguments: their derivative is zero. `Expressions.results` raises
    OutsideDomain where the results are not real.
    """

    def __init__(self, case: Case):
        self.case = case
        self._steps: dict[sympy.Expr, sympy.Symbol] = {}
        super().__init__()

    def _functions(self) -> dict[str, Callable[..., Any]]:
        functions = super()._functions()
        for name in ("gamma", "lgamma", "digamma", "polygamma"):
            functions[name] = _bounded(functions[name])
        return functions

    def _decisions(self) -> dict[str, Callable[..., Any]]:
        return {
            "pow": self._power,
            "power": self._power,
            "abs": lambda a: a * self.case.sign(a),
            "sign": self.case.sign,
            "max": self._largest,
            "min": lambda *a: -self._largest(*[-x for x in a]),
            "floor": self._step,
            "ceil": lambda a: -self._step(-a),
            "lt": lambda a, b: self.case.sign(b - a) > 0,
            "gt": lambda a, b: self.case.sign(a - b) > 0,
            "le": lambda a, b: self.case.sign(b - a) >= 0,
            "ge": lambda a, b: self.case.sign(a - b) >= 0,
            "eq": lambda a, b: normal(a - b) == 0,
            "ne": lambda a, b: normal(a - b) != 0,
        }

    def _logic(self) -> dict[str, Callable[..., Any]]:
        return {
            "and": lambda a, b: a and b,
            "or": lambda a, b: a or b,
            "not": lambda a: not a,
        }

    def _power(self, a: sympy.Expr, b: sympy.Expr) -> sympy.Expr:
        """A power; that of a negative number to a variable exponent is not real."""
        if a.is_number and b.is_Rational and max(abs(b.p), b.q) > _LARGEST:
            raise TooLarge
        if not b.is_number and self.case.sign(a) < 0:
            raise OutsideDomain
        return a**b

    def _largest(self, *operands: sympy.Expr) -> sympy.Expr:
        largest = operands[0]
        for operand in operands[1:]:
            if self.case.sign(operand - largest) > 0:
                largest = operand
        return largest

    def _step(self, a: sympy.Expr) -> sympy.Expr:
        a = normal(a)
        if a.is_number or a.is_integer:
            return sympy.floor(a)
        if a not in self._steps:
            self._steps[a] = sympy.Dummy("floor", integer=True)
        return self._steps[a]


def _bounded(function: Callable[..., Any]) -> Callable[..., Any]:
    def bounded(*operands: Any) -> Any:
        operands = tuple(map(expression, operands))
        if any(operand.is_number and abs(operand) > _LARGEST for operand in operands):
            raise TooLarge
        return function(*operands)

    return bounded
