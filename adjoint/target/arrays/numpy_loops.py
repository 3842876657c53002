"""Loops of functions of arrays: which of them the points leave one by one."""

from __future__ import annotations

from adjoint.ir.loops import popped, stack_readers
from adjoint.ir.program import (
    BACKWARD,
    FOR,
    IF,
    LOOPS,
    Block,
    Op,
    Program,
    Value,
    walk,
)
from adjoint.ir.types import FLOAT
from adjoint.target.loop_names import restored_values


class Unevenness:
    """Which loops of a program may end sooner for some points than for others.

    All points run a loop alike, as a loop of Python, where its range holds whole
    numbers, whole parameters (which are then one number for all points), and indices
    of other such loops. A ``while`` may end sooner for some, and so may what breaks.

    ``loops`` are the uneven ones. ``apart`` says whether there are any, or any loops
    that are run by some of the points.
    """

    def __init__(self, program: Program):
        self.loops: set[Op] = set()
        self.apart = False
        self._saver = dict(stack_readers(program.body))
        self._source = restored_values(program.body)
        self._common = {p for p in program.parameters if p.type != FLOAT}
        self._visit(program.body, inside_branch=False)

    def _visit(self, block: Block, inside_branch: bool) -> None:
        for op in block.ops:
            if op.operation in LOOPS:
                self._loop(op)
                self.apart = self.apart or inside_branch or op in self.loops
            elif not op.blocks and self._are_common(op.operands):
                self._common.update(op.results)
            for inner in op.blocks:
                self._visit(inner, inside_branch or op.operation is IF)

    def _loop(self, op: Op) -> None:
        restored = [v for v in popped(op) if self._source.get(v) in self._common]
        self._common.update(restored)
        if self._is_uneven(op):
            self.loops.add(op)
        elif op.operation in (FOR, BACKWARD):
            self._common.add(op.blocks[0].parameters[0])

    def _is_uneven(self, op: Op) -> bool:
        if op.operation not in (FOR, BACKWARD):
            return True
        if op in self._saver:  # as the loop that has filled its stack
            return self._saver[op] in self.loops
        return not self._are_common(op.operands[:3]) or _breaks(op)

    def _are_common(self, values: tuple[Value, ...]) -> bool:
        return all(v.number is not None or v in self._common for v in values)


def has_even_loops(program: Program) -> bool:
    """Whether a loop is run by all points alike."""
    loops = {op for op in walk(program.body) if op.operation in LOOPS}
    return not loops <= Unevenness(program).loops


def _breaks(op: Op) -> bool:
    """Whether the loop has a `break`, or a `return`, that depends on the point."""
    if op.operation is not FOR:
        return False
    stop = op.blocks[0].results[-1]
    return not (stop.literal and not stop.number)
