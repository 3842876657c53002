"""Exceptions that a function raises, spelled as source for the generated one."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Sequence

from adjoint.frontend.python.lowering import FunctionLowering
from adjoint.frontend.python.nodes import is_none


def only_raises(body: Sequence[ast.stmt]) -> bool:
    """Whether the statements are a ``raise`` and no more."""
    return len(body) == 1 and isinstance(body[0], ast.Raise)


def exception_text(lowering: FunctionLowering, node: ast.stmt) -> str:
    """The exception of a ``raise``, spelled as source."""
    assert isinstance(node, ast.Raise)
    raised = node.exc
    caused = node.cause is not None and not is_none(node.cause)
    if raised is None or caused:
        message = "only `raise Exception(...)` is supported"
        raise lowering.problem(node, message, "name the exception, without `from`")
    name = raised.func if isinstance(raised, ast.Call) else raised
    known = getattr(builtins, name.id, None) if isinstance(name, ast.Name) else None
    is_exception = isinstance(known, type) and issubclass(known, BaseException)
    if not isinstance(name, ast.Name) or not is_exception:
        message = "only Python's own exceptions can be raised"
        raise lowering.problem(raised, message, 'write `raise ValueError("...")`')
    if not isinstance(raised, ast.Call):
        return name.id
    if raised.keywords:
        raise lowering.problem(raised, "an exception takes no arguments by name here")
    return f"{name.id}({', '.join(literal_text(lowering, one) for one in raised.args)})"


def literal_text(lowering: FunctionLowering, node: ast.expr) -> str:
    """A text or a number of a message, as black would write it.

    What stands in the braces of an f-string is shown as it is written.
    """
    value = node.value if isinstance(node, ast.Constant) else None
    if isinstance(node, ast.JoinedStr):
        value = "".join(map(_shown, node.values))
    if value is None:
        message = "the message of an exception has to be a text or a number"
        raise lowering.problem(node, message, "write it out, or as an f-string")
    text = repr(value)
    if isinstance(value, str) and text[0] == "'" and '"' not in text:
        return f'"{text[1:-1]}"'
    return text


def _shown(part: ast.expr) -> str:
    """A part of an f-string: its text, or what is computed there, in braces."""
    if isinstance(part, ast.Constant):
        return str(part.value)
    assert isinstance(part, ast.FormattedValue)
    return f"{{{ast.unparse(part.value)}}}"
