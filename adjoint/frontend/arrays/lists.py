"""Lists in Python functions: those that change, or whose length is not known.

A list whose items are known is a `ListItem`, as good as a tuple, for as long as nothing
changes it. All others are arrays whose type says that they are lists: their arithmetic
is Python's, ``+`` joins them.
"""

from __future__ import annotations

import ast
from collections.abc import Callable

from adjoint.frontend.arrays.access import as_array, length, packed
from adjoint.frontend.arrays.aliases import check_change, rebind
from adjoint.frontend.lower import BINARY
from adjoint.frontend.python.call import Call
from adjoint.frontend.python.items import (
    NONE,
    Elements,
    Item,
    ListItem,
    ListShape,
    Method,
    Shape,
    described,
    is_list,
    is_tuple,
    list_type,
    shape_of,
    wider,
)
from adjoint.frontend.python.lowering import FunctionLowering
from adjoint.frontend.syntax import Node
from adjoint.ir.program import FOR, Value
from adjoint.ir.types import INT, Type

_AST_OR_NODE = ast.AST | Node
_AT = (("a",),)
#: Lists that are repeated into more items than this are not written out.
_LONGEST = 16


# -- lists of known items that become arrays


def run_time(
    lowering: FunctionLowering,
    node: _AST_OR_NODE,
    item: Item,
    type: Type | None = None,
) -> Value:
    """The list as an array; ``type`` is that of one that has no items.

    Raises SourceError where the items are not numbers, or lists of them, alike.
    """
    if isinstance(item, Value):
        return item
    try:
        type = type or list_type(shape_of(item))
    except TypeError as error:
        message = f"the items of this list are not alike: {error}"
        raise lowering.problem(node, message, "keep numbers in lists") from None
    where, emit = lowering.where(node), lowering.builder.emit
    if not item:
        attributes = (type.rank, type.element)
        return emit("empty", where=where, attributes=attributes)
    inner = type._replace(rank=type.rank - 1)
    values = [
        run_time(lowering, node, one, inner) if is_list(one) else one for one in item
    ]
    return emit("display", *values, where=where)


def fitted(
    lowering: FunctionLowering, node: _AST_OR_NODE, item: Item, shape: Shape
) -> Item:
    """The item in a shape that was joined from that of its own and others."""
    if isinstance(shape, Type):
        is_array = shape.listed and isinstance(item, ListItem)
        return run_time(lowering, node, item, shape) if is_array else item
    if is_tuple(shape) and isinstance(item, tuple) and len(shape) == len(item):
        pairs = zip(item, shape, strict=True)
        parts = [fitted(lowering, node, one, inner) for one, inner in pairs]
        return ListItem(parts) if isinstance(item, ListItem) else tuple(parts)
    return item


def changeable(
    lowering: FunctionLowering, node: _AST_OR_NODE, item: Item, shared: bool = False
) -> Item:
    """What a name that will change is assigned: its lists as arrays.

    An empty list waits for its first item, which says what it is a list of, unless it
    is ``shared`` by several names.
    """
    if isinstance(item, ListItem):
        _check_own(lowering, node, item)
        return run_time(lowering, node, item) if item or shared else item
    if type(item) is tuple:
        return tuple([changeable(lowering, node, part, shared) for part in item])
    return item


def _check_own(lowering: FunctionLowering, node: _AST_OR_NODE, item: ListItem) -> None:
    """Raise SourceError where a list that will change has another name already."""
    for frame in lowering.context.frames:
        for name, other in frame.env.items():
            if other is item and name[0] != "%":
                message = f"this may be the list `{name}`, and is changed"
                hint = "make it a list of its own: `.copy()`"
                raise lowering.problem(node, message, hint)


def known_item(
    lowering: FunctionLowering,
    node: _AST_OR_NODE,
    items: tuple[Item, ...],
    index: Value,
) -> Item:
    """The item of a tuple, or list, at a place that is known when it runs."""
    try:
        list_type(shape_of(ListItem(items)))
    except TypeError:
        message = "the index of a tuple has to be known when the function is read"
        hint = "write a number, loop over the tuple, or unroll the loop"
        raise lowering.problem(node, message, hint) from None
    rows = any(is_list(item) for item in items)
    array = (run_time if rows else packed)(lowering, node, ListItem(items))
    where = lowering.where(node)
    return lowering.builder.emit("index", array, index, where=where, attributes=_AT)


def own_array(
    lowering: FunctionLowering, node: _AST_OR_NODE, name: str, item: ListItem
) -> Value:
    """A list of known items of this function as an array, to be changed."""
    _check_change(lowering, node, name, item)
    array = run_time(lowering, node, item)
    rebind(lowering, name, item, array)
    return array


def of_rank(
    lowering: FunctionLowering, node: _AST_OR_NODE, item: Item, rank: int, of: Type
) -> Value:
    """A number, or a list of this rank, that becomes a part of a list of the type."""
    kind = of._replace(rank=rank)
    if rank and type(item) is tuple:
        item = ListItem(item)
    if isinstance(item, ListItem):
        item = run_time(lowering, node, item, kind if rank else None)
    alike = isinstance(item, Value) and item.type.rank == rank
    if alike and (not rank or item.type.listed):
        return item
    wanted = "a list" if rank else "a number"
    message = f"{wanted} is expected here, as the items of the list are, "
    hint = "keep items of one kind in a list"
    raise lowering.problem(node, f"{message}not {described(item)}", hint)


# -- operators


def operation(lowering: FunctionLowering, node: Node, left: Item, right: Item) -> Item:
    """``left sign right``, where one of them is a list or a tuple.

    With an array it is an array; else ``+`` joins, and ``*`` repeats.
    """
    sign = str(node.value)
    items = left, right
    if any(isinstance(one, Value) and _is_array(one) for one in items):
        pairs = zip(items, node.parts, strict=True)
        arrays = [as_array(lowering, part, one) for one, part in pairs]
        return lowering.builder.apply(BINARY[sign], tuple(arrays), lowering.where(node))
    if sign == "+":
        return _joined(lowering, node, left, right)
    for count, many in (items, items[::-1]):
        whole = isinstance(count, Value) and not count.type.rank
        if sign == "*" and whole and (is_list(many) or isinstance(many, tuple)):
            number = lowering.whole(count, node.parts[0 if count is left else 1])
            return _repeated(lowering, node, many, number)
    kind = described(left if is_list(left) or isinstance(left, tuple) else right)
    message = f"`{sign}` is not of {kind} in Python"
    raise lowering.problem(node, message, "make it an array: `np.array(...)`")


def _is_array(value: Value) -> bool:
    return value.type.rank > 0 and not value.type.listed


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
            where = lowering.where(node)
            return lowering.builder.emit("copy", other, where=where)
    return joined(lowering, node, left, right)


def joined(
    lowering: FunctionLowering, node: _AST_OR_NODE, left: Item, right: Item
) -> Value:
    """The items of two lists as a new one."""
    lists = [run_time(lowering, node, one) for one in (left, right)]
    if lists[0].type.rank != lists[1].type.rank:
        raise lowering.problem(node, "lists of different kinds are joined here")
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


def truth(lowering: FunctionLowering, node: _AST_OR_NODE, item: Item) -> Value:
    """Whether a list has any items."""
    builder = lowering.builder
    if isinstance(item, tuple):
        return builder.constant(bool(item))
    count = length(lowering, node, item, 0)
    return builder.emit("gt", count, builder.constant(0), where=lowering.where(node))


# -- methods


def method(call: Call, called: Method) -> Item:
    """What the call of a method of a list gives, and what it does to the list."""
    return METHODS[called.name](call, called.of)


def _of_name(call: Call) -> str:
    """The name of the list that the method changes."""
    name = call.node.parts[0].parts[0]
    if name.kind != "name":
        message = "only a list that has a name can be changed"
        raise call.problem(message, "give it a name first")
    return str(name.value)


def _check_change(
    lowering: FunctionLowering, node: _AST_OR_NODE, name: str, item: Item
) -> None:
    """Raise SourceError unless a list is one of this function's, to be changed."""
    if lowering.builder.depth != lowering.depth:
        message = f"`{name}` is changed in a part of an expression that may be skipped"
        raise lowering.problem(node, message, "write a statement of its own")
    if lowering.env.get(name) is not item:
        message = f"`{name}` is not a list of this function, it cannot be changed"
        raise lowering.problem(node, message, "copy it to a list of the function")
    if isinstance(item, ListItem):
        for frame in lowering.context.frames[:-1]:
            if any(other is item for other in frame.env.values()):
                message = f"`{name}` is a list of the caller's, and is changed here"
                hint = "copy it first, and return the new one"
                raise lowering.problem(node, message, hint)
        return
    assert isinstance(item, Value)
    check_change(lowering, node, name, item, lowering.behind)


def _append(call: Call, item: Item) -> Item:
    (value,) = call.items(1)
    lowering, name = call.lowering, _of_name(call)
    _check_change(lowering, call.node, name, item)
    rebind(lowering, name, item, _appended(lowering, call.node, item, value))
    return NONE


def _appended(
    lowering: FunctionLowering, node: _AST_OR_NODE, item: Item, value: Item
) -> Value:
    """The list with an item more."""
    if isinstance(item, ListItem):
        return run_time(lowering, node, ListItem([*item, value]))
    value = of_rank(lowering, node, value, item.type.rank - 1, item.type)
    return lowering.builder.emit("appended", item, value, where=lowering.where(node))


def _extend(call: Call, item: Item) -> Item:
    (more,) = call.items(1)
    extend(call.lowering, call.node, _of_name(call), item, more)
    return NONE


def extend(
    lowering: FunctionLowering, node: _AST_OR_NODE, name: str, item: Item, more: Item
) -> None:
    """``name.extend(more)``, or ``name += more``."""
    _check_change(lowering, node, name, item)
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
    lowering: FunctionLowering, node: _AST_OR_NODE, item: Item, elements: Elements
) -> Value:
    """The list with the elements appended, one after the other."""
    builder, where = lowering.builder, lowering.where(node)
    builder.open(where)
    kind = shape_of(elements.at(builder.block_parameter(INT)))
    builder.close()
    wanted = list_type(ListShape((kind,)))
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


def _pop(call: Call, item: Item) -> Item:
    call.items(0)
    lowering, name = call.lowering, _of_name(call)
    _check_change(lowering, call.node, name, item)
    array = run_time(lowering, call.node, item)
    last: Item = NONE
    if lowering.discarded != call.node.start:
        last = call.emit("index", array, call.constant(-1), attributes=_AT)
    rebind(lowering, name, item, call.emit("dropped", array))
    return last


def _copy(call: Call, item: Item) -> Item:
    call.items(0)
    return copied(call.lowering, call.node, item)


def copied(lowering: FunctionLowering, node: _AST_OR_NODE, item: Item) -> Item:
    """A new list of the same items."""
    if isinstance(item, tuple):
        return ListItem(item)
    return lowering.builder.emit("copy", item, where=lowering.where(node))


METHODS: dict[str, Callable[[Call, Item], Item]] = {
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
