"""Expressions in C: those of the Python text, as C spells them.

What is a whole number, and what a float, is followed here, since ``a / b`` of two whole
numbers is another number in C. Those of Python have no end: what may be too large for
an integer of C (what has been rounded, a product, what grows from one iteration to the
next) is a double, which is exact up to 2**53 and nearly right beyond.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

from adjoint.errors import OptionError

# The types of C that there are, narrowest first; a stack is named by its number.
BOOL, INT, FLOAT, STACK = "bool", "int64_t", "double", "size_t"
LIST, MATRIX = "List *", "Matrix *"
#: Those of numbers, by what `Type` calls them.
ELEMENTS: Final = {"float": FLOAT, "int": INT, "bool": BOOL}
_WIDTH: Final = {BOOL: 0, INT: 1, FLOAT: 2}

# How tightly C's operators bind, loosest first.
_CHOICE, _OR, _AND, _EQUAL, _COMPARE, _SUM, _PRODUCT, _SIGN, _ATOM = range(9)

_ARITHMETIC: Final = {
    ast.Add: ("+", _SUM),
    ast.Sub: ("-", _SUM),
    ast.Mult: ("*", _PRODUCT),
    ast.Div: ("/", _PRODUCT),
}
_COMPARISONS: Final = {
    ast.Lt: ("<", _COMPARE),
    ast.LtE: ("<=", _COMPARE),
    ast.Gt: (">", _COMPARE),
    ast.GtE: (">=", _COMPARE),
    ast.Eq: ("==", _EQUAL),
    ast.NotEq: ("!=", _EQUAL),
}
_BITS: Final = {
    ast.BitAnd: "&",
    ast.BitOr: "|",
    ast.BitXor: "^",
    ast.LShift: "<<",
    ast.RShift: ">>",
}
#: Python's operators that are functions in C: of floats, and of whole numbers.
_FUNCTIONS: Final = {
    ast.Pow: ("pow", "pow"),
    ast.Mod: ("modulo", "modulo_of_ints"),
    ast.FloorDiv: ("floor_divide", "floor_divide_ints"),
}
#: What C calls the functions of Python's that it has under another name.
_RENAMED: Final = {
    "gamma": "tgamma",
    "round": "rint",
    "abs": "fabs",
    "min": "least",
    "max": "greatest",
}
#: Those that are others for whole numbers.
_OF_INTS: Final = {"abs": "llabs", "min": "least_of_ints", "max": "greatest_of_ints"}
#: Functions of any number of arguments, which C has for two.
_PAIRWISE: Final = {"min", "max", "hypot", "gcd"}
#: Those that are called with no import.
_BUILTINS: Final = ("abs", "min", "max", "round")
_NAMED: Final = {"inf": "INFINITY", "nan": "NAN"}
#: Constants of `math`: C99 has no names for them.
_NUMBERS: Final = {"pi": math.pi, "e": math.e, "tau": math.tau}
_LARGEST_INT: Final = 2**63
#: The functions of Python's text that there are in C, in its library or as helpers.
_KNOWN: Final = frozenset("""
abs acos acosh asin asinh atan atan2 atanh cbrt ceil comb copysign cos cosh degrees
digamma erf erfc exp exp2 expm1 fabs factorial floor fmod gamma gcd hypot isqrt lgamma
log log10 log1p log2 logaddexp max min polygamma pow radians relu remainder round
round_to sigmoid sign sin sinh softplus sqrt tan tanh trunc
""".split())
#: The functions of C that operators become.
_BY_OPERATORS: Final = ("range_length", *dict.fromkeys(chain(*_FUNCTIONS.values())))


@dataclass(frozen=True)
class Text:
    """An expression in C: how tightly it binds, and its type."""

    text: str
    type: str = FLOAT
    binding: int = _ATOM

    def at_least(self, binding: int) -> str:
        """The text, in parentheses unless it binds as tightly as that."""
        return self.text if self.binding >= binding else f"({self.text})"

    def cast(self, type: str) -> str:
        """The text as a factor of another type."""
        return f"({type}){self.at_least(_ATOM)}"

    def of_type(self, type: str) -> str:
        """The text, converted where that loses anything: a float to a whole number."""
        narrows = self.type == FLOAT and type in (INT, STACK)
        return self.cast(type) if narrows else self.text


def wider(one: str, other: str) -> str:
    """The type of what is of the one type or of the other; None is a BOOL.

    Raises OptionError where there is none: for what is a list, and then a number.
    """
    if one in _WIDTH and other in _WIDTH:
        return one if _WIDTH[one] >= _WIDTH[other] else other
    if one != other and BOOL not in (one, other):
        raise OptionError(
            "what is a list, and then something else, is not for target c"
        )
    return other if one == BOOL else one


def number(value: float | int) -> Text:
    """A number; a whole one that no integer of C holds is a double."""
    if isinstance(value, bool):
        return Text("true" if value else "false", BOOL)
    if isinstance(value, int) and abs(value) < _LARGEST_INT:
        return Text(repr(value), INT)
    return Text(repr(float(value)))


def functions_of_c(functions: Iterable[str]) -> set[str]:
    """What C has for these functions of Python's: no variable has such a name."""
    found = set(_BY_OPERATORS)
    for name in (*functions, *_BUILTINS):
        found |= {_RENAMED.get(name, name), _OF_INTS.get(name, name)}
    return found


class Expressions:
    """Spells expressions of one function.

    ``functions`` says what the functions that are called are in Python, by the names
    they have in the text; ``names`` what variables and constants are called in C, and
    ``types`` their types. ``called`` collects the functions of C that are needed.
    """

    def __init__(
        self,
        functions: Mapping[str, str],
        names: Mapping[str, str],
        types: Mapping[str, str],
    ):
        self._functions = functions
        self._names = names
        self.types = types
        self.called: dict[str, None] = {}

    def text(self, node: ast.expr) -> Text:
        """The expression in C. Raises OptionError for what C has not."""
        return SPELLED[type(node)](self, node)

    def function(self, name: str) -> str:
        """What is called by this name in the text."""
        return self._functions.get(name, name)

    def call(self, function: str, *arguments: str) -> str:
        """The call of a function of C."""
        self.called[function] = None
        return f"{function}({', '.join(arguments)})"

    def _constant(self, node: ast.Constant) -> Text:
        value = node.value
        if value is None:  # never read
            return Text("NAN")
        assert isinstance(value, (bool, int, float))
        return number(value)

    def _name(self, node: ast.Name) -> Text:
        function = self._functions.get(node.id)
        if function is not None:
            known = _NUMBERS.get(function)
            return Text(_NAMED[function]) if known is None else number(known)
        return Text(self._names.get(node.id, node.id), self.types.get(node.id, BOOL))

    def _unary(self, node: ast.UnaryOp) -> Text:
        operand = self.text(node.operand)
        if isinstance(node.op, ast.Not):
            return Text(f"!{operand.at_least(_SIGN)}", BOOL, _SIGN)
        if isinstance(node.op, ast.Invert):
            return Text(f"~{operand.cast(INT)}", INT, _SIGN)
        inner = operand.at_least(_SIGN)
        inner = f"({inner})" if inner.startswith("-") else inner
        return Text(f"-{inner}", wider(operand.type, INT), _SIGN)

    def _binary(self, node: ast.BinOp) -> Text:
        left, right = self.text(node.left), self.text(node.right)
        type_ = wider(wider(left.type, right.type), INT)
        operator = type(node.op)
        if operator in _BITS:
            sides = [side.of_type(INT) for side in (left, right)]
            bits = [f"({text})" if " " in text else text for text in sides]
            return Text(f"({bits[0]} {_BITS[operator]} {bits[1]})", INT)
        if operator in _FUNCTIONS:
            of_floats, of_ints = _FUNCTIONS[operator]
            name = of_ints if type_ == INT else of_floats
            spelled = self.call(name, left.text, right.text)
            return Text(spelled, FLOAT if operator is ast.Pow else type_)
        sign, binding = _ARITHMETIC[operator]
        first, second = left.at_least(binding), right.at_least(binding + 1)
        literal = isinstance(node.left, ast.Constant) or isinstance(
            node.right, ast.Constant
        )
        if operator is ast.Div or (operator is ast.Mult and not literal):
            first = left.cast(FLOAT) if type_ == INT else first
            type_ = FLOAT
        return Text(f"{first} {sign} {second}", type_, binding)

    def _compare(self, node: ast.Compare) -> Text:
        sides = [self.text(side) for side in (node.left, *node.comparators)]
        parts = []
        for at, operator in enumerate(node.ops):
            sign, binding = _COMPARISONS[type(operator)]
            left, right = (one.at_least(binding + 1) for one in sides[at : at + 2])
            parts.append((f"{left} {sign} {right}", binding))
        binding = parts[0][1] if len(parts) == 1 else _AND
        return Text(" && ".join(text for text, _ in parts), BOOL, binding)

    def _logic(self, node: ast.BoolOp) -> Text:
        both = isinstance(node.op, ast.And)
        sign, binding = ("&&", _AND) if both else ("||", _OR)
        # compilers warn of `&&` beside `||`, which is as well read with parentheses
        parts = [self.text(value) for value in node.values]
        texts = [part.at_least(binding if both else _EQUAL) for part in parts]
        return Text(f" {sign} ".join(texts), BOOL, binding)

    def _choice(self, node: ast.IfExp) -> Text:
        test, then, orelse = map(self.text, (node.test, node.body, node.orelse))
        spelled = f"{test.at_least(_OR)} ? {then.at_least(_OR)} : {orelse.text}"
        return Text(spelled, wider(then.type, orelse.type), _CHOICE)

    def _call(self, node: ast.Call) -> Text:
        assert isinstance(node.func, ast.Name)
        function = self.function(node.func.id)
        arguments = [self.text(argument) for argument in node.args]
        if function == "float":
            return Text(arguments[0].cast(FLOAT), FLOAT, _SIGN)
        if function == "round" and len(arguments) == 2:
            function = "round_to"
        if function not in _KNOWN:
            raise OptionError(
                f"`{function}` is a function of Python's: not for target c"
            )
        ints = all(argument.type != FLOAT for argument in arguments)
        result = INT if ints and function in _OF_INTS else FLOAT
        name = _RENAMED.get(function, function)
        if result == INT:
            name = _OF_INTS[function]
        texts = [argument.text for argument in arguments]
        if function in _PAIRWISE:
            return Text(self._pairwise(name, texts), result)
        return Text(self.call(name, *texts), result)

    def _pairwise(self, name: str, texts: Sequence[str]) -> str:
        first, *others = texts
        for other in others or ["0.0"]:  # hypot(a) is hypot(a, 0)
            first = self.call(name, first, other)
        return first


SPELLED: Final[dict[type[ast.expr], Callable[[Expressions, ast.expr], Text]]] = {
    ast.Constant: Expressions._constant,  # type: ignore[dict-item]
    ast.Name: Expressions._name,  # type: ignore[dict-item]
    ast.UnaryOp: Expressions._unary,  # type: ignore[dict-item]
    ast.BinOp: Expressions._binary,  # type: ignore[dict-item]
    ast.Compare: Expressions._compare,  # type: ignore[dict-item]
    ast.BoolOp: Expressions._logic,  # type: ignore[dict-item]
    ast.IfExp: Expressions._choice,  # type: ignore[dict-item]
    ast.Call: Expressions._call,  # type: ignore[dict-item]
}
