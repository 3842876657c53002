"""Functions of NumPy that are of powers: polynomials, and what is spaced by them.

They are read as those of `numpy_library` are; nothing here is run.
"""

# mypy: ignore-errors

import numpy as np


def polyval(p, x):
    """The polynomial with the coefficients p, the highest power's first, by Horner."""
    total = np.zeros_like(x)
    for coefficient in p:
        total = total * x + coefficient
    return total


def polyder(p):
    """The derivative of the polynomial with the coefficients p."""
    p = np.asarray(p)
    return p[:-1] * np.arange(len(p) - 1, 0, -1)


def polyint(p):
    """The integral of the polynomial with the coefficients p, which is 0 at 0."""
    p = np.asarray(p)
    return np.concatenate((p / np.arange(len(p), 0, -1), np.zeros(1)))


def vander(x, N=None, increasing=False):
    """The powers of x, a column for each."""
    x = np.asarray(x)
    n = len(x)
    columns = n if N is None else N
    products = np.cumprod(np.broadcast_to(x[:, None], (n, columns - 1)), axis=1)
    powers = np.concatenate((np.ones((n, 1)), products), axis=1)
    return powers if increasing else powers[:, ::-1].copy()


def polyfit(x, y, deg, w=None):
    """The coefficients of the polynomial next to points, the highest power's first."""
    x, y = np.asarray(x) + 0.0, np.asarray(y) + 0.0
    powers = vander(x, deg + 1)
    if w is not None:
        w = np.asarray(w) + 0.0
        powers = powers * w[:, None]
        y = w * y if y.ndim == 1 else w[:, None] * y
    scale = np.sqrt(np.sum(powers * powers, axis=0))
    found = np.linalg.lstsq(powers / scale, y)[0]
    return found / scale if y.ndim == 1 else found / scale[:, None]


def logspace(start, stop, num=50, base=10.0):
    """Powers whose exponents are at equal distances."""
    return np.power(base, np.linspace(start, stop, num))


def geomspace(start, stop, num=50):
    """Numbers between two, each of them the same multiple of the one before it."""
    sign = np.sign(start)
    start, stop = start / sign, stop / sign
    found = logspace(np.log10(start), np.log10(stop), num)
    found[0] = start
    if num > 1:
        found[-1] = stop
    return found * sign
