"""Long chains of ``elif``, cut into parts, so that they are no deeper than others.

In Python's syntax tree each ``elif`` stands in the ``else`` of the one before it: a
chain of thousands is thousands deep. It is read as parts of a few, one by one::

    if a: ...                  if a: ...
    elif b: ...        as      else: undecided = True
    else: ...                  if undecided:
                                   if b: ...
                                   else: ...
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator, Sequence

#: A part has no more conditions than this.
LONGEST = 10

_NAME = "undecided"
_Body = list[ast.stmt]


def with_short_chains(body: Sequence[ast.stmt]) -> list[ast.stmt]:
    """The statements of a function, in which no chain is longer than `LONGEST`.

    The statements that hold no longer one are the same objects; nothing is changed.
    """
    if not any(_is_long(node) for node in _statements(body)):
        return list(body)
    used = {
        node.id
        for statement in body
        for node in ast.walk(statement)
        if isinstance(node, ast.Name)
    }
    name = _NAME
    while name in used:
        name += "_"
    return _Cutter(name).body(body)


def chain(node: ast.If) -> list[ast.If]:
    """The ``if`` and the ``elif`` that follow it, in order."""
    found = [node]
    while len(found[-1].orelse) == 1 and isinstance(found[-1].orelse[0], ast.If):
        found.append(found[-1].orelse[0])
    return found


def _is_long(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and len(chain(node)) > LONGEST


def _statements(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements and those inside; of a chain of ``elif`` only the first."""
    pending = list(body)
    while pending:
        node = pending.pop()
        yield node
        for inner in _bodies(node):
            pending.extend(inner)


def _bodies(node: ast.stmt) -> list[_Body]:
    """The blocks of statements that stand in a statement."""
    if isinstance(node, ast.If):
        links = chain(node)
        return [*(link.body for link in links), links[-1].orelse]
    if isinstance(node, (ast.For, ast.While)):
        return [node.body, node.orelse]
    return []


class _Cutter:
    """Cuts chains; ``name`` says that no part of a chain so far has decided."""

    def __init__(self, name: str):
        self.name = name

    def body(self, body: Sequence[ast.stmt]) -> _Body:
        """The statements, with short chains only; loops and branches nest in text."""
        return [one for statement in body for one in self._statement(statement)]

    def _statement(self, node: ast.stmt) -> _Body:
        if isinstance(node, (ast.For, ast.While)):
            whole = copy.copy(node)
            whole.body, whole.orelse = self.body(node.body), self.body(node.orelse)
            return [whole]
        return self._chain(chain(node)) if isinstance(node, ast.If) else [node]

    def _chain(self, links: list[ast.If]) -> _Body:
        last = self.body(links[-1].orelse)
        parts = [links[at : at + LONGEST] for at in range(0, len(links), LONGEST)]
        if len(parts) == 1:
            return [self._part(links, last)]
        first = links[0]
        found: _Body = [self._noted(False, first)]
        for at, part in enumerate(parts):
            end = last if part is parts[-1] else [self._noted(True, part[-1])]
            branch = self._part(part, end)
            if at > 0:
                goes_on = ast.copy_location(ast.Name(self.name, ast.Load()), part[0])
                note = self._noted(False, part[0])
                branch = ast.copy_location(ast.If(goes_on, [note, branch], []), part[0])
            found.append(branch)
        return found

    def _part(self, links: list[ast.If], last: _Body) -> ast.If:
        """A chain of these, in front of what comes last."""
        for link in reversed(links):
            whole = copy.copy(link)
            whole.body, whole.orelse = self.body(link.body), last
            last = [whole]
        return whole

    def _noted(self, undecided: bool, place: ast.stmt) -> ast.stmt:
        target = ast.Name(self.name, ast.Store())
        note = ast.Assign([target], ast.Constant(undecided))
        for node in (target, note.value, note):
            ast.copy_location(node, place)
        return note
