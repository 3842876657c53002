"""Loops that are left in the middle of an iteration: ``if c: break``, and then the rest."""

import black
import mpmath
import pytest

import adjoint
from tests.support_functions import define, outcome

#: The function, and its body as it is written.
WRITTEN = {
    "before the rest": (
        """def f(x, n: int):
    s = x
    for k in range(n):
        if s > 10.0:
            break
        s = s * x + math.sin(s)
    return s
""",
        """def f(x, n):
    s = x
    for _ in range(n):
        if s > 10.0:
            break
        s = s * x + sin(s)
    return s
""",
    ),
    "twice": (
        """def f(x, n: int):
    s, p = x, 0.0
    for k in range(n):
        if s > 10.0 or p < -3.0:
            break
        p = s
        s = s * x + math.sin(s)
        if s < p:
            break
    return s + p
""",
        """def f(x, n):
    p = 0.0
    s = x
    for _ in range(n):
        if s > 10.0 or p < -3.0:
            break
        s_2 = s * x + sin(s)
        t1 = s_2 < s
        s, p = s_2, s
        if t1:
            break
    return s + p
""",
    ),
    "returns": (
        """def f(x, n: int):
    s = x
    while n > 0:
        if s > 10.0:
            return s * 2.0
        if s < 0.1:
            return -1.0
        s = s * x
        n -= 1
    return s
""",
        """def f(x, n):
    s = x
    t1 = False
    while n > 0:
        if s > 10.0:
            y = s * 2.0
            t1 = True
            break
        t1 = s < 0.1
        if t1:
            y = -1.0
            break
        s *= x
        n -= 1
    return s if not t1 else y
""",
    ),
    "an elif behind it": (
        """def f(x, n: int):
    low, high = 0.0, x + 1.0
    for _ in range(n):
        middle = 0.5 * (low + high)
        error = middle * middle - x
        if abs(error) < 1e-3:
            return middle
        if error > 0:
            high = middle
        else:
            low = middle
    return 0.5 * (low + high)
""",
        """def f(x, n):
    high = x + 1.0
    low = 0.0
    t1 = False
    for _ in range(n):
        middle = 0.5 * (low + high)
        error = middle * middle - x
        t1 = abs(error) < 0.001
        if t1:
            break
        if error > 0.0:
            high = middle
        else:
            low = middle
    return middle if t1 else 0.5 * (low + high)
""",
    ),
    "endless": (
        """def f(x, n: int):
    k = 0
    while True:
        if k > n:
            raise RuntimeError("no convergence")
        y = math.cos(x)
        if abs(y - x) < 1e-3:
            return y
        x = y
        k += 1
""",
        """def f(x, n):
    k = 0
    while True:
        if k > n:
            raise RuntimeError("no convergence")
        y = cos(x)
        if abs(y - x) < 0.001:
            break
        k += 1
        x = y
    return y
""",
    ),
    "in any case": (
        """def f(x, n: int):
    y = x
    for k in range(3, n):
        y = x * k + y
        break
    return y
""",
        """def f(x, n):
    y = x
    for k in range(3, n):
        y = x * k + y
        break
    return y
""",
    ),
    "a swap behind it": (
        """def f(x, n: int):
    a, b = x, 1.0
    for _ in range(n):
        if a > 5.0:
            a = a - 1.0
            break
        a, b = b, a + 0.5 * b
    return a * b
""",
        """def f(x, n):
    a = x
    b = 1.0
    for _ in range(n):
        if a > 5.0:
            a -= 1.0
            break
        b_2 = a + 0.5 * b
        a, b = b, b_2
    return a * b
""",
    ),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_what_is_written(name):
    text, written = WRITTEN[name]
    source = adjoint.value_and_grad(define(f"import math\n\n\n{text}")).source
    assert source.partition("\n\n\ndef f(")[2].partition("\n\n\n")[0] == (
        written.partition("def f(")[2].rstrip("\n")
    )


@pytest.mark.parametrize("name", WRITTEN)
def test_it_computes_what_the_function_does(name):
    text, _ = WRITTEN[name]
    f = define(f"import math\n\n\n{text}")
    precise = define(f"import mpmath as math\n\n\n{text}")
    for kind in (adjoint.value_and_grad, adjoint.hessian):
        d = kind(f)
        assert black.format_str(d.source, mode=black.Mode()) == d.source
        assert d.check()
        for x in (-0.71, 0.063, 0.83, 1.57, 2.39, 7.3, 23.1):
            for n in (0, 1, 2, 5, 30):
                expected = outcome(lambda x=x, n=n: f(x, n))
                if expected[0] == "raises":
                    assert outcome(lambda d=d, x=x, n=n: d(x, n)) == expected
                    continue
                order = 1 if kind is adjoint.value_and_grad else 2
                found = d(x, n)
                if order == 1:
                    value, found = found
                    assert outcome(lambda v=value: v) == expected
                with mpmath.workdps(50):
                    point = mpmath.mpf(x)
                    exact = mpmath.diff(lambda z, n=n: precise(z, n), point, order)
                    assert found == pytest.approx(float(exact), rel=1e-9, abs=1e-9)
