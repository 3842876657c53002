"""A call of a function that is known here: what it is called with, and where."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from adjoint.errors import SourceError
from adjoint.frontend.python.items import Item, described
from adjoint.frontend.python.lowering import FunctionLowering
from adjoint.frontend.syntax import Node
from adjoint.ir.program import Value
from adjoint.rules.operation import Operation


@dataclass(frozen=True)
class Call:
    """One call: what is called with, and where it stands."""

    lowering: FunctionLowering
    node: Node
    arguments: tuple[Item, ...]
    keywords: dict[str, Item]

    def emit(
        self, name: str, *operands: Value, attributes: tuple[Any, ...] = ()
    ) -> Value:
        """The operation ``name`` on the operands."""
        where = self.lowering.where(self.node)
        return self.lowering.builder.emit(
            name, *operands, where=where, attributes=attributes
        )

    def apply(self, operation: Operation, *operands: Value) -> Value:
        """As `emit`, for an `Operation`."""
        where = self.lowering.where(self.node)
        return self.lowering.builder.apply(operation, operands, where)

    def constant(self, number: float | int | bool) -> Value:
        """The number as a value."""
        return self.lowering.builder.constant(number)

    def called(self, function: Item, *items: Item) -> Item:
        """What a function, which is the first argument, gives of these items."""
        part = self.node.parts[1]
        parts = (part,) * (1 + len(items))
        node = Node("invoke", (), parts, self.node.start, self.node.end)
        return self.lowering.invoked(node, function, *items)

    def items(self, *counts: int) -> tuple[Item, ...]:
        """The arguments, of which there have to be as many as one of ``counts``."""
        if self.keywords:
            raise self.problem(f"`{self.name}` takes no arguments by name here")
        if len(self.arguments) not in counts:
            wanted = " or ".join(map(str, counts))
            raise self.wrong_count(self.name, wanted)
        return self.arguments

    def numbers(self, *counts: int) -> tuple[Value, ...]:
        """As `items`, all of them numbers."""
        pairs = zip(self.items(*counts), self.node.parts[1:], strict=True)
        return tuple(self.lowering.checked(item, node) for item, node in pairs)

    def whole(self, *counts: int) -> tuple[Value, ...]:
        """As `numbers`, all of them whole."""
        pairs = zip(self.numbers(*counts), self.node.parts[1:], strict=True)
        return tuple(self.lowering.whole(value, node) for value, node in pairs)

    def sequence(self, at: int = 0) -> tuple[Item, ...]:
        """The items of the argument ``at``."""
        return self.lowering.sequence(self.arguments[at], self.node.parts[1 + at])

    def scalars(self, items: tuple[Item, ...]) -> tuple[Value, ...]:
        """The items, all of them numbers."""
        return tuple(self.lowering.checked(item, self.node) for item in items)

    def check_scalars(self, values: Iterable[Item], instead: str) -> None:
        """Raise SourceError for an array, where Python's function is of numbers."""
        for value in values:
            if isinstance(value, Value) and value.type.rank:
                message = f"`{self.name}` is of numbers, and this is {described(value)}"
                raise self.problem(message, instead)

    @property
    def name(self) -> str:
        """What is called, as it is written."""
        callee = self.node.parts[0]
        return self.lowering.source.text[callee.start : callee.end]

    def wrong_count(self, name: str, wanted: int | str) -> SourceError:
        """The error to raise where so many positional arguments are wanted."""
        plural = "" if str(wanted) == "1" else "s"
        given = len(self.arguments)
        return self.problem(f"`{name}` takes {wanted} argument{plural}, not {given}")

    def problem(self, message: str, hint: str | None = None) -> SourceError:
        """The error to raise for this call."""
        return self.lowering.problem(self.node, message, hint)
