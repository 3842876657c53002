"""Value numbering: which expressions a block has computed, and what gives their value.

A repeated expression is looked up here and is the same value (Click and Cooper,
*Combining analyses, combining optimizations*, section 2: global value numbering).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from adjoint.ir.program import Value
from adjoint.rules.operation import Operation

#: The operands of an expression, and what else it depends on.
_Key = tuple[Any, ...]


def expression_key(
    operation: Operation,
    operands: tuple[Value, ...],
    attributes: tuple[object, ...] = (),
) -> _Key:
    """Equal for two expressions of one operation that are the same.

    So it is where the operands commute. There are millions of them: where it can be,
    it is the tuple of the operands itself.
    """
    if operation.commutative:
        a, b = operands
        if id(a) > id(b):
            operands = b, a
    return (operands, attributes) if attributes else operands


class Numbering(dict[Operation, dict[_Key, Value]]):
    """The expressions of one block by operation, and then by their key."""

    __slots__ = ()

    def __missing__(self, operation: Operation) -> dict[_Key, Value]:
        made = self[operation] = {}
        return made

    def copy(self) -> Numbering:
        """Another table with the same expressions."""
        copy = Numbering()
        for operation, expressions in self.items():
            copy[operation] = expressions.copy()
        return copy

    def include(self, other: Numbering) -> None:
        """Know the expressions of another table as well."""
        for operation, expressions in other.items():
            self[operation].update(expressions)


def known_outside(
    tables: Sequence[Numbering], operation: Operation, key: _Key
) -> Value | None:
    """The value of an expression in the blocks around the last one, if it is there."""
    for table in tables[-2::-1]:
        expressions = table.get(operation)
        if expressions is not None and key in expressions:
            return expressions[key]
    return None
