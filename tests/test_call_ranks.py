"""Calls with arrays where numbers are meant, and with numbers where arrays are."""

from __future__ import annotations

import re

import numpy as np
import pytest

import adjoint
from tests.support_arrays import differences


def first_two(x, w):
    return np.sum(x[:2] * w)


def columns(x, w):
    return np.sum(x[:, None] * w)


def one_by_one(x, w):
    total = 0.0
    for i in range(len(x)):
        total += x[i] * w
    return total


X, W = np.array([1.0, 2.0, 5.0]), np.array([3.0, 4.0])


@pytest.mark.parametrize("function", [first_two, columns, one_by_one])
def test_an_array_where_a_number_is_meant_is_refused(function):
    """It would be summed: w takes part in each element, as one number."""
    hint = re.escape("signature='w: float[:]'")
    for kind in (adjoint.value_and_grad, adjoint.grad, adjoint.hessian):
        with pytest.raises(adjoint.AdjointError, match=f"'w' is .* a number.*{hint}"):
            kind(function)(X, W)
        with pytest.raises(adjoint.AdjointError, match="'w' is taken for a number"):
            kind(function)(X, w=[3.0, 4.0])
    with pytest.raises(adjoint.AdjointError, match="'w_dot' is taken for a number"):
        adjoint.jvp(function)(X, 3.0, X, W)


def test_what_the_message_says_helps():
    gradient = adjoint.grad(first_two, signature="w: float[:]")
    by_x, by_w = gradient(X, W)
    assert by_x == pytest.approx(differences(first_two, [X, W], 0), rel=1e-9)
    assert by_w == pytest.approx(differences(first_two, [X, W], 1), rel=1e-9)


@pytest.mark.parametrize(
    "argument", [2.0, X.reshape(1, 3), [[1.0, 2.0]], [X, X], np.float64(2.0)]
)
def test_another_rank_than_is_meant_is_refused(argument):
    with pytest.raises(adjoint.AdjointError, match="'x' is taken for an array of rank"):
        adjoint.grad(one_by_one)(argument, 2.0)


@pytest.mark.parametrize("x", [X, X.tolist(), tuple(X.tolist()), list(X), range(3)])
@pytest.mark.parametrize("w", [2.0, 2, np.float64(2.0), np.array(2.0), np.float32(2.0)])
def test_sequences_and_numbers_of_any_kind_are_taken(x, w):
    by_x, by_w = adjoint.grad(one_by_one)(x, w)
    assert list(by_x) == [2.0, 2.0, 2.0]
    assert by_w == sum(x)


def rows(A: list[list[float]], x):
    return sum([len(row) * x for row in A])


def test_empty_lists_are_taken():
    assert adjoint.grad(one_by_one)([], 2.0) == ([], 0.0)
    assert adjoint.grad(rows, wrt="x")([], 2.0) == 0.0
    assert adjoint.grad(rows, wrt="x")([[], [1.0]], 2.0) == 1.0
