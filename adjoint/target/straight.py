"""Straight-line code on numbers, in one loop: there may be millions of operations.

What is written is what `BodyWriter.op` would write, and that writes whatever is rare;
the operations with a sign, or with one argument, are written here, with few calls.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from adjoint.ir.program import Op, Value
from adjoint.rules.operation import Operation
from adjoint.target.layout import WIDTH
from adjoint.target.spelling import CHOICE, Calling, Infix, Text
from adjoint.target.waiting import LONGEST, Frame

if TYPE_CHECKING:
    from adjoint.target.statements import BodyWriter


class _Spellings(dict[Operation, Infix | Calling | None]):
    """How the common operations are spelled; None for those that are rare."""

    def __init__(self, writer: BodyWriter):
        self._writer = writer

    def __missing__(self, operation: Operation) -> Infix | Calling | None:
        self[operation] = None
        if operation not in self._writer.forms and not operation.variadic:
            spelling = self._writer.module.spellers[operation]
            one = len(operation.operands) == 1
            if isinstance(spelling, Infix) or (isinstance(spelling, Calling) and one):
                self[operation] = spelling
        return self[operation]


def write_straight(writer: BodyWriter, ops: Iterable[Op]) -> None:
    """Write the operations of a program that has no loops and no arrays."""
    frame, names, ordered = writer.frame, writer.names, writer.ordered
    waiting, raising, block = frame.waiting, frame.raising, frame.block
    known, give, lines, margin = names.known, names.give, writer.lines, frame.indent
    uses, position = writer.uses, writer.position
    used, several, inside, heir = uses.used, uses.several, uses.inside, uses.heir
    body = uses.program.body
    spellings = _Spellings(writer)
    for op in ops:
        position += 1
        operation, result, operands = op.operation, op.result, op.operands
        spelling = spellings[operation]
        if spelling is None or result is None or result.number is not None:
            writer.position = position - 1
            writer.op(op)
            position = writer.position
            continue
        a, b = operands[0], operands[-1]
        left = None if a in waiting else known.get(a)
        right = None if b in waiting else known.get(b)
        often = result in several
        raises = ordered and operation.raises
        if left is not None and right is not None:  # neither waits, or is a number
            text = spelling.of_names(left, right)
            continues = a in heir
            if often and not continues and not (raises and raising):
                line = f"{margin}{give(result)} = {text}"
                if len(line) <= WIDTH and line.isascii():
                    lines.append(line)
                else:
                    writer.wrap(line)
                continue
            expression = Text(text, spelling.binding)
            if continues:
                writer.continue_total(op, expression, Text(left), Text(right))
        else:
            writer.position = position
            expression = _joined(writer, op, spelling, left, right)
        if raises:
            expression.last = position
            if expression.first < 0:
                expression.first = position
        if often:
            writer.position = position
            writer.assign(result, expression)
        elif (
            result in used
            and inside.get(result, body) is block
            and result.name is None
            and expression.onto is None
        ):
            waiting[result] = expression
            if expression.last >= 0:
                raising.append(result)
        else:
            writer.position = position
            writer.keep(result, expression)
    writer.position = position


def _joined(
    writer: BodyWriter,
    op: Op,
    spelling: Infix | Calling,
    a_name: str | None,
    b_name: str | None,
) -> Text:
    """The operation on operands of which one has no name: it waits, or is a number."""
    frame, a, b = writer.frame, op.operands[0], op.operands[-1]
    waiting, numbers = frame.waiting, writer.numbers
    if a_name is None:
        left = waiting.get(a) or numbers.get(a) or writer.atom(a)
    else:
        left = Text(a_name)
    right = left
    length = len(left.text)
    if a is not b:
        if b_name is None:
            right = waiting.get(b) or numbers.get(b) or writer.atom(b)
        else:
            right = Text(b_name)
        length += len(right.text)
    elif op.operation.repeats_operand:
        length += LONGEST  # it does not stand there twice
    if (
        length > LONGEST
        or left.binding == CHOICE
        or right.binding == CHOICE
        or not _taken(frame, a, left, b, right)
    ):
        left, right = _with_room(writer, op)
    expression = spelling.of(left, right)
    if left.last >= 0:
        expression.first = left.first
        expression.last = right.last if right.last > left.last else left.last
    elif right.last >= 0:
        expression.first, expression.last = right.first, right.last
    if a in writer.uses.heir:
        writer.continue_total(op, expression, left, right)
    return expression


def _taken(frame: Frame, a: Value, left: Text, b: Value, right: Text) -> bool:
    """Take those of two operands that wait, unless exceptions change their order.

    As `Frame.take_in_order`, where it is known what the operands are.
    """
    if left.last >= 0 or right.last >= 0:
        raising = frame.raising
        if left.last < 0 or right.last < 0 or a is b:
            if raising[-1] is not (a if left.last >= 0 else b):
                return False
            raising.pop()
        else:
            if raising[-2:] != [a, b]:
                return False
            del raising[-2:]
    frame.waiting.pop(a, None)
    frame.waiting.pop(b, None)
    return True


def _with_room(writer: BodyWriter, op: Op) -> tuple[Text, Text]:
    """The texts of the operands, when what does not fit has been written out."""
    writer.make_room(op)
    left = right = writer.text(op.operands[0])
    if len(op.operands) > 1:
        right = writer.text(op.operands[1])
    return left, right
