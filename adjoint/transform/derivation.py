"""A derivation: a program that grows by reverse and forward sweeps, which share it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from adjoint.errors import OptionError
from adjoint.ir.builder import Builder
from adjoint.ir.clone import inlined
from adjoint.ir.form import Form
from adjoint.ir.names import Names
from adjoint.ir.program import (
    BACKWARD,
    LOOPS,
    UNWIND,
    Block,
    Packed,
    Program,
    Value,
    walk,
)
from adjoint.transform.algebra.coefficients import multiply
from adjoint.transform.algebra.opposites import with_opposites
from adjoint.transform.algebra.real_identities import IDENTITIES
from adjoint.transform.algebra.signs import with_fewer_signs
from adjoint.transform.dead_code import without_dead_code
from adjoint.transform.forward import Direction, Tangents
from adjoint.transform.reverse import Seeds, Sweep
from adjoint.transform.seed_loops import (
    Slice,
    over_elements,
    results_of,
    seed_of,
    split,
)
from adjoint.transform.unread_saves import without_unread_saves

#: The attributes of a sum of all elements.
_ALL = (None, False)


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
        #: of what there is one of for each of these
        self.form = primal.form_of(wrt)
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
        value = _like(like, self.free_name(name))
        self._insert([value])
        return value

    def packed(self, name: str, form: Form, likes: Mapping[str, Value]) -> list[Value]:
        """A new parameter that is a nested tuple; its parts are like these, by name."""
        group = self._group(name, form, likes)
        self._insert(group[2], [group])
        return list(group[2])

    def _group(self, name: str, form: Form, likes: Mapping[str, Value]) -> Packed:
        name = self.free_name(name)
        values = [_like(like, self.free_name(part)) for part, like in likes.items()]
        return name, form, tuple(values)

    def _insert(self, values: Sequence[Value], packed: Sequence[Packed] = ()) -> None:
        """Have these as parameters, of which some are parts of tuples."""
        program = self.program
        keyword_only = program.keyword_only
        at = sum(
            len(parts)
            for name, _, parts in program.declared
            if name not in keyword_only
        )
        before, behind = program.parameters[:at], program.parameters[at:]
        self.program = replace(
            program,
            parameters=(*before, *values, *behind),
            packed=(*program.packed, *packed),
            defaults=tuple(one for one in program.defaults if one[0] in keyword_only),
        )

    def take_over(self, builder: Builder) -> None:
        """Go on with what a builder has made that went on with the program."""
        new = builder.finish(self.program.name, *self.program.results)
        self.program = replace(
            self.program, body=new.body, generation=new.generation, maker=new.maker
        )

    # -- sweeps

    def gradients(self, values: Sequence[Value]) -> list[list[Value]]:
        """For each of the values, its derivatives by the parameters of interest.

        That of an array has its shape followed by that of the parameter. Raises
        OptionError where reverse mode is asked for and there is none.
        """
        missing = [v for v in dict.fromkeys(values) if v not in self._gradients]
        if not missing:
            found = []
        elif self.reversible(len(missing)):
            called = [f"y{at}" for at in range(1, len(missing) + 1)]
            found = self._rows(missing, called if len(missing) > 1 else [""])
        elif self.mode == "reverse":
            found = self._rows_of_copies(missing)
        else:
            columns = self.columns(missing)
            found = [list(row) for row in zip(*columns, strict=True)]
        self._gradients.update(zip(missing, found, strict=True))
        return [self._gradients[value] for value in values]

    def reversible(self, sweeps: int = 1) -> bool:
        """Whether so many reverse sweeps can be written.

        Loops save for one reverse sweep, and what a reverse sweep has made of them is
        not reversed again: forward sweeps take the place of reverse ones then.
        """
        found = LOOPS.intersection(self.program.operations)
        return not found or (sweeps == 1 and found.isdisjoint((BACKWARD, UNWIND)))

    def _rows(
        self, values: Sequence[Value], called: Sequence[str]
    ) -> list[list[Value]]:
        """As `gradients`, by a reverse sweep for each value; in loops for arrays.

        What they are ``called`` stands in the titles of the sweeps; "" for one alone.
        """
        numbers = [value for value in values if not value.type.rank]
        names = dict(zip(values, called, strict=True))
        titles = [
            f"reverse sweep of {names[value]}" if names[value] else "reverse sweep"
            for value in numbers
        ]
        seeds = [[(value, self.one)] for value in numbers]
        found = dict(zip(numbers, self.adjoints(seeds, titles), strict=False))
        for value in values:
            if value.type.rank:
                found[value] = self._row_of_array(value, names[value] or "y")
        return [found[value] for value in values]

    def _row_of_array(self, value: Value, name: str) -> list[Value]:
        """The derivatives of an array: a reverse sweep for each of its elements."""
        seed = seed_of(value)
        seed.value.adjoint_of = value
        title = f"reverse sweeps, one for each element of {value.name or name}"
        there = results_of(self.program)
        sweep = Sweep(self.program, self.interest)
        adjoints = sweep.run([(value, seed.value)], title)
        slices = [
            Slice(adjoint, p, f"d{value.name or name}_d{p.name}", leading=True)
            for adjoint, p in zip(adjoints, self.interest, strict=True)
        ]
        swept = sweep.finish()
        apart, _ = split(swept, seed, there)
        before = replace(swept, body=Block(apart, self.program.results))
        self.program, found = over_elements(before, swept, seed, slices, title)
        return found

    def _rows_of_copies(self, values: Sequence[Value]) -> list[list[Value]]:
        """As `gradients`: each value is computed once more, and that is reversed."""
        if not self.reversible():
            raise OptionError(
                f"{self.primal.name} has a derivative of a loop in it, which reverse "
                "mode does not reverse again; mode='forward' goes through it"
            )
        primal = self.primal
        rows = []
        for at, value in enumerate(values, 1):
            builder = Builder.resume(self.program, IDENTITIES)
            builder.sweep = f"the function once more, for y{at}"
            one = replace(primal, body=Block(primal.body.ops, (value,)))
            alone = without_dead_code(one, keep_raising=False, keep_guards=False)
            (copy,) = inlined(builder, alone, {}, -1)
            self.take_over(builder)
            rows += self._rows([copy], [f"y{at}"])
        return rows

    def columns(self, wanted: Sequence[Value]) -> list[list[Value]]:
        """For each parameter of interest, the derivatives of the values by it.

        They are found by tangent sweeps, in loops over the elements of arrays.
        """
        numbers = [p for p in self.interest if not p.type.rank]
        base, found = self.program, dict[Value, list[Value]]()
        if numbers:
            tangents = self.unit_tangents(wanted, numbers)
            for at, p in enumerate(numbers):
                found[p] = [tangents.total(value, at) for value in wanted]
        for p in self.interest:
            if p.type.rank:
                slices = [
                    Slice(value, value, f"d{value.name or 'y'}_d{p.name}", False)
                    for value in wanted
                ]
                found[p] = self.columns_of_array(base, p, slices)
        return [found[p] for p in self.interest]

    def columns_of_array(
        self, base: Program, by: Value, slices: Sequence[Slice]
    ) -> list[Value]:
        """The derivatives by an array of the values of the slices, in ``base``.

        A tangent sweep for each of its elements gives one slice of each.
        """
        seed = seed_of(by)
        seed.value.tangent_of, seed.value.direction = by, "dot"
        title = f"tangent sweeps, one for each element of {by.name}"
        tangents = Tangents(base, [Direction("dot", {by: seed.value}, title)])
        swept = tangents.run([one.value for one in slices])
        moving = [replace(one, value=tangents.total(one.value, 0)) for one in slices]
        self.program, found = over_elements(self.program, swept, seed, moving, title)
        return found

    def cotangents(self, seeds: Seeds) -> list[Value]:
        """The adjoints of the parameters of interest for one set of seeds."""
        if self.reversible():
            return self.adjoints([seeds])[0]
        builder = Builder.resume(self.program, IDENTITIES)
        total = builder.constant(0.0)
        for value, seed in seeds:
            term = builder.emit("sum", multiply(builder, seed, value), attributes=_ALL)
            total = builder.emit("add", total, term)
        self.take_over(builder)
        return [column for (column,) in self.columns([total])]

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
        for adjoints in found:
            note_shapes(adjoints, self.interest)
        return found

    def tangents(
        self, wanted: Sequence[Value], directions: Sequence[Direction]
    ) -> Tangents:
        """The tangents of the values ``wanted`` in these directions.

        Raises OptionError for a direction that is a number where the parameter is none.
        """
        for direction in directions:
            for parameter, seed in direction.seeds.items():
                if parameter.type.rank != seed.type.rank:
                    raise OptionError(
                        f"{parameter.name} is an array; what is sparse is found for "
                        "functions of numbers"
                    )
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
            self._vectors = self._vectors_of_interest()
        return self.tangents(wanted, [Direction("dot", self._vectors)])

    def _vectors_of_interest(self) -> dict[Value, Value]:
        """A parameter for each one of interest; of a tuple they are a tuple."""
        found: dict[Value, Value] = {}
        packed: list[Packed] = []
        wanted = {*self.interest}
        groups = [one for one in self.primal.packed if wanted.issuperset(one[2])]
        group_of = {part: group for group in groups for part in group[2]}
        for p in self.interest:
            if p in found:
                continue
            if p not in group_of:
                found[p] = _like(p, self.free_name(f"{p.name}_dot"))
                continue
            name, form, parts = group_of[p]
            likes = {f"{part.name}_dot": part for part in parts}
            packed.append(self._group(f"{name}_dot", form, likes))
            found.update(zip(parts, packed[-1][2], strict=True))
        self._insert(list(found.values()), packed)  # all at once: there may be many
        return found

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
        generation = self.primal.generation
        needed = without_dead_code(program, generation, keep_value)
        better = without_unread_saves(with_opposites(needed))
        if better is not needed:
            needed = without_dead_code(better, generation, keep_value)
        return with_fewer_signs(needed)


def note_shapes(found: Sequence[Value], like: Sequence[Value]) -> None:
    """Note that each value has the shape of another, which loops do not know."""
    for value, other in zip(found, like, strict=True):
        if value.op is not None and (value.type.listed or value.op.blocks):
            value.shape = other.shape


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
