"""What modules of the NumPy target run by: copied as it stands where it is used.

`in_blocks` makes a function of numbers one of arrays; `choose` is the branch in it, of
which each side is evaluated at its own points only.
"""

# mypy: allow-untyped-defs, disable-error-code="attr-defined"

from math import prod

import numpy as np


def in_blocks(function):
    """Make a function of numbers one of arrays, done in blocks where they are large.

    The arrays may have any shapes that broadcast. What is returned has the broadcast
    shape, and floats have the common type of those given, float64 for whole numbers.
    A parameter with an annotation is no float, and handed on as it is.
    """
    code, defaults = function.__code__, dict(function.__kwdefaults__ or {})
    names = code.co_varnames[: code.co_argcount]
    with_default = names[len(names) - len(function.__defaults__ or ()) :]
    defaults |= dict(zip(with_default, function.__defaults__ or (), strict=True))

    def batch(*args, **named):
        if len(args) > len(names) or not named.keys().isdisjoint(names[: len(args)]):
            return function(*args, **named)  # which says what is wrong
        given = defaults | dict(zip(names, args, strict=False)) | named
        arrays, dtype = converted(given, function.__annotations__)
        shapes = {array.shape for array in arrays.values()} or {()}
        shape = shapes.pop() if len(shapes) == 1 else np.broadcast_shapes(*shapes)
        if prod(shape) <= 8192:  # so many numbers at a time stay in the cache
            return owned(
                function(**arrays), set(map(id, arrays.values())), shape, dtype
            )
        result = None
        for index in blocks(shape, 8192):
            parts = {n: part(array, index, len(shape)) for n, array in arrays.items()}
            result = stored(function(**parts), index, result, shape, dtype)
        return result

    batch.__name__, batch.__doc__ = function.__name__, function.__doc__
    batch.__wrapped__ = function
    return batch


def converted(given, whole):
    """Return what is given as arrays, floats of one type, and that type."""
    arrays = {name: np.asarray(value) for name, value in given.items()}
    dtype = np.dtype(float)
    if not all(array.dtype is dtype for array in arrays.values()):
        weak = {name for name, value in given.items() if type(value) in (int, float)}
        types = {
            arrays[name].dtype for name in given if name not in weak | whole.keys()
        }
        common = np.result_type(*types) if types else dtype
        dtype = common if common.kind == "f" else dtype
        for name in given.keys() - whole.keys():
            array = arrays[name]
            arrays[name] = array.astype(dtype, casting="same_kind", copy=False)
    return {name: array[()] for name, array in arrays.items()}, dtype


def owned(found, taken, shape, dtype):
    """Return what is found as arrays of the shape; none is another, or taken."""
    if isinstance(found, tuple):
        return tuple([owned(one, taken, shape, dtype) for one in found])
    if type(found) is dtype.type and not shape:
        return found
    whole = type(found) is np.ndarray and found.base is None and found.dtype is dtype
    if not whole or found.shape != shape or id(found) in taken:
        return stored(found, (), None, shape, dtype)
    taken.add(id(found))
    return found


def blocks(shape, size):
    """Yield the index of each block of at most so many elements; there are more."""
    axis, inner = len(shape), 1
    while axis and inner * shape[axis - 1] <= size:
        axis -= 1
        inner *= shape[axis]
    step = size // inner
    for outer in np.ndindex(*shape[: axis - 1]):
        for start in range(0, shape[axis - 1], step):
            yield (*outer, slice(start, start + step))


def part(array, index, rank):
    """Return the block of an array that is broadcast to so many dimensions."""
    if array.size == 1:
        return array.reshape(-1)[0]
    own = [
        i if n > 1 else slice(None) if isinstance(i, slice) else 0
        for i, n in zip(index[rank - array.ndim :], array.shape, strict=False)
    ]
    return array[tuple(own)]


def stored(found, index, result, shape, dtype):
    """Return the arrays of results; what a block has found is at its index in them."""
    if isinstance(found, tuple):
        arrays = result or (None,) * len(found)
        pairs = zip(found, arrays, strict=True)
        return tuple([stored(one, index, to, shape, dtype) for one, to in pairs])
    if result is None:
        own = np.result_type(found)
        result = np.empty(shape, dtype if own.kind == "f" else own)
    result[index] = found
    return result if shape else result[()]


def choose(condition, then, orelse, *values):
    """Return then(*values) where the condition holds, and elsewhere orelse(*values).

    Each is evaluated at its own points only, so that it warns of these alone.
    """
    points = np.flatnonzero(condition)
    if points.size == np.size(condition):
        return then(*values)
    if points.size == 0:
        return orelse(*values)
    shape = np.broadcast_shapes(np.shape(condition), *map(np.shape, values))
    holds = in_a_row(condition, shape)
    points, others = np.flatnonzero(holds), np.flatnonzero(~holds)
    rows = [
        value if np.size(value) == 1 else in_a_row(value, shape) for value in values
    ]
    first, second = (
        side(*[row if np.size(row) == 1 else row[at] for row in rows])
        for side, at in ((then, points), (orelse, others))
    )
    return joined(first, second, points, others, shape)


def in_a_row(value, shape):
    """Return the elements of a value broadcast to the shape, one after another."""
    if np.shape(value) != shape:
        value = np.broadcast_to(value, shape)
    return value.reshape(-1)


def joined(then, orelse, points, others, shape):
    """Return arrays of the shape from what holds at the points and at the others."""
    if isinstance(then, tuple):
        pairs = zip(then, orelse, strict=True)
        return tuple([joined(a, b, points, others, shape) for a, b in pairs])
    result = np.empty(points.size + others.size, np.result_type(then, orelse))
    result[points], result[others] = then, orelse
    return result.reshape(shape)
