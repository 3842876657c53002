"""The report of `check_module`: what is right is proved, what is wrong is found."""

from __future__ import annotations

import pytest

import adjoint
from adjoint.check.evidence import check_module
from adjoint.check.report import PROVED, SAMPLED, UNDECIDED, WRONG, Report
from adjoint.errors import AdjointError, OptionError
from tests.support import Case, load_formulas

WORKED_EXAMPLE = '''"""The function f and its derivative, written by adjoint 0.1.0.

Formula:

    (x1 - x2)**2 + cos(x1 + x2)

f(x1, x2) returns the value.
f_value_and_grad(x1, x2) returns (value, (df/dx1, df/dx2)).

Operations: 5 for f, 10 for f_value_and_grad, ratio 2.00.
"""

from math import cos, sin


def f(x1, x2):
    t1 = x1 - x2
    return t1 * t1 + cos(x1 + x2)


def f_value_and_grad(x1, x2):
    # forward sweep
    t1 = x1 - x2
    t2 = x1 + x2
    y = t1 * t1 + cos(t2)
    # reverse sweep
    t2_bar = -sin(t2)
    t1_bar = 2.0 * t1
    return y, (t2_bar + t1_bar, t2_bar - t1_bar)
'''


def check(text: str, points: int = 20, **options: object) -> Report:
    return check_module(text, source_name="generated.py", points=points, **options)  # type: ignore[arg-type]


def check_formula(formula: str, **options: object) -> Report:
    return check(adjoint.value_and_grad(formula).source, **options)


def statuses(report: Report) -> list[str]:
    return [one.status for one in [report.value, *report.components]]


def test_the_worked_example_is_proved() -> None:
    ranges = {"x1": (1.0, 5.0), "x2": (1.0, 2.0)}
    report = check_module(WORKED_EXAMPLE, source_name="generated.py", ranges=ranges)
    assert report
    assert str(report).splitlines()[:5] == [
        "f_value_and_grad beside SymPy's derivative of f",
        "  value     proved",
        "  df/dx1    proved",
        "  df/dx2    proved",
        "error in floating point, at 100 random points, x1 = 1:5, x2 = 1:2",
    ]
    assert str(report).splitlines()[-2:] == [
        "operations: 5 for f, 10 for f_value_and_grad, ratio 2.00",
        "right: all 2 derivatives are proved",
    ]
    assert [one.parameter for one in report.components] == ["x1", "x2"]
    assert (report.operations, report.derivative_operations, report.ratio) == (5, 10, 2)
    assert report.points == 100
    assert 0 < report.value_ulp < 1000 and 0 < report.gradient_ulp < 1000  # type: ignore[operator]


def test_the_same_call_gives_the_same_report() -> None:
    assert str(check(WORKED_EXAMPLE)) == str(check(WORKED_EXAMPLE))


# -- what is wrong


@pytest.mark.parametrize(
    ("right", "wrong", "wrong_ones"),
    [
        ("-sin(t2)", "sin(t2)", ["x1", "x2"]),
        ("2.0 * t1", "2.000000001 * t1", ["x1", "x2"]),
        ("t2_bar + t1_bar, t2_bar - t1_bar", "t2_bar - t1_bar, t2_bar + t1_bar", ["x1", "x2"]),
        ("t2_bar - t1_bar)", "t2_bar - t1_bar + 1e-12)", ["x2"]),
        ("t2_bar - t1_bar)", "0.0)", ["x2"]),
        ("df/dx1, df/dx2", "df/dx2, df/dx1", ["x1", "x2"]),
        ("t2_bar - t1_bar)", "t2_bar - t1_bar + (x1 > 1.9))", ["x2"]),
        ("y = t1 * t1 + cos(t2)", "y = t1 * t1 - cos(t2)", [""]),
        ("return t1 * t1 + cos", "return t1 * t1 + 1.0000001 * cos", [""]),
        ("    (x1 - x2)**2 +", "    (x1 - x2)**4 +", ["", "x1", "x2"]),
    ],
)  # fmt: skip
def test_a_wrong_number_is_found(right: str, wrong: str, wrong_ones: list[str]) -> None:
    assert WORKED_EXAMPLE.count(right) == 1
    report = check(WORKED_EXAMPLE.replace(right, wrong))
    assert not report
    found = [one for one in [report.value, *report.components] if one.status == WRONG]
    assert sorted(one.parameter for one in found) == wrong_ones
    assert str(report).splitlines()[-1].startswith("WRONG: ")


def test_a_wrong_component_is_reported_with_its_point_and_both_numbers() -> None:
    wrong = WORKED_EXAMPLE.replace("-sin(t2)", "sin(t2)")
    report = check(wrong, ranges={"x1": (1, 1), "x2": (2, 2)})
    assert report.components[0].detail == (
        "at x1 = 1.0, x2 = 2.0 it is -1.85888, and should be -2.14112"
    )
    assert report.value.status == PROVED


def test_a_derivative_that_raises_is_wrong() -> None:
    wrong = WORKED_EXAMPLE.replace("-sin(t2)", "-sin(t2) / (t2 - t2)")
    report = check(wrong)
    assert statuses(report) == [WRONG, WRONG, WRONG]
    assert "it gives no number (ZeroDivisionError" in report.components[0].detail


def test_a_name_that_one_side_of_a_branch_leaves_undefined_is_wrong() -> None:
    wrong = WORKED_EXAMPLE.replace(
        "t2_bar = -sin(t2)", "if t2 > 1.0: t2_bar = -sin(t2)"
    )
    assert WRONG in statuses(check(wrong))


def test_the_wrong_ones_of_many_components_are_found_out() -> None:
    formula = "+".join(f"x{i}*sin(x{i}*x{(i + 1) % 50})" for i in range(50))
    text = adjoint.value_and_grad(formula).source
    assert check(text, points=3)
    lines = text.splitlines()
    at = max(i for i, line in enumerate(lines) if line.startswith("        x17_bar"))
    lines[at] = lines[at].replace("x17_bar", "x17_bar * 1.001")
    report = check("\n".join(lines), points=3)
    wrong = [one.parameter for one in report.components if one.status == WRONG]
    assert wrong == ["x17"]


# -- what is right


@pytest.mark.parametrize("case", load_formulas(), ids=lambda case: case.id)
def test_the_formulas_of_the_feynman_lectures(case: Case) -> None:
    derivative = adjoint.value_and_grad(case.formula)
    report = check(derivative.source, ranges=case.ranges, points=20)
    assert report and report.points == 20
    if case.id != "II.35.21":  # tanh is cut off where it is flat
        assert set(statuses(report)) == {PROVED}
    costs = f"{report.operations} for f, {report.derivative_operations} for"
    assert costs in derivative.source


@pytest.mark.parametrize(
    "formula",
    [
        "exp(x)*log(y) + log2(x) - log10(y) + log1p(x) + expm1(y) + exp2(x)",
        "sqrt(x) + cbrt(y)*x + hypot(x, y) + x**y",
        "sin(x)*cos(y) + tan(x) + asin(x/9) + acos(y/9) + atan(x*y) + atan2(x, y)",
        "sinh(x)*cosh(y) + asinh(x*y) + acosh(1 + x*x) + atanh(x/9)",
        "erf(x)*erfc(y) + gamma(x) + lgamma(y) + digamma(x*y)",
        "sigmoid(x*y) + softplus(x) + degrees(x) + radians(y)",
        "abs(x)*y + relu(x - y) + copysign(x, y) + sign(x)*y",
        "max(x, y)*min(x, 2*y, 1)",
        "floor(x)*y + ceil(y)*x + trunc(x) + round(y) + round(x, 2)*y",
        "x % y + fmod(x, y) + remainder(y, x) + x // y",
        "x*x*y if x > y and y > 0 else sin(x) if not x < -1 else x*y",
        "where(0 < x < y < 3, x**2, y**2)",
        "sqrt(x) if x > 0 else y",
        "sin(x)/cos(x) - tan(x) + y*x",
        "sin(x)**2 + cos(x)**2 + y*x",
        "sqrt(2*pi)*x + e*tau/3*y",
    ],
)
def test_operations_are_proved(formula: str) -> None:
    report = check_formula(formula, points=20, seconds=100.0)  # on a busy machine
    assert set(statuses(report)) == {PROVED}, str(report)


def test_each_case_of_a_branch_is_proved() -> None:
    report = check_formula("abs(x) + relu(y)")
    assert {one.detail for one in report.components} == {"in each of 4 cases"}


def test_a_proof_for_positive_parameters_says_so() -> None:
    text = '''"""Nothing."""
from math import sqrt

def f(x):
    return sqrt(x * x)

def f_grad(x):
    return 1.0
'''
    report = check(text, ranges={"x": (1, 2)})
    assert report.components[0].status == PROVED
    assert report.components[0].detail == "for positive x"


def test_rounded_constants_are_told_from_wrong_ones() -> None:
    report = check(WORKED_EXAMPLE.replace("2.0 * t1", "2.0000000000000004 * t1"))
    assert statuses(report) == [PROVED, SAMPLED, SAMPLED]
    assert "13 digits" in report.components[0].detail
    report = check_formula("y*3*(1.7 + 2)")
    assert report and report.components[0].status == SAMPLED


def test_what_cannot_be_told_with_fifty_digits_is_not_decided() -> None:
    report = check_formula("x / sin(pi)")
    assert WRONG not in statuses(report)


def test_small_slopes_of_large_functions_are_not_lost() -> None:
    large = {"y": (8.5, 8.6)}
    assert check_formula("x + exp(y*y*y) - exp(y**3)", ranges=large, points=3)
    text = adjoint.value_and_grad("exp(y*y*y) - 5*x*z").source
    assert check(text, ranges=large, points=3)
    wrong = text.replace("-5.0 * z, -t3", "-5.0 * z, 1.5 - t3")
    report = check(wrong, ranges={**large, "x": (1, 1)}, points=3)
    assert [one.status for one in report.components] == [PROVED, PROVED, WRONG]
    assert report.components[2].detail.endswith("it is -3.5, and should be -5.0")


def test_large_exponents_of_small_numbers() -> None:
    assert check_formula(
        "erf(exp(x)) + exp(-exp(y))", ranges={"x": (9, 10), "y": (1, 6)}
    )


def test_a_derivative_is_sampled_where_no_proof_is_found() -> None:
    formula = "; ".join(["t = x"] + ["t = sin(t*t + x)"] * 12 + ["t"])
    report = check_formula(formula, points=5)
    assert statuses(report) == [SAMPLED, SAMPLED]
    assert "too large for SymPy" in report.components[0].detail
    assert str(report).splitlines()[-1] == "right at every point, but not proved"


def test_no_time_leaves_what_was_sampled() -> None:
    report = check(WORKED_EXAMPLE, seconds=0.0)
    assert statuses(report) == [UNDECIDED, UNDECIDED, UNDECIDED]
    assert not report
    assert str(report).splitlines()[-1].startswith("NOT DECIDED: ")


def test_a_function_that_is_nowhere_real_is_not_sampled() -> None:
    report = check_formula("sqrt(-1 - x*x) * x")
    assert report.points == 0 and report.value_ulp is None
    assert "no point was found" in str(report)


def test_large_modules_take_linear_time() -> None:
    lines = [f"x = sin(x*{i % 7} + y)/2 + x*0.3" for i in range(300)]
    text = adjoint.value_and_grad("\n".join(["x", *lines, "x*y"])).source
    report = check(text, seconds=2.0)
    assert statuses(report) == [SAMPLED] * 3 and report.points >= 1


# -- what is asked for


def test_the_gradient_alone() -> None:
    text = adjoint.grad("x*y + sin(y)", wrt="y").source
    report = check(text)
    assert [one.parameter for one in report.components] == ["y"]
    assert set(statuses(report)) == {PROVED}


def test_the_derivative_of_an_object() -> None:
    report = adjoint.value_and_grad("x*y**2", wrt=["y", "x"]).check({"x": (1, 2)})
    assert [one.parameter for one in report.components] == ["y", "x"]
    assert report and set(statuses(report)) == {PROVED}


slope_of_tanh = adjoint.grad("tanh(x)")
slope_of_many = adjoint.grad("asin(x)*cot(x)*x**y", wrt="x")


def calls_one(x: float) -> float:
    return slope_of_tanh(x) * x


def calls_another(x: float, y: float) -> float:
    return slope_of_many(x, y) * x


@pytest.mark.parametrize("function", [calls_one, calls_another])
def test_derivatives_that_are_called_in_a_function(function: object) -> None:
    """In these stand operations that rules alone name."""
    assert adjoint.grad(function).check(seconds=5)


def test_the_formula_is_what_counts_where_it_is_given() -> None:
    changed = WORKED_EXAMPLE.replace("    (x1 - x2)**2 +", "    (x1 - x2)**2 + 1e-3 +")
    assert check(changed).value.status == WRONG
    without = changed.replace("Formula:", "A formula:")
    report = check(without)
    assert report and "the docstring holds no whole formula" in str(report)


def test_a_formula_that_was_cut_is_not_read() -> None:
    changed = WORKED_EXAMPLE.replace("+ cos(x1 + x2)\n", "+ c ...\n", 1)
    assert "the docstring holds no whole formula" in str(check(changed))


@pytest.mark.parametrize(
    ("ranges", "message"),
    [
        ({"x3": (0, 1)}, "no such parameter"),
        ({"x1": (1, 0)}, "is empty"),
        ({"x1": (0, float("inf"))}, "is empty"),
    ],
)
def test_ranges_that_do_not_fit(
    ranges: dict[str, tuple[float, float]], message: str
) -> None:
    with pytest.raises(OptionError, match=message):
        check(WORKED_EXAMPLE, ranges=ranges)


def test_a_formula_of_other_parameters_is_refused() -> None:
    changed = WORKED_EXAMPLE.replace("    (x1 - x2)**2 +", "    (x1 - x3)**2 +")
    with pytest.raises(
        AdjointError, match="not the parameters of the module's function"
    ):
        check(changed)
