"""Assignments to several names: ``a, b = item``."""

from __future__ import annotations

import ast

from adjoint.errors import SourceError
from adjoint.frontend.arrays.access import element, length
from adjoint.frontend.python.items import Item, Range, described
from adjoint.frontend.python.lowering import FunctionLowering
from adjoint.ir.program import Value


def unpack(
    lowering: FunctionLowering, target: ast.Tuple | ast.List, item: Item
) -> None:
    """Assign the parts of an item to as many targets."""
    if isinstance(item, Value) and item.type.rank:
        item = _items(lowering, target, item)
    if not isinstance(item, (tuple, Range)):
        raise lowering.problem(target, f"{described(item)} cannot be unpacked")
    items = lowering.sequence(item, target)
    for part in target.elts:
        if isinstance(part, ast.Starred):
            raise no_target(lowering, part)
    if len(items) != len(target.elts):
        message = f"{len(items)} items cannot be unpacked to {len(target.elts)}"
        raise lowering.problem(target, f"{message} names")
    for part, inner in zip(target.elts, items, strict=True):
        lowering.assign(part, inner)


def _items(
    lowering: FunctionLowering, target: ast.Tuple | ast.List, array: Value
) -> Item:
    """The items of an array, which has to have as many as there are names."""
    count = length(lowering, target, array, 0)
    wanted = lowering.builder.constant(len(target.elts))
    where = lowering.where(target)
    holds = lowering.builder.emit("eq", count, wanted, where=where)
    message = f"{len(target.elts)} values to unpack are expected"
    if holds.number is None:
        lowering.builder.guard(holds, f'ValueError("{message}")', where)
    elif not holds.number:
        raise lowering.problem(target, f"{message} here")
    numbers = map(lowering.builder.constant, range(len(target.elts)))
    return tuple(element(lowering, target, array, at) for at in numbers)


def no_target(lowering: FunctionLowering, target: ast.expr) -> SourceError:
    """The error for what cannot be assigned to."""
    if isinstance(target, ast.Attribute):
        message = "attributes cannot be assigned to"
        return lowering.problem(target, message, "use a plain name, and return it")
    message = "`*` is not supported in an assignment"
    return lowering.problem(target, message, "write the names one by one")
