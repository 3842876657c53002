"""What NumPy lacks: functions that are copied as they stand into generated modules.

Each takes numbers or arrays; at poles and outside of the domain the result is inf or
nan, as that of NumPy's own functions.
"""

# mypy: allow-untyped-defs

import math

import numpy as np


def relu(x):
    """Return max(x, 0) as floats; nan stays nan."""
    return np.maximum(x, 0.0)


def sigmoid(x):
    """Return 1 / (1 + exp(-x)) without overflow."""
    e = np.exp(-np.abs(x))
    return np.where(x < 0, e, 1.0) / (1.0 + e)


def softplus(x):
    """Return log(1 + exp(x)) without overflow."""
    return np.maximum(x, 0.0) + np.log1p(np.exp(-np.abs(x)))


def remainder(a, b):
    """Return a - b n for the whole number n next to a / b, the even one of two."""
    size = np.abs(b)
    rest = np.fmod(np.abs(a), size)
    other = size - rest
    halfway = rest - 2.0 * np.fmod(0.5 * (np.abs(a) - rest), size)
    nearest = np.where(rest < other, rest, np.where(rest > other, -other, halfway))
    return np.where(np.isinf(b) & np.isfinite(a), a, np.copysign(1.0, a) * nearest)


def isqrt(n):
    """Return the whole part of the square root of n."""
    return np.floor(np.sqrt(n))


def factorial(n):
    """Return the factorial of the whole number n."""
    return one_by_one(lambda k: math.factorial(int(k)), n)


def comb(n, k):
    """Return in how many ways k of n can be chosen."""
    n, k = np.broadcast_arrays(n, k)
    pairs = zip(n.ravel().tolist(), k.ravel().tolist(), strict=True)
    values = [float(math.comb(int(a), int(b))) for a, b in pairs]
    return np.reshape(values, n.shape)[()]


def gcd(a, b):
    """Return the greatest whole number that divides both."""
    return np.gcd(np.asarray(a, dtype=int), np.asarray(b, dtype=int))


def one_by_one(function, x):
    """Return a function of numbers at each element of x."""
    x = np.asarray(x)
    values = np.fromiter(map(function, x.ravel().tolist()), float, x.size)
    return values.reshape(x.shape)[()]


def erf(x):
    """Return the error function at x."""
    return one_by_one(math.erf, x)


def erfc(x):
    """Return 1 - erf(x) without cancellation."""
    return one_by_one(math.erfc, x)


def gamma(x):
    """Return the gamma function at x; nan at its poles."""
    x = np.where((x <= 0) & (x == np.floor(x)), np.nan, np.minimum(x, 171.7))
    large = x > 171.6
    y = one_by_one(math.gamma, np.where(large, 1.0, x))
    return np.where(large, np.inf, y)


def lgamma(x):
    """Return the logarithm of |gamma(x)|; inf at the poles."""
    pole = (x <= 0) & (x == np.floor(x))
    y = one_by_one(math.lgamma, np.where(pole, 1.0, x))
    return np.where(pole, np.inf, y)


def cotpi(x):
    """Return the cotangent of pi x; nan at the whole numbers."""
    r = x - np.rint(x)
    r = np.where(r == 0, np.nan, r)
    near = np.abs(r) <= 0.25
    t = np.tan(np.pi * np.where(near, r, np.copysign(0.5, r) - r))
    return np.where(near, 1.0, t) / np.where(near, t, 1.0)


def digamma(x):
    """Return the logarithmic derivative of the gamma function at x; nan at poles."""
    # On [1, 2], with the root r: (x - r) (1 + p / q), p and q polynomials in t = x - 1
    # that interpolate at Chebyshev points. From 10: Abramowitz & Stegun 6.3.18.
    positive = np.where(x <= 0, 1.0 - x, x) + 0.0
    small = positive < 10
    t = np.where(small, positive, 1.5)
    y = np.where(t < 1, -1.0 / np.where(t < 1, t, 1.0), 0.0)
    t = np.where(t < 1, t, t - 1.0)
    for _ in range(8):
        y = y + np.where(t >= 1, 1.0 / np.where(t >= 1, t, 1.0), 0.0)
        t = np.where(t >= 1, t - 1.0, t)
    p, q = t * 0.0 - 5.255928232683594e-07, t * 0.0
    for a, b in (
        (-0.0020604314112846922, 0.0021092941228867614),
        (-0.04515907237103245, 0.053737122083413066),
        (-0.28999532224702357, 0.4338530757240686),
        (-0.6560046445367023, 1.4569679082420655),
        (-0.3352190181927289, 2.074742619717552),
        (0.2503801375034054, 1.0),
    ):
        p, q = p * t + a, q * t + b
    s = t - 0.46163214496836236 + 1.5522348162858677e-17
    y = y + (s + s * p / q)
    large = np.where(small, 10.0, positive)
    z = 1.0 / large / large
    s = 0.0 * z
    for b in (1 / 12, -691 / 32760, 1 / 132, -1 / 240, 1 / 252, -1 / 120, 1 / 12):
        s = (s + b) * z
    y = np.where(small, y, np.log(large) - 0.5 / large - s)
    return np.where(x <= 0, y - np.pi * cotpi(np.where(x <= 0, x, 0.25)), y)


def polygamma(n, x):
    """Return the n-th derivative of digamma at x, for a whole number n >= 0."""
    # Below 0: cot's n-th derivative, (-1)**n p(cot): p <- (1 + c**2) p'(c) from p = c.
    # Above 0: n! zeta(n + 1, x) by Euler and Maclaurin. Abramowitz & Stegun 6.4.
    if n == 0:
        return digamma(x)
    positive = np.where(x <= 0, 1.0 - x, x) + 0.0
    least = 10 + 2 * n
    m = np.ceil(np.where(positive < least, least - positive, 0.0))
    z = 1.0 / (positive + m)
    s = 0.0 * z
    for k, b in (
        (14, 1 / 74724249600),
        (12, -691 / 1307674368000),
        (10, 1 / 47900160),
        (8, -1 / 1209600),
        (6, 1 / 30240),
        (4, -1 / 720),
        (2, 1 / 12),
    ):
        s = (s + b) * (n + k - 2) * (n + k - 1) * z * z
    y = (positive + m) ** -n * (1 + n * z / 2 + s) / n
    for k in reversed(range(least)):
        below = k < m
        y = y + np.where(below, np.where(below, positive + k, 1.0) ** (-n - 1), 0.0)
    sign = 1.0 if n % 2 else -1.0
    y = y * (math.factorial(n) * sign)
    c, p = cotpi(np.where(x <= 0, x, 0.25)), [0, 1]
    for _ in range(n):
        p += [0, 0]
        p = [(k + 1) * p[k + 1] + (k - 1) * p[k - 1] for k in range(len(p) - 1)]
    cot = p.pop() + 0.0 * c
    while p:
        cot = cot * c + p.pop()
    return np.where(x <= 0, sign * (np.pi ** (n + 1) * cot - y), y)
