"""Loops over short ranges: which are unrolled, and that both ways compute the same."""

import math

import mpmath
import numpy as np
import pytest

import adjoint
from adjoint.frontend.function.read import read_function
from adjoint.ir.program import FOR, IF, has_arrays, walk
from tests.support_functions import define, of_program, outcome

EXITS = {
    "break": """def f(a, b):
    x = a
    for k in range(8):
        step = (x * x - b) / (2.0 * x)
        x = x - step
        if abs(step) < 1e-9:
            break
    return x + k
""",
    "return": """def f(a, b):
    x = a
    for k in range(6):
        if x > 4.0 * b:
            return x * b + k
        x = x * x + math.sin(b)
    return x
""",
    "else": """def f(a, b):
    x = a
    for k in range(4):
        if x > b:
            break
        x += 0.5 * b
        for j in range(3):
            if x * j > b:
                break
            x += 0.1 * a * j
    else:
        x = -x
    return x
""",
    "return in a loop inside": """def f(a, b):
    x = a
    for k in range(3):
        for j in range(2):
            x = x * b + j
            if x > 3.0:
                return x - k
    return x * 0.5
""",
    "exception": """def f(a, b):
    x = a
    for k in range(5):
        x = math.sqrt(x - 0.25 * b)
        if x < b:
            raise ValueError("too small")
        if x > 2.0:
            break
    return x
""",
}
POINTS = [(2.1, 0.5), (0.3, 0.9), (0.1, 1.5), (1.0, 1.0), (5.0, 0.2), (0.7, 0.1)]


def function(text):
    return define(f"import math\n\n\n{text}")


def counted(program, operation):
    return [op.operation for op in walk(program.body)].count(operation)


@pytest.mark.parametrize("exit", EXITS)
def test_a_loop_that_data_may_leave_stays_a_loop(exit):
    f = function(EXITS[exit])
    program = read_function(f)
    assert counted(program, FOR) == EXITS[exit].count("for ")
    unrolled = read_function(f, unroll=True)
    assert counted(unrolled, FOR) == 0
    for point in POINTS:
        expected = outcome(lambda point=point: f(*point))
        assert of_program(program, point) == expected
        assert of_program(unrolled, point) == expected


def test_exits_that_the_index_decides_are_unrolled():
    f = function("""def f(x, n):
    y = x
    for k in range(7):
        if k == 5:
            break
        if k % 2:
            continue
        y = y * x + k
    for k in range(n):
        y += k * x
        if k == 3:
            return y
    return y
""")
    program = read_function(f, static={"n": 8})
    assert counted(program, FOR) == counted(program, IF) == 0
    assert of_program(program, [1.5]) == outcome(lambda: f(1.5, 8))


def test_the_last_iteration_may_be_left_in_any_case():
    f = function("""def f(x):
    for k in range(3):
        x = x * x
        if k == 2 and x > 1.0:
            break
    else:
        x = -x
    return x
""")
    program = read_function(f)
    assert counted(program, FOR) == 0
    for x in (0.5, 1.5):
        assert of_program(program, [x]) == outcome(lambda x=x: f(x))


def test_a_loop_of_which_the_index_selects_from_a_tuple_is_unrolled():
    # as an array, the tuple would make it a function of arrays, of no batches
    f = function("""def f(x):
    ends, heights = (0.1, 0.5, 0.9), (1.0, 2.0, 3.0)
    for k in range(3):
        if x < ends[k]:
            return heights[k] * x**k
    return 5.0 * x
""")
    program = read_function(f)
    assert counted(program, FOR) == 0 and not has_arrays(program)
    points = np.array([0.05, 0.3, 0.7, 1.3])
    value, slope = adjoint.value_and_grad(f, target="numpy")(points)
    assert value.tolist() == [f(x) for x in points]
    assert slope.tolist() == pytest.approx([0.0, 2.0, 6.0 * 0.7, 5.0])


def test_what_cannot_be_a_loop_is_unrolled():
    # the recursion ends by the index, which has to be known
    f = define("""def power(x, n):
    return 1.0 if n == 0 else x * power(x, n - 1)


def f(x):
    y = 0.0
    for k in range(4):
        y += power(x, k)
        if y > 2.0:
            break
    return y
""")
    program = read_function(f)
    assert counted(program, FOR) == 0
    for x in (0.3, 0.9, 1.5):
        assert of_program(program, [x]) == outcome(lambda x=x: f(x))


def test_what_neither_way_can_be_read_is_refused_with_its_place():
    f = define("""def f(x):
    for k in range(4):
        y = x + "a"
        if y > 2.0:
            break
    return y
""")
    with pytest.raises(adjoint.AdjointError, match="y = x \\+ "):
        read_function(f)


def test_newton_is_as_long_as_one_writes_it():
    f = function(EXITS["break"].replace("x + k", "x"))
    d = adjoint.value_and_grad(f)
    gradient = d.source.partition("def f_value_and_grad")[2]
    assert len(gradient.strip().splitlines()) <= 22
    assert "                " not in gradient  # nothing nests
    for target in ("python", "numpy"):
        value, (a_bar, b_bar) = adjoint.value_and_grad(f, target=target)(1.3, 2.0)
        assert value == pytest.approx(math.sqrt(2.0), rel=1e-15)
        assert b_bar == pytest.approx(0.5 / math.sqrt(2.0), rel=1e-12)
        assert abs(a_bar) < 1e-9  # where it begins does not matter


@pytest.mark.parametrize("exit", ["break", "return", "else", "return in a loop inside"])
def test_derivatives_of_such_loops(exit):
    # beside differences of mpmath, of the function itself in 50 digits
    f = function(EXITS[exit])
    text = f"import mpmath as math\n\n\n{EXITS[exit]}"
    precise = define(text)
    d, batches = adjoint.value_and_grad(f), adjoint.value_and_grad(f, target="numpy")
    second, points = adjoint.hessian(f), POINTS[:3] + POINTS[4:]
    values, slopes = batches(*(np.array(part) for part in zip(*points, strict=True)))
    with mpmath.workdps(50):
        for at, point in enumerate(points):
            value, gradient = d(*point)
            assert value == f(*point)
            assert values[at] == pytest.approx(value, rel=1e-15)
            for k, orders in enumerate([(1, 0), (0, 1)]):
                expected = float(mpmath.diff(precise, point, orders))
                assert gradient[k] == pytest.approx(expected, rel=1e-12, abs=1e-12)
                assert slopes[k][at] == pytest.approx(expected, rel=1e-12, abs=1e-12)
            expected = float(mpmath.diff(precise, point, (1, 1)))
            assert second(*point)[0][1] == pytest.approx(expected, rel=1e-9, abs=1e-9)
    assert d.check()
