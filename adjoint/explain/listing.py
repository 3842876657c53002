"""The elementary operations of a function, and its adjoint program beside them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

from adjoint.errors import OptionError
from adjoint.explain.evaluate import evaluated
from adjoint.explain.notation import TEXT
from adjoint.explain.point import Point, arguments_at
from adjoint.ir.interpret import Guarded, trace
from adjoint.ir.printer import print_primal_and_rest
from adjoint.ir.program import LOOPS, Op, Program, Value, walk

#: So many numbers of a line in a loop are shown.
_MOST_IN_TURN = 4


def listing(
    primal: Program, derivative: Program, point: Point | None = None
) -> list[str]:
    """Two columns: the forward sweep, and the reverse sweep with the adjoints.

    With a ``point``, each line is shown with the number that it computes there; in a
    loop, with those of the iterations in turn. Raises AdjointError where the point does
    not fit the parameters, or something is not finite there.
    """
    numbers = None if point is None else _Numbers(derivative, point)
    forward, reverse = print_primal_and_rest(derivative)
    left = ["forward", *_column(forward, numbers)]
    right = ["reverse", *_column(reverse, numbers)]
    width = max(len(line) for line in left) + 4
    return [
        f"{a:<{width}}{b}".rstrip() for a, b in zip_longest(left, right, fillvalue="")
    ]


def _column(
    lines: Sequence[tuple[str, Value | None]], numbers: _Numbers | None
) -> list[str]:
    if numbers is None:
        return [text for text, _ in lines]
    width = max((len(text) for text, _ in lines), default=0)
    return [
        f"{text:<{width}}  {numbers.of(value)}".rstrip() if value else text
        for text, value in lines
    ]


class _Numbers:
    """What a run at a point computes.

    ``alone`` has the number of each value outside of loops, ``of_loops`` those of the
    values inside, one an iteration.
    """

    def __init__(self, program: Program, point: Point):
        self.source = program.source
        self.of_loops: dict[Value, list[Any]] = {}
        in_loops = {
            result
            for loop in walk(program.body)
            if loop.operation in LOOPS
            for block in loop.blocks
            for op in walk(block)
            for result in op.results
        }
        self.of_loops = {value: [] for value in in_loops}
        numbers: dict[Value, Any] = dict(arguments_at(program, point))
        try:
            trace(program.body, numbers, apply=self._apply)
        except Guarded as guard:
            raise OptionError(f"the function raises {guard} at this point") from None
        self.alone = {
            value: number
            for value, number in numbers.items()
            if value not in in_loops and isinstance(number, (float, int))
        }

    def of(self, value: Value) -> str:
        """The number of a value; of one in a loop the first ones in turn, and the last.

        Empty where there is none: in the side of a branch that is not run.
        """
        if value in self.alone:
            return TEXT.number(self.alone[value])
        numbers = [TEXT.number(number) for number in self.of_loops.get(value, ())]
        if len(numbers) > _MOST_IN_TURN:
            numbers = [*numbers[: _MOST_IN_TURN - 1], "...", numbers[-1]]
        return ", ".join(numbers)

    def _apply(self, op: Op, operands: Sequence[Any]) -> Any:
        number = evaluated(self.source, op, operands)
        if op.results[0] in self.of_loops:
            self.of_loops[op.results[0]].append(number)
        return number
