"""Where the nodes of Python's syntax tree stand in a text."""

from __future__ import annotations

import ast
from typing import NoReturn

from adjoint.errors import Source


class Places:
    """The character offsets of nodes, where Python counts lines and bytes.

    A node that has no place (a module, say) stands at the beginning.
    """

    def __init__(self, source: Source):
        self.source = source
        self._lines = source.text.split("\n")
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line) + 1)

    def start(self, node: ast.AST) -> int:
        """The offset of a node's first character."""
        return self._offset(getattr(node, "lineno", 1), getattr(node, "col_offset", 0))

    def end(self, node: ast.AST) -> int:
        """The offset behind a node's last character."""
        line = getattr(node, "end_lineno", None) or 1
        return self._offset(line, getattr(node, "end_col_offset", None) or 0)

    def refuse(self, node: ast.AST, message: str, hint: str | None = None) -> NoReturn:
        """Raise the SourceError that points to the node."""
        start = self.start(node)
        raise self.source.error(start, max(self.end(node), start + 1), message, hint)

    def _offset(self, line: int, column: int) -> int:
        text = self._lines[line - 1]
        if not text.isascii():
            column = len(text.encode()[:column].decode(errors="ignore"))
        return self._starts[line - 1] + column
