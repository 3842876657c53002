"""Slopes of functions of arrays, by central differences in many digits."""

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
from adjoint.check.oracle import Level

#: From the arguments, by name, to a list of results.
_Results = Callable[[Mapping[str, Any]], Sequence[Any]]


class Exactly:
    """Functions in an arithmetic of many digits, of arguments that are floats.

    ``holds`` says whether functions of the user's own hold something near a point.
    """

    def __init__(self, decimals: Decimals, holds: bool = False):
        self.decimals = decimals
        self._holds = holds

    def run(self, function: _Results, given: Mapping[str, Any]) -> list[Any]:
        """The results. Raises ArithmeticError where one is not finite."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.decimals.own.begin()
            exact = {name: self.exact(one) for name, one in given.items()}
            results = function(copies(exact))
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
        """A float, or an array of floats, in these digits; other things stay."""
        if isinstance(argument, float):
            return self.decimals.number(argument)
        if not is_real(argument):
            return argument
        import numpy as np

        result = np.empty(argument.shape, dtype=object)
        for at in np.ndindex(argument.shape):
            result[at] = self.decimals.number(float(argument[at]))
        return result


class Directions:
    """Random directions at a point, of floats, for parameters that are by name.

    There is one for each order, as a second derivative may be by one and the same.
    """

    def __init__(self, point: Mapping[str, Any], random: Random):
        self._point = point
        self._random = random
        self._known: dict[tuple[str, int], Any] = {}

    def __call__(self, name: str, order: int) -> Any:
        if (name, order) not in self._known:
            self._known[name, order] = direction(self._point[name], self._random)
        return self._known[name, order]


def direction(argument: Any, random: Random) -> Any:
    """A random one, of floats; for a symmetric matrix a symmetric one."""
    if not hasattr(argument, "shape"):
        return random.uniform(0.5, 1.5)
    import numpy as np

    result = np.empty(argument.shape)
    for at in np.ndindex(argument.shape):
        result[at] = random.uniform(-1.5, 1.5)
    square = argument.ndim == 2 and argument.shape[0] == argument.shape[1]
    if square and (argument == argument.T).all():  # as the function may take it to be
        result = result + result.T
    return result


class Slopes:
    """What the claims of a derivative say at one point, in random directions.

    ``given`` are the seeds of the values, whose names are ``seeds``, and the vectors of
    the parameters that the derivative is called with; all are of floats, and what is
    computed has the digits of the ``level``.
    """

    def __init__(
        self,
        function: _Results,
        point: Mapping[str, Any],
        given: Mapping[str, Any],
        seeds: Sequence[str],
        directions: Directions,
        level: Level,
        holds: bool,
    ):
        self._function = function
        self._point = point
        self._given = given
        self._seeds = seeds
        self._directions = directions
        self._level = level
        self._tools = Exactly(level.exact, holds)
        self._known: dict[tuple[str | None, ...], list[Any]] = {}

    def expected(self, claim: Claim) -> list[Any]:
        """The slope of the function, as the numbers of an array."""
        total: Any = 0
        for term in claim.terms:
            slope = self._slope(term)
            if term.weight in self._seeds:
                seed = self._tools.exact(self._given[str(term.weight)])
                slope = sum(elements(slope * seed))
            total = total + slope
        return list(elements(total))

    def contracted(self, claim: Claim, result: Any, decimals: Decimals) -> list[Any]:
        """What the derivative says of the same slope, given its ``result``."""
        import numpy as np

        for _, move in reversed(self._free(claim.terms[0])):
            move = Exactly(decimals).exact(move)
            result = np.tensordot(result, move, np.ndim(move))
        return list(elements(result))

    def _free(self, term: Term) -> list[tuple[str, Any]]:
        """The parameters that the derivative has the axes of, with a direction each."""
        by = term.by[:-1] if self._vector(term) else term.by
        return [(name, self._directions(name, at)) for at, name in enumerate(by)]

    def _vector(self, term: Term) -> str | None:
        """The name of the vector that the derivative is multiplied by."""
        return None if term.weight in self._seeds else term.weight

    def _slope(self, term: Term) -> Any:
        """The slope of a value."""
        moves, vector = self._free(term), self._vector(term)
        key = (*[name for name, _ in moves], vector)
        if vector is not None:
            moves.append((term.by[-1], self._given[vector]))
        if key not in self._known:
            self._known[key] = self._quotients(moves)
        return self._known[key][term.value]

    def _quotients(self, moves: Sequence[tuple[str, Any]]) -> list[Any]:
        """Central differences of all values, along each of the moves."""
        step, exact = self._level.step, self._tools.exact
        steps = [(name, exact(move) * step) for name, move in moves]
        there = {name: exact(one) for name, one in self._point.items()}
        totals: list[Any] | None = None
        with self._tools.near(self._function, self._point):
            for signs in product((1, -1), repeat=len(moves)):
                point = dict(there)
                for sign, (name, move) in zip(signs, steps, strict=True):
                    point[name] = point[name] + move * sign
                values = self._tools.run(self._function, point)
                terms = [value * math.prod(signs) for value in values]
                if totals is not None:
                    terms = [a + b for a, b in zip(totals, terms, strict=True)]
                totals = terms
        assert totals is not None
        return [total / (2 * step) ** len(moves) for total in totals]


def is_real(argument: Any) -> bool:
    """Whether it is a float, or an array of floats."""
    kind = getattr(argument, "dtype", None)
    return isinstance(argument, float) if kind is None else kind.kind == "f"


def elements(result: Any) -> Iterator[Any]:
    """The numbers of an array, or of nested lists; a number alone."""
    if isinstance(result, (list, tuple)):
        return (number for part in result for number in elements(part))
    return iter(result.flat) if hasattr(result, "flat") else iter([result])


def copies(given: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments, with arrays that a function may do with what it likes."""
    return {
        name: one.copy() if hasattr(one, "shape") else one
        for name, one in given.items()
    }
