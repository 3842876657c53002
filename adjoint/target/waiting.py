"""Expressions that are not written yet, block by block."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from adjoint.ir.program import Block, Value
from adjoint.target.spelling import Text

_NOTHING = Text("")


@dataclass(slots=True)
class Expression:
    """The text of an expression, and when it must be evaluated.

    ``first`` and ``last`` are the positions of the first and the last operation in it
    that may raise an exception, -1 for none. Where the expression is ``total + more``
    of a variable, ``total``, ``sign`` and ``more`` are its parts.
    """

    text: Text
    first: int = -1
    last: int = -1
    total: str = ""
    sign: str = ""
    more: Text = _NOTHING


class NeedsStatements(Exception):
    """Where nothing but an expression may come, a statement is needed."""


class Frame:
    """A block that is being written, and the expressions that wait in it.

    ``indent`` is None for a block of which nothing but an expression may come. Of the
    waiting expressions that may raise, each is over before the next one begins.
    """

    __slots__ = ("block", "indent", "waiting", "_raising")

    def __init__(self, block: Block, indent: str | None):
        self.block = block
        self.indent = indent
        self.waiting: dict[Value, Expression] = {}
        self._raising: list[Value] = []

    def put(self, value: Value, expression: Expression) -> None:
        """Let the expression wait for the use of the value."""
        self.waiting[value] = expression
        if expression.last >= 0:
            self._raising.append(value)

    def take(self, value: Value) -> Expression:
        """The expression, which is about to be written."""
        expression = self.waiting.pop(value)
        if expression.last >= 0:
            if self._raising[-1] is value:
                self._raising.pop()
            else:
                self._raising.remove(value)
        return expression

    def take_raising(self, before: int) -> list[tuple[Value, Expression]]:
        """Those that may raise at an operation before the position, in order."""
        raising, waiting = self._raising, self.waiting
        count = 0
        while count < len(raising) and waiting[raising[count]].first < before:
            count += 1
        taken, self._raising = raising[:count], raising[count:]
        return [(value, waiting.pop(value)) for value in taken]

    def out_of_order(self, operands: Sequence[Value]) -> bool:
        """Whether one expression of these would change which exception comes first.

        It would not where they are the last of those that wait and may raise, in this
        order.
        """
        raising = [value for value in operands if self.waiting[value].last >= 0]
        return bool(raising) and raising != self._raising[-len(raising) :]
