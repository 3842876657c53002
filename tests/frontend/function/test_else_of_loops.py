"""What leaves a loop from the ``else`` of a loop inside it."""

import pytest

import adjoint
from tests.support_arrays import differences


def counted(x, y, n: int):
    s = x
    for i in range(n):
        for _ in range(i):
            s = s * y + 0.1
            if s > 2:
                break
        else:
            s += x
            if s > 1.5:
                break
            if i == 1:
                continue
            s = s * 1.1
        s = s * s + x
    else:
        s = s * 3
    return s


def waited(x, y, n: int):
    s = x
    while s < 10:
        k = 0
        while k < n:
            k += 1
            if s > 5:
                return s * k
            s *= 1.3
        else:
            if s > 3:
                break
            s += y
            continue
        s += x
    else:
        s = -s
    return s * y


def written_out(x, y, n: int):
    s = x
    for i in (1, 2, n):
        for j in (1, 2):
            s = s * x + j * y
            if s > 6:
                break
        else:
            if s > 4:
                break
            s += i
    else:
        s = s + 100 * x
    return s


@pytest.mark.parametrize("function", [counted, waited, written_out])
@pytest.mark.parametrize("x", [0.31, 0.95, 1.23, 2.2, 4.8])
@pytest.mark.parametrize("y", [0.45, 1.35])
@pytest.mark.parametrize("n", [0, 1, 2, 4])
def test_a_break_in_it_is_that_of_the_loop_around(function, x, y, n):
    value, gradient = adjoint.value_and_grad(function)(x, y, n)
    assert value == function(x, y, n)

    def at_numbers(x, y):  # not arrays, which += would change
        return function(float(x), float(y), n)

    steps = {"size": 2.0**-14}
    expected = [float(differences(at_numbers, (x, y), at, **steps)) for at in (0, 1)]
    assert gradient == pytest.approx(expected, rel=1e-6, abs=1e-6)
    with_tangents = adjoint.jvp(function)(x, y, n, 1.0, 0.5)
    assert with_tangents[0] == value
    along_it = expected[0] + 0.5 * expected[1]
    assert with_tangents[1] == pytest.approx(along_it, rel=1e-6, abs=1e-6)
