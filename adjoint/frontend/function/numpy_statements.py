"""Statements of NumPy's: ``with np.errstate(...)``, ``np.add.at(x, i, v)``.

What NumPy warns of changes nothing that is computed: what stands under the first stands
by itself. The second is an augmented assignment, to whatever asks which names change.
"""

from __future__ import annotations

import ast

#: What may be asked for; "raise" would be part of what the function does.
_HARMLESS = ("ignore", "warn", "print", "log")
_SIGNS: dict[str, type[ast.operator]] = {"add": ast.Add, "subtract": ast.Sub}


class AddAt(ast.AugAssign):
    """``x[i] += v`` as often as i names an element; ``function`` is ``np.add``."""

    function: ast.expr


def without_numpy(node: ast.stmt) -> list[ast.stmt] | None:
    """The statements that stand for one of NumPy's; None for any other."""
    if isinstance(node, ast.With) and all(map(_is_harmless, node.items)):
        return node.body
    added = _added_at(node)
    return None if added is None else [added]


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
