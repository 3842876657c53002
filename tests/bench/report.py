"""What was measured, beside what is required, as a plain table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Measure:
    """One number; ``limit`` is the most that it may be, None where nothing is asked."""

    what: str
    value: float
    limit: float | None = None
    unit: str = ""

    @property
    def holds(self) -> bool:
        """Whether it is within its limit."""
        return self.limit is None or self.value <= self.limit

    def cells(self) -> tuple[str, str, str, str]:
        """The row of the table."""
        limit = "" if self.limit is None else f"{self.limit:g}{self.unit}"
        verdict = "" if self.limit is None else "ok" if self.holds else "OVER"
        return self.what, f"{self.value:.3g}{self.unit}", limit, verdict


def show(measures: Sequence[Measure]) -> None:
    """Print measures beside their limits."""
    show_table(
        ("", "measured", "at most", ""), [measure.cells() for measure in measures]
    )


def show_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows of text under a head; the first column is aligned to the left."""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    for row in (head, *rows):
        first, *others = zip(row, widths, strict=True)
        cells = [first[0].ljust(first[1])] + [cell.rjust(w) for cell, w in others]
        print("  " + "  ".join(cells).rstrip())
