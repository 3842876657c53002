"""What a name can stand for while a Python function is read.

A number is a `Value`. All else is static, known while the function is read: tuples
(Python tuples of items), functions, ranges, modules, None.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from adjoint.frontend.python.text import Text
from adjoint.ir.program import Program, Value, undefined
from adjoint.ir.types import BOOL, FLOAT, INT, Type
from adjoint.rules.operation import Operation

#: A `Value`, a tuple of items, or one of the static things below.
Item = Any


class Scope(Protocol):
    """Where the names that a function does not assign are looked up: its module."""

    name: str

    def find(self, name: str, reader: Any, node: Any) -> Item | None:
        """What ``name`` stands for, None where it is not known there."""


@dataclass(eq=False)
class Function:
    """A function of the user's, to be written out where it is called.

    ``frame`` is the call that it was defined in (None for a function of a module);
    ``defaults`` are the values of its defaults.
    """

    name: str
    node: ast.FunctionDef | ast.Lambda
    text: Text
    scope: Scope
    frame: Any = None
    defaults: dict[str, Item] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Range:
    """``range(start, stop, step)``."""

    start: Value
    stop: Value
    step: Value

    @property
    def numbers(self) -> range | None:
        """The numbers themselves, where they are known."""
        parts = [self.start.number, self.stop.number, self.step.number]
        if not all(isinstance(part, int) for part in parts):
            return None
        return range(*(int(part) for part in parts))  # type: ignore[arg-type]


@dataclass(frozen=True, eq=False)
class Elements:
    """What is looped over where its length is not known: ``at`` gives an item of it.

    The items are those at the numbers of the range. ``of`` are the arrays that they are
    read from.
    """

    range: Range
    at: Callable[[Value], Item]
    name: str = "i"
    of: tuple[Value, ...] = ()


@dataclass(frozen=True, eq=False)
class Generator:
    """A generator whose items are known when it runs, and not computed yet.

    ``frame`` is the call that it stands in, ``first`` what it goes through first.
    """

    node: ast.GeneratorExp | ast.ListComp
    frame: Any
    first: Item


@dataclass(frozen=True)
class Builtin:
    """A function that is brought: ``module`` is "math", "builtins", "numpy" ..."""

    module: str
    name: str


@dataclass(frozen=True, eq=False)
class Derived:
    """A derivative, whose program is written out where it is called."""

    name: str
    program: Program


@dataclass(frozen=True, eq=False)
class Own:
    """A function with a rule of the user's own."""

    operation: Operation

    @property
    def name(self) -> str:
        """What it is called."""
        return self.operation.name


@dataclass(frozen=True, eq=False)
class Module:
    """A module; ``math`` has no scope of its own."""

    name: str
    scope: Scope | None = None


@dataclass(frozen=True, eq=False)
class Refused:
    """What a name stands for where it cannot be used, and why."""

    message: str
    hint: str | None = None


class NoValue:
    """The one ``None``."""


@dataclass(frozen=True, eq=False)
class Method:
    """A method of an array, or of a list: ``x.sum``."""

    of: Item
    name: str


class ListItem(tuple[Item, ...]):
    """A list whose items are known, and that does not change.

    Others are a `Value`, an array whose type says that it is a list.
    """


NONE = NoValue()
MATH = Module("math")
#: The modules whose functions are known, by name; they have no scope of their own.
BROUGHT = {
    "math": MATH,
    **{
        name: Module(name)
        for name in (
            *("numpy", "numpy.linalg", "scipy", "scipy.special", "scipy.linalg"),
            "adjoint",
        )
    },
}


def described(item: Item) -> str:
    """What it is, in words."""
    match item:
        case Value():
            kind = "a list" if item.type.listed else "an array"
            return kind if item.type.rank else "a number"
        case ListItem():
            return "a list"
        case tuple():
            return "a tuple"
        case Range():
            return "a range"
        case Elements() | Generator():
            return "a row of elements"
        case Module():
            return f"the module `{item.name}`"
        case Function() | Builtin() | Method() | Derived():
            return f"the function `{item.name}`"
    return "None"


# -- shapes: the type of a number, a tuple of shapes, or the static thing itself

Shape = Any


class ListShape(tuple[Shape, ...]):
    """The shape of a list whose items are known."""


def is_list(item: Item) -> bool:
    """Whether it is a list of Python's."""
    listed = isinstance(item, Value) and item.type.listed
    return listed or isinstance(item, ListItem)


def shape_of(item: Item) -> Shape:
    """The shape of an item."""
    if isinstance(item, Value):
        return item.type
    if isinstance(item, ListItem):
        return ListShape(map(shape_of, item))
    return tuple(map(shape_of, item)) if isinstance(item, tuple) else item


def is_tuple(shape: Shape) -> bool:
    """Whether it is that of a tuple."""
    return isinstance(shape, tuple) and not isinstance(shape, Type)


def joined_shape(a: Shape, b: Shape) -> Shape:
    """The shape that holds both. Raises TypeError where there is none."""
    if isinstance(a, Type) and isinstance(b, Type):
        if (a.rank, a.listed) == (b.rank, b.listed):
            return wider(a, b)
    elif isinstance(a, ListShape) or isinstance(b, ListShape):
        return _joined_lists(a, b)
    elif is_tuple(a) and is_tuple(b) and len(a) == len(b):
        return tuple(joined_shape(x, y) for x, y in zip(a, b, strict=True))
    if a is b:
        return a
    raise TypeError(f"{_shape_in_words(a)} and {_shape_in_words(b)}")


def _joined_lists(a: Shape, b: Shape) -> Shape:
    """The shape of two lists that meet; of different lengths, that of any list."""
    if isinstance(a, ListShape) and isinstance(b, ListShape) and len(a) == len(b):
        return ListShape(joined_shape(x, y) for x, y in zip(a, b, strict=True))
    types = [list_type(one) for one in (a, b) if one != ()]
    if len(types) == 1:
        return types[0]
    return joined_shape(*types)


def list_type(shape: Shape) -> Type:
    """The type of the lists of this shape, of any length, as arrays.

    Raises TypeError where the items are not numbers, or lists of numbers, alike.
    """
    if isinstance(shape, Type) and shape.listed:
        return shape
    if not isinstance(shape, ListShape):
        raise TypeError(f"{_shape_in_words(shape)} and a list")
    if not shape:
        return Type("bool", 1, True)
    joined = shape[0]
    for item in shape[1:]:
        joined = joined_shape(joined, item)
    if isinstance(joined, ListShape):
        joined = list_type(joined)
    if not isinstance(joined, Type) or (joined.rank and not joined.listed):
        what = _shape_in_words(joined).partition(" ")[2]
        raise TypeError(f"a list of {what}s, and a list of numbers or of lists of them")
    return Type(joined.element, joined.rank + 1, True)


def _shape_in_words(shape: Shape) -> str:
    if isinstance(shape, Type) and shape.listed:
        return "a list" + " of lists" * (shape.rank - 1)
    if isinstance(shape, ListShape):
        return f"a list of {len(shape)}"
    if isinstance(shape, Type):
        return f"an array of rank {shape.rank}" if shape.rank else "a number"
    if isinstance(shape, tuple):
        return f"a tuple of {len(shape)}"
    return described(shape)


def is_numeric(shape: Shape) -> bool:
    """Whether it is a number, or a tuple of numbers (nested to any depth)."""
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


def filled(shape: Shape, values: Iterator[Value]) -> Item:
    """The item of this shape that holds these numbers."""
    if isinstance(shape, Type):
        return next(values)
    if isinstance(shape, ListShape):
        return ListItem(filled(part, values) for part in shape)
    if is_tuple(shape):
        return tuple(filled(part, values) for part in shape)
    return shape


def undefined_item(shape: Shape) -> Item:
    """An item of this shape, none of whose numbers is ever read."""
    return filled(shape, map(undefined, leaf_types(shape)))


def wider(a: Type, b: Type) -> Type:
    """The type that holds the numbers of both."""
    order = (BOOL, INT, FLOAT)
    return a if order.index(a.scalar) >= order.index(b.scalar) else b
