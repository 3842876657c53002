"""The body of a function of arrays: as that of one of numbers, but for its branches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from adjoint.ir.program import BACKWARD, FOR, GUARD, IF, UNWIND, Op
from adjoint.rules.operation import Operation
from adjoint.target.loops import write_for, write_unwind
from adjoint.target.numpy_branches import write_choice, write_guard
from adjoint.target.spelling import Text, operating
from adjoint.target.statements import BodyWriter, WriteForm

#: Where NumPy does logic on truth values, or nothing, and Python counts.
_COUNTING = frozenset("add sub mul neg square abs mod floordiv pow power".split())
#: ``1 * a``: a truth value as a number.
_COUNTED = operating("a * b")


class BatchWriter(BodyWriter):
    """Writes the body of what `numpy_runtime.in_blocks` makes a function of arrays."""

    forms: Mapping[Operation, WriteForm] = {
        IF: write_choice,
        FOR: write_for,
        BACKWARD: write_for,
        UNWIND: write_unwind,
        GUARD: write_guard,
    }
    annotates = True

    def decorators(self) -> list[str]:
        """The line that makes it a function of arrays."""
        return [f"@{self.module.helper('in_blocks')}"]

    def applied(self, op: Op, operands: Sequence[Text]) -> Text:
        """The operation on the texts of its operands."""
        return super().applied(op, counted(op, operands))


def counted(op: Op, operands: Sequence[Text]) -> Sequence[Text]:
    """The operands, of which truth values count as 0 and 1, as they do in Python."""
    counts = op.operation.name in _COUNTING
    if counts and all(operand.type.element == "bool" for operand in op.operands):
        first, *others = operands
        return [_COUNTED([Text("1"), first]), *others]
    return operands
