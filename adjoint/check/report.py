"""The report: what was proved, what was only sampled, what could not be decided."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from statistics import median

PROVED, SAMPLED, UNDECIDED, WRONG = "proved", "sampled", "undecided", "wrong"
#: To how many digits numbers are right that have constants as floats round them.
ROUNDED = "13 digits (it has rounded constants)"

#: The note for functions of arrays.
SAMPLED_ONLY = "note: functions of arrays are sampled, not proved"

#: Why what is no error could not be sampled.
NO_POINT = "no point was found to sample it at"
UNTOLD = "hundreds of digits do not suffice to tell"

#: Of more components than this, those of one status are reported on one line.
_MANY = 12


@dataclass(frozen=True)
class Component:
    """One number that the module computes, and what is known about it.

    ``parameter``  what it is the derivative by; empty for the value
    ``status``     "proved", "sampled", "undecided" or "wrong"
    ``detail``     how, or why not, or what is wrong, in words
    ``label``      what it is called where it belongs to no gradient
    """

    parameter: str
    status: str
    detail: str = ""
    label: str = ""


def sampled_component(
    label: str,
    agreed: int,
    digits: int,
    wrong: str | None,
    rounded: bool = False,
    found: bool = True,
) -> Component:
    """What is known of what is sampled alone: it is ``wrong``, or right so far.

    It ``agreed`` at so many points; ``rounded`` says whether it did so but for
    constants that are rounded, ``found`` whether there was any point.
    """
    if wrong:
        return Component(label, WRONG, wrong, label)
    if not agreed:
        return Component(label, UNDECIDED, UNTOLD if found else NO_POINT, label)
    plural = "" if agreed == 1 else "s"
    detail = f"right at {agreed} random point{plural} to {digits} digits"
    if rounded:
        detail = detail.replace(f"{digits} digits", ROUNDED)
    return Component(label, SAMPLED, detail, label)


def ill_conditioned(points: int, of: int) -> Iterator[str]:
    """The note that floats lose their digits at so many points, if at any."""
    if points:
        yield (
            f"note: at {points} of {of} points rounding alone leaves few digits of the "
            "floats, or none (ill-conditioned)"
        )


@dataclass(frozen=True)
class Report:
    """The evidence for a generated module; truthy when all of it holds.

    ``function``, ``derivative``      the names of the two functions
    ``value``, ``components``         what is known about what they compute
    ``value_errors``                  of the value, in units of the last place (ulp)
    ``gradient_errors``               of all components, at all points
    ``points``, ``where``             how many points, and where they lie, in words
    ``operations``                    of the function
    ``derivative_operations``         of the derivative (with the value, if it has it)
    ``notes``                         what else should be known
    ``beside``                        what the derivative is compared with
    """

    function: str
    derivative: str
    value: Component
    components: list[Component]
    points: int
    where: str
    operations: int
    derivative_operations: int
    value_errors: Sequence[float] = ()
    gradient_errors: Sequence[float] = ()
    notes: list[str] = field(default_factory=list)
    beside: str = "SymPy's derivative"

    def __bool__(self) -> bool:
        held = (PROVED, SAMPLED)
        return all(one.status in held for one in [self.value, *self.components])

    @property
    def ratio(self) -> float | None:
        """The operations of the derivative over those of the function."""
        if not self.operations:
            return None
        return self.derivative_operations / self.operations

    @property
    def value_ulp(self) -> float | None:
        """The largest error of the value, in ulp; None where none is known."""
        return max(self.value_errors, default=None)

    @property
    def gradient_ulp(self) -> float | None:
        """The largest error of a component, in ulp; None where none is known."""
        return max(self.gradient_errors, default=None)

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"{self.derivative} beside {self.beside} of {self.function}"
        rows = [("value", self.value)]
        rows += [
            (one.label or f"d{self.function}/d{one.parameter}", one)
            for one in self.components
        ]
        rows = list(_shortened(rows))
        width = max(len("gradient"), *(len(name) for name, _ in rows))
        for name, one in rows:
            detail = f"  {one.detail}" if one.detail else ""
            yield f"  {name:<{width}}  {one.status:<9}{detail}".rstrip()
        if self.points:
            plural = "" if self.points == 1 else "s"
            at = f"{self.points} random point{plural}, {self.where}"
            yield f"error in floating point, at {at}"
            yield f"  {'value':<{width}}  {_errors(self.value_errors)}"
            labelled = any(one.label for one in self.components)
            name = "others" if labelled else "gradient"
            yield f"  {name:<{width}}  {_errors(self.gradient_errors)}"
        yield self._cost()
        yield from self.notes
        yield self._conclusion()

    def _cost(self) -> str:
        text = f"operations: {self.operations} for {self.function}"
        text += f", {self.derivative_operations} for {self.derivative}"
        return text if self.ratio is None else f"{text}, ratio {self.ratio:.2f}"

    def _conclusion(self) -> str:
        statuses = [one.status for one in self.components]
        total = len(statuses)
        if self.value.status == WRONG or WRONG in statuses:
            wrong = statuses.count(WRONG)
            what = [f"{wrong} of {total} derivatives"] if wrong else []
            what += ["the value"] if self.value.status == WRONG else []
            plural = "is" if what == ["the value"] or wrong == 1 == len(what) else "are"
            return f"WRONG: {' and '.join(what)} {plural} not as the function has it"
        if not self:
            undecided = statuses.count(UNDECIDED)
            return f"NOT DECIDED: {undecided} of {total} derivatives" + (
                " and the value" if self.value.status == UNDECIDED else ""
            )
        proved = statuses.count(PROVED)
        if proved == total:
            every = (
                "the derivative is" if total == 1 else f"all {total} derivatives are"
            )
            return f"right: {every} proved"
        if not proved:
            return "right at every point, but not proved"
        return f"right: {proved} of {total} derivatives proved, the others sampled"


def _shortened(rows: list[tuple[str, Component]]) -> Iterator[tuple[str, Component]]:
    """The rows; where there are many, one for each run of equal ones."""
    if len(rows) <= _MANY:
        yield from rows
        return
    for _, same in groupby(rows, lambda row: (row[1].status, row[1].detail)):
        run = list(same)
        name, one = run[0]
        if len(run) > 1:
            name = f"{name} ... {run[-1][0]}"
        yield name, one


def _errors(errors: Sequence[float]) -> str:
    if not errors:
        return "nothing to compare"
    return f"at most {max(errors):.3g} ulp, in the median {median(errors):.3g} ulp"
