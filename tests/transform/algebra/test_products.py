"""Products in derivative code: a factor that a divisor has as well is no factor."""

import pytest
import sympy

import adjoint
from adjoint.ir.program import operation_count

#: Formulas, and at most so many operations for all their second derivatives.
CASES = [
    ("2*pi*a/(n*d)", 14),
    ("asin(a/(n*d))", 32),
]


@pytest.mark.parametrize(("formula", "operations"), CASES)
def test_divisors(formula, operations):
    derivative = adjoint.hessian(formula)
    names = derivative.primal.parameter_names
    point = dict(zip(names, (0.75, 1.25, 2.5), strict=False))
    symbolic = sympy.sympify(formula)
    for row, one in zip(derivative(**point), names, strict=True):
        expected = [float(symbolic.diff(one, other).subs(point)) for other in names]
        assert row == pytest.approx(expected, rel=1e-14)
    assert operation_count(derivative.program.body) <= operations
