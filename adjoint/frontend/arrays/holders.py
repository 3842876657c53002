"""What holds arrays and lists beside names: tuples, dictionaries, arguments given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice

from adjoint.frontend.python.context import Context
from adjoint.frontend.python.items import (
    Columns,
    Dictionary,
    Function,
    Item,
    Method,
    Partial,
    Record,
    Waiting,
    tuple_of,
)
from adjoint.frontend.python.lowering import AnyNode, FunctionLowering
from adjoint.ir.program import Value


def held(item: Item) -> Iterator[Item]:
    """The item, and all that it holds."""
    pending = [item]
    while pending:
        item = pending.pop()
        yield item
        pending.extend(parts_of(item))


def arrays_in(item: Item) -> Iterator[Value]:
    """The arrays that an item is, or holds."""
    return (one for one in held(item) if isinstance(one, Value) and one.type.rank > 0)


def note_outside(context: Context, item: Item) -> None:
    """Note that an item, and all that it holds, was there before the call."""
    for one in held(item):
        if not isinstance(one, Value) or one.type.rank:
            context.outside[id(one)] = one


def is_outside(context: Context, item: Item) -> bool:
    """Whether it was there before the call, and a change of it would stay."""
    return id(item) in context.outside


def check_inside(
    lowering: FunctionLowering,
    node: AnyNode,
    name: str,
    items: Iterable[Item],
    copy: str | None = None,
) -> None:
    """Raise SourceError where one of these, which is changed, was there before.

    ``copy`` is how to copy what changes.
    """
    if any(is_outside(lowering.context, one) for one in items):
        message = f"`{name}` is of the module, or a default, and is changed here"
        hint = f"copy it first: `{name} = {copy or f'{name}.copy()'}`"
        raise lowering.problem(node, message, hint)


def replaced(item: Item, old: Item, new: Item) -> Item:
    """The item, with another thing in the place of one that it is, or holds."""
    if item is old:
        return new
    if not any(one is old for one in held(item)):
        return item
    return with_parts(item, [replaced(part, old, new) for part in parts_of(item)])


def check_alone(
    lowering: FunctionLowering, node: AnyNode, name: str, of: Dictionary
) -> None:
    """Raise SourceError where a dictionary that changes has another name as well."""
    frames = [lowering, *lowering.context.frames]
    found = [
        other
        for frame in frames
        for other, item in frame.env.items()
        if (frame is not lowering or other != name)
        and any(one is of for one in held(item))
    ]
    if found or any(one is of for item in lowering.kept for one in held(item)):
        message = f"`{name}` is a dictionary with another name, and is changed here"
        if not isinstance(of.entries, dict) or not found:
            message = f"`{name}` is not a dictionary of this call, it cannot be changed"
        raise lowering.problem(node, message, f"copy it first: `{name}.copy()`")


def parts_of(item: Item) -> list[Item]:
    """What an item holds. The entries of a dictionary of the module cannot change."""
    match item:
        case tuple():
            return list(item)
        case Columns():
            return list(item.lists)
        case Dictionary() if isinstance(item.entries, dict):
            return list(item.entries.values())
        case Partial():
            return [item.function, *item.arguments, *item.keywords.values()]
        case Function():
            return list(item.defaults.values())
        case Method():
            return [item.of]
        case Waiting():
            return [part for one in item.items for part in one.arguments]
    return []


def with_parts(item: Item, parts: list[Item]) -> Item:
    """The item, with others for what `parts_of` gives of it."""
    rest = iter(parts)
    match item:
        case Record():
            return tuple_of(item.kind, parts)
        case tuple():
            return type(item)(parts)
        case Columns():
            return Columns(parts, item.kind)
        case Dictionary():
            return Dictionary(dict(zip(item.entries, parts, strict=True)))
        case Partial():
            function, arguments = next(rest), tuple(islice(rest, len(item.arguments)))
            return Partial(
                function, arguments, dict(zip(item.keywords, rest, strict=True))
            )
        case Function():
            return replace(item, defaults=dict(zip(item.defaults, parts, strict=True)))
        case Method():
            return Method(parts[0], item.name)
    assert isinstance(item, Waiting)
    calls = [
        replace(one, arguments=tuple(islice(rest, len(one.arguments))))
        for one in item.items
    ]
    return Waiting(tuple(calls))
