"""Loops of functions of arrays: those that all points run through together."""

from __future__ import annotations

from adjoint.errors import AdjointError
from adjoint.ir.program import (
    BACKWARD,
    FOR,
    IF,
    LOOPS,
    WHILE,
    Block,
    Op,
    Program,
    Value,
)
from adjoint.ir.types import FLOAT

_HINT = "the target python differentiates it, for one point at a time"


def refuse_uneven_loops(program: Program) -> None:
    """Raises SourceError for a loop that may end sooner for one point than for others.

    The bounds of a range may hold whole numbers, whole parameters (which are then one
    number for all points), and the indices of other loops.
    """
    common = {p for p in program.parameters if p.type != FLOAT}
    _visit(program, program.body, common, inside_branch=False)


def _visit(
    program: Program, block: Block, common: set[Value], inside_branch: bool
) -> None:
    """``common`` are the values that are the same for all points."""
    for op in block.ops:
        if op.operation in LOOPS:
            if inside_branch:
                raise _refused(program, op, "this loop is run for some of the points")
            if op.operation is WHILE or _breaks(op):
                raise _refused(program, op, "this loop may end sooner for some points")
            _range(program, op, common)
        elif not op.blocks and common.issuperset(_variables(op)):
            common.update(op.results)
        for inner in op.blocks:
            _visit(program, inner, common, inside_branch or op.operation is IF)


def _range(program: Program, op: Op, common: set[Value]) -> None:
    if op.operation in (FOR, BACKWARD):
        if not common.issuperset(_variables(op, 3)):
            message = "the range of this loop may differ from point to point"
            raise _refused(program, op, message)
        common.add(op.blocks[0].parameters[0])


def _variables(op: Op, count: int | None = None) -> list[Value]:
    return [value for value in op.operands[:count] if value.number is None]


def _breaks(op: Op) -> bool:
    """Whether the loop has a `break`, or a `return`, that depends on the point."""
    if op.operation is not FOR:
        return False
    stop = op.blocks[0].results[-1]
    return not (stop.literal and not stop.number)


def _refused(program: Program, op: Op, message: str) -> AdjointError:
    message += ", which the target numpy cannot do"
    if op.where < 0:
        return AdjointError(f"{program.name}: {message}; {_HINT}")
    return program.source.error(op.where, op.where + 1, message, _HINT)
