"""How many operations second derivatives take, counted in the generated text."""

import pytest

import adjoint
from tests.bench.operations import count_operations
from tests.support import load_formulas


@pytest.mark.parametrize("case", load_formulas(), ids=lambda case: case.id)
def test_second_derivatives_cost_a_small_multiple_of_the_function(case):
    hessian, product = adjoint.hessian(case.formula), adjoint.hvp(case.formula)
    function = count_operations(hessian.source, "f")
    entries = count_operations(hessian.source, "f_hessian")
    assert entries <= 4 * len(hessian.wrt) * function
    assert count_operations(product.source, "f_hvp") <= 10 * function


@pytest.mark.parametrize(
    ("formula", "operations"),
    [
        # the quotient of constants that cancel, and of what is over one divisor
        ("asin(x)", 7),  # 1 - x, 1 + x, *, sqrt; x * x_dot / t / sqrt(t)
        ("x/y", 10),
        # what rules alone name has short rules of its own
        ("tanh(x)", 11),  # 7 for sech2, tanh, and x_dot * (-2 * tanh * sech2)
        ("atan2(x, y)", 17),
        ("acosh(x)", 10),
        ("asinh(x)", 6),
        ("atanh(x)", 7),
        # a root twice is what is under it; a quotient changes by x_dot - y_dot/y
        ("sqrt(x)", 6),
        ("exp(x)/y", 8),
    ],
)
def test_second_derivatives_of_single_operations_are_short(formula, operations):
    d = adjoint.hvp(formula)
    assert count_operations(d.source, "f_hvp") <= operations
    assert d.check(seconds=5)
