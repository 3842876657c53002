"""What the text alone says of the flow of control: exits, assignments, live names."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence

from adjoint.frontend.function.elif_chains import chain

_EXITS = (ast.Return, ast.Raise, ast.Break, ast.Continue)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_SCOPES = (*_FUNCTIONS, ast.ClassDef)

#: The methods of lists that change them.
CHANGING_METHODS = frozenset(("append", "extend", "pop", "insert", "remove", "clear"))
CHANGING_METHODS |= {"sort", "reverse"}

Names = frozenset[str]
_NONE: Names = frozenset()


def always_exits(body: Sequence[ast.stmt]) -> bool:
    """Whether nothing behind these statements is ever reached from them."""
    return any(_exits(statement) for statement in body)


def _exits(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.If):
        links = chain(statement)
        return all(always_exits(link.body) for link in links) and always_exits(
            links[-1].orelse
        )
    if isinstance(statement, ast.While):
        return is_endless(statement)
    return isinstance(statement, _EXITS)


def is_endless(loop: ast.While) -> bool:
    """Whether it is ``while True`` with no ``break``."""
    test = loop.test
    forever = isinstance(test, ast.Constant) and bool(test.value)
    return forever and not any(
        isinstance(node, ast.Break) for node in _own_loop(loop.body)
    )


def _own_loop(body: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """The statements of a loop, without those of loops and functions inside."""
    pending = list(body)
    while pending:
        statement = pending.pop()
        yield statement
        if isinstance(statement, (ast.For, ast.While)):
            pending.extend(statement.orelse)
        elif not isinstance(statement, _SCOPES):
            children = ast.iter_child_nodes(statement)
            pending.extend(child for child in children if isinstance(child, ast.stmt))


def assigned_names(body: Iterable[ast.AST]) -> dict[str, None]:
    """The names that these statements bind in their own scope, in order."""
    found: dict[str, None] = {}
    pending = list(body)[::-1]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found[node.id] = None
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found[node.name] = None
        elif isinstance(node, ast.alias):
            found[node.asname or node.name.split(".")[0]] = None
        if not isinstance(node, (*_SCOPES, ast.GeneratorExp, ast.ListComp)):
            pending.extend(reversed(list(ast.iter_child_nodes(node))))
    return found


def changed_names(body: Iterable[ast.AST]) -> dict[str, None]:
    """As `assigned_names`, with the names of arrays and lists that are changed."""
    return assigned_names(body) | dict.fromkeys(changed_in_place(body))


def changes_arrays(body: Iterable[ast.AST]) -> bool:
    """Whether any statement may change an array or a list in place."""
    return bool(changed_in_place(body)) or any(
        isinstance(node, ast.AugAssign) for one in body for node in ast.walk(one)
    )


def changed_in_place(body: Iterable[ast.AST]) -> list[str]:
    """The names of arrays in which something is stored, and of lists that grow."""
    found: list[str | None] = []
    for statement in body:
        for node in ast.walk(statement):
            if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
                found.append(stored_name(node))
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                of = node.func.value
                if node.func.attr in CHANGING_METHODS and isinstance(of, ast.Name):
                    found.append(of.id)
    return [name for name in found if name is not None]


def changing_names(body: Iterable[ast.AST]) -> Names:
    """The names of what may be changed in place, under this name or another one."""
    body = list(body)
    changed = set(changed_in_place(body))
    links: list[set[str]] = []
    for statement in body:
        for node in ast.walk(statement):
            if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
                changed.add(node.target.id)
            elif isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value:
                targets = (
                    node.targets if isinstance(node, ast.Assign) else [node.target]
                )
                links.append({*assigned_names(targets), *_aliased(node.value)})
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
            case ast.IfExp(body=then, orelse=orelse):
                pending += [then, orelse]
            case ast.Tuple(elts=items) | ast.List(elts=items):
                pending += items
            case ast.Subscript(value=inner):
                pending.append(inner)


def stored_name(target: ast.expr) -> str | None:
    """The name of the array in ``x[i][j] = ...``, where it is a name."""
    while isinstance(target, ast.Subscript):
        target = target.value
    return target.id if isinstance(target, ast.Name) else None


def read_names(node: ast.AST | None) -> Names:
    """The names that are read anywhere inside, functions inside included."""
    if node is None:
        return _NONE
    return frozenset(
        inner.id
        for inner in ast.walk(node)
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Load)
    )


class Liveness:
    """Which names of a function may still be read behind a statement.

    ``after``  by statement: behind it
    ``head``   by loop: where its next iteration begins
    """

    def __init__(self, body: Sequence[ast.stmt]):
        self.after: dict[ast.stmt, Names] = {}
        self.head: dict[ast.stmt, Names] = {}
        self._captured = _captured_names(body)
        self._block(body, self._captured, _NONE, _NONE)

    def _block(
        self, body: Sequence[ast.stmt], out: Names, broken: Names, continued: Names
    ) -> Names:
        """The names live before the block, from those live behind it."""
        for statement in reversed(body):
            self.after[statement] = out | self.after.get(statement, _NONE)
            out = self._before(statement, out, broken, continued) | self._captured
        return out

    def _before(
        self, node: ast.stmt, out: Names, broken: Names, continued: Names
    ) -> Names:
        match node:
            case ast.If():
                then = self._block(node.body, out, broken, continued)
                orelse = self._block(node.orelse, out, broken, continued)
                return then | orelse | read_names(node.test)
            case ast.For() | ast.While():
                return self._loop(node, out, broken, continued)
            case ast.Return() | ast.Raise():
                return read_names(node)
            case ast.Break():
                return broken
            case ast.Continue():
                return continued
            case ast.AugAssign(target=ast.Name(id=name)):
                return out | read_names(node.value) | {name}
        return (out - frozenset(assigned_names([node]))) | read_names(node)

    def _loop(
        self, node: ast.For | ast.While, out: Names, broken: Names, continued: Names
    ) -> Names:
        done = self._block(node.orelse, out, broken, continued)
        head = done
        if isinstance(node, ast.While):
            head |= read_names(node.test)
        while True:
            body = self._block(node.body, head, out, head)
            if isinstance(node, ast.For):
                body -= frozenset(assigned_names([node.target]))
            if body <= head:
                break
            head |= body
        self.head[node] = head
        return head | read_names(node.iter) if isinstance(node, ast.For) else head


def _captured_names(body: Iterable[ast.AST]) -> Names:
    """The names that functions inside read, whenever they are called."""
    names: set[str] = set()
    for statement in body:
        for node in ast.walk(statement):
            if isinstance(node, _FUNCTIONS):
                names |= read_names(node)
    return frozenset(names)
