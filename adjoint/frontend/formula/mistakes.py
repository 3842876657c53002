"""What to say about a token that does not fit: the message and a hint."""

from __future__ import annotations

import re

from adjoint.frontend.formula.tokens import RESERVED, Tokens
from adjoint.rules.table import FUNCTION_NAMES

#: A message, and what was probably meant.
Complaint = tuple[str, str | None]

UNOPENED = "this parenthesis was never opened"
UNCLOSED = "this parenthesis is never closed"
ELSE_MISSING: Complaint = ("`else` is missing", "write `a if condition else b`")

_TEXT = "text is not supported in formulas"
_INDEX = "lists and indices are not supported in formulas"
_HEADER = "a header is written `f(x) = ...`"
_INFIX_WORDS = {"if", "else", "and", "or", "in", "is"}

#: What is written instead of a sign of another language, or of mathematics.
_FOREIGN = {
    "=": "to compare, write `==`",
    "&": "write `and`",
    "&&": "write `and`",
    "|": "write `or`; the absolute value is `abs(...)`",
    "||": "write `or`; the absolute value is `abs(...)`",
    "~": "write `not`",
    "@": "write `*`",
    "<<": "write `* 2**n`",
    ">>": "write `// 2**n`",
    "<>": "write `!=`",
    "!==": "write `!=`",
    "=>": "write `>=`",
    "=<": "write `<=`",
    "===": "write `==`",
    ":": _HEADER,
    "->": _HEADER,
    ":=": "write `a = b` as a statement of its own",
    "?": "write `b if a else c`",
}
_UNSUPPORTED = dict.fromkeys("[]{}", _INDEX) | dict.fromkeys("\"'`", _TEXT)
_UNSUPPORTED["."] = "attributes are not supported in formulas"

_WORDS = {
    "None": "leave it out",
    "True": None,
    "False": None,
    "return": "leave it out: the last value is the result",
    "import": "leave it out: the functions of `math` are known",
    "from": "leave it out: the functions of `math` are known",
    "lambda": "write the expression alone, or `f(x) = ...`",
    "def": "write `f(x) = ...`",
    "is": "write `==`",
}


def several_results(tokens: Tokens, at: int) -> Complaint:
    """A comma behind an expression."""
    numbers = [tokens.texts[i] for i in (at - 1, at + 1) if tokens.kinds[i] == "number"]
    together = tokens.starts[at + 1] - tokens.ends[at - 1] == 1
    hint = f"did you mean `{'.'.join(numbers)}`?"
    decimal = len(numbers) == 2 and together
    return "one result is expected, not several", hint if decimal else None


def keyword_as_name(word: str) -> Complaint:
    """A Python keyword where a name is expected."""
    hint = _WORDS.get(word, f"another name is needed, `{word}_` for instance")
    return f"`{word}` is a Python keyword and cannot be a name", hint


def value_missing(tokens: Tokens, at: int) -> Complaint:
    """Something else stands where a value is expected."""
    kind = tokens.kinds[at]
    if kind == "end":
        before = tokens.texts[at - 1] if at else "\n"
        if before in ("\n", ";"):
            return "a value is missing here", None
        return f"a value is missing after `{before}`", None
    if kind == "if":
        return "a value is missing before `if`", ELSE_MISSING[1]
    if kind in RESERVED and kind not in _INFIX_WORDS:
        return keyword_as_name(kind)
    if kind == "!":
        return _not_an_operator(kind), "write `not`"
    if kind == ")" and at and tokens.kinds[at - 1] == "(":
        return "a value is missing between these parentheses", None
    if kind == "=":
        return "a value is missing before `=`", None
    return _foreign(kind) or (f"a value is missing before `{kind}`", None)


def operator_missing(tokens: Tokens, at: int, before: str) -> Complaint:
    """Something else stands where an operator is expected.

    ``before`` is the text of the value that stands before it.
    """
    kind, text = tokens.kinds[at], tokens.texts[at]
    if kind in ("name", "number", "("):
        if (
            tokens.kinds[at - 1] == "number"
            and tokens.ends[at - 1] == tokens.starts[at]
        ):
            complaint = _after_number(tokens.texts[at - 1], kind, text)
            if complaint:
                return complaint
        message = f"an operator is missing before `{text}`"
        return message, _operator_meant(tokens, at, before)
    if kind == "!":
        return _not_an_operator(kind), "the factorial of n is `gamma(n + 1)`"
    if kind in RESERVED and kind != "not":
        return f"`{kind}` is not supported in formulas", _WORDS.get(kind)
    if kind != "=" and kind.endswith("=") and kind not in _FOREIGN:
        return f"only one name can stand left of `{kind}`", None
    return _foreign(kind) or (f"an operator is missing before `{kind}`", None)


def _foreign(kind: str) -> Complaint | None:
    """A sign that has no meaning in a formula, but one elsewhere."""
    if kind == "=":
        return "`=` cannot stand inside an expression", _FOREIGN[kind]
    if kind in _FOREIGN:
        return _not_an_operator(kind), _FOREIGN[kind]
    return (_UNSUPPORTED[kind], None) if kind in _UNSUPPORTED else None


def _not_an_operator(sign: str) -> str:
    return f"`{sign}` is not an operator here"


def _after_number(number: str, kind: str, text: str) -> Complaint | None:
    """What follows a number without a space: part of a number that is none?"""
    if text in ("j", "J"):
        return "complex numbers are not supported", None
    prefix = number == "0" and text[0] in "xXoObB"
    if kind == "number" or text.startswith("_") or prefix:
        return f"`{number}{text}` is not a number", None
    return None


def _operator_meant(tokens: Tokens, at: int, before: str) -> str | None:
    """What was probably meant by two values side by side."""
    text = tokens.texts[at]
    after = "..." if text == "(" else text
    if before in FUNCTION_NAMES:
        return f"did you mean `{before}({after})`?"
    sign, function = (tokens.texts[max(0, at - back)] for back in (2, 3))
    if sign in ("^", "**") and function in FUNCTION_NAMES:  # sin^2 x
        return f"did you mean `{function}({after})**{tokens.texts[at - 1]}`?"
    if not re.fullmatch(r"[\w.]+|\(.*\)", before) or len(before) > 30:
        return None
    return f"did you mean `{before}*{'(...)' if text == '(' else text}`?"
