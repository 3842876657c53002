"""Calls of which several results are used: ``w, V = np.linalg.eigh(a)``, once.

In the language in the middle each result is that of an operation of its own, a part of
what NumPy's function gives. Those that stand in one block become one call, in the place
of the first.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace

from adjoint.ir.program import CALL, Block, Op, Program, Value
from adjoint.ir.types import FLOAT
from adjoint.rules.array_operation import ArrayOperation
from adjoint.transform.saving import substituted


def with_shared_calls(program: Program) -> Program:
    """The program in which the parts of one call are the results of one operation."""
    if not any(isinstance(op, ArrayOperation) and op.part for op in program.operations):
        return program
    ops, count = program.body.ops, program.primal_ops
    calls = _Calls(ops)
    primal = calls.written(ops[:count])
    body = Block([*primal, *calls.written(ops[count:])], program.results)
    body = substituted(body, calls.same)
    return replace(program, body=body, primal_ops=len(primal))


class _Calls:
    """The calls of one block.

    ``same`` are parts that are there twice, as where a tangent sweep has computed what
    a reverse sweep computes behind it, and the values that they are.
    """

    def __init__(self, ops: Sequence[Op]):
        self.same: dict[Value, Value] = {}
        #: for each part the call; None but for the first
        self._calls: dict[Op, Op | None] = {}
        groups: dict[Hashable, list[Op]] = {}
        for op in ops:
            if isinstance(op.operation, ArrayOperation) and op.operation.part:
                key = (op.operation.numpy, op.operands, op.attributes)
                groups.setdefault(key, []).append(op)
        for parts in groups.values():
            if len(parts) > 1:
                self._calls.update(dict.fromkeys(parts))
                self._calls[parts[0]] = self._call(parts)

    def _call(self, parts: Sequence[Op]) -> Op:
        """One call for these parts; what nothing reads of it is a number here."""
        first = parts[0]
        found: dict[int, Value] = {}
        for op in parts:
            assert isinstance(op.operation, ArrayOperation) and op.operation.part
            at, count = op.operation.part
            value = op.results[0]
            if found.setdefault(at, value) is not value:
                self.same[value] = found[at]
        call = Op(CALL, first.operands, first.where, (), (first,), first.sweep)
        call.results = tuple([found.get(at) or Value(FLOAT) for at in range(count)])
        return call

    def written(self, ops: Sequence[Op]) -> list[Op]:
        """The operations, also those of blocks inside, with calls for their parts."""
        found = [self._calls.get(op, op) for op in ops]
        return [_inside(op) for op in found if op is not None]


def _inside(op: Op) -> Op:
    """The operation, with the calls of its blocks."""
    if not op.blocks:
        return op
    blocks: list[Block] = []
    same: dict[Value, Value] = {}
    for block in op.blocks:
        calls = _Calls(block.ops)
        inner = Block(calls.written(block.ops), block.results, block.parameters)
        blocks.append(substituted(inner, calls.same))
        same |= calls.same
    copy = op.copied(op.operands, tuple(blocks))
    copy.saved = tuple([same.get(value, value) for value in op.saved])
    return copy
