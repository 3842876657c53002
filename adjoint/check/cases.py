"""Case distinctions: which sign each condition's expression has, case by case.

A program with branches, absolute values or maxima is one smooth expression wherever
the signs of certain expressions are given. `Cases` goes through the signs; ties are
left out, as a set of measure zero.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import sympy

#: Expressions are expanded, to be recognised again, up to this size.
_MOST_OPERATIONS = 200


class OutsideDomain(Exception):
    """The function is not real in this case."""


class TooManyCases(Exception):
    """There are more cases than are worth going through."""


class Case:
    """One case: a sign for each expression that has been asked for."""

    def __init__(self, chosen: list[int]):
        self.chosen = chosen
        self.signs: dict[sympy.Expr, int] = {}

    def __str__(self) -> str:
        return " and ".join(
            f"{expression} {'>' if sign > 0 else '<'} 0"
            for expression, sign in self.signs.items()
        )

    def possible(self, assumed: Mapping[sympy.Symbol, sympy.Symbol]) -> bool:
        """Whether it may occur, with other symbols that are known to be positive."""
        for expression, sign in self.signs.items():
            known = expression.xreplace(assumed)
            if known.is_negative if sign > 0 else known.is_positive:
                return False
        return True

    def sign(self, expression: sympy.Expr) -> int:
        """1, -1, or 0 for what is zero everywhere."""
        expression = normal(expression)
        if expression.is_zero:
            return 0
        if expression.is_positive or expression.is_negative:
            return 1 if expression.is_positive else -1
        if not expression.is_real and expression.is_number:
            raise OutsideDomain
        _, expression = expression.primitive()
        flip = -1 if expression.could_extract_minus_sign() else 1
        expression = normal(flip * expression)
        known = self.signs.get(expression)
        if known is None:
            if len(self.signs) == len(self.chosen):
                self.chosen.append(1)
            known = self.signs[expression] = self.chosen[len(self.signs)]
        return flip * known


def cases(most: int) -> Iterator[Case]:
    """Every case, one after another: each has to be used before the next is asked for.

    Raises TooManyCases after ``most``.
    """
    chosen: list[int] = []
    for _ in range(most):
        case = Case(chosen)
        yield case
        chosen = chosen[: len(case.signs)]
        while chosen and chosen[-1] < 0:
            chosen.pop()
        if not chosen:
            return
        chosen[-1] = -1
    raise TooManyCases


def normal(expression: sympy.Expr) -> sympy.Expr:
    """The expression in a form to be recognised in: expanded, where it is small."""
    if expression.count_ops() > _MOST_OPERATIONS:
        return expression
    return sympy.expand(expression)
