"""Exceptions that a function raises, spelled as source for the generated one."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Sequence

from adjoint.frontend.python.lowering import FunctionLowering


def only_raises(body: Sequence[ast.stmt]) -> bool:
    """Whether the statements are a ``raise`` and no more."""
    return len(body) == 1 and isinstance(body[0], ast.Raise)


def exception_text(lowering: FunctionLowering, node: ast.stmt) -> str:
    """The exception of a ``raise``, spelled as source."""
    assert isinstance(node, ast.Raise)
    raised = node.exc
    if raised is None or node.cause is not None:
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
    """A text or a number of a message, as black would write it."""
    if not isinstance(node, ast.Constant):
        message = "the message of an exception has to be a plain text or number"
        raise lowering.problem(node, message, "leave the numbers out of it")
    text = repr(node.value)
    if isinstance(node.value, str) and text[0] == "'" and '"' not in text:
        return f'"{text[1:-1]}"'
    return text
