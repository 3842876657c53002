"""Arrays of truth values: their signs are those of logic, as NumPy has it."""

from __future__ import annotations

import numpy as np
import pytest

import adjoint
from tests.support_arrays import differences

POINT = np.array([-1.5, 0.25, 0.7, 2.0])


def between(x):
    return np.sum(x[(x > 0) & (x < 1)] ** 2)


def outside(x):
    return np.sum(((x < 0) | (x > 1)) * x**3)


def on_one_side(x):
    return np.sum(np.where((x > 0) ^ (x > 1), x**2, x))


def denied(x):
    return np.sum(x[~(x > 0)] ** 3) + np.sum(x * ~((x > 0) & True))


def of_a_matrix(x):
    a = np.outer(x, x)
    return np.sum(a[(a > 0) & (x > -1)])


@pytest.mark.parametrize("f", [between, outside, on_one_side, denied, of_a_matrix])
def test_signs_between_truth_values(f):
    d = adjoint.value_and_grad(f, signature="x: float[:]")
    value, gradient = d(POINT)
    assert value == f(POINT)
    assert gradient == pytest.approx(differences(f, [POINT], 0), rel=1e-9, abs=1e-9)
    assert d.check()


def test_signs_between_numbers_and_truth_values_are_refused(tmp_path):
    path = tmp_path / "m.py"
    path.write_text(
        "import numpy as np\n\n\ndef f(x: 'float[:]'):\n"
        "    return np.sum(x[(x > 0) & x])\n"
    )
    with pytest.raises(adjoint.AdjointError, match="whole number is expected"):
        adjoint.grad(f"{path}:f")
