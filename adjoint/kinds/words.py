"""What the parts of a derivative are, in words: nested texts, one for each value.

They are made of the program of the function, and the names that it is differentiated
by; docstrings of generated modules show them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from adjoint.ir.form import nested, within
from adjoint.ir.program import Program, has_arrays
from adjoint.transform.sparse.numbers import hessian_coordinates, jacobian_coordinates


def _results(program: Program) -> list[str]:
    """What to call the results of the function."""
    if program.form is None:
        return [program.name]
    return [f"y{at}" for at in range(1, len(program.results) + 1)]


def value_words(program: Program, wrt: Sequence[str]) -> Any:
    """The function's own value."""
    if program.form is None:
        return "value"
    return nested(program.form, _results(program))


def first_words(program: Program, wrt: Sequence[str]) -> Any:
    """The first derivatives of each result."""
    form = program.form_of(wrt)
    rows = [nested(form, [f"d{y}/d{x}" for x in wrt]) for y in _results(program)]
    return nested(program.form, rows)


def second_words(program: Program, wrt: Sequence[str]) -> Any:
    """The second derivatives of each result, a square."""
    by = program.form_of(wrt)
    square = within(by, by)

    def entries(y: str) -> list[str]:
        return [
            f"d2{y}/d{a}d{b}" if a != b else f"d2{y}/d{a}2" for a in wrt for b in wrt
        ]

    return nested(program.form, [nested(square, entries(y)) for y in _results(program)])


def sparse_first_words(program: Program, wrt: Sequence[str]) -> Any:
    """The first derivatives that can be other than zero."""
    if has_arrays(program):
        return f"the entries of d{program.name}/d{_together(wrt)} by rows"
    places = jacobian_coordinates(program, wrt)
    return tuple(f"d{_results(program)[i]}/d{wrt[j]}" for i, j in places)


def sparse_second_words(program: Program, wrt: Sequence[str]) -> Any:
    """The second derivatives that can be other than zero."""
    y = program.name
    if has_arrays(program):
        return f"the entries of d2{y}/d{_together(wrt)}2 by rows"
    places = hessian_coordinates(program, wrt)
    pairs = [(wrt[i], wrt[j]) for i, j in places]
    return tuple(f"d2{y}/d{a}d{b}" if a != b else f"d2{y}/d{a}2" for a, b in pairs)


def _together(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"({', '.join(names)})"


def cotangent_words(program: Program, wrt: Sequence[str]) -> Any:
    """The cotangents of the parameters."""
    return nested(program.form_of(wrt), [f"{x}_bar" for x in wrt])


def tangent_words(program: Program, wrt: Sequence[str]) -> Any:
    """The tangent of each result."""
    if program.form is None:
        return "tangent"
    return nested(program.form, [f"{y}_dot" for y in _results(program)])


def product_words(program: Program, wrt: Sequence[str]) -> Any:
    """The product of the Hessian with vectors."""
    form = program.form_of(wrt)
    if form is None:
        return "H @ v"
    return nested(form, [f"(H @ v)[{x}]" for x in wrt])
