"""The elementary operations of a function, and its adjoint program beside them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

from adjoint.errors import OptionError
from adjoint.explain.evaluate import evaluated
from adjoint.explain.notation import TEXT
from adjoint.explain.point import Point, arguments_at
from adjoint.ir.arithmetic import FLOATS
from adjoint.ir.interpret import Guarded, trace
from adjoint.ir.printer import Line, print_sweeps
from adjoint.ir.program import LOOPS, Op, Program, Value, has_arrays, walk
from adjoint.ir.types import STACK

#: So many numbers of a line in a loop are shown.
_MOST_IN_TURN = 4


def listing(
    primal: Program, derivative: Program, point: Point | None = None
) -> list[str]:
    """Two columns: the forward sweep, and the sweeps of the derivative behind it.

    With a ``point``, each line is shown with the number that it computes there; in a
    loop, with those of the iterations in turn. Raises AdjointError where the point does
    not fit the parameters, or something is not finite there.
    """
    numbers = None if point is None else _Numbers(derivative, point)
    forward, *sweeps = print_sweeps(derivative)
    left = _column([forward], numbers)
    right = _column(sweeps, numbers)
    if not forward[1]:  # the derivative needs nothing of the function
        return right
    if not sweeps:
        return left
    width = max(len(line) for line in left) + 4
    return [
        f"{a:<{width}}{b}".rstrip() for a, b in zip_longest(left, right, fillvalue="")
    ]


def _column(
    sweeps: Sequence[tuple[str, Sequence[Line]]], numbers: _Numbers | None
) -> list[str]:
    """The sweeps below each other, each under its title."""
    width = max((len(text) for _, lines in sweeps for text, _ in lines), default=0)
    column: list[str] = []
    for title, lines in sweeps:
        column += [""] if column else []
        column += [title.replace(" sweep", "", 1)] if title else []
        for text, value in lines:
            shown = numbers.of(value) if numbers and value else ""
            column.append(f"{text:<{width}}  {shown}" if shown else text)
    return column


class _Numbers:
    """What a run at a point computes.

    ``alone`` has the number of each value outside of loops, ``of_loops`` those of the
    values inside, one an iteration.
    """

    def __init__(self, program: Program, point: Point):
        self.source = program.source
        self.arithmetic = FLOATS
        if has_arrays(program):
            from adjoint.ir.array_arithmetic import lifted

            self.arithmetic = lifted(FLOATS)
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
            if value not in in_loops and value.type != STACK
        }

    def of(self, value: Value) -> str:
        """The number of a value; of one in a loop the first ones in turn, and the last.

        Empty where there is none: in the side of a branch that is not run.
        """
        if value in self.alone:
            return _shown(self.alone[value])
        numbers = [_shown(number) for number in self.of_loops.get(value, ())]
        if len(numbers) > _MOST_IN_TURN:
            numbers = [*numbers[: _MOST_IN_TURN - 1], "...", numbers[-1]]
        return ", ".join(numbers)

    def _apply(self, op: Op, operands: Sequence[Any]) -> Any:
        number = evaluated(self.source, op, operands, self.arithmetic)
        if op.results[0] in self.of_loops:
            self.of_loops[op.results[0]].append(number)
        return number


def _shown(number: Any) -> str:
    """A number; of an array, in one line, the first and the last elements."""
    if not hasattr(number, "dtype"):
        return TEXT.number(number)
    from numpy import array2string

    text = array2string(
        number,
        precision=6,
        separator=", ",
        threshold=6,
        edgeitems=2,
        floatmode="maxprec",
    )
    return " ".join(text.split())
