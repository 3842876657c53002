"""What a name can stand for while a Python function is read.

A number is a `Value`. All else is static, known while the function is read: tuples
(Python tuples of items), functions, ranges, modules, texts (Python's own), None.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from adjoint.frontend.python.text import Text
from adjoint.ir.program import Program, Value
from adjoint.rules.operation import Operation

#: A `Value`, a tuple of items, a text, or one of the static things below.
Item = Any


class Scope(Protocol):
    """Where the names that a function does not assign are looked up: its module."""

    name: str
    #: whether the names in it are ours: no value is called by them
    ours: bool

    def find(self, name: str, reader: Any, node: Any) -> Item | None:
        """What ``name`` stands for, None where it is not known there."""

    def annotation(self, name: str) -> ast.expr | None:
        """The type that ``name`` is another name for, None where it is none."""


@dataclass(eq=False)
class Function:
    """A function of the user's, to be written out where it is called.

    ``frame`` is the call that it was defined in (None for a function of a module);
    ``defaults`` are the values of its defaults. One that is ``kept`` has a decorator
    that may keep what it gives, as `functools.cache` does.
    """

    name: str
    node: ast.FunctionDef | ast.Lambda
    text: Text
    scope: Scope
    frame: Any = None
    defaults: dict[str, Item] = field(default_factory=dict)
    kept: bool = False


@dataclass(frozen=True, eq=False)
class Range:
    """``range(start, stop, step)``."""

    start: Value
    stop: Value
    step: Value
    #: whether it is one that was reversed, which can be gone through only once
    once: bool = False

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


@dataclass(frozen=True, eq=False)
class Later:
    """A call that is made when what it gives is asked for."""

    call: Callable[..., Item]
    arguments: tuple[Item, ...]

    def __call__(self) -> Item:
        """Make the call."""
        return self.call(*self.arguments)


@dataclass(frozen=True, eq=False)
class Waiting:
    """Items that are computed when they are asked for, as in ``map(f, items)``."""

    items: tuple[Later, ...]


@dataclass(frozen=True, eq=False)
class Dictionary:
    """A dictionary whose keys are known, texts and numbers; it does not change."""

    entries: Mapping[Any, Item]


@dataclass(frozen=True, eq=False)
class Spread:
    """``*items``, in a call or between the items of a tuple."""

    items: tuple[Item, ...]


@dataclass(frozen=True)
class Builtin:
    """A function that is brought: ``module`` is "math", "builtins", "numpy" ..."""

    module: str
    name: str


@dataclass(frozen=True, eq=False)
class Partial:
    """A function some of whose arguments are given: ``functools.partial(f, 1.0)``."""

    function: Item
    arguments: tuple[Item, ...]
    keywords: Mapping[str, Item]

    @property
    def name(self) -> str:
        """What the function is called."""
        return str(self.function.name)


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


@dataclass(frozen=True)
class RecordClass:
    """A class of the user's that is a `NamedTuple`, or a dataclass.

    ``fields`` are the names of what is in one; ``annotations`` say the types of those
    that have one, in words that ``scope`` knows. ``methods`` are its functions; those
    in ``properties`` are called where they are read. Those of a dataclass (``data``)
    are no tuples to Python, and change unless they are ``frozen``; the parts in
    ``by_name`` are given by name alone.
    """

    name: str
    fields: tuple[str, ...]
    annotations: Mapping[str, ast.expr] = field(compare=False, default_factory=dict)
    scope: Scope | None = field(compare=False, default=None)
    defaults: Mapping[str, Item] = field(compare=False, default_factory=dict)
    methods: Mapping[str, Function] = field(compare=False, default_factory=dict)
    properties: frozenset[str] = field(compare=False, default=frozenset())
    data: bool = False
    frozen: bool = field(compare=False, default=True)
    by_name: frozenset[str] = field(compare=False, default=frozenset())

    @property
    def positional(self) -> tuple[str, ...]:
        """The parts that may be given by their place."""
        return tuple(name for name in self.fields if name not in self.by_name)


class Record(tuple[Item, ...]):
    """What has parts with names; also one of types, or of the shapes of parts."""

    kind: RecordClass


@dataclass(frozen=True, eq=False)
class Columns:
    """A list of tuples that grows: for each place in them, the list of what is there.

    That is a `Value`, or a list of tuples in turn. ``kind`` is the class of the tuples,
    where they have one.
    """

    lists: Sequence[Item]
    kind: RecordClass | None = None


@dataclass(frozen=True, eq=False)
class Apart:
    """The tuples of a list as arguments, in ``zip(*states)``."""

    of: Columns


class Once(tuple[Item, ...]):
    """The items, where they are known, of what can be gone through only once."""


NONE = NoValue()
MATH = Module("math")
#: The modules whose functions are known, by name; they have no scope of their own.
BROUGHT = {
    "math": MATH,
    **{
        name: Module(name)
        for name in (
            *("numpy", "numpy.linalg", "scipy", "scipy.special", "scipy.linalg"),
            *("collections", "dataclasses", "functools", "itertools", "operator"),
            *("adjoint", "numpy.finfo()"),
        )
    },
}


def tuple_of(kind: RecordClass | None, parts: Iterable[Item]) -> tuple[Item, ...]:
    """A tuple of these parts, of that class."""
    if kind is None:
        return tuple(parts)
    record = Record(parts)
    record.kind = kind
    return record


def kind_of(item: Item) -> RecordClass | None:
    """The class of a tuple, or of the tuples in a list; None for plain ones."""
    return getattr(item, "kind", None)


def is_plain_tuple(item: Item) -> bool:
    """Whether it is a tuple, of a class or none, and no list or the like."""
    return type(item) is tuple or isinstance(item, Record)


def is_instance(item: Item) -> bool:
    """Whether it is an instance of a dataclass, which Python takes for no tuple."""
    return isinstance(item, Record) and item.kind.data


def spread(items: Iterable[Item]) -> Iterator[Item]:
    """The items one by one, those behind a ``*`` too."""
    for item in items:
        if isinstance(item, Spread):
            yield from item.items
        else:
            yield item


def is_word(item: Item) -> bool:
    """Whether it is None or a text, which say how to compute and are no numbers."""
    return item is NONE or isinstance(item, str)


def plain(item: Item) -> Any:
    """A number that is known, a text or None, as Python has it."""
    if isinstance(item, Value):
        return item.number
    return None if item is NONE else item


def is_once(item: Item) -> bool:
    """Whether it can be gone through only once, as what ``zip(...)`` gives."""
    if isinstance(item, Generator):
        return isinstance(item.node, ast.GeneratorExp)
    return isinstance(item, Once | Elements | Waiting) or (
        isinstance(item, Range) and item.once
    )


def is_list(item: Item) -> bool:
    """Whether it is a list of Python's."""
    listed = isinstance(item, Value) and item.type.listed > 0
    return listed or isinstance(item, ListItem | Columns)


def is_array(item: Item) -> bool:
    """Whether it is an array of NumPy's."""
    return isinstance(item, Value) and item.type.rank > 0 and not item.type.listed


def described(item: Item) -> str:
    """What it is, in words."""
    match item:
        case Value():
            kind = "a list" if item.type.listed else "an array"
            return kind if item.type.rank else "a number"
        case ListItem():
            return "a list"
        case Record():
            return f"a `{item.kind.name}`"
        case RecordClass():
            return f"the class `{item.name}`"
        case Columns() | Apart():
            return "a list of tuples"
        case tuple():
            return "a tuple"
        case str():
            return "a text"
        case Dictionary():
            return "a dictionary"
        case Range():
            return "a range"
        case Elements() | Generator() | Waiting():
            return "a row of elements"
        case Module():
            return f"the module `{item.name}`"
        case Function() | Builtin() | Method() | Derived() | Partial():
            return f"the function `{item.name}`"
    return "None"
