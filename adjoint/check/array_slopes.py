"""Slopes of functions of arrays, by central differences in arithmetic of 50 digits."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from itertools import product
from random import Random
from typing import Any

from adjoint.check.claims import Claim, Term
from adjoint.check.decimals import Decimals

#: Of central differences, of no, the first and the second order.
_STEPS = (1.0, 1e-15, 1e-12)


#: From the arguments, by name, to a list of results.
_Results = Callable[[Mapping[str, Any]], Sequence[Any]]


class Exactly:
    """Functions in 50 digits, and random directions.

    ``holds`` says whether functions of the user's own hold something near a point.
    """

    def __init__(self, decimals: Decimals, holds: bool = False):
        self.decimals = decimals
        self._holds = holds
        self._random = Random(1)

    def run(self, function: _Results, given: Mapping[str, Any]) -> list[Any]:
        """The results. Raises ArithmeticError where one is not finite."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.decimals.own.begin()
            results = function(copies(given))
        for result in results:
            for number in elements(result):
                if not self.decimals.context.isfinite(number):
                    raise ArithmeticError("the result is not finite")
        return list(results)

    def near(
        self, function: _Results, point: Mapping[str, Any]
    ) -> AbstractContextManager[None]:
        """Within it, what the function holds is as it is at the point."""
        if not self._holds:
            return nullcontext()
        return self.decimals.own.around(lambda: self.run(function, point))

    def exact(self, argument: Any) -> Any:
        """A float, or an array of floats, in 50 digits; whole numbers stay."""
        if isinstance(argument, float):
            return self.decimals.number(argument)
        if isinstance(argument, (int, bool)) or argument.dtype.kind != "f":
            return argument
        import numpy as np

        result = np.empty(argument.shape, dtype=object)
        for at in np.ndindex(argument.shape):
            result[at] = self.decimals.number(float(argument[at]))
        return result

    def direction(self, argument: Any) -> Any:
        """A random one, of floats; for a symmetric matrix a symmetric one."""
        if not hasattr(argument, "shape"):
            return self.exact(self._random.uniform(0.5, 1.5))
        import numpy as np

        result = np.empty(argument.shape)
        for at in np.ndindex(argument.shape):
            result[at] = self._random.uniform(-1.5, 1.5)
        if argument.ndim == 2 and argument.shape[0] == argument.shape[1]:
            symmetric = all(
                argument[i, j] == argument[j, i] for i, j in np.ndindex(argument.shape)
            )
            if symmetric:  # as the function may take it to be
                result = result + result.T
        return self.exact(result)


class Slopes:
    """What the claims of a derivative say at one point, in random directions.

    ``given`` are the seeds of the values, whose names are ``seeds``, and the vectors of
    the parameters that the derivative is called with.
    """

    def __init__(
        self,
        function: _Results,
        point: Mapping[str, Any],
        given: Mapping[str, Any],
        seeds: Sequence[str],
        tools: Exactly,
    ):
        self._function = function
        self._point = point
        self._given = given
        self._seeds = seeds
        self._tools = tools
        self._directions: dict[object, Any] = {}
        self._known: dict[tuple[object, ...], tuple[list[Any], list[Any]]] = {}

    def expected(self, claim: Claim, steps: int = 1) -> tuple[Any, Any]:
        """The slope of the function, and how large the numbers are that it is of.

        With more ``steps`` the differences are taken over so many times the distance.
        """
        total: Any = 0
        size: Any = 0
        for term in claim.terms:
            slope, scale = self._slope(term, steps)
            if term.weight in self._seeds:
                seed = self._given[str(term.weight)]
                slope = sum(elements(slope * seed))
                scale = sum(elements(scale * abs(seed)))
            total, size = total + slope, size + scale
        return total, size

    def contracted(self, claim: Claim, result: Any) -> tuple[Any, Any]:
        """What the derivative says of the same slope, and the size of its parts."""
        import numpy as np

        sizes = abs(result)
        for _, direction in reversed(self._free(claim.terms[0])):
            axes = np.ndim(direction)
            result = np.tensordot(result, direction, axes)
            sizes = np.tensordot(sizes, abs(direction), axes)
        return result, sizes

    def _free(self, term: Term) -> list[tuple[str, Any]]:
        """The parameters that the derivative has the axes of, with a direction each."""
        by = term.by[:-1] if self._vector(term) else term.by
        return [(name, self._direction(name, at)) for at, name in enumerate(by)]

    def _vector(self, term: Term) -> str | None:
        """The name of the vector that the derivative is multiplied by."""
        return None if term.weight in self._seeds else term.weight

    def _direction(self, name: str, order: int) -> Any:
        """One for each order, as a second derivative may be by one and the same."""
        if (name, order) not in self._directions:
            direction = self._tools.direction(self._point[name])
            self._directions[name, order] = direction
        return self._directions[name, order]

    def _slope(self, term: Term, steps: int) -> tuple[Any, Any]:
        """The slope of a value, and the size of the value."""
        moves, vector = self._free(term), self._vector(term)
        key = (*[name for name, _ in moves], vector, steps)
        if vector is not None:
            moves.append((term.by[-1], self._given[vector]))
        if key not in self._known:
            self._known[key] = self._quotients(moves, steps)
        slopes, sizes = self._known[key]
        return slopes[term.value], sizes[term.value]

    def _quotients(
        self, moves: Sequence[tuple[str, Any]], steps: int
    ) -> tuple[list[Any], list[Any]]:
        """Central differences of all values, along each of the moves; and sizes."""
        h = steps * self._tools.decimals.number(_STEPS[len(moves)])
        totals: list[Any] | None = None
        sizes: list[Any] = []
        with self._tools.near(self._function, self._point):
            for signs in product((1, -1), repeat=len(moves)):
                point = dict(self._point)
                for sign, (name, direction) in zip(signs, moves, strict=True):
                    point[name] = point[name] + sign * h * direction
                values = self._tools.run(self._function, point)
                sizes = [abs(value) for value in values]
                terms = [math.prod(signs) * value for value in values]
                if totals is not None:
                    terms = [a + b for a, b in zip(totals, terms, strict=True)]
                totals = terms
        assert totals is not None
        return [total / (2 * h) ** len(moves) for total in totals], sizes


def elements(result: Any) -> Iterator[Any]:
    """The numbers of an array, or of nested lists; a number alone."""
    if isinstance(result, (list, tuple)):
        return (number for part in result for number in elements(part))
    return iter(result.flat) if hasattr(result, "flat") else iter([result])


def as_floats(exact: Any) -> Any:
    """In floats: a number, or an array."""
    return exact.astype(float) if hasattr(exact, "astype") else float(exact)


def copies(given: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments, with arrays that a function may do with what it likes."""
    return {
        name: one.copy() if hasattr(one, "shape") else one
        for name, one in given.items()
    }
