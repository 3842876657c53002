"""Simultaneous assignments: one after the other as far as nothing is lost by that.

(Between the registers of a machine, this is a parallel move.)
"""

from __future__ import annotations

import re
from collections.abc import Sequence


def in_turn(moves: Sequence[tuple[str, str]]) -> tuple[list[int], list[int]]:
    """The places of moves, each a name and the text that it is to be, in two lists.

    Those of the first may be written one after the other in this order: no name is
    overwritten before the texts that it stands in. Those of the second, behind them,
    read each other's names in a circle, and can only be written at once.
    """
    first: list[int] = []
    left = list(range(len(moves)))
    while left:
        ready = next((at for at in left if not _is_read(at, moves, left)), None)
        if ready is None:
            break
        left.remove(ready)
        first.append(ready)
    return first, left


def _is_read(at: int, moves: Sequence[tuple[str, str]], left: Sequence[int]) -> bool:
    name = moves[at][0]
    return any(mentions(moves[other][1], name) for other in left if other != at)


def mentions(text: str, name: str) -> bool:
    """Whether the name stands in the text."""
    return name in text and re.search(rf"\b{re.escape(name)}\b", text) is not None
