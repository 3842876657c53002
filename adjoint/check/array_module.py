"""The evidence for a saved module of functions of arrays, from its text alone.

As `arrays` compares programs, this compares what the text says: the gradient that it
computes with differences of the function that it computes, both in 50 digits.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from adjoint.check.array_calls import FiftyDigits, Floats
from adjoint.check.array_text import ArrayText
from adjoint.check.arrays import DIGITS, Results, Subject, check_subject
from adjoint.check.decimals import Decimals
from adjoint.check.module_text import ModuleReader
from adjoint.check.points import Ranges, check_ranges
from adjoint.check.report import Report
from adjoint.errors import AdjointError
from adjoint.ir.form import flattened
from adjoint.ir.program import Block, Program, Value
from adjoint.ir.types import FLOAT

_GRADIENTS = {"value_and_grad": True, "grad": False}
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
    if any(kind.startswith("sparse_") for kind in kinds):
        message = f"{', '.join(kinds)} of arrays cannot be checked in a saved module"
        hint = "check the function itself, `file.py:function`"
        raise AdjointError(f"{reader.source.name}: {message}; {hint}")
    gradient = len(kinds) == 1 and kinds[0] in _GRADIENTS
    if not gradient and _returns_tuple(reader.scope.functions[name]):
        kind = ", ".join(kinds)
        message = f"{kind} of several arrays cannot be checked in a saved module"
        raise AdjointError(f"{reader.source.name}: {message}")
    derivative_name = "_".join([name, *kinds])
    parameters = _parameters(reader, name)
    names = [str(one.name) for one in parameters]
    check_ranges(ranges, names)
    value = Value(FLOAT, name=name)
    primal = Program(name, tuple(parameters), Block([], (value,)))
    arguments = reader.scope.functions[derivative_name].args
    whole = [one.arg for one in (*arguments.args, *arguments.kwonlyargs)]
    given = [one for one in whole if one not in names]
    by = wrt or reader.documented(primal, derivative_name, kinds, given)
    reals = {str(one.name) for one in parameters if one.type.real}
    text, decimals = ArrayText(reader.scope), Decimals(DIGITS)
    exact = FiftyDigits(decimals)

    def results(
        name: str, arithmetic: FiftyDigits | Floats, names: Sequence[str]
    ) -> Results:
        function = text.function(name, arithmetic)
        return lambda given: flattened(function(*[given[one] for one in names]))[1]

    subject = Subject(
        primal,
        derivative_name,
        kinds,
        [one for one in by if one in reals],
        given,
        decimals,
        results(name, exact, names),
        results(derivative_name, exact, whole),
        results(name, Floats(), names),
        results(derivative_name, Floats(), whole),
        (_operations(reader, name), _operations(reader, derivative_name)),
    )
    return check_subject(subject, ranges, seconds=seconds)


def _returns_tuple(function: ast.FunctionDef) -> bool:
    returned = [node for node in ast.walk(function) if isinstance(node, ast.Return)]
    return any(isinstance(node.value, ast.Tuple) for node in returned)


def _parameters(reader: ModuleReader, name: str) -> list[Value]:
    """The parameters, of the types that the docstring says."""
    function = reader.scope.functions[name]
    types = reader.docstring.types
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
