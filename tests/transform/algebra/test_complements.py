"""``a - a*w/(w + c)`` is ``a*c/(w + c)``: where the first is nearly 0, digits are lost."""

import mpmath
import pytest

import adjoint

CASES = [
    # the quotient is nearly 1
    ("v*x/(k + x)", {"v": 1.5, "x": 4e9, "k": 0.3}),
    ("v*x/(x + k)", {"v": 1.5, "x": 4e9, "k": 0.3}),
    ("x**3/(k**3 + x**3)", {"x": 2e5, "k": 0.5}),
    ("exp(x)/(1 + exp(x))", {"x": 33.0}),
    ("log1p(exp(x*y))", {"x": 11.0, "y": 3.1}),
    ("1/(1 + exp(-x))", {"x": 35.0}),
    ("exp(x)/(exp(x) + exp(y))", {"x": 30.0, "y": -5.0}),
]


def exact(formula, point):
    names = {"exp": mpmath.exp, "log1p": mpmath.log1p}
    return lambda *values: eval(formula, names | dict(zip(point, values, strict=True)))


@pytest.mark.parametrize(("formula", "point"), CASES)
def test_first_and_second_derivatives(formula, point):
    count, values = len(point), list(point.values())
    wrt = [*point]
    with mpmath.workdps(60):
        function, at = exact(formula, point), [mpmath.mpf(v) for v in values]
        one = [tuple(int(i == k) for i in range(count)) for k in range(count)]
        two = [
            [tuple(a + b for a, b in zip(row, column, strict=True)) for column in one]
            for row in one
        ]
        first = [float(mpmath.diff(function, at, order)) for order in one]
        second = [[float(mpmath.diff(function, at, o)) for o in row] for row in two]
    found = adjoint.grad(formula, wrt=wrt)(*values)
    found = found if count > 1 else (found,)
    assert found == pytest.approx(first, rel=1e-13, abs=0)
    found = adjoint.hessian(formula, wrt=wrt)(*values)
    found = found if count > 1 else ((found,),)
    for row, expected in zip(found, second, strict=True):
        assert row == pytest.approx(expected, rel=1e-12, abs=1e-60)


def test_products_of_large_numbers_are_not_needed():
    by_x, by_y = adjoint.grad("x*y/(x + y)")(1e200, 3e200)
    assert (by_x, by_y) == pytest.approx((0.5625, 0.0625), rel=1e-15)


def test_it_is_no_more_to_compute_where_the_other_part_is_one():
    source = adjoint.hvp("log1p(exp(x*y))", wrt="x").source
    assert "/ t2 / t2" in source or "/ t3 / t3" in source, source
