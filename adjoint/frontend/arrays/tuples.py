"""Lists of tuples that grow: the lists of what stands at each place, side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from adjoint.frontend.arrays.access import element
from adjoint.frontend.python.items import (
    Columns,
    Item,
    ListItem,
    described,
    is_plain_tuple,
    kind_of,
    tuple_of,
)
from adjoint.frontend.python.lowering import AnyNode, FunctionLowering
from adjoint.ir.program import Value


def column(item: Item, at: int) -> Item:
    """What stands at one place of the tuples: a list, or what is known to be in it."""
    if isinstance(item, Columns):
        return item.lists[at]
    return ListItem(one[at] for one in item)


def each(of: Columns, change: Callable[..., Item], *more: Iterable[Item]) -> Columns:
    """The list of tuples of which every column has been changed."""
    return Columns(list(map(change, of.lists, *more)), of.kind)


def parts_for(
    lowering: FunctionLowering, node: AnyNode, of: Columns, value: Item
) -> tuple[Item, ...]:
    """The parts of a tuple that becomes an item of the list."""
    count, kind = len(of.lists), kind_of(of)
    alike = is_plain_tuple(value) and kind_of(value) == kind
    if not alike or len(value) != count:
        found = described(value)
        if type(value) is tuple:
            found += f" of {len(value)}"
        items = f"tuples of {count}" if kind is None else f"`{kind.name}`"
        message = f"the items of the list are {items}, and this is {found}"
        raise lowering.problem(node, message, "keep items of one kind in a list")
    parts: tuple[Item, ...] = value
    return parts


def item_at(
    lowering: FunctionLowering,
    node: AnyNode,
    item: Item,
    index: Value,
    sure: bool = False,
) -> Item:
    """The item of a list at a place that is known when it runs.

    It is ``sure`` where the place is surely one of the list. All columns are of one
    length: what may be asked for of the first is there in all.
    """
    if isinstance(item, Columns):
        first, *others = item.lists
        found = [item_at(lowering, node, first, index, sure)]
        found += [item_at(lowering, node, one, index, sure=True) for one in others]
        return tuple_of(item.kind, found)
    value = element(lowering, node, item, index)
    if sure and value.op is not None:
        value.op.sure = True
    return value
