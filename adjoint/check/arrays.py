"""Functions of arrays: their derivatives beside differences in arithmetic of 50 digits.

Every axis is three elements long (or two, or four, whatever the function takes). The
derivative's program, in 50 digits, is compared with central differences of the
function's, in a random direction for each parameter; the generated function, run in
floats, with the derivative's program. So nothing here relies on the rules.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from random import Random
from typing import Any

from adjoint.check.decimals import Decimals
from adjoint.check.floats import NO_RESULT, error_in_ulp
from adjoint.check.points import LIKELY, Ranges
from adjoint.check.report import SAMPLED, UNDECIDED, WRONG, Component, Report
from adjoint.ir.form import flattened
from adjoint.ir.interpret import run
from adjoint.ir.program import Program, Value, operation_count

DIGITS = 50
_STEP = 1e-15
#: Central differences at that step are right to so much.
_TOLERANCE = 1e-20
#: What floats may differ by, of the largest number of a result.
_FLOATS = 1e-9
_LENGTHS = (3, 2, 4)
#: Lengths of axes that differ, where a function does not take equal ones.
_OTHER_LENGTHS = (1, 2, 3, 4, 9)
_EQUAL = 40
_MOST_TRIES = 2_000
#: So often what rounding does to a result may be an error.
_NOISE = 100

#: From a list of arguments to a list of results.
Results = Callable[[Sequence[Any]], Sequence[Any]]

_FAILS = (*NO_RESULT, IndexError, KeyError)


@dataclass(frozen=True)
class Gradient:
    """A function of arrays and its gradient, three times over.

    ``value`` and ``derivative`` take a list of arguments and give a list of results, in
    50 digits (``decimals``); ``function`` is the generated one, which takes floats and
    gives what the derivative does: the value, where it ``has_value``, and the gradient
    by each name of ``wrt``. ``operations`` are those of the two functions.
    """

    name: str
    derivative_name: str
    parameters: Sequence[Value]
    has_value: bool
    wrt: Sequence[str]
    decimals: Decimals
    value: Results
    derivative: Results
    function: Callable[..., Any]
    operations: tuple[int, int]


def check_arrays(
    primal: Program,
    derivative: Program,
    has_value: bool,
    wrt: Sequence[str],
    function: Callable[..., Any],
    ranges: Ranges,
    points: int = 10,
    seconds: float = 10.0,
) -> Report:
    """Compare the gradient of a function of arrays with differences of the function.

    ``function`` is the generated one, which gives what ``derivative`` does.
    """
    decimals = Decimals(DIGITS)

    def results(program: Program) -> Results:
        arithmetic, constant = decimals.arithmetic, decimals.constant
        return lambda point: run(program, point, arithmetic, constant)

    gradient = Gradient(
        primal.name,
        derivative.name,
        primal.parameters,
        has_value,
        wrt,
        decimals,
        results(primal),
        results(derivative),
        function,
        (operation_count(primal.body), operation_count(derivative.body)),
    )
    return check_gradient(gradient, ranges, points, seconds)


def check_gradient(
    gradient: Gradient, ranges: Ranges, points: int = 10, seconds: float = 10.0
) -> Report:
    """Compare a gradient with differences of its function."""
    check = _Check(gradient)
    until = time.monotonic() + seconds
    for point in islice(_points(gradient.parameters, ranges), _MOST_TRIES):
        if check.points == points or time.monotonic() > until:
            break
        check.visit(point)
    return check.report()


class _Check:
    def __init__(self, gradient: Gradient):
        self.gradient = gradient
        self.wrt = gradient.wrt
        self.points = 0
        self.wrong: dict[str, str] = {}
        self.value_errors: list[float] = []
        self.errors: list[float] = []
        self._decimals = gradient.decimals
        self._random = Random(1)

    def visit(self, point: Sequence[Any]) -> None:
        """Compare everything at a point; where there is no result it does not count."""
        exact = [self._exact(argument) for argument in point]
        try:
            value = self._run(self.gradient.value, exact)[0]
            slopes = [self._slope(exact, name) for name in self.wrt]
        except _FAILS:
            return
        self.points += 1
        try:
            own = self._run(self.gradient.derivative, exact)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                _, floats = flattened(self.gradient.function(*self._given(point)))
        except _FAILS as error:
            for name in self.wrt:
                self.wrong.setdefault(name, f"it fails: {error}")
            return
        if self.gradient.has_value:
            self._compare("", 0, point, floats, value, self.value_errors)
        first = len(floats) - len(slopes)
        for at, (name, slope) in enumerate(zip(self.wrt, slopes, strict=True), first):
            self._compare_slope(name, exact, slope, own[at])
            self._compare(name, at, point, floats, own[at], self.errors)

    def report(self) -> Report:
        found = f"right at {self.points} random points to 20 digits"
        components = []
        for name in ("", *self.wrt):
            status, detail = SAMPLED, found
            if not self.points:
                status, detail = UNDECIDED, "no point was found to sample it at"
            if name in self.wrong:
                status, detail = WRONG, self.wrong[name]
            components.append(Component(name, status, detail))
        return Report(
            function=self.gradient.name,
            derivative=self.gradient.derivative_name,
            value=components[0],
            components=components[1:],
            points=self.points,
            where="in small arrays",
            operations=self.gradient.operations[0],
            derivative_operations=self.gradient.operations[1],
            value_errors=self.value_errors,
            gradient_errors=self.errors,
            beside="differences in 50 digits",
            notes=["note: functions of arrays are sampled, not proved"],
        )

    # -- inside

    def _run(self, results_at: Results, point: Sequence[Any]) -> list[Any]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            results = results_at(_copies(point))
        for result in results:
            for number in _elements(result):
                if not self._decimals.context.isfinite(number):
                    raise ArithmeticError("the result is not finite")
        return list(results)

    def _exact(self, argument: Any) -> Any:
        """A float, or an array of floats, in 50 digits; whole numbers stay."""
        if isinstance(argument, float):
            return self._decimals.number(argument)
        if isinstance(argument, (int, bool)) or argument.dtype.kind != "f":
            return argument
        import numpy as np

        result = np.empty(argument.shape, dtype=object)
        for at in np.ndindex(argument.shape):
            result[at] = self._decimals.number(float(argument[at]))
        return result

    def _slope(self, exact: Sequence[Any], name: str) -> tuple[Any, Any, Any]:
        """A direction, the slope in it, and the size of what it is a sum of."""
        at = [one.name for one in self.gradient.parameters].index(name)
        direction = self._direction(exact[at])
        return direction, *self._difference(exact, at, direction, _STEP)

    def _difference(
        self, exact: Sequence[Any], at: int, direction: Any, step: float
    ) -> tuple[Any, Any]:
        """The central difference for this step, and the size of the values."""
        distance = self._decimals.number(step)
        moved = []
        for sign in (1, -1):
            there = [*exact]
            there[at] = exact[at] + sign * distance * direction
            moved.append(self._run(self.gradient.value, there)[0])
        return (moved[0] - moved[1]) / (2 * distance), abs(moved[0])

    def _direction(self, argument: Any) -> Any:
        random, number = self._random, self._decimals.number
        if not hasattr(argument, "shape"):
            return number(random.uniform(0.5, 1.5))
        import numpy as np

        result = np.empty(argument.shape, dtype=object)
        for at in np.ndindex(argument.shape):
            result[at] = number(random.uniform(-1.5, 1.5))
        if argument.ndim == 2 and argument.shape[0] == argument.shape[1]:
            symmetric = all(
                argument[i, j] == argument[j, i] for i, j in np.ndindex(argument.shape)
            )
            if symmetric:  # as the function may take it to be
                result = result + result.T
        return result

    def _compare_slope(
        self, name: str, exact: Sequence[Any], slope: tuple[Any, Any, Any], found: Any
    ) -> None:
        direction, expected, size = slope
        products = list(_elements(found * direction))
        total = sum(products, self._decimals.number(0))
        error = abs(total - expected)
        if error <= _TOLERANCE * (sum(map(abs, products), abs(expected)) + size):
            return
        at = [one.name for one in self.gradient.parameters].index(name)
        other, _ = self._difference(exact, at, direction, 2 * _STEP)
        if error > _NOISE * abs(other - expected):  # else it is lost in rounding
            self.wrong.setdefault(
                name,
                f"in one direction the slope is {float(expected)!r}, "
                f"and the gradient has {float(total)!r}",
            )

    def _compare(
        self,
        name: str,
        at: int,
        point: Sequence[Any],
        floats: Sequence[Any],
        exact: Any,
        errors: list[float],
    ) -> None:
        """Compare a result in floats with the exact one, element by element."""
        pairs = list(zip(_elements(floats[at]), _elements(exact), strict=True))
        scale = max([abs(right) for _, right in pairs], default=0)
        for place, (number, right) in enumerate(pairs):
            number = float(number)
            error = abs(number - right)
            if not error <= _FLOATS * (scale + abs(right)) and not (
                error <= _NOISE * self._unrest(point, at, place, number)
            ):
                message = f"the floats hold {number!r} where {float(right)!r} is right"
                self.wrong.setdefault(name, message)
            units = error_in_ulp(number, right, self._decimals)
            errors += [] if units is None else [units]

    def _given(self, point: Sequence[Any]) -> list[Any]:
        """The arguments as a caller gives them: a list for a list."""
        pairs = zip(self.gradient.parameters, _copies(point), strict=True)
        return [one.tolist() if p.type.listed else one for p, one in pairs]

    def _unrest(
        self, point: Sequence[Any], at: int, place: int, number: float
    ) -> float:
        """How much an element changes where the arguments do, by their last digit."""
        largest = 0.0
        for sign in (1, -1):
            moved = [
                one * (1 + sign * 2.0**-52) if _is_real(one) else one for one in point
            ]
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                _, floats = flattened(self.gradient.function(*self._given(moved)))
            other = float(list(_elements(floats[at]))[place])
            largest = max(largest, abs(other - number))
        return largest


def _is_real(argument: Any) -> bool:
    kind = getattr(argument, "dtype", None)
    return isinstance(argument, float) if kind is None else kind.kind == "f"


def _copies(point: Sequence[Any]) -> list[Any]:
    return [one.copy() if hasattr(one, "shape") else one for one in point]


def _elements(result: Any) -> Iterator[Any]:
    """The numbers in an array, in nested lists, or the number itself."""
    if isinstance(result, list):
        return (number for part in result for number in _elements(part))
    return iter(result.flat) if hasattr(result, "flat") else iter([result])


def _points(
    parameters: Sequence[Value], ranges: Ranges, seed: int = 0
) -> Iterator[list[Any]]:
    """Random points without end, with arrays of small shapes."""
    import numpy as np

    rng = np.random.default_rng(seed)
    turn = 0
    while True:
        length = _LENGTHS[turn // 4 % len(_LENGTHS)]
        equal = turn < _EQUAL or turn % 2 == 0
        likely = LIKELY[turn % len(LIKELY)]
        turn += 1
        point: list[Any] = []
        for parameter in parameters:
            low, high = ranges.get(parameter.name or "", likely)
            shape = (length,) * parameter.type.rank
            if not equal:
                shape = tuple(rng.choice(_OTHER_LENGTHS, parameter.type.rank))
            numbers: Any
            if parameter.type.real:
                numbers = rng.uniform(low, high, shape)
            elif parameter.type.element == "bool":
                numbers = rng.integers(0, 2, shape).astype(bool)
            elif parameter.type.rank:
                numbers = rng.integers(0, min((length, *shape)), shape)
            else:
                numbers = np.asarray(length)
            point.append(numbers if parameter.type.rank else np.asarray(numbers).item())
        yield point
