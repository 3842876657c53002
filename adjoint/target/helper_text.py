"""The helper functions of `adjoint.rules` as text to be copied."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterable, Mapping
from functools import cached_property
from itertools import pairwise
from pathlib import Path

from adjoint.target.layout import formatted_if_wide

_CALL = re.compile(r"(\w+)\(")


class Helpers:
    """The helper functions of some files, which are read when one is needed."""

    def __init__(self, *paths: Path):
        self.paths = paths
        self._used: dict[str, tuple[str, ...]] = {}

    @cached_property
    def _definitions(self) -> dict[str, tuple[str, ast.FunctionDef]]:
        texts = [path.read_text(encoding="utf-8") for path in self.paths]
        return {
            node.name: (ast.get_source_segment(text, node) or "", node)
            for text in texts
            for node in ast.parse(text).body
            if isinstance(node, ast.FunctionDef)
        }

    def __contains__(self, name: str) -> bool:
        return name in self._definitions

    def names_used(self, helper: str) -> tuple[str, ...]:
        """The global names that a helper uses, its own name aside."""
        if helper not in self._used:
            node = self._definitions[helper][1]
            bound: set[str] = set()
            used: set[str] = set()
            for inner in ast.walk(node):
                match inner:
                    case ast.arg(arg=name) | ast.FunctionDef(name=name):
                        bound.add(name)
                    case ast.Name(id=name, ctx=ast.Store()):
                        bound.add(name)
                    case ast.Name(id=name):
                        used.add(name)
            self._used[helper] = tuple(sorted(used - bound))
        return self._used[helper]

    def text(self, helper: str, names: Mapping[str, str]) -> str:
        """A helper's text; ``names`` says what its name and the global ones become."""
        text = self._definitions[helper][0]
        if all(old == new for old, new in names.items()):
            return text
        return formatted_if_wide(_renamed(text, names))


def with_callees(names: Iterable[str], texts: Mapping[str, str]) -> set[str]:
    """The helpers among the functions, and those that these call, by their texts."""
    pending, found = [name for name in names if name in texts], set[str]()
    while pending:
        name = pending.pop()
        if name not in found:
            found.add(name)
            pending += [one for one in _CALL.findall(texts[name]) if one in texts]
    return found


def _renamed(text: str, names: Mapping[str, str]) -> str:
    lines = text.splitlines(keepends=True)
    tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    for before, token in reversed(list(pairwise(tokens))):
        attribute = before.string == "."
        if token.type == tokenize.NAME and token.string in names and not attribute:
            row, start = token.start
            line = lines[row - 1]
            new = names[token.string]
            lines[row - 1] = line[:start] + new + line[token.end[1] :]
    return "".join(lines)
