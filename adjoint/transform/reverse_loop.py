"""The reverse of a loop: the iterations backwards, on what the forward loop has saved.

The adjoints of the carried values are carried in turn; the adjoint of a value from
outside the loop is a running sum over the iterations.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from adjoint.ir.builder import Builder
from adjoint.ir.clone import cloned
from adjoint.ir.program import BACKWARD, FOR, UNWIND, Block, Op, Value, link, walk
from adjoint.ir.types import STACK
from adjoint.transform.dead_code import live_operations
from adjoint.transform.saving import split_needed, substituted, values_read
from adjoint.transform.scope import homes_of

if TYPE_CHECKING:
    from adjoint.transform.reverse import Adjoints, Sweep


def reverse_loop(
    sweep: Sweep, op: Op, arriving: dict[int, Value], adjoints: Adjoints
) -> None:
    """Write the reverse of the loop; ``arriving`` are the adjoints of its results."""
    builder = sweep.builder
    carried = _carried(op)
    shape = _Shape(op)
    wanted = sorted(at for at in arriving if carried[at][0] in sweep.varied)
    same: dict[int, Value] = {}
    while True:
        attempt = _Attempt(sweep, op, shape, wanted, same)
        missing = [at for at in attempt.reached if at not in wanted and at not in same]
        wanted = sorted({*wanted, *missing})
        if missing:
            continue
        fixed = [at for at in attempt.unchanged if at in arriving]
        if not fixed:
            break
        same |= {at: arriving[at] for at in fixed}
        wanted = [at for at in wanted if at not in same]
    initial = [arriving.get(at) or sweep.zero(op.results[at]) for at in wanted]
    initial += [adjoints.get(value) or sweep.zero(value) for value in attempt.outside]
    results: tuple[Value, ...] = ()
    if initial:
        operands, pops = attempt.save_what_is_needed()
        kind = BACKWARD if shape.counted else UNWIND
        results = builder.loop(
            kind, (*operands, *initial), attempt.block, where=op.where, pops=pops
        )
    for value, total in zip(attempt.outside, results[len(wanted) :], strict=True):
        total.adjoint_of = value
        adjoints[value] = total
    for at, result in zip(wanted, results, strict=False):
        result.adjoint_of, result.shape = carried[at][0], carried[at][2].shape
    for at, total in sorted([*zip(wanted, results, strict=False), *same.items()]):
        first = carried[at][2]
        if first in sweep.varied:
            sweep.add(adjoints, first, total)


def _carried(op: Op) -> list[tuple[Value, Value, Value]]:
    """For each carried value: the parameter, the next value, the initial value."""
    body = op.blocks[-1]
    nexts = body.results[:-1]
    parameters = body.parameters[len(body.parameters) - len(nexts) :]
    initial = op.operands[len(op.operands) - len(nexts) :]
    return list(zip(parameters, nexts, initial, strict=True))


class _Shape:
    """Whether the iterations can be counted beforehand; the index if there is one."""

    def __init__(self, op: Op):
        body = op.blocks[-1]
        breaks = body.results[-1]
        self.index = body.parameters[0] if op.operation is FOR else None
        self.counted = op.operation is FOR and breaks.literal and not breaks.number


class _Attempt:
    """The body of the reverse loop, for some of the carried values.

    ``reached`` are the carried values whose adjoint it gives; where they are more than
    it was made for, it has to be made again. ``unchanged`` are those of which the
    adjoint is the same in every iteration (of a running sum, say): it is made again for
    these too, as the ``same`` that it is then given. ``outside`` are the values from
    outside the loop whose adjoints it sums.
    """

    def __init__(
        self,
        sweep: Sweep,
        op: Op,
        shape: _Shape,
        wanted: list[int],
        same: dict[int, Value],
    ):
        self.sweep, self.op, self.shape = sweep, op, shape
        builder = sweep.builder
        carried = _carried(op)
        body = op.blocks[-1]
        nexts = body.results[:-1]
        if op.recompute:
            builder.open(op.where)
            body = _run_again(sweep, body)
            nexts = body.results[:-1]
        else:
            builder.open(op.where, after=body)
        arriving = [
            _adjoint_parameter(builder.generation, carried[at][0]) for at in wanted
        ]
        for at, adjoint in zip(wanted, arriving, strict=True):
            adjoint.shape = nexts[at].shape
        present = {
            value: _adjoint_parameter(builder.generation, value)
            for value in (*sweep.arrays_read(body), *sweep.summed_inside(body))
        }
        inner: Adjoints = dict(present)
        for at, adjoint in (*zip(wanted, arriving, strict=True), *same.items()):
            if nexts[at] in sweep.varied:
                sweep.add(inner, nexts[at], adjoint)
        sweep.reverse(body, inner)
        leaving = [inner.pop(parameter, None) for parameter, _, _ in carried]
        for at in wanted:
            left_by = leaving[at]
            if left_by is not None:
                sweep.name(left_by, carried[at][0])
        self.reached = [at for at, adjoint in enumerate(leaving) if adjoint is not None]
        self.unchanged = [
            at
            for at, adjoint in zip(wanted, arriving, strict=True)
            if leaving[at] is adjoint and not adjoint.type.rank
        ]
        for value, start in present.items():
            if inner[value] is start:  # nothing was added
                del inner[value]
        self.outside = list(inner)
        sums = [
            present.get(value) or _adjoint_parameter(builder.generation, value)
            for value in inner
        ]
        totals = [
            (
                inner[value]
                if value in present
                else builder.emit("add", total, inner[value])
            )
            for total, value in zip(sums, inner, strict=True)
        ]
        for total, value in zip(totals, inner, strict=True):
            if total.adjoint_of is None:
                total.adjoint_of = value
        left = [leaving[at] or sweep.zero(carried[at][0]) for at in wanted]
        block = builder.close(*left, *totals)
        block.parameters = (*arriving, *sums)
        self.block = block

    def save_what_is_needed(self) -> tuple[tuple[Value, ...], int]:
        """Have the forward loop save what the reverse body reads, and read it back.

        Gives the operands of the reverse loop before the initial values, and how many
        values an entry of the stack has.
        """
        sweep, op = self.sweep, self.op
        handouts = sweep.handouts
        home = handouts.homes.get(op.results[0], ())
        level = len(home) + 1
        block = self.block
        if op.recompute:
            block.ops = _used_operations(block)
        else:
            block.ops = live_operations(block.ops, block.results)
        index = self.shape.index if self.shape.counted else None
        known: dict[Value, Value] = {}
        needed: list[Value] = []
        for value in values_read(block):
            path = handouts.homes.get(value, ())
            if len(path) >= level and path[level - 1][0].origin is op.origin:
                seen = handouts.out_of_branches(value, level, total=True)
                known[value] = seen
                if seen not in needed and seen is not index:
                    needed.append(seen)

        def at_hand(value: Value) -> bool:
            path = handouts.homes.get(value, ())
            inside = len(path) >= level and path[level - 1][0].origin is op.origin
            return value is index or not inside

        body = op.blocks[-1]
        fixed = sweep.program.parameters
        saved, again = split_needed(needed, body, at_hand, fixed)
        if not saved and not self.shape.counted:
            saved = [_counting(sweep.builder, body)]  # the stack counts the iterations
        return self._read_back(saved, again, known, home)

    def _read_back(
        self,
        saved: list[Value],
        again: list[Op],
        known: dict[Value, Value],
        home: tuple[tuple[Op, int], ...],
    ) -> tuple[tuple[Value, ...], int]:
        sweep, op, block = self.sweep, self.op, self.block
        generation = sweep.builder.generation
        restored = {value: _restored(generation, value) for value in saved}
        first: tuple[Value, ...] = ()
        if self.shape.counted:
            index = self.shape.index
            assert index is not None
            restored[index] = _restored(generation, index)
            first = (restored[index],)
        repeated = [_repeated(generation, one, restored) for one in again]
        for value, seen in known.items():
            restored.setdefault(value, restored.get(seen, seen))
        new = substituted(block, restored)
        link(new)  # what a value is made of is looked up in it
        block.ops = repeated + new.ops
        block.results = new.results
        block.parameters = (*first, *(restored[v] for v in saved), *block.parameters)
        operands = op.operands[:3] if self.shape.counted else ()
        if saved:
            stack = Value(STACK, None, op, "saved", op.results[0].generation)
            sweep.handouts.save(op, tuple(saved), stack, home)
            operands = (*operands, stack)
        return operands, len(saved)


def _counting(builder: Builder, body: Block) -> Value:
    """A value that costs little to be saved, as an array would not."""
    numbers = [value for value in body.parameters if not value.type.rank]
    return numbers[0] if numbers else builder.constant(0)


def _used_operations(block: Block) -> list[Op]:
    """The operations of a body that is run again, without those that nothing needs.

    A loop or a branch is needed whole: what it will save, or hand out, is not known
    to it yet.
    """
    used = set(block.results)
    kept: list[Op] = []
    for op in reversed(block.ops):
        inside = list(walk(Block([op])))
        defined = {value for one in inside for value in _defined(one)}
        saves = any(v.type == STACK and v.op in inside for v in used)
        if saves or not op.results or not used.isdisjoint(defined):
            kept.append(op)
            for one in inside:
                used.update(one.operands)
                used.update(v for inner in one.blocks for v in inner.results)
    return kept[::-1]


def _defined(op: Op) -> tuple[Value, ...]:
    return (*op.results, *(p for block in op.blocks for p in block.parameters))


def _run_again(sweep: Sweep, body: Block) -> Block:
    """The body once more, with values of its own, in the block that is open."""
    again = cloned(body, {})
    for old, new in again.values.items():
        if old in sweep.varied:
            sweep.varied.add(new)
    sweep.handouts.homes.update(homes_of(Block(again.block.ops)))
    for op in again.block.ops:
        sweep.builder.adopt(op)
    return again.block


def _adjoint_parameter(generation: int, of: Value) -> Value:
    value = Value(of.type._replace(element="float"), generation=generation)
    value.shape = of.shape
    value.adjoint_of = of
    return value


def _restored(generation: int, value: Value) -> Value:
    """A value of the forward sweep as the reverse loop has it back."""
    restored = Value(value.type, name=value.name, generation=generation)
    restored.shape = value.shape
    return restored


def _repeated(generation: int, op: Op, restored: dict[Value, Value]) -> Op:
    """The operation on restored values; its result is restored by it."""
    operands = tuple(restored.get(operand, operand) for operand in op.operands)
    copy = op.copied(operands, ())
    result = _restored(generation, op.results[0])
    result.op = copy
    copy.results = (result,)
    restored[op.results[0]] = result
    return copy
