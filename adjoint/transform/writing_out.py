"""What stands for a formula until derivatives have been taken, and is written out then.

These are functions with rules of the user's own, and operations of the table that have
a formula in place of a spelling (`Operation.written`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from adjoint.ir.builder import Builder
from adjoint.ir.clone import inlined
from adjoint.ir.program import Block, Op, Program, Value, walk
from adjoint.rules.array_operation import ArrayOperation
from adjoint.rules.operation import Operation, OwnOperation
from adjoint.transform.partials import formula_program

#: What is said of a derivative in which `adjoint.stop_gradient` has a part.
HELD_FIXED = "where what stop_gradient is given is held fixed"


def own_operations(program: Program) -> list[OwnOperation]:
    """Those that the program calls."""
    operations = program.operations
    return [one for one in operations if isinstance(one, OwnOperation)]


def written_out(program: Program) -> Program:
    """The program in which each of them is what it computes, where that is known."""
    return WrittenOut(program).program


def _is_written_out(operation: Operation) -> bool:
    if isinstance(operation, OwnOperation):
        return operation.value is not None
    return bool(operation.written)


def _may_share(operation: Operation) -> bool:
    """Whether the same twice may be one value: not of an array that is filled later."""
    return not isinstance(operation, ArrayOperation) or operation.shared


#: What has been computed where it is seen: by operation, operands and attributes.
_There = dict[tuple[Any, ...], Value]


class WrittenOut:
    """A program that is written out (`written_out`), and what values became in it."""

    def __init__(self, program: Program):
        self._known: dict[Value, Value] = {}
        self.program = program
        if any(map(_is_written_out, program.operations)):
            self.program = self._whole(program)

    def now(self, value: Value) -> Value:
        """The value that has taken the place of one of the program, or itself."""
        return self._known.get(value, value)

    def _whole(self, program: Program) -> Program:
        self._builder = Builder(program.source, share=False)
        there: _There = {}
        primal = self._ops(program.body.ops[: program.primal_ops], there)
        rest = self._ops(program.body.ops[program.primal_ops :], there)
        results = self._seen(program.results)
        body = Block(primal + rest, results, program.body.parameters)
        return replace(program, body=body, primal_ops=len(primal))

    def _ops(self, ops: list[Op], there: _There) -> list[Op]:
        """``there`` is what is computed already."""
        known, found = self._known, list[Op]()
        for op in ops:
            operands = self._seen(op.operands)
            if _is_written_out(op.operation):
                found += self._ops(self._value(op, operands), there)
                result = known[op.results[0]]
                known[op.results[0]] = known.get(result, result)
                continue
            if not op.blocks and len(op.results) == 1 and _may_share(op.operation):
                key = op.operation, operands, op.attributes
                if key in there:
                    known[op.results[0]] = there[key]
                    continue
                there[key] = op.results[0]
            blocks = tuple(self._block(block, there) for block in op.blocks)
            copy = op.copied(operands, blocks)
            copy.saved = self._seen(op.saved)
            found.append(copy)
        return found

    def _block(self, block: Block, there: _There) -> Block:
        ops = self._ops(block.ops, dict(there))
        return Block(ops, self._seen(block.results), block.parameters)

    def _value(self, call: Op, operands: tuple[Value, ...]) -> list[Op]:
        """The operations of what it computes; the last one has the name of the result.

        There may be others among them that are written out in turn.
        """
        builder, result = self._builder, call.results[0]
        start = len(builder.block.ops)
        program, arguments = _formula(call, operands)
        (value,) = inlined(builder, program, arguments, call.where)
        made = Block(builder.block.ops[start:])
        for op in walk(made):
            op.sweep = call.sweep
            for one in op.results:
                one.generation = result.generation
                one.name = one.name if op.blocks else None
        if value.op is not None and value not in operands:
            value.name, value.adjoint_of = result.name, result.adjoint_of
            value.tangent_of, value.direction = result.tangent_of, result.direction
        self._known[result] = value
        return made.ops

    def _seen(self, values: tuple[Value, ...]) -> tuple[Value, ...]:
        return tuple(map(self.now, values))


def _formula(
    call: Op, operands: tuple[Value, ...]
) -> tuple[Program, dict[Value, Value]]:
    """What the operation computes, and what its parameters are here."""
    operation = call.operation
    if isinstance(operation, OwnOperation):
        program: Program = operation.value
        return program, dict(zip(program.parameters, operands, strict=True))
    on_arrays = call.results[0].type.rank and operation.written_on_arrays
    program = formula_program(on_arrays or operation.written)
    named = dict(zip(operation.operands, operands, strict=True))
    return program, {p: named[str(p.name)] for p in program.parameters}
