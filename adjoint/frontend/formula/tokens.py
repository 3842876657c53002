"""The words of the formula language."""

from __future__ import annotations

import keyword
import re
import unicodedata
from dataclasses import dataclass
from itertools import accumulate, compress
from operator import sub
from typing import NoReturn

from adjoint.errors import Source

_SIGNS = """
    + - * / // % ** ^ ( ) , = < <= > >= == != . += -= *= /= //= %= **= ^=
    & && | || ! ~ @ << >> <> => =< === !== : := -> ? [ ] { } " ' `
"""
#: Signs; those that mean nothing here are known so that an error can name them whole.
SIGNS = frozenset(_SIGNS.split())
#: Words that cannot be names in Python.
RESERVED = frozenset(keyword.kwlist) | {"__debug__"}

_NUMBER = (
    r"0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+"
    r"|(?:[0-9](?:_?[0-9])*\.?(?:[0-9](?:_?[0-9])*)?|\.[0-9](?:_?[0-9])*)"
    r"(?:[eE][+-]?[0-9](?:_?[0-9])*)?"
)
_SIGN = "|".join(map(re.escape, sorted(SIGNS, key=lambda sign: (-len(sign), sign))))
_BLANK = r"[ \t\f]+|\#[^\n]*|\\\n"
# what there is most of, tried first: signs and numbers that nothing can make longer
_PLAIN = r"[(),]|[-+*/](?![-+*/=>])|[1-9][0-9]*(?:\.[0-9]+)?(?![\w.])"
#: Finds pieces that together are the whole text.
_PIECE = re.compile(
    rf"[^\W\d]\w*|{_PLAIN}|{_BLANK}|{_NUMBER}|{_SIGN}|[\n;]|.", re.DOTALL
)


@dataclass(slots=True)
class Tokens:
    """The tokens of a source, in four lists of equal length.

    A kind is "number", "name" or "end" (of a statement); of keywords and signs it is
    their text. Names are normalised (NFKC) as Python does, so that two spellings of
    one letter are one name. The last token is an end with no text.
    """

    kinds: list[str]
    texts: list[str]
    starts: list[int]
    ends: list[int]


def tokenize(source: Source) -> Tokens:
    """Split a formula into tokens; newlines inside parentheses do not count.

    Raises SourceError at a character that begins no token.
    """
    pieces = _PIECE.findall(source.text)
    lengths = list(map(len, pieces))
    ends = list(accumulate(lengths))
    if not source.text.isascii():
        pieces = [normalised(piece) for piece in pieces]
    kind_of = {piece: _kind(piece) for piece in set(pieces)}
    kinds = list(map(kind_of.__getitem__, pieces))
    if "other" in kind_of.values():
        at = kinds.index("other")
        _refuse(source, pieces[at], ends[at] - lengths[at])
    if "\n" in kind_of:
        _join_lines(pieces, kinds)
    kept = list(map("blank".__ne__, kinds))
    tokens = Tokens(
        kinds=list(compress(kinds, kept)),
        texts=list(compress(pieces, kept)),
        starts=list(compress(map(sub, ends, lengths), kept)),
        ends=list(compress(ends, kept)),
    )
    last = tokens.ends[-1] if tokens.ends else 0
    tokens.kinds.append("end")
    tokens.texts.append("")
    tokens.starts.append(last)
    tokens.ends.append(last)
    return tokens


def normalised(name: str) -> str:
    """The name as Python sees it; anything else as it is."""
    if name.isascii() or not name.isidentifier():
        return name
    return unicodedata.normalize("NFKC", name)


def _kind(piece: str) -> str:
    if piece in SIGNS or piece in RESERVED:
        return piece
    first = piece[0]
    if piece.isidentifier():
        return "name"
    if first in "0123456789.":
        return "number"
    if first in " \t\f#\\" and piece != "\\":
        return "blank"
    return "end" if piece in "\n;" else "other"


def _join_lines(pieces: list[str], kinds: list[str]) -> None:
    """Make blanks of the newlines inside parentheses."""
    depth = 0
    for i, piece in enumerate(pieces):
        if piece == "(":
            depth += 1
        elif piece == ")":
            depth -= 1
        elif piece == "\n" and depth > 0:
            kinds[i] = "blank"


_MEANT = dict.fromkeys("×·⋅∙∗", "*") | dict.fromkeys("−–—", "-") | {"÷": "/", "∕": "/"}
_MEANT |= {"√": "sqrt(...)", "∛": "cbrt(...)", "≤": "<=", "≥": ">=", "≠": "!="}
_MEANT |= {"∞": "math.inf"}


def _refuse(source: Source, piece: str, start: int) -> NoReturn:
    """The error for a piece that is no token; it points at the first odd character."""
    for at, character in enumerate(piece):
        if not (f"_{character}" if at else character).isidentifier():
            break
    character = piece[at]
    shown = f"`{character}`"
    if not character.isprintable():
        name = unicodedata.name(character, "control character").lower()
        shown = f"U+{ord(character):04X} ({name})"
    message = f"the character {shown} has no meaning in a formula"
    raise source.error(start + at, start + at + 1, message, _meant(character))


def _meant(character: str) -> str | None:
    plain = _MEANT.get(character) or unicodedata.normalize("NFKC", character)
    if "SUPERSCRIPT" in unicodedata.name(character, ""):
        plain = f"**{plain}"
    if plain == " ":
        return "write a plain space"
    useful = plain != character and plain.isascii() and plain.isprintable()
    return f"write `{plain}`" if useful else None
