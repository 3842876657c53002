"""The body of a function of arrays, in NumPy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from adjoint.ir.program import CALL, Op, Value
from adjoint.rules.array_operation import ArrayOperation
from adjoint.rules.operation import Operation
from adjoint.rules.table import OF_WHOLE_NUMBERS
from adjoint.target.arrays.changes import ArrayChanges
from adjoint.target.arrays.element_text import (
    is_elementwise,
    list_text,
)
from adjoint.target.arrays.numpy_body import counted
from adjoint.target.arrays.text import (
    array_text,
    call_text,
    constant_text,
    numpy_name,
)
from adjoint.target.layout import INDENT
from adjoint.target.spelling import Text, operating
from adjoint.target.statements import BodyWriter, WriteForm

#: Of numbers, these are Python's own, which give truth values and whole numbers.
_PYTHONS = frozenset(("and", "or", "not", "floor", "ceil", "trunc", "round"))
_PYTHONS |= OF_WHOLE_NUMBERS


def write_call(writer: BodyWriter, op: Op) -> None:
    """Write ``w, V = np.linalg.eigh(a)``."""
    (part,) = op.attributes
    writer.make_room(op)
    texts = [writer.text(value) for value in op.operands]
    writer.flush_raising()
    writer.assign_all(op.results, call_text(writer.module, part, texts))


class ArrayWriter(ArrayChanges):
    """Writes a function of arrays: they are NumPy's, and numbers are numbers."""

    def write(self) -> None:
        """Write everything; the parameters become arrays first."""
        super().write()
        np = numpy_name(self.module)
        first = []
        for parameter in self._program.parameters:
            is_array = parameter.type.rank and not parameter.type.listed
            if is_array and parameter in self.uses.used:
                real = f", dtype={self.module.builtin('float')}"
                more = real if parameter.type.real else ""
                name = parameter.name
                first.append(f"{INDENT}{name} = {np}.asarray({name}{more})")
        self.lines[:0] = first

    forms: ClassVar[Mapping[Operation, WriteForm]] = {
        **ArrayChanges.forms,
        CALL: write_call,
    }

    def op(self, op: Op) -> None:
        """As for numbers; constant arrays stand at the top of the module."""
        if op.operation.name == "array":
            self.module.add_array(op.results[0], constant_text(self.module, op))
        elif not self.is_read_by_others(op):
            self.write_what_repeats(op)
            super().op(op)

    def flush_before_block(self, condition: Value) -> None:
        """As for numbers; what waits must not see arrays that change in the branch."""
        super().flush_before_block(condition)
        if self.uses.in_place:
            self.flush_all((condition,))

    def is_read_by_others(self, op: Op) -> bool:
        """Whether it is a row of which each item is read by an index of its own."""
        is_row = op.operation.name == "index" and op.results[0].type.rank > 0
        return is_row and self.in_lists(op) and op.results[0] not in self.uses.used

    def write_what_repeats(self, op: Op) -> None:
        """Write the operands that would be computed for each item again."""
        if self.computes_again(op):
            for value in op.operands:
                if value in self.frame.waiting:
                    self.flush(value)

    def computes_again(self, op: Op) -> bool:
        """Whether an operand stands where it is computed for each item of a list."""
        if not op.results or not op.results[0].type.rank or not self.in_lists(op):
            return False
        rows = op.operation.name == "full" and op.results[0].type.rank > 1
        return rows or is_elementwise(op.operation)

    def repeats_operand(self, op: Op) -> bool:
        """The square of an array is written as such, and NumPy multiplies."""
        if self.computes_again(op):
            return True
        return super().repeats_operand(op) and not op.results[0].type.rank

    def augments(self, value: Value) -> bool:
        """Numbers are not changed by others; arrays might be."""
        return not value.type.rank

    def applied(self, op: Op, operands: Sequence[Text]) -> Text:
        """The operation on the texts of its operands."""
        if self.in_lists(op):
            return list_text(self.module, op, operands)
        if isinstance(op.operation, ArrayOperation):
            return array_text(self.module, op, operands)
        if op.operation.name == "square" and op.results[0].type.rank:
            return operating("a ** b")([operands[0], Text("2")])
        numbers = not any(operand.type.rank for operand in op.operands)
        if numbers and op.operation.name in _PYTHONS:
            return self.module.in_python(op.operation, operands)
        return super().applied(op, counted(op, operands))
