"""What is right: the function's value and its slopes, from the function alone.

Slopes are central difference quotients with so many digits that half of them are right:
no rule of ours and no derivative of SymPy's has a part in them.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import cached_property
from itertools import product
from typing import Any

from adjoint.check.decimals import Decimals
from adjoint.ir.program import Program
from adjoint.transform.writing_out import own_operations

#: Parameters, by their position, and how far to go along each (in parts of itself).
Direction = Sequence[tuple[int, float]]

#: So many digits may be lost where large numbers cancel.
_SPARE_DIGITS = 10


class Level:
    """So many digits for the module; more for the function, to lose in quotients."""

    def __init__(self, digits: int):
        self.digits = digits

    @cached_property
    def text(self) -> Decimals:
        """The arithmetic in which the module is evaluated."""
        return Decimals(self.digits)

    @cached_property
    def exact(self) -> Decimals:
        """The arithmetic in which the function is evaluated."""
        return Decimals(self.digits * 12 // 5)

    @cached_property
    def step(self) -> Any:
        """The step of the quotients; its square is the size of their error."""
        return self.exact.number(10) ** -(self.digits * 3 // 5)

    @cached_property
    def noise(self) -> Any:
        """What rounding may leave in the module of numbers of the size 1."""
        return self.exact.number(10) ** (_SPARE_DIGITS - self.digits)

    @cached_property
    def grain(self) -> Any:
        """What a quotient loses of a function of the size 1."""
        return self.exact.number(10) ** -(self.digits * 12 // 5) / self.step


def value(program: Program, point: Sequence[float], level: Level) -> Any:
    """The value at a point. Raises as `Decimals.results` where it is not real."""
    return level.exact.results(program, point)[0]


def slope(
    program: Program, point: Sequence[float], direction: Direction, level: Level
) -> Any:
    """How fast the value grows along a direction. Raises as `value`."""
    up, down = list[Any](point), list[Any](point)
    for at, weight in direction:
        step = level.step * weight * scale(point[at])
        here = level.exact.number(point[at])
        up[at], down[at] = here + step, here - step
    with _near(program, point, level):
        (above,) = level.exact.results(program, up)[:1]
        (below,) = level.exact.results(program, down)[:1]
    return (above - below) / (2 * level.step)


def second_slope(
    program: Program, point: Sequence[float], first: int, second: int, level: Level
) -> Any:
    """The second derivative by the parameters at two positions. Raises as `value`."""
    number = level.exact.number
    total = number(0)
    with _near(program, point, level):
        for up, across in product((1, -1), repeat=2):
            moved = [number(x) if isinstance(x, float) else x for x in point]
            moved[first] = moved[first] + up * level.step * scale(point[first])
            moved[second] = moved[second] + across * level.step * scale(point[second])
            total += up * across * level.exact.results(program, moved)[0]
    area = number(scale(point[first])) * number(scale(point[second]))
    return total / (4 * level.step * level.step * area)


def _near(
    program: Program, point: Sequence[float], level: Level
) -> AbstractContextManager[None]:
    """Within it, what the user's own functions hold is as it is at the point."""
    if not own_operations(program):
        return nullcontext()
    return level.exact.own.around(lambda: level.exact.results(program, point))


def scale(coordinate: float) -> float:
    """The unit of length along an axis: the coordinate itself."""
    return abs(coordinate) or 1.0
