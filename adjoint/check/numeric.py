"""The numbers: a module beside what is right, at random points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any

import mpmath

from adjoint.check import oracle
from adjoint.check.agreement import Agreement, Ours, Theirs, compare
from adjoint.check.decimals import Decimals
from adjoint.check.floats import NO_RESULT, error_in_ulp, float_results, largest
from adjoint.check.oracle import Direction, Level
from adjoint.check.points import (
    CANDIDATES_PER_POINT,
    Ranges,
    candidates,
    shown,
    visit_points,
)
from adjoint.check.text.module import GeneratedModule
from adjoint.ir.literals import is_rounded
from adjoint.ir.program import IF, Block, Op, Program, Value, walk

#: Of more parameters than this, all are compared at once, in a random direction ...
_MANY = 30
#: ... and a few one by one.
_SINGLED_OUT = 8
_MOST_COMPARISONS = 60
#: Numbers that differ by more were told to be the same only by more than 50 digits.
_LOST = 1e-12
#: Where numbers of as many digits as floats have are off by more, few are right.
_FEW_DIGITS, _FEW_LEFT = 15, 1e-6


@dataclass
class Tally:
    """What was seen of one number that the module computes.

    ``rounded`` says that it agreed only to 13 digits somewhere, for the sake of rounded
    constants; ``wrong`` how it is wrong; ``errors`` are those of the floating-point
    result, in units of the last place.
    """

    agreed: int = 0
    rounded: bool = False
    wrong: str | None = None
    errors: list[float] = field(default_factory=list)


@dataclass
class Sampling:
    """What was seen at ``points`` points.

    At ``lost`` others the module's floats lose their digits, and give no number.
    ``same_bits``: whether the function, its text, and the text of its derivative gave
    the same floats for the value. ``sides``: how many sides of branches were taken, of
    how many.
    """

    points: int
    value: Tally
    components: list[Tally]
    same_bits: bool
    sides: tuple[int, int]
    lost: int = 0


def sample(
    module: GeneratedModule,
    primal: Program,
    ranges: Ranges,
    points: int,
    seed: int,
    deadline: float,
) -> Sampling:
    """Compare the module with the function ``primal`` at so many random points.

    There are fewer where they are hard to find, or where the time (`time.monotonic`) is
    over; the first one is always finished.
    """
    sampler = _Sampler(module, primal, seed)
    tries = candidates(primal.parameters, ranges, seed)
    most = points * CANDIDATES_PER_POINT
    visit_points(sampler, tries, most, points, deadline)
    return sampler.sampling()


class _Sampler:
    def __init__(self, module: GeneratedModule, primal: Program, seed: int):
        self.module = module
        self.primal = primal
        self.levels = [Level(digits) for digits in (50, 150, 400, 600)]
        rounded = any(map(has_rounded, (module.primal.body, module.derivative.body)))
        self.nudged = Decimals(50, nudge=2.0**-52) if rounded else None
        self.points = self.lost = 0
        self.value = Tally()
        self.components = [Tally() for _ in module.wrt]
        self.same_bits = True
        self._random = Random(seed)
        self._taken: set[tuple[Op, bool]] = set()
        self._branches = [
            op for op in walk(module.derivative.body) if op.operation is IF
        ]

    def sampling(self) -> Sampling:
        sides = len(self._taken), 2 * len(self._branches)
        tallies = self.value, self.components
        return Sampling(self.points, *tallies, self.same_bits, sides, self.lost)

    def visit(self, point: list[float]) -> None:
        """Compare everything at a point; outside the domain it does not count."""
        at = AtPoint(self.module, self.primal, point)
        singles: Sequence[int] = range(len(self.components))
        if len(singles) > _MANY:
            singles = self._random.sample(singles, _SINGLED_OUT)
        try:
            value = at.float_value()
            at.exact_value(self.levels[0])
            for index in singles:
                at.exact_slope([(index, 1.0)], self.levels[0])
        except NO_RESULT:
            return
        try:
            own_value, gradient = self._floats(at, value)
        except NO_RESULT as error:
            if loses_digits(self.module.derivative, point):
                self.lost += 1
                return
            self.points += 1
            self._fails(at, error)
            return
        self.points += 1
        self._compare_value(at, own_value)
        for index in singles:
            self._compare_one(at, index, gradient[index])
        if len(singles) < len(self.components):
            self._compare_others(at, singles)

    def _floats(self, at: AtPoint, value: float) -> tuple[float, list[float]]:
        """The value and the gradient that the module computes."""
        seen: dict[Value, Any] = {}
        gradient = float_results(self.module.derivative, at.point, seen)
        values = float_results(self.module.primal, at.point)
        for op in self._branches:
            if op.operands[0] in seen:
                self._taken.add((op, bool(seen[op.operands[0]])))
        if self.module.has_value:
            values.append(gradient.pop(0))
        self.same_bits &= all(repr(one) == repr(value) for one in values)
        return values[-1], gradient

    def _fails(self, at: AtPoint, error: Exception) -> None:
        message = f"at {at} it gives no number ({type(error).__name__}: {error})"
        for tally in [self.value, *self.components]:
            tally.wrong = tally.wrong or message

    def _compare_value(self, at: AtPoint, number: float) -> None:
        programs = [self.module.primal]
        if self.module.has_value:
            programs.append(self.module.derivative)
        for program in programs:
            ours = partial(at.value_of, program)
            last = program is programs[-1]
            self._compare(
                self.value, at, ours, at.exact_value, number if last else None
            )

    def _compare_one(self, at: AtPoint, index: int, number: float | None) -> None:
        ours, theirs = at.quantities([(index, 1.0)])
        unit = at.units[index]
        self._compare(self.components[index], at, ours, theirs, number, unit)

    def _compare(
        self,
        tally: Tally,
        at: AtPoint,
        ours: Ours,
        theirs: Theirs,
        number: float | None,
        unit: float = 1.0,
    ) -> None:
        """Compare one number; ``number`` is it in floating point, ``unit`` its unit."""
        if tally.wrong is not None:
            return
        level = self.levels[0]
        agreement = compare(self.levels, ours, theirs, self.nudged, at.size)
        if agreement is Agreement.DIFFERENT:
            kept = [one for one in self.levels[1:] if not at.loses(theirs, one)]
            level = kept[0] if kept else self.levels[-1]
            pair = different(ours(level.text) / unit, theirs(level) / unit)
            tally.wrong = f"at {at} it is {pair[0]}, and should be {pair[1]}"
        if agreement in (Agreement.DIFFERENT, Agreement.UNSETTLED) or number is None:
            return
        tally.agreed += 1
        tally.rounded |= agreement is Agreement.ROUNDED
        exact = theirs(level)
        lost = abs(ours(level.text) - exact) > _LOST * abs(exact)
        if agreement is not Agreement.ZERO and not lost:
            error = error_in_ulp(number, exact / unit, level.exact)
            tally.errors += [] if error is None else [error]

    def _compare_others(self, at: AtPoint, singles: Sequence[int]) -> None:
        """Compare all others at once, in a random direction; split what differs."""
        others = [i for i, t in enumerate(self.components) if t.wrong is None]
        groups = [sorted(set(others) - set(singles))]
        for _ in range(_MOST_COMPARISONS):
            if not groups:
                return
            group = groups.pop()
            weights = [(index, self._random.uniform(-1, 1)) for index in group]
            ours, theirs = at.quantities(weights)
            agreement = compare(self.levels[:1], ours, theirs, self.nudged, at.size)
            if agreement is not Agreement.UNSETTLED:
                for index in group:
                    self.components[index].agreed += 1
                    self.components[index].rounded |= agreement is Agreement.ROUNDED
            elif len(group) > 1:
                middle = len(group) // 2
                groups += [group[:middle], group[middle:]]
            else:
                self._compare_one(at, group[0], None)


class AtPoint:
    """The numbers of a module and of its function at one point.

    Slopes are in units of the coordinates (`oracle.scale`).
    """

    def __init__(self, module: GeneratedModule, primal: Program, point: list[float]):
        self.module = module
        self.primal = primal
        self.point = point
        names = primal.parameter_names
        self._positions = [names.index(name) for name in module.wrt]
        self.units = [oracle.scale(point[at]) for at in self._positions]
        self._results: dict[Decimals, list[Any]] = {}
        self._values: dict[Level, Any] = {}
        self.size = 1.0
        self._slopes: dict[tuple[Any, Level], Any] = {}

    def __str__(self) -> str:
        return shown(self.primal.parameter_names, self.point)

    def float_value(self) -> float:
        """The function's value in floating point; notes how large others get."""
        seen: dict[Value, Any] = {}
        value = float_results(self.primal, self.point, seen)[0]
        self.size = largest(seen.values())
        return value

    def loses(self, theirs: Theirs, level: Level) -> bool:
        """Whether a number of the function's has few right digits at this level."""
        return bool(level.grain * self.size > _LOST * abs(theirs(level)))

    def exact_value(self, level: Level) -> Any:
        """The function's value."""
        if level not in self._values:
            self._values[level] = oracle.value(self.primal, self.point, level)
        return self._values[level]

    def exact_slope(self, weights: Direction, level: Level) -> Any:
        """The function's slope in a direction, given in components of the gradient."""
        key = tuple(weights), level
        if key not in self._slopes:
            direction = [(self._positions[index], weight) for index, weight in weights]
            slope = oracle.slope(self.primal, self.point, direction, level)
            self._slopes[key] = slope
        return self._slopes[key]

    def results(self, decimals: Decimals) -> list[Any]:
        """The results of the module's derivative."""
        if decimals not in self._results:
            derivative = self.module.derivative
            self._results[decimals] = decimals.results(derivative, self.point)
        return self._results[decimals]

    def value_of(self, program: Program, decimals: Decimals) -> Any:
        """The first result of one of the module's two functions."""
        if program is self.module.derivative:
            return self.results(decimals)[0]
        return decimals.results(program, self.point)[0]

    def quantities(self, weights: Direction) -> tuple[Ours, Theirs]:
        """The slope in a direction, by the module and by the function."""
        first = int(self.module.has_value)

        def ours(decimals: Decimals) -> Any:
            results = self.results(decimals)
            return sum(
                results[first + index] * decimals.number(self.units[index]) * weight
                for index, weight in weights
            )

        return ours, partial(self.exact_slope, weights)


def different(number: Any, exact: Any) -> tuple[str, str]:
    """Two different numbers, with as many digits as it takes to see the difference."""
    for digits in (6, 10, 17, 30):
        pair = mpmath.nstr(number, digits), mpmath.nstr(exact, digits)
        if pair[0] != pair[1]:
            break
    return pair


def loses_digits(program: Program, point: Sequence[float]) -> bool:
    """Whether as many digits as floats have leave few of the results, or none.

    Not so where there are none in 50 digits either.
    """
    try:
        exact = Decimals(50).results(program, point)
    except NO_RESULT:
        return False
    try:
        rough = Decimals(_FEW_DIGITS).results(program, point)
    except NO_RESULT:
        return True
    most = _FEW_LEFT * max(map(abs, exact))
    return any(abs(a - b) > most for a, b in zip(rough, exact, strict=True))


def has_rounded(block: Block) -> bool:
    """Whether there is a number in it that is rounded to 16 digits."""
    used = [*block.results]
    for op in walk(block):
        used += [*op.operands, *(result for b in op.blocks for result in b.results)]
    return any(
        value.literal and not value.name and is_rounded(float(value.number or 0))
        for value in used
    )
