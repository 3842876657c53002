"""A straight-line program as one line in the formula language: ``2*t1 + sin(x)``."""

from __future__ import annotations

import re
from collections.abc import Callable

from adjoint.ir.program import Op, Program, Value
from adjoint.target.spelling import (
    POWER,
    PRODUCT,
    SIGN,
    Calling,
    Text,
    literal,
    named_literal,
    operating,
)

_TIGHT = re.compile(r" (\*\*|\*|//|/|%) ")


def formula_text(program: Program) -> Text:
    """The first result, every operation written out where it is used."""
    return written_out(program, leaf_text, _operation)


def written_out(
    program: Program,
    leaf: Callable[[Value], Text],
    applied: Callable[[Op, list[Text]], Text],
) -> Text:
    """The first result of a program, in the notation of ``leaf`` and ``applied``.

    The text of a value that is used twice stands twice: this is for small programs.
    """
    texts: dict[Value, Text] = {}
    for op in program.body.ops:
        assert not op.blocks, "a formula has no branches and loops"
        if op.results:
            operands = [texts.get(v) or leaf(v) for v in op.operands]
            texts[op.results[0]] = applied(op, operands)
    result = program.results[0]
    return texts.get(result) or leaf(result)


def leaf_text(value: Value) -> Text:
    """A parameter or a constant; whole floats without ``.0``."""
    if value.number is None:
        return Text(str(value.name))
    name = named_literal(value)
    if name is not None:
        return Text(name)
    number = value.number
    if isinstance(number, float) and number.is_integer() and abs(number) < 1e15:
        return literal(number if repr(number) == "-0.0" else int(number))
    return literal(number)


def _negative(value: Value, text: Text) -> Text:
    """``-a*b`` and ``-a/b`` need no parentheses; ``-(a % b)`` is another number."""
    product = value.op is not None and value.op.operation.name in ("mul", "div")
    if product and not text.text.startswith("-"):
        return Text(f"-{text.text}", PRODUCT)
    return Text(f"-{text.at_least(SIGN)}", SIGN)


def _operation(op: Op, operands: list[Text]) -> Text:
    operation = op.operation
    if operation.name == "square":
        return Text(f"{operands[0].at_least(POWER + 1)}**2", POWER)
    if operation.name == "neg":
        return _negative(op.operands[0], operands[0])
    if operation.called:
        return Calling(operation.name)(operands)
    text = operating(operation.python)(operands)
    return Text(_TIGHT.sub(r"\1", text.text), text.binding)
