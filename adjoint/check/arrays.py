"""Functions of arrays: their derivatives beside differences in arithmetic of 50 digits.

Every axis is three elements long (or two, or four, whatever the function takes). What
the derivative's program gives in 50 digits is compared with central differences of the
function's, in a random direction for each parameter; the generated function, run in
floats, with the derivative's program. So nothing here relies on the rules.
"""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from adjoint.check.array_slopes import Exactly, Slopes, as_floats, elements
from adjoint.check.claims import claims
from adjoint.check.floats import NO_RESULT, error_in_ulp
from adjoint.check.points import LIKELY, Ranges
from adjoint.check.report import SAMPLED, UNDECIDED, WRONG, Component, Report
from adjoint.ir.form import flattened, nested
from adjoint.ir.program import Program, Value, operation_count

#: Central differences in 50 digits are right to so much.
_TOLERANCE = 1e-20
#: What floats may differ by, of the largest number of a result.
_FLOATS = 1e-9
_LENGTHS = (3, 2, 4)
_MOST_TRIES = 400

_FAILS = (*NO_RESULT, IndexError, KeyError)

#: Generated functions.
_Function = Callable[..., Any]


def check_arrays(
    primal: Program,
    derivative: Program,
    kinds: Sequence[str],
    wrt: Sequence[str],
    functions: tuple[_Function, _Function],
    ranges: Ranges,
    points: int = 10,
    seconds: float = 10.0,
) -> Report:
    """Compare a derivative of a function of arrays with differences of the function.

    ``kinds`` says what it returns; ``functions`` are the generated ones, which give
    what ``primal`` and ``derivative`` do.
    """
    check = _Check(primal, derivative, kinds, wrt, functions)
    until = time.monotonic() + seconds
    for point in islice(_points(primal.parameters, ranges), _MOST_TRIES):
        if check.points == points or time.monotonic() > until:
            break
        check.visit(point)
    return check.report()


class _Check:
    def __init__(
        self,
        primal: Program,
        derivative: Program,
        kinds: Sequence[str],
        wrt: Sequence[str],
        functions: tuple[_Function, _Function],
    ):
        self.primal = primal
        self.derivative = derivative
        self.function, self.derivative_function = functions
        known = set(primal.parameter_names)
        names = [str(p.name) for p in derivative.parameters if p.name not in known]
        self.claims = claims(kinds, primal, wrt, names)
        count = len(primal.results) if "vjp" in kinds else 0
        #: the seeds of the values in order, and the vectors of parameters
        self.seeds = names[:count]
        self.vectors = dict(zip(names[count:], wrt, strict=False))
        self.of_gradient = set(kinds) <= {"grad", "value_and_grad"}
        self.points = 0
        self.wrong: dict[str, str] = {}
        self.value_errors: list[float] = []
        self.errors: list[float] = []
        self._tools = Exactly()

    def visit(self, point: Sequence[Any]) -> None:
        """Compare everything at a point; where there is no result it does not count."""
        names = self.primal.parameter_names
        exact = [self._tools.exact(argument) for argument in point]
        try:
            values = self._tools.run(self.primal, exact)
            vectors = self._vectors(values, dict(zip(names, exact, strict=True)))
            there = Slopes(self.primal, exact, vectors, self.seeds, self._tools)
            expected = [there.expected(claim) for claim in self.claims]
        except _FAILS:
            return
        self.points += 1
        given = dict(zip(names, point, strict=True))
        given |= {name: as_floats(vector) for name, vector in vectors.items()}
        by_name = dict(zip(names, exact, strict=True)) | vectors
        try:
            arguments = [by_name[str(p.name)] for p in self.derivative.parameters]
            own = self._tools.run(self.derivative, arguments)
            value = _called(self.function, self.primal, given)
            floats = _called(self.derivative_function, self.derivative, given)
        except _FAILS as error:
            for claim in self.claims:
                self.wrong.setdefault(claim.label, f"it fails: {error}")
            return
        for number, right in zip(value, values, strict=True):
            self._compare("", number, right, self.value_errors)
        for claim, pair, result, number in zip(
            self.claims, expected, own, floats, strict=True
        ):
            slope = bool(claim.terms[0].by)
            label = claim.label if slope else ""
            try:
                self._compare_slope(label, pair, there.contracted(claim, result))
                errors = self.errors if slope else self.value_errors
                self._compare(label, number, result, errors)
            except (ValueError, IndexError):
                self.wrong.setdefault(label, "its shape is another than that expected")

    def report(self) -> Report:
        found = f"right at {self.points} random points to 20 digits"
        components = []
        derivatives = [claim for claim in self.claims if claim.terms[0].by]
        for name in ("", *[claim.label for claim in derivatives]):
            status, detail = SAMPLED, found
            if not self.points:
                status, detail = UNDECIDED, "no point was found to sample it at"
            if name in self.wrong:
                status, detail = WRONG, self.wrong[name]
            components.append(Component(name, status, detail, name))
        value, *others = components
        if self.of_gradient:
            others = [
                Component(claim.terms[0].by[0], one.status, one.detail)
                for claim, one in zip(derivatives, others, strict=True)
            ]
        return Report(
            function=self.primal.name,
            derivative=self.derivative.name,
            value=value,
            components=others,
            points=self.points,
            where="in arrays of two to four elements a side",
            operations=operation_count(self.primal.body),
            derivative_operations=operation_count(self.derivative.body),
            value_errors=self.value_errors,
            gradient_errors=self.errors,
            beside="differences in 50 digits",
            notes=["note: functions of arrays are sampled, not proved"],
        )

    # -- inside

    def _vectors(
        self, values: Sequence[Any], arguments: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Seeds of the values, and vectors for the parameters: what else is given."""
        likes = dict(zip(self.seeds, values, strict=False))
        likes |= {name: arguments[by] for name, by in self.vectors.items()}
        return {name: self._tools.direction(like) for name, like in likes.items()}

    def _compare_slope(
        self, label: str, expected: tuple[Any, Any], found: tuple[Any, Any]
    ) -> None:
        """Both with the size of what they are a sum of."""
        parts = [list(elements(one)) for one in (*expected, *found)]
        for right, size, total, terms in zip(*parts, strict=True):
            scale = size + terms + abs(right)
            if abs(total - right) > _TOLERANCE * scale:
                self.wrong.setdefault(
                    label,
                    f"in one direction the slope is {float(right)!r}, "
                    f"and the derivative has {float(total)!r}",
                )

    def _compare(
        self, label: str, result: Any, exact: Any, errors: list[float]
    ) -> None:
        pairs = list(zip(elements(result), elements(exact), strict=True))
        scale = max([abs(right) for _, right in pairs], default=0)
        for number, right in pairs:
            number = float(number)
            if not math.isfinite(number) or abs(number - right) > _FLOATS * (
                scale + abs(right)
            ):
                message = f"the floats hold {number!r} where {float(right)!r} is right"
                self.wrong.setdefault(label, message)
            error = error_in_ulp(number, right, self._tools.decimals)
            errors += [] if error is None else [error]


def _called(
    function: _Function, program: Program, given: Mapping[str, Any]
) -> list[Any]:
    """What the generated function gives, in a flat list."""
    positional, keywords = [], {}
    for name, form, parts in program.declared:
        argument = nested(form, [given[str(part.name)] for part in parts])
        if name in program.keyword_only:
            keywords[name] = argument
        else:
            positional.append(argument)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return flattened(function(*positional, **keywords))[1]


def _points(
    parameters: Sequence[Value], ranges: Ranges, seed: int = 0
) -> Iterator[list[Any]]:
    """Random points without end, with arrays of small shapes."""
    import numpy as np

    rng = np.random.default_rng(seed)
    turn = 0
    while True:
        length = _LENGTHS[turn // 4 % len(_LENGTHS)]
        likely = LIKELY[turn % len(LIKELY)]
        turn += 1
        point: list[Any] = []
        for parameter in parameters:
            low, high = ranges.get(parameter.name or "", likely)
            shape = (length,) * parameter.type.rank
            numbers: Any
            if parameter.type.real:
                numbers = rng.uniform(low, high, shape)
            elif parameter.type.element == "bool":
                numbers = rng.integers(0, 2, shape).astype(bool)
            elif parameter.type.rank:
                numbers = rng.integers(0, length, shape)
            else:
                numbers = np.asarray(length)
            point.append(numbers if parameter.type.rank else np.asarray(numbers).item())
        yield point
