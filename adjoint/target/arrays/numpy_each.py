"""Loops that each point leaves when its own condition fails, or its own range ends.

Test and body are functions inside the function, which `numpy_runtime.while_each` and
its like call with the points that are still in the loop.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from adjoint.ir.loops import parts, popped
from adjoint.ir.program import BACKWARD, FOR, UNDEFINED, UNWIND, WHILE, Block, Op, Value
from adjoint.ir.types import BOOL
from adjoint.target.arrays.numpy_branches import blank_line_before, used_from_outside
from adjoint.target.layout import INDENT
from adjoint.target.waiting import NeedsStatements

if TYPE_CHECKING:
    from adjoint.target.statements import BodyWriter

_HELPERS = {
    WHILE: "while_each",
    FOR: "for_each",
    BACKWARD: "backward_each",
    UNWIND: "unwind_each",
}


def write_each(writer: BodyWriter, op: Op) -> None:
    """``x, saved = while_each(test, step, (x,), a)``, and test and step before it."""
    if writer.frame.indent is None:
        raise NeedsStatements
    initial, carried, _, results = parts(op)
    before = op.operands[: len(op.operands) - len(initial)]
    writer.flush_all((*before, *initial))
    names = writer.names
    used = used_from_outside(op.blocks)
    others = [writer.atom(value).text for value in used]
    texts = [writer.text(value).text for value in before]
    if op.operation is BACKWARD and not op.pops:
        texts.append("None")
    starts = [_initial(writer, value) for value in initial]
    inside = [names.give(value) for value in (*popped(op), *carried)]
    if op.operation in (FOR, BACKWARD):
        inside.insert(0, names.give(op.blocks[-1].parameters[0]))
    functions = []
    if op.operation is WHILE:
        test = op.blocks[0]
        declared = [*map(names.give, test.parameters), *others]
        functions.append(_test(writer, test, declared))
    functions.append(_step(writer, op, [*inside, *others]))
    arguments = [*texts, *functions, _tuple(starts), *others]
    helper = writer.module.helper(_HELPERS[op.operation])
    targets = [names.give(value) for value in results]
    for target in targets:
        writer.flush_readers(target)
    if op.operation in (FOR, WHILE):
        unread = writer.uses.unread
        targets.append(names.give(op.results[-1]) if op.saved else unread)
    left = f"({targets[0]},)" if len(targets) == 1 else ", ".join(targets)
    writer.line(f"{left} = {helper}({', '.join(arguments)})")


def _test(writer: BodyWriter, test: Block, declared: Sequence[str]) -> str:
    name = _begin(writer, "going", declared)
    with writer.inside(test, f"{writer.frame.indent}{INDENT}"):
        for op in test.ops:
            writer.op(op)
        writer.line(f"return {writer.text(test.results[0]).text}")
    writer.lines.append("")
    return name


def _step(writer: BodyWriter, op: Op, declared: Sequence[str]) -> str:
    """The body as a function: of a forward loop it gives what to save, and whether to
    break off, as well.
    """
    name = _begin(writer, "step", declared)
    body, nexts = op.blocks[-1], parts(op)[2]
    forward = op.operation in (FOR, WHILE)
    with writer.inside(body, f"{writer.frame.indent}{INDENT}"):
        assert writer.liveness is not None
        after = writer.liveness.save_after.get(op)
        if op.saved and after is None:
            _write_entry(writer, op)
        for one in body.ops:
            writer.op(one)
            if op.saved and one is after:
                _write_entry(writer, op)
        returned = [_tuple([_initial(writer, value) for value in nexts])]
        if forward:
            returned.append(_initial(writer, body.results[-1]))
            returned.append(writer.names.give(op.results[-1]) if op.saved else "()")
        writer.line(f"return {', '.join(returned)}")
    writer.lines.append("")
    return name


def _begin(writer: BodyWriter, word: str, declared: Sequence[str]) -> str:
    name, indent = writer.names.fresh(word), writer.frame.indent
    assert indent is not None
    blank_line_before(writer.lines, indent)
    writer.line(f"def {name}({', '.join(declared)}):")
    return name


def _write_entry(writer: BodyWriter, op: Op) -> None:
    texts = [writer.text(value).text for value in op.saved]
    writer.line(f"{writer.names.give(op.results[-1])} = {_tuple(texts)}")


def _initial(writer: BodyWriter, value: Value) -> str:
    if value.name == UNDEFINED:
        return "False" if value.type == BOOL else "0.0"
    return writer.text(value).text


def _tuple(texts: Sequence[str]) -> str:
    return f"({', '.join(texts)}{',' * (len(texts) == 1)})"
