"""Sparse derivatives of functions of arrays, beside differences of 50 digits.

At small sizes the matrix that the entries make is compared, all of it, with the dense
one: of a Jacobian each column by a central difference, of a Hessian each entry by a
second difference of the function. So an entry that is missing is noticed too. The
generated functions, run in floats, are compared with the program of the derivative.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from itertools import takewhile
from typing import Any

from adjoint.check.agreement import nearly_same
from adjoint.check.array_points import random_points
from adjoint.check.array_slopes import Exactly, elements
from adjoint.check.array_subject import Subject, in_floats
from adjoint.check.floats import NO_RESULT, error_in_ulp, in_words
from adjoint.check.points import Ranges, visit_points
from adjoint.check.report import (
    NOT_RETURNED,
    SAMPLED_ONLY,
    Component,
    Report,
    sampled_component,
)

#: The step of differences, first and second, and what these are right to.
_STEP, _TOLERANCE, _DIGITS = 1e-12, 1e-16, 16
#: What floats may differ by, of the largest entry.
_FLOATS = 1e-9
_MOST_TRIES = 400

_FAILS = (*NO_RESULT, IndexError, KeyError)

_Place = tuple[int, int]


def check_sparse(
    subject: Subject, ranges: Ranges, points: int = 6, seconds: float = 10.0
) -> Report:
    """Compare a sparse Jacobian or Hessian with differences of the function.

    The subject has a pattern; the entries are the last result of its derivative, behind
    the value or alone.
    """
    check = _Check(subject)
    tries = takewhile(
        lambda _: not check.wrong, random_points(subject.primal.parameters, ranges)
    )
    visit_points(check, tries, _MOST_TRIES, points, time.monotonic() + seconds)
    return check.report()


class _Check:
    def __init__(self, subject: Subject):
        self.subject = subject
        self.points = 0
        self.wrong = ""
        self.wrong_value = ""
        self.rounded = False
        self.errors: list[float] = []
        self.value_errors: list[float] = []
        self._tools = Exactly(subject.decimals, subject.holds)

    def visit(self, point: Sequence[Any]) -> None:
        """Compare everything at a point; where there is no result it does not count."""
        subject, tools = self.subject, self._tools
        assert subject.pattern is not None
        given = dict(zip(subject.primal.parameter_names, point, strict=True))
        exact = {name: tools.exact(argument) for name, argument in given.items()}
        try:
            values = tools.run(subject.value, exact)
            with tools.near(subject.value, exact):
                expected = self._expected(exact)
        except _FAILS:
            return
        self.points += 1
        try:
            places = _places(in_floats(subject.pattern, given))
            *own_values, own = tools.run(subject.derivative, exact)
            *values_again, floats = in_floats(subject.derivative_function, given)
            value = in_floats(subject.function, given)
            self._compare_values(own_values, (value, values_again), values)
        except _FAILS as error:
            self.wrong = f"it fails: {in_words(error)}"
            return
        entries, numbers = list(elements(own)), [float(one) for one in elements(floats)]
        if not len(places) == len(entries) == len(numbers):
            self.wrong = f"{len(numbers)} entries stand at {len(places)} places"
            return

        @cache
        def nudged() -> dict[_Place, Any]:
            *_, moved = tools.run(subject.nudged, exact)
            return self._summed(places, list(elements(moved)))

        self._compare(places, entries, numbers, expected, nudged)

    def report(self) -> Report:
        """What has been found."""
        subject = self.subject
        has_value = "value" in subject.kinds
        return Report(
            function=subject.primal.name,
            derivative=subject.derivative_name,
            value=(
                self._sampled("", self.wrong_value)
                if has_value
                else Component("", NOT_RETURNED)
            ),
            components=[self._sampled("entries", self.wrong, self.rounded)],
            points=self.points,
            where="in arrays of two to four elements a side",
            operations=subject.operations[0],
            derivative_operations=subject.operations[1],
            value_errors=self.value_errors,
            gradient_errors=self.errors,
            beside="differences in 50 digits",
            notes=[SAMPLED_ONLY, *subject.notes],
        )

    # -- inside

    def _sampled(self, label: str, wrong: str, rounded: bool = False) -> Component:
        return sampled_component(label, self.points, _DIGITS, wrong, rounded)

    def _compare_values(
        self, own: Sequence[Any], floats: Sequence[Sequence[Any]], exact: Sequence[Any]
    ) -> None:
        """Compare the values before the entries, in 50 digits, and those in floats."""
        right = _numbers(exact)
        for found in filter(None, map(_numbers, floats)):
            for number, one in zip(found, right, strict=True):
                self._note(number, one, self.value_errors)
                if not abs(number - one) <= _FLOATS * (abs(one) + 1):
                    self.wrong_value = _held(number, one)
        for number, one in zip(_numbers(own), right, strict=bool(own)):
            if abs(number - one) > _TOLERANCE * (abs(one) + 1):
                self.wrong_value = "before the entries there is another value"

    def _compare(
        self,
        places: Sequence[_Place],
        own: Sequence[Any],
        floats: Sequence[float],
        expected: Mapping[_Place, Any],
        nudged: Callable[[], Mapping[_Place, Any]],
    ) -> None:
        """``nudged`` gives the entries with rounded constants nudged."""
        found = self._summed(places, own)
        scale = max(map(abs, [*expected.values(), *own]), default=0) + 1
        for place in {*found, *expected}:
            right = expected.get(place, 0)
            error = abs(found[place] - right)
            if error > _TOLERANCE * scale:
                moved = abs(nudged()[place] - found[place])
                if moved and error <= nearly_same(scale, moved):
                    self.rounded = True
                    continue
                self.wrong = (
                    f"at row {place[0]}, column {place[1]} the difference is "
                    f"{float(right)!r}, and the entries have {float(found[place])!r}"
                )
        for number, right in zip(floats, own, strict=True):
            if not abs(number - right) <= _FLOATS * scale:
                self.wrong = _held(number, right)
            self._note(number, right, self.errors)

    def _summed(
        self, places: Sequence[_Place], own: Sequence[Any]
    ) -> dict[_Place, Any]:
        """What the entries of each place are together; 0 where there are none."""
        found: dict[_Place, Any] = defaultdict(lambda: self.subject.decimals.number(0))
        for place, number in zip(places, own, strict=True):
            found[place] += number
        return found

    def _note(self, number: Any, right: Any, errors: list[float]) -> None:
        error = error_in_ulp(float(number), right, self.subject.decimals)
        errors += [] if error is None else [error]

    # -- differences

    def _columns(self, exact: Mapping[str, Any]) -> list[tuple[str, tuple[int, ...]]]:
        """For each column, which argument and which element of it."""
        import numpy as np

        return [
            (name, at)
            for name in self.subject.wrt
            for at in np.ndindex(np.shape(exact[name]))
        ]

    def _expected(self, exact: Mapping[str, Any]) -> dict[_Place, Any]:
        step = self.subject.decimals.number(_STEP)
        columns = self._columns(exact)

        def at(*moves: tuple[int, int]) -> list[Any]:
            there = {name: argument + 0 for name, argument in exact.items()}
            for column, sign in moves:
                name, element = columns[column]
                if element:
                    there[name][element] += sign * step
                else:
                    there[name] += sign * step
            return _numbers(self._tools.run(self.subject.value, there))

        found: dict[_Place, Any] = {}
        for j in range(len(columns)):
            if "sparse_hessian" not in self.subject.kinds:
                pairs = zip(at((j, 1)), at((j, -1)), strict=True)
                for i, (up, down) in enumerate(pairs):
                    found[i, j] = (up - down) / (2 * step)
                continue
            for i in range(j + 1):
                signs = [(1, 1), (1, -1), (-1, 1), (-1, -1)]
                total = sum(a * b * at((i, a), (j, b))[0] for a, b in signs)
                found[i, j] = found[j, i] = total / (4 * step * step)
        return found


def _places(pattern: Sequence[Any]) -> list[_Place]:
    rows, columns = pattern
    return [(int(i), int(j)) for i, j in zip(rows, columns, strict=True)]


def _numbers(results: Sequence[Any]) -> list[Any]:
    return [number for result in results for number in elements(result)]


def _held(number: Any, right: Any) -> str:
    return f"the floats hold {float(number)!r} where {float(right)!r} is right"
