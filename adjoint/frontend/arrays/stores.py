"""Stores in arrays and lists: ``x[i] = v`` and ``x[i] += v``."""

from __future__ import annotations

import ast
from collections.abc import Callable

from adjoint.frontend.arrays import lists, tuples
from adjoint.frontend.arrays.access import (
    as_array,
    check_list_index,
    element,
    length,
    subscript,
    with_rank,
)
from adjoint.frontend.arrays.aliases import check_change, rebind
from adjoint.frontend.arrays.shared_rows import check_rows
from adjoint.frontend.python.item_shapes import wider
from adjoint.frontend.python.items import (
    Columns,
    Dictionary,
    Item,
    ListItem,
    described,
    is_plain_tuple,
)
from adjoint.frontend.python.lowering import AnyNode, FunctionLowering
from adjoint.frontend.python.nodes import convert, subscript_pattern
from adjoint.ir.program import Value
from adjoint.ir.subscripts import Pattern
from adjoint.ir.types import INT


def store(lowering: FunctionLowering, target: ast.Subscript, item: Item) -> None:
    """``x[i] = item``: the name stands for an array of its own from here on."""
    if _is_of_tuples(lowering, target):
        _store_tuple(lowering, target, item)
        return
    name, array, pattern, operands = _stored(lowering, target)
    value = _stored_value(lowering, target, array, pattern, item)
    _bind(lowering, name, array, value, pattern, operands, target)


def _is_of_tuples(lowering: FunctionLowering, target: ast.Subscript) -> bool:
    """Whether the target is an item of a list of tuples."""
    name = target.value.id if isinstance(target.value, ast.Name) else ""
    of = lowering.env.get(name)
    known = isinstance(of, ListItem) and any(map(is_plain_tuple, of))
    return known or isinstance(of, Columns)


def _store_tuple(lowering: FunctionLowering, target: ast.Subscript, item: Item) -> None:
    """``states[i] = (a, b)``. Raises SourceError for all but one index."""
    assert isinstance(target.value, ast.Name)
    name = target.value.id
    more, indices = subscript_pattern(target)
    items = [lowering.value(convert(index, lowering.text)) for index in indices]
    pattern, values = subscript(lowering, indices, more, items)
    if pattern != ("a",) or values[0].type.rank:
        message = "a list of tuples is changed one item at a time"
        raise lowering.problem(target, message, f"write {name}[i] = ...")
    old = lowering.env[name]
    lists.check_list_change(lowering, target, name, old)

    def stored(one: Item, part: Item) -> Item:
        if isinstance(one, Columns):
            parts = tuples.parts_for(lowering, target, one, part)
            return tuples.each(one, stored, parts)
        part = lists.of_rank(lowering, target, part, one.type.rank - 1, one.type)
        where = lowering.where(target)
        return lowering.builder.emit(
            "store", one, part, values[0], where=where, attributes=(pattern,)
        )

    new = stored(lists.grown(lowering, target, old), item)
    rebind(lowering, name, old, new)


def accumulate(lowering: FunctionLowering, target: ast.Subscript, value: Value) -> None:
    """``np.add.at(x, i, value)``: added as often as the indices name an element."""
    name, array, pattern, operands = _stored(lowering, target)
    _bind(lowering, name, array, value, pattern, operands, target, "accumulate")


def augment(
    lowering: FunctionLowering,
    target: ast.Subscript,
    combine: Callable[[Value], Value],
) -> None:
    """``x[i] += ...``: ``combine`` gives the new elements from the old ones."""
    name, array, pattern, operands = _stored(lowering, target)
    if array.type.of_arrays and pattern == ("a",):
        message = f"this changes an array, and not the list `{name}` alone"
        place = ast.unparse(target)
        hint = f"put a new one there: `{place} = {place} + ...`"
        raise lowering.problem(target, message, hint)
    where = lowering.where(target)
    old = lowering.builder.emit(
        "index", array, *operands, where=where, attributes=(pattern,)
    )
    _bind(lowering, name, array, combine(old), pattern, operands, target)


def _stored(
    lowering: FunctionLowering, target: ast.Subscript
) -> tuple[str, Value, Pattern, list[Value]]:
    """The name of the array, the array, and what stands in the brackets."""
    chain = [target]
    while isinstance(chain[-1].value, ast.Subscript):
        chain.append(chain[-1].value)
    name = chain[-1].value
    if not isinstance(name, ast.Name):
        message = "only an array that has a name can be changed"
        raise lowering.problem(target, message, "give it a name first")
    array = lowering.env.get(name.id)
    if isinstance(array, ListItem):
        array = lists.own_array(lowering, target, name.id, array)
    if not isinstance(array, Value):
        message = f"`{name.id}` is {described(array)}, it cannot be changed"
        if array is None:
            message = f"`{name.id}` is not of this function, it cannot be changed"
        hint = "copy it to an array of the function"
        if isinstance(array, Dictionary):
            hint = "write a name for each of its values"
        raise lowering.problem(target, message, hint)
    pattern: Pattern = ()
    operands: list[Value] = []
    for one in reversed(chain):
        more, indices = subscript_pattern(one)
        items = [lowering.value(convert(index, lowering.text)) for index in indices]
        entries, values = subscript(lowering, indices, more, items)
        if len(chain) > 1 and any(entry != "a" for entry in entries):
            message = "brackets behind brackets may hold only plain indices here"
            raise lowering.problem(target, message, "write x[i, j]")
        if array.type.listed:
            check_list_index(lowering, target, entries, values)
        pattern += entries
        operands += values
    with_rank(lowering, target, array, pattern, operands)
    return name.id, array, pattern, operands


def _stored_value(
    lowering: FunctionLowering,
    target: ast.Subscript,
    array: Value,
    pattern: Pattern,
    item: Item,
) -> Value:
    """What is stored: in an array a number or an array, in a list what it is of."""
    if not array.type.listed:
        return as_array(lowering, target, item)
    rank = array.type.rank - len(pattern)
    if array.type.of_arrays and (len(pattern) > 1 or pattern[-1] != "a"):
        message = "the arrays in a list cannot be changed in part here"
        hint = "put a new array in the place of one: `rows[k] = ...`"
        raise lowering.problem(target, message, hint)
    if pattern[-1] != "a":
        return lists.of_rank(lowering, target, item, rank + 1, array.type)
    return lists.of_rank(lowering, target, item, rank, array.type)


def check_elements(
    lowering: FunctionLowering, node: AnyNode, name: str, array: Value, value: Value
) -> None:
    """Raise SourceError for what an array of whole numbers, or truths, cannot hold."""
    scalar = array.type.scalar
    if not array.type.listed and wider(scalar, value.type.scalar) != scalar:
        held = "whole numbers" if scalar == INT else "truth values"
        kind = "a float" if value.type.real else "a whole number"
        message = f"`{name}` holds {held}, and this is {kind}"
        raise lowering.problem(node, message, "make it an array of floats")


def _bind(
    lowering: FunctionLowering,
    name: str,
    array: Value,
    value: Value,
    pattern: Pattern,
    operands: list[Value],
    target: ast.Subscript,
    operation: str = "store",
) -> None:
    check_elements(lowering, target, name, array, value)
    inside = len(pattern) > 1
    check_change(lowering, target, name, array, lowering.behind, inside)
    if inside:
        check_rows(lowering, target, name, array)
    where = lowering.where(target)
    attributes = (pattern,)
    if array.type.listed > 1 and array.type.rank == value.type.rank + 1:
        _ask_for_length(lowering, target, array, value, operands)
    new = lowering.builder.emit(
        operation, array, value, *operands, where=where, attributes=attributes
    )
    if array.type.listed < 2 and not array.type.of_arrays:  # each is of its own shape
        new.shape = array.shape
    rebind(lowering, name, array, new)


def _ask_for_length(
    lowering: FunctionLowering,
    node: AnyNode,
    array: Value,
    value: Value,
    operands: list[Value],
) -> None:
    """Have the length of a row there that another one takes the place of.

    A reverse sweep asks for it, which is less than the rows.
    """
    if len(operands) == 1:
        row = element(lowering, node, array, operands[0])
        if row.op is not None and row.shape != value.shape:
            row.op.sure = True  # or the store raises
            length(lowering, node, row, 0)
