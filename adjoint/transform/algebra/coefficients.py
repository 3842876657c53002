"""Coefficients: a product as a plain constant times the rest.

Only values that the derivative itself has made (`fresh`) are taken apart: those of the
primal are there already and cost nothing.
"""

from __future__ import annotations

import math
from typing import Final

from adjoint.ir.builder import Builder
from adjoint.ir.program import Op, Value
from adjoint.rules.table import OPERATIONS

_MUL: Final = OPERATIONS["mul"]
_DIV: Final = OPERATIONS["div"]
_NEG: Final = OPERATIONS["neg"]


def multiply(builder: Builder, a: Value, b: Value) -> Value:
    """``a * b``."""
    return builder.apply(_MUL, (a, b))


def divide(builder: Builder, a: Value, b: Value) -> Value:
    """``a / b``."""
    return builder.apply(_DIV, (a, b))


def negative(builder: Builder, a: Value) -> Value:
    """``-a``."""
    return builder.apply(_NEG, (a,))


def scale(builder: Builder, factor: Value, value: Value) -> Value:
    """``factor * value`` of a constant factor, merged with that in ``value``."""
    if value.number is not None or not factor.literal:
        return builder.emit("mul", factor, value)
    coefficient, core = split(builder, value)
    number = coefficient * float(factor.number)  # type: ignore[arg-type]
    if not moderate(number):
        return builder.emit("mul", factor, value)
    return cancelled(builder, number, core) or scaled(builder, number, core)


def cancelled(builder: Builder, number: float, product: Value) -> Value | None:
    """``0.5*((2*x)*y)`` is ``x*y``; None for all that does not come out so well.

    ``0.5*((3*x)/y)`` is ``1.5*(x/y)``.
    """
    if number in (1, -1):
        return None
    op = fresh(builder, product, "div")
    if op is not None:
        inner, rest = split(builder, op.operands[0])
        shared = product in builder.settled or op.operands[0] in builder.settled
        if inner in (1, -1) or shared or not moderate(inner * number):
            return None
        return scaled(builder, inner * number, divide(builder, rest, op.operands[1]))
    op = fresh(builder, product, "mul")
    if op is None:
        return None
    for at, operand in enumerate(op.operands):
        inner, rest = split(builder, operand)
        if inner * number in (1, -1):
            whole = multiply(builder, rest, op.operands[1 - at])
            return scaled(builder, inner * number, whole)
    return None


def fresh(builder: Builder, value: Value, name: str) -> Op | None:
    """The operation behind the value, if it is ``name`` and of this derivative."""
    op = value.op
    if op is None or op.operation.name != name or not builder.made(value):
        return None
    return op


def moderate(number: float) -> bool:
    """Whether products with the number are in no danger of overflow or underflow."""
    return 1e-50 < abs(number) < 1e50


def plain(value: Value) -> float | None:
    """The number of a literal that has no name."""
    if value.number is None or value.op is not None or value.name is not None:
        return None
    return value.number


def split(builder: Builder, value: Value) -> tuple[float, Value]:
    """The value as a plain constant times the rest; the rest may be the literal 1."""
    op = value.op
    if op is None or value.generation < builder.first_made:
        return 1.0, value
    operation = op.operation
    if operation is _MUL:
        number = plain(op.operands[0])
        return (1.0, value) if number is None else (float(number), op.operands[1])
    if operation is _NEG:
        coefficient, core = split(builder, op.operands[0])
        return -coefficient, core
    if operation is _DIV:
        number = plain(op.operands[1])
        if number and math.frexp(number)[0] in (0.5, -0.5):  # a power of two
            return 1.0 / number, op.operands[0]
        number = plain(op.operands[0])
        if number is not None and number != 1:
            one = builder.constant(1.0)
            return float(number), builder.emit("div", one, op.operands[1])
    return 1.0, value


def scaled(builder: Builder, number: float, core: Value) -> Value:
    """``number * core``, without a factor 1 or -1, into a reciprocal."""
    if number == 1:
        return core
    if number == -1:
        return negative(builder, core)
    whole = _undone(builder, number, core)
    if whole is not None:
        return whole
    op = fresh(builder, core, "div")
    if op is not None and op.operands[0].number == 1:
        return builder.emit("div", builder.constant(number), op.operands[1])
    return builder.emit("mul", builder.constant(number), core)


def _undone(builder: Builder, number: float, core: Value) -> Value | None:
    """``2 * t`` where the function has ``t = 0.5 * x`` is x."""
    op = core.op
    if op is None or op.operation is not _MUL or not core.type.real:
        return None
    for at, factor in enumerate(op.operands):
        other, inner = op.operands[1 - at], plain(factor)
        if inner is not None and other.type == core.type and number * inner in (1, -1):
            return other if number * inner == 1 else negative(builder, other)
    return None
