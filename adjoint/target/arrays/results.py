"""Copies that a program needs before it is written: of what is returned, of what loops
change.

The caller may do with a gradient what they like, so no result is a view of another
array or an array of the caller's own. An array that a loop changes is the loop's own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

from adjoint.ir.program import FOR, IF, LOOPS, WHILE, Block, Op, Program, Value, walk
from adjoint.ir.views import is_view
from adjoint.rules.array_operation import ArrayOperation
from adjoint.rules.array_table import ARRAY_OPERATIONS
from adjoint.target.ownership import STORES, Ownership, operands_read

_NONE: frozenset[Value] = frozenset()


@dataclass
class _Origins:
    """Which operation makes each value, and what is used once alone."""

    made: dict[Value, Op]
    once: set[Value]


def with_own_arrays(program: Program) -> Program:
    """The program with the copies that it needs."""
    body, primal = program.body, program.primal_ops
    origins = _origins(program)
    arrays = Ownership(program, copying=True)
    ops: list[Op] = []
    for at, op in enumerate(body.ops):
        if at == program.primal_ops:
            primal = len(ops)
        ops += _with_own_loops(op, arrays)
    if program.primal_ops == len(body.ops):
        primal = len(ops)
    results: list[Value] = []
    taken: set[Value] = set()
    for result in program.results:
        if result.type.rank and not _is_own(result, origins, taken):
            op = _copied(result)
            op.sweep = ops[-1].sweep if ops else op.sweep
            ops.append(op)
            result = op.results[0]
        results.append(result)
    whole = replace(program, body=Block(ops, tuple(results)), primal_ops=primal)
    return _without_spread(whole)


def _without_spread(program: Program) -> Program:
    """The program without what was spread over an array, and is written there now."""
    used = set(program.results)
    for op in walk(program.body):
        used.update(op.operands, op.saved, *[block.results for block in op.blocks])

    def kept(op: Op) -> bool:
        return op.operation.name != "broadcast" or op.results[0] in used

    def visit(block: Block) -> Block:
        ops = [_inside(op, visit) for op in block.ops if kept(op)]
        return Block(ops, block.results, block.parameters)

    dropped = [op for op in program.body.ops[: program.primal_ops] if not kept(op)]
    primal = program.primal_ops - len(dropped)
    return replace(program, body=visit(program.body), primal_ops=primal)


def _inside(op: Op, visit: Callable[[Block], Block]) -> Op:
    return op.copied(op.operands, tuple(map(visit, op.blocks))) if op.blocks else op


def _origins(program: Program) -> _Origins:
    made: dict[Value, Op] = {}
    uses: Counter[Value] = Counter(program.results)
    for op in walk(program.body):
        made.update(dict.fromkeys(op.results, op))
        uses.update(operands_read(op))
        uses.update(op.saved)
        for block in op.blocks:
            uses.update(block.results)
    once = {value for value, count in uses.items() if count == 1}
    return _Origins(made, once)


def _with_own_loops(op: Op, own: Ownership) -> list[Op]:
    """The operation, with copies before it of the arrays that its loops change."""
    if not op.blocks:
        return [op]
    changed = _changed(op)
    blocks = tuple(
        Block(
            [new for one in b.ops for new in _with_own_loops(one, own)],
            b.results,
            b.parameters,
        )
        for b in op.blocks
    )
    copies: list[Op] = []
    operands = list(op.operands)
    if op.operation in LOOPS:
        carried = _carried(op)
        for at, parameter in enumerate(carried, len(operands) - len(carried)):
            initial = operands[at]
            if parameter not in changed or initial.literal:
                continue
            if not own.hands_on(op, initial):
                copies.append(_copied(initial))
                copies[-1].sweep = op.sweep
                operands[at] = copies[-1].results[0]
    return [*copies, op.copied(tuple(operands), blocks)]


def _changed(op: Op) -> frozenset[Value]:
    """What the loop carries and something is stored in, also by loops inside."""
    if op.operation not in LOOPS:
        return _NONE
    changed: set[Value] = set()
    for one in reversed(list(walk(op.blocks[-1]))):  # those inside come first
        if one.operation.name in STORES:
            changed.add(one.operands[0])
        elif one.operation in LOOPS:
            carried = _carried(one)
            initial = one.operands[len(one.operands) - len(carried) :]
            pairs = zip(initial, carried, strict=True)
            changed.update(value for value, inner in pairs if inner in changed)
    return frozenset(changed.intersection(_carried(op)))


def _carried(op: Op) -> tuple[Value, ...]:
    body = op.blocks[-1]
    flags = 1 if op.operation in (FOR, WHILE) else 0
    return body.parameters[len(body.parameters) - len(body.results) + flags :]


def _is_own(result: Value, origins: _Origins, taken: set[Value]) -> bool:
    """Whether the result may be given away: it, or what it is all of, is new.

    What it is all of is then ``taken``, and no other result may be that.
    """
    op = origins.made.get(result)
    while op is not None and op.operation.name in _WHOLE:
        result = op.operands[0]
        op = origins.made.get(result)
    own = _is_new(result, origins) and result not in taken
    taken.add(result)
    return own


#: Operations that give a view of all elements, or the operand itself.
_WHOLE = frozenset(
    ("unbroadcast", "fitted", "reshape", "reshape_like", "transpose", "expand_dims")
    + ("squeeze",)
)


def _is_new(value: Value, origins: _Origins, own: frozenset[Value] = _NONE) -> bool:
    """Whether the operation behind the value makes an array of its own.

    ``own`` are arrays that are known to be so.
    """
    op = origins.made.get(value)
    if op is None:
        return value in own
    if op.operation is IF:
        at = op.results.index(value)
        return all(_yields_new(block, at, origins, own) for block in op.blocks)
    if op.operation in LOOPS:
        if op.operation not in (FOR, WHILE):
            return True
        changed = _changed(op)  # these are the loop's own
        at = op.results.index(value)
        is_own = _carried(op)[at] in changed
        return is_own and _is_new(op.blocks[-1].results[at], origins, changed)
    if isinstance(op.operation, ArrayOperation):
        passing = is_view(op) or op.operation.name in ("unbroadcast", "fitted", "array")
        return not passing
    return True


def _yields_new(side: Block, at: int, origins: _Origins, own: frozenset[Value]) -> bool:
    """Whether a side of a branch yields an array that has no other name outside."""
    value = side.results[at]
    inside = any(value in op.results for op in side.ops)
    return (inside or value in origins.once) and _is_new(value, origins, own)


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
