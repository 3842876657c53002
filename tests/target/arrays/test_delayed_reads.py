"""Expressions that wait, or are in hand, while what they read is given another value.

The references are the functions themselves, differences of high order of them, and of
gradients that are compared with such.
"""

import math

import numpy as np
import pytest

import adjoint
from tests.support_arrays import along, differences
from tests.support_functions import define


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


def settled(x, y, n: int):
    """Kepler's equation by iteration: the test reads the estimate before this one."""
    a = x
    for _ in range(40 + n):
        s = math.sin(a)
        c = a
        a = x + 0.3 * y * s
        if abs(a - c) < 1e-13:
            break
    return a * (n + 1) + s


def settled_in_turn(x, y, n: int):
    a, b, k = x, y, 0
    while k < 3 * n:
        k += 1
        c, d = a, b
        a = math.cos(0.5 * d)
        b = math.sin(0.5 * c)
        if abs(a - c) + abs(b - d) < 0.02:
            break
    return a * b + k


def swapped(x, y, n: int):
    a, b = math.tanh(x), y
    for _ in range(n):
        if not b > 0.41:
            a, b = b, a
    return math.sin(b) + 2 * a


FUNCTIONS = [turned, chosen, divided, left, returned, settled, settled_in_turn, swapped]
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


def recursion(r: "float[:]"):
    """Levinson's recursion: the row of coefficients is copied and filled in turn."""
    a = np.zeros(len(r))
    a[0] = 1.0
    e = r[0]
    for i in range(1, len(r)):
        acc = r[i]
        for j in range(1, i):
            acc += a[j] * r[i - j]
        k = -acc / e
        new = a.copy()
        for j in range(1, i):
            new[j] = a[j] + k * a[i - j]
        new[i] = k
        a = new
        e *= 1.0 - k * k
    return e + np.sum(a**2)


def test_a_row_is_made_of_another():
    r, direction = np.array([2.0, 0.7, -0.3, 0.2]), np.array([0.3, -0.2, 0.5, 0.7])
    expected = differences(recursion, [r], 0)
    value, gradient = adjoint.value_and_grad(recursion)(r)
    assert value == recursion(r)
    assert gradient == pytest.approx(expected, rel=1e-9)
    value, tangent = adjoint.jvp(recursion)(r, direction)
    assert value == recursion(r)
    assert tangent == pytest.approx(expected @ direction, rel=1e-9)


def undefined_where_it_returned(x, y):
    a, b, c = x, y, x * y
    if b * c > 0.1:  # noqa: SIM102
        if c < x:
            return a * b - c
    if a > b:
        if c < x:  # noqa: SIM102
            if c < x:
                return a * b - c
        a = y
        a += (y + x) * math.sin(c) - math.sin(x + 1.25)
        if c < x:
            return a * b - c
    return a + 2 * b - c * a


@pytest.mark.parametrize("point", [*POINTS, (0.2, 0.1), (0.9, 0.95), (0.5, 1.5)])
def test_what_is_not_there_is_handed_on_all_the_same(point):
    """A branch hands ``a`` to the reverse sweep, also where it returns before."""
    expected = [
        float(differences(undefined_where_it_returned, point, at)) for at in (0, 1)
    ]
    value, gradient = adjoint.value_and_grad(undefined_where_it_returned)(*point)
    assert value == undefined_where_it_returned(*point)
    assert gradient == pytest.approx(expected, rel=1e-8, abs=1e-8)


TRIED = """\
import math


def h(x, y, m):
    a, b = x, x * y
    c = x
    for i in range(m - 1):
        a, b = b, a
        if a > b:
            if a > b: break
            a, b = (((0.5 + y) + (0.5 * 0.5)) * 0.5), y
        if i == 1 and b < 0.4:
            if i > 1: return a * b, c
        else:
            a, b = b, math.sin(((y - 1.25) * c / (1.5 + x**2)))
        if b * c > 0.1:
            a, b = b, a
    return a + c, math.tanh(b)


def f(x: float, y: float, n: int):
    u = x * y / (1.5 + x**2) - math.sin(x / (1.5 + y**2))
    b, c = h(u, (((y - x) - (y + y)) * (y + (x + y))), 2)
    a, b = y, x * x
    for i in range(n):
        a, b = x, b + a
    return a + 2 * b - c * a
"""


def test_a_name_is_not_over_where_an_expression_was_only_tried():
    """The product with the Hessian has a branch that is too long for an expression."""
    function = define(TRIED)
    second, gradient = adjoint.hvp(function), adjoint.grad(function)
    for point in [(0.37, 0.81), (-0.6, 0.45), (0.9, -0.3)]:

        def moved(x, y):
            return np.array(gradient(x, y, 3))

        bent = along(moved, point, (0.3, -0.7))
        found = second(*point, 3, 0.3, -0.7)
        assert found == pytest.approx(bent, rel=1e-6, abs=1e-6)


NOTHING_LEFT = """\
import math


def f(x: float, y: float):
    a, b, c = x, y, x * y
    if b * c > 0.1:
        if b * c > 0.1:
            b = b / (1.5 + b**2)
        else:
            a, b = b * c + 1.5625 + x * y - math.sin(0.5), math.sin(x) - (a + b) - c
            if abs(a) > 0.7: return a * b - c
        a, b = 1.0 * ((x - 0.5) * 1.25), (a + (b * x)) - a
    else:
        if b * c > 0.1:
            a += y
            if abs(a) > 0.7: return a * b - c
        for i in range(2):
            if i % 2 == 0:
                if i == 2 or a > c: break
            a = math.tanh(a); b = math.tanh(b); c = math.tanh(c)
    return a + 2 * b - c * a
"""


def test_a_branch_that_hands_on_nothing_new():
    """Where every result has its name already, there is no empty assignment."""
    function = define(NOTHING_LEFT)
    derivative = adjoint.value_and_grad(function)
    for point in [*POINTS, (0.7, 0.9), (-1.2, -0.8)]:
        value, gradient = derivative(*point)
        expected = [float(differences(function, point, at)) for at in (0, 1)]
        assert value == function(*point)
        assert gradient == pytest.approx(expected, rel=1e-8, abs=1e-8)
