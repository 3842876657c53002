"""Generated functions, run beside arithmetic of 50 digits.

`check` compares programs; this looks at what a target makes of them. A point where
Python's floats have no result is left out. A function of arrays is called once for all
the others, so that the points of one side of a branch stand among those of the other.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from adjoint.check.decimals import Decimals
from adjoint.check.floats import NO_RESULT, error_in_ulp, float_results, largest
from adjoint.check.points import Ranges, candidates, shown
from adjoint.check.report import WRONG, Report
from adjoint.ir.form import flattened, nested
from adjoint.ir.program import LOOPS, Program, Value, walk
from adjoint.ir.types import FLOAT

_POINTS = 100
_CANDIDATES = 2_000
#: What the floats of an array may differ by from the exact number: this part of it ...
_PART = 1e-11
#: ... and of the largest number on the way, and so often the error of Python's floats.
_LOST = 1e-13
_TIMES = 100


@dataclass
class Run:
    """What a function of arrays gave: errors in ulp, and what is wrong."""

    points: int
    batches: bool = True
    errors: list[float] = field(default_factory=list)
    wrong: str = ""


def run(
    program: Program,
    function: Callable[..., Any],
    ranges: Ranges,
    batches: bool = True,
    seed: int = 0,
) -> Run:
    """Compare a generated function with its program at random points.

    With ``batches`` it is one of arrays, which is given all points at once.
    """
    decimals = Decimals(50)
    kept = list(islice(_points(program, ranges, seed, decimals), _POINTS))
    result = Run(len(kept), batches)
    if not kept:
        return result
    points = [point for point, _, _, _ in kept]
    arrays = (_at_once if batches else _one_by_one)(program, function, points)
    for at, (point, floats, exact, size) in enumerate(kept):
        for array, near, right in zip(arrays, floats, exact, strict=True):
            number = float(array[at])
            own, other = abs(number - right), abs(near - right)
            if not own <= _PART * abs(right) + _LOST * size + _TIMES * other:
                place = shown(program.parameter_names, point)
                given = "the array holds" if batches else "it gives"
                result.wrong = f"at {place} {given} {number!r}, not {near!r}"
                return result
            error = error_in_ulp(number, right, decimals)
            result.errors += [] if error is None else [error]
    return result


def _at_once(
    program: Program, function: Callable[..., Any], points: Sequence[Sequence[float]]
) -> Sequence[Any]:
    """For each result, those at all points."""
    common = _common(program)
    given = [
        column[0] if value in common else list(column)
        for value, column in zip(
            program.parameters, zip(*points, strict=True), strict=True
        )
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return flattened(function(*given))[1]


def _one_by_one(
    program: Program, function: Callable[..., Any], points: Sequence[Sequence[float]]
) -> Sequence[Any]:
    """As `_at_once`, for a function of numbers."""
    rows = [flattened(function(*_nested(program, point)))[1] for point in points]
    return list(zip(*rows, strict=True))


def _nested(program: Program, point: Sequence[float]) -> list[Any]:
    """The arguments, of which some may be tuples."""
    numbers = dict(zip(program.parameters, point, strict=True))
    return [
        nested(form, [numbers[part] for part in parts])
        for _, form, parts in program.declared
    ]


def _points(
    program: Program, ranges: Ranges, seed: int, decimals: Decimals
) -> Iterator[tuple[list[float], list[float], list[Any], float]]:
    """Points, the floats and the exact results there, the largest number on the way."""
    common = {at for at, p in enumerate(program.parameters) if p in _common(program)}
    first: list[float] = []
    for drawn in islice(candidates(program.parameters, ranges, seed), _CANDIDATES):
        first = first or drawn
        point = [first[at] if at in common else x for at, x in enumerate(drawn)]
        seen: dict[Value, Any] = {}
        try:
            floats = float_results(program, point, seen)
            yield point, floats, decimals.results(program, point), largest(
                seen.values()
            )
        except NO_RESULT:
            continue


def _common(program: Program) -> set[Value]:
    """The parameters that are one number for all points: those that may bound loops."""
    if not any(op.operation in LOOPS for op in walk(program.body)):
        return set()
    return {value for value in program.parameters if value.type != FLOAT}


def with_runs(report: Report, value: Run, derivative: Run) -> Report:
    """The report with what the functions of arrays gave when they were run."""
    if value.wrong:
        report = replace(
            report, value=replace(report.value, status=WRONG, detail=value.wrong)
        )
    if derivative.wrong:
        components = [
            replace(one, status=WRONG, detail=derivative.wrong)
            for one in report.components
        ]
        report = replace(report, components=components)
    how = "run with arrays of" if derivative.batches else "compiled and run at"
    note = (
        f"note: {how} {derivative.points} points, {report.function} is"
        f" within {max(value.errors, default=0.0):.3g} ulp,"
        f" {report.derivative} within {max(derivative.errors, default=0.0):.3g}"
    )
    return replace(report, notes=[*report.notes, note])
