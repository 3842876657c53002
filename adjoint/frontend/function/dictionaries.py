"""Dictionaries, whose keys are known when a function is read."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from adjoint.errors import did_you_mean
from adjoint.frontend.arrays.aliases import own_items
from adjoint.frontend.arrays.holders import check_alone, check_inside
from adjoint.frontend.function.comprehensions import generated
from adjoint.frontend.python.call import Call
from adjoint.frontend.python.item_shapes import name_of_entry
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
from adjoint.frontend.python.nodes import convert
from adjoint.frontend.syntax import Node
from adjoint.ir.program import Value


def dictionary(lowering: FunctionLowering, node: Node, *items: Item) -> Dictionary:
    """``{key: value, **others}``, from the keys, values and others in turn."""
    spread: tuple[bool, ...] = node.value  # type: ignore[assignment]
    entries: dict[Any, Item] = {}
    held = own_items(lowering, node.parts, items)
    rest = iter(zip(node.parts, held, strict=True))
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


def made(call: Call) -> Dictionary:
    """``dict(other, rate=0.1, steps=3)``."""
    named = list(call.keywords.values())
    written = call.node.parts[len(call.node.parts) - len(named) :]
    own = own_items(call.lowering, written, named)
    keywords = dict(zip(call.keywords, own, strict=True))
    call.keywords.clear()
    others = call.items(0, 1)
    if others and not isinstance(others[0], Dictionary):
        message = f"`dict` is made of a dictionary, not of {described(others[0])}"
        raise call.problem(message, "write `{key: value for ...}`")
    entries = others[0].entries if others else {}
    return Dictionary({**entries, **keywords})


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


def is_entry(lowering: FunctionLowering, target: ast.Subscript) -> bool:
    """Whether it is an entry of a dictionary of the function."""
    name = target.value
    return isinstance(name, ast.Name) and isinstance(
        lowering.env.get(name.id), Dictionary
    )


def store(lowering: FunctionLowering, target: ast.Subscript, item: Item) -> None:
    """``name[key] = item``: the name stands for a dictionary with this entry."""
    name, of = _own_dictionary(lowering, target)
    key = _key(
        lowering, convert(target.slice, lowering.text), lowering.item(target.slice)
    )
    _bind_entry(lowering, name, of, key, item)


def augment(
    lowering: FunctionLowering, target: ast.Subscript, combine: Callable[[Value], Value]
) -> None:
    """``name[key] += ...``, of a number."""
    name, of = _own_dictionary(lowering, target)
    node = convert(target.slice, lowering.text)
    key = _key(lowering, node, lowering.value(node))
    if key not in of.entries:
        raise lowering.problem(target.slice, f"there is no {key!r} in this dictionary")
    old = lowering.checked(of.entries[key], target)
    if old.type.rank:
        message = "an array that is the entry of a dictionary is changed here"
        raise lowering.problem(target, message, "give it a name, and change that")
    _bind_entry(lowering, name, of, key, combine(old))


def _bind_entry(
    lowering: FunctionLowering, name: str, of: Dictionary, key: Any, item: Item
) -> None:
    """Let the name stand for the dictionary with this entry, which is called so too."""
    unnamed = isinstance(item, Value) and item.op is not None and item.name is None
    if unnamed and not lowering.scope.ours:
        item.name = name_of_entry(key)
    lowering.bind(name, Dictionary({**of.entries, key: item}))


def _own_dictionary(
    lowering: FunctionLowering, target: ast.Subscript
) -> tuple[str, Dictionary]:
    """A dictionary to be changed, and its name.

    Raises SourceError where it is seen under another name, or in another call.
    """
    assert isinstance(target.value, ast.Name)
    name = target.value.id
    of: Dictionary = lowering.env[name]
    check_alone(lowering, target, name, of)
    check_inside(lowering, target, name, [of])
    return name, of


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


def _copy(call: Call, of: Dictionary) -> Item:
    call.items(0)
    return Dictionary(dict(of.entries))


METHODS: dict[str, Callable[[Call, Dictionary], Item]] = {
    "get": _get,
    "keys": _keys,
    "values": _values,
    "items": _items,
    "copy": _copy,
}
