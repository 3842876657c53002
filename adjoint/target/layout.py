"""Lines as black would leave them, without running black over the module.

The generator keeps its expressions short, so that black has nothing to do; only what
long names of the user's push over the edge is wrapped here: lists of names by black's
rule of the trailing comma, other statements by black itself, one statement at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from adjoint.ir.form import text_of

WIDTH: Final = 88
INDENT = "    "
#: Beyond this many characters of over-long statements black is no longer asked.
_MOST_FOR_BLACK = 50_000


def width(text: str) -> int:
    """How many columns black counts for the text."""
    if text.isascii():
        return len(text)
    from black.strings import str_width

    return str_width(text)


def bracketed(indent: str, head: str, items: Sequence[Any], tail: str) -> list[str]:
    """``head item, item tail`` on one line, or one item a line where that is too long.

    ``head`` ends with the opening bracket, ``tail`` begins with the closing one. An
    item is a text, or a tuple of items in brackets of its own.
    """
    line = f"{indent}{head}{', '.join(map(text_of, items))}{tail}"
    if width(line) <= WIDTH or not items:
        return [line]
    inner = indent + INDENT
    lines = [indent + head]
    for item in items:
        if isinstance(item, str):
            lines.append(f"{inner}{item},")
            continue
        line = f"{inner}{text_of(item)},"
        if width(line) <= WIDTH:
            lines.append(line)
        else:
            lines += bracketed(inner, "(", item, "),")
    return [*lines, indent + tail]


def returned(indent: str, item: Any) -> list[str]:
    """The return of nested tuples of names, as black lays it out."""
    if isinstance(item, str):
        return [f"{indent}return {item}"]
    line = f"{indent}return {unbracketed(item)}"
    if width(line) <= WIDTH:
        return [line]
    if len(item) == 2 and isinstance(item[0], str) and not isinstance(item[1], str):
        return bracketed(indent, f"return {item[0]}, (", item[1], ")")
    return bracketed(indent, "return (", item, ")")


def unbracketed(item: Any) -> str:
    """Nested tuples as Python spells them, the outermost without brackets."""
    text = text_of(item)
    return text if isinstance(item, str) or len(item) < 2 else text[1:-1]


def definition(name: str, parameters: Sequence[str]) -> list[str]:
    """``def name(parameters):``; if need be, the parameters on a line of their own."""
    lines = bracketed("", f"def {name}(", parameters, "):")
    inner = INDENT + ", ".join(parameters)
    if len(lines) > 3 and width(inner) <= WIDTH:
        lines[1:-1] = [inner]
    return lines


class Wrapper:
    """Wraps over-long statements; counts what it has given to black."""

    def __init__(self) -> None:
        self._given = 0

    def wrapped(self, line: str) -> list[str]:
        """The statement as black lays it out."""
        if width(line) <= WIDTH or self._given > _MOST_FOR_BLACK:
            return [line]
        self._given += len(line)
        return _by_black(line)


def _by_black(line: str) -> list[str]:
    """The lines of one statement, or of the head of one; black wants a whole one.

    It is laid out at the margin, in a text that is narrower by the indentation.
    """
    statement = line.lstrip(" ")
    indent = line[: len(line) - len(statement)]
    before = ["if x:", f"{INDENT}pass"] if statement.startswith("elif ") else []
    body = [f"{INDENT}pass"] if statement.endswith(":") else []
    text = "\n".join([*before, statement, *body, ""])
    lines = _format(text, max(1, WIDTH - len(indent))).splitlines()
    return [indent + one for one in lines[len(before) : len(lines) - len(body)]]


def formatted_if_wide(text: str) -> str:
    """The text as black lays it out, where a line is too long."""
    if all(width(line) <= WIDTH for line in text.splitlines()):
        return text
    return _format(text).rstrip("\n")


def _format(text: str, columns: int = WIDTH) -> str:
    import black

    return black.format_str(text, mode=black.Mode(line_length=columns))
