"""The rules of array operations: what they add to adjoints, and their tangents."""

from __future__ import annotations

from collections.abc import Mapping

from adjoint.ir.builder import Builder
from adjoint.ir.program import Op, Value
from adjoint.rules.array_operation import ArrayOperation
from adjoint.transform.arrays.formulas import Rule
from adjoint.transform.arrays.special import SPECIAL
from adjoint.transform.arrays.tangents import SPECIAL_TANGENTS, linear, product


def contribution(builder: Builder, op: Op, adjoint: Value, at: int) -> Value:
    """What the operation adds to the adjoint of its operand ``at``."""
    operation = op.operation
    assert isinstance(operation, ArrayOperation)
    formula = operation.partial(at)
    rule = Rule(builder, op, g=adjoint)
    _require(rule, at)
    if formula == "special":
        return SPECIAL[operation.name](rule, at)
    return rule.value(formula)


def tangent_of(builder: Builder, op: Op, moving: Mapping[int, Value]) -> Value:
    """The tangent of the result; ``moving`` are those of operands, by their place.

    All of these have a derivative that is not zero.
    """
    operation = op.operation
    assert isinstance(operation, ArrayOperation)
    rule = Rule(builder, op)
    for at in moving:
        _require(rule, at)
    formula = operation.tangent
    if formula == "linear":
        return linear(rule, moving)
    if formula == "product":
        return product(rule, moving)
    if formula == "special":
        return SPECIAL_TANGENTS[operation.name](rule, moving)
    (direction,) = moving.values()
    return rule.value(formula, d=direction)


def _require(rule: Rule, at: int) -> None:
    """Raise SourceError for a derivative that is not there."""
    operation = rule.op.operation
    if operation.partial(at) == "none":
        message = f"the derivative of `{operation.name}` is not there"
        raise rule.builder.error(rule.op.where, message)
