"""What stands in the brackets of ``x[...]``, as a pattern and its operands.

A pattern has an entry for each part: ``a`` for an index, ``a:a:a`` for a slice of which
the parts that are there are marked, ``None`` for a new axis, ``...`` for all axes that
are left. Every ``a`` stands for one operand, from left to right.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

Pattern = tuple[str, ...]


def subscript_text(pattern: Sequence[str], indices: Sequence[str]) -> str:
    """The text in the brackets, with the texts of the operands in their places."""
    remaining = iter(indices)
    return ", ".join([_entry_text(entry, remaining) for entry in pattern])


def _entry_text(entry: str, remaining: Iterator[str]) -> str:
    """An index, or a slice as black spaces it: ``a:b``, but ``: n + 1``."""
    if ":" not in entry:
        return next(remaining) if entry == "a" else entry
    bounds = [next(remaining) if part else "" for part in entry.split(":")]
    if all(re.fullmatch(r"(-?\w+)?", bound) for bound in bounds):
        return ":".join(bounds)
    return " ".join(" : ".join(bounds).split()).replace(": : ", ":: ")


def subscript(indices: Sequence[Any], pattern: Sequence[str]) -> tuple[Any, ...]:
    """What stands in the brackets, as NumPy takes it."""
    remaining: Iterator[Any] = iter(indices)

    def part(entry: str) -> Any:
        if entry == "None":
            return None
        if entry == "...":
            return Ellipsis
        if entry == "a":
            return next(remaining)
        parts = [next(remaining) if one == "a" else None for one in entry.split(":")]
        return slice(*parts)

    return tuple([part(entry) for entry in pattern])
