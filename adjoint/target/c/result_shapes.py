"""How long the lists are that a function returns, where the caller can know it."""

from __future__ import annotations

from typing import Final

from adjoint.ir.loops import parts
from adjoint.ir.program import FOR, IF, LOOPS, Op, Program, Value, walk
from adjoint.ir.shapes import Axis

#: The operations that give a list as long as their first operand, and as their second.
_AS_FIRST: Final = frozenset("""
accumulate add as_list copy full_like ones_like store unbroadcast zeros_like
""".split())
_AS_SECOND: Final = frozenset(("broadcast",))
_ITEMS: Final = frozenset(("display", "pack", "stack"))
#: The operations that are given the lengths, by how many operands stand before these.
_SIZED: Final = {"zeros": 0, "ones": 0, "full": 1, "filled": 1}


def note_result_shapes(program: Program) -> None:
    """Note in the results, as far as that is known, how long they are.

    A length is a number, or that of a parameter along an axis.
    """
    if any(value.type.rank for value in program.results):
        lengths = _Lengths(program)
        for value in program.results:
            axes = range(value.type.rank)
            known = [lengths.of(value, axis) for axis in axes]
            value.shape = tuple(
                [new or old for new, old in zip(known, value.shape, strict=True)]
            )


class _Lengths:
    """It recurses as deep as loops and branches are nested, and lengths are lengths."""

    def __init__(self, program: Program):
        self._known = {axis for one in program.parameters for axis in one.shape}
        self._made: dict[Value, Op] = {}
        for op in walk(program.body):
            self._made.update(dict.fromkeys(op.results, op))

    def of(self, value: Value, axis: int) -> Axis | None:
        """The length along an axis; None where it is not known."""
        value = self._origin(value)
        own = value.shape[axis]
        if isinstance(own, int) or own in self._known:
            return own
        op = self._made.get(value)
        if op is None:
            return None
        name = op.operation.name
        if name in _SIZED:
            return self._number(op.operands[_SIZED[name] + axis])
        if name in _ITEMS and not axis:
            return len(op.operands)
        return self._appended(op, value) if op.operation is FOR and not axis else None

    def _origin(self, value: Value) -> Value:
        """What the list was before it was changed and copied, item by item."""
        while True:
            op = self._made.get(value)
            if op is None:
                return value
            name = op.operation.name
            before = None
            if name in _AS_FIRST:
                before = op.operands[0]
            elif name in _AS_SECOND:
                before = op.operands[1]
            elif op.operation is IF:
                at = op.results.index(value)
                sides = {self._origin(block.results[at]) for block in op.blocks}
                before = sides.pop() if len(sides) == 1 else None
            elif op.operation in LOOPS:
                initial, carried, next_, _ = _carried(op, value)
                before = initial if self._origin(next_) is carried else None
            if before is None:
                return value
            value = before

    def _number(self, value: Value) -> Axis | None:
        """A whole number, or the length that it is."""
        if type(value.number) is int:
            return max(value.number, 0)
        op = self._made.get(value)
        if op is None or op.operation.name != "length":
            return None
        return self.of(op.operands[0], op.attributes[0])

    def _appended(self, op: Op, value: Value) -> Axis | None:
        """That of a list to which each iteration appends one item."""
        initial, carried, next_, breaks = _carried(op, value)
        last, made = self._made.get(next_), self._made.get(initial)
        empty = made is not None and made.operation.name == "empty"
        if not empty or last is None or last.operation.name != "appended":
            return None
        start, stop, step = op.operands[:3]
        every = last.operands[0] is carried and breaks.literal and not breaks.number
        counted = start.number == 0 and step.number == 1
        return self._number(stop) if every and counted else None


def _carried(op: Op, result: Value) -> tuple[Value, Value, Value, Value]:
    """Of what a loop hands on: first, in an iteration, next; and whether it breaks."""
    initial, parameters, nexts, results = parts(op)
    at = results.index(result)
    return initial[at], parameters[at], nexts[at], op.blocks[-1].results[-1]
