"""Columns: where an element of a parameter stands among all that there is to vary.

The parameters of interest stand one behind the other, arrays by rows (the last index
runs fastest), as NumPy's `ravel` has them.
"""

from __future__ import annotations

from collections.abc import Sequence

from adjoint.ir.builder import Builder
from adjoint.ir.program import BACKWARD, FOR, Op, Program, Value, walk


class Columns:
    """The columns of the elements of the parameters of interest."""

    def __init__(self, builder: Builder, program: Program, interest: Sequence[Value]):
        self._builder = builder
        self._lengths = _lengths_known(program)
        self._indices = _indices_of_loops(program)
        # what `Value.op` says is older than the substitutions of a reverse loop
        self._maker = {r: op for op in walk(program.body) for r in op.results}
        self._interest = interest

    def lengths(self, array: Value) -> list[Value]:
        """The lengths of the axes of an array."""
        return [self._length(array, axis) for axis in range(array.type.rank)]

    def lengths_of_new(self, array: Value) -> Sequence[Value]:
        """The lengths of an array that has just been made."""
        op = self.made_by(array)
        name = op.operation.name if op is not None else ""
        if op is not None and name in ("zeros", "ones", "full"):
            return op.operands[name == "full" :]
        if op is not None and name in ("zeros_like", "ones_like", "full_like"):
            return self.lengths(op.operands[0])
        return self.lengths(array)

    def counts(self, index: Value) -> None:
        """Note that a value is the index of a loop that counts from 0."""
        self._indices[index] = self._builder.constant(0)

    def column(
        self, parameter: Value, indices: Sequence[Value], wrapped: bool = False
    ) -> Value:
        """The column of an element; of a number, with no indices.

        An index that may be out of its range, since nothing is read, is to be
        ``wrapped`` round.
        """
        place = self.place(self.lengths(parameter), indices, wrapped)
        emit = self._builder.emit
        at = self._interest.index(parameter)
        for before in reversed(self._interest[:at]):
            size = self._builder.constant(1)
            for length in self.lengths(before):
                size = emit("mul", size, length)
            place = emit("add", size, place)
        return place

    def place(
        self,
        lengths: Sequence[Value],
        indices: Sequence[Value],
        wrapped: bool = False,
    ) -> Value:
        """The place of an element in the flat list of all, in an array so long."""
        emit = self._builder.emit
        place = self._builder.constant(0)
        for axis, (length, index) in enumerate(zip(lengths, indices, strict=True)):
            if axis:
                place = emit("mul", place, length)
            if wrapped or self._may_be_negative(index, length):  # -1 is the last one
                index = emit("mod", index, length)
            place = emit("add", place, index)
        return place

    def _length(self, array: Value, axis: int) -> Value:
        known = self._lengths.get((array, axis))
        return known or self._builder.emit("length", array, attributes=(axis,))

    def _may_be_negative(self, index: Value, length: Value) -> bool:
        op = self.made_by(index)
        if op is not None and op.operation.name == "sub" and op.operands[0] is length:
            return op.operands[1].number != 1  # in an array that is empty there is none
        return self._lowest(index) is None

    def made_by(self, value: Value) -> Op | None:
        """The operation of the program that computes the value, if there is one."""
        return self._maker.get(value, value.op)

    def _lowest(self, value: Value) -> int | None:
        """A number, 0 or more, than which the value is not less; None if not known."""
        if value.number is not None:
            return int(value.number) if value.number >= 0 else None
        if value in self._indices:
            return self._lowest(self._indices[value])
        op = self.made_by(value)
        name = op.operation.name if op is not None else ""
        if op is None or name not in ("add", "sub", "mul"):
            return 0 if name in ("length", "size") else None
        a, b = op.operands
        first = self._lowest(a)
        if name == "sub" and b.literal and first is not None:
            low = first - int(b.number or 0)
            return low if low >= 0 else None
        if name == "add" and b.literal and b.number is not None and b.number < 0:
            low = (first or 0) + int(b.number)
            return low if low >= 0 else None
        second = self._lowest(b)
        if name == "sub" or first is None or second is None:
            return None
        return first + second if name == "add" else first * second


def _lengths_known(program: Program) -> dict[tuple[Value, int], Value]:
    """The lengths of parameters that the program itself has, by array and axis."""
    return {
        (op.operands[0], op.attributes[0]): op.results[0]
        for op in program.body.ops
        if op.operation.name == "length" and op.operands[0] in program.parameters
    }


def _indices_of_loops(program: Program) -> dict[Value, Value]:
    """The indices of the loops that count upwards, and where each begins."""
    found: dict[Value, Value] = {}
    for op in walk(program.body):
        if op.operation in (FOR, BACKWARD) and _counts_up(op):
            found[op.blocks[0].parameters[0]] = op.operands[0]
    return found


def _counts_up(op: Op) -> bool:
    step = op.operands[2]
    return step.literal and step.number is not None and step.number > 0
