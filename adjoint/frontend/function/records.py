"""`NamedTuple` classes and dataclasses: what calls of them make, what is read of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from adjoint.errors import did_you_mean
from adjoint.frontend.arrays.aliases import own_items
from adjoint.frontend.arrays.holders import note_outside
from adjoint.frontend.function.calls import all_bound, given_arguments
from adjoint.frontend.python.call import Call
from adjoint.frontend.python.items import (
    Dictionary,
    Item,
    Method,
    Partial,
    Record,
    RecordClass,
    Refused,
    is_array,
    tuple_of,
)
from adjoint.frontend.python.lowering import FunctionLowering
from adjoint.frontend.syntax import Node


def made(call: Call, kind: RecordClass) -> Item:
    """``State(x, v)``: the tuple, as Python binds its parts."""
    if len(call.arguments) > len(kind.positional):
        raise call.wrong_count(kind.name, len(kind.positional))
    given = _given(call, kind, kind.positional)
    bound = all_bound(call, kind.name, kind.fields, {**kind.defaults, **given})
    for default in kind.defaults.values():
        note_outside(call.lowering.context, default)
    return tuple_of(kind, bound.values())


def attribute(lowering: FunctionLowering, node: Node, of: Record | RecordClass) -> Item:
    """``state.x``, or a method. Raises SourceError for what is not known."""
    name = str(node.value)
    kind = of.kind if isinstance(of, Record) else of
    if not kind.data and name == "_fields":
        return kind.fields
    if not kind.data and name in (_METHODS if isinstance(of, Record) else _MAKERS):
        return Method(of, name)
    if isinstance(of, Record):
        if name in kind.fields:
            return _part(lowering, node, of[kind.fields.index(name)])
        if name in kind.methods:
            return _own_method(lowering, node, of, name)
    elif name in kind.methods and name not in kind.properties:
        return kind.methods[name]
    hint = did_you_mean(name, [*kind.fields, *kind.methods])
    hint = hint or f"it has: {', '.join(kind.fields)}"
    raise lowering.problem(node, f"`{kind.name}` has no `{name}` here", hint)


def made_class(call: Call) -> Item:
    """``namedtuple("Point", "x y")``, of `collections`."""
    name, fields = call.items(2)
    if isinstance(fields, str):
        fields = tuple(fields.replace(",", " ").split())
    texts = isinstance(fields, tuple) and all(isinstance(one, str) for one in fields)
    if not isinstance(name, str) or not texts:
        raise call.problem("the names of a `namedtuple` have to be written as texts")
    return RecordClass(name, tuple(fields))


def operated(
    lowering: FunctionLowering, node: Node, left: Item, right: Item
) -> Item | None:
    """What the class of an operand makes of it; None where there is no such class."""
    pairs = ((left, right, ""), (right, left, "r"))
    for (of, other, side), part in zip(pairs, node.parts, strict=True):
        name = f"__{side}{_OPERATORS[str(node.value)]}__"
        function = of.kind.methods.get(name) if isinstance(of, Record) else None
        if function is not None and not is_array(other):
            parts = (node, part, *(one for one in node.parts if one is not part))
            call = Node("invoke", (), parts, node.start, node.end)
            return lowering.invoked(call, function, of, other)
    return None


def method(call: Call, called: Method) -> Item:
    """What the call of a method that every such class has gives."""
    if isinstance(called.of, Record):
        return _METHODS[called.name](call, called.of)
    return _MAKERS[called.name](call, called.of)


def class_refused(name: str) -> Refused:
    """What to say of another class of the user's."""
    message = f"`{name}` is a class that is no `NamedTuple` and no dataclass"
    return Refused(message, "make it one, or write a function of numbers")


def special_refused(kind: str, names: Iterable[str]) -> Refused | None:
    """What to say of a class that defines how Python sees it; None where none does."""
    for name in names:
        if name[:2] == name[-2:] == "__" and name not in _HARMLESS:
            message = f"`{kind}` defines `{name}`, which is not supported"
            return Refused(message, _INSTEAD.get(name, _OF_ITS_OWN))
    return None


def _given(
    call: Call, kind: RecordClass, positional: tuple[str, ...]
) -> dict[str, Item]:
    """The parts that a call gives; arrays that it computes have no other name."""
    given = given_arguments(call, kind.name, positional, kind.fields)
    parts = call.node.parts[1:]
    own = own_items(call.lowering, parts[len(parts) - len(given) :], [*given.values()])
    return dict(zip(given, own, strict=True))


def _part(lowering: FunctionLowering, node: Node, item: Item) -> Item:
    if isinstance(item, Refused):
        raise lowering.problem(node, item.message, item.hint)
    return item


def _own_method(lowering: FunctionLowering, node: Node, of: Record, name: str) -> Item:
    """A method of the class's own; what a property gives."""
    function = of.kind.methods[name]
    if name not in of.kind.properties:
        return Partial(function, (of,), {})
    call = Node("invoke", (), (node, node.parts[0]), node.start, node.end)
    return lowering.invoked(call, function, of)


def _replace(call: Call, of: Record) -> Item:
    """``state._replace(x=...)``."""
    if call.arguments:
        raise call.problem("`_replace` takes its arguments by name")
    return with_others(call, of)


def with_others(call: Call, of: Record) -> Item:
    """The record, with those parts that a call gives by name in place of its own."""
    given = _given(call, of.kind, ())
    before = dict(zip(of.kind.fields, of, strict=True))
    return tuple_of(of.kind, {**before, **given}.values())


def _asdict(call: Call, of: Record) -> Item:
    call.items(0)
    return Dictionary(dict(zip(of.kind.fields, of, strict=True)))


def _make(call: Call, kind: RecordClass) -> Item:
    """``State._make(items)``."""
    items = call.sequence()
    if len(items) != len(kind.fields):
        count = f"{len(kind.fields)} parts, and {len(items)} are given"
        raise call.problem(f"`{kind.name}` has {count}")
    return tuple_of(kind, items)


_OPERATORS = {"+": "add", "-": "sub", "*": "mul", "/": "truediv", "//": "floordiv"}
_OPERATORS |= {"%": "mod"}
#: What a class may define beside names of its own: what nothing else is taken for.
_HARMLESS = {f"__{side}{name}__" for side in ("", "r") for name in _OPERATORS.values()}
_HARMLESS |= {f"__{name}__" for name in "repr str format abs neg pos".split()}
_OF_ITS_OWN = "write it as a function of its own"
_INSTEAD = {
    "__post_init__": "compute it where one is made, or by a function that makes one",
    "__init__": "leave it out, and write a function that makes one",
}
_METHODS: dict[str, Callable[[Call, Record], Item]] = {
    "_replace": _replace,
    "_asdict": _asdict,
}
_MAKERS: dict[str, Callable[[Call, RecordClass], Item]] = {"_make": _make}
