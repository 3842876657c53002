"""The one family of errors, and the source text that they point into."""

from __future__ import annotations

import difflib
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

_EXCERPT_WIDTH = 76
_LEAD_WIDTH = 30


class AdjointError(Exception):
    """Something that the user can put right; the message is complete and has no traceback."""


class SourceError(AdjointError):
    """An error at a place of the user's source.

    Attributes: ``message`` (one sentence), ``source`` (its name), ``line`` and ``column`` (both from 1),
    ``hint`` (what was probably meant, or None).
    """

    def __init__(
        self, source: Source, start: int, end: int, message: str, hint: str | None
    ):
        self.message = message
        self.hint = hint
        self.source = source.name
        self.line, self.column = source.line_and_column(start)
        super().__init__(source.excerpt(start, end, message, hint))


class OptionError(AdjointError):
    """An argument or an option that does not fit (an unknown parameter name, an unknown target ...)."""


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
        starts = self._line_starts()
        line = bisect_right(starts, offset)
        return line, offset - starts[line - 1] + 1

    def excerpt(self, start: int, end: int, message: str, hint: str | None) -> str:
        """The message, the place, the line, and carets under ``start:end``; a long line is cut to the place."""
        line, column = self.line_and_column(start)
        line_start = start - (column - 1)
        text = self.text[line_start : self._line_end(line_start)]
        carets = max(1, min(end, line_start + len(text)) - start)
        left = 0 if len(text) <= _EXCERPT_WIDTH else max(0, column - 1 - _LEAD_WIDTH)
        shown = text[left : left + _EXCERPT_WIDTH]
        prefix = "..." if left else ""
        suffix = "..." if left + _EXCERPT_WIDTH < len(text) else ""
        lead = "".join(
            c if c == "\t" else " " for c in prefix + shown[: column - 1 - left]
        )
        marks = "^" * max(1, min(carets, len(shown) - (column - 1 - left)))
        rows = [
            f"{self.name}:{line}:{column}: {message}",
            f"    {prefix}{shown}{suffix}",
            f"    {lead}{marks}",
        ]
        if hint:
            rows.append(f"    {hint}")
        return "\n".join(rows)

    def _line_starts(self) -> list[int]:
        starts = [0]
        found = self.text.find("\n")
        while found >= 0:
            starts.append(found + 1)
            found = self.text.find("\n", found + 1)
        return starts

    def _line_end(self, line_start: int) -> int:
        end = self.text.find("\n", line_start)
        return len(self.text) if end < 0 else end


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """``did you mean `sin`?`` for the nearest known name, or None where none is near."""
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"did you mean `{near[0]}`?" if near else None
