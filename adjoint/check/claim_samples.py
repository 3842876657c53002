"""The numbers of any derivative beside what is right, at random points.

As `check.numeric` for gradients, but number by number, against sums of difference
quotients of the function alone (`check.claims`, `check.oracle`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Any

from adjoint.check import oracle
from adjoint.check.agreement import Agreement, compare
from adjoint.check.claims import Claim, Term
from adjoint.check.decimals import Decimals
from adjoint.check.floats import NO_RESULT, error_in_ulp, float_results, largest
from adjoint.check.numeric import (
    Sampling,
    Tally,
    different,
    has_rounded,
    loses_digits,
)
from adjoint.check.oracle import Level
from adjoint.check.points import (
    CANDIDATES_PER_POINT,
    Ranges,
    candidates,
    shown,
    visit_points,
)
from adjoint.check.text.module import GeneratedModule
from adjoint.ir.program import Block, Program, Value

#: Of more numbers than this, so many are compared at a point, others at another.
_MOST_AT_A_POINT = 60


def sample_claims(
    module: GeneratedModule,
    primal: Program,
    ranges: Ranges,
    points: int,
    seed: int,
    deadline: float,
) -> Sampling:
    """Compare what the module claims with the function, at so many random points.

    There are fewer where they are hard to find, or where the time (`time.monotonic`) is
    over; the first one is always finished.
    """
    sampler = _ClaimSampler(module, primal, seed)
    tries = candidates(module.derivative.parameters, ranges, seed)
    most = points * CANDIDATES_PER_POINT
    visit_points(sampler, tries, most, points, deadline)
    tallies = sampler.value, sampler.tallies
    same = sampler.same_bits
    return Sampling(sampler.points, *tallies, same, (0, 0), sampler.lost)


class _ClaimSampler:
    def __init__(self, module: GeneratedModule, primal: Program, seed: int):
        self.module = module
        self.names = module.derivative.parameter_names
        self.primals = [_only(primal, at) for at in range(len(primal.results))]
        self.levels = [Level(digits) for digits in (50, 150, 400, 600)]
        bodies = (module.primal.body, module.derivative.body)
        rounded = any(map(has_rounded, bodies))
        self.nudged = Decimals(50, nudge=2.0**-52) if rounded else None
        self.points = self.lost = 0
        self.value = Tally()
        self.tallies = [Tally() for _ in module.claims]
        self.same_bits = True
        self._random = Random(seed)

    def visit(self, point: list[float]) -> None:
        """Compare everything at a point; outside the domain it does not count."""
        by_name = dict(zip(self.names, point, strict=True))
        at = _AtPoint(self.primals, by_name, self.module)
        chosen: Sequence[int] = range(len(self.tallies))
        if len(chosen) > _MOST_AT_A_POINT:
            chosen = sorted(self._random.sample(chosen, _MOST_AT_A_POINT))
        try:
            values = at.float_values()
            for index in chosen:
                at.exact(self.module.claims[index], self.levels[0])
        except NO_RESULT:
            return
        try:
            own = float_results(self.module.primal, at.point)
            numbers = float_results(self.module.derivative, point)
        except NO_RESULT as error:
            if loses_digits(self.module.derivative, point):
                self.lost += 1
                return
            self.points += 1
            message = f"at {at} it gives no number ({type(error).__name__}: {error})"
            for tally in [self.value, *self.tallies]:
                tally.wrong = tally.wrong or message
            return
        self.points += 1
        self.same_bits &= list(map(repr, own)) == list(map(repr, values))
        for k in range(len(values)):
            claim = Claim("", (Term(k),))
            self._compare(self.value, at, self.module.primal, k, claim, own[k])
        for index in chosen:
            claim, tally = self.module.claims[index], self.tallies[index]
            program = self.module.derivative
            self._compare(tally, at, program, index, claim, numbers[index])

    def _compare(
        self,
        tally: Tally,
        at: _AtPoint,
        program: Program,
        index: int,
        claim: Claim,
        number: float,
    ) -> None:
        if tally.wrong is not None:
            return

        def ours(decimals: Decimals) -> Any:
            return at.results(program, decimals)[index]

        def theirs(level: Level) -> Any:
            return at.exact(claim, level)

        agreement = compare(self.levels, ours, theirs, self.nudged, at.size)
        if agreement is Agreement.DIFFERENT:
            level = self.levels[-1]
            pair = different(ours(level.text), theirs(level))
            tally.wrong = f"at {at} it is {pair[0]}, and should be {pair[1]}"
        if agreement in (Agreement.DIFFERENT, Agreement.UNSETTLED):
            return
        tally.agreed += 1
        tally.rounded |= agreement is Agreement.ROUNDED
        if agreement is not Agreement.ZERO:
            level = self.levels[0]
            error = error_in_ulp(number, theirs(level), level.exact)
            tally.errors += [] if error is None else [error]


class _AtPoint:
    """The numbers of the function, value by value, and of the module at one point."""

    def __init__(
        self,
        primals: Sequence[Program],
        by_name: dict[str, float],
        module: GeneratedModule,
    ):
        self.primals = primals
        self.module = module
        self.by_name = by_name
        self.names = primals[0].parameter_names
        self.point = [by_name[name] for name in self.names]
        self.size = 1.0
        self._known: dict[tuple[int, tuple[str, ...], Level], Any] = {}
        self._results: dict[tuple[Block, Decimals], list[Any]] = {}

    def __str__(self) -> str:
        return shown(tuple(self.by_name), list(self.by_name.values()))

    def float_values(self) -> list[float]:
        """The function's values in floating point; notes how large others get."""
        seen: dict[Value, Any] = {}
        values = [float_results(one, self.point, seen)[0] for one in self.primals]
        self.size = largest(seen.values())
        return values

    def results(self, program: Program, decimals: Decimals) -> list[Any]:
        """The results of one of the module's programs."""
        key = program.body, decimals
        if key not in self._results:
            point = [self.by_name[name] for name in program.parameter_names]
            self._results[key] = decimals.results(program, point)
        return self._results[key]

    def exact(self, claim: Claim, level: Level) -> Any:
        """What the claim says, by difference quotients."""
        number = level.exact.number
        total = number(0)
        for term in claim.terms:
            part = self._partial(term.value, term.by, level)
            weight = 1.0 if term.weight is None else self.by_name[term.weight]
            total += number(weight) * part
        return total

    def _partial(self, k: int, by: tuple[str, ...], level: Level) -> Any:
        by = tuple(sorted(by))
        if (k, by, level) not in self._known:
            self._known[k, by, level] = self._quotient(self.primals[k], by, level)
        return self._known[k, by, level]

    def _quotient(self, program: Program, by: tuple[str, ...], level: Level) -> Any:
        places = [self.names.index(name) for name in by]
        if not places:
            return oracle.value(program, self.point, level)
        if len(places) == 1:
            unit = level.exact.number(oracle.scale(self.point[places[0]]))
            return oracle.slope(program, self.point, [(places[0], 1.0)], level) / unit
        return oracle.second_slope(program, self.point, places[0], places[1], level)


def _only(program: Program, at: int) -> Program:
    """The program with one of its results."""
    body = Block(program.body.ops, (program.results[at],))
    return replace(program, body=body, form=None)
