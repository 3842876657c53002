"""The constants of a module of C: no more than numbers, and lists of numbers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from adjoint.errors import OptionError
from adjoint.ir.program import Value
from adjoint.target.c.expressions import ELEMENTS, INT
from adjoint.target.c.layout import wrapped
from adjoint.target.c.lists import Given
from adjoint.target.globals import Globals
from adjoint.target.spelling import Text


class Constants(Globals):
    """As `Globals`; ``numbers`` and ``lists`` are the constants, by their names."""

    def __init__(self, names: Iterable[str]):
        super().__init__(names)
        self.numbers: dict[str, float] = {}
        self.lists: dict[str, Given] = {}
        self._lines: list[str] = []

    def constant(self, value: Value) -> Text:
        """The name of a constant, or its number."""
        text = super().constant(value)
        if value.type.rank:
            self._add_list(text.text, value)
            return text
        assert value.number is not None
        if text.text.isidentifier():
            self.numbers[text.text] = value.number
        return text

    def _add_list(self, name: str, value: Value) -> None:
        if name in self.lists:
            return
        assert value.op is not None
        items = value.op.attributes[0]
        nested = bool(items) and isinstance(items[0], tuple)
        rows = items if nested else [items]
        if len(set(map(len, rows))) > 1 or value.type.rank > 2:
            raise OptionError(f"the list {name}, a constant, is not for target c")
        element = ELEMENTS[value.type.element]
        lengths = [len(rows), len(rows[0])][not nested :]
        self.lists[name] = Given(name, tuple(map(str, lengths)), element)
        numbers = ", ".join(
            [_digits(number, element) for row in rows for number in row]
        )
        # there is no empty array in C
        declared = f"static const {element} {name}[] = {{{numbers or '0'}}};"
        self._lines += wrapped(declared)

    def lines(self) -> list[str]:
        """The definitions."""
        return self._lines + [
            f"static const double {name} = {float(number)!r};"
            for name, number in self.numbers.items()
        ]

    def functions(self) -> dict[str, str]:
        """What functions and constants of Python are, by their names in the text."""
        named = {alias: name for (_, name), alias in self._helpers.items()}
        for names in (self._imports, self._aliases):
            named.update((alias, name) for name, alias in names.items())
        return named


def _digits(number: Any, element: str) -> str:
    text = str(int(number)) if element == INT else repr(float(number))
    return {"inf": "INFINITY", "-inf": "-INFINITY", "nan": "NAN"}.get(text, text)
