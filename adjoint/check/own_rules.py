"""The proof of a rule of the user's own, and what is said of one that is wrong."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from random import Random
from typing import Any

from adjoint.check.evidence import check_module
from adjoint.check.report import UNDECIDED, WRONG
from adjoint.errors import OptionError
from adjoint.ir.program import Program, Value

_SECONDS = 3.0
_POINTS = 20
_LIKELY = (-4.0, 4.0)

#: Central differences of order eight: Fornberg, Mathematics of Computation 51 (1988).
_WEIGHTS = (4 / 5, -1 / 5, 4 / 105, -1 / 280)
#: Steps, in parts of the coordinate; the two that agree best are believed.
_STEPS = (0.05, 0.02, 0.01, 0.004)
#: A derivative that is so far off, relative to the larger number, is wrong.
_TOLERANCE = 1e-6

Ranges = Mapping[str, tuple[float, float]]


def prove(text: str, primal: Program, ranges: Ranges) -> None:
    """Compare a module with SymPy's derivative, and with differences in 50 digits.

    ``text`` is that of the module of the function ``primal`` and its gradient.

    Raises OptionError, with the point and both numbers, for a derivative that is wrong,
    and where nothing can be decided.
    """
    report = check_module(
        text,
        source_name=f"rule of {primal.name}",
        ranges=ranges,
        program=primal,
        derivative="grad",
        wrt=[str(p.name) for p in primal.parameters if p.type.real],
        seconds=_SECONDS,
        points=_POINTS,
    )
    for component in report.components:
        if component.status in (WRONG, UNDECIDED):
            raise _refused(primal.name, component.parameter, component.detail)


def prove_in_floats(
    primal: Program,
    by: Sequence[str],
    function: Callable[..., Any],
    gradient: Callable[..., Any],
    ranges: Ranges,
) -> None:
    """Compare with differences in double precision: of functions that are imported.

    ``gradient`` is that of the function ``primal`` by those parameters.
    Raises OptionError as `prove` does.
    """
    compared, names, name = 0, primal.parameter_names, primal.name
    for point in _points(primal.parameters, ranges):
        slopes = _numbers(gradient, point)
        for place, parameter in enumerate(by):
            expected = _slope(function, point, names.index(parameter))
            if slopes is None or expected is None:
                continue
            ours, (theirs, error) = slopes[place], expected
            if abs(ours - theirs) > max(
                _TOLERANCE * max(abs(ours), abs(theirs)), error
            ):
                where = ", ".join(
                    f"{n} = {x:.6g}" for n, x in zip(names, point, strict=True)
                )
                detail = f"at {where} it is {ours:.9g}, and should be {theirs:.9g}"
                raise _refused(name, parameter, detail)
            compared += 1
    if not compared:
        raise _refused(name, by[0], "no point was found to try it at")


def _refused(name: str, by: str, detail: str) -> OptionError:
    hint = "" if "should be" in detail else "; `domain` says where to try it"
    return OptionError(f"the derivative of `{name}` by {by} is refused: {detail}{hint}")


def _points(parameters: Sequence[Value], ranges: Ranges) -> Iterator[list[float]]:
    random = Random(0)
    for _ in range(_POINTS):
        point: list[float] = []
        for parameter in parameters:
            low, high = ranges.get(str(parameter.name), _LIKELY)
            if parameter.type.real:
                point.append(random.uniform(low, high))
            else:
                point.append(random.randint(math.ceil(low), math.floor(high)))
        yield point


def _numbers(
    function: Callable[..., Any], point: Sequence[float]
) -> list[float] | None:
    """What a function gives at a point as a list; None where it is not finite."""
    try:
        found = function(*point)
        numbers = [float(x) for x in (found if isinstance(found, tuple) else (found,))]
    except (ArithmeticError, ValueError, TypeError):
        return None
    return numbers if all(map(math.isfinite, numbers)) else None


def _slope(
    function: Callable[..., Any], point: Sequence[float], at: int
) -> tuple[float, float] | None:
    """The slope along one axis and how far off it may be; None where it is not sure."""
    found = []
    for step in _STEPS:
        h = step * max(abs(point[at]), 0.1)
        total, size = 0.0, 0.0
        for count, weight in enumerate(_WEIGHTS, 1):
            sides = []
            for sign in (1, -1):
                moved = list(point)
                moved[at] += sign * count * h
                sides.append(_numbers(function, moved))
            if sides[0] is None or sides[1] is None:
                return None
            total += weight * (sides[0][0] - sides[1][0])
            size = max(size, abs(sides[0][0]))
        found.append((total / h, 1e-14 * size / h))
    pairs = list(pairwise(found))
    gaps = [abs(a[0] - b[0]) for a, b in pairs]
    best = gaps.index(min(gaps))
    slope, rounding = pairs[best][1]
    error = 10 * gaps[best] + rounding
    return (slope, error) if error <= 1e-4 * max(abs(slope), 1.0) else None
