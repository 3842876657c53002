"""Sums in derivatives of NumPy code: their numbers stand outside."""

import numpy as np
import pytest

import adjoint
from tests.support_arrays import differences


def likelihood(x: "float[:]", m: float, s: float):
    return np.sum(-0.5 * ((x - m) / s) ** 2 - np.log(s))


def ridge(w: "float[:]", X: "float[:, :]", lam: float):
    return 0.5 * np.sum((X @ w) ** 2) + lam * np.mean(w**2)


W, X = np.array([0.4, -1.1]), np.array([[0.3, 1.2], [-0.7, 0.5], [2.0, 0.1]])


def test_what_is_the_same_everywhere_is_counted():
    derivative = adjoint.value_and_grad(likelihood)
    assert "x.size / s" in derivative.source and "broadcast_to" not in derivative.source
    data, (m, s) = X.ravel(), (0.3, 0.8)
    _, (by_x, by_m, by_s) = derivative(data, m, s)
    assert by_x == pytest.approx(-(data - m) / s**2, rel=1e-14)
    assert by_m == pytest.approx(np.sum(data - m) / s**2, rel=1e-14)
    assert by_s == pytest.approx(np.sum((data - m) ** 2) / s**3 - 6 / s, rel=1e-14)


def test_numbers_outside_of_sums_meet():
    derivative = adjoint.jvp(ridge)
    assert "y, ((X_dot @ w + X @ w_dot) * t1).sum() + " in derivative.source
    along = np.array([0.2, 0.9]), np.array([[1.0, 0], [0, -1.0], [0.5, 0.5]]), -0.6
    _, tangent = derivative(W, X, 0.7, *along)
    parts = [
        np.sum(differences(ridge, (W, X, 0.7), at) * vector)
        for at, vector in enumerate(along)
    ]
    assert tangent == pytest.approx(sum(parts), rel=1e-9)
