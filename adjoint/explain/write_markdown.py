"""Tables as Markdown, and as HTML for notebooks."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from adjoint.explain.notation import TEXT
from adjoint.explain.tables import NUMBER, Column, Table


def markdown(heading: Sequence[str], tables: Sequence[Table]) -> str:
    """The heading and the tables in GitHub's Markdown."""
    lines = [f"**{_code(heading[0])}**", *[f"\n{_code(line)}" for line in heading[1:]]]
    for table in tables:
        headers = [column.header for column in table.columns]
        rules = ["---:" if c.kind == NUMBER else "---" for c in table.columns]
        lines += ["", f"### {table.title}", "", _row(headers), _row(rules)]
        for row in table.rows:
            lines.append(
                _row([_cell(*pair) for pair in zip(table.columns, row, strict=True)])
            )
        if table.note:
            lines += ["", table.note]
    return "\n".join(lines)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(column: Column, cell: Any) -> str:
    if cell is None:
        return ""
    return TEXT.number(cell) if column.kind == NUMBER else _code(cell)


def _code(text: str) -> str:
    return "`" + text.replace("|", "\\|") + "`"


def html(heading: Sequence[str], tables: Sequence[Table]) -> str:
    """The heading and the tables as a piece of HTML, without any script or style."""
    parts = [f"<p><strong><code>{escape(heading[0])}</code></strong></p>"]
    parts += [f"<p><code>{escape(line)}</code></p>" for line in heading[1:]]
    for table in tables:
        head = "".join(
            f'<th scope="col">{escape(c.header)}</th>' for c in table.columns
        )
        parts.append(f"<table><caption>{escape(table.title)}</caption>")
        parts.append(f"<thead><tr>{head}</tr></thead><tbody>")
        for row in table.rows:
            cells = [_html_cell(c, v) for c, v in zip(table.columns, row, strict=True)]
            parts.append(f"<tr>{''.join(cells)}</tr>")
        parts.append("</tbody></table>")
        if table.note:
            parts.append(f"<p>{escape(table.note)}</p>")
    return "\n".join(parts)


def _html_cell(column: Column, cell: Any) -> str:
    if column.kind == NUMBER:
        shown = "" if cell is None else escape(TEXT.number(cell))
        return f'<td style="text-align: right">{shown}</td>'
    code = "" if cell is None else f"<code>{escape(cell)}</code>"
    return f'<td style="text-align: left">{code}</td>'
