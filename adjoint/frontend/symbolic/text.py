"""SymPy expressions as text, for the docstring: in the language of formulas."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sympy
from sympy.printing.precedence import precedence
from sympy.printing.str import StrPrinter

from adjoint.frontend.symbolic.table import FORMULAS

#: Of expressions with more parts, written out, only the kind is said.
_LONGEST = 1_000


def formula_text(
    name: str,
    names: Mapping[sympy.Basic, str],
    source: Any,
    expressions: Sequence[sympy.Basic],
    size: Callable[[sympy.Basic], int],
) -> str:
    """``f(x, y) = x*y``; of several expressions ``f(x, y) = (x + y, x*y)``.

    ``source`` is what the user gave and holds the ``expressions``, of the given
    ``size``. Text that ends in `` ...`` is not all of it.
    """
    head = f"{name}({', '.join(names.values())}) = "
    total = sum(map(size, expressions))
    if total > _LONGEST:
        shape = getattr(source, "shape", ())
        kind = "expressions" if len(expressions) > 1 else "expression"
        what = f"{len(expressions)} {kind}" if len(shape) != 2 else _matrix(*shape)
        return f"{head}{what} of SymPy, of {total:,} parts in all ..."
    printer = _FormulaPrinter(names)
    texts = [printer.doprint(expression) for expression in expressions]
    if len(texts) == 1 and source is expressions[0]:
        return head + texts[0]
    return f"{head}({', '.join(texts)})"


def _matrix(rows: int, columns: int) -> str:
    return f"{rows} by {columns} matrix"


_CONSTANTS = {sympy.pi: "math.pi", sympy.E: "math.e"}


class _FormulaPrinter(StrPrinter):
    """SymPy's own printer of text, where our language spells things in another way."""

    def __init__(self, names: Mapping[sympy.Basic, str]):
        super().__init__()
        self._names = names

    def _print(self, expr: Any, **settings: Any) -> str:
        if isinstance(expr, sympy.Basic) and expr in self._names:
            return self._names[expr]
        if isinstance(expr, sympy.NumberSymbol):
            return _CONSTANTS.get(expr) or repr(float(expr.evalf(40)))
        if type(expr) in FORMULAS:
            operands = dict(zip("abc", expr.args, strict=False))
            text = FORMULAS[type(expr)]
            return re.sub(
                r"\b[abc]\b", lambda m: f"({self._print(operands[m[0]])})", f"({text})"
            )
        return str(super()._print(expr, **settings))

    def _print_Pow(self, expr: Any, rational: bool = False) -> str:
        base, exponent = expr.args
        if exponent.is_Rational and exponent.q == 3:
            power = {1: "", 2: "**2"}.get(exponent.p, f"**({exponent.p})")
            return f"cbrt({self._print(base)}){power}"
        return str(super()._print_Pow(expr, rational))

    def _print_Infinity(self, expr: Any) -> str:
        return "math.inf"

    def _print_NegativeInfinity(self, expr: Any) -> str:
        return "-math.inf"

    def _print_Float(self, expr: Any) -> str:
        return repr(float(expr))

    def _print_Piecewise(self, expr: Any) -> str:
        text = "math.nan"
        for value, condition in reversed(expr.args):
            if condition == sympy.true:
                text = self._print(value)
            else:
                text = f"{self._print(value)} if {self._print(condition)} else {text}"
        return f"({text})"

    def _print_And(self, expr: Any) -> str:
        return self._joined("and", expr.args)

    def _print_Or(self, expr: Any) -> str:
        return self._joined("or", expr.args)

    def _joined(self, word: str, parts: Sequence[Any]) -> str:
        return f"({f' {word} '.join(f'({self._print(part)})' for part in parts)})"

    def _print_Not(self, expr: Any) -> str:
        return f"(not ({self._print(expr.args[0])}))"

    def _print_Relational(self, expr: Any) -> str:
        left, right = (self.parenthesize(a, precedence(expr)) for a in expr.args)
        return f"({left} {expr.rel_op} {right})"

    def _print_ITE(self, expr: Any) -> str:
        condition, then, orelse = (f"({self._print(part)})" for part in expr.args)
        return f"({then} if {condition} else {orelse})"

    def _print_Xor(self, expr: Any) -> str:
        text, *others = (f"({self._print(part)})" for part in expr.args)
        for other in others:
            text = f"({text} != {other})"
        return text

    def _print_Implies(self, expr: Any) -> str:
        premise, conclusion = (f"({self._print(part)})" for part in expr.args)
        return f"(not {premise} or {conclusion})"
