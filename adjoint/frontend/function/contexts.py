"""``with np.errstate(...)``: what NumPy warns of changes nothing that is computed."""

from __future__ import annotations

import ast
import copy
from collections.abc import Sequence

#: What may be asked for; "raise" would be part of what the function does.
_HARMLESS = ("ignore", "warn", "print", "log")


def without_contexts(body: Sequence[ast.stmt]) -> list[ast.stmt]:
    """The statements, in which what stands under ``np.errstate`` stands by itself."""
    return [one for statement in body for one in _statement(statement)]


def _statement(node: ast.stmt) -> list[ast.stmt]:
    if isinstance(node, ast.With) and all(map(_is_harmless, node.items)):
        return without_contexts(node.body)
    if isinstance(node, ast.If | ast.For | ast.While):
        whole = copy.copy(node)
        whole.body = without_contexts(node.body)
        whole.orelse = without_contexts(node.orelse)
        return [whole]
    return [node]


def _is_harmless(item: ast.withitem) -> bool:
    match item:
        case ast.withitem(ast.Call(ast.Attribute(attr="errstate"), [], given), None):
            values = [one.value for one in given]
            return all(
                isinstance(value, ast.Constant) and value.value in _HARMLESS
                for value in values
            )
    return False
