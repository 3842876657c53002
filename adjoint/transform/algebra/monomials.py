"""Monomials: ``a*x*x`` has the derivative ``2*(a*x)`` by x, and not ``a*x + a*x``.

Where a user writes a power as a product, the adjoint of x is a sum of products that
are made of the same factors; such a sum is a multiple of one of them.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from adjoint.ir.builder import Builder
from adjoint.ir.program import Op, Value
from adjoint.rules.table import OPERATIONS
from adjoint.transform.algebra.coefficients import (
    divide,
    fresh,
    moderate,
    negative,
    plain,
    scaled,
)

_MUL: Final = OPERATIONS["mul"]
_DIV: Final = OPERATIONS["div"]
_NEG: Final = OPERATIONS["neg"]
_SQUARE: Final = OPERATIONS["square"]
_SQRT: Final = OPERATIONS["sqrt"]
_POWER: Final = OPERATIONS["power"]
_TAKEN_APART: Final = frozenset((_MUL, _DIV, _NEG, _SQUARE, _SQRT, _POWER))
#: Products of more factors are not taken apart.
_MOST: Final = 64
#: Powers of numbers beyond the fourth are not worked out: they may be too large.
_MOST_HALVES: Final = 8


class Monomial(NamedTuple):
    """A number times powers of values; of how many new operations, and of how many.

    The exponents are counted in ``halves``: a square root has one.
    """

    number: float
    halves: dict[Value, int]
    added: int
    size: int


def merged_monomials(
    builder: Builder, a: Value, first: float, b: Value, second: float
) -> Value | None:
    """``first*a + second*b`` where these are multiples of each other, else None.

    It is a multiple of that which costs less.
    """
    x, y = a.op, b.op
    if x is None or y is None or a.type != b.type or a.type.listed or not a.type.real:
        return None
    if not (x.operation in _TAKEN_APART and y.operation in _TAKEN_APART):
        return None
    if _has_another_factor(x, y) or _has_another_factor(y, x):
        return None
    one = monomial(builder, (a,), ())
    other = monomial(builder, (b,), ()) if one is not None else None
    if one is None or other is None or one.halves != other.halves:
        return None
    total = first * one.number + second * other.number
    if total == 0:
        return None if a.type.rank else builder.constant(0.0)
    by_one, by_other = total / one.number, total / other.number
    if not (moderate(by_one) and moderate(by_other)):
        return None
    if _cost(one, by_one) <= _cost(other, by_other):
        return _multiple(builder, by_one, a)
    return _multiple(builder, by_other, b)


def _cost(core: Monomial, by: float) -> tuple[int, bool, int]:
    """What a multiple of the monomial costs; what a sign does, sums may take."""
    return core.added + (abs(by) != 1), by < 0, core.size


def _multiple(builder: Builder, number: float, core: Value) -> Value:
    """``number * core``; in a quotient above, so that a sign may stand outside."""
    op = fresh(builder, core, "div")
    product = fresh(builder, op.operands[0], "mul") if op is not None else None
    if op is None or product is None or number in (1, -1):
        return scaled(builder, number, core)
    above, below = op.operands
    multiple = divide(builder, scaled(builder, abs(number), above), below)
    return multiple if number > 0 else negative(builder, multiple)


def _has_another_factor(x: Op, y: Op) -> bool:
    """Whether x has a factor that, seen at a glance, y has not."""
    for factor in x.operands:
        inner = factor.op
        whole = inner is None or inner.operation not in _TAKEN_APART
        if whole and factor.number is None and not _may_have(y, factor):
            return True
    return False


def _may_have(op: Op, factor: Value) -> bool:
    for operand in op.operands:
        if operand is factor:
            return True
        inner = operand.op
        if inner is None or inner.operation not in _TAKEN_APART:
            continue
        for value in inner.operands:
            deeper = value.op
            if value is factor or (deeper and deeper.operation in _TAKEN_APART):
                return True
    return False


def monomial(
    builder: Builder, above: tuple[Value, ...], below: tuple[Value, ...]
) -> Monomial | None:
    """What the quotient is the product of; None where it is made of too much."""
    number, halves = 1.0, dict[Value, int]()
    added = size = 0
    pending = [(one, 2) for one in above] + [(one, -2) for one in below]
    for _ in range(_MOST):
        if not pending:
            break
        one, count = pending.pop()
        op = one.op
        if op is None or op.operation not in _TAKEN_APART or not one.type.real:
            literal = plain(one)
            if literal and moderate(literal) and abs(count) <= _MOST_HALVES:
                number *= float(literal) ** (count // 2)
            else:
                halves[one] = halves.get(one, 0) + count
            continue
        size += 1
        added += builder.made(one) and one not in builder.settled
        operation, first = op.operation, op.operands[0]
        if operation is _SQRT:  # the root of a square is no factor of it
            halves[first] = halves.get(first, 0) + count // 2
            continue
        if operation is _POWER:
            exponent = plain(op.operands[1])
            if type(exponent) is not int:
                halves[one] = halves.get(one, 0) + count
                continue
            count *= exponent
        elif operation is _SQUARE:
            count *= 2
        elif operation is _NEG:
            number = -number if count % 4 else number
        else:
            pending.append((op.operands[1], -count if operation is _DIV else count))
        pending.append((first, count))
    if pending or not moderate(number):
        return None
    if not above[0].type.rank:  # a factor of an array may be a part of its shape
        halves = {one: count for one, count in halves.items() if count}
    return Monomial(number, halves, added, size)
