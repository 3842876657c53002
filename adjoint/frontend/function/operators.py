"""The operators of Python functions: of numbers, of arrays, of lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adjoint.frontend.arrays import lists
from adjoint.frontend.arrays.access import unknown_rank
from adjoint.frontend.function.items import Item, is_list
from adjoint.frontend.lower import BINARY
from adjoint.frontend.syntax import Node
from adjoint.ir.identities import MAX_BITS
from adjoint.ir.program import Value
from adjoint.ir.types import BOOL, INT

if TYPE_CHECKING:
    from adjoint.frontend.function.expressions import Expressions

_BITS = {"<<": "lshift", ">>": "rshift", "&": "bitand", "|": "bitor", "^": "bitxor"}
#: ``&``, ``|`` and ``^`` of truth values.
_TRUTHS = {"&": "and", "|": "or", "^": "ne"}


def operator(lowering: Expressions, node: Node, left: Item, right: Item) -> Item:
    """``left sign right``, of numbers, arrays, tuples or lists."""
    where = lowering.where(node)
    both = isinstance(left, (Value, tuple)) and isinstance(right, (Value, tuple))
    if both and (_is_sequence(left) or _is_sequence(right)):
        return lists.operation(lowering, node, left, right)
    a, b = lowering.checked(left, node.parts[0]), lowering.checked(right, node.parts[1])
    return lowering.builder.apply(BINARY[str(node.value)], (a, b), where)


def bits(lowering: Expressions, node: Node, *operands: Value) -> Value:
    """An operator on the bits of whole numbers."""
    sign, where = str(node.value), lowering.where(node)
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


def matmul(lowering: Expressions, node: Node, a: Value, b: Value) -> Value:
    """``a @ b``."""
    for operand in (a, b):
        unknown_rank(lowering, node, operand)
        if not operand.type.rank:
            raise lowering.problem(node, "`@` is of arrays, and this is a number")
    return lowering.builder.emit("matmul", a, b, where=lowering.where(node))


def power(lowering: Expressions, base: Value, exponent: Value, where: int) -> Value:
    """``base ** exponent``; that of whole numbers is one where Python's is."""
    number = exponent.number
    whole = base.type in (INT, BOOL) and isinstance(number, int) and number >= 0
    if whole and number == 2:
        return lowering.builder.emit("square", base, where=where)
    value = lowering.builder.emit("pow", base, exponent, where=where)
    if whole and value.op is not None:
        value.type = INT
    return value


def _is_sequence(item: Item) -> bool:
    return isinstance(item, tuple) or is_list(item)
