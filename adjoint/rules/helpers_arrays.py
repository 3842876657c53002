"""What NumPy lacks of array operations, to be copied into generated modules."""

# mypy: allow-untyped-defs

import numpy as np


def unbroadcast(a, like):
    """Return a, summed over the axes along which one of like's shape was broadcast."""
    if a.shape == like.shape:
        return a
    more = a.ndim - like.ndim
    ones = (at for at, length in enumerate(like.shape, more) if length == 1)
    return a.sum(axis=(*range(more), *ones)).reshape(like.shape)


def fitted(a, like):
    """Return a in like's shape: summed where that has length 1, spread where a has."""
    if a.shape == like.shape:
        return a
    ones = tuple(at for at, length in enumerate(like.shape) if length == 1)
    return a.sum(axis=ones, keepdims=True) + np.zeros(like.shape)


def untile(a, like, reps):
    """Return the sum of the repetitions that np.tile(like, reps) has."""
    reps = tuple(np.atleast_1d(reps))
    shape = (1,) * (len(reps) - np.ndim(like)) + np.shape(like)
    reps = (1,) * (len(shape) - len(reps)) + reps
    split = [length for pair in zip(reps, shape, strict=True) for length in pair]
    axes = tuple(range(0, len(split), 2))
    return np.sum(np.reshape(a, split), axis=axes).reshape(np.shape(like))


def unrepeat(a, like, repeats, axis):
    """Return the sum of the repetitions that np.repeat(like, repeats, axis) has."""
    shape = np.shape(like)
    split = (*shape[: axis + 1], repeats, *shape[axis + 1 :])
    return np.sum(np.reshape(a, split), axis=axis + 1)


def parted(a, like, axis=0):
    """Return the parts of a along an axis, each as long as the array in a list."""
    ends = np.cumsum([part.shape[axis] for part in like])
    return np.split(a, ends[:-1], axis=axis)


def onto_diagonal(a, like, offset=0):
    """Return zeros like another array, with a on the diagonal of its first two axes."""
    rows, columns, *rest = like.shape
    result = np.zeros(like.shape)
    start = offset if offset >= 0 else -offset * columns
    lines = result.reshape(rows * columns, *rest)[start :: columns + 1]
    lines[: a.shape[-1]] = a if a.ndim == 1 else np.moveaxis(a, -1, 0)
    return result


def other_products(a, axis=None):
    """Return, for each element, the product of all others along the axes."""
    axes = tuple(range(np.ndim(a)) if axis is None else np.atleast_1d(axis))
    kept = np.moveaxis(a, axes, range(-len(axes), 0))
    lines = kept.reshape(*kept.shape[: np.ndim(a) - len(axes)], -1)
    ones = np.ones((*lines.shape[:-1], 1))
    before = np.concatenate([ones, np.cumprod(lines[..., :-1], axis=-1)], axis=-1)
    behind = np.cumprod(lines[..., :0:-1], axis=-1)[..., ::-1]
    products = before * np.concatenate([behind, ones], axis=-1)[..., : lines.shape[-1]]
    return np.moveaxis(products.reshape(kept.shape), range(-len(axes), 0), axes)


def recurrence(a, c, axis):
    """Return y with y[i] = a[i] + c[i]*y[i - 1] along the axis, and y[0] = a[0]."""
    y = np.moveaxis(np.array(a, dtype=float), axis, 0)
    factors = np.moveaxis(c, axis, 0)
    for at in range(1, len(y)):
        y[at] += factors[at] * y[at - 1]
    return np.moveaxis(y, 0, axis)


def put_along(a, order, axis):
    """Return an array with the elements of a at the places of a permutation."""
    result = np.empty(np.shape(a))
    np.put_along_axis(result, order, a, axis)
    return result


def logsumexp(a, axis=None, keepdims=False):
    """Return log(sum(exp(a))) over the axes, without overflow."""
    largest = np.max(a, axis=axis, keepdims=True)
    largest = np.where(np.isfinite(largest), largest, 0.0)
    with np.errstate(divide="ignore"):
        y = np.log(np.sum(np.exp(a - largest), axis=axis, keepdims=True)) + largest
    return y if keepdims else np.squeeze(y, axis=axis)[()]
