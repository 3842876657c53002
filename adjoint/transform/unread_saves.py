"""What a loop saves and no reverse loop reads: it is not saved.

A tangent sweep has the tangent of all that is saved put beside it, and reads of some
values their tangents alone, or only the values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from adjoint.ir.loops import popped, stack_readers
from adjoint.ir.program import BACKWARD, LOOPS, Block, Op, Program, Value, walk

_T = TypeVar("_T")


def without_unread_saves(program: Program) -> Program:
    """The program that saves what is read; what nothing needs then is still in it."""
    if LOOPS.isdisjoint(program.operations):
        return program
    readers = list(stack_readers(program.body))
    used = _used(program.body)
    read: dict[Op, set[int]] = {}
    for reader, saver in readers:
        places = {at for at, value in enumerate(popped(reader)) if value in used}
        read.setdefault(saver, set()).update(places)
    kept = {
        saver: sorted(places)
        for saver, places in read.items()
        if 0 < len(places) < len(saver.saved)
    }
    if not kept:
        return program
    savers = {reader: saver for reader, saver in readers if saver in kept}
    body = _Trimmed(kept, savers).block(program.body)
    return replace(program, body=body)


def _used(body: Block) -> set[Value]:
    used = set(body.results)
    for op in walk(body):
        used.update(op.operands, op.saved)
        for inner in op.blocks:
            used.update(inner.results)
    return used


class _Trimmed:
    """The blocks once more: of what is saved, the places that are kept."""

    def __init__(self, kept: dict[Op, list[int]], savers: dict[Op, Op]):
        self._kept = kept
        self._savers = savers

    def block(self, block: Block) -> Block:
        """The block as it is now."""
        ops = [self._op(op) if op.blocks else op for op in block.ops]
        return Block(ops, block.results, block.parameters)

    def _op(self, op: Op) -> Op:
        new = op.copied(op.operands, tuple(map(self.block, op.blocks)))
        if op in self._kept:
            new.saved = _at(op.saved, self._kept[op])
        if op in self._savers:
            (body,), first = new.blocks, 1 if op.operation is BACKWARD else 0
            places = [at for at in self._kept[self._savers[op]] if at < op.pops]
            leading, rest = body.parameters[:first], body.parameters[first + op.pops :]
            body.parameters = (*leading, *_at(popped(op), places), *rest)
            new.pops = len(places)
        return new


def _at(values: Sequence[_T], places: Sequence[int]) -> tuple[_T, ...]:
    return tuple([values[at] for at in places])
