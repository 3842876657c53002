"""The floats of a generated function at one point, beside what is right.

Where a problem is badly conditioned, as normal equations often are, a right function
gives floats with few right digits, or fails: what rounding does is told apart from an
error by seeing what it does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from math import inf, isfinite
from typing import Any

from adjoint.check.arrays.slopes import elements, is_real
from adjoint.check.arrays.subject import Results, in_floats
from adjoint.check.decimals import Decimals
from adjoint.check.floats import NO_RESULT, error_in_ulp
from adjoint.check.numeric import Tally

#: What a function raises that has no result.
FAILS = (*NO_RESULT, IndexError, KeyError, AttributeError)
#: What floats may differ by, of the largest number of a result.
_TOLERANCE = 1e-9
#: Where rounding changes a result by more of it, few digits are right.
_LOST = 1e-6
#: So often what rounding does to a result may be an error.
_NOISE = 100
#: What is less, of the largest number on the way, is what rounding leaves of zero.
_NOTHING = 1e-20
#: Floats that are smaller have fewer digits, or are 0.
_UNDERFLOW = 1e-300


class InFloats:
    """A generated function at a point, where its results are to be ``right``.

    ``rough`` computes the same with as many digits, in another way.
    """

    def __init__(
        self,
        function: Results,
        rough: Results,
        given: Mapping[str, Any],
        right: Sequence[Any],
    ):
        self._function = function
        self._rough_function = rough
        self._given = given
        self._right = [list(elements(result)) for result in right]

    def compare(
        self, tallies: Sequence[Tally], size: float, decimals: Decimals
    ) -> bool:
        """Note how each result differs; whether rounding leaves few digits of one.

        ``size`` is that of the largest number on the way. Raises what the function
        does, unless that is by rounding.
        """
        try:
            found = in_floats(self._function, self._given)
        except FAILS:
            if self._loses_digits or any(self._moved):
                return True
            raise
        lost = False
        for at, (tally, right) in enumerate(zip(tallies, self._right, strict=True)):
            numbers = [float(number) for number in elements(found[at])]
            if len(numbers) != len(right):
                tally.wrong = "its shape is another than that expected"
                continue
            largest = max(map(abs, right), default=0)
            for place, (number, one) in enumerate(zip(numbers, right, strict=True)):
                error = abs(number - one)
                if not error <= _TOLERANCE * largest + _UNDERFLOW:
                    if self._moves(at, place, numbers, error):
                        lost |= (
                            largest > _NOTHING * size and not error <= _LOST * largest
                        )
                    elif tally.wrong is None:
                        tally.wrong = (
                            f"the floats hold {number!r} where {float(one)!r} is right"
                        )
                elif abs(one) > _NOTHING * size:
                    units = error_in_ulp(number, one, decimals)
                    tally.errors += [] if units is None else [units]
        return lost

    # -- inside

    def _moves(self, at: int, place: int, found: Sequence[float], error: float) -> bool:
        """Whether rounding moves a number that was found about as far as the error is.

        It moves the arguments by their last digit, or all that is computed on the way.
        """
        if not isfinite(error):
            return self._loses_digits
        moves = [_distance(self._rough, at, place, self._right[at])]
        moves += [_distance(moved, at, place, found) for moved in self._moved]
        return error <= _NOISE * max(moves)

    @cached_property
    def _loses_digits(self) -> bool:
        """Whether rounding leaves few digits of a result, or none."""
        return any(
            _distance(self._rough, at, place, right)
            > _LOST * float(max(map(abs, right)))
            for at, right in enumerate(self._right)
            for place in range(len(right))
        )

    @cached_property
    def _rough(self) -> Sequence[Any] | None:
        with suppress(*FAILS):
            return self._rough_function(self._given)
        return None

    @cached_property
    def _moved(self) -> list[Sequence[Any] | None]:
        return [self._near(1 + 2.0**-52), self._near(1 - 2.0**-52)]

    def _near(self, factor: float) -> Sequence[Any] | None:
        moved = {
            name: one * factor if is_real(one) else one
            for name, one in self._given.items()
        }
        with suppress(*FAILS):
            return in_floats(self._function, moved)
        return None


def _distance(
    results: Sequence[Any] | None, at: int, place: int, others: Sequence[Any]
) -> float:
    """How far a number of a result is from another; infinitely, if there is none."""
    if results is None:
        return inf
    return abs(float(list(elements(results[at]))[place]) - float(others[place]))
