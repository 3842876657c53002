"""A name goes from one value to another only where nothing needs the first any more."""

import ast
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
