"""The C target: its text, and what it gives beside Python, SymPy's table and mpmath."""

import math
import random
import subprocess

import mpmath
import pytest

import adjoint
from adjoint.api import derivative as several
from adjoint.ir.arithmetic import FLOATS
from adjoint.rules.table import OF_WHOLE_NUMBERS, OPERATIONS
from tests.support import load_formulas
from tests.support_c import close, in_c, needs_compiler
from tests.support_expressions import operation_formula
from tests.support_oracle import derivative as oracle

WORKED = "(x1 - x2)**2 + cos(x1 + x2)"

TEXT = """\
#include <math.h>

double f(double x1, double x2)
{
    double t1 = x1 - x2;
    return t1 * t1 + cos(x1 + x2);
}

double f_value_and_grad(double x1, double x2, double grad[2])
{
    // forward sweep
    double t1 = x1 - x2;
    double t2 = x1 + x2;
    double y = t1 * t1 + cos(t2);
    // reverse sweep
    double t2_bar = -sin(t2);
    double t1_bar = 2.0 * t1;
    grad[0] = t2_bar + t1_bar;
    grad[1] = t2_bar - t1_bar;
    return y;
}
"""


def test_the_worked_example_reads_as_c_is_written():
    source = adjoint.value_and_grad(WORKED, target="c").source
    comment, _, code = source.partition("*/\n\n")
    assert code == TEXT
    assert f" *     {WORKED}\n" in comment
    assert "double f_value_and_grad(double x1, double x2, double grad[2]);" in comment
    assert " * Operations: 5 for f, 10 for f_value_and_grad, ratio 2.00.\n" in comment


@needs_compiler
def test_the_worked_example_gives_its_numbers():
    derivative = adjoint.value_and_grad(WORKED, target="c")
    value, (by_x1, by_x2) = derivative(1.0, x2=2)
    assert math.isclose(value, 1 + math.cos(3), rel_tol=1e-14)
    assert math.isclose(by_x1, -2 - math.sin(3), rel_tol=1e-14)
    assert math.isclose(by_x2, 2 - math.sin(3), rel_tol=1e-14)


@needs_compiler
def test_all_formulas_of_the_table():
    cases = load_formulas()
    derivatives = [adjoint.value_and_grad(case.formula) for case in cases]
    for case, derivative, function in zip(
        cases, derivatives, in_c(derivatives), strict=True
    ):
        names = derivative.primal.parameter_names
        draw = random.Random(case.id)
        point = [draw.uniform(*case.ranges[name]) for name in names]
        value, partials = function(*point)
        program = derivative.primal
        with mpmath.workdps(50):
            assert close(value, derivative(*point)[0], 1e-13), case.formula
        for name, partial in zip(
            names, partials if len(names) > 1 else (partials,), strict=True
        ):
            exact = oracle(program, point, name)
            near = math.isclose(
                partial, exact, rel_tol=1e-9, abs_tol=1e-12 * abs(value)
            )
            assert near, (case.formula, name, partial, exact)


_UNSAID = {"lshift", "rshift", "bitand", "bitor", "bitxor", "math_pow", "float"}
SAID = [
    one
    for one in OPERATIONS.values()
    if one.name not in _UNSAID | OF_WHOLE_NUMBERS and one.result != "bool"
]


@needs_compiler
def test_each_operation_gives_pythons_value_and_partials():
    derivatives = [
        adjoint.value_and_grad(operation_formula(operation)) for operation in SAID
    ]
    for operation, derivative, function in zip(
        SAID, derivatives, in_c(derivatives), strict=True
    ):
        ranges = operation.ranges()
        names = derivative.primal.parameter_names
        draw = random.Random(operation.name)
        for _ in range(8):
            point = [draw.uniform(*ranges.get(name, (-4, 4))) for name in names]
            value, partials = derivative(*point)
            ours, our_partials = function(*point)
            assert close(ours, value), (operation, point, ours, value)
            if len(names) == 1:
                partials, our_partials = (partials,), (our_partials,)
            for one, other in zip(our_partials, partials, strict=True):
                assert close(one, other, 1e-11), (operation, point, one, other)


SPECIAL = {
    "digamma(a)": (mpmath.digamma, [-20.3, -2.5, -0.1, 0.1, 0.9, 1.4, 2, 9.9, 10, 1e6]),
    "polygamma(2, a)": (
        lambda x: mpmath.polygamma(2, x),
        [-2.6, -0.3, 0.1, 1, 5, 13, 15, 1e3],
    ),
    "polygamma(1, a)": (lambda x: mpmath.polygamma(1, x), [-2.6, -0.3, 0.1, 1, 5, 13]),
    "sigmoid(a)": (lambda x: 1 / (1 + mpmath.exp(-x)), [-700, -40, -1, 0, 2, 50, 800]),
    "softplus(a)": (lambda x: mpmath.log(1 + mpmath.exp(x)), [-40, -1, 0, 2, 50, 800]),
    "gamma(a)": (mpmath.gamma, [-20.25, -2.5, -0.1, 1e-9, 0.5, 1, 3, 9.5, 99, 170.5]),
    "lgamma(a)": (mpmath.loggamma, [1e-9, 0.1, 0.5, 1.5, 2.5, 3, 50, 1e6, 1e300]),
    "degrees(a)": (mpmath.degrees, [-3.5, 0.1, 7.0]),
    "radians(a)": (mpmath.radians, [-350.0, 0.1, 77.0]),
}


@needs_compiler
def test_special_functions_against_mpmath():
    functions = in_c([adjoint.value_and_grad(formula) for formula in SPECIAL])
    with mpmath.workdps(50):
        for function, (formula, (exact, points)) in zip(
            functions, SPECIAL.items(), strict=True
        ):
            for point in points:
                ours, _ = function(point)
                assert close(ours, float(exact(mpmath.mpf(point))), 1e-13), (
                    formula,
                    point,
                )


@needs_compiler
def test_steps_and_remainders_are_pythons():
    numbers = [-7.5, -2.5, -2.0, -0.5, 0.5, 1.0, 1.5, 2.5, 3.7, 1e17]
    one = ["round(a)", "floor(a)", "ceil(a)", "trunc(a)", "sign(a)", "relu(a)"]
    one += ["round(a, 2)", "round(a, -1)"]
    two = ["a % b", "a // b", "fmod(a, b)", "remainder(a, b)", "copysign(a, b)"]
    two += ["min(a, b)", "max(a, b)", "hypot(a, b)", "atan2(a, b)"]
    derivatives = [adjoint.value_and_grad(formula) for formula in one + two]
    functions = in_c(derivatives)
    for function, derivative in zip(functions, derivatives, strict=True):
        pairs = len(derivative.primal.parameters) == 2
        operation = derivative.primal.body.ops[0].operation
        digits = [
            operand.number
            for operand in derivative.primal.body.ops[0].operands
            if operand.number is not None
        ]
        for a in numbers:
            for b in numbers if pairs else [None]:
                point = [a, b] if pairs else [a]
                theirs = FLOATS[operation.name](*point, *digits)
                assert close(function(*point)[0], theirs, 1e-15), (operation, point)


CLASHES = [
    "f(double, int, long) = double*int + sin(long)",
    "f(exp, sin, cos) = exp*sin(sin) + cos(cos)*exp(exp)",
    "f(grad, tape, NAN, bool) = grad*tape + NAN*bool",
    "f(y1, j0, gamma, time) = y1*j0 + gamma*time",
    "gamma(x, y) = x*y",
    "exp(x, y) = x*exp(y)",
    "main(x, y) = x*y",
    "f(pow, max, modulo, sign) = pow**2.5 + max(max, modulo % 3) * sign(sign)",
    "f(erf, rint) = erf(erf) * round(rint)*rint",
    "f(θ, π) = sin(θ)*π",
    "f(_, __) = _*__ + sqrt(_)",
]


@needs_compiler
@pytest.mark.parametrize("formula", CLASHES)
def test_no_name_of_the_users_clashes(formula):
    plain = adjoint.value_and_grad(formula)
    derivative = adjoint.value_and_grad(formula, target="c")
    point = [0.3 + 0.4 * at for at in range(len(derivative.primal.parameters))]
    value, partials = derivative(*point)
    assert close(value, plain(*point)[0])
    for name, partial in zip(derivative.primal.parameter_names, partials, strict=True):
        exact = oracle(derivative.primal, point, name)
        assert math.isclose(partial, exact, rel_tol=1e-11)


@needs_compiler
@pytest.mark.parametrize(
    "formula",
    [
        WORKED,
        "x**y*sin(sqrt(2*pi)*x) + digamma(x) + max(x, y, 1)",
        "a % b + a // b + round(a, 2) + softplus(b)",
    ],
)
def test_the_strictest_compilers_say_nothing(formula, tmp_path):
    path = tmp_path / "f.c"
    path.write_text(adjoint.value_and_grad(formula, target="c").source)
    flags = ["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Werror"]
    done = subprocess.run(
        ["cc", *flags, "-c", str(path), "-o", str(tmp_path / "f.o")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_comment_of_the_users_does_not_end_that_of_the_file():
    source = adjoint.value_and_grad("x*y # */ int main() {}", target="c").source
    assert source.count("*/") == 1


def test_the_same_input_gives_the_same_bytes():
    texts = {adjoint.hessian("x**y + log(x)", target="c").source for _ in range(3)}
    assert len(texts) == 1


@needs_compiler
def test_what_is_returned_and_what_is_written():
    formula = "f(x, y) = x*x*y"
    gradient = adjoint.grad(formula, wrt=["x"], target="c")
    assert "double f_grad(double x, double y)\n" in gradient.source
    assert gradient(3.0, 2.0) == 12.0
    hessian = adjoint.hessian(formula, target="c")
    assert "void f_hessian(double x, double y, double hessian[4])" in hessian.source
    assert hessian(3.0, 2.0) == ((4.0, 6.0), (6.0, 0.0))
    all_three = several(formula, "value,grad,hessian", target="c")
    assert all_three(3.0, 2.0) == (18.0, (12.0, 9.0), ((4.0, 6.0), (6.0, 0.0)))


@needs_compiler
def test_a_sparse_derivative_and_where_its_entries_stand():
    formula = "f(x, y, z) = x*y*z + sin(x)"
    sparse = several(formula, "sparse_hessian", target="c")
    assert (
        "f_sparse_hessian_pattern(double x, double y, double z, int64_t"
        in sparse.source
    )
    rows, columns = sparse.pattern(0.5, 2.0, 3.0)
    entries = dict(
        zip(zip(rows, columns, strict=True), sparse(0.5, 2.0, 3.0), strict=True)
    )
    assert close(entries[0, 0], -math.sin(0.5))
    assert (entries[0, 1], entries[0, 2], entries[1, 2]) == (3.0, 2.0, 0.5)
    assert (entries[1, 0], entries[2, 0], entries[2, 1]) == (3.0, 2.0, 0.5)
    assert len(entries) == 7
