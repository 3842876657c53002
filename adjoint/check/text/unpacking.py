"""Parameters that are tuples: a function that unpacks one has its parts instead."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace

from adjoint.ir.form import Form, flattened
from adjoint.ir.program import Program

#: Of parameters that are tuples, by name: their forms, and the names of the parts.
Groups = dict[str, tuple[Form, Sequence[str]]]


def unpacked(function: ast.FunctionDef) -> ast.FunctionDef:
    """The function with plain parameters in the place of tuples that it unpacks."""
    return with_groups(function)[0]


def with_groups(function: ast.FunctionDef) -> tuple[ast.FunctionDef, Groups]:
    """The function as `unpacked` gives it, and the tuples."""
    groups: Groups = {}
    own, body = function.args, list(function.body)
    declared = {one.arg for one in (*own.args, *own.kwonlyargs)}
    while len(body) > 1:
        match body[0]:
            case ast.Assign(targets=[ast.Tuple() as parts], value=ast.Name(id=name)):
                if name not in declared or name in groups:
                    break
                groups[name] = flattened(_names(parts))
                del body[0]
            case _:
                break
    if not groups:
        return function, groups

    def plain(declared: ast.arg) -> list[ast.arg]:
        if declared.arg not in groups:
            return [declared]
        names = groups[declared.arg][1]
        return [ast.copy_location(ast.arg(name), function.body[0]) for name in names]

    arguments = ast.arguments(
        own.posonlyargs,
        [part for one in own.args for part in plain(one)],
        own.vararg,
        [part for one in own.kwonlyargs for part in plain(one)],
        [
            default
            for one, default in zip(own.kwonlyargs, own.kw_defaults, strict=True)
            for _ in plain(one)
        ],
        own.kwarg,
        own.defaults,
    )
    changed = ast.FunctionDef(
        function.name,
        arguments,
        body,
        function.decorator_list,
        function.returns,
    )
    return ast.copy_location(changed, function), groups


def packed(program: Program, groups: Groups) -> Program:
    """The program with these parameters that are tuples."""
    by_name = {one.name: one for one in program.parameters}
    found = [
        (name, form, tuple(by_name[part] for part in parts))
        for name, (form, parts) in groups.items()
    ]
    return replace(program, packed=tuple(found))


def _names(targets: ast.expr) -> object:
    """The names in nested tuples."""
    if isinstance(targets, ast.Tuple):
        return tuple(map(_names, targets.elts))
    return targets.id if isinstance(targets, ast.Name) else ""
