"""`math`'s functions of whole numbers that are known when the function runs, and `dist`.

Values are compared with the function itself, derivatives with closed forms of SymPy.
"""

import math

import numpy as np
import pytest
import sympy

import adjoint
from adjoint.errors import SourceError
from tests.support_functions import define


def series(x, n: int):
    s = 0.0
    for k in range(n):
        s += x**k / math.factorial(k) + math.comb(n, k) * x**k + math.gcd(k, n, 12) * x
    return s


def closed(x, n):
    terms = [
        x**k / sympy.factorial(k)
        + sympy.binomial(n, k) * x**k
        + sympy.gcd([k, n, 12]) * x
        for k in range(n)
    ]
    return sympy.Add(*terms)


@pytest.mark.parametrize("n", [0, 1, 5, 24])
def test_at_run_time(n):
    d = adjoint.value_and_grad(series)
    x = sympy.Symbol("x")
    slope = closed(x, n).diff(x)
    for number in (0.5, 1.25, -0.75):
        value, gradient = d(number, n)
        assert value == series(number, n)
        expected = float(slope.subs(x, sympy.Rational(number)))
        assert gradient == pytest.approx(expected, rel=1e-11)
    assert "from math import comb, factorial, gcd" in d.source


def test_of_many_points():
    f = define(
        "import math\n\n\ndef f(x, n: int):\n"
        "    return x / math.factorial(n) + math.comb(n, 2) * x * x * math.gcd(n, 6)\n"
    )
    value, gradient = adjoint.value_and_grad(f, target="numpy")([1.5, 2.5], [25, 4])
    assert value.tolist() == [f(1.5, 25), f(2.5, 4)]
    expected = [1 / math.factorial(25) + 2 * 300 * 1.5, 1 / 24 + 2 * 6 * 2.5 * 2]
    assert gradient == pytest.approx(np.array(expected), rel=1e-15)


def test_known_numbers():
    f = define(
        "import math\n\n\ndef f(x):\n    return x * (math.perm(5, 2) + math.perm(3) +"
        " math.gcd() + math.gcd(-4) + math.gcd(12, 18, 27) + math.comb(4, 2)"
        " + math.isqrt(17))\n"
    )
    assert adjoint.grad(f)(2.0) == 20 + 6 + 0 + 4 + 3 + 6 + 4


def test_what_python_raises():
    d = adjoint.grad(series)
    f = define("import math\n\n\ndef f(x, n: int):\n    return x * math.factorial(n)\n")
    with pytest.raises(ValueError, match="negative"):
        adjoint.grad(f)(1.0, -1)
    assert d(1.0, 2) == 2 + (1 + 2 + 1)


def test_check_proves_it():
    f = define("import math\n\n\ndef f(x, n: int):\n    return x * math.comb(n, 2)\n")
    assert adjoint.value_and_grad(f, static={"n": 5}).check()
    assert adjoint.value_and_grad(f).check()


def test_distances():
    f = define(
        "import math\n\n\ndef f(x, y):\n    z = (x * y, 2.0)\n"
        "    return math.dist((x, y), z) * math.dist([x], [y]) + math.dist((), ())\n"
    )
    x, y = sympy.symbols("x y")
    distance = sympy.sqrt((x - x * y) ** 2 + (y - 2) ** 2) * sympy.sqrt((x - y) ** 2)
    for point in ((0.75, 1.5), (-2.0, 0.3), (1e200, 1.0)):
        value, gradient = adjoint.value_and_grad(f)(*point)
        assert value == f(*point)
        if point[0] < 1e9:
            at = dict(zip((x, y), map(sympy.Rational, point), strict=True))
            expected = [float(distance.diff(by).subs(at)) for by in (x, y)]
            assert gradient == pytest.approx(expected, rel=1e-13)


def test_products_with_a_start():
    f = define(
        "import math\n\n\ndef f(x: 'list[float]', y):\n"
        "    return math.prod(x, start=y) * math.prod((y, x[0]), start=3)\n"
    )
    value, (by_x, by_y) = adjoint.value_and_grad(f)([2.0, 5.0], 3.0)
    assert value == f([2.0, 5.0], 3.0) == 540.0  # 3 x0^2 x1 y^2
    assert by_x == [540.0, 108.0] and by_y == 360.0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("math.perm(n, 2)", "have to be known"),
        ("math.dist([x] * n, [x] * n)", "how many numbers"),
        ("math.dist((x, x), (x,))", "2 and 1 numbers"),
        ("math.factorial(-1)", "negative"),
        ("math.factorial(1.5 * x)", "whole number"),
    ],
)
def test_refused(text, message):
    f = define(f"import math\n\n\ndef f(x, n: int):\n    return x * {text}\n")
    with pytest.raises(SourceError, match=message):
        adjoint.grad(f)


def test_arrays_of_whole_numbers_by_their_use():
    """An item of it is an index: what is not annotated is no array of floats then."""
    f = define(
        "def f(x, pairs, start):\n    s = 0.0\n    for i, j in pairs:\n"
        "        s += x[i] * x[j] ** 2\n    for k in range(start[0], start[1] + 1):\n"
        "        s += x[k]\n    return s\n"
    )
    d = adjoint.value_and_grad(f)
    x, pairs, start = [2.0, 3.0, 5.0], [[0, 1], [1, 2]], [1, 2]
    value, gradient = d(x, pairs, start)
    assert value == f(x, pairs, start) == 101.0
    assert gradient == [9.0, 12.0 + 25.0 + 1.0, 30.0 + 1.0]
    assert d.check()
    with pytest.raises(SourceError, match="a whole number is expected"):
        adjoint.grad(define("def f(x, k):\n    return x[k[0] / 2]\n"))
