"""SymPy's gradient of what is executed at a point, as formulas and as numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sympy

from adjoint.check.cases import Case, OutsideDomain
from adjoint.check.symbols import Symbols, TooLarge
from adjoint.explain.nodes import Node
from adjoint.explain.walkthrough import Walkthrough
from adjoint.ir.literals import exact
from adjoint.ir.program import Program
from adjoint.ir.types import FLOAT
from adjoint.target.expressions import Unknown

#: Functions whose value, written out in full, is larger are not for SymPy.
_MOST_OPERATIONS = 400
_DIGITS = 30


@dataclass(frozen=True)
class SymbolicGradient:
    """SymPy's derivative by each input of interest.

    ``formulas``  the expressions in the names of the inputs
    ``numbers``   their numbers at the point
    ``at_kink``   whether the point is a kink or a tie, where a formula holds on one
                  side only
    ``why_not``   why there is none; empty where there is one
    """

    formulas: tuple[sympy.Expr, ...] = ()
    numbers: tuple[float, ...] = ()
    at_kink: bool = False
    why_not: str = ""


def symbolic_gradient(program: Program, walkthrough: Walkthrough) -> SymbolicGradient:
    """The gradient that SymPy derives from the function (and from no rule of ours).

    What the function decides by comparing (branches, maxima, signs) is decided at the
    walkthrough's point.
    """
    if _size(walkthrough) > _MOST_OPERATIONS:
        return SymbolicGradient(why_not="the function is too large for SymPy")
    arguments = [_argument(node) for node in walkthrough.inputs]
    point = {
        symbol: _number(node.number)
        for symbol, node in zip(arguments, walkthrough.inputs, strict=True)
        if isinstance(symbol, sympy.Symbol)
    }
    here = _Here(point)
    by = [arguments[walkthrough.inputs.index(node)] for node in walkthrough.wrt]
    try:
        (value,) = _SymbolsHere(here).results(program, arguments)
        formulas = tuple(sympy.diff(value, symbol) for symbol in by)
        numbers = tuple(float(here.number(formula)) for formula in formulas)
    except Unknown as error:
        return SymbolicGradient(why_not=f"SymPy does not know `{error}`")
    except (TooLarge, RecursionError):
        return SymbolicGradient(why_not="the function is too large for SymPy")
    except (OutsideDomain, TypeError, ValueError, ArithmeticError):
        return SymbolicGradient(why_not="SymPy's formula has no real value here")
    return SymbolicGradient(formulas, numbers, here.at_kink)


class _Here(Case):
    """The case that holds at a point."""

    def __init__(self, point: Mapping[sympy.Symbol, sympy.Expr]):
        super().__init__([])
        self.point = point
        self.at_kink = False

    def number(self, expression: sympy.Expr) -> sympy.Expr:
        """The expression at the point; 0 where no digit of it is certain."""
        number = sympy.sympify(expression).evalf(_DIGITS, subs=self.point)
        if not number.is_real or not number.is_finite:
            raise OutsideDomain
        lost = number.is_Float and number._prec == 1
        return sympy.Integer(0) if lost else number

    def sign(self, expression: sympy.Expr) -> int:
        """The sign at the point; 0 at a kink as well."""
        sign = int(sympy.sign(self.number(expression)))
        if sign == 0 and expression.free_symbols and not expression.is_zero:
            self.at_kink = True
        return sign


class _SymbolsHere(Symbols):
    """The operations on expressions, where whole parts are those at the point."""

    case: _Here

    def _step(self, a: sympy.Expr) -> sympy.Expr:
        return sympy.floor(self.case.number(a))


def _argument(node: Node) -> Any:
    if node.type != FLOAT:
        return node.number
    return sympy.Symbol(node.name, real=True)


def _number(number: float) -> sympy.Expr:
    fraction = exact(number)
    return sympy.Rational(fraction.numerator, fraction.denominator)


def _size(walkthrough: Walkthrough) -> int:
    """How many operations the value has, written out without names."""
    sizes: dict[Node, int] = {}
    for node in walkthrough.operations:
        sizes[node] = 1 + _total(sizes, node.operands)
    return sizes.get(walkthrough.result, 1)


def _total(sizes: dict[Node, int], nodes: Sequence[Node]) -> int:
    return min(sum(sizes.get(node, 1) for node in nodes), _MOST_OPERATIONS)
