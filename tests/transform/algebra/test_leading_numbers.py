"""Products in derivatives have one number, in front."""

import mpmath
import pytest

import adjoint


@pytest.mark.parametrize(
    ("kind", "formula", "text"),
    [
        # numbers that meet are one
        ("hvp", "k*x**1.5/2", "0.75 * k_dot * t1 + 0.375 * x_dot / t1 * k"),
        ("jvp", "sqrt(x*x + y*y)", "(x_dot * x + y_dot * y) / value"),
        ("jvp", "exp(x**2*y**2/2)", "(x_dot * x * t2 + y_dot * y * t1) * value"),
        ("grad", "(x*y + 1)**2*z*z", "2.0 * (z * z) * t1"),
        # also with what is divided by, if that is exact
        ("grad", "exp(x*x/24)", "exp(x * x / 24.0) / 12.0 * x"),
        ("grad", "(x*y)**3/24", "0.125 * (t1 * t1)"),
        # a number and a constant are a constant
        ("grad", "erf(x)*y/2", "y / SQRT_PI * exp(-(x * x))"),
        # of two that cannot be one without an overflow, both stay
        ("grad", "exp(1e40*x)*1e40", "1e40 * exp(1e40 * x) * 1e40"),
        # the number goes through what only the derivative uses of the function
        ("grad", "P/(4*pi*r**2)", "-2.0 * P / t1 / r"),
        # or the number in front of what is divided by
        ("grad", "(x - m)**2/(2*s**2) + log(s)", "(1.0 - t1 * t1 / t2) / s"),
        # a sum takes the sign of a negative one
        ("grad", "log(x*x/(x*x + y*y))", "2.0 * (1.0 / t1 - 1.0 / t2) * x"),
        ("hessian", "V*x/(K + x + x*x/I)", "t12 + 2.0 * t6 * (t8 / I) - t10"),
    ],
)
def test_what_is_written(kind, formula, text):
    source = getattr(adjoint, kind)(formula).source
    assert text in source, source


@pytest.mark.parametrize(
    "formula",
    [
        "3*(2*x*y)**2*sin(x/4)/7",
        "-2*x/(3*y)*exp(-x*x/8)*5",
        "(x/6 + y/3)**4/24",
        "1e40*x*1e30*y*1e-60",
        "erf(x/2)*y/2*sqrt(2)",
    ],
)
def test_values(formula):
    def exact(x, y):
        names = {"sin": mpmath.sin, "exp": mpmath.exp, "erf": mpmath.erf}
        return eval(formula, {"sqrt": mpmath.sqrt, "x": x, "y": y, **names})

    point = (0.75, 1.25)
    with mpmath.workdps(50):
        first = [mpmath.diff(exact, point, order) for order in ((1, 0), (0, 1))]
        second = mpmath.diff(exact, point, (2, 0)), mpmath.diff(exact, point, (1, 1))
    found = adjoint.grad(formula, wrt=["x", "y"])(*point)
    assert found == pytest.approx([float(one) for one in first], rel=1e-14, abs=0)
    product = adjoint.hvp(formula, wrt=["x", "y"])(*point, 1.0, 0.0)
    assert product == pytest.approx([float(one) for one in second], rel=1e-12, abs=0)


def test_what_several_use_stays_as_it_is():
    source = adjoint.grad("(x + y)**2*z").source
    assert source.count("2.0 *") == 1, source
