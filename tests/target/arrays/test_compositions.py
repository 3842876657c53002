"""Derivatives of derivatives of functions of arrays, and calls of derivatives."""

import numpy as np
import pytest

import adjoint
from tests.support_arrays import along

V = "x: float[:]"
N = "x: float[:], n: int"
X = np.array([0.5, 1.2, -0.7])


def _plain(x):
    return np.sum(x**3) * np.prod(x)


def _loop(x, n):
    y = x * 1.0
    for _ in range(n):
        y = np.sin(y) * x
    return np.sum(y)


def _hessian(gradient, *more):
    """By differences of the gradient."""
    rows = [along(lambda x: gradient(x, *more), (X,), (unit,)) for unit in np.eye(3)]
    return np.array(rows)


@pytest.mark.parametrize(
    ("function", "signature", "more"), [(_plain, V, ()), (_loop, N, (3,))]
)
def test_of_a_gradient(function, signature, more):
    gradient = adjoint.grad(function, signature=signature)
    right = _hessian(gradient, *more)
    found = adjoint.jacobian(gradient)(X, *more)
    assert np.allclose(found, right, rtol=1e-9, atol=1e-9)
    found = adjoint.jacobian(gradient, mode="forward")(X, *more)
    assert np.allclose(found, right, rtol=1e-9, atol=1e-9)
    v = np.array([1.0, -0.5, 2.0])
    _, tangent = adjoint.jvp(gradient)(X, *more, v)
    assert np.allclose(tangent, right @ v, rtol=1e-9, atol=1e-9)
    _, cotangent = adjoint.vjp(gradient)(X, *more, v)
    assert np.allclose(cotangent, right @ v, rtol=1e-9, atol=1e-9)


def test_reverse_over_reverse_of_loops_is_refused():
    gradient = adjoint.grad(_loop, signature=N)
    with pytest.raises(adjoint.AdjointError, match="mode='forward' goes through it"):
        adjoint.jacobian(gradient, mode="reverse")


_gradient = adjoint.grad(_plain, signature=V)
_gradient_of_loop = adjoint.grad(_loop, signature=N)
_second = adjoint.hessian(_plain, signature=V)


def _penalty(x):
    return np.sum(_gradient(x) ** 2)


def _penalty_of_loop(x, n):
    return np.sum(_gradient_of_loop(x, n) ** 2)


def _laplacian(x):
    return np.trace(_second(x))


@pytest.mark.parametrize(
    ("function", "signature", "more"),
    [(_penalty, V, ()), (_penalty_of_loop, N, (3,)), (_laplacian, V, ())],
)
def test_of_a_function_that_calls_a_derivative(function, signature, more):
    found = adjoint.grad(function, signature=signature)(X, *more)
    slopes = [along(lambda x: function(x, *more), (X,), (unit,)) for unit in np.eye(3)]
    assert np.allclose(found, slopes, rtol=1e-8, atol=1e-8)
    v = np.array([1.0, -0.5, 2.0])
    value, tangent = adjoint.jvp(function, signature=signature)(X, *more, v)
    assert np.isclose(value, function(X, *more), rtol=1e-14)
    assert np.isclose(tangent, found @ v, rtol=1e-12)


def _wrong_rank(x):
    return _gradient(x[0])


def test_an_argument_of_another_rank_is_refused():
    with pytest.raises(adjoint.AdjointError) as caught:
        adjoint.jvp(_wrong_rank, signature=V)
    assert "`x` is an array of one axis here, not a number" in str(caught.value)


def _shielded(x):
    return adjoint.stop_gradient(x) @ x


def test_what_is_held_fixed_has_no_tangent():
    value, tangent = adjoint.jvp(_shielded, signature=V)(X, np.ones(3))
    assert value == X @ X
    assert np.isclose(tangent, np.sum(X), rtol=1e-15)


def _masked(x):
    return np.sum(np.where(x > 0, np.sqrt(x) * x[::-1], 0.0))


def test_nothing_comes_of_what_is_not_chosen():
    x, v = np.array([0.0, 4.0, -2.0]), np.ones(3)
    with np.errstate(all="ignore"):
        _, tangent = adjoint.jvp(_masked, signature=V)(x, v)
        product = adjoint.hvp(_masked, signature=V)(x, v)
        hessian = adjoint.hessian(_masked, signature=V)(x)
    # of sqrt(x[1])*x[1] alone: 3/2 sqrt(x[1]), 3/4/sqrt(x[1])
    assert np.isclose(tangent, 3.0)
    assert np.allclose(product, [0.0, 0.375, 0.0])
    assert np.allclose(hessian, np.diag([0.0, 0.375, 0.0]))
