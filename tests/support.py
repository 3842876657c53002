"""What tests in several folders share."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from hypothesis import settings

from adjoint.derivative import derivative_function
from adjoint.ir.program import Program

_FORMULAS = Path(__file__).parent / "cases" / "formulas.csv"


def examples(count: int) -> int:
    """How many random examples to try: so many, and twenty times as many by night."""
    return count * settings().max_examples // 100


@dataclass(frozen=True)
class Case:
    """A formula of the Feynman lectures, and the range of each of its variables."""

    id: str
    formula: str
    ranges: dict[str, tuple[float, float]] = field(hash=False)

    def point(self) -> dict[str, float]:
        """A point that is nothing special: at another part of each range."""
        return {
            name: low + (high - low) * ((0.31 + 0.37 * k) % 1)
            for k, (name, (low, high)) in enumerate(self.ranges.items())
        }


def load_formulas() -> list[Case]:
    """The cases of ``cases/formulas.csv``, in the order of the file."""
    with _FORMULAS.open(encoding="utf-8", newline="") as file:
        return [
            Case(row["id"], row["formula"], _ranges(row["variables"]))
            for row in csv.DictReader(file)
        ]


def _ranges(variables: str) -> dict[str, tuple[float, float]]:
    """
    >>> _ranges("theta:1:3 c:3:20")
    {'theta': (1.0, 3.0), 'c': (3.0, 20.0)}
    """
    triples = (variable.split(":") for variable in variables.split())
    return {name: (float(low), float(high)) for name, low, high in triples}


def gradient(
    program: Program, wrt: Sequence[str], name: str = "g", keep_value: bool = True
) -> Program:
    """The program of value and gradient, or of the gradient alone."""
    kind = "value_and_grad" if keep_value else "grad"
    derivative = derivative_function(program, kind, wrt).program
    return replace(derivative, name=name)
