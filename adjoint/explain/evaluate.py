"""One operation at a point, with an error that says which one has no finite value."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from adjoint.errors import AdjointError, OptionError, Source
from adjoint.ir.arithmetic import FLOATS, Arithmetic
from adjoint.ir.program import Op


def evaluated(
    source: Source, op: Op, operands: Sequence[Any], arithmetic: Arithmetic = FLOATS
) -> Any:
    """The number of an operation, or its array.

    Raises SourceError, with the operation's place in ``source``, where it is not real
    and finite.
    """
    try:
        number = arithmetic[op.operation.name](*operands, *op.attributes)
    except (ArithmeticError, ValueError, TypeError, LookupError) as error:
        raise not_finite(source, op, operands, str(error)) from None
    if isinstance(number, complex):
        raise not_finite(source, op, operands, "the result is complex")
    if isinstance(number, float) and not math.isfinite(number):
        raise not_finite(source, op, operands, f"the result is {number}")
    return number


def not_finite(
    source: Source, op: Op, operands: Sequence[Any], reason: str
) -> AdjointError:
    """The error for an operation of a function, or of its derivative."""
    what = "derivative" if op.results[0].generation else "function"
    numbers = ", ".join(
        f"{operand:.6g}" if isinstance(operand, (float, int)) else "an array"
        for operand in operands
    )
    message = (
        f"the {what} has no finite value at this point: "
        f"`{op.operation.name}` of {numbers}: {reason}"
    )
    if op.where < 0:
        return OptionError(message)
    return source.error(op.where, op.where + 1, message)
