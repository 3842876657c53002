"""How Python spells an operation: operators, precedence, parentheses, spaces."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from functools import cache

from adjoint.ir.program import Value

# How tightly Python's operators bind, loosest first.
CHOICE, OR, AND, NOT, COMPARE, BITOR, BITXOR, BITAND, SHIFT = range(9)
SUM, PRODUCT, SIGN, POWER, ATOM = range(9, 14)

_BINDING = {"or": OR, "and": AND, "+": SUM, "-": SUM, "**": POWER}
_BINDING |= {"|": BITOR, "^": BITXOR, "&": BITAND, "<<": SHIFT, ">>": SHIFT}
_BINDING |= dict.fromkeys(("*", "/", "//", "%", "@"), PRODUCT)
_BINDING |= dict.fromkeys(("<", "<=", ">", ">=", "==", "!="), COMPARE)

#: The operations that have an assignment of their own, ``a += b``, by their signs.
AUGMENTED = {"add": "+", "sub": "-", "mul": "*", "div": "/"}

_INFIX = re.compile(r"a (\S+) ([ab])\Z")
_ENDS = re.compile(r" (?P<sign>[<>])=? (?P<middle>[\w.]+)\Z")
_BEGINS = re.compile(r"(?P<middle>[\w.]+) (?P<rest>(?P<sign>[<>])=? .*)\Z")
_CALLS = re.compile(r"([^\W\d]\w* ?)*\(")
_ENDS_IN_POWER = re.compile(r"\*\*-?[^\W\d]\w*\Z")
_SIMPLE_POWER_OPERAND = re.compile(r"-?[\w.]+\Z")


class Text:
    """The text of an expression, how tightly it binds, and when it must be evaluated.

    ``first`` and ``last`` are the positions, in the program, of the first and the last
    operation in it that may raise an exception, -1 for none. Where the expression is
    ``total + more`` of a variable, ``onto`` is the variable, the sign, and the rest.
    """

    __slots__ = ("text", "binding", "first", "last", "onto")

    def __init__(self, text: str, binding: int = ATOM, first: int = -1, last: int = -1):
        self.text = text
        self.binding = binding
        self.first = first
        self.last = last
        self.onto: tuple[str, str, Text] | None = None

    def rename(self, name: str, new: str) -> None:
        """Have another variable read in the place of this one."""
        self.text = re.sub(rf"(?<!\.)\b{re.escape(name)}\b", new, self.text)
        self.onto = None

    def at_least(self, binding: int) -> str:
        """The text, in parentheses unless it binds as tightly as that."""
        return self.text if self.binding >= binding else f"({self.text})"


def literal(number: float | int) -> Text:
    """A number as Python, and black, write it; its value is exactly the same."""
    text = repr(number).replace("e+", "e")
    return Text(text, SIGN if text.startswith("-") else ATOM)


def named_literal(value: Value) -> str | None:
    """The name in ``math`` of a constant that has no digits of its own."""
    if value.name:
        return value.name
    if isinstance(value.number, float) and not math.isfinite(value.number):
        return "nan" if math.isnan(value.number) else "inf"
    return None


#: From the texts of the operands to the text of the operation.
Speller = Callable[[Sequence[Text]], Text]


class Calling:
    """Spells ``function(a, b)``."""

    __slots__ = ("function",)
    binding = ATOM

    def __init__(self, function: str):
        self.function = function

    def __call__(self, arguments: Sequence[Text]) -> Text:
        return Text(f"{self.function}({', '.join([a.text for a in arguments])})")

    def of(self, argument: Text, _: Text) -> Text:
        """The call with one argument."""
        return self.of_names(argument.text, "")

    def of_names(self, argument: str, _: str) -> Text:
        """The call with one argument, a name."""
        return Text(f"{self.function}({argument})")


def pairwise(spell: Speller) -> Speller:
    """Spells a function of two for any number of operands: ``f(f(a, b), c)``."""

    def spell_all(operands: Sequence[Text]) -> Text:
        first, *others = operands
        for other in others or [Text("0.0")]:  # hypot(a) is hypot(a, 0)
            first = spell([first, other])
        return first

    return spell_all


@cache
def operating(spelling: str) -> Speller:
    """Spells an operation that has an operator, such as ``a + b``."""
    if spelling in ("-a", "~a"):
        return lambda operands: _signed(spelling[0], operands[0])
    if spelling == "not a":
        return lambda operands: negation(operands[0])
    match = _INFIX.match(spelling)
    assert match is not None, spelling
    sign = match.group(1)
    binding = _BINDING[sign]
    if binding == POWER:
        return lambda operands: _power(*operands)
    if binding in (AND, OR):
        return lambda operands: logic(sign, *operands)
    return Infix(sign, binding)


def _signed(sign: str, text: Text) -> Text:
    # black puts a power under a sign into parentheses
    inner = f"({text.text})" if text.binding == POWER else text.at_least(SIGN)
    return Text(f"{sign}{inner}", SIGN)


class Infix:
    """Spells ``a sign b``; where there is one operand, it stands on both sides.

    Parentheses come around a left operand that binds less tightly than ``left``, and a
    right one that binds no tighter than the sign.
    """

    __slots__ = ("sign", "binding", "left")

    def __init__(self, sign: str, binding: int):
        self.sign = sign
        self.binding = binding
        self.left = binding + 1 if binding == COMPARE else binding

    def __call__(self, operands: Sequence[Text]) -> Text:
        return self.of(operands[0], operands[-1])

    def of_names(self, first: str, second: str) -> Text:
        """The sign between two names."""
        return Text(f"{first} {self.sign} {second}", self.binding)

    def of(self, first: Text, second: Text) -> Text:
        """The sign between two operands."""
        left, right = first.text, second.text
        if first.binding < self.left:
            left = f"({left})"
        if second.binding <= self.binding:
            right = f"({right})"
        return self.of_names(left, right)


def _power(left: Text, right: Text) -> Text:
    base, exponent = left.at_least(ATOM), right.at_least(SIGN)
    if right.binding == POWER:  # two of them in a row are hard to read
        exponent = f"({exponent})"
    simple = all(map(_SIMPLE_POWER_OPERAND.match, (base, exponent)))
    return Text(f"{base}**{exponent}" if simple else f"{base} ** {exponent}", POWER)


def negation(condition: Text) -> Text:
    """``not condition``."""
    if condition.text.startswith("not ") and condition.binding == NOT:
        inner = condition.text.removeprefix("not ")
        plain = bare(inner)
        return Text(plain, NOT if plain == inner else OR)
    return Text(f"not {condition.at_least(NOT)}", NOT)


def bare(text: str) -> str:
    """The text without parentheses around all of it."""
    depth = 0
    for at, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            whole = character == ")" and at + 1 == len(text)
            return text[1:-1] if whole else text
    return text


def logic(word: str, left: Text, right: Text) -> Text:
    """``left and right``, or with ``or``; ``a < b and b < c`` as ``a < b < c``."""
    if word == "and" and left.binding == right.binding == COMPARE:
        ends, begins = _ENDS.search(left.text), _BEGINS.match(right.text)
        if ends and begins and ends.groups() == begins.group("sign", "middle"):
            return Text(f"{left.text} {begins['rest']}", COMPARE)
    binding = _BINDING[word]
    second = right.at_least(binding)
    return Text(f"{_before_word(left, binding, second)} {word} {second}", binding)


def choice(condition: Text, then: Text, orelse: Text) -> Text:
    """``then if condition else orelse``."""
    test = _before_word(condition, OR, orelse.text)
    return Text(f"{_before_word(then, OR, test)} if {test} else {orelse.text}", CHOICE)


def _before_word(text: Text, binding: int, following: str) -> str:
    """As `Text.at_least`, in front of a word such as ``if``, and what follows on it.

    Where a power stands there, black takes the word, and what is called behind it, for
    a part of the exponent; parentheses keep them apart.
    """
    power = _ENDS_IN_POWER.search(text.text) and _CALLS.match(following)
    return text.at_least(ATOM if power else binding)
