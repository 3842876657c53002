"""Lists in Python functions: those that change, or whose length is not known.

A list whose items are known is a `ListItem`, as good as a tuple, for as long as nothing
changes it. All others are arrays whose type says that they are lists: their arithmetic
is Python's, ``+`` joins them.
"""

from __future__ import annotations

import operator

from adjoint.errors import SourceError
from adjoint.frontend.arrays import tuples
from adjoint.frontend.arrays.access import element, length, packed
from adjoint.frontend.arrays.aliases import check_change, rebind
from adjoint.frontend.arrays.holders import check_inside, held
from adjoint.frontend.arrays.known_lists import check_unshared, note_made
from adjoint.frontend.python.item_shapes import (
    ColumnsShape,
    DictShape,
    ListOfArrays,
    Shape,
    grown_shape,
    is_tuple,
    leaves,
    list_type,
    shape_of,
)
from adjoint.frontend.python.items import (
    Columns,
    Dictionary,
    Item,
    ListItem,
    described,
    is_array,
    is_list,
    is_plain_tuple,
    kind_of,
    tuple_of,
)
from adjoint.frontend.python.lowering import AnyNode, FunctionLowering
from adjoint.ir.program import Value
from adjoint.ir.types import Type


def run_time(
    lowering: FunctionLowering,
    node: AnyNode,
    item: Item,
    type: Type | None = None,
) -> Value:
    """The list as an array; ``type`` is that of one that has no items.

    Raises SourceError where the items are not alike: numbers, arrays, or lists of them.
    """
    if isinstance(item, Value):
        return item
    if isinstance(item, Columns):
        message = "a list of tuples is no list of numbers"
        raise lowering.problem(node, message, "loop over it")
    try:
        type = type or list_type(shape_of(item))
    except TypeError as error:
        raise _not_alike(lowering, node, error) from None
    where, emit = lowering.where(node), lowering.builder.emit
    if not item:
        attributes = (type.rank, type.listed, type.element)
        array = emit("empty", where=where, attributes=attributes)
        note_made(lowering, array, item)
        return array
    values = [
        run_time(lowering, node, one, type.item) if is_list(one) else one
        for one in item
    ]
    array = emit("display", *values, where=where)
    lowering.context.listed[array] = item
    note_made(lowering, array, item)
    return array


def grown(
    lowering: FunctionLowering, node: AnyNode, item: Item, shape: Shape | None = None
) -> Item:
    """The list as one that may grow: an array, or several side by side.

    ``shape`` is that of one that has no items. Raises SourceError where the items are
    not alike.
    """
    if isinstance(item, Columns):
        return item
    try:
        shape = shape or grown_shape(shape_of(item))
    except TypeError as error:
        raise _not_alike(lowering, node, error) from None
    if not isinstance(shape, ColumnsShape):
        return run_time(lowering, node, item, shape)
    parts = enumerate(shape)
    columns = [grown(lowering, node, tuples.column(item, at), one) for at, one in parts]
    found = Columns(columns, shape.kind)
    for column in leaves(found):
        note_made(lowering, column, item)
    return found


def _not_alike(
    lowering: FunctionLowering, node: AnyNode, error: TypeError
) -> SourceError:
    """The error for a list of which the items cannot be kept in one that grows."""
    if isinstance(error, ListOfArrays):
        return lowering.problem(node, str(error), error.hint)
    message = f"the items of this list are not alike: {error}"
    return lowering.problem(node, message, "keep items of one kind in a list")


def fitted(lowering: FunctionLowering, node: AnyNode, item: Item, shape: Shape) -> Item:
    """The item in a shape that was joined from that of its own and others."""
    if isinstance(shape, Type):
        changes = shape.listed and isinstance(item, ListItem)
        return run_time(lowering, node, item, shape) if changes else item
    if isinstance(shape, ColumnsShape):
        return grown(lowering, node, item, shape) if is_list(item) else item
    if isinstance(shape, DictShape) and isinstance(item, Dictionary):
        if tuple(item.entries) != shape.keys:
            return item
        entries = zip(item.entries.items(), shape, strict=True)
        return Dictionary(
            {key: fitted(lowering, node, one, inner) for (key, one), inner in entries}
        )
    if is_tuple(shape) and isinstance(item, tuple) and len(shape) == len(item):
        pairs = zip(item, shape, strict=True)
        parts = [fitted(lowering, node, one, inner) for one, inner in pairs]
        if all(map(operator.is_, parts, item)):
            return item  # the same list is the same item
        listed = isinstance(item, ListItem)
        return ListItem(parts) if listed else tuple_of(kind_of(item), parts)
    return item


def changeable(
    lowering: FunctionLowering, node: AnyNode, item: Item, shared: bool = False
) -> Item:
    """What a name that will change is assigned: its lists as arrays.

    An empty list waits for its first item, which says what it is a list of, unless it
    is ``shared`` by several names; one of arrays goes on as the list of known length
    that it is.
    """
    if isinstance(item, ListItem):
        _check_own(lowering, node, item)
        if all(map(is_array, item)) and not shared:
            return item
        return grown(lowering, node, item)
    if is_plain_tuple(item):
        parts = [changeable(lowering, node, part, shared) for part in item]
        return tuple_of(kind_of(item), parts)
    return item


def _check_own(lowering: FunctionLowering, node: AnyNode, item: ListItem) -> None:
    """Raise SourceError where a list that will change has another name already."""
    for frame in lowering.context.frames:
        for name, other in frame.env.items():
            if name[0] != "%" and any(one is item for one in held(other)):
                message = f"this may be the list `{name}`, and is changed"
                hint = "make it a list of its own: `.copy()`"
                raise lowering.problem(node, message, hint)


def known_item(
    lowering: FunctionLowering,
    node: AnyNode,
    items: tuple[Item, ...],
    index: Value,
) -> Item:
    """The item of a tuple, or list, at a place that is known when it runs."""
    try:
        shape = grown_shape(shape_of(ListItem(items)))
    except TypeError:
        message = "the index of a tuple has to be known when the function is read"
        hint = "write a number, loop over the tuple, or unroll the loop"
        raise lowering.problem(node, message, hint) from None
    if isinstance(shape, ColumnsShape):
        found = grown(lowering, node, ListItem(items), shape)
        return tuples.item_at(lowering, node, found, index)
    rows = any(is_list(item) or is_array(item) for item in items)
    array = (run_time if rows else packed)(lowering, node, ListItem(items))
    return element(lowering, node, array, index)


def of_rank(
    lowering: FunctionLowering, node: AnyNode, item: Item, rank: int, of: Type
) -> Value:
    """A number, or a list of this rank, that becomes a part of a list of the type."""
    kind = Type(of.element, rank, max(of.listed - (of.rank - rank), 0))
    if kind.listed and is_plain_tuple(item):
        item = ListItem(item)
    if isinstance(item, ListItem) and (kind.listed or not rank):
        item = run_time(lowering, node, item, kind if rank else None)
    found = item.type if isinstance(item, Value) else None
    if found is not None and (found.rank, found.listed) == (rank, kind.listed):
        return item
    wanted = "a list" if kind.listed else "an array" if rank else "a number"
    message = f"{wanted} is expected here, as the items of the list are, "
    hint = "keep items of one kind in a list"
    if found is not None and not (found.listed or kind.listed):
        other = f"an array of rank {found.rank}" if found.rank else "a number"
        items = f"arrays of rank {rank}" if rank else "numbers"
        message = f"the items of the list are {items}, and this is {other}"
        raise lowering.problem(node, message, hint)
    raise lowering.problem(node, f"{message}not {described(item)}", hint)


def truth(lowering: FunctionLowering, node: AnyNode, item: Item) -> Value:
    """Whether a list has any items."""
    builder = lowering.builder
    if isinstance(item, tuple):
        return builder.constant(bool(item))
    count = length(lowering, node, next(leaves(item)), 0)
    return builder.emit("gt", count, builder.constant(0), where=lowering.where(node))


def copied(lowering: FunctionLowering, node: AnyNode, item: Item) -> Item:
    """A new list of the same items."""
    if isinstance(item, tuple):
        return ListItem(item)
    if isinstance(item, Columns):
        return tuples.each(item, lambda one: copied(lowering, node, one))
    return lowering.builder.emit("copy", item, where=lowering.where(node))


# -- to be changed


def own_array(
    lowering: FunctionLowering, node: AnyNode, name: str, item: ListItem
) -> Value:
    """A list of known items of this function as an array, to be changed."""
    check_list_change(lowering, node, name, item)
    array = run_time(lowering, node, item)
    rebind(lowering, name, item, array)
    return array


def check_list_change(
    lowering: FunctionLowering,
    node: AnyNode,
    name: str,
    item: Item,
    of: str | None = None,
) -> None:
    """Raise SourceError unless a list is one of this function's, to be changed.

    ``of`` is the name of the dictionary that holds it, where ``name`` is ``of[key]``.
    """
    if lowering.builder.depth != lowering.depth:
        message = f"`{name}` is changed in a part of an expression that may be skipped"
        raise lowering.problem(node, message, "write a statement of its own")
    holder = lowering.env.get(of or name)
    found = [holder] if of is None else held(holder)
    if all(one is not item for one in found):
        message = f"`{name}` is not a list of this function, it cannot be changed"
        raise lowering.problem(node, message, "copy it to a list of the function")
    if isinstance(item, ListItem):
        check_inside(lowering, node, name, [item])
        for frame in lowering.context.frames[:-1]:
            if any(one is item for other in frame.env.values() for one in held(other)):
                message = f"`{name}` is a list of the caller's, and is changed here"
                hint = "copy it first, and return the new one"
                raise lowering.problem(node, message, hint)
        check_unshared(lowering, node, name, item, lowering.behind, whole=False)
        return
    for array in leaves(item):
        check_change(lowering, node, name, array, lowering.behind)
