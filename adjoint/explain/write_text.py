"""Tables as text: in aligned columns, or, on a terminal, through the library rich."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from adjoint.explain.notation import TEXT
from adjoint.explain.tables import CODE, NUMBER, Column, Table

if TYPE_CHECKING:
    from rich.console import Group

_GAP = "   "


def plain(heading: Sequence[str], tables: Sequence[Table]) -> str:
    """The heading and the tables, in columns as wide as what stands in them."""
    lines = list(heading)
    for table in tables:
        lines += ["", table.title]
        columns = _columns(table)
        widths = [max(map(len, column)) for column in columns]
        for row in zip(*columns, strict=True):
            cells = [
                f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)
            ]
            lines.append(f"  {_GAP.join(cells)}".rstrip())
        if table.note:
            lines += ["", f"  {table.note}"]
    return "\n".join(lines)


def aligned(numbers: Sequence[Any]) -> list[str]:
    """Numbers as text of six digits, their points below each other; None is empty.

    >>> aligned([-2.0, 0.25, None, 1e-7])
    ['-2   ', ' 0.25', '', ' 1e-07']
    """
    texts = ["" if n is None else TEXT.number(n) for n in numbers]
    before = max((_places(text) for text in texts), default=0)
    shifted = [text and " " * (before - _places(text)) + text for text in texts]
    width = max((len(text.partition("e")[0]) for text in shifted), default=0)
    return [text and f"{text:<{width}}" for text in shifted]


def _places(text: str) -> int:
    """How many characters stand before the point, where there is or could be one."""
    return len(text.partition("e")[0].partition(".")[0])


def _columns(table: Table) -> list[list[str]]:
    """Each column as text: its header, then its cells."""
    return [
        [column.header, *_cells(column, [row[at] for row in table.rows])]
        for at, column in enumerate(table.columns)
    ]


def _cells(column: Column, cells: Sequence[Any]) -> list[str]:
    if column.kind != NUMBER:
        return ["" if cell is None else cell for cell in cells]
    sign = f"{column.sign} " if column.sign else ""
    return [text and f"{sign}{text}".rstrip() for text in aligned(cells)]


def rich_group(heading: Sequence[str], tables: Sequence[Table]) -> Group:
    """The same for rich, which knows the terminal: its width and its colours.

    Raises ImportError where rich is not installed.
    """
    from rich.box import SIMPLE_HEAD
    from rich.console import Group
    from rich.table import Table as RichTable
    from rich.text import Text

    styles = {NUMBER: "cyan", CODE: "dim"}
    parts: list[Any] = [Text("\n".join(heading), style="bold")]
    for table in tables:
        shown = RichTable(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
        for column in table.columns:
            style, fixed = styles.get(column.kind, ""), column.kind == NUMBER
            shown.add_column(column.header, style=style, no_wrap=fixed, overflow="fold")
        for row in zip(*[cells[1:] for cells in _columns(table)], strict=True):
            shown.add_row(*[Text(cell) for cell in row])
        parts += [Text(f"\n{table.title}", style="bold green"), shown]
        if table.note:
            parts.append(Text(table.note, style="italic"))
    return Group(*parts)
