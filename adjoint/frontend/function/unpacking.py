"""Assignments to several names: ``a, b = item``."""

from __future__ import annotations

import ast

from adjoint.errors import SourceError
from adjoint.frontend.arrays.access import element, length, unknown_rank
from adjoint.frontend.function.attribute_changes import no_attribute
from adjoint.frontend.python.by_use import require_rank
from adjoint.frontend.python.items import (
    Item,
    ListItem,
    Range,
    Waiting,
    described,
)
from adjoint.frontend.python.lowering import FunctionLowering
from adjoint.ir.program import Value


def unpack(
    lowering: FunctionLowering, target: ast.Tuple | ast.List, item: Item
) -> None:
    """Assign the parts of an item to as many targets; to one with ``*``, the rest."""
    starred = [at for at, one in enumerate(target.elts) if isinstance(one, ast.Starred)]
    rest = starred[0] if starred else None
    is_array = isinstance(item, Value) and item.type.rank
    found = (_of_array if is_array else _of_known)(lowering, target, item, rest)
    for one, part in zip(target.elts, found, strict=True):
        lowering.assign(one.value if isinstance(one, ast.Starred) else one, part)


def _of_known(
    lowering: FunctionLowering,
    target: ast.Tuple | ast.List,
    item: Item,
    rest: int | None,
) -> tuple[Item, ...]:
    """The parts of a tuple, a list or a range; ``rest`` is the target with ``*``."""
    if not isinstance(item, tuple | Range | Waiting):
        if isinstance(item, Value):
            require_rank(lowering.context, item, 1)
            unknown_rank(lowering, target, item)
        raise lowering.problem(target, f"{described(item)} cannot be unpacked")
    found = lowering.sequence(item, target)
    more = len(found) - len(target.elts)
    if more and (rest is None or more < -1):
        message = f"{len(found)} items cannot be unpacked to {len(target.elts)} names"
        raise lowering.problem(target, message)
    if rest is None:
        return found
    end = rest + more + 1
    return (*found[:rest], ListItem(found[rest:end]), *found[end:])


def _of_array(
    lowering: FunctionLowering,
    target: ast.Tuple | ast.List,
    array: Value,
    rest: int | None,
) -> tuple[Item, ...]:
    """The items of an array, which has to have as many as there are names."""
    builder, where = lowering.builder, lowering.where(target)
    names = len(target.elts) - (rest is not None)
    count = length(lowering, target, array, 0)
    test = "eq" if rest is None else "ge"
    holds = builder.emit(test, count, builder.constant(names), where=where)
    message = f"{names} values to unpack are expected"
    if rest is not None:
        message = f"at least {message}"
    if holds.number is None:
        builder.guard(holds, f'ValueError("{message}")', where)
    elif not holds.number:
        raise lowering.problem(target, f"{message} here")
    first = names if rest is None else rest
    found: list[Item] = [
        element(lowering, target, array, builder.constant(at))
        for at in (*range(first), *range(first - names, 0))
    ]
    if rest is not None:
        found.insert(rest, _left(lowering, target, array, rest, rest - names))
    return tuple(found)


def _left(
    lowering: FunctionLowering, target: ast.expr, array: Value, start: int, end: int
) -> Value:
    """The list of ``array[start:end]``; to the last one where the end is 0."""
    builder, where = lowering.builder, lowering.where(target)
    bounds = [builder.constant(one) for one in ((start, end) if end else (start,))]
    pattern = ("a:a" if end else "a:",)
    part = builder.emit("index", array, *bounds, where=where, attributes=(pattern,))
    if array.type.listed:
        return part
    return builder.emit("as_list", part, where=where)


def no_target(lowering: FunctionLowering, target: ast.expr) -> SourceError:
    """The error for what cannot be assigned to."""
    if isinstance(target, ast.Attribute):
        return no_attribute(lowering, target)
    message = "`*` is not supported in an assignment"
    return lowering.problem(target, message, "write the names one by one")
