"""Dictionaries of what is known when a function is read: they do not change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from adjoint.errors import did_you_mean
from adjoint.frontend.function.comprehensions import generated
from adjoint.frontend.python.call import Call
from adjoint.frontend.python.items import (
    NONE,
    Dictionary,
    Item,
    Method,
    Refused,
    described,
    is_word,
    plain,
)
from adjoint.frontend.python.lowering import FunctionLowering
from adjoint.frontend.syntax import Node
from adjoint.ir.program import Value


def dictionary(lowering: FunctionLowering, node: Node, *items: Item) -> Dictionary:
    """``{key: value, **others}``, from the keys, values and others in turn."""
    spread: tuple[bool, ...] = node.value  # type: ignore[assignment]
    entries: dict[Any, Item] = {}
    rest = iter(zip(node.parts, items, strict=True))
    for whole in spread:
        part, item = next(rest)
        if not whole:
            entries[_key(lowering, part, item)] = next(rest)[1]
        elif isinstance(item, Dictionary):
            entries |= item.entries
        else:
            message = f"behind `**` stands a dictionary, not {described(item)}"
            raise lowering.problem(part, message)
    return Dictionary(entries)


def of_pairs(lowering: FunctionLowering, node: Node) -> Dictionary:
    """``{key: value for ...}``, of what is known when the function is read."""
    pairs = generated(lowering, node)
    if not isinstance(pairs, tuple):
        message = "how many entries a dictionary has is known when it is read"
        raise lowering.problem(node, message, "make a list")
    return Dictionary({_key(lowering, node, key): value for key, value in pairs})


def of_names(call: Call) -> Dictionary:
    """``dict(rate=0.1, steps=3)``."""
    keywords = dict(call.keywords)
    call.keywords.clear()
    call.items(0)
    return Dictionary(keywords)


def entry(lowering: FunctionLowering, node: Node, of: Dictionary, key: Item) -> Item:
    """``of[key]``. Raises SourceError for a key that is not there."""
    name = _key(lowering, node.parts[1], key)
    if name not in of.entries:
        message = f"there is no {name!r} in this dictionary"
        known = [one for one in of.entries if isinstance(one, str)]
        hint = did_you_mean(name, known) if isinstance(name, str) else None
        raise lowering.problem(node.parts[1], message, hint)
    found = of.entries[name]
    if isinstance(found, Refused):
        raise lowering.problem(node, found.message, found.hint)
    return found


def is_key(item: Item) -> bool:
    """Whether it is known, as the key of a dictionary has to be."""
    return is_word(item) or (isinstance(item, Value) and item.number is not None)


def method(call: Call, called: Method) -> Item:
    """What the call of a method of a dictionary gives."""
    return METHODS[called.name](call, called.of)


def _key(lowering: FunctionLowering, node: Node, item: Item) -> Any:
    """A key as Python has it. Raises SourceError unless it is known."""
    if not is_key(item):
        message = "the key of a dictionary is a text or a number that is known here"
        raise lowering.problem(node, message)
    return plain(item)


def _get(call: Call, of: Dictionary) -> Item:
    key, *default = call.items(1, 2)
    name = _key(call.lowering, call.node.parts[1], key)
    return of.entries.get(name, default[0] if default else NONE)


def _keys(call: Call, of: Dictionary) -> Item:
    call.items(0)
    return call.lowering.sequence(of, call.node)


def _values(call: Call, of: Dictionary) -> Item:
    call.items(0)
    return tuple(of.entries.values())


def _items(call: Call, of: Dictionary) -> Item:
    return tuple(zip(_keys(call, of), _values(call, of), strict=True))


METHODS: dict[str, Callable[[Call, Dictionary], Item]] = {
    "get": _get,
    "keys": _keys,
    "values": _values,
    "items": _items,
}
