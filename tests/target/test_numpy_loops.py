"""Loops that all points run through together, against differences of 70 digits."""

import math
from math import exp, sin, sqrt

import black
import numpy as np
import pytest

import adjoint
from tests.support_oracle import derivative

POINTS = np.array([[0.3, 1.7], [0.9, 0.2], [1.6, -1.1], [2.5, 0.8], [3.1, -0.4]]).T


def power_sum(x, y, n: int):
    total = 0.0
    for i in range(n):
        total += y * x**i / (i + 1)
    return total


def euler(x, y, n: int):
    for _ in range(n):
        x, y = x + 0.1 * y, y - 0.1 * sin(x)
    return x * y


def branching(x, y, n: int):
    s = 0.0
    for i in range(n):
        if x > i:
            s = s + sqrt(x - i) * y
        elif y > 0 and i > 2:
            s = s * y
        x = x + exp(-s * s)
    return s + x


def nested(x, y, n: int):
    s = y
    for i in range(1, n):
        for j in range(i, 0, -1):
            s = sin(s) + x * j
        x = x * 0.5
    return s


def with_a_guard(x, y, n: int):
    for _ in range(n):
        if x + y > 100:
            raise OverflowError("too far")
        x = x + y * y
    return x


FUNCTIONS = (power_sum, euler, branching, nested, with_a_guard)


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("count", [0, 1, 6])
def test_gradient_of_a_loop(function, count):
    d = adjoint.value_and_grad(function, target="numpy")
    value, gradient = d(*POINTS, count)
    for at, (x, y) in enumerate(POINTS.T):
        expected = function(float(x), float(y), count)
        assert math.isclose(value[at], expected, rel_tol=1e-13, abs_tol=1e-13)
        for name, found in zip("xy", gradient, strict=True):
            exact = derivative(d.primal, [float(x), float(y), count], name)
            assert math.isclose(found[at], exact, rel_tol=1e-11, abs_tol=1e-12)


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)
def test_module_of_a_loop_is_a_fixed_point_of_black(function):
    text = adjoint.value_and_grad(function, target="numpy").source
    assert black.format_str(text, mode=black.Mode()) == text


def test_many_points_run_a_loop_in_blocks():
    x = np.linspace(-1, 1, 30_001)
    value, (dx, dy) = adjoint.value_and_grad(euler, target="numpy")(x, 0.5, 2)
    # two steps by hand
    x1, y1 = x + 0.05, 0.5 - 0.1 * np.sin(x)
    x2, y2 = x1 + 0.1 * y1, y1 - 0.1 * np.sin(x1)
    a, b = 1 - 0.01 * np.cos(x), -0.1 * np.cos(x) - 0.1 * np.cos(x1)
    c, d = 0.1 + 0.1, 1 - 0.01 * np.cos(x1)
    assert np.allclose(value, x2 * y2, rtol=1e-13)
    assert np.allclose(dx, a * y2 + x2 * b, rtol=1e-12)
    assert np.allclose(dy, c * y2 + x2 * d, rtol=1e-12)


def until_small(x):
    while x > 1:
        x = x / 2
    return x


def with_a_break(x, n: int):
    for _ in range(n):
        if x > 2:
            break
        x = x * x
    return x


def of_a_length(x):
    s = 0.0
    for _ in range(int(x)):
        s += x
    return s


def for_some(x, n: int):
    if x > 0:
        for _ in range(n):
            x = x * x
    return x


@pytest.mark.parametrize(
    "function, message",
    [
        (until_small, "may end sooner for some points"),
        (with_a_break, "may end sooner for some points"),
        (of_a_length, "may differ from point to point"),
        (for_some, "is run for some of the points"),
    ],
)
def test_other_loops_are_refused_with_their_place(function, message):
    d = adjoint.grad(function, target="numpy")
    with pytest.raises(adjoint.AdjointError, match=message) as caught:
        _ = d.source
    assert "^" in str(caught.value)
    assert "target python" in str(caught.value)
