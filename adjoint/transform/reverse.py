"""The reverse sweep: the derivative of a program, as a program.

The nodes are visited in reverse order of execution, so that every adjoint is complete
before it is used; the adjoint of a value is the sum, over the operations that use it,
of their adjoint times the local derivative (Griewank and Walther, *Evaluating
Derivatives*, section 3.2). The whole costs a small constant times the primal.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from adjoint.errors import OptionError
from adjoint.ir.builder import Builder
from adjoint.ir.form import Form, tuple_of
from adjoint.ir.program import FOR, IF, WHILE, Block, Op, Program, Value
from adjoint.ir.types import FLOAT
from adjoint.transform.activity import varied_values
from adjoint.transform.algebra import IDENTITIES
from adjoint.transform.dead_code import without_dead_code
from adjoint.transform.partials import Instance, is_zero
from adjoint.transform.reverse_loop import reverse_loop
from adjoint.transform.scope import Handouts

Adjoints = dict[Value, Value]


def gradient(
    program: Program, wrt: Sequence[str], name: str, keep_value: bool = True
) -> Program:
    """The program of the gradient of a scalar program.

    Its results are the value (where it is kept) and one adjoint for each parameter of
    ``wrt``, in that order. Raises OptionError where the function returns several.
    """
    if program.form is not None:
        raise OptionError(
            f"{program.name} returns a tuple, and a gradient is that of one value; "
            "jacobian and vjp are for several"
        )
    wanted = set(wrt)
    interest = [p for p in program.parameters if p.name in wanted]
    order = {p.name: p for p in interest}
    sweep = Sweep(program, interest)
    adjoints = sweep.run()
    results = [adjoints[order[parameter]] for parameter in wrt]
    form: Form = tuple_of(len(results))
    if keep_value:
        results.insert(0, program.results[0])
        form = (None, form)
    body = sweep.builder.finish(name, *results)
    derivative = replace(
        program,
        name=name,
        body=body.body,
        primal_ops=body.primal_ops,
        generation=body.generation,
        form=form,
    )
    derivative = sweep.handouts.applied(derivative)
    return without_dead_code(derivative, keep_primal=keep_value)


class Sweep:
    """One reverse sweep under way: the builder, and what is known of the primal."""

    def __init__(self, program: Program, interest: Sequence[Value]):
        self.program = program
        self.interest = interest
        self.varied = varied_values(program, interest)
        self.builder = Builder.resume(program, IDENTITIES)
        self.handouts = Handouts(program.body)

    def run(self) -> Adjoints:
        """The adjoint of each parameter of interest; that of the result is 1."""
        zero, one = self.builder.constant(0.0), self.builder.constant(1.0)
        adjoints: Adjoints = {}
        result = self.program.results[0]
        if result in self.varied:
            adjoints[result] = one
        self.reverse(self.program.body, adjoints)
        for parameter in self.interest:
            self._name(adjoints.get(parameter, zero), parameter)
        return {p: adjoints.get(p, zero) for p in self.interest}

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
