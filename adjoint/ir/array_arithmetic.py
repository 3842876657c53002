"""Array operations on NumPy arrays, for the interpreter: of floats, or of any numbers.

An arithmetic of numbers is lifted to arrays: its functions are applied element by
element, and sums and products are made of its additions and multiplications. So one
definition serves floats and, as arrays of objects, 50-digit numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from adjoint.ir.arithmetic import Arithmetic


def lifted(arithmetic: Arithmetic) -> Arithmetic:
    """The arithmetic with arrays, and with the operations of arrays."""
    numbers = {name: _elementwise(function) for name, function in arithmetic.items()}
    return numbers | _ARRAYS


def _elementwise(function: Callable[..., Any]) -> Callable[..., Any]:
    def on_arrays(*operands: Any) -> Any:
        if not any(isinstance(operand, np.ndarray) for operand in operands):
            return function(*operands)
        arrays = np.broadcast_arrays(*[np.asarray(o, dtype=object) for o in operands])
        result = np.empty(arrays[0].shape, dtype=object)
        for at in np.ndindex(result.shape):
            result[at] = function(*[array[at] for array in arrays])
        return _plain(result)

    return on_arrays


def _plain(array: Any) -> Any:
    """An array of Python's numbers as one of NumPy's; a number as itself."""
    if array.ndim == 0:
        return array.item()
    kinds = {type(one) for one in array.flat}
    for kind in (bool, int, float):
        if kinds <= {kind} and kinds:
            return array.astype(kind)
    return array.astype(float) if kinds <= {int, float, bool} else array


def subscript(indices: Sequence[Any], pattern: Sequence[str]) -> tuple[Any, ...]:
    """What stands in the brackets, as NumPy takes it."""
    remaining: Iterator[Any] = iter(indices)

    def part(entry: str) -> Any:
        if entry == "None":
            return None
        if entry == "...":
            return Ellipsis
        if entry == "a":
            return next(remaining)
        parts = [next(remaining) if one == "a" else None for one in entry.split(":")]
        return slice(*parts)

    return tuple([part(entry) for entry in pattern])


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
    result = _writable(a, v)
    np.add.at(result, subscript(indices, pattern), v)
    return result


def _writable(a: Any, v: Any) -> Any:
    return np.array(a, dtype=np.result_type(np.asarray(a), np.asarray(v)))


def _unbroadcast(a: Any, like: Any) -> Any:
    a, shape = np.asarray(a), np.shape(like)
    a = a.sum(axis=tuple(range(a.ndim - len(shape))))
    a = np.asarray(a)
    kept = [at for at, n in enumerate(shape) if n == 1 != a.shape[at]]
    return _item(a.sum(axis=tuple(kept), keepdims=True))


def _zeros(*sizes: Any) -> Any:
    return np.zeros(sizes)


_ARRAYS: dict[str, Callable[..., Any]] = {
    "index": _index,
    "store": _store,
    "accumulate": _accumulate,
    "length": lambda a, axis: np.shape(a)[axis],
    "size": np.size,
    "broadcast": lambda a, like: np.broadcast_to(a, np.shape(like)),
    "unbroadcast": _unbroadcast,
    "transpose": np.transpose,
    "expand_dims": np.expand_dims,
    "squeeze": lambda a, axis: _item(np.squeeze(a, axis)),
    "sum": lambda a, axis, keepdims: _item(np.sum(a, axis=axis, keepdims=keepdims)),
    "where": lambda c, a, b: _item(np.where(c, a, b)),
    "outer": np.outer,
    "matmul": lambda a, b: _item(np.matmul(a, b)),
    "zeros": _zeros,
    "zeros_like": lambda a: np.zeros(np.shape(a)),
    "array": lambda numbers, element: np.array(numbers, dtype=element),
    "pack": lambda *a: _plain(np.array(a, dtype=object)),
}
