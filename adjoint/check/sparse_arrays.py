"""Sparse derivatives of functions of arrays, beside differences of 50 digits.

At small sizes the matrix that the entries make is compared, all of it, with the dense
one: of a Jacobian each column by a central difference, of a Hessian each entry by a
second difference of the function. So an entry that is missing is noticed too. The
generated functions, run in floats, are compared with the program of the derivative.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from itertools import takewhile
from typing import Any

from adjoint.check.arrays import random_points
from adjoint.check.decimals import Decimals
from adjoint.check.floats import NO_RESULT, error_in_ulp, in_words
from adjoint.check.own_calls import notes_of_own
from adjoint.check.points import Ranges, visit_points
from adjoint.check.report import (
    NOT_RETURNED,
    SAMPLED,
    SAMPLED_ONLY,
    UNDECIDED,
    WRONG,
    Component,
    Report,
)
from adjoint.ir.interpret import run
from adjoint.ir.program import Program, operation_count
from adjoint.transform.writing_out import own_operations, written_out

#: The step of differences, first and second, and what these are right to.
_STEP, _TOLERANCE = 1e-12, 1e-16
#: What floats may differ by, of the largest entry.
_FLOATS = 1e-9
_MOST_TRIES = 400

_FAILS = (*NO_RESULT, IndexError, KeyError)

_Place = tuple[int, int]


def check_sparse_arrays(
    primal: Program,
    derivative: Program,
    wrt: Sequence[str],
    functions: tuple[Callable[..., Any], Callable[..., Any]],
    ranges: Ranges,
    points: int = 6,
    seconds: float = 10.0,
) -> Report:
    """Compare a sparse Jacobian or Hessian with differences of the function.

    ``functions`` are the generated ones: that of the entries, and that of their rows
    and columns. It is a Hessian where the name of ``derivative`` says so.
    """
    check = _Check(primal, derivative, wrt, functions)
    tries = takewhile(
        lambda _: not check.wrong, random_points(primal.parameters, ranges)
    )
    visit_points(check, tries, _MOST_TRIES, points, time.monotonic() + seconds)
    return check.report()


class _Check:
    def __init__(
        self,
        primal: Program,
        derivative: Program,
        wrt: Sequence[str],
        functions: tuple[Callable[..., Any], Callable[..., Any]],
    ):
        self.primal, self.derivative, self.wrt = primal, derivative, wrt
        self.entries, self.pattern = functions
        self.points = 0
        self.wrong = ""
        self.errors: list[float] = []
        self._decimals = Decimals(50)

    def visit(self, point: Sequence[Any]) -> None:
        """Compare everything at a point; where there is no result it does not count."""
        exact = [self._exact(argument) for argument in point]
        columns = self._columns(exact)
        try:
            with self._near(exact):
                expected = self._expected(exact, columns)
        except _FAILS:
            return
        self.points += 1
        try:
            places = [
                (int(i), int(j)) for i, j in zip(*self.pattern(*point), strict=True)
            ]
            own = self._run(self.derivative, exact)
            floats = [float(number) for number in self.entries(*point)]
        except _FAILS as error:
            self.wrong = f"it fails: {in_words(error)}"
            return
        if not len(places) == len(own) == len(floats):
            self.wrong = f"{len(floats)} entries stand at {len(places)} places"
            return
        self._compare(places, own, floats, expected)

    def _compare(
        self,
        places: Sequence[_Place],
        own: Sequence[Any],
        floats: Sequence[float],
        expected: dict[_Place, Any],
    ) -> None:
        found: dict[_Place, Any] = defaultdict(lambda: self._decimals.number(0))
        for place, number in zip(places, own, strict=True):
            found[place] += number
        scale = max(map(abs, [*expected.values(), *own]), default=0) + 1
        for place in {*found, *expected}:
            right = expected.get(place, 0)
            if abs(found[place] - right) > _TOLERANCE * scale:
                self.wrong = (
                    f"at row {place[0]}, column {place[1]} the difference is "
                    f"{float(right)!r}, and the entries have {float(found[place])!r}"
                )
        for number, right in zip(floats, own, strict=True):
            if not abs(number - right) <= _FLOATS * scale:
                self.wrong = (
                    f"the floats hold {number!r} where {float(right)!r} is right"
                )
            error = error_in_ulp(number, right, self._decimals)
            self.errors += [] if error is None else [error]

    def report(self) -> Report:
        status = SAMPLED
        detail = f"right at {self.points} random points to 16 digits"
        if not self.points:
            status, detail = UNDECIDED, "no point was found to sample it at"
        if self.wrong:
            status, detail = WRONG, self.wrong
        one = Component("", status, detail, label="entries")
        return Report(
            function=self.primal.name,
            derivative=self.derivative.name,
            value=Component("", NOT_RETURNED),
            components=[one],
            points=self.points,
            where="in arrays of two to four elements a side",
            operations=operation_count(written_out(self.primal).body),
            derivative_operations=operation_count(self.derivative.body),
            gradient_errors=self.errors,
            beside="differences in 50 digits",
            notes=[SAMPLED_ONLY, *notes_of_own(self.primal)],
        )

    # -- differences

    def _columns(self, exact: Sequence[Any]) -> list[tuple[int, tuple[int, ...]]]:
        """For each column, which argument and which element of it."""
        import numpy as np

        names = self.primal.parameter_names
        return [
            (names.index(name), at)
            for name in self.wrt
            for at in np.ndindex(np.shape(exact[names.index(name)]))
        ]

    def _expected(
        self, exact: Sequence[Any], columns: Sequence[tuple[int, tuple[int, ...]]]
    ) -> dict[_Place, Any]:
        step = self._decimals.number(_STEP)

        def at(*moves: tuple[int, int]) -> list[Any]:
            there = [argument + 0 for argument in exact]
            for column, sign in moves:
                which, element = columns[column]
                if element:
                    there[which][element] += sign * step
                else:
                    there[which] += sign * step
            return self._run(self.primal, there)

        found: dict[_Place, Any] = {}
        for j in range(len(columns)):
            if not self.derivative.name.endswith("hessian"):
                pairs = zip(at((j, 1)), at((j, -1)), strict=True)
                for i, (up, down) in enumerate(pairs):
                    found[i, j] = (up - down) / (2 * step)
                continue
            for i in range(j + 1):
                signs = [(1, 1), (1, -1), (-1, 1), (-1, -1)]
                total = sum(a * b * at((i, a), (j, b))[0] for a, b in signs)
                found[i, j] = found[j, i] = total / (4 * step * step)
        return found

    def _near(self, exact: Sequence[Any]) -> AbstractContextManager[None]:
        """Within it, what the user's own functions hold is as it is at the point."""
        if not own_operations(self.primal):
            return nullcontext()
        return self._decimals.own.around(lambda: self._run(self.primal, exact))

    def _run(self, program: Program, point: Sequence[Any]) -> list[Any]:
        import numpy as np

        decimals = self._decimals
        decimals.own.begin()
        results = run(program, point, decimals.arithmetic, decimals.constant)
        numbers = [number for result in results for number in np.ravel(result)]
        if not all(decimals.context.isfinite(number) for number in numbers):
            raise ArithmeticError("the result is not finite")
        return numbers

    def _exact(self, argument: Any) -> Any:
        """A float, or an array of floats, in 50 digits; whole numbers stay."""
        import numpy as np

        if isinstance(argument, float):
            return self._decimals.number(argument)
        if isinstance(argument, (int, bool)) or argument.dtype.kind != "f":
            return argument
        numbers = [self._decimals.number(float(v)) for v in np.ravel(argument)]
        return np.array(numbers, dtype=object).reshape(argument.shape)
