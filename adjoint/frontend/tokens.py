"""The words of the formula language."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from adjoint.errors import Source

_NUMBER = (
    r"0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+"
    r"|(?:[0-9](?:_?[0-9])*\.?(?:[0-9](?:_?[0-9])*)?|\.[0-9](?:_?[0-9])*)"
    r"(?:[eE][+-]?[0-9](?:_?[0-9])*)?"
)
_TOKEN = re.compile(
    rf"(?P<number>{_NUMBER})"
    r"|(?P<name>[^\W\d]\w*)"
    r"|(?P<sign>\*\*=?|//=?|<<=?|>>=?|[-+*/%^]=|[<>=!]=|:=|->|[-+*/%^()<>=,&|~@:.\[\]{}!?])"
    r"|(?P<end>[\n;])"
    r"|(?P<blank>[ \t\r\f]+|\#[^\n]*|\\\r?\n)"
    r"|(?P<other>.)",
    re.DOTALL,
)


@dataclass(slots=True)
class Tokens:
    """The tokens of a source, in four lists: kind, text, start and end offset.

    ``kind`` is number, name, sign or end (of a statement); the last token is an end
    with no text.
    """

    kinds: list[str]
    texts: list[str]
    starts: list[int]
    ends: list[int]


def tokenize(source: Source) -> Tokens:
    """Split a formula into tokens; newlines inside parentheses do not count.

    Names are normalised (NFKC) as Python does, so that two spellings of one letter
    are one name. Raises SourceError at a character that begins no token.
    """
    kinds: list[str] = []
    texts: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    depth = 0
    for match in _TOKEN.finditer(source.text):
        kind = match.lastgroup
        if kind == "blank":
            continue
        text = match.group()
        if kind == "sign":
            if text == "(":
                depth += 1
            elif text == ")":
                depth -= 1
        elif kind == "end":
            if text == "\n" and depth > 0:
                continue
        elif kind == "name":
            if not text.isascii():
                if not text.isidentifier():
                    _refuse(source, match)
                text = unicodedata.normalize("NFKC", text)
        elif kind == "other":
            _refuse(source, match)
        kinds.append(kind or "")
        texts.append(text)
        starts.append(match.start())
        ends.append(match.end())
    last = len(source.text.rstrip())
    kinds.append("end")
    texts.append("")
    starts.append(last)
    ends.append(last)
    return Tokens(kinds, texts, starts, ends)


_MEANT = {"×": "*", "·": "*", "⋅": "*", "÷": "/", "−": "-", "–": "-", "²": "**2"}
_MEANT |= {"³": "**3", "√": "sqrt( )", "≤": "<=", "≥": ">=", "≠": "!=", "$": ""}


def _refuse(source: Source, match: re.Match[str]) -> None:
    text = match.group()
    at, character = next((i, c) for i, c in enumerate(text) if not c.isidentifier())
    meant = _MEANT.get(character)
    raise source.error(
        match.start() + at,
        match.start() + at + 1,
        f"the character {character!r} has no meaning in a formula",
        f"write `{meant}`" if meant else None,
    )
