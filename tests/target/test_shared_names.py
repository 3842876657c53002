"""A name goes from one value to another only where nothing needs the first any more."""

import math

import pytest

import adjoint


def swapped_beside_a_loop(x, y, n: int):
    if x > 0:
        y, x = x, 2 * x
    else:
        for _ in range(1, n):
            x = y
    return y + x


def squared_beside_a_loop(x, y, n: int):
    if x > 0:
        y *= y
    else:
        for _ in range(n):
            y = x
    return y


def logarithm_behind_a_loop(x, n: int):
    for i in range(n):
        math.exp(i)
    w = 1.0 if x < 0 else math.log(x**2)
    return (x + w) ** 2 + w + x


#: Function, point, derivatives.
CASES = [
    (swapped_beside_a_loop, (3.0, 5.0, 4), (3.0, 0.0)),
    (swapped_beside_a_loop, (-3.0, 5.0, 4), (0.0, 2.0)),
    (swapped_beside_a_loop, (-3.0, 5.0, 1), (1.0, 1.0)),
    (squared_beside_a_loop, (3.0, 5.0, 4), (0.0, 10.0)),
    (squared_beside_a_loop, (-3.0, 5.0, 4), (1.0, 0.0)),
    (squared_beside_a_loop, (-3.0, 5.0, 0), (0.0, 1.0)),
    (logarithm_behind_a_loop, (-3.0, 2), (2 * (1 - 3) + 1,)),
    (logarithm_behind_a_loop, (1.0, 2), (2 * 3 + 2 + 1,)),
]


@pytest.mark.parametrize(("function", "point", "slopes"), CASES)
def test_no_value_is_lost(function, point, slopes):
    value, gradient = adjoint.value_and_grad(function)(*point)
    assert value == function(*point)
    assert (gradient if len(slopes) > 1 else (gradient,)) == slopes
    for at, slope in enumerate(slopes):
        tangents = [float(at == one) for one in range(len(slopes))]
        assert adjoint.jvp(function)(*point, *tangents) == (value, slope)
