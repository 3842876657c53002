"""A walkthrough as a few tables, in one notation: what every format is made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from adjoint.explain.local_derivative import LocalDerivative
from adjoint.explain.nodes import Node
from adjoint.explain.notation import Notation
from adjoint.explain.rules import written
from adjoint.explain.symbolic import SymbolicGradient
from adjoint.explain.walkthrough import Contribution, Walkthrough

#: What a column holds: code, mathematics in the notation, or numbers.
CODE, MATHEMATICS, NUMBER = "code", "mathematics", "number"


@dataclass(frozen=True)
class Column:
    """``kind`` is one of the three above; ``sign`` stands before a number."""

    header: str
    kind: str
    sign: str = ""


@dataclass(frozen=True)
class Table:
    """Rows with one cell a column; an empty cell is None."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]
    note: str = ""


def tables(
    walkthrough: Walkthrough, symbolic: SymbolicGradient, notation: Notation
) -> list[Table]:
    """The forward sweep, the local derivatives, the reverse sweep, the gradient."""
    nodes = (*walkthrough.inputs, *walkthrough.operations)
    notation = notation.beside([node.name for node in nodes])
    made = (
        _forward(walkthrough, notation),
        _locals(walkthrough, notation),
        _reverse(walkthrough, notation),
        _gradient(walkthrough, symbolic, notation),
    )
    return [table for table in made if table.rows]


def _forward(walkthrough: Walkthrough, notation: Notation) -> Table:
    rows = tuple(
        (_definition(node, notation), node.number) for node in walkthrough.operations
    )
    note = (
        "What is executed at this point: of each branch one side, each iteration of a "
        "loop by itself."
        if walkthrough.has_blocks
        else ""
    )
    columns = (Column("operation", MATHEMATICS), Column("value", NUMBER))
    return Table("Forward sweep: the elementary operations", columns, rows, note)


def _definition(node: Node, notation: Notation) -> str:
    return f"{notation.name(node.name)} = {notation.formula(node.formula).text}"


def _locals(walkthrough: Walkthrough, notation: Notation) -> Table:
    rows = tuple(
        (_derivative(c.local, notation), c.local.number, _rule(c.local))
        for c in walkthrough.contributions
    )
    columns = (
        Column("derivative", MATHEMATICS),
        Column("value", NUMBER),
        Column("rule", CODE),
    )
    return Table("Local derivatives, each by its rule", columns, rows)


def _derivative(local: LocalDerivative, notation: Notation) -> str:
    of, by = notation.name(local.child.name), notation.name(local.parent.name)
    formula = notation.formula(local.formula).text
    return f"{notation.derivative(of, by)} = {formula}"


def _rule(local: LocalDerivative) -> str:
    operation = local.child.operation
    assert operation is not None
    by = "a" if operation.variadic else operation.operands[local.at]
    return f"d({written(operation)})/d{by} = {local.rule}"


def _reverse(walkthrough: Walkthrough, notation: Notation) -> Table:
    result = walkthrough.result
    seed = f"{notation.adjoint(result.name)} = 1"
    rows: list[tuple[Any, ...]] = []
    if result in walkthrough.adjoints and not result.is_constant:
        rows.append((notation.name(result.name), seed, None, 1.0))
    for visit in walkthrough.visits:
        first = visit.node is not result
        for contribution in visit.contributions:
            name = notation.name(visit.node.name) if first else None
            rows.append((name, *_contribution(contribution, notation)))
            first = False
    columns = (
        Column("node", MATHEMATICS),
        Column("contribution", MATHEMATICS),
        Column("amount", NUMBER, "="),
        Column("sum so far", NUMBER, "->"),
    )
    title = "Reverse sweep: each node hands on its adjoint times the local derivative"
    return Table(title, columns, tuple(rows))


def _contribution(
    contribution: Contribution, notation: Notation
) -> tuple[str, float, float]:
    to = notation.adjoint(contribution.parent.name)
    of = notation.adjoint(contribution.child.name)
    factor = notation.factor(contribution.local.formula)
    step = f"{to}{notation.gets}{of}{notation.times}{factor}"
    return step, contribution.amount, contribution.total


def _gradient(
    walkthrough: Walkthrough, symbolic: SymbolicGradient, notation: Notation
) -> Table:
    columns = [Column("input", MATHEMATICS), Column("reverse sweep", NUMBER)]
    if not symbolic.why_not:
        columns += [Column("SymPy", NUMBER), Column("SymPy's formula", MATHEMATICS)]
    rows = tuple(_components(walkthrough, symbolic, notation))
    return Table("Gradient", tuple(columns), rows, agreement(walkthrough, symbolic))


def _components(
    walkthrough: Walkthrough, symbolic: SymbolicGradient, notation: Notation
) -> Iterator[tuple[Any, ...]]:
    for at, node in enumerate(walkthrough.wrt):
        row = (notation.name(node.name), walkthrough.gradient[at])
        if symbolic.why_not:
            yield row
        else:
            formula = notation.symbolic(symbolic.formulas[at])
            yield (*row, symbolic.numbers[at], formula)


def agreement(walkthrough: Walkthrough, symbolic: SymbolicGradient) -> str:
    """How far the sweep and SymPy agree, in words."""
    if symbolic.why_not:
        return f"There is nothing to compare it with: {symbolic.why_not}."
    pairs = zip(walkthrough.gradient, symbolic.numbers, strict=True)
    error = max((abs(a - b) / (abs(b) or 1.0) for a, b in pairs), default=0.0)
    if error > 1e-6 and symbolic.at_kink:
        return (
            "The function has a kink at this point; SymPy's formulas are those of one "
            "side of it."
        )
    if error > 1e-6:
        return f"They differ, by {error:.1g} of the component."
    if error == 0:
        return "They agree, in all digits of a float."
    return f"They agree: the largest relative difference is {error:.1g}."
