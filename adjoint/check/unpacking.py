"""Parameters that are tuples: a function that unpacks one has its parts instead."""

from __future__ import annotations

import ast


def unpacked(function: ast.FunctionDef) -> ast.FunctionDef:
    """The function with plain parameters in the place of a tuple that it unpacks."""
    first = function.body[0]
    match first:
        case ast.Assign(targets=[ast.Tuple() as targets], value=ast.Name(id=packed)):
            pass
        case _:
            return function
    arguments = function.args
    at = next((i for i, one in enumerate(arguments.args) if one.arg == packed), None)
    if at is None or len(function.body) < 2:
        return function
    parts = _in_order(targets)
    plain = [ast.copy_location(ast.arg(name), first) for name in parts]
    new = ast.arguments(
        arguments.posonlyargs,
        [*arguments.args[:at], *plain, *arguments.args[at + 1 :]],
        arguments.vararg,
        arguments.kwonlyargs,
        arguments.kw_defaults,
        arguments.kwarg,
        arguments.defaults,
    )
    changed = ast.FunctionDef(
        function.name,
        new,
        function.body[1:],
        function.decorator_list,
        function.returns,
    )
    return ast.copy_location(changed, function)


def _in_order(targets: ast.expr) -> list[str]:
    """The names of nested tuples from left to right."""
    if isinstance(targets, ast.Name):
        return [targets.id]
    assert isinstance(targets, ast.Tuple)
    return [name for part in targets.elts for name in _in_order(part)]
