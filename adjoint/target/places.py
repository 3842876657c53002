"""Which line of a generated function computes which value."""

from __future__ import annotations

from collections.abc import Sequence

from adjoint.ir.program import Block, Program, Value
from adjoint.target.spelling import Text
from adjoint.target.statements import BodyWriter


class Assignment(str):
    """A line that assigns ``value`` (of several lines, the first)."""

    value: Value

    def __new__(cls, line: str, value: Value) -> Assignment:
        self = super().__new__(cls, line)
        self.value = value
        return self


class MarkingWriter(BodyWriter):
    """Writes a body whose lines say which value they assign."""

    def write_assignment(self, value: Value, name: str, expression: Text) -> None:
        """Write the assignment, and mark its first line (a note may stand above)."""
        start = len(self.lines)
        super().write_assignment(value, name, expression)
        while self.lines[start].lstrip().startswith("#"):
            start += 1
        self.lines[start] = Assignment(self.lines[start], value)


def lines_of_values(program: Program, lines: Sequence[str]) -> dict[Value, int]:
    """The line, from 0, that computes each value, of the lines of a function.

    A value that has no line of its own stands in that of the value computed from it.
    """
    places = _Places(lines)
    places.used(program.results, len(lines) - 1)
    places.visit(program.body)
    return places.found


class _Places:
    """Goes through the operations backwards: from each use to what is used."""

    def __init__(self, lines: Sequence[str]):
        self.found: dict[Value, int] = {}
        for at, line in enumerate(lines):
            if isinstance(line, Assignment):
                self.found.setdefault(line.value, at)

    def used(self, values: Sequence[Value], line: int | None) -> None:
        """Values are used in a line; one that has its own line keeps it."""
        if line is not None:
            for value in values:
                self.found.setdefault(value, line)

    def visit(self, block: Block) -> None:
        for op in reversed(block.ops):
            line = next((self.found[r] for r in op.results if r in self.found), None)
            for inner in op.blocks:
                for result, value in zip(op.results, inner.results, strict=False):
                    self.used((value,), self.found.get(result))
                self.visit(inner)
            self.used(op.operands, line)
