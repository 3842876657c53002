"""Activity: which values depend on an input of interest."""

from __future__ import annotations

from collections.abc import Sequence

from adjoint.ir.program import FOR, LOOPS, WHILE, Block, Op, Program, Value
from adjoint.transform.partials import active_operands


def varied_values(program: Program, interest: Sequence[Value]) -> set[Value]:
    """The values that change, to first order, with the parameters of ``interest``."""
    varied = set(interest)
    _vary(program.body, varied)
    return varied


def _vary(block: Block, varied: set[Value]) -> None:
    for op in block.ops:
        if not op.blocks:
            if op.results and op.results[0].type.real and _varies(op, varied):
                varied.add(op.results[0])
            continue
        if op.operation in LOOPS:
            _vary_loop(op, varied)
        else:
            for inner in op.blocks:
                _vary(inner, varied)
            for i, result in enumerate(op.results):
                if any(inner.results[i] in varied for inner in op.blocks):
                    varied.add(result)


def _varies(op: Op, varied: set[Value]) -> bool:
    """Whether the result varies: by an operand with a derivative that is not zero."""
    operands = op.operands
    if varied.isdisjoint(operands):
        return False
    active = active_operands(op.operation, len(operands))
    return any(operands[at] in varied for at in active)


def _vary_loop(op: Op, varied: set[Value]) -> None:
    """A carried value varies if it does so at the start or after any iteration."""
    body = op.blocks[-1]
    flags = 1 if op.operation in (FOR, WHILE) else 0
    nexts = body.results[: len(body.results) - flags]
    parameters = body.parameters[len(body.parameters) - len(nexts) :]
    initial = op.operands[len(op.operands) - len(nexts) :]
    _pass_on(initial, parameters, varied)
    while True:
        _vary(body, varied)
        if not _pass_on(nexts, parameters, varied):
            break
    _pass_on(parameters, op.results[: len(nexts)], varied)


def _pass_on(
    source: Sequence[Value], target: Sequence[Value], varied: set[Value]
) -> bool:
    """Whether any of ``target`` begins to vary because its source does."""
    new = {
        b
        for a, b in zip(source, target, strict=True)
        if a in varied and b not in varied and b.type.real
    }
    varied |= new
    return bool(new)
