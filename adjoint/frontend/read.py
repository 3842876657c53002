"""Whatever the user hands over, to a `Program`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from adjoint.errors import OptionError
from adjoint.ir.program import Program

_FUNCTION_OF_FILE = re.compile(r".*\.py:[^\W\d]\w*\s*\Z", re.DOTALL)


def read(
    source: str | Callable[..., Any],
    *,
    name: str | None = None,
    signature: str | None = None,
    static: Mapping[str, Any] | None = None,
    unroll: bool | int = 0,
) -> Program:
    """The program of a formula, of ``path/to/file.py:function``, or of a function.

    The options after ``name`` are for functions alone. Raises AdjointError, with the
    place where there is one, for what is not in the language.
    """
    if isinstance(source, str) and not is_function_of_file(source):
        from adjoint.frontend.formula import read_formula

        if signature is not None or static or unroll:
            raise OptionError("signature, static and unroll are for Python functions")
        return read_formula(source, name)
    if not isinstance(source, str) and not callable(source):
        kind = type(source).__name__
        raise OptionError(f"a formula or a function is expected, not {kind}")
    from adjoint.frontend.function import read_function

    return read_function(
        source, name=name, signature=signature, static=static, unroll=unroll
    )


def is_function_of_file(source: str) -> bool:
    """Whether the text is ``path/to/file.py:function``, and no formula."""
    return _FUNCTION_OF_FILE.match(source) is not None
