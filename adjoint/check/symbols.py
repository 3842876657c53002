"""The operations on SymPy's expressions, in one case of all conditions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sympy

from adjoint.check.cases import Case, OutsideDomain, normal
from adjoint.check.own_symbols import OwnSymbols
from adjoint.ir.arithmetic import OWN
from adjoint.ir.interpret import run
from adjoint.ir.program import Program
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
        self.own = OwnSymbols(self._run)
        self._steps: dict[sympy.Expr, sympy.Symbol] = {}
        super().__init__()

    def _run(self, program: Program, operands: Sequence[Any]) -> Any:
        return run(program, operands, self.arithmetic, self.constant)[0]

    def _functions(self) -> dict[str, Callable[..., Any]]:
        functions = super()._functions() | {OWN: self.own}
        for name in ("gamma", "lgamma", "digamma", "polygamma"):
            functions[name] = _bounded(functions[name])
        return functions

    def _decisions(self) -> dict[str, Callable[..., Any]]:
        return {
            "pow": self._power,
            "power": self._power,
            "abs": lambda a: a * self._sign(a),
            "sign": self._sign,
            "max": self._largest,
            "min": lambda *a: -self._largest(*[-x for x in a]),
            "floor": self._step,
            "ceil": lambda a: -self._step(-a),
            "lt": lambda a, b: self._sign(b - a) > 0,
            "gt": lambda a, b: self._sign(a - b) > 0,
            "le": lambda a, b: self._sign(b - a) >= 0,
            "ge": lambda a, b: self._sign(a - b) >= 0,
            "eq": lambda a, b: self._is_nothing(a - b),
            "ne": lambda a, b: not self._is_nothing(a - b),
        }

    def _logic(self) -> dict[str, Callable[..., Any]]:
        return {
            "and": lambda a, b: a and b,
            "or": lambda a, b: a or b,
            "not": lambda a: not a,
        }

    def _sign(self, a: sympy.Expr) -> int:
        return self.case.sign(self.own.released(a))

    def _is_nothing(self, a: sympy.Expr) -> bool:
        return bool(normal(self.own.released(a)) == 0)

    def _power(self, a: sympy.Expr, b: sympy.Expr) -> sympy.Expr:
        """A power; that of a negative number to a variable exponent is not real."""
        if a.is_number and b.is_Rational and max(abs(b.p), b.q) > _LARGEST:
            raise TooLarge
        if not b.is_number and self._sign(a) < 0:
            raise OutsideDomain
        return a**b

    def _largest(self, *operands: sympy.Expr) -> sympy.Expr:
        largest = operands[0]
        for operand in operands[1:]:
            if self._sign(operand - largest) > 0:
                largest = operand
        return largest

    def _step(self, a: sympy.Expr) -> sympy.Expr:
        a = normal(self.own.released(a))
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
