"""The computational graph of a function: nodes, edges, and what is written on them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from adjoint.errors import OptionError
from adjoint.explain.nodes import Node, executed
from adjoint.explain.notation import TEXT
from adjoint.explain.point import Point
from adjoint.explain.walkthrough import Contribution, Walkthrough, walk_through
from adjoint.ir.program import Program

INPUT, OPERATION, RESULT = "input", "operation", "result"


@dataclass(frozen=True)
class GraphNode:
    """``lines`` are what is written on it: what it is, then its value and adjoint."""

    kind: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class GraphEdge:
    """From a node to one that is computed from it; both by their number.

    ``label`` is the local derivative and its value, empty where there is none.
    """

    source: int
    target: int
    label: str = ""


@dataclass(frozen=True)
class Graph:
    """The inputs, then the operations in order; every edge goes to a higher number."""

    title: str
    description: str
    nodes: tuple[GraphNode, ...]
    edges: tuple[GraphEdge, ...]


def graph_of(program: Program, wrt: Sequence[str], point: Point | None) -> Graph:
    """The graph of what leads to the result; with numbers where a point is given.

    Raises OptionError as `walk_through`; and where there is no point, for a function
    with branches or loops.
    """
    if point is None:
        run = executed(program, None)
        if len(run.results) != 1:
            raise OptionError(f"{program.name} returns {len(run.results)} values")
        title = f"{program.name}({', '.join(program.parameter_names)})"
        return _graph(run.inputs, run.operations, run.results[0], title, None)
    walkthrough = walk_through(program, point, wrt)
    names = (f"{n.name} = {TEXT.number(n.number)}" for n in walkthrough.inputs)
    title = f"{program.name} at {', '.join(names)}"
    result, inputs = walkthrough.result, walkthrough.inputs
    return _graph(inputs, walkthrough.operations, result, title, walkthrough)


def _graph(
    inputs: Sequence[Node],
    operations: Sequence[Node],
    result: Node,
    title: str,
    walkthrough: Walkthrough | None,
) -> Graph:
    leading = _leading_to(result)
    shown = [*inputs, *(node for node in operations if node in leading)]
    if result.is_constant:
        shown.append(result)
    number = {node: k for k, node in enumerate(shown)}
    adjoints = walkthrough.adjoints if walkthrough else {}
    contributions = {
        (c.child, c.local.at): c
        for c in (walkthrough.contributions if walkthrough else ())
    }
    return Graph(
        title,
        _description(len(inputs), shown, walkthrough),
        tuple(_node(node, node is result, adjoints) for node in shown),
        tuple(_edges(number, contributions)),
    )


def _leading_to(result: Node) -> set[Node]:
    found, pending = {result}, [result]
    while pending:
        for operand in pending.pop().operands:
            if operand not in found and not operand.is_constant:
                found.add(operand)
                pending.append(operand)
    return found


def _node(node: Node, is_result: bool, adjoints: Mapping[Node, float]) -> GraphNode:
    lines = [node.name]
    if node.operation is not None:
        lines = [f"{node.name} = {TEXT.formula(node.formula).text}"]
    if node.number is not None:
        lines.append(f"v = {TEXT.number(node.number)}")
    if node in adjoints:
        lines.append(f"g = {TEXT.number(adjoints[node])}")
    kind = INPUT if node.operation is None else OPERATION
    return GraphNode(RESULT if is_result else kind, tuple(lines))


def _edges(
    number: Mapping[Node, int], contributions: Mapping[tuple[Node, int], Contribution]
) -> Iterator[GraphEdge]:
    """One edge from operand to node, also where it is an operand twice."""
    for node, target in number.items():
        labels: dict[int, list[str]] = {}
        for at, operand in enumerate(node.operands):
            if operand in number:
                label = labels.setdefault(number[operand], [])
                if (node, at) in contributions:
                    label.append(_label(contributions[node, at]))
        for source, parts in labels.items():
            yield GraphEdge(source, target, " and ".join(parts))


def _label(contribution: Contribution) -> str:
    """``2*t1 = -2``; the number alone where the formula is one."""
    local = contribution.local
    formula, number = TEXT.formula(local.formula).text, TEXT.number(local.number)
    return number if local.formula.results[0].literal else f"{formula} = {number}"


def _description(
    inputs: int, shown: Sequence[Node], walkthrough: Walkthrough | None
) -> str:
    """The graph in words, for those who do not see it."""
    operations = [node for node in shown if node.operation is not None]
    text = f"A computational graph of {inputs} inputs and {len(operations)} operations."
    steps = [f"{n.name} = {TEXT.formula(n.formula).text}" for n in operations[:30]]
    if steps:
        more = " and so on" if len(operations) > len(steps) else ""
        text += f" {'; '.join(steps)}{more}."
    if walkthrough is not None and walkthrough.wrt:
        by = zip(walkthrough.wrt, walkthrough.gradient, strict=True)
        parts = (f"{TEXT.number(slope)} by {node.name}" for node, slope in by)
        text += f" The gradient is {', '.join(parts)}."
    return text
