"""Copies of blocks whose values are new, and programs written into others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from adjoint.ir.builder import Builder
from adjoint.ir.program import GUARD, Block, Op, Program, Value, walk


@dataclass(frozen=True)
class Clone:
    """The copy, and for each value that the original defines the copy's own."""

    block: Block
    values: dict[Value, Value]


def cloned(block: Block, known: Mapping[Value, Value]) -> Clone:
    """A copy of the block; the values of ``known`` are replaced in it.

    The parameters of the block itself stay as they are, unless they are in ``known``;
    those of the blocks inside are new.
    """
    values = dict(known)
    return Clone(_copy(block, values), values)


def inlined(
    builder: Builder, program: Program, arguments: Mapping[Value, Value], where: int
) -> list[Value]:
    """The results of a program, written out for these arguments of its parameters.

    Its operations become operations of what the builder makes, at the place ``where``.
    """
    known = dict(arguments)
    for op in program.body.ops:
        if op.blocks or op.operation is GUARD:
            clone = cloned(Block([op]), known)
            for new in (clone.values[value] for value in clone.values.keys() - known):
                new.generation = builder.generation
                new.adjoint_of = new.tangent_of = None
            for copy in walk(clone.block):
                copy.where, copy.sweep = where, builder.sweep
            known = clone.values
            builder.adopt(clone.block.ops[0])
        else:
            operands = _seen(op.operands, known)
            known[op.results[0]] = builder.again(op, operands, where)
    return list(_seen(program.results, known))


def _copy(block: Block, values: dict[Value, Value]) -> Block:
    ops = [_copy_op(op, values) for op in block.ops]
    return Block(ops, _seen(block.results, values), _seen(block.parameters, values))


def _copy_op(op: Op, values: dict[Value, Value]) -> Op:
    operands = _seen(op.operands, values)
    blocks = []
    for inner in op.blocks:
        for parameter in inner.parameters:
            values[parameter] = _new(parameter, None)
        blocks.append(_copy(inner, values))
    copy = op.copied(operands, tuple(blocks), fresh=True)
    copy.saved = _seen(op.saved, values)
    for result in op.results:
        values[result] = _new(result, copy)
    copy.results = _seen(op.results, values)
    return copy


def _new(value: Value, op: Op | None) -> Value:
    new = Value(value.type, value.number, op, value.name, value.generation)
    new.adjoint_of = value.adjoint_of
    new.shape = value.shape
    new.tangent_of, new.direction = value.tangent_of, value.direction
    return new


def _seen(values: tuple[Value, ...], known: Mapping[Value, Value]) -> tuple[Value, ...]:
    return tuple(known.get(value, value) for value in values)
