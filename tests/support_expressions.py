"""Random formulas over the table of operations, and what they must evaluate to.

`random_formula` writes one; `python_value` is what Python itself makes of it, and
`exact_function` evaluates its text with 60 digits.
"""

from __future__ import annotations

import ast
import math
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import mpmath

from adjoint.ir.arithmetic import FLOATS
from adjoint.rules.operation import Operation
from adjoint.rules.table import FUNCTIONS, OF_WHOLE_NUMBERS

DIGITS = 60

_INFIX = ("+", "-", "*", "/", "%", "//")
_SMOOTH_INFIX = ("+", "-", "*", "/")
_COMPARE = ("<", "<=", ">", ">=", "==", "!=")
#: Without a derivative worth the name, or slow in 60 digits.
_NOT_SMOOTH = ("floor", "ceil", "trunc", "round", "sign", "fmod", "remainder")
_NOT_SMOOTH += ("copysign", "gamma", "lgamma", "digamma", "polygamma", "math_pow")
#: For Python functions only, or written by other means here.
_NOT_CALLED = (*OF_WHOLE_NUMBERS, "float", "int", "round_to")
#: What keeps most arguments in the domain.
_TAME = dict.fromkeys(("exp", "exp2", "expm1", "sinh", "cosh"), "sin({})")
_TAME |= dict.fromkeys(("asin", "acos", "atanh"), "0.75*sin({})")
_TAME |= dict.fromkeys(("log", "log2", "log10", "log1p", "sqrt"), "(0.5 + abs({}))")
_TAME |= dict.fromkeys(("gamma", "lgamma", "digamma"), "(0.5 + abs({}))")
_TAME |= {"acosh": "(1.5 + abs({}))"}
_NUMBERS = ("2", "3", "0.5", "1.5", "2.5e-3", "7", "1e3", "0.1", "pi", "-2", "1e22")


@dataclass(frozen=True)
class Style:
    """What random formulas may hold.

    ``numbers`` are the literals; ``smooth`` leaves out what has no derivative worth
    the name almost everywhere (``//``, ``floor``) and what is slow in 60 digits.
    """

    names: tuple[str, ...] = ("x", "y", "z")
    numbers: tuple[str, ...] = (*_NUMBERS, "0", "1", "-1.0")
    smooth: bool = False
    branches: bool = True
    statements: bool = True


#: For the checks that no operation is needless: no zeros and ones of the user's.
PLAIN = Style(numbers=_NUMBERS)
SMOOTH = Style(numbers=("2", "3", "0.5", "1.5", "0.25", "pi"), smooth=True)


def random_formula(seed: int, size: int = 12, style: Style = PLAIN) -> str:
    """A formula of about ``size`` operations, the same for the same seed."""
    writer = _Writer(random.Random(seed), style)
    lines = []
    if style.statements:
        for name in ("a", "b")[: writer.random.randrange(3)]:
            lines.append(f"{name} = {writer.expression(size // 3)}")
            writer.names.append(name)
    lines.append(writer.expression(size))
    return "\n".join(lines)


class _Writer:
    def __init__(self, source: random.Random, style: Style):
        self.random = source
        self.style = style
        self.names = list(style.names)
        left_out = (*_NOT_CALLED, *(_NOT_SMOOTH if style.smooth else ()))
        self._functions = [
            name
            for name, operation in sorted(FUNCTIONS.items())
            if operation.name not in left_out
        ]

    def expression(self, size: int) -> str:
        if size <= 0:
            leaf = self.random.random() < 0.75
            return self.random.choice(self.names if leaf else self.style.numbers)
        forms = [self._infix] * 5 + [self._call] * 4 + [self._power, self._negative]
        if self.style.branches:
            forms += [self._choice]
        return self.random.choice(forms)(size - 1)

    def _split(self, size: int) -> tuple[str, str]:
        left = self.random.randint(0, size)
        return self.expression(left), self.expression(size - left)

    def _infix(self, size: int) -> str:
        signs = _SMOOTH_INFIX if self.style.smooth else (*_SMOOTH_INFIX * 5, *_INFIX)
        left, right = self._split(size)
        return f"({left} {self.random.choice(signs)} {right})"

    def _negative(self, size: int) -> str:
        return f"(-{self.expression(size)})"

    def _power(self, size: int) -> str:
        if self.random.random() < 0.7:
            exponent = self.random.choice(("2", "3", "4", "-1", "-2"))
            return f"({self.expression(size)})**{exponent}"
        base, exponent = self._split(size)  # a negative base would give a complex one
        return f"(0.5 + abs({base}))**{exponent}"

    def _call(self, size: int) -> str:
        name = self.random.choice(self._functions)
        operation = FUNCTIONS[name]
        if operation.name == "polygamma":
            return f"{name}({self.random.choice('0123')}, {self.expression(size)})"
        if name == "round" and size % 2:
            return f"round({self.expression(size)}, 2)"
        if operation.variadic or len(operation.operands) == 2:
            left, right = self._split(size)
            more = self.random.choice(self.names)
            third = f", {more}" if operation.variadic and size % 3 == 0 else ""
            return f"{name}({left}, {right}{third})"
        argument = self.expression(size)
        if operation.name in _TAME and self.random.random() < 0.85:
            argument = _TAME[operation.name].format(argument)
        return f"{name}({argument})"

    def _choice(self, size: int) -> str:
        then, orelse = self._split(size * 2 // 3)
        return f"({then} if {self._condition(size // 3)} else {orelse})"

    def _condition(self, size: int) -> str:
        kind = self.random.random()
        left, right = self._split(size)
        first = f"{left} {self.random.choice(_COMPARE)} {right}"
        if kind < 0.6:
            return first
        if kind < 0.7:
            return f"not ({first})"
        second = f"{self.random.choice(self.names)} < {right}"
        return f"({first}) {self.random.choice(('and', 'or'))} {second}"


# -- what Python makes of it


def operation_formula(operation: Operation) -> str:
    """The operation on its operands, as a formula says it."""
    if operation.variadic:
        return f"{operation.name}(a, b)"
    if operation.called:
        operands = [name.replace("n", "2") for name in operation.operands]
        return f"{operation.name}({', '.join(operands)})"
    return operation.python.replace("^", "xor")


def python_value(formula: str, arguments: Mapping[str, Any]) -> Any:
    """The value as Python computes it, squares as ``u*u`` (see the design)."""
    space = {name: FLOATS[entry.name] for name, entry in FUNCTIONS.items()}
    space["round"] = round
    return _evaluated(formula, {**space, **arguments})


def exact_function(formula: str, names: list[str]) -> Callable[..., Any]:
    """The formula as a function of 60-digit numbers."""

    def function(*arguments: Any) -> Any:
        with mpmath.workdps(DIGITS):
            return _evaluated(
                formula, {**EXACT, **dict(zip(names, arguments, strict=True))}
            )

    return function


def _evaluated(formula: str, space: dict[str, Any]) -> Any:
    space = {"pi": math.pi, "e": math.e, "tau": math.tau, "_square": _square} | space
    *lines, last = formula.strip().split("\n")
    for line in lines:
        name, _, text = line.partition(" = ")
        space[name] = eval(_compiled(text), space)
    return eval(_compiled(last), space)


def _compiled(text: str) -> Any:
    tree = _Squares().visit(ast.parse(text.strip(), mode="eval"))
    return compile(ast.fix_missing_locations(tree), "formula", "eval")


class _Squares(ast.NodeTransformer):
    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        squared = isinstance(node.right, ast.Constant) and node.right.value == 2
        if isinstance(node.op, ast.Pow) and squared:
            name = ast.Name("_square", ast.Load())
            return ast.Call(name, [node.left, node.right], [])
        return node


def _square(base: Any, exponent: Any) -> Any:
    return base ** exponent if isinstance(base, int) else base * base


def _hypot(*parts: Any) -> Any:
    return mpmath.sqrt(sum(part * part for part in parts))


def _softplus(a: Any) -> Any:
    return mpmath.log1p(mpmath.exp(-abs(a))) + max(a, 0)


_PLAIN = "exp expm1 log log1p sqrt cbrt sin cos tan cot asin acos atan atan2 sinh cosh"
_PLAIN += (
    " tanh asinh acosh atanh erf erfc gamma loggamma digamma polygamma degrees radians"
)
_EXACT_BY_NAME = {name: getattr(mpmath, name) for name in _PLAIN.split()}
_EXACT_BY_NAME |= {
    "lgamma": mpmath.loggamma,
    "cbrt": lambda a: mpmath.sign(a) * mpmath.cbrt(abs(a)),
    "exp2": lambda a: mpmath.mpf(2) ** a,
    "log2": lambda a: mpmath.log(a) / mpmath.log(2),
    "log10": lambda a: mpmath.log(a) / mpmath.log(10),
    "hypot": _hypot,
    "sigmoid": lambda a: 1 / (1 + mpmath.exp(-a)),
    "softplus": _softplus,
    "logaddexp": lambda a, b: max(a, b) + mpmath.log1p(mpmath.exp(-abs(a - b))),
    "relu": lambda a: a if a > 0 else mpmath.mpf(0),
    "sign": mpmath.sign,
    "copysign": lambda a, b: abs(a) if b >= 0 else -abs(a),
    "abs": abs,
    "min": min,
    "max": max,
}
_EXACT_BY_NAME |= {"inf": mpmath.inf, "nan": mpmath.nan}

#: Every function that can be evaluated with 60 digits, under each of its names.
EXACT: dict[str, Any] = _EXACT_BY_NAME | {
    name: _EXACT_BY_NAME[entry.name]
    for name, entry in FUNCTIONS.items()
    if entry.name in _EXACT_BY_NAME
}
