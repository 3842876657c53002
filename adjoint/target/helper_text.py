"""The helper functions of `adjoint.rules.helpers` as text to be copied."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from adjoint.rules import helpers
from adjoint.target.layout import formatted_if_wide


@cache
def _definitions() -> dict[str, tuple[str, ast.FunctionDef]]:
    text = Path(helpers.__file__).read_text(encoding="utf-8")
    return {
        node.name: (ast.get_source_segment(text, node) or "", node)
        for node in ast.parse(text).body
        if isinstance(node, ast.FunctionDef)
    }


def is_helper(name: str) -> bool:
    """Whether there is a helper function of the name."""
    return name in _definitions()


@cache
def names_used(helper: str) -> tuple[str, ...]:
    """The global names that a helper uses, its own name aside."""
    node = _definitions()[helper][1]
    bound = {argument.arg for argument in node.args.args} | {helper}
    used: set[str] = set()
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name):
            (bound if isinstance(inner.ctx, ast.Store) else used).add(inner.id)
    return tuple(sorted(used - bound))


def helper_text(helper: str, names: Mapping[str, str]) -> str:
    """The text of a helper; ``names`` says what its name and the global ones become."""
    text = _definitions()[helper][0]
    if all(old == new for old, new in names.items()):
        return text
    return formatted_if_wide(_renamed(text, names))


def _renamed(text: str, names: Mapping[str, str]) -> str:
    lines = text.splitlines(keepends=True)
    tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    for token in reversed(tokens):
        if token.type == tokenize.NAME and token.string in names:
            row, start = token.start
            line = lines[row - 1]
            new = names[token.string]
            lines[row - 1] = line[:start] + new + line[token.end[1] :]
    return "".join(lines)
