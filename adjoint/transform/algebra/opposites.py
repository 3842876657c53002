"""Opposites: where a derivative has ``(a - b)/c``, its ``(b - a)/c`` is ``-t``.

They come of signs that were turned while nobody knew of the other one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from adjoint.ir.program import Block, Op, Program, Value, walk
from adjoint.ir.types import FLOAT
from adjoint.rules.operation import Operation
from adjoint.rules.table import OPERATIONS

_NEG, _ADD, _SUB = OPERATIONS["neg"], OPERATIONS["add"], OPERATIONS["sub"]
_MUL, _DIV = OPERATIONS["mul"], OPERATIONS["div"]

_LINEAR = (_SUB, _MUL, _DIV)

_Key = tuple[Operation, Value, Value]


def with_opposites(program: Program) -> Program:
    """The program; what is the negative of what there is already, is written so.

    What nothing needs any longer is still in it.
    """
    differences = [op.operands for op in _differences(program)]
    if {(b, a) for a, b in differences}.isdisjoint(differences):
        return program
    return replace(program, body=_Opposites(program).written(program.body))


def _differences(program: Program) -> Iterator[Op]:
    if _SUB in program.operations:
        for op in walk(program.body):
            if op.operation is _SUB and _is_made(program, op.result):
                yield op


def _is_made(program: Program, value: Value | None) -> bool:
    """Whether it is a number that a derivative has made."""
    if value is None or value.type is not FLOAT or value.number is not None:
        return False
    return value.generation > program.primal_generation


class _Opposites:
    """What is the negative of what in a program, and what is the same."""

    def __init__(self, program: Program):
        self._program = program
        #: values, and what they are the negative of
        self._of: dict[Value, Value] = {}
        self._same: dict[Value, Value] = {}
        #: what is negated, where it is
        self._negated: dict[Value, Value] = {}
        #: what is used by something else than sums, which take a sign
        self._factors: set[Value] = set()
        self._survey(program.body, {})

    def _survey(self, block: Block, known: dict[_Key, Value]) -> None:
        """Find differences that are turned; ``known`` is computed before the block."""
        for op in block.ops:
            if op.operation is not _ADD and op.operation is not _SUB:
                self._factors.update(op.operands)
            for inner in op.blocks:
                self._survey(inner, dict(known))
            if op.operation in _LINEAR and _is_made(self._program, op.result):
                result = op.results[0]
                other = self._opposite(op, known)
                if other is not None:
                    self._of[result] = other
                known.setdefault(_key(op, *op.operands), result)

    def _opposite(self, op: Op, known: dict[_Key, Value]) -> Value | None:
        """What there is already that the result is the negative of."""
        a, b = op.operands
        if op.operation is _SUB:
            return known.get((_SUB, b, a))
        if a in self._of:
            return known.get(_key(op, self._of[a], b))
        return known.get(_key(op, a, self._of[b])) if b in self._of else None

    def written(self, block: Block) -> Block:
        """The block as it is now."""
        ops = [new for op in block.ops for new in self._written(op)]
        return Block(ops, self._seen(block.results), block.parameters)

    def _seen(self, values: tuple[Value, ...]) -> tuple[Value, ...]:
        same = self._same
        return tuple([same.get(v, v) for v in values]) if same else values

    def _written(self, op: Op) -> list[Op]:
        operands, result = self._seen(op.operands), op.result
        if op.blocks:
            op = op.copied(operands, tuple(map(self.written, op.blocks)))
            op.saved = self._seen(op.saved)
            return [op]
        if not _is_made(self._program, result) or result is None:
            return [op] if operands == op.operands else [op.copied(operands, ())]
        if op.operation is _SUB and result in self._factors:
            self._of.pop(result, None)  # x * (b - a) reads better than -(t * x)
        a, b = operands[0], operands[-1]
        if result in self._of:
            return self._negative(op, self._of[result])
        if op.operation is _NEG and a in self._of:
            self._same[result] = self._of[a]
            return []
        if op.operation in (_MUL, _DIV) and (a in self._of) != (b in self._of):
            pair = self._of.get(a, a), self._of.get(b, b)
            whole = Op(op.operation, pair, op.where, sweep=op.sweep)
            whole.result = Value(FLOAT, None, whole, None, result.generation)
            self._of[result] = whole.result
            return [whole, *self._negative(op, whole.result)]
        return [op] if operands == op.operands else [op.copied(operands, ())]

    def _negative(self, op: Op, positive: Value) -> list[Op]:
        """The operation, as one that negates; none where that is there already."""
        result = op.results[0]
        known = self._negated.setdefault(positive, result)
        if known is not result:
            self._same[result] = known
            return []
        new = Op(_NEG, (positive,), op.where, sweep=op.sweep)
        new.result = result
        result.op = new
        return [new]


def _key(op: Op, a: Value, b: Value) -> _Key:
    if op.operation is _MUL and id(a) > id(b):
        return _MUL, b, a
    return op.operation, a, b
