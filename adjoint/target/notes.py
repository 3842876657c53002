"""The trailing comments of a reverse sweep: the line of the source that each is of."""

from __future__ import annotations

from bisect import bisect_right

from adjoint.ir.program import Program, Value
from adjoint.target.layout import INDENT, WIDTH, width

#: A note of which there is room for less stands on a line of its own.
_SHORTEST = 32


class Notes:
    """Gives a statement of the reverse sweep the line of the source as a comment.

    A run of statements that belong to one line has it once.
    """

    def __init__(self, program: Program):
        self._text = program.source.text
        starts = [at + 1 for at, c in enumerate(self._text) if c == "\n"]
        self._starts = [0, *starts]
        self._last = -1

    def with_note(self, indent: str, statement: str, value: Value) -> list[str]:
        """The statement that computes the value, with its note: behind it, or above.

        A note that is too long for its place is cut.
        """
        op = value.op
        if op is None or op.where < 0 or op.blocks:
            return [statement]
        line = bisect_right(self._starts, op.where) - 1
        if line == self._last:
            return [statement]
        self._last = line
        note = self._line(line)
        room = WIDTH - width(indent + statement) - len("  # ")
        if room >= min(width(note), _SHORTEST):
            return [f"{statement}  # {_cut(note, room)}"]
        return [comment("# ", note, indent), statement]

    def _line(self, line: int) -> str:
        end = self._text.find("\n", self._starts[line])
        code = self._text[self._starts[line] : end if end >= 0 else None]
        return code.split("#")[0].strip().replace("\t", INDENT)


def comment(sign: str, note: str, indent: str) -> str:
    """A comment for a line of its own at this indentation, where it is cut to fit."""
    return sign + _cut(note, WIDTH - len(indent) - len(sign))


def with_note_cut(line: str) -> str:
    """The line, which may have become too long for all of its note."""
    statement, mark, note = line.partition("  # ")
    if not mark or width(line) <= WIDTH:
        return line
    return f"{statement}{mark}{_cut(note, WIDTH - width(statement + mark))}"


def _cut(note: str, room: int) -> str:
    """The note, or the beginning of it that there is room for."""
    if width(note) <= room:
        return note
    shown: list[str] = []
    for word in note.split(" "):
        if width(" ".join([*shown, word, "..."])) > room:
            break
        shown.append(word)
    return " ".join([*shown, "..."])
