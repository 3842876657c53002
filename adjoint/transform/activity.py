"""Activity: which values depend on an input of interest."""

from __future__ import annotations

from collections.abc import Sequence

from adjoint.ir.program import FOR, LOOPS, WHILE, Block, Op, Program, Value
from adjoint.transform.partials import is_zero


def varied_values(program: Program, interest: Sequence[Value]) -> set[Value]:
    """The values that change, to first order, with the parameters of ``interest``."""
    varied = set(interest)
    _vary(program.body, varied)
    return varied


def _vary(block: Block, varied: set[Value]) -> None:
    for op in block.ops:
        if op.operation in LOOPS:
            _vary_loop(op, varied)
            continue
        if op.blocks:
            for inner in op.blocks:
                _vary(inner, varied)
            for i, result in enumerate(op.results):
                if any(inner.results[i] in varied for inner in op.blocks):
                    varied.add(result)
            continue
        if not op.results or not op.results[0].type.real:
            continue
        result = op.results[0]
        for at, operand in enumerate(op.operands):
            if operand in varied and not is_zero(op.operation, at):
                varied.add(result)
                break


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
