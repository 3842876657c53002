"""How the arguments of NumPy's functions are read: None, and bounds by name."""

from __future__ import annotations

import math

import numpy as np
import pytest

import adjoint
from tests.support_arrays import differences
from tests.support_functions import define

POINT = np.array([-1.5, 0.25, 0.7, 2.0])
SIGNATURE = "x: float[:]"


def below(x):
    return np.sum(np.clip(x, 0, None) ** 2)


def above(x):
    return np.sum(np.clip(x, None, 1.0) ** 2)


def below_by_name(x):
    return np.sum(np.clip(x, a_min=0.5, a_max=None) ** 2)


def by_new_names(x):
    return np.sum(np.clip(x, min=-1.0, max=1.0) ** 3)


def of_a_method(x):
    return np.sum(x.clip(max=0.5) ** 2)


def over_no_axis(x):
    return np.sum(x, None) ** 2 + x.max(axis=None) + np.mean(x, axis=None, dtype=None)


@pytest.mark.parametrize(
    "f", [below, above, below_by_name, by_new_names, of_a_method, over_no_axis]
)
def test_none_leaves_an_argument_out(f):
    value, gradient = adjoint.value_and_grad(f, signature=SIGNATURE)(POINT)
    assert value == f(POINT)
    assert gradient == pytest.approx(differences(f, [POINT], 0), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("np.sum(np.clip(x, None, None))", "without a bound"),
        ("np.sum(x.clip())", "without a bound"),
        ("np.sum(np.sort(x, axis=None))", "`axis` of `np.sort` cannot be None"),
        ("np.sum(np.concatenate((x, x), None))", "cannot be None"),
        ("np.sum(np.diff(x, axis=None))", "cannot be None"),
        ("np.sum(np.zeros(None) + x)", "`shape` of `np.zeros` cannot be None"),
        ("np.linspace(0.0, None, 4) @ x", "`stop` of `np.linspace` cannot be None"),
        ("np.sum(np.maximum(x, None))", "a number is expected here, not None"),
        ("helper(None, x[0])", "`a` is None here"),
        ("np.sum(x) + x[0] * (x == None)", "an array is compared with what is no"),
        ("math.sin(None) * x[0]", "a number is expected here, not None"),
    ],
)
def test_none_that_means_something_else_is_refused(body, message, tmp_path):
    path = tmp_path / "m.py"
    path.write_text(
        "import math\nimport numpy as np\n\n\ndef helper(a, b):\n    return a * b\n\n\n"
        f"def f(x: 'float[:]'):\n    return {body}\n"
    )
    with pytest.raises(adjoint.AdjointError) as caught:
        adjoint.grad(f"{path}:f")
    assert message in str(caught.value)
    assert "^" in str(caught.value)


def powers(x):
    return np.sum(x**1.5 + x**2.5)


def roots(x):
    return np.sum(x**0.5)


def test_a_derivative_that_is_infinite_at_zero_is_not_lost():
    """It is the limit from above: 0.5/sqrt(x), and of x**1.5 0.75/sqrt(x)."""
    x = np.array([0.0, 4.0])
    with np.errstate(divide="ignore"):
        slopes = adjoint.grad(roots, signature=SIGNATURE)(x)
        curvatures = adjoint.hessian(powers, signature=SIGNATURE)(x)
    assert slopes.tolist() == [math.inf, 0.25]
    assert adjoint.grad(powers, signature=SIGNATURE)(x).tolist() == [0.0, 23.0]
    assert curvatures.tolist() == [[math.inf, 0.0], [0.0, 0.375 + 7.5]]


@pytest.mark.parametrize(
    "call", ["np.linalg.inv(A)", "special.expit(A)", "np.linalg.solve(A, A)", "exp(A)"]
)
def test_two_calls_give_two_arrays(call):
    """What is stored in the one is not seen in the other."""
    function = define(
        "import numpy as np\nfrom numpy import exp\nfrom scipy import special\n\n"
        "def f(A):\n"
        f"    B = {call}\n    C = {call}\n    B[0, 0] = 5.0\n"
        "    return np.sum(C * B)\n"
    )
    A = np.array([[2.0, 1.0], [0.5, 3.0]])
    derivative = adjoint.value_and_grad(function, signature="A: float[:, :]")
    value, gradient = derivative(A)
    assert np.isclose(value, function(A), rtol=1e-14)
    assert np.allclose(gradient, differences(function, (A,), 0), rtol=1e-9, atol=1e-9)
