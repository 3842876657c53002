"""Loops, and the guards that raise the user's exceptions, as statements."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from adjoint.ir.loops import parts
from adjoint.ir.program import BACKWARD, UNDEFINED, Op, Value
from adjoint.target.exits import leaving_branch, write_leaving
from adjoint.target.layout import INDENT, WIDTH, width
from adjoint.target.moves import in_turn
from adjoint.target.spelling import Text, negation
from adjoint.target.waiting import NeedsStatements

if TYPE_CHECKING:
    from adjoint.target.statements import BodyWriter

#: An assignment that is still to be written: the name, the value, the expression.
Move = tuple[str, Value, Text]


def write_for(writer: BodyWriter, op: Op) -> None:
    """``for i in range(...):``, or backwards over what the forward loop has saved."""
    _enter(writer, op)
    bounds = [writer.text(value) for value in op.operands[:3]]
    start, stop, step = (text.text for text in bounds)
    arguments = [start, stop, step] if step != "1" else [start, stop]
    if arguments[0] == "0" and len(arguments) == 2:
        arguments = arguments[1:]
    ranged = f"{writer.module.builtin('range')}({', '.join(arguments)})"
    body = op.blocks[0]
    index = body.parameters[0]
    indexed = index in writer.uses.used
    name = writer.names.give(index) if indexed else writer.uses.unread
    if op.operation is BACKWARD and indexed:
        ranged = f"{writer.module.builtin('reversed')}({ranged})"
    popped = body.parameters[1 : 1 + op.pops]
    if not popped:
        writer.line(f"for {name} in {ranged}:")
        _write_body(writer, op, [])
        return
    names = ", ".join(_popped_names(writer, popped))
    stack = writer.text(op.operands[3]).text
    if not op.keeps:
        writer.line(f"for {name} in {ranged}:")
        _write_body(writer, op, [f"{names} = {stack}.pop()"])
        return
    entries = f"{writer.module.builtin('reversed')}({stack})"
    if indexed:
        names = f"({names})" if op.pops > 1 else names
        entries = f"{writer.module.builtin('zip')}({ranged}, {entries})"
        names = f"{name}, {names}"
    writer.line(f"for {names} in {entries}:")
    _write_body(writer, op, [])


def write_unwind(writer: BodyWriter, op: Op) -> None:
    """``for x in reversed(saved):``."""
    _enter(writer, op)
    names = _popped_names(writer, op.blocks[0].parameters[: op.pops])
    stack = writer.text(op.operands[0]).text
    reverse = writer.module.builtin("reversed")
    writer.line(f"for {', '.join(names)} in {reverse}({stack}):")
    _write_body(writer, op, [])


def _popped_names(writer: BodyWriter, popped: Sequence[Value]) -> list[str]:
    uses = writer.uses
    return [
        writer.names.give(value) if value in uses.used else uses.unread
        for value in popped
    ]


def write_while(writer: BodyWriter, op: Op) -> None:
    """``while condition:``, or a test inside where the condition needs statements."""
    _enter(writer, op)
    test = op.blocks[0]
    for value in (*test.parameters, *op.blocks[1].parameters):
        writer.names.give(value)
    try:
        with writer.inside(test, None):
            for one in test.ops:
                writer.op(one)
            condition = writer.text(test.results[0])
        if width(f"{writer.frame.indent}while {condition.text}:") > WIDTH:
            raise NeedsStatements
    except NeedsStatements:
        writer.line("while True:")
        with writer.inside(test, f"{writer.frame.indent}{INDENT}"):
            for one in test.ops:
                writer.op(one)
            condition = negation(writer.text(test.results[0]))
            writer.flush_all()
            writer.line(f"if {condition.text}:")
            writer.line(f"{INDENT}break")
    else:
        writer.line(f"while {condition.text}:")
    _write_body(writer, op, [])


def write_guard(
    writer: BodyWriter, op: Op, tested: Callable[[Text], Text] | None = None
) -> None:
    """``if not condition: raise ...``, or an ``assert``.

    ``tested`` makes the test of the text of the condition, where that is not one.
    """
    writer.flush_raising()
    condition = writer.text(op.operands[0])
    if tested is not None and condition.text != "False":
        condition = tested(condition)
    message = re.fullmatch(r"AssertionError\((.*)\)", op.text, re.DOTALL)
    if message:
        said = f", {message.group(1)}" if message.group(1) else ""
        writer.line(f"assert {condition.text}{said}")
    elif condition.text == "False":
        writer.line(f"raise {op.text}")
    else:
        writer.line(f"if {negation(condition).text}:")
        writer.line(f"{INDENT}raise {op.text}")


# -- before, in and at the end of a loop


def _enter(writer: BodyWriter, op: Op) -> None:
    """Give the carried values their initial values, and make the stack."""
    if writer.frame.indent is None:
        raise NeedsStatements
    initial, carried, _, results = parts(op)
    names = writer.names
    keep = [value for value in op.operands if value not in initial]
    writer.flush_all(keep)
    moves: list[Move] = []
    for value, parameter in zip(initial, carried, strict=True):
        name = names.give(parameter)
        if value.name == UNDEFINED or name == names.get(value):
            continue
        moves.append((name, value, writer.atom(value)))
    write_moves(writer, moves)
    for result in results:
        names.give(result)
    if op.saved:
        writer.line(f"{names.give(op.results[-1])} = []")


def _write_body(writer: BodyWriter, op: Op, first: Sequence[str]) -> None:
    body = op.blocks[-1]
    before = len(writer.lines)
    with writer.inside(body, f"{writer.frame.indent}{INDENT}"):
        for line in first:
            writer.line(line)
        assert writer.liveness is not None
        after = writer.liveness.save_after.get(op)
        if op.saved and after is None:
            _save(writer, op)
        exit = leaving_branch(writer, op)
        for one in body.ops:
            if one is exit and write_leaving(writer, op, one):
                return
            writer.op(one)
            if op.saved and one is after:
                _save(writer, op)
        _next_iteration(writer, op)
        if len(writer.lines) == before:
            writer.line("pass")


def _save(writer: BodyWriter, op: Op) -> None:
    texts = [writer.text(value).text for value in op.saved]
    entry = texts[0] if len(texts) == 1 else f"({', '.join(texts)})"
    writer.line(f"{writer.names.give(op.results[-1])}.append({entry})")


def _next_iteration(writer: BodyWriter, op: Op) -> None:
    """Give the carried values their next values; break off where that is asked for."""
    _, carried, nexts, _ = parts(op)
    flags = op.blocks[-1].results[len(nexts) :]
    stop = flags[0] if flags else None
    waiting = writer.frame.waiting
    if stop in waiting and any(value in waiting for value in nexts):
        writer.flush(stop)
    writer.flush_raising_but(nexts)
    moves: list[Move] = []
    order = {value: at for at, value in enumerate(waiting)}
    pairs = zip(carried, nexts, strict=True)
    for now, value in sorted(pairs, key=lambda pair: order.get(pair[1], -1)):
        name = writer.names.give(now)
        if value.name == UNDEFINED:
            continue
        if nexts.count(value) == 1 and value in waiting:
            expression = writer.frame.take(value)
        else:
            expression = writer.atom(value)
        if name != expression.text:
            moves.append((name, value, expression))
    write_moves(writer, moves)
    if stop is None or (stop.literal and not stop.number):
        return
    if stop.literal:
        writer.line("break")
    else:
        writer.line(f"if {writer.text(stop).text}:")
        writer.line(f"{INDENT}break")


def write_moves(writer: BodyWriter, moves: list[Move]) -> None:
    """Assign one after the other what no other reads, and the rest at once.

    What waits, as the condition of a ``break``, reads what was there before.
    """
    for name, _, _ in moves:
        writer.flush_readers(name, [expression for _, _, expression in moves])
    first, at_once = in_turn([(name, text.text) for name, _, text in moves])
    for at in first:
        name, value, expression = moves[at]
        writer.write_assignment(value, name, expression)
    if at_once:
        names = ", ".join(moves[at][0] for at in at_once)
        texts = ", ".join(moves[at][2].text for at in at_once)
        writer.line(f"{names} = {texts}")
