"""Second derivatives: tangent sweeps over the gradient, each pair of them once."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from adjoint.ir.builder import Builder
from adjoint.ir.program import Value
from adjoint.transform.algebra.real_identities import IDENTITIES
from adjoint.transform.derivation import Derivation
from adjoint.transform.seed_loops import Slice

#: For pairs of parameters of interest, by their places: the derivative by both, with
#: the axes of the first before those of the second.
_Pairs = dict[tuple[int, int], Value]


def second_derivatives(
    derivation: Derivation, values: Sequence[Value]
) -> list[list[list[Value]]]:
    """For each of the values, the square of its second derivatives.

    That by two arrays has the axes of the value, of the first and of the second.
    """
    interest = derivation.interest
    rows = derivation.gradients(values)
    base = derivation.program
    found: list[_Pairs] = [{} for _ in values]
    numbers = [p for p in interest if not p.type.rank]
    alone = len(interest) == len(values) == 1
    if numbers:
        tangents = derivation.unit_tangents(list(chain(*rows)), numbers)
        for by, other in _sweeps(interest):
            if interest[by] in numbers:
                at = numbers.index(interest[by])
                for pairs, row in zip(found, rows, strict=True):
                    pairs[by, other] = pairs[other, by] = tangents.total(row[other], at)
    for by, array in enumerate(interest):
        others = [other for one, other in _sweeps(interest) if one == by]
        if array.type.rank:
            places = [(k, other) for k in range(len(values)) for other in others]
            slices = [
                _slice(values[k], rows[k][other], array, interest[other], alone)
                for k, other in places
            ]
            parts = derivation.columns_of_array(base, array, slices)
            for (k, other), one, part in zip(places, slices, parts, strict=True):
                found[k][(by, other) if one.leading else (other, by)] = part
    builder = Builder.resume(derivation.program, IDENTITIES)
    builder.sweep = "".join([op.sweep for op in derivation.program.body.ops[-1:]])
    indices = range(len(interest))
    squares = [
        [[_entry(builder, pairs, interest, i, j) for j in indices] for i in indices]
        for pairs in found
    ]
    derivation.take_over(builder)
    return squares


def _sweeps(interest: Sequence[Value]) -> list[tuple[int, int]]:
    """For each pair of parameters: by which to sweep over the adjoint of which.

    By the number, of a number and an array: that is one sweep and no loop.
    """
    pairs = []
    for by in range(len(interest)):
        for other in range(by + 1):
            if interest[by].type.rank and not interest[other].type.rank:
                pairs.append((other, by))
            else:
                pairs.append((by, other))
    return pairs


def _slice(value: Value, adjoint: Value, by: Value, other: Value, alone: bool) -> Slice:
    """What one sweep by an element of ``by`` gives of the adjoint of the other."""
    name = f"d2{value.name or 'y'}_d{by.name}d{other.name}"
    if alone:
        name = "hessian"
    if value.type.rank:
        return Slice(adjoint, adjoint, name, leading=False)
    return Slice(adjoint, other, name, leading=True)


def _entry(
    builder: Builder, pairs: _Pairs, interest: Sequence[Value], i: int, j: int
) -> Value:
    """The derivative by two parameters, or that by the other two turned round."""
    known = pairs.get((i, j))
    if known is None:
        turned = pairs[j, i]
        second, first = interest[j].type.rank, interest[i].type.rank
        before = turned.type.rank - first - second
        axes = list(range(turned.type.rank))
        axes = axes[:before] + axes[before + second :] + axes[before : before + second]
        known = builder.emit("transpose", turned, attributes=(tuple(axes),))
        pairs[i, j] = known
    return known
