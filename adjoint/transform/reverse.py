"""The reverse sweep: the derivative of a program, as a program.

The nodes are visited in reverse order of execution, so that every adjoint is complete
before it is used; the adjoint of a value is the sum, over the operations that use it,
of their adjoint times the local derivative (Griewank and Walther, *Evaluating
Derivatives*, section 3.2). The whole costs a small constant times the primal.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from adjoint.ir.builder import Builder
from adjoint.ir.program import FOR, IF, WHILE, Block, Op, Program, Value
from adjoint.ir.types import FLOAT
from adjoint.transform.activity import varied_values
from adjoint.transform.algebra import IDENTITIES
from adjoint.transform.partials import Instance, is_zero
from adjoint.transform.reverse_loop import reverse_loop
from adjoint.transform.scope import Handouts

Adjoints = dict[Value, Value]
#: Values, and the adjoints that they have to begin with.
Seeds = Sequence[tuple[Value, Value]]


class Sweep:
    """Reverse sweeps under way: the builder, and what is known of the primal.

    Where there are no branches and loops, several sweeps may be run one after another.
    """

    def __init__(self, program: Program, interest: Sequence[Value]):
        self.program = program
        self.interest = interest
        self.varied = varied_values(program, interest)
        self.builder = Builder.resume(program, IDENTITIES)
        self.handouts = Handouts(program.body)

    def run(self, seeds: Seeds, title: str = "reverse sweep") -> list[Value]:
        """The adjoint of each parameter of interest, from those that are given."""
        self.builder.sweep = title
        zero = self.builder.constant(0.0)
        adjoints: Adjoints = {}
        for value, seed in seeds:
            if value in self.varied:
                self.add(adjoints, value, seed)
        self.reverse(self.program.body, adjoints)
        for parameter in self.interest:
            self._name(adjoints.get(parameter, zero), parameter)
        return [adjoints.get(p, zero) for p in self.interest]

    def finish(self) -> Program:
        """The program with the sweeps behind it; its results are as they were."""
        program = self.program
        new = self.builder.finish(program.name, *program.results)
        grown = replace(
            program,
            body=new.body,
            primal_ops=new.primal_ops,
            generation=new.generation,
        )
        return self.handouts.applied(grown)

    def reverse(self, block: Block, adjoints: Adjoints) -> None:
        """Visit the block backwards; ``adjoints`` of values from outside are left."""
        for op in reversed(block.ops):
            if op.blocks:
                arriving = {
                    at: adjoints.pop(result)
                    for at, result in enumerate(op.results)
                    if result in adjoints
                }
                if arriving:
                    _STRUCTURED[op.operation](self, op, arriving, adjoints)
            elif op.results and op.results[0] in adjoints:
                adjoint = adjoints.pop(op.results[0])
                self._name(adjoint, op.results[0])
                self._reverse_op(op, adjoint, adjoints)

    def add(self, adjoints: Adjoints, value: Value, contribution: Value | None) -> None:
        """Add a contribution to the adjoint of a value; None adds nothing."""
        if contribution is None:
            return
        present = adjoints.get(value)
        if present is not None:
            contribution = self.builder.emit("add", present, contribution)
            self._name(contribution, value)
        adjoints[value] = contribution

    def _reverse_op(self, op: Op, adjoint: Value, adjoints: Adjoints) -> None:
        instance = Instance(
            self.builder, op.operation, op.operands, op.results[0], op.where
        )
        reached = [
            (at, operand)
            for at, operand in enumerate(op.operands)
            if operand in self.varied and not is_zero(op.operation, at)
        ]
        if len(reached) > 1:
            self.builder.settled.add(adjoint)
        for at, operand in reached:
            self.add(adjoints, operand, instance.times(adjoint, at))

    def _name(self, adjoint: Value, of: Value) -> None:
        """Mark a value that this sweep has made as the adjoint of ``of``."""
        fresh = adjoint.generation == self.builder.generation and adjoint.type == FLOAT
        if fresh and adjoint.op is not None and adjoint.adjoint_of is None:
            adjoint.adjoint_of = of


def _reverse_branch(
    sweep: Sweep, op: Op, arriving: dict[int, Value], adjoints: Adjoints
) -> None:
    """The reverse of a branch runs under the same condition as the branch."""
    builder = sweep.builder
    sides: list[Adjoints] = []
    reversed_blocks: list[Block] = []
    for block in op.blocks:
        inner: Adjoints = {}
        builder.open(op.where, after=block)
        for at, adjoint in arriving.items():
            if block.results[at] in sweep.varied:
                sweep.add(inner, block.results[at], adjoint)
        sweep.reverse(block, inner)
        sides.append(inner)
        reversed_blocks.append(builder.close())
    reached = list(dict.fromkeys([*sides[0], *sides[1]]))
    if not reached:
        return
    zero = builder.constant(0.0)
    then, orelse = reversed_blocks
    for block, inner in zip(reversed_blocks, sides, strict=True):
        block.results = tuple(inner.get(value, zero) for value in reached)
    contributions = builder.branch(op.operands[0], then, orelse, op.where)
    for value, contribution in zip(reached, contributions, strict=True):
        sweep.add(adjoints, value, contribution)


_Reverse = Callable[[Sweep, Op, dict[int, Value], Adjoints], None]

_STRUCTURED: dict[object, _Reverse] = {
    IF: _reverse_branch,
    FOR: reverse_loop,
    WHILE: reverse_loop,
}
