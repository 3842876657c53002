r"""A straight-line program as mathematics in LaTeX: ``\sin\left(t_{1}\right)``."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from adjoint.ir.program import Op, Program, Value
from adjoint.rules.operation import Operation
from adjoint.target.formula import leaf_text, written_out
from adjoint.target.spelling import ATOM, COMPARE, POWER, PRODUCT, SIGN, SUM, Text

#: How operations look that are no function with its operands in parentheses: the
#: operands by their names, how tightly the whole binds, and the operands have to.
_SHAPES: dict[str, tuple[str, int, int, int]] = {
    "add": ("a + b", SUM, SUM, SUM),
    "sub": ("a - b", SUM, SUM, PRODUCT),
    "mul": (r"a \cdot b", PRODUCT, PRODUCT, POWER),
    "div": (r"\frac{a}{b}", POWER, 0, 0),
    "neg": ("-a", SIGN, PRODUCT, 0),
    "square": ("{a}^{2}", POWER, ATOM, 0),
    "pow": ("{a}^{b}", POWER, ATOM, 0),
    "power": ("{a}^{b}", POWER, ATOM, 0),
    "math_pow": ("{a}^{b}", POWER, ATOM, 0),
    "mod": (r"a \bmod b", PRODUCT, POWER, POWER),
    "floordiv": (r"\left\lfloor \frac{a}{b} \right\rfloor", ATOM, 0, 0),
    "exp": ("e^{a}", POWER, 0, 0),
    "exp2": ("2^{a}", POWER, 0, 0),
    "sqrt": (r"\sqrt{a}", ATOM, 0, 0),
    "cbrt": (r"\sqrt[3]{a}", ATOM, 0, 0),
    "abs": (r"\left|a\right|", ATOM, 0, 0),
    "floor": (r"\left\lfloor a \right\rfloor", ATOM, 0, 0),
    "ceil": (r"\left\lceil a \right\rceil", ATOM, 0, 0),
    "lt": ("a < b", COMPARE, SUM, SUM),
    "le": (r"a \le b", COMPARE, SUM, SUM),
    "gt": ("a > b", COMPARE, SUM, SUM),
    "ge": (r"a \ge b", COMPARE, SUM, SUM),
    "eq": ("a = b", COMPARE, SUM, SUM),
    "ne": (r"a \ne b", COMPARE, SUM, SUM),
    "and": (r"a \land b", 0, COMPARE, COMPARE),
    "or": (r"a \lor b", 0, COMPARE, COMPARE),
    "not": (r"\lnot a", 0, ATOM, 0),
}
#: Functions with a command of their own; the others are set as operators' names.
_COMMANDS = {
    name: rf"\{name}" for name in "sin cos tan sinh cosh tanh log min max".split()
} | {
    "asin": r"\arcsin",
    "acos": r"\arccos",
    "atan": r"\arctan",
    "gamma": r"\Gamma",
    "lgamma": r"\log\Gamma",
    "digamma": r"\psi",
    "log2": r"\log_{2}",
    "log10": r"\log_{10}",
}
_SPECIAL = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{character: rf"\{character}" for character in "&%$#_{}"},
}
#: TeX has the letters below this one in its usual fonts.
_LATIN = 0x180

_CONSTANTS = {"pi": r"\pi", "tau": r"\tau", "inf": r"\infty", "e": "e"}
_OPERAND = re.compile(r"(?<![\\\w])[ab](?!\w)")
_GREEK = "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi"
_GREEK += " rho sigma tau upsilon phi chi psi omega Gamma Delta Theta Lambda Xi Pi"
_GREEK += " Sigma Upsilon Phi Psi Omega"
_LETTERS = {name: rf"\{name}" for name in _GREEK.split()} | {"lambd": r"\lambda"}
_PARTS = re.compile(r"(?P<word>[^\W\d_]+)_?(?P<digits>\d+)?(?:_+(?P<rest>.*))?\Z")


def latex_formula(program: Program) -> Text:
    """The first result, every operation written out where it is used."""
    return written_out(program, _leaf, _operation)


def latex_name(name: str) -> str:
    r"""A name in mathematics: Greek letters, indices behind a word or a ``_``.

    >>> latex_name("x1"), latex_name("theta_0"), latex_name("mu_drift")
    ('x_{1}', '\\theta_{0}', '\\mu_{\\mathrm{drift}}')
    """
    match = _PARTS.match(name)
    if match is None:
        return _upright(name)
    below = [match["digits"]] if match["digits"] else []
    below += [_word(part) for part in (match["rest"] or "").split("_") if part]
    word = _word(match["word"])
    return f"{word}_{{{','.join(below)}}}" if below else word


def latex_number(text: str) -> str:
    r"""Digits as they are set: ``1e-05`` with a power of ten.

    >>> latex_number("1.5e-07")
    '1.5 \\cdot 10^{-7}'
    """
    if text in ("True", "False"):
        return rf"\text{{{text}}}"
    digits, e, exponent = text.partition("e")
    if not e or not exponent.lstrip("+-").isdigit():
        return text
    return rf"{digits} \cdot 10^{{{int(exponent)}}}"


def latex_words(text: str) -> str:
    r"""Words for TeX; letters that it has not by their number.

    >>> latex_words("50% of θ")
    '50\\% of \\ensuremath{\\theta}'
    """
    return "".join(_SPECIAL.get(character) or _known(character) for character in text)


def _known(character: str) -> str:
    spelled = _spelled(character)
    if spelled != character:
        return rf"\ensuremath{{{_LETTERS[spelled]}}}"
    return character if ord(character) < _LATIN else f"U+{ord(character):04X}"


def _word(text: str) -> str:
    plain = "".join(map(_spelled, text)) if not text.isascii() else text
    if plain in _LETTERS:
        return _LETTERS[plain]
    short = plain.isascii() and len(plain) == 1
    return plain if short or plain.isdigit() else _upright(plain)


def _spelled(letter: str) -> str:
    """A Greek letter by its English name, since TeX knows it by that."""
    kind, _, name = unicodedata.name(letter, "").rpartition(" ")
    spelled = name.lower() if "SMALL" in kind else name.capitalize()
    spelled = {"lamda": "lambda", "Lamda": "Lambda"}.get(spelled, spelled)
    return spelled if kind.startswith("GREEK") and spelled in _LETTERS else letter


def _upright(text: str) -> str:
    command = r"\mathrm" if text.isascii() else r"\text"
    return rf"{command}{{{latex_words(text)}}}"


def _leaf(value: Value) -> Text:
    if value.number is None:
        return Text(latex_name(str(value.name)))
    text = leaf_text(value)
    shown = _CONSTANTS.get(text.text) or latex_number(text.text)
    return Text(shown, PRODUCT if r"\cdot" in shown else text.binding)


def _operation(op: Op, operands: Sequence[Text]) -> Text:
    operation = op.operation
    if operation.name == "mul":
        return _product(op, operands)
    if operation.name not in _SHAPES:
        return _call(operation, operands)
    shape, binding, left, right = _SHAPES[operation.name]
    bounds = (left, right) if len(operands) == 2 else (left,)
    texts = {
        name: _at_least(operand, bound)
        for name, operand, bound in zip("ab", operands, bounds, strict=False)
    }
    if binding == SUM:
        texts["b"] = _unsigned(texts["b"])
    return Text(_OPERAND.sub(lambda m: texts[m.group()], shape), binding)


def _product(op: Op, operands: Sequence[Text]) -> Text:
    """A factor beside a factor, with a dot where digits or words would run together."""
    left, right = (_at_least(operand, PRODUCT) for operand in operands)
    right = _unsigned(right)
    digits = right[0].isdigit() or right[0] == "."
    dot = r" \cdot " if digits or right.startswith(r"\frac") else r" \, "
    return Text(f"{left}{dot}{right}", PRODUCT)


def _call(operation: Operation, operands: Sequence[Text]) -> Text:
    name = operation.name.replace("_", r"\_")
    command = _COMMANDS.get(operation.name, rf"\operatorname{{{name}}}")
    inside = ", ".join(operand.text for operand in operands)
    return Text(rf"{command}\left({inside}\right)")


def _unsigned(text: str) -> str:
    """A text that may stand behind a sign or another factor."""
    return rf"\left({text}\right)" if text.startswith("-") else text


def _at_least(text: Text, binding: int) -> str:
    return text.text if text.binding >= binding else rf"\left({text.text}\right)"
