"""Every derivative of element code as lists, beside differences of the function."""

import black
import numpy as np
import pytest

import adjoint
from tests.support_arrays import along

X = np.array([0.5, 1.5, -0.7, 2.0])
V = np.array([1.0, -0.5, 0.25, 2.0])


def _number(x):
    s = 0.0
    for i in range(len(x) - 1):
        s += 100.0 * (x[i + 1] - x[i] ** 2) ** 2 + (1.0 - x[i]) ** 2
        if x[i] > 0.6:
            s += x[i] ** 3 * x[0]
    return s


def _vector(x):
    n = len(x)
    y = np.zeros(n + 1)
    for i in range(1, n - 1):
        y[i] = x[i - 1] * x[i + 1] - x[i] ** 2
    for i in range(n):
        y[n] += y[i] * x[i]
    return y


def _derivative(make, function, **options):
    found = make(function, signature="x: float[:]", target="python", **options)
    source = found.source
    assert black.format_str(source, mode=black.Mode()) == source
    assert "numpy" not in source.split('"""')[2]
    return found


def _columns(function):
    return np.array([along(function, (X,), (unit,)) for unit in np.eye(len(X))]).T


def _is_lists(result):
    return isinstance(result, list) and not isinstance(result[0], np.ndarray)


@pytest.mark.parametrize("function", [_number, _vector])
def test_jvp(function):
    value, tangent = _derivative(adjoint.jvp, function)(list(X), list(V))
    assert np.array_equal(value, function(X))
    assert np.allclose(tangent, along(function, (X,), (V,)), rtol=1e-9)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_jacobian(mode):
    found = _derivative(adjoint.jacobian, _vector, mode=mode)(list(X))
    assert _is_lists(found) and _is_lists(found[0])
    assert np.allclose(found, _columns(_vector), rtol=1e-9, atol=1e-9)


def test_second_derivatives():
    gradient = adjoint.grad(_number, signature="x: float[:]", target="python")

    def slopes(x):
        return np.array(gradient(list(x)))

    right = _columns(slopes)
    found = _derivative(adjoint.hessian, _number)(list(X))
    assert _is_lists(found) and _is_lists(found[0])
    assert np.allclose(found, right, rtol=1e-9, atol=1e-7)
    found = _derivative(adjoint.hvp, _number)(list(X), list(V))
    assert np.allclose(found, right @ V, rtol=1e-9, atol=1e-7)


def _trace(A):
    s = 0.0
    for i in range(len(A)):
        s += A[i, i] ** 2
    return s


def test_the_hessian_by_a_matrix_is_refused():
    with pytest.raises(adjoint.AdjointError, match="not in the target python"):
        assert adjoint.hessian(
            _trace, signature="A: float[:, :]", target="python"
        ).source
