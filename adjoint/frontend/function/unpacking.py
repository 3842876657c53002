"""Assignments to several names: ``a, b = item``."""

from __future__ import annotations

import ast

from adjoint.errors import SourceError
from adjoint.frontend.arrays.access import element, length
from adjoint.frontend.python.items import Item, ListItem, Range, described
from adjoint.frontend.python.lowering import FunctionLowering
from adjoint.ir.program import Value


def unpack(
    lowering: FunctionLowering, target: ast.Tuple | ast.List, item: Item
) -> None:
    """Assign the parts of an item to as many targets; to one with ``*``, the rest."""
    targets = target.elts
    starred = [at for at, one in enumerate(targets) if isinstance(one, ast.Starred)]
    if isinstance(item, Value) and item.type.rank:
        item = _items(lowering, target, item, starred)
    if not isinstance(item, (tuple, Range)):
        raise lowering.problem(target, f"{described(item)} cannot be unpacked")
    items = lowering.sequence(item, target)
    count = len(items)
    if starred and not isinstance(items, _Cut):
        behind = len(targets) - starred[0] - 1
        end = len(items) - behind
        middle = ListItem(items[starred[0] : end])
        items = _Cut((*items[: starred[0]], middle, *items[max(end, starred[0]) :]))
    if len(items) != len(targets):
        message = f"{count} items cannot be unpacked to {len(targets)}"
        raise lowering.problem(target, f"{message} names")
    for part, inner in zip(targets, items, strict=True):
        plain = part.value if isinstance(part, ast.Starred) else part
        lowering.assign(plain, inner)


class _Cut(tuple[Item, ...]):
    """Items of which one is the list of what is left for a target with ``*``."""


def _items(
    lowering: FunctionLowering,
    target: ast.Tuple | ast.List,
    array: Value,
    starred: list[int],
) -> Item:
    """The items of an array, which has to have as many as there are names."""
    builder, where = lowering.builder, lowering.where(target)
    names = len(target.elts) - len(starred)
    count = length(lowering, target, array, 0)
    test = "ge" if starred else "eq"
    holds = builder.emit(test, count, builder.constant(names), where=where)
    message = f"{names} values to unpack are expected"
    if starred:
        message = f"at least {message}"
    if holds.number is None:
        builder.guard(holds, f'ValueError("{message}")', where)
    elif not holds.number:
        raise lowering.problem(target, f"{message} here")
    first = starred[0] if starred else names
    found = [
        element(lowering, target, array, builder.constant(at))
        for at in (*range(first), *range(first - names, 0))
    ]
    if not starred:
        return tuple(found)
    bounds = [first, first - names] if first < names else [first]
    pattern = (("a:a" if first < names else "a:"),)
    rest = builder.emit(
        "index",
        array,
        *map(builder.constant, bounds),
        where=where,
        attributes=(pattern,),
    )
    if not array.type.listed:
        rest = builder.emit("as_list", rest, where=where)
    return _Cut((*found[:first], rest, *found[first:]))


def no_target(lowering: FunctionLowering, target: ast.expr) -> SourceError:
    """The error for what cannot be assigned to."""
    if isinstance(target, ast.Attribute):
        message = "attributes cannot be assigned to"
        return lowering.problem(target, message, "use a plain name, and return it")
    message = "`*` is not supported in an assignment"
    return lowering.problem(target, message, "write the names one by one")
