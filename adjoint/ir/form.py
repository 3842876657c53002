"""The form of what a function returns: one value, or tuples of values and of tuples.

A program has its results in a flat list; the form says how they are nested.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

#: None for one value, else the forms of the parts of a tuple.
Form = tuple["Form", ...] | None


def tuple_of(count: int, each: Form = None) -> Form:
    """A tuple of ``count`` parts of one form; the bare part where there is one."""
    return each if count == 1 else (each,) * count


def within(outer: Form, inner: Form) -> Form:
    """The outer form with the inner one in the place of each of its values."""
    return inner if outer is None else tuple(within(part, inner) for part in outer)


def size(form: Form) -> int:
    """How many values there are in it."""
    return 1 if form is None else sum(map(size, form))


def nested(form: Form, flat: Iterable[Any]) -> Any:
    """The items of a flat list in nested tuples."""
    items = iter(flat)

    def build(form: Form) -> Any:
        return next(items) if form is None else tuple(map(build, form))

    return build(form)


def flattened(item: Any) -> tuple[Form, list[Any]]:
    """The form of nested tuples, and what is in them as a flat list."""
    found: list[Any] = []

    def visit(item: Any) -> Form:
        if isinstance(item, tuple):
            return tuple(map(visit, item))
        found.append(item)
        return None

    return visit(item), found


def text_of(item: Any) -> str:
    """Nested tuples of texts as Python spells them."""
    if isinstance(item, str):
        return item
    parts = [part if isinstance(part, str) else text_of(part) for part in item]
    return f"({', '.join(parts)}{',' * (len(parts) == 1)})"
