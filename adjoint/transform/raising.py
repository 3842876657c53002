"""What may raise where derivatives are computed, and what the function rules out.

Of ``log(t)`` it is known that t is not 0, where it has not raised: ``1 / t`` does not.
"""

from __future__ import annotations

from collections.abc import Collection

from adjoint.ir.program import Op, Program, Value
from adjoint.rules.table import OPERATIONS

_DIV = OPERATIONS["div"]
#: Operations that raise where this operand is 0.
_NOT_ZERO = {_DIV: 1} | {OPERATIONS[name]: 0 for name in ("log", "log2", "log10")}


def may_raise(op: Op, not_zero: Collection[Value] = ()) -> bool:
    """Whether the operation may raise, where these values are known not to be 0."""
    if op.operation is not _DIV:
        return op.operation.raises
    divisor = op.operands[1]
    return not divisor.number if divisor.literal else divisor not in not_zero


def divisor(op: Op) -> Value | None:
    """What the operation divides by."""
    return op.operands[1] if op.operation is _DIV else None


def not_zero_behind(op: Op) -> Value | None:
    """What is not 0 where the operation has been done, and has not raised."""
    at = _NOT_ZERO.get(op.operation)
    return None if at is None else op.operands[at]


def never_zero(program: Program) -> set[Value]:
    """What is not 0 at any point where the program has a value."""
    found = {not_zero_behind(op) for op in program.body.ops}
    return {value for value in found if value is not None and not value.literal}
