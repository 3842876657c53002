"""Functions with rules of the user's own, after derivatives have been taken of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from adjoint.ir.clone import cloned
from adjoint.ir.program import Block, Op, Program, Value, operations_in, walk
from adjoint.rules.operation import OwnOperation

#: What has been computed where it is seen: by operation, operands and attributes.
_There = dict[tuple[Any, ...], Value]


#: What is said of a derivative in which `adjoint.stop_gradient` has a part.
HELD_FIXED = "where what stop_gradient is given is held fixed"


def own_operations(program: Program) -> list[OwnOperation]:
    """Those that the program calls."""
    operations = operations_in(program.body)
    return [one for one in operations if isinstance(one, OwnOperation)]


def written_out(program: Program) -> Program:
    """The program in which each of them is what it computes, where that is known."""
    if not any(operation.value for operation in own_operations(program)):
        return program
    known: dict[Value, Value] = {}
    there: _There = {}
    primal = _written_out(program.body.ops[: program.primal_ops], known, there)
    rest = _written_out(program.body.ops[program.primal_ops :], known, there)
    results = tuple(known.get(value, value) for value in program.results)
    body = Block(primal + rest, results, program.body.parameters)
    return replace(program, body=body, primal_ops=len(primal))


def _written_out(ops: list[Op], known: dict[Value, Value], there: _There) -> list[Op]:
    """``known`` are values in place of others, ``there`` what is computed already."""
    found: list[Op] = []
    for op in ops:
        operands = tuple(known.get(value, value) for value in op.operands)
        operation = op.operation
        if isinstance(operation, OwnOperation) and operation.value is not None:
            value = _value(op, operation, operands, known)
            found += _written_out(value, known, there)
            result = known[op.results[0]]
            known[op.results[0]] = known.get(result, result)
            continue
        if not op.blocks and len(op.results) == 1:
            key = operation, operands, op.attributes
            if key in there:
                known[op.results[0]] = there[key]
                continue
            there[key] = op.results[0]
        blocks = tuple(_block(block, known, there) for block in op.blocks)
        copy = op.copied(operands, blocks)
        copy.saved = tuple(known.get(value, value) for value in op.saved)
        found.append(copy)
    return found


def _block(block: Block, known: dict[Value, Value], there: _There) -> Block:
    ops = _written_out(block.ops, known, dict(there))
    results = tuple(known.get(value, value) for value in block.results)
    return Block(ops, results, block.parameters)


def _value(
    call: Op,
    operation: OwnOperation,
    operands: tuple[Value, ...],
    known: dict[Value, Value],
) -> list[Op]:
    """The operations of what it computes; the last one has the name of the result."""
    program: Program = operation.value
    result = call.results[0]
    copy = cloned(program.body, dict(zip(program.parameters, operands, strict=True)))
    for op in walk(copy.block):
        op.sweep = call.sweep
        for value in op.results:
            value.generation = result.generation
            value.name = value.name if op.blocks else None
    (value,) = copy.block.results
    if value.op is not None and value not in operands:
        value.name, value.adjoint_of = result.name, result.adjoint_of
    known[result] = value
    return copy.block.ops
