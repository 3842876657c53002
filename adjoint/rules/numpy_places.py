"""Functions of NumPy that are of places in arrays: how each is computed of others.

They are read as those of `numpy_library` are; nothing here is run.
"""

# mypy: ignore-errors

import numpy as np


def append(arr, values, axis=None):
    """The elements of two arrays in a row, or along an axis."""
    if axis is None:
        return np.concatenate((np.ravel(arr), np.ravel(values)))
    return np.concatenate((arr, values), axis=axis)


def insert(arr, obj, values, axis=None):
    """The elements with another one, or a row, in front of that at a place."""
    arr, values = np.asarray(arr), np.asarray(values)
    if axis is None:
        arr, axis = np.ravel(arr), 0
    at = _in_bounds(obj, arr.shape[axis], 0)
    first, last = np.split(arr, [at], axis=axis)
    row = np.broadcast_to(values, (1, *np.moveaxis(arr, axis, 0).shape[1:]))
    return np.concatenate((first, np.moveaxis(row, 0, axis), last), axis=axis)


def delete(arr, obj, axis=None):
    """The elements, or the rows, without those at a place, or at several."""
    arr = np.asarray(arr)
    if axis is None:
        arr, axis = np.ravel(arr), 0
    n = arr.shape[axis]
    if isinstance(obj, list | tuple | np.ndarray):
        places = np.asarray(obj)
        if np.any((places < -n) | (places >= n)):
            raise IndexError("a place to delete at is out of bounds")
        kept = ~isin(np.arange(n), places % n)
        return arr[kept] if axis == 0 else arr[:, kept]
    at = _in_bounds(obj, n, 1)
    first, _, last = np.split(arr, [at, at + 1], axis=axis)
    return np.concatenate((first, last), axis=axis)


def take_along_axis(arr, indices, axis=-1):
    """The elements at places that are given for each row, or for each column."""
    arr, indices = np.asarray(arr), np.asarray(indices)
    if arr.ndim == 1:
        return arr[indices]
    n, m = arr.shape
    if axis in (1, -1):
        return arr[np.arange(n)[:, None], indices]
    return arr[indices, np.arange(m)]


def extract(condition, arr):
    """The elements where the condition holds."""
    return np.ravel(arr)[np.asarray(np.ravel(condition), dtype=bool)]


def flatnonzero(a):
    """The places of what is not zero, in a row."""
    there = np.asarray(np.ravel(a), dtype=bool)
    return np.arange(len(there))[there]


def nonzero(a):
    """The places of what is not zero, an array for each axis."""
    there = np.asarray(a, dtype=bool)
    if there.ndim == 1:
        return (np.arange(len(there))[there],)
    n, m = there.shape
    rows = np.broadcast_to(np.arange(n)[:, None], (n, m))[there]
    return rows, np.broadcast_to(np.arange(m), (n, m))[there]


def argwhere(a):
    """The places of what is not zero, a row for each."""
    return np.stack(nonzero(a), axis=1)


def tri(N, M=None, k=0):
    """A matrix of ones on and below a diagonal."""
    M = N if M is None else M
    return np.where(_below(N, M, k), 1.0, 0.0)


def tril_indices(n, k=0, m=None):
    """Where the elements on and below a diagonal are."""
    return nonzero(_below(n, n if m is None else m, k))


def triu_indices(n, k=0, m=None):
    """Where the elements on and above a diagonal are."""
    return nonzero(~_below(n, n if m is None else m, k - 1))


def tril_indices_from(arr, k=0):
    """Where the elements of a matrix on and below a diagonal are."""
    return tril_indices(arr.shape[0], k, arr.shape[1])


def triu_indices_from(arr, k=0):
    """Where the elements of a matrix on and above a diagonal are."""
    return triu_indices(arr.shape[0], k, arr.shape[1])


def bincount(x, weights, minlength=0):
    """The sums of the weights whose numbers are the same."""
    x = np.asarray(x)
    if np.any(x < 0):
        raise ValueError("'list' argument must have no negative elements")
    found = np.zeros(max(np.max(x) + 1, minlength))
    np.add.at(found, x, weights)
    return found


def piecewise(x, condlist, funclist):
    """What one of several functions gives, the last whose condition holds."""
    x = np.asarray(x)
    found = np.zeros_like(x)
    if len(funclist) > len(condlist):
        others = np.asarray(condlist[0], dtype=bool)
        for condition in condlist[1:]:
            others = others | np.asarray(condition, dtype=bool)
        condlist = (*condlist, ~others)
    for condition, part in zip(condlist, funclist, strict=True):
        there = np.asarray(condition, dtype=bool)
        found[there] = part if isinstance(part, float | int) else part(x[there])
    return found


def diag_indices(n, ndim=2):
    """Where the diagonal of a square matrix is."""
    return (np.arange(n),) * ndim


def diag_indices_from(arr):
    """Where the diagonal of this matrix is."""
    return np.arange(len(arr)), np.arange(len(arr))


def ix_(rows, columns):
    """Where all of the rows meet all of the columns."""
    return np.asarray(rows)[:, None], np.asarray(columns)[None, :]


def isin(element, test_elements):
    """Whether each element is among others."""
    element = np.asarray(element)
    return np.any(element[..., None] == np.ravel(test_elements), axis=-1)


# -- what these have in common


def _below(n, m, k):
    """Whether an element of a matrix is on or below a diagonal."""
    return np.arange(n)[:, None] >= np.arange(-k, m - k)


def _in_bounds(place, n, last):
    """A place among n, counted from the first, or behind the last one."""
    at = place + n if place < 0 else place
    if at < 0 or at > n - last:
        raise IndexError("this place is out of bounds")
    return at
