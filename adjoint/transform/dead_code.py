"""Dead code: operations whose results nobody uses."""

from __future__ import annotations

from dataclasses import replace

from adjoint.ir.program import Block, Op, Program, Value


def without_dead_code(program: Program, keep_primal: bool = True) -> Program:
    """The program with what its results need and no more.

    With ``keep_primal`` an operation of the primal that may raise is kept even where
    its result is not used: the exception is part of the primal's behaviour.
    """
    kept = program.primal_ops if keep_primal else 0
    used: set[Value] = set()
    primal, derivative = program.body.ops[:kept], program.body.ops[kept:]
    used.update(program.results)
    derivative = _live(derivative, used, keep_raising=False)
    primal = _live(primal, used, keep_raising=True)
    body = Block(primal + derivative, program.results)
    remaining = len(primal)
    if not keep_primal:
        remaining = sum(1 for op in body.ops if op.results[0].generation == 0)
    return replace(program, body=body, primal_ops=remaining)


def _live(ops: list[Op], used: set[Value], keep_raising: bool) -> list[Op]:
    live: list[Op] = []
    for op in reversed(ops):
        if op.blocks:
            narrowed = _live_branch(op, used, keep_raising)
            if narrowed is not None:
                live.append(narrowed)
        elif op.results[0] in used or (
            keep_raising and op.operation.raises and op.results[0].number is None
        ):
            used.update(op.operands)
            live.append(op)
    live.reverse()
    return live


def _live_branch(op: Op, used: set[Value], keep_raising: bool) -> Op | None:
    wanted = [i for i, result in enumerate(op.results) if result in used]
    blocks: list[Block] = []
    for block in op.blocks:
        results = tuple(block.results[i] for i in wanted)
        used.update(results)
        blocks.append(Block(_live(block.ops, used, keep_raising), results))
    if not wanted and not any(block.ops for block in blocks):
        return None
    used.update(op.operands)
    narrowed = Op(op.operation, op.operands, op.where, tuple(blocks))
    narrowed.results = tuple(op.results[i] for i in wanted)
    return narrowed
