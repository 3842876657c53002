"""An oracle for derivatives that shares nothing with the rules of differentiation.

The program of the *function* is run by the reference interpreter in arithmetic of 70
digits, and differentiated by central differences there. What it decides (comparisons,
whole parts) is decided by a run on floats first and repeated in the others, so that
the derivative is that of the branch that Python takes, at a tie as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import mpmath

from adjoint.ir.arithmetic import FLOATS, OPERATORS, Arithmetic
from adjoint.ir.interpret import run
from adjoint.ir.program import Program, Value
from adjoint.ir.types import FLOAT

DIGITS = 70
_STEP = mpmath.mpf(10) ** -25
_SECOND_STEP = mpmath.mpf(10) ** -20

_DECISIONS = ("lt", "le", "gt", "ge", "eq", "ne")
_WHOLE = ("floor", "ceil", "trunc", "round")
_OF_WHOLE = ("isqrt", "factorial", "comb", "gcd")

_PLAIN = [
    "exp",
    "expm1",
    "log",
    "log10",
    "log1p",
    "sqrt",
    "cbrt",
    "sin",
    "cos",
    "tan",
    "cot",
    "asin",
    "acos",
    "atan",
    "atan2",
    "sinh",
    "cosh",
    "tanh",
    "asinh",
    "acosh",
    "atanh",
    "hypot",
    "degrees",
    "radians",
    "erf",
    "erfc",
    "gamma",
    "sign",
]

_MANY_DIGITS: dict[str, Callable[..., Any]] = {
    **OPERATORS,
    **{name: getattr(mpmath, name) for name in _PLAIN},
    "exp2": lambda a: mpmath.power(2, a),
    "log2": lambda a: mpmath.log(a, 2),
    "lgamma": mpmath.loggamma,
    "math_pow": mpmath.power,
    "abs": abs,
    "min": min,
    "max": max,
    "float": mpmath.mpf,
    "copysign": lambda a, b: abs(a) if b >= 0 else -abs(a),
}


class Unclear(Exception):
    """There is no derivative here, or not one that floats can be compared with."""


def derivative(program: Program, at: Sequence[Any], by: str) -> float:
    """The derivative of a program's only result by one of its parameters.

    Raises Unclear at a kink, and where the arithmetic of floats loses the value.
    """
    place = program.parameter_names.index(by)
    with mpmath.workdps(DIGITS):
        moved = _mover(program, at)
        here, up, down = (moved({place: step}) for step in (0, _STEP, -_STEP))
        right, left = (up - here) / _STEP, (here - down) / _STEP
        if abs(here) * mpmath.mpf(10) ** -DIGITS > 1e-15 * _STEP:
            raise Unclear(f"the quotients of values like {here} have no digits left")
        if not mpmath.isfinite(up - down) or not _near(right, left, 1e-15):
            raise Unclear(f"the one-sided derivatives are {left} and {right}")
        return float((up - down) / (2 * _STEP))


def second_derivative(
    program: Program, at: Sequence[Any], by: str, and_by: str
) -> float:
    """The second derivative of a program's only result by two of its parameters.

    Raises Unclear as `derivative` does.
    """
    places = [program.parameter_names.index(name) for name in (by, and_by)]
    with mpmath.workdps(DIGITS):
        moved = _mover(program, at)
        h = _SECOND_STEP
        if abs(moved({})) * mpmath.mpf(10) ** -DIGITS > h * h * 1e-12:
            raise Unclear("the values are so large that their differences are lost")

        def difference(first: Any, second: Any) -> Any:
            """Of the values at the corners of a square of these sides."""
            total = mpmath.mpf(0)
            for sign, steps in (
                (1, (first, second)),
                (-1, (first, 0)),
                (-1, (0, second)),
                (1, (0, 0)),
            ):
                step: dict[int, Any] = {}
                for place, part in zip(places, steps, strict=True):
                    step[place] = step.get(place, 0) + part
                total += sign * moved(step)
            return total / (first * second)

        corners = [difference(a, b) for a in (h, -h) for b in (h, -h)]
        if not all(_near(corners[0], one, 1e-11) for one in corners):
            raise Unclear(f"the one-sided second derivatives are {corners}")
        return float(sum(corners) / 4)


def _mover(program: Program, at: Sequence[Any]) -> Callable[[dict[int, Any]], Any]:
    """The value in many digits at a point that is moved by a step in some places."""
    made: list[Any] = []
    (on_floats,) = run(program, at, _recorder(made))

    def moved(steps: dict[int, Any]) -> Any:
        numbers = [mpmath.mpf(x) if isinstance(x, float) else x for x in at]
        for place, step in steps.items():
            numbers[place] = numbers[place] + step
        try:
            (result,) = run(program, numbers, _repeater(iter(made)), _exact)
        except (ArithmeticError, ValueError) as error:
            raise Unclear(repr(error)) from None
        if not isinstance(result, (mpmath.mpf, float, int)):
            raise Unclear(f"the value is {result}")
        return mpmath.mpf(result)

    here = moved({})
    if not _near(here, on_floats, 1e-9):
        raise Unclear(f"the value is {mpmath.nstr(here, 20)}, or {on_floats!r}")
    return moved


def _near(a: Any, b: Any, tolerance: float) -> bool:
    return bool(abs(a - b) <= tolerance * (1 + abs(a)))


def _exact(value: Value) -> Any:
    return mpmath.mpf(value.number) if value.type == FLOAT else value.number


def _recorder(made: list[Any]) -> Arithmetic:
    """The arithmetic of floats; adds what is decided to ``made``."""

    def recording(function: Callable[..., Any]) -> Callable[..., Any]:
        def record(*operands: Any) -> Any:
            made.append(function(*operands))
            return made[-1]

        return record

    def mod(a: Any, b: Any) -> Any:
        made.append(a // b)
        return a % b

    def extreme(function: Callable[..., Any]) -> Callable[..., Any]:
        def record(*operands: Any) -> Any:
            result = function(*operands)
            made.append(operands.count(result) > 1)
            return result

        return record

    return {
        **FLOATS,
        **{name: extreme(FLOATS[name]) for name in ("min", "max")},
        **{name: recording(FLOATS[name]) for name in (*_DECISIONS, *_WHOLE)},
        "floordiv": recording(FLOATS["floordiv"]),
        "mod": mod,
    }


def _repeater(made: Iterator[Any]) -> Arithmetic:
    """Arithmetic of many digits; what is decided comes from ``made``, in turn."""

    def extreme(function: Callable[..., Any]) -> Callable[..., Any]:
        def repeat(*operands: Any) -> Any:
            if next(made):
                raise ArithmeticError("floats that tie: there is a kink")
            return function(*operands)

        return repeat

    return {
        **_MANY_DIGITS,
        **{name: extreme(_MANY_DIGITS[name]) for name in ("min", "max")},
        **{name: lambda *_: next(made) for name in (*_DECISIONS, *_WHOLE, "floordiv")},
        "mod": lambda a, b: a - next(made) * b,
    }
