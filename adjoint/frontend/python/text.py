"""Where the nodes of Python's syntax tree stand in the text that they came from."""

from __future__ import annotations

import ast
from typing import Any

from adjoint.errors import Source, SourceError
from adjoint.frontend.python.places import Places


class Text(Places):
    """A source, and the character offsets of the nodes of its syntax tree.

    ``tree`` is the syntax tree. Raises SourceError where the text is not Python.
    """

    def __init__(self, source: Source):
        super().__init__(source)
        self.tree = self._parsed()

    def error(self, node: Any, message: str, hint: str | None = None) -> SourceError:
        """The error to raise for a node."""
        return self.source.error(self.start(node), self.end(node), message, hint)

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
