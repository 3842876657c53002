"""Functions of arrays: their derivatives beside differences in arithmetic of 50 digits.

Every axis is three elements long (or two, or four, whatever the function takes). The
derivative's program, in 50 digits, is compared with central differences of the
function's, in a random direction for each parameter; the generated function, run in
floats, with the derivative's program. So nothing here relies on the rules.
"""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
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

_DIGITS = 50
_STEP = 1e-15
#: Central differences at that step are right to so much.
_TOLERANCE = 1e-20
#: What floats may differ by, of the largest number of a result.
_FLOATS = 1e-9
_LENGTHS = (3, 2, 4)
_MOST_TRIES = 400

_FAILS = (*NO_RESULT, IndexError, KeyError)


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
    check = _Check(primal, derivative, has_value, wrt, function)
    until = time.monotonic() + seconds
    for point in islice(random_points(primal.parameters, ranges), _MOST_TRIES):
        if check.points == points or time.monotonic() > until:
            break
        check.visit(point)
    return check.report()


class _Check:
    def __init__(
        self,
        primal: Program,
        derivative: Program,
        has_value: bool,
        wrt: Sequence[str],
        function: Callable[..., Any],
    ):
        self.primal = primal
        self.derivative = derivative
        self.has_value = has_value
        self.wrt = wrt
        self.function = function
        self.points = 0
        self.wrong: dict[str, str] = {}
        self.value_errors: list[float] = []
        self.errors: list[float] = []
        self._decimals = Decimals(_DIGITS)
        self._random = Random(1)

    def visit(self, point: Sequence[Any]) -> None:
        """Compare everything at a point; where there is no result it does not count."""
        exact = [self._exact(argument) for argument in point]
        try:
            value = self._run(self.primal, exact)[0]
            slopes = [self._slope(exact, name) for name in self.wrt]
        except _FAILS:
            return
        self.points += 1
        try:
            own = self._run(self.derivative, exact)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                _, floats = flattened(self.function(*point))
        except _FAILS as error:
            for name in self.wrt:
                self.wrong.setdefault(name, f"it fails: {error}")
            return
        if self.has_value:
            self._compare("", floats.pop(0), value, self.value_errors)
            own.pop(0)
        for name, slope, gradient, result in zip(
            self.wrt, slopes, own, floats, strict=True
        ):
            self._compare_slope(name, slope, gradient)
            self._compare(name, result, gradient, self.errors)

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
            function=self.primal.name,
            derivative=self.derivative.name,
            value=components[0],
            components=components[1:],
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

    def _run(self, program: Program, point: Sequence[Any]) -> list[Any]:
        decimals = self._decimals
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            results = run(program, point, decimals.arithmetic, decimals.constant)
        for result in results:
            for number in _elements(result):
                if not decimals.context.isfinite(number):
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
        at = self.primal.parameter_names.index(name)
        argument = exact[at]
        direction = self._direction(argument)
        step = self._decimals.number(_STEP)
        moved = []
        for sign in (1, -1):
            there = [*exact]
            there[at] = argument + sign * step * direction
            moved.append(self._run(self.primal, there)[0])
        return direction, (moved[0] - moved[1]) / (2 * step), abs(moved[0])

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
        self, name: str, slope: tuple[Any, Any, Any], gradient: Any
    ) -> None:
        direction, expected, size = slope
        products = list(_elements(gradient * direction))
        total = sum(products, self._decimals.number(0))
        scale = sum(map(abs, products), abs(expected)) + size
        if abs(total - expected) > _TOLERANCE * scale:
            self.wrong.setdefault(
                name,
                f"in one direction the slope is {float(expected)!r}, "
                f"and the gradient has {float(total)!r}",
            )

    def _compare(self, name: str, result: Any, exact: Any, errors: list[float]) -> None:
        pairs = list(zip(_elements(result), _elements(exact), strict=True))
        scale = max([abs(right) for _, right in pairs], default=0)
        for number, right in pairs:
            number = float(number)
            if not math.isfinite(number) or abs(number - right) > _FLOATS * (
                scale + abs(right)
            ):
                message = f"the floats hold {number!r} where {float(right)!r} is right"
                self.wrong.setdefault(name, message)
            error = error_in_ulp(number, right, self._decimals)
            errors += [] if error is None else [error]


def _elements(result: Any) -> Iterator[Any]:
    return iter(result.flat) if hasattr(result, "flat") else iter([result])


def random_points(
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
