"""Arrays that are shorter or longer in the next iteration of a loop."""

import numpy as np
import pytest

import adjoint
from tests.support_arrays import along, assert_right

X = np.array([0.5, 1.2, -0.7, 0.9, 1.6, -0.3, 0.8, 1.1])


def tree(x, p, n):
    """As of options: what may be is one less in each step back."""
    for k in range(n, 0, -1):
        x = 0.99 * (p * x[1:] + (1.0 - p) * x[:-1])
        x = np.logaddexp(x, 0.1 * p * np.arange(k))
    return x[0]


def halves(x, p, n):
    while len(x) > n:
        x = np.sin(x[::2]) * x[1::2] + p
    return x[0] ** 2


def differences_of_differences(x, p, n):
    total = 0.0
    for _ in range(n):
        x = np.diff(x * x)
        total += p * np.sum(np.sin(x))
    return total


def longer(x, p, n):
    for _ in range(n):
        x = np.concatenate([x[1:], p * x[:2] ** 2, x[-1:]])
    return np.sum(np.cos(x))


def broadcast(x, p, n):
    y = x[:1]
    for _ in range(n):
        y = y * (p + x)
    return np.sum(y**2)


def products(x, p, n):
    A = np.outer(x[:3], x)
    y = x
    for k in range(n):
        y = np.tanh(p * (A @ y))
        A = A.T if k == 0 else A[:2, :3]
    return np.sum(y**2)


def stores(x, p, n):
    for _ in range(n):
        y = x[1:].copy()
        y[0] *= p
        y[-1] = y[0] * x[0]
        x = y
    return x[0] * x[1]


def left_early(x, p, n):
    for _ in range(n):
        if np.sum(x) < 2.0:
            break
        x = x[1:] * p
    return np.sum(x**3)


CASES = {
    tree: 7,
    halves: 1,
    differences_of_differences: 2,
    longer: 3,
    broadcast: 2,
    products: 2,
    stores: 4,
    left_early: 7,
}


@pytest.mark.parametrize("function", CASES, ids=lambda f: f.__name__)
def test_each_derivative(function):
    n = CASES[function]
    options = dict(signature="x: float[:], p: float, n: int")
    given, moved = (X, 0.75), (np.cos(np.arange(8.0)), 0.5)

    def primal(x, p):
        return function(x, p, n)

    value_and_grad = adjoint.value_and_grad(function, **options)
    assert_right(lambda x, p: value_and_grad(x, p, n), primal, *given)
    _, found = adjoint.jvp(function, **options)(*given, n, *moved)
    assert found == pytest.approx(along(primal, given, moved), rel=1e-9)
    gradient = adjoint.grad(function, **options)
    products = adjoint.hvp(function, **options)(*given, n, *moved)
    hessian = adjoint.hessian(function, **options)(*given, n)
    for at, product in enumerate(products):
        expected = along(lambda x, p, at=at: gradient(x, p, n)[at], given, moved)
        assert product == pytest.approx(expected, rel=1e-8, abs=1e-9)
        row = hessian[at]
        found = row[0] @ moved[0] + row[1] * moved[1]
        assert found == pytest.approx(expected, rel=1e-8, abs=1e-9)
