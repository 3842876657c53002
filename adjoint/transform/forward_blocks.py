"""Tangents in branches and loops: they are yielded and carried beside the values.

What a loop saves for its reverse is saved together with its tangents, so that a program
that is the result of a reverse sweep has tangents as well (forward over reverse).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from adjoint.ir.loops import parts, popped
from adjoint.ir.program import (
    BACKWARD,
    FOR,
    IF,
    UNWIND,
    WHILE,
    Block,
    Op,
    Value,
)
from adjoint.rules.operation import Operation

if TYPE_CHECKING:
    from adjoint.transform.forward import Tangents


def _pairs(tangents: Tangents, values: Sequence[Value]) -> list[tuple[int, int]]:
    """Which of the values vary in which direction."""
    return [
        (place, at)
        for place, value in enumerate(values)
        for at, varied in enumerate(tangents.varied)
        if value in varied and value.type.real
    ]


def _branch(tangents: Tangents, op: Op) -> None:
    """A branch yields the tangents of its results as further results."""
    builder = tangents.builder
    pairs = _pairs(tangents, op.results)
    blocks = []
    for side in op.blocks:
        builder.open(op.where)
        tangents.visit(side.ops)
        yielded = [tangents.total(side.results[place], at) for place, at in pairs]
        blocks.append(builder.close(*side.results, *yielded))
    copy = op.copied(op.operands, (blocks[0], blocks[1]))
    new = [tangents.new(op.results[place], at, copy) for place, at in pairs]
    copy.results = (*op.results, *new)
    tangents.stacks.note(op)
    builder.adopt(copy)


def _loop(tangents: Tangents, op: Op) -> None:
    """A loop carries the tangents of what it carries, and saves them alike."""
    builder = tangents.builder
    body = op.blocks[-1]
    initial, carried, nexts, results = parts(op)
    pairs = _pairs(tangents, carried)
    taken = list(_taken(tangents, op))
    moving = [tangents.new(carried[place], at) for place, at in pairs]
    builder.open(op.where)
    tangents.visit(body.ops)
    flags = body.results[len(nexts) :]
    block = builder.close(
        *nexts, *(tangents.total(nexts[place], at) for place, at in pairs), *flags
    )
    first = body.parameters[: len(body.parameters) - len(carried)]
    block.parameters = (*first, *taken, *carried, *moving)
    blocks: tuple[Block, ...] = (block,)
    if op.operation is WHILE:
        test = op.blocks[0]
        unused = [Value(m.type, generation=builder.generation) for m in moving]
        parameters = (*test.parameters, *unused)
        blocks = Block(test.ops, test.results, parameters), block
    start = [tangents.total(initial[place], at) for place, at in pairs]
    copy = op.copied((*op.operands, *start), blocks)
    copy.pops += len(taken)
    copy.saved += tuple(
        tangents.total(op.saved[place], at) for place, at in _pairs(tangents, op.saved)
    )
    ends = [tangents.new(results[place], at, copy) for place, at in pairs]
    for end, (place, _) in zip(ends, pairs, strict=True):
        end.tangent_of = carried[place]  # whose name is given first
    copy.results = (*results, *ends, *op.results[len(results) :])
    tangents.stacks.note(op)
    builder.adopt(copy)


def _taken(tangents: Tangents, op: Op) -> Iterator[Value]:
    """The tangents that a reverse loop takes from its stack, behind the values."""
    saved = [value for _, value in tangents.stacks.taken(op)]
    values = popped(op)
    for place, at in _pairs(tangents, saved):
        yield tangents.new(values[place], at)


STRUCTURED: dict[Operation, Callable[[Tangents, Op], None]] = {
    IF: _branch,
    FOR: _loop,
    WHILE: _loop,
    BACKWARD: _loop,
    UNWIND: _loop,
}
