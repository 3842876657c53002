"""Products and quotients in derivative code: ``x * (1/y)`` becomes ``x / y``."""

from __future__ import annotations

import math
from typing import Final

from adjoint.ir.builder import Builder
from adjoint.ir.identities import EXACT_IDENTITIES
from adjoint.ir.program import Value
from adjoint.ir.types import FLOAT, INT
from adjoint.rules.table import OPERATIONS
from adjoint.transform.algebra.coefficients import (
    cancelled,
    divide,
    fresh,
    moderate,
    multiply,
    negative,
    plain,
    scaled,
    split,
)

_MUL: Final = OPERATIONS["mul"]
_DIV: Final = OPERATIONS["div"]
_NEG: Final = OPERATIONS["neg"]
_SQUARE: Final = OPERATIONS["square"]
_POWER: Final = OPERATIONS["power"]
#: Whole exponents below it are written without a point.
_LARGE_EXPONENT: Final = 1000
#: What is taken apart where it is a factor.
_TAKEN_APART: Final = frozenset((_DIV, _NEG))


def simpler_product(builder: Builder, operands: tuple[Value, ...]) -> Value | None:
    """``a * b`` in a simpler way; None where there is none."""
    a, b = operands
    if a.number is None and b.number is None:
        x, y = a.op, b.op
        if x is not None and y is not None and x.operation is y.operation is _MUL:
            simpler = _of_constants(builder, a, b)
            if simpler is not None:
                return simpler
        if (x is not None and x.operation in _TAKEN_APART) or (
            y is not None and y.operation in _TAKEN_APART
        ):
            simpler = (
                _reciprocals(builder, a, b)
                or _outside(builder, a, b)
                or _by_known_quotient(builder, a, b)
                or _in_divisor(builder, a, b)
                or _of_constants(builder, a, b)
            )
            if simpler is not None:
                return simpler
        return builder.emit("square", a) if a is b else None
    if a.number == 0 or b.number == 0:
        if a.type.rank or b.type.rank:  # what is 0 here has a shape all the same
            return None
        return builder.constant(0.0)
    if b.number is not None and b.op is None and (a.number is None or a.op is not None):
        a, b = b, a
    if a.number is not None and a.op is None:
        # 1.0 makes a float of a truth value and of a whole constant
        if a.number == 1 and (b.type.real or (b.type == INT and not b.literal)):
            return b
        if a.number == -1:
            return negative(builder, b)
    quotient = _reciprocals(builder, a, b)
    if quotient is not None:
        return quotient
    if plain(a) is not None and b.number is None:
        coefficient, core = split(builder, b)
        number = coefficient * float(a.number)  # type: ignore[arg-type]
        if moderate(number):
            whole = cancelled(builder, number, core)
            if whole is not None or coefficient != 1:
                return whole or scaled(builder, number, core)
    if a.number is None or b.number is None:
        constant, other = (a, b) if b.number is None else (b, a)
        simpler = _constants_together(builder, constant, other)
        if simpler is not None:
            return simpler
    if (a, b) != operands:
        return multiply(builder, a, b)
    return EXACT_IDENTITIES["mul"](builder, operands)


def _constants_together(builder: Builder, a: Value, b: Value) -> Value | None:
    """``2 * (b*pi)`` as ``TWO_PI * b``: what is constant is computed once for all."""
    op = b.op
    if op is None or not builder.made(b):
        return None
    if op.operation is _NEG:
        return negative(builder, multiply(builder, a, op.operands[0]))
    if op.operation is not _MUL and op.operation is not _DIV:
        return None
    if op.operation is _DIV and plain(a) is None:
        return None
    for at, factor in enumerate(op.operands[: 2 if op.operation is _MUL else 1]):
        if factor.number is not None:
            constant = _constant_product(builder, a, factor)
            if constant.number is not None and moderate(constant.number):
                return builder.apply(op.operation, (constant, op.operands[1 - at]))
    return None


def _constant_product(builder: Builder, a: Value, b: Value) -> Value:
    """The product of two constants: ``3 * (2*pi)`` is ``6*pi``, ``2 * (3/pi)`` 6/pi."""
    for number, constant in ((plain(a), b), (plain(b), a)):
        op = constant.op
        if number is not None and op is not None and op.operation in (_MUL, _DIV):
            inner = plain(op.operands[0])
            if inner is not None:
                whole = builder.constant(float(number) * inner)
                return builder.apply(op.operation, (whole, op.operands[1]))
    (first, x), (second, y) = _plain_factor(a), _plain_factor(b)
    if first == second == 1:
        return multiply(builder, a, b)
    rest = multiply(builder, x, y)
    return multiply(builder, builder.constant(first * second), rest)


def _plain_factor(constant: Value) -> tuple[float, Value]:
    """A constant as a plain number times the rest."""
    op = constant.op
    number = plain(op.operands[0]) if op is not None and op.operation is _MUL else None
    if op is None or number is None:
        return 1.0, constant
    return float(number), op.operands[1]


def _reciprocals(builder: Builder, a: Value, b: Value) -> Value | None:
    """``a * b`` where one is a reciprocal: ``b * (1/c)`` is ``b/c``."""
    whose = _reciprocal_of(builder, a)
    if whose is not None:
        return divide(builder, b, whose)
    whose = _reciprocal_of(builder, b)
    if whose is not None:
        return divide(builder, a, whose)
    for factor, other in ((a, b), (b, a)):
        whose = _reciprocal_of(builder, factor, -1)
        if whose is not None and whose.number is None:
            return negative(builder, divide(builder, other, whose))
    return None


def _of_constants(builder: Builder, a: Value, b: Value) -> Value | None:
    """``(2*a) * (3*b)`` is ``6*(a*b)``, and ``(0.5/c) * (-2*b)`` is ``-b/c``."""
    first, a_core = split(builder, a)
    if first in (1, -1):
        return None
    second, b_core = split(builder, b)
    if second in (1, -1) or not moderate(first * second):
        return None
    products = fresh(builder, a, "mul") is not None and fresh(builder, b, "mul")
    shared = a in builder.settled and b in builder.settled
    if first * second not in (1, -1) and (shared or not products):
        return None
    return scaled(builder, first * second, multiply(builder, a_core, b_core))


def _outside(builder: Builder, a: Value, b: Value) -> Value | None:
    """``-a * b`` as ``-(a * b)``: a sign outside is taken into sums."""
    for factor in (a, b):
        op = factor.op
        if op is not None and op.operation is _NEG and builder.made(factor):
            inner = op.operands[0]
            pair = (inner, b) if factor is a else (a, inner)
            return negative(builder, multiply(builder, *pair))
    return None


def outward_product(builder: Builder, operands: tuple[Value, ...]) -> Value | None:
    """As `simpler_product`; ``(2*a) * b`` is ``2*(a*b)`` where it is used once.

    So numbers meet, and sums have them outside: ``2*(a*b) + 2*(c*d)``.
    """
    a, b = operands
    if a.number is None and b.number is None:
        for factor, other in ((a, b), (b, a)):
            number, core = _own_coefficient(builder, factor)
            if number != 1 and factor.type.rank >= other.type.rank:
                product = multiply(builder, *((core, b) if factor is a else (a, core)))
                return multiply(builder, builder.constant(number), product)
    return simpler_product(builder, operands)


def outward_quotient(builder: Builder, operands: tuple[Value, ...]) -> Value | None:
    """As `simpler_quotient`; ``(2*a) / b`` is ``2*(a/b)`` where it is used once."""
    a, b = operands
    if a.number is None and b.number is None and a.type.rank >= b.type.rank:
        number, core = _own_coefficient(builder, a)
        if number != 1:
            quotient = divide(builder, core, b)
            return multiply(builder, builder.constant(number), quotient)
    return simpler_quotient(builder, operands)


def _own_coefficient(builder: Builder, value: Value) -> tuple[float, Value]:
    """As `split` of what is used in one place alone, and is no reciprocal."""
    op = value.op
    if op is None or (op.operation is not _MUL and op.operation is not _DIV):
        return 1.0, value
    if value in builder.settled or op.operands[0].number == 1 or not value.type.real:
        return 1.0, value
    number, core = split(builder, value)
    return (number, core) if core.type.rank == value.type.rank else (1.0, value)


def _by_known_quotient(builder: Builder, a: Value, b: Value) -> Value | None:
    """``(p/q) * b`` as ``p * (b/q)`` where the function has that; q times it is p."""
    for quotient, factor in ((a, b), (b, a)):
        op = fresh(builder, quotient, "div")
        if op is not None:
            if op.operands[1] is factor and not quotient.type.rank:
                return op.operands[0]
            known = builder.known(_DIV, factor, op.operands[1])
            if known is not None and not builder.made(known):
                return multiply(builder, op.operands[0], known)
    return None


def _in_divisor(builder: Builder, a: Value, b: Value) -> Value | None:
    """``(p/s) * c`` as ``p/c`` where the function has ``s = c*c``, or as p/d of c*d."""
    if a.type.rank or b.type.rank:
        return None
    for quotient, factor in ((a, b), (b, a)):
        op = fresh(builder, quotient, "div")
        divisor = op.operands[1].op if op is not None else None
        if op is None or divisor is None or quotient in builder.settled:
            continue
        if divisor.operation is _SQUARE and divisor.operands[0] is factor:
            return divide(builder, op.operands[0], factor)
        if divisor.operation is _MUL and factor in divisor.operands:
            rest = divisor.operands[1 - divisor.operands.index(factor)]
            if rest.number is None:
                return divide(builder, op.operands[0], rest)
    return None


def _reciprocal_of(builder: Builder, value: Value, number: int = 1) -> Value | None:
    """``c`` of ``number/c``."""
    op = value.op
    if op is None or op.operation is not _DIV or op.operands[0].number != number:
        return None
    return op.operands[1] if builder.made(value) else None


def simpler_quotient(builder: Builder, operands: tuple[Value, ...]) -> Value | None:
    """``a / b`` in a simpler way; None where there is none."""
    a, b = operands
    if a.number == 0 and not b.type.rank:
        return builder.constant(0.0)
    if a is b and not a.type.rank:
        return builder.constant(1.0)
    op = fresh(builder, a, "neg")
    if op is not None:
        return negative(builder, divide(builder, op.operands[0], b))
    if not a.type.rank and not b.type.rank:
        simpler = _common_factor(builder, a, b)
        if simpler is not None:
            return simpler
    if b.op is not None and b.op.operation.name == "sqrt":
        simpler = _over_root(builder, a, b, b.op.operands[0])
        if simpler is not None:
            return simpler
    number = plain(b)
    if number and a.number is None:
        coefficient, core = split(builder, a)  # 2*x/4 is 0.5*x, 6*x/3 is 2*x
        exact = math.frexp(number)[0] in (0.5, -0.5) or coefficient % number == 0
        if exact and coefficient != 1 and moderate(coefficient / number):
            return scaled(builder, coefficient / number, core)
    simpler = _logarithmic(builder, a, b)
    if simpler is None and a.number is None and b.number is not None:
        simpler = _over_constant(builder, a, b)
    if simpler is not None:
        return simpler
    return EXACT_IDENTITIES["div"](builder, operands)


def _common_factor(builder: Builder, a: Value, b: Value) -> Value | None:
    """``(b*c)/b`` is c, ``a/(a*c)`` and ``(b/c)/b`` are 1/c, ``a/(a/c)`` is c.

    ``(x/c)/(y/c)`` is x/y, and ``(x*(b*b))/b`` is x*b.
    """
    above, below = a.op, b.op
    over = fresh(builder, a, "div")
    if over is not None and below is not None and below.operation is _DIV:
        (x, c), (y, also) = over.operands, below.operands
        if c is also:
            return divide(builder, x, y)
    if above is not None and b in above.operands:
        first, last = above.operands[0], above.operands[-1]
        if above.operation is _NEG:
            return builder.constant(-1.0)
        if above.operation is _MUL or above.operation is _SQUARE:
            return last if first is b else first
        if above.operation is _DIV and first is b:
            return divide(builder, builder.constant(1.0), last)
    coefficient, core = split(builder, a)
    product = fresh(builder, core, "mul")
    for at, factor in enumerate(product.operands if product is not None else ()):
        square = fresh(builder, factor, "square")
        if product is not None and square is not None and square.operands[0] is b:
            simpler = multiply(builder, product.operands[1 - at], b)
            return multiply(builder, builder.constant(coefficient), simpler)
    if below is not None and a in below.operands:
        first, last = below.operands[0], below.operands[-1]
        if below.operation is _DIV and first is a:
            return last
        if below.operation is _MUL or below.operation is _SQUARE:
            rest = last if first is a else first
            return divide(builder, builder.constant(1.0), rest)
    return None


def _over_constant(builder: Builder, a: Value, b: Value) -> Value | None:
    """``2*x/TWO_PI`` as ``x/pi``: a factor goes into the constant."""
    if plain(b) is not None or not b.number or fresh(builder, a, "div") is not None:
        return None
    coefficient, core = split(builder, a)
    number, rest = _plain_factor(b)
    if coefficient in (1, -1) or not moderate(coefficient / number):
        return None
    if coefficient / number in (1, -1):
        return scaled(builder, coefficient / number, divide(builder, core, rest))
    constant = divide(builder, builder.constant(coefficient / number), rest)
    return multiply(builder, constant, core)


def _over_root(
    builder: Builder, above: Value, root: Value, square: Value
) -> Value | None:
    """``x/r/r`` as ``x/s``, and ``x*(y/r)/r`` as ``x*y/s``, where r is sqrt(s)."""
    op = above.op
    if op is None or not builder.made(above):
        return None
    if op.operation is _DIV and op.operands[1] is root:
        return divide(builder, op.operands[0], square)
    for at, factor in enumerate(op.operands if op.operation is _MUL else ()):
        inner = fresh(builder, factor, "div")
        if factor in builder.settled and builder.identities["mul"] is outward_product:
            continue
        if inner is not None and inner.operands[1] is root:
            product = multiply(builder, op.operands[1 - at], inner.operands[0])
            return divide(builder, product, square)
    return None


def _logarithmic(builder: Builder, above: Value, below: Value) -> Value | None:
    """``(x*w - q*v)/s`` with v = w/s as ``(x - q/s)*v``: so a quotient w/s changes."""
    op = fresh(builder, above, "sub")
    product = fresh(builder, op.operands[1], "mul") if op is not None else None
    if op is None or product is None:
        return None
    for at, quotient in enumerate(product.operands):
        v = quotient.op
        if v is not None and v.operation is _DIV and v.operands[1] is below:
            rest = _without_factor(builder, op.operands[0], v.operands[0])
            if rest is not None:
                change = divide(builder, product.operands[1 - at], below)
                return multiply(builder, builder.emit("sub", rest, change), quotient)
    return None


def _without_factor(builder: Builder, product: Value, factor: Value) -> Value | None:
    """``x`` of ``x*factor``; of ``x/r`` where the factor is 1/r."""
    op = product.op
    if op is None or not builder.made(product):
        return None
    if op.operation is _MUL and factor in op.operands:
        return op.operands[1 - op.operands.index(factor)]
    if op.operation is _DIV and factor.op is not None:
        inverse = factor.op.operation is _DIV and factor.op.operands[0].number == 1
        if inverse and factor.op.operands[1] is op.operands[1]:
            return op.operands[0]
    return None


def simpler_power(builder: Builder, operands: tuple[Value, ...]) -> Value | None:
    """``a**3.0`` as ``a**3``, which is the same number, where it is not there yet."""
    base, exponent = operands
    number = plain(exponent)
    if type(number) is float and base.type is FLOAT and number.is_integer():
        known = builder.known(_POWER, base, exponent)
        if known is not None:
            return known
        if abs(number) < _LARGE_EXPONENT:
            exponent = builder.constant(int(number))
    return EXACT_IDENTITIES["pow"](builder, (base, exponent))
