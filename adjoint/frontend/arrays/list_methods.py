"""The methods of lists: append, extend, pop, sort, reverse, copy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from adjoint.frontend.arrays import tuples
from adjoint.frontend.arrays.access import length
from adjoint.frontend.arrays.aliases import own_items, rebind
from adjoint.frontend.arrays.bases import CHANGING
from adjoint.frontend.arrays.lists import (
    check_list_change,
    copied,
    grown,
    of_rank,
    run_time,
)
from adjoint.frontend.python.call import Call
from adjoint.frontend.python.item_shapes import (
    ColumnsShape,
    ListShape,
    grown_shape,
    joined_shape,
    leaves,
    shape_of,
    wider,
)
from adjoint.frontend.python.items import (
    NONE,
    Columns,
    Dictionary,
    Elements,
    Item,
    ListItem,
    Method,
    is_array,
    kind_of,
)
from adjoint.frontend.python.lowering import AnyNode, FunctionLowering
from adjoint.frontend.syntax import Node
from adjoint.ir.program import FOR, Value
from adjoint.ir.types import INT, Type


def method(call: Call, called: Method) -> Item:
    """What the call of a method of a list gives, and what it does to the list."""
    return METHODS[called.name](call, _now(call, called.of))


def _now(call: Call, item: Item) -> Item:
    """The list as the arguments have left it: ``s.append(s.pop() * x)``."""
    name = call.node.parts[0].parts[0]
    now = call.lowering.env.get(str(name.value)) if name.kind == "name" else None
    if isinstance(item, Columns) and isinstance(now, Columns):
        same = _is_later(next(leaves(now)), next(leaves(item)))
        return now if same else item
    before, listed = now, call.lowering.context.listed
    while isinstance(before, Value) and before is not item and before.op is not None:
        if listed.get(before) is item:
            return now or item
        if before.op.operation.name not in CHANGING:
            return item
        before = before.op.operands[0]
    return now if now is not None and before is item else item


def _is_later(now: Value, before: Value) -> bool:
    """Whether one list has become the other."""
    while now is not before and now.op is not None:
        if now.op.operation.name not in CHANGING:
            return False
        now = now.op.operands[0]
    return now is before


def _changed(call: Call, item: Item) -> str:
    """The name of the list that the method changes, or of what holds it.

    Raises SourceError unless it is one of this function's.
    """
    lowering, written = call.lowering, call.node.parts[0].parts[0]
    is_entry = written.kind == "subscript"
    name = written.parts[0] if is_entry else written
    text = lowering.source.text[written.start : written.end]
    held_by = lowering.env.get(str(name.value)) if is_entry else None
    if name.kind != "name" or (is_entry and not isinstance(held_by, Dictionary)):
        message = "only a list that has a name, or is an entry, can be changed"
        hint = (
            f"write `{text} = {text} + [...]`" if is_entry else "give it a name first"
        )
        raise call.problem(message, hint)
    holder = str(name.value)
    check_list_change(lowering, call.node, text, item, holder)
    return holder


def _append(call: Call, item: Item) -> Item:
    (value,) = own_items(call.lowering, call.node.parts[1:], call.items(1))
    lowering, name = call.lowering, _changed(call, item)
    rebind(lowering, name, item, _appended(lowering, call.node, item, value))
    return NONE


def _appended(
    lowering: FunctionLowering, node: AnyNode, item: Item, value: Item
) -> Item:
    """The list with an item more; one of arrays stays one of known length."""
    if isinstance(item, ListItem):
        longer = ListItem([*item, value])
        known = all(map(is_array, longer))
        return longer if known else grown(lowering, node, longer)
    if isinstance(item, Columns):
        parts = tuples.parts_for(lowering, node, item, value)
        return tuples.each(item, partial(_appended, lowering, node), parts)
    value = of_rank(lowering, node, value, item.type.rank - 1, item.type)
    return lowering.builder.emit("appended", item, value, where=lowering.where(node))


def _extend(call: Call, item: Item) -> Item:
    (more,) = call.items(1)
    _extended(call.lowering, call.node, _changed(call, item), item, more)
    return NONE


def extend(
    lowering: FunctionLowering, node: AnyNode, name: str, item: Item, more: Item
) -> None:
    """``name.extend(more)``, or ``name += more``."""
    check_list_change(lowering, node, name, item)
    _extended(lowering, node, name, item, more)


def _extended(
    lowering: FunctionLowering, node: AnyNode, name: str, item: Item, more: Item
) -> None:
    elements = lowering.elements(node, more)
    if elements is None:
        new = item
        for value in lowering.sequence(more, node):
            new = _appended(lowering, node, new, value)
    else:
        new = extended(lowering, node, item, elements)
    if new is not item:
        rebind(lowering, name, item, new)


def extended(
    lowering: FunctionLowering, node: AnyNode, item: Item, elements: Elements
) -> Item:
    """The list with the elements appended, one after the other."""
    builder, where = lowering.builder, lowering.where(node)
    builder.open(where)
    kind = shape_of(elements.at(builder.block_parameter(INT)))
    builder.close()
    try:
        wanted = grown_shape(ListShape((kind,)))
        if isinstance(wanted, ColumnsShape):
            wanted = joined_shape(wanted, shape_of(item))
    except TypeError as error:
        message = f"what meets here is of two kinds: {error}"
        raise lowering.problem(node, message, "loop over them directly") from None
    if isinstance(wanted, ColumnsShape):
        columns = [
            extended(lowering, node, tuples.column(item, at), _column_of(elements, at))
            for at in range(len(wanted))
        ]
        return Columns(columns, wanted.kind)
    if not isinstance(item, ListItem):
        wanted = wider(item.type, wanted)
    first = run_time(lowering, node, item, wanted)
    builder.open(where)
    index = builder.block_parameter(INT, elements.name)
    before = builder.block_parameter(wanted)
    lowering.context.origins[before] = first
    after = _appended(lowering, node, before, elements.at(index))
    block = builder.close(after, builder.constant(False))
    parts = elements.range
    operands = (parts.start, parts.stop, parts.step, first)
    (result,) = builder.loop(FOR, operands, block, where=where)
    return result


def set_apart(
    lowering: FunctionLowering, node: AnyNode, rows: Value, row: tuple[Item, ...]
) -> Columns:
    """A list of lists as one of tuples, which are like the ``row``: numbers of a kind.

    It is gone through once.
    """
    builder, where = lowering.builder, lowering.where(node)
    type = Type(rows.type.element, 1, 1)
    first = [run_time(lowering, node, ListItem(), type) for _ in row]
    builder.open(where)
    index = builder.block_parameter(INT, "i")
    before = [builder.block_parameter(type) for _ in row]
    lowering.context.origins.update(zip(before, first, strict=True))
    one = tuples.item_at(lowering, node, rows, index, sure=True)
    parts = [
        tuples.item_at(lowering, node, one, builder.constant(at), sure=True)
        for at in range(len(row))
    ]
    after = map(partial(_appended, lowering, node), before, parts)
    block = builder.close(*after, builder.constant(False))
    count = length(lowering, node, rows, 0)
    operands = (builder.constant(0), count, builder.constant(1), *first)
    return Columns(builder.loop(FOR, operands, block, where=where), kind_of(row))


def _column_of(elements: Elements, at: int) -> Elements:
    """One of the places of elements that are tuples."""
    return replace(elements, at=lambda index: elements.at(index)[at])


def _pop(call: Call, item: Item) -> Item:
    call.items(0)
    lowering, name = call.lowering, _changed(call, item)
    before = grown(lowering, call.node, item)
    used = lowering.discarded != call.node.start
    last: Item = NONE
    if used or any(array.type.rank > 1 for array in leaves(before)):
        # of a row, a reverse sweep asks for the shape: that is less than the list
        place = call.constant(-1)
        last = tuples.item_at(lowering, call.node, before, place, sure=not used)
    rebind(lowering, name, item, _dropped(call, before))
    return last if used else NONE


def _dropped(call: Call, item: Item) -> Item:
    if isinstance(item, Columns):
        return tuples.each(item, partial(_dropped, call))
    return call.emit("dropped", item)


def _copy(call: Call, item: Item) -> Item:
    call.items(0)
    return copied(call.lowering, call.node, item)


def _sort(call: Call, item: Item) -> Item:
    """``x.sort()``, which puts the list itself in order."""
    call.items(0)
    lowering, name = call.lowering, _changed(call, item)
    array = run_time(lowering, call.node, item)
    rebind(lowering, name, item, call.emit("sort", array, attributes=(0,)))
    return NONE


def _reverse(call: Call, item: Item) -> Item:
    """``x.reverse()``, which turns the list itself round."""
    call.items(0)
    lowering, name = call.lowering, _changed(call, item)
    before = grown(lowering, call.node, item)
    rebind(lowering, name, item, _turned_round(call, before))
    return NONE


def _turned_round(call: Call, item: Item) -> Item:
    if isinstance(item, Columns):
        return tuples.each(item, partial(_turned_round, call))
    return call.emit("index", item, call.constant(-1), attributes=(("::a",),))


METHODS: dict[str, Callable[[Call, Item], Item]] = {
    "sort": _sort,
    "reverse": _reverse,
    "append": _append,
    "extend": _extend,
    "pop": _pop,
    "copy": _copy,
}


def attribute(lowering: FunctionLowering, node: Node, item: Item) -> Item:
    """A method of a list. Raises SourceError for one that is not known."""
    name = str(node.value)
    if name in METHODS:
        return Method(item, name)
    message = f"`{name}` of a list is not supported"
    known = ", ".join(METHODS)
    raise lowering.problem(node, message, f"there is: {known}")
