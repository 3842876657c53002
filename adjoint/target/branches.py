"""Branches: as a conditional expression where that is plain, else as statements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adjoint.ir.program import IF, UNDEFINED, Block, Op, Value
from adjoint.ir.types import BOOL
from adjoint.target.layout import INDENT, WIDTH, width
from adjoint.target.moves import in_turn
from adjoint.target.spelling import CHOICE, Text, choice, logic, negation
from adjoint.target.waiting import NeedsStatements

if TYPE_CHECKING:
    from adjoint.target.statements import BodyWriter

#: A longer conditional expression is written as statements.
_LONGEST = 66

#: Results of the branch, and what a side yields for each.
Yields = list[tuple[Value, Value]]
#: One arm of an ``if``: its condition (None for ``else``), and its lines.
_Arm = tuple[Text | None, list[str]]


def write_branch(writer: BodyWriter, op: Op) -> None:
    """Write the branch, or let it wait as an expression for the use of its result."""
    condition = op.operands[0]
    if writer.peek(condition).binding == CHOICE:
        writer.flush(condition)
    expression = _as_expression(writer, op)
    if expression is not None:
        writer.keep(op.results[0], expression)
    else:
        _write_statements(writer, op)


# -- as an expression


def _as_expression(writer: BodyWriter, op: Op) -> Text | None:
    """The branch as one expression, where it is simple enough for that."""
    if len(op.results) != 1:
        return None
    if any(block.results[0].name == UNDEFINED for block in op.blocks):
        return None
    try:
        sides = [_side_expression(writer, block) for block in op.blocks]
    except NeedsStatements:
        return None
    condition = op.operands[0]
    text = _spelled(op, writer.peek(condition), sides)
    if len(text.text) > _LONGEST or sides[0].binding == CHOICE:
        return None
    writer.put_in_order((condition,))
    test = writer.text(condition)
    expression = _spelled(op, test, sides)
    writer.set_time(expression, (test, *sides), raises=False)
    return expression


def _side_expression(writer: BodyWriter, block: Block) -> Text:
    with writer.inside(block, None):
        for op in block.ops:
            writer.op(op)
        return writer.text(block.results[0])


def _spelled(op: Op, condition: Text, sides: list[Text]) -> Text:
    then, orelse = sides
    if op.results[0].type == BOOL:
        if orelse.text == "False":
            return logic("and", condition, then)
        if then.text == "True":
            return logic("or", condition, orelse)
    return choice(condition, then, orelse)


# -- as statements


def _write_statements(writer: BodyWriter, op: Op) -> None:
    indent = writer.frame.indent
    if indent is None:
        raise NeedsStatements
    condition = op.operands[0]
    writer.flush_before_block(condition)
    if condition in writer.frame.waiting and _too_wide(indent, writer.peek(condition)):
        writer.flush(condition)
    yields = [(result, result) for result in op.results]
    arms = arms_of(writer, op, writer.text(condition), yields)
    writer.lines += laid_out(arms, indent)


def arms_of(
    writer: BodyWriter, op: Op, condition: Text | None, wanted: Yields
) -> list[_Arm]:
    """The arms of the branch; an ``else`` that is a branch in turn is an ``elif``."""
    then, orelse = op.blocks
    yields = yielded_by(op, orelse, wanted)
    arms = [(condition, side_lines(writer, then, yielded_by(op, then, wanted)))]
    chained = chained_condition(writer, orelse, yields)
    if chained is None:
        return [*arms, (None, side_lines(writer, orelse, yields))]
    return arms + arms_of(writer, orelse.ops[-1], chained, yields)


def yielded_by(op: Op, side: Block, wanted: Yields) -> Yields:
    """What the side yields for each wanted result of the branch."""
    own = dict(zip(op.results, side.results, strict=True))
    return [(result, own.get(source, source)) for result, source in wanted]


def chained_condition(writer: BodyWriter, block: Block, yields: Yields) -> Text | None:
    """The condition of the branch that is all of the block; None if there is more."""
    if not block.ops or block.ops[-1].operation is not IF:
        return None
    chained = block.ops[-1]
    defined = {result for op in block.ops for result in op.results}
    for result, value in yields:
        if value in defined:
            own = value in chained.results and writer.uses.only_in(value, block)
            if not own or value.name not in (None, result.name):
                return None
    try:
        with writer.inside(block, None):
            for op in block.ops[:-1]:
                writer.op(op)
            condition = writer.text(chained.operands[0])
            complete = not writer.frame.waiting
    except NeedsStatements:
        return None
    plain = condition.binding != CHOICE
    fits = not _too_wide(f"{writer.frame.indent}el", condition)
    return condition if complete and plain and fits else None


def side_lines(writer: BodyWriter, block: Block, yields: Yields) -> list[str]:
    """The lines of one arm."""
    outer, writer.lines = writer.lines, []
    with writer.inside(block, f"{writer.frame.indent}{INDENT}"):
        for op in block.ops:
            writer.op(op)
        write_yields(writer, yields)
    lines, writer.lines = writer.lines, outer
    return lines


def write_yields(writer: BodyWriter, yields: Yields) -> None:
    """Give the results of the branch their values at the end of an arm."""
    frame = writer.frame
    order = {value: at for at, value in enumerate(frame.waiting)}
    atoms: dict[str, list[Value]] = {}
    ordered = sorted(yields, key=lambda pair: order.get(pair[1], -1))
    if _clash(writer, ordered) or _is_circle(writer, ordered):
        _write_at_once(writer, ordered)
        return
    for result, value in ordered:
        if value in frame.waiting:
            writer.assign(result, frame.take(value))
        elif value.name != UNDEFINED:
            atoms.setdefault(writer.atom(value).text, []).append(result)
    for text, results in atoms.items():
        names = [writer.names.give(result) for result in results]
        for line in _assignments([name for name in names if name != text], text):
            writer.line(line)


def _clash(writer: BodyWriter, yields: Yields) -> bool:
    """Whether a result is yielded under the name that another one is given."""
    waiting = writer.frame.waiting
    read = {
        writer.atom(value).text: result
        for result, value in yields
        if value not in waiting and not value.literal
    }
    if not read:
        return False
    names = [(writer.names.settled(result), result) for result, _ in yields]
    return any(read.get(name, result) is not result for name, result in names if name)


def _is_circle(writer: BodyWriter, yields: Yields) -> bool:
    """Whether each of some that wait reads what the next of them is to overwrite."""
    waiting = writer.frame.waiting
    named = {
        writer.names.settled(result): waiting[value].text
        for result, value in yields
        if value in waiting
    }
    _, left = in_turn([(name, text) for name, text in named.items() if name])
    return bool(left)


def _write_at_once(writer: BodyWriter, yields: Yields) -> None:
    """``a, b = b, 0.0``, where one after the other would not do."""
    names: list[str] = []
    texts: list[str] = []
    for result, value in yields:
        name = writer.names.give(result)
        if value.name != UNDEFINED and name != writer.peek(value).text:
            names.append(name)
            texts.append(writer.text(value).text)
    if names:
        writer.line(f"{', '.join(names)} = {', '.join(texts)}")


def _assignments(names: list[str], text: str) -> list[str]:
    """``a = b = text``, on as few lines as will do."""
    lines: list[str] = []
    room = WIDTH - 40
    for name in names:
        if lines and width(lines[-1]) + width(name) < room:
            lines[-1] = f"{lines[-1].removesuffix(text)}{name} = {text}"
        else:
            lines.append(f"{name} = {text}")
    return lines


def laid_out(arms: list[_Arm], indent: str) -> list[str]:
    """The lines of an ``if`` with these arms."""
    if not arms[-1][1]:
        arms.pop()  # an `else` with nothing to do
    elif len(arms) == 2 and not arms[0][1]:
        condition = arms[0][0]
        assert condition is not None
        arms = [(negation(condition), arms[1][1])]
    lines: list[str] = []
    for at, (condition, inner) in enumerate(arms):
        word = "el" * (at > 0)
        head = "else:" if condition is None else f"{word}if {condition.text}:"
        lines.append(indent + head)
        lines += inner or [f"{indent}{INDENT}pass"]
    return lines


def _too_wide(indent: str, condition: Text) -> bool:
    return width(f"{indent}if {condition.text}:") > WIDTH
