"""Loops over the elements of arrays, whose number is known when the program runs."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING

from adjoint.frontend.arrays.access import length, require_rank
from adjoint.frontend.function.items import Elements, Item, Range
from adjoint.frontend.syntax import Node
from adjoint.ir.program import FOR, Block, Value
from adjoint.ir.types import FLOAT, INT

if TYPE_CHECKING:
    from adjoint.frontend.function.expressions import Expressions

_AT = (("a",),)
#: What a sum is called in the generated code.
_TOTAL = "total"


def elements_of(
    lowering: Expressions, node: ast.AST | Node, item: Item
) -> Elements | None:
    """The elements of an array along its first axis; None for what is no array."""
    if isinstance(item, Elements):
        return None if item.whole else item
    if not isinstance(item, Value):
        return None
    require_rank(lowering, node, item, 1)
    if not item.type.rank:
        return None

    def at(index: Value) -> Item:
        where = lowering.where(node)
        return lowering.builder.emit("index", item, index, where=where, attributes=_AT)

    return Elements(_up_to(lowering, length(lowering, node, item, 0)), at, of=(item,))


def _up_to(lowering: Expressions, count: Value) -> Range:
    constant = lowering.builder.constant
    return Range(constant(0), count, constant(1))


def enumerated(lowering: Expressions, elements: Elements, first: int) -> Elements:
    """The elements with their numbers, from ``first`` on."""

    def at(index: Value) -> Item:
        number = lowering.builder.emit("add", index, lowering.builder.constant(first))
        return number if first else index, elements.at(index)

    return Elements(elements.range, at, elements.name, elements.of)


def zipped(lowering: Expressions, parts: Sequence[Elements]) -> Elements:
    """The elements of several arrays side by side, as many as the shortest has."""
    lengths = list(dict.fromkeys(part.range.stop for part in parts))
    count = lengths[0]
    if len(lengths) > 1:
        count = lowering.builder.emit("min", *lengths)
    return Elements(
        _up_to(lowering, count),
        lambda index: tuple(part.at(index) for part in parts),
        of=tuple(array for part in parts for array in part.of),
    )


def summed(
    lowering: Expressions, node: Node, elements: Elements, start: Value
) -> Value:
    """The sum, from left to right, as Python's `sum` makes it."""
    builder, where = lowering.builder, lowering.where(node)
    parts = elements.range
    total = _sum_block(lowering, node, elements, start)[1]
    if total.type == FLOAT and start.literal and start.type != FLOAT:
        start = builder.constant(float(start.number))  # type: ignore[arg-type]
    block, _ = _sum_block(lowering, node, elements, start)
    operands = (parts.start, parts.stop, parts.step, start)
    (result,) = builder.loop(FOR, operands, block, where=where)
    _name(result)
    return result


def _sum_block(
    lowering: Expressions, node: Node, elements: Elements, start: Value
) -> tuple[Block, Value]:
    builder, where = lowering.builder, lowering.where(node)
    builder.open(where)
    index = builder.block_parameter(INT, elements.name)
    before = builder.block_parameter(start.type, _TOTAL)
    if start.op is not None or start.number is None:
        lowering.context.origins[before] = start
    term = lowering.checked(elements.at(index), node)
    total = builder.emit("add", before, term, where=where)
    _name(total)
    return builder.close(total, builder.constant(False)), total


def _name(total: Value) -> None:
    if total.op is not None and total.name is None:
        total.name = _TOTAL
