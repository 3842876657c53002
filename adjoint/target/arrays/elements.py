"""The Python target for functions of arrays: element by element, as lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from adjoint.ir.program import has_arrays
from adjoint.target import python
from adjoint.target.arrays.element_body import ElementWriter, refuse_whole_arrays
from adjoint.target.arrays.results import with_own_arrays
from adjoint.target.language import PYTHON
from adjoint.target.python import Function, types_of


def module_text(functions: Sequence[Function]) -> str:
    """The whole module, as `python.module_text`; arrays are lists.

    Raises SourceError for operations on whole arrays.
    """
    if not any(has_arrays(function.program) for function in functions):
        return python.module_text(functions)
    own = list(map(_of_lists, functions))
    return python.module_text(own, PYTHON, ElementWriter, [types_of(own[0])])


def function_text(function: Function) -> str:
    """One function with what it needs: enough to be run."""
    if not has_arrays(function.program):
        return python.function_text(function)
    return python.function_text(_of_lists(function), PYTHON, ElementWriter)


def _of_lists(function: Function) -> Function:
    refuse_whole_arrays(function.program)
    return replace(function, program=with_own_arrays(function.program))
