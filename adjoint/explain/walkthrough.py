"""The textbook's walk through a function at a point: values forward, adjoints back.

This is data, and no text; everything that shows a walkthrough is made from it. It is
the plain sweep over every node, and not the derivative program with its shortcuts:
each node's adjoint is the sum, over the nodes computed from it, of their adjoint times
the local derivative (Griewank and Walther, *Evaluating Derivatives*, section 3.2).
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from adjoint.errors import OptionError
from adjoint.explain.local_derivative import (
    LocalDerivative,
    active_operands,
    local_derivative,
)
from adjoint.explain.nodes import Node, Run, executed
from adjoint.explain.point import Point
from adjoint.ir.program import Program, walk
from adjoint.ir.types import FLOAT


@dataclass(frozen=True)
class Contribution:
    """What one node adds to the adjoint of one of its operands.

    ``amount``  the adjoint of ``local.child`` times the local derivative
    ``before``  the sum so far, None where this is the first
    ``total``   the sum with this contribution
    """

    local: LocalDerivative
    amount: float
    before: float | None
    total: float

    @property
    def child(self) -> Node:
        return self.local.child

    @property
    def parent(self) -> Node:
        return self.local.parent


@dataclass(frozen=True)
class Visit:
    """One node of the reverse sweep: its adjoint, complete, and what it hands on."""

    node: Node
    adjoint: float
    contributions: tuple[Contribution, ...]


@dataclass(frozen=True)
class Walkthrough:
    """A function at a point.

    ``name``        the function's name
    ``inputs``      a node for each parameter
    ``operations``  the executed operations, in order: the forward sweep
    ``result``      the node of the value
    ``wrt``         the inputs that the gradient is by, in the order asked for
    ``visits``      the reverse sweep, one node at a time, from the result on
    ``adjoints``    the adjoint of each node that the sweep reaches, inputs as well
    ``has_blocks``  whether there are branches or loops: then this is what is executed
                    at this point
    """

    name: str
    inputs: tuple[Node, ...]
    operations: tuple[Node, ...]
    result: Node
    wrt: tuple[Node, ...]
    visits: tuple[Visit, ...]
    adjoints: Mapping[Node, float]
    has_blocks: bool

    @property
    def value(self) -> float:
        """The value of the function at the point."""
        return float(self.result.number)

    @property
    def gradient(self) -> tuple[float, ...]:
        """The derivative by each input of ``wrt``; 0 where the sweep does not come."""
        return tuple(self.adjoints.get(node, 0.0) for node in self.wrt)

    @property
    def contributions(self) -> tuple[Contribution, ...]:
        """Every contribution of the reverse sweep, in order."""
        return tuple(c for visit in self.visits for c in visit.contributions)


def walk_through(program: Program, point: Point, wrt: Sequence[str]) -> Walkthrough:
    """The walkthrough of a scalar program at a point.

    ``point`` has a number for each parameter that has no default; ``wrt`` names the
    inputs of interest. Nodes are visited in the order in which their adjoints become
    complete, beginning with the result: so no adjoint is used before it is complete.
    Raises OptionError where the function has several results or arrays, where the
    point does not fit, and where the value or a derivative is not finite there.
    """
    if len(program.results) != 1:
        raise OptionError(
            f"{program.name} returns {len(program.results)} values; "
            "a function of one value can be walked through"
        )
    run = executed(program, point)
    inputs = {node.name: node for node in run.inputs}
    interest = tuple(inputs[name] for name in wrt)
    visits, adjoints = _reverse(run, interest)
    return Walkthrough(
        program.name,
        run.inputs,
        run.operations,
        run.results[0],
        interest,
        visits,
        adjoints,
        any(op.blocks for op in walk(program.body)),
    )


def _reverse(
    run: Run, interest: Sequence[Node]
) -> tuple[tuple[Visit, ...], dict[Node, float]]:
    """The visits, and the adjoint of each node that they reach."""
    result = run.results[0]
    edges = _active_edges(run, interest)
    waiting = _uses(result, edges)
    adjoints = {result: 1.0}
    complete = deque([result])
    visits: list[Visit] = []
    while complete:
        node = complete.popleft()
        if not edges.get(node):
            continue
        contributions: list[Contribution] = []
        for at in edges[node]:
            contributions.append(_contribution(node, at, adjoints))
            parent = node.operands[at]
            waiting[parent] -= 1
            if not waiting[parent]:
                complete.append(parent)
        visits.append(Visit(node, adjoints[node], tuple(contributions)))
    return tuple(visits), adjoints


def _active_edges(run: Run, interest: Sequence[Node]) -> dict[Node, list[int]]:
    """Of each node that depends on the inputs of interest, the operands that do."""
    varied = set(interest)
    edges: dict[Node, list[int]] = {}
    for node in run.operations:
        if node.type == FLOAT:
            edges[node] = active_operands(node, varied)
            if edges[node]:
                varied.add(node)
    return edges


def _uses(result: Node, edges: Mapping[Node, list[int]]) -> dict[Node, int]:
    """How many contributions each node waits for."""
    uses: dict[Node, int] = {}
    pending, seen = [result], {result}
    while pending:
        node = pending.pop()
        for at in edges.get(node, ()):
            parent = node.operands[at]
            uses[parent] = uses.get(parent, 0) + 1
            if parent not in seen:
                seen.add(parent)
                pending.append(parent)
    return uses


def _contribution(node: Node, at: int, adjoints: dict[Node, float]) -> Contribution:
    local = local_derivative(node, at)
    amount = adjoints[node] * local.number
    before = adjoints.get(local.parent)
    total = amount if before is None else before + amount
    if not math.isfinite(total):
        raise OptionError(
            f"the adjoint of {local.parent.name} is not finite at this point ({total})"
        )
    adjoints[local.parent] = total
    return Contribution(local, amount, before, total)
