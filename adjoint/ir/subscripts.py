"""What stands in the brackets of ``x[...]``, as a pattern and its operands.

A pattern has an entry for each part: ``a`` for an index, ``a:a:a`` for a slice of which
the parts that are there are marked, ``None`` for a new axis, ``...`` for all axes that
are left. Every ``a`` stands for one operand, from left to right.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

Pattern = tuple[str, ...]


#: What stands beside a colon without spaces: a name, or a whole number.
_SIMPLE = re.compile(r"-?\w+\Z")


def subscript_text(pattern: Sequence[str], indices: Sequence[str]) -> str:
    """The text in the brackets, with the texts of the operands in their places.

    Spaces stand around the colon of a slice as black has them.
    """
    remaining = iter(indices)
    return ", ".join([_entry_text(entry, remaining) for entry in pattern])


def _entry_text(entry: str, remaining: Iterator[str]) -> str:
    if "a" not in entry:
        return entry
    parts = [next(remaining) if part else "" for part in entry.split(":")]
    if all(_SIMPLE.match(part) for part in parts if part) or len(parts) == 1:
        return ":".join(parts)
    return re.sub(": +:", "::", " : ".join(parts)).strip()
