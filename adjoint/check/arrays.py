"""Functions of arrays: their derivatives beside differences in arithmetic of 50 digits.

Every axis is three elements long (or two, or four, whatever the function takes). What
the derivative gives in 50 digits is compared with central differences of the function,
in a random direction for each parameter; the generated function, run in floats, with
what the derivative gives in 50 digits. So nothing here relies on the rules.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any

from adjoint.check.agreement import nearly_same
from adjoint.check.array_points import random_points
from adjoint.check.array_slopes import Exactly, Slopes, as_floats, elements
from adjoint.check.array_subject import Results, Subject, in_floats
from adjoint.check.claims import Claim, claims
from adjoint.check.floats import NO_RESULT, error_in_ulp, in_words
from adjoint.check.points import Ranges, visit_points
from adjoint.check.report import (
    SAMPLED_ONLY,
    Component,
    Report,
    sampled_component,
)

#: Central differences are right to so much, which is so many digits.
_TOLERANCE, _DIGITS = 1e-20, 20
#: ... and no further than rounding among numbers of size 1 lets them be.
_ROUNDING = 1e-24
#: What floats may differ by, of the largest number of a result.
_FLOATS = 1e-9
_MOST_TRIES = 2_000
#: What is larger may be no float.
_LARGEST = 1e300
#: So often what rounding does to a result may be an error.
_NOISE = 100

_FAILS = (*NO_RESULT, IndexError, KeyError)


def check_subject(
    subject: Subject, ranges: Ranges, points: int = 10, seconds: float = 10.0
) -> Report:
    """Compare a derivative with differences of its function."""
    check = _Check(subject)
    tries = random_points(subject.primal.parameters, ranges)
    visit_points(check, tries, _MOST_TRIES, points, time.monotonic() + seconds)
    return check.report()


class _Check:
    def __init__(self, subject: Subject):
        self.subject = subject
        primal, kinds, wrt = subject.primal, subject.kinds, subject.wrt
        self.claims = claims(kinds, primal, wrt, subject.given)
        count = len(primal.results) if "vjp" in kinds else 0
        #: the seeds of the values in order, and the vectors of parameters
        self.seeds = subject.given[:count]
        self.vectors = dict(zip(subject.given[count:], wrt, strict=False))
        self.points = 0
        self.wrong: dict[str, str] = {}
        self.rounded: set[str] = set()
        self.value_errors: list[float] = []
        self.errors: list[float] = []
        self._tools = Exactly(subject.decimals, subject.holds)

    def visit(self, point: Sequence[Any]) -> None:
        """Compare everything at a point; where there is no result it does not count."""
        subject, tools = self.subject, self._tools
        given = dict(zip(subject.primal.parameter_names, point, strict=True))
        exact = {name: tools.exact(argument) for name, argument in given.items()}
        try:
            values = tools.run(subject.value, exact)
            vectors = self._vectors(values, exact)
            there = Slopes(subject.value, exact, vectors, self.seeds, tools)
            expected = [there.expected(claim) for claim in self.claims]
        except _FAILS:
            return
        if not _are_equal(point) and not self._takes(given):
            return
        if any(abs(one) > _LARGEST for value in values for one in elements(value)):
            return  # in floats it may be an infinity
        self.points += 1
        given |= {name: as_floats(vector) for name, vector in vectors.items()}
        try:
            own = tools.run(subject.derivative, exact | vectors)
            value = in_floats(subject.function, given)
            floats = in_floats(subject.derivative_function, given)
            if len(own) != len(self.claims):
                count = f"it returns {len(own)} results, not {len(self.claims)}"
                raise ValueError(count)
        except _FAILS as error:
            for claim in self.claims:
                self.wrong.setdefault(claim.label, f"it fails: {in_words(error)}")
            return
        for at, (found, right) in enumerate(zip(value, values, strict=True)):
            unrest = _Unrest(subject.function, subject.rough[0], given, at)
            self._compare("", found, right, self.value_errors, unrest)
        nudged = cache(lambda: tools.run(subject.nudged, exact | vectors))
        for at, (claim, slope) in enumerate(zip(self.claims, expected, strict=True)):
            by = bool(claim.terms[0].by)
            label = claim.label if by else ""
            functions = subject.derivative_function, subject.rough[1]
            unrest = _Unrest(*functions, given, at)
            try:
                result = own[at], lambda at=at: nudged()[at]
                self._compare_slope(label, there, claim, slope, result)
                errors = self.errors if by else self.value_errors
                self._compare(label, floats[at], own[at], errors, unrest)
            except (ValueError, IndexError):
                self.wrong.setdefault(label, "its shape is another than that expected")

    def report(self) -> Report:
        subject = self.subject
        derivatives = [claim for claim in self.claims if claim.terms[0].by]
        others = [self._sampled(claim.label) for claim in derivatives]
        if set(subject.kinds) <= {"grad", "value_and_grad"}:
            others = [
                Component(claim.terms[0].by[0], one.status, one.detail)
                for claim, one in zip(derivatives, others, strict=True)
            ]
        return Report(
            function=subject.primal.name,
            derivative=subject.derivative_name,
            value=self._sampled(""),
            components=others,
            points=self.points,
            where="in small arrays",
            operations=subject.operations[0],
            derivative_operations=subject.operations[1],
            value_errors=self.value_errors,
            gradient_errors=self.errors,
            beside="differences in 50 digits",
            notes=[SAMPLED_ONLY, *subject.notes],
        )

    # -- inside

    def _sampled(self, label: str) -> Component:
        """What is known of what has this label; the value has none."""
        wrong = self.wrong.get(label, "")
        rounded = label in self.rounded
        return sampled_component(label, self.points, _DIGITS, wrong, rounded)

    def _vectors(
        self, values: Sequence[Any], arguments: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Seeds of the values, and vectors for the parameters: what else is given."""
        likes = dict(zip(self.seeds, values, strict=False))
        likes |= {name: arguments[by] for name, by in self.vectors.items()}
        return {name: self._tools.direction(like) for name, like in likes.items()}

    def _takes(self, given: Mapping[str, Any]) -> bool:
        """Whether the generated function takes arrays of these shapes."""
        try:
            in_floats(self.subject.function, given)
        except _FAILS:
            return False
        return True

    def _compare_slope(
        self,
        label: str,
        there: Slopes,
        claim: Claim,
        expected: tuple[Any, Any],
        result: tuple[Any, Callable[[], Any]],
    ) -> None:
        """Both have the size of what they are a sum of beside them.

        The ``result`` has with it how to compute it with rounded constants nudged.
        """
        found = there.contracted(claim, result[0])
        parts = [list(elements(one)) for one in (*expected, *found)]
        for at, (right, size, total, terms) in enumerate(zip(*parts, strict=True)):
            error = abs(total - right)
            if error <= _TOLERANCE * (size + terms + abs(right)) + _ROUNDING:
                continue
            moved = list(elements(there.contracted(claim, result[1]())[0]))[at]
            nearly = nearly_same(size + terms, abs(moved - total))
            if moved != total and error <= nearly:
                self.rounded.add(label)
                continue
            other = list(elements(there.expected(claim, 2)[0]))[at]
            if error > _NOISE * abs(other - right):  # else it is lost in rounding
                self.wrong.setdefault(
                    label,
                    f"in one direction the slope is {float(right)!r}, "
                    f"and the derivative has {float(total)!r}",
                )

    def _compare(
        self, label: str, found: Any, exact: Any, errors: list[float], unrest: _Unrest
    ) -> None:
        """Compare a result in floats with the exact one, element by element."""
        pairs = list(zip(elements(found), elements(exact), strict=True))
        scale = max([abs(right) for _, right in pairs], default=0)
        for place, (number, right) in enumerate(pairs):
            number = float(number)
            error = abs(number - right)
            if not error <= _FLOATS * (scale + abs(right)) + _ROUNDING and not (
                error <= _NOISE * unrest(place, number, right)
            ):
                message = f"the floats hold {number!r} where {float(right)!r} is right"
                self.wrong.setdefault(label, message)
            units = error_in_ulp(number, right, self.subject.decimals)
            errors += [] if units is None else [units]


@dataclass(frozen=True)
class _Unrest:
    """How much a result changes where the arguments do, by their last digit.

    Or where all that is computed on the way does: ``rough`` has fewer digits.
    """

    function: Results
    rough: Results
    given: Mapping[str, Any]
    at: int

    def __call__(self, place: int, number: float, right: Any) -> float:
        largest = 0.0
        with suppress(*_FAILS):
            rough = list(elements(self.rough(self.given)[self.at]))[place]
            largest = abs(float(rough) - float(right))
        for sign in (1, -1):
            moved = {
                name: one * (1 + sign * 2.0**-52) if _is_real(one) else one
                for name, one in self.given.items()
            }
            floats = in_floats(self.function, moved)
            other = float(list(elements(floats[self.at]))[place])
            largest = max(largest, abs(other - number))
        return largest


def _are_equal(point: Sequence[Any]) -> bool:
    """Whether all axes of all arrays are equally long, which most functions take."""
    return len({n for one in point for n in getattr(one, "shape", ())}) < 2


def _is_real(argument: Any) -> bool:
    kind = getattr(argument, "dtype", None)
    return isinstance(argument, float) if kind is None else kind.kind == "f"
