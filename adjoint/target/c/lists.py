"""Expressions of lists in C: their items, their lengths, and what makes them.

A list of the function's own is a ``List *``, a list of rows of one length a
``Matrix *`` whose numbers stand one after the other. One that the caller gives and that
is only read is what C programmers give: where the first number stands, and how many
there are.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Final

from adjoint.errors import OptionError
from adjoint.target.c.expressions import (
    FLOAT,
    INT,
    LIST,
    MATRIX,
    SPELLED,
    Expressions,
    Text,
)
from adjoint.target.c.normal import LIST_FUNCTIONS

_TYPES: Final = {"list": LIST, "matrix": MATRIX, "number": FLOAT}
#: The functions that may note that Python raises an exception.
MAY_RAISE: Final = frozenset("""
list_into_slice list_item list_max list_min list_pop matrix_append matrix_pop
matrix_store matrix_with place
""".split())


@dataclass(frozen=True)
class Given:
    """A list of the caller's that is only read: its numbers and lengths, by name."""

    at: str
    lengths: tuple[str, ...]
    element: str = FLOAT

    @property
    def sizes(self) -> tuple[str, ...]:
        """How many rows there are, or numbers, and how many numbers are in each."""
        return self.lengths if len(self.lengths) == 2 else (*self.lengths, "1")


def list_and_indices(node: ast.Subscript) -> tuple[ast.expr, list[ast.expr]]:
    """The list, or what else it is, and the one index or the two."""
    inner = node.value
    if isinstance(inner, ast.Subscript):
        return inner.value, [inner.slice, node.slice]
    return inner, [node.slice]


class ListExpressions(Expressions):
    """As `Expressions`, also of lists.

    ``given`` are the lists of the caller's, by their names in the text; ``lists`` is
    the name of what has all others. ``inside`` are the subscripts that are surely those
    of an item; of all others it is noted in ``raised`` whether there is one.
    """

    def __init__(
        self,
        functions: Mapping[str, str],
        names: Mapping[str, str],
        types: Mapping[str, str],
        given: Mapping[str, Given],
    ):
        super().__init__(functions, names, types)
        self.given = given
        self.lists = "lists"
        self.raised = "raised"
        self.inside: Collection[ast.Subscript] = ()

    def on_lists(self, function: str, *arguments: str) -> str:
        """The call of a function that makes or gives back lists."""
        return self.call(function, f"&{self.lists}", *arguments)

    def text(self, node: ast.expr) -> Text:
        """The expression in C. Raises OptionError for what C has not."""
        if isinstance(node, ast.Subscript):
            return self._item(node)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            spell = _CALLS.get(self.function(node.func.id))
            if spell is not None:
                return spell(self, self.function(node.func.id), node.args)
        return SPELLED[type(node)](self, node)

    def _given(self, node: ast.expr) -> Given | None:
        return self.given.get(node.id) if isinstance(node, ast.Name) else None

    def length(self, node: ast.expr, axis: int = 0) -> str:
        """The length of a list along an axis."""
        given = self._given(node)
        if given is not None:
            return given.lengths[axis]
        text = self.text(node)
        return f"{text.text}->{'columns' if axis else 'length'}"

    def _item(self, node: ast.Subscript) -> Text:
        """``x[i]`` or ``A[i][j]``, or a row, ``A[i]``."""
        base, indices = list_and_indices(node)
        if isinstance(base, ast.Call) and len(indices) == 1:
            texts = self.text(base).text, self.text(indices[0]).of_type(INT)
            return Text(self.on_lists("list_item", *texts, f"&{self.raised}"))
        if not isinstance(base, ast.Name):
            raise OptionError(f"`{ast.unparse(node)}` is not for target c")
        given, type = self._given(base), self.types.get(base.id)
        places = self.places(node)
        text = places[0].text
        if type == MATRIX and len(places) == 1:
            return self._row(base, places[0])
        if len(places) == 2:
            row, column = places[0].at_least(_FACTOR), places[1].text
            text = f"{row} * {self.length(base, 1)} + {column}"
        if given is not None:
            return Text(f"{given.at}[{text}]", given.element)
        return Text(f"{self.text(base).text}->at[{text}]")

    def places(self, node: ast.Subscript) -> list[Text]:
        """Where an item is, along each axis."""
        base, indices = list_and_indices(node)
        sure = node in self.inside
        return [
            self._place(base, axis, index, sure) for axis, index in enumerate(indices)
        ]

    def _row(self, base: ast.expr, place: Text) -> Text:
        """A copy of a row: what it is a part of may change."""
        given = self._given(base)
        if given is None:
            row = self.on_lists("list_row", self.text(base).text, place.text)
            return Text(row, LIST)
        columns = given.lengths[1]
        at = f"{given.at} + {place.at_least(_FACTOR)} * {columns}"
        return Text(self.read(given, at, columns, "1"), LIST)

    def read(self, given: Given, at: str, *lengths: str) -> str:
        """A list of the numbers that stand at a place of the caller's."""
        if given.element != FLOAT:
            raise OptionError(f"{given.at} is of whole numbers: not for target c")
        return self.on_lists("list_of", at, *lengths)

    def _place(self, base: ast.expr, axis: int, index: ast.expr, sure: bool) -> Text:
        text = self.text(index)
        whole = Text(text.of_type(INT), INT, text.binding)
        if sure:
            return whole
        length = self.length(base, axis)
        return Text(self.call("place", whole.text, length, f"&{self.raised}"), INT)


#: As tightly as a factor binds.
_FACTOR: Final = 6


def _length(own: ListExpressions, function: str, arguments: list[ast.expr]) -> Text:
    (of,) = arguments
    if isinstance(of, ast.Subscript):  # of a row
        return Text(own.length(of.value, 1), INT)
    return Text(own.length(arguments[0], int(function == "columns")), INT)


def _full(own: ListExpressions, function: str, arguments: list[ast.expr]) -> Text:
    texts = [own.text(argument) for argument in arguments]
    sizes = [text.of_type(INT) for text in texts[:-1]]
    sizes = sizes if len(sizes) == 2 else [*sizes, "1"]
    call = own.on_lists("list_full", *sizes, texts[-1].text)
    return Text(call, _TYPES[LIST_FUNCTIONS[function]])


def _display(own: ListExpressions, function: str, arguments: list[ast.expr]) -> Text:
    texts = [own.text(argument) for argument in arguments]
    numbers = ", ".join(text.text for text in texts)
    items = f"(double[]){{{numbers}}}"
    return Text(own.on_lists("list_of", items, str(len(arguments)), "1"), LIST)


def _rows(own: ListExpressions, function: str, arguments: list[ast.expr]) -> Text:
    """Rows that are written out: how many, and their numbers one after the other."""
    count, *numbers = [own.text(argument) for argument in arguments]
    items = f"(double[]){{{', '.join([number.text for number in numbers])}}}"
    columns = str(len(numbers) // int(count.text))
    return Text(own.on_lists("list_of", items, count.text, columns), MATRIX)


def _copy(own: ListExpressions, function: str, arguments: list[ast.expr]) -> Text:
    (copied,) = arguments
    text = own.text(copied)
    given = own.given.get(copied.id) if isinstance(copied, ast.Name) else None
    if given is None:
        return Text(own.on_lists("list_copy", text.text), text.type)
    return Text(own.read(given, given.at, *given.sizes), text.type)


def _made(own: ListExpressions, function: str, arguments: list[ast.expr]) -> Text:
    texts = [own.text(argument) for argument in arguments]
    raised = [f"&{own.raised}"] if function in MAY_RAISE else []
    call = own.on_lists(function, *[text.text for text in texts], *raised)
    kind = LIST_FUNCTIONS[function]
    return Text(call, texts[0].type if kind == "first" else _TYPES[kind])


def _changed(own: ListExpressions, function: str, arguments: list[ast.expr]) -> Text:
    texts = [own.text(argument).text for argument in arguments]
    if function == "list_pop":
        texts.append(f"&{own.raised}")
    return Text(own.call(function, *texts))


_CALLS: Final[dict[str, Callable[[ListExpressions, str, list[ast.expr]], Text]]] = {
    "len": _length,
    "columns": _length,
    **dict.fromkeys(LIST_FUNCTIONS, _made),
    "list_full": _full,
    "matrix_full": _full,
    "list_display": _display,
    "matrix_display": _rows,
    "list_copy": _copy,
    "list_append": _changed,
    "list_pop": _changed,
}
