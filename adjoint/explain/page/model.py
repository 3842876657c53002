"""What the page knows of a function: plain data, and the code of its numbers."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adjoint.derivative import (
    derivative_function,
    parameters_of_interest,
    primal_function,
)
from adjoint.errors import OptionError
from adjoint.explain.layered import Layout, layered
from adjoint.explain.nodes import Node
from adjoint.explain.page.recording import Contribution, Recording, Scope, record
from adjoint.ir.names import RESULT_NAMES, Names
from adjoint.ir.program import IF, Op, Program, Value, walk
from adjoint.ir.types import BOOL, FLOAT, INT
from adjoint.target.formula import formula_text, leaf_text
from adjoint.target.javascript import function_text
from adjoint.target.layout import width as columns
from adjoint.target.python import Function, module_text, places_in_module
from adjoint.transform.partials import rule_text

#: A graph of more nodes than this is nothing to look at.
MOST_NODES = 400

#: Where an input can be moved unless ranges say otherwise, and where it begins there:
#: x1 = 1 and x2 = 2 between -3 and 3.
RANGE = (-3.0, 3.0)
_BEGIN_AT = (2 / 3, 5 / 6, 3 / 4, 7 / 12, 11 / 12, 5 / 8)
_STEPS = 300

Range = tuple[float, float]

# Sizes in the drawing of the graph, in pixels; the page's style has the same font.
_LETTER, _HEIGHT, _LEAST, _MOST_LETTERS = 7.4, 64, 112, 30
_GAP_ACROSS, _GAP_DOWN = 34, 16


@dataclass(frozen=True)
class Model:
    """A function for the page.

    ``data``       what is put down as JSON (see `describe`)
    ``programs``   those that the page runs: the function, its value and gradient, and
                   the recording of the walkthrough
    ``functions``  their JavaScript, in the same order
    """

    data: dict[str, Any]
    programs: tuple[Program, Program, Program]
    functions: tuple[str, str, str]


def describe(
    program: Program, point: Mapping[str, float], ranges: Mapping[str, Range]
) -> Model:
    """The model of a scalar program; point and ranges may name only some inputs.

    An input that the point does not name begins at its default, where it has one.

    Raises OptionError for what cannot be shown: several results, arrays, loops, no
    float parameter, and more than `MOST_NODES` operations.
    """
    wrt = parameters_of_interest(program, None)
    point = {**dict(program.defaults), **point}
    for parameter in program.parameters:
        if parameter.type not in (FLOAT, INT, BOOL):
            raise OptionError(f"{parameter.name!r} is an array; a page has none yet")
    primal = primal_function(program)
    recording = record(primal.program, wrt)
    if len(recording.nodes) > MOST_NODES:
        raise OptionError(
            f"{program.name} has {len(recording.nodes):,} operations and inputs; "
            f"a page shows {MOST_NODES} at the most"
        )
    gradient = derivative_function(program, "value_and_grad", wrt)
    graph = _Graph(recording)
    module = module_text([primal, gradient])
    data = {
        "name": program.name,
        "text": (program.written or program.source.text).strip(),
        "inputs": [
            _input(p, at, point, ranges) for at, p in enumerate(program.parameters)
        ],
        "wrt": [program.parameter_names.index(name) for name in wrt],
        "scopes": graph.scopes,
        "nodes": graph.nodes,
        "result": graph.index.get(recording.program.results[0], -1),
        "contributions": graph.contributions,
        "guards": graph.guards,
        "graph": _layouts(graph.nodes),
        "python": module.rstrip("\n").split("\n"),
        **_lines(recording, [primal, gradient]),
    }
    programs = (primal.program, gradient.program, recording.program)
    texts = tuple(
        function_text(one, recorded).rstrip("\n")
        for one, recorded in zip(programs, ((), (), recording.recorded), strict=True)
    )
    return Model(data, programs, (texts[0], texts[1], texts[2]))


def _input(
    parameter: Value, at: int, point: Mapping[str, float], ranges: Mapping[str, Range]
) -> dict[str, Any]:
    """Where an input begins, and the slider that moves it; widened to the point."""
    name = str(parameter.name)
    _check_numbers(parameter, point.get(name), ranges.get(name, RANGE))
    low, high = (0.0, 1.0) if parameter.type == BOOL else ranges.get(name, RANGE)
    step = 1.0
    if parameter.type == FLOAT:
        step = 10.0 ** math.floor(math.log10((high - low) / _STEPS))
    begin = low + (high - low) * _BEGIN_AT[at % len(_BEGIN_AT)]
    value = point.get(name, round(begin / step) * step)
    value = float(f"{value:.12g}") if name not in point else value
    return {
        "name": name,
        "low": min(low, value),
        "high": max(high, value),
        "step": step,
        "value": value,
        "whole": parameter.type != FLOAT,
    }


def _check_numbers(parameter: Value, number: float | None, ends: Range) -> None:
    """Refuse what an input cannot be, and a range that has no ends."""
    if not all(map(math.isfinite, (*ends, number or 0.0))):
        raise OptionError(f"{parameter.name!r}: a finite number is expected")
    if parameter.type != FLOAT and number is not None and number != int(number):
        raise OptionError(f"{parameter.name} = {number!r}: a whole number is expected")


class _Graph:
    """The nodes and the contributions, by their indices, as plain data."""

    def __init__(self, recording: Recording):
        self.index = {value: at for at, value in enumerate(recording.nodes)}
        self.scopes: list[dict[str, Any]] = []
        self._of_scope: dict[Scope, int] = {}
        self._names = _node_names(recording)
        self.nodes = [
            self._node(value, recording.scopes.get(value)) for value in recording.nodes
        ]
        self.contributions = [self._contribution(c) for c in recording.contributions]
        self.guards = [
            {
                "condition": self.index.get(condition, -1),  # -1: it never holds
                "text": text,
                "scope": self._scope(scope),
            }
            for condition, text, scope in recording.guards
        ]

    def _node(self, value: Value, scope: Scope | None) -> dict[str, Any]:
        node: dict[str, Any] = {"name": self._name(value)}
        node["scope"] = self._scope(scope)
        op = value.op
        if op is None:
            return node | {"text": "", "operation": "input", "operands": []}
        if op.operation is IF:
            at = op.results.index(value)
            operands = (op.operands[0], *(side.results[at] for side in op.blocks))
            condition, then, orelse = map(self._name, operands)
            text = f"{then} if {condition} else {orelse}"
        else:
            operands = op.operands
            text = self._text(op)
        node["text"], node["operation"] = text, op.operation.name
        node["operands"] = [self.index.get(operand, -1) for operand in operands]
        return node

    def _contribution(self, c: Contribution) -> dict[str, Any]:
        return {
            "child": self.index[c.child],
            "at": c.at,
            "parent": self.index[c.parent],
            "rule": self._rule(c),
            "scope": self._scope(c.scope),
        }

    def _rule(self, c: Contribution) -> str:
        """The entry of the table, in the names of the nodes."""
        op = c.child.op
        assert op is not None
        if op.operation is IF:
            return "1"
        operation, count = op.operation, len(op.operands)
        named = dict(
            zip(operation.operands, map(self._name, op.operands), strict=False)
        )
        if operation.variadic:
            named = {"a": self._name(op.operands[c.at])}
            if count == 2:
                named["b"] = self._name(op.operands[1 - c.at])
        named["y"] = self._name(c.child)
        text = rule_text(operation, c.at, count)
        return re.sub(r"\b[abny]\b", lambda m: named.get(m.group(), m.group()), text)

    def _scope(self, scope: Scope | None) -> int:
        """The index of a scope, -1 for none."""
        if scope is None:
            return -1
        if scope not in self._of_scope:
            outer = self._scope(scope.outer)
            self._of_scope[scope] = len(self.scopes)
            condition = self.index[scope.condition]
            self.scopes.append(
                {"condition": condition, "holds": scope.holds, "outer": outer}
            )
        return self._of_scope[scope]

    def _text(self, op: Op) -> str:
        """An elementary operation in the names of the nodes."""
        leaves = {operand: self._leaf(operand) for operand in op.operands}
        operands = tuple(leaves[operand] for operand in op.operands)
        node = Node("", None, op.results[0].type, op.operation, operands)
        return formula_text(node.formula).text

    def _leaf(self, value: Value) -> Node:
        if not value.literal:
            return Node(self._names[value], None, value.type)
        node = Node(value.name or "", value.number, value.type, is_constant=True)
        node.named_by_user = value.name is not None
        return node

    def _name(self, value: Value) -> str:
        """A node's name, or a number; a negative one in parentheses."""
        known = self._names.get(value)
        if known is not None:
            return known
        text = leaf_text(value).text
        return f"({text})" if text.startswith("-") else text


def _layouts(nodes: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The graph from left to right (``across``), and from top to bottom (``down``)."""
    letters = [
        min(_MOST_LETTERS, columns(f"{node['name']} = {node['text']}"))
        for node in nodes
    ]
    widths = [max(_LEAST, round(24 + count * _LETTER)) for count in letters]
    edges = [
        (source, target)
        for target, node in enumerate(nodes)
        for source in dict.fromkeys(node["operands"])
        if source >= 0
    ]
    first = [at for at, node in enumerate(nodes) if node["operation"] == "input"]
    across = layered([_HEIGHT] * len(nodes), edges, first, _GAP_ACROSS)
    down = layered(widths, edges, first, _GAP_DOWN)
    return {
        "widths": widths,
        "height": _HEIGHT,
        "edges": edges,
        "layer": across.layer,
        "across": _rounded(across, edges),
        "down": _rounded(down, edges),
    }


def _rounded(layout: Layout, edges: Sequence[tuple[int, int]]) -> dict[str, Any]:
    """Where along their layers the nodes are, and the bends of the edges from each.

    Edges from one node share their bends; those of the longest are kept.
    """
    bends: list[list[float]] = [[] for _ in layout.middle]
    for (source, _), route in zip(edges, layout.routes, strict=True):
        if len(route) > len(bends[source]):
            bends[source] = [round(place) for _, place in route]
    return {"middle": [round(place, 1) for place in layout.middle], "bends": bends}


def _node_names(recording: Recording) -> dict[Value, str]:
    """The user's names, ``y`` for the result, t1, t2, ... for the rest, in order."""
    program = recording.program
    users = {str(node.name) for node in recording.nodes if node.name}
    names, claimed = Names(users), set(program.parameter_names)
    found = {p: str(p.name) for p in program.parameters}
    result = program.results[0]
    if result.op is not None and not result.name:
        found[result] = names.take(*RESULT_NAMES)
    for node in recording.nodes:
        if node in found:
            continue
        name = node.name
        if name is None:
            found[node] = names.temporary()
        elif name in claimed:
            found[node] = names.take(name)
        else:
            claimed.add(name)
            found[node] = name
    return found


def _lines(recording: Recording, functions: Sequence[Function]) -> dict[str, Any]:
    """The lines of the module that belong to each node, forward and in reverse."""
    derivative = functions[-1].program
    places = places_in_module(functions)
    by_origin: dict[int, set[int]] = {}
    of_adjoint: dict[Value, set[int]] = {}
    for op in walk(derivative.body):
        for result in op.results:
            if result.generation and result in places:
                by_origin.setdefault(op.where, set()).add(places[result])
                if result.adjoint_of is not None:
                    of_adjoint.setdefault(result.adjoint_of, set()).add(places[result])
    by_origin.pop(-1, None)
    parents: dict[Value, list[Value]] = {}
    for c in recording.contributions:
        parents.setdefault(c.child, []).append(c.parent)
    lines = module_text(functions).rstrip("\n").split("\n")
    begin = len(lines) - 1 - lines[::-1].index("    # reverse sweep")

    def reverse(node: Value) -> list[int]:
        """Where the parents' adjoints are, those of its own rules first; else its own.

        The adjoints that the result hands on are often constants: that is the begin.
        """
        own = by_origin.get(node.op.where if node.op else -1, set())
        near = set().union(*(of_adjoint.get(one, set()) for one in parents[node]))
        if node is recording.program.results[0] and not near:
            return [begin]
        found = near & own or near or of_adjoint.get(node) or own
        return sorted(found or {len(lines) - 1})

    return {
        "forward": [
            places.get(node, -1) if node.op else -1 for node in recording.nodes
        ],
        "reverse": [
            reverse(node) if node in parents else [] for node in recording.nodes
        ],
    }
