"""Activity: which values depend on an input of interest."""

from __future__ import annotations

from collections.abc import Sequence

from adjoint.ir.loops import parts, popped, stack_of
from adjoint.ir.program import IF, LOOPS, Block, Op, Program, Value
from adjoint.ir.types import FLOAT, STACK
from adjoint.rules.operation import OwnOperation
from adjoint.transform.partials import active_operands


def varied_values(program: Program, interest: Sequence[Value]) -> set[Value]:
    """The values that change, to first order, with the parameters of ``interest``."""
    activity = _Activity(program, interest)
    activity.visit(program.body)
    return activity.varied


class Stacks:
    """What is on each stack: the values that its loop saves."""

    def __init__(self) -> None:
        self._saved: dict[Value, tuple[Value, ...]] = {}

    def note(self, op: Op) -> None:
        """Note the stack of a loop that saves, and those that an operation passes on.

        A branch hands out the stack of one of its sides; a reverse loop takes from its
        stack what may be stacks in turn.
        """
        if op.saved:
            self._saved[op.results[-1]] = op.saved
        if op.operation not in LOOPS:
            for block in op.blocks:
                for result, value in zip(op.results, block.results, strict=True):
                    self._same(result, value)

    def taken(self, op: Op) -> list[tuple[Value, Value]]:
        """For a reverse loop: what it takes from its stack, and what that was."""
        stack = stack_of(op)
        if stack is None:
            return []
        pairs = list(zip(popped(op), self._saved[stack], strict=False))
        for value, saved in pairs:
            self._same(value, saved)
        return pairs

    def _same(self, value: Value, saved: Value) -> None:
        if value.type == STACK and saved in self._saved:
            self._saved[value] = self._saved[saved]


class _Activity:
    def __init__(self, program: Program, interest: Sequence[Value]):
        self.varied = set(interest)
        self._stacks = Stacks()
        #: the operations that vary with whichever operand does: no derivative is zero
        self._always = {
            operation
            for operation in program.operations
            if "0" not in operation.partials and not isinstance(operation, OwnOperation)
        }

    def visit(self, block: Block) -> None:
        varied, always = self.varied, self._always
        for op in block.ops:
            if op.blocks:
                visit = self._loop if op.operation in LOOPS else self._branch
                visit(op)
                continue
            operands, result = op.operands, op.result
            if result is None or varied.isdisjoint(operands):
                continue
            if result.type is not FLOAT and not result.type.real:
                continue
            if op.operation in always:
                varied.add(result)
                continue
            # by an operand with a derivative that is not zero
            for at in active_operands(op.operation, len(operands)):
                if operands[at] in varied:
                    varied.add(result)
                    break

    def _branch(self, op: Op) -> None:
        for inner in op.blocks:
            self.visit(inner)
            self._pass_on(inner.results, op.results)
        self._stacks.note(op)

    def _loop(self, op: Op) -> None:
        """A carried value varies if it does so at the start or after any iteration."""
        for value, saved in self._stacks.taken(op):
            self._pass_on([saved], [value])
        initial, carried, nexts, results = parts(op)
        self._pass_on(initial, carried)
        while True:
            self.visit(op.blocks[-1])
            if not self._pass_on(nexts, carried):
                break
        self._pass_on(carried, results)
        self._stacks.note(op)

    def _pass_on(self, source: Sequence[Value], target: Sequence[Value]) -> bool:
        """Whether any of ``target`` begins to vary because its source does."""
        new = {
            b
            for a, b in zip(source, target, strict=True)
            if a in self.varied and b not in self.varied and b.type.real
        }
        self.varied |= new
        return bool(new)


def depends_on_floats(program: Program) -> set[Value]:
    """The values that floats decide on; the lengths of arrays do not count."""
    found = {p for p in program.parameters if p.type.real and not p.type.rank}
    arrays = {p for p in program.parameters if p.type.real and p.type.rank}

    def visit(block: Block) -> None:
        for op in block.ops:
            sides = [op.results] if op.operation is IF else []
            deciding = op.operands
            if op.operation in LOOPS:
                initial, carried, nexts, results = parts(op)
                deciding = op.operands[: len(op.operands) - len(initial)]
                sides = [carried, results]
                found.update(popped(op))  # what they were is not looked for
                _pass(initial, carried)
            elif not op.blocks:
                lengths = op.operation.name in ("length", "size")
                reads = not lengths and not arrays.isdisjoint(op.operands)
                if reads or (not lengths and not found.isdisjoint(op.operands)):
                    found.update(op.results)
                continue
            while True:
                before = len(found)
                for inner in op.blocks:
                    visit(inner)
                    if op.operation is IF:
                        _pass(inner.results, op.results)
                if op.operation in LOOPS:
                    flags = (
                        *op.blocks[0].results,
                        *op.blocks[-1].results[len(nexts) :],
                    )
                    deciding = (*deciding, *flags)
                    _pass(nexts, carried)
                    _pass(nexts, results)
                    _pass(carried, results)
                if not found.isdisjoint(deciding):
                    for values in sides:
                        found.update(values)
                if len(found) == before:
                    break

    def _pass(source: Sequence[Value], target: Sequence[Value]) -> None:
        pairs = zip(source, target, strict=True)
        found.update(b for a, b in pairs if a in found)

    visit(program.body)
    return found
