"""What a careful reader would find wrong in a generated module, found by its AST."""

from __future__ import annotations

import ast
import re
from typing import TypeGuard

_TEMPORARY = re.compile(r"t[1-9]\d*\Z")


def faults(text: str, user_names: tuple[str, ...] = ()) -> list[str]:
    """Unused imports and assignments, gaps in t1, t2, ..., operations with 0 and 1."""
    tree = ast.parse(text)
    found = _unused_globals(tree)
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and not ast.get_docstring(node):
            found += _unused_locals(node)
            found += _gaps(node, user_names)
            found += _needless(node, _first_line_of_reverse(text))
    return found


def _first_line_of_reverse(text: str) -> int:
    """What stands before is the user's own, zeros and ones and all."""
    before, found, _ = text.partition("    # reverse sweep\n")
    return before.count("\n") + 1 if found else text.count("\n") + 1


def _unused_globals(tree: ast.Module) -> list[str]:
    loaded = {node.id for node in ast.walk(tree) if _is_load(node)}
    defined = [
        alias.asname or alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    ]
    defined += [
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    ]
    return [f"{name} is not used" for name in defined if name not in loaded]


def _is_load(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)


def _stored(function: ast.FunctionDef) -> list[str]:
    return [
        node.id
        for node in sorted(
            (node for node in ast.walk(function) if isinstance(node, ast.Name)),
            key=lambda node: (node.lineno, node.col_offset),
        )
        if isinstance(node.ctx, ast.Store)
    ]


def _unused_locals(function: ast.FunctionDef) -> list[str]:
    loaded = {node.id for node in ast.walk(function) if _is_load(node)}
    return [
        f"{name} in {function.name} is not used"
        for name in dict.fromkeys(_stored(function))
        if name not in loaded
    ]


def _gaps(function: ast.FunctionDef, user_names: tuple[str, ...]) -> list[str]:
    seen = [name for name in dict.fromkeys(_stored(function)) if _TEMPORARY.match(name)]
    given = [name for name in seen if name not in user_names]
    count = len(given) + len(user_names)
    free = [f"t{i}" for i in range(1, count + 1) if f"t{i}" not in user_names]
    if given == free[: len(given)]:
        return []
    return [f"temporaries in {function.name} are {', '.join(given)}"]


def _needless(function: ast.FunctionDef, start: int) -> list[str]:
    found = [
        node
        for node in ast.walk(function)
        if _is_needless(node) and node.lineno >= start
    ]
    copies = [
        node
        for node in function.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name)
    ]
    return [
        f"needless {ast.unparse(node)} in {function.name}" for node in (*found, *copies)
    ]


def _is_needless(node: ast.AST) -> TypeGuard[ast.expr]:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = node.operand
        return isinstance(inner, ast.UnaryOp) and isinstance(inner.op, ast.USub)
    if not isinstance(node, ast.BinOp):
        return False
    left, right = _number(node.left), _number(node.right)
    if isinstance(node.op, ast.Mult):
        return bool({1.0, -1.0, 0.0} & {left, right})
    if isinstance(node.op, ast.Div):
        return right in (1.0, -1.0)
    return isinstance(node.op, (ast.Add, ast.Sub)) and 0.0 in (left, right)


def _number(node: ast.expr) -> float | None:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = _number(node.operand)
        return None if inner is None else -inner
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
        return float(node.value)
    return None
