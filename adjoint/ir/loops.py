"""Loops: which of their operands, parameters and results belong together."""

from __future__ import annotations

from collections.abc import Iterator

from adjoint.ir.program import BACKWARD, IF, Block, Op, Value, walk
from adjoint.ir.types import STACK


def parts(
    op: Op,
) -> tuple[tuple[Value, ...], tuple[Value, ...], tuple[Value, ...], tuple[Value, ...]]:
    """What a loop carries: initial values, parameters, next values, results."""
    body = op.blocks[-1]
    count = len(op.results) - bool(op.saved)
    before = len(op.operands) - count
    first = len(body.parameters) - count
    return (
        op.operands[before:],
        body.parameters[first:],
        body.results[:count],
        op.results[:count],
    )


def popped(op: Op) -> tuple[Value, ...]:
    """The block parameters of a reverse loop that have back what was saved."""
    first = 1 if op.operation is BACKWARD else 0
    return op.blocks[-1].parameters[first : first + op.pops]


def stack_of(op: Op) -> Value | None:
    """The stack that a reverse loop takes its values from, if it does."""
    if not op.pops:
        return None
    return op.operands[3 if op.operation is BACKWARD else 0]


def stack_readers(body: Block) -> Iterator[tuple[Op, Op]]:
    """The reverse loops that take from stacks, each with the loop that has saved."""
    savers: dict[Value, Op] = {}
    source: dict[Value, Value] = {}  # of a stack that is handed out, or was saved
    for op in walk(body):
        if op.saved:
            savers[op.results[-1]] = op
        for block in op.blocks if op.operation is IF else ():
            for result, value in zip(op.results, block.results, strict=True):
                if result.type == STACK and not value.literal:
                    source[result] = value
        stack = stack_of(op)
        if stack is not None:
            while stack in source:
                stack = source[stack]
            saver = savers[stack]
            yield op, saver
            pairs = zip(popped(op), saver.saved, strict=False)
            source.update((one, saved) for one, saved in pairs if one.type == STACK)
