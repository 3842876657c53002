"""The operations on SymPy's expressions, in one case of all conditions."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import sympy

from adjoint.check.cases import Case, OutsideDomain, normal
from adjoint.check.literals import exact
from adjoint.ir.arithmetic import Arithmetic
from adjoint.ir.interpret import run
from adjoint.ir.program import Program, Value, walk
from adjoint.rules.operation import Operation
from adjoint.rules.table import OPERATIONS
from adjoint.transform.partials import formula_program

_NAMED = {"pi": sympy.pi, "e": sympy.E, "tau": 2 * sympy.pi}

#: SymPy computes with whole numbers at once; with larger ones that may take for ever.
_LARGEST = 1_000


class TooLarge(Exception):
    """An expression is too large for SymPy."""


class Unknown(Exception):
    """An operation that SymPy does not know."""


class Symbols:
    """The function of each operation on expressions, in one case of all signs.

    The steps of floor and its like are unknown whole numbers, as many as there are
    different arguments: their derivative is zero.
    """

    def __init__(self, case: Case):
        self.case = case
        self.arithmetic: Arithmetic = self._functions()
        self._steps: dict[sympy.Expr, sympy.Symbol] = {}

    def results(self, program: Program, arguments: list[Any]) -> list[sympy.Expr]:
        """The results of a program. Raises OutsideDomain where they are not real,
        Unknown for a program with operations that SymPy has not."""
        unknown = {
            op.operation.name
            for op in walk(program.body)
            if op.operation.name in OPERATIONS.keys() - self.arithmetic.keys()
        }
        if unknown:
            raise Unknown(min(unknown))
        found = run(program, arguments, self.arithmetic, self.constant)
        return [_expression(result) for result in found]

    def constant(self, value: Value) -> Any:
        """What a literal means: see `literals.exact`."""
        number = value.number
        if value.name in _NAMED:
            return _NAMED[value.name]
        if isinstance(number, int):
            return number
        assert number is not None
        if math.isnan(number):
            return sympy.nan
        if math.isinf(number):
            return sympy.oo if number > 0 else -sympy.oo
        fraction = exact(number)
        return sympy.Rational(fraction.numerator, fraction.denominator)

    def _functions(self) -> Arithmetic:
        functions: dict[str, Callable[..., Any]] = {
            name: self._by_formula(operation)
            for name, operation in OPERATIONS.items()
            if operation.exact
        }
        for name in OPERATIONS.keys() - functions.keys():
            if callable(getattr(sympy, name, None)):
                functions[name] = getattr(sympy, name)
        functions |= {
            "add": lambda a, b: a + b,
            "sub": lambda a, b: a - b,
            "mul": lambda a, b: a * b,
            "div": lambda a, b: a / b,
            "neg": lambda a: -a,
            "square": lambda a: a * a,
            "pow": self._power,
            "power": self._power,
            "hypot": lambda *a: sympy.sqrt(sum(x * x for x in a)),
            "lgamma": sympy.loggamma,
            "digamma": lambda a: sympy.polygamma(0, a),
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
        for name in ("gamma", "lgamma", "digamma", "polygamma"):
            functions[name] = _bounded(functions[name])
        on_numbers = {
            name: _converted(function) for name, function in functions.items()
        }
        return on_numbers | {
            "and": lambda a, b: a and b,
            "or": lambda a, b: a or b,
            "not": lambda a: not a,
        }

    def _by_formula(self, operation: Operation) -> Callable[..., Any]:
        def function(*operands: Any) -> Any:
            program = formula_program(operation.exact)
            names = dict(zip(operation.operands, operands, strict=True))
            arguments = [names[name] for name in program.parameter_names]
            return run(program, arguments, self.arithmetic, self.constant)[0]

        return function

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


def _expression(number: Any) -> sympy.Expr:
    return sympy.Integer(number) if isinstance(number, int) else sympy.sympify(number)


def _converted(function: Callable[..., Any]) -> Callable[..., Any]:
    """On SymPy's numbers also where truth values and Python's ints are given."""

    def converted(*operands: Any) -> Any:
        return function(*[_expression(operand) for operand in operands])

    return converted


def _bounded(function: Callable[..., Any]) -> Callable[..., Any]:
    def bounded(*operands: sympy.Expr) -> Any:
        if any(operand.is_number and abs(operand) > _LARGEST for operand in operands):
            raise TooLarge
        return function(*operands)

    return bounded
