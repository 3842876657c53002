"""Signs: a derivative that is negated in several places is negated once.

``-(x*d)`` and ``-(x*n)`` become ``t*d`` and ``t*n`` with ``t = -x``, ``-(a*d + b*x)``
becomes ``b*t - a*d``, and ``-(2*a*b)`` becomes ``-2*a*b``: a sign goes through products
and sums that nothing else uses. Where it stays, ``a + -b`` becomes ``a - b``. Nothing
is rounded in another way by that.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from operator import attrgetter

from adjoint.ir.numbering import expression_key
from adjoint.ir.program import Block, Op, Program, Value
from adjoint.ir.types import BOOL, FLOAT
from adjoint.rules.array_operation import ArrayOperation
from adjoint.rules.operation import Operation
from adjoint.rules.table import OPERATIONS

_NEG, _ADD, _SUB = OPERATIONS["neg"], OPERATIONS["add"], OPERATIONS["sub"]
_DIV = OPERATIONS["div"]
_THROUGH = (_ADD, OPERATIONS["mul"], _DIV)

_OPERANDS, _BLOCKS = attrgetter("operands"), attrgetter("blocks")

#: So deep a sign is followed into an expression.
_DEPTH = 6

#: What takes a sign may give it away in turn, so often.
_ROUNDS = 4

#: Operations on a way, each with the operand at which it goes on.
_Steps = tuple[tuple[Op, int], ...]


@dataclass(frozen=True)
class _Path:
    """A way for a sign, from what is negated down to the ``factor`` that takes it.

    The factor is None where the last of the operations on the way is a difference,
    which is turned round.
    """

    steps: _Steps
    factor: Value | None


def with_fewer_signs(program: Program) -> Program:
    """The program, with the signs of what derivatives have made taken together."""
    for _ in range(_ROUNDS):
        if _NEG not in program.operations:
            break
        body = _Signs(program).block(program.body)
        if body is program.body:
            break
        program = replace(program, body=body)
    return program


class _Signs:
    """One walk through the blocks of a program."""

    def __init__(self, program: Program):
        self._first_made = program.primal_generation + 1
        self._body = program.body
        self._uses: Counter[Value] = Counter()
        self._count(program.body)

    def _count(self, block: Block) -> None:
        self._uses.update(block.results)
        self._uses.update(chain.from_iterable(map(_OPERANDS, block.ops)))
        for op in filter(_BLOCKS, block.ops):
            self._uses.update(op.saved)
            for inner in op.blocks:
                self._count(inner)

    def block(self, block: Block) -> Block:
        """The block with fewer signs, or itself."""
        ops = self._with_blocks(block.ops)
        here = {op.result: op for op in ops if op.result is not None}
        paths = {
            op: list(self._paths(op.operands[0], here))
            for op in ops
            if op.operation is _NEG and self._made(op.result)
        }
        chosen = _chosen(paths)
        results = block.results
        if chosen:
            ops = _rewritten(ops, chosen)
            if block is self._body and not any(map(_BLOCKS, ops)):
                ops, results = self._once_each(ops, results)
        ops = self._taken_into_sums(ops)
        if ops is block.ops:
            return block
        return Block(ops, results, block.parameters)

    def _once_each(
        self, ops: list[Op], results: tuple[Value, ...]
    ) -> tuple[list[Op], tuple[Value, ...]]:
        """The operations of a program without blocks, each of them once.

        Some may be the same now: of ``a - b`` and ``-(b - a)``.
        """
        first: dict[object, Value] = {}
        same: dict[Value, Value] = {}
        found: list[Op] = []
        for op in ops:
            if not same.keys().isdisjoint(op.operands):
                op = op.copied(tuple([same.get(v, v) for v in op.operands]), ())
                op.results[0].op = op
            if self._made(op.result) and not isinstance(op.operation, ArrayOperation):
                key = op.operation, expression_key(op.operation, op.operands)
                known = first.setdefault(key, op.results[0])
                if known is not op.results[0]:
                    same[op.results[0]] = known
                    continue
            found.append(op)
        if not same:
            return ops, results
        self._uses.clear()
        self._count(Block(found, results))
        return found, tuple([same.get(value, value) for value in results])

    def _with_blocks(self, ops: list[Op]) -> list[Op]:
        """The operations, with fewer signs in the blocks that they hold."""
        changed: dict[Op, Op] = {}
        for op in filter(_BLOCKS, ops):
            blocks = tuple([self.block(inner) for inner in op.blocks])
            if blocks != op.blocks:
                changed[op] = op.copied(op.operands, blocks)
        return [changed.get(op, op) for op in ops] if changed else ops

    def _taken_into_sums(self, ops: list[Op]) -> list[Op]:
        """The operations; signs that only sums and differences use are in those."""
        negated = {
            op.results[0]: op.operands[0]
            for op in ops
            if op.operation is _NEG and self._made(op.result)
        }
        if not negated:
            return ops
        places = {
            op: at
            for op in ops
            if op.operation in (_ADD, _SUB)
            for at in ((1, 0) if op.operation is _ADD else (1,))
            if op.operands[at] in negated and self._made(op.result)
        }
        taken = Counter(op.operands[at] for op, at in places.items())
        gone = {value for value, uses in taken.items() if uses == self._uses[value]}
        found = [op for op in ops if op.result not in gone] if gone else ops
        for at, op in enumerate(found if gone else ()):
            place = places.get(op)
            if place is not None and op.operands[place] in gone:
                found[at] = _without_sign(op, place, negated[op.operands[place]])
        return found

    def _made(self, value: Value | None) -> bool:
        """Whether it is a number that a derivative has made."""
        if value is None or value.type is not FLOAT or value.number is not None:
            return False
        return value.generation >= self._first_made

    def _paths(self, top: Value, here: Mapping[Value, Op]) -> Iterator[_Path]:
        """The ways for a sign of ``top``, through what nothing else uses."""
        pending: list[tuple[Value, _Steps]] = [(top, ())]
        while pending:
            value, steps = pending.pop()
            op = here.get(value)
            if op is not None and self._uses[value] == 1 and self._made(value):
                if op.operation is _SUB:
                    yield _Path((*steps, (op, 0)), None)
                    continue
                if op.operation in _THROUGH and len(steps) < _DEPTH:
                    a, b = op.operands
                    if op.operation is not _DIV or not b.literal:  # no x / -2
                        pending.append((b, (*steps, (op, 1))))
                    pending.append((a, (*steps, (op, 0))))
                    continue
            if steps and _takes_sign(value):
                yield _Path(steps, value)


def _takes_sign(value: Value) -> bool:
    """Whether it may be negated: a plain number, or a variable."""
    if value.number is not None:
        plain = value.op is None and value.name is None and value.type != BOOL
        return plain and math.isfinite(value.number)
    return value.type is FLOAT


def _chosen(paths: Mapping[Op, Sequence[_Path]]) -> dict[Op, _Path]:
    """For operations that negate, the way that the sign goes; most have none.

    It is one that costs nothing, or one to a factor that several of them have.
    """
    chosen: dict[Op, _Path] = {}
    of_factor: dict[Value, dict[Op, _Path]] = {}
    for op, ways in paths.items():
        for path in ways:
            if path.factor is None or path.factor.literal:
                chosen.setdefault(op, path)
            else:
                of_factor.setdefault(path.factor, {}).setdefault(op, path)
    for shared in sorted(of_factor.values(), key=len, reverse=True):
        left = {op: path for op, path in shared.items() if op not in chosen}
        if len(left) > 1:
            chosen.update(left)
    return chosen


def _rewritten(ops: Sequence[Op], chosen: Mapping[Op, _Path]) -> list[Op]:
    """The operations, where those that negate have given their signs away."""
    gone = {op for path in chosen.values() for op, _ in path.steps}
    negative: dict[Value, Value] = {}
    found: list[Op] = []
    for op in ops:
        path = chosen.get(op)
        if path is None:
            found += [] if op in gone else [op]
            continue
        value = path.factor
        if value is not None and value.number is not None:
            value = Value(value.type, -value.number)
        elif value is not None:
            if value not in negative:
                found.append(_like(op, _NEG, (value,)))
                negative[value] = found[-1].results[0]
            value = negative[value]
        for step, at in reversed(path.steps):
            found.append(_like(op, *_negative_of(step, at, value)))
            value = found[-1].result
        found[-1].results = op.results
        op.results[0].op = found[-1]
    return found


def _negative_of(
    op: Op, at: int, negative: Value | None
) -> tuple[Operation, tuple[Value, ...]]:
    """What gives the negative of an operation, from that of its operand ``at``."""
    a, b = op.operands
    if negative is None:
        return _SUB, (b, a)
    if op.operation is _ADD:
        return _SUB, (negative, (b, a)[at])
    return op.operation, (negative, b) if at == 0 else (a, negative)


def _without_sign(op: Op, at: int, positive: Value) -> Op:
    """A sum or a difference whose operand ``at`` is what is negated in it now."""
    turned = _SUB if op.operation is _ADD else _ADD
    new = Op(turned, (op.operands[1 - at], positive), op.where, sweep=op.sweep)
    new.results = op.results
    new.results[0].op = new
    return new


def _like(op: Op, operation: Operation, operands: tuple[Value, ...]) -> Op:
    """A new operation with a new result, where another one stands."""
    new = Op(operation, operands, op.where, sweep=op.sweep)
    new.result = Value(FLOAT, None, new, None, op.results[0].generation)
    return new
