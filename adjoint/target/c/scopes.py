"""Where the variables of a Python function are declared when it is written in C.

Python's variables belong to the function, C's to the block in which they are declared.
Each is declared in the innermost block around all that names it, or in each of several
that begin by assigning it: by the assignment itself where that is plain, or before.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from adjoint.target.c.loops import Loop, bodies_of


@dataclass(eq=False)
class _Block:
    """A block of statements: in which statement of which block it is.

    ``named`` has the first statement in it that names a variable; ``below`` the blocks
    inside in which it is named; ``direct`` are those named in it, and not below alone.
    """

    body: list[ast.stmt]
    outer: _Block | None = None
    at: int = 0
    named: dict[str, int] = field(default_factory=dict)
    direct: set[str] = field(default_factory=set)
    below: dict[str, list[_Block]] = field(default_factory=dict)


class Scopes:
    """The declarations of a function whose ``loops`` have been taken apart.

    ``by_assignment`` are the assignments that declare what they assign; ``before`` are
    the variables to declare in front of a statement. ``counters`` are the loops whose
    index belongs to them alone. What is ``known`` is declared outside.
    """

    def __init__(
        self,
        body: list[ast.stmt],
        loops: Mapping[ast.stmt, Loop],
        known: Collection[str],
    ):
        self.by_assignment: set[ast.stmt] = set()
        self.before: dict[ast.stmt, list[str]] = {}
        self.counters: set[ast.stmt] = set()
        self._loops = loops
        self._shared: set[str] = set()
        if loops:
            self._find_shared(body, [])
        top = _Block(body)
        self._visit(top, [])
        for name in top.named:
            if name not in known:
                self._place(name, top)

    def _find_shared(self, body: Iterable[ast.stmt], counters: list[str]) -> None:
        """Find the names that are more than the index of the loops around them."""
        for statement in body:
            index = self._index(statement)
            self._shared |= written(statement) - {index}
            named = [name for name in named_here(statement) if name != index]
            self._shared.update(name for name in named if name not in counters)
            for inner in bodies_of(statement):
                self._find_shared(inner, [*counters, index] if index else counters)

    def _visit(self, block: _Block, counters: list[str]) -> None:
        for at, statement in enumerate(block.body):
            index = self._index(statement)
            own = counters
            if index and index not in self._shared:
                self.counters.add(statement)
                own = [*counters, index]
            for name in named_here(statement):
                if name not in own:
                    block.named.setdefault(name, at)
                    block.direct.add(name)
            for body in bodies_of(statement):
                inner = _Block(body, block, at)
                self._visit(inner, own)
                for name in inner.named:
                    block.named.setdefault(name, at)
                    block.below.setdefault(name, []).append(inner)

    def _index(self, statement: ast.stmt) -> str:
        return self._loops[statement].index if statement in self._loops else ""

    def _place(self, name: str, block: _Block) -> None:
        """Declare the variable in the block, or in those inside that name it."""
        if name not in block.direct:
            below = block.below[name]
            if len(below) == 1 or all(_begins(inner, name) for inner in below):
                for inner in below:
                    self._place(name, inner)
                return
        statement = block.body[block.named[name]]
        if is_plain(statement):
            if assigns(statement, name):
                self.by_assignment.add(statement)
                return
        elif not assigns(statement, name):  # it may be kept from the last iteration
            at = block.named[name]
            while block.outer is not None:
                at, block = block.at, block.outer
            statement = block.body[at]
        self.before.setdefault(statement, []).append(name)


def _begins(block: _Block, name: str) -> bool:
    """Whether what the variable was before the block is not read in it.

    It recurses as deep as the user has nested loops and branches.
    """
    if name not in block.direct:
        return all(_begins(inner, name) for inner in block.below[name])
    return assigns(block.body[block.named[name]], name)


def is_plain(statement: ast.stmt) -> bool:
    """Whether it is ``name = expression``, and nothing more."""
    if not isinstance(statement, ast.Assign) or len(statement.targets) > 1:
        return False
    return isinstance(statement.targets[0], ast.Name)


def written(statement: ast.stmt) -> set[str]:
    """The variables that a statement assigns, but for the blocks inside.

    What changes in a list is no variable.
    """
    targets = getattr(statement, "targets", [getattr(statement, "target", None)])
    return {
        name
        for one in targets
        if one is not None and not isinstance(one, ast.Subscript)
        for name in names_in(one)
    }


def named_here(statement: ast.stmt) -> Iterator[str]:
    """The variables that a statement names, but for the blocks inside."""
    for part in ("targets", "target", "value", "test", "iter"):
        found = getattr(statement, part, None)
        for node in found if isinstance(found, list) else [found]:
            if node is not None:
                yield from names_in(node)


def names_in(node: ast.expr) -> list[str]:
    """The variables that stand in an expression: no functions that are called."""
    pending: list[ast.AST] = [node]
    found: list[str] = []
    while pending:
        one = pending.pop()
        if isinstance(one, ast.Name):
            found.append(one.id)
        elif isinstance(one, ast.BinOp):  # the most there are
            pending += (one.right, one.left)
        elif isinstance(one, ast.Call) and isinstance(one.func, ast.Name):
            pending += one.args
        else:
            pending += list(ast.iter_child_nodes(one))
    return found


def assigns(statement: ast.stmt, name: str) -> bool:
    """Whether the statement surely assigns the variable, and does not read it before.

    It recurses as deep as the user has nested branches.
    """
    if isinstance(statement, ast.Assign):
        return name in written(statement) and name not in names_in(statement.value)
    if not isinstance(statement, ast.If) or name in names_in(statement.test):
        return False
    for body in (statement.body, statement.orelse):
        first = next((one for one in body if _mentions(one, name)), None)
        leaves = bool(body) and isinstance(body[-1], (ast.Raise, ast.Break))
        if not assigns(first, name) if first is not None else not leaves:
            return False
    return True


def _mentions(statement: ast.stmt, name: str) -> bool:
    if name in named_here(statement):
        return True
    return any(_mentions(one, name) for body in bodies_of(statement) for one in body)
