"""The operators of lists and tuples: ``+`` joins them, ``*`` repeats them."""

from __future__ import annotations

from functools import partial

from adjoint.frontend.arrays.access import as_array
from adjoint.frontend.arrays.lists import copied, grown
from adjoint.frontend.arrays.tuples import each
from adjoint.frontend.lower import BINARY
from adjoint.frontend.python.item_shapes import joined_shape, shape_of
from adjoint.frontend.python.items import (
    Columns,
    Item,
    ListItem,
    described,
    is_array,
    is_list,
)
from adjoint.frontend.python.lowering import AnyNode, FunctionLowering
from adjoint.frontend.syntax import Node
from adjoint.ir.program import Value

#: Lists that are repeated into more items than this are not written out.
_LONGEST = 16


def operation(lowering: FunctionLowering, node: Node, left: Item, right: Item) -> Item:
    """``left sign right``, where one of them is a list or a tuple.

    With an array it is an array; else ``+`` joins, and ``*`` repeats.
    """
    sign = str(node.value)
    items = left, right
    if any(map(is_array, items)):
        pairs = zip(items, node.parts, strict=True)
        arrays = [as_array(lowering, part, one) for one, part in pairs]
        return lowering.builder.apply(BINARY[sign], tuple(arrays), lowering.where(node))
    if sign == "+":
        return _joined(lowering, node, left, right)
    if any(isinstance(item, Columns) for item in items):
        message = f"`{sign}` of a list of tuples that grows is not supported"
        raise lowering.problem(node, message, "join it in a loop")
    for count, many in (items, items[::-1]):
        whole = isinstance(count, Value) and not count.type.rank
        if sign == "*" and whole and (is_list(many) or isinstance(many, tuple)):
            number = lowering.whole(count, node.parts[0 if count is left else 1])
            return _repeated(lowering, node, many, number)
    kind = described(left if is_list(left) or isinstance(left, tuple) else right)
    message = f"`{sign}` is not of {kind} in Python"
    raise lowering.problem(node, message, "make it an array: `np.array(...)`")


def _joined(lowering: FunctionLowering, node: Node, left: Item, right: Item) -> Item:
    alike = isinstance(left, tuple) == isinstance(right, tuple) or is_list(left)
    if is_list(left) != is_list(right) or not alike:
        message = f"{described(left)} and {described(right)} cannot be joined"
        raise lowering.problem(node, message, "make both a list, or an array")
    if isinstance(left, tuple) and isinstance(right, tuple):
        kind = ListItem if is_list(left) else tuple
        return kind([*left, *right])
    for one, other in ((left, right), (right, left)):
        if one == ():
            return copied(lowering, node, other)
    try:
        joined_shape(shape_of(left), shape_of(right))
    except TypeError as error:
        message = f"lists of different kinds are joined here: {error}"
        raise lowering.problem(node, message) from None
    return _concatenated(lowering, node, left, right)


def _concatenated(
    lowering: FunctionLowering, node: AnyNode, left: Item, right: Item
) -> Item:
    """The items of two lists as a new one."""
    lists = [grown(lowering, node, one) for one in (left, right)]
    if isinstance(lists[0], Columns):
        return each(lists[0], partial(_concatenated, lowering, node), lists[1].lists)
    where = lowering.where(node)
    return lowering.builder.emit("concatenate", *lists, where=where, attributes=(0,))


def _repeated(
    lowering: FunctionLowering, node: Node, items: Item, count: Value
) -> Item:
    number = count.number
    if isinstance(items, Value):
        if not isinstance(number, int) or not 0 < number <= _LONGEST:
            message = "a list is repeated a number of times that is not known"
            raise lowering.problem(node, message, "join it in a loop")
        copies, where = [items] * number, lowering.where(node)
        return lowering.builder.emit(
            "concatenate", *copies, where=where, attributes=(0,)
        )
    if any(is_list(item) for item in items):
        message = "the rows of `[row] * n` are one list, under several indices"
        hint = "make each of its own: `[[0.0] * m for _ in range(n)]`"
        raise lowering.problem(node, message, hint)
    if isinstance(number, int) and max(number, 1) * len(items) <= _LONGEST:
        return type(items)(tuple(items) * number)
    if len(items) != 1 or not is_list(items):
        message = f"{described(items)} of {len(items)} is repeated many times here"
        raise lowering.problem(node, message, "make it by a loop")
    value = lowering.checked(items[0], node)
    return lowering.builder.emit("filled", value, count, where=lowering.where(node))
