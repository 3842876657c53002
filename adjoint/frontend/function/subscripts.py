"""What stands in brackets behind a thing: of arrays, lists, tuples and dictionaries."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from adjoint.frontend.arrays import access, lists, tuples
from adjoint.frontend.function import dictionaries
from adjoint.frontend.python.items import (
    Builtin,
    Columns,
    Dictionary,
    Item,
    Refused,
    described,
    is_list,
)
from adjoint.frontend.python.lowering import FunctionLowering
from adjoint.frontend.syntax import Node
from adjoint.ir.program import Value
from adjoint.ir.subscripts import subscript


def subscripted(
    lowering: FunctionLowering, node: Node, item: Item, *indices: Item
) -> Item:
    """``item[indices]``."""
    lowering.check_no_instance(item, node.parts[0])
    if isinstance(item, Value):
        return access.read(lowering, node, item, indices)
    if isinstance(item, Columns):
        if node.value == ("a",):
            index = lowering.whole(lowering.checked(indices[0], node), node.parts[1])
            return tuples.item_at(lowering, node, item, index)
        change = partial(subscripted, lowering, node)
        return tuples.each(item, lambda one: change(one, *indices))
    if isinstance(item, Builtin) and item.name in ("c_", "r_"):
        return _joined(lowering, node, item, indices)
    if isinstance(item, Dictionary) and node.value == ("a",):
        return dictionaries.entry(lowering, node, item, indices[0])
    if not isinstance(item, tuple):
        message = f"only arrays and tuples can be subscripted, not {described(item)}"
        raise lowering.problem(node.parts[0], message)
    pattern: tuple[str, ...] = node.value  # type: ignore[assignment]
    numbers = [
        lowering.whole(lowering.checked(index, part), part)
        for index, part in zip(indices, node.parts[1:], strict=True)
    ]
    if any(number.number is None for number in numbers):
        if pattern == ("a",):
            return lists.known_item(lowering, node, item, numbers[0])
        if is_list(item):
            grown = lists.grown(lowering, node, item)
            return subscripted(lowering, node, grown, *indices)
    return _known_items(lowering, node, item, pattern, numbers)


def _joined(
    lowering: FunctionLowering, node: Node, joining: Builtin, parts: tuple[Item, ...]
) -> Item:
    """``np.c_[x, y]`` or ``np.r_[x, y]``, as the call of a function."""
    pattern: tuple[str, ...] = node.value  # type: ignore[assignment]
    if any(entry != "a" for entry in pattern):
        message = "slices are not supported here"
        raise lowering.problem(node, message, "write `np.arange`")
    call = Node("invoke", (), (node.parts[0], node), node.start, node.end)
    return lowering.invoked(call, joining, parts)


def _known_items(
    lowering: FunctionLowering,
    node: Node,
    items: tuple[Item, ...],
    pattern: tuple[str, ...],
    numbers: Sequence[Value],
) -> Item:
    """The item, or a slice, of a tuple or list at places that are known."""
    places = subscript([one.number for one in numbers], pattern)
    place = places[0] if len(places) == 1 else None
    known = all(number.number is not None for number in numbers)
    if known and isinstance(place, slice) and place.step != 0:
        return type(items)(tuple(items)[place])
    if not isinstance(place, int):
        message = f"{described(items)} takes one index, or one slice"
        raise lowering.problem(node, message, "write known numbers in the brackets")
    if not -len(items) <= place < len(items):
        message = f"there is no item {place} in {described(items)} of {len(items)}"
        raise lowering.problem(node.parts[1], message)
    item = items[place]
    if isinstance(item, Refused):
        raise lowering.problem(node, item.message, item.hint)
    return item
