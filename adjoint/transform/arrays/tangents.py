"""Tangents of array operations: how the result moves with the operands that move.

Each takes the rule (`array_formulas.Rule`) and the tangents of operands, by place.
"""

from __future__ import annotations

from collections.abc import Callable

from adjoint.ir.program import Value
from adjoint.transform.arrays.formulas import Rule
from adjoint.transform.arrays.linalg_tangents import LINALG_TANGENTS, Moving
from adjoint.transform.arrays.special import along_other_products, delayed

#: Operations that spread numbers: what does not move has the tangent 0.0 there.
_SPREADING = frozenset(("where", "store"))


def linear(rule: Rule, moving: Moving) -> Value:
    """The operation itself, on the tangents."""
    op = rule.op
    name = op.operation.name
    if name == "accumulate" and 1 not in moving:  # nothing is added
        return moving[0]
    operands = []
    for at, operand in enumerate(op.operands):
        if at in moving:
            operand = moving[at]
        elif op.operation.partial(at) != "0":
            operand = _still(rule, name, operand)
        operands.append(operand)
    return rule.emit(name, *operands, attributes=op.attributes)


def _still(rule: Rule, name: str, operand: Value) -> Value:
    """The tangent of what does not move."""
    if name in _SPREADING and not (name == "store" and operand is rule.op.operands[0]):
        return rule.builder.constant(0.0)
    return rule.emit("zeros_like", operand)


def product(rule: Rule, moving: Moving) -> Value:
    """The sum of the operation with one operand after the other replaced."""
    op = rule.op
    total: Value | None = None
    for at, tangent in moving.items():
        operands = (*op.operands[:at], tangent, *op.operands[at + 1 :])
        term = rule.emit(op.operation.name, *operands, attributes=op.attributes)
        term.shape = op.results[0].shape
        total = term if total is None else rule.emit("add", total, term)
    assert total is not None
    return total


def _cumprod(rule: Rule, moving: Moving) -> Value:
    """The recurrence that comes of ``y[i] = a[i]*y[i - 1]``; zeros are fine."""
    (axis,) = rule.op.attributes
    before = delayed(rule, rule.op.results[0], axis, 1.0)
    return rule.value("recurrence(d*before, a, axis)", d=moving[0], before=before)


def _recurrence(rule: Rule, moving: Moving) -> Value:
    """The same recurrence, for what it adds to tangents."""
    (axis,) = rule.op.attributes
    added = moving.get(0)
    if 1 in moving:
        before = delayed(rule, rule.op.results[0], axis, 0.0)
        change = rule.emit("mul", moving[1], before)
        added = change if added is None else rule.emit("add", added, change)
    return rule.value("recurrence(d, c, axis)", d=added)


def _other_products(rule: Rule, moving: Moving) -> Value:
    return along_other_products(rule, moving[0])


SPECIAL_TANGENTS: dict[str, Callable[[Rule, Moving], Value]] = {
    "cumprod": _cumprod,
    "recurrence": _recurrence,
    "other_products": _other_products,
    **LINALG_TANGENTS,
}
