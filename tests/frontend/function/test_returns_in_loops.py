"""A ``return`` in a loop: what is returned is computed behind the loop, where it can be.

Values are compared with the function itself, derivatives with differences of 50 digits.
"""

import math

import mpmath
import numpy as np
import pytest

import adjoint
from adjoint.frontend.function.read import read_function
from adjoint.ir.program import LOOPS, UNDEFINED, walk
from tests.support_functions import define, of_program, outcome

PROGRAMS = {
    "newton": """def f(a, b):
    x = b
    for _ in range(50):
        step = (x * x - a) / (2.0 * x)
        x = x - step
        if abs(step) < 1e-9:
            return x
    return x
""",
    "no convergence": """def f(a, b):
    x = b
    for _ in range(9):
        step = (x * x - a) / (2.0 * x)
        x = x - step
        if abs(step) < 1e-2:
            return x
    raise ValueError("no convergence")
""",
    "bisection": """def f(a, b):
    low, high = 0.0, b
    for _ in range(12):
        middle = 0.5 * (low + high)
        error = middle * middle - a
        if abs(error) < 1e-2:
            return middle * b
        if error > 0.0:
            high = middle
        else:
            low = middle
    return 0.5 * (low + high)
""",
    "endless": """def f(a, b):
    x = b
    while True:
        x = 0.5 * x + 0.5 * a / x
        if abs(x * x - a) < 1e-3:
            return x * b
""",
    "index": """def f(a, b):
    x = b
    for k in range(20):
        x = x * 1.25 + 0.125
        if x > a:
            return x * k + a
        elif x < 0.5:
            x += 0.25
    else:
        x = x * a
    return x + 1.0
""",
    "its else returns as well": """def f(a, b):
    x = b
    while x < 3.0 * a:
        x = x * 1.25 + 0.5
        if x > 4.0:
            return x * a
    else:
        if b > 1.0:
            return x + b
    return a * a - b
""",
    "broken off": """def f(a, b):
    x = b
    for k in range(9):
        x = x * 1.25 + 0.125
        if x > 2.0 * a:
            break
        if k == 5:
            return x * k + a
    else:
        x = x * a
    return x - a
""",
    "first defined there": """def f(a, b):
    x = b
    k = 0
    while k < 12:
        if x > a:
            z = math.sin(x) * b
            k += 1
            return z + k
        x = x * 1.5
        k += 2
    return a
""",
    "a tuple on the way": """def f(a, b):
    pair = (a, b)
    for k in range(9, 0, -1):
        pair = (pair[1] * 0.5, pair[0] + k)
        if pair[0] > 3.0:
            return pair[0] - pair[1] * b
    return pair[0]
""",
    "loops in loops": """def f(a, b):
    x = b
    for i in range(10):
        for j in range(1, 10):
            x = x + a / (i + j)
            if x > 5.0:
                return x * i - a * j
        x = x * 0.75
    return -x
""",
    "in the inner loop, and behind it": """def f(a, b):
    x = b
    total = 0.0
    while total < 40.0:
        for j in range(9):
            x = x * 0.75 + a
            if j * x > 8.0:
                break
        else:
            return x * total
        total += x * x
        a = a * 0.5
    return total
""",
    "an unrolled loop inside": """def f(a, b):
    x = b
    for i in range(30):
        for j in (0.5, 1.5, 2.5):
            x = x + a * j / (i + 1)
            if x > 6.0:
                return x**2 - j
        for j in range(3):
            x = x - 0.125 * b**j
    return x
""",
    "two": """def f(a, b):
    x = b
    for _ in range(10):
        if x > 3.0:
            return x * a
        x = x * 1.5 - 0.25
        if x < 0.25:
            return -b
    return x
""",
    "in an exception's way": """def f(a, b):
    x = b
    for k in range(15):
        x = math.sqrt(x - 0.25 * a)
        if x < 1.0:
            return math.log(x - 0.75)
    return x
""",
    "what ends a branch": """def f(a, b):
    if a > b:
        for k in range(10):
            a = a * 0.75
            if a < b:
                return a * b
        a = a * b
    else:
        while b > a:
            b = b - 0.375
            if b * a > 1.0:
                return b
    return a - b
""",
}
POINTS = [(2.01, 1.53), (0.71, 3.02), (3.31, 0.43), (1.13, 0.21), (0.051, 2.03)]
POINTS += [(9.07, 1.31)]
#: Those of which the return has to stand where it does.
IN_PLACE = {"an unrolled loop inside", "two"}


def function(name):
    return define(f"import math\n\n\n{PROGRAMS[name]}")


@pytest.mark.parametrize("name", PROGRAMS)
def test_values_are_those_of_the_function(name):
    f = function(name)
    program = read_function(f)
    d = adjoint.value_and_grad(f)
    for point in POINTS:
        expected = outcome(lambda point=point: f(*point))
        assert of_program(program, point) == expected
        found = outcome(lambda point=point: d(*point)[0])
        assert found == expected


@pytest.mark.parametrize("name", PROGRAMS)
def test_derivatives_are_those_of_the_function(name):
    f = function(name)
    precise = define(f"import mpmath as math\n\n\n{PROGRAMS[name]}")
    d, second = adjoint.value_and_grad(f), adjoint.hvp(f)
    forward = adjoint.jvp(f)
    points = [p for p in POINTS if outcome(lambda p=p: f(*p))[0] != "raises"]
    batches = adjoint.value_and_grad(f, target="numpy")
    values, slopes = batches(*map(np.array, zip(*points, strict=True)))
    with mpmath.workdps(50):
        for at, point in enumerate(points):
            value, gradient = d(*point)
            assert values[at] == pytest.approx(value, rel=1e-14)
            for k, orders in enumerate([(1, 0), (0, 1)]):
                exact = float(mpmath.diff(precise, point, orders))
                assert gradient[k] == pytest.approx(exact, rel=1e-10, abs=1e-12)
                assert slopes[k][at] == pytest.approx(exact, rel=1e-10, abs=1e-12)
                assert forward(*point, *orders)[1] == pytest.approx(
                    exact, rel=1e-10, abs=1e-12
                )
            mixed = float(mpmath.diff(precise, point, (1, 1)))
            product = second(*point, 1.0, 0.0)
            assert product[1] == pytest.approx(mixed, rel=1e-8, abs=1e-8)


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_loop_does_not_carry_what_is_returned(name):
    program = read_function(function(name))
    loops = [op for op in walk(program.body) if op.operation in LOOPS]
    # what is returned has no name; of what else is carried, only flags have none
    carried = {
        result.type
        for op in loops
        for result in op.results
        if result.name is None and result.type.real
    }
    assert bool(carried) == (name in IN_PLACE or name == "a tuple on the way")


def test_the_text_is_that_of_a_loop_with_a_break():
    assert adjoint.value_and_grad(function("newton")).source.endswith("""
def f(a, b):
    x = b
    for _ in range(50):
        step = (x * x - a) / (2.0 * x)
        x -= step
        if abs(step) < 1e-09:
            break
    return x


def f_value_and_grad(a, b):
    # forward sweep
    x = b
    saved = []
    for _ in range(50):
        t1 = 2.0 * x
        step = (x * x - a) / t1
        saved.append((t1, step))
        x -= step
        if abs(step) < 1e-09:
            break
    # reverse sweep
    x_bar = 1.0
    a_bar = 0.0
    for t1, step in reversed(saved):
        t2 = x_bar / t1  # step = (x * x - a) / (2.0 * x)
        x_bar = 2.0 * t2 * step
        a_bar += t2
    return x, (a_bar, x_bar)
""")


def test_a_search_has_no_reverse_loop():
    f = define("""def f(x: list[float], t: float):
    for i in range(len(x)):
        if x[i] > t:
            return x[i] * x[i] * t
    return t
""")
    d = adjoint.value_and_grad(f)
    assert d.source.partition("def f_value_and_grad")[2].count("for ") == 1
    assert d([1.0, 3.0, 4.0], 2.0) == (18.0, ([0.0, 12.0, 0.0], 9.0))
    assert d([1.0], 2.0) == (2.0, ([0.0], 1.0))
    assert d([], 2.0) == (2.0, ([], 1.0))


def test_what_is_returned_is_not_set_to_none_before_the_loop():
    program = read_function(function("bisection"))
    loop = next(op for op in walk(program.body) if op.operation in LOOPS)
    names = {p.name: v for p, v in zip(loop.results, loop.operands[3:], strict=True)}
    assert names["middle"].name == UNDEFINED  # and not None: it has no line


def test_a_function_of_another_that_returns_in_a_loop():
    f = define("""def first(x, least):
    for k in range(40):
        if x > least:
            return x * k
        x = x * 1.5
    return least


def f(x):
    total = 0.0
    for n in range(12):
        total += first(x + n, 8.0)
    return total * first(x, 2.0)
""")
    d = adjoint.value_and_grad(f)
    for x in (0.3, 1.7, 30.0):
        assert d(x)[0] == f(x)
        step = 1e-6
        slope = (f(x + step) - f(x - step)) / (2.0 * step)
        assert d(x)[1] == pytest.approx(slope, rel=1e-6)


def test_recursion_in_loops_is_refused_in_good_time():
    # each attempt at a loop would double those in the calls inside
    f = define("""def f(x):
    for i in range(30):
        for j in range(4):
            if x > i + j:
                return f(x - 1.0)
    return x
""")
    with pytest.raises(adjoint.AdjointError, match="is decided at run time"):
        read_function(f)


def test_numbers_of_a_limit():
    # a limit that the loop is to find has the derivative of the limit
    d = adjoint.value_and_grad(function("newton"))
    value, (slope, _) = d(3.0, 1.0)
    assert value == pytest.approx(math.sqrt(3.0), rel=1e-15)
    assert slope == pytest.approx(0.5 / math.sqrt(3.0), rel=1e-12)
