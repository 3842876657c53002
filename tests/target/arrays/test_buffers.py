"""Two lists or arrays that take turns in a loop: each adjoint goes with its own."""

import math

import numpy as np
import pytest
import sympy

import adjoint
from tests.support_arrays import differences


def smoothed(u: list[float], n: int):
    new, old = list(u), u[:]
    for _ in range(n):
        for i in range(1, len(u) - 1):
            new[i] = old[i] * old[i - 1] + old[i + 1]
        old, new = new, old
    return old[1] * old[2] + old[-2]


def relaxed(u: "float[:]", n: int):
    new, old = u.copy(), u.copy()
    for _ in range(n):
        for i in range(1, len(u) - 1):
            new[i] = old[i] + 0.5 * old[i] * (old[i - 1] - 2 * old[i] + old[i + 1])
        old, new = new, old
    return old[1] * old[2] + old[-2]


def changed_behind(u: "float[:]", n: int):
    rows = np.outer(u, np.sin(u))
    products = np.zeros_like(rows)
    for i in range(1, n):
        products[i] = rows[i] * rows[i - 1] + products[i - 1]
    rows[:2] *= 0.5
    return np.sum(products * rows)


def factored(A: list[list[float]]):
    """The logarithm of the determinant, by Cholesky's factor in place."""
    K = [row[:] for row in A]
    total = 0.0
    for j in range(len(K)):
        pivot = K[j][j]
        total += math.log(pivot)
        for i in range(j + 1, len(K)):
            factor = K[i][j] / pivot
            if factor != 0.0:
                for k in range(j, len(K)):
                    K[i][k] -= factor * K[j][k]
    return total


POINT = [0.5, 1.5, 0.25, -0.5, 0.75]


@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_two_lists_that_take_turns(n):
    symbols = sympy.symbols("u:5")
    expression = smoothed(list(symbols), n)
    at = dict(zip(symbols, POINT, strict=True))
    expected = [float(expression.diff(symbol).subs(at)) for symbol in symbols]
    rows = [[float(expression.diff(a, b).subs(at)) for b in symbols] for a in symbols]
    value, gradient = adjoint.value_and_grad(smoothed)(POINT, n)
    assert value == smoothed(POINT, n)
    assert gradient == pytest.approx(expected, abs=1e-12)
    second = np.asarray(adjoint.hessian(smoothed)(POINT, n))
    assert second == pytest.approx(np.array(rows), abs=1e-12)


@pytest.mark.parametrize("n", [1, 4])
def test_two_arrays_that_take_turns(n):
    point = np.array(POINT)
    value, gradient = adjoint.value_and_grad(relaxed)(point, n)
    assert value == relaxed(point, n)
    assert gradient == pytest.approx(differences(relaxed, (point, n), 0), abs=1e-9)


@pytest.mark.parametrize("n", [1, 4])
def test_rows_that_a_loop_has_saved_change_behind_it(n):
    point = np.array(POINT)
    value, gradient = adjoint.value_and_grad(changed_behind)(point, n)
    assert value == changed_behind(point, n)
    right = differences(changed_behind, (point, n), 0)
    assert gradient == pytest.approx(right, abs=1e-9)


def test_a_matrix_that_is_read_and_then_changes_is_not_copied():
    """A copy in a loop costs more than all that the loop does."""
    derivative = adjoint.value_and_grad(factored)
    copies = [line for line in derivative.source.splitlines() if "[list(" in line]
    assert not any(line.startswith("     ") for line in copies), derivative.source
    A = [[3.0, 1.0, -0.5], [1.0, 2.0, 0.25], [-0.5, 0.25, 1.5]]
    value, gradient = derivative(A)
    assert value == factored(A)
    right = np.linalg.inv(np.array(A)).T  # that of log(det(A))
    assert np.array(gradient) == pytest.approx(right, rel=1e-12)
