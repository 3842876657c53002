"""Arrays in Python functions: what is read of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from adjoint.frontend.python.by_use import (
    UnknownRank,
    arrays_below,
    parameters_below,
    require_rank,
)
from adjoint.frontend.python.items import (
    NONE,
    Columns,
    Item,
    ListItem,
    Method,
    described,
)
from adjoint.frontend.python.lowering import AnyNode, FunctionLowering
from adjoint.frontend.syntax import Node
from adjoint.ir.program import Value
from adjoint.ir.subscripts import Pattern
from adjoint.rules.array_shapes import axes_used

# -- what is read


def read(
    lowering: FunctionLowering, node: Node, array: Value, indices: Sequence[Item]
) -> Item:
    """``array[indices]``, by the pattern that the node says."""
    pattern, operands = subscript(lowering, node.parts[1:], node.value, indices)
    if array.type.listed:
        check_list_index(lowering, node, pattern, operands)
    base = with_rank(lowering, node, array, pattern, operands)
    pattern = _without_ellipsis(pattern, operands, base.type.rank)
    if base.type.listed and pattern == (":",):
        return lowering.builder.emit("copy", base, where=lowering.where(node))
    return lowering.builder.emit(
        "index", base, *operands, where=lowering.where(node), attributes=(pattern,)
    )


def _without_ellipsis(
    pattern: Pattern, operands: Sequence[Value], rank: int
) -> Pattern:
    """The pattern with what ``...`` stands for; at the end that is left out."""
    if "..." not in pattern:
        return pattern
    at, left = pattern.index("..."), rank - axes_used(pattern, operands)
    before, behind = pattern[:at], pattern[at + 1 :]
    if not behind:
        return before or pattern
    return (*before, *[":"] * left, *behind)


def element(
    lowering: FunctionLowering, node: AnyNode, array: Value, index: Value
) -> Value:
    """``array[index]``, of one whole number."""
    where = lowering.where(node)
    return lowering.builder.emit(
        "index", array, index, where=where, attributes=(("a",),)
    )


def check_list_index(
    lowering: FunctionLowering,
    node: AnyNode,
    pattern: Pattern,
    operands: list[Value],
) -> None:
    """Raise SourceError unless it is what a list takes: one index, or one slice."""
    plain = len(pattern) == 1 and pattern[0] not in ("None", "...")
    if not plain or any(operand.type.rank for operand in operands):
        message = "a list takes one index or one slice at a time"
        raise lowering.problem(node, message, "write x[i][j]")


def subscript(
    lowering: FunctionLowering,
    nodes: Sequence[Any],
    pattern: Any,
    items: Sequence[Item],
) -> tuple[Pattern, list[Value]]:
    """The pattern and its operands, from what the parts stand for."""
    entries: list[str] = []
    operands: list[Value] = []
    pairs = list(zip(nodes, items, strict=True))
    for entry in pattern:
        count = entry.count("a")
        parts, pairs = pairs[:count], pairs[count:]
        if entry == "a" and parts[0][1] is NONE:
            entries.append("None")
            continue
        is_tuple = entry == "a" and type(parts[0][1]) is tuple
        if is_tuple and len(pattern) == 1:
            parts = [(parts[0][0], item) for item in parts[0][1]]  # x[index]
            entries += ["a"] * len(parts)
        else:
            entries.append(entry)
        operands += [_index(lowering, node, item) for node, item in parts]
    return tuple(entries), operands


def _index(lowering: FunctionLowering, node: Any, item: Item) -> Value:
    if isinstance(item, ListItem):
        value = packed(lowering, node, item)
    else:
        value = lowering.checked(item, node)
    if value.type.rank and value.type.element in ("int", "bool"):
        return value
    return lowering.whole(value, node)


def with_rank(
    lowering: FunctionLowering,
    node: AnyNode,
    array: Value,
    pattern: Pattern,
    operands: Sequence[Value],
) -> Value:
    """The array, which has to have an axis for each index."""
    wanted = axes_used(pattern, operands)
    if array.type.rank >= wanted:
        return array
    require_rank(lowering.context, array, wanted)
    unknown_rank(lowering, node, array)
    message = f"{described(array)} has no items"
    if array.type.rank:
        message = f"{wanted} indices for an array of rank {array.type.rank}"
    raise lowering.problem(node, message)


def unknown_rank(lowering: FunctionLowering, node: AnyNode, value: Value) -> None:
    """Raise UnknownRank if the value is made of parameters whose rank is not known."""
    below = parameters_below(value, lowering.context.origins, None)
    below |= arrays_below(value, lowering.context.origins)
    names = [str(one.name) for one in lowering.context.guessed if one in below]
    if names and not value.type.rank:
        name, type = names[0], "float[:]"
        if name in lowering.context.tuples:
            name, type = lowering.context.tuples[name], "tuple[float[:], float]"
        error = lowering.problem(
            node,
            f"it is not known whether `{names[0]}` is an array here, and of what rank",
            f'annotate it, or say signature="{name}: {type}" (float[:, :], ...)',
        )
        raise UnknownRank(*error.args)


# -- lists and tuples that become arrays


def as_array(lowering: FunctionLowering, node: AnyNode, item: Item) -> Value:
    """The list, or tuple, as NumPy takes it; an array or a number as it is."""
    if isinstance(item, tuple):
        return packed(lowering, node, item)
    if isinstance(item, Columns):
        columns = [as_array(lowering, node, one) for one in item.lists]
        if len({one.type.rank for one in columns}) > 1:
            message = "what is packed into an array is of different ranks"
            raise lowering.problem(node, message)
        where = lowering.where(node)
        return lowering.builder.emit("stack", *columns, where=where, attributes=(1,))
    if isinstance(item, Value) and item.type.listed:
        return lowering.builder.emit("as_array", item, where=lowering.where(node))
    value: Value = lowering.checked(item, node)
    return value


def packed(lowering: FunctionLowering, node: AnyNode, items: tuple[Item, ...]) -> Value:
    """Nested lists of numbers or of arrays, as one array."""
    where, builder = lowering.where(node), lowering.builder
    numbers = _literal(items)
    if numbers is not None:
        kinds = set(_kinds(numbers))
        element = "float" if float in kinds else "int" if int in kinds else "bool"
        attributes = (numbers, element if kinds else "float")
        return builder.emit("array", where=where, attributes=attributes)
    values = [as_array(lowering, node, item) for item in items]
    if len({value.type.rank for value in values}) > 1:
        message = "what is packed into an array is of different ranks"
        raise lowering.problem(node, message)
    if values[0].type.rank:
        return builder.emit("stack", *values, where=where, attributes=(0,))
    return builder.emit("pack", *values, where=where)


def _literal(items: Any) -> Any:
    """Nested tuples of plain numbers, None where they are not all known."""
    if isinstance(items, tuple):
        parts = tuple(map(_literal, items))
        return None if any(part is None for part in parts) else parts
    plain = isinstance(items, Value) and items.literal and items.name is None
    return items.number if plain else None


def _kinds(numbers: Any) -> list[type]:
    if isinstance(numbers, tuple):
        return [kind for part in numbers for kind in _kinds(part)]
    return [type(numbers)]


# -- attributes


def attribute(lowering: FunctionLowering, node: Node, value: Value) -> Item:
    """``value.name``: an attribute or a method of an array."""
    name = str(node.value)
    found = ATTRIBUTES.get(name)
    lowering.context.numpy = True
    if not value.type.rank:
        unknown_rank(lowering, node, value)
    if found is not None:
        return found(lowering, node, value)
    return Method(value, name)


def shape(lowering: FunctionLowering, node: Any, value: Value) -> Item:
    """The lengths of the axes, as numbers."""
    lengths = []
    for at, known in enumerate(value.shape):
        if isinstance(known, int):
            lengths.append(lowering.builder.constant(known))
        else:
            lengths.append(length(lowering, node, value, at))
    return tuple(lengths)


def length(lowering: FunctionLowering, node: Any, value: Value, axis: int) -> Value:
    """The length of an axis."""
    where = lowering.where(node)
    return lowering.builder.emit("length", value, where=where, attributes=(axis,))


def _transposed(lowering: FunctionLowering, node: Node, value: Value) -> Item:
    axes = tuple(reversed(range(value.type.rank)))
    where = lowering.where(node)
    return lowering.builder.emit("transpose", value, where=where, attributes=(axes,))


def _size(lowering: FunctionLowering, node: Node, value: Value) -> Item:
    return lowering.builder.emit("size", value, where=lowering.where(node))


def _rank(lowering: FunctionLowering, node: Node, value: Value) -> Item:
    return lowering.builder.constant(value.type.rank)


ATTRIBUTES: dict[str, Callable[[Any, Node, Value], Item]] = {
    "shape": shape,
    "T": _transposed,
    "size": _size,
    "ndim": _rank,
}
