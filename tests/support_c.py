"""Compiles and calls generated C, where there is a C compiler."""

from __future__ import annotations

import math
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from adjoint.derivative_object import Derivative
from adjoint.target.c.library import bound, compiled
from adjoint.target.c.module import functions_text
from adjoint.target.python import Function

needs_compiler = pytest.mark.skipif(
    shutil.which("cc") is None, reason="there is no C compiler"
)


def in_c(derivatives: Sequence[Derivative]) -> list[Callable[..., Any]]:
    """The derivatives in C, compiled together; their own targets do not matter."""
    functions = [_numbered(one, at) for at, one in enumerate(derivatives)]
    library = compiled(functions_text(functions))
    return [bound(library, function) for function in functions]


def _numbered(derivative: Derivative, at: int) -> Function:
    program = replace(derivative.program, name=f"function_{at}")
    first = derivative.kind.startswith(("value", "jvp", "vjp"))
    values = len(derivative.primal.results) if first else 0
    return Function(program, "", values, sweeps=True)


def close(ours: float, theirs: float, relative: float = 1e-12) -> bool:
    """Whether two numbers are the same, or nearly; NaN is NaN."""
    if math.isnan(theirs):
        return math.isnan(ours)
    return ours == theirs or math.isclose(ours, theirs, rel_tol=relative)
