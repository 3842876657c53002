"""Copies that a program needs before it is written: of what is returned, of what loops
change.

The caller may do with a gradient what they like, so no result is a view of another
array or an array of the caller's own. An array that a loop changes is the loop's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from adjoint.ir.program import FOR, IF, LOOPS, WHILE, Block, Op, Program, Value, walk
from adjoint.rules.array_operation import ArrayOperation
from adjoint.rules.array_table import ARRAY_OPERATIONS
from adjoint.target.ownership import STORES


def with_own_arrays(program: Program) -> Program:
    """The program with the copies that it needs."""
    body, primal = program.body, program.primal_ops
    made = {result: op for op in walk(body) for result in op.results}
    ops: list[Op] = []
    for at, op in enumerate(body.ops):
        if at == program.primal_ops:
            primal = len(ops)
        ops += _with_own_loops(op, made)
    if program.primal_ops == len(body.ops):
        primal = len(ops)
    results: list[Value] = []
    for result in program.results:
        if result.type.rank and (result in results or not _is_new(result, made)):
            op = _copied(result)
            op.sweep = ops[-1].sweep if ops else op.sweep
            ops.append(op)
            result = op.results[0]
        results.append(result)
    return replace(program, body=Block(ops, tuple(results)), primal_ops=primal)


def _with_own_loops(op: Op, made: Mapping[Value, Op]) -> list[Op]:
    """The operation, with copies before it of the arrays that its loops change."""
    if not op.blocks:
        return [op]
    blocks = tuple(
        Block(
            [new for one in b.ops for new in _with_own_loops(one, made)],
            b.results,
            b.parameters,
        )
        for b in op.blocks
    )
    copies: list[Op] = []
    operands = list(op.operands)
    if op.operation in LOOPS:
        flags = 1 if op.operation in (FOR, WHILE) else 0
        count = len(op.blocks[-1].results) - flags
        carried = op.blocks[-1].parameters[len(op.blocks[-1].parameters) - count :]
        changed = {
            one.operands[0]
            for one in walk(op.blocks[-1])
            if one.operation.name in STORES
        }
        for at, parameter in enumerate(carried, len(operands) - count):
            initial = operands[at]
            if (
                parameter in changed
                and not initial.literal
                and not _is_new(initial, made)
            ):
                copies.append(_copy_op(initial, "copy"))
                copies[-1].sweep = op.sweep
                operands[at] = copies[-1].results[0]
    return [*copies, op.copied(tuple(operands), blocks)]


def _is_new(value: Value, made: Mapping[Value, Op]) -> bool:
    """Whether the operation behind the value makes an array of its own."""
    op = made.get(value)
    if op is None:
        return False
    if op.operation is IF:
        at = op.results.index(value)
        return all(_is_new(block.results[at], made) for block in op.blocks)
    if op.operation in LOOPS:
        return op.operation not in (FOR, WHILE)
    if isinstance(op.operation, ArrayOperation):
        passing = op.operation.view or op.operation.name in ("unbroadcast", "array")
        return not passing
    return True


def _copied(value: Value) -> Op:
    """A copy; what is spread over an array is written there at once."""
    op = value.op
    if op is not None and op.operation.name == "broadcast":
        number, like = op.operands
        if not number.type.rank:
            return _copy_op(value, "full_like", like, number)
    return _copy_op(value, "copy")


def _copy_op(value: Value, name: str, *operands: Value) -> Op:
    op = Op(ARRAY_OPERATIONS[name], operands or (value,))
    copy = Value(value.type, None, op, None, value.generation)
    copy.adjoint_of, copy.shape = value.adjoint_of, value.shape
    op.results = (copy,)
    return op
