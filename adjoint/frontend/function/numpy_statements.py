"""Statements of NumPy's: ``with np.errstate(...)``, ``np.add.at(x, i, v)``.

What NumPy warns of changes nothing that is computed: what stands under the first stands
by itself. The second is an augmented assignment, to whatever asks which names change.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Sequence

#: What may be asked for; "raise" would be part of what the function does.
_HARMLESS = ("ignore", "warn", "print", "log")
_SIGNS: dict[str, type[ast.operator]] = {"add": ast.Add, "subtract": ast.Sub}


class AddAt(ast.AugAssign):
    """``x[i] += v`` as often as i names an element; ``function`` is ``np.add``."""

    function: ast.expr


def with_plain_statements(body: Sequence[ast.stmt], text: str) -> Sequence[ast.stmt]:
    """The statements of a function of the text, without those of NumPy's."""
    if "errstate" not in text and ".at(" not in text:
        return body
    return _body(body)


def _body(body: Sequence[ast.stmt]) -> list[ast.stmt]:
    return [one for statement in body for one in _statement(statement)]


def _statement(node: ast.stmt) -> list[ast.stmt]:
    if isinstance(node, ast.With) and all(map(_is_harmless, node.items)):
        return _body(node.body)
    if isinstance(node, ast.If | ast.For | ast.While):
        whole = copy.copy(node)
        whole.body, whole.orelse = _body(node.body), _body(node.orelse)
        return [whole]
    return [_added_at(node) or node]


def _is_harmless(item: ast.withitem) -> bool:
    match item:
        case ast.withitem(ast.Call(ast.Attribute(attr="errstate"), [], given), None):
            values = [one.value for one in given]
            return all(
                isinstance(value, ast.Constant) and value.value in _HARMLESS
                for value in values
            )
    return False


def _added_at(node: ast.stmt) -> ast.stmt | None:
    match node:
        case ast.Expr(
            ast.Call(
                ast.Attribute(ast.Attribute(attr=name) as function, "at"),
                [array, index, value],
                [],
            )
        ) if (
            name in _SIGNS
        ):
            target = ast.Subscript(array, index, ast.Store())
            made = AddAt(target, _SIGNS[name](), value)
            made.function = function
            for one in (target, made):
                ast.copy_location(one, node)
            return made
    return None
