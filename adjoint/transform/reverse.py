"""The reverse sweep: the derivative of a program, as a program.

The nodes are visited in reverse order of execution, so that every adjoint is complete
before it is used; the adjoint of a value is the sum, over the operations that use it,
of their adjoint times the local derivative (Griewank and Walther, *Evaluating
Derivatives*, section 3.2). The whole costs a small constant times the primal.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from mypy_extensions import mypyc_attr

from adjoint.ir.builder import Builder
from adjoint.ir.program import FOR, IF, LOOPS, WHILE, Block, Op, Program, Value, walk
from adjoint.ir.types import FLOAT
from adjoint.rules.array_operation import ArrayOperation
from adjoint.rules.table import OPERATIONS
from adjoint.transform.activity import varied_values
from adjoint.transform.algebra.logarithmic import WEIGHED, Weights
from adjoint.transform.algebra.real_identities import IDENTITIES
from adjoint.transform.arrays.rules import contribution
from adjoint.transform.partials import (
    Instance,
    active_operands,
    active_rules,
    direct_product,
)
from adjoint.transform.reverse_loop import reverse_loop
from adjoint.transform.scope import Handouts

_ADD: Final = OPERATIONS["add"]

Adjoints = dict[Value, Value]
#: Values, and the adjoints that they have to begin with.
Seeds = Sequence[tuple[Value, Value]]


@mypyc_attr(allow_interpreted_subclasses=True)
class Sweep:
    """Reverse sweeps under way: the builder, and what is known of the primal.

    Where there are no branches and loops, several sweeps may be run one after another.
    """

    def __init__(
        self,
        program: Program,
        interest: Sequence[Value],
        builder: Builder | None = None,
    ):
        self.program = program
        self.interest = interest
        self.varied = varied_values(program, interest)
        self.builder = builder or Builder.resume(program, IDENTITIES)
        self.handouts = Handouts(program)
        #: of the block that is being reversed
        self.weights = Weights(self.builder)
        #: conditions of branches that are known where the sweep is written
        self.decided: dict[Value, bool] = {}

    def run(self, seeds: Seeds, title: str = "reverse sweep") -> list[Value]:
        """The adjoint of each parameter of interest, from those that are given."""
        self.builder.sweep = title
        adjoints: Adjoints = {}
        for value, seed in seeds:
            if value in self.varied:
                self.add(adjoints, value, seed)
        self.reverse(self.program.body, adjoints)
        found = [adjoints.get(p) or self.zero(p) for p in self.interest]
        for parameter, adjoint in zip(self.interest, found, strict=True):
            self.name(adjoint, parameter)
        return found

    def finish(self) -> Program:
        """The program with the sweeps behind it; its results are as they were."""
        program = self.program
        new = self.builder.finish(program.name, *program.results)
        grown = replace(
            program,
            body=new.body,
            primal_ops=new.primal_ops,
            generation=new.generation,
            maker=new.maker,
        )
        return self.handouts.applied(grown)

    def zero(self, value: Value) -> Value:
        """The adjoint of a value that nothing depends on."""
        return self.builder.emit("zeros_like", value)

    def arrays_read(self, block: Block) -> list[Value]:
        """The arrays from outside whose elements the block reads.

        The reverse of the block adds to the adjoints of these in place.
        """
        inside = {r for op in walk(block) for r in _defined(op)} | {*block.parameters}
        read = [op.operands[0] for op in walk(block) if op.operation.name == "index"]
        arrays = [a for a in read if a in self.varied and a not in inside]
        return list(dict.fromkeys(arrays))

    def summed_inside(self, block: Block) -> list[Value]:
        """The numbers from outside that loops in the block read.

        The reverse of these loops goes on with the sums that the block is given.
        """
        loops = [op for op in block.ops if op.operation in LOOPS]
        if not loops:
            return []
        inside = {r for op in walk(block) for r in _defined(op)} | {*block.parameters}
        bodies = [walk(inner) for op in loops for inner in op.blocks]
        read = [value for ops in bodies for op in ops for value in op.operands]
        numbers = [v for v in read if v in self.varied and v.type is FLOAT]
        return [v for v in dict.fromkeys(numbers) if v not in inside]

    def reverse(self, block: Block, adjoints: Adjoints) -> None:
        """Visit the block backwards; ``adjoints`` of values from outside are left."""
        builder, around = self.builder, self.weights
        self.weights = Weights(builder)
        for op in reversed(block.ops):
            result = op.result
            if op.blocks:
                arriving = {
                    at: adjoints.pop(result)
                    for at, result in enumerate(op.results)
                    if result in adjoints
                }
                if arriving:
                    _STRUCTURED[op.operation](self, op, arriving, adjoints)
            elif result is not None and (adjoint := adjoints.pop(result, None)):
                if builder.place is not None:
                    builder.place = op.where
                self.name(adjoint, result)
                if result.type.rank or isinstance(op.operation, ArrayOperation):
                    self._reverse_of_arrays(op, adjoint, adjoints)
                else:
                    self._reverse_number(op, result, adjoint, adjoints)
        self.weights = around

    def add(self, adjoints: Adjoints, value: Value, contribution: Value | None) -> None:
        """Add a contribution to the adjoint of a value; None adds nothing."""
        if contribution is None:
            return
        present = adjoints.get(value)
        if present is not None:
            contribution = self.builder.apply(_ADD, (present, contribution))
            self.name(contribution, value)
        adjoints[value] = contribution

    def _reverse_of_arrays(self, op: Op, adjoint: Value, adjoints: Adjoints) -> None:
        if op.operation.name == "index":
            self._accumulate(op, adjoint, adjoints)
            return
        operands, varied = op.operands, self.varied
        active = active_operands(op.operation, len(operands))
        reached = [at for at in active if operands[at] in varied]
        if len(reached) > 1:
            self.builder.settled.add(adjoint)
        if isinstance(op.operation, ArrayOperation):
            self._reverse_array_op(op, adjoint, adjoints, reached)
            return
        assert op.result is not None
        instance = Instance(self.builder, op.operation, operands, op.result, op.where)
        for at in reached:
            product = instance.times(adjoint, at)
            self._add_summed(adjoints, operands[at], product)

    def _reverse_number(
        self, op: Op, result: Value, adjoint: Value, adjoints: Adjoints
    ) -> None:
        """The reverse of an operation on numbers: there may be millions of these."""
        builder, operands, varied = self.builder, op.operands, self.varied
        reached = [
            (at, rule)
            for at, rule in active_rules(op.operation, len(operands))
            if operands[at] in varied
        ]
        if len(reached) > 1:
            builder.settled.add(adjoint)
        instance: Instance | None = None
        weights = self.weights
        weight = weights.of(result, adjoint) if op.operation in WEIGHED else None
        for at, rule in reached:
            product: Value | None = None
            part = weights.handed_on(weight, op, at) if weight else None
            if part:
                product = weights.adjoint(part, op, at)
            if product is None:
                product = direct_product(builder, adjoint, rule, op)
            if product is None:
                instance = instance or Instance(
                    builder, op.operation, operands, result, op.where
                )
                product = instance.times(adjoint, at)
            self.add(adjoints, operands[at], product)
            if part and product and product is adjoints.get(operands[at]):
                weights.note(operands[at], product, part)

    def _reverse_array_op(
        self, op: Op, adjoint: Value, adjoints: Adjoints, reached: Sequence[int]
    ) -> None:
        if op.operation.name in ("store", "appended"):
            # what is read of the adjoint is read first
            reached = reached[::-1]
        for at in reached:
            part, operand = contribution(self.builder, op, adjoint, at), op.operands[at]
            same = part.type.rank == operand.type.rank
            if same and op.operation.name != "where":
                part.shape = operand.shape  # the formulas see to that
            self._add_summed(adjoints, operand, part)

    def _add_summed(
        self, adjoints: Adjoints, operand: Value, contribution: Value | None
    ) -> None:
        """As `add`, where the operand may have been spread."""
        if contribution is not None:
            contribution = self._summed(contribution, operand)
        self.add(adjoints, operand, contribution)

    def _summed(self, contribution: Value, operand: Value) -> Value:
        """The contribution, in the shape of the operand that may have been spread."""
        if not contribution.type.rank and not operand.type.rank:
            return contribution
        if contribution.type.rank < operand.type.rank:
            return self.builder.emit("broadcast", contribution, operand)
        if operand.type.listed:  # lists are never spread
            return contribution
        return self.builder.emit("unbroadcast", contribution, operand)

    def _accumulate(self, op: Op, adjoint: Value, adjoints: Adjoints) -> None:
        """The elements that were read: their adjoint is added to them in place."""
        array, *indices = op.operands
        if array in self.varied:
            present = adjoints.get(array) or self.zero(array)
            adjoints[array] = total = self.builder.emit(
                "accumulate", present, adjoint, *indices, attributes=op.attributes
            )
            self.name(total, array)

    def name(self, adjoint: Value, of: Value) -> None:
        """Mark a value that this sweep has made as the adjoint of ``of``."""
        if adjoint.op is None or adjoint.adjoint_of is not None:
            return
        if adjoint.generation == self.builder.generation and adjoint.type.real:
            adjoint.adjoint_of = of


def _reverse_branch(
    sweep: Sweep, op: Op, arriving: dict[int, Value], adjoints: Adjoints
) -> None:
    """The reverse of a branch runs under the same condition as the branch."""
    builder, condition = sweep.builder, op.operands[0]
    if condition in sweep.decided:
        side = op.blocks[0 if sweep.decided[condition] else 1]
        for at, adjoint in arriving.items():
            if side.results[at] in sweep.varied:
                sweep.add(adjoints, side.results[at], adjoint)
        sweep.reverse(side, adjoints)
        return
    sides: list[Adjoints] = []
    reversed_blocks: list[Block] = []
    read = [array for block in op.blocks for array in sweep.arrays_read(block)]
    present = {array: adjoints[array] for array in read if array in adjoints}
    for block in op.blocks:
        inner = dict(present)
        builder.open(op.where, after=block)
        for at, adjoint in arriving.items():
            if block.results[at] in sweep.varied:
                sweep.add(inner, block.results[at], adjoint)
        sweep.reverse(block, inner)
        sides.append(inner)
        reversed_blocks.append(builder.close())
    reached = [
        value
        for value in dict.fromkeys([*sides[0], *sides[1]])
        if any(side.get(value) is not present.get(value) for side in sides)
    ]
    for value in reached:  # what either side hands on is no choice
        if value not in present and sides[0].get(value) is sides[1].get(value):
            sweep.add(adjoints, value, sides[0].pop(value))
            del sides[1][value]
    reached = [value for value in reached if any(value in side for side in sides)]
    if not reached:
        return
    missing = [v for v in reached if any(v not in side for side in sides)]
    zeros = {v: sweep.zero(v) for v in missing}
    then, orelse = reversed_blocks
    for block, inner in zip(reversed_blocks, sides, strict=True):
        block.results = tuple(inner.get(v) or zeros[v] for v in reached)
    contributions = builder.branch(op.operands[0], then, orelse, op.where)
    for value, part in zip(reached, contributions, strict=True):
        if value in present:  # it was added to what was there
            part.adjoint_of = value
            adjoints[value] = part
        else:
            sweep.add(adjoints, value, part)


def _defined(op: Op) -> tuple[Value, ...]:
    inside = [p for block in op.blocks for p in block.parameters]
    return (*op.results, *inside)


_Reverse = Callable[[Sweep, Op, dict[int, Value], Adjoints], None]

_STRUCTURED: dict[object, _Reverse] = {
    IF: _reverse_branch,
    FOR: reverse_loop,
    WHILE: reverse_loop,
}
