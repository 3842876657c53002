"""Radii: ``hypot`` is not 0 where the function divides by it.

Its derivative is 0 at 0 by convention, and asks for that. Of ``x / hypot(x, y)`` there
is none at 0: the function has raised.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from adjoint.ir.clone import cloned
from adjoint.ir.program import Block, Op, Program, Value, link, walk
from adjoint.rules.table import OPERATIONS, WRITTEN_OUT
from adjoint.transform.raising import not_zero_behind

_HYPOT = OPERATIONS["hypot"]
_RADIUS = WRITTEN_OUT["radius"]
_POWER = OPERATIONS["power"]
#: 0 where an operand is.
_FACTORS = {OPERATIONS[name] for name in ("mul", "div", "neg", "square", "sqrt")}


def with_known_radii(program: Program) -> Program:
    """The program with `radius` for each `hypot` that it divides by in any case."""
    if _HYPOT not in program.operations:
        return program
    found = set(_radii(program.body))
    for op in walk(program.body):
        for block in op.blocks:
            found.update(_radii(block))
    if not found:
        return program
    body = cloned(program.body, {}).block
    for op, copy in zip(walk(program.body), walk(body), strict=True):
        if op in found:
            copy.operation = _RADIUS
    link(body)
    return replace(program, body=body, maker=None)


def _radii(block: Block) -> Iterator[Op]:
    """Those of the block that are not 0 where all of it has been done."""
    own = {op for op in block.ops if op.operation is _HYPOT and len(op.operands) == 2}
    if own:
        for value in _not_zero(block):
            if value.op in own:
                yield value.op


def _not_zero(block: Block) -> Iterator[Value]:
    """The values of a block that are not 0 where it has not raised."""
    pending = [not_zero_behind(op) for op in block.ops]
    seen = set[Value]()
    while pending:
        value = pending.pop()
        if value is None or value in seen:
            continue
        seen.add(value)
        yield value
        op = value.op
        if op is not None and op.operation in _FACTORS:
            pending += op.operands
        elif op is not None and op.operation is _POWER and op.operands[1].number:
            pending.append(op.operands[0])
