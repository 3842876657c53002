"""The statements by which a generated loop is known for what it is."""

from __future__ import annotations

import ast


def breaks(statement: ast.stmt) -> bool:
    """Whether it is ``if ...: break``."""
    return (
        isinstance(statement, ast.If)
        and not statement.orelse
        and len(statement.body) == 1
        and isinstance(statement.body[0], ast.Break)
    )


def targets_of(target: ast.expr) -> list[ast.Name] | None:
    """The names that are assigned to at once; None for anything else."""
    parts = target.elts if isinstance(target, ast.Tuple) else [target]
    names = [part for part in parts if isinstance(part, ast.Name)]
    return names if len(names) == len(parts) else None


def popped(statement: ast.stmt) -> tuple[list[ast.Name], ast.Name] | None:
    """The names and the list of ``x, y = saved.pop()``; None for anything else."""
    match statement:
        case ast.Assign(
            targets=[target],
            value=ast.Call(
                func=ast.Attribute(value=ast.Name() as stack, attr="pop"),
                args=[],
                keywords=[],
            ),
        ):
            names = targets_of(target)
            return None if names is None else (names, stack)
    return None
