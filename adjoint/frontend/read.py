"""Whatever the user hands over, to a `Program`."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from adjoint.errors import OptionError
from adjoint.frontend.stop_gradient import STOP_GRADIENT
from adjoint.ir.program import Program
from adjoint.rules.operation import Operation, OwnOperation
from adjoint.rules.table import FORMULA_FUNCTIONS

#: A file where a function of it is expected; no formula ends like this.
_FILE = re.compile(r"\S+\.py\s*\Z")
_FUNCTION_OF_FILE = re.compile(r".*\.py:[^\W\d]\w*\s*\Z", re.DOTALL)


def read(
    source: Any,
    *,
    name: str | None = None,
    signature: str | None = None,
    static: Mapping[str, Any] | None = None,
    unroll: bool | int = 0,
    args: Any = None,
    wrt: Any = None,
    functions: Mapping[str, Operation] | None = None,
) -> Program:
    """The program of a formula, of ``path/to/file.py:function``, of a function, or of
    SymPy's expressions.

    ``signature``, ``static`` and ``unroll`` are for functions alone, ``args`` for
    SymPy's expressions, which also have what ``wrt`` names as parameters;
    ``functions`` are the user's own, which all but function objects call by name.
    Raises AdjointError, with the place where there is one, for what is not in the
    language.
    """
    own = {STOP_GRADIENT.name: STOP_GRADIENT, **(functions or {})}
    symbolic = _is_symbolic(source)
    formula = isinstance(source, str) and not is_function_of_file(source)
    if (symbolic or formula) and (signature is not None or static or unroll):
        raise OptionError("signature, static and unroll are for Python functions")
    if symbolic:
        from adjoint.frontend.symbolic.read import read_symbolic

        return read_symbolic(source, name, args, wrt, own)
    if args is not None:
        raise OptionError("args is for expressions of SymPy")
    if formula:
        return _read_formula(source, name, own)
    if not isinstance(source, str) and not callable(source):
        kind = type(source).__name__
        raise OptionError(
            f"a formula, a function or a SymPy expression is expected, not {kind}"
        )
    from adjoint.frontend.function.read import read_function

    return read_function(
        source,
        name=name,
        signature=signature,
        static=static,
        unroll=unroll,
        functions=own,
    )


def _read_formula(
    source: str, name: str | None, own: Mapping[str, Operation]
) -> Program:
    from adjoint.frontend.formula.read import read_formula

    if _FILE.match(source):
        raise OptionError(f"{source!r} is a file: say which function, as in {source}:f")
    program = read_formula(source, name, functions=FORMULA_FUNCTIONS | dict(own))
    if any(isinstance(one, OwnOperation) for one in program.operations):
        # what is no formula to others is not called one in the docstring
        program = replace(program, written=program.source.text)
    return program


def is_function_of_file(source: str) -> bool:
    """Whether the text is ``path/to/file.py:function``, and no formula."""
    return _FUNCTION_OF_FILE.match(source) is not None


def _is_symbolic(source: Any) -> bool:
    """Whether it is of SymPy; without SymPy, which is large, nothing is."""
    if "sympy" not in sys.modules or isinstance(source, str):
        return False
    from adjoint.frontend.symbolic.read import is_symbolic

    return is_symbolic(source)
