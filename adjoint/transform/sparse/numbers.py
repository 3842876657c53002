"""Sparse Jacobians and Hessians: their entries that can be other than zero, in a tuple.

Entries that no row has in common are found in one sweep (`sparse.sparsity`), so that
the number of sweeps depends on the pattern and not on the number of parameters.
"""

from __future__ import annotations

from collections.abc import Sequence

from adjoint.ir.program import Program, Value
from adjoint.transform.derivation import Derivation
from adjoint.transform.forward import Direction, Tangents
from adjoint.transform.sparse.sparsity import (
    Pattern,
    column_colours,
    members,
    pattern,
    star_colours,
    symmetric,
    transposed,
)

#: The row and the column of each entry.
Coordinates = list[tuple[int, int]]


def jacobian_entries(derivation: Derivation) -> tuple[Coordinates, list[Value]]:
    """The entries of the Jacobian, row by row; by whichever takes fewer sweeps."""
    values, interest = derivation.primal.results, derivation.interest
    rows = pattern(derivation.program, values, interest)
    by_column = column_colours(rows, len(interest))
    by_row = column_colours(transposed(rows, len(interest)), len(values))
    forward = max(by_column, default=0) <= max(by_row, default=0)
    if derivation.mode is not None:
        forward = derivation.mode == "forward"
    places = _coordinates(rows)
    if forward:
        tangents = _compressed(derivation, values, by_column)
        return places, [tangents.total(values[i], by_column[j]) for i, j in places]
    groups = members(by_row)
    seeds = [[(values[i], derivation.one) for i in group] for group in groups]
    titles = [f"reverse sweep {at}" for at in range(1, len(groups) + 1)]
    adjoints = derivation.adjoints(seeds, titles)
    return places, [adjoints[by_row[i]][j] for i, j in places]


def hessian_entries(derivation: Derivation) -> tuple[Coordinates, list[Value]]:
    """The entries of the Hessian of the one value, row by row; each computed once."""
    (gradient,) = derivation.gradients(derivation.primal.results)
    rows = symmetric(pattern(derivation.program, gradient, derivation.interest))
    colours = star_colours(rows)
    tangents = _compressed(derivation, gradient, colours)

    def entry(i: int, j: int) -> Value:
        i, j = min(i, j), max(i, j)
        if sum(colours[other] == colours[j] for other in rows[i]) > 1:
            i, j = j, i
        return tangents.total(gradient[i], colours[j])

    places = _coordinates(rows)
    return places, [entry(i, j) for i, j in places]


def jacobian_coordinates(primal: Program, wrt: Sequence[str]) -> Coordinates:
    """Where the entries of the sparse Jacobian stand."""
    return _coordinates(pattern(primal, primal.results, _interest(primal, wrt)))


def hessian_coordinates(primal: Program, wrt: Sequence[str]) -> Coordinates:
    """Where the entries of the sparse Hessian stand."""
    derivation = Derivation(primal, wrt)
    (gradient,) = derivation.gradients(primal.results)
    rows = pattern(derivation.program, gradient, derivation.interest)
    return _coordinates(symmetric(rows))


def _interest(primal: Program, wrt: Sequence[str]) -> list[Value]:
    by_name = {parameter.name: parameter for parameter in primal.parameters}
    return [by_name[name] for name in wrt]


def _coordinates(rows: Pattern) -> Coordinates:
    return [(i, j) for i, row in enumerate(rows) for j in row]


def _compressed(
    derivation: Derivation, wanted: Sequence[Value], colours: Sequence[int]
) -> Tangents:
    """The tangents along the sum of the unit vectors of each colour."""
    directions = [
        Direction(
            f"d{at}",
            {derivation.interest[j]: derivation.one for j in group},
            f"tangent sweep {at}",
        )
        for at, group in enumerate(members(colours), 1)
    ]
    return derivation.tangents(wanted, directions)
