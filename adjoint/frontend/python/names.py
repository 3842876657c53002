"""What the text alone says of names: assigned, changed in place, read."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import lru_cache

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
#: What has names of its own.
SCOPES = (*FUNCTIONS, ast.ClassDef)

COMPREHENSIONS = (ast.GeneratorExp, ast.ListComp, ast.DictComp)

#: The methods of lists that change them.
CHANGING_METHODS = frozenset(("append", "extend", "pop", "insert", "remove", "clear"))
CHANGING_METHODS |= {"sort", "reverse"}

Names = frozenset[str]

#: Of so many statements and expressions it is known what is inside them.
_KNOWN = 4096
#: What says how a name is used, and which sign an operation has.
_MARKS = (ast.expr_context, ast.operator, ast.unaryop, ast.cmpop, ast.boolop)


@lru_cache(maxsize=_KNOWN)
def inside(node: ast.AST) -> tuple[ast.AST, ...]:
    """The node and all nodes inside, as `ast.walk` has them, without marks and signs.

    They are kept, as the same statements are asked about again and again: no node may
    change after it has been asked about.
    """
    found = [node]
    for one in found:
        found += _children(one)
    return tuple(found)


def _children(node: ast.AST) -> list[ast.AST]:
    children: list[ast.AST] = []
    for name in node._fields:
        field = getattr(node, name, None)
        for one in field if isinstance(field, list) else (field,):
            if isinstance(one, ast.AST) and not isinstance(one, _MARKS):
                children.append(one)
    return children


def assigned_names(body: Iterable[ast.AST]) -> dict[str, None]:
    """The names that these statements bind in their own scope, in order."""
    return dict.fromkeys([name for one in body for name in _assigned_in(one)])


@lru_cache(maxsize=_KNOWN)
def _assigned_in(statement: ast.AST) -> tuple[str, ...]:
    found: list[str] = []
    pending = [statement]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Store):
                found.append(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found.append(node.name)
        elif isinstance(node, ast.alias):
            found.append(node.asname or node.name.split(".")[0])
        elif not isinstance(node, (*SCOPES, *COMPREHENSIONS)):
            pending += reversed(_children(node))
    return tuple(found)


def changed_names(body: Iterable[ast.AST]) -> dict[str, None]:
    """As `assigned_names`, with the names of arrays and lists that are changed."""
    return assigned_names(body) | dict.fromkeys(changed_in_place(body))


def changes_arrays(body: Iterable[ast.AST]) -> bool:
    """Whether any statement may change an array or a list in place."""
    return bool(changed_in_place(body)) or any(
        isinstance(node, ast.AugAssign) for one in body for node in inside(one)
    )


def changed_in_place(body: Iterable[ast.AST]) -> list[str]:
    """The names of arrays in which something is stored, and of lists that grow."""
    found: list[str | None] = []
    for statement in body:
        for node in inside(statement):
            if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
                found.append(stored_name(node))
            match node:
                case ast.Call(ast.Attribute(of, method)) if method in CHANGING_METHODS:
                    found.append(stored_name(of))
    return [name for name in found if name is not None]


def changed_attributes(body: Iterable[ast.AST]) -> list[str]:
    """The names in ``name.x = ...``, of what is changed for all of its names."""
    return [
        node.value.id
        for statement in body
        for node in inside(statement)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del)
        if isinstance(node.value, ast.Name)
    ]


def changed_inside(body: Iterable[ast.AST]) -> set[str]:
    """The names of what an iteration changes in place, or may."""
    return {*changed_in_place(body), *augmented_names(body)}


def augmented_names(body: Iterable[ast.AST]) -> list[str]:
    """The names in ``name += ...``, which changes an array in place."""
    return [
        node.target.id
        for statement in body
        for node in inside(statement)
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name)
    ]


def changing_inside(body: Iterable[ast.AST]) -> Names:
    """The names of lists of which elements of rows are changed: ``x[i][j] = ...``."""
    found = [
        stored_name(node)
        for statement in body
        for node in inside(statement)
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store)
        if isinstance(node.value, ast.Subscript)
    ]
    return frozenset([name for name in found if name is not None])


def changing_names(body: Iterable[ast.AST]) -> Names:
    """The names of what may be changed in place, under this name or another one."""
    body = list(body)
    changed = set(changed_in_place(body))
    links: list[set[str]] = []
    for statement in body:
        for node in inside(statement):
            if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
                changed.add(node.target.id)
            elif isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value:
                targets = (
                    node.targets if isinstance(node, ast.Assign) else [node.target]
                )
                links.append({*assigned_names(targets), *_aliased(node.value)})
            elif isinstance(node, ast.NamedExpr):
                links.append({node.target.id, *_aliased(node.value)})
            elif isinstance(node, ast.For):
                links.append({*assigned_names([node.target]), *read_names(node.iter)})
    while True:
        more = {n for link in links if not changed.isdisjoint(link) for n in link}
        if more <= changed:
            return frozenset(changed)
        changed |= more


def _aliased(expression: ast.expr) -> Iterator[str]:
    """The names of what may be, or may be a part of, what the expression gives."""
    pending = [expression]
    while pending:
        node = pending.pop()
        match node:
            case ast.Name(id=name):
                yield name
            case ast.NamedExpr(target=target, value=inner):
                pending += [target, inner]
            case ast.IfExp(body=then, orelse=orelse):
                pending += [then, orelse]
            case ast.Tuple(elts=items) | ast.List(elts=items):
                pending += items
            case ast.Subscript(value=inner):
                pending.append(inner)
            case ast.ListComp(elt=ast.Name(id=name), generators=clauses):
                if name not in assigned_names([one.target for one in clauses]):
                    yield name  # one list under all indices


def stored_name(target: ast.expr) -> str | None:
    """The name of the array in ``x[i][j] = ...`` or ``x[i].append(...)``, if any."""
    while isinstance(target, ast.Subscript):
        target = target.value
    return target.id if isinstance(target, ast.Name) else None


def read_names(node: ast.AST | None) -> Names:
    """The names that are read anywhere inside, functions inside included."""
    return frozenset() if node is None else _read_in(node)


@lru_cache(maxsize=_KNOWN)
def _read_in(node: ast.AST) -> Names:
    names = [one for one in inside(node) if isinstance(one, ast.Name)]
    return frozenset([one.id for one in names if isinstance(one.ctx, ast.Load)])
