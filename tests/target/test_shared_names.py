"""A name goes from one value to another only where nothing needs the first any more."""

import ast
import math

import mpmath
import pytest

import adjoint
from tests.support_functions import define


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


@pytest.mark.parametrize(
    ("assigned", "line"),
    [
        ("a, b = b, a * b + 1.0", "a, b = b, a * b + 1.0"),
        ("a, b, c = b * c, c * a, a + b", "a, b, c = b * c, c * a, a + b"),
        ("t = a\n        a = b * b\n        b = t + c", "a, b = b * b, a + c"),
    ],
)
def test_what_is_assigned_at_once_stays_so(assigned, line):
    function = define(
        "def f(a: float, b: float, c: float, n: int):\n"
        f"    for _ in range(n):\n        {assigned}\n"
        "    return a + 2.0 * b + 3.0 * c"
    )
    d = adjoint.value_and_grad(function)
    assert d.source.count(line) == (3 if line in assigned else 2)
    for n in (0, 1, 4):
        point = [0.7, 1.2, -0.6]
        value, gradient = d(*point, n)
        assert value == function(*point, n)
        for at in range(3):

            def moved(by, at=at, n=n):
                point = [mpmath.mpf(v) for v in (0.7, 1.2, -0.6)]
                point[at] += by
                return function(*point, n)

            with mpmath.workdps(40):
                assert gradient[at] == pytest.approx(float(mpmath.diff(moved, 0)))


def product_table(x: list[float]):
    table = [[a * b for b in x] for a in x]
    total = 0.0
    for i in range(len(x)):
        for j in range(len(x)):
            total += math.sin(table[i][j])
    return total


def test_a_loop_does_not_hide_the_index_of_one_around_it():
    tree = ast.parse(adjoint.hvp(product_table).source)
    loops = [node for node in ast.walk(tree) if isinstance(node, ast.For)]
    inner = [
        (loop.target.id, node.target.id)
        for loop in loops
        for node in ast.walk(loop)
        if isinstance(node, ast.For) and node is not loop
    ]
    assert len(inner) >= 4
    assert all(outer != name for outer, name in inner)
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert names & {"i", "i_2", "i_3", "i_4"} == {"i", "i_2"}  # those are used again
