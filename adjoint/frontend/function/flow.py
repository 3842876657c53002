"""What the text alone says of the flow of control: exits, and live names."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence

from adjoint.frontend.function.elif_chains import chain
from adjoint.frontend.python.names import (
    FUNCTIONS,
    SCOPES,
    Names,
    assigned_names,
    changed_in_place,
    inside,
    read_names,
)
from adjoint.frontend.python.nodes import is_none

_EXITS = (ast.Return, ast.Raise, ast.Break, ast.Continue)
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


def has_exits(loop: ast.For) -> bool:
    """Whether anything in it may leave the loop before the end, but exceptions."""
    breaks = any(isinstance(node, ast.Break) for node in _own_loop(loop.body))
    return breaks or bool(returns_in(loop))


def returns_in(loop: ast.For | ast.While) -> list[ast.Return]:
    """The statements that leave the function from within the loop."""
    statements = statements_in(loop.body)
    return [node for node in statements if isinstance(node, ast.Return)]


def may_wait(statement: ast.Return) -> bool:
    """Whether it may as well be behind the loops that it leaves: it changes nothing."""
    return not returns_nothing(statement) and not changed_in_place([statement])


def returns_nothing(statement: ast.Return) -> bool:
    """Whether it is ``return``, or ``return None``."""
    return statement.value is None or is_none(statement.value)


def statements_in(body: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """The statements, and those inside, without those of functions inside."""
    pending = list(body)
    while pending:
        statement = pending.pop()
        yield statement
        if not isinstance(statement, SCOPES):
            children = ast.iter_child_nodes(statement)
            pending.extend(child for child in children if isinstance(child, ast.stmt))


def _own_loop(body: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """The statements of a loop, without those of loops and functions inside."""
    pending = list(body)
    while pending:
        statement = pending.pop()
        yield statement
        if isinstance(statement, (ast.For, ast.While)):
            pending.extend(statement.orelse)
        elif not isinstance(statement, SCOPES):
            children = ast.iter_child_nodes(statement)
            pending.extend(child for child in children if isinstance(child, ast.stmt))


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
        for node in inside(statement):
            if isinstance(node, FUNCTIONS):
                names |= read_names(node)
    return frozenset(names)
