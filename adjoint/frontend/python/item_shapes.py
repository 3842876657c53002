"""The shapes of items: which can meet, and the numbers that are in them.

A shape is the type of a number, a tuple of shapes, or the static thing itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import reduce
from keyword import iskeyword
from typing import Any

from adjoint.frontend.python.items import (
    Columns,
    Dictionary,
    Item,
    ListItem,
    Once,
    Record,
    RecordClass,
    described,
    is_plain_tuple,
    is_word,
    kind_of,
    tuple_of,
)
from adjoint.ir.program import Value, undefined
from adjoint.ir.types import BOOL, FLOAT, INT, Type

Shape = Any


class ListShape(tuple[Shape, ...]):
    """The shape of a list whose items are known."""


class ColumnsShape(tuple[Shape, ...]):
    """The shape of a list of tuples: those of the lists of what is at each place."""

    kind: RecordClass | None


def _columns_shape(kind: RecordClass | None, parts: Iterable[Shape]) -> ColumnsShape:
    shape = ColumnsShape(parts)
    shape.kind = kind
    return shape


class DictShape(tuple[Shape, ...]):
    """The shape of a dictionary of numbers; ``keys`` are its keys, in their order."""

    keys: tuple[Any, ...]


def _dict_shape(keys: Iterable[Any], parts: Iterable[Shape]) -> DictShape:
    shape = DictShape(parts)
    shape.keys = tuple(keys)
    return shape


class ListOfArrays(TypeError):
    """A list of lists of arrays is asked to be one whose length is not known."""

    hint = "keep one list of arrays for each, or unroll the loop"


def shape_of(item: Item) -> Shape:
    """The shape of an item."""
    if isinstance(item, Dictionary) and isinstance(item.entries, dict):
        shape = _dict_shape(item.entries, map(shape_of, item.entries.values()))
        return shape if is_numeric(shape) else item
    if isinstance(item, Value):
        return item.type
    if isinstance(item, ListItem):
        return ListShape(map(shape_of, item))
    if isinstance(item, Columns):
        return _columns_shape(item.kind, map(shape_of, item.lists))
    if not isinstance(item, tuple) or isinstance(item, Once):
        return item
    return tuple_of(kind_of(item), map(shape_of, item))


def is_tuple(shape: Shape) -> bool:
    """Whether it is that of a tuple."""
    return isinstance(shape, tuple) and not isinstance(shape, Type | Once)


def names_of_entries(shape: DictShape) -> list[str | None]:
    """What the numbers of a dictionary are called; nothing where some are tuples."""
    numbers = [
        key for key, part in zip(shape.keys, shape, strict=True) if not is_word(part)
    ]
    alone = all(isinstance(part, Type) or is_word(part) for part in shape)
    return list(map(name_of_entry, numbers)) if alone else []


def has_named_parts(shape: Shape) -> bool:
    """Whether what it is kept in has names that are made of its own."""
    return isinstance(shape, ColumnsShape | Record)


def names_of_parts(name: str, shape: Shape) -> list[str]:
    """What the lists are called that a list of tuples of this name is kept in.

    Of a tuple of a class, what its parts are called.
    """
    if isinstance(shape, Type) or not isinstance(shape, tuple):
        return [name] if isinstance(shape, Type) else []
    kind = kind_of(shape)
    labels = kind.fields if kind is not None else range(len(shape))
    return [
        one
        for label, part in zip(labels, shape, strict=True)
        for one in names_of_parts(f"{name}_{label}", part)
    ]


def name_parts(item: Item, name: str) -> None:
    """Give the parts of what is called so names that are made of it.

    Those that have a name already keep it.
    """
    if isinstance(item, Columns | Record):
        names = names_of_parts(name, shape_of(item))
        for value, own in zip(leaves(item), names, strict=True):
            if value.op is not None or value.type.rank:
                value.name = value.name or own


def name_of_entry(key: object) -> str | None:
    """What the entry with a key may be called."""
    is_name = isinstance(key, str) and key.isidentifier() and not iskeyword(key)
    return str(key) if is_name else None


def joined_shape(a: Shape, b: Shape) -> Shape:
    """The shape that holds both. Raises TypeError where there is none."""
    if isinstance(a, Type) and isinstance(b, Type):
        if (a.rank, a.listed) == (b.rank, b.listed):
            return wider(a, b)
    elif any(isinstance(one, ListShape | ColumnsShape) for one in (a, b)):
        return _joined_lists(a, b)
    elif isinstance(a, DictShape) or isinstance(b, DictShape):
        if isinstance(a, DictShape) and isinstance(b, DictShape) and a.keys == b.keys:
            parts = [joined_shape(x, y) for x, y in zip(a, b, strict=True)]
            return _dict_shape(a.keys, parts)
    elif is_tuple(a) and is_tuple(b) and len(a) == len(b) and kind_of(a) == kind_of(b):
        return tuple_of(kind_of(a), map(joined_shape, a, b))
    if a is b or (isinstance(a, str) and a == b):
        return a
    raise TypeError(f"{_shape_in_words(a)} and {_shape_in_words(b)}")


def _joined_lists(a: Shape, b: Shape) -> Shape:
    """The shape of two lists that meet; of different lengths, that of any list."""
    if isinstance(a, ListShape) and isinstance(b, ListShape) and len(a) == len(b):
        return ListShape(joined_shape(x, y) for x, y in zip(a, b, strict=True))
    found = [grown_shape(one) for one in (a, b) if one != ()]
    if len(found) == 1:
        return found[0]
    a, b = found
    if not isinstance(a, ColumnsShape) and not isinstance(b, ColumnsShape):
        return joined_shape(a, b)
    both = isinstance(a, ColumnsShape) and isinstance(b, ColumnsShape)
    if both and len(a) == len(b) and kind_of(a) == kind_of(b):
        return _columns_shape(kind_of(a), map(joined_shape, a, b))
    raise TypeError(f"{_shape_in_words(a)} and {_shape_in_words(b)}")


def grown_shape(shape: Shape) -> Shape:
    """As `list_type`; of a list of tuples, the shape of the lists side by side."""
    if isinstance(shape, ColumnsShape):
        return shape
    if isinstance(shape, ListShape) and shape:
        joined = reduce(joined_shape, shape)
        if is_plain_tuple(joined) and joined:
            columns = [grown_shape(ListShape((part,))) for part in joined]
            return _columns_shape(kind_of(joined), columns)
    return list_type(shape)


def list_type(shape: Shape) -> Type:
    """The type of the lists of this shape, of any length, as arrays.

    Raises TypeError where they are not alike: numbers, arrays, or lists of numbers.
    """
    if isinstance(shape, Type) and shape.listed:
        return shape
    if not isinstance(shape, ListShape):
        raise TypeError(f"{_shape_in_words(shape)} and a list")
    if not shape:
        return Type("bool", 1, 1)
    joined = reduce(joined_shape, shape)
    if isinstance(joined, ListShape):
        joined = list_type(joined)
    if not isinstance(joined, Type):
        what = _shape_in_words(joined).partition(" ")[2]
        raise TypeError(f"a list of {what}s, and not of numbers, arrays or lists")
    if joined.of_arrays:
        raise ListOfArrays("a list of lists of arrays changes here")
    return Type(joined.element, joined.rank + 1, joined.listed + 1)


def _shape_in_words(shape: Shape) -> str:
    if isinstance(shape, Type) and shape.listed:
        inside = " of arrays" if shape.of_arrays else ""
        return "a list" + " of lists" * (shape.listed - 1) + inside
    if isinstance(shape, ListShape):
        return f"a list of {len(shape)}"
    if isinstance(shape, ColumnsShape):
        return f"a list of {_tuples_in_words(shape, 'tuples')}"
    if isinstance(shape, DictShape):
        return f"a dictionary of {', '.join(map(repr, shape.keys)) or 'nothing'}"
    if isinstance(shape, Type):
        return f"an array of rank {shape.rank}" if shape.rank else "a number"
    if isinstance(shape, tuple):
        return f"a {_tuples_in_words(shape, 'tuple')}"
    return described(shape)


def _tuples_in_words(shape: tuple[Shape, ...], word: str) -> str:
    kind = kind_of(shape)
    return f"{word} of {len(shape)}" if kind is None else f"`{kind.name}`"


def is_numeric(shape: Shape) -> bool:
    """Whether it is a number, or a tuple of numbers (nested to any depth).

    Or a dictionary of these, whose texts stay as they are.
    """
    if isinstance(shape, DictShape):
        return all(is_numeric(part) or is_word(part) for part in shape)
    if is_tuple(shape):
        return all(map(is_numeric, shape))
    return isinstance(shape, Type)


def leaf_types(shape: Shape) -> Iterator[Type]:
    """The types of the numbers in a shape, from left to right."""
    if isinstance(shape, Type):
        yield shape
    elif isinstance(shape, tuple):
        for part in shape:
            yield from leaf_types(part)


def leaves(item: Item) -> Iterator[Value]:
    """The numbers in an item, from left to right."""
    if isinstance(item, Value):
        yield item
    elif isinstance(item, tuple):
        for part in item:
            yield from leaves(part)
    elif isinstance(item, Columns):
        for part in item.lists:
            yield from leaves(part)
    elif isinstance(item, Dictionary) and isinstance(item.entries, dict):
        for part in item.entries.values():
            yield from leaves(part)


def filled(shape: Shape, values: Iterator[Value]) -> Item:
    """The item of this shape that holds these numbers."""
    if isinstance(shape, Type):
        return next(values)
    if isinstance(shape, ListShape):
        return ListItem(filled(part, values) for part in shape)
    if isinstance(shape, ColumnsShape):
        return Columns([filled(part, values) for part in shape], shape.kind)
    if isinstance(shape, DictShape):
        return Dictionary(
            {
                key: filled(part, values)
                for key, part in zip(shape.keys, shape, strict=True)
            }
        )
    if is_tuple(shape):
        return tuple_of(kind_of(shape), [filled(part, values) for part in shape])
    return shape


def undefined_item(shape: Shape) -> Item:
    """An item of this shape, none of whose numbers is ever read."""
    return filled(shape, map(undefined, leaf_types(shape)))


def wider(a: Type, b: Type) -> Type:
    """The type that holds the numbers of both."""
    order = (BOOL, INT, FLOAT)
    return a if order.index(a.scalar) >= order.index(b.scalar) else b
