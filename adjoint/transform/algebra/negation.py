"""Signs that are taken off: ``-(-x)``, ``-(a - b)``, ``-(2*x)``."""

from __future__ import annotations

from typing import Final

from adjoint.ir.builder import Builder
from adjoint.ir.program import Value
from adjoint.rules.table import OPERATIONS
from adjoint.transform.algebra.coefficients import fresh, scaled, split

_MUL: Final = OPERATIONS["mul"]
_DIV: Final = OPERATIONS["div"]
_NEG: Final = OPERATIONS["neg"]
#: So deep a difference is looked for in products and quotients.
_DEPTH: Final = 2


def negated(builder: Builder, value: Value, depth: int = 2) -> Value | None:
    """``-value`` where that takes a sign off; None where it would put one on.

    A settled value keeps its sign, but as a factor it may be written without.
    """
    op = value.op
    if op is None:
        number = value.number
        if number is None or number >= 0 or value.name is not None:
            return None
        return builder.constant(-number)
    if value.generation < builder.first_made:
        return None
    if depth == 2 and value in builder.settled:
        return None
    operation = op.operation
    if operation is _NEG:
        return op.operands[0]
    if depth and (operation is _MUL or operation is _DIV):
        a, b = op.operands
        if a.op is not None or a.number is not None:
            positive = negated(builder, a, depth - 1)
            if positive is not None:
                return builder.apply(operation, (positive, b))
        if b.op is not None or b.number is not None:
            positive = negated(builder, b, depth - 1)
            if positive is not None:
                return builder.apply(operation, (a, positive))
    return None


def _turned(builder: Builder, value: Value, depth: int = _DEPTH) -> Value | None:
    """``-value`` by turning a difference in it round, where there is one.

    An adjoint that is used as it is elsewhere stays: turned, it is a second one. (Of a
    tangent, all uses may turn it alike.)
    """
    op = fresh(builder, value, "sub")
    stays = depth < _DEPTH and value in builder.settled and value.tangent_of is None
    if op is not None and not stays:
        return builder.emit("sub", op.operands[1], op.operands[0])
    for name in ("mul", "div") if depth and value not in builder.settled else ():
        op = fresh(builder, value, name)
        if op is None:
            continue
        a, b = op.operands
        turned = _turned(builder, a, depth - 1)
        if turned is not None:
            return builder.emit(name, turned, b)
        turned = _turned(builder, b, depth - 1)
        if turned is not None:
            return builder.emit(name, a, turned)
    return None


def simpler_negative(builder: Builder, operands: tuple[Value, ...]) -> Value | None:
    """``-a`` in a simpler way; None where there is none."""
    a = operands[0]
    if a.number is not None:
        return None
    turned = _turned(builder, a)
    if turned is not None:
        return turned
    coefficient, core = split(builder, a)
    if coefficient != 1:
        return scaled(builder, -coefficient, core)
    positive = negated(builder, a) if builder.signs else None
    builder.signs = True
    return positive
