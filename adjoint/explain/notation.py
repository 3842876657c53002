"""How names, formulas and numbers are written: as text, or as mathematics in LaTeX."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from adjoint.ir.program import Program
from adjoint.target.formula import formula_text
from adjoint.target.latex import latex_formula, latex_name, latex_number
from adjoint.target.spelling import PRODUCT, Text


@dataclass(frozen=True)
class Notation:
    """One way of writing.

    ``name``        a name of a node
    ``adjoint``     the adjoint of a node, by its name
    ``derivative``  the derivative of what by what, both written already
    ``formula``     a program, as an expression
    ``times``       between an adjoint and a local derivative
    ``gets``        between an adjoint and what is added to it
    ``number``      a number, of six digits
    ``symbolic``    an expression of SymPy's; as text, its beginning where it is long
    ``parentheses`` a template for what stands in parentheses
    ``other_adjoint``  as ``adjoint``, where the user has a name like that
    """

    name: Callable[[str], str]
    adjoint: Callable[[str], str]
    derivative: Callable[[str, str], str]
    formula: Callable[[Program], Text]
    times: str
    gets: str
    number: Callable[[Any], str]
    symbolic: Callable[[Any], str]
    parentheses: str
    other_adjoint: Callable[[str], str]

    def factor(self, program: Program) -> str:
        """A program as a factor behind ``times``."""
        text = self.formula(program)
        if text.binding < PRODUCT or text.text.startswith("-"):
            return self.parentheses.format(text.text)
        return text.text

    def beside(self, names: Iterable[str]) -> Notation:
        """This notation, with other names of adjoints where a node has such a name."""
        written = {self.name(name) for name in names}
        if any(self.adjoint(name) in written for name in names):
            return replace(self, adjoint=self.other_adjoint)
        return self


def six_digits(number: Any) -> str:
    """A float of six digits; a whole number or a truth value as it is.

    >>> six_digits(-0.14112000806), six_digits(3.0), six_digits(True)
    ('-0.14112', '3', 'True')
    """
    if not isinstance(number, float):
        return str(number)
    return f"{number + 0.0:.6g}"


#: More of an expression of SymPy's is not shown in a table of text.
_LONGEST = 100


def _beginning(expression: Any) -> str:
    text = str(expression)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 4]} ..."


def _sympys_latex(expression: Any) -> str:
    from sympy import latex

    names = {s: latex_name(s.name) for s in expression.free_symbols}
    return str(latex(expression, symbol_names=names))


TEXT = Notation(
    name=str,
    adjoint=lambda name: f"g_{name}",
    derivative=lambda of, by: f"d {of} / d {by}",
    formula=formula_text,
    times=" * ",
    gets=" += ",
    number=six_digits,
    symbolic=_beginning,
    parentheses="({})",
    other_adjoint=lambda name: f"{name}_bar",
)

LATEX = Notation(
    name=latex_name,
    adjoint=lambda name: f"g_{{{latex_name(name)}}}",
    derivative=lambda of, by: rf"\frac{{\partial {of}}}{{\partial {by}}}",
    formula=latex_formula,
    times=r" \cdot ",
    gets=r" \mathrel{+}= ",
    number=lambda number: latex_number(six_digits(number)),
    symbolic=_sympys_latex,
    parentheses=r"\left({}\right)",
    other_adjoint=lambda name: rf"\bar{{{latex_name(name)}}}",
)
