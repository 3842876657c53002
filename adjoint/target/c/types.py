"""The types of variables in C: each is as wide as what it is given.

Python says nothing of them. They are found by going through the statements until none
grows wider: a few times, whatever the program.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping

from adjoint.target.c.expressions import BOOL, FLOAT, INT, STACK, Expressions, wider
from adjoint.target.c.loops import Loop, Taken, everything, makes_stack, pushed
from adjoint.target.c.scopes import names_in, written


def find_types(
    body: list[ast.stmt],
    loops: Mapping[ast.stmt, Loop],
    taken: Mapping[ast.stmt, Taken],
    types: dict[str, str],
    expressions: Expressions,
) -> None:
    """Note the type of each variable in ``types``, which has those of the parameters.

    The body, its loops and what is taken from stacks are those of an `Unpacked`.
    """
    _Search(loops, taken, types, expressions).run(body)


class _Search:

    def __init__(
        self,
        loops: Mapping[ast.stmt, Loop],
        taken: Mapping[ast.stmt, Taken],
        types: dict[str, str],
        expressions: Expressions,
    ):
        self._types = types
        self._taken = taken
        self._loops = loops
        self._text = expressions.text
        #: what is on each stack: the types of the parts of an entry, and their names
        self._on: dict[str, list[tuple[str, str]]] = {}
        self._changed = True

    def run(self, body: list[ast.stmt]) -> None:
        if not self._loops and not any(
            isinstance(one, ast.While) for one in everything(body)
        ):
            for statement in everything(body):  # none is before what it reads
                self._visit(statement)
            return
        self._widen_all(body)
        for name in self._growing(body):
            self._widen(name, FLOAT)
        self._widen_all(body)

    def _widen_all(self, body: list[ast.stmt]) -> None:
        while self._changed:  # types only grow wider
            self._changed = False
            for statement in everything(body):
                self._visit(statement)

    def _growing(self, body: list[ast.stmt]) -> list[str]:
        """The whole numbers that are computed of themselves, from turn to turn."""
        reads: dict[str, set[str]] = {}
        for statement in everything(body):
            if isinstance(statement, (ast.Assign, ast.AugAssign)):
                for name in written(statement):
                    read = reads.setdefault(name, set())
                    read.update(names_in(statement.value))
                    if isinstance(statement, ast.AugAssign):
                        read.add(name)
        whole = {name for name in reads if self._types.get(name) == INT}
        left = {name: len(reads[name] & whole) for name in whole}
        readers: dict[str, list[str]] = {name: [] for name in whole}
        for name in whole:
            for one in reads[name] & whole:
                readers[one].append(name)
        settled = [name for name in whole if not left[name]]
        while settled:
            for name in readers[settled.pop()]:
                left[name] -= 1
                if not left[name]:
                    settled.append(name)
        return [name for name, waits in left.items() if waits]

    def _visit(self, statement: ast.stmt) -> None:
        if statement in self._loops:
            index = self._loops[statement].index
            if index:
                self._widen(index, INT)
        elif isinstance(statement, ast.AugAssign):
            if isinstance(statement.target, ast.Subscript):
                return  # the items of lists are floats
            assert isinstance(statement.target, ast.Name)
            divides = isinstance(statement.op, ast.Div)
            value = FLOAT if divides else self._text(statement.value).type
            self._widen(statement.target.id, wider(value, INT))
        elif isinstance(statement, ast.Assign):
            self._visit_assignment(statement)
        elif (saved := pushed(statement)) is not None:
            self._visit_push(*saved)

    def _visit_assignment(self, node: ast.Assign) -> None:
        taken = self._taken.get(node)
        target, value = node.targets[0], node.value
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            for one, other in zip(target.elts, value.elts, strict=True):
                assert isinstance(one, ast.Name)
                self._widen(one.id, self._text(other).type)
            return
        if isinstance(target, ast.Subscript):
            return
        assert isinstance(target, ast.Name)
        if makes_stack(node):
            self._widen(target.id, STACK)
        elif taken is not None:
            parts = self._on.get(taken.stack, [])
            if taken.place < len(parts):
                type, name = parts[taken.place]
                self._widen(target.id, type)
                if type == STACK and name in self._on:
                    self._on[target.id] = self._on[name]
        elif isinstance(value, ast.Constant) and value.value is None:
            self._widen(target.id, BOOL)
        else:
            self._widen(target.id, self._text(value).type)

    def _visit_push(self, stack: str, parts: list[ast.expr]) -> None:
        known = self._on.setdefault(stack, [(BOOL, "")] * len(parts))
        for at, part in enumerate(parts):
            nothing = isinstance(part, ast.Constant) and part.value is None
            type = BOOL if nothing else self._text(part).type
            name = part.id if isinstance(part, ast.Name) else known[at][1]
            known[at] = wider(known[at][0], type), name

    def _widen(self, name: str, type: str) -> None:
        now = self._types.get(name)
        new = type if now is None else wider(now, type)
        if new != now:
            self._types[name] = new
            self._changed = True
