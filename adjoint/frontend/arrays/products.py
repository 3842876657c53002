"""The products of NumPy: dot, outer, kron, einsum ..."""

from __future__ import annotations

from adjoint.frontend.arrays.numpy_calls import (
    Lower,
    arguments,
    array,
    one_axis,
    one_length,
    raveled,
    whole,
)
from adjoint.frontend.arrays.shapes import stacked
from adjoint.frontend.python.call import Call
from adjoint.frontend.python.items import Item
from adjoint.ir.program import Value


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
        call.emit("mul", one_length(call, a, at), one_length(call, b, at))
        for at in range(rank)
    ]
    return call.emit("reshape", call.emit("mul", wide, tall), *lengths)


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
    return stacked(call, parts, call.constant(-1))


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
    for at, part in enumerate(labels):
        if len(part) == 2 and part[0] == part[1]:  # as einsum itself goes along it
            values[at] = call.emit("diagonal", values[at], attributes=(0,))
            labels[at] = part[0]
    inputs = ",".join(labels)
    for part in labels:
        if len(set(part)) < len(part) or not part.isalpha():
            message = "subscripts are letters here, each once for an array, or `ii`"
            raise call.problem(message, "use `diagonal`, and write out what `...` is")
    if len(set(output)) < len(output) or not {*output} <= {*inputs}:
        raise call.problem("behind the arrow stands each letter once, and no new one")
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
    if len(left) != len(right) or len(set(left)) < len(left):
        raise call.problem("as many axes of the one as of the other are summed over")
    return _contracted(call, (a, b), (left, right))


def _contracted(
    call: Call, pair: tuple[Value, Value], summed: tuple[list[int], list[int]]
) -> Item:
    """A product of two matrices, whose rows and columns are axes, or several of them.

    So NumPy computes it; `einsum` adds in another order.
    """
    if len(summed[0]) > 1:  # else the product of the matrices says it
        for first, second in zip(*summed, strict=True):
            same = call.emit(
                "eq",
                one_length(call, pair[0], first),
                one_length(call, pair[1], second),
            )
            where = call.lowering.where(call.node)
            message = 'ValueError("shape-mismatch for sum")'
            call.lowering.builder.guard(same, message, where)
    matrices, lengths = [], []
    for at, (value, axes) in enumerate(zip(pair, summed, strict=True)):
        kept = [axis for axis in range(value.type.rank) if axis not in axes]
        lengths += [one_length(call, value, axis) for axis in kept]
        groups = (kept, axes) if at == 0 else (axes, kept)
        matrices.append(_as_matrix(call, value, *groups))
    product = call.emit("matmul", *matrices)
    if not lengths:
        zero = call.constant(0)
        return call.emit("index", product, zero, zero, attributes=(("a", "a"),))
    if len(lengths) == 2 and all(
        len(axes) < value.type.rank for axes, value in zip(summed, pair, strict=True)
    ):
        return product
    return call.emit("reshape", product, *lengths)


def _as_matrix(call: Call, value: Value, rows: list[int], columns: list[int]) -> Value:
    """The array with some axes as its rows, and the others as its columns."""
    order = (*rows, *columns)
    if order != tuple(range(value.type.rank)):
        value = call.emit("transpose", value, attributes=(order,))
    if len(rows) == len(columns) == 1:
        return value
    sizes = []
    for start, axes in ((0, rows), (len(rows), columns)):
        size = call.constant(1)
        for axis in range(start, start + len(axes)):
            size = call.emit("mul", size, one_length(call, value, axis))
        sizes.append(size)
    return call.emit("reshape", value, *sizes)


def _convolve(call: Call) -> Item:
    given = arguments(call, "a", "v", "mode", needed=2)
    a, v = _rows(call, given["a"], given["v"])
    return _middle(call, a, v, given.get("mode", "full"))


def _correlate(call: Call) -> Item:
    """The convolution with the second row turned round.

    Where the first is the shorter one, NumPy turns the result of the two exchanged, so
    that its middle is that from the other end.
    """
    given = arguments(call, "a", "v", "mode", needed=2)
    a, v = _rows(call, given["a"], given["v"])
    turned = call.emit("flip", v, attributes=((0,),))
    exchanged = call.emit("lt", one_length(call, a, 0), one_length(call, v, 0))
    return _middle(call, a, turned, given.get("mode", "valid"), exchanged)


def _rows(call: Call, *items: Item) -> list[Value]:
    rows = [array(call, item) for item in items]
    if any(row.type.rank != 1 for row in rows):
        raise call.problem(f"`{call.name}` is of two arrays of rank 1")
    return rows


def _middle(
    call: Call, a: Value, v: Value, mode: Item, exchanged: Value | None = None
) -> Value:
    """The convolution, or that part of it that the mode says."""
    if mode not in ("full", "same", "valid"):
        raise call.problem("the mode is 'full', 'same' or 'valid'")
    found = call.emit("convolve", a, v)
    if mode == "full":
        return found
    lengths = one_length(call, a, 0), one_length(call, v, 0)
    shorter, longer = call.emit("min", *lengths), call.emit("max", *lengths)
    start, one = call.emit("sub", shorter, call.constant(1)), call.constant(1)
    size = longer
    if mode == "same":
        if exchanged is not None:
            start = call.emit("add", start, exchanged)
        start = call.emit("floordiv", start, call.constant(2))
    else:
        size = call.emit("add", call.emit("sub", longer, shorter), one)
    end = call.emit("add", start, size)
    return call.emit("index", found, start, end, attributes=(("a:a",),))


METHODS: dict[str, Lower] = {
    "dot": _dot,
}

FUNCTIONS: dict[str, Lower] = {
    **METHODS,
    "matmul": _matmul,
    "inner": _inner,
    "vdot": _vdot,
    "outer": _outer,
    "kron": _kron,
    "cross": _cross,
    "einsum": _einsum,
    "tensordot": _tensordot,
    "convolve": _convolve,
    "correlate": _correlate,
}
