"""Activity: which values depend on an input of interest."""

from __future__ import annotations

from collections.abc import Sequence

from adjoint.ir.program import Block, Program, Value
from adjoint.ir.types import FLOAT
from adjoint.transform.partials import is_zero


def varied_values(program: Program, interest: Sequence[Value]) -> set[Value]:
    """The values that change, to first order, with the parameters of ``interest``."""
    varied = set(interest)
    _vary(program.body, varied)
    return varied


def _vary(block: Block, varied: set[Value]) -> None:
    for op in block.ops:
        if op.blocks:
            for inner in op.blocks:
                _vary(inner, varied)
            for i, result in enumerate(op.results):
                if any(inner.results[i] in varied for inner in op.blocks):
                    varied.add(result)
            continue
        result = op.results[0]
        if result.type != FLOAT:
            continue
        for at, operand in enumerate(op.operands):
            if operand in varied and not is_zero(op.operation, at):
                varied.add(result)
                break
