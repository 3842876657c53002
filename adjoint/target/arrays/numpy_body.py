"""The body of a function of arrays: as that of one of numbers, but for its branches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from adjoint.ir.program import BACKWARD, FOR, GUARD, IF, UNWIND, WHILE, Op
from adjoint.rules.operation import Operation
from adjoint.target.arrays.numpy_branches import keep_apart, write_choice, write_guard
from adjoint.target.arrays.numpy_each import write_each
from adjoint.target.arrays.numpy_loops import Unevenness
from adjoint.target.globals import Globals
from adjoint.target.loops import write_for, write_unwind
from adjoint.target.spelling import Text, operating
from adjoint.target.statements import BodyWriter, WriteForm
from adjoint.target.uses import Uses

#: Where NumPy does logic on truth values, or nothing, and Python counts.
_COUNTING = frozenset("add sub mul neg square abs mod floordiv pow power".split())
#: ``1 * a``: a truth value as a number.
_COUNTED = operating("a * b")


def write_loop(writer: BodyWriter, op: Op) -> None:
    """Write the loop: as one of Python where all points run it alike."""
    assert isinstance(writer, BatchWriter)
    if op in writer.unevenness.loops:
        write_each(writer, op)
    elif op.operation is UNWIND:
        write_unwind(writer, op)
    else:
        write_for(writer, op)


class BatchWriter(BodyWriter):
    """Writes the body of what `numpy_runtime.in_blocks` makes a function of arrays."""

    forms: ClassVar[Mapping[Operation, WriteForm]] = {
        IF: write_choice,
        FOR: write_loop,
        WHILE: write_loop,
        BACKWARD: write_loop,
        UNWIND: write_loop,
        GUARD: write_guard,
    }
    annotates = True

    def __init__(self, uses: Uses, module: Globals, values: int, sweeps: bool):
        keep_apart(uses)
        super().__init__(uses, module, values, sweeps)
        #: which loops the points leave one by one
        self.unevenness = Unevenness(uses.program)

    def decorators(self) -> list[str]:
        """The lines that make it a function of arrays."""
        lines = [f"@{self.module.helper('in_blocks')}"]
        if self.unevenness.apart:
            lines.append(f"@{self.module.helper('in_rows')}")
        return lines

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
