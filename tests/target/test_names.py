"""Names of the user's that clash with names of ours, of Python's or of math's."""

import math
from functools import cache

import black
import mpmath
import numpy as np
import pytest

import adjoint
from adjoint.rules import helpers
from tests.support_functions import define
from tests.support_lint import faults


@cache
def module(formula, kind=adjoint.value_and_grad, **options):
    text = kind(formula, **options).source
    assert black.format_str(text, mode=black.Mode()) == text
    space = {}
    exec(compile(text, "generated", "exec"), space)
    return text, space


CLASHING = """
    t1 t2 t3 x_bar y_bar t1_bar y value result f f_value_and_grad f_grad g cos sin exp
    math abs max min builtin_max builtin_abs math_cos math_cos_2 if_ SQRT_TWO_PI TWO_PI
    C1 pi e tau inf nan self cls θ print float range reversed ValueError saved lambda_
    _ __ x_2 y_2 t1_2 sign sigmoid digamma cotpi copysign remainder adjoint None_
""".split()


@pytest.mark.parametrize("name", CLASHING)
def test_a_variable_may_have_any_name(name):
    # every kind of name that we give: imports, builtins, helpers, constants, t1, y
    body = (
        f"cos({name}*x)*abs({name}) + max({name}, x)**2*sqrt(2*pi2) + sigmoid({name})"
    )
    text, space = module(f"f({name}, x, pi2) = u = {body}; u*sin(u)")
    p, x, pi2 = 0.7, 0.3, 1.1
    largest = max(p, x)
    sigmoid = helpers.sigmoid(p)
    u = math.cos(p * x) * abs(p) + largest * largest * math.sqrt(2 * pi2) + sigmoid
    assert space["f"](p, x, pi2) == u * math.sin(u)
    value, gradient = space["f_value_and_grad"](p, x, pi2)
    assert value == u * math.sin(u)
    outer = math.sin(u) + u * math.cos(u)
    by_p = -x * math.sin(p * x) * p + math.cos(p * x) + 2 * p * math.sqrt(2 * pi2)
    by_p += sigmoid * (1 - sigmoid)
    by_x = -p * math.sin(p * x) * p
    by_pi2 = largest**2 / math.sqrt(2 * pi2)
    expected = [outer * part for part in (by_p, by_x, by_pi2)]
    assert gradient == pytest.approx(expected, rel=1e-13)
    assert (
        faults(text, (name,) if name.startswith("t") and name[1:].isdigit() else ())
        == []
    )


FUNCTIONS = """
    sin cos max abs math t1 y value x_bar f_grad digamma polygamma sigmoid sign cotpi
    relu softplus float range reversed len inf pi copysign ceil factorial log C1
    TWO_PI ValueError OverflowError log1p builtin_abs math_sin
""".split()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_function_may_have_any_name(name):
    body = "sin(x)*abs(x)*max(x, y) + digamma(x)*polygamma(1, y) + sigmoid(x)*sign(y)"
    body += " + relu(x) + softplus(y) + 2*pi*x + sqrt(2*pi)*y"
    formula = f"{name}(x, y) = {body}"
    text, space = module(formula)
    _, plain = module(f"plain(x, y) = {body}")
    for point in ((0.7, 1.3), (2.5, -0.4)):
        assert space[name](*point) == plain["plain"](*point)
        found = space[f"{name}_value_and_grad"](*point)
        value, gradient = plain["plain_value_and_grad"](*point)
        assert found[0] == value
        assert found[1] == pytest.approx(gradient, rel=1e-14)
    with pytest.raises(ValueError, match="math domain error"):
        space[name](-1.0, 1.0)
    assert faults(text, (name,) if name == "t1" else ()) == []


@pytest.mark.parametrize("name", ["sin", "max", "math", "f_value_and_grad", "y", "t1"])
def test_variable_and_function_of_one_name(name):
    _, space = module(f"{name}({name}) = sin({name})*max({name}, 2) + {name}**2")
    assert space[name](0.5) == math.sin(0.5) * 2 + 0.25
    _, slope = space[f"{name}_value_and_grad"](0.5)
    assert slope == pytest.approx(2 * math.cos(0.5) + 1, rel=1e-14)


def test_names_of_statements_are_kept():
    text, _ = module("a = x*y\nb = sin(a)\nb*exp(a)")
    assert "    a = x * y\n" in text
    assert "    b = sin(a)\n" in text
    assert "a_bar = " in text


def test_a_name_that_is_given_again():
    text, space = module("s = x*y\ns = s + sin(x)\ns = s*s\nx = s - x\nx*s")
    assert "    s += sin(x)\n" in text
    s = 0.3 * 0.7 + math.sin(0.3)
    s = s * s
    assert space["f"](0.3, 0.7) == (s - 0.3) * s
    assert space["f_value_and_grad"](0.3, 0.7)[0] == (s - 0.3) * s


def test_constants_have_names():
    text, _ = module("sqrt(2*pi)*x + pi**2*y + log(2)/3*z")
    assert "SQRT_TWO_PI = sqrt(2.0 * pi)\n" in text
    assert "PI_SQUARED = pi * pi\n" in text
    assert "LOG_TWO_OVER_THREE = log(2) / 3.0\n" in text


def test_constants_that_need_a_helper_stand_behind_it():
    text, space = module("x*digamma(2)*abs(sign(3))")
    assert text.index("def digamma") < text.index("DIGAMMA_TWO = digamma(2)")
    assert space["f"](1.0) == helpers.digamma(2)


def test_a_user_variable_hides_no_builtin_from_a_helper():
    text, space = module("f(float, abs) = sign(float)*sigmoid(abs)")
    assert space["f"](-2.0, 0.0) == -0.5
    assert "def sign(x):" in text


LOOP = """
import math
def f({a}: float, {n}: int):
    {c} = {a}
    for {i} in range({n}):
        {c} = math.sin({c} * {a}) + {i} * {a}
    for k_ in range(2):
        {c} = {c} * {a}
    {rows} = [[{a}] * 2 for k_ in range(2)]
    return {c} * {a} + {rows}[1][0] + {i}
"""


@pytest.mark.parametrize("name", ["_", "__", "saved", "t1", "x_bar", "range_", "float"])
@pytest.mark.parametrize("place", ["a", "n", "c", "i", "rows"])
def test_a_variable_of_a_loop_may_have_any_name(name, place):
    plain = {"a": "a", "n": "n", "c": "c", "i": "i", "rows": "rows"}
    results = []
    for names in (plain, plain | {place: name}):
        function = define(LOOP.format(**names))
        derivative = adjoint.value_and_grad(function)
        assert black.format_str(derivative.source, mode=black.Mode()) == (
            derivative.source
        )
        results.append(derivative(0.7, 3))
        assert derivative(0.7, 3)[0] == function(0.7, 3)
    assert results[0] == results[1]
    slope = (function(0.7 + 1e-6, 3) - function(0.7 - 1e-6, 3)) / 2e-6
    assert results[0][1] == pytest.approx(slope, rel=1e-8)


@pytest.mark.parametrize("name", ["float", "int", "bool", "np", "range", "_"])
def test_a_variable_beside_arrays_may_have_any_name(name):
    function = define(
        "import numpy\n"
        f"def f(x, y):\n    {name} = numpy.tanh(x @ y)\n"
        f"    return ({name} * x).sum() + numpy.where({name} > 0, y[0], x)[0]\n"
    )
    types = "x: float[:], y: float[:, :]"
    x, y = np.array([0.3, -0.5]), np.array([[0.7, 0.2], [-0.4, 1.1]])
    value, (by_x, _) = adjoint.value_and_grad(function, signature=types)(x, y)
    h = 1e-6 * np.eye(2)
    slopes = [(function(x + step, y) - function(x - step, y)) / 2e-6 for step in h]
    assert value == pytest.approx(function(x, y), rel=1e-15)
    assert by_x == pytest.approx(slopes, rel=1e-7)


LAST_INDEX = """def f(x, n: int):
    k = 7
    y = x
    for k in range(n):
        y = y * 1.5 + k
        if y > 10.0:
            break
    for j in range(2, n):
        y = y + k * x
        for k in range(j):
            y = y + x / (k + 1.0)
    return y * k
"""


def test_an_index_that_is_read_behind_the_loop_keeps_its_name():
    f = define(LAST_INDEX)
    d = adjoint.value_and_grad(f)
    primal = d.source.partition("\ndef f(")[2].partition("\n\n\n")[0]
    assert "    for k in range(n):" in primal
    assert "k = k" not in primal and "k_2 = k" not in primal
    batches = adjoint.value_and_grad(f, target="numpy")
    points = np.array([0.3, 1.7, 20.0])
    for n in range(6):
        values, slopes = batches(points, n)
        for x, value, slope in zip(points, values, slopes, strict=True):
            assert d(x, n)[0] == value == f(x, n)
            with mpmath.workdps(50):
                exact = float(mpmath.diff(lambda z, n=n: f(z, n), mpmath.mpf(x)))
            assert d(x, n)[1] == pytest.approx(exact, rel=1e-12)
            assert slope == pytest.approx(exact, rel=1e-12)


@pytest.mark.parametrize("other", ["y", "x_bar_dot", "x_bar"])
def test_a_second_derivative_is_named_by_what_it_is(other):
    function = define(
        f"def f(x: float, {other}: float, n: int):\n"
        "    s = 1.0\n    for i in range(n):\n"
        f"        s = s * x + i / {other}\n    return s"
    )
    d = adjoint.hvp(function, wrt=["x"])
    assert "x_bar_dot += " in d.source
    x, y, n = 0.7, 1.3, 4  # s = x**4 + (x*x + 2*x + 3)/y

    def second(x):
        return 12 * x**2 + 2 / y

    assert d(x, y, n, 2.0) == pytest.approx(2.0 * second(x))


def test_entries_of_a_hessian_are_named_by_what_they_are():
    text = adjoint.hessian("G*m1*m2/((x2 - x1)**2 + (y2 - y1)**2)").source
    assert "    G_bar_x1 = " in text and "    m1_bar_y2 = -m1_bar_y1" in text
