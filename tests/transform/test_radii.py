"""`hypot` that the function divides by is not asked whether it is 0."""

import mpmath
import pytest

import adjoint
from tests.support_functions import define

ORBIT = """\
import math

def f(x, y, u, v, n: int):
    for _ in range(n):
        r = math.hypot(x, y)
        u -= 0.01 * x / r**3
        v -= 0.01 * y / r**3
        x += 0.01 * u
        y += 0.01 * v
    return x * v - y * u + x
"""
#: The function divides by it, so it is not 0 ...
DIVIDED = [
    "x/hypot(x, y)",
    "exp(-x)/hypot(x, 2*y)**3",
    "1/(3*hypot(x, y)*y)",
    "log(hypot(x, y)) + x",
    "x/sqrt(hypot(x, y))",
]
#: ... or perhaps does not.
OTHERS = [
    "hypot(x, y)*x",
    "x/(1 + hypot(x, y))",
    "x/y if x > 1 else hypot(x, y)",
    "x/hypot(x, y) if hypot(x, y) > 1 else 0",
]


@pytest.mark.parametrize("formula", [*DIVIDED, *OTHERS])
def test_derivatives(formula):
    names = {name: getattr(mpmath, name) for name in ("exp", "hypot", "log", "sqrt")}

    def exact(x, y):
        return eval(formula, names | {"x": x, "y": y})

    orders = ((1, 0), (0, 1), (2, 0), (1, 1))
    for x, y in ((0.75, 1.25), (-0.5, 0.25), (3.0, -0.125)):
        with mpmath.workdps(40):
            by_x, by_y, by_x_x, by_x_y = (
                float(mpmath.diff(exact, (x, y), order)) for order in orders
            )
        assert adjoint.grad(formula)(x, y) == pytest.approx((by_x, by_y), rel=1e-14)
        product = adjoint.hvp(formula)(x, y, 1.0, 0.0)
        assert product == pytest.approx((by_x_x, by_x_y), rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("formula", DIVIDED)
def test_it_is_not_asked_for(formula):
    assert "if" not in adjoint.grad(formula).source.split("# forward sweep")[1]
    with pytest.raises((ZeroDivisionError, ValueError)):
        adjoint.grad(formula)(0.0, 0.0)


def test_it_is_0_by_convention_elsewhere():
    assert adjoint.grad("hypot(x, y)*(x + 1)")(0.0, 0.0) == (0.0, 0.0)
    assert adjoint.grad("x/(1 + hypot(x, y))")(0.0, 0.0) == (1.0, 0.0)
    assert adjoint.grad("hypot(x, y) if x < 1 else 1/hypot(x, y)")(0.0, 0.0) == (0, 0)


def test_in_loops():
    derivative = adjoint.value_and_grad(define(ORBIT))
    code = derivative.source.split("# forward sweep")[1]
    assert "if" not in code and "r * r" not in code
    exact = define(ORBIT.replace("import math", "import mpmath as math"))
    point = (1.0, 0.25, -0.25, 1.5)
    value, gradient = derivative(*point, 20)
    assert value == define(ORBIT)(*point, 20)
    with mpmath.workdps(40):
        expected = [
            float(mpmath.diff(lambda *p: exact(*p, 20), point, order))
            for order in ((1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), (0, 0, 0, 1))
        ]
    assert gradient == pytest.approx(expected, rel=1e-12)
