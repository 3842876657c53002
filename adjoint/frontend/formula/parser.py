"""The grammar of expressions: Python's, by operator precedence with stacks of our own.

No recursion: 20,000 nested parentheses are as good as two.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NoReturn

from adjoint.errors import Source, did_you_mean
from adjoint.frontend.formula.mistakes import (
    ELSE_MISSING,
    UNCLOSED,
    UNOPENED,
    Complaint,
    operator_missing,
    value_missing,
)
from adjoint.frontend.formula.tokens import Tokens, tokenize
from adjoint.frontend.syntax import Node
from adjoint.rules.table import MATH_CONSTANTS

# How tightly operators bind, loosest first (the table of the Python reference).
_NONE, _OPEN, _ELSE, _OR, _AND, _NOT = range(6)
_COMPARE, _SUM, _PRODUCT, _SIGN, _POWER = range(6, 11)

#: Of each sign: how tightly it binds, what is built before it, its one spelling.
_BINARY = {
    "+": (_SUM, _SUM, "+"),
    "-": (_SUM, _SUM, "-"),
    "*": (_PRODUCT, _PRODUCT, "*"),
    "/": (_PRODUCT, _PRODUCT, "/"),
    "//": (_PRODUCT, _PRODUCT, "//"),
    "%": (_PRODUCT, _PRODUCT, "%"),
    "**": (_POWER, _POWER + 1, "**"),  # from right to left
    "^": (_POWER, _POWER + 1, "**"),
}
_COMPARISONS = {"<", "<=", ">", ">=", "==", "!="}
_LOGIC = {"and": _AND, "or": _OR}
_TRUTH = {"True": True, "False": False}
_MODULES = {"math", "np", "numpy"}
#: Functions that are others with the module's name before them.
_QUALIFIED = {"pow": "math_pow"}

#: What waits for its right operand, or to be closed: how tightly it binds, its kind,
#: what it says, where it starts, and how many operands stood before it.
_Waiting = tuple[int, str, Any, int, int]


@cache
def parse_expression(text: str) -> Node:
    """An expression of the tables of rules, parsed once."""
    source = Source(text, "rule")
    return ExpressionParser(source, tokenize(source)).parse()


class ExpressionParser:
    """Parses one expression after another from a list of tokens.

    ``position`` is that of the token at which the next expression begins. Of the
    expression that was parsed last, ``nodes`` are all nodes, operands first, in the
    order in which Python evaluates them.
    """

    def __init__(self, source: Source, tokens: Tokens):
        self.source = source
        self.tokens = tokens
        self.position = 0
        self.nodes: list[Node] = []

    def parse(self) -> Node:
        """The expression that begins at ``position``; stops at the token after it.

        Raises SourceError, with the place, for anything that Python's grammar of
        expressions would not take.
        """
        self.nodes = []
        self._operands: list[Node] = []
        self._waiting: list[_Waiting] = [(_NONE, "nothing", None, 0, 0)]
        at: int | None = self.position
        while at is not None:
            at = self._operator(self._value(at))
        return self._operands.pop()

    def _value(self, at: int) -> int:
        """Signs, opening parentheses and the value behind them; gives what follows."""
        tokens, operands, waiting = self.tokens, self._operands, self._waiting
        kinds, starts = tokens.kinds, tokens.starts
        while True:
            kind, start = kinds[at], starts[at]
            if kind == "name":
                following = kinds[at + 1]
                if following == ".":
                    at = self._qualified(at)
                    following = kinds[at + 1]
                    kind = "constant"
                if following != "(":
                    node = Node(kind, tokens.texts[at], (), start, tokens.ends[at])
                    operands.append(node)
                    self.nodes.append(node)
                    return at + 1
                name = tokens.texts[at]
                if kind == "constant":
                    name = _QUALIFIED.get(name, name)
                waiting.append((_OPEN, "call", name, start, len(operands)))
                at += 1
                if kinds[at + 1] == ")":
                    self._close(at + 1)
                    return at + 2
            elif kind == "number":
                node = Node(kind, self._number(at), (), start, tokens.ends[at])
                operands.append(node)
                self.nodes.append(node)
                return at + 1
            elif kind == "(":
                waiting.append((_OPEN, "group", None, start, len(operands)))
            elif kind == "-" or kind == "+":
                waiting.append((_SIGN, "unary", kind, start, 0))
            elif kind == "not":
                if waiting[-1][0] > _NOT:
                    self._fail(at, ("put `not ...` in parentheses here", None))
                waiting.append((_NOT, "unary", kind, start, 0))
            elif kind in _TRUTH:
                node = Node("number", _TRUTH[kind], (), start, tokens.ends[at])
                operands.append(node)
                self.nodes.append(node)
                return at + 1
            else:
                self._missing_value(at)
            at += 1

    def _operator(self, at: int) -> int | None:
        """Closing parentheses and the operator behind them; gives what follows.

        None where the expression ends.
        """
        kinds, starts, waiting = self.tokens.kinds, self.tokens.starts, self._waiting
        while True:
            kind = kinds[at]
            binary = _BINARY.get(kind)
            if binary is not None:
                binding, built, sign = binary
                if waiting[-1][0] >= built:
                    self._build_down_to(built)
                waiting.append((binding, "binary", sign, starts[at], 0))
                return at + 1
            if kind == ")":
                self._close(at)
                at += 1
            elif kind == "," and self._comma(at):
                at += 1
                if kinds[at] != ")":  # a comma may stand behind the last argument
                    return at
            else:
                return self._word(at)

    def _word(self, at: int) -> int | None:
        """The operators that are not binary, and the end of the expression."""
        kind = self.tokens.kinds[at]
        if kind in _COMPARISONS:
            self._chain("compare", _COMPARE, at)
        elif kind in _LOGIC:
            self._chain("logic", _LOGIC[kind], at)
        elif kind == "if":
            self._if(at)
        elif kind == "else":
            self._else(at)
        else:
            self._end(at)
            return None
        return at + 1

    # -- what stands between values

    def _chain(self, kind: str, binding: int, at: int) -> None:
        """``a < b < c`` becomes one node, ``a and b and c`` as well."""
        self._build_down_to(binding + 1)
        binding_before, _, signs, _, _ = self._waiting[-1]
        sign = self.tokens.kinds[at]
        if binding_before == binding:
            signs.append(sign)
        else:
            self._waiting.append((binding, kind, [sign], self.tokens.starts[at], 0))

    def _if(self, at: int) -> None:
        self._build_down_to(_OR)
        if self._waiting[-1][1] == "if":
            self._fail(at, ("put the condition `a if b else c` in parentheses", None))
        self._waiting.append((_OPEN, "if", None, self.tokens.starts[at], 0))

    def _else(self, at: int) -> None:
        self._build_down_to(_ELSE)
        _, kind, _, start, _ = self._waiting.pop()
        if kind != "if":
            self._fail(at, ("this `else` has no `if`", ELSE_MISSING[1]))
        self._waiting.append((_ELSE, "choice", None, start, 0))

    def _comma(self, at: int) -> bool:
        """Whether the comma stands between the arguments of a call."""
        self._build_down_to(_ELSE)
        kind = self._waiting[-1][1]
        if kind == "if":
            self._fail(at, ELSE_MISSING)
        if kind == "group":
            self._fail(at, ("one value is expected in these parentheses", None))
        return kind == "call"

    def _close(self, at: int) -> None:
        """The closing parenthesis at ``at``."""
        self._build_down_to(_ELSE)
        _, kind, value, start, before = self._waiting.pop()
        operands, end = self._operands, self.tokens.ends[at]
        if kind == "group":
            operands[-1].start, operands[-1].end = start, end
        elif kind == "call":
            arguments = tuple(operands[before:])
            del operands[before:]
            node = Node(kind, value, arguments, start, end)
            operands.append(node)
            self.nodes.append(node)
        else:
            self._fail(at, ELSE_MISSING if kind == "if" else (UNOPENED, None))

    def _end(self, at: int) -> None:
        """Leave off before the token at ``at``, where an expression can end."""
        kind, last = self.tokens.kinds[at], self._operands[-1]
        self._build_down_to(_ELSE)
        waiting = self._waiting[-1][1]
        if kind == "end" and waiting == "if":
            self._fail(at, ELSE_MISSING)
        if kind == "end" and waiting != "nothing":
            self._unclosed()
        if kind != "end" and (waiting != "nothing" or kind not in ("=", ",")):
            text, starts, ends = self.source.text, self.tokens.starts, self.tokens.ends
            if "\n" in text[ends[at - 1] : starts[at]] and self._opened():
                self._unclosed()
            before = text[last.start : last.end]
            self._fail(at, operator_missing(self.tokens, at, before))
        self.position = at

    # -- building the tree

    def _build_down_to(self, binding: int) -> None:
        """Build everything that waits and binds at least as tightly."""
        waiting, operands, nodes = self._waiting, self._operands, self.nodes
        while waiting[-1][0] >= binding:
            _, kind, value, start, _ = waiting.pop()
            right = operands.pop()
            if kind == "binary":
                left = operands.pop()
                node = Node(kind, value, (left, right), left.start, right.end)
            elif kind == "unary":
                node = Node(kind, value, (right,), start, right.end)
            elif kind == "choice":
                test, then = operands.pop(), operands.pop()
                node = Node(kind, None, (test, then, right), then.start, right.end)
            else:
                parts = (*operands[-len(value) :], right)
                del operands[-len(value) :]
                said = tuple(value) if kind == "compare" else value[0]
                node = Node(kind, said, parts, parts[0].start, right.end)
            operands.append(node)
            nodes.append(node)

    def _qualified(self, at: int) -> int:
        """The last part of ``math.sin``: a function or a constant of a module."""
        kinds, texts = self.tokens.kinds, self.tokens.texts
        if texts[at] not in _MODULES or kinds[at + 2] != "name":
            self._fail(at + 1, operator_missing(self.tokens, at + 1, texts[at]))
        name = texts[at + 2]
        if kinds[at + 3] != "(" and name not in MATH_CONSTANTS:
            hint = did_you_mean(name, MATH_CONSTANTS)
            self._fail(at + 2, (f"unknown constant `{name}`", hint))
        return at + 2

    def _number(self, at: int) -> float | int:
        plain = self.tokens.texts[at].replace("_", "")
        if plain.isdecimal():
            if plain[0] == "0" and plain.strip("0"):
                hint = f"write `{plain.lstrip('0')}`"
                self._fail(at, ("a whole number cannot begin with 0", hint))
            try:
                return int(plain)
            except ValueError:  # Python's own limit
                self._fail(at, ("this number has too many digits", None))
        return int(plain, 0) if plain[1] in "xXoObB" else float(plain)

    # -- errors

    def _missing_value(self, at: int) -> NoReturn:
        kind = self.tokens.kinds[at]
        if kind == "end" and self._opened():
            self._unclosed()
        if kind == ")" and not self._opened():
            self._fail(at, (UNOPENED, None))
        self._fail(at, value_missing(self.tokens, at))

    def _opened(self) -> list[int]:
        """Where the parentheses that are open begin, or the names before them."""
        return [w[3] for w in self._waiting if w[1] in ("group", "call")]

    def _unclosed(self) -> NoReturn:
        """The error for the innermost parenthesis that is open."""
        at = self.source.text.index("(", self._opened()[-1])
        raise self.source.error(at, at + 1, UNCLOSED)

    def _fail(self, at: int, complaint: Complaint) -> NoReturn:
        start, end = self.tokens.starts[at], self.tokens.ends[at]
        raise self.source.error(start, max(end, start + 1), *complaint)
