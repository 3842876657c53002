"""Functions of arrays: their derivatives beside differences in arithmetic of 50 digits.

Every axis is three elements long (or two, or four, whatever the function takes). What
the derivative gives in 50 digits, or in more where these do not suffice, is compared
with central differences of the function, in a random direction for each parameter; the
generated functions, run in floats, with what they give in 50 digits. So nothing here
relies on the rules.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

from adjoint.check.agreement import AGREED, Agreement, compare
from adjoint.check.arrays.floats import FAILS, InFloats
from adjoint.check.arrays.point import AtPoint, Digits
from adjoint.check.arrays.points import MANY_TRIES, random_points
from adjoint.check.arrays.slopes import elements
from adjoint.check.arrays.subject import Subject, in_floats
from adjoint.check.claims import Claim, claims
from adjoint.check.decimals import Decimals
from adjoint.check.floats import in_words
from adjoint.check.numeric import Tally, different
from adjoint.check.oracle import Level
from adjoint.check.points import Ranges, visit_points
from adjoint.check.report import (
    SAMPLED_ONLY,
    Component,
    Report,
    ill_conditioned,
    sampled_component,
)

_MOST_TRIES = 10_000
#: So many points are passed by at which no slope is anything but 0.
_MOST_FLAT = 50
#: What is larger may be no float.
_LARGEST = 1e300


def check_subject(
    subject: Subject, ranges: Ranges, points: int = 10, seconds: float = 10.0
) -> Report:
    """Compare a derivative with differences of its function."""
    deadline = time.monotonic() + seconds
    check = _Check(subject, deadline)
    tries = random_points(subject.primal.parameters, ranges, lambda: check.points)
    visit_points(check, tries, _MOST_TRIES, points, deadline)
    return check.report()


class _Check:
    def __init__(self, subject: Subject, deadline: float):
        self.subject = subject
        self.deadline = deadline
        primal, kinds, wrt = subject.primal, subject.kinds, subject.wrt
        self.claims = claims(kinds, primal, wrt, subject.given)
        self.points = 0
        self.tries = self.flat = 0
        self.ill_conditioned = 0
        #: why the generated function has no value where 50 digits have one
        self.error: Exception | None = None
        #: what was seen of the values, and of what has each label
        self.tallies = {label: Tally() for label in ["", *map(_label, self.claims)]}
        self._digits = Digits(subject)

    def visit(self, point: Sequence[Any]) -> None:
        """Compare everything at a point; where there is no result it does not count."""
        self.tries += 1
        try:
            at = self._looked_at(point)
        except FAILS:
            return
        if at is None:
            return
        self.points += 1
        try:
            own = at.own(self._digits.levels[0].text)
            if len(own) != len(self.claims):
                count = f"it returns {len(own)} results, not {len(self.claims)}"
                raise ValueError(count)
            settled = [self._settles(at, *claim) for claim in enumerate(self.claims)]
            self.ill_conditioned += self._lose_digits(at, own)
        except FAILS as failure:
            self._fails(failure)
            return
        labels = zip(map(_label, self.claims), settled, strict=True)
        unsettled = {label for label, known in labels if not known}
        for label in self.tallies.keys() - unsettled:
            self.tallies[label].agreed += 1

    def report(self) -> Report:
        """What has been found."""
        subject = self.subject
        if self.error and not self.points:
            self._fails(self.error)
        labels = [claim.label for claim in self.claims if claim.terms[0].by]
        components = [self._sampled(label) for label in labels]
        if set(subject.kinds) <= {"grad", "value_and_grad"}:
            components = [
                Component(name, one.status, one.detail)
                for name, one in zip(subject.wrt, components, strict=True)
            ]
        return Report(
            function=subject.primal.name,
            derivative=subject.derivative_name,
            value=self._sampled(""),
            components=components,
            points=self.points,
            where="in small arrays",
            operations=subject.operations[0],
            derivative_operations=subject.operations[1],
            value_errors=self.tallies[""].errors,
            gradient_errors=[e for one in labels for e in self.tallies[one].errors],
            beside="differences in 50 digits",
            notes=[
                SAMPLED_ONLY,
                *ill_conditioned(self.ill_conditioned, self.points),
                *subject.notes,
            ],
        )

    # -- inside

    def _looked_at(self, point: Sequence[Any]) -> AtPoint | None:
        """What there is at a point, or None for one that says little or nothing.

        Raises what the function does where it has no result.
        """
        given = dict(zip(self.subject.primal.parameter_names, point, strict=True))
        error = self._error(given)
        if error and (self.tries > MANY_TRIES or not _are_equal(point)):
            return None  # it may take no arrays of these shapes
        at, level = AtPoint(self._digits, given), self._digits.levels[0]
        slopes = [at.slope(*claim, level) for claim in enumerate(self.claims)]
        if any(abs(one) > _LARGEST for one in elements([at.values, slopes])):
            return None  # in floats it may be an infinity
        if error:
            self.error = error  # which rounding may cause, but for these
            if isinstance(error, (LookupError, TypeError, AttributeError)):
                self._fails(error)
            return None
        pairs = zip(self.claims, slopes, strict=True)
        derived = [slope for claim, slope in pairs if claim.terms[0].by]
        if not any(elements(derived)) and self.flat < _MOST_FLAT:
            self.flat += 1
            return None  # it may be so for these shapes alone: an empty slice's sum
        return at

    def _sampled(self, label: str) -> Component:
        """What is known of what has this label; the value has none."""
        tally, found = self.tallies[label], self.points > 0
        return sampled_component(
            label, tally.agreed, AGREED, tally.wrong, tally.rounded, found
        )

    def _error(self, given: Mapping[str, Any]) -> Exception | None:
        """What the generated function raises, if it does, or has no number."""
        try:
            values = in_floats(self.subject.function, given)
            if not all(isfinite(number) for number in elements(values)):
                raise ArithmeticError("the result is not finite")
        except FAILS as error:
            return error
        return None

    def _fails(self, error: Exception) -> None:
        for tally in self.tallies.values():
            tally.wrong = tally.wrong or f"it fails: {in_words(error)}"

    def _settles(self, at: AtPoint, index: int, claim: Claim) -> bool:
        """Compare a result of the derivative; False where digits or time are short."""
        tally, levels = self.tallies[_label(claim)], self._digits.levels
        if self.points > 1 and time.monotonic() > self.deadline:
            return False  # the first point is always finished
        count = len(at.slope(index, claim, levels[0]))
        try:
            if len(at.own_slope(index, claim, levels[0].text)) != count:
                raise ValueError
        except ValueError:
            tally.wrong = "its shape is another than that expected"
            return True
        settled = True
        for place in range(count):

            def ours(decimals: Decimals, place: int = place) -> Any:
                return at.own_slope(index, claim, decimals)[place]

            def theirs(level: Level, place: int = place) -> Any:
                return at.slope(index, claim, level)[place]

            agreement = compare(levels, ours, theirs, at.nudged, at.size)
            settled &= agreement is not Agreement.UNSETTLED
            tally.rounded |= agreement is Agreement.ROUNDED
            if agreement is Agreement.DIFFERENT and tally.wrong is None:
                pair = different(ours(levels[1].text), theirs(levels[1]))
                what = "in one direction the slope" if claim.terms[0].by else "it"
                tally.wrong = f"{what} is {pair[1]}, and the derivative has {pair[0]}"
        return settled

    def _lose_digits(self, at: AtPoint, own: Sequence[Any]) -> bool:
        """Compare floats; whether rounding leaves few digits of some result."""
        subject, digits = self.subject, self._digits
        values = [self.tallies[""]] * len(at.values)
        claimed = [self.tallies[_label(claim)] for claim in self.claims]
        functions = [
            (subject.function, values, at.values),
            (subject.derivative_function, claimed, own),
        ]
        lost = False
        for which, (function, tallies, right) in enumerate(functions):
            run = InFloats(function, digits.rough(which), at.arguments, right)
            lost |= run.compare(tallies, at.size, digits.levels[0].exact)
        return lost


def _label(claim: Claim) -> str:
    """That of what it is a claim about; of a value there is none."""
    return claim.label if claim.terms[0].by else ""


def _are_equal(point: Sequence[Any]) -> bool:
    """Whether all axes of all arrays are equally long, which most functions take."""
    return len({n for one in point for n in getattr(one, "shape", ())}) < 2
