"""What the page knows of a function: plain data, and the code of its numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from adjoint.derivative import (
    derivative_function,
    parameters_of_interest,
    primal_function,
)
from adjoint.errors import OptionError
from adjoint.explain.page.code_lines import code_lines
from adjoint.explain.page.graph_data import GraphData
from adjoint.explain.page.layouts import layouts
from adjoint.explain.page.recording import record
from adjoint.ir.program import Program, Value
from adjoint.ir.types import BOOL, FLOAT, INT
from adjoint.target.javascript import function_text
from adjoint.target.python import module_text

#: A graph of more nodes than this is nothing to look at.
MOST_NODES = 400

#: Where an input can be moved unless ranges say otherwise, and where it begins there:
#: x1 = 1 and x2 = 2 between -3 and 3.
RANGE = (-3.0, 3.0)
_BEGIN_AT = (2 / 3, 5 / 6, 3 / 4, 7 / 12, 11 / 12, 5 / 8)
_STEPS = 300

Range = tuple[float, float]


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
    graph = GraphData(recording)
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
        "graph": layouts(graph.nodes),
        "python": module.rstrip("\n").split("\n"),
        **code_lines(recording, [primal, gradient]),
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
