"""Long chains of conditions: as Python has them, in linear size, to Python's own limits.

Values are compared with the function itself, slopes with what the arms say, or with
the oracle.
"""

import pytest

import adjoint
from adjoint.frontend.function.read import read_function
from adjoint.ir.program import walk
from tests import support_oracle as oracle
from tests.support_functions import define, of_program, outcome

#: Python parses no more than about 2,900 of them.
MANY = 2_500


def arms(count, arm, last, head="def f(x):"):
    """A function with a chain; ``{i}`` in ``arm`` is the number of the arm."""
    lines = [head]
    for i in range(count):
        lines.append(f"    {'el' * (i > 0)}if x < {i}:")
        lines += ["        " + line.format(i=i) for line in arm.split("\n")]
    return "\n".join([*lines, "    else:", f"        {last}", "    return y\n"])


def expression(count):
    links = "".join(f"x * {i} if x < {i} else " for i in range(count))
    return f"def f(x):\n    return {links}x\n"


@pytest.mark.parametrize("text", [arms(MANY, "y = x * {i}", "y = x"), expression(MANY)])
def test_thousands_of_conditions(text):
    function = define(text)
    derivative = adjoint.value_and_grad(function)
    for x in (-1.5, 0.5, 7.25, MANY / 2, MANY - 1.5, MANY + 0.5):
        slope = next((float(i) for i in range(MANY) if x < i), 1.0)
        assert derivative(x) == (function(x), slope)


@pytest.mark.parametrize(
    "text_of",
    [
        lambda count: arms(count, "y = x * {i}", "y = x"),
        lambda count: arms(count, "return x * {i}", "y = x"),
        lambda count: arms(count, "raise ValueError({i})", "y = x"),
        expression,
    ],
    ids=["assigned", "returned", "raised", "expression"],
)
def test_the_code_is_linear_in_the_conditions(text_of):
    def size(count):
        derivative = adjoint.value_and_grad(define(text_of(count)))
        lines = derivative.source.split("\n")
        assert max(len(line) - len(line.lstrip()) for line in lines) <= 4 * 30
        text = "".join(map(str.strip, lines))
        return len(list(walk(derivative.program.body))), len(text)

    few, many = size(60), size(240)
    assert many[0] <= 4.4 * few[0]
    assert many[1] <= 4.5 * few[1]


CHAINS = {
    "returned": arms(35, "return x * {i} + y", "y = y * x", "def f(x, y):"),
    "changed": arms(
        35, "y *= x\nif y > {i}:\n    y = y - x", "y = 1.0", "def f(x, y):"
    ),
    "not always": arms(35, "y = x * {i}", "pass", "def f(x, y):"),
    "its name": arms(
        25, "undecided += x\ny = undecided", "y = x", "def f(x, undecided):"
    ),
    "raises": arms(25, "y = 1.0 / (x - {i} + 0.5)", "raise ValueError('large')"),
    "in a loop": (
        "def f(x, y):\n    for i in range(40):\n        if i == 0:\n            x += y\n"
        + "".join(
            f"        elif i == {i}:\n            {statement}\n"
            for i, statement in enumerate(
                ["y = y / (1.0 + x * x)", "continue", "x = y - 0.5 * x"] * 9, 1
            )
        )
        + "        elif x > 3.0:\n            break\n"
        "        y = y * 0.5 + x\n    return x * y\n"
    ),
    "tuples": (
        "def f(x, y):\n    a, (b, c) = "
        + "".join(f"(x * {i}, (y, {i})) if x < {i} else " for i in range(40))
        + "(y, (x, 7))\n    return a * b + c\n"
    ),
    "left and right": (
        "def f(x, y):\n    return "
        + "".join(f"(x if y < {i} else y * {i}) if x < {i} else " for i in range(40))
        + "x * y\n"
    ),
}


@pytest.mark.parametrize("text", CHAINS.values(), ids=CHAINS)
def test_chains_as_python_has_them(text):
    function = define(text)
    derivative = adjoint.value_and_grad(function)
    for x in (-2.0, 0.5, 3.25, 12.5, 23.75, 34.5, 50.0):
        for y in (0.75, -1.5):
            point = (x, y)[: len(derivative.primal.parameters)]
            expected = outcome(lambda p=point: function(*p))
            assert of_program(derivative.primal, point) == expected
            if expected[0] == "raises":
                assert outcome(lambda p=point: derivative(*p)) == expected
                continue
            value, gradient = derivative(*point)
            assert outcome(lambda v=value: v) == expected
            gradient = gradient if isinstance(gradient, tuple) else (gradient,)
            for name, slope in zip(derivative.wrt, gradient, strict=True):
                exact = oracle.derivative(derivative.primal, point, name)
                assert slope == pytest.approx(exact, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("depth", [97])
def test_as_deep_as_python_goes(depth):
    lines = ["def f(x):", "    y = x"]
    for i in range(depth):
        lines.append("    " * (i + 1) + f"if x > {i}:")
        lines.append("    " * (i + 2) + f"y = x * {i + 2}")
    function = define("\n".join([*lines, "    return y\n"]))
    derivative = adjoint.value_and_grad(function)
    for x in (-0.5, 0.5, 30.5, depth + 1.0):
        slope = float(min(max(int(x) + 2, 1), depth + 1)) if x > 0 else 1.0
        assert derivative(x) == (function(x), slope)


def test_what_no_side_defines_may_be_passed_on():
    text = """\
def f(x):
    if x > 1.0:
        y = x * x
    if x > 2.0:
        y = y * 3.0
    elif x < 0.0:
        z = x
    if x > 3.0:
        y = y + 1.0
    if x > 1.0:
        return y
    return x
"""
    function = define(text)
    derivative = adjoint.value_and_grad(function)
    for x, slope in [(-1.0, 1.0), (0.5, 1.0), (1.5, 3.0), (2.5, 15.0), (4.0, 24.0)]:
        assert derivative(x) == (function(x), slope)


@pytest.mark.parametrize(
    "text",
    [
        "def f(u):\n    return f(u / 2) if u > 1 else u\n",
        "def f(u):\n    if u > 1:\n        return 2 * f(u / 2)\n    return u\n",
        "def f(u):\n    for i in range(9):\n        if u > i:\n            if u > 2:\n"
        "                return f(u - 1)\n    return u\n",
        "def g(u):\n    return f(u) + 1 if u > 0 else u\n\n"
        "def f(u):\n    return g(u - 1)\n",
    ],
)
def test_recursion_that_is_decided_at_run_time(text):
    with pytest.raises(adjoint.AdjointError) as caught:
        read_function(define(text))
    assert "is decided at run time" in str(caught.value)
    assert "static={" in str(caught.value)
