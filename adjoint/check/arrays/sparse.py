"""Sparse derivatives of functions of arrays: their entries as dense ones, and these.

The matrix that the entries make is compared, all of it, as a Jacobian or a Hessian is
(`programs`). So an entry that is missing, or stands at another place, is noticed too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from adjoint.check.arrays.programs import check_subject
from adjoint.check.arrays.slopes import elements
from adjoint.check.arrays.subject import Results, Subject, in_floats
from adjoint.check.decimals import Decimals
from adjoint.check.points import Ranges
from adjoint.check.report import SAMPLED, WRONG, Report

_PREFIX = "sparse_"


def check_sparse(
    subject: Subject, ranges: Ranges, points: int = 6, seconds: float = 10.0
) -> Report:
    """Compare a sparse Jacobian or Hessian with differences of the function.

    The subject has a pattern; the entries are the last result of its derivative, behind
    the value or alone.
    """
    report = check_subject(_dense(subject), ranges, points, seconds)
    parts = sorted(report.components, key=lambda one: _ORDER.get(one.status, 1))
    entries = replace(parts[0], label="entries", parameter="entries")
    return replace(report, components=[entries])


#: What is said of all entries: what is wrong of some, or not known.
_ORDER = {WRONG: 0, SAMPLED: 2}


def _dense(subject: Subject) -> Subject:
    """The subject with a dense derivative."""

    @cache
    def exact(decimals: Decimals) -> tuple[Results, Results]:
        value, derivative = subject.exact(decimals)
        return value, _filled(subject, derivative, decimals.number(0))

    return replace(
        subject,
        kinds=[kind.removeprefix(_PREFIX) for kind in subject.kinds],
        exact=exact,
        derivative_function=_filled(subject, subject.derivative_function, 0.0),
    )


def _filled(subject: Subject, derivative: Results, zero: Any) -> Results:
    """The derivative with the entries in matrices, one for each pair of arrays."""
    assert subject.pattern is not None
    pattern, second = subject.pattern, "sparse_hessian" in subject.kinds

    def results(given: Mapping[str, Any]) -> list[Any]:
        floats = {name: _in_floats(one) for name, one in given.items()}
        columns = [np.shape(given[name]) for name in subject.wrt]
        rows = columns
        if not second:
            rows = [np.shape(one) for one in in_floats(subject.function, floats)]
        places = list(zip(*map(elements, in_floats(pattern, floats)), strict=True))
        *values, own = derivative(given)
        entries = list(elements(own))
        if len(places) != len(entries):
            message = f"{len(entries)} entries stand at {len(places)} places"
            raise ValueError(message)
        matrix = np.full((_size(rows), _size(columns)), zero)
        for (i, j), entry in zip(places, entries, strict=True):
            if min(i, j) < 0:
                raise IndexError(f"an entry stands at row {i}, column {j}")
            matrix[i, j] += entry
        return [*values, *_parts(matrix, rows, columns)]

    return results


def _parts(
    matrix: Any, rows: Sequence[tuple[int, ...]], columns: Sequence[tuple[int, ...]]
) -> Iterator[Any]:
    """The parts of the matrix, with the axes of what they are of and by."""
    start = 0
    for row in rows:
        stop, left = start + _size([row]), 0
        for column in columns:
            right = left + _size([column])
            yield matrix[start:stop, left:right].reshape(row + column)
            left = right
        start = stop


def _size(shapes: Sequence[tuple[int, ...]]) -> int:
    """How many numbers arrays of these shapes have together."""
    return sum(int(np.prod(shape, dtype=int)) for shape in shapes)


def _in_floats(argument: Any) -> Any:
    """The argument, without the digits that floats have not."""
    if isinstance(argument, np.ndarray):
        return argument.astype(float) if argument.dtype.kind == "O" else argument
    return argument if isinstance(argument, int) else float(argument)
