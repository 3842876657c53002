"""Logarithmic derivatives: of ``y = p/(a*b)``, that by a is ``-y/a``.

The adjoint of a value, times the value, is its *weight*. Products, quotients and powers
hand on the weight as it is, times the exponent of the operand, and where an operand is
not 0, its adjoint is its weight divided by it. So no adjoint of what stands between is
needed, and what is not 0 is known: it, or a product of it, has been divided by.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from adjoint.ir.builder import Builder
from adjoint.ir.program import Op, Value
from adjoint.rules.operation import Operation
from adjoint.rules.table import OPERATIONS
from adjoint.transform.algebra.coefficients import divide, fresh, plain, scaled, split

_DIV: Final = OPERATIONS["div"]
_POWER: Final = OPERATIONS["power"]
#: The exponents of the operands, in what each operation computes; signs do not matter.
_EXPONENTS: Final[dict[Operation, tuple[float, ...]]] = {
    OPERATIONS["mul"]: (1.0, 1.0),
    OPERATIONS["div"]: (1.0, -1.0),
    OPERATIONS["neg"]: (1.0,),
    OPERATIONS["square"]: (2.0,),
    OPERATIONS["sqrt"]: (0.5,),
}
#: The operations that hand on what their result weighs.
WEIGHED: Final = frozenset((*_EXPONENTS, _POWER))


class Weight(NamedTuple):
    """An adjoint times its value: ``coefficient * core``; whether that value is not 0.

    It is known not to be where it is divided by, before the adjoint is asked for.
    """

    coefficient: float
    core: Value
    not_zero: bool


class Weights:
    """The weights that are known in one block, without an operation for it."""

    def __init__(self, builder: Builder):
        self._builder = builder
        self._known: dict[tuple[Value, Value], Weight] = {}

    def of(self, result: Value, adjoint: Value) -> Weight | None:
        """The weight of the result of a `WEIGHED` operation, or None."""
        if adjoint.literal:
            number = plain(adjoint)
            return Weight(float(number), result, False) if number else None
        known = self._known.get((result, adjoint))
        if known is not None:
            return known
        coefficient, core = split(self._builder, adjoint)
        quotient = fresh(self._builder, core, "div")
        if quotient is None or quotient.operands[1] is not result:
            return None
        return Weight(coefficient, quotient.operands[0], True)

    def handed_on(self, weight: Weight, op: Op, at: int) -> Weight | None:
        """The weight of operand ``at`` of an operation whose result has this one."""
        exponents = _EXPONENTS.get(op.operation)
        if exponents is not None:
            exponent = exponents[at]
        else:
            exponent = float(plain(op.operands[1]) or 0.0)
            if at == 1 or exponent == 0:
                return None
        not_zero = weight.not_zero or exponent < 0
        inner = op.operands[at].op
        if not not_zero and (inner is None or inner.operation not in WEIGHED):
            return None  # nothing is divided by it
        return Weight(weight.coefficient * exponent, weight.core, not_zero)

    def adjoint(self, weight: Weight, op: Op, at: int) -> Value | None:
        """The adjoint of operand ``at``; None where it is had as well without weights.

        So it is for b of a/b, whose adjoint is that of a times the quotient.
        """
        value = op.operands[at]
        if not weight.not_zero:
            return None
        if at == 1 and op.operation is _DIV and abs(weight.coefficient) != 1:
            inner = value.op
            if inner is None or inner.operation not in _EXPONENTS:
                return None
        quotient = divide(self._builder, weight.core, value)
        return scaled(self._builder, weight.coefficient, quotient)

    def note(self, value: Value, adjoint: Value, weight: Weight) -> None:
        """Remember the weight of a value that has this adjoint, if it is of use."""
        if value.op is not None and not adjoint.literal:
            self._known[value, adjoint] = weight
