"""An explanation: a walkthrough that shows itself, in a terminal and in a notebook."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import cached_property
from importlib.util import find_spec
from typing import TYPE_CHECKING

from adjoint.errors import unknown_choice
from adjoint.explain.notation import LATEX, TEXT, Notation, six_digits
from adjoint.explain.point import Point
from adjoint.explain.tables import Table, agreement, tables
from adjoint.explain.walkthrough import Walkthrough, walk_through
from adjoint.explain.write_json import to_json
from adjoint.explain.write_latex import latex
from adjoint.explain.write_markdown import html, markdown
from adjoint.explain.write_text import plain, rich_group
from adjoint.ir.program import Program

if TYPE_CHECKING:
    from rich.console import Group

    from adjoint.explain.symbolic import SymbolicGradient

#: A longer formula is not repeated in the heading.
_LONGEST_FORMULA = 200


class Explanation:
    """The forward and the reverse sweep of a function at a point, with numbers.

    ``walkthrough`` is the data. ``str`` gives it as text, ``to`` in another format; in
    a notebook it shows itself as tables.
    """

    def __init__(self, program: Program, point: Point, wrt: Sequence[str]):
        """Raises AdjointError as `walk_through`."""
        self.program = program
        self.walkthrough: Walkthrough = walk_through(program, point, wrt)

    @cached_property
    def symbolic(self) -> SymbolicGradient:
        """SymPy's gradient, to compare with."""
        from adjoint.explain.symbolic import symbolic_gradient

        return symbolic_gradient(self.program, self.walkthrough)

    def to(self, format: str) -> str:
        """The explanation in one of `FORMATS`. Raises OptionError for another."""
        if format not in FORMATS:
            raise unknown_choice("format", format, FORMATS)
        return FORMATS[format](self)

    def __str__(self) -> str:
        return self.to("text")

    def __repr__(self) -> str:
        return f"<explanation of {self.heading[0]}>"

    @property
    def heading(self) -> list[str]:
        """The function at its point, and the formula where it is a short one."""
        names = ", ".join(node.name for node in self.walkthrough.inputs)
        point = ", ".join(
            f"{node.name} = {six_digits(node.number)}"
            for node in self.walkthrough.inputs
        )
        call = f"{self.program.name}({names})"
        lines = [f"{call} at {point}" if point else call]
        if self.formula is not None and len(self.formula) <= _LONGEST_FORMULA:
            lines += self.formula.splitlines()
        return lines

    @property
    def formula(self) -> str | None:
        """The user's formula; None where it was a function."""
        return None if self.program.written else self.program.source.text.strip()

    def tables(self, notation: Notation) -> list[Table]:
        """What is shown, as tables."""
        return tables(self.walkthrough, self.symbolic, notation)

    def __rich__(self) -> Group:
        return rich_group(self.heading, self.tables(TEXT))

    def _repr_markdown_(self) -> str:
        return self.to("markdown")

    def _repr_html_(self) -> str:
        return html(self.heading, self.tables(TEXT))


def _of_tables(
    write: Callable[[Sequence[str], Sequence[Table]], str], notation: Notation
) -> Callable[[Explanation], str]:
    return lambda explanation: write(explanation.heading, explanation.tables(notation))


def _json(explanation: Explanation) -> str:
    walkthrough, symbolic = explanation.walkthrough, explanation.symbolic
    note = agreement(walkthrough, symbolic)
    return to_json(walkthrough, symbolic, explanation.formula, note)


#: The formats, and what writes each.
FORMATS: dict[str, Callable[[Explanation], str]] = {
    "text": _of_tables(plain, TEXT),
    "markdown": _of_tables(markdown, TEXT),
    "latex": _of_tables(latex, LATEX),
    "json": _json,
}


def show_on_terminal(explanation: Explanation) -> bool:
    """Print it in colour where standard output is a terminal; whether that was done.

    It is not where the library rich (the extra `explain`) is not installed: then the
    plain text says the same.
    """
    if not sys.stdout.isatty() or find_spec("rich") is None:
        return False
    from rich.console import Console

    Console().print(explanation.__rich__())
    return True
