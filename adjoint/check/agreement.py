"""Whether two ways to compute a number mean the same number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any

from adjoint.check.decimals import Decimals
from adjoint.check.floats import NO_RESULT
from adjoint.check.oracle import Level

#: Numbers of 50 digits agree where they differ by no more than this part of them.
_SAME = 1e-30
#: The same, where the text holds constants that are rounded to 16 digits.
_NEARLY_SAME = 1e-13
#: Numbers that go below this with more digits are zero.
_NOTHING = 1e-100

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
    levels: Sequence[Level], ours: Ours, theirs: Theirs, nudged: Decimals | None
) -> Agreement:
    """Compare two numbers, with more digits where that may help.

    ``nudged`` is an arithmetic in which rounded constants are moved by a unit in the
    last place, where there are any.
    """
    try:
        return _compare(levels, ours, theirs, nudged)
    except NO_RESULT:  # a number that is not there with so many digits
        return Agreement.UNSETTLED


def _compare(
    levels: Sequence[Level], ours: Ours, theirs: Theirs, nudged: Decimals | None
) -> Agreement:
    first, exact = ours(levels[0].text), theirs(levels[0])
    if _close(first, exact, _SAME):
        return Agreement.SAME
    if nudged is not None:
        moved = abs(ours(nudged) - first)
        if abs(first - exact) <= _NEARLY_SAME * abs(exact) + 8 * moved:
            return Agreement.ROUNDED
    for level in levels[1:]:
        before, exact = exact, theirs(level)
        own = ours(level.text)
        if abs(exact) < _NOTHING:
            return Agreement.ZERO if abs(own) < _NOTHING else Agreement.DIFFERENT
        if _close(own, exact, _SAME):
            return Agreement.SAME
        if _close(before, exact, _SAME):
            return Agreement.DIFFERENT
    return Agreement.UNSETTLED


def _close(a: Any, b: Any, part: float) -> bool:
    return bool(abs(a - b) <= part * max(abs(a), abs(b)))
