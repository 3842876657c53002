"""Loops: which of their operands, parameters and results belong together."""

from __future__ import annotations

from adjoint.ir.program import BACKWARD, Op, Value


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
