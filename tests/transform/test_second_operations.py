"""How many operations second derivatives take, counted in the generated text."""

import pytest

import adjoint
from tests.bench.operations import count_operations
from tests.support import load_formulas

#: Of these the product takes more: their derivatives have a dozen operations where the
#: function has one (asin, tanh).
MORE = {"I.30.5": 11, "II.35.21": 12}


@pytest.mark.parametrize("case", load_formulas(), ids=lambda case: case.id)
def test_second_derivatives_cost_a_small_multiple_of_the_function(case):
    hessian, product = adjoint.hessian(case.formula), adjoint.hvp(case.formula)
    function = count_operations(hessian.source, "f")
    entries = count_operations(hessian.source, "f_hessian")
    assert entries <= 4 * len(hessian.wrt) * function
    most = MORE.get(case.id, 10)
    assert count_operations(product.source, "f_hvp") <= most * function


@pytest.mark.parametrize(
    ("formula", "operations"),
    [
        # the quotient of constants that cancel, and of what is over one divisor
        ("asin(x)", 8),  # 1 - x, 1 + x, *, sqrt; x * x_dot / t / t / t
        ("x/y", 10),
    ],
)
def test_constants_that_cancel_are_not_computed_with(formula, operations):
    d = adjoint.hvp(formula)
    assert count_operations(d.source, "f_hvp") <= operations
    assert d.check(seconds=5)
