"""Whether two ways to compute a number mean the same number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any

from adjoint.check.decimals import Decimals
from adjoint.check.floats import NO_RESULT
from adjoint.check.oracle import Level

#: Numbers of 50 digits agree where so many of them, the first ones, do.
AGREED = 30
_SAME = 10.0**-AGREED
#: The same, where the text holds constants that are rounded to 16 digits.
_NEARLY_SAME = 1e-13
#: Several constants are rounded, each by a unit in the last place at most.
_MOVES = 8
#: Numbers that go below this with more digits are zero.
_NOTHING = 1e-100
_HARDLY_ANYTHING = 1e-40

#: A number by the module, and the same by the function.
Ours = Callable[[Decimals], Any]
Theirs = Callable[[Level], Any]


class Agreement(Enum):
    """What comparing two numbers has shown."""

    SAME = "the same number"
    ZERO = "both zero, to all digits"
    ROUNDED = "the same but for rounded constants"
    DIFFERENT = "different"
    UNSETTLED = "more digits would be needed"


def compare(
    levels: Sequence[Level],
    ours: Ours,
    theirs: Theirs,
    nudged: Decimals | None = None,
    size: float = 1.0,
) -> Agreement:
    """Compare two numbers, with more digits where that may help.

    ``nudged`` is an arithmetic in which rounded constants are moved by a unit in the
    last place, where there are any. ``size`` is that of the largest number on the way
    to theirs: what is much smaller is lost.
    """
    try:
        return _compare(levels, ours, theirs, nudged, size)
    except NO_RESULT:  # a number that is not there with so many digits
        return Agreement.UNSETTLED


def nearly_same(size: Any, moved: Any) -> Any:
    """How far a number of this size may be off where constants are rounded.

    It has ``moved`` so far where they were moved by a unit in the last place.
    """
    return _NEARLY_SAME * size + _MOVES * moved


def _compare(
    levels: Sequence[Level],
    ours: Ours,
    theirs: Theirs,
    nudged: Decimals | None,
    size: float,
) -> Agreement:
    first, exact = ours(levels[0].text), theirs(levels[0])
    if exact and _close(first, exact, _SAME):
        return Agreement.SAME
    if not exact and not first and levels[0].grain * size < _HARDLY_ANYTHING:
        return Agreement.ZERO
    if nudged is not None:
        moved = abs(ours(nudged) - first)
        if abs(first - exact) <= nearly_same(abs(exact), moved):
            return Agreement.ROUNDED
    for level in levels[1:]:
        before, exact = exact, theirs(level)
        own = ours(level.text)
        lost = level.grain * size
        if abs(exact) < max(_NOTHING, lost):
            if lost < _NOTHING > abs(own):
                return Agreement.ZERO
            if abs(own) > max(_HARDLY_ANYTHING, lost / _SAME, level.noise * size):
                return Agreement.DIFFERENT
        elif _close(own, exact, _SAME):
            return Agreement.SAME
        elif _close(before, exact, _SAME):
            return Agreement.DIFFERENT
    return Agreement.UNSETTLED


def _close(a: Any, b: Any, part: float) -> bool:
    return bool(abs(a - b) <= part * max(abs(a), abs(b)))
