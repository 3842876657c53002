"""A value that one side of a branch hands on keeps its name, where nothing is lost."""

import pytest

import adjoint
from tests.support_functions import define


def written(text):
    function = define(text)
    derivative = adjoint.grad(function)
    code = derivative.source
    return function, derivative, code[code.index("\ndef ") : code.index("\ndef f_grad")]


def test_a_sum_that_grows_on_a_condition_is_written_as_one():
    function, derivative, code = written(
        "def f(x, n: int):\n"
        "    s = x\n"
        "    for i in range(n):\n"
        "        t = x * i\n"
        "        if i > 1:\n"
        "            t += x * x\n"
        "        if i > 2:\n"
        "            t -= x\n"
        "        s += t * t\n"
        "    return s\n"
    )
    assert "t += x * x\n" in code and "t -= x\n" in code
    assert "else" not in code
    h = 1e-6
    slope = (function(0.7 + h, 5) - function(0.7 - h, 5)) / (2 * h)
    assert derivative(0.7, 5) == pytest.approx(slope, rel=1e-8)


@pytest.mark.parametrize(
    "behind",
    [
        "        s += u * t\n",  # the value is needed behind the branch
        "        if u > 2.0:\n            t = u + t\n        s += t\n",
    ],
)
def test_a_value_that_is_needed_further_on_is_kept(behind):
    text = (
        "def f(x, n: int):\n"
        "    s = x\n"
        "    for i in range(n):\n"
        "        u = x * i\n"
        "        t = u\n"
        "        if u > 1.0:\n"
        "            t = u * u\n" + behind + "    return s\n"
    )
    function, derivative, _ = written(text)
    space = {}
    exec(derivative.source, space)
    for n in range(6):
        assert repr(space["f"](0.9, n)) == repr(function(0.9, n))


def test_what_is_saved_is_what_was_there_before():
    """The carried value is saved behind the branch that gives its next value."""
    function, derivative, _ = written(
        "import math\n\n\n"
        "def f(x, n: int):\n"
        "    for i in range(n):\n"
        "        x = x + math.sin(x) * i\n"
        "        if x > 1.5:\n"
        "            x = x * 0.5\n"
        "    return x\n"
    )
    h = 1e-6
    slope = (function(0.7 + h, 7) - function(0.7 - h, 7)) / (2 * h)
    assert derivative(0.7, 7) == pytest.approx(slope, rel=1e-7)
