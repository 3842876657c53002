"""What modules of the NumPy target run by: copied as it stands where it is used.

`in_blocks` makes a function of numbers one of arrays; `choose` is the branch in it, of
which each side is evaluated at its own points only; `while_each` and its like are loops
that each point leaves when it is done. In these, arrays are rows, one element a point.
"""

# mypy: allow-untyped-defs, disable-error-code="attr-defined, var-annotated"

from math import prod

import numpy as np


def in_blocks(function):
    """Make a function of numbers one of arrays, done in blocks where they are large.

    The arrays may have any shapes that broadcast. What is returned has the broadcast
    shape, and floats have the common type of those given, float64 for whole numbers.
    A parameter with an annotation is no float, and handed on as it is.
    """
    inner = getattr(function, "__wrapped__", function)
    code, defaults = inner.__code__, dict(inner.__kwdefaults__ or {})
    names = code.co_varnames[: code.co_argcount]
    with_default = names[len(names) - len(inner.__defaults__ or ()) :]
    defaults |= dict(zip(with_default, inner.__defaults__ or (), strict=True))
    simple = not code.co_kwonlyargcount and not inner.__annotations__
    double = np.dtype(float)

    def batch(*args, **named):
        shape = common_shape(args, double) if simple and not named else None
        if shape is not None and len(args) == len(names):  # the common case, at once
            values = [np.float64(x) if type(x) is float else x for x in args]
            return owned(function(*values), {*map(id, values)}, shape, double)
        if len(args) > len(names) or not named.keys().isdisjoint(names[: len(args)]):
            return inner(*args, **named)  # which says what is wrong
        given = defaults | dict(zip(names, args, strict=False)) | named
        arrays, dtype = converted(given, inner.__annotations__)
        shapes = {array.shape for array in arrays.values()} or {()}
        shape = shapes.pop() if len(shapes) == 1 else np.broadcast_shapes(*shapes)
        if prod(shape) <= 8192:  # so many numbers at a time stay in the cache
            own = {*map(id, arrays.values())}
            return owned(function(**arrays), own, shape, dtype)
        result = None
        for index in blocks(shape, 8192):
            parts = {n: part(array, index, len(shape)) for n, array in arrays.items()}
            result = stored(function(**parts), index, result, shape, dtype)
        return result

    batch.__name__, batch.__doc__ = inner.__name__, inner.__doc__
    batch.__wrapped__ = inner
    return batch


def common_shape(values, double):
    """Return the shape of few floats, in arrays of one shape; None for all else."""
    shape = ()
    for value in values:
        if type(value) is np.ndarray and value.dtype is double and value.size <= 8192:
            if not value.shape or value.shape != (shape or value.shape):
                return None
            shape = value.shape
        elif type(value) is not float:
            return None
    return shape


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
    if type(found) is np.ndarray and shape and found.shape == shape:
        if found.dtype is dtype and found.base is None and id(found) not in taken:
            taken.add(id(found))
            return found
    elif type(found) is tuple:
        return tuple([owned(one, taken, shape, dtype) for one in found])
    elif type(found) is dtype.type and not shape:
        return found
    return stored(found, (), None, shape, dtype)


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
    arrays = [value for value in values if not isinstance(value, list)]
    shape = np.broadcast_shapes(np.shape(condition), *map(np.shape, arrays))
    holds = in_a_row(condition, shape)
    points, others = np.flatnonzero(holds), np.flatnonzero(~holds)
    rows = [value if is_common(value) else in_a_row(value, shape) for value in values]
    first, second = (
        side(*taken(rows, at)) for side, at in ((then, points), (orelse, others))
    )
    return joined(first, second, points, others, shape)


def is_common(value):
    """Return whether the value is one for all points, or what a loop has saved."""
    return isinstance(value, list) or np.size(value) == 1


def taken(values, points):
    """Return the elements of the values at the points."""
    return [value if is_common(value) else value[points] for value in values]


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
    if then is None or orelse is None:  # what one side alone has made, or saved
        found, at = (orelse, others) if then is None else (then, points)
        if isinstance(found, list) or np.ndim(found) == 0:
            return found
        result = np.zeros(points.size + others.size, found.dtype)
        result[at] = found
        return result.reshape(shape)
    result = np.empty(points.size + others.size, np.result_type(then, orelse))
    result[points], result[others] = then, orelse
    return result.reshape(shape)


def in_rows(function):
    """Let a function see arrays as rows of one length, with an element a point."""

    def rows(*args, **named):
        shape = np.broadcast_shapes(*map(np.shape, (*args, *named.values())))
        flat = [in_a_row(value, shape) if np.ndim(value) else value for value in args]
        others = {
            name: in_a_row(value, shape) if np.ndim(value) else value
            for name, value in named.items()
        }
        return shaped(function(*flat, **others), shape)

    rows.__wrapped__ = function
    return rows


def shaped(found, shape):
    """Return rows as arrays of the shape."""
    if isinstance(found, tuple):
        return tuple([shaped(one, shape) for one in found])
    return found.reshape(shape) if np.ndim(found) else found


def while_each(going, step, carried, *others):
    """Run step for each point as long as going holds for it.

    Both take what is carried, and the others, at the points that are in the loop. A
    step gives what is carried next, whether to break off, and what to save. Return
    what is carried at the end, and the list of what was saved.
    """
    size, points, saved = length(carried + others), slice(None), []
    while True:
        now = taken(carried + others, points)
        points = narrowed(points, going(*now), size)
        if points is None:
            return (*carried, saved)
        now = taken(carried + others, points)
        nexts, stops, entry = step(*now)
        carried = put(carried, nexts, points, size)
        if entry:
            saved.append((points, size, entry))
        points = narrowed(points, np.logical_not(stops), size)
        if points is None:
            return (*carried, saved)


def for_each(start, stop, by, step, carried, *others):
    """Run step for each point and each number of its own range(start, stop, by).

    A step takes the number first; all else is as in while_each.
    """
    lengths = np.maximum(-((start - stop) // by), 0)
    size, points, saved = length((start, lengths, *carried, *others)), slice(None), []
    for turn in range(int(np.max(lengths, initial=0))):
        (inside,) = taken([turn < lengths], points)
        points = narrowed(points, inside, size)
        if points is None:
            break
        now = taken((start + turn * by, *carried, *others), points)
        nexts, stops, entry = step(*now)
        carried = put(carried, nexts, points, size)
        if entry:
            saved.append((points, size, entry))
        points = narrowed(points, np.logical_not(stops), size)
        if points is None:
            break
    return (*carried, saved)


def backward_each(start, stop, by, saved, step, carried, *others):
    """Run the numbers of for_each backwards; a step gives what is carried next.

    It takes the number, what was saved, what is carried, and the others.
    """
    lengths = np.maximum(-((start - stop) // by), 0)
    size = length((start, lengths, *carried, *others))
    for turn in reversed(range(int(np.max(lengths, initial=0)))):
        points = narrowed(slice(None), turn < lengths, size)
        number, *now = taken((start + turn * by, *carried, *others), points)
        entry = saved.pop()[2] if saved else ()
        carried = put(carried, step(number, *entry, *now), points, size)
    return carried


def unwind_each(saved, step, carried, *others):
    """Run step for each entry of what was saved, the last one first.

    It takes what was saved, what is carried, and the others.
    """
    for points, size, entry in reversed(saved):
        now = taken(carried + others, points)
        carried = put(carried, step(*entry, *now), points, size)
    return carried


def length(values):
    """Return how many points there are: the length of the longest row."""
    return max([1, *(np.size(value) for value in values if not is_common(value))])


def narrowed(points, holds, size):
    """Return those of the points where it holds: all, an array of them, or None."""
    if not np.any(holds):
        return None
    return points if np.all(holds) else np.arange(size)[points][holds]


def put(old, new, points, size):
    """Return the rows with new elements at the points."""
    if isinstance(points, slice):
        return new
    rows = []
    for before, after in zip(old, new, strict=True):
        row = np.empty(size, np.result_type(before, after))
        row[...] = before
        row[points] = after
        rows.append(row)
    return tuple(rows)
