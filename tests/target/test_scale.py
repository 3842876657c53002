"""Deep and long input: no recursion, text in linear time, and Python compiles it."""

import math
import re

import pytest

import adjoint
from adjoint.derivative import primal_function
from adjoint.frontend.formula.read import read_formula
from adjoint.target.python import module_text
from adjoint.target.uses import Uses
from tests.support_counting import calls
from tests.support_functions import define


def lines_of(formula):
    return adjoint.value_and_grad(formula).source.count("\n")


def function(formula, name="f_value_and_grad"):
    space = {}
    exec(compile(adjoint.value_and_grad(formula).source, "generated", "exec"), space)
    return space[name]


@pytest.mark.parametrize(
    ("formula", "value", "slope"),
    [
        ("(" * 20_000 + "x" + ")" * 20_000, 0.5, 1.0),
        ("-" * 20_000 + "x", 0.5, 1.0),
        ("-" * 20_001 + "x", -0.5, -1.0),
        ("-(" * 20_001 + "x" + ")" * 20_001, -0.5, -1.0),
        ("1 - (" * 20_000 + "x" + ")" * 20_000, 0.5, 1.0),
    ],
)
def test_deep_nesting(formula, value, slope):
    assert function(formula)(0.5) == (value, slope)


def test_20000_nested_calls():
    found, slope = function("sin(" * 20_000 + "x" + ")" * 20_000)(0.5)
    expected = 0.5
    derivative = 1.0
    for _ in range(20_000):
        derivative *= math.cos(expected)
        expected = math.sin(expected)
    assert found == expected
    assert slope == pytest.approx(derivative, rel=1e-9)


def test_terms_nested_to_the_right():
    count = 5_000
    formula = "".join(f"sin(x{i % 50}) + (" for i in range(count)) + "x0" + ")" * count
    value, gradient = function(formula)(*[0.1] * 50)
    assert value == pytest.approx(count * math.sin(0.1) + 0.1, rel=1e-12)
    assert gradient[1] == pytest.approx(100 * math.cos(0.1), rel=1e-12)


def test_20000_terms():
    formula = "+".join(f"{i}*sin(x{i % 100}*x{i % 7})" for i in range(20_000))
    value, gradient = function(formula)(*[0.01 * i for i in range(100)])
    assert math.isfinite(value)
    assert len(gradient) == 100


def test_statements_of_the_same_name():
    count = 4_000
    text = "s = x\n" + "s = s + sin(x*s)*0.001\n" * count + "s*s"
    space = {}
    exec(adjoint.value_and_grad(text).source, space)
    s = 0.3
    for _ in range(count):
        s = s + math.sin(0.3 * s) * 0.001
    assert space["f"](0.3) == s * s


def test_100000_statements():
    count = 100_000
    formula = "a = x*y\n" + "a = a + x*2.5\n" * count + "sin(a)"
    program = read_formula(formula)
    text = module_text([primal_function(program)])
    assert text.count("\n    a += ") == count


def test_a_variable_that_is_used_10000_times():
    formula = "+".join(f"x*y{i}" for i in range(10_000))
    text = adjoint.value_and_grad(formula, wrt="x").source
    sums = re.findall(r"^    x_bar \+= .*", text, re.MULTILINE)
    assert 1_000 <= len(sums) <= 5_000
    assert all(len(line) <= 88 for line in sums)
    assert not re.search(r"^    (?!x_bar)\w+ = .*y\d+ \+ y\d+$", text, re.MULTILINE)


@pytest.mark.parametrize(
    "term",
    ["{i}*sin(x{j}*x{k})", "log(x{j})*x{k}/{i}", "(x{j} if x{k} > {i} else exp(x{j}))"],
)
def test_text_is_linear_in_the_number_of_terms(term):
    def formula(count):
        return "+".join(term.format(i=i + 2, j=i % 50, k=i % 31) for i in range(count))

    few, many = lines_of(formula(500)), lines_of(formula(1_500))
    assert many <= 3.2 * few


def test_work_is_linear_in_the_number_of_terms():
    def cost(count):
        formula = "+".join(f"{i}*sin(x{i % 50}*x{i % 31})" for i in range(2, count))
        return calls(lambda: adjoint.value_and_grad(formula).source)

    cost(10)  # fills the caches of the rules
    assert cost(4_000) < 4.4 * cost(1_000)


@pytest.mark.parametrize(
    "kind", [adjoint.value_and_grad, adjoint.jvp, adjoint.vjp, adjoint.hvp]
)
def test_work_is_linear_in_the_number_of_parameters(kind):
    def cost(count):
        formula = "+".join(f"sin(x{i}*x{i + 1})" for i in range(count))
        return calls(lambda: kind(formula).source)

    cost(10)  # fills the caches of the rules
    assert cost(1_200) < 4.4 * cost(300)


@pytest.mark.parametrize(
    "line", ["s = s * x + i", "s = s + x * i", "s += x\n        y = s\n        s += y"]
)
def test_the_names_of_loops_are_found_in_linear_time(line):
    def cost(count):
        loop = f"    for i in range(n):\n        {line}\n"
        f = define(f"def f(x, n: int):\n    s = 0.0\n{loop * count}    return s\n")
        program = adjoint.value_and_grad(f).program
        return calls(lambda: Uses(program))

    assert cost(400) < 4.5 * cost(100)
