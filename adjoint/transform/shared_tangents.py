"""Tangents in several directions: what does not depend on the direction is done once.

Where all that an operation depends on moves with one value, its *root*, the tangent of
the result is a factor times the tangent of the root in every direction. So the chain
rule is applied to the factors first, once for all directions, and each direction only
visits the roots: values that depend on several others (the univariate sections of
Griewank and Walther, *Evaluating Derivatives*, chapter 10, are taken together).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from adjoint.ir.program import Op, Value
from adjoint.transform.algebra.coefficients import multiply
from adjoint.transform.partials import is_zero

if TYPE_CHECKING:
    from adjoint.transform.forward import Tangents

#: The title of the part that is the same for all directions.
TITLE = "partial derivatives"

#: A sum of factors times the tangents of roots.
Terms = dict[Value, Value]


class SharedTangents:
    """The factors and roots of a straight-line program, then its tangents."""

    def __init__(self, tangents: Tangents):
        self._tangents = tangents
        self._one = tangents.builder.constant(1.0)
        seeded = [value for d in tangents.directions for value in d.seeds]
        #: for each value that moves: its terms; a root is its own only term
        self._terms: dict[Value, Terms] = {v: {v: self._one} for v in seeded}
        #: the roots behind the parameters, in order, with what they are made of
        self._roots: dict[Value, Terms] = {}

    def visit(self, ops: Sequence[Op]) -> None:
        """Find the factors of the results of operations."""
        self._tangents.builder.sweep = TITLE
        for op in ops:
            if op.results and not self._terms.keys().isdisjoint(op.operands):
                self._visit(op)

    def _visit(self, op: Op) -> None:
        builder = self._tangents.builder
        total: Terms = {}
        for place, operand in enumerate(op.operands):
            terms = self._terms.get(operand)
            if terms is None or is_zero(op.operation, place):
                continue
            partial = self._tangents.instance(op).times(self._one, place)
            if partial is None:
                continue
            for root, factor in terms.items():
                term = multiply(builder, partial, factor)
                if root in total:
                    term = builder.emit("add", total[root], term)
                total[root] = term
        total = {
            root: factor
            for root, factor in total.items()
            if not (factor.literal and factor.number == 0)
        }
        result = op.results[0]
        if len(total) > 1:
            self._roots[result] = total
            total = {result: self._one}
        if total:
            self._terms[result] = total

    def write(self, wanted: Sequence[Value]) -> None:
        """Write the tangents of the roots, and of the values ``wanted``."""
        tangents = self._tangents
        for at, direction in enumerate(tangents.directions):
            tangents.builder.sweep = direction.title
            for root, terms in self._roots.items():
                self._sum(root, at, terms)
            for value in dict.fromkeys(wanted):
                if tangents.get(value, at) is None and value in self._terms:
                    self._sum(value, at, self._terms[value])

    def _sum(self, value: Value, at: int, terms: Terms) -> None:
        parts = list(self._parts(at, terms))
        if not parts:
            return
        total = parts[0]
        for part in parts[1:]:
            total = self._tangents.builder.emit("add", total, part)
        if not (total.literal and total.number == 0):
            self._tangents.set(value, at, total)

    def _parts(self, at: int, terms: Terms) -> Iterator[Value]:
        for root, factor in terms.items():
            tangent = self._tangents.get(root, at)
            if tangent is not None:
                yield multiply(self._tangents.builder, factor, tangent)
