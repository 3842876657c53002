"""Python's arithmetic of whole numbers, where it is other than that of floats.

And that of truth values, which are bits to Python, in arrays to NumPy as well.
"""

from __future__ import annotations

from adjoint.frontend.python.lowering import FunctionLowering
from adjoint.frontend.syntax import Node
from adjoint.ir.identities import MAX_BITS
from adjoint.ir.program import Value
from adjoint.ir.types import BOOL, INT

_BITS = {"<<": "lshift", ">>": "rshift", "&": "bitand", "|": "bitor", "^": "bitxor"}
#: Of truth values; ``~`` of one that stands alone is not among these: ~True is -2.
_TRUTHS = {"&": "and", "|": "or", "^": "ne", "~": "not"}


def bits(lowering: FunctionLowering, node: Node, *operands: Value) -> Value:
    """An operator on the bits of whole numbers, or on truth values."""
    sign, where = str(node.value), lowering.where(node)
    truths = all(value.type.element == "bool" for value in operands)
    if truths and any(value.type.rank for value in operands):
        return lowering.builder.emit(_TRUTHS[sign], *operands, where=where)
    pairs = zip(operands, node.parts, strict=True)
    operands = tuple(lowering.whole(value, part) for value, part in pairs)
    if sign == "~":  # ~a is -1 - a
        return lowering.builder.emit(
            "sub", lowering.builder.constant(-1), *operands, where=where
        )
    if sign in _TRUTHS and operands[0].type == operands[1].type == BOOL:
        return lowering.builder.emit(_TRUTHS[sign], *operands, where=where)
    shift = operands[1].number
    if sign == "<<" and isinstance(shift, int) and shift > MAX_BITS:
        raise lowering.problem(node, "this shift is too large to compute")
    return lowering.builder.emit(_BITS[sign], *operands, where=where)


def power(
    lowering: FunctionLowering, base: Value, exponent: Value, where: int
) -> Value:
    """``base ** exponent``; that of whole numbers is one where Python's is."""
    number = exponent.number
    whole = base.type in (INT, BOOL) and isinstance(number, int) and number >= 0
    if whole and number == 2:
        return lowering.builder.emit("square", base, where=where)
    value = lowering.builder.emit("pow", base, exponent, where=where)
    if whole and value.op is not None:
        value.type = INT
    return value
