r"""Tables as a LaTeX document that needs amsmath and longtable."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from adjoint.explain.notation import LATEX
from adjoint.explain.tables import CODE, MATHEMATICS, NUMBER, Column, Table
from adjoint.target.latex import latex_words

_BEGIN = r"""\documentclass{article}
\usepackage[utf8]{inputenc}
\usepackage[T1]{fontenc}
\usepackage{amsmath, longtable}
\usepackage[margin=2cm]{geometry}
\begin{document}
\setlength{\LTleft}{0pt}
\renewcommand{\arraystretch}{1.5}"""
_END = r"\end{document}"
_COLUMNS = {MATHEMATICS: "l", NUMBER: "r", CODE: "l"}
_SIGNS = {"=": "=", "->": r"\to"}


def latex(heading: Sequence[str], tables: Sequence[Table]) -> str:
    """The heading and the tables, in the notation `LATEX`, as a document."""
    lines = [
        _BEGIN,
        "",
        *[rf"\noindent\texttt{{{latex_words(line)}}}\\" for line in heading],
    ]
    for table in tables:
        lines += ["", rf"\section*{{{latex_words(table.title)}}}"]
        spec = "".join(_COLUMNS[column.kind] for column in table.columns)
        headers = " & ".join(latex_words(column.header) for column in table.columns)
        lines += [
            rf"\begin{{longtable}}{{{spec}}}",
            rf"{headers} \\ \hline",
            r"\endhead",
        ]
        for row in table.rows:
            cells = [_cell(c, v) for c, v in zip(table.columns, row, strict=True)]
            lines.append(rf"{' & '.join(cells)} \\")
        lines.append(r"\end{longtable}")
        if table.note:
            lines += ["", rf"\noindent {latex_words(table.note)}"]
    return "\n".join([*lines, "", _END])


def _cell(column: Column, cell: Any) -> str:
    if cell is None:
        return ""
    if column.kind == CODE:
        return rf"\texttt{{{latex_words(cell)}}}"
    sign = _SIGNS[column.sign] + " " if column.sign else ""
    shown = LATEX.number(cell) if column.kind == NUMBER else cell
    return f"${sign}{shown}$"
