"""Sparsity: which derivatives can be other than zero, and how to find them together.

The pattern is structural: a value depends on a parameter where a path of operations
with a derivative leads there. Columns that no row has in common are found by one sweep
together (Curtis, Powell and Reid 1974); of a Hessian also those whose entries can be
read from the other triangle (star colouring: Gebremedhin, Manne and Pothen, *What color
is your Jacobian?*, 2005, algorithm 4.1).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from adjoint.errors import OptionError
from adjoint.ir.program import LOOPS, Block, Program, Value
from adjoint.transform.partials import active_operands

#: The columns of each row, or the neighbours of each vertex, in rising order.
Pattern = list[list[int]]


def pattern(program: Program, values: Sequence[Value], by: Sequence[Value]) -> Pattern:
    """For each of the values, the places in ``by`` of the parameters it depends on.

    Raises OptionError for a program with loops.
    """
    masks = {parameter: 1 << at for at, parameter in enumerate(by)}
    _visit(program, program.body, masks)
    return [list(_places(masks.get(value, 0))) for value in values]


def _visit(program: Program, block: Block, masks: dict[Value, int]) -> None:
    for op in block.ops:
        if op.operation in LOOPS:
            raise OptionError(
                f"the sparsity of {program.name} is not known: it has loops"
            )
        for inner in op.blocks:
            _visit(program, inner, masks)
            for result, value in zip(op.results, inner.results, strict=True):
                masks[result] = masks.get(result, 0) | masks.get(value, 0)
        if not op.blocks and op.results:
            mask = 0
            for at in active_operands(op.operation, len(op.operands)):
                mask |= masks.get(op.operands[at], 0)
            if mask:
                masks[op.results[0]] = mask


def _places(mask: int) -> Iterator[int]:
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


def transposed(rows: Pattern, columns: int) -> Pattern:
    """For each column, its rows."""
    found: Pattern = [[] for _ in range(columns)]
    for at, row in enumerate(rows):
        for column in row:
            found[column].append(at)
    return found


def column_colours(rows: Pattern, columns: int) -> list[int]:
    """A colour for each column; those of one colour have no row in common.

    Greedy, the fullest columns first.
    """
    by_column = transposed(rows, columns)
    colours = [-1] * columns
    for column in _fullest_first(by_column):
        taken = {colours[other] for row in by_column[column] for other in rows[row]}
        colours[column] = _lowest_free(taken)
    return colours


def star_colours(neighbours: Pattern) -> list[int]:
    """A colour for each row and column of a symmetric pattern.

    Of an entry beside the diagonal, the column is the only one of its colour in the
    row, or else the row the only one of its colour in the column. Greedy, the fullest
    columns first.
    """
    colours = [-1] * len(neighbours)
    for v in _fullest_first(neighbours):
        taken = set[int]()
        for w in neighbours[v]:
            if w == v:
                continue
            taken.add(colours[w])
            for x in neighbours[w]:
                if x in (v, w) or colours[x] < 0:
                    continue
                if colours[w] < 0 or _closes(neighbours, colours, w, x):
                    taken.add(colours[x])
        colours[v] = _lowest_free(taken)
    return colours


def _closes(neighbours: Pattern, colours: list[int], w: int, x: int) -> bool:
    """Whether a path behind w and x goes on in the colour of w."""
    return any(y != w and colours[y] == colours[w] for y in neighbours[x])


def _fullest_first(pattern: Pattern) -> list[int]:
    return sorted(range(len(pattern)), key=lambda at: -len(pattern[at]))


def _lowest_free(taken: set[int]) -> int:
    colour = 0
    while colour in taken:
        colour += 1
    return colour


def symmetric(rows: Pattern) -> Pattern:
    """The pattern together with its transpose."""
    pairs = zip(rows, transposed(rows, len(rows)), strict=True)
    return [sorted({*row, *column}) for row, column in pairs]


def members(colours: Sequence[int]) -> list[list[int]]:
    """The places of each colour."""
    found: list[list[int]] = [[] for _ in range(max(colours, default=-1) + 1)]
    for at, colour in enumerate(colours):
        found[colour].append(at)
    return found
