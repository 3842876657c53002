"""The operations on numbers of as many digits as wanted, by mpmath."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import mpmath

from adjoint.check.own_calls import OwnCalls
from adjoint.ir.arithmetic import OPERATORS, OWN, Arithmetic
from adjoint.ir.interpret import run
from adjoint.ir.literals import exact, is_rounded, is_too_large
from adjoint.ir.program import Program, Value
from adjoint.rules.table import OPERATIONS, WRITTEN_OUT
from adjoint.transform.partials import formula_function

#: No float comes of the exponential of a larger number.
_LARGEST_EXPONENT = 10_000
#: The exponential of less is 0: it takes as many digits of log(2) as its size has.
_LEAST_EXPONENT = -1e30
_LARGEST_ERROR = 1e6
#: No float has so many bits before the point; where it stands in a period of the sine
#: would take as many digits of pi.
_MOST_BITS = 2_000


class Decimals:
    """Numbers of a given count of digits, and the function of each operation on them.

    The functions raise ValueError or ArithmeticError where the result is not real.
    ``nudge`` moves every literal that is itself a rounded result by that part of
    itself, up or down, to see how much it matters.
    """

    def __init__(self, digits: int, nudge: float = 0.0):
        self.context = mpmath.MPContext()
        self.context.dps = digits
        self.nudge = nudge
        self.own = OwnCalls(self.context, self.number, self._run)
        self.arithmetic: Arithmetic = self._functions()
        self._constants: dict[tuple[str, str | None], Any] = {}

    def number(self, number: Any) -> Any:
        """A float, an int or another such number, as a number of these digits."""
        return self.context.mpf(number)

    def results(self, program: Program, point: Sequence[Any]) -> list[Any]:
        """The results of a program at a point, of floats, ints or such numbers.

        Raises ArithmeticError, ValueError or TypeError where it has no real and finite
        ones.
        """
        arguments = [x if isinstance(x, int) else self.number(x) for x in point]
        self.own.begin()
        found = run(program, arguments, self.arithmetic, self.constant)
        numbers = [self.number(result) for result in found]
        if not all(self.context.isfinite(number) for number in numbers):
            raise ArithmeticError("the result is not finite")
        return numbers

    def constant(self, value: Value) -> Any:
        """What a literal means (`literals.exact`); ``pi`` and ``e`` to all digits."""
        key = (repr(value.number), value.name)
        known = self._constants.get(key)
        if known is None:
            known = self._constants[key] = self._constant(value)
        return known

    def _constant(self, value: Value) -> Any:
        number, context = value.number, self.context
        if value.name in ("pi", "e", "tau"):
            return (
                2 * context.pi if value.name == "tau" else +getattr(context, value.name)
            )
        if isinstance(number, int):
            return number
        assert number is not None
        if not math.isfinite(number):
            return context.mpf(number)
        fraction = exact(number)
        decimal = context.mpf(fraction.numerator) / fraction.denominator
        if self.nudge and is_rounded(number):
            decimal *= 1 + (self.nudge if fraction.numerator % 4 < 2 else -self.nudge)
        return decimal

    def _functions(self) -> Arithmetic:
        context = self.context
        functions: dict[str, Callable[..., Any]] = {
            name: formula_function(operation, operation.exact, self._run)
            for name, operation in (OPERATIONS | WRITTEN_OUT).items()
            if operation.exact
        }
        for name in OPERATIONS.keys() - functions.keys():
            if hasattr(context, name):
                functions[name] = getattr(context, name)
        for name, limit in (("exp", 0), ("expm1", -1)):
            function = _bounded(functions[name], lambda a: a)
            functions[name] = _from_below(function, context.mpf(limit))
        for name in ("erf", "erfc"):
            functions[name] = _clipped(functions[name])
        for name in ("sinh", "cosh", "gamma"):
            functions[name] = _bounded(functions[name], abs)
        for name in ("sin", "cos", "tan"):
            functions[name] = _bounded(functions[name], context.mag, _MOST_BITS)
        functions |= {
            "div": lambda a, b: self.number(a) / b,
            "pow": self._power,
            "power": self._power,
            "hypot": lambda *a: context.sqrt(sum(x * x for x in a)),
            "lgamma": lambda a: context.log(abs(functions["gamma"](a))),
            "digamma": lambda a: context.psi(0, a),
            "sign": lambda a: (a > 0) - (a < 0),
            "floor": lambda a: int(context.floor(a)),
            "ceil": lambda a: int(context.ceil(a)),
            **{name: getattr(math, name) for name in ("factorial", "comb", "gcd")},
            "abs": abs,
            "min": min,
            "max": max,
        }
        checked = {name: self._real(function) for name, function in functions.items()}
        return {**OPERATORS, **checked, OWN: self._real(self.own)}

    def _run(self, program: Program, operands: Sequence[Any]) -> Any:
        return run(program, operands, self.arithmetic, self.constant)[0]

    def _power(self, a: Any, b: Any) -> Any:
        if isinstance(a, int) and isinstance(b, int) and b >= 0:
            if is_too_large("pow", (a, b)):
                raise OverflowError("this power is too large")
            return a**b
        a = self.number(a)
        if a and b * self.context.log(abs(a)) > _LARGEST_EXPONENT:
            raise OverflowError("this power is too large")
        return a**b

    def _real(self, function: Callable[..., Any]) -> Callable[..., Any]:
        complex_number = self.context.mpc

        def real(*operands: Any) -> Any:
            result = function(*operands)
            if isinstance(result, complex_number):
                raise ValueError("the result is not real")
            return result

        return real


def _clipped(function: Callable[..., Any]) -> Callable[..., Any]:
    """The error function: where it has reached its limits mpmath runs out of memory."""
    return lambda a: function(min(max(a, -_LARGEST_ERROR), _LARGEST_ERROR))


def _from_below(function: Callable[..., Any], limit: Any) -> Callable[..., Any]:
    return lambda a: limit if a < _LEAST_EXPONENT else function(a)


def _bounded(
    function: Callable[..., Any],
    size: Callable[[Any], Any],
    largest: int = _LARGEST_EXPONENT,
) -> Callable[..., Any]:
    def bounded(a: Any) -> Any:
        if size(a) > largest:
            raise OverflowError("this result is too large")
        return function(a)

    return bounded
