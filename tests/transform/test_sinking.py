"""Work that is done where it is needed: kinks and branches cut infinite slopes off."""

import math
import types

import black
import mpmath
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import adjoint
from adjoint.derivative import derivative_function
from adjoint.frontend.read import read
from adjoint.ir.arithmetic import function_of
from adjoint.ir.interpret import Guarded, trace
from adjoint.ir.validate import validate
from adjoint.transform.sinking import with_sunk_operations
from tests import support_oracle as oracle
from tests.support_functions import arguments, define, modules

BLACK = black.Mode(target_versions={black.TargetVersion.PY311})


def reverse_lines(derivative):
    """The lines behind the title of the reverse sweep."""
    lines = derivative.source.split("reverse sweep")[1].split("\n")[1:]
    return [line.strip() for line in lines if line.strip()]


# -- what is written


@pytest.mark.parametrize(
    ("formula", "line"),
    [
        (
            "sqrt(max(v, 0))",
            "v_bar = 0.5 / y if v > 0.0 else 0.25 / y if v == 0.0 else 0.0",
        ),
        ("sqrt(relu(v))", "v_bar = 0.5 / y if v > 0.0 else 0.0"),
        (
            "sqrt(abs(v))",
            "v_bar = 0.5 / y if v > 0.0 else -0.5 / y if v < 0.0 else 0.0",
        ),
    ],
)
def test_the_slope_is_where_it_is_used(formula, line):
    derivative = adjoint.value_and_grad(formula)
    assert reverse_lines(derivative)[0] == line
    assert black.format_str(derivative.source, mode=BLACK) == derivative.source
    assert derivative.check(seconds=3)


@pytest.mark.parametrize(
    "formula",
    [
        "where(x > 0, x, z)*sin(w)",  # each side needs the factor
        "sqrt(where(x > 0, x, z))",
        "exp(x)*cos(z)",
        "w*max(x, 0)*z",  # two sides need it, and it does not raise
        "sqrt(x)*max(z, w)",
    ],
)
def test_what_all_sides_need_or_cannot_raise_stays(formula):
    program = read(formula)
    wrt = program.parameter_names
    moved = derivative_function(program, "value_and_grad", wrt).program
    before = derivative_function(program, "value_and_grad", wrt, batches=True).program
    assert len(moved.body.ops) == len(before.body.ops)


def test_a_division_that_stands_for_the_logarithm_stays():
    """The gradient alone has no logarithm that would raise where there is no value."""
    slope = adjoint.grad("log(max(x, 0))")
    assert slope(2.0) == 0.5
    for x in (0.0, -1.0):
        with pytest.raises(ZeroDivisionError):
            slope(x)
        with pytest.raises(ValueError, match="math domain error"):
            adjoint.value_and_grad("log(max(x, 0))")(x)


# -- numbers

#: Formulas in x, points, and the derivatives there in closed form.
CUT_OFF = [
    ("sqrt(max(x, 0))", 2.25, 1 / 3),
    ("sqrt(max(x, 0))", -1.0, 0.0),
    ("acos(min(1, x))", 0.6, -1.25),
    ("acos(min(1, x))", 1.5, 0.0),
    ("asin(max(-1, x))", -1.5, 0.0),
    ("asin(max(-1, x))", 0.8, 1 / 0.6),
    ("log(max(x, 0) + 0.25)", 0.75, 1.0),
    ("log(max(x, 0) + 0.25)", -3.0, 0.0),
    ("sqrt(x if x > 0 else 0)", -1.0, 0.0),
    ("sqrt(x if x > 0 else 0)", 6.25, 0.2),
    ("sqrt(relu(x))", -0.5, 0.0),
    ("sqrt(relu(x))", 0.25, 1.0),
    ("sqrt(max(x, -x - 2, 0))", -1.0, 0.0),
    ("sqrt(max(x, -x - 2, 0))", 4.0, 0.25),
    ("sqrt(max(x, -x - 2, 0))", -6.0, -0.25),
    ("sqrt(max(min(x, 1), 0))", -1.0, 0.0),
    ("sqrt(max(min(x, 1), 0))", 2.0, 0.0),
    ("sqrt(max(min(x, 1), 0))", 0.25, 1.0),
    ("sqrt(max(x, 0)**2 + max(x - 1, 0)**2)", -2.0, 0.0),
    ("sqrt(max(x, 0)**2 + max(x - 1, 0)**2)", 4.0, 7 / 5),
    ("cbrt(max(x, 0))", -8.0, 0.0),
    ("cbrt(max(x, 0))", 8.0, 1 / 12),
    ("max(x, 0)**0.5*exp(max(x, 0)**0.5)", -1.0, 0.0),
    ("max(x, 0)**0.5*exp(max(x, 0)**0.5)", 1.0, math.e),
    ("atan2(max(x, 0), max(x - 1, 0))", -1.0, 0.0),
    ("atan2(max(x, 0), max(x - 1, 0))", 2.0, -0.2),
    ("hypot(max(x, 0), max(x - 1, 0))", -1.0, 0.0),
    ("hypot(max(x, 0), max(x - 1, 0))", 4.0, 7 / 5),
]


@pytest.mark.parametrize(("formula", "x", "expected"), CUT_OFF)
def test_first_derivatives(formula, x, expected):
    close = pytest.approx(expected, rel=1e-14, abs=0)
    value, slope = adjoint.value_and_grad(formula)(x)
    assert slope == close
    assert adjoint.grad(formula)(x) == close
    assert adjoint.jacobian(formula)(x) == close
    assert adjoint.jacobian(formula, mode="reverse")(x) == close
    assert adjoint.jacobian(formula, mode="forward")(x) == close
    _, tangent = adjoint.jvp(formula)(x, 2.0)
    assert tangent == pytest.approx(2 * expected, rel=1e-14, abs=0)
    if formula.count("max") == 1:  # else two branches share what the seed is divided by
        twice = pytest.approx(2 * expected, rel=1e-14, abs=0)
        assert adjoint.vjp(formula)(x, 2.0) == (value, twice)


@pytest.mark.parametrize("formula", list(dict.fromkeys(row[0] for row in CUT_OFF)))
def test_check_finds_them_right(formula):
    assert adjoint.value_and_grad(formula).check(seconds=3)


@pytest.mark.parametrize(
    ("formula", "x", "expected"),
    [
        ("sqrt(max(x, 0))", 4.0, -1 / 32),
        ("sqrt(max(x, 0))", -1.0, 0.0),
        ("acos(min(1, x))", 0.6, -0.6 / 0.8**3),
        ("acos(min(1, x))", 1.5, 0.0),
        ("sqrt(max(min(x, 1), 0))", -1.0, 0.0),
        ("sqrt(max(min(x, 1), 0))", 2.0, 0.0),
        ("sqrt(x if x > 0 else 0)*x", 4.0, 0.375),
        ("sqrt(x if x > 0 else 0)*x", -2.0, 0.0),
        ("sqrt(max(x, 0))*x", 4.0, 0.375),
        ("sqrt(max(x, 0))*x", -2.0, 0.0),
        ("sqrt(x if x > 0 else 0)", 4.0, -1 / 32),
        ("sqrt(x if x > 0 else 0)", -2.0, 0.0),
    ],
)
def test_second_derivatives(formula, x, expected):
    close = pytest.approx(expected, rel=1e-14, abs=0)
    assert adjoint.hessian(formula)(x) == close
    assert adjoint.hvp(formula)(x, 1.0) == close
    assert adjoint.grad(adjoint.grad(formula))(x) == close


def test_at_the_kink_there_is_no_derivative():
    for formula in ("sqrt(max(x, 0))", "sqrt(max(x, -x, 0))", "acos(min(1, 1 + x))"):
        with pytest.raises(ZeroDivisionError):
            adjoint.grad(formula)(0.0)


def test_ties_of_three_are_shared():
    """The largest of three, where two are equal: each has half of the slope."""
    derivative = adjoint.grad("sqrt(max(x, z, 0))")
    assert derivative(4.0, 4.0) == (0.125, 0.125)
    assert derivative(-1.0, -1.0) == (0.0, 0.0)
    assert derivative(4.0, 1.0) == (0.25, 0.0)


BRANCH = """
def f(x):
    if x > 0:
        y = x
    else:
        y = 0.0
    return math.sqrt(y)
"""
LOOP = """
def f(x, n: int):
    s = 0.0
    for i in range(n):
        s += math.sqrt(max(x - i, 0.0))
    return s
"""
CARRIED = """
def f(x, n: int):
    s = x
    for i in range(n):
        if s > 1.0:
            t = s - 1.0
        else:
            t = 0.0
        s = math.sqrt(t) + 0.5 * s
    return s
"""
WHILE = """
def f(x, n: int):
    s = 0.0
    while n > 0:
        if n % 2 == 1:
            s = s + math.sqrt(max(x, 0.0) * n)
        else:
            s = s + math.acos(min(x, 1.0))
        n = n - 1
    return s
"""


def slope_of(function, point):
    """Central differences of the function itself, in 50 digits."""
    x, *rest = point
    with mpmath.workdps(50):
        x, h = mpmath.mpf(x), mpmath.mpf(10) ** -20
        return float((function(x + h, *rest) - function(x - h, *rest)) / (2 * h))


@pytest.mark.parametrize(
    ("text", "points"),
    [
        (BRANCH, [(2.0,), (-1.0,)]),
        (LOOP, [(2.5, 2), (2.5, 5), (-1.0, 3), (0.75, 4)]),
        (CARRIED, [(6.5, 3), (1.5, 4), (-2.0, 3), (0.5, 0)]),
        (WHILE, [(0.5, 3), (0.25, 4), (3.0, 1), (-0.5, 1), (-0.5, 3)]),
    ],
)
def test_functions(text, points):
    function = define(f"import math\n{text}")
    space = {"math": types.SimpleNamespace(sqrt=mpmath.sqrt, acos=mpmath.acos)}
    exec(text, space)
    for kind in (adjoint.value_and_grad, adjoint.jacobian, adjoint.grad):
        derivative = kind(function)
        assert black.format_str(derivative.source, mode=BLACK) == derivative.source
        for point in points:
            found = derivative(*point)
            slope = found[-1] if isinstance(found, tuple) else found
            expected = slope_of(space["f"], point)
            assert slope == pytest.approx(expected, rel=1e-12, abs=0), derivative.source


@pytest.mark.parametrize(("x", "n"), [(2.5, 2), (2.5, 5), (-1.0, 3)])
def test_second_derivatives_in_loops(x, n):
    function = define(f"import math\n{LOOP}")
    expected = sum(-0.25 * (x - i) ** -1.5 for i in range(n) if x > i)
    close = pytest.approx(expected, rel=1e-14, abs=0)
    assert adjoint.hessian(function)(x, n) == close
    assert adjoint.hvp(function)(x, n, 1.0) == close


# -- random chains of slopes and kinks

_SLOPES = ["sqrt({})", "acos(min({}/9, 1))", "({})**1.5", "cbrt({})", "({})**0.25"]
_KINKS = [
    "max({}, 0)",
    "min({}, 1.5)",
    "max(0.5, {}) - 0.5",
    "abs({})",
    "where({0} > 1, {0} - 1, 0)",
    "max({}, 0, -1)",
]


@st.composite
def chains(draw):
    """A formula of x in which kinks that give numbers >= 0 stand before slopes."""
    text = "sin(3*x) + x"
    for _ in range(draw(st.integers(1, 3))):
        kink = draw(st.sampled_from(_KINKS))
        text = f"max({kink.format(text)}, 0)" if "min" in kink else kink.format(text)
        text = draw(st.sampled_from(_SLOPES)).format(text)
    return text


@given(chains(), st.lists(st.floats(-3, 3), min_size=3, max_size=3))
def test_chains_have_a_derivative_beside_their_kinks(formula, points):
    derivative = adjoint.value_and_grad(formula)
    for x in points:
        try:
            expected = oracle.derivative(derivative.primal, [x], "x")
        except oracle.Unclear:
            continue
        _, slope = derivative(x)
        assert abs(slope - expected) <= 1e-8 * (1 + abs(expected)), derivative.source


# -- random functions: what is run, with and without


def counted(program, point):
    """The results at a point, and how many operations were done for them."""
    done = []

    def apply(op, operands):
        done.append(op)
        return function_of(op.operation)(*operands)

    numbers = dict(zip(program.parameters, point, strict=True))
    return trace(program.body, numbers, apply=apply), len(done)


@settings(suppress_health_check=list(HealthCheck))
@given(modules(), st.lists(arguments, min_size=2, max_size=2))
def test_no_way_through_a_function_has_more_operations(text, points):
    primal = read(define(text))
    for kind in ("value_and_grad", "hvp"):
        plain = derivative_function(primal, kind, ["x", "y"], batches=True).program
        moved = with_sunk_operations(plain, primal)
        validate(moved)
        for point in points:
            given = (*point, 0.5, -1.0) if kind == "hvp" else point
            try:
                results, operations = counted(plain, given)
            except (ArithmeticError, ValueError, Guarded):
                continue
            found, fewer = counted(moved, given)
            assert repr(found) == repr(results)
            assert fewer <= operations


@given(chains(), st.floats(-3, 3))
def test_no_way_through_a_chain_has_more_operations(formula, x):
    primal = read(formula)
    plain = derivative_function(primal, "value_and_grad", ["x"], batches=True).program
    moved = with_sunk_operations(plain, primal)
    validate(moved)
    try:
        results, operations = counted(plain, [x])
    except (ArithmeticError, ValueError):
        return
    found, fewer = counted(moved, [x])
    assert repr(found) == repr(results)
    assert fewer <= operations
