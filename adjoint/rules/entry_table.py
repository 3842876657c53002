"""The operations on lists of entries: how sparse derivatives of loops are gathered.

A *row* is a list of numbers that grows; an *array of rows* has one for each element of
an array of any rank, in one flat list. Like arrays they are values: `append` gives a
new row, which the target writes as the old one with an item more.

They are no operations of the user's language and have no derivatives.
"""

from __future__ import annotations

from typing import Any

from adjoint.ir.shapes import Shape, unknown_shape
from adjoint.rules.array_operation import REQUIRED, ArrayOperation


def _of_rank(rank: int) -> Any:
    def shape(operands: tuple[Any, ...], *attributes: Any) -> Shape:
        return unknown_shape(rank)

    return shape


def _entry(
    name: str,
    operands: str,
    spelling: str,
    rank: int,
    *attributes: str,
    view: bool = False,
) -> ArrayOperation:
    """The last attribute of all is the kind of the numbers: "float" or "int"."""
    return ArrayOperation(
        name,
        tuple(operands.split()),
        ("0",),
        spelling,
        result="attribute",
        raises=False,
        shape=_of_rank(rank),
        attributes=tuple((name, REQUIRED) for name in (*attributes, "element")),
        view=view,
        shared=False,
    )


#: `no_rows` takes the lengths of the array; `set_row` and `add_row` the place in the
#: flat list. `one_row` is an array of rows with one row. `flat` has the numbers of all
#: rows of several arrays of rows, `row_numbers` for each of them the number of its row.
ENTRY_OPERATIONS = {
    operation.name: operation
    for operation in (
        _entry("no_rows", "*lengths", "no_rows", 2),
        _entry("row", "*items", "[*items]", 1),
        _entry("append", "row item", "row.append(item)", 1, "pattern"),
        _entry("extend", "row more", "row += more", 1, "pattern"),
        _entry("scaled", "row factor", "[factor * item for item in row]", 1),
        _entry("row_of", "rows index", "rows[index]", 1, view=True),
        _entry("set_row", "rows row index", "rows[index] = row", 2, "pattern"),
        _entry("add_row", "rows row index", "rows[index] += row", 2, "pattern"),
        _entry("one_row", "row", "[row]", 2),
        _entry("flat", "*rows", "flat", 1),
        _entry("row_numbers", "*rows", "row_numbers", 1),
    )
}
