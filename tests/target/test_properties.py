"""Random formulas: what holds of every generated module."""

import ast
import math
import os
import subprocess
import sys

import black
import mpmath
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import adjoint
from tests.support import examples
from tests.support_expressions import (
    DIGITS,
    EXACT,
    PLAIN,
    SMOOTH,
    Style,
    exact_function,
    python_value,
    random_formula,
)
from tests.support_lint import faults

seeds = st.integers(0, 10**9)
sizes = st.integers(0, 24)
numbers = st.sampled_from(
    (0.5, 1.5, -0.75, 2.25, -3.5, 0.1, 1.0, -1.0, 2.0, 0.0, -0.0, 1e3, -1e-3, 1e200)
)
points = st.tuples(numbers, numbers, numbers)
NAMES = ("x", "y", "z")


def header(formula: str) -> str:
    """The formula with all three names as parameters."""
    return f"f({', '.join(NAMES)}) = {formula}"


def compiled(text: str) -> dict[str, object]:
    space: dict[str, object] = {}
    exec(compile(text, "generated", "exec"), space)
    return space


def in_digits(text: str) -> dict[str, object]:
    """The generated code itself, in 60 digits, its constants as well."""
    space = compiled(text)
    space |= EXACT  # in place: it is where the functions look names up
    constants = [n for n in ast.parse(text).body if isinstance(n, ast.Assign)]
    try:
        exec(compile(ast.Module(constants, []), "constants", "exec"), space)
    except (ArithmeticError, ValueError, TypeError):
        assume(False)
    return space


def outcome(function, *arguments):
    """The value as its repr, or the exception's type and message."""
    try:
        return repr(function(*arguments))
    except Exception as error:
        return type(error), str(error)


@settings(max_examples=examples(45))
@given(seeds, sizes)
def test_module_is_a_fixed_point_of_black(seed, size):
    formula = header(random_formula(seed, size, Style()))
    for kind in (adjoint.value_and_grad, adjoint.grad):
        text = kind(formula).source
        assert black.format_str(text, mode=black.Mode()) == text


@settings(max_examples=examples(120))
@given(seeds, sizes)
def test_module_has_no_fault_that_a_reader_would_find(seed, size):
    formula = header(random_formula(seed, size, PLAIN))
    for kind in (adjoint.value_and_grad, adjoint.grad):
        text = kind(formula).source
        assert faults(text) == [], text


@settings(max_examples=examples(200))
@given(seeds, sizes, st.lists(points, min_size=4, max_size=4))
def test_value_is_that_of_python_bit_for_bit(seed, size, arguments):
    formula = random_formula(seed, size, Style())
    try:
        derivative = adjoint.value_and_grad(header(formula))
    except adjoint.AdjointError as error:
        assert "too large" in str(error)
        return
    function = compiled(derivative.source)["f"]
    for point in arguments:
        named = dict(zip(NAMES, point, strict=True))
        assert outcome(function, *point) == outcome(python_value, formula, named)


@settings(max_examples=examples(120))
@given(seeds, sizes, st.lists(points, min_size=4, max_size=4))
def test_value_with_gradient_is_the_value_bit_for_bit(seed, size, arguments):
    text = adjoint.value_and_grad(header(random_formula(seed, size))).source
    space = compiled(text)
    for point in arguments:
        value = outcome(space["f"], *point)
        both = outcome(lambda *p: space["f_value_and_grad"](*p)[0], *point)
        if isinstance(value, str) and isinstance(both, tuple):
            continue  # there is a value, but no derivative
        assert both == value, text


@settings(max_examples=examples(100))
@given(seeds, st.integers(1, 16))
def test_gradient_agrees_with_differences_of_60_digits(seed, size):
    formula = random_formula(seed, size, SMOOTH)
    text = adjoint.value_and_grad(header(formula)).source
    function = exact_function(formula, list(NAMES))
    with mpmath.workdps(DIGITS):
        space = in_digits(text)
        point = [mpmath.mpf(seed % 997 + 1) / 500 + i / mpmath.mpf(7) for i in range(3)]
        point[1] = -point[1]
        try:
            value, gradient = space["f_value_and_grad"](*point)
            reference = [differences(function, point, i) for i in range(3)]
        except (ArithmeticError, ValueError, TypeError, AttributeError):
            assume(False)
        assume(None not in reference and mpmath.isfinite(value))
        assume(isinstance(value, mpmath.mpf | float | int))
        assert mpmath.almosteq(value, function(*point), 1e-13, 1e-13)
        for found, (expected, size_of_terms) in zip(gradient, reference, strict=True):
            assert abs(found - expected) <= 1e-11 * (1 + size_of_terms), formula


def differences(function, point, at):
    """The central difference and a measure of its terms; None near a kink."""
    step = mpmath.mpf(10) ** -20
    above, below = list(point), list(point)
    above[at] += step
    below[at] -= step
    high, middle, low = function(*above), function(*point), function(*below)
    central = (high - low) / (2 * step)
    if not mpmath.isfinite(central) or abs(central) > 1e8 or abs(middle) > 1e8:
        return None
    if abs((high - middle) - (middle - low)) / step > 1e-8 * (1 + abs(central)):
        return None
    return central, abs(central) + abs(middle)


def test_another_process_writes_the_same_bytes():
    program = (
        "import adjoint, hashlib\n"
        "from tests.support_expressions import random_formula\n"
        "for seed in range(25):\n"
        "    text = adjoint.value_and_grad(random_formula(seed, 20)).source\n"
        "    print(hashlib.sha256(text.encode()).hexdigest())\n"
    )
    outputs = []
    for seed in ("0", "1234"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        run = [sys.executable, "-c", program]
        done = subprocess.run(run, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        outputs.append(done.stdout)
    assert outputs[0] == outputs[1]


@pytest.mark.parametrize("seed", range(10))
def test_same_input_gives_the_same_text(seed):
    formula = random_formula(seed, 30)
    texts = {adjoint.value_and_grad(formula).source for _ in range(2)}
    assert len(texts) == 1


def test_the_helpers_of_these_tests_see_faults():
    text = (
        "from math import cos, sin\n\n\ndef f(x):\n    # reverse sweep\n"
        "    t2 = 1.0 * x\n    t3 = 0.0 + x\n    return cos(t2)\n"
    )
    assert len(faults(text)) == 5
    assert math.isclose(python_value("sin(x)**2", {"x": 0.3}), math.sin(0.3) ** 2)
