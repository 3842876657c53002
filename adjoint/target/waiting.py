"""Texts that are not written yet, block by block."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from adjoint.ir.program import Block, Value
from adjoint.target.spelling import Text

#: Operands that are longer, together, do not stand in one expression.
LONGEST: Final = 56


class NeedsStatements(Exception):
    """Where nothing but an expression may come, a statement is needed."""


class Frame:
    """A block that is being written, and the expressions that wait in it.

    ``indent`` is None for a block of which nothing but an expression may come. Of the
    expressions in ``waiting``, those in ``raising`` may raise an exception, and each is
    over before the next one begins.
    """

    __slots__ = ("block", "indent", "waiting", "raising")

    def __init__(self, block: Block, indent: str | None):
        self.block = block
        self.indent = indent
        self.waiting: dict[Value, Text] = {}
        self.raising: list[Value] = []

    def take(self, value: Value) -> Text:
        """The expression, which is about to be written."""
        expression = self.waiting.pop(value)
        if expression.last >= 0:
            raising = self.raising
            at = len(raising) - 1  # it is among the last
            while raising[at] is not value:
                at -= 1
            del raising[at]
        return expression

    def take_in_order(self, values: Sequence[Value]) -> bool:
        """Take these, which wait, unless that changes the order of exceptions."""
        waiting, raising = self.waiting, self.raising
        late = [value for value in values if waiting[value].last >= 0]
        if late:
            if late != raising[-len(late) :]:
                return False
            del raising[-len(late) :]
        for value in values:
            del waiting[value]
        return True

    def take_raising(self, before: int) -> list[tuple[Value, Text]]:
        """Those that may raise at an operation before the position, in order."""
        raising, waiting = self.raising, self.waiting
        count = 0
        while count < len(raising) and waiting[raising[count]].first < before:
            count += 1
        if count == 0:
            return []
        taken = raising[:count]
        del raising[:count]
        return [(value, waiting.pop(value)) for value in taken]

    def in_order(self, operands: Sequence[Value]) -> bool:
        """Whether one expression of these leaves the order of exceptions as it is.

        So it does where they are the last, in this order, of those that may raise.
        """
        if not self.raising:
            return True
        waiting = self.waiting
        late = [v for v in operands if v in waiting and waiting[v].last >= 0]
        return not late or late == self.raising[-len(late) :]
