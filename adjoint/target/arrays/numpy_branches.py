"""Branches of functions of arrays: each side is for the points where it is taken.

Where nothing in it can go wrong, both sides are computed everywhere, and `np.where`
takes from each; other sides are functions of their own, which `numpy_runtime.choose`
calls with their own points. So no point has a warning, or a nan, from a side that it
does not take.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from adjoint.ir.program import FOR, IF, NOTHING, UNDEFINED, Block, Op, Value, walk
from adjoint.ir.types import BOOL, FLOAT, INT, STACK
from adjoint.target import loops
from adjoint.target.layout import INDENT, width
from adjoint.target.moves import mentions
from adjoint.target.spelling import Calling, Text, literal, operating
from adjoint.target.waiting import NeedsStatements

if TYPE_CHECKING:
    from adjoint.target.statements import BodyWriter
    from adjoint.target.uses import Uses

#: A longer expression does not stand in another.
_LONGEST = 66

#: Operations that warn of nothing, whatever their operands are.
_QUIET = frozenset(
    "neg abs min max copysign floor ceil trunc round float lt le gt ge eq ne and or not"
    " bitand bitor bitxor".split()
)


def write_choice(writer: BodyWriter, op: Op) -> None:
    """Write the branch, or let it wait as an expression for the use of its result."""
    if not _is_quiet_throughout(op):
        _write_call(writer, op)
        return
    expression = _as_expression(writer, op)
    if expression is not None:
        writer.keep(op.results[0], expression)
    else:
        _write_selection(writer, op)


def keep_apart(uses: Uses) -> None:
    """See to it that what one side computes is there when both sides are done.

    Elsewhere only one of them is run, and they share names. Nor does the index of a
    loop share that of a variable: both are parameters of the same function.
    """
    for op in walk(uses.program.body):
        if op.operation is FOR:
            uses.heir.pop(op.blocks[0].parameters[0], None)
        if op.operation is IF and _is_quiet_throughout(op):
            for side in op.blocks:
                for inner in walk(side):
                    for result in inner.results:
                        uses.heir.pop(result, None)
                if uses.liveness is not None:
                    uses.liveness.keep(side.results, op)


def _is_quiet_throughout(branch: Op) -> bool:
    return all(_is_quiet(op) for side in branch.blocks for op in walk(side))


def write_guard(writer: BodyWriter, op: Op) -> None:
    """The exception of the user's function, where its condition fails for a point."""
    numpy = writer.module.module("numpy", "np")
    loops.write_guard(writer, op, lambda test: Calling(f"{numpy}.all")([test]))


def _is_quiet(op: Op) -> bool:
    name = op.operation.name
    if name in ("mul", "div"):  # by a constant that makes it no larger
        by = op.operands[1] if name == "div" else op.operands[0]
        return by.literal and (abs(by.number or 0) >= 1) == (name == "div")
    return op.operation is IF or name in _QUIET


# -- both sides everywhere


def _as_expression(writer: BodyWriter, op: Op) -> Text | None:
    """``np.where(condition, then, orelse)``, where that is short."""
    if len(op.results) != 1:
        return None
    try:
        sides = [_side_expression(writer, op, side)[0] for side in op.blocks]
    except NeedsStatements:
        return None
    condition = op.operands[0]
    text = _selected(writer, op.results[0], writer.peek(condition), sides)
    if len(text.text) > _LONGEST:
        return None
    return _selected(writer, op.results[0], writer.text(condition), sides)


def _write_selection(writer: BodyWriter, op: Op) -> None:
    """The operations of both sides, and what is selected of their results."""
    condition = op.operands[0]
    if condition in writer.frame.waiting:
        writer.flush(condition)
    for side in op.blocks:
        for inner in side.ops:
            writer.op(inner)
    moves: list[loops.Move] = []
    for at, result in enumerate(op.results):
        sides = [_yielded(writer, op, side, at) for side in op.blocks]
        text = _selected(writer, result, writer.atom(condition), sides)
        moves.append((writer.names.give(result), result, text))
    loops.write_moves(writer, moves)


def _selected(
    writer: BodyWriter, result: Value, condition: Text, sides: Sequence[Text]
) -> Text:
    then, orelse = sides
    if result.type == BOOL and orelse.text == "False":
        return operating("a & b")([condition, then])
    if result.type == BOOL and then.text == "True":
        return operating("a | b")([condition, orelse])
    numpy = writer.module.module("numpy", "np")
    return Calling(f"{numpy}.where")([condition, then, orelse])


# -- each side at its own points


def _write_call(writer: BodyWriter, op: Op) -> None:
    """``y = choose(condition, then, orelse, x)``; of no results, nothing comes."""
    condition = op.operands[0]
    used = used_from_outside(op.blocks)
    parameters = [writer.atom(value).text for value in used]
    sides = [
        _side_function(writer, op, side, parameters, word)
        for side, word in zip(op.blocks, ("then", "orelse"), strict=True)
    ]
    arguments = [writer.text(condition), *sides, *map(Text, parameters)]
    expression = Calling(writer.module.helper("choose"))(arguments)
    if len(op.results) == 1:
        short = width(expression.text) <= _LONGEST or writer.frame.indent is None
        (writer.keep if short else writer.assign)(op.results[0], expression)
    elif op.results:
        writer.assign_all(op.results, expression)
    else:
        writer.line(expression.text)


def used_from_outside(blocks: Iterable[Block]) -> list[Value]:
    """The values that blocks use and do not define, in the order of their use."""
    used: dict[Value, None] = {}
    defined: set[Value] = set()

    def visit(block: Block) -> None:
        defined.update(block.parameters)
        for op in block.ops:
            used.update(dict.fromkeys(op.operands))
            for inner in op.blocks:
                visit(inner)
            used.update(dict.fromkeys(op.saved))
            defined.update(op.results)
        used.update(dict.fromkeys(block.results))

    for block in blocks:
        visit(block)
    return [value for value in used if value.number is None and value not in defined]


def _side_function(
    writer: BodyWriter, branch: Op, side: Block, parameters: Sequence[str], word: str
) -> Text:
    """The side as a function: a lambda where that is short, else one with a name."""
    before = ", ".join(parameters)
    try:
        with writer.inside(side, None):
            for op in side.ops:
                writer.op(op)
            texts = [text.text for text in _made(writer, branch, side)]
        read = any(mentions(one, name) for one in texts for name in parameters)
        text = f"lambda {before if read else '*_'}: {_tuple(texts)}"
        if width(text) <= _LONGEST:
            return Text(text)
    except NeedsStatements:
        pass
    indent = writer.frame.indent
    if indent is None:
        raise NeedsStatements
    name = writer.names.fresh(word)
    blank_line_before(writer.lines, indent)
    writer.line(f"def {name}({before}):")
    with writer.inside(side, indent + INDENT):
        for op in side.ops:
            writer.op(op)
        texts = [text.text for text in _made(writer, branch, side)]
        writer.line(f"return {', '.join(texts) or '()'}")
    writer.lines.append("")
    return Text(name)


def _tuple(texts: Sequence[str]) -> str:
    return texts[0] if len(texts) == 1 else f"({', '.join(texts)})"


def blank_line_before(lines: list[str], indent: str) -> None:
    """The blank line of black before a function inside another, and its comment."""
    at = len(lines)
    while at and lines[at - 1].startswith(f"{indent}#"):
        at -= 1
    if at and lines[at - 1] and not lines[at - 1].lstrip().startswith("def "):
        lines.insert(at, "")


def _side_expression(writer: BodyWriter, branch: Op, side: Block) -> list[Text]:
    """What the side yields, as expressions. Raises NeedsStatements where that fails."""
    with writer.inside(side, None):
        for op in side.ops:
            writer.op(op)
        counted = range(len(side.results))
        return [_yielded(writer, branch, side, at) for at in counted]


def _made(writer: BodyWriter, branch: Op, side: Block) -> list[Text]:
    """What a function for the side returns.

    That is None for a whole number that is not defined there: it stays one for all.
    """
    return [
        (
            Text(NOTHING)
            if value.name in (UNDEFINED, NOTHING) and value.type == INT
            else _yielded(writer, branch, side, at)
        )
        for at, value in enumerate(side.results)
    ]


def _yielded(writer: BodyWriter, branch: Op, side: Block, at: int) -> Text:
    """What the side yields for a result of the branch, a float where that is one."""
    value, type = side.results[at], branch.results[at].type
    if value.name in (UNDEFINED, NOTHING):
        if type == STACK:
            return Text(NOTHING)
        return Text("False" if type == BOOL else "0.0")
    if type != FLOAT or value.type == FLOAT:
        return writer.text(value)
    if value.literal and value.name is None:
        return literal(float(value.number or 0))
    return operating("a * b")([Text("1.0"), writer.text(value)])
