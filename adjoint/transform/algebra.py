"""The algebra of derivative code, where real-number identities may be used.

The primal keeps every bit; a derivative only has to be accurate, so here constants are
gathered, signs are taken into sums, and ``x * (1/y)`` becomes ``x / y``. Each function
takes a builder and gives a value; `IDENTITIES` puts them to work in the builder itself.

Only values that the derivative itself has made (`_fresh`) are taken apart: those of the
primal are there already and cost nothing.
"""

from __future__ import annotations

import math

from adjoint.ir.builder import Builder, Identity
from adjoint.ir.identities import EXACT_IDENTITIES
from adjoint.ir.program import Op, Value
from adjoint.ir.types import INT
from adjoint.rules.table import OPERATIONS

_MUL, _DIV, _NEG = OPERATIONS["mul"], OPERATIONS["div"], OPERATIONS["neg"]
#: What is taken apart where it is a factor.
_TAKEN_APART = frozenset((_DIV, _NEG))


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
    coefficient, core = _split(builder, value)
    number = coefficient * float(factor.number)  # type: ignore[arg-type]
    if not _moderate(number):
        return builder.emit("mul", factor, value)
    return _cancelled(builder, number, core) or _scaled(builder, number, core)


def _cancelled(builder: Builder, number: float, product: Value) -> Value | None:
    """``0.5*((2*x)*y)`` is ``x*y``; None for all that does not come out so well."""
    op = _fresh(builder, product, "mul")
    if op is None or number in (1, -1):
        return None
    for at, operand in enumerate(op.operands):
        inner, rest = _split(builder, operand)
        if inner * number in (1, -1):
            whole = multiply(builder, rest, op.operands[1 - at])
            return _scaled(builder, inner * number, whole)
    return None


def _fresh(builder: Builder, value: Value, name: str) -> Op | None:
    """The operation behind the value, if it is ``name`` and of this derivative."""
    op = value.op
    if op is None or op.operation.name != name or not builder.made(value):
        return None
    return op


def _moderate(number: float) -> bool:
    """Whether products with the number are in no danger of overflow or underflow."""
    return 1e-50 < abs(number) < 1e50


def _plain(value: Value) -> float | None:
    """The number of a literal that has no name."""
    if value.number is None or value.op is not None or value.name is not None:
        return None
    return value.number


def _split(builder: Builder, value: Value) -> tuple[float, Value]:
    """The value as a plain constant times the rest; the rest may be the literal 1."""
    op = value.op
    if op is None or value.generation < builder.first_made:
        return 1.0, value
    operation = op.operation
    if operation is _MUL:
        number = _plain(op.operands[0])
        return (1.0, value) if number is None else (float(number), op.operands[1])
    if operation is _NEG:
        coefficient, core = _split(builder, op.operands[0])
        return -coefficient, core
    if operation is _DIV:
        number = _plain(op.operands[1])
        if number and math.frexp(number)[0] in (0.5, -0.5):  # a power of two
            return 1.0 / number, op.operands[0]
        number = _plain(op.operands[0])
        if number is not None and number != 1:
            one = builder.constant(1.0)
            return float(number), builder.emit("div", one, op.operands[1])
    return 1.0, value


def _scaled(builder: Builder, number: float, core: Value) -> Value:
    if number == 1:
        return core
    if number == -1:
        return negative(builder, core)
    op = _fresh(builder, core, "div")
    if op is not None and op.operands[0].number == 1:
        return builder.emit("div", builder.constant(number), op.operands[1])
    return builder.emit("mul", builder.constant(number), core)


def _negated(builder: Builder, value: Value, depth: int = 2) -> Value | None:
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
            positive = _negated(builder, a, depth - 1)
            if positive is not None:
                return builder.apply(operation, (positive, b))
        if b.op is not None or b.number is not None:
            positive = _negated(builder, b, depth - 1)
            if positive is not None:
                return builder.apply(operation, (a, positive))
    return None


def _turned(builder: Builder, value: Value, depth: int = 2) -> Value | None:
    """``-value`` by turning a difference in it round, where there is one."""
    op = _fresh(builder, value, "sub")
    if op is not None:
        return builder.emit("sub", op.operands[1], op.operands[0])
    for name in ("mul", "div") if depth and value not in builder.settled else ():
        op = _fresh(builder, value, name)
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


# -- the identities: (builder, operands) -> the simpler value, or None


def _mul(builder: Builder, operands: tuple[Value, ...]) -> Value | None:
    a, b = operands
    if a.number is None and b.number is None:
        x, y = a.op, b.op
        if (x is not None and x.operation in _TAKEN_APART) or (
            y is not None and y.operation in _TAKEN_APART
        ):
            simpler = (
                _reciprocals(builder, a, b)
                or _outside(builder, a, b)
                or _of_inverse_constants(builder, a, b)
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
    if _plain(a) is not None and b.number is None:
        coefficient, core = _split(builder, b)
        number = coefficient * float(a.number)  # type: ignore[arg-type]
        if _moderate(number):
            cancelled = _cancelled(builder, number, core)
            if cancelled is not None or coefficient != 1:
                return cancelled or _scaled(builder, number, core)
    if a.number is not None and b.number is None:
        op = _fresh(builder, b, "mul")
        if op is not None and op.operands[0].number is not None:
            constant = multiply(builder, a, op.operands[0])  # once for all
            if constant.number is not None and _moderate(constant.number):
                return multiply(builder, constant, op.operands[1])
    if (a, b) != operands:
        return multiply(builder, a, b)
    return EXACT_IDENTITIES["mul"](builder, operands)


def _reciprocals(builder: Builder, a: Value, b: Value) -> Value | None:
    """``a * b`` where one is a reciprocal: ``b * (1/c)`` is ``b/c``."""
    whose = _reciprocal_of(builder, a)
    if whose is not None:
        return divide(builder, b, whose)
    whose = _reciprocal_of(builder, b)
    return None if whose is None else divide(builder, a, whose)


def _of_inverse_constants(builder: Builder, a: Value, b: Value) -> Value | None:
    """``(0.5/c) * (-2*b)`` is ``-b/c``."""
    first, a_core = _split(builder, a)
    if first in (1, -1):
        return None
    second, b_core = _split(builder, b)
    if first * second not in (1, -1):
        return None
    return _scaled(builder, first * second, multiply(builder, a_core, b_core))


def _outside(builder: Builder, a: Value, b: Value) -> Value | None:
    """``-a * b`` as ``-(a * b)``: a sign outside is taken into sums."""
    for factor in (a, b):
        op = factor.op
        if op is not None and op.operation is _NEG and builder.made(factor):
            inner = op.operands[0]
            pair = (inner, b) if factor is a else (a, inner)
            return negative(builder, multiply(builder, *pair))
    return None


def _reciprocal_of(builder: Builder, value: Value) -> Value | None:
    op = value.op
    if op is None or op.operation is not _DIV or op.operands[0].number != 1:
        return None
    return op.operands[1] if builder.made(value) else None


def _div(builder: Builder, operands: tuple[Value, ...]) -> Value | None:
    a, b = operands
    if a.number == 0 and not b.type.rank:
        return builder.constant(0.0)
    if a is b and not a.type.rank:
        return builder.constant(1.0)
    op = _fresh(builder, a, "neg")
    if op is not None:
        return negative(builder, divide(builder, op.operands[0], b))
    if b.op is not None and b.op.operation.name == "sqrt":
        simpler = _over_root(builder, a, b, b.op.operands[0])
        if simpler is not None:
            return simpler
    number = _plain(b)
    if number and a.number is None and math.frexp(number)[0] in (0.5, -0.5):
        coefficient, core = _split(builder, a)  # 2*x/4 is 0.5*x
        if coefficient != 1 and _moderate(coefficient / number):
            return _scaled(builder, coefficient / number, core)
    simpler = _logarithmic(builder, a, b)
    if simpler is not None:
        return simpler
    return EXACT_IDENTITIES["div"](builder, operands)


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
        inner = _fresh(builder, factor, "div")
        if inner is not None and inner.operands[1] is root:
            product = multiply(builder, op.operands[1 - at], inner.operands[0])
            return divide(builder, product, square)
    return None


def _logarithmic(builder: Builder, above: Value, below: Value) -> Value | None:
    """``(x*w - q*v)/s`` with v = w/s as ``(x - q/s)*v``: so a quotient w/s changes."""
    op = _fresh(builder, above, "sub")
    product = _fresh(builder, op.operands[1], "mul") if op is not None else None
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


def _neg(builder: Builder, operands: tuple[Value, ...]) -> Value | None:
    a = operands[0]
    if a.number is not None:
        return None
    turned = _turned(builder, a)
    if turned is not None:
        return turned
    coefficient, core = _split(builder, a)
    if coefficient != 1:
        return _scaled(builder, -coefficient, core)
    positive = _negated(builder, a) if builder.signs else None
    builder.signs = True
    return positive


def _add(builder: Builder, operands: tuple[Value, ...]) -> Value | None:
    a, b = operands
    if a.number == 0:
        return b
    if b.number == 0:
        return a
    if a.type.rank:
        masked = _merged_masks(builder, a, b)
        if masked is not None:
            return masked
    merged = _merged(builder, a, b, 1.0)
    if merged is not None:
        return merged
    if not builder.signs:
        return None
    positive = _negated(builder, b)
    if positive is not None:
        return builder.emit("sub", a, positive)
    positive = _negated(builder, a)
    if positive is not None:
        return builder.emit("sub", b, positive)
    return None


def _sub(builder: Builder, operands: tuple[Value, ...]) -> Value | None:
    a, b = operands
    if b.number == 0:
        return a
    if a.number == 0:
        return negative(builder, b)
    merged = _merged(builder, a, b, -1.0)
    if merged is not None:
        return merged
    if not builder.signs:
        return None
    positive = _negated(builder, b)
    if positive is not None:
        return builder.emit("add", a, positive)
    positive = _negated(builder, a)
    if positive is not None:
        return negative(builder, builder.emit("add", positive, b))
    return None


def _merged(builder: Builder, a: Value, b: Value, sign: float) -> Value | None:
    """``a + sign*b`` where both are multiples of one value, or have one coefficient."""
    if a.number is not None or b.number is not None:
        return None
    first, a_core = _split(builder, a)
    second, b_core = _split(builder, b)
    second *= sign
    if a_core is b_core:
        total = first + second
        if total == 0 and not a_core.type.rank:
            return builder.constant(0.0)
        return None if total == 0 else _scaled(builder, total, a_core)
    if abs(first) == abs(second) != 1:
        name = "add" if first == second else "sub"
        return _scaled(builder, first, builder.emit(name, a_core, b_core))
    return _factored(builder, a, b, "add" if sign > 0 else "sub")


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
            inner = _fresh(builder, product.operands[at], "div")
            if inner is not None and inner.operands[1] is quotient.operands[1]:
                above = multiply(builder, product.operands[1 - at], inner.operands[0])
                pair = above, quotient.operands[0]
                pair = pair if product is a.op else pair[::-1]
                return divide(builder, builder.emit(sign, *pair), inner.operands[1])
    return None


IDENTITIES: dict[str, Identity] = EXACT_IDENTITIES | {
    "add": _add,
    "sub": _sub,
    "mul": _mul,
    "div": _div,
    "neg": _neg,
}
