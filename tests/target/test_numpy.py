"""The NumPy target: functions of arrays."""

import numpy as np
import pytest

import adjoint
from adjoint.errors import OptionError

WORKED = "f(x1, x2) = (x1 - x2)**2 + cos(x1 + x2)"


def test_worked_example_at_arrays():
    rng = np.random.default_rng(1)
    x1, x2 = rng.uniform(-3, 3, (2, 50))
    value, (d1, d2) = adjoint.value_and_grad(WORKED, target="numpy")(x1, x2)
    assert np.array_equal(value, (x1 - x2) ** 2 + np.cos(x1 + x2))
    assert np.allclose(d1, 2 * (x1 - x2) - np.sin(x1 + x2), rtol=1e-14, atol=1e-14)
    assert np.allclose(d2, -2 * (x1 - x2) - np.sin(x1 + x2), rtol=1e-14, atol=1e-14)


def test_module_imports_numpy_and_what_it_uses_of_math():
    source = adjoint.grad("sin(x) + sqrt(2*pi)*x", target="numpy").source
    imports = [line for line in source.splitlines() if "import" in line]
    assert imports == ["from math import pi, sqrt", "import numpy as np"]


def test_a_parameter_may_be_called_np():
    derivative = adjoint.grad("f(np, numpy) = sin(np)*exp(numpy)", target="numpy")
    got = derivative(np.array([1.0]), np.array([2.0]))
    assert np.allclose(got, [[np.cos(1) * np.exp(2)], [np.sin(1) * np.exp(2)]])


def test_what_was_handed_in_is_not_changed():
    x = np.array([1.0, 2.0])
    adjoint.value_and_grad("x*y + x + y + x*exp(x)", target="numpy")(x, x)
    assert x.tolist() == [1.0, 2.0]


def test_unknown_target_is_refused_with_a_suggestion():
    with pytest.raises(OptionError, match="did you mean `numpy`"):
        adjoint.grad("x", target="nunpy")
