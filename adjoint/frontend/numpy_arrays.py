"""The functions of NumPy that move elements, make arrays, or multiply matrices."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from adjoint.frontend.function_arrays import length, packed, shape
from adjoint.frontend.function_items import Item
from adjoint.frontend.numpy_calls import (
    arguments,
    array,
    as_float,
    axes,
    one_axis,
    raveled,
    sizes,
    whole,
)
from adjoint.ir.program import Value

if TYPE_CHECKING:
    from adjoint.frontend.function_call import Call

Lower = Callable[["Call"], Item]


# -- shapes


def _shape(call: Call) -> Item:
    return shape(call.lowering, call.node, array(call, call.items(1)[0]))


def _size(call: Call) -> Item:
    return call.emit("size", array(call, call.items(1)[0]))


def _rank(call: Call) -> Item:
    return call.constant(array(call, call.items(1)[0]).type.rank)


def _reshape(call: Call) -> Item:
    first, *rest = call.items(*range(2, 32))
    wanted = rest[0] if len(rest) == 1 else tuple(rest)
    return call.emit("reshape", array(call, first), *sizes(call, wanted))


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


def _concatenate(call: Call) -> Item:
    given = arguments(call, "arrays", "axis")
    values = _several(call, given["arrays"])
    rank = values[0].type.rank
    if len({value.type.rank for value in values}) > 1 or not rank:
        raise call.problem("what is concatenated has to be arrays of one rank")
    axis = one_axis(call, given["axis"], rank) if "axis" in given else 0
    return call.emit("concatenate", *values, attributes=(axis,))


def _stack(call: Call) -> Item:
    given = arguments(call, "arrays", "axis")
    values = _several(call, given["arrays"])
    return _stacked(call, values, given.get("axis"))


def _stacked(call: Call, values: list[Value], axis: Item | None) -> Value:
    if len({value.type.rank for value in values}) > 1:
        raise call.problem("what is stacked has to be arrays of one rank")
    rank = values[0].type.rank + 1
    at = one_axis(call, axis, rank) if axis is not None else 0
    if rank == 1:
        return call.emit("pack", *values)
    return call.emit("stack", *values, attributes=(at,))


def _hstack(call: Call) -> Item:
    values = _several(call, call.items(1)[0])
    values = [v if v.type.rank else call.emit("pack", v) for v in values]
    axis = 0 if values[0].type.rank == 1 else 1
    return call.emit("concatenate", *values, attributes=(axis,))


def _vstack(call: Call) -> Item:
    values = _several(call, call.items(1)[0])
    rows = [
        call.emit("expand_dims", v, attributes=((0,),)) if v.type.rank == 1 else v
        for v in values
    ]
    return call.emit("concatenate", *rows, attributes=(0,))


def _column_stack(call: Call) -> Item:
    values = _several(call, call.items(1)[0])
    columns = [
        call.emit("expand_dims", v, attributes=((1,),)) if v.type.rank == 1 else v
        for v in values
    ]
    return call.emit("concatenate", *columns, attributes=(1,))


def _tile(call: Call) -> Item:
    value, reps = call.items(2)
    counts = reps if isinstance(reps, tuple) else (reps,)
    numbers = tuple([whole(call, one, "the repetitions") for one in counts])
    return call.emit("tile", array(call, value), attributes=(numbers,))


def _repeat(call: Call) -> Item:
    given = arguments(call, "a", "repeats", "axis", needed=2)
    value = array(call, given["a"])
    repeats = whole(call, given["repeats"], "the repetitions")
    if "axis" not in given:
        value, axis = raveled(call, value), 0
    else:
        axis = one_axis(call, given["axis"], value.type.rank)
    return call.emit("repeat", value, attributes=(repeats, axis))


def _roll(call: Call) -> Item:
    given = arguments(call, "a", "shift", "axis", needed=2)
    value = array(call, given["a"])
    shift = call.lowering.whole(
        call.lowering.checked(given["shift"], call.node), call.node
    )
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
    given = arguments(call, "a", "n", "axis")
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


def _sorted(name: str) -> Lower:
    def lower(call: Call) -> Item:
        given = arguments(call, "a", "axis")
        value = array(call, given["a"])
        rank = value.type.rank
        axis = one_axis(call, given["axis"], rank) if "axis" in given else rank - 1
        return call.emit(name, value, attributes=(axis,))

    return lower


# -- creation


def _filled(name: str) -> Lower:
    def lower(call: Call) -> Item:
        given = arguments(call, "shape", "dtype")
        return call.emit(name, *sizes(call, given["shape"]))

    return lower


def _full(call: Call) -> Item:
    given = arguments(call, "shape", "fill_value", "dtype", needed=2)
    value = as_float(call, call.lowering.checked(given["fill_value"], call.node))
    return call.emit("full", value, *sizes(call, given["shape"]))


def _filled_like(name: str) -> Lower:
    def lower(call: Call) -> Item:
        given = arguments(call, "a", "dtype")
        return call.emit(name, array(call, given["a"]))

    return lower


def _full_like(call: Call) -> Item:
    given = arguments(call, "a", "fill_value", needed=2)
    value = call.lowering.checked(given["fill_value"], call.node)
    return call.emit("full_like", array(call, given["a"]), value)


def _arange(call: Call) -> Item:
    given = arguments(call, "start", "stop", "step", "dtype")
    values = [
        call.lowering.checked(given[name], call.node)
        for name in ("start", "stop", "step")
        if name in given
    ]
    if len(values) == 1:
        values.insert(0, call.constant(0))
    if len(values) == 2:
        values.append(call.constant(1))
    return call.emit("arange", *values)


def _linspace(call: Call) -> Item:
    given = arguments(call, "start", "stop", "num", needed=2)
    start, stop = (
        call.lowering.checked(given[name], call.node) for name in ("start", "stop")
    )
    number = given.get("num", call.constant(50))
    count = call.lowering.whole(call.lowering.checked(number, call.node), call.node)
    return call.emit("linspace", start, stop, count)


def _eye(call: Call) -> Item:
    given = arguments(call, "N", "M", "k")
    rows = sizes(call, given["N"])[0]
    columns = sizes(call, given["M"])[0] if "M" in given else rows
    offset = whole(call, given["k"], "the offset") if "k" in given else 0
    return call.emit("eye", rows, columns, attributes=(offset,))


def _array(call: Call) -> Item:
    """A new array: what is stored in it does not change the one that it is made of."""
    given = arguments(call, "a", "dtype")
    if isinstance(given["a"], tuple):
        value = packed(call.lowering, call.node, given["a"])
    else:
        value = call.emit("copy", array(call, given["a"]))
    return as_float(call, value) if _wants_float(call) else value


def _asarray(call: Call) -> Item:
    value = array(call, arguments(call, "a", "dtype")["a"])
    return as_float(call, value) if _wants_float(call) else value


def _astype(call: Call) -> Item:
    return as_float(call, array(call, call.items(1, 2)[0]))


def _wants_float(call: Call) -> bool:
    return "dtype" in call.keywords or len(call.arguments) > 1


def _copy(call: Call) -> Item:
    return call.emit("copy", array(call, call.items(1)[0]))


# -- products


def _matmul(call: Call) -> Item:
    a, b = (array(call, item) for item in call.items(2))
    if not a.type.rank or not b.type.rank:
        raise call.problem("`matmul` is of arrays, and this is a number")
    return call.emit("matmul", a, b)


def _dot(call: Call) -> Item:
    a, b = (array(call, item) for item in call.items(2))
    if not a.type.rank or not b.type.rank:
        return call.emit("mul", a, b)
    if a.type.rank > 2 or b.type.rank > 2:
        raise call.problem("`dot` is that of vectors and matrices here", "write `@`")
    return call.emit("matmul", a, b)


def _inner(call: Call) -> Item:
    a, b = (array(call, item) for item in call.items(2))
    if not a.type.rank or not b.type.rank:
        return call.emit("mul", a, b)
    if b.type.rank == 2:
        b = call.emit("transpose", b, attributes=((1, 0),))
    if a.type.rank > 2 or b.type.rank > 2:
        raise call.problem("`inner` is that of vectors and matrices here")
    return call.emit("matmul", a, b)


def _vdot(call: Call) -> Item:
    a, b = (raveled(call, array(call, item)) for item in call.items(2))
    return call.emit("matmul", a, b)


def _outer(call: Call) -> Item:
    a, b = (raveled(call, array(call, item)) for item in call.items(2))
    return call.emit("outer", a, b)


def _kron(call: Call) -> Item:
    """Products of all pairs: an outer product, with the axes in another order."""
    a, b = (array(call, item) for item in call.items(2))
    rank = a.type.rank
    if rank not in (1, 2) or b.type.rank != rank:
        raise call.problem("`kron` is that of two vectors or of two matrices here")
    wide = call.emit("expand_dims", a, attributes=(tuple(range(1, 2 * rank, 2)),))
    tall = call.emit("expand_dims", b, attributes=(tuple(range(0, 2 * rank, 2)),))
    lengths = [
        call.emit("mul", _length(call, a, at), _length(call, b, at))
        for at in range(rank)
    ]
    return call.emit("reshape", call.emit("mul", wide, tall), *lengths)


def _length(call: Call, value: Value, axis: int) -> Value:
    return length(call.lowering, call.node, value, axis)


def _cross(call: Call) -> Item:
    a, b = (array(call, item) for item in call.items(2))
    if a.type.rank == 0 or b.type.rank == 0:
        raise call.problem("`cross` is that of vectors")

    def part(value: Value, at: int) -> Value:
        number = call.constant(at)
        return call.emit("index", value, number, attributes=(("...", "a"),))

    parts = []
    for first, second in ((1, 2), (2, 0), (0, 1)):
        left = call.emit("mul", part(a, first), part(b, second))
        right = call.emit("mul", part(a, second), part(b, first))
        parts.append(call.emit("sub", left, right))
    return _stacked(call, parts, call.constant(-1))


def _einsum(call: Call) -> Item:
    text, *items = call.items(*range(2, 32))
    if not isinstance(text, str):
        raise call.problem("the subscripts of `einsum` have to be written as a text")
    values = [array(call, item) for item in items]
    subscripts = text.replace(" ", "")
    inputs, arrow, output = subscripts.partition("->")
    labels = inputs.split(",")
    if not arrow:
        every = "".join(labels)
        output = "".join(sorted({one for one in every if every.count(one) == 1}))
    if len(labels) != len(values) or any(
        len(part) != value.type.rank
        for part, value in zip(labels, values, strict=False)
    ):
        raise call.problem("the subscripts do not fit the arrays")
    for part in labels:
        if len(set(part)) < len(part) or not part.isalpha():
            message = "subscripts are letters here, each once for each array"
            raise call.problem(message, "use `diagonal`, and write out what `...` is")
    return call.emit("einsum", *values, attributes=(f"{inputs}->{output}",))


def _tensordot(call: Call) -> Item:
    given = arguments(call, "a", "b", "axes", needed=2)
    a, b = array(call, given["a"]), array(call, given["b"])
    axes_item = given.get("axes", call.constant(2))
    if isinstance(axes_item, tuple):
        parts = [one if isinstance(one, tuple) else (one,) for one in axes_item]
        left = [one_axis(call, one, a.type.rank) for one in parts[0]]
        right = [one_axis(call, one, b.type.rank) for one in parts[1]]
    else:
        count = whole(call, axes_item, "the axes")
        left = list(range(a.type.rank - count, a.type.rank))
        right = list(range(count))
    first = [chr(ord("a") + at) for at in range(a.type.rank)]
    second = [chr(ord("a") + a.type.rank + at) for at in range(b.type.rank)]
    for one, two in zip(left, right, strict=True):
        second[two] = first[one]
    output = [label for label in first if label not in second]
    output += [label for label in second if label not in first]
    subscripts = f"{''.join(first)},{''.join(second)}->{''.join(output)}"
    return call.emit("einsum", a, b, attributes=(subscripts,))


# -- linear algebra


def _matrix(call: Call, item: Item) -> Value:
    value = array(call, item)
    if value.type.rank != 2:
        raise call.problem(f"`{call.name}` is that of one matrix here")
    return as_float(call, value)


def _of_matrix(name: str) -> Lower:
    def lower(call: Call) -> Item:
        return call.emit(name, _matrix(call, call.items(1)[0]))

    return lower


def _solve(call: Call) -> Item:
    a, b = call.items(2)
    right = array(call, b)
    if right.type.rank not in (1, 2):
        raise call.problem("`solve` takes a vector or a matrix on the right")
    return call.emit("solve", _matrix(call, a), right)


def _slogdet(call: Call) -> Item:
    matrix = _matrix(call, call.items(1)[0])
    return call.emit("slogdet_sign", matrix), call.emit("slogdet", matrix)


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


LINALG: dict[str, Lower] = {
    "solve": _solve,
    "slogdet": _slogdet,
    **{name: _of_matrix(name) for name in ("inv", "det", "cholesky")},
}

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
    "dot": _dot,
    "copy": _copy,
    "astype": _astype,
    "argsort": _sorted("argsort"),
    "item": _item,
}

FUNCTIONS: dict[str, Lower] = {
    **{name: METHODS[name] for name in METHODS if name not in ("flatten", "astype")},
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
    "tile": _tile,
    "roll": _roll,
    "diff": _diff,
    "diag": _diag,
    "flip": _flip(),
    "flipud": _flip(0),
    "fliplr": _flip(1),
    "triu": _triangle("triu"),
    "tril": _triangle("tril"),
    "sort": _sorted("sort"),
    "zeros": _filled("zeros"),
    "ones": _filled("ones"),
    "full": _full,
    "empty": _filled("zeros"),
    **{name: _filled_like(name) for name in ("zeros_like", "ones_like")},
    "empty_like": _filled_like("zeros_like"),
    "full_like": _full_like,
    "arange": _arange,
    "linspace": _linspace,
    "eye": _eye,
    "identity": _eye,
    "array": _array,
    "asarray": _asarray,
    "matmul": _matmul,
    "inner": _inner,
    "vdot": _vdot,
    "outer": _outer,
    "kron": _kron,
    "cross": _cross,
    "einsum": _einsum,
    "tensordot": _tensordot,
}
