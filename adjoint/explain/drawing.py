"""A drawing: the graph of a function that writes itself in several formats."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from adjoint.errors import unknown_choice
from adjoint.explain.graph import Graph, graph_of
from adjoint.explain.point import Point
from adjoint.explain.write_graph import dot, mermaid
from adjoint.explain.write_svg import svg
from adjoint.ir.program import Program

#: The formats, and what writes each.
FORMATS: dict[str, Callable[[Graph], str]] = {
    "svg": svg,
    "dot": dot,
    "mermaid": mermaid,
}


class Drawing:
    """The computational graph of a function, at a point where one is given.

    ``graph`` is the data; ``to`` writes it; in a notebook it shows itself.
    """

    def __init__(self, program: Program, wrt: Sequence[str], point: Point | None):
        """Raises AdjointError as `graph_of`."""
        self.graph = graph_of(program, wrt, point)

    def to(self, format: str) -> str:
        """The graph in one of `FORMATS`. Raises OptionError for another."""
        if format not in FORMATS:
            raise unknown_choice("format", format, FORMATS)
        return FORMATS[format](self.graph)

    def __repr__(self) -> str:
        return f"<graph of {self.graph.title}>"

    def _repr_svg_(self) -> str:
        return self.to("svg")
