"""Which operations give a part of an array, and not a new one."""

from __future__ import annotations

from adjoint.ir.program import Op
from adjoint.rules.array_operation import ArrayOperation


def is_view(op: Op) -> bool:
    """Whether the result may be the first operand, or a part of it.

    A slice of a list is a new list, but its rows are those of the other one.
    That of a list of arrays is one of its own, in which the arrays are not changed.
    """
    operation = op.operation
    if not isinstance(operation, ArrayOperation) or not operation.view:
        return False
    sliced = operation.name == "index" and op.attributes[0][-1] != "a"
    kind = op.results[0].type
    return not (sliced and op.operands[0].type.listed and kind.listed == 1)


def is_slice(op: Op) -> bool:
    """Whether it is an index of slices alone, which is never out of range."""
    name = op.operation.name
    return name == "index" and all(entry != "a" for entry in op.attributes[0])
