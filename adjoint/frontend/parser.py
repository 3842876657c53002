"""The grammar of expressions: Python's, by operator precedence with a stack of our own.

No recursion: 20,000 nested parentheses are as good as two.
"""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass, field
from typing import NoReturn

from adjoint.errors import Source
from adjoint.frontend.syntax import Node
from adjoint.frontend.tokens import Tokens

# How tightly operators bind, loosest first (the table of the Python reference).
_OPEN, _ELSE, _OR, _AND, _NOT, _COMPARE, _SUM, _PRODUCT, _SIGN, _POWER = range(10)

_BINARY = {
    "+": _SUM,
    "-": _SUM,
    "*": _PRODUCT,
    "/": _PRODUCT,
    "//": _PRODUCT,
    "%": _PRODUCT,
    "**": _POWER,
    "^": _POWER,
}
_COMPARISONS = {"<", "<=", ">", ">=", "==", "!="}
_LOGIC = {"and": _AND, "or": _OR}
_MODULES = {"math", "np", "numpy"}
_CONSTANTS = {"True": True, "False": False}

_NOT_OPERATORS = {
    "=": "`=` cannot stand inside an expression; is `==` meant?",
    "&": "`&` is not an operator here; is `and` meant?",
    "|": "`|` is not an operator here; is `or` meant?",
    "!": "`!` is not an operator here; is `not` or `!=` meant?",
    "@": "`@` is not an operator here; is `*` meant?",
    "<<": "`<<` is not an operator here; write `* 2**n`",
    ">>": "`>>` is not an operator here; write `// 2**n`",
}


@dataclass(slots=True)
class _Pending:
    """An operator (or an open parenthesis) that waits for its right operand."""

    kind: str
    binding: int
    value: object
    start: int
    count: int = 1
    extra: list[str] = field(default_factory=list)


class ExpressionParser:
    """Parses one expression after another from a list of tokens."""

    def __init__(self, source: Source, tokens: Tokens):
        self.source = source
        self.tokens = tokens
        self.position = 0

    def parse(self) -> Node:
        """The expression that begins at ``position``; stops at the token after it.

        Raises SourceError, with the place, for anything that Python's grammar of
        expressions would not take.
        """
        self._operands: list[Node] = []
        self._pending: list[_Pending] = []
        expect_operand = True
        while True:
            if expect_operand:
                expect_operand = self._operand()
            else:
                step = self._operator()
                if step is None:
                    return self._finish()
                expect_operand = step

    # -- where a value is expected; True: one is still expected afterwards

    def _operand(self) -> bool:
        tokens = self.tokens
        at = self.position
        kind, text, start = tokens.kinds[at], tokens.texts[at], tokens.starts[at]
        self.position += 1
        if kind == "number":
            self._push("number", self._number(text, at), start, tokens.ends[at])
            return False
        if kind == "name":
            if tokens.texts[at + 1] == ".":
                at = self._qualified(at)
                text = tokens.texts[at]
            if tokens.texts[at + 1] == "(" and not keyword.iskeyword(text):
                self.position += 1
                self._pending.append(_Pending("call", _OPEN, text, start, count=0))
                return not self._empty_call()
            if text == "not":
                if self._pending and self._pending[-1].binding > _NOT:
                    self._fail(at, "put `not ...` in parentheses here")
                self._pending.append(_Pending("unary", _NOT, "not", start))
                return True
            if text in _CONSTANTS:
                self._push("number", _CONSTANTS[text], start, tokens.ends[at])
                return False
            if keyword.iskeyword(text):
                self._refuse_keyword(at)
            self._push("name", text, start, tokens.ends[at])
            return False
        if text in ("-", "+"):
            self._pending.append(_Pending("unary", _SIGN, text, start))
            return True
        if text == "(":
            self._pending.append(_Pending("group", _OPEN, None, start))
            return True
        return self._missing_operand(at)

    def _qualified(self, at: int) -> int:
        """The last part of ``math.sin``; the module may be written or left out."""
        if self.tokens.texts[at] not in _MODULES or self.tokens.kinds[at + 2] != "name":
            self._fail(at + 1, "attributes are not supported in formulas")
        self.position += 2
        return at + 2

    def _number(self, text: str, at: int) -> float | int:
        following = self.tokens.texts[at + 1]
        adjacent = self.tokens.starts[at + 1] == self.tokens.ends[at]
        if adjacent and following in ("j", "J"):
            self._fail(at, "complex numbers are not supported")
        plain = text.replace("_", "")
        try:
            if plain[:2].lower() in ("0x", "0o", "0b"):
                return int(plain, 0)
            if plain.isdigit():
                if plain[0] == "0" and plain.strip("0"):
                    self._fail(at, "a whole number cannot begin with 0", "leave it out")
                return int(plain)
            return float(plain)
        except ValueError:  # Python's own limit on the digits of a whole number
            self._fail(at, "this number has too many digits")

    def _empty_call(self) -> bool:
        if self.tokens.texts[self.position] != ")":
            return False
        self._close(self.position)
        return True

    def _missing_operand(self, at: int) -> NoReturn:
        text = self.tokens.texts[at]
        unclosed = self._innermost()
        if self.tokens.kinds[at] == "end" and unclosed is not None:
            raise self.source.error(
                unclosed.start, unclosed.start + 1, "this parenthesis is never closed"
            )
        if self.tokens.kinds[at] == "end":
            self._fail(at, "a value is missing here")
        if text in _NOT_OPERATORS and text != "=":
            self._fail(at, _NOT_OPERATORS[text])
        if text == ")" and unclosed is None:
            self._fail(at, "this parenthesis was never opened")
        if text in "[{":
            self._fail(at, "lists and indices are not supported in formulas")
        self._fail(at, f"a value is missing before `{text}`")

    # -- where an operator is expected; None: the expression ends here

    def _operator(self) -> bool | None:
        tokens = self.tokens
        at = self.position
        kind, text, start = tokens.kinds[at], tokens.texts[at], tokens.starts[at]
        if kind == "sign":
            binding = _BINARY.get(text)
            if binding is not None:
                self._reduce(binding + 1 if binding == _POWER else binding)
                sign = "**" if text == "^" else text
                self._pending.append(_Pending("binary", binding, sign, start))
            elif text in _COMPARISONS:
                self._compare(text, start)
            elif text == ")":
                if self._innermost() is None:
                    self._fail(at, "this parenthesis was never opened")
                self._close(at)
                return False
            elif text == "," and self._innermost() is not None:
                self._comma(at)
                if tokens.texts[at + 1] == ")":  # a trailing comma
                    self.position += 1
                    self._close(self.position)
                    return False
            elif self._innermost() is not None or text in _NOT_OPERATORS:
                if text == "=" and self._innermost() is None:
                    return None
                self._missing_operator(at)
            else:
                return None
        elif kind == "name" and text in _LOGIC:
            self._logic(text, start)
        elif text == "if":
            self._reduce(_OR)
            if self._pending and self._pending[-1].kind == "if":
                self._fail(at, "put the condition `a if b else c` in parentheses")
            self._pending.append(_Pending("if", _OPEN, None, start))
        elif text == "else":
            self._else(at)
        elif kind == "end":
            return None
        else:
            self._missing_operator(at)
        self.position += 1
        return True

    def _compare(self, sign: str, start: int) -> None:
        self._reduce(_COMPARE + 1)
        top = self._pending[-1] if self._pending else None
        if top is not None and top.kind == "compare":
            top.extra.append(sign)
        else:
            self._pending.append(
                _Pending("compare", _COMPARE, None, start, extra=[sign])
            )

    def _logic(self, word: str, start: int) -> None:
        binding = _LOGIC[word]
        self._reduce(binding + 1)
        top = self._pending[-1] if self._pending else None
        if top is not None and top.kind == "logic" and top.value == word:
            top.count += 1
        else:
            self._pending.append(_Pending("logic", binding, word, start, count=2))

    def _else(self, at: int) -> None:
        self._reduce(_ELSE)
        top = self._pending[-1] if self._pending else None
        if top is None or top.kind != "if":
            self._fail(at, "this `else` has no `if`")
        top.kind, top.binding = "choice", _ELSE

    def _comma(self, at: int) -> None:
        self._reduce(_ELSE)
        top = self._pending[-1]
        if top.kind == "if":
            self._fail(at, "`else` is missing", "write `a if condition else b`")
        if top.kind == "group":
            self._fail(at, "one value is expected in these parentheses")
        top.count += 1

    def _missing_operator(self, at: int) -> NoReturn:
        text = self.tokens.texts[at]
        if text in _NOT_OPERATORS:
            self._fail(at, _NOT_OPERATORS[text])
        before = self._operands[-1]
        if text in ("in", "is", "for", "lambda"):
            self._fail(at, f"`{text}` is not supported in formulas")
        written = self.source.text[before.start : before.end]
        hint = None
        if self.tokens.kinds[at] in ("name", "number") or text == "(":
            if before.kind == "name" and before.value in _function_names():
                hint = f"did you mean `{written}({text})`?"
            elif re.fullmatch(r"[\w.]+", written):
                hint = f"did you mean `{written}*{text}`?"
        self._fail(at, f"an operator is missing before `{text}`", hint)

    # -- building the tree

    def _push(self, kind: str, value: object, start: int, end: int) -> None:
        self._operands.append(Node(kind, value, (), start, end))

    def _reduce(self, binding: int) -> None:
        """Build every pending operation that binds at least as tightly."""
        pending = self._pending
        while pending and pending[-1].binding >= binding:
            self._build(pending.pop())

    def _build(self, pending: _Pending) -> None:
        operands = self._operands
        kind, value = pending.kind, pending.value
        if kind == "unary":
            operand = operands.pop()
            node = Node(kind, value, (operand,), pending.start, operand.end)
        elif kind == "binary":
            right = operands.pop()
            left = operands.pop()
            node = Node(kind, value, (left, right), left.start, right.end)
        elif kind == "choice":
            orelse, condition, then = operands.pop(), operands.pop(), operands.pop()
            node = Node(kind, None, (condition, then, orelse), then.start, orelse.end)
        else:
            count = len(pending.extra) + 1 if kind == "compare" else pending.count
            parts = tuple(operands[-count:])
            del operands[-count:]
            value = tuple(pending.extra) if kind == "compare" else value
            node = Node(kind, value, parts, parts[0].start, parts[-1].end)
        operands.append(node)

    def _close(self, at: int) -> None:
        """The closing parenthesis at ``at``."""
        self._reduce(_ELSE)
        top = self._pending.pop()
        if top.kind == "if":
            self._fail(at, "`else` is missing", "write `a if condition else b`")
        self.position = at + 1
        end = self.tokens.ends[at]
        if top.kind == "group":
            inner = self._operands[-1]
            inner.start, inner.end = top.start, end
            return
        empty = self.tokens.texts[at - 1] == "("
        trailing = self.tokens.texts[at - 1] == ","
        count = 0 if empty else top.count + (0 if trailing else 1)
        parts = tuple(self._operands[len(self._operands) - count :])
        del self._operands[len(self._operands) - count :]
        self._operands.append(Node("call", top.value, parts, top.start, end))

    def _finish(self) -> Node:
        self._reduce(_ELSE)
        if self._pending:
            top = self._pending[-1]
            if top.kind == "if":
                self._fail(
                    self.position, "`else` is missing", "write `a if condition else b`"
                )
            at = top.start + (len(str(top.value)) if top.kind == "call" else 0)
            raise self.source.error(at, at + 1, "this parenthesis is never closed")
        return self._operands.pop()

    def _innermost(self) -> _Pending | None:
        for pending in reversed(self._pending):
            if pending.kind in ("group", "call"):
                return pending
        return None

    # -- errors

    def _refuse_keyword(self, at: int) -> NoReturn:
        word = self.tokens.texts[at]
        if word in ("if", "else", "and", "or", "in", "is"):
            self._fail(at, f"a value is missing before `{word}`")
        hints = {
            "None": "leave it out",
            "return": "leave it out: the last value is returned",
        }
        hint = hints.get(word, f"another name is needed, `{word}_` for instance")
        self._fail(at, f"`{word}` is a Python keyword and cannot be a name", hint)

    def _fail(self, at: int, message: str, hint: str | None = None) -> NoReturn:
        tokens = self.tokens
        start = tokens.starts[at]
        raise self.source.error(start, max(tokens.ends[at], start + 1), message, hint)


def _function_names() -> frozenset[str]:
    from adjoint.rules.table import FUNCTION_NAMES

    return FUNCTION_NAMES
