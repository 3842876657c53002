"""A program on Python's floats, exactly as the generated module computes with them."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from adjoint.check.decimals import Decimals
from adjoint.check.own_calls import imported_float
from adjoint.ir.arithmetic import FLOATS, OWN, Arithmetic
from adjoint.ir.interpret import Guarded, run, trace
from adjoint.ir.literals import is_too_large
from adjoint.ir.program import Program, Value
from adjoint.rules.operation import Operation, OwnOperation
from adjoint.rules.table import WRITTEN_OUT
from adjoint.transform.partials import formula_function

#: What evaluating a program raises where it has no real result.
NO_RESULT = (ArithmeticError, ValueError, TypeError, IndexError, Guarded)

#: Errors below this come from the reference itself.
_NOISE = 1e-12


def _bounded(name: str) -> Callable[..., Any]:
    def bounded(a: Any, b: Any) -> Any:
        if is_too_large(name, (a, b)):
            raise OverflowError("this whole number is too large")
        return FLOATS[name](a, b)

    return bounded


def own_float(operation: OwnOperation, *operands: Any) -> Any:
    """What a function of the user's own gives."""
    if operation.value is None:
        return imported_float(operation, *operands)
    return run(operation.value, operands, _ARITHMETIC)[0]


def _by_formula(operation: Operation) -> Callable[..., float]:
    """An operation that generated modules have no function for."""

    def result(program: Program, operands: list[float]) -> float:
        return float(run(program, operands, _ARITHMETIC)[0])

    return formula_function(operation, operation.written, result)


_ARITHMETIC: Arithmetic = {
    **FLOATS,
    **{name: _by_formula(operation) for name, operation in WRITTEN_OUT.items()},
    **{name: _bounded(name) for name in ("pow", "power", "lshift")},
    OWN: own_float,
}


def in_words(error: Exception) -> str:
    """What an exception says; its name where it says nothing."""
    return str(error) or type(error).__name__


def float_results(
    program: Program, point: Sequence[float], seen: dict[Value, Any] | None = None
) -> list[float]:
    """The results of a program at a point.

    Every value on the way is noted in ``seen``. Raises one of `NO_RESULT` where the
    results are not real and finite.
    """
    numbers = {} if seen is None else seen
    numbers.update(zip(program.parameters, point, strict=True))
    results = [float(result) for result in trace(program.body, numbers, _ARITHMETIC)]
    if not all(math.isfinite(result) for result in results):
        raise ArithmeticError("the result is not finite")
    return results


def largest(numbers: Iterable[Any]) -> float:
    """The size of the largest of the numbers; a finite one, and not 0."""
    finite = (abs(x) for x in numbers if isinstance(x, (int, float)) and x == x)
    return float(min(max(finite, default=0.0) or 1.0, sys.float_info.max))


def error_in_ulp(number: float, exact: Any, decimals: Decimals) -> float | None:
    """How far a float is from the exact number, in units of the last place.

    None where no float of full accuracy is near.
    """
    try:
        nearest = float(exact)
    except OverflowError:
        return None
    if not 1e-300 < abs(nearest) < math.inf:
        return None
    error = float(abs(decimals.number(number) - exact) / math.ulp(nearest))
    return error if error > _NOISE else 0.0
