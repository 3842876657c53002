"""The reference interpreter: a program on the numbers of any arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from adjoint.ir.arithmetic import FLOATS, Arithmetic
from adjoint.ir.program import Block, Op, Program, Value

#: Joins the two sides of a branch whose condition is not decided (a symbol).
Join = Callable[[Any, Any, Any], Any]


def run(
    program: Program,
    arguments: Sequence[Any],
    arithmetic: Arithmetic = FLOATS,
    constant: Callable[[Value], Any] = lambda value: value.number,
    join: Join | None = None,
) -> tuple[Any, ...]:
    """The results of a program.

    ``constant`` turns a literal (a `Value`) into a number of the arithmetic. With
    ``join``, both sides of every branch whose condition is no plain truth value are
    run, and their results joined as ``join(condition, then, orelse)``; otherwise one
    side is run, as Python does.
    """
    numbers = dict(zip(program.parameters, arguments, strict=True))
    return trace(program.body, numbers, arithmetic, constant, join)


def trace(
    block: Block,
    numbers: dict[Value, Any],
    arithmetic: Arithmetic = FLOATS,
    constant: Callable[[Value], Any] = lambda value: value.number,
    join: Join | None = None,
) -> tuple[Any, ...]:
    """As `run`, for a block whose free values are in ``numbers``; adds the others."""

    def number_of(value: Value) -> Any:
        return constant(value) if value.literal else numbers.get(value)

    def branch(op: Op) -> tuple[Any, ...]:
        condition = number_of(op.operands[0])
        if join is None or condition is True or condition is False:
            side = op.blocks[0] if condition else op.blocks[1]
            return trace(side, numbers, arithmetic, constant, join)
        sides = [trace(side, numbers, arithmetic, constant, join) for side in op.blocks]
        return tuple(join(condition, a, b) for a, b in zip(*sides, strict=True))

    for op in block.ops:
        if op.blocks:
            numbers.update(zip(op.results, branch(op), strict=True))
        else:
            function = arithmetic[op.operation.name]
            operands = [number_of(operand) for operand in op.operands]
            numbers[op.results[0]] = function(*operands)
    return tuple(number_of(value) for value in block.results)
