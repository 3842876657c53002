"""Loops of functions of many points, against differences of 70 digits."""

import math
import warnings
from math import exp, log, sin, sqrt

import black
import numpy as np
import pytest

import adjoint
from adjoint.ir.form import flattened
from tests.support_functions import define
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


# -- loops that each point leaves when it is done, beside the target python


def until_small(x, y):
    while x > 1:
        x = x / 2 * y
    return x


def newton(x, y):
    r, k = x, 0
    while abs(r * r - x) > 1e-12 and k < 50:
        r = 0.5 * (r + x / r)
        k += 1
    return r * y


def with_a_break(x, y):
    for i in range(30):
        if x > 2:
            break
        x = x * x + 0.1 * y * i
    else:
        x = x * y
    return x


def of_a_length(x, y):
    s = 0.0
    for i in range(int(x * 3), -1, -2):
        s += x * y**i
    return s


def for_some(x, y):
    if x > y:
        s = 1.0
        for _ in range(4):
            s = s * x + y
            if s > 20:
                s = sqrt(s)
        return s
    k = 0
    while x * 1.3**k < y:
        k += 1
    return log(x) * k + y


def inside_each_other(x, y):
    s = 0.0
    while x > 0.5:
        if y > 0.5:
            while y > 0.3:
                y = y * 0.7
                s += x * y
                if s > 5:
                    break
        else:
            y = y + log(x + 1)
        for i in range(int(y * 4)):
            for j in range(i, 3):
                s += sin(x * j) * y
            if s > 9:
                s = s - y
        x = x - 0.7 * y - 0.4
    return s * x + y


def leaving_early(x, y):
    for i in range(30):
        x = x * y + 0.1
        if x > 3:
            return x + i
    return x


def choosing(x, y):
    y -= min(x, 1.25, 2.0)
    k = 0
    while k < 7 and k < 0.75:
        k += 1
        x = abs(k) + max(x, 2)
        y = 1.0
    return x + y + k


def of_no_point(x, y):
    s, k = 0, 0
    while k < 3:
        k += 1
        s += x * k
    return s * y


UNEVEN = (until_small, newton, with_a_break, of_a_length, for_some)
UNEVEN += (inside_each_other, leaving_early, choosing, of_no_point)
SHAPES = [((9,), (9,)), ((3, 1), (4,)), ((), (6,)), ((2, 3), ()), ((1,), (1, 1))]


def _points(*shapes):
    rng = np.random.default_rng(11)
    return rng.uniform(0.05, 3.0, shapes[0]), rng.uniform(0.1, 0.95, shapes[1])


def _check(function, x, y, places):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        value, gradient = adjoint.value_and_grad(function, target="numpy")(x, y)
    single = adjoint.value_and_grad(function)
    x, y = np.broadcast_arrays(x, y)
    assert [np.shape(one) for one in (value, *gradient)] == 3 * [x.shape]
    for at in places(x.shape):
        expected, slopes = single(float(x[at]), float(y[at]))
        assert math.isclose(np.asarray(value)[at], expected, rel_tol=1e-13)
        for found, right in zip(gradient, slopes, strict=True):
            assert math.isclose(
                np.asarray(found)[at], right, rel_tol=1e-12, abs_tol=1e-13
            )


@pytest.mark.parametrize("function", UNEVEN, ids=lambda f: f.__name__)
@pytest.mark.parametrize("shapes", SHAPES, ids=str)
def test_each_point_leaves_a_loop_when_it_is_done(function, shapes):
    _check(function, *_points(*shapes), np.ndindex)


@pytest.mark.parametrize("function", UNEVEN, ids=lambda f: f.__name__)
def test_many_points_leave_a_loop_block_by_block(function):
    _check(function, *_points((20_001,), (20_001,)), lambda s: range(0, s[0], 1999))


@pytest.mark.parametrize("function", UNEVEN, ids=lambda f: f.__name__)
def test_gradient_against_differences_of_70_digits(function):
    x, y = _points((5,), (5,))
    derivative_ = adjoint.value_and_grad(function, target="numpy")
    _, gradient = derivative_(x, y)
    for at in range(5):
        for name, found in zip("xy", gradient, strict=True):
            point = [float(x[at]), float(y[at])]
            exact = derivative(derivative_.primal, point, name)
            assert math.isclose(found[at], exact, rel_tol=1e-10, abs_tol=1e-11)


@pytest.mark.parametrize("function", UNEVEN, ids=lambda f: f.__name__)
def test_module_of_an_uneven_loop_is_a_fixed_point_of_black(function):
    text = adjoint.value_and_grad(function, target="numpy").source
    assert black.format_str(text, mode=black.Mode()) == text


@pytest.mark.parametrize("kind", ["jvp", "hvp", "hessian"])
def test_other_kinds_through_uneven_loops(kind):
    x, y = _points((7,), (7,))
    vectors = () if kind == "hessian" else (0.5, 2.0)
    found = getattr(adjoint, kind)(inside_each_other, target="numpy")(x, y, *vectors)
    single = getattr(adjoint, kind)(inside_each_other)
    for at in range(7):
        expected = flattened(single(float(x[at]), float(y[at]), *vectors))[1]
        own = [one[at] for one in flattened(found)[1]]
        assert np.allclose(own, expected, rtol=1e-10, atol=1e-11)


def test_no_points_and_few_digits():
    d = adjoint.value_and_grad(inside_each_other, target="numpy")
    value, (dx, dy) = d(np.zeros((0, 3)), 1.0)
    assert value.shape == dx.shape == dy.shape == (0, 3)
    x = np.array([0.5, 1.5, 2.5], dtype=np.float32)
    value, gradient = d(x, np.float32(0.75))
    assert {one.dtype for one in (value, *gradient)} == {np.dtype(np.float32)}
    exact, slopes = d(x.astype(float), 0.75)
    assert np.allclose(value, exact, rtol=1e-4)
    assert np.allclose(gradient, slopes, rtol=1e-3)


def test_an_exception_in_a_loop_is_for_the_points_that_are_there():
    def f(x):
        while x > 1:
            if x > 100:
                raise OverflowError("too far")
            x = x * x - 3
        return x

    d = adjoint.grad(f, target="numpy")
    assert d(np.array([0.5, 1.5, 2.0])).tolist() == [1.0, 3.0, 4.0]
    with pytest.raises(OverflowError, match="too far"):
        adjoint.value_and_grad(f, target="numpy")(np.array([0.5, 3.0]))


NOT_THERE_YET = """
from math import sqrt

def f(x, y, n: int):
    known, s = False, 0.0
    for i in range(n):
        if known:
            s += sqrt(last * last + y * y) / last
        last, known = x + i * y, True
    return s
"""
UNTIL_LITTLE_CHANGES = """
def f(x, y, n: int):
    known, z = False, x
    while True:
        z = 0.5 * (z + y / z)
        if known and abs(z - last) < 1e-9:
            return z
        last, known = z, True
"""


@pytest.mark.parametrize("text", [NOT_THERE_YET, UNTIL_LITTLE_CHANGES])
def test_what_is_not_there_yet_is_not_computed_with(text):
    """NumPy computes both sides: what no point reads is a number all the same."""
    x, y = np.array([0.5, 1.5, 2.5]), np.array([1.25, 0.75, 2.0])
    function = define(text)
    d = adjoint.value_and_grad(function, target="numpy")
    with np.errstate(all="raise"):
        values, (by_x, by_y) = d(x, y, 4)
    plain = adjoint.value_and_grad(function)
    for at in range(3):
        value, slopes = plain(x[at], y[at], 4)
        assert value == function(x[at], y[at], 4)
        assert values[at] == pytest.approx(value, rel=1e-14)
        assert (by_x[at], by_y[at]) == pytest.approx(slopes, rel=1e-12)
