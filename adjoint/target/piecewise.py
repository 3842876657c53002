"""Branches as expressions of SymPy: chains of conditions become one ``Piecewise``.

What a branch yields stays a `Choice` until it is used. A chain of ``elif`` is joined
branch by branch, and each ``Piecewise`` on the way would copy, and compare, all that it
has so far.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sympy

#: SymPy compares the conditions of so many with each other, which takes long for more.
_FEW_PIECES = 8


@dataclass(frozen=True, eq=False)
class Choice:
    """The value of the first condition that holds; where none does, the last one.

    A value that is not defined is None: it is never read.
    """

    conditions: tuple[Any, ...]
    values: tuple[Any, ...]

    @cached_property
    def expression(self) -> Any:
        """It as an expression, or as a condition."""
        *pieces, (last, _) = [
            (used(value), condition)
            for value, condition in zip(
                self.values, (*self.conditions, True), strict=True
            )
            if value is not None
        ]
        if all(is_truth(value) for value, _ in (*pieces, (last, True))):
            for value, condition in reversed(pieces):
                held = sympy.And(condition, value)
                last = sympy.Or(held, sympy.And(sympy.Not(condition), last))
            return last
        few = len(pieces) < _FEW_PIECES
        pieces = [(expression(value), condition) for value, condition in pieces]
        return sympy.Piecewise(*pieces, (expression(last), True), evaluate=few)

    def under(self, conditions: tuple[Any, ...]) -> Sequence[Any] | None:
        """Its value under each of these, and where none holds; None where they differ.

        They are those of the choice, and others behind, or the first of them.
        """
        own, last = self.conditions, self.values[-1]
        count = len(conditions)
        if own[:count] != conditions[: len(own)]:
            return None
        if count < len(own):
            return (*self.values[:count], Choice(own[count:], self.values[count:]))
        more = count - len(own)
        if more and is_truth(last) and not isinstance(last, bool):
            first = conditions[len(own)]
            if first == last:
                return (*self.values[:-1], True, *[False] * more)
            if sympy.Not(first) == last:
                return (*self.values[:-1], False, *[True] * more)
        return (*self.values, *[last] * more)

    def decided(self, sides: Sequence[Any]) -> Choice | None:
        """It as one that is plainly true or false everywhere; None where it is not.

        The sides are what it chooses between: where they go on with the condition that
        is its last value, so does it.
        """
        *values, last = self.values
        if not all(isinstance(value, bool) for value in values) or not is_truth(last):
            return None
        if isinstance(last, bool):
            return self
        count = len(self.conditions)
        for side in sides:
            if isinstance(side, Choice) and last in side.conditions[count : count + 1]:
                return Choice((*self.conditions, last), (*values, True, False))
        return Choice((*self.conditions, sympy.Not(last)), (*values, False, True))

    def __bool__(self) -> bool:
        """The truth where it is known; raises TypeError otherwise, as SymPy does."""
        return bool(self.expression)


def joined(condition: Any, then: Any, orelse: Any) -> Any:
    """What a branch yields; what is not defined is never read."""
    if then is None or orelse is None:
        return orelse if then is None else then
    plain = condition.decided((then, orelse)) if isinstance(condition, Choice) else None
    if plain is None:
        conditions: tuple[Any, ...] = (used(condition),)
        values = [then, orelse]
    else:  # each side holds under some of its conditions
        conditions = plain.conditions
        sides = _under(then, conditions), _under(orelse, conditions)
        values = [
            yes if holds else no
            for holds, yes, no in zip(plain.values, *sides, strict=True)
        ]
    last = values.pop()
    if isinstance(last, bool) and all(value is last for value in values):
        return last
    if isinstance(last, Choice):
        return Choice((*conditions, *last.conditions), (*values, *last.values))
    return Choice(conditions, (*values, last))


def _under(value: Any, conditions: tuple[Any, ...]) -> Sequence[Any]:
    """What a value is under each condition, and where none of them holds."""
    found = value.under(conditions) if isinstance(value, Choice) else None
    return found or [value] * (len(conditions) + 1)


def used(value: Any) -> Any:
    """The value as SymPy takes it: of a choice, the expression or the condition."""
    return value.expression if isinstance(value, Choice) else value


def is_truth(value: Any) -> bool:
    """Whether it is true or false, or a condition (a symbol counts as a number)."""
    if isinstance(value, bool):
        return True
    return isinstance(value, sympy.logic.boolalg.Boolean) and not value.is_Symbol


def expression(number: Any) -> sympy.Expr:
    """A number of Python as one of SymPy; a condition as 1 or 0."""
    number = used(number)
    if isinstance(number, int):
        return sympy.Integer(number)
    number = sympy.sympify(number)
    if is_truth(number):
        return sympy.Piecewise((1, number), (0, True))
    return number
