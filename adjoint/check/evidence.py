"""The evidence for a generated module, all of it, in one report."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from adjoint.check.agreement import AGREED
from adjoint.check.claim_samples import sample_claims
from adjoint.check.numeric import Sampling, Tally, sample
from adjoint.check.own_calls import notes_of_own
from adjoint.check.points import LIKELY, Ranges, check_ranges
from adjoint.check.proof import Proofs, prove
from adjoint.check.report import (
    PROVED,
    SAMPLED,
    Component,
    Report,
    ill_conditioned,
    sampled_component,
)
from adjoint.check.text.module import GeneratedModule, reader_of
from adjoint.ir.program import Program, operation_count
from adjoint.rules.operation import OwnOperation
from adjoint.target.registry import needs_module
from adjoint.transform.writing_out import own_operations

#: The part of the time that is for the points; what is left is for the proofs.
_FOR_POINTS = 0.4
#: So many ranges are named in the report.
_MOST_RANGES = 6
#: A longer condition tells nobody anything.
_LONGEST_CONDITION = 60


def check_module(
    text: str,
    *,
    source_name: str,
    ranges: Mapping[str, tuple[float, float]] | None = None,
    program: Program | None = None,
    derivative: str | None = None,
    wrt: Sequence[str] | None = None,
    own: Sequence[OwnOperation] = (),
    seconds: float = 10.0,
    points: int = 100,
    seed: int = 0,
) -> Report:
    """Compare a generated module with the function that it was made from.

    ``program`` is that function; by default, the formula in the module's docstring, or
    the module's own function where there is none. ``derivative`` is the kind of the
    derivative to look at (default: the one that is there), ``wrt`` what it is by.
    ``own`` are functions with rules of the user's own. ``ranges`` says where to sample
    a parameter. Nothing of the module is executed; what it imports is called where it
    is one of ``own``, or of SciPy.

    Raises SourceError for a text that is no generated module, OptionError for ranges
    that do not fit.
    """
    reader = reader_of(text, source_name, own)
    if reader.of_arrays:
        with needs_module("numpy"):
            from adjoint.check.arrays.module import check_array_module

        return check_array_module(reader, ranges or {}, derivative, wrt, seconds)
    module = reader.read(derivative, wrt, program)
    primal = module.stated
    start = time.monotonic()
    ranges = dict(ranges or {})
    sampled = module.derivative if module.claims else primal
    check_ranges(ranges, sampled.parameter_names)
    sampled_by = start + _FOR_POINTS * seconds
    sampler = sample_claims if module.claims else sample
    sampling = sampler(module, primal, ranges, points, seed, sampled_by)
    proofs = prove(module, primal, ranges, start + seconds)
    return _report(module, primal, sampling, proofs, _where(primal, ranges))


def _report(
    module: GeneratedModule,
    primal: Program,
    sampling: Sampling,
    proofs: Proofs,
    where: str,
) -> Report:
    first, found = int(module.has_value), sampling.points > 0
    components = [
        _component(name, tally, proofs, [first + index], found)
        for index, (name, tally) in enumerate(
            zip(_labels(module) or module.wrt, sampling.components, strict=True)
        )
    ]
    if module.claims:
        pairs = zip(components, _labels(module), strict=True)
        components = [replace(one, label=label) for one, label in pairs]
    rules = [one.python for one in own_operations(primal) if one.value is None]
    if rules:
        given = f"given the rule{'s' * (len(rules) > 1)} of {', '.join(rules)}"
        components = [_given(one, given) for one in components]
    value = _component("", sampling.value, proofs, [-1, 0] if first else [-1], found)
    notes = list(_notes(module, primal, sampling))
    return Report(
        function=module.primal.name,
        derivative=module.derivative.name,
        value=value,
        components=components,
        points=sampling.points,
        where=where,
        operations=operation_count(module.primal.body),
        derivative_operations=operation_count(module.derivative.body),
        value_errors=sampling.value.errors,
        gradient_errors=[e for tally in sampling.components for e in tally.errors],
        notes=notes,
    )


def _labels(module: GeneratedModule) -> Sequence[str]:
    """What each number of the derivative is called in the report; none: a gradient."""
    return [claim.label for claim in module.claims]


def _component(
    parameter: str, tally: Tally, proofs: Proofs, results: Sequence[int], found: bool
) -> Component:
    """What is known of a number that stands for these results (see `Proofs`).

    ``found`` is whether there was a point to sample it at.
    """
    if not tally.wrong and all(map(proofs.holds, results)):
        return Component(parameter, PROVED, _conditions(proofs))
    one = sampled_component("", tally.agreed, AGREED, tally.wrong, tally.rounded, found)
    why_not = proofs.why_not or _gaps(proofs, results)
    if one.status == SAMPLED and why_not:
        one = replace(one, detail=f"{one.detail}; {why_not}")
    return replace(one, parameter=parameter)


def _given(one: Component, rules: str) -> Component:
    """The component; where it is proved, it is so given the rules."""
    if one.status != PROVED:
        return one
    return replace(one, detail=f"{one.detail}, {rules}" if one.detail else rules)


def _gaps(proofs: Proofs, results: Sequence[int]) -> str:
    """Where the proofs of these results have gaps, if that can be said in few words."""
    gaps = {gap for result in results for gap in proofs.open_cases.get(result, ())}
    if proofs.cases < 2 or len(gaps) == proofs.cases or not gaps:
        return ""
    text = f"proved in {proofs.cases - len(gaps)} of {proofs.cases} cases"
    (gap,) = gaps if len(gaps) == 1 else ("",)
    if 0 < len(gap) < _LONGEST_CONDITION:
        text = f"proved except where {gap}"
    return text


def _conditions(proofs: Proofs) -> str:
    """Under what conditions the proof holds."""
    conditions = []
    if proofs.cases > 1:
        conditions.append(f"in each of {proofs.cases} cases")
    if proofs.positive:
        conditions.append(f"for positive {', '.join(proofs.positive)}")
    return ", ".join(conditions)


def _notes(
    module: GeneratedModule, primal: Program, sampling: Sampling
) -> Iterator[str]:
    if primal.body is module.primal.body:
        yield (
            "note: the docstring holds no whole formula; the module's own "
            f"{primal.name} is what the derivative is compared with"
        )
    yield from notes_of_own(primal)
    yield from ill_conditioned(sampling.lost, sampling.points + sampling.lost)
    if not sampling.points:
        yield "note: no point was found where the function is real and finite"
    if not sampling.same_bits and not sampling.value.wrong:
        yield "note: the value differs from the formula's by rounding at some points"
    taken, sides = sampling.sides
    if taken < sides and sampling.points:
        yield f"note: {taken} of {sides} sides of branches were taken at these points"


def _where(primal: Program, ranges: Ranges) -> str:
    """The region that points are taken from, in words."""
    low, high = min(low for low, _ in LIKELY), max(high for _, high in LIKELY)
    likely = f"between {low:g} and {high:g}"
    parts = [f"{name} = {a:g}:{b:g}" for name, (a, b) in ranges.items()]
    if not parts:
        return likely
    if len(parts) > _MOST_RANGES:
        parts = [*parts[:_MOST_RANGES], "..."]
    if set(ranges) < set(primal.parameter_names):
        parts.append(f"the others {likely}")
    return ", ".join(parts)
