"""How Python spells an operation: operators, precedence, parentheses, black's spaces."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import NamedTuple

from adjoint.ir.program import Value
from adjoint.rules.operation import Operation

# How tightly Python's operators bind, loosest first.
CHOICE, OR, AND, NOT, COMPARE, SUM, PRODUCT, SIGN, POWER, ATOM = range(10)

_BINDING = {"or": OR, "and": AND, "+": SUM, "-": SUM, "**": POWER}
_BINDING |= dict.fromkeys(("*", "/", "//", "%"), PRODUCT)
_BINDING |= dict.fromkeys(("<", "<=", ">", ">=", "==", "!="), COMPARE)

_INFIX = re.compile(r"a (\S+) ([ab])\Z")
_SIMPLE_POWER_OPERAND = re.compile(r"-?[\w.]+\Z")


class Text(NamedTuple):
    """The text of an expression and how tightly its outermost operator binds."""

    text: str
    binding: int = ATOM

    def at_least(self, binding: int) -> str:
        """The text, in parentheses unless it binds as tightly as that."""
        return self.text if self.binding >= binding else f"({self.text})"


def literal(number: float | int) -> Text:
    """A number as Python writes it; its value is exactly the same."""
    text = repr(number)
    return Text(text, SIGN if text.startswith("-") else ATOM)


def named_literal(value: Value) -> str | None:
    """The name in ``math`` of a constant that has no digits of its own."""
    if value.name:
        return value.name
    if isinstance(value.number, float) and not math.isfinite(value.number):
        return "nan" if math.isnan(value.number) else "inf"
    return None


def call(function: str, arguments: Sequence[Text]) -> Text:
    """``function(a, b)``."""
    return Text(f"{function}({', '.join(a.text for a in arguments)})")


def needs_atoms(operation: Operation) -> bool:
    """Whether an operand stands twice in the spelling (``a * a``)."""
    return operation.python == "a * a"


def operator(operation: Operation, operands: Sequence[Text]) -> Text:
    """An operation that Python spells by an operator."""
    template = operation.python
    if template == "-a":
        # black puts a power under a sign into parentheses
        operand = operands[0]
        inner = (
            f"({operand.text})" if operand.binding == POWER else operand.at_least(SIGN)
        )
        return Text(f"-{inner}", SIGN)
    if template == "not a":
        return Text(f"not {operands[0].at_least(NOT)}", NOT)
    match = _INFIX.match(template)
    assert match is not None, template
    sign = match.group(1)
    binding = _BINDING[sign]
    left, right = operands[0], operands[-1]
    if sign == "**":
        base, exponent = left.at_least(ATOM), right.at_least(SIGN)
        simple = all(map(_SIMPLE_POWER_OPERAND.match, (base, exponent)))
        return Text(f"{base}**{exponent}" if simple else f"{base} ** {exponent}", POWER)
    first = left.at_least(binding + 1 if binding == COMPARE else binding)
    second = right.at_least(binding if sign in ("and", "or") else binding + 1)
    return Text(f"{first} {sign} {second}", binding)


def choice(condition: Text, then: Text, orelse: Text) -> Text:
    """``then if condition else orelse``."""
    first, test = then.at_least(OR), condition.at_least(OR)
    return Text(f"{first} if {test} else {orelse.text}", CHOICE)
