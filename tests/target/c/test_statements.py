"""Functions with branches and loops in C, beside Python and the oracle of 70 digits."""

import math
import re

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import adjoint
from adjoint.ir.form import flattened
from tests.support_c import close, needs_compiler
from tests.support_functions import arguments, define, modules
from tests.support_oracle import Unclear
from tests.support_oracle import derivative as oracle

#: In `make test`; the profile of `make fuzz` asks for more.
MANY = settings().max_examples
EXAMPLES = MANY if MANY > 200 else 12
PHASES = [p for p in settings().phases if EXAMPLES > 200 or p != Phase.shrink]

PROGRAMS = {
    "a loop that saves": """
def f(x: float, y: float, n: int):
    for i in range(n):
        x = x*y + sin(x)/(i + 1)
    return x
""",
    "a range with a step, one that goes down, and one that is empty": """
def f(x: float, y: float, n: int):
    total = x
    for i in range(1, 3*n, 2):
        total = total*y + i/3
    for j in range(n, -n, -3):
        total = sin(total + j)*x
    for k in range(n, n):
        total = total*total
    return total
""",
    "the bounds change in the loop": """
def f(x: float, y: float, n: int):
    for i in range(n):
        n = n - 1
        x = x*y + sin(x*i)
    return x*n
""",
    "whole numbers are divided as Python divides them": """
def f(x: float, y: float, n: int):
    a = n / 4 + (n - 7) // 2 + (n - 7) % 3 + (2 - n) // -3 + (2 - n) % -3
    return x*a + y*(n // 2)/3 + x**2*(n > 3)
""",
    "loops in loops, each of which saves": """
def f(x: float, y: float, n: int):
    total = 0.0
    for i in range(n):
        for j in range(i + 1):
            x = sin(x*y) + j
            total = total + x*y
        total = cos(total)*x
    return total
""",
    "an iteration that ends, and a loop that is left": """
def f(x: float, y: float, n: int):
    total = x
    for i in range(20):
        if total > 3:
            total = total/2
            continue
        total = total*1.5 + y*i/7
        if total > 2*n:
            break
    else:
        total = -total
    return total*y
""",
    "whole numbers that grow beyond 64 bits": """
def f(x: float, y: float, n: int):
    a, b, product = 1, 2, 1
    for i in range(1, 40*n):
        a, b = b, a + b
        product = product*i*3
    return x*(b/a) + y*(product > 10**15) + n*n*(2*n) + (n + 10**9)*(n + 10**9)*n
""",
    "counters that decide": """
def f(x: float, y: float, n: int):
    k, m = 0, n
    while k < 2*n and m > -3:
        k += 1
        m = m - k % 3
        for j in range(k, m):
            x = x*y + j
    return x*k + m
""",
    "two loops by one name": """
def f(x: float, y: float, n: int):
    for _ in range(n):
        for _ in range(2):
            x = sin(x*y)
    for i in range(n):
        for i in range(i, n):
            x = x + y*i
    return x*y
""",
    "until it converges": """
def f(x: float, y: float, n: int):
    root = x
    while abs(root*root - x) > 1e-12:
        root = 0.5*(root + x/root)
    return root*y + n
""",
    "a return in the middle": """
def f(x: float, y: float, n: int):
    for i in range(n):
        x = x*y + 0.1
        if x > 1.4:
            return x*x*i
    return x
""",
    "two variables that take turns": """
def f(x: float, y: float, n: int):
    for _ in range(n):
        x, y = x*0.5 + y*y, sin(x) - y
    return x*y
""",
    "a chain of branches": """
def f(x: float, y: float, n: int):
    if x > 5:
        z = x
    elif x > 1.2 and y < 3:
        z = x*y
    elif not n:
        z = y
    else:
        z = max(x, y, 0.25)*min(x, y)
    return z*z
""",
}


def _derivative(text, **options):
    return adjoint.value_and_grad(define(f"from math import *\n{text}"), **options)


@needs_compiler
@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("checkpoint", [None, 2])
def test_value_and_gradient(name, checkpoint):
    function = define(f"from math import *\n{PROGRAMS[name]}")
    derivative = _derivative(PROGRAMS[name], target="c", checkpoint=checkpoint)
    for point in [(1.3, 0.7, 4), (0.9, 1.1, 7), (2.5, 0.4, 0)]:
        value, partials = derivative(*point)
        assert value == function(*point)
        for parameter, partial in zip("xy", partials, strict=True):
            exact = oracle(derivative.primal, point, parameter)
            assert math.isclose(partial, exact, rel_tol=1e-11, abs_tol=1e-13)


@needs_compiler
def test_the_other_kinds():
    text = PROGRAMS["loops in loops, each of which saves"]
    function = define(f"from math import *\n{text}")
    point = (1.3, 0.7, 4)
    primal = adjoint.grad(function).primal
    by_x, by_y = (oracle(primal, point, name) for name in "xy")
    value, tangent = adjoint.jvp(function, target="c")(*point, 2.0, -3.0)
    assert value == function(*point)
    assert math.isclose(tangent, 2 * by_x - 3 * by_y, rel_tol=1e-11)
    _, cotangents = adjoint.vjp(function, target="c")(*point, 0.5)
    assert math.isclose(cotangents[0], 0.5 * by_x, rel_tol=1e-11)
    assert math.isclose(cotangents[1], 0.5 * by_y, rel_tol=1e-11)


@needs_compiler
def test_where_the_user_raises_every_result_is_nan():
    text = """
def f(x: float, y: float, n: int):
    total = 0.0
    for i in range(n):
        total = total*x + y*y
        if total > 100:
            raise ValueError("too large")
    assert total > 0, "too small"
    return total
"""
    derivative = _derivative(text, target="c")
    value, partials = derivative(0.5, 2.0, 3)
    assert (value, *partials) == (7.0, 8.0, 7.0)
    for point in [(9.0, 9.0, 5), (1.0, 0.0, 3)]:
        _, results = flattened(derivative(*point))
        assert len(results) == 3 and all(map(math.isnan, results))


@needs_compiler
def test_what_no_iteration_has_made_is_nan():
    text = """
def f(x: float, y: float, n: int):
    for i in range(n):
        b = x * i
    return b * y
"""
    derivative = _derivative(text, target="c")
    assert "double b = NAN;" in derivative.source
    assert derivative(1.5, 2.0, 3) == (6.0, (4.0, 3.0))
    value, (_, by_y) = derivative(1.5, 2.0, 0)  # Python raises UnboundLocalError
    assert math.isnan(value) and math.isnan(by_y)


@needs_compiler
def test_the_results_of_several_values():
    text = "def f(x: float, y: float): return x*y, (x + y, x/y)\n"
    jacobian = adjoint.jacobian(define(text), target="c")
    expected = ((3.0, 2.0), ((1.0, 1.0), (1 / 3, -2 / 9)))
    got = flattened(jacobian(2.0, 3.0))[1]
    assert all(map(close, got, flattened(expected)[1]))


@needs_compiler
def test_defaults_keywords_and_tuples():
    text = "def f(x: float, n: int = 3, *, k: float = 2.0): return x**n*k\n"
    gradient = adjoint.grad(define(text), target="c")
    assert gradient(2.0) == (24.0, 8.0)
    assert gradient(2.0, 2, k=3.0) == (12.0, 4.0)
    with pytest.raises(TypeError):
        gradient(2.0, 2, 3.0)
    with pytest.raises(TypeError):
        gradient("2")
    with pytest.raises(TypeError):
        gradient(2.0, 2.5)


def test_lines_are_broken_in_front_of_operators_and_behind_commas():
    names = [f"a_rather_long_name_of_a_number_in_the_formula_{at}" for at in range(4)]
    formula = f"f({', '.join(names)}) = {names[0]}*{names[1]}*{names[2]}*{names[3]}"
    source = adjoint.value_and_grad(formula, target="c").source.partition("*/")[2]
    assert max(map(len, source.splitlines())) <= 88
    broken = re.findall(r"(.*)\n {8,}(\S+)", source)
    assert any(line.endswith(",") and word == "double" for line, word in broken)
    assert any(word == "*" for _, word in broken)


@needs_compiler
@pytest.mark.parametrize("pad", range(4))
def test_a_long_comment_is_cut_and_does_not_become_code(pad):
    """In C it is one character longer than in Python: ``//`` where that has ``#``."""
    rate = "sigma" + "a" * pad
    text = f"""
def f(beta, {rate}, gamma):
    s, e, i, r = 0.99, 0.0, 0.01, 0.0
    for _ in range(2):
        for _ in range(2):
            new = beta * s * i
            s, e, i, r = (s - 0.2 * new, e + 0.2 * (new - {rate} * e), i + 0.2 * ({rate} * e - gamma * i), r + 0.2 * gamma * i)
    return i
"""
    source = _derivative(text, target="c").source
    lines = [line.strip() for line in source.partition("*/")[2].splitlines()]
    assert any(line.startswith("// s, e, i, r = (s -") for line in lines)
    assert all(line.startswith("// ") for line in lines if line.endswith(" ..."))
    function, h = define(text), 1e-4
    _, (by_beta, _, _) = _derivative(text, target="c")(0.5, 0.3, 0.1)
    difference = function(0.5 + h, 0.3, 0.1) - function(0.5 - h, 0.3, 0.1)
    assert close(by_beta, difference / (2 * h), 1e-6)


def test_what_a_loop_saves_is_declared_where_it_is_used():
    text = PROGRAMS["loops in loops, each of which saves"]
    source = _derivative(text, target="c").source
    sweep = source.partition("// reverse sweep")[2]
    assert re.search(
        r"^        double total_2 = tape_pop\(&tape, saved\);$", sweep, re.M
    )
    # what is saved in an iteration is given back when that has been reversed
    assert re.search(r"^        tape_release\(&tape, saved_2\);$", sweep, re.M)


@needs_compiler
def test_checkpoints_give_back_what_has_been_reversed():
    text = """
def f(x: float, n: int):
    for i in range(n):
        for j in range(3):
            x = sin(x + j)
    return x
"""
    function = define(f"from math import *\n{text}")
    derivative = _derivative(text, target="c", checkpoint=5)
    sweep = derivative.source.partition("// reverse sweep")[2]
    made = re.findall(r"^ +size_t (\w+) = tape_new", sweep, re.M)
    assert made and all(f"tape_release(&tape, {name});" in sweep for name in made)
    value, partial = derivative(0.3, 40)
    assert value == function(0.3, 40)
    exact = oracle(derivative.primal, (0.3, 40), "x")
    assert math.isclose(partial, exact, rel_tol=1e-11)


@needs_compiler
@settings(max_examples=EXAMPLES, phases=PHASES, suppress_health_check=list(HealthCheck))
@given(modules(), st.lists(arguments, min_size=2, max_size=4))
def test_random_functions(text, points):
    function = define(text)
    derivative = adjoint.value_and_grad(function, target="c")
    for point in points:
        try:
            expected = float(function(*point))
            exact = [oracle(derivative.primal, point, name) for name in "xy"]
        except (Unclear, ArithmeticError, ValueError, AssertionError, TypeError):
            continue
        value, partials = derivative(*point)
        assert close(value, expected), derivative.source
        largest = max(map(abs, [expected, *exact]), default=0.0)
        for one, other in zip(partials, exact, strict=True):
            near = math.isclose(one, other, rel_tol=1e-8, abs_tol=1e-9 * largest)
            assert near, derivative.source
