"""Identities that hold exactly in floating point: the builder applies them everywhere.

Each takes the builder and the operands and gives the simpler value, or None. Nothing
here may change a bit of the result, hide an exception that Python would raise, or
recurse on the depth of the expression.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from adjoint.ir.types import BOOL, FLOAT, INT

if TYPE_CHECKING:
    from adjoint.ir.builder import Builder, Identity
    from adjoint.ir.program import Value

#: Whole numbers of more bits than this are refused while constants are folded.
MAX_BITS = 20_000


def _negated(value: Value) -> Value | None:
    """What the value is the negative of; not for an int, whose zero has no sign."""
    op = value.op
    if op is None or op.operation.name != "neg" or not value.type.real:
        return None
    return op.operands[0]


def _whole(*values: Value) -> bool:
    """Whether all are whole numbers, with which nothing is rounded."""
    return all(value.type == INT for value in values)


def _add(builder: Builder, operands: tuple[Value, ...]) -> Value | None:
    a, b = operands
    if (a.number == 0 or b.number == 0) and _whole(a, b):
        return b if a.number == 0 else a
    negated = _negated(b)  # a + -b is a - b
    return None if negated is None else builder.emit("sub", a, negated)


def _sub(builder: Builder, operands: tuple[Value, ...]) -> Value | None:
    a, b = operands
    if a.number == 0 and _whole(a, b):
        return builder.emit("neg", b)
    negated = _negated(b)
    if negated is not None:  # a - -b is a + b
        return builder.emit("add", a, negated)
    if b.number == 0 and a.type.real and math.copysign(1, b.number) > 0:
        return a  # (-0.0 - -0.0 is not -0.0)
    return None


def _mul(builder: Builder, operands: tuple[Value, ...]) -> Value | None:
    a, b = operands
    if a is b:
        return builder.emit("square", a)
    if a.number is None and b.number is None:
        return None
    if b.number == 1 and (a.type.real or _whole(a, b)):
        return a
    if a.number == 1 and (b.type.real or _whole(a, b)):
        return b
    if b.number == -1 and a.type.real:
        return builder.emit("neg", a)
    if a.number == -1 and b.type.real:
        return builder.emit("neg", b)
    return None


def _div(builder: Builder, operands: tuple[Value, ...]) -> Value | None:
    a, b = operands
    if b.number == 1 and a.type.real:
        return a
    if b.number == -1 and a.type.real:
        return builder.emit("neg", a)
    return None


def _floordiv(builder: Builder, operands: tuple[Value, ...]) -> Value | None:
    a, b = operands
    return a if b.number == 1 and _whole(a, b) else None


def _neg(builder: Builder, operands: tuple[Value, ...]) -> Value | None:
    op = operands[0].op
    if (
        op is not None
        and op.operation.name == "neg"
        and operands[0].type.element != "bool"
    ):
        return op.operands[0]
    return None


def _pow(builder: Builder, operands: tuple[Value, ...]) -> Value | None:
    base, exponent = operands
    power = exponent.number
    if power is None:
        return None
    if power == 2 and base.type.real:
        return builder.emit("square", base)
    if power == 1 and base.type.real:
        return base
    if power == 0 and base.type == FLOAT:  # Python: 1 even for nan
        return builder.constant(1.0)
    if builder.fold and type(power) is int and type(base.number) is int:
        return _whole_power(builder, base.number, power)
    return builder.emit("power", base, exponent)


def _whole_power(builder: Builder, base: int, exponent: int) -> Value | None:
    if exponent < 0:
        return None
    if abs(base) > 1 and base.bit_length() * exponent > MAX_BITS:
        raise OverflowError("this constant is too large to compute")
    return builder.constant(base**exponent)


def _logic(operands: tuple[Value, ...], neutral: bool) -> Value | None:
    """``c and True`` and ``c or False`` are ``c``; the other two are the constant."""
    a, b = operands
    if a is b:
        return a
    if a.type == b.type == BOOL:
        for one, other in ((a, b), (b, a)):
            if one.literal:
                return other if bool(one.number) == neutral else one
    return None


def _and(builder: Builder, operands: tuple[Value, ...]) -> Value | None:
    return _logic(operands, neutral=True)


def _or(builder: Builder, operands: tuple[Value, ...]) -> Value | None:
    return _logic(operands, neutral=False)


_OPPOSITE = {"eq": "ne", "ne": "eq"}  # the others do not hold for nan both ways


def _not(builder: Builder, operands: tuple[Value, ...]) -> Value | None:
    op = operands[0].op
    if op is None:
        return None
    if op.operation.name == "not":
        return op.operands[0]
    opposite = _OPPOSITE.get(op.operation.name)
    return builder.emit(opposite, *op.operands, where=op.where) if opposite else None


EXACT_IDENTITIES: dict[str, Identity] = {
    "add": _add,
    "sub": _sub,
    "mul": _mul,
    "div": _div,
    "floordiv": _floordiv,
    "neg": _neg,
    "pow": _pow,
    "and": _and,
    "or": _or,
    "not": _not,
}
