"""The elementary operations of a function, and its adjoint program beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Any

from adjoint.errors import OptionError
from adjoint.explain.point import Point, arguments_at
from adjoint.ir.interpret import trace
from adjoint.ir.printer import print_primal_and_rest
from adjoint.ir.program import Program, Value


def listing(
    primal: Program, derivative: Program, point: Point | None = None
) -> list[str]:
    """Two columns: the forward sweep, and the reverse sweep with the adjoints.

    With a ``point``, each line is shown with the number that it computes there. Raises
    OptionError where the point does not name the parameters.
    """
    numbers = None if point is None else _numbers(derivative, point)
    forward, reverse = print_primal_and_rest(derivative)
    left = ["forward", *_column(forward, numbers)]
    right = ["reverse", *_column(reverse, numbers)]
    width = max(len(line) for line in left) + 4
    return [
        f"{a:<{width}}{b}".rstrip() for a, b in zip_longest(left, right, fillvalue="")
    ]


def _column(
    lines: Sequence[tuple[str, Value | None]], numbers: Mapping[Value, Any] | None
) -> list[str]:
    if numbers is None:
        return [text for text, _ in lines]
    width = max((len(text) for text, _ in lines), default=0)
    return [
        (
            f"{text:<{width}}  {_shown(numbers[value])}"
            if value is not None and value in numbers
            else text
        )
        for text, value in lines
    ]


def _shown(number: Any) -> str:
    return f"{number:.6g}" if isinstance(number, float) else str(number)


def _numbers(program: Program, point: Point) -> dict[Value, Any]:
    numbers: dict[Value, Any] = dict(arguments_at(program, point))
    try:
        trace(program.body, numbers)
    except (ArithmeticError, ValueError, TypeError) as error:
        raise OptionError(f"there is no derivative at this point: {error}") from None
    return numbers
