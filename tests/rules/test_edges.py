"""Where rules are apt to go wrong: far out, at zero, at ties and at kinks."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest
from mpmath import mp, mpf

import adjoint
from adjoint.rules.table import OPERATIONS

INF = math.inf


def gradient(formula, *point):
    """The derivatives of a formula by all its parameters, from the generated code."""
    return adjoint.value_and_grad(formula)(*point)[1]


def close(found, exact, bound=1e-14):
    """Equal to a few ulp; to half the smallest normal number near zero."""
    with mp.workdps(60):
        return abs(mpf(found) - exact) <= bound * abs(exact) + mpf(2) ** -1023


def sech2(x):
    return 1 / mpmath.cosh(x) ** 2


def logistic_slope(x):
    return 1 / (2 + mpmath.exp(x) + mpmath.exp(-x))


def erf_slope(x):
    return 2 / mpmath.sqrt(mp.pi) * mpmath.exp(-x * x)


ONE_ARGUMENT = [
    ("tanh(x)", sech2, [0.0, 1e-200, 5, 20, -20, 100, 400, -400, 1000, 1e300]),
    ("sigmoid(x)", logistic_slope, [0.0, 40, -40, 700, -700, 800, -800, 1e5]),
    ("softplus(x)", lambda x: 1 / (1 + mpmath.exp(-x)), [0.0, 40, -40, 700, -700, 800, -1e5]),
    ("expm1(x)", mpmath.exp, [-40, -1e-20, 0.0, 1e-20, 700]),
    ("exp(x)", mpmath.exp, [-745.0, -750, -1e308, 709]),
    ("log1p(x)", lambda x: 1 / (1 + x), [-1 + 2**-53, -0.5, 1e-300, 1e300]),
    ("asin(x)", lambda x: 1 / mpmath.sqrt(1 - x * x), [1 - 2**-53, -1 + 2**-53, 1e-9, 0.0]),
    ("acos(x)", lambda x: -1 / mpmath.sqrt(1 - x * x), [1 - 2**-53, -1 + 2**-53, 0.0]),
    ("atan(x)", lambda x: 1 / (1 + x * x), [1e150, -1e-200, 1e200, 0.0]),
    ("asinh(x)", lambda x: 1 / mpmath.sqrt(1 + x * x), [1e200, -1e200, 1e-200, 0.0]),
    ("acosh(x)", lambda x: 1 / mpmath.sqrt(x * x - 1), [1 + 2**-52, 1e8, 1e200]),
    ("atanh(x)", lambda x: 1 / (1 - x * x), [1 - 2**-53, -1 + 2**-53, 1e-200, 0.0]),
    ("log(x)", lambda x: 1 / x, [5e-308, 1e308]),
    ("sqrt(x)", lambda x: 1 / (2 * mpmath.sqrt(x)), [5e-324, 1e-308, 1e308]),
    ("cbrt(x)", lambda x: 1 / (3 * mpmath.cbrt(abs(x)) ** 2), [1e-320, -1e-200, 1e308]),
    ("x**0.5", lambda x: 1 / (2 * mpmath.sqrt(x)), [5e-324, 1e-308, 1e308]),
    ("x**-0.5", lambda x: -1 / (2 * mpmath.sqrt(x) ** 3), [1e-200, 1e200]),
    ("x**3", lambda x: 3 * x * x, [0.0, -0.0, -2.0, 1e-100]),
    ("x**2", lambda x: 2 * x, [0.0, -0.0, 1e200, -5e-324]),
    ("x**1", lambda x: mpf(1), [0.0]),
    ("x**0", lambda x: mpf(0), [0.0, 3.0]),
    ("x**-1", lambda x: -1 / (x * x), [1e100, -1e-100, 1e150]),
    ("1/x", lambda x: -1 / (x * x), [1e100, -1e-100, 1e150]),
    ("erf(x)", erf_slope, [0.0, -5, 26]),
    ("erfc(x)", lambda x: -erf_slope(x), [0.0, -5, 26]),
    ("hypot(x, 0)", mpmath.sign, [1e-200, -1e200, 0.0, 5e-324]),
    ("digamma(x)", lambda x: mpmath.psi(1, x), [1e-150, 1e100, 0.5, 1.4616321449683623]),
    ("lgamma(x)", lambda x: mpmath.psi(0, x), [1e-300, 1e300, 2.5]),
    ("sin(x)", mpmath.cos, [1e22, 1e300, 0.0]),
    ("tan(x)", lambda x: 1 / mpmath.cos(x) ** 2, [1.5707963267948966, 1e22]),
    ("where(x > 0, sqrt(x), 0)", lambda x: mpf(0), [0.0, -1.0]),
    ("where(x == 0, 1, sin(x)/x)", lambda x: mpf(0), [0.0]),
    ("log(x) if x > 0 else 3*x", lambda x: mpf(3), [0.0, -1.0]),
    ("x > 0 and 1/x > 2", lambda x: mpf(0), [0.0]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("formula", "exact", "x"),
    [(formula, exact, x) for formula, exact, points in ONE_ARGUMENT for x in points],
)
def test_one_argument(formula, exact, x):
    with mp.workdps(60):
        expected = exact(mpf(x))
    condition = 1 + x * x if formula.startswith("erf") else 1  # of exp(-x*x)
    assert close(gradient(formula, x), expected, 2e-15 * condition)


#: Formula, second derivative, points.
SECOND = [
    (
        "tanh(x)",
        lambda x: -2 * mpmath.tanh(x) * sech2(x),
        [0.0, 1e-200, -0.5, 5, 20, -20, 100, 354, -354, 400, 1000, -1e300],
    ),
    ("asin(x)", lambda x: x / mpmath.sqrt(1 - x * x) ** 3, [1 - 2**-53, -1 + 2**-53, 1e-9]),
    ("atanh(x)", lambda x: 2 * x / (1 - x * x) ** 2, [1 - 2**-53, -1 + 2**-53, 1e-9, 0.0]),
    ("acosh(x)", lambda x: -x / mpmath.sqrt(x * x - 1) ** 3, [1 + 2**-52, 1e8, 1e90]),
    ("asinh(x)", lambda x: -x / mpmath.sqrt(1 + x * x) ** 3, [1e100, -1e100, 1e-200, 0.0]),
    ("sqrt(x)", lambda x: -1 / (4 * mpmath.sqrt(x) ** 3), [1e-200, 1e200, 3.0]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("formula", "exact", "x"),
    [(formula, exact, x) for formula, exact, points in SECOND for x in points],
)
def test_second_derivative_of_one_argument(formula, exact, x):
    with mp.workdps(60):
        expected = exact(mpf(x))
    assert close(adjoint.hessian(formula)(x), expected, 4e-15)
    assert close(adjoint.grad(adjoint.grad(formula))(x), expected, 4e-15)
    assert close(adjoint.hvp(formula)(x, 0.5), expected / 2, 4e-15)


TINY, HUGE = 1e-200, 1e200

#: Formula, point, derivatives.
SEVERAL_ARGUMENTS = [
    ("atan2(y, x)", (TINY, TINY), (0.5 / TINY, -0.5 / TINY)),
    ("atan2(y, x)", (HUGE, HUGE), (0.5 / HUGE, -0.5 / HUGE)),
    ("atan2(y, x)", (HUGE, TINY), (0.0, -1 / HUGE)),
    ("atan2(y, x)", (TINY, -HUGE), (-1 / HUGE, 0.0)),
    ("atan2(y, x)", (0.0, 2.0), (0.5, 0.0)),
    ("atan2(y, x)", (-2.0, 0.0), (0.0, 0.5)),
    ("hypot(x, y)", (3 * TINY, 4 * TINY), (0.6, 0.8)),
    ("hypot(x, y)", (3 * HUGE, -4 * HUGE), (0.6, -0.8)),
    ("hypot(x, y)", (HUGE, TINY), (1.0, 0.0)),
    ("hypot(x, y)", (0.0, 0.0), (0.0, 0.0)),
    ("hypot(x, y, z)", (0.0, -0.0, 2.0), (0.0, 0.0, 1.0)),
    ("sqrt(x*x + y*y)", (3.0, 4.0), (0.6, 0.8)),
    ("sqrt(x*x + y*y)", (0.0, 4.0), (0.0, 1.0)),
    ("x**y", (0.0, 2.0), (0.0, 0.0)),
    ("x**y", (0.0, 1.0), (1.0, 0.0)),
    ("x**y", (0.0, 3.0), (0.0, 0.0)),
    ("x**y", (0.0, 0.0), (0.0, 0.0)),
    ("x**y", (1.0, 3.0), (3.0, 0.0)),
    ("x**y", (1.0, -3.0), (-3.0, 0.0)),
    ("x**y", (2.0, 0.0), (0.0, math.log(2))),
    ("x**y", (-2.0, 3.0), (12.0, math.nan)),
    ("x**y", (-2.0, -1.0), (-0.25, math.nan)),
    ("x**y", (-2.0, 0.0), (0.0, math.nan)),
    ("math.pow(x, y)", (-2.0, 3.0), (12.0, math.nan)),
    ("math.pow(x, y)", (0.0, 2.0), (0.0, 0.0)),
    ("x/y", (1.0, TINY), (1 / TINY, -INF)),
    ("x/y", (TINY, TINY), (1 / TINY, -1 / TINY)),
    ("x/y", (HUGE, HUGE), (1 / HUGE, -1 / HUGE)),
    ("max(x, y)", (1.0, 2.0), (0.0, 1.0)),
    ("max(x, y)", (2.0, 1.0), (1.0, 0.0)),
    ("max(x, y)", (2.0, 2.0), (0.5, 0.5)),
    ("min(x, y)", (1.0, 2.0), (1.0, 0.0)),
    ("min(x, y)", (2.0, 2.0), (0.5, 0.5)),
    ("max(x, y)", (0.0, -0.0), (0.5, 0.5)),
    ("max(x, y, z)", (3.0, 3.0, 3.0), (1 / 3, 1 / 3, 1 / 3)),
    ("max(x, y, z)", (3.0, 1.0, 3.0), (0.5, 0.0, 0.5)),
    ("max(x, y, z)", (1.0, 2.0, 3.0), (0.0, 0.0, 1.0)),
    ("min(x, y, z)", (3.0, 3.0, 3.0), (1 / 3, 1 / 3, 1 / 3)),
    ("min(x, y, z)", (3.0, 1.0, 1.0), (0.0, 0.5, 0.5)),
    ("max(x, max(y, z))", (3.0, 3.0, 3.0), (0.5, 0.25, 0.25)),
    ("fmod(x, y)", (1e15 + 0.5, 1.0), (1.0, -1e15)),
    ("fmod(x, y)", (-7.0, 2.0), (1.0, 3.0)),
    ("x % y", (-7.0, 2.0), (1.0, 4.0)),
    ("remainder(x, y)", (7.0, 2.0), (1.0, -4.0)),
    ("copysign(x, y)", (-3.0, 2.0), (-1.0, 0.0)),
    ("copysign(x, y)", (-3.0, -2.0), (1.0, 0.0)),
    ("copysign(x, y)", (3.0, -0.0), (-1.0, 0.0)),
    ("copysign(x, y)", (0.0, 2.0), (0.0, 0.0)),
    ("logaddexp(x, y)", (1e8, 1e8), (0.5, 0.5)),
    ("logaddexp(x, y)", (-1e300, 3.0), (0.0, 1.0)),
    ("x*(a > b) + y*(a < b)", (2.0, 1.0, 0.0, 3.0), (1.0, 0.0, 0.0, 0.0)),
    ("exp(-x*x*y)", (1e3, 1.0), (0.0, 0.0)),
]  # fmt: skip


@pytest.mark.parametrize(("formula", "point", "expected"), SEVERAL_ARGUMENTS)
def test_several_arguments(formula, point, expected):
    assert gradient(formula, *point) == pytest.approx(expected, rel=4e-16, nan_ok=True)


@pytest.mark.parametrize(
    ("formula", "x", "expected"),
    [
        ("abs(x)", 0.0, 0.0),
        ("abs(x)", -0.0, 0.0),
        ("fabs(x)", -5e-324, -1.0),
        ("relu(x)", 0.0, 0.0),
        ("relu(x)", 5e-324, 1.0),
        ("max(x, 0)", 0.0, 0.5),
        ("max(x, 0)", -1.0, 0.0),
        ("min(x, 0)", 0.0, 0.5),
        ("max(0, x, -x)", 0.0, 0.0),
        ("sign(x)", 0.0, 0.0),
        ("floor(x)", 2.0, 0.0),
        ("round(x)", 2.5, 0.0),
        ("x if x > 0 else 2*x", 0.0, 2.0),
        ("abs(x)*x", 0.0, 0.0),
        ("max(x, x)", 3.0, 1.0),
        ("hypot(x, x)", 0.0, 0.0),
    ],
)
def test_kinks(formula, x, expected):
    """The subgradient of minimum norm of each operation."""
    assert gradient(formula, x) == expected


@pytest.mark.parametrize("count", [2, 3, 7])
@pytest.mark.parametrize("name", ["min", "max"])
def test_ties_are_shared_equally(name, count):
    names = ", ".join(f"x{i}" for i in range(count))
    found = gradient(f"{name}({names})", *[4.0] * count)
    assert found == pytest.approx([1 / count] * count)


@pytest.mark.parametrize(
    ("formula", "x", "raised"),
    [
        ("sqrt(x)", 0.0, ZeroDivisionError),
        ("cbrt(x)", 0.0, ZeroDivisionError),
        ("asin(x)", 1.0, ZeroDivisionError),
        ("atanh(x)", 1.0, ValueError),
        ("x**0.5", 0.0, ZeroDivisionError),
    ],
)
def test_an_infinite_derivative_raises(formula, x, raised):
    with pytest.raises(raised):
        gradient(formula, x)


@pytest.mark.parametrize(
    "formula", ["tanh(x)", "sigmoid(x)", "x**3", "exp(x)", "max(x, y)*x"]
)
def test_nan_does_not_vanish(formula):
    derivative = adjoint.grad(formula, wrt="x")
    assert math.isnan(derivative(*[math.nan] * len(derivative.primal.parameters)))


#: Formula, point, Hessian: where the terms of a derivative are zero, not its own.
SECOND = [
    ("x**y", (2.0, 0.0), ((0.0, 0.5), (0.5, math.log(2) ** 2))),
    ("x**y", (2.0, 1.0), ((0.0, 1 + math.log(2)), (1 + math.log(2), 2 * math.log(2) ** 2))),
    ("x**y", (1.0, 0.0), ((0.0, 1.0), (1.0, 0.0))),
    ("x**y", (1.0, 2.0), ((2.0, 1.0), (1.0, 0.0))),
    ("x**y", (0.0, 2.0), ((2.0, 0.0), (0.0, 0.0))),
    ("x**y", (0.0, 3.0), ((0.0, 0.0), (0.0, 0.0))),
    ("pow(x, y)", (4.0, 0.0), ((0.0, 0.25), (0.25, math.log(4) ** 2))),
    ("math.pow(x, y)", (4.0, 0.0), ((0.0, 0.25), (0.25, math.log(4) ** 2))),
    ("logaddexp(x, y)", (0.0, 0.0), ((0.25, -0.25), (-0.25, 0.25))),
    ("logaddexp(x, y)", (40.0, 0.0), ((math.exp(-40), -math.exp(-40)), (-math.exp(-40), math.exp(-40)))),
]  # fmt: skip


@pytest.mark.parametrize(("formula", "point", "expected"), SECOND)
def test_second_derivatives(formula, point, expected):
    for row, exact in zip(adjoint.hessian(formula)(*point), expected, strict=True):
        assert row == pytest.approx(exact, rel=2e-15)


def test_higher_derivatives_of_a_power_of_itself():
    """x**x at 1, by its Taylor series (its exponent less one is 0 there)."""
    derivative = adjoint.grad("x**x")
    with mp.workdps(40):
        series = mpmath.taylor(lambda x: x**x, 1, 4)
        exact = [math.factorial(n) * c for n, c in enumerate(series)]
    for order in range(1, 5):
        assert close(derivative(1.0), exact[order])
        derivative = adjoint.grad(derivative)


@pytest.mark.parametrize(
    ("formula", "exact"),
    [
        ("tanh(x)", (1, 0, -2, 0, 16)),
        ("sigmoid(x)", (1 / 4, 0, -1 / 8, 0, 1 / 4)),
        ("softplus(x)", (1 / 2, 1 / 4, 0, -1 / 8, 0)),
        ("asinh(x)", (1, 0, -1, 0, 9)),
        ("hypot(x, 1)", (0, 1, 0, -3, 0)),
        ("logaddexp(x, -x)", (0, 1, 0, -2, 0)),
    ],
)
def test_higher_derivatives_at_zero(formula, exact):
    """By the Taylor series of each; no kink of a partial may show through."""
    derivative = formula
    for expected in exact:
        derivative = adjoint.grad(derivative)
        assert derivative(0.0) == pytest.approx(expected, rel=1e-14, abs=1e-15)


def test_third_derivative_of_cot_where_tan_is_infinite():
    """1/tan(x) loses it: there, its second derivative is 0 times infinity."""
    x = math.pi / 2
    derivative = adjoint.grad(adjoint.grad(adjoint.grad("cot(x)")))
    with mp.workdps(60):
        c = mpmath.cot(mpf(x))
        exact = -2 * (1 + c * c) * (1 + 3 * c * c)
    assert close(derivative(x), exact, 4e-15)
    assert derivative.check(seconds=3)


@pytest.mark.parametrize("formula", ["x**y", "z*x**y", "sin(x**y) + z"])
@pytest.mark.parametrize("target", ["python", "numpy"])
def test_what_has_no_slope_by_an_exponent_has_no_curvature(formula, target):
    """Where x < 0, x**y is real for whole numbers y alone."""
    derivative = adjoint.grad(formula, wrt="y", target=target)
    point = dict(x=-2.0, y=2.0) | ({"z": 1.5} if "z" in formula else {})
    for _ in range(3):
        assert math.isnan(derivative(**point))
        derivative = adjoint.grad(derivative, wrt="y", target=target)
    assert math.isnan(adjoint.hessian(formula, wrt=["x", "y"])(**point)[0][1])


def test_powers_of_arrays_raise_no_false_alarm():
    """Both sides of a branch are computed, but not for what is not on that side."""
    base = np.array([0.0, 0.0, 0.0, 2.0, -2.0])
    exponent = np.array([0.0, 1.0, 2.0, 0.0, 2.0])
    derivative = adjoint.grad(sum_of_powers, signature="x: float[:], p: float[:]")
    with np.errstate(all="raise"):
        by_base, by_exponent = derivative(base, exponent)
    assert by_base.tolist() == [0.0, 1.0, 0.0, 0.0, -4.0]
    assert by_exponent == pytest.approx([0, 0, 0, math.log(2), math.nan], nan_ok=True)


def sum_of_powers(x, p):
    return np.sum(x**p)


def whole_powers(x):
    return np.sum(x**0 + x**1 + x**2 + x**3)


def lengths(x):
    return np.sum(np.hypot(x, 2 * x))


@pytest.mark.parametrize(
    ("function", "slopes", "curvatures"),
    [
        (whole_powers, [1.0, 1.0, 6.0, 22.0], [2.0, 2.0, 8.0, -16.0]),
        (lengths, [0.0, 0.0, math.sqrt(5), -math.sqrt(5)], [0.0] * 4),
    ],
)
def test_arrays_with_zeros_raise_no_false_alarm(function, slopes, curvatures):
    x, types = np.array([0.0, -0.0, 1.0, -3.0]), {"signature": "x: float[:]"}
    with np.errstate(all="raise"):
        assert adjoint.grad(function, **types)(x) == pytest.approx(slopes, rel=1e-15)
        hessian = adjoint.hessian(function, **types)(x)
    assert hessian == pytest.approx(np.diag(curvatures), abs=1e-15)


def test_many_arguments_cost_a_few_operations_each():
    """The ties of `max` are counted once, not once for each argument."""
    names = ", ".join(f"x{i}" for i in range(400))
    program = adjoint.grad(f"max({names})").program
    assert len(program.body.ops) < 4 * 400


def test_every_partial_is_a_formula_of_the_operands():
    for operation in OPERATIONS.values():
        count = 1 if operation.variadic else len(operation.operands)
        assert len(operation.partials) == count, operation
        assert operation.ranges().keys() == {n.lstrip("*") for n in operation.operands}
