"""Variables that take turns in a branch: what each is given reads the others of before.

The references are SymPy's derivatives of what the function returns for symbols, with
the branches decided by whole numbers.
"""

from functools import cache

import pytest
import sympy

import adjoint


def two(x, y, n: int):
    a, b = x, y
    for i in range(n):
        if i % 2 == 0:
            a, b = a * x + b * y, a * y - b
    return a * b


def three(x, y, n: int):
    a, b, c = x, y, x * y
    for i in range(n):
        if i % 2 == 0:
            a, b, c = a * b - c, c * a + b, a + b * c
        elif i % 3 == 0:
            a, b, c = b * c, c * a, a / b
        else:
            c, a = b - a, c + b * a
    return a * b + c


def matrix_power(x, y, n: int):
    m = [[x, y], [y, x * y]]
    p = [[1.0, 0.0], [0.0, 1.0]]
    while n:
        if n & 1:
            p = [
                [sum(p[i][k] * m[k][j] for k in range(2)) for j in range(2)]
                for i in range(2)
            ]
        m = [
            [sum(m[i][k] * m[k][j] for k in range(2)) for j in range(2)]
            for i in range(2)
        ]
        n >>= 1
    return p[0][1] + p[1][1]


@cache  # it is the same for each n
def derivative(kind, function, *wrt):
    return getattr(adjoint, kind)(function, wrt or None)


@pytest.mark.parametrize("function", [two, three, matrix_power])
@pytest.mark.parametrize("n", [0, 1, 2, 3, 4, 5])
def test_no_value_is_overwritten_that_is_read(function, n):
    x, y = sympy.symbols("x y")
    at = {x: sympy.Rational(5, 8), y: sympy.Rational(3, 4)}
    expression = sympy.sympify(function(x, y, n))
    slopes = [float(expression.diff(one).subs(at)) for one in (x, y)]
    rows = [[float(expression.diff(a, b).subs(at)) for b in at] for a in at]
    value, gradient = derivative("value_and_grad", function)(0.625, 0.75, n)
    assert value == function(0.625, 0.75, n)
    assert gradient == pytest.approx(slopes, rel=1e-12, abs=1e-12)
    for name, slope in zip("xy", slopes, strict=True):
        alone = derivative("grad", function, name)(0.625, 0.75, n)
        assert alone == pytest.approx(slope, rel=1e-12, abs=1e-12)
    value, tangent = derivative("jvp", function)(0.625, 0.75, n, 1.0, 0.5)
    assert value == function(0.625, 0.75, n)
    assert tangent == pytest.approx(slopes[0] + 0.5 * slopes[1], rel=1e-12, abs=1e-12)
    for row, expected in zip(
        derivative("hessian", function)(0.625, 0.75, n), rows, strict=True
    ):
        assert row == pytest.approx(expected, rel=1e-11, abs=1e-11)
