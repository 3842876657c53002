"""The functions of NumPy that move elements: reshape, stack, roll, diag, sort ..."""

from __future__ import annotations

from collections.abc import Sequence

from adjoint.frontend.arrays.access import shape
from adjoint.frontend.arrays.numpy_calls import (
    Lower,
    arguments,
    array,
    axes,
    one_axis,
    raveled,
    sizes,
    whole,
    whole_number,
)
from adjoint.frontend.python.call import Call
from adjoint.frontend.python.items import Item
from adjoint.ir.program import Value


def _shape(call: Call) -> Item:
    return shape(call.lowering, call.node, array(call, call.items(1)[0]))


def _size(call: Call) -> Item:
    return call.emit("size", array(call, call.items(1)[0]))


def _rank(call: Call) -> Item:
    return call.constant(array(call, call.items(1)[0]).type.rank)


def _reshape(call: Call) -> Item:
    first, *rest = call.items(*range(2, 32))
    wanted = rest[0] if len(rest) == 1 else tuple(rest)
    value = array(call, first)
    if not value.type.rank:  # Python's numbers have no methods
        value = raveled(call, value)
    return call.emit("reshape", value, *sizes(call, wanted))


def _ravel(call: Call) -> Item:
    return raveled(call, array(call, call.items(1)[0]))


def _flatten(call: Call) -> Item:
    return call.emit("copy", _ravel(call))


def _transpose(call: Call) -> Item:
    first, *rest = call.items(*range(1, 32))
    value = array(call, first)
    rank = value.type.rank
    order: tuple[int, ...] = tuple(reversed(range(rank)))
    if rest:
        items = rest[0] if isinstance(rest[0], tuple) else tuple(rest)
        order = tuple([one_axis(call, one, rank) for one in items])
        if sorted(order) != list(range(rank)):
            raise call.problem("every axis has to stand once in the order of the axes")
    return call.emit("transpose", value, attributes=(order,))


def _swapaxes(call: Call) -> Item:
    first, *rest = call.items(3)
    value = array(call, first)
    a, b = (one_axis(call, one, value.type.rank) for one in rest)
    order = list(range(value.type.rank))
    order[a], order[b] = b, a
    return call.emit("transpose", value, attributes=(tuple(order),))


def _moveaxis(call: Call) -> Item:
    first, *rest = call.items(3)
    value = array(call, first)
    a, b = (one_axis(call, one, value.type.rank) for one in rest)
    order = [at for at in range(value.type.rank) if at != a]
    order.insert(b, a)
    return call.emit("transpose", value, attributes=(tuple(order),))


def _expand_dims(call: Call) -> Item:
    given = arguments(call, "a", "axis", needed=2)
    value = array(call, given["a"])
    more = len(given["axis"]) if isinstance(given["axis"], tuple) else 1
    axis = axes(call, given["axis"], value.type.rank + more)
    return call.emit("expand_dims", value, attributes=(axis,))


def _squeeze(call: Call) -> Item:
    given = arguments(call, "a", "axis")
    value = array(call, given["a"])
    if "axis" not in given:
        message = "which axes are squeezed has to be written"
        raise call.problem(message, "say axis=...")
    axis = axes(call, given["axis"], value.type.rank)
    return call.emit("squeeze", value, attributes=(axis,))


def _broadcast_to(call: Call) -> Item:
    value, wanted = call.items(2)
    return call.emit("broadcast_to", array(call, value), *sizes(call, wanted))


def _several(call: Call, item: Item) -> list[Value]:
    if not isinstance(item, tuple) or not item:
        raise call.problem(f"`{call.name}` takes a tuple or a list of arrays")
    return [array(call, one) for one in item]


def _grown(item: Item) -> Value | None:
    """The list of arrays, where it is known only when it runs how many there are."""
    return item if isinstance(item, Value) and item.type.of_arrays else None


def _joined_items(call: Call, grown: Value, axis: int) -> Value:
    return call.emit("joined_items", grown, attributes=(axis,))


def _stacked_items(call: Call, grown: Value, axis: int) -> Value:
    return call.emit("stacked_items", grown, attributes=(axis,))


def _concatenate(call: Call) -> Item:
    given = arguments(call, "arrays", "axis", optional=frozenset())
    grown = _grown(given["arrays"])
    if grown is not None:
        axis = one_axis(call, given.get("axis", call.constant(0)), grown.type.rank - 1)
        return _joined_items(call, grown, axis)
    values = _several(call, given["arrays"])
    rank = values[0].type.rank
    axis = one_axis(call, given["axis"], rank) if rank and "axis" in given else 0
    return _concatenated(call, values, axis)


def _concatenated(call: Call, values: Sequence[Value], axis: int) -> Value:
    """Arrays one behind the other along an axis that all of them have."""
    ranks = {value.type.rank for value in values}
    if len(ranks) > 1 or ranks <= {*range(axis + 1)}:
        raise call.problem("what is concatenated has to be arrays of one rank")
    return call.emit("concatenate", *values, attributes=(axis,))


def _as_matrices(
    call: Call, values: Sequence[Value], of_vector: int
) -> Sequence[Value]:
    """Numbers and vectors as matrices: a vector has an axis of length 1 more."""
    more = {0: (0, 1), 1: (of_vector,)}
    return [
        (
            call.emit("expand_dims", one, attributes=(more[one.type.rank],))
            if one.type.rank in more
            else one
        )
        for one in values
    ]


def _stack(call: Call) -> Item:
    given = arguments(call, "arrays", "axis", optional=frozenset())
    grown = _grown(given["arrays"])
    if grown is not None:
        axis = one_axis(call, given.get("axis", call.constant(0)), grown.type.rank)
        return _stacked_items(call, grown, axis)
    values = _several(call, given["arrays"])
    return stacked(call, values, given.get("axis"))


def stacked(call: Call, values: list[Value], axis: Item | None) -> Value:
    """Arrays of one shape along a new axis, by default the first."""
    if len({value.type.rank for value in values}) > 1:
        raise call.problem("what is stacked has to be arrays of one rank")
    rank = values[0].type.rank + 1
    at = one_axis(call, axis, rank) if axis is not None else 0
    if rank == 1:
        return call.emit("pack", *values)
    return call.emit("stack", *values, attributes=(at,))


def _hstack(call: Call) -> Item:
    grown = _grown(call.items(1)[0])
    if grown is not None:
        return _joined_items(call, grown, 0 if grown.type.rank == 2 else 1)
    values = _several(call, call.items(1)[0])
    values = [v if v.type.rank else call.emit("pack", v) for v in values]
    return _concatenated(call, values, 0 if values[0].type.rank == 1 else 1)


def _vstack(call: Call) -> Item:
    grown = _grown(call.items(1)[0])
    if grown is not None:
        join = _stacked_items if grown.type.rank == 2 else _joined_items
        return join(call, grown, 0)
    values = _several(call, call.items(1)[0])
    return _concatenated(call, _as_matrices(call, values, 0), 0)


def _column_stack(call: Call) -> Item:
    grown = _grown(call.items(1)[0])
    if grown is not None:
        join = _stacked_items if grown.type.rank == 2 else _joined_items
        return join(call, grown, 1)
    values = _several(call, call.items(1)[0])
    return _concatenated(call, _as_matrices(call, values, 1), 1)


def _columns(call: Call) -> Item:
    """``np.c_[x, y]``: vectors as columns, side by side; matrices as they are."""
    values = _several(call, call.items(1)[0])
    if any(value.type.rank > 2 for value in values):
        raise call.problem("`np.c_` is of vectors and matrices here")
    return _concatenated(call, _as_matrices(call, values, 1), 1)


def _in_a_row(call: Call) -> Item:
    """``np.r_[x, 1.0, y]``: one behind the other, along the first axis."""
    values = _several(call, call.items(1)[0])
    values = [v if v.type.rank else raveled(call, v) for v in values]
    return _concatenated(call, values, 0)


def _block(call: Call) -> Item:
    """Blocks in nested lists: the innermost along the last axis, and so on."""
    (item,) = call.items(1)
    depth, inner = 0, item
    while isinstance(inner, tuple) and inner:
        depth, inner = depth + 1, inner[0]
    return _of_blocks(call, item, depth, depth)


def _of_blocks(call: Call, item: Item, depth: int, least: int) -> Value:
    if depth:
        if not isinstance(item, tuple) or not item:
            raise call.problem("the lists of `block` are nested alike, none is empty")
        parts = [_of_blocks(call, one, depth - 1, least) for one in item]
        return _concatenated(call, parts, parts[0].type.rank - depth)
    value = array(call, item)
    if value.type.rank > least:
        raise call.problem(f"these blocks are of rank {least} at most here")
    more = tuple(range(least - value.type.rank))
    return call.emit("expand_dims", value, attributes=(more,)) if more else value


def _tile(call: Call) -> Item:
    value, reps = call.items(2)
    counts = reps if isinstance(reps, tuple) else (reps,)
    numbers = tuple([whole(call, one, "the repetitions") for one in counts])
    return call.emit("tile", array(call, value), attributes=(numbers,))


def _repeat(call: Call) -> Item:
    given = arguments(call, "a", "repeats", "axis", needed=2)
    value = array(call, given["a"])
    repeats = whole_number(call, given["repeats"])
    if "axis" not in given:
        value, axis = raveled(call, value), 0
    else:
        axis = one_axis(call, given["axis"], value.type.rank)
    return call.emit("repeat", value, repeats, attributes=(axis,))


def _roll(call: Call) -> Item:
    given = arguments(call, "a", "shift", "axis", needed=2)
    value = array(call, given["a"])
    shift = whole_number(call, given["shift"])
    axis = (
        one_axis(call, given["axis"], value.type.rank)
        if "axis" in given
        else 0 if value.type.rank == 1 else None
    )
    return call.emit("roll", value, shift, attributes=(axis,))


def _flip(axis: int | None = None) -> Lower:
    def lower(call: Call) -> Item:
        given = arguments(call, "a", "axis")
        value = array(call, given["a"])
        wanted = axes(call, given.get("axis"), value.type.rank)
        if axis is not None:
            wanted = (axis,)
        if wanted is None:
            wanted = tuple(range(value.type.rank))
        return call.emit("flip", value, attributes=(wanted,))

    return lower


def _diff(call: Call) -> Item:
    given = arguments(call, "a", "n", "axis", optional=frozenset())
    value = array(call, given["a"])
    times = whole(call, given["n"], "the order") if "n" in given else 1
    rank = value.type.rank
    axis = one_axis(call, given["axis"], rank) if "axis" in given else rank - 1
    for _ in range(times):
        before = [":"] * axis
        one, last = call.constant(1), call.constant(-1)
        behind = call.emit("index", value, one, attributes=((*before, "a:"),))
        front = call.emit("index", value, last, attributes=((*before, ":a"),))
        behind.shape = front.shape
        value = call.emit("sub", behind, front)
    return value


def _diag(call: Call) -> Item:
    value, offset = _with_offset(call)
    name = "diag" if value.type.rank == 1 else "diagonal"
    return call.emit(name, value, attributes=(offset,))


def _diagonal(call: Call) -> Item:
    value, offset = _with_offset(call)
    return call.emit("diagonal", value, attributes=(offset,))


def _trace(call: Call) -> Item:
    return call.emit("sum", _diagonal(call), attributes=(None, False))


def _with_offset(call: Call) -> tuple[Value, int]:
    given = arguments(call, "a", "k", "offset")
    value = array(call, given["a"])
    if value.type.rank not in (1, 2):
        raise call.problem(f"`{call.name}` is that of a matrix or a vector here")
    offset = given.get("k", given.get("offset"))
    return value, whole(call, offset, "the offset") if offset is not None else 0


def _triangle(name: str) -> Lower:
    def lower(call: Call) -> Item:
        value, offset = _with_offset(call)
        if value.type.rank < 2:  # NumPy repeats the row
            raise call.problem(f"`{call.name}` is that of matrices here")
        return call.emit(name, value, attributes=(offset,))

    return lower


def _take(call: Call) -> Item:
    given = arguments(call, "a", "indices", "axis", needed=2)
    value, index = array(call, given["a"]), array(call, given["indices"])
    if not index.type.rank:
        index = call.lowering.whole(index, call.node)
    if "axis" not in given:
        value, axis = raveled(call, value), 0
    else:
        axis = one_axis(call, given["axis"], value.type.rank)
    return call.emit("index", value, index, attributes=((*([":"] * axis), "a"),))


def _item(call: Call) -> Item:
    """``x.item()``, of an array of one element."""
    first, *indices = call.items(*range(1, 32))
    value = array(call, first)
    if not indices:
        value = raveled(call, value)
        indices = [call.constant(0)]
    whole_indices = [call.lowering.whole(i, call.node) for i in indices]
    pattern = ("a",) * len(whole_indices)
    return call.emit("index", value, *whole_indices, attributes=(pattern,))


METHODS: dict[str, Lower] = {
    "reshape": _reshape,
    "ravel": _ravel,
    "flatten": _flatten,
    "transpose": _transpose,
    "swapaxes": _swapaxes,
    "squeeze": _squeeze,
    "repeat": _repeat,
    "diagonal": _diagonal,
    "trace": _trace,
    "take": _take,
    "item": _item,
}

FUNCTIONS: dict[str, Lower] = {
    **{name: METHODS[name] for name in METHODS if name != "flatten"},
    "shape": _shape,
    "size": _size,
    "ndim": _rank,
    "moveaxis": _moveaxis,
    "expand_dims": _expand_dims,
    "broadcast_to": _broadcast_to,
    "concatenate": _concatenate,
    "stack": _stack,
    "hstack": _hstack,
    "vstack": _vstack,
    "column_stack": _column_stack,
    "c_": _columns,
    "r_": _in_a_row,
    "block": _block,
    "tile": _tile,
    "roll": _roll,
    "diff": _diff,
    "diag": _diag,
    "flip": _flip(),
    "flipud": _flip(0),
    "fliplr": _flip(1),
    "triu": _triangle("triu"),
    "tril": _triangle("tril"),
}
