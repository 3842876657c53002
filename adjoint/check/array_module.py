"""The evidence for a saved module of functions of arrays, from its text alone.

As `arrays` compares programs, this compares what the text says: the gradient that it
computes with differences of the function that it computes, both in 50 digits.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from adjoint.check.array_calls import FiftyDigits, Floats
from adjoint.check.array_text import ArrayText
from adjoint.check.arrays import DIGITS, Gradient, Results, check_gradient
from adjoint.check.decimals import Decimals
from adjoint.check.module_text import ModuleReader
from adjoint.check.points import Ranges, check_ranges
from adjoint.check.report import Report
from adjoint.errors import AdjointError
from adjoint.frontend.function.read import signature_types
from adjoint.ir.form import flattened
from adjoint.ir.program import Block, Program, Value

_GRADIENTS = {"value_and_grad": True, "grad": False}
_TYPES = re.compile(r"^Types: (.*?)\.$", re.MULTILINE | re.DOTALL)
_COUNTED = (ast.BinOp, ast.UnaryOp, ast.Compare, ast.Call, ast.AugAssign)


def check_array_module(
    reader: ModuleReader,
    ranges: Ranges,
    derivative: str | None,
    wrt: Sequence[str] | None,
    seconds: float,
) -> Report:
    """Compare the gradient of the module with differences of its function.

    Raises SourceError for a text that is no generated module, OptionError for ranges
    that do not fit.
    """
    name, kinds = reader.pair(derivative)
    if len(kinds) != 1 or kinds[0] not in _GRADIENTS:
        kind = ", ".join(kinds)
        raise AdjointError(f"{reader.source.name}: {kind} of arrays cannot be checked")
    derivative_name = f"{name}_{kinds[0]}"
    parameters = _parameters(reader, name)
    check_ranges(ranges, [str(one.name) for one in parameters])
    primal = Program(name, tuple(parameters), Block([]))
    text, decimals = ArrayText(reader.scope), Decimals(DIGITS)
    exact = FiftyDigits(decimals)

    def results(name: str) -> Results:
        function = text.function(name, exact)
        return lambda point: flattened(function(*point))[1]

    gradient = Gradient(
        name,
        derivative_name,
        parameters,
        _GRADIENTS[kinds[0]],
        tuple(wrt or reader.documented(primal, derivative_name, kinds, [])),
        decimals,
        results(name),
        results(derivative_name),
        text.function(derivative_name, Floats()),
        (_operations(reader, name), _operations(reader, derivative_name)),
    )
    return check_gradient(gradient, ranges, seconds=seconds)


def _parameters(reader: ModuleReader, name: str) -> list[Value]:
    """The parameters, of the types that the docstring says."""
    function = reader.scope.functions[name]
    said = _TYPES.search(reader.docstring)
    types = signature_types(" ".join(said[1].split())) if said else {}
    found = []
    for one in (*function.args.args, *function.args.kwonlyargs):
        if one.arg not in types:
            message = f"the docstring does not say the type of `{one.arg}`"
            reader.places.refuse(one, message)
        found.append(Value(types[one.arg], name=one.arg))
    return found


def _operations(reader: ModuleReader, name: str) -> int:
    """How many operations the text of a function has; those of a loop count once."""
    nodes = ast.walk(reader.scope.functions[name])
    return sum(isinstance(node, _COUNTED) for node in nodes)
