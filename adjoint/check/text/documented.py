"""The function of a generated module, as it stands in the docstring."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import replace

from adjoint.check.text.docstring import Docstring
from adjoint.errors import AdjointError, Source
from adjoint.frontend.formula.read import lower_formula, parse_formula
from adjoint.frontend.function.read import InText, read_function
from adjoint.frontend.stop_gradient import STOP_GRADIENT
from adjoint.ir.program import Program
from adjoint.rules.operation import Operation
from adjoint.rules.table import FUNCTIONS

#: Where the names come from that the text of a function may use.
_IMPORTS = """\
import math
import adjoint
import numpy
import numpy as np
from math import *
"""


def formula_program(formula: Source, primal: Program) -> Program:
    """The formula as a program. Raises SourceError where it is not that of ``primal``.

    ``primal`` is the function of the module.
    """
    program = lower_formula(parse_formula(formula), primal.name)
    if program.parameter_names != primal.parameter_names:
        names = ", ".join(primal.parameter_names)
        message = (
            f"this formula has not the parameters of the module's function, {names}"
        )
        raise formula.error(0, len(formula.text), message)
    return program


def program_with_stops(
    docstring: Docstring, primal: Program, own: Mapping[str, Operation], name: str
) -> Program:
    """The function with its calls of `stop_gradient`, which its code has no more.

    ``primal`` is the function of the module ``name``; ``own`` are other functions that
    the text may call. Raises AdjointError where the text says too little.
    """
    functions = {STOP_GRADIENT.name: STOP_GRADIENT, **own}
    text = docstring.function
    program = None
    try:
        if text is not None and _defined(text.text):
            program = _read(text, docstring, functions)
        elif text is not None:
            program = lower_formula(
                parse_formula(text), functions=FUNCTIONS | functions
            )
    except AdjointError:
        pass  # it uses what is not in this text
    if program is None or program.parameter_names != primal.parameter_names:
        raise AdjointError(
            f"{name}: what stop_gradient is given cannot be told from the docstring "
            "alone; check the function itself"
        )
    return replace(program, name=primal.name)


def _read(
    text: Source, docstring: Docstring, functions: Mapping[str, Operation]
) -> Program:
    constants = "".join(f"{one}\n" for one in docstring.constants)
    whole = Source(f"{_IMPORTS}{constants}{text.text}\n", text.name)
    types = ", ".join(f"{name}: {type}" for name, type in docstring.types.items())
    return read_function(
        InText(whole, _defined(text.text)), signature=types, functions=functions
    )


def _defined(text: str) -> str:
    """The name of the function that the text defines; empty for a formula."""
    try:
        statements = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""
    match statements:
        case [ast.FunctionDef(name=name)]:
            return name
    return ""
