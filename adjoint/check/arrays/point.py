"""A function of arrays and a derivative of it at one point, in any digits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from random import Random
from typing import Any

from adjoint.check.arrays.slopes import Directions, Exactly, Slopes, direction, elements
from adjoint.check.arrays.subject import Results, Subject
from adjoint.check.claims import Claim
from adjoint.check.decimals import Decimals
from adjoint.check.oracle import Level

#: The digits of the comparisons, where fewer do not suffice.
_DIGITS = (50, 150, 400)
#: As many digits as floats have.
_FEW_DIGITS = 15
#: How far constants that are rounded are moved.
_NUDGE = 2.0**-52
#: Where values differ by more in more digits, 50 digits do not say what they are.
_LOST = 1e-10


class Digits:
    """The arithmetics in which a subject is looked at, and its random directions."""

    def __init__(self, subject: Subject):
        self.subject = subject
        self.levels = [Level(digits) for digits in _DIGITS]
        self.few = Decimals(_FEW_DIGITS)
        self.nudged = Decimals(_DIGITS[0], _NUDGE)
        self.random = Random(1)
        #: the seeds of the values in order, and the vectors of parameters
        given, kinds = subject.given, subject.kinds
        self.seeds = given[: len(subject.primal.results) if "vjp" in kinds else 0]
        self.vectors = dict(zip(given[len(self.seeds) :], subject.wrt, strict=False))

    def rough(self, which: int) -> Results:
        """The function (0) or its derivative (1), in as many digits as floats have."""
        function = self.subject.exact(self.few)[which]
        return lambda given: Exactly(self.few).run(function, given)


class AtPoint:
    """The numbers at one point; ``given`` are the arguments of the function.

    Raises ArithmeticError where 50 digits do not say what the values are, and whatever
    the function raises where it has none.
    """

    def __init__(self, digits: Digits, given: Mapping[str, Any]):
        self._digits = digits
        self._point = given
        first = digits.levels[0]
        self.values = self._value(first.exact)
        _require_same(self._value(first.text), self.values)
        #: the arguments of the derivative, of floats
        self.arguments = {**given, **self._others()}
        #: that of the largest number
        self.size = max([1.0, *map(abs, elements([self.values, *given.values()]))])
        self._directions = Directions(given, digits.random)
        self._slopes: dict[Level, Slopes] = {}
        self._known: dict[tuple[int, object], Any] = {}
        self._own: dict[Decimals, list[Any]] = {}

    def slope(self, index: int, claim: Claim, level: Level) -> list[Any]:
        """What a claim says in random directions, by differences of the function."""
        if (index, level) not in self._known:
            self._known[index, level] = self._slopes_at(level).expected(claim)
        return self._known[index, level]

    def own_slope(self, index: int, claim: Claim, decimals: Decimals) -> list[Any]:
        """The same by the result of the derivative."""
        if (index, decimals) not in self._known:
            slopes = self._slopes_at(self._digits.levels[0])
            found = slopes.contracted(claim, self.own(decimals)[index], decimals)
            self._known[index, decimals] = found
        return self._known[index, decimals]

    def own(self, decimals: Decimals) -> list[Any]:
        """The results of the derivative."""
        if decimals not in self._own:
            subject = self._digits.subject
            derivative = subject.exact(decimals)[1]
            tools = Exactly(decimals, subject.holds)
            self._own[decimals] = tools.run(derivative, self.arguments)
        return self._own[decimals]

    @cached_property
    def nudged(self) -> Decimals | None:
        """The arithmetic with rounded constants moved, where that changes anything."""
        results = map(self.own, (self._digits.levels[0].text, self._digits.nudged))
        before, after = map(list, map(elements, results))
        return None if before == after else self._digits.nudged

    # -- inside

    def _value(self, decimals: Decimals) -> list[Any]:
        subject = self._digits.subject
        tools = Exactly(decimals, subject.holds)
        return tools.run(subject.exact(decimals)[0], self._point)

    def _others(self) -> dict[str, Any]:
        """Seeds of the values, and vectors for the parameters: what else is given."""
        digits = self._digits
        likes = dict(zip(digits.seeds, self.values, strict=False))
        likes |= {name: self._point[by] for name, by in digits.vectors.items()}
        return {name: direction(like, digits.random) for name, like in likes.items()}

    def _slopes_at(self, level: Level) -> Slopes:
        if level not in self._slopes:
            subject = self._digits.subject
            self._slopes[level] = Slopes(
                subject.exact(level.exact)[0],
                self._point,
                self.arguments,
                self._digits.seeds,
                self._directions,
                level,
                subject.holds,
            )
        return self._slopes[level]


def _require_same(rough: Sequence[Any], exact: Sequence[Any]) -> None:
    """Raise ArithmeticError for values that are others in more digits."""
    for one, other in zip(rough, exact, strict=True):
        pairs = list(zip(elements(one), elements(other), strict=True))
        most = _LOST * max([abs(right) for _, right in pairs], default=0)
        if any(abs(a - b) > most for a, b in pairs):
            raise ArithmeticError("more digits would be needed")
