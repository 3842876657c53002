"""What `math` lacks: functions that are copied as they stand into generated modules."""

# mypy: allow-untyped-defs

from math import ceil, copysign, exp, factorial, inf, log, log1p, pi, remainder, tan


def sign(x):
    """Return 1.0, -1.0 or 0.0 by the sign of x; nan stays nan."""
    return float((x > 0) - (x < 0)) if x == x else x


def relu(x):
    """Return max(x, 0) as a float; nan stays nan."""
    return 0.0 if x <= 0 else float(x)


def sigmoid(x):
    """Return 1 / (1 + exp(-x)) without overflow."""
    e = exp(-abs(x))
    return (e if x < 0 else 1.0) / (1.0 + e)


def softplus(x):
    """Return log(1 + exp(x)) without overflow."""
    return max(x, 0.0) + log1p(exp(-abs(x)))


def logaddexp(a, b):
    """Return log(exp(a) + exp(b)) without overflow."""
    if a == b:  # two infinities as well
        return a + log(2.0)
    return max(a, b) + log1p(exp(-abs(a - b)))


def cotpi(x):
    """Return the cotangent of pi x; ValueError at the whole numbers."""
    r = remainder(x, 1.0)
    if r == 0:
        raise ValueError("math domain error")
    return 1 / tan(pi * r) if abs(r) <= 0.25 else copysign(tan(pi * (0.5 - abs(r))), r)


def digamma(x):
    """Return the logarithmic derivative of the gamma function at x."""
    # On [1, 2], with the root r: (x - r) (1 + p / q), p and q polynomials in t = x - 1
    # that interpolate at Chebyshev points. From 10: Abramowitz & Stegun 6.3.18.
    if x <= 0:
        y = digamma(1.0 - x) - pi * cotpi(x)
    elif x < 10:
        y, t = (-1 / x, x) if x < 1 else (0.0, x - 1)
        while t >= 1:
            y, t = y + 1 / t, t - 1
        p, q = -5.255928232683594e-07, 0.0
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
        y += s + s * p / q
    else:
        z, s = 1 / x / x, 0.0
        for b in (1 / 12, -691 / 32760, 1 / 132, -1 / 240, 1 / 252, -1 / 120, 1 / 12):
            s = (s + b) * z
        return log(x) - 0.5 / x - s
    if abs(y) == inf:
        raise OverflowError("math range error")
    return y


def polygamma(n, x):
    """Return the n-th derivative of digamma at x, for a whole number n >= 0."""
    # Below 0: cot's n-th derivative, (-1)**n p(cot): p <- (1 + c**2) p'(c) from p = c.
    # Above 0: n! zeta(n + 1, x) by Euler and Maclaurin. Abramowitz & Stegun 6.4.
    if n == 0:
        return digamma(x)
    if x <= 0:
        c, p = cotpi(x), [0, 1]
        for _ in range(n):
            p += [0, 0]
            p = [(k + 1) * p[k + 1] + (k - 1) * p[k - 1] for k in range(len(p) - 1)]
        y = p.pop()
        while p:
            y = y * c + p.pop()
        y = pi ** (n + 1) * y - polygamma(n, 1.0 - x)
    else:
        m = ceil(10 + 2 * n - x) if x < 10 + 2 * n else 0
        z, s = 1 / (x + m), 0.0
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
        y = (x + m) ** -n * (1 + n * z / 2 + s) / n
        for k in reversed(range(m)):
            y += (x + k) ** (-n - 1)
        y *= factorial(n)
    if abs(y) == inf:
        raise OverflowError("math range error")
    return y if n % 2 else -y
