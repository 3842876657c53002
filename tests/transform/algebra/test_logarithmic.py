"""Derivatives of products, quotients and logarithms, as they are written by hand."""

import math

import mpmath
import pytest

import adjoint
from tests.bench.operations import count_operations
from tests.support_functions import define


def returned(formula):
    """What `grad` of a formula returns, as text, and that SymPy has proved it right."""
    d = adjoint.grad(formula)
    assert d.check()
    return d.source.rstrip().rsplit("return ", 1)[1]


@pytest.mark.parametrize(
    ("formula", "gradient"),
    [
        ("p*log(p/q)", "log(t1) + 1.0, -t1"),
        ("log(x*y/z)", "1.0 / x, 1.0 / y, -1.0 / z"),
        ("log(sqrt(x)*y**3)", "0.5 / x, 3.0 / y"),
        ("-x*log(x) - (1 - x)*log(1 - x)", "t2 - t1"),
        ("P/(4*pi*r**2)", "1.0 / t1, -2.0 * P / t1 / r"),
        ("a*b/(c*d)", "b / t1, a / t1, t2 / c, t2 / d"),
        ("a/b/c", "1.0 / c / b, t1 / b, t1 / c"),
        ("x**-3*y", "-3.0 * t1 * y / x, t1"),
        ("log(gamma(x))", "digamma(x)"),
        # two that are divided by one number become one
        ("x*y/(x + y)", "y / t1 * y / t1, x / t1 * x / t1"),
        ("exp(x)/(exp(x) + exp(y))", "t2 / t3 * t4, -(t4 / t3 * t2)"),
        # what may be 0 is not divided by
        ("x*y*z", "z * y, z * x, x * y"),
        ("x**3*y/z", "3.0 * y / z * (x * x), t1 / z, -(t1 * y / z / z)"),
        # exponents are written as the user's are, and powers that are there are used
        ("x**12", "12.0 * x**11"),
        ("x**4*y**3", "4.0 * t2 * x**3, 3.0 * t1 * (y * y)"),
        ("x**3.0 + x**4.0 - y", "4.0 * x**3.0 + 3.0 * (x * x), -1.0"),
        # constants are put together
        ("10*sin(2*pi*x)", "TWENTY_PI * cos(TWO_PI * x)"),
        ("(h/(2*pi))**2", "h / TWO_PI / pi"),
    ],
)
def test_gradients_are_what_is_written_by_hand(formula, gradient):
    assert returned(formula) == gradient


#: Formulas, and how many operations value and gradient take when written by hand.
BY_HAND = {
    # Rosenbrock, Himmelblau, Rastrigin, Ackley
    "(1 - x)**2 + 100*(y - x**2)**2": 12,
    "(x**2 + y - 11)**2 + (x + y**2 - 7)**2": 17,
    "20 + x**2 - 10*cos(2*pi*x) + y**2 - 10*cos(2*pi*y)": 20,
    "-20*exp(-0.2*sqrt(0.5*(x**2 + y**2))) - exp(0.5*(cos(2*pi*x) + cos(2*pi*y)))": 29,
    # Lennard-Jones, van der Waals, Planck
    "4*epsilon*((sigma/r)**12 - (sigma/r)**6)": 17,
    "R*T/(V - b) - a/V**2": 13,
    "2*h*nu**3/c**2/(exp(h*nu/(k*T)) - 1)": 31,
    # the logistic loss, the Gaussian log density, the Kullback-Leibler divergence
    "log(1 + exp(-y*(w*x + b)))": 13,
    "-0.5*log(2*pi) - log(sigma) - 0.5*((x - mu)/sigma)**2": 11,
    "p*log(p/q) + (1 - p)*log((1 - p)/(1 - q))": 11,
    # the Kepler equation, Coulomb's law, the Michaelis-Menten rate, the Lorentz factor
    "E - k*sin(E) - M": 8,
    "q1*q2/(4*pi*eps*r**2)": 11,
    # (by hand one writes (v - y)/t1 for K*v/t1**2, and loses digits where s is large)
    "v*s/(K + s)": 8 + 1,
    "m*c**2/sqrt(1 - v**2/c**2)": 18,
    # the binary entropy, the pressure of light
    "-x*log(x) - (1 - x)*log(1 - x)": 8,
    "P/(4*pi*r**2*c)": 9,
}


@pytest.mark.parametrize("formula", BY_HAND)
def test_no_more_operations_than_by_hand(formula):
    d = adjoint.value_and_grad(formula)
    assert count_operations(d.source, "f_value_and_grad") <= BY_HAND[formula]
    assert d.check(seconds=10)


def test_a_power_that_is_there_is_used():
    d = adjoint.value_and_grad("x**3.0*x**4.0")
    assert d.source.count("**") == 6  # two in its text, in f and in what is derived
    assert d.check()


def test_the_quotient_may_be_too_small_to_be_divided_by():
    # x/y has 3 digits left here, and its logarithm has a derivative all the same
    x, y = 1e-200, 3e121
    assert x / y < 1e-320
    by_x, by_y = adjoint.grad("log(x/y)")(x, y)
    assert (by_x, by_y) == (1.0 / x, -1.0 / y)


def test_second_derivatives_of_logarithms_are_short_and_right():
    d = adjoint.hessian("p*log(p/q)")
    assert d(0.5, 0.25) == ((2.0, -4.0), (-4.0, 8.0))
    assert count_operations(d.source, "f_hessian") <= 5


def test_gradients_are_as_accurate_as_the_function():
    with mpmath.workdps(50):
        for formula in ("q*v/(2*pi*r)", "x**2/y/z**3", "log(a/b)*sqrt(a/b)/(a*b)"):
            d = adjoint.value_and_grad(formula)
            space = {name: getattr(mpmath, name) for name in ("pi", "log", "sqrt")}
            names = list(d.wrt)
            exact = eval(f"lambda {', '.join(names)}: {formula}", space)
            at = [1.7 + 0.3 * k for k in range(len(names))]
            for k, ours in enumerate(d(*at)[1]):
                order = tuple(int(k == j) for j in range(len(names)))
                right = mpmath.diff(exact, tuple(map(mpmath.mpf, at)), order)
                assert abs(ours - right) <= 6 * math.ulp(float(right))


BRANCHES = """
def f(a: float, b: float, c: float):
    u = a * b
    if c > 1.0:
        y = c / u
        z = y / (u * u)
    else:
        y = u * c
        z = y / c
    return z * y / (a * c) + u
"""

LOOP = """
def f(x: float, y: float, n: int):
    s = 1.0
    for k in range(n):
        s = x * s / (y * (s + k) * s)
    return s / x
"""


@pytest.mark.parametrize(
    ("text", "points"),
    [
        (BRANCHES, [(0.7, 1.3, 2.0), (0.7, 1.3, 0.5), (-1.1, 0.4, 0.9)]),
        (LOOP, [(0.7, 1.3, 4), (2.0, -0.6, 3)]),
    ],
)
def test_weights_stay_within_their_blocks(text, points):
    function = define(text)
    d, second = adjoint.grad(function), adjoint.hessian(function)
    for point in points:
        for at in range(sum(isinstance(v, float) for v in point)):
            slope, curvature = along(function, point, at)
            assert d(*point)[at] == pytest.approx(slope, rel=1e-12)
            assert second(*point)[at][at] == pytest.approx(curvature, rel=1e-10)


def along(function, point, at):
    """The first two derivatives by one parameter, in 40 digits."""
    exact = [mpmath.mpf(v) if isinstance(v, float) else v for v in point]

    def moved(by):
        return function(*[v + by if k == at else v for k, v in enumerate(exact)])

    with mpmath.workdps(40):
        return float(mpmath.diff(moved, 0)), float(mpmath.diff(moved, 0, 2))


@pytest.mark.parametrize("target", ["numpy", "c"])
def test_other_languages_have_the_same_operations(target):
    text = adjoint.value_and_grad("a*b/(c*d)", target=target).source
    reverse = text[text.index("reverse sweep") :]
    assert reverse.count("/ c") == reverse.count("/ d") == 1


LIKELIHOOD = """
from math import log, pi

def f(xs: list[float], mu: float, sigma: float):
    total = 0.0
    for x in xs:
        z = (x - mu) / sigma
        total -= 0.5 * z * z + log(sigma) + 0.5 * log(2.0 * pi)
    return total
"""


def test_half_a_square_has_the_derivative_without_a_factor():
    # 2 * t where t = 0.5 * z is z, in loops as well
    text = adjoint.value_and_grad(define(LIKELIHOOD)).source
    reverse = text[text.index("# reverse sweep") :]
    assert "2.0 *" not in reverse and "sigma_bar += (z * z - 1.0) / sigma" in reverse
    assert returned("0.5*m*v**2") == "0.5 * (v * v), m * v"
    assert returned("x**2/2 + 3*(y/3)**2") == "x, 2.0 * y / 3.0"


@pytest.mark.parametrize(
    ("formula", "tangent"),
    [
        ("log(x/y)", "(x_dot - y_dot * t1) / x"),
        ("x*log(x/y)", "x_dot * t2 + (x_dot - y_dot * t1)"),
    ],
)
def test_tangents_divide_by_no_quotient(formula, tangent):
    d = adjoint.jvp(formula)
    assert d.source.rstrip().endswith(tangent)
    with mpmath.workdps(40):
        x, y = mpmath.mpf(0.7), mpmath.mpf(1.9)
        slope = {"log(x/y)": 0.3 / x - 0.2 / y}
        slope["x*log(x/y)"] = 0.3 * (mpmath.log(x / y) + 1) - 0.2 * x / y
        assert d(0.7, 1.9, 0.3, 0.2)[1] == pytest.approx(float(slope[formula]))
