"""Expressions that wait, or are in hand, while what they read is given another value.

The references are the functions themselves, differences of high order of them, and of
gradients that are compared with such.
"""

import math

import numpy as np
import pytest

import adjoint
from tests.support_arrays import along, differences


def turned(x, y, n: int):
    a, b, c = x, y, x
    for _ in range(n):
        a, b = x / c, math.sin(a)
        a, b, c = math.tanh(a), math.tanh(b), math.tanh(c)
    return b


def chosen(x, y, n: int):
    a, b = x, y
    if b > 0.1:
        a = y / 1.5
        a, b = x / 1.5, a + y
    for _ in range(n):
        a, b = b, a
    return a + 2 * b


def divided(x, y, n: int):
    a, b, c = x, y, x
    if a > b:
        b = y
    else:
        a, b = y + a / 1.5, 1.25
        a, b = x / b, b - a
    for i in range(n):
        if i % 2 == 0:
            return a * b - c
    return a


def left(x, y, n: int):
    a, b, c = x, y, x
    if y < 0.15:
        return a * b - c
    for i in range(3):
        if i == 1 and b < 0.4:
            return a * b - c
        if i == 0:
            a, b = c, y
    for _ in range(n):
        a = y
    a, b = b, a * (y * 0.5)
    return b


def returned(x, y, n: int):
    a = x
    if y < x:
        return x * y - y
    for _ in range(n - 1):
        a = math.tanh(a)
    return a


FUNCTIONS = [turned, chosen, divided, left, returned]
POINTS = [(0.37, 0.81), (-0.6, 0.45), (0.9, -0.3), (0.2, 0.3)]


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("n", [0, 1, 3])
def test_it_reads_what_was_there_before(function, n):
    derivative, forward = adjoint.value_and_grad(function), adjoint.jvp(function)
    second = adjoint.hvp(function)
    for point in POINTS:
        arguments = (*point, n)
        expected = [float(differences(function, arguments, at)) for at in (0, 1)]
        value, gradient = derivative(*arguments)
        assert value == function(*arguments)
        assert gradient == pytest.approx(expected, rel=1e-8, abs=1e-8)
        value, tangent = forward(*arguments, 0.3, -0.7)
        assert value == function(*arguments)
        along_it = 0.3 * expected[0] - 0.7 * expected[1]
        assert tangent == pytest.approx(along_it, rel=1e-8, abs=1e-8)

        def moved(x, y):
            return np.array(derivative(x, y, n)[1])

        bent = along(moved, point, (0.3, -0.7))
        assert second(*arguments, 0.3, -0.7) == pytest.approx(bent, rel=1e-7, abs=1e-7)


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("n", [0, 1, 3])
def test_so_it_does_in_batches(function, n):
    x, y = np.array(POINTS).T
    value, gradient = adjoint.value_and_grad(function, target="numpy")(x, y, n)
    tangent = adjoint.jvp(function, target="numpy")(x, y, n, 0.3, -0.7)[1]
    for at, point in enumerate(POINTS):
        arguments = (*point, n)
        expected = [float(differences(function, arguments, by)) for by in (0, 1)]
        found = [gradient[0][at], gradient[1][at]]
        assert value[at] == pytest.approx(function(*arguments), rel=1e-14, abs=1e-14)
        assert found == pytest.approx(expected, rel=1e-8, abs=1e-8)
        along_it = 0.3 * expected[0] - 0.7 * expected[1]
        assert tangent[at] == pytest.approx(along_it, rel=1e-8, abs=1e-8)
