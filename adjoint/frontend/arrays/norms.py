"""The norms of vectors and of matrices."""

from __future__ import annotations

import math

from adjoint.frontend.arrays.numpy_calls import (
    arguments,
    array,
    as_float,
    axes,
    flag,
)
from adjoint.frontend.python.call import Call
from adjoint.frontend.python.items import Item
from adjoint.ir.program import Value


def norm(call: Call) -> Item:
    """``norm(x, ord, axis, keepdims)``."""
    given = arguments(call, "x", "ord", "axis", "keepdims")
    value = array(call, given["x"])
    axis = axes(call, given.get("axis"), value.type.rank)
    keepdims = flag(call, given.get("keepdims"))
    order = given.get("ord")
    number = order.number if isinstance(order, Value) else None
    count = value.type.rank if axis is None else len(axis)
    if order is None or (count == 2 and order == "fro"):
        return call.emit("norm", value, attributes=(axis, keepdims))
    if count == 2:
        if value.type.rank > 2 or keepdims:
            raise call.problem("this norm is that of one matrix here, and a number")
        return _of_matrix(
            call, as_float(call, value), order if number is None else number
        )
    if count > 2:
        raise call.problem("this norm is that of a vector or of a matrix")
    if number == 2:
        return call.emit("norm", value, attributes=(axis, keepdims))
    size = call.emit("abs", value)
    if number == 1:
        return call.emit("sum", size, attributes=(axis, keepdims))
    if number == math.inf:
        return call.emit("amax", size, attributes=(axis, keepdims))
    raise call.problem("the order of a norm is 1, 2 or inf here")


def _of_matrix(call: Call, value: Value, order: Item) -> Item:
    """That of singular values, or the greatest sum of a row or column."""
    if order in ("nuc", 2):
        name = "sum" if order == "nuc" else "amax"
        return call.emit(name, singular_values(call, value), attributes=(None, False))
    if order not in (1, math.inf):
        raise call.problem(
            'the order of the norm of a matrix is "fro", "nuc", 1, 2 or inf here'
        )
    size = call.emit("abs", value)
    sums = call.emit("sum", size, attributes=((0 if order == 1 else 1,), False))
    return call.emit("amax", sums, attributes=(None, False))


def singular_values(call: Call, matrix: Value) -> Value:
    """Those of a matrix, the greatest first."""
    return call.emit("svdvals", matrix)
