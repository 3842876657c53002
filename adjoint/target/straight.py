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
from adjoint.target.waiting import LONGEST

if TYPE_CHECKING:
    from adjoint.target.statements import BodyWriter


class _Spellings(dict[Operation, Infix | Calling | None]):
    """How the common operations are spelled; None for those that are rare."""

    def __init__(self, writer: BodyWriter):
        self._rare, self._spellers = writer.forms, writer.module.spellers

    def __missing__(self, operation: Operation) -> Infix | Calling | None:
        self[operation] = None
        if operation not in self._rare and not operation.variadic:
            spelling = self._spellers[operation]
            one = len(operation.operands) == 1
            if isinstance(spelling, Infix) or (isinstance(spelling, Calling) and one):
                self[operation] = spelling
        return self[operation]


class Straight:
    """Writes operations of a program that has no loops and no arrays.

    It does not keep the writer, which keeps it: no circle holds the memory.
    """

    def __init__(self, writer: BodyWriter):
        self._spellings = _Spellings(writer)
        self._heir = writer.uses.heir

    def write(self, writer: BodyWriter, ops: Iterable[Op]) -> None:
        """Write the operations, one after the other, into the writer's frame."""
        spellings, frame, uses = self._spellings, writer.frame, writer.uses
        waiting, raising, block = frame.waiting, frame.raising, frame.block
        known, atom, heir = writer.names.known, writer.atom, self._heir
        used, inside, body = uses.used, uses.inside, uses.program.body
        ordered = writer.ordered
        for op in ops:
            operation, operands, result = op.operation, op.operands, op.result
            spelling = spellings[operation]
            if spelling is None or result is None or result.number is not None:
                writer.op(op)
                continue
            a, b = operands[0], operands[-1]
            if a in waiting or b in waiting:
                expression = self._joined(writer, op, spelling, a, b)
            else:
                left = known.get(a) or atom(a).text
                right = known.get(b) or atom(b).text
                expression = spelling.of_names(left, right)
                if a in heir:
                    writer.continue_total(op, expression, Text(left), Text(right))
            if ordered and operation.raises:
                writer.position += 1
                expression.last = writer.position
                if expression.first < 0:
                    expression.first = writer.position
            reads = used.get(result, 0)
            if reads > 1:
                self.assign(writer, result, expression)
            elif (
                reads
                and result.name is None
                and expression.onto is None
                and (not inside or inside.get(result, body) is block)
            ):
                waiting[result] = expression
                if expression.last >= 0:
                    raising.append(result)
            else:
                writer.keep(result, expression)

    def _joined(
        self, writer: BodyWriter, op: Op, spelling: Infix | Calling, a: Value, b: Value
    ) -> Text:
        """The operation on operands of which at least one waits."""
        waiting, raising = writer.frame.waiting, writer.frame.raising
        left = right = waiting.get(a) or writer.atom(a)
        length = len(left.text)
        if a is not b:
            right = waiting.get(b) or writer.atom(b)
            length += len(right.text)
        elif op.operation.repeats_operand:
            length += LONGEST  # it does not stand there twice
        late = raising and (left.last >= 0 or right.last >= 0)
        if (
            length > LONGEST
            or left.binding == CHOICE
            or right.binding == CHOICE
            or (late and not _taken_late(raising, a, left, b, right))
        ):
            writer.make_room(op)
            left = right = writer.text(a)
            if a is not b:
                right = writer.text(b)
        else:
            waiting.pop(a, None)
            waiting.pop(b, None)
        expression = spelling.of(left, right)
        if late:
            expression.first = left.first if left.last >= 0 else right.first
            expression.last = max(left.last, right.last)
        if a in self._heir:
            writer.continue_total(op, expression, left, right)
        return expression

    def assign(self, writer: BodyWriter, value: Value, expression: Text) -> None:
        """As the writer's `assign`, with few calls where nothing stands in the way."""
        frame = writer.frame
        margin, raising = frame.indent, frame.raising
        late = raising and frame.waiting[raising[0]].first < expression.last
        if late or margin is None or expression.onto:
            writer.assign(value, expression)
            return
        line = f"{margin}{writer.names.give(value)} = {expression.text}"
        if len(line) <= WIDTH and line.isascii():
            writer.lines.append(line)
        else:
            writer.wrap(line)


def _taken_late(
    raising: list[Value], a: Value, left: Text, b: Value, right: Text
) -> bool:
    """Take those of two operands that may raise, unless that changes their order.

    As `Frame.take_in_order`, where it is known what the operands are.
    """
    if left.last < 0 or right.last < 0 or a is b:
        if raising[-1] is not (a if left.last >= 0 else b):
            return False
        raising.pop()
        return True
    if raising[-2:] != [a, b]:
        return False
    del raising[-2:]
    return True
