"""The NumPy target on formulas of physics and on random ones, against many digits."""

import ast
import math
import random
import warnings

import black
import mpmath
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import adjoint
from tests.support import examples, load_formulas
from tests.support_expressions import (
    DIGITS,
    SMOOTH,
    Style,
    exact_function,
    random_formula,
)
from tests.support_lint import faults
from tests.support_oracle import derivative

FORMULAS = load_formulas()
NAMES = ("x", "y", "z")
seeds = st.integers(0, 10**9)
sizes = st.integers(0, 24)

#: What the formulas of the table are evaluated by when NumPy itself runs their text.
NUMPY = {name: getattr(np, name) for name in "exp sqrt sin cos tanh pi log".split()}
NUMPY |= {
    "asin": np.arcsin,
    "acos": np.arccos,
    "arcsin": np.arcsin,
    "arccos": np.arccos,
}


def header(formula):
    return f"f({', '.join(NAMES)}) = {formula}"


def points(case, count):
    rng = random.Random(case.id)
    return {
        name: np.array([rng.uniform(*bounds) for _ in range(count)])
        for name, bounds in case.ranges.items()
    }


@pytest.mark.parametrize("case", FORMULAS, ids=lambda case: case.id)
def test_value_is_that_of_numpy_bit_for_bit(case):
    given = points(case, 500)
    d = adjoint.value_and_grad(case.formula, target="numpy")
    value, _ = d(**given)
    assert np.array_equal(value, eval(case.formula, NUMPY | given))


@pytest.mark.parametrize("case", FORMULAS, ids=lambda case: case.id)
def test_gradient_agrees_with_differences_of_70_digits(case):
    given = points(case, 4)
    d = adjoint.value_and_grad(case.formula, target="numpy")
    _, gradient = d(**given)
    gradient = gradient if isinstance(gradient, tuple) else (gradient,)
    for at in range(4):
        point = [float(given[name][at]) for name in d.primal.parameter_names]
        for name, found in zip(d.wrt, gradient, strict=True):
            expected = derivative(d.primal, point, name)
            assert math.isclose(found[at], expected, rel_tol=1e-11, abs_tol=1e-13)


@pytest.mark.parametrize("case", FORMULAS[::7], ids=lambda case: case.id)
def test_module_is_a_fixed_point_of_black_without_faults(case):
    text = adjoint.value_and_grad(case.formula, target="numpy").source
    assert black.format_str(text, mode=black.Mode()) == text
    assert faults(text) == []


@settings(max_examples=examples(30))
@given(seeds, sizes)
def test_random_module_is_a_fixed_point_of_black(seed, size):
    kind = adjoint.grad if seed % 2 else adjoint.value_and_grad
    formula = header(random_formula(seed, size, Style()))
    text = kind(formula, target="numpy").source
    assert black.format_str(text, mode=black.Mode()) == text


def imported(text):
    """The names of the modules that a text imports."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module


@settings(max_examples=examples(40))
@given(seeds, sizes)
def test_random_module_imports_numpy_and_math_alone(seed, size):
    text = adjoint.grad(header(random_formula(seed, size)), target="numpy").source
    assert set(imported(text)) <= {"numpy", "math"}


def differences(function, point, at):
    """The central difference and a measure of its terms; None near a kink."""
    step = mpmath.mpf(10) ** -20
    above, below = list(point), list(point)
    above[at] += step
    below[at] -= step
    high, middle, low = function(*above), function(*point), function(*below)
    central = (high - low) / (2 * step)
    if not mpmath.isfinite(central) or abs(central) > 1e6 or abs(middle) > 1e6:
        return None
    if abs((high - middle) - (middle - low)) / step > 1e-8 * (1 + abs(central)):
        return None
    return middle, central


@settings(max_examples=examples(60))
@given(seeds, st.integers(1, 16))
def test_random_gradient_agrees_with_differences_of_60_digits(seed, size):
    """At six points at once, so that the branches of some are not those of others."""
    formula = random_formula(seed, size, SMOOTH)
    d = adjoint.value_and_grad(header(formula), target="numpy")
    function = exact_function(formula, list(NAMES))
    rng = random.Random(seed)
    columns = [[rng.uniform(-2, 2) for _ in range(6)] for _ in NAMES]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            value, gradient = d(*map(np.array, columns))
        except ZeroDivisionError:  # of constants, which are Python's own numbers
            return
    assert np.shape(value) == (6,) and all(np.shape(g) == (6,) for g in gradient)
    checked = 0
    with mpmath.workdps(DIGITS):
        for at, row in enumerate(zip(*columns, strict=True)):
            try:
                point = [mpmath.mpf(x) for x in row]
                exact = [differences(function, point, i) for i in range(3)]
            except (ArithmeticError, ValueError, TypeError, AttributeError):
                continue
            if None in exact or not isinstance(exact[0][0], mpmath.mpf):
                continue
            if not abs(float(value[at]) - exact[0][0]) <= 1e-12 * (
                1 + abs(exact[0][0])
            ):
                continue  # floats lose the value, or have none
            checked += 1
            for found, (middle, central) in zip(gradient, exact, strict=True):
                error = abs(found[at] - central)
                assert error <= 1e-7 * (1 + abs(central) + abs(middle)), (formula, row)
    assume(checked)


@settings(max_examples=examples(30))
@given(seeds, sizes)
def test_each_point_is_computed_as_if_alone(seed, size):
    formula = random_formula(seed, size, Style())
    try:
        d = adjoint.value_and_grad(header(formula), target="numpy")
    except adjoint.AdjointError as error:
        assert "too large" in str(error)
        return
    values = [0.5, 1.5, -0.75, 2.25, -3.5, 0.0, 1e200, math.inf, math.nan]
    rng = random.Random(seed)
    columns = [np.array([rng.choice(values) for _ in range(12)]) for _ in NAMES]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        value, gradient = d(*columns)
        for at, row in enumerate(zip(*columns, strict=True)):
            alone, its_gradient = d(*[np.array([x]) for x in row])
            assert np.array_equal([value[at]], alone, equal_nan=True), formula
            for found, expected in zip(gradient, its_gradient, strict=True):
                assert np.array_equal([found[at]], expected, equal_nan=True), formula
