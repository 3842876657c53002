"""Sums and differences in derivative code: multiples of one value become one."""

from __future__ import annotations

from typing import Final

from adjoint.ir.builder import Builder
from adjoint.ir.program import Value
from adjoint.ir.types import FLOAT
from adjoint.rules.table import OPERATIONS, WRITTEN_OUT
from adjoint.transform.algebra.coefficients import (
    divide,
    fresh,
    multiply,
    negative,
    plain,
    scaled,
    split,
)
from adjoint.transform.algebra.complements import complement
from adjoint.transform.algebra.monomials import merged_monomials
from adjoint.transform.algebra.negation import negated

_MUL: Final = OPERATIONS["mul"]
_DIV: Final = OPERATIONS["div"]
_ADD: Final = OPERATIONS["add"]
_SUB: Final = OPERATIONS["sub"]
_UNDEFINED: Final = WRITTEN_OUT["undefined"]


def simpler_sum(builder: Builder, operands: tuple[Value, ...]) -> Value | None:
    """``a + b`` in a simpler way; None where there is none."""
    a, b = operands
    if a.number == 0:
        return b
    if b.number == 0:
        return a
    if a.type.rank:
        masked = _merged_masks(builder, a, b)
        if masked is not None:
            return masked
    simpler = (
        complement(builder, a, b, 1.0)
        or complement(builder, b, a, 1.0)
        or _merged_or_turned(builder, a, b, 1.0)
    )
    if simpler is not None:
        return simpler
    positive = negated(builder, a) if builder.signs else None
    if positive is not None:
        return builder.emit("sub", b, positive)
    if plain(a) is not None and b.op is not None and b.op.operation in (_ADD, _SUB):
        return builder.emit("add", b, a)  # b - c + 1 rather than 1 + (b - c)
    return None


def simpler_difference(builder: Builder, operands: tuple[Value, ...]) -> Value | None:
    """``a - b`` in a simpler way; None where there is none."""
    a, b = operands
    if b.number == 0:
        return a
    if a.number == 0:
        return negative(builder, b)
    simpler = complement(builder, a, b, -1.0) or _merged_or_turned(builder, a, b, -1.0)
    if simpler is not None:
        return simpler
    turned = complement(builder, b, a, -1.0)
    if turned is not None:
        return negative(builder, turned)
    op = fresh(builder, b, "sub") if plain(a) is not None else None
    if op is not None and b not in builder.settled:
        turned = builder.emit("sub", op.operands[1], op.operands[0])
        return builder.emit("add", turned, a)  # c - b + 1 rather than 1 - (b - c)
    if not builder.signs:
        return None
    positive = negated(builder, a)
    if positive is None:
        return None
    return negative(builder, builder.emit("add", positive, b))


def _merged_or_turned(
    builder: Builder, a: Value, b: Value, sign: float
) -> Value | None:
    """``a + sign*b``, merged, or with a sign taken off b."""
    merged = _merged(builder, a, b, sign)
    if merged is not None or not builder.signs:
        return merged
    positive = negated(builder, b)
    if positive is None:
        return None
    return builder.emit("sub" if sign > 0 else "add", a, positive)


def _merged(builder: Builder, a: Value, b: Value, sign: float) -> Value | None:
    """``a + sign*b`` where both are multiples of one value, or have one coefficient."""
    if a.number is not None or b.number is not None:
        return _numbers_together(builder, a, b, sign)
    for one in (a, b):
        if one.op is not None and one.op.operation is _UNDEFINED:
            return one
    first, a_core = split(builder, a)
    second, b_core = split(builder, b)
    second *= sign
    multiple = _multiple(builder, a_core, first, b_core, second)
    if multiple is not None:
        return multiple
    if a_core is b_core:
        return None
    total = _into_last_term(builder, a, b_core, second)
    if total is not None:
        return total
    if abs(first) == abs(second) != 1:
        name = "add" if first == second else "sub"
        return scaled(builder, first, builder.emit(name, a_core, b_core))
    factored = _factored(builder, a, b, "add" if sign > 0 else "sub")
    if factored is None and abs(first) == abs(second) == 1:
        return _over_one_divisor(builder, (a, first, a_core), (b, second, b_core))
    return factored


def _multiple(
    builder: Builder, a: Value, first: float, b: Value, second: float
) -> Value | None:
    """``first*a + second*b`` where one is a multiple of the other."""
    if a is not b:
        return merged_monomials(builder, a, first, b, second)
    total = first + second
    if total == 0 and not a.type.rank:
        return builder.constant(0.0)
    return None if total == 0 else scaled(builder, total, a)


def _into_last_term(
    builder: Builder, total: Value, b: Value, second: float
) -> Value | None:
    """``(a + 3*b) + 2*b`` as ``a + 5*b``, where an adjoint is summed up."""
    op = total.op
    if op is None or (op.operation is not _ADD and op.operation is not _SUB):
        return None
    if total.adjoint_of is None or total in builder.settled or not builder.made(total):
        return None
    rest, last = op.operands
    first, core = split(builder, last)
    sign = 1.0 if op.operation is _ADD else -1.0
    multiple = _multiple(builder, core, sign * first, b, second)
    return None if multiple is None else builder.emit("add", rest, multiple)


def _numbers_together(
    builder: Builder, a: Value, b: Value, sign: float
) -> Value | None:
    """``a + sign*b`` of which one is a number: ``(x + 1) - 1`` is x.

    ``(x - (y + 1)) + 3`` is ``(x - y) + 2``.
    """
    number, varying, outside = plain(b), a, 1.0
    if number is None:
        number, varying, outside, sign = plain(a), b, sign, 1.0
    if number is None or varying.type is not FLOAT:
        return None
    found = _with_number(builder, varying)
    if found is None or found[0].type is not FLOAT:
        return None
    rest, inner = found
    total = sign * number + outside * inner
    if outside < 0:
        return builder.emit("sub", builder.constant(total), rest)
    if total == 0:
        return rest
    name = "sub" if total < 0 else "add"
    return builder.emit(name, rest, builder.constant(abs(total)))


def _with_number(builder: Builder, value: Value) -> tuple[Value, float] | None:
    """A sum in derivative code as what varies in it, and the number beside that."""
    op = value.op
    if op is None or not builder.made(value) or op.operation not in (_ADD, _SUB):
        return None
    x, y = op.operands
    sign = 1.0 if op.operation is _ADD else -1.0
    if plain(y) is not None:
        return x, sign * float(plain(y) or 0)
    if plain(x) is not None:
        return (y, float(plain(x) or 0)) if sign > 0 else None
    part = _with_last_number(builder, y)
    if part is not None:
        return builder.apply(op.operation, (x, part[0])), sign * part[1]
    part = _with_last_number(builder, x)
    if part is not None:
        return builder.apply(op.operation, (part[0], y)), part[1]
    return None


def _with_last_number(builder: Builder, value: Value) -> tuple[Value, float] | None:
    """``x + 1`` as x and 1, ``x - 1`` as x and -1."""
    op = value.op
    if op is None or not builder.made(value) or op.operation not in (_ADD, _SUB):
        return None
    number = plain(op.operands[1])
    if number is None:
        return None
    return op.operands[0], float(number if op.operation is _ADD else -number)


def _over_one_divisor(
    builder: Builder, a: tuple[Value, float, Value], b: tuple[Value, float, Value]
) -> Value | None:
    """``x/d - y/d`` as ``(x - y)/d``, each given with its sign and without it.

    So one of the two, which is an adjoint and used as it is elsewhere, is not needed.
    """
    (first, sign, x), (second, other, y) = a, b
    over_x, over_y = fresh(builder, x, "div"), fresh(builder, y, "div")
    if over_x is None or over_y is None or over_x.operands[1] is not over_y.operands[1]:
        return None
    settled = builder.settled
    used = [first in settled or x in settled, second in settled or y in settled]
    if sum(used) != 1 or (first if used[0] else second).tangent_of is not None:
        return None
    above = scaled(builder, sign, over_x.operands[0])
    name = "add" if other > 0 else "sub"
    return divide(
        builder, builder.emit(name, above, over_y.operands[0]), over_x.operands[1]
    )


def _factored(builder: Builder, a: Value, b: Value, sign: str) -> Value | None:
    """``a*c + b*c`` as ``(a + b)*c``, and the same with quotients."""
    x, y = a.op, b.op
    if x is None or y is None or not builder.made(a) or not builder.made(b):
        return None
    if x.operation is not y.operation:
        return _over(builder, a, b, sign)
    if x.operation is _DIV and x.operands[1] is y.operands[1]:
        total = builder.emit(sign, x.operands[0], y.operands[0])
        return divide(builder, total, x.operands[1])
    if x.operation is not _MUL:
        return None
    for at, common in enumerate(x.operands):
        if common in y.operands and common.number is None:
            rest = y.operands[1 - y.operands.index(common)]
            total = builder.emit(sign, x.operands[1 - at], rest)
            return multiply(builder, total, common)
    return None


def _over(builder: Builder, a: Value, b: Value, sign: str) -> Value | None:
    """``c*(a/d) + b/d`` as ``(c*a + b)/d``, and the other way round."""
    for product, quotient in ((a.op, b.op), (b.op, a.op)):
        if product is None or quotient is None:
            continue
        if product.operation is not _MUL or quotient.operation is not _DIV:
            continue
        places = (0, 1)
        if product.operands[0] in builder.settled:  # it is used as it is elsewhere
            places = (1, 0)
        for at in places:
            inner = fresh(builder, product.operands[at], "div")
            if inner is not None and inner.operands[1] is quotient.operands[1]:
                above = multiply(builder, product.operands[1 - at], inner.operands[0])
                pair = above, quotient.operands[0]
                pair = pair if product is a.op else pair[::-1]
                return divide(builder, builder.emit(sign, *pair), inner.operands[1])
    return None


def masked_by(factor: Value) -> tuple[Value, Value, bool] | None:
    """Of ``where(c, g, 0)`` the condition, g, and whether g is where it holds."""
    op = factor.op
    if op is None or op.operation.name != "where":
        return None
    condition, then, orelse = op.operands
    if orelse.literal and orelse.number == 0:
        return condition, then, True
    if then.literal and then.number == 0:
        return condition, orelse, False
    return None


def _merged_masks(builder: Builder, a: Value, b: Value) -> Value | None:
    """The sum of two that are masked alike, masked; so it stays away from infinity."""
    one, other = masked_by(a), masked_by(b)
    if one is None or other is None or one[0] is not other[0] or one[2] != other[2]:
        return None
    zero, total = builder.constant(0.0), builder.emit("add", one[1], other[1])
    sides = (total, zero) if one[2] else (zero, total)
    return builder.emit("where", one[0], *sides)
