"""The JavaScript target, under Node.js: against the Python target, and against mpmath."""

import itertools
import math
import random

import mpmath
import pytest

import adjoint
from adjoint.errors import OptionError
from adjoint.frontend.formula.read import read_formula
from adjoint.ir.arithmetic import FLOATS
from adjoint.ir.builder import Builder
from adjoint.rules.table import OF_WHOLE_NUMBERS, OPERATIONS
from adjoint.target.javascript import function_text, spelling
from tests.support import load_formulas
from tests.support_expressions import SMOOTH, operation_formula, random_formula
from tests.support_javascript import close, needs_node, run_javascript

POINTS = 8


def sample(seed, ranges, count=POINTS):
    source = random.Random(seed)
    return [[source.uniform(*ends) for ends in ranges] for _ in range(count)]


@needs_node
def test_the_formulas_of_the_table_give_pythons_values_and_gradients():
    calls, expected = [], []
    for case in load_formulas():
        derivative = adjoint.value_and_grad(case.formula)
        names = derivative.primal.parameter_names
        points = sample(case.id, [case.ranges[name] for name in names])
        calls.append((derivative.program, points))
        for point in points:
            value, partials = derivative(*point)
            expected.append((value, *(partials if len(names) > 1 else (partials,))))
    results = [result for one in run_javascript(calls) for result in one]
    assert len(results) == len(expected) == POINTS * len(load_formulas())
    for ours, theirs in zip(results, expected, strict=True):
        assert all(close(a, b) for a, b in zip(ours, theirs, strict=True))


def _names(operation):
    return ("a", "b") if operation.variadic else operation.operands


#: What formulas cannot say: whole numbers, and spellings of Python's.
_WHOLE = {"lshift", "rshift", "bitand", "bitor", "bitxor"} | OF_WHOLE_NUMBERS
_UNSAID = _WHOLE | {"math_pow", "float"}


@needs_node
def test_each_operation_gives_pythons_value_and_partials():
    calls, expected = [], []
    for operation in OPERATIONS.values():
        if operation.name in _UNSAID or operation.result == "bool":
            continue
        derivative = adjoint.value_and_grad(operation_formula(operation))
        ranges = operation.ranges()
        names = derivative.primal.parameter_names
        ends = [ranges.get(name, (-4, 4)) for name in names]
        points = sample(operation.name, ends)
        calls.append((derivative.program, points))
        for point in points:
            value, partials = derivative(*point)
            partials = partials if len(names) > 1 else (partials,)
            expected.append((operation.name, point, (value, *partials)))
    results = [result for one in run_javascript(calls) for result in one]
    for ours, (name, point, theirs) in zip(results, expected, strict=True):
        for a, b in zip(ours, theirs, strict=True):
            assert close(a, b, 1e-12), (name, point, ours, theirs)


# Against mpmath, with 50 digits, where Python's own functions are no reference.
SPECIAL = {
    "erf": (mpmath.erf, [-30, -3, -2, -0.5, -1e-9, 0, 1e-300, 0.3, 1, 1.99, 2.01, 6]),
    "erfc": (mpmath.erfc, [-30, -3, -0.5, 0, 0.3, 1, 1.99, 2, 2.01, 3, 6, 12, 26]),
    "gamma": (mpmath.gamma, [-170.5, -20.25, -2.5, -0.1, 1e-9, 0.5, 1, 3, 9.5, 99, 170.5]),
    "lgamma": (mpmath.loggamma, [1e-9, 0.1, 0.5, 1.5, 2.5, 3, 50, 99, 101, 1e6, 1e300]),
    "digamma": (mpmath.digamma, [-20.3, -2.5, -0.1, 0.1, 0.9, 1.4, 2, 9.9, 10, 1e6]),
    "polygamma": (lambda x: mpmath.polygamma(2, x), [-2.6, -0.3, 0.1, 1, 5, 13, 15, 1e3]),
    "sigmoid": (lambda x: 1 / (1 + mpmath.exp(-x)), [-700, -40, -1, 0, 2, 50, 800]),
    "softplus": (lambda x: mpmath.log(1 + mpmath.exp(x)), [-40, -1, 0, 2, 50, 800]),
}  # fmt: skip


@needs_node
def test_special_functions_against_mpmath():
    formulas = {name: f"{name}(a)" for name in SPECIAL} | {
        "polygamma": "polygamma(2, a)"
    }
    calls = [
        (read_formula(formulas[name]), [[point] for point in points])
        for name, (_, points) in SPECIAL.items()
    ]
    with mpmath.workdps(50):
        for (name, (function, points)), results in zip(
            SPECIAL.items(), run_javascript(calls), strict=True
        ):
            for point, (ours,) in zip(points, results, strict=True):
                assert close(ours, float(function(mpmath.mpf(point)))), (name, point)


@needs_node
def test_steps_and_remainders_are_pythons():
    numbers = [-7.5, -2.5, -2.0, -0.5, 0.5, 1.0, 1.5, 2.5, 3.7, 1e17]
    formulas = ["round(a)", "floor(a)", "ceil(a)", "trunc(a)", "sign(a)", "relu(a)"]
    two = ["a % b", "a // b", "fmod(a, b)", "remainder(a, b)", "copysign(a, b)"]
    two += ["min(a, b)", "max(a, b)", "hypot(a, b)", "atan2(a, b)"]
    calls = [(read_formula(formula), [[a] for a in numbers]) for formula in formulas]
    pairs = [[a, b] for a in numbers for b in numbers]
    calls += [(read_formula(formula), pairs) for formula in two]
    for (program, points), results in zip(calls, run_javascript(calls), strict=True):
        operation = program.body.ops[0].operation
        for point, (ours,) in zip(points, results, strict=True):
            theirs = FLOATS[operation.name](*point)
            assert close(ours, theirs), (operation.name, point, ours, theirs)


@needs_node
def test_decimals_are_rounded_as_python_rounds_them():
    points = [0.125, 0.375, -0.125, 2.675, 1.005, 1e22, 0.5, -1.5, 0.045, 12.345]
    program = read_formula("round(a, 2)")
    results = run_javascript([(program, [[point] for point in points])])[0]
    assert [ours for (ours,) in results] == [round(point, 2) for point in points]


@needs_node
def test_whole_numbers(tmp_path):
    path = tmp_path / "whole.py"
    path.write_text(
        "def f(x: float, n: int, m: int):\n"
        "    return x * ((n << 2) + (n >> 1) + (n & m) + (n | m) + (n ^ m))\n"
    )
    from adjoint.frontend.read import read

    program = read(f"{path}:f")
    points = [[1.5, 5, 3], [1.0, 2**40 + 7, 2**41 + 5], [2.0, -9, 6]]
    results = run_javascript([(program, points)])[0]
    for (x, n, m), (ours,) in zip(points, results, strict=True):
        assert ours == x * ((n << 2) + (n >> 1) + (n & m) + (n | m) + (n ^ m))


@needs_node
def test_branches_and_what_is_recorded_of_them():
    program = read_formula("x*2 if x > 1 else sqrt(x)")
    inside = [
        op.results[0] for block in program.body.ops[-1].blocks for op in block.ops
    ]
    text = function_text(program, inside)
    assert text.count("return [") == 1
    results = run_javascript([(program, [[4.0], [0.25]])])[0]
    assert results == [[8.0], [0.5]]


@needs_node
def test_nothing_from_the_other_branch_reaches_the_gradient():
    derivative = adjoint.value_and_grad("where(x > 0, sqrt(x), 0)")
    assert run_javascript([(derivative.program, [[0.0]])])[0] == [[0.0, 0.0]]


@needs_node
def test_outside_of_the_domain_there_is_no_number():
    calls = [
        (read_formula("log(x)"), [[-1.0], [0.0]]),
        (read_formula("1/x"), [[0.0]]),
        (read_formula("x**0.5"), [[-1.0]]),
        (read_formula("gamma(x)"), [[-1.0], [200.0]]),
        (read_formula("exp(x)"), [[1000.0]]),
    ]
    log, divided, root, gamma, exp = run_javascript(calls)
    assert math.isnan(log[0][0]) and log[1][0] == -math.inf
    assert divided[0][0] == math.inf and math.isnan(root[0][0])
    assert math.isnan(gamma[0][0]) and gamma[1][0] == math.inf
    assert exp[0][0] == math.inf


@needs_node
def test_every_operation_ends_at_numbers_that_are_none():
    numbers = [math.nan, math.inf, -math.inf, 0.0, -0.0, 1e308, -1e308, 1e-308, -3.5]
    calls = []
    for operation in OPERATIONS.values():
        if operation.name in ("float", "math_pow"):
            continue
        builder = Builder(identities={}, fold=False)
        names = ["a", "b"] if operation.variadic else operation.operands
        operands = [
            builder.constant(2) if name == "n" else builder.parameter(name)
            for name in names
        ]
        program = builder.finish("f", builder.apply(operation, tuple(operands)))
        count = len(program.parameters)
        calls.append((program, list(itertools.product(numbers, repeat=count))))
    for (_, points), results in zip(calls, run_javascript(calls), strict=True):
        assert len(points) == len(results)
        assert all(isinstance(ours, float | bool) for (ours,) in results)


@needs_node
def test_exceptions_of_the_users_own_give_no_number(tmp_path):
    path = tmp_path / "guarded.py"
    path.write_text(
        "def f(x: float):\n    if x < 0:\n        raise ValueError('negative')\n"
        "    assert x < 5\n    return x*x\n"
    )
    derivative = adjoint.value_and_grad(f"{path}:f")
    nothing, nine, also = run_javascript([(derivative.program, [[-1], [3], [6]])])[0]
    assert nine == [9.0, 6.0]
    assert all(map(math.isnan, [*nothing, *also]))


NAMES = ["new", "Math", "erf", "let", "größe", "λ", "t1", "undefined", "eval", "NaN"]


@needs_node
@pytest.mark.parametrize("name", NAMES)
def test_the_users_names_do_not_clash(name):
    derivative = adjoint.value_and_grad(f"a = erf({name}); a*{name} + gamma(a)")
    (ours,) = run_javascript([(derivative.program, [[0.7]])])[0]
    assert all(close(a, b) for a, b in zip(ours, derivative(0.7), strict=True))


@needs_node
def test_a_formula_of_many_terms():
    formula = " + ".join(f"sin({k}*x)/{k}" for k in range(1, 3001))
    derivative = adjoint.value_and_grad(formula)
    (ours,) = run_javascript([(derivative.program, [[0.37]])])[0]
    assert all(close(a, b, 1e-11) for a, b in zip(ours, derivative(0.37), strict=True))


def test_loops_are_refused(tmp_path):
    path = tmp_path / "loop.py"
    path.write_text(
        "def f(x, n: int):\n    for i in range(n):\n        x = x*x\n    return x\n"
    )
    from adjoint.frontend.read import read

    with pytest.raises(OptionError, match="loops"):
        function_text(read(f"{path}:f"))


def test_every_operation_has_a_spelling_in_javascript():
    known = {"sin", "cos", "tan", "asin", "acos", "atan", "atan2", "sinh", "cosh"}
    known |= {"tanh", "asinh", "acosh", "atanh", "exp", "expm1", "log", "log2", "log10"}
    known |= {"log1p", "sqrt", "cbrt", "hypot", "abs", "sign", "floor", "ceil", "trunc"}
    for operation in OPERATIONS.values():
        spelled = spelling(operation)
        if spelled.startswith("Math.") and "(" not in spelled:
            assert spelled.removeprefix("Math.") in known
        assert (
            " and " not in spelled and "//" not in spelled and "**" not in spelled[:2]
        )


@needs_node
def test_random_formulas_give_pythons_value_and_gradient():
    calls, expected = [], []
    for seed in range(250):
        derivative = adjoint.value_and_grad(random_formula(seed, style=SMOOTH))
        names = derivative.primal.parameter_names
        if not names:
            continue
        point = [0.7, 1.3, -0.4][: len(names)]
        try:
            value, partials = derivative(*point)
        except (ArithmeticError, ValueError, TypeError):
            continue  # Python raises: there is nothing to compare with
        partials = partials if len(names) > 1 else (partials,)
        if all(isinstance(x, int | float) for x in (value, *partials)):
            calls.append((derivative.program, [point]))
            expected.append((value, *partials))
    assert len(calls) > 150
    for (program, _), (ours,), theirs in zip(
        calls, run_javascript(calls), expected, strict=True
    ):
        # What one unit in the last place of a function makes of a whole formula.
        size = max(map(abs, theirs))
        for a, b in zip(ours, theirs, strict=True):
            assert close(a, b, 1e-10) or abs(a - b) < 1e-11 * size, program.source.text
