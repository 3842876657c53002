"""Loops and stacks of generated Python, taken apart for a language that has neither."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Loop:
    """``for index in range(*bounds)``, ``for ... in reversed(stack)``, or both.

    ``backwards`` says whether the range is gone through from its end. Without bounds
    there is no index; with a stack, each iteration reads ``width`` numbers of it.
    """

    index: str = ""
    bounds: Sequence[ast.expr] = ()
    backwards: bool = False
    stack: str = ""
    width: int = 0


@dataclass(frozen=True)
class Taken:
    """What an assignment takes from a stack: the number at a place of an entry.

    It is ``popped``, or the entry stays there, and is that of the loop around.
    """

    stack: str
    place: int
    popped: bool


class Unpacked:
    """The body of a function with one assignment for each variable, as C has it.

    ``loops`` are its loops, ``taken`` the assignments that read stacks. The
    ``functions`` say what functions are, by their names in the text.
    """

    def __init__(self, body: list[ast.stmt], functions: Mapping[str, str]):
        self.loops: dict[ast.stmt, Loop] = {}
        self.taken: dict[ast.stmt, Taken] = {}
        self._functions = functions
        self._whole = body
        self.body = self._unpacked(body)

    @cached_property
    def _read(self) -> set[str]:
        """The names that anything reads."""
        return names_read(self._whole)

    def _unpacked(self, body: list[ast.stmt]) -> list[ast.stmt]:
        found: list[ast.stmt] = []
        for statement in body:
            for inner in bodies_of(statement):
                inner[:] = self._unpacked(inner)
            if isinstance(statement, ast.For):
                self._take_apart(statement)
            found += self._single(statement)
        return found

    def _single(self, statement: ast.stmt) -> list[ast.stmt]:
        """The statement, or the assignments of one variable each that do the same."""
        if not isinstance(statement, ast.Assign):
            return [statement]
        stack = _popped_from(statement.value)
        if stack:
            names = _names(statement.targets[0])
            return self._taking(stack, names, statement, popped=True)
        if len(statement.targets) == 1:
            return [statement]
        return [
            ast.copy_location(ast.Assign([target], statement.value), statement)
            for target in statement.targets  # of one atom
        ]

    def _taking(
        self, stack: str, names: Sequence[str], near: ast.stmt, popped: bool
    ) -> list[ast.stmt]:
        """The assignments of the parts of an entry, the last one first.

        What nothing reads is taken and not assigned.
        """
        found: list[ast.stmt] = []
        for place, name in reversed(list(enumerate(names))):
            target, read = ast.Name(name, ast.Store()), ast.Name(stack, ast.Load())
            assigns = name in self._read
            one = ast.Assign([target], read) if assigns else ast.Expr(read)
            ast.copy_location(one, near)
            self.taken[one] = Taken(stack, place, popped)
            found.append(one)
        return found

    def _take_apart(self, node: ast.For) -> None:
        ranged, stacked = node, node
        function, arguments = self._called(node.iter)
        if function == "zip":
            assert isinstance(node.target, ast.Tuple)
            index, entry = node.target.elts
            ranged = ast.For(index, arguments[0], [], [])
            stacked = ast.For(entry, arguments[1], [], [])
        stack, entries = self._stack_of(stacked)
        loop = self._range_of(ranged) if not stack or ranged is not node else Loop()
        self.loops[node] = Loop(
            loop.index, loop.bounds, loop.backwards, stack, len(entries)
        )
        if stack:
            node.target = ranged.target if loop.index else ast.Tuple([])
            read = names_read(node.body)
            places = reversed(self._taking(stack, entries, node, popped=False))
            node.body[:0] = [
                one
                for one in places
                if isinstance(one, ast.Assign) and _names(one.targets[0])[0] in read
            ]

    def _stack_of(self, node: ast.For) -> tuple[str, list[str]]:
        function, arguments = self._called(node.iter)
        if function == "reversed" and isinstance(arguments[0], ast.Name):
            return arguments[0].id, _names(node.target)
        return "", []

    def _range_of(self, node: ast.For) -> Loop:
        function, arguments = self._called(node.iter)
        backwards = function == "reversed"
        if backwards:
            function, arguments = self._called(arguments[0])
        assert function == "range"
        return Loop(_names(node.target)[0], arguments, backwards)

    def _called(self, call: ast.expr) -> tuple[str, list[ast.expr]]:
        assert isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
        return self._functions.get(call.func.id, call.func.id), call.args


def names_read(body: Iterable[ast.stmt]) -> set[str]:
    """The names that are read in statements, and in all that is in them."""
    return {
        node.id
        for statement in body
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }


def bodies_of(statement: ast.stmt) -> Iterator[list[ast.stmt]]:
    """The blocks inside a statement."""
    if isinstance(statement, (ast.If, ast.For, ast.While)):
        yield statement.body
        if statement.orelse:
            yield statement.orelse


def everything(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """All statements of a body and of the blocks inside, in order."""
    for statement in body:
        yield statement
        for inner in bodies_of(statement):
            yield from everything(inner)


def pushed(statement: ast.stmt) -> tuple[str, list[ast.expr]] | None:
    """The stack, and what is saved on it: ``saved.append((a, b))``."""
    call = statement.value if isinstance(statement, ast.Expr) else None
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
        return None
    assert isinstance(call.func.value, ast.Name)
    entry = call.args[0]
    parts = entry.elts if isinstance(entry, ast.Tuple) else [entry]
    return call.func.value.id, parts


def makes_stack(statement: ast.stmt) -> bool:
    """Whether it is ``saved = []``."""
    value = statement.value if isinstance(statement, ast.Assign) else None
    return isinstance(value, ast.List) and not value.elts


def _popped_from(value: ast.expr) -> str:
    if not isinstance(value, ast.Call) or not isinstance(value.func, ast.Attribute):
        return ""
    assert isinstance(value.func.value, ast.Name)
    return value.func.value.id


def _names(target: ast.expr) -> list[str]:
    parts = target.elts if isinstance(target, ast.Tuple) else [target]
    return [part.id for part in parts if isinstance(part, ast.Name)]
