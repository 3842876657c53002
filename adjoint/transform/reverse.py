"""The reverse sweep: the derivative of a program, as a program.

The nodes are visited in reverse order of execution, so that every adjoint is complete
before it is used; the adjoint of a value is the sum, over the operations that use it,
of their adjoint times the local derivative (Griewank and Walther, *Evaluating
Derivatives*, section 3.2). The whole costs a small constant times the primal.
"""

from __future__ import annotations

from collections.abc import Sequence

from adjoint.ir.builder import Builder
from adjoint.ir.program import Block, Op, Program, Value
from adjoint.ir.types import FLOAT
from adjoint.transform.activity import varied_values
from adjoint.transform.algebra import IDENTITIES
from adjoint.transform.dead_code import without_dead_code
from adjoint.transform.partials import Instance, is_zero
from adjoint.transform.scope import with_exports


def gradient(
    program: Program, wrt: Sequence[str], name: str, keep_value: bool = True
) -> Program:
    """The program of the gradient of a scalar program.

    Its results are the value (where it is kept) and one adjoint for each parameter of
    ``wrt``, in that order.
    """
    interest = [p for p in program.parameters if p.name in set(wrt)]
    order = {p.name: p for p in interest}
    sweep = _Sweep(program, interest)
    adjoints = sweep.run()
    results = [adjoints[order[parameter]] for parameter in wrt]
    if keep_value:
        results.insert(0, program.results[0])
    derivative = sweep.builder.finish(name, *results)
    derivative = without_dead_code(derivative, keep_primal=keep_value)
    return with_exports(derivative)


class _Sweep:
    def __init__(self, program: Program, interest: Sequence[Value]):
        self.program = program
        self.interest = interest
        self.varied = varied_values(program, interest)
        self.builder = Builder.resume(program, IDENTITIES)

    def run(self) -> dict[Value, Value]:
        """The adjoint of each parameter of interest; that of the result is 1."""
        builder = self.builder
        zero, one = builder.constant(0.0), builder.constant(1.0)
        adjoints: dict[Value, Value] = {}
        result = self.program.results[0]
        if result in self.varied:
            adjoints[result] = one
        self._reverse(self.program.body, adjoints)
        for parameter in self.interest:
            self._name(adjoints.get(parameter, zero), parameter)
        return {p: adjoints.get(p, zero) for p in self.interest}

    def _reverse(self, block: Block, adjoints: dict[Value, Value]) -> None:
        """Visit the block backwards; ``adjoints`` of values from outside are left."""
        for op in reversed(block.ops):
            if op.blocks:
                self._reverse_branch(op, adjoints)
                continue
            result = op.results[0]
            adjoint = adjoints.pop(result, None)
            if adjoint is None:
                continue
            self._name(adjoint, result)
            self._reverse_op(op, adjoint, adjoints)

    def _reverse_op(self, op: Op, adjoint: Value, adjoints: dict[Value, Value]) -> None:
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
            self._add(adjoints, operand, instance.times(adjoint, at))

    def _reverse_branch(self, op: Op, adjoints: dict[Value, Value]) -> None:
        """The reverse of a branch runs under the same condition as the branch."""
        arriving = [
            (i, adjoints.pop(r)) for i, r in enumerate(op.results) if r in adjoints
        ]
        if not arriving:
            return
        builder = self.builder
        sides: list[dict[Value, Value]] = []
        opened: list[Block] = []
        for block in op.blocks:
            inner: dict[Value, Value] = {}
            builder.open(op.where, after=block)
            for i, adjoint in arriving:
                if block.results[i] in self.varied:
                    self._add(inner, block.results[i], adjoint)
            self._reverse(block, inner)
            sides.append(inner)
            opened.append(builder.close())
            # closed for now; its results are known when both sides are
        reached = list(dict.fromkeys([*sides[0], *sides[1]]))
        zero = builder.constant(0.0)
        for block, inner in zip(opened, sides, strict=True):
            block.results = tuple(inner.get(value, zero) for value in reached)
        if reached:
            then, orelse = opened
            contributions = builder.branch(op.operands[0], then, orelse, op.where)
            for value, contribution in zip(reached, contributions, strict=True):
                self._add(adjoints, value, contribution)

    def _add(
        self, adjoints: dict[Value, Value], value: Value, contribution: Value | None
    ) -> None:
        if contribution is None:
            return
        present = adjoints.get(value)
        if present is not None:
            contribution = self.builder.emit("add", present, contribution)
        adjoints[value] = contribution

    def _name(self, adjoint: Value, of: Value) -> None:
        """Mark a value that this sweep has made as the adjoint of ``of``."""
        fresh = adjoint.generation == self.builder.generation and adjoint.type == FLOAT
        if fresh and adjoint.op is not None and adjoint.adjoint_of is None:
            adjoint.adjoint_of = of
