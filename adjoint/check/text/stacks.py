"""The lists in which loops of a generated function save values, read back.

A list is filled by the loop behind its ``saved = []``, one entry an iteration, and read
by one loop; whatever else could be done with it is refused.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from adjoint.check.text.frame import Frame
from adjoint.ir.program import Value
from adjoint.ir.types import STACK


@dataclass
class Inside:
    """A loop that is being read: how deep it is, and what is to be had in it.

    ``outer`` are the lists from outside: to take entries off them here would take them
    in each iteration. ``saved`` is what an iteration has saved, in the list ``stack``.
    """

    depth: int
    outer: set[Value]
    stack: str | None = None
    saved: tuple[Value, ...] = ()


class Stacks:
    """The lists of one function, and the loops that are being read.

    ``entries`` has what one iteration has saved in each list that is filled.
    """

    def __init__(self, frame: Frame):
        self.frame = frame
        self.entries: dict[Value, tuple[Value, ...]] = {}
        self.loops: list[Inside] = []

    def new_list(self) -> Value:
        """``[]``: a list that no loop has filled yet."""
        return Value(STACK, name="saved")

    def append(self, statement: ast.stmt, call: ast.Call) -> None:
        """``saved.append(...)``."""
        frame = self.frame
        match call:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id=name), attr="append"),
                args=[entry],
                keywords=[],
            ) if self.loops:
                inside = self.loops[-1]
                value = frame.names.get(name)
                fillable = value is not None and self._is_new(value)
                if (
                    fillable
                    and inside.depth == frame.builder.depth
                    and (inside.stack is None)
                ):
                    parts = entry.elts if isinstance(entry, ast.Tuple) else [entry]
                    inside.saved = tuple(map(self._saved, parts))
                    inside.stack = name
                    return
        frame.places.refuse(statement, "this is not how adjoint saves values")

    def _saved(self, part: ast.expr) -> Value:
        """A number, or the list of a loop inside."""
        value = self.frame.names.get(part.id) if isinstance(part, ast.Name) else None
        filled = value is not None and value in self.entries
        return value if value is not None and filled else self.frame.value(part)

    def hand_on(self, a: Value | None, b: Value | None, result: Value) -> None:
        """Note that a branch hands on a list of one of its sides."""
        for value in (a, b):
            if value in self.entries:
                self.entries[result] = self.entries[value]

    def _is_new(self, value: Value) -> bool:
        return value.type == STACK and value not in self.entries and value.op is None

    def taken(self, name: ast.Name) -> Value:
        """The list of that name, which a loop has filled."""
        value = self.frame.names.get(name.id)
        if value is None or value not in self.entries:
            self.frame.places.refuse(name, f"`{name.id}` is no list of saved values")
        return value

    def taken_in_turn(self, name: ast.Name) -> Value:
        """As `taken`, where each iteration takes an entry away."""
        stack = self.taken(name)
        if any(stack in loop.outer for loop in self.loops):
            message = "this list is filled outside of the loop around this"
            self.frame.places.refuse(name, message)
        return stack

    def check_count(
        self, node: ast.AST, names: Sequence[ast.Name], entry: Sequence[Value]
    ) -> None:
        """Refuse ``names`` that are not as many as what was saved in an ``entry``."""
        if len(names) != len(entry):
            message = f"{len(entry)} values were saved, not {len(names)}"
            self.frame.places.refuse(node, message)
