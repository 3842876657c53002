"""Lists that have one row under several indices, as after ``x[0] = x[1]``.

In the language in the middle each row is a value of its own. In Python a change of one
of its elements is seen under all of its indices, and is therefore refused.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Container, Mapping, Sequence

from adjoint.frontend.arrays.bases import bases_of
from adjoint.frontend.python.item_shapes import leaves
from adjoint.frontend.python.items import Item
from adjoint.frontend.python.lowering import AnyNode, FunctionLowering
from adjoint.ir.program import LOOPS, Op, Value, walk
from adjoint.ir.views import is_view


def check_rows(
    lowering: FunctionLowering,
    node: AnyNode,
    name: str,
    array: Value,
    outside: Container[Value] = (),
) -> None:
    """Raise SourceError where the change of a row may change another row as well.

    ``outside`` are values from before the loop at the end of which that is asked.
    """
    if not array.type.listed or array.type.rank < 2:
        return
    origins = lowering.context.origins
    bases = list(bases_of(array, origins))
    makers = dict.fromkeys(
        base.op for base in bases if base.type.rank > 1 and base.op is not None
    )
    repeated = any(op.operation in LOOPS and _repeats(op, makers) for op in makers)
    again = any(row in outside for op in makers for row in _rows_put(op))
    if repeated or again or any(_shares(op, makers, origins) for op in makers):
        message = f"rows of `{name}` may be one list, under several indices"
        hint = "put a copy of the row there: `.copy()`"
        raise lowering.problem(node, message, hint)


def check_next_rows(
    lowering: FunctionLowering,
    node: ast.For | ast.While,
    following: Mapping[str, Item],
    assigned: Container[str],
) -> None:
    """Raise SourceError where a row that changes may be another one the next time.

    ``following`` is what the names stand for when it begins, ``assigned`` has the names
    that the loop assigns: the others stand for the same in each iteration.
    """
    kept = [item for name, item in lowering.env.items() if name not in assigned]
    outside = {leaf for item in kept for leaf in leaves(item)}
    outside.update(
        array
        for array, item in lowering.context.listed.items()
        if any(item is one for one in kept)
    )
    for name in lowering.changing_inside:
        for leaf in leaves(following.get(name, ())):
            check_rows(lowering, node, name, leaf, outside)


def _rows_put(op: Op) -> list[Value]:
    """The rows that the operation puts into a list."""
    name = op.operation.name
    if name == "display":
        return list(op.operands)
    if name in ("appended", "store") and op.operands[1].type.rank:
        return [op.operands[1]]
    return []


def _shares(op: Op, makers: Collection[Op], origins: Mapping[Value, Value]) -> bool:
    """Whether the operation puts a row where it, or the list, has it already."""
    name = op.operation.name
    if name in ("display", "concatenate"):
        return len({*op.operands}) < len(op.operands)
    for row in _rows_put(op):
        known = set(bases_of(op.operands[0], origins))
        if any(
            base in known and not _is_empty(base) for base in bases_of(row, origins)
        ):
            return name != "store" or not _is_moved(op, row, makers)
    return False


def _is_empty(value: Value) -> bool:
    return value.op is not None and value.op.operation.name == "empty"


def _is_moved(store: Op, row: Value, makers: Collection[Op]) -> bool:
    """Whether the place that the row is from is given another, as where rows swap."""
    array, *place = _origin(row)
    stores = [one for one in makers if one.operation.name == "store"]
    following = {one.operands[0]: one for one in stores}
    while place and array in following:
        later = following[array]
        if later.operands[1].type.rank and [*later.operands[2:]] == place:
            return True
        if later is not store and _origin(later.operands[1])[1:] == place:
            return False
        array = later.results[0]
    return False


def _origin(row: Value) -> Sequence[Value]:
    """The list that a row is from, and its index there."""
    is_row = row.op is not None and row.op.operation.name == "index"
    return [*row.op.operands] if is_row and row.op is not None else [row]


def _repeats(loop: Op, makers: Collection[Op]) -> bool:
    """Whether a loop puts one row into the list again and again."""
    blocks = [loop.blocks[-1], *(b for op in walk(loop.blocks[-1]) for b in op.blocks)]
    inside = {op for block in blocks for op in block.ops}
    made = {p for block in blocks for p in block.parameters}
    made.update(result for op in inside for result in op.results)
    return any(
        _is_one(row, made) for op in makers if op in inside for row in _rows_put(op)
    )


def _is_one(value: Value, made: Container[Value]) -> bool:
    """Whether it is the same in each iteration of the loop that has made the others."""
    if value not in made:
        return True
    op = value.op
    return op is not None and is_view(op) and all(_is_one(v, made) for v in op.operands)
