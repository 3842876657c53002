"""The statements by which a generated loop is known for what it is."""

from __future__ import annotations

import ast
from collections.abc import Sequence

#: Says whether an iteration has left the loop; no name of Python's has a point.
LEFT = ".left"


def breaks(statement: ast.stmt) -> bool:
    """Whether it is ``if ...: break``."""
    return (
        isinstance(statement, ast.If)
        and not statement.orelse
        and len(statement.body) == 1
        and isinstance(statement.body[0], ast.Break)
    )


def leaves(statement: ast.stmt) -> bool:
    """Whether it is ``if ...:`` with statements and then a ``break``, and no else."""
    return (
        isinstance(statement, ast.If)
        and not statement.orelse
        and isinstance(statement.body[-1], ast.Break)
    )


def with_one_exit(body: Sequence[ast.stmt]) -> tuple[list[ast.stmt], ast.expr | None]:
    """The body of a loop with no ``break``, and what says at its end whether to leave.

    What comes behind ``if ...: break`` becomes the other side of it::

        if c:                  if c:
            a                      a; left = True
            break       as     else:
        b                          b; left = False
    """
    after: list[ast.stmt] = []  # the last one first
    stop: ast.expr | None = None
    for statement in reversed(body):
        if isinstance(statement, ast.Break) and not after and stop is None:
            stop = ast.copy_location(ast.Constant(True), statement)
        elif not isinstance(statement, ast.If) or not leaves(statement):
            after.append(statement)
        elif not after and len(statement.body) == 1:
            stop = statement.test
        else:
            then = [*statement.body[:-1], _left(ast.Constant(True), statement)]
            orelse = [*reversed(after), _left(stop or ast.Constant(False), statement)]
            branch = ast.If(statement.test, then, orelse)
            after = [ast.copy_location(branch, statement)]
            stop = ast.copy_location(ast.Name(LEFT, ast.Load()), statement.test)
    return after[::-1], stop


def _left(value: ast.expr, place: ast.stmt) -> ast.stmt:
    target = ast.Name(LEFT, ast.Store())
    note = ast.Assign([target], value)
    for node in (target, note, value):
        if not hasattr(node, "lineno"):
            ast.copy_location(node, place)
    return note


def appends(statement: ast.stmt) -> bool:
    """Whether it saves something: ``saved.append(...)``."""
    match statement:
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr="append"))):
            return True
    return False


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
