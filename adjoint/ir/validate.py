"""The validator: what must hold of every program, checked after each transformation."""

from __future__ import annotations

from adjoint.ir.form import size
from adjoint.ir.program import (
    BACKWARD,
    FOR,
    GUARD,
    IF,
    LOOPS,
    UNWIND,
    WHILE,
    Block,
    Op,
    Program,
    Value,
)


class InvalidProgram(Exception):
    """A program breaks a rule of the language in the middle: a fault of ours."""


def validate(program: Program) -> None:
    """Raise InvalidProgram unless every rule holds.

    Each value is defined once, before its use and in an enclosing block; each operation
    has the operands, results and blocks that its table entry asks for; branches yield
    as many values as they have results; the primal does not use the derivative.
    """
    defined: set[Value] = set(program.parameters)
    if len(defined) != len(program.parameters):
        raise InvalidProgram("a parameter stands twice")
    _block(program.body, defined)
    if size(program.form) != len(program.results):
        raise InvalidProgram("the form does not fit the results")
    if program.beside:  # the derivative stands in the primal's own blocks
        return
    for op in program.body.ops[: program.primal_ops]:
        for value in op.operands:
            if value.generation > max(0, program.generation - 1):
                raise InvalidProgram(f"{op} of the primal uses the derivative")


def _block(block: Block, outer: set[Value]) -> None:
    defined = outer | set(block.parameters)
    for op in block.ops:
        for operand in op.operands:
            _require(operand, defined, op)
        _shape(op)
        for inner in op.blocks:
            _block(inner, defined)
        for result in op.results:
            if result in defined:
                raise InvalidProgram(f"{result} is defined twice, again by {op}")
            defined.add(result)
    for value in block.results:
        if not value.literal:
            _require(value, defined, "the end of a block")


def _require(value: Value, defined: set[Value], user: object) -> None:
    if not value.literal and value not in defined:
        raise InvalidProgram(f"{value} is used by {user} where it is not defined")


def _shape(op: Op) -> None:
    operation = op.operation
    if operation in LOOPS:
        _loop(op)
        return
    if operation is GUARD:
        if len(op.operands) != 1 or op.results or not op.text:
            raise InvalidProgram("a guard has one condition, a text and no result")
        return
    if operation is IF:
        if len(op.operands) != 1 or len(op.blocks) != 2:
            raise InvalidProgram("a branch has one condition and two blocks")
        for block in op.blocks:
            if len(block.results) != len(op.results):
                raise InvalidProgram("a side yields another number of values")
        return
    arity = len(operation.operands)
    if op.blocks or len(op.results) != 1:
        raise InvalidProgram(f"{op} has blocks, or more or less than one result")
    if len(op.operands) != arity and not operation.open_ended:
        raise InvalidProgram(f"{op} has {len(op.operands)} operands, not {arity}")


#: For each loop: operands before the initial values, block parameters before the
#: carried ones, and what the body yields besides the carried values.
_LOOP_SHAPE = {FOR: (3, 1, 1), WHILE: (0, 0, 1), BACKWARD: (3, 1, 0), UNWIND: (1, 0, 0)}


def _loop(op: Op) -> None:
    before, index, flags = _LOOP_SHAPE[op.operation]
    if op.operation is BACKWARD and op.pops:
        before += 1
    carried = len(op.operands) - before
    body = op.blocks[-1]
    counts = (
        len(body.parameters) - index - op.pops,
        len(body.results) - flags,
        len(op.results) - bool(op.saved),
    )
    if set(counts) != {carried}:
        raise InvalidProgram(
            f"{op} does not carry the same values everywhere: {counts}"
        )
    if len(op.blocks) != (2 if op.operation is WHILE else 1):
        raise InvalidProgram(f"{op} has a wrong number of blocks")
    if op.operation is WHILE:
        test = op.blocks[0]
        if len(test.parameters) != carried or len(test.results) != 1:
            raise InvalidProgram("the test of a loop takes what it carries")
