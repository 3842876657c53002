"""Checkpointing: a long loop saves few states, and runs its segments a second time.

A loop of n iterations becomes a loop over segments of about sqrt(n) iterations; only
the state at the beginning of each segment is saved, and the reverse of a segment runs
it again to have what it needs (Griewank and Walther, *Evaluating Derivatives*, chapter
12; two levels of it).
"""

from __future__ import annotations

from dataclasses import replace

from adjoint.errors import OptionError
from adjoint.ir.builder import Builder
from adjoint.ir.identities import EXACT_IDENTITIES
from adjoint.ir.program import FOR, Block, Op, Program, Value, link
from adjoint.ir.types import INT
from adjoint.transform.saving import substituted


def with_checkpoints(program: Program, checkpoint: str | int) -> Program:
    """The program with its outermost counted loops in segments.

    ``checkpoint`` is "sqrt", or how many states to save for each loop. What the program
    computes stays the same. Raises OptionError for another ``checkpoint``.
    """
    states = checkpoint if isinstance(checkpoint, int) else None
    if checkpoint != "sqrt" and (states is None or states < 1):
        raise OptionError(
            f'checkpoint is "sqrt" or a number of states, not {checkpoint!r}'
        )
    ops: list[Op] = []
    for op in program.body.ops:
        # what a reverse loop takes back, of a derivative, stays as it is saved
        plain = op.operation is FOR and not op.saved
        stop = op.blocks[0].results[-1] if plain else None
        if stop is not None and stop.literal and not stop.number:
            ops += _segmented(program, op, states)
        else:
            ops.append(op)
    body = Block(ops, program.body.results)
    link(body)
    return replace(program, body=body, primal_ops=len(ops))


def _segmented(program: Program, loop: Op, states: int | None) -> list[Op]:
    """The operations that take the place of the loop; they have its results.

    ``states`` is the number of segments, None for the square root.
    """
    builder = Builder(program.source, EXACT_IDENTITIES)
    emit, number = builder.emit, builder.constant
    start, stop, step, *initial = loop.operands
    # the number of iterations, rounded up; negative for none
    count = emit("neg", emit("floordiv", emit("sub", start, stop), step))
    if states is None:
        length = emit("isqrt", emit("max", count, number(1)))
    else:
        share = emit("neg", emit("floordiv", emit("neg", count), number(states)))
        length = emit("max", share, number(1))
    builder.open(loop.where)
    first = builder.block_parameter(INT)
    carried = [
        builder.block_parameter(value.type, value.name)
        for value in loop.blocks[0].parameters[1:]
    ]
    end = emit("min", emit("add", first, length), count)
    results = _segment(builder, loop, first, end, carried)
    block = builder.close(*results, number(False))
    operands = (number(0), count, length, *initial)
    builder.loop(FOR, operands, block, where=loop.where)
    ops = builder.finish("segments", *loop.results).body.ops
    ops[-1].results = loop.results
    ops[-1].recompute = True
    return ops


def _segment(
    builder: Builder, loop: Op, first: Value, end: Value, carried: list[Value]
) -> tuple[Value, ...]:
    """The loop over one segment, with the body of the original loop."""
    start, _, step = loop.operands[:3]
    body = loop.blocks[0]
    builder.open(loop.where)
    at = builder.block_parameter(INT, body.parameters[0].name)
    parameters = [builder.block_parameter(v.type, v.name) for v in body.parameters[1:]]
    index = builder.emit("add", start, builder.emit("mul", at, step))
    if index.op is not None:
        index.name = body.parameters[0].name
    known = dict(zip(body.parameters, (index, *parameters), strict=True))
    moved = substituted(body, known)
    block = builder.close(*moved.results)
    block.ops += moved.ops
    operands = (first, end, builder.constant(1), *carried)
    return builder.loop(FOR, operands, block, where=loop.where)
