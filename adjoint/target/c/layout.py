"""How lines of C are laid out, and what stands in nested tuples."""

from __future__ import annotations

import ast
import re
from typing import Final

from adjoint.target.layout import INDENT, WIDTH

#: Where a line may be broken: in front of an operator, behind a comma or ``=``.
_BREAK: Final = re.compile(r" (?=(?:[-+*/?:<>]|&&|\|\||[<>=!]=) )|(?<=[,=]) ")


def wrapped(line: str) -> list[str]:
    """A line of C, broken where it is too long."""
    margin = line[: len(line) - len(line.lstrip())] + 2 * INDENT
    lines = []
    while len(line) > WIDTH:
        blanks = _BREAK.finditer(line, len(margin) + 1, WIDTH + 2)
        at = max((blank.start() for blank in blanks), default=0)
        if not at:
            break
        lines.append(line[:at])
        line = margin + line[at + 1 :]
    return [*lines, line]


def leaves(node: ast.expr) -> list[ast.expr]:
    """What is in nested tuples, from left to right."""
    pending, found = [node], []
    while pending:
        one = pending.pop()
        if isinstance(one, ast.Tuple):
            pending += reversed(one.elts)
        else:
            found.append(one)
    return found
