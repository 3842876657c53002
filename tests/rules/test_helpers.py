"""The helper functions of generated modules, measured against 40-digit arithmetic.

The bounds are in units in the last place. Measured over a quarter of a million
arguments (50 digits, glibc): sigmoid 1.9, softplus 1.4; for x > 0 digamma 2.8 and
polygamma(n, x) 3.3, 3.0, 4.7, 5.7 for n = 1 to 4, 5.7 up to n = 10. For x < 0, in ulps of
max(|value|, 1): digamma 4.7 down to -10, 8.2 down to -100, 18 down to -1e6; polygamma
3.7, 6.6, 8.5, 8.7 for n = 1 to 4, and 21 at n = 10.
"""

import ast
import builtins
import inspect
import math
import random

import black
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import exp, log, log1p, mp, mpf, psi

from adjoint.rules import helpers
from adjoint.rules.helpers import (
    cotpi,
    digamma,
    logaddexp,
    polygamma,
    relu,
    sigmoid,
    sign,
    softplus,
)

BUILTINS = set(dir(builtins)) - {"_"}  # what a doctest leaves behind
SOURCE = inspect.getsource(helpers)
TREE = ast.parse(SOURCE)
FUNCTIONS = {f.name: f for f in TREE.body if isinstance(f, ast.FunctionDef)}
MATH_NAMES = {
    name.name
    for node in TREE.body
    if isinstance(node, ast.ImportFrom)
    for name in node.names
}
ROOT = 1.4616321449683623
POLES = (0, 0.0, -0.0, -1, -2.0, -17.0, -1e15, -1e300, -math.inf)

numbers = st.floats(allow_nan=False)
finite = st.floats(allow_nan=False, allow_infinity=False)


def worst(function, exact, arguments, floor=0.0):
    """The largest error in ulps, of max(|value|, floor), and where it is."""
    with mp.workdps(40):
        errors = []
        for x in arguments:
            value = exact(mpf(x))
            unit = math.ulp(max(abs(float(value)), floor))
            errors.append((float(abs(mpf(function(x)) - value)) / unit, x))
    return max(errors)


def uniform(low, high, count):
    seeded = random.Random(f"{low} {high}")
    return [seeded.uniform(low, high) for _ in range(count)]


def decades(low, high, count):
    return [10.0**e for e in uniform(low, high, count)]


def below(bound, function, exact, arguments, floor=0.0):
    error, x = worst(function, exact, arguments, floor)
    assert error <= bound, f"{error:.2f} ulp at {x!r}"


# --- sign, relu, sigmoid, softplus


@pytest.mark.parametrize(
    ("x", "expected"),
    [(3, 1.0), (5e-324, 1.0), (math.inf, 1.0), (0, 0.0), (-0.0, 0.0), (-2.5, -1.0)],
)
def test_sign(x, expected):
    assert sign(x) == expected and isinstance(sign(x), float)


@given(numbers)
def test_sign_and_relu_split_a_number(x):
    assert sign(x) * abs(x) == x
    assert relu(x) == max(x, 0.0)
    assert relu(x) - relu(-x) == x


def test_relu_of_an_int_is_a_float():
    assert [relu(x) for x in (-3, 0, 3)] == [0.0, 0.0, 3.0]
    assert {type(relu(x)) for x in (-3, 0, 3)} == {float}


@pytest.mark.parametrize("function", [sign, relu, sigmoid, softplus, digamma])
def test_nan_stays_nan(function):
    assert math.isnan(function(math.nan))


@pytest.mark.parametrize("n", range(5))
def test_nan_stays_nan_in_polygamma(n):
    assert math.isnan(polygamma(n, math.nan))


@pytest.mark.parametrize(("low", "high"), [(-5, 5), (-40, 40), (-745, -40), (40, 800)])
def test_sigmoid_and_softplus_to_few_ulps(low, high):
    arguments = uniform(low, high, 1500)
    below(2.25, sigmoid, lambda x: 1 / (1 + exp(-x)), arguments)
    below(2, softplus, lambda x: log1p(exp(x)), arguments)


@pytest.mark.parametrize("apart", [0.0, 1e-9, 0.5, 3.0, 40.0, 800.0])
@pytest.mark.parametrize("at", [-900.0, -2.5, 0.0, 0.7, 900.0])
def test_logaddexp(at, apart):
    expected = log(exp(at) + exp(mpf(at) + apart))
    for pair in ((at, at + apart), (at + apart, at)):
        assert abs(logaddexp(*pair) - expected) <= 4e-16 * max(1, abs(expected))


def test_logaddexp_of_infinities():
    inf = math.inf
    assert logaddexp(inf, inf) == logaddexp(-inf, inf) == logaddexp(inf, 1.0) == inf
    assert logaddexp(-inf, -inf) == -inf and logaddexp(-inf, 2.0) == 2.0


def test_sigmoid_and_softplus_at_the_ends():
    assert sigmoid(0) == 0.5 and softplus(0) == math.log(2)
    assert sigmoid(math.inf) == 1.0 and softplus(math.inf) == math.inf
    assert sigmoid(-math.inf) == softplus(-math.inf) == 0.0
    assert sigmoid(-700) == softplus(-700) == math.exp(-700)
    assert sigmoid(-745) == softplus(-745) == 5e-324
    assert sigmoid(-1e308) == softplus(-1e308) == 0.0
    assert sigmoid(1e308) == 1.0 and softplus(1e308) == 1e308


@given(finite, finite)
def test_sigmoid_and_softplus_never_raise_and_grow(x, y):
    x, y = min(x, y), max(x, y)
    assert 0 <= sigmoid(x) <= 1 and softplus(x) >= relu(x)
    assert sigmoid(x) <= sigmoid(y) * (1 + 1e-15)
    assert softplus(x) <= softplus(y) * (1 + 1e-15)


@given(st.floats(-700, 700))
def test_sigmoid_and_softplus_reflect(x):
    assert sigmoid(x) + sigmoid(-x) == pytest.approx(1, rel=1e-15)
    assert softplus(x) - softplus(-x) == pytest.approx(x, rel=1e-15, abs=1e-15)


# --- digamma


@pytest.mark.parametrize(
    "arguments",
    [
        decades(-307, 0, 200),
        uniform(0.01, 1, 250),
        uniform(1, 2, 250),
        uniform(2, 2.3, 200),
        uniform(2, 10, 250),
        uniform(10, 30, 200),
        decades(1, 307, 200),
        [1, 2, 3, 10, 0.5, 1.5, 10.0, math.nextafter(10, 0), math.nextafter(1, 0)],
    ],
)
def test_digamma_to_few_ulps(arguments):
    below(3.5, digamma, lambda x: psi(0, x), arguments)


def test_digamma_near_its_root():
    steps = decades(-16, -2, 150)
    near = [ROOT, math.nextafter(ROOT, 1), math.nextafter(ROOT, 2)]
    near += [ROOT + d for d in steps] + [ROOT - d for d in steps]
    below(2, digamma, lambda x: psi(0, x), near)


@pytest.mark.parametrize(
    ("low", "high", "bound"),
    [(-1, 0, 6), (-10, -1, 6), (-100, -10, 10), (-1e6, -100, 24)],
)
def test_digamma_below_zero(low, high, bound):
    below(bound, digamma, lambda x: psi(0, x), uniform(low, high, 200), floor=1.0)


def test_digamma_beside_its_poles():
    near = [k + d for k in (0, -1, -2, -9) for d in decades(-12, -2, 20)]
    near += [k - d for k in (0, -1, -2, -9) for d in decades(-12, -2, 20)]
    below(4, digamma, lambda x: psi(0, x), near, floor=1.0)


@given(st.floats(1e-3, 1e6))
def test_digamma_steps_by_the_reciprocal(x):
    assert digamma(x) + 1 / x == pytest.approx(digamma(x + 1), rel=1e-14, abs=1e-13)


@given(st.floats(1e-307, 1e307), st.floats(1e-307, 1e307))
def test_digamma_grows(x, y):
    x, y = min(x, y), max(x, y)
    assert digamma(x) <= digamma(y) + 2e-15 * abs(digamma(y))


# --- polygamma


@pytest.mark.parametrize(("n", "bound"), [(1, 4), (2, 4), (3, 5.5), (4, 7), (10, 7)])
def test_polygamma_to_few_ulps(n, bound):
    edge = 10 + 2 * n
    arguments = uniform(0.01, 2, 50) + uniform(2, edge, 100) + uniform(edge, 99, 50)
    arguments += decades(-290 / (n + 1), 290 / (n + 1), 80) + [1, 5, edge, 100]
    below(bound, lambda x: polygamma(n, x), lambda x: psi(n, x), arguments)


@pytest.mark.parametrize("n", [1, 2, 3, 4, 10])
def test_polygamma_below_zero(n):
    arguments = uniform(-20, 0, 60) + uniform(-1e4, -20, 20)
    arguments += [-0.5, -1.5, -3 + 1e-9, -3 - 1e-9, -1e-9]
    below(
        4 + 2 * n, lambda x: polygamma(n, x), lambda x: psi(n, x), arguments, floor=1.0
    )


@given(st.integers(1, 6), st.floats(0.1, 1e3))
def test_polygamma_steps_by_the_power(n, x):
    step = (-1) ** n * math.factorial(n) / x ** (n + 1)
    scale = abs(polygamma(n, x))
    assert abs(polygamma(n, x) + step - polygamma(n, x + 1)) <= 1e-13 * scale


@given(finite)
def test_polygamma_of_order_zero_is_digamma(x):
    try:
        expected = digamma(x)
    except (ValueError, OverflowError) as error:
        with pytest.raises(type(error)):
            polygamma(0, x)
    else:
        assert polygamma(0, x) == expected


# --- poles, infinities, overflow


@pytest.mark.parametrize("x", POLES)
def test_poles_raise_what_gamma_raises(x):
    for n in range(4):
        with pytest.raises(ValueError, match="math domain error"):
            polygamma(n, x)
    with pytest.raises(ValueError, match="math domain error"):
        digamma(x)


def test_infinity_and_extremes():
    assert digamma(math.inf) == math.inf
    assert [polygamma(n, math.inf) for n in (1, 2, 3)] == [0, 0, 0]
    assert digamma(1e300) == math.log(1e300)
    assert digamma(1e-300) == -1 / 1e-300
    assert digamma(-1e-300) == pytest.approx(1e300, rel=1e-15)
    assert polygamma(1, 1e300) == 1e-300


@pytest.mark.parametrize("x", [5e-324, -5e-324, 5.5e-309, -5.5e-309])
def test_overflow_raises_as_in_gamma(x):
    with pytest.raises(OverflowError, match="math range error"):
        digamma(x)
    for n in range(1, 5):
        with pytest.raises(OverflowError):
            polygamma(n, x)


def test_overflow_of_the_factorial():
    assert polygamma(4, 1e-61) == pytest.approx(-24e305, rel=1e-14)
    with pytest.raises(OverflowError, match="math range error"):
        polygamma(4, 2.5e-62)


def test_polygamma_refuses_a_negative_order():
    for x in (-0.5, 0.5):
        with pytest.raises(ValueError, match="negative"):
            polygamma(-1, x)


@given(st.integers(-(10**6), 10**6))
def test_cotpi_at_halves_and_whole_numbers(k):
    assert cotpi(k + 0.5) == 0 and abs(cotpi(k + 0.25) - 1) < 1e-15
    with pytest.raises(ValueError, match="math domain error"):
        cotpi(k)


# --- the text, which is copied


def outer_names(function):
    """The names that a function reads and does not bind itself."""
    names = [node for node in ast.walk(function) if isinstance(node, ast.Name)]
    bound = {arg.arg for arg in function.args.args}
    bound |= {node.id for node in names if isinstance(node.ctx, ast.Store)}
    return {node.id for node in names} - bound


def closure(name):
    """The function and the siblings that it needs, in the file's order."""
    found, todo = set(), [name]
    while todo:
        found.add(name := todo.pop())
        todo += (outer_names(FUNCTIONS[name]) & set(FUNCTIONS)) - found
    return [each for each in FUNCTIONS if each in found]


def test_the_file_is_stable_under_black():
    assert black.format_str(SOURCE, mode=black.Mode(line_length=88)) == SOURCE


def test_the_module_is_a_docstring_an_import_and_functions():
    docstring, imports, *functions = TREE.body
    assert isinstance(docstring, ast.Expr) and isinstance(imports, ast.ImportFrom)
    assert imports.module == "math" and "*" not in MATH_NAMES
    assert not any(name.asname for name in imports.names)
    assert functions == list(FUNCTIONS.values())


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)
def test_a_function_stands_alone(function):
    outer = outer_names(function)
    assert outer <= MATH_NAMES | set(FUNCTIONS) | BUILTINS
    bound = {
        node.id for node in ast.walk(function) if isinstance(node, ast.Name)
    } - outer
    assert not bound & (MATH_NAMES | set(FUNCTIONS) | BUILTINS)
    assert not function.decorator_list and function.returns is None
    assert not any(arg.annotation for arg in function.args.args)
    inner = (ast.FunctionDef, ast.Lambda, ast.Import, ast.ImportFrom, ast.Global)
    assert not any(
        isinstance(node, inner) for s in function.body for node in ast.walk(s)
    )
    assert "\n" not in ast.get_docstring(function)


def test_every_import_is_used():
    used = set().union(*map(outer_names, FUNCTIONS.values()))
    assert used >= MATH_NAMES


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_copied_text_computes_the_same(name):
    needed = closure(name)
    imports = (
        set().union(*(outer_names(FUNCTIONS[each]) for each in needed)) & MATH_NAMES
    )
    text = f"from math import {', '.join(sorted(imports))}\n" if imports else ""
    for each in needed:
        text += f"\n\n{ast.get_source_segment(SOURCE, FUNCTIONS[each])}\n"
    namespace = {}
    exec(text, namespace)  # our own file's text
    order = {"polygamma": (2,), "logaddexp": (0.4,)}.get(name, ())
    for x in (-7.3, -0.2, 0.4, 3.7, 25.5):
        assert namespace[name](*order, x) == getattr(helpers, name)(*order, x)
