"""A derivation: a program that grows by reverse and forward sweeps, which share it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from adjoint.errors import OptionError
from adjoint.ir.builder import Builder
from adjoint.ir.form import Form
from adjoint.ir.names import Names
from adjoint.ir.program import (
    BACKWARD,
    LOOPS,
    UNWIND,
    Block,
    Program,
    Value,
    operations_in,
    walk,
)
from adjoint.transform.algebra import IDENTITIES, multiply
from adjoint.transform.dead_code import without_dead_code
from adjoint.transform.forward import Direction, Tangents
from adjoint.transform.reverse import Seeds, Sweep


class Derivation:
    """The derivatives of ``primal`` by the parameters ``wrt``, as they are asked for.

    ``program`` holds all that has been asked for; what is not used in the end is taken
    out by `finish`. ``mode`` is "forward" or "reverse" where the user wants one.
    """

    def __init__(self, primal: Program, wrt: Sequence[str], mode: str | None = None):
        self.primal = primal
        self.program = replace(
            primal, beside=False, primal_generation=primal.generation
        )
        self.mode = mode
        by_name = {p.name: p for p in primal.parameters}
        self.interest = [by_name[name] for name in wrt]
        self.one = Builder().constant(1.0)
        #: of sparse results: the row and the column of each
        self.coordinates: list[tuple[int, int]] = []
        self._names: Names | None = None
        self._gradients: dict[Value, list[Value]] = {}
        self._vectors: dict[Value, Value] | None = None

    # -- parameters

    def free_name(self, name: str) -> str:
        """The name, or one like it that is not the user's."""
        if self._names is None:
            self._names = Names(_names_of(self.primal))
        return self._names.take(name)

    def parameter(self, name: str, like: Value) -> Value:
        """A new parameter; it stands behind the primal's, before the keyword-only.

        It is a number, or an array of the shape of the value that it is ``like``.
        """
        return self._insert([_like(like, self.free_name(name))])[0]

    def packed(self, name: str, form: Form, parts: str) -> list[Value]:
        """A new parameter that is a nested tuple; ``parts`` names them, "y*_bar"."""
        name = self.free_name(name)
        values = [
            _like(result, self.free_name(parts.replace("*", str(at))))
            for at, result in enumerate(self.primal.results, 1)
        ]
        group = (name, form, tuple(values))
        self.program = replace(self.program, packed=(*self.program.packed, group))
        return self._insert(values)

    def _insert(self, values: list[Value]) -> list[Value]:
        program = self.program
        parameters = list(program.parameters)
        keyword_only = program.keyword_only
        at = sum(p.name not in keyword_only for p in parameters)
        parameters[at:at] = values
        defaults = tuple(pair for pair in program.defaults if pair[0] in keyword_only)
        self.program = replace(program, parameters=tuple(parameters), defaults=defaults)
        return values

    # -- sweeps

    def _require_numbers(self) -> None:
        """Raise OptionError for arrays, which have no forward mode yet."""
        values = [*self.program.parameters, *self.program.results]
        values += [result for op in walk(self.program.body) for result in op.results]
        if any(value.type.rank for value in values):
            raise OptionError(
                f"{self.primal.name} computes with arrays, which have grad, "
                "value_and_grad and vjp, but no forward mode yet"
            )

    def gradients(self, values: Sequence[Value]) -> list[list[Value]]:
        """For each of the values, its derivatives by the parameters of interest."""
        missing = [v for v in dict.fromkeys(values) if v not in self._gradients]
        if self.reversible(len(missing)):
            titles = [f"reverse sweep of y{i}" for i in range(1, len(missing) + 1)]
            if len(missing) == 1:
                titles = ["reverse sweep"]
            found = self.adjoints([[(value, self.one)] for value in missing], titles)
        else:
            tangents = self.unit_tangents(missing, self.interest)
            indices = range(len(self.interest))
            found = [[tangents.total(v, i) for i in indices] for v in missing]
        self._gradients.update(zip(missing, found, strict=True))
        return [self._gradients[value] for value in values]

    def reversible(self, sweeps: int = 1) -> bool:
        """Whether so many reverse sweeps can be written.

        Loops save for one reverse sweep, and what a reverse sweep has made of them is
        not reversed again: forward sweeps take the place of reverse ones then.
        """
        found = LOOPS.intersection(operations_in(self.program.body))
        return not found or (sweeps == 1 and found.isdisjoint((BACKWARD, UNWIND)))

    def cotangents(self, seeds: Seeds) -> list[Value]:
        """The adjoints of the parameters of interest for one set of seeds."""
        if self.reversible():
            return self.adjoints([seeds])[0]
        tangents = self.unit_tangents([v for v, _ in seeds], self.interest)
        builder = Builder.resume(self.program, IDENTITIES)
        found = []
        for at in range(len(self.interest)):
            total = builder.constant(0.0)
            for value, seed in seeds:
                term = multiply(builder, seed, tangents.total(value, at))
                total = builder.emit("add", total, term)
            found.append(total)
        new = builder.finish(self.program.name, *self.program.results)
        self.program = replace(self.program, body=new.body, generation=new.generation)
        return found

    def adjoints(
        self, seeds: Sequence[Seeds], titles: Sequence[str] = ("reverse sweep",)
    ) -> list[list[Value]]:
        """The adjoints of the parameters of interest, for each set of seeds."""
        if not seeds:
            return []
        sweep = Sweep(self.program, self.interest)
        found = [
            sweep.run(one, title) for one, title in zip(seeds, titles, strict=True)
        ]
        self.program = sweep.finish()
        return found

    def tangents(
        self, wanted: Sequence[Value], directions: Sequence[Direction]
    ) -> Tangents:
        """The tangents of the values ``wanted`` in these directions."""
        self._require_numbers()
        tangents = Tangents(self.program, directions)
        self.program = tangents.run(wanted)
        return tangents

    def unit_tangents(self, wanted: Sequence[Value], by: Sequence[Value]) -> Tangents:
        """The tangents in the directions of some parameters, each a unit vector."""
        directions = [
            Direction(str(p.name), {p: self.one}, f"tangent sweep by {p.name}")
            for p in by
        ]
        if len(directions) == 1:
            directions = [replace(directions[0], title="tangent sweep")]
        return self.tangents(wanted, directions)

    def along_vectors(self, wanted: Sequence[Value]) -> Tangents:
        """The tangents along vectors that are given by parameters: ``x_dot``."""
        if self._vectors is None:
            self._vectors = {
                p: self.parameter(f"{p.name}_dot", p) for p in self.interest
            }
        return self.tangents(wanted, [Direction("dot", self._vectors)])

    def finish(
        self, name: str, form: Form, results: Sequence[Value], keep_value: bool
    ) -> Program:
        """The program that returns these results and does no more.

        With ``keep_value`` an operation of the primal that may raise is kept.
        """
        body = Block(self.program.body.ops, tuple(results))
        made_from = self.primal.made_from or self.primal.name
        program = replace(
            self.program,
            name=name,
            form=form,
            body=body,
            made_from=made_from,
            coordinates=tuple(self.coordinates),
        )
        return without_dead_code(program, self.primal.generation, keep_value)


def _like(value: Value, name: str) -> Value:
    """A float parameter, of the shape of the value."""
    parameter = Value(value.type._replace(element="float"), name=name)
    parameter.shape = value.shape
    return parameter


def _names_of(program: Program) -> set[str]:
    """Every name that the user has brought."""
    names = {program.name, *program.parameter_names}
    for op in walk(program.body):
        inside = (p for block in op.blocks for p in block.parameters)
        names.update(value.name for value in (*op.results, *inside) if value.name)
    return names
