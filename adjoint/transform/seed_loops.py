"""Sweeps over the elements of an array: one for each unit vector, in a loop.

A sweep is written once, for a seed that nobody has given yet. What depends on the seed
becomes the body of a loop in which the seed is one unit vector after the other; what
does not is computed once, before the loop. Each iteration gives one slice of the whole:
a column of a Jacobian by a tangent sweep, a row by a reverse one.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace

from adjoint.errors import OptionError
from adjoint.ir.builder import Builder
from adjoint.ir.clone import Clone, cloned
from adjoint.ir.loops import stack_of, stack_readers
from adjoint.ir.program import (
    BACKWARD,
    FOR,
    GUARD,
    LOOPS,
    Block,
    Op,
    Program,
    Value,
    walk,
)
from adjoint.ir.types import INT
from adjoint.rules.array_operation import ArrayOperation
from adjoint.rules.array_table import ARRAY_OPERATIONS
from adjoint.transform.algebra.real_identities import IDENTITIES
from adjoint.transform.saving import values_read
from adjoint.transform.shared_tangents import TITLE


@dataclass(frozen=True)
class Slice:
    """What one sweep gives: a slice of the result, of the shape of ``like``.

    ``name`` is what the result is called. The axes of the elements that are swept over
    come first where ``leading``, else last.
    """

    value: Value
    like: Value
    name: str
    leading: bool


@dataclass(frozen=True)
class Seed:
    """The seed of the sweep, and the array over whose elements it runs.

    The seed is 1 where the ``mask`` holds and 0 elsewhere, and is made of it: so a
    derivative that is infinite meets no 0, and what is elementwise is computed once.
    """

    value: Value
    mask: Value
    of: Value


def seed_of(of: Value) -> Seed:
    """A seed that stands for a unit vector of the shape of the value."""
    seed, mask = (
        Value(of.type._replace(element=element)) for element in ("float", "bool")
    )
    seed.shape = mask.shape = of.shape
    constant = Builder().constant
    seed.op = Op(ARRAY_OPERATIONS["where"], (mask, constant(1.0), constant(0.0)))
    return Seed(seed, mask, of)


def results_of(program: Program) -> set[Value]:
    """What the program computes, in its outermost block."""
    return {result for op in program.body.ops for result in op.results}


def split(program: Program, seed: Seed, there: Set[Value]) -> tuple[list[Op], list[Op]]:
    """The operations that have nothing to do with the seed, and those that have.

    A new array that is filled there alone belongs to the latter, unless it is ``there``
    already; one that is changed there is made anew in any case.
    """
    moved = {seed.value, seed.mask}
    apart: list[Op] = []
    inside: list[Op] = []
    for op in program.body.ops:
        if moved.isdisjoint(_reads(op)):
            apart.append(op)
        elif op.operation is not GUARD:  # which has been passed before
            moved.update(op.results)
            inside.append(op)
    read = {value for op in apart for value in _reads(op)} | there
    new = [op for op in apart if _is_to_be_filled(op)]
    changed = {value for op in inside if op.operation in LOOPS for value in op.operands}
    filled = [op for op in new if op.results[0] not in read]
    anew = [op for op in new if op.results[0] in read & changed]
    return [op for op in apart if op not in filled], [*filled, *anew, *inside]


def _is_to_be_filled(op: Op) -> bool:
    return isinstance(op.operation, ArrayOperation) and not op.operation.shared


def _reads(op: Op) -> list[Value]:
    """What the operation reads, and what those in its blocks do."""
    inside = [value for block in op.blocks for value in values_read(block)]
    return [*op.operands, *inside]


def over_elements(
    program: Program,
    sweep: Program,
    seed: Seed,
    slices: Sequence[Slice],
    title: str,
) -> tuple[Program, list[Value]]:
    """The program with a loop over the elements behind it, and what the slices make.

    ``sweep`` is the program with a sweep for ``seed`` in it. What it has besides those
    operations of ``program`` that do not depend on the seed is written anew.
    """
    _refuse_nested(seed.of)
    builder = Builder.resume(program, IDENTITIES)
    builder.generation = max(program.generation, sweep.generation) + 1
    there = results_of(program)
    apart, inside = split(sweep, seed, there)
    known: dict[Value, Value] = {}
    builder.sweep = TITLE
    for op in apart:
        if not there.issuperset(op.results):
            _write(builder, op, known)
    builder.sweep = title
    starts = [_start(builder, seed.of, one) for one in slices]
    moved = {seed.value, seed.mask}.union(*[op.results for op in inside])
    taken = [at for at, one in enumerate(slices) if one.value in moved]
    ends = _loop(
        builder,
        seed,
        Clone(Block(inside), known),
        [slices[at] for at in taken],
        [starts[at] for at in taken],
    )
    by_place = dict(zip(taken, ends, strict=True))
    results = [
        _shaped(builder, seed.of, one, by_place.get(at, starts[at]))
        for at, one in enumerate(slices)
    ]
    new = builder.finish(program.name, *program.results)
    _keep_stacks(new.body)
    _take_whole_entries(new.body, builder.generation)
    return replace(program, body=new.body, generation=new.generation), results


def _refuse_nested(of: Value) -> None:
    """Raise OptionError for lists of lists, which may have rows of other lengths."""
    if of.type.listed < 2:
        return
    name, instead = "what is returned", "return an array"
    if of.op is None:
        axes = ", ".join(":" * of.type.rank)
        name = f"`{of.name}`"
        instead = f"make it an array (signature='{of.name}: float[{axes}]')"
    raise OptionError(
        f"{name} is a list of lists: it has no sweep for each of its numbers, of which "
        f"a Jacobian or a Hessian is made; {instead}, or ask for vjp, jvp or hvp"
    )


def _keep_stacks(body: Block) -> None:
    """Have none take away what another, further on, takes from the same stack."""
    readers = [op for op in walk(body) if op.operation is BACKWARD and op.pops]
    kept = {stack_of(op) for op in readers if op.keeps}
    for op in readers:
        op.keeps |= stack_of(op) in kept


def _take_whole_entries(body: Block, generation: int) -> None:
    """Have a sweep take what its loop has saved for the tangents of another, too."""
    for op, saver in stack_readers(body):
        more = saver.saved[op.pops :]
        block, first = op.blocks[-1], op.operation is BACKWARD
        unread = [Value(value.type, generation=generation) for value in more]
        behind = first + op.pops
        before, after = block.parameters[:behind], block.parameters[behind:]
        block.parameters = (*before, *unread, *after)
        op.pops += len(more)


def _write(builder: Builder, op: Op, known: dict[Value, Value]) -> None:
    """Write an operation once more, unless its value is there already."""
    if op.blocks:
        clone = _cloned(builder, Block([op]), known)
        for copy in walk(clone.block):
            copy.sweep = builder.sweep
        known.update(clone.values)
        builder.adopt(clone.block.ops[0])
        return
    (result,) = op.results
    operands = tuple(known.get(operand, operand) for operand in op.operands)
    new = builder.again(op, operands, op.where)
    if new.op is not None and new.generation == builder.generation:
        new.adjoint_of, new.tangent_of = result.adjoint_of, result.tangent_of
        new.direction = result.direction
    known[result] = new


def _cloned(builder: Builder, block: Block, known: dict[Value, Value]) -> Clone:
    """A copy of the block, that takes from stacks without taking away."""
    clone = cloned(block, known)
    for value in clone.values.keys() - known.keys():
        clone.values[value].generation = builder.generation
    ops = list(walk(clone.block))
    own = {op.results[-1] for op in ops if op.saved}
    for op in ops:
        # one that is in a loop of its own in there keeps its stack already
        op.keeps |= op.operation is BACKWARD and stack_of(op) not in own
    return clone


def _loop(
    builder: Builder,
    seed: Seed,
    body: Clone,
    slices: Sequence[Slice],
    starts: Sequence[Value],
) -> tuple[Value, ...]:
    """The loop that fills the arrays, which are zeros at the start."""
    if not slices:
        return ()
    emit, number = builder.emit, builder.constant
    masked = any(seed.mask in _reads(op) for op in body.block.ops)
    places = _places(builder, seed.of) if masked else None
    builder.open()
    at = builder.block_parameter(INT, "i")
    filled = []
    for one, start in zip(slices, starts, strict=True):
        filled.append(builder.block_parameter(start.type, one.name))
        filled[-1].shape = start.shape
    known = {**body.values, seed.value: _unit(builder, seed, at)}
    if places is not None:
        known[seed.mask] = emit("eq", places, at)
    clone = _cloned(builder, body.block, known)
    for op in clone.block.ops:
        builder.adopt(op)
    nexts = []
    for one, array in zip(slices, filled, strict=True):
        pattern = ("a",) if one.leading else _last(one.like.type.rank)
        value = clone.values[one.value]
        if value.type.listed > 1:  # and is a block of an array here
            value = emit("as_array", value)
        nexts.append(emit("store", array, value, at, attributes=(pattern,)))
    block = builder.close(*nexts, number(False))
    operands = (number(0), _count(builder, seed.of), number(1), *starts)
    return builder.loop(FOR, operands, block)


def _last(axes: int) -> tuple[str, ...]:
    """The brackets of an index behind so many axes."""
    return (*([":"] * axes), "a") if axes < 2 else ("...", "a")


def _unit(builder: Builder, seed: Seed, at: Value) -> Value:
    """The unit vector of the element; those of several axes are counted in a row."""
    emit, of = builder.emit, seed.of
    flat = of.type.rank == 1
    zeros = emit("zeros_like", of) if flat else emit("zeros", _count(builder, of))
    one = builder.constant(1.0)
    unit = emit("store", zeros, one, at, attributes=(("a",),))
    if not flat:
        unit = emit("reshape_like", unit, of)
    unit.adjoint_of, unit.tangent_of = seed.value.adjoint_of, seed.value.tangent_of
    unit.direction = seed.value.direction
    return unit


def _places(builder: Builder, of: Value) -> Value:
    """The elements, counted in a row, each in its place."""
    start, step = builder.constant(0), builder.constant(1)
    places = builder.emit("arange", start, _count(builder, of), step)
    if of.type.rank > 1:
        return builder.emit("reshape_like", places, of)
    places.shape = of.shape
    return places


def _start(builder: Builder, of: Value, one: Slice) -> Value:
    """Zeros for all of the slices; the elements that are swept over have one axis."""
    if not one.like.type.rank and of.type.rank == 1:
        return builder.emit("zeros_like", of)
    count, axes = _count(builder, of), _lengths(builder, one.like)
    sizes = [count, *axes] if one.leading else [*axes, count]
    return builder.emit("zeros", *sizes)


def _shaped(builder: Builder, of: Value, one: Slice, whole: Value) -> Value:
    """The elements in as many axes as they have."""
    shape = (*of.shape, *one.like.shape)
    sizes = [*_lengths(builder, of), *_lengths(builder, one.like)]
    if not one.leading:
        count = len(of.shape)
        shape = (*shape[count:], *shape[:count])
        sizes = [*sizes[count:], *sizes[:count]]
    if of.type.rank > 1:
        alone = not one.like.type.rank
        whole = (
            builder.emit("reshape_like", whole, of)
            if alone
            else builder.emit("reshape", whole, *sizes)
        )
    whole.shape = shape
    return whole


def _count(builder: Builder, value: Value) -> Value:
    """How many elements it has."""
    if value.type.rank > 1:
        return builder.emit("size", value)
    return _lengths(builder, value)[0]


def _lengths(builder: Builder, value: Value) -> list[Value]:
    """The lengths of its axes."""
    return [
        (
            builder.constant(length)
            if isinstance(length, int)
            else builder.emit("length", value, attributes=(at,))
        )
        for at, length in enumerate(value.shape)
    ]
