"""The reference interpreter: a program on the numbers of any arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from adjoint.ir.arithmetic import FLOATS, Arithmetic, function_of
from adjoint.ir.program import (
    BACKWARD,
    FOR,
    GUARD,
    IF,
    UNWIND,
    WHILE,
    Block,
    Op,
    Program,
    Value,
    has_arrays,
)

#: Joins the two sides of a branch whose condition is not decided (a symbol).
Join = Callable[[Any, Any, Any], Any]

#: Applies an elementary operation to its operands.
Apply = Callable[[Op, Sequence[Any]], Any]

#: Runs a block on arguments: what it yields.
Inner = Callable[[Block, Sequence[Any]], tuple[Any, ...]]


#: A ``while`` is given up after so many iterations.
MOST_ITERATIONS = 20_000
#: After so many, it is looked whether it stands still.
_LOOKED_AT = 1000


class Endless(ArithmeticError):
    """A ``while`` goes on and on at these numbers."""


class Guarded(Exception):
    """A guard did not hold; the message spells the exception of the user's function."""


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
    side is run, as Python does. Arrays are those of NumPy.
    """
    if has_arrays(program):
        from adjoint.ir.array_arithmetic import lifted

        arithmetic = lifted(arithmetic)
    numbers = dict(zip(program.parameters, arguments, strict=True))
    return trace(program.body, numbers, arithmetic, constant, join)


def trace(
    block: Block,
    numbers: dict[Value, Any],
    arithmetic: Arithmetic = FLOATS,
    constant: Callable[[Value], Any] = lambda value: value.number,
    join: Join | None = None,
    apply: Apply | None = None,
) -> tuple[Any, ...]:
    """As `run`, for a block whose free values are in ``numbers``; adds the others.

    ``apply`` takes the place of the arithmetic for whoever watches each operation.
    """

    def number_of(value: Value) -> Any:
        return constant(value) if value.literal else numbers.get(value)

    def branch(op: Op) -> tuple[Any, ...]:
        condition = number_of(op.operands[0])
        if join is None or condition is True or condition is False:
            side = op.blocks[0] if condition else op.blocks[1]
            return trace(side, numbers, arithmetic, constant, join, apply)
        sides = [
            trace(side, numbers, arithmetic, constant, join, apply)
            for side in op.blocks
        ]
        return tuple(join(condition, a, b) for a, b in zip(*sides, strict=True))

    def inner(block: Block, arguments: Sequence[Any]) -> tuple[Any, ...]:
        numbers.update(zip(block.parameters, arguments, strict=True))
        return trace(block, numbers, arithmetic, constant, join, apply)

    for op in block.ops:
        if op.operation is IF:
            numbers.update(zip(op.results, branch(op), strict=True))
        elif op.blocks:
            operands = [number_of(operand) for operand in op.operands]
            saved = partial(_saved, op, number_of)
            results = _LOOPS[op.operation](op, operands, inner, saved)
            numbers.update(zip(op.results, results, strict=True))
        elif op.operation is GUARD:
            if not number_of(op.operands[0]):
                raise Guarded(op.text)
        else:
            operands = [number_of(operand) for operand in op.operands]
            numbers[op.results[0]] = (
                apply(op, operands)
                if apply
                else function_of(op.operation, arithmetic)(*operands, *op.attributes)
            )
    return tuple(number_of(value) for value in block.results)


# -- loops: each gives the results of the operation


def _saved(op: Op, number_of: Callable[[Value], Any]) -> tuple[Any, ...]:
    return tuple(number_of(value) for value in op.saved)


def _for(
    op: Op, operands: list[Any], inner: Inner, saved: Callable[[], Any]
) -> list[Any]:
    start, stop, step, *carried = operands
    stack: list[Any] = []
    for index in range(start, stop, step):
        *carried, broke = inner(op.blocks[0], [index, *carried])
        if op.saved:
            stack.append(saved())
        if broke:
            break
    return [*carried, stack] if op.saved else carried


def _while(
    op: Op, operands: list[Any], inner: Inner, saved: Callable[[], Any]
) -> list[Any]:
    test, body = op.blocks
    carried = operands
    stack: list[Any] = []
    count = 0
    while inner(test, carried)[0]:
        count += 1
        if count > MOST_ITERATIONS:
            raise Endless(f"a loop has not ended in {MOST_ITERATIONS} iterations")
        before = carried
        *carried, broke = inner(body, carried)
        if count % _LOOKED_AT == 0 and _stands_still(before, carried):
            raise Endless("a loop goes on for ever: an iteration changes nothing")
        if op.saved:
            stack.append(saved())
        if broke:
            break
    return [*carried, stack] if op.saved else carried


def _stands_still(before: list[Any], after: list[Any]) -> bool:
    """Whether an iteration has changed no number, so that none after it will.

    Only floats and whole numbers are compared: 0 is not -0, and nan is nan.
    """
    plain = all(isinstance(number, (float, int)) for number in after)
    return plain and list(map(_bits, before)) == list(map(_bits, after))


def _bits(number: float | int) -> str | int:
    return number.hex() if isinstance(number, float) else number


def _backward(op: Op, operands: list[Any], inner: Inner, _: object) -> list[Any]:
    start, stop, step, *rest = operands
    stack = list(rest.pop(0)) if op.pops else []
    carried = rest
    for index in reversed(range(start, stop, step)):
        popped = stack.pop() if op.pops else ()
        carried = list(inner(op.blocks[0], [index, *popped, *carried]))
    return carried


def _unwind(op: Op, operands: list[Any], inner: Inner, _: object) -> list[Any]:
    stack, *carried = operands
    for popped in reversed(stack):
        carried = list(inner(op.blocks[0], [*popped[: op.pops], *carried]))
    return carried


_LOOPS = {FOR: _for, WHILE: _while, BACKWARD: _backward, UNWIND: _unwind}
