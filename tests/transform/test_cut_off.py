"""Infinite slopes behind a factor 0: a kink or a branch has cut them off."""

import black
import pytest

import adjoint
from tests.support_functions import define

BLACK = black.Mode(target_versions={black.TargetVersion.PY311})

DISTANCE = """
import math
def f(x, z):
    d = math.sqrt(x*x + z*z)
    if d > 1.0:
        return (d - 1.0)**2
    return 0.0
"""
LOOP = """
import math
def f(x, z, n: int):
    s = 0.0
    for i in range(n):
        d = math.sqrt(x*x + i*i*z*z)
        s += max(d, 0.5)
    return s
"""

#: Functions of x and z, points, and the gradients there in closed form.
CASES = [
    ("max(sqrt(x), 0.5)*z", (0.0, 3.0), (0.0, 0.5)),
    ("max(sqrt(x), 0.5)*z", (4.0, 3.0), (0.75, 2.0)),
    ("relu(sqrt(x) - 1) + z", (0.0, 3.0), (0.0, 1.0)),
    ("relu(sqrt(x) - 1) + z", (4.0, 3.0), (0.25, 1.0)),
    ("min(acos(x), 3) + z", (-1.0, 3.0), (0.0, 1.0)),
    ("min(acos(x), 3) + z", (0.6, 3.0), (-1.25, 1.0)),
    ("max(sqrt(x*x + z*z), 0.25)", (0.0, 0.0), (0.0, 0.0)),
    ("max(sqrt(x*x + z*z), 0.25)", (3.0, 4.0), (0.6, 0.8)),
    ("max(cbrt(x), z, 1)", (0.0, 2.0), (0.0, 1.0)),
    ("max(cbrt(x), z, 1)", (8.0, 1.5), (1 / 12, 0.0)),
    ("max(x**0.5, 1)*max(z**0.5, 1)", (0.0, 4.0), (0.0, 0.25)),
    ("where(sqrt(x) > 1, sqrt(x), z)", (0.0, 5.0), (0.0, 1.0)),
    ("where(sqrt(x) > 1, sqrt(x), z)", (4.0, 5.0), (0.25, 0.0)),
    (DISTANCE, (0.0, 0.0), (0.0, 0.0)),
    (DISTANCE, (3.0, 4.0), (4.8, 6.4)),
    (LOOP, (0.0, 0.0, 3), (0.0, 0.0)),
    (LOOP, (0.0, 2.0, 3), (0.0, 3.0)),
    (LOOP, (3.0, 4.0, 2), (1.6, 0.8)),
]


@pytest.mark.parametrize(("text", "point", "expected"), CASES)
def test_gradients(text, point, expected):
    function = define(text) if "def" in text else text
    close = pytest.approx(expected, rel=1e-14, abs=0)
    derivative = adjoint.value_and_grad(function, wrt=["x", "z"])
    assert black.format_str(derivative.source, mode=BLACK) == derivative.source
    _, found = derivative(*point)
    assert found == close
    assert adjoint.jacobian(function, wrt=["x", "z"], mode="forward")(*point) == close
    along = 2 * expected[0] - expected[1]
    _, tangent = adjoint.jvp(function, wrt=["x", "z"])(*point, 2.0, -1.0)
    assert tangent == pytest.approx(along, rel=1e-14, abs=0)
    assert derivative.check(seconds=3)


@pytest.mark.parametrize(
    ("point", "expected"),
    [
        ((0.0, 0.0), ((0.0, 0.0), (0.0, 0.0))),
        ((3.0, 4.0), ((0.128, -0.096), (-0.096, 0.072))),
    ],
)
def test_second_derivatives(point, expected):
    found = adjoint.hessian("max(sqrt(x*x + z*z), 0.25)")(*point)
    for row, wanted in zip(found, expected, strict=True):
        assert row == pytest.approx(wanted, rel=1e-13, abs=0)


@pytest.mark.parametrize(
    ("formula", "line"),
    [
        ("where(sqrt(x) > 1, sqrt(x), 1)", "return y, 0.5 * (1.0 / t1 if t2 else 0.0)"),
        ("max(sqrt(x), 1)", "t2 = t1_bar / t1 if t1_bar != 0.0 else 0.0"),
        # at its kink there is no derivative: 0 need not be taken care of
        ("abs(sqrt(x) - 1)", "return y, 0.5 * t2_bar / t1"),
        # the function divides by it, or has its logarithm: it is not 0
        ("max(1/x, 1)", "return y, -(t1_bar / x * t1)"),
        ("max(log(x), 1)", "return y, t1_bar / x"),
    ],
)
def test_what_is_written(formula, line):
    source = adjoint.value_and_grad(formula).source
    assert line in source, source


def test_where_nothing_cuts_it_off_there_is_no_derivative():
    for formula in ("max(sqrt(x), -1)", "sqrt(x)*min(x, 1)", "abs(sqrt(x))"):
        with pytest.raises(ZeroDivisionError):
            adjoint.grad(formula)(0.0)


def test_batches_of_points():
    numpy = pytest.importorskip("numpy")
    derivative = adjoint.value_and_grad("max(sqrt(x*x + z*z), 0.25)", target="numpy")
    x, z = numpy.array([0.0, 3.0, 0.0]), numpy.array([0.0, 4.0, -2.0])
    value, (by_x, by_z) = derivative(x, z)
    assert value.tolist() == [0.25, 5.0, 2.0]
    assert by_x == pytest.approx([0.0, 0.6, 0.0], rel=1e-15, abs=0)
    assert by_z == pytest.approx([0.0, 0.8, -1.0], rel=1e-15, abs=0)
