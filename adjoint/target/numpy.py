"""The NumPy target: functions of arrays, evaluated at all their elements at once."""

from __future__ import annotations

from collections.abc import Sequence

from adjoint.target import python
from adjoint.target.language import NUMPY
from adjoint.target.numpy_body import BatchWriter
from adjoint.target.numpy_loops import refuse_uneven_loops
from adjoint.target.python import Function

_SHAPES = (
    "The parameters are numbers or arrays, of any shapes that broadcast; everything"
    " that is returned has the broadcast shape. Floats have the type of those given,"
    " float64 where whole numbers are given."
)


def module_text(functions: Sequence[Function]) -> str:
    """The whole module, as `python.module_text`; it imports NumPy, and `math`.

    Raises SourceError for loops that differ from point to point.
    """
    for function in functions:
        refuse_uneven_loops(function.program)
    return python.module_text(functions, NUMPY, BatchWriter, (_SHAPES,))


def function_text(function: Function) -> str:
    """One function with what it needs: enough to be run."""
    refuse_uneven_loops(function.program)
    return python.function_text(function, NUMPY, BatchWriter)
