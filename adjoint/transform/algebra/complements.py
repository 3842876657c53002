"""Complements: ``a - a*w/(w + c)`` is ``a*c/(w + c)``, in which no digits are lost.

So the derivative of ``x/sqrt(x*x + y*y)`` by x is ``y*y`` over the root and the sum, as
right as the function where x is far larger than y; so is that of ``x/hypot(x, y)``.
``a + a*w/(c - w)`` is ``a*c/(c - w)``.
"""

from __future__ import annotations

from typing import Final

from adjoint.ir.builder import Builder
from adjoint.ir.program import Op, Value
from adjoint.rules.table import OPERATIONS, WRITTEN_OUT
from adjoint.transform.algebra.coefficients import divide, multiply, negative
from adjoint.transform.algebra.monomials import Monomial, monomial

_MUL: Final = OPERATIONS["mul"]
_DIV: Final = OPERATIONS["div"]
_ADD: Final = OPERATIONS["add"]
_SUB: Final = OPERATIONS["sub"]
_SUMS: Final = frozenset((_ADD, _SUB))
_SQUARE: Final = OPERATIONS["square"]
_RADII: Final = frozenset((OPERATIONS["hypot"], WRITTEN_OUT["radius"]))
#: A sum that is divided by counts so many halves of powers.
_ONCE: Final = -2
#: Sums of more terms are not taken apart: what is left of them is computed anew.
_MOST_TERMS: Final = 4

_Term = tuple[Value, float]


def complement(builder: Builder, a: Value, b: Value, sign: float) -> Value | None:
    """``a + sign*b`` where b, or a part of it, is a share of a; else None."""
    share = b.op
    if share is None or a.type.listed or not _divides(share):
        return None
    found = _other_share(builder, a, (b,), (), sign)
    return found if found is not None else _of_a_term(builder, a, b, sign)


def _of_a_term(builder: Builder, a: Value, b: Value, sign: float) -> Value | None:
    """``a - (x + z)*q`` as ``(a - x*q) - z*q`` where x*q is a share of a, or of a term.

    So is the tangent of ``y = w/(w + c)``: ``(w_dot - (w_dot + c_dot)*y)/(w + c)``.
    """
    op = b.op
    below: tuple[Value, ...] = ()
    if op is not None and op.operation is _DIV and builder.made(b):
        below, op = op.operands[1:], op.operands[0].op
    if op is None or op.operation is not _MUL or a.type.rank or b.type.rank:
        return None
    for total, factor in (op.operands, op.operands[::-1]):
        inner = total.op
        if inner is None or not builder.made(total) or inner.operation not in _SUMS:
            continue
        if not _over_a_sum(factor, below):
            continue
        moved = _without_a_share(
            builder, _terms(a), _terms(total), (factor, below), sign
        )
        if moved is not None:
            left, first = _total(builder, moved[0])
            rest, last = _total(builder, moved[1])
            product = multiply(builder, rest, factor)
            if below:
                product = divide(builder, product, below[0])
            if first < 0:
                left = negative(builder, left)
            return builder.emit("add" if sign * last > 0 else "sub", left, product)
    return None


def _over_a_sum(factor: Value, below: tuple[Value, ...]) -> bool:
    """Whether a sum is divided by, at a glance."""
    op = factor.op
    divisors = below + (
        op.operands[1:] if op is not None and op.operation is _DIV else ()
    )
    return any(one.op is not None and one.op.operation in _SUMS for one in divisors)


def _without_a_share(
    builder: Builder,
    terms: list[_Term],
    moved: list[_Term],
    factor: tuple[Value, tuple[Value, ...]],
    sign: float,
) -> tuple[list[_Term], list[_Term]] | None:
    """The terms, less the first times a factor that is a share of one; the others."""
    above, below = factor
    for at, (term, first) in enumerate(terms):
        for place, (one, second) in enumerate(moved):
            both = sign * first * second
            share = _other_share(builder, term, (one, above), below, both)
            if share is not None:
                left = [*terms[:at], (share, first), *terms[at + 1 :]]
                return left, moved[:place] + moved[place + 1 :]
    return None


def _other_share(
    builder: Builder,
    a: Value,
    above: tuple[Value, ...],
    below: tuple[Value, ...],
    sign: float,
) -> Value | None:
    """``a + sign*b`` of a product b, if it is a share of a."""
    ratio = monomial(builder, above, (a, *below))
    if ratio is None or (above[0].type.rank and _loses_a_shape(builder, ratio, a)):
        return None
    for whole, count in ratio.halves.items():
        op = whole.op
        if op is not None and op.operation in _RADII and count == 2 * _ONCE:
            other = _other_leg(op, whole, ratio, -sign)
            if other is not None:
                cosine = divide(builder, other, whole)
                return multiply(builder, multiply(builder, cosine, cosine), a)
        if count != _ONCE or op is None or op.operation not in _SUMS:
            continue
        others = _other_terms(builder, whole, ratio, -sign)
        if others is not None:
            rest, its_sign = _total(builder, others)
            # not large as a*c may be
            found = multiply(builder, divide(builder, rest, whole), a)
            return found if its_sign > 0 else negative(builder, found)
    return None


def _divides(op: Op) -> bool:
    """Whether it is a quotient, or a product with one, at a glance."""
    if op.operation is _DIV:
        return True
    if op.operation is not _MUL and op.operation is not _SQUARE:
        return False
    for factor in op.operands:
        inner = factor.op
        if inner is None:
            continue
        if inner.operation is _DIV:
            return True
        if inner.operation is _MUL:
            for one in inner.operands:
                if one.op is not None and one.op.operation is _DIV:
                    return True
    return False


def _loses_a_shape(builder: Builder, ratio: Monomial, a: Value) -> bool:
    """Whether an array that gives b its shape is in neither the ratio nor a."""
    own = monomial(builder, (a,), ())
    return own is None or any(
        not count and one not in own.halves for one, count in ratio.halves.items()
    )


def _other_terms(
    builder: Builder, whole: Value, ratio: Monomial, sign: float
) -> list[_Term] | None:
    """The terms of a sum but for that which is ``sign*ratio`` times it, if one is."""
    above = {one: count for one, count in ratio.halves.items() if one is not whole}
    terms = _terms(whole)
    for at, (part, its_sign) in enumerate(terms):
        own = monomial(builder, (part,), ())
        if own is None or own.halves != above:
            continue
        if its_sign * own.number == sign * ratio.number:
            return terms[:at] + terms[at + 1 :]
    return None


def _other_leg(op: Op, radius: Value, ratio: Monomial, sign: float) -> Value | None:
    """``y`` of ``hypot(x, y)``, if ``sign*ratio`` is ``(x/hypot(x, y))**2``."""
    above = {one: count for one, count in ratio.halves.items() if one is not radius}
    if len(op.operands) != 2 or sign * ratio.number != 1:
        return None
    for leg, other in (op.operands, op.operands[::-1]):
        if above == {leg: -2 * _ONCE}:
            return other
    return None


def _terms(total: Value) -> list[_Term]:
    """The terms of a sum with their signs; a few, of which the first may be a sum."""
    terms: list[_Term] = []
    for _ in range(_MOST_TERMS - 1):
        op = total.op
        if op is None or op.operation not in _SUMS:
            break
        total, last = op.operands
        terms.append((last, 1.0 if op.operation is _ADD else -1.0))
    terms.append((total, 1.0))
    return terms[::-1]


def _total(builder: Builder, terms: list[_Term]) -> _Term:
    """The sum of the terms, and the sign in front of it."""
    total, first = terms[0]
    for term, sign in terms[1:]:
        total = builder.emit("add" if sign == first else "sub", total, term)
    return total, first
