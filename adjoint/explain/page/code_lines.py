"""The lines of the generated module that belong to each node of the graph."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from adjoint.explain.page.recording import Recording
from adjoint.ir.program import Value, walk
from adjoint.target.python import Function, module_text, places_in_module


def code_lines(recording: Recording, functions: Sequence[Function]) -> dict[str, Any]:
    """The lines of the module that belong to each node, forward and in reverse."""
    derivative = functions[-1].program
    places = places_in_module(functions)
    by_origin: dict[int, set[int]] = {}
    of_adjoint: dict[Value, set[int]] = {}
    for op in walk(derivative.body):
        for result in op.results:
            if result.generation and result in places:
                by_origin.setdefault(op.where, set()).add(places[result])
                if result.adjoint_of is not None:
                    of_adjoint.setdefault(result.adjoint_of, set()).add(places[result])
    by_origin.pop(-1, None)
    parents: dict[Value, list[Value]] = {}
    for c in recording.contributions:
        parents.setdefault(c.child, []).append(c.parent)
    lines = module_text(functions).rstrip("\n").split("\n")
    begin = _last(lines, "    # reverse sweep")
    if begin < 0:  # all of the sweep is in what is returned
        begin = _last(lines, "    return")

    def reverse(node: Value) -> list[int]:
        """Where the parents' adjoints are, those of its own rules first; else its own.

        The adjoints that the result hands on are often constants: that is the begin.
        """
        own = by_origin.get(node.op.where if node.op else -1, set())
        near = set().union(*(of_adjoint.get(one, set()) for one in parents[node]))
        if node is recording.program.results[0] and not near:
            return [begin]
        found = near & own or near or of_adjoint.get(node) or own
        return sorted(found or {len(lines) - 1})

    return {
        "forward": [
            places.get(node, -1) if node.op else -1 for node in recording.nodes
        ],
        "reverse": [
            reverse(node) if node in parents else [] for node in recording.nodes
        ],
    }


def _last(lines: Sequence[str], start: str) -> int:
    """Where the last line stands that begins so; -1 where none does."""
    found = [at for at, line in enumerate(lines) if line.startswith(start)]
    return found[-1] if found else -1
