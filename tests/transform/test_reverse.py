"""The reverse sweep: what it computes, against differences; what it costs, by counting."""

import math
import random
from math import prod

import mpmath
import pytest

from adjoint import grad
from adjoint.frontend.formula.read import read_formula
from adjoint.ir.interpret import run
from adjoint.ir.printer import print_primal_and_rest, print_program
from adjoint.ir.program import operation_count
from adjoint.ir.validate import validate
from tests.support import gradient, load_formulas


def reverse(formula, wrt=None, **options):
    program = read_formula(formula)
    derivative = gradient(program, wrt or program.parameter_names, "g", **options)
    validate(derivative)
    return derivative


def reverse_lines(formula, wrt=None):
    return [text for text, _ in print_primal_and_rest(reverse(formula, wrt))[1]]


def differences(function, point, at):
    """Central differences of a Python function in 60-digit arithmetic."""
    with mpmath.workdps(60):
        h = mpmath.mpf(10) ** -20
        up = [mpmath.mpf(x) + (h if i == at else 0) for i, x in enumerate(point)]
        down = [mpmath.mpf(x) - (h if i == at else 0) for i, x in enumerate(point)]
        return float((function(*up) - function(*down)) / (2 * h))


def test_the_worked_example_line_by_line():
    primal, adjoint = print_primal_and_rest(reverse("(x1 - x2)**2 + cos(x1 + x2)"))
    assert [text for text, _ in primal] == [
        "t1 = x1 - x2",
        "t2 = t1**2",
        "t3 = x1 + x2",
        "t4 = cos(t3)",
        "y = t2 + t4",
    ]
    assert [text for text, _ in adjoint] == [
        "t5 = sin(t3)",
        "t3_bar = -t5",
        "t1_bar = 2.0 * t1",
        "x1_bar = t3_bar + t1_bar",
        "x2_bar = t3_bar - t1_bar",
        "return y, x1_bar, x2_bar",
    ]


def test_the_worked_example_in_numbers():
    y, x1_bar, x2_bar = run(reverse("(x1 - x2)**2 + cos(x1 + x2)"), [1.0, 2.0])
    assert y == 1.0 + math.cos(3.0)
    assert x1_bar == pytest.approx(-2 - math.sin(3), rel=1e-15)
    assert x2_bar == pytest.approx(2 - math.sin(3), rel=1e-15)


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("x*z", ["return y, z, x"]),
        ("x + z", ["return y, 1.0, 1.0"]),
        ("x - z", ["return y, 1.0, -1.0"]),
        ("exp(x)", ["return y, y"]),
        ("x", ["return x, 1.0"]),
        ("x - x", ["return y, 0.0"]),
        ("floor(x)*z", ["return y, 0.0, t1"]),
        ("log(x)", ["x_bar = 1.0 / x", "return y, x_bar"]),
    ],
)
def test_nothing_is_written_that_need_not_be(formula, expected):
    assert reverse_lines(formula) == expected


def test_activity_follows_only_the_parameters_of_interest():
    lines = reverse_lines("sin(a)*b + exp(b)*c + tan(c)", ["a"])
    assert lines == ["t7 = cos(a)", "a_bar = b * t7", "return y, a_bar"]


def test_without_the_value_its_last_operations_are_dropped():
    derivative = reverse("sin(x)*z + exp(z)*0.5", keep_value=False)
    operations = [op.operation.name for op in derivative.body.ops]
    assert operations == ["sin", "exp", "mul", "add", "cos", "mul"]


def test_partials_share_what_the_forward_sweep_computed():
    derivative = reverse("exp(a*b)/(1 + exp(a*b)) + sqrt(c)")
    text = "\n".join(print_program(derivative))
    assert text.count("exp(") == 1
    assert text.count("sqrt(") == 1


def test_parameters_come_in_the_order_asked_for():
    program = read_formula("x**2*z")
    y, z_bar, x_bar = run(gradient(program, ["z", "x"], "g"), [3.0, 5.0])
    assert (y, z_bar, x_bar) == (45.0, 9.0, 30.0)


BRANCHES = [
    "log(x)*x if x > 0 else x**3",
    "sin(x)*exp(z) if x > z else cos(x*z)",
    "a = x*z; b = sin(a) if a > 0 else -a; b*a + x",
    "(x if x > z else z)*(x*x if z > 0 else exp(x))",
    "exp(x)*sin(z) if x > 0 and log(x + 3) > z else tanh(x*z)",
    "sin(x) if x > 1 else cos(x) if x > 0 else x*z",
    "u = exp(x)*z if x > 0 else x; w = u*u if z > 0 else sin(u); w + u",
    "(sin(x)*(exp(z)*x if z > 0.5 else z) if x > 0 else z)*x",
]


@pytest.mark.parametrize("formula", BRANCHES)
def test_branches_against_differences(formula):
    generator = random.Random(formula)
    program = read_formula(formula)
    derivative = reverse(formula)
    names = {
        name: getattr(mpmath, name) for name in ("log", "exp", "sin", "cos", "tanh")
    }

    def primal(*point):
        return run(program, point, MP, lambda v: mpmath.mpf(v.number))[0]

    from adjoint.ir.arithmetic import OPERATORS

    MP = OPERATORS | names
    for _ in range(30):
        point = [generator.uniform(-2.0, 2.0) for _ in program.parameters]
        _, *adjoints = run(derivative, point)
        for at, adjoint in enumerate(adjoints):
            expected = differences(primal, point, at)
            assert adjoint == pytest.approx(expected, rel=1e-12, abs=1e-12)


def test_nothing_from_a_branch_that_is_not_taken():
    derivative = reverse("where(x > 0, sqrt(x), 0)")
    assert run(derivative, [0.0]) == (0, 0.0)
    assert run(derivative, [-1.0]) == (0, 0.0)
    assert run(derivative, [4.0]) == (2.0, 0.25)


def test_the_cheap_gradient_principle_over_the_table():
    ratios = []
    for case in load_formulas():
        program = read_formula(case.formula)
        derivative = gradient(program, program.parameter_names, "g")
        validate(derivative)
        ratios.append(operation_count(derivative.body) / operation_count(program.body))
    assert max(ratios) <= 5.0
    assert prod(ratios) ** (1 / len(ratios)) <= 2.5


@pytest.mark.parametrize(
    ("make", "bound"),
    [
        (lambda n: "*".join(f"x{i}" for i in range(n)), 3),
        (lambda n: " + ".join(f"2*sin(x{i}*x{i + 1})" for i in range(n)), 3),
        (lambda n: " + ".join(f"x{i}**2" for i in range(n)), 2),
        (lambda n: "/".join(f"x{i}" for i in range(n)), 5),
    ],
    ids=["product", "sum of sines", "sum of squares", "quotient"],
)
def test_operations_grow_linearly(make, bound):
    counts = {}
    for n in (50, 100, 200, 400):
        program = read_formula(make(n))
        derivative = gradient(program, program.parameter_names, "g")
        counts[n] = operation_count(derivative.body)
        assert counts[n] <= bound * operation_count(program.body)
    assert counts[400] - counts[200] == 2 * (counts[200] - counts[100])


def test_a_gradient_of_a_gradient_is_a_program_like_any_other():
    first = reverse("x**3*sin(x)", keep_value=False)
    second = gradient(first, ["x"], "h", keep_value=False)
    validate(second)
    x = 0.7
    expected = 6 * x * math.sin(x) + 6 * x**2 * math.cos(x) - x**3 * math.sin(x)
    assert run(second, [x])[0] == pytest.approx(expected, rel=1e-14)


def test_one_variable_used_ten_thousand_times():
    terms = " + ".join(f"sin({i}*x)" for i in range(1, 10_001))
    derivative = reverse(terms)
    x = 0.001
    expected = math.fsum(i * math.cos(i * x) for i in range(1, 10_001))
    assert run(derivative, [x])[1] == pytest.approx(expected, rel=1e-11)


@pytest.mark.parametrize("point", [-1.0, 0.0, 1.0])
@pytest.mark.parametrize(
    "formula", ["abs(x)", "2 - abs(x)", "relu(x)", "hypot(x, 0)", "max(x, 0)"]
)
def test_derivatives_are_floats_on_every_side(formula, point):
    assert type(grad(formula)(point)) is float
