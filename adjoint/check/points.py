"""Points to sample a function at: in the ranges that are given, or in likely ones."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from random import Random
from typing import Any, Protocol

from adjoint.errors import OptionError, did_you_mean
from adjoint.ir.program import Value
from adjoint.ir.types import FLOAT

Ranges = Mapping[str, tuple[float, float]]

#: Where most functions are real somewhere.
LIKELY = ((0.5, 2.0), (-2.0, 2.0), (0.1, 0.9), (1.1, 5.0))
#: So many are tried for each point that is wanted.
CANDIDATES_PER_POINT = 40


class Visitor(Protocol):
    """Compares at one point after the other; ``points`` counts those that served."""

    points: int

    def visit(self, point: list[Any]) -> None:
        """Compare at a point; where there is no result it does not count."""


def visit_points(
    visitor: Visitor,
    tries: Iterator[list[Any]],
    most: int,
    points: int,
    deadline: float,
) -> None:
    """Visit so many points, of ``most`` tries; fewer where the time is over."""
    for point in islice(tries, most):
        if visitor.points == points or time.monotonic() > deadline:
            break
        visitor.visit(point)


def check_ranges(ranges: Ranges, parameters: Sequence[str]) -> None:
    """Raises OptionError for a range of no parameter, or one that is none."""
    for name, (low, high) in ranges.items():
        if name not in parameters:
            hint = did_you_mean(name, parameters) or (
                f"the parameters are {', '.join(parameters)}"
            )
            raise OptionError(
                f"the range of {name!r}: there is no such parameter; {hint}"
            )
        if not (math.isfinite(low) and math.isfinite(high) and low <= high):
            raise OptionError(f"the range of {name!r}, {low} to {high}, is empty")


def candidates(
    parameters: Sequence[Value], ranges: Ranges, seed: int
) -> Iterator[list[float]]:
    """Random points without end, one coordinate a parameter.

    Those without a range take turns: all from one of the likely ranges, or each from
    its own. Parameters that are whole numbers get whole numbers.
    """
    random = Random(seed)
    turn = 0
    while True:
        mixed = turn % (len(LIKELY) + 2) >= len(LIKELY)
        common = LIKELY[turn % (len(LIKELY) + 2) % len(LIKELY)]
        turn += 1
        point = []
        for parameter in parameters:
            likely = random.choice(LIKELY) if mixed else common
            low, high = ranges.get(parameter.name or "", likely)
            if parameter.type == FLOAT:
                point.append(random.uniform(low, high))
            else:
                point.append(random.randint(math.ceil(low), math.ceil(high)))
        yield point


def shown(parameters: Sequence[str], point: Sequence[float], most: int = 6) -> str:
    """``x = 1.5, y = 2.25`` and so on, as many as fit."""
    parts = [f"{n} = {x!r}" for n, x in zip(parameters, point, strict=True)]
    return ", ".join(parts[:most]) + (", ..." if len(parts) > most else "")
