"""Branches come out as a person would write them."""

import math

import black
import pytest

import adjoint
from tests.support_expressions import python_value

HEADS = ("# forward sweep", "# reverse sweep")


def functions(formula, kind=adjoint.value_and_grad):
    """The text of the function and that of its derivative, with no docstring."""
    text = kind(formula).source
    assert black.format_str(text, mode=black.Mode()) == text
    primal, _, derivative = text.partition("\n\n\ndef f_")
    primal = primal[primal.index("def f(") :]
    return primal, "def f_" + derivative


def body(formula, kind=adjoint.value_and_grad):
    """The lines of the derivative's body."""
    return functions(formula, kind)[1].partition(":\n")[2]


@pytest.mark.parametrize(
    ("formula", "result"),
    [
        ("log(x)*x if x > 0 else x**3", "log(x) * x if x > 0.0 else x**3"),
        ("where(x > 0, sqrt(x), 0)", "sqrt(x) if x > 0.0 else 0"),
        ("a if x < 0 else b if x < 1 else x", "a if x < 0.0 else b if x < 1.0 else x"),
        ("x if 0 < x < y <= 2 else y", "x if 0.0 < x < y <= 2.0 else y"),
        ("x if x > 0 and x < 1 else y", "x if x > 0.0 and x < 1.0 else y"),
        (
            "x if x > 0 and log(x) > 1 and y > 2 else y",
            "x if x > 0.0 and log(x) > 1.0 and y > 2.0 else y",
        ),
        (
            "x if x > 0 or log(y) > 1 or (x < 0 and 1/x < y) else y",
            "x if x > 0.0 or log(y) > 1.0 or x < 0.0 and 1.0 / x < y else y",
        ),
        (
            "x if (x > 0 or y > 0) and z > 0 else y",
            "x if (x > 0.0 or y > 0.0) and z > 0.0 else y",
        ),
        ("x if not (x > 0 and y > 0) else y", "x if not (x > 0.0 and y > 0.0) else y"),
        ("x if not not x > 0 else y", "x if x > 0.0 else y"),
        ("x if not not not x > 0 else y", "x if not x > 0.0 else y"),
        ("x if not not not not x > 0 else y", "x if x > 0.0 else y"),
        ("(x if x > 0 else y)*z", "(x if x > 0.0 else y) * z"),
        ("2**(x if x > 0 else y)", "2 ** (x if x > 0.0 else y)"),
        ("x < y < z", "x < y < z"),
        ("(x if x < 2 else y) if z < 1 else x", None),
    ],
)
def test_conditional_expressions(formula, result):
    primal, _ = functions(formula)
    if result is not None:
        assert primal.splitlines()[-1] == f"    return {result}"


def test_an_elif_chain_where_the_conditions_are_used_once():
    formula = (
        "sin(x)*cos(x)*exp(x) + log1p(x*x)*x if x < 0 else "
        "sinh(x)*cosh(x)*tanh(x) + log1p(x*x)*x if x < 1 else "
        "sin(x)*cosh(x)*atan(x) + log1p(x*x)*x**3"
    )
    primal, _ = functions(formula)
    heads = [line.strip() for line in primal.splitlines() if line.endswith(":")]
    assert heads == ["def f(x):", "if x < 0.0:", "elif x < 1.0:", "else:"]


def test_the_reverse_of_a_chain_is_a_chain():
    expected = """\
    # forward sweep
    t1 = x < 0.0
    if t1:
        y = a
    else:
        t2 = x < 1.0
        y = b if t2 else c * x
    # reverse sweep
    if t1:
        a_bar = 1.0
        b_bar = c_bar = x_bar = 0.0
    elif t2:
        a_bar = c_bar = x_bar = 0.0
        b_bar = 1.0
    else:
        a_bar = b_bar = 0.0
        c_bar = x
        x_bar = c
    return y, (a_bar, x_bar, b_bar, c_bar)
"""
    assert body("a if x < 0 else b if x < 1 else c*x") == expected


def test_forward_and_reverse_under_one_condition():
    expected = """\
    # forward sweep
    t1 = x > 0.0
    if t1:
        t2 = log(x)
        y = t2 * x
    else:
        y = x**3
    # reverse sweep
    x_bar = t2 + 1.0 if t1 else 3.0 * (x * x)
    return y, x_bar
"""
    assert body("log(x)*x if x > 0 else x**3") == expected


def test_a_value_of_a_branch_that_is_its_result_has_one_name():
    expected = """\
    # forward sweep
    t1 = x > 0.0
    y = sqrt(x) if t1 else 0
    # reverse sweep
    x_bar = 0.5 / y if t1 else 0.0
    return y, x_bar
"""
    assert body("sqrt(x) if x > 0 else 0") == expected


def test_contributions_of_branches_are_added_up():
    lines = body("sin(x)*cos(y) if x*y > 1 else sin(x) + exp(x*y)").splitlines()
    assert lines[-3:] == [
        "    x_bar += t1_bar * y",
        "    y_bar += t1_bar * x",
        "    return value, (x_bar, y_bar)",
    ]


def test_no_conditional_expression_in_a_tuple():
    for formula in ("abs(x) + y", "relu(x)*y", "hypot(x, y)", "x if x > 0 else y"):
        for kind in (adjoint.value_and_grad, adjoint.grad):
            last = body(formula, kind).splitlines()[-1]
            assert " if " not in last, last


def test_only_the_else_side_has_something_to_do():
    text = body("x if x > 1 else log(x)*y + sin(log(x))*exp(y)", adjoint.grad)
    assert "pass" not in text


@pytest.mark.parametrize("kind", [adjoint.value_and_grad, adjoint.grad])
@pytest.mark.parametrize(
    "formula",
    [
        "x if x > 0 and 1/x > y else y",
        "x if x > 0 or 1/x > y else y",
        "(x if x > y else y*x)*(y if sin(x) > 0 else x)*(x if x > y else y)",
        "max(x, y)*abs(x)*min(x, y, 2)",
        "relu(x - y)*relu(y - x*x)",
        "(log(x) if x > 1 else log(y) if y > 1 else log(x*x)) if x > 0 else sqrt(-x)*y",
        "sqrt(x)*log(y) if log(x) > 0 else log(y)*sqrt(x)",
        "a = sqrt(x) if x > 0 else sqrt(-x)\na*log(y) if y > 0 else a*log(-y)",
        "a = 1/x\nb = log(y)\nb if y > 1 else a",
        "x or y or 3",
        "x and y and 1/x",
        "(x < y)*x + (not x < y)*y",
    ],
)
def test_branches_compute_what_python_does(formula, kind):

    space = {}
    exec(kind(formula).source, space)
    for x in (-2.0, -0.5, 0.0, 0.25, 1.0, 3.0):
        for y in (-1.5, 0.0, 0.5, 2.0):
            arguments = {"x": x, "y": y}
            try:
                expected = repr(python_value(formula, arguments))
            except (ArithmeticError, ValueError) as error:
                with pytest.raises(type(error)) as raised:
                    space["f"](**arguments)
                assert str(raised.value) == str(error)
                if kind is adjoint.value_and_grad:
                    with pytest.raises(type(error)) as raised:
                        space["f_value_and_grad"](**arguments)
                    assert str(raised.value) == str(error)
            else:
                assert repr(space["f"](**arguments)) == expected


def test_nested_branches():
    formula = "x"
    for i in range(30):
        formula = f"({formula} if x > {i} else y*{i + 2})"
    space = {}
    exec(adjoint.value_and_grad(formula).source, space)
    assert space["f"](100.0, 1.0) == 100.0
    assert space["f"](3.5, 1.0) == python_value(formula, {"x": 3.5, "y": 1.0})
    assert space["f_value_and_grad"](100.0, 1.0) == (100.0, (1.0, 0.0))


def test_exceptions_come_in_the_order_of_the_primal():
    orders = [
        ("log(x)*sqrt(y) + 1/x", (0.0, -1.0), "math domain error"),
        ("1/x + log(x)*sqrt(y)", (0.0, -1.0), "float division by zero"),
        ("a = 1/x; b = log(y); b*a", (0.0, -1.0), "float division by zero"),
        ("a = log(y); b = 1/x; b*a", (0.0, -1.0), "math domain error"),
        ("exp(1000*y) if 1/x > 0 else 1", (0.0, 1.0), "float division by zero"),
        ("log(y)*(exp(1000*y) if 1/x > 0 else 1)", (0.0, 0.0), "math domain error"),
        ("u = 1/x; log(y)", (0.0, 0.0), "float division by zero"),
        (
            "sin(x) - (1/y if x > 0 else exp(999*x))*sqrt(y - 1)",
            (1.0, 0.0),
            "float division by zero",
        ),
    ]
    for formula, point, message in orders:
        for kind in (adjoint.value_and_grad,):
            space = {}
            exec(kind(f"f(x, y) = {formula}").source, space)
            for name in ("f", "f_value_and_grad"):
                with pytest.raises((ArithmeticError, ValueError), match=message):
                    space[name](*point)
    assert math.isnan(float("nan"))
