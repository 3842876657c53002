"""Loops over the elements of arrays, whose number is known when the program runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from adjoint.frontend.arrays.access import element, length
from adjoint.frontend.arrays.tuples import item_at
from adjoint.frontend.python.by_use import require_rank
from adjoint.frontend.python.item_shapes import leaves
from adjoint.frontend.python.items import Columns, Elements, Item, Range
from adjoint.frontend.python.lowering import AnyNode, FunctionLowering
from adjoint.frontend.syntax import Node
from adjoint.ir.program import FOR, Block, Value
from adjoint.ir.subscripts import subscript
from adjoint.ir.types import FLOAT, INT

#: What a sum is called in the generated code.
_TOTAL = "total"


def elements_of(
    lowering: FunctionLowering, node: AnyNode, item: Item
) -> Elements | None:
    """The elements of an array along its first axis; None for what is no array."""
    if isinstance(item, Elements):
        return item
    if isinstance(item, Columns):
        arrays = tuple(leaves(item))
        return Elements(
            _up_to(lowering, length(lowering, node, arrays[0], 0)),
            lambda index: item_at(lowering, node, item, index, sure=True),
            of=arrays,
        )
    if not isinstance(item, Value):
        return None
    require_rank(lowering.context, item, 1)
    if not item.type.rank:
        return None

    base, first, left_out = _part(item)
    where, emit = lowering.where(node), lowering.builder.emit
    count = length(lowering, node, base, 0)
    if left_out:
        count = emit("sub", count, lowering.builder.constant(left_out), where=where)

    def at(index: Value) -> Item:
        if first:
            index = emit("add", index, lowering.builder.constant(first), where=where)
        return element(lowering, node, base, index)

    return Elements(_up_to(lowering, count), at, of=(base,))


def elements_of_range(
    lowering: FunctionLowering, node: AnyNode, numbers: Range
) -> Elements:
    """The numbers of a range that are known when it runs, counted from 0."""
    builder, where = lowering.builder, lowering.where(node)

    def at(index: Value) -> Item:
        moved = builder.emit("mul", index, numbers.step, where=where)
        return builder.emit("add", numbers.start, moved, where=where)

    return Elements(_up_to(lowering, range_length(lowering, node, numbers)), at)


def range_length(lowering: FunctionLowering, node: AnyNode, numbers: Range) -> Value:
    """How many numbers there are; less than 0 where the bounds are the other way."""
    builder, where = lowering.builder, lowering.where(node)
    if numbers.step.number == 1:
        return builder.emit("sub", numbers.stop, numbers.start, where=where)
    steps = builder.emit("sub", numbers.start, numbers.stop, where=where)
    steps = builder.emit("floordiv", steps, numbers.step, where=where)
    return builder.emit("neg", steps, where=where)  # rounded up


def _part(array: Value) -> tuple[Value, int, int]:
    """What a slice such as ``x[2:-1]`` is of, where it begins, how many it leaves out.

    It is not made, then: its elements are read where they are.
    """
    op = array.op
    if op is not None and op.operation.name == "index" and len(op.attributes[0]) == 1:
        numbers = [index.number for index in op.operands[1:]]
        entry = str(op.attributes[0][0])
        known = all(isinstance(number, int) for number in numbers)
        if ":" in entry and entry.count(":") == 1 and known:
            places = subscript(numbers, (entry,))[0]
            first, last = places.start or 0, places.stop
            if first >= 0 and (last is None or last < 0):
                return op.operands[0], first, first - (last or 0)
    return array, 0, 0


def _up_to(lowering: FunctionLowering, count: Value) -> Range:
    constant = lowering.builder.constant
    return Range(constant(0), count, constant(1))


def enumerated(lowering: FunctionLowering, elements: Elements, first: int) -> Elements:
    """The elements with their numbers, from ``first`` on."""

    def at(index: Value) -> Item:
        number = lowering.builder.emit("add", index, lowering.builder.constant(first))
        return number if first else index, elements.at(index)

    return Elements(elements.range, at, elements.name, elements.of)


def pairs_of(lowering: FunctionLowering, node: AnyNode, elements: Elements) -> Elements:
    """Each element with the next one."""
    builder, where = lowering.builder, lowering.where(node)
    one = builder.constant(1)
    count = builder.emit("sub", elements.range.stop, one, where=where)

    def at(index: Value) -> Item:
        following = builder.emit("add", index, one, where=where)
        return elements.at(index), elements.at(following)

    return Elements(_up_to(lowering, count), at, elements.name, elements.of)


def elements_reversed(
    lowering: FunctionLowering, node: AnyNode, elements: Elements
) -> Elements:
    """The elements from the last to the first."""
    builder, where = lowering.builder, lowering.where(node)
    last = builder.emit("sub", elements.range.stop, builder.constant(1), where=where)

    def at(index: Value) -> Item:
        return elements.at(builder.emit("sub", last, index, where=where))

    return Elements(elements.range, at, elements.name, elements.of)


def zipped(
    lowering: FunctionLowering, node: Node, parts: Sequence[Elements], strict: bool
) -> Elements:
    """The elements of several arrays side by side, as many as the shortest has.

    Where that is ``strict``, all have to have as many.
    """
    lengths = list(dict.fromkeys(part.range.stop for part in parts))
    count = lengths[0]
    if strict:
        builder, where = lowering.builder, lowering.where(node)
        for other in lengths[1:]:
            same = builder.emit("eq", count, other, where=where)
            message = 'ValueError("zip() arguments are of different lengths")'
            builder.guard(same, message, where)
    elif len(lengths) > 1:
        count = lowering.builder.emit("min", *lengths)
    return Elements(
        _up_to(lowering, count),
        lambda index: tuple(part.at(index) for part in parts),
        of=tuple(array for part in parts for array in part.of),
    )


def folded(
    lowering: FunctionLowering,
    node: Node,
    elements: Elements,
    start: Value,
    operation: str = "add",
    name: str = _TOTAL,
) -> Value:
    """The sum, or the product, from left to right, as Python's functions make it.

    Where a number and the first of several arrays are an array, it goes on from there.
    """
    builder, where = lowering.builder, lowering.where(node)
    parts = elements.range

    def block(start: Value) -> tuple[Block, Value]:
        builder.open(where)
        index = builder.block_parameter(INT, elements.name)
        before = builder.block_parameter(start.type, name)
        if start.op is not None or start.number is None:
            lowering.context.origins[before] = start
        term = lowering.checked(elements.at(index), node)
        total = builder.emit(operation, before, term, where=where)
        _name(total, name)
        return builder.close(total, builder.constant(False)), total

    total = block(start)[1]
    if total.type.rank > start.type.rank:
        _guard_some(lowering, node, parts)
        first = lowering.checked(elements.at(parts.start), node)
        start = builder.emit(operation, start, first, where=where)
        after = builder.emit("add", parts.start, parts.step, where=where)
        parts = replace(parts, start=after)
        total = block(start)[1]
    if total.type == FLOAT and start.literal and start.type != FLOAT:
        start = builder.constant(float(start.number))  # type: ignore[arg-type]
    operands = (parts.start, parts.stop, parts.step, start)
    (result,) = builder.loop(FOR, operands, block(start)[0], where=where)
    _name(result, name)
    return result


def _guard_some(lowering: FunctionLowering, node: Node, parts: Range) -> None:
    """Have it raise where there is nothing: Python's sum would be a number then."""
    builder, where = lowering.builder, lowering.where(node)
    some = builder.emit("lt", parts.start, parts.stop, where=where)
    text = "the sum of no arrays is no array; give it one to begin with"
    builder.guard(some, f'ValueError("{text}")', where)


def _name(total: Value, name: str) -> None:
    if total.op is not None and total.name is None:
        total.name = name
