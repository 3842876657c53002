"""How an iteration leaves its loop: ``if c: break``, in front of what else it does.

In a program, a loop is left at the end of its body only, by a flag; what comes behind a
``break`` is the other side of a branch. Where that branch is the end of the body, it is
written as one would: the side that leaves, with its ``break``, and then the other one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from adjoint.ir.loops import parts
from adjoint.ir.program import FOR, IF, UNDEFINED, WHILE, Block, Op, Value
from adjoint.target import branches
from adjoint.target.layout import INDENT
from adjoint.target.spelling import negation

if TYPE_CHECKING:
    from adjoint.target.statements import BodyWriter


def leaving_branch(writer: BodyWriter, loop: Op) -> Op | None:
    """The last operation of the body, where that is a branch to be written so.

    It is not where anything has to be written between the branch and the ``break``.
    """
    body = loop.blocks[-1]
    assert writer.liveness is not None
    if loop.operation not in (FOR, WHILE) or not body.ops:
        return None
    last, stop = body.ops[-1], body.results[-1]
    plain = writer.forms.get(IF) is branches.write_branch
    saves = loop.saved and writer.liveness.save_after.get(loop) is last
    if not plain or saves or _exit(last, stop) is None:
        return None
    if stop is last.operands[0] and writer.liveness.count(stop, 0) == 2:
        writer.uses.used[stop] = 1  # that it decides and leaves is one `if`
    return last


def write_leaving(writer: BodyWriter, loop: Op, branch: Op) -> bool:
    """Write the branch, with the ``break``; not where variables are given their next
    values behind it.
    """
    _, carried, nexts, _ = parts(loop)
    stop = loop.blocks[-1].results[-1]
    if not all(map(writer.names.shares, nexts, carried)):
        pairs = zip(nexts, carried, strict=True)
        if not all(_is_there(writer, value, now) for value, now in pairs):
            if stop in writer.frame.waiting:
                writer.flush(stop)
            return False
    kept = stop in nexts
    yields = [(one, one) for one in branch.results if kept or one is not stop]
    _write(writer, branch, stop, yields)
    return True


def _is_there(writer: BodyWriter, value: Value, now: Value) -> bool:
    """Whether the variable has its next value already."""
    if value.name == UNDEFINED or writer.names.shares(value, now):
        return True
    name = writer.names.get(value)
    return name is not None and name == writer.names.get(now)


def _exit(op: Op, stop: Value) -> tuple[int, Value | None] | None:
    """Which side of a branch surely leaves, and what says whether the other does.

    None where no side surely leaves.
    """
    if op.operation is not IF:
        return None
    test = op.operands[0]
    if stop is test:
        return 0, None
    negated = test.op is not None and test.op.operation.name == "not"
    if negated and test.op is not None and stop is test.op.operands[0]:
        return 1, None
    if stop not in op.results:
        return None
    at = op.results.index(stop)
    ends = [side.results[at] for side in op.blocks]
    for side, end in enumerate(ends):
        if end.literal and end.number:
            other = ends[1 - side]
            stays = other.literal and not other.number
            return side, None if stays else other
    return None


def _write(
    writer: BodyWriter, op: Op, stop: Value, wanted: list[tuple[Value, Value]]
) -> None:
    found, indent = _exit(op, stop), writer.frame.indent
    assert found is not None and indent is not None and writer.liveness is not None
    writer.position += 1
    writer.names.now = writer.liveness.start[op]
    condition, (at, other_stop) = op.operands[0], found
    writer.flush_before_block(condition)
    test = writer.text(condition)
    if at == 1:
        test = negation(test)
    leaving, other = op.blocks[at], op.blocks[1 - at]
    lines = branches.side_lines(
        writer, leaving, branches.yielded_by(op, leaving, wanted)
    )
    writer.line(f"if {test.text}:")
    writer.lines += [*lines, f"{indent}{INDENT}break"]
    _write_other(writer, other, other_stop, branches.yielded_by(op, other, wanted))


def _moves(writer: BodyWriter, yields: branches.Yields) -> bool:
    """Whether any variable is given a value here, which a condition might read."""
    return any(
        value in writer.frame.waiting
        or writer.atom(value).text != writer.names.settled(result)
        for result, value in yields
        if value.name != UNDEFINED
    )


def _write_other(
    writer: BodyWriter, side: Block, stop: Value | None, yields: branches.Yields
) -> None:
    """The side that goes on, if ``stop`` does not hold, where the branch stands."""
    indent = writer.frame.indent
    chained = None if stop else branches.chained_condition(writer, side, yields)
    if chained is not None and indent is not None:
        arms = branches.arms_of(writer, side.ops[-1], chained, yields)
        writer.lines += branches.laid_out(arms, indent)
        return
    with writer.inside(side, indent):
        last = side.ops[-1] if side.ops else None
        leaves = stop is not None and last is not None and _exit(last, stop)
        for op in side.ops[:-1] if leaves else side.ops:
            writer.op(op)
        if leaves and last is not None and stop is not None:
            _write(writer, last, stop, yields)
            return
        if stop in writer.frame.waiting and _moves(writer, yields):
            writer.flush(stop)
        branches.write_yields(writer, yields)
        if stop is not None:
            writer.line(f"if {writer.text(stop).text}:")
            writer.line(f"{INDENT}break")
