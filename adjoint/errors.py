"""The one family of errors, and the source text that they point into."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

#: How much of a long line is shown, and how much of that stands before the place.
_EXCERPT_WIDTH = 76
_LEAD_WIDTH = 30


class AdjointError(Exception):
    """Something that the user can put right; the message is complete by itself."""


class SourceError(AdjointError):
    """An error at a place of the user's source.

    ``message``           what is wrong, in one sentence
    ``source``            the name of the source
    ``line``, ``column``  the place, both counted from 1
    ``hint``              what was probably meant, or None
    """

    def __init__(
        self,
        source: Source,
        start: int,
        end: int,
        message: str,
        hint: str | None = None,
    ):
        super().__init__(source, start, end, message, hint)  # so that it can be pickled
        self.message = message
        self.hint = hint
        self.source = source.name
        self.line, self.column = source.line_and_column(start)
        self._shown = [
            f"{self.source}:{self.line}:{self.column}: {message}",
            *source.excerpt(start, end),
        ]

    def __str__(self) -> str:
        lines = [*self._shown, f"    {self.hint}"] if self.hint else self._shown
        return "\n".join(lines)


class OptionError(AdjointError):
    """An argument or an option that does not fit, such as an unknown target."""


@dataclass(frozen=True)
class Source:
    """A text that the user gave, and what to call it in messages."""

    text: str
    name: str = "formula"

    def error(
        self, start: int, end: int, message: str, hint: str | None = None
    ) -> SourceError:
        """The error to raise for the characters ``start:end``."""
        return SourceError(self, start, end, message, hint)

    def line_and_column(self, offset: int) -> tuple[int, int]:
        """Line and column, both counted from 1, of a character offset."""
        line_start = self.text.rfind("\n", 0, offset) + 1
        return self.text.count("\n", 0, offset) + 1, offset - line_start + 1

    def excerpt(self, start: int, end: int) -> tuple[str, str]:
        """The line of the place, and carets under ``start:end``.

        A long line is cut to the place; what cannot be printed is shown as ``\ufffd``.
        """
        line_start = self.text.rfind("\n", 0, start) + 1
        line = self.text[line_start:].split("\n", 1)[0]
        column = start - line_start
        cut = column - _LEAD_WIDTH if len(line) > _EXCERPT_WIDTH else 0
        cut = max(0, min(cut, len(line) - _EXCERPT_WIDTH))
        shown = line[cut : cut + _EXCERPT_WIDTH]
        before = "..." if cut else ""
        after = "..." if cut + len(shown) < len(line) else ""
        lead = "".join(c if c == "\t" else " " for c in before + shown[: column - cut])
        room = len(shown) - (column - cut)
        carets = "^" * max(1, min(end - start, room))
        return f"    {before}{_printable(shown)}{after}", f"    {lead}{carets}"


def unknown_choice(kind: str, given: str, known: Iterable[str]) -> OptionError:
    """The error for a choice that does not exist, with the nearest one or all."""
    names = list(known)
    hint = did_you_mean(given, names) or f"there is: {', '.join(names)}"
    return OptionError(f"there is no {kind} {given!r}; {hint}")


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """``did you mean `sin`?`` for the nearest known name, None where none is near."""
    names = list(known)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.65)
    near = near or difflib.get_close_matches(name.lower(), names, n=1, cutoff=0.65)
    return f"did you mean `{near[0]}`?" if near else None


def _printable(line: str) -> str:
    return "".join(c if c.isprintable() or c == "\t" else "\ufffd" for c in line)
