"""The names of a generated function that is read, and the blocks of its program."""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from adjoint.check.text.scope import Scope
from adjoint.frontend.python.places import Places
from adjoint.ir.builder import Builder
from adjoint.ir.form import Form
from adjoint.ir.program import Block, Value, undefined
from adjoint.ir.types import FLOAT


@dataclass(frozen=True)
class Returned:
    """The values that a function returns, flattened, and the form they are given in."""

    values: tuple[Value, ...]
    form: Form


class Frame(ABC):
    """What the readers of statements, of loops and of choices have in common.

    ``names`` are the values that names stand for here, ``globals`` those names that the
    module has, ``locals`` those that are the function's own, and ``parameters`` the
    values of its parameters. ``scope`` says what the global names of the module mean.
    """

    def __init__(self, places: Places, scope: Scope, builder: Builder):
        self.places = places
        self.scope = scope
        self.builder = builder
        self.names: dict[str, Value] = {
            name: builder.constant(number, meaning)
            for name, (number, meaning) in scope.numbers.items()
        }
        self.names["None"] = undefined(FLOAT, total=True)
        self.globals: set[str] = set()
        self.locals: set[str] = set()
        self.parameters: set[Value] = set()
        #: for each open block: what its assignments have replaced
        self._replaced: list[dict[str, Value | None]] = []

    @abstractmethod
    def run(self, statements: Sequence[ast.stmt]) -> Returned | None:
        """Read the statements in order; what they return, if they do."""

    @abstractmethod
    def value(self, expression: ast.expr) -> Value:
        """The value of an expression."""

    def open(self, statements: Sequence[ast.stmt]) -> dict[str, Value | None]:
        """Begin a block; names that are set in it are restored when it ends."""
        self.builder.open(self.places.start(statements[0]) if statements else -1)
        self._replaced.append({})
        return self._replaced[-1]

    def close(self, *results: Value) -> Block:
        """End the block that was begun last; it yields ``results``."""
        for name, before in self._replaced.pop().items():
            if before is None:
                self.names.pop(name, None)
            else:
                self.names[name] = before
        return self.builder.close(*results)

    def builtin(self, name: ast.Name) -> str | None:
        """The builtin that a called name means; None for any other."""
        return None if name.id in self.locals else self.scope.builtin(name)

    def is_local(self, name: str) -> bool:
        """Whether the name stands for a value that the function itself has."""
        return name in self.names and name not in self.globals

    def set(self, name: str, value: Value) -> None:
        """From here on the name stands for this value."""
        if self._replaced:
            self._replaced[-1].setdefault(name, self.names.get(name))
        self.names[name] = value

    def drop(self, name: str) -> None:
        """From here on the name stands for nothing."""
        if self._replaced:
            self._replaced[-1].setdefault(name, self.names.get(name))
        self.names.pop(name, None)
