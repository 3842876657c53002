"""Loops from the last to the first, of lengths that are known when the function runs.

Values are compared with the function itself, derivatives with differences.
"""

import math

import numpy as np
import pytest

import adjoint
from adjoint.errors import SourceError
from tests.support_arrays import differences
from tests.support_functions import define

X = [0.3, 0.5, -0.2, 0.9, 1.1]

#: The body of ``f(x: list[float], n: int, k: int)``, of s = 0.0.
BODIES = {
    "a range": "for i in reversed(range(n)):\n    s = 0.5 * s + x[i]",
    "with a start": "for i in reversed(range(1, n)):\n    s = 0.5 * s + x[i]",
    "with a step": "for i in reversed(range(1, n, 2)):\n    s = 0.5 * s + x[i] * i",
    "with any step": "for i in reversed(range(4, -1, k)):\n    s = 0.5 * s + x[i] * i",
    "downwards": "for i in reversed(range(n - 1, -1, -1)):\n    s = 0.5 * s + x[i] * i",
    "elements": "for v in reversed(x):\n    s = 0.5 * s + v * v",
    "of a part": "for v in reversed(x[1:-1]):\n    s = 0.5 * s + v * v",
    "numbered": "for i, v in enumerate(reversed(x)):\n    s = 0.5 * s + v**i",
    "beside others": "for a, b in zip(x, reversed(x)):\n    s = 0.5 * s + a * a * b",
    "twice": "for v in reversed(list(reversed(x))):\n    s = 0.5 * s + v * v",
    "a sum": "s = sum(v * v for v in reversed(x)) + x[0]",
    "a list": "y = [2.0 * v for v in reversed(x)]\ns = y[0] * y[1]",
    "with a break": "for v in reversed(x):\n    if v < 0.0:\n        break\n    s += v * v",
    "known": "for i in reversed(range(3)):\n    s = 0.5 * s + x[i]",
}


def _function(body):
    lines = "".join(f"    {line}\n" for line in body.split("\n"))
    head = "def f(x: 'list[float]', n: int, k: int):\n    s = 0.0\n"
    return define(f"{head}{lines}    return s\n")


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize(("n", "k"), [(5, -1), (4, -2), (3, 1), (1, -3), (0, -5)])
def test_backwards(name, n, k):
    f = _function(BODIES[name])
    value, gradient = adjoint.value_and_grad(f)(X, n, k)
    assert value == f(X, n, k)
    expected = differences(f, [X, n, k], 0)
    assert gradient == pytest.approx(list(expected), rel=1e-9, abs=1e-9)


def test_no_elements():
    f = _function(BODIES["elements"])
    assert adjoint.value_and_grad(f)([], 0, 1) == (0.0, [])


def test_a_number_that_was_an_element_may_change_in_the_loop():
    f = define(
        "def f(x: 'list[float]', a):\n"
        "    y, s = x[0], 0.0\n"
        "    for v in x[1:]:\n"
        "        y = a * v + (1 - a) * y\n"
        "        s += (v - y) ** 2\n"
        "    return s\n"
    )
    value, (by_x, by_a) = adjoint.value_and_grad(f)(X, 0.3)
    assert value == f(X, 0.3)
    assert by_x == pytest.approx(list(differences(f, [X, 0.3], 0)), rel=1e-9)
    assert by_a == pytest.approx(float(differences(f, [X, 0.3], 1)), rel=1e-9)


def test_an_array_may_not():
    f = define(
        "def f(x: 'float[:]'):\n    y = x\n    for v in x[1:]:\n"
        "        y[0] = y[0] * v\n    return y[0]\n"
    )
    with pytest.raises(SourceError, match="changes in a loop over its elements"):
        adjoint.grad(f)


@pytest.mark.parametrize(
    ("text", "number"),
    [("inf", math.inf), ("-Infinity", -math.inf), (" 1.5e-3 ", 1.5e-3), ("-2", -2.0)],
)
def test_the_text_of_a_float(text, number):
    f = define(f"def f(x):\n    return min(x * x, 9.0) if x > float({text!r}) else x\n")
    value, slope = adjoint.value_and_grad(f)(1.25)
    assert (value, slope) == ((1.5625, 2.5) if number < 1.25 else (1.25, 1.0))


def test_a_float_that_is_none():
    f = define("def f(x):\n    return x * float('nan')\n")
    assert np.isnan(adjoint.value_and_grad(f)(1.0)[0])
    with pytest.raises(SourceError, match="'one' is not the text of a number"):
        adjoint.grad(define("def f(x):\n    return x * float('one')\n"))
