"""Rows of lists that are one list: a change that is seen twice is refused."""

import pytest
import sympy

import adjoint
from tests.support_functions import define

#: What the rows become; at the end ``rows[1][0]``, say, would be changed as well.
SHARED = {
    "a row that has a name": "rows = [[x[0], 0.0] for _ in range(2)]\nr = rows[1]",
    "one row twice": "r = [x[0], 0.0]\nrows = [r, r]",
    "one row again and again": "r = [x[0], 0.0]\nrows = [r for _ in range(n)]",
    "a row in the place of another": (
        "rows = [[v, 0.0] for v in x]\nrows[1] = rows[0]"
    ),
    "a row that was put there": (
        "rows = [[v, 0.0] for v in x]\nrows[0] = [1.0, x[0]]\nrows[1] = rows[0]"
    ),
    "one row in two places": (
        "rows = [[v, 0.0] for v in x]\n"
        "rows[0] = rows[2]\nrows[1] = rows[2]\nrows[2] = [1.0, x[1]]"
    ),
    "a row appended again": "rows = [[x[0], 0.0]]\nrows.append(rows[0])",
    "one row appended in a loop": (
        "r = [x[0], 0.0]\nrows = []\nfor i in range(n):\n    rows.append(r)"
    ),
    "a row handed on in a loop": (
        "rows = [[v, 0.0] for v in x]\n"
        "for i in range(1, n):\n    rows[i] = rows[i - 1]\n    rows[i][1] += x[i]"
    ),
    "a row handed on to the next iteration": (
        "rows = [[v, 0.0] for v in x]\n"
        "for i in range(n - 1):\n    rows[i][1] += x[i]\n    rows[i + 1] = rows[i]"
    ),
}


@pytest.mark.parametrize("case", SHARED)
def test_a_change_of_two_rows_at_once_is_refused(case):
    body = SHARED[case].replace("\n", "\n    ")
    end = "r[0]" if "r = rows" in body else "rows[1][0]"
    function = define(
        f"def f(x: list[float], n: int):\n    {body}\n"
        f"    rows[{int('r = rows' in body)}][0] = 5.0\n    return {end}\n"
    )
    with pytest.raises(adjoint.AdjointError, match="may be"):
        adjoint.grad(function)


def swapped(x: list[float], n: int):
    rows = [[x[0], x[1]], [x[1], x[2]], [x[2], x[0]]]
    for i in range(n):
        rows[0], rows[i % 3] = rows[i % 3], rows[0]
        rows[0][1] *= x[i % 2]
        rows[1][0] += rows[0][1]
    return rows[0][1] * rows[1][0] + rows[2][1]


def collected(x: list[float], n: int):
    rows = []
    for i in range(n):
        row = []
        for v in x:
            row.append(v * (i + 1))
        rows.append(row)
        rows[i][0] += rows[i // 2][1]
    return rows[n - 1][0] * rows[0][2]


def overwritten(x: list[float], n: int):
    rows = [x[:], x[:]]
    for i in range(n):
        rows[(i + 1) % 2] = [v * v + rows[0][1] for v in rows[i % 2]]
        rows[i % 2][0] = 3 * x[2]
    return rows[0][0] + rows[1][2]


def powers(x: list[float], n: int):
    now = [[x[0], x[1]], [x[1], x[2]]]
    for _ in range(n):
        new = [[0.0, 0.0], [0.0, 0.0]]
        for j in range(2):
            for k in range(2):
                new[j][k] = now[k][j] * now[j][j]
        now = new
    return now[0][1]


@pytest.mark.parametrize("function", [swapped, collected, overwritten, powers])
@pytest.mark.parametrize("n", [1, 2, 3])
def test_rows_of_their_own_are_not(function, n):
    symbols = sympy.symbols("a b c")
    at = dict(zip(symbols, (0.5, 0.75, 1.25), strict=True))
    expression = function(list(symbols), n)
    slopes = [float(expression.diff(symbol).subs(at)) for symbol in symbols]
    value, gradient = adjoint.value_and_grad(function)([0.5, 0.75, 1.25], n)
    assert value == function([0.5, 0.75, 1.25], n)
    assert gradient == pytest.approx(slopes, rel=1e-12)
