"""The NumPy target: functions of arrays, evaluated at all their elements at once."""

from __future__ import annotations

from collections.abc import Sequence

from adjoint.errors import OptionError
from adjoint.ir.program import GUARD, walk
from adjoint.target import python
from adjoint.target.language import NUMPY
from adjoint.target.python import Function


def module_text(functions: Sequence[Function]) -> str:
    """The whole module, as `python.module_text`; it imports NumPy, and `math`.

    Raises OptionError for a function with branches, loops or exceptions.
    """
    _refuse_statements(functions)
    return python.module_text(functions, NUMPY)


def function_text(function: Function) -> str:
    """One function with what it needs: enough to be run."""
    _refuse_statements([function])
    return python.function_text(function, NUMPY)


def _refuse_statements(functions: Sequence[Function]) -> None:
    for function in functions:
        for op in walk(function.program.body):
            if op.blocks or op.operation is GUARD:
                raise OptionError(
                    f"the target numpy has no {op.operation.name} yet, which"
                    f" {function.program.name} needs; the target python has"
                )
