"""Where the nodes of Python's syntax tree stand in the text that they came from."""

from __future__ import annotations

import ast
from typing import Any

from adjoint.errors import Source, SourceError


class Text:
    """A source, and the character offsets of the nodes of its syntax tree.

    ``tree`` is the syntax tree. Raises SourceError where the text is not Python.
    """

    def __init__(self, source: Source):
        self.source = source
        self._lines = source.text.split("\n")
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line) + 1)
        self.tree = self._parsed()

    def start(self, node: Any) -> int:
        """The offset of a node's first character."""
        return self._offset(node.lineno, node.col_offset)

    def end(self, node: Any) -> int:
        """The offset behind a node's last character."""
        return self._offset(node.end_lineno, node.end_col_offset)

    def error(self, node: Any, message: str, hint: str | None = None) -> SourceError:
        """The error to raise for a node."""
        return self.source.error(self.start(node), self.end(node), message, hint)

    def _offset(self, line: int, column: int) -> int:
        text = self._lines[line - 1]
        if not text.isascii():  # Python counts bytes
            column = len(text.encode()[:column].decode())
        return self._starts[line - 1] + column

    def _parsed(self) -> ast.Module:
        source = self.source
        try:
            return ast.parse(source.text)
        except SyntaxError as error:
            line = min(error.lineno or 1, len(self._lines))
            at = self._starts[line - 1] + max(0, (error.offset or 1) - 1)
            message = f"this is not Python: {error.msg}"
            raise source.error(at, at + 1, message) from None
        except (RecursionError, MemoryError, ValueError):
            message = "Python cannot parse this: it is nested too deep"
            raise source.error(0, 1, message) from None
