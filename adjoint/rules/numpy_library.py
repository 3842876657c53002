"""Functions of NumPy that are made of others: how each is computed.

They are read, as a function of the user's is, where one of them is called; nothing here
is run. Each takes those of NumPy's parameters that are named here, and gives the bits
that NumPy's own gives, but for the order of a sum along an axis that is moved.
"""

# mypy: ignore-errors

import numpy as np


def ptp(a, axis=None, keepdims=False):
    """The greatest element less the least."""
    a = np.asarray(a)
    greatest = np.max(a, axis=axis, keepdims=keepdims)
    return greatest - np.min(a, axis=axis, keepdims=keepdims)


def trapezoid(y, x=None, dx=1.0, axis=-1):
    """The integral by trapezoids."""
    y = np.asarray(y)
    if y.ndim > 1 and axis not in (-1, y.ndim - 1):
        y = np.moveaxis(y, axis, -1)
    if x is not None:
        x = np.asarray(x)
        if x.ndim > 1 and axis not in (-1, x.ndim - 1):
            x = np.moveaxis(x, axis, -1)
        dx = x[..., 1:] - x[..., :-1]
    return np.sum(dx * (y[..., 1:] + y[..., :-1]) / 2.0, axis=-1)


def trapz(y, x=None, dx=1.0, axis=-1):
    """As `trapezoid`, under its older name."""
    return trapezoid(y, x, dx, axis)


def median(a, axis=None, keepdims=False):
    """The middle element, or the mean of the two there; nan where one is nan."""
    a = np.asarray(a)
    row, along = _in_order(a, axis)
    n = row.shape[along]
    middle = _at(row, (n - 1) // 2, along) + _at(row, n // 2, along)
    last = _at(row, -1, along)
    return _kept(np.where(np.isnan(last), last, middle / 2.0), a, axis, keepdims)


def quantile(a, q, axis=None, keepdims=False):
    """What a part q of the elements lies below, linear between two of them."""
    if isinstance(q, list | tuple):
        return np.stack([quantile(a, one, axis, keepdims) for one in q])
    a = np.asarray(a)
    row, along = _in_order(a, axis)
    n = row.shape[along]
    place = (n - 1) * q
    before = min(int(place), n - 1)
    below = _at(row, before, along)
    above = _at(row, min(before + 1, n - 1), along)
    part = place - before
    step = above - below
    found = above - step * (1.0 - part) if part >= 0.5 else below + step * part
    last = _at(row, -1, along)
    return _kept(np.where(np.isnan(last), last, found), a, axis, keepdims)


def percentile(a, q, axis=None, keepdims=False):
    """As `quantile`, in percent."""
    if isinstance(q, list | tuple):
        return np.stack([quantile(a, one / 100, axis, keepdims) for one in q])
    return quantile(a, q / 100, axis, keepdims)


def meshgrid(x, y, z=None, indexing="xy"):
    """The coordinates of a grid, one array for each of the two or three axes."""
    x, y = np.ravel(x), np.ravel(y)
    if z is None:
        if indexing == "xy":
            shape = len(y), len(x)
            return np.broadcast_to(x, shape), np.broadcast_to(y[:, None], shape)
        shape = len(x), len(y)
        return np.broadcast_to(x[:, None], shape), np.broadcast_to(y, shape)
    z = np.ravel(z)
    if indexing == "xy":
        shape = len(y), len(x), len(z)
        first, second = x[None, :, None], y[:, None, None]
    else:
        shape = len(x), len(y), len(z)
        first, second = x[:, None, None], y[None, :, None]
    return (
        np.broadcast_to(first, shape),
        np.broadcast_to(second, shape),
        np.broadcast_to(z, shape),
    )


def interp(x, xp, fp, left=None, right=None):
    """The piecewise linear function through the points (xp, fp), which are in order."""
    xp, fp = np.asarray(xp), np.asarray(fp)
    below = np.searchsorted(xp, x, side="right") - 1
    at = np.clip(below, 0, len(xp) - 2)
    slope = (fp[at + 1] - fp[at]) / (xp[at + 1] - xp[at])
    inside = slope * (x - xp[at]) + fp[at]
    first = fp[0] if left is None else left
    last = fp[-1] if right is None else right
    inside = np.where(x == xp[-1], fp[-1], inside)
    return np.where(x < xp[0], first, np.where(x > xp[-1], last, inside))


def digitize(x, bins, right=False):
    """In which of the intervals between the bins, which increase, each element is."""
    return np.searchsorted(bins, x, side="left" if right else "right")


def gradient(f, dx=1.0, axis=None):
    """Central differences inside, one-sided ones at the ends."""
    f = np.asarray(f)
    if axis is None and f.ndim > 1:
        return tuple(_differences(f, dx, one) for one in range(f.ndim))
    return _differences(f, dx, 0 if axis is None else axis)


def nan_to_num(x, copy=True, nan=0.0, posinf=None, neginf=None):
    """The numbers, with others in place of nan and of what is infinite."""
    most = 1.7976931348623157e308
    x = np.where(np.isnan(x), nan, x)
    x = np.where(x == np.inf, most if posinf is None else posinf, x)
    return np.where(x == -np.inf, -most if neginf is None else neginf, x)


def nansum(a, axis=None, keepdims=False):
    """The sum of what is no nan."""
    return np.sum(np.where(np.isnan(a), 0.0, a), axis=axis, keepdims=keepdims)


def nanmean(a, axis=None, keepdims=False):
    """The mean of what is no nan."""
    count = np.sum(~np.isnan(np.asarray(a)), axis=axis, keepdims=keepdims)
    return nansum(a, axis, keepdims) / count


def nanmax(a, axis=None, keepdims=False):
    """The greatest of what is no nan; nan where there is none."""
    there = ~np.isnan(np.asarray(a))
    greatest = np.max(np.where(there, a, -np.inf), axis=axis, keepdims=keepdims)
    return np.where(np.any(there, axis=axis, keepdims=keepdims), greatest, np.nan)


def nanmin(a, axis=None, keepdims=False):
    """The least of what is no nan; nan where there is none."""
    there = ~np.isnan(np.asarray(a))
    least = np.min(np.where(there, a, np.inf), axis=axis, keepdims=keepdims)
    return np.where(np.any(there, axis=axis, keepdims=keepdims), least, np.nan)


def nanprod(a, axis=None, keepdims=False):
    """The product of what is no nan."""
    return np.prod(np.where(np.isnan(a), 1.0, a), axis=axis, keepdims=keepdims)


def nancumsum(a, axis=None):
    """The sums so far of what is no nan."""
    return np.cumsum(np.where(np.isnan(a), 0.0, a), axis=axis)


def nanvar(a, axis=None, ddof=0, keepdims=False):
    """The variance of what is no nan."""
    a = np.asarray(a)
    there = ~np.isnan(a)
    count = np.sum(there, axis=axis, keepdims=True)
    mean = np.sum(np.where(there, a, 0.0), axis=axis, keepdims=True) / count
    away = np.where(there, np.where(there, a, 0.0) - mean, 0.0)
    counts = np.sum(there, axis=axis, keepdims=keepdims)
    return np.sum(away * away, axis=axis, keepdims=keepdims) / (counts - ddof)


def nanstd(a, axis=None, ddof=0, keepdims=False):
    """The standard deviation of what is no nan."""
    return np.sqrt(nanvar(a, axis, ddof, keepdims))


def count_nonzero(a, axis=None):
    """How many elements are not zero."""
    return np.sum(np.asarray(a) != 0, axis=axis)


def cov(m, rowvar=True, ddof=1):
    """The covariances of the rows of a matrix, or of its columns."""
    m = np.asarray(m)
    if m.ndim == 1:
        m = m - np.mean(m)
        return np.dot(m, m) * np.true_divide(1, len(m) - ddof)
    if not rowvar:
        m = m.T
    m = m - np.mean(m, axis=1, keepdims=True)
    return np.dot(m, m.T) * np.true_divide(1, m.shape[1] - ddof)


def corrcoef(x, rowvar=True):
    """The correlations of the rows of a matrix, or of its columns."""
    c = cov(x, rowvar)
    deviations = np.sqrt(np.diag(c))
    return np.clip(c / deviations[:, None] / deviations[None, :], -1.0, 1.0)


def apply_along_axis(func1d, axis, arr):
    """What a function gives of each row of a matrix, or of each column."""
    arr = np.asarray(arr)
    _, _ = arr.shape  # a matrix
    if axis in (1, -1):
        return np.array([func1d(row) for row in arr])
    return np.moveaxis(np.array([func1d(row) for row in np.transpose(arr)]), 0, -1)


def maximum__accumulate(a, axis=0):
    """The greatest of the elements so far, along an axis."""
    return _accumulated(np.maximum, np.asarray(a), axis)


def minimum__accumulate(a, axis=0):
    """The least of the elements so far, along an axis."""
    return _accumulated(np.minimum, np.asarray(a), axis)


def _accumulated(joined, a, axis):
    found = np.moveaxis(a, axis, 0).copy()
    for i in range(1, len(found)):
        found[i] = joined(found[i - 1], found[i])
    return found if a.ndim == 1 or axis == 0 else np.moveaxis(found, 0, axis).copy()


def ediff1d(ary):
    """The differences of neighbours."""
    return np.diff(np.ravel(ary))


def diagflat(v, k=0):
    """A matrix with the elements on a diagonal."""
    return np.diag(np.ravel(v), k)


def rot90(m, k=1):
    """The matrix turned k times by a quarter, counterclockwise."""
    turns = k % 4
    if turns == 0:
        return m
    if turns == 2:
        return np.flip(m, axis=(0, 1))
    return np.flip(np.swapaxes(m, 0, 1), axis=0 if turns == 1 else 1)


def atleast_1d(a):
    """The array; a number becomes an array of one."""
    a = np.asarray(a)
    return np.reshape(a, 1) if a.ndim == 0 else a


def atleast_2d(a):
    """The array; a row becomes a matrix of one row."""
    a = np.asarray(a)
    if a.ndim == 0:
        return np.reshape(a, (1, 1))
    return a[None, :] if a.ndim == 1 else a


def dstack(tup):
    """The matrices side by side, along a third axis."""
    return np.stack(tup, axis=2)


def logical_xor(x1, x2):
    """Whether just one of two is not zero."""
    return (np.asarray(x1) != 0) != (np.asarray(x2) != 0)


def signbit(x):
    """Whether the sign is that of a negative number, or of a negative zero."""
    return np.copysign(1.0, x) < 0


def isclose(a, b, rtol=1e-05, atol=1e-08, equal_nan=False):
    """Whether two numbers are almost the same."""
    a, b = np.asarray(a), np.asarray(b)
    close = (np.abs(a - b) <= atol + rtol * np.abs(b)) & np.isfinite(b) | (a == b)
    return close | (np.isnan(a) & np.isnan(b)) if equal_nan else close


def allclose(a, b, rtol=1e-05, atol=1e-08, equal_nan=False):
    """Whether all numbers are almost the same."""
    return np.all(isclose(a, b, rtol, atol, equal_nan))


def array_equal(a1, a2):
    """Whether two arrays have one shape, and the same elements."""
    a1, a2 = np.asarray(a1), np.asarray(a2)
    return a1.shape == a2.shape and np.all(a1 == a2)


def hanning(M):
    """A window of M numbers, a cosine that is 0 at its ends."""
    n = np.arange(1 - M, M, 2)
    return 0.5 + 0.5 * np.cos(np.pi * n / max(M - 1, 1)) if M != 1 else np.ones(1)


def hamming(M):
    """A window of M numbers, a cosine that is 0.08 at its ends."""
    n = np.arange(1 - M, M, 2)
    return 0.54 + 0.46 * np.cos(np.pi * n / max(M - 1, 1)) if M != 1 else np.ones(1)


def fmax(x1, x2):
    """The greater of two; where one is nan, the other."""
    greater = np.maximum(x1, x2)
    return np.where(np.isnan(x1), x2, np.where(np.isnan(x2), x1, greater))


def fmin(x1, x2):
    """The lesser of two; where one is nan, the other."""
    lesser = np.minimum(x1, x2)
    return np.where(np.isnan(x1), x2, np.where(np.isnan(x2), x1, lesser))


# -- what these have in common


def _in_order(a, axis):
    """The elements in order along an axis, or all of them in a row; and the axis."""
    if axis is None:
        return np.sort(np.ravel(a)), 0
    return np.sort(a, axis=axis), axis


def _at(a, index, axis):
    """The elements at one place of an axis."""
    return np.take(a, index, axis=axis)


def _kept(reduced, a, axis, keepdims):
    """What is left of an array, with its axes back if they are to be kept."""
    if not keepdims:
        return reduced
    if axis is None:
        return np.reshape(reduced, (1,) * a.ndim)
    return np.expand_dims(reduced, axis)


def _differences(f, dx, axis):
    f = np.moveaxis(f, axis, -1)
    inside = (f[..., 2:] - f[..., :-2]) / (2.0 * dx)
    first = (f[..., 1] - f[..., 0]) / dx
    last = (f[..., -1] - f[..., -2]) / dx
    row = np.concatenate((first[..., None], inside, last[..., None]), axis=-1)
    return np.moveaxis(row, -1, axis)
