"""Dead code: operations whose results nobody uses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from adjoint.ir.program import (
    FOR,
    GUARD,
    IF,
    WHILE,
    Block,
    Op,
    Program,
    Tally,
    Value,
)
from adjoint.ir.views import is_slice
from adjoint.rules.operation import Operation

#: No generation: nothing is kept for the exceptions that it may raise ...
NONE_KEPT = -2
#: ... but the user's own, without which a ``while`` might never end.
GUARDS_KEPT = -1


def without_dead_code(
    program: Program,
    primal: int | None = None,
    keep_raising: bool = True,
    keep_guards: bool = True,
) -> Program:
    """The program with what its results need and no more.

    ``primal`` is the generation up to which operations belong to the primal (default:
    all). With ``keep_raising`` those of them that may raise are kept even where the
    result is not used: the exception is part of the primal's behaviour. With
    ``keep_guards`` so are, at least, those that the user has written.
    """
    last = program.generation if primal is None else primal
    kept = GUARDS_KEPT if keep_guards else NONE_KEPT
    if keep_raising:
        kept = last
    body = _live_straight(program.body, kept)
    if body is None:
        ops = _live(program.body.ops, set(program.results), kept)
        body = Block(ops, program.results)
    ops = body.ops
    leading = len(ops)
    if not program.beside and program.generation > last:
        leading = next(
            (n for n, op in enumerate(ops) if _generation(op) > last), leading
        )
    return replace(program, body=body, primal_ops=leading)


def live_operations(ops: Sequence[Op], results: Iterable[Value]) -> list[Op]:
    """The operations that ``results`` need, in their order."""
    return _live(ops, set(results), NONE_KEPT)


def _generation(op: Op) -> int:
    if op.result is not None:
        return op.result.generation
    return op.results[0].generation if op.results else 0


def _live_straight(block: Block, kept: int) -> Block | None:
    """As `_live`, and count what is there; None where there is a block inside."""
    live: list[Op] = []
    reads = dict(Counter(block.results))
    get = reads.get
    operations: dict[Operation, None] = {}
    cost = 0
    for op in reversed(block.ops):
        if op.blocks:
            return None
        operation, result = op.operation, op.result
        if result in reads or (operation.raises and _is_kept(op, kept)):
            for value in op.operands:
                reads[value] = get(value, 0) + 1
            live.append(op)
            operations[operation] = None
            if result is not None and result.number is None:
                cost += 1
    live.reverse()
    found = Block(live, block.results)
    found.tally = Tally(reads, list(operations), cost)
    return found


def _live(ops: Sequence[Op], used: set[Value], kept: int) -> list[Op]:
    live: list[Op] = []
    for op in reversed(ops):
        if op.blocks:
            narrow = _live_branch if op.operation is IF else _live_loop
            narrowed = narrow(op, used, kept)
            if narrowed is not None:
                live.append(narrowed)
        elif op.result in used or (op.operation.raises and _is_kept(op, kept)):
            used.update(op.operands)
            live.append(op)
    live.reverse()
    return live


def _is_kept(op: Op, kept: int) -> bool:
    """Whether the exception of the operation is part of the primal's behaviour."""
    if op.operation is GUARD:
        return kept >= GUARDS_KEPT
    if _generation(op) > kept or op.sure or is_slice(op):
        return False
    return op.result is None or op.result.number is None


def _live_branch(op: Op, used: set[Value], kept: int) -> Op | None:
    wanted = [i for i, result in enumerate(op.results) if result in used]
    blocks: list[Block] = []
    for block in op.blocks:
        results = tuple(block.results[i] for i in wanted)
        used.update(results)
        blocks.append(Block(_live(block.ops, used, kept), results))
    if not wanted and not any(block.ops for block in blocks):
        return None
    used.update(op.operands)
    narrowed = op.copied(op.operands, tuple(blocks))
    narrowed.results = tuple(op.results[i] for i in wanted)
    return narrowed


def _live_loop(op: Op, used: set[Value], kept: int) -> Op | None:
    """The loop with the carried values that matter, found by a fixed point.

    A carried value matters if its result is used, or if what matters in the body reads
    it. A loop that may go on for ever or raise is kept even where nothing matters.
    """
    body = op.blocks[-1]
    flags = body.results[-1:] if op.operation in (FOR, WHILE) else ()
    nexts = body.results[: len(body.results) - len(flags)]
    stack = op.results[len(nexts) :]
    parameters = body.parameters[len(body.parameters) - len(nexts) :]
    before = len(op.operands) - len(nexts)
    saved = op.saved if any(result in used for result in stack) else ()
    wanted = {
        at for at, result in enumerate(op.results[: len(nexts)]) if result in used
    }
    while True:
        inside = set(flags) | set(saved) | {nexts[at] for at in wanted}
        ops = _live(body.ops, inside, kept)
        test: Block | None = None
        if op.operation is WHILE:
            needs = set(op.blocks[0].results)
            test_ops = _live(op.blocks[0].ops, needs, kept)
            test = Block(test_ops, op.blocks[0].results, op.blocks[0].parameters)
            names = dict(zip(test.parameters, parameters, strict=True))
            inside.update(names.get(value, value) for value in needs)
        more = {at for at, parameter in enumerate(parameters) if parameter in inside}
        if more <= wanted:
            break
        wanted |= more
    if (
        not wanted
        and not saved
        and not (_generation(op) <= kept and (ops or op.operation is WHILE))
    ):
        return None
    order = sorted(wanted)
    first = body.parameters[: len(body.parameters) - len(nexts)]
    blocks = [
        Block(
            ops,
            (*(nexts[at] for at in order), *flags),
            (*first, *(parameters[at] for at in order)),
        )
    ]
    if test is not None:
        test.parameters = tuple(test.parameters[at] for at in order)
        blocks.insert(0, test)
    operands = (*op.operands[:before], *(op.operands[before + at] for at in order))
    used.update(inside)
    used.update(operands)
    narrowed = op.copied(operands, tuple(blocks))
    narrowed.saved = saved
    narrowed.results = (*(op.results[at] for at in order), *(stack if saved else ()))
    return narrowed
