"""Small lists become numbers: values beside Python's own, derivatives beside differences."""

import math
import re

import pytest

import adjoint
from tests.support_arrays import differences


def swing(a, b, n: int):
    y = [a, b]
    for _ in range(n):
        y[0] += 0.1 * y[1]
        y[1] -= 0.1 * math.sin(y[0])
    return y[0] * y[1]


def turns(a, b, n: int):
    u, v = [a, b, 1.0], [b] * 3
    for i in range(n):
        u, v = v, u
        u[-1] = u[0] * v[1] - 0.5
        if v[2] > 0.3:
            w = v[:]
            w[1] = w[1] * a
            v = w
            if i > 2:
                break
        else:
            v[0], v[1] = v[1], v[0] + b
    return u[0] + 2 * v[1] + 3 * u[2] + len(u) * v[2]


def until(a, b, n: int):
    y = [a, b]
    while y[0] * y[0] < 4.0 and n > 0:
        y[0] = y[0] * 1.5 + y[1]
        y[1] = math.tanh(y[1] + a)
        n -= 1
    return y[0] + y[1]


def in_a_branch(a, b, n: int):
    if n > 2:
        y = [a, a * b]
        y[1] += 1.0
    else:
        y = [b, 2.0]
    return y[0] * y[1]


def shadowed(a, b, n: int):
    y_0 = a * b
    y = [0.0, 1.0]
    y[0] = a + y_0
    y_1 = y[0] * y_0
    y[1] = y_1 + b
    return y[0] * y[1] + y_1


def covariance(a, b, n: int):
    P = [[1.0, a], [0.0, 1.0]]
    for i in range(n):
        P[0][0] = P[0][0] + P[0][1] + P[1][0] + b
        P[0][1] -= a * P[1][1]
        P[1][0], P[1][1] = P[1][1] / (2.0 + P[0][0] ** 2), P[1][0] + b
        if i % 2:
            P[1] = [0.5, a * b]
    return P[0][0] * P[1][1] - P[-1][0] * P[0][-1]


def product(a, b, n: int):
    A = [[a, b, 0.0], [0.0, 1.0, a * b]]
    B = [[0.0] * 2 for _ in range(2)]
    for i in range(2):
        for j in range(2):
            for k in range(3):
                B[i][j] += A[i][k] * A[j][k]
    return B[0][0] * B[1][1] - B[0][1] * B[1][0] + len(B) * len(A[0])


SCALARS = (covariance, product, swing, turns, until, in_a_branch, shadowed)


def chosen(a, b, n: int):
    y = [a, b, a * b]
    y[n % 3] = 0.5
    return y[0] + y[1] * y[2]


def grows(a, b, n: int):
    y = [a]
    for _ in range(n):
        y.append(y[-1] * b)
    return y[0] + y[-1]


def long(a, b, n: int):
    y = [a] * 40
    y[3] = b
    return y[0] * y[3] + sum(y)


def row_chosen(a, b, n: int):
    P = [[a, b], [0.5, a * b]]
    P[n % 2][0] *= b
    return P[0][0] * P[1][1] + P[1][0]


LISTS = (chosen, grows, long, row_chosen)
POINTS = [(0.7, -0.4, 4), (-1.2, 0.9, 1), (0.3, 0.2, 0)]


def code(function):
    """The lines of the function itself, behind the docstring."""
    source = adjoint.value_and_grad(function).source
    return re.search(rf"^def {function.__name__}\(.*?\n\n\n", source, re.M | re.S)[0]


@pytest.mark.parametrize("function", SCALARS + LISTS)
@pytest.mark.parametrize("point", POINTS)
def test_values_and_derivatives(function, point):
    value, gradient = adjoint.value_and_grad(function)(*point)
    assert value == function(*point)

    def of_floats(a, b, n):  # an array would be changed in place
        return function(float(a), float(b), n)

    for at, found in enumerate(gradient):
        assert found == pytest.approx(differences(of_floats, point, at), rel=1e-9)
        along = [float(at == one) for one in range(2)]
        same, tangent = adjoint.jvp(function)(*point, *along)
        assert same == value
        assert tangent == pytest.approx(found, rel=1e-12)


@pytest.mark.parametrize("function", SCALARS)
def test_no_list_is_left(function):
    assert "[" not in code(function)
    assert "[" not in adjoint.jvp(function).source.rpartition('"""')[2]


@pytest.mark.parametrize("function", LISTS)
def test_what_is_not_read_by_numbers_stays_a_list(function):
    assert "[" in code(function)


def test_the_code_reads_as_with_variables():
    assert code(swing) == """\
def swing(a, b, n):
    y_0 = a
    y_1 = b
    for _ in range(n):
        y_0 += 0.1 * y_1
        y_1 -= 0.1 * sin(y_0)
    return y_0 * y_1


"""


def beyond(a, b, n: int):
    y = [a, b]
    y[0] = a * b
    return y[2] + y[0]


def test_an_item_that_is_not_there_raises_as_it_did():
    with pytest.raises(IndexError):
        beyond(1.0, 2.0, 3)
    with pytest.raises((IndexError, adjoint.AdjointError)):
        adjoint.value_and_grad(beyond)(1.0, 2.0, 3)


def returned(a, b, n: int):
    y = [a, b]
    y[0] = a * b
    return y


def test_a_list_that_is_returned_is_one():
    assert adjoint.jvp(returned)(2.0, 3.0, 1, 1.0, 0.0) == ([6.0, 3.0], [3.0, 0.0])
