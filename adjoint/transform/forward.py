"""The forward sweep of tangents: how every value changes along given directions.

The tangent of a value is the sum, over its operands, of their tangents times the local
derivative (Griewank and Walther, *Evaluating Derivatives*, section 3.1). Where there
are no branches and loops, each direction is a sweep of its own behind the primal;
otherwise tangents are computed beside the values, in the primal's own branches and
loops (`transform.forward_blocks`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from adjoint.ir.builder import Builder
from adjoint.ir.program import (
    NOTHING,
    UNDEFINED,
    Op,
    Program,
    Value,
    has_arrays,
    undefined,
    walk,
)
from adjoint.ir.types import FLOAT, Type
from adjoint.rules.array_operation import ArrayOperation
from adjoint.transform.activity import Stacks, varied_values
from adjoint.transform.algebra.real_identities import IDENTITIES, OUTWARD
from adjoint.transform.arrays.rules import tangent_of
from adjoint.transform.forward_blocks import STRUCTURED
from adjoint.transform.partials import Instance, is_zero
from adjoint.transform.shared_tangents import SharedTangents


@dataclass(frozen=True)
class Direction:
    """A direction: the tangent of each parameter that moves.

    ``name`` is what tangents are called by: that of ``x`` is ``x_dot`` for "dot".
    ``title`` is that of its sweep.
    """

    name: str
    seeds: Mapping[Value, Value]
    title: str = "tangent sweep"


class Tangents:
    """The tangents of a program under way.

    The operations of the program are taken over as they are, or with tangents beside
    what their blocks compute; all of its values stay the same.
    """

    def __init__(self, program: Program, directions: Sequence[Direction]):
        self.program = program
        self.directions = directions
        self._alone = len(directions) == 1
        identities = OUTWARD if self._alone else IDENTITIES
        self.builder = Builder.beside(program, identities)
        self.beside = any(op.blocks for op in program.body.ops)
        self.stacks = Stacks()
        #: for each direction, what varies; asked for blocks alone
        self.varied: list[set[Value]] = []
        self._tangents: list[dict[Value, Value]] = [dict(d.seeds) for d in directions]
        self._shared: SharedTangents | None = None
        self._shared_values = _used_again(program)
        if self._alone:
            self.builder.settled = set(self._shared_values)
        if len(directions) > 1 and not self.beside and not has_arrays(program):
            self._shared = SharedTangents(self)

    def run(self, wanted: Sequence[Value] = ()) -> Program:
        """The program with the tangents in it; its results are as they were.

        Afterwards `total` knows the tangents of the values ``wanted``.
        """
        program = self.program
        if self.beside:
            self.varied = [
                varied_values(program, list(direction.seeds))
                for direction in self.directions
            ]
        self.visit(program.body.ops)
        if self._shared is not None:
            self._shared.write(wanted)
        for value in wanted:
            if value.type.rank:
                for at, known in enumerate(self._tangents):
                    known[value] = self.total(value, at)
        new = self.builder.finish(program.name, *program.results)
        return replace(
            program,
            body=new.body,
            primal_ops=len(new.body.ops) if self.beside else program.primal_ops,
            generation=new.generation,
            beside=self.beside,
        )

    def get(self, value: Value, at: int) -> Value | None:
        """The tangent in the direction ``at``; None where it is structurally zero."""
        return self._tangents[at].get(value)

    def total(self, value: Value, at: int) -> Value:
        """The tangent in the direction ``at``, a number or an array in any case."""
        tangent = self._tangents[at].get(value)
        if tangent is not None:
            return tangent
        if value.literal and value.name in (UNDEFINED, NOTHING):
            return undefined(_type(value), value.name == NOTHING)
        return self.builder.emit("zeros_like", value)

    def set(self, value: Value, at: int, tangent: Value) -> None:
        """Note the tangent of a value."""
        self._tangents[at][value] = tangent
        fresh = tangent.generation == self.builder.generation and not tangent.literal
        if fresh and value in self._shared_values:
            self.builder.settled.add(tangent)
        if fresh and tangent.tangent_of is None:
            tangent.tangent_of = value
            tangent.direction = self.directions[at].name

    def new(self, value: Value, at: int, op: Op | None = None) -> Value:
        """A value of its own that is the tangent of ``value``."""
        tangent = Value(_type(value), None, op, None, self.builder.generation)
        tangent.shape = value.shape
        self.set(value, at, tangent)
        return tangent

    def visit(self, ops: Sequence[Op]) -> None:
        """Take operations over, and write the tangents of their results."""
        plain: list[Op] = []
        for op in ops:
            form = STRUCTURED.get(op.operation)
            if self.beside and plain and op.sweep != plain[-1].sweep:
                self._sweep(plain)
                plain = []
            if form is None:
                self.builder.adopt(op)
                plain.append(op)
                continue
            self._sweep(plain)
            plain = []
            form(self, op)
        self._sweep(plain)

    def _sweep(self, ops: Sequence[Op]) -> None:
        if self._shared is not None:
            self._shared.visit(ops)
            return
        for at, direction in enumerate(self.directions):
            if not self.beside:
                self.builder.sweep = direction.title
            known = self._tangents[at]
            for op in ops:
                if op.results and not known.keys().isdisjoint(op.operands):
                    self._op(op, at, known)

    def _op(self, op: Op, at: int, known: Mapping[Value, Value]) -> None:
        if self.beside:
            self.builder.sweep = op.sweep
        moving = {
            place: known[operand]
            for place, operand in enumerate(op.operands)
            if operand in known and not is_zero(op.operation, place)
        }
        if not moving:
            return
        if isinstance(op.operation, ArrayOperation):
            total: Value | None = tangent_of(self.builder, op, moving)
        else:
            total = self._sum(op, moving)
        if total is not None and not (total.literal and total.number == 0):
            self.set(op.results[0], at, self._spread(total, op))

    def _sum(self, op: Op, moving: Mapping[int, Value]) -> Value | None:
        """The sum of tangents times local derivatives; None where it is zero."""
        total: Value | None = None
        for place, tangent in moving.items():
            term = self.instance(op).times(tangent, place)
            if term is not None:
                total = term if total is None else self.builder.emit("add", total, term)
        return total

    def _spread(self, tangent: Value, op: Op) -> Value:
        """The tangent in the shape of the result, over which operands were spread."""
        over = op.results[0]
        if tangent.shape == over.shape or not over.type.rank:
            return tangent
        spreads = not isinstance(op.operation, ArrayOperation)
        spreads = spreads or op.operation.name == "where"
        spreads = spreads and not over.type.listed  # of lists, numbers alone are
        if not spreads and tangent.type.rank == over.type.rank:
            tangent.shape = over.shape  # the formulas see to that
            return tangent
        return self.builder.emit("broadcast", tangent, over)

    def instance(self, op: Op) -> Instance:
        """The local derivatives of an operation."""
        return Instance(
            self.builder,
            op.operation,
            op.operands,
            op.results[0],
            op.where,
            divide_last=True,
            number_last=self._alone,
        )


def _type(value: Value) -> Type:
    """The type of the value's tangent."""
    return value.type._replace(element="float") if value.type.rank else FLOAT


def _used_again(program: Program) -> set[Value]:
    """The values that several operations use."""
    seen, again = set[Value](), set[Value]()
    for op in walk(program.body):
        used = op.operands
        if op.blocks:
            used += op.saved + tuple(chain(*[block.results for block in op.blocks]))
        for value in used:
            (again if value in seen else seen).add(value)
    return again
