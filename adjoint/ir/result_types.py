"""The types and shapes of results, by those of the operands."""

from __future__ import annotations

from adjoint.ir.program import Op, Value
from adjoint.ir.shapes import broadcast_shape
from adjoint.ir.types import BOOL, FLOAT, INT, Type
from adjoint.rules.array_operation import ArrayOperation, lists_of
from adjoint.rules.operation import Operation


def result_type(operation: Operation, operands: tuple[Value, ...]) -> Type:
    """The type of the result on numbers."""
    result = operation.result
    if result == "float":
        return FLOAT
    if result != "operands":
        return Type(result)
    widest = operands[0].type
    if widest is FLOAT:
        return widest
    for operand in operands[1:]:
        widest = _wider(widest, operand.type)
    return INT if widest == BOOL and operation.name not in ("min", "max") else widest


def array_result(
    operation: Operation, operands: tuple[Value, ...], attributes: tuple[object, ...]
) -> Value:
    """A value of the type and the shape of the result, where there are arrays."""
    if isinstance(operation, ArrayOperation):
        shape = operation.shape_of(operands, attributes)
        element = operation.element_of(operands, attributes)
        listed = operation.listed_of(operands, attributes, len(shape))
    else:
        shape = broadcast_shape(*[operand.shape for operand in operands])
        scalars = tuple([Value(operand.type.scalar) for operand in operands])
        element = result_type(operation, scalars).element
        listed = lists_of(operands, len(shape))
    value = Value(Type(element, len(shape), listed))
    value.shape = shape
    return value


def joined(op: Op, a: Value, b: Value, generation: int) -> Value:
    """The result of a branch whose sides yield ``a`` and ``b``."""
    rank = max(a.type.rank, b.type.rank)
    if not rank:
        return Value(_wider(a.type, b.type), None, op, None, generation)
    element = _wider(a.type.scalar, b.type.scalar).element
    listed = max(a.type.listed, b.type.listed)
    value = Value(Type(element, rank, listed), None, op, None, generation)
    if a.shape == b.shape or a.literal or b.literal:
        value.shape = b.shape if a.literal else a.shape
    return value


def _wider(a: Type, b: Type) -> Type:
    return a if a in (b, FLOAT) or (a == INT and b == BOOL) else b
