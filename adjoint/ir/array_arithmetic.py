"""Array operations on NumPy arrays, for the interpreter: of floats, or of any numbers.

An arithmetic of numbers is lifted to arrays: its functions are applied element by
element, and sums and products are made of its additions and multiplications. So one
definition serves floats and, as arrays of objects, 50-digit numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from adjoint.ir.arithmetic import Arithmetic
from adjoint.ir.linalg_arithmetic import linear_algebra
from adjoint.ir.subscripts import subscript


class OnArrays(dict[str, Callable[..., Any]]):
    """An arithmetic of numbers and arrays."""


def lifted(arithmetic: Arithmetic) -> OnArrays:
    """The arithmetic with arrays, and with the operations of arrays."""
    if isinstance(arithmetic, OnArrays):
        return arithmetic
    numbers = {name: _elementwise(function) for name, function in arithmetic.items()}
    arrays = _ARRAYS | _transcendental(numbers)
    given = {name: _giving_numbers(function) for name, function in arrays.items()}
    return OnArrays(numbers | given)


def _elementwise(function: Callable[..., Any]) -> Callable[..., Any]:
    def on_arrays(*operands: Any) -> Any:
        if not any(isinstance(operand, np.ndarray) for operand in operands):
            return function(*operands)
        arrays = np.broadcast_arrays(*[np.asarray(o, dtype=object) for o in operands])
        result = np.empty(arrays[0].shape, dtype=object)
        for at in np.ndindex(result.shape):
            result[at] = on_arrays(*[array[at] for array in arrays])
        return _plain(result)

    return on_arrays


def _giving_numbers(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, with a number for an array without axes."""
    return lambda *operands: _item(function(*operands))


def _plain(array: Any) -> Any:
    """An array of Python's numbers as one of NumPy's; a number as itself."""
    if array.ndim == 0:
        return array.item()
    kinds = {type(one) for one in array.flat}
    for kind in (bool, int, float):
        if kinds <= {kind} and kinds:
            return array.astype(kind)
    return array.astype(float) if kinds <= {int, float, bool} else array


def _item(result: Any) -> Any:
    """A number for an array without axes."""
    if isinstance(result, np.generic):
        return result.item()
    if isinstance(result, np.ndarray) and result.ndim == 0:
        return result.item()
    return result


def _index(a: Any, *rest: Any) -> Any:
    *indices, pattern = rest
    return _item(np.asarray(a)[subscript(indices, pattern)])


def _store(a: Any, v: Any, *rest: Any) -> Any:
    *indices, pattern = rest
    result = _writable(a, v)
    result[subscript(indices, pattern)] = v
    return result


def _accumulate(a: Any, v: Any, *rest: Any) -> Any:
    *indices, pattern = rest
    one = pattern == ("a",) and not np.ndim(indices[0])
    if one and np.ndim(v) == np.ndim(a):
        # arrays of several shapes are objects in a row
        result = np.array(a, dtype=object)
        result[indices[0]] = result[indices[0]] + v
        return result
    result = _writable(a, v)
    np.add.at(result, subscript(indices, pattern), v)
    return result


def _writable(a: Any, v: Any) -> Any:
    return np.array(a, dtype=np.result_type(np.asarray(a), np.asarray(v)))


def _display(*items: Any) -> Any:
    """The items in a row; arrays of several shapes as the objects that they are."""
    if len({np.shape(item) for item in items}) <= 1:
        return _plain(np.array(items, dtype=object))
    result = np.empty(len(items), dtype=object)
    for at, item in enumerate(items):
        result[at] = item
    return result


def _append(a: Any, v: Any) -> Any:
    return _display(*a, v)


def _parted(a: Any, like: Any, axis: int) -> Any:
    lengths = [np.shape(part)[axis] for part in like]
    return _display(*np.split(a, np.cumsum(lengths)[:-1], axis=axis))


def _filled(a: Any, n: int) -> Any:
    return np.full(max(n, 0), a)


def _unbroadcast(a: Any, like: Any) -> Any:
    a, shape = np.asarray(a), np.shape(like)
    a = a.sum(axis=tuple(range(a.ndim - len(shape))))
    a = np.asarray(a)
    kept = [at for at, n in enumerate(shape) if n == 1 != a.shape[at]]
    return _item(a.sum(axis=tuple(kept), keepdims=True))


def _fitted(a: Any, like: Any) -> Any:
    kept = tuple([at for at, n in enumerate(np.shape(like)) if n == 1])
    return np.broadcast_to(np.sum(a, axis=kept, keepdims=True), np.shape(like))


def _new(a: Any, shape: Any) -> Any:
    """Zeros that can hold the numbers of a."""
    return np.zeros(shape, dtype=np.result_type(np.asarray(a), float))


def _untile(a: Any, like: Any, reps: Sequence[int]) -> Any:
    result = _new(a, np.shape(like))
    places = np.arange(result.size).reshape(result.shape)
    np.add.at(result.reshape(-1), np.tile(places, reps), a)
    return result


def _unrepeat(a: Any, like: Any, repeats: int, axis: int) -> Any:
    result = _new(a, np.shape(like))
    places = np.arange(result.size).reshape(result.shape)
    np.add.at(result.reshape(-1), np.repeat(places, repeats, axis), a)
    return result


def _onto_diagonal(a: Any, like: Any, offset: int) -> Any:
    result = _new(a, np.shape(like))
    places = np.arange(result.size).reshape(result.shape)
    result.reshape(-1)[np.diagonal(places, offset)] = a
    return result


def _put_along(a: Any, order: Any, axis: int) -> Any:
    result = _new(a, np.shape(a))
    np.put_along_axis(result, order, a, axis)
    return result


def _other_products(a: Any, axis: Any) -> Any:
    result = np.ones(np.shape(a), dtype=np.asarray(a).dtype)
    axes = range(np.ndim(a)) if axis is None else axis
    for at in np.ndindex(result.shape):
        line = tuple([slice(None) if k in axes else n for k, n in enumerate(at)])
        own = sum(1 for other in np.ndindex(result.shape) if other < at)
        places = np.arange(result.size).reshape(result.shape)[line].ravel()
        for place in places:
            if place != own:
                result[at] = result[at] * np.asarray(a).flat[place]
    return result


def _recurrence(a: Any, c: Any, axis: int) -> Any:
    lines, factors = np.moveaxis(np.asarray(a), axis, 0), np.moveaxis(c, axis, 0)
    result = _new(np.asarray(a) * np.asarray(c), lines.shape)
    for i, line in enumerate(lines):
        result[i] = line + factors[i] * result[i - 1] if i else line
    return np.moveaxis(result, 0, axis)


def _mean(a: Any, axis: Any, keepdims: bool) -> Any:
    return np.sum(a, axis=axis, keepdims=keepdims) / _count(a, axis)


def _count(a: Any, axis: Any) -> int:
    lengths = np.shape(a) if axis is None else [np.shape(a)[one] for one in axis]
    return int(np.prod(lengths, dtype=int))


def _variance(a: Any, axis: Any, keepdims: bool, ddof: int) -> Any:
    apart = a - _mean(a, axis, True)
    total = np.sum(apart * apart, axis=axis, keepdims=keepdims)
    return total / (_count(a, axis) - ddof)


def _linspace(start: Any, stop: Any, n: int) -> Any:
    steps = np.arange(n)
    return start + (stop - start) * steps / (n - 1) if n > 1 else start + 0.0 * steps


def _transcendental(numbers: Arithmetic) -> dict[str, Callable[..., Any]]:
    """The operations that need roots, exponentials or logarithms of numbers."""
    root, exp, log = numbers["sqrt"], numbers["exp"], numbers["log"]

    def logsumexp(a: Any, axis: Any, keepdims: bool) -> Any:
        largest = np.max(a, axis=axis, keepdims=True)
        total = log(np.sum(exp(a - largest), axis=axis, keepdims=keepdims))
        return total + (largest if keepdims else np.squeeze(largest, axis=axis))

    return {
        "std": lambda *given: root(_variance(*given)),
        "norm": lambda a, axis, keepdims: root(
            np.sum(a * a, axis=axis, keepdims=keepdims)
        ),
        "logsumexp": logsumexp,
    } | linear_algebra(numbers)


def _with_item(row: Any, item: Any, *attributes: Any) -> Any:
    return [*row, item]


def _with_row(rows: Any, row: Any, index: int, *attributes: Any) -> Any:
    found = list(rows)
    found[index] = row
    return found


def _with_more(rows: Any, row: Any, index: int, *attributes: Any) -> Any:
    return _with_row(rows, [*rows[index], *row], index)


def _flat(*given: Any) -> Any:
    *arrays, element = given
    items = [item for rows in arrays for row in rows for item in row]
    return _plain(np.array(items, dtype=int if element == "int" else object))


def _row_numbers(*given: Any) -> Any:
    rows = [row for rows in given[:-1] for row in rows]
    return np.array([at for at, row in enumerate(rows) for _ in row], dtype=int)


_ARRAYS: dict[str, Callable[..., Any]] = {
    "index": _index,
    "store": _store,
    "accumulate": _accumulate,
    "length": lambda a, axis: np.shape(a)[axis],
    "size": np.size,
    "count": _count,
    "broadcast": lambda a, like: np.broadcast_to(a, np.shape(like)),
    "unbroadcast": _unbroadcast,
    "fitted": _fitted,
    "broadcast_to": lambda a, *shape: np.broadcast_to(a, shape),
    "reshape": lambda a, *shape: np.reshape(a, shape),
    "reshape_like": lambda a, like: np.reshape(a, np.shape(like)),
    "copy": np.array,
    "transpose": np.transpose,
    "expand_dims": np.expand_dims,
    "squeeze": np.squeeze,
    "flip": np.flip,
    "roll": np.roll,
    "concatenate": lambda *given: np.concatenate(given[:-1], axis=given[-1]),
    "stack": lambda *given: np.stack(given[:-1], axis=given[-1]),
    "tile": np.tile,
    "untile": _untile,
    "repeat": np.repeat,
    "unrepeat": _unrepeat,
    "diagonal": np.diagonal,
    "onto_diagonal": _onto_diagonal,
    "diag": np.diag,
    "lower_triangle": lambda like: np.tri(len(like), dtype=bool),
    "triu": np.triu,
    "tril": np.tril,
    "sum": lambda a, axis, keepdims: np.sum(a, axis=axis, keepdims=keepdims),
    "mean": _mean,
    "prod": lambda a, axis, keepdims: np.prod(a, axis=axis, keepdims=keepdims),
    "other_products": _other_products,
    "amax": lambda a, axis, keepdims: np.max(a, axis=axis, keepdims=keepdims),
    "amin": lambda a, axis, keepdims: np.min(a, axis=axis, keepdims=keepdims),
    "var": _variance,
    "cumsum": np.cumsum,
    "cumprod": np.cumprod,
    "recurrence": _recurrence,
    "any": lambda a, axis, keepdims: np.any(a, axis=axis, keepdims=keepdims),
    "all": lambda a, axis, keepdims: np.all(a, axis=axis, keepdims=keepdims),
    "argmax": lambda a, axis: np.argmax(a, axis=axis and axis[0]),
    "argmin": lambda a, axis: np.argmin(a, axis=axis and axis[0]),
    "where": np.where,
    "sort": np.sort,
    "argsort": np.argsort,
    "searchsorted": np.searchsorted,
    "whole": lambda a: np.asarray(a).astype(int),
    "convolve": np.convolve,
    "correlate": np.correlate,
    "take_along": np.take_along_axis,
    "put_along": _put_along,
    "outer": np.outer,
    "matmul": np.matmul,
    "einsum": lambda *given: np.einsum(given[-1], *given[:-1]),
    "zeros": lambda *shape: np.zeros(shape),
    "ones": lambda *shape: np.ones(shape),
    "full": lambda a, *shape: np.full(shape, a),
    "zeros_like": lambda a: np.zeros(np.shape(a)),
    "ones_like": lambda a: np.ones(np.shape(a)),
    "full_like": lambda like, a: np.full(np.shape(like), a),
    "arange": np.arange,
    "linspace": _linspace,
    "eye": np.eye,
    "array": lambda numbers, element: np.array(numbers, dtype=element),
    "pack": _display,
    "display": _display,
    "empty": lambda rank, listed, element: np.zeros((0,) * rank, dtype=element),
    "filled": _filled,
    "appended": _append,
    "fsum": np.sum,
    "dropped": lambda a: np.asarray(a)[:-1],
    "as_array": np.array,
    "as_list": np.array,
    "rows_of": np.array,
    "joined_items": lambda a, axis: np.concatenate(list(a), axis=axis),
    "parted": _parted,
    "stacked_items": lambda a, axis: np.stack(list(a), axis=axis),
    "no_rows": lambda *given: [[] for _ in range(math.prod(given[:-1]))],
    "row": lambda *given: list(given[:-1]),
    "one_row": lambda row, element: [row],
    "append": _with_item,
    "extend": lambda row, more, *attributes: [*row, *more],
    "scaled": lambda row, factor, element: [factor * item for item in row],
    "row_of": lambda rows, index, element: rows[index],
    "set_row": _with_row,
    "add_row": _with_more,
    "flat": _flat,
    "row_numbers": _row_numbers,
}
