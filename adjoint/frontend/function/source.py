"""Where the source of a function object is: its file's text, and its node in there."""

from __future__ import annotations

import ast
import inspect
import types
from functools import cache, lru_cache
from typing import Any

from adjoint.errors import AdjointError, Source
from adjoint.frontend.python.text import Text

_Def = ast.FunctionDef | ast.Lambda


def source_of(function: types.FunctionType) -> tuple[Text, _Def]:
    """The text of a function object's file, and its node in there."""
    try:
        lines, _ = inspect.findsource(function)
    except (OSError, TypeError):
        raise AdjointError(
            f"the source of {function.__name__!r} cannot be read; "
            "define it in a file, or give a formula"
        ) from None
    text = _parsed("".join(lines), function.__code__.co_filename)
    found = [node for node in _functions(text) if _is_of(node, function.__code__)]
    if not found:
        raise AdjointError(
            f"the source of {function.__name__!r} is not where it was: "
            f"{text.source.name} has changed since it was imported"
        )
    return text, found[0]


@lru_cache(maxsize=64)
def _parsed(text: str, name: str) -> Text:
    return Text(Source(text, name))


@cache
def _functions(text: Text) -> tuple[_Def, ...]:
    return tuple(
        node
        for node in ast.walk(text.tree)
        if isinstance(node, (ast.FunctionDef, ast.Lambda))
    )


def _is_of(node: _Def, code: types.CodeType) -> bool:
    """Whether the code object was compiled from the node."""
    if isinstance(node, ast.FunctionDef):
        first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
        return node.name == code.co_name and first == code.co_firstlineno
    if code.co_name != "<lambda>" or node.lineno != code.co_firstlineno:
        return False
    body: Any = node.body
    start, end = (body.lineno, body.col_offset), (body.end_lineno, body.end_col_offset)
    for line, end_line, column, end_column in code.co_positions():
        if line is None or column is None or column == end_column:
            continue  # an instruction that stands for no text
        if not (start <= (line, column) and (end_line, end_column) <= end):
            return False
    return True
