"""Signs in derivatives: how often something is negated, and that it is the same."""

import ast
import math
import random

import mpmath
import pytest

import adjoint
from tests.support_functions import define


def signs(derivative):
    """How many values the generated derivative negates."""
    functions = ast.parse(derivative.source).body
    nodes = [n for n in ast.walk(functions[-1]) if isinstance(n, ast.UnaryOp)]
    return sum(not isinstance(node.operand, ast.Constant) for node in nodes)


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("x/(n*d)", 1),  # -(x/t/t) for n and for d
        ("x/(a*b*c*d)", 1),
        ("exp(-2*a*b*x)", 0),  # the sign goes into the constant
        ("cos(x*y*z)", 1),
        ("-(a*b)", 2),  # nothing is in common
        ("x - y", 0),
        ("sin(x)/cos(y)", 0),
        ("cos(a*b)*cos(b*c)", 2),
    ],
)
def test_what_is_negated_several_times_is_negated_once(formula, expected):
    gradient = adjoint.grad(formula)
    assert signs(gradient) == expected, gradient.source
    assert gradient.check(seconds=3)


def test_one_sign_is_enough_for_two_sums():
    product = adjoint.hvp("x/(n*d)")
    assert signs(product) == 1, product.source
    x, n, d, v = 1.5, 0.75, -2.25, (0.3, -1.1, 0.6)
    y = x / (n * d)
    rows = [
        [0.0, -y / x / n, -y / x / d],
        [-y / x / n, 2 * y / n / n, y / n / d],
        [-y / x / d, y / n / d, 2 * y / d / d],
    ]
    expected = [sum(a * b for a, b in zip(row, v, strict=True)) for row in rows]
    assert product(x, n, d, *v) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        # what is behind a branch is added to, with the sign of the rest
        ("a*cos(w*t + p) - 0.5*w*hypot(a, p)", 0),
        ("hypot(a, p) + cos(p*w + a)", 0),
        ("where(a > p, a*p, a/p)*cos(p)", 0),
    ],
)
def test_signs_behind_branches_are_in_the_sums(formula, expected):
    gradient = adjoint.grad(formula)
    lines = gradient.source.split("# reverse sweep")[1]
    assert lines.count("+ -") == expected, gradient.source
    assert gradient.check(seconds=3)


def test_a_sign_that_something_else_uses_stays():
    """It is handed on by a branch and a sum: neither may take it from the other."""
    f = "abs(x*cos(a + b) - b) + where(a > 0, cos(a + b), x)"
    x, a, b = 1.25, 0.5, 0.75
    sign = math.copysign(1.0, x * math.cos(a + b) - b)
    by_angle = -math.sin(a + b) * (sign * x + 1.0)
    expected = (sign * math.cos(a + b), by_angle, by_angle - sign)
    assert adjoint.grad(f)(x, a, b) == pytest.approx(expected, rel=1e-14)


LOOP = """
def f(x, y, k):
    total = 0.0
    for i in range(5):
        x = x / (y * k)
        if x > y:
            total = total - cos(x * y * k)
        else:
            total = total - x / (k * k * y)
    return total
"""


@pytest.mark.parametrize("seed", range(5))
def test_signs_in_branches_and_loops(seed):
    f = define("from math import cos\n" + LOOP)
    in_digits = define("from mpmath import cos\n" + LOOP)
    point = [random.Random(seed).uniform(0.6, 1.6) for _ in range(3)]

    def exact(*by):
        orders = tuple(by.count(at) for at in range(3))
        return float(mpmath.diff(in_digits, point, orders))

    with mpmath.workdps(50):
        slopes = [exact(at) for at in range(3)]
        rows = [[exact(i, j) for j in range(3)] for i in range(3)]
    assert adjoint.grad(f)(*point) == pytest.approx(slopes, rel=1e-12)
    hessian, hvp = adjoint.hessian(f)(*point), adjoint.hvp(f)
    for i, row in enumerate(rows):
        assert hessian[i] == pytest.approx(row, rel=1e-12)
        unit = [float(i == j) for j in range(3)]
        assert hvp(*point, *unit) == pytest.approx(row, rel=1e-12)
