"""What may raise where derivatives are computed, and what the function rules out.

Of ``log(t)`` it is known that t is not 0, where it has not raised: ``1 / t`` does not.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from adjoint.ir.program import IF, Op, Program, Value
from adjoint.rules.table import OPERATIONS

_DIV = OPERATIONS["div"]
#: Operations that raise where this operand is 0.
_NOT_ZERO = {_DIV: 1} | {OPERATIONS[name]: 0 for name in ("log", "log2", "log10")}
#: Comparisons with 0: the side of a branch in which the other number may be 0.
_ZERO_OUTSIDE = {OPERATIONS[name]: 1 for name in ("ne", "gt", "lt")}
_ZERO_OUTSIDE[OPERATIONS["eq"]] = 0


class Raising:
    """What may raise in a derivative of ``primal``; it is asked in order of execution.

    Where the derivative lacks what would have raised in the function, its divisions
    stand for that: these are *pinned*, and have to be done whatever comes of them.
    """

    def __init__(self, primal: Program):
        self._never_zero = {not_zero_behind(op) for op in primal.body.ops}
        self._not_zero: set[Value] = set()
        self._learnt: list[Value] = []

    @contextmanager
    def block(self, of: Op | None = None, at: int = 0) -> Iterator[None]:
        """What is learnt in a block holds there alone; in a side, so does the test."""
        before = len(self._learnt)
        if of is not None and of.operation is IF:
            test = of.operands[0].op
            if test is not None and _ZERO_OUTSIDE.get(test.operation) == 1 - at:
                a, b = test.operands
                self._learn(a if b.literal and b.number == 0 else None)
        yield
        self._not_zero.difference_update(self._learnt[before:])
        del self._learnt[before:]

    def learn(self, op: Op) -> None:
        """Note an operation that is done in any case."""
        self._learn(not_zero_behind(op))

    def _learn(self, value: Value | None) -> None:
        if value is not None and value not in self._not_zero:
            self._not_zero.add(value)
            self._learnt.append(value)

    def may_raise(self, op: Op) -> bool:
        """Whether the operation may raise where it stands."""
        if op.operation is not _DIV:
            return op.operation.raises
        divisor = op.operands[1]
        return not divisor.number if divisor.literal else divisor not in self._not_zero

    def pinned(self, op: Op) -> bool:
        """Whether it raises in place of what the derivative does not compute."""
        by = op.operands[1] if op.operation is _DIV else None
        return by in self._never_zero and by is not None and self.may_raise(op)


def not_zero_behind(op: Op) -> Value | None:
    """What is not 0 where the operation has been done, and has not raised."""
    at = _NOT_ZERO.get(op.operation)
    return None if at is None else op.operands[at]
