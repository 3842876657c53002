"""What `adjoint show` prints: numbers at a point, also of branches and loops."""

import math
import re

import pytest

import adjoint
from adjoint.derivative_object import Derivative
from adjoint.errors import AdjointError, OptionError
from adjoint.explain.listing import listing


def shown(source, point=None):
    derivative = adjoint.value_and_grad(source)
    return "\n".join(listing(derivative.primal, derivative.program, point))


@pytest.fixture
def halving(tmp_path):
    path = tmp_path / "halving.py"
    path.write_text(
        "def f(x: float, n: int):\n"
        "    s = 1.0\n"
        "    for i in range(n):\n"
        "        s = s * x\n"
        "    while s > 10:\n"
        "        s = s / 2\n"
        "    return s if s > 3 else s * s\n"
    )
    return f"{path}:f"


def test_a_loop_shows_its_iterations_in_turn(halving):
    text = shown(halving, {"x": 3, "n": 3})
    # 3, 9, 27, then 27, 13.5, 6.75
    assert re.search(r"s_\d+ = s_\d+ \* x +3, 9, 27\b", text)
    assert re.search(r"> 10\.0 +True, True, False\b", text)
    assert re.search(r"s_\d+ = s_\d+ / 2\.0 +13\.5, 6\.75\b", text)
    assert re.search(r"\w+ = if t\d+: +6\.75\b", text)
    assert re.search(r"x_bar_\d+ = x_bar_\d+ \+ t\d+ +2\.25, 4\.5, 6\.75$", text, re.M)


def test_a_long_loop_shows_the_first_numbers_and_the_last(halving):
    text = shown(halving, {"x": 2, "n": 60})
    assert re.search(r" \* x +2, 4, 8, \.\.\., 1\.15292e\+18\b", text)


def test_the_side_that_is_not_run_has_no_numbers():
    text = shown("x*x*x if x < 0 else exp(x)", {"x": 0.0})
    assert re.search(r"exp\(x\) +1\b", text)
    forward = [line[:24] for line in text.splitlines()]
    (side,) = (line for line in forward if "x**2" in line)
    assert side.rstrip().endswith("x**2")


@pytest.mark.parametrize(
    "source, point, message",
    [
        ("x*y", {"x": 1}, "the point has no number for y"),
        ("1 + log(x)", {"x": 0}, "formula:1:5: the function has no finite value"),
        ("sqrt(x)", {"x": 0}, "the derivative has no finite value .*`div` of 0.5, 0"),
        ("exp(x)*x", {"x": 1000}, "`exp` of 1000: math range error"),
        ("x*1e300*x", {"x": 1e9}, "the result is inf"),
    ],
)
def test_what_has_no_number_is_named(source, point, message):
    with pytest.raises(AdjointError, match=message):
        shown(source, point)


def test_a_guard_that_fails_is_said(tmp_path):
    path = tmp_path / "root.py"
    path.write_text(
        "def f(x: float):\n"
        "    if x < 0:\n"
        "        raise ValueError('negative')\n"
        "    return x * x\n"
    )
    with pytest.raises(OptionError, match=r"the function raises .*negative"):
        shown(f"{path}:f", {"x": -1})
    with pytest.raises(OptionError, match=r"the function raises .*negative"):
        adjoint.grad(f"{path}:f").explain({"x": -1})


def test_whole_numbers_and_defaults_of_parameters(halving, tmp_path):
    with pytest.raises(OptionError, match=r"n = 1\.5: a whole number is expected"):
        shown(halving, {"x": 1.0, "n": 1.5})
    path = tmp_path / "scaled.py"
    path.write_text("def f(x: float, k: float = 3.0):\n    return k * x * x\n")
    assert re.search(r"x_bar = .* 12\n", shown(f"{path}:f", {"x": 2}))


def of_kind(source, kind, point=None):
    derivative = Derivative(source, kind)
    return listing(derivative.primal, derivative.program, point)


def test_each_sweep_has_its_title_and_no_result_another_name():
    lines = of_kind("x**2*y + sin(x)", "value,grad,hessian", {"x": 1, "y": 2})
    right = [line[29:] for line in lines]
    assert lines[0].split() == ["forward", "reverse"]
    assert "tangent by x" in right
    # the second derivative by x is 2*y - sin(x)
    (line,) = (one for one in right if one.startswith("x_bar_x = "))
    assert line.endswith(f"{4 - math.sin(1):.6g}")
    assert lines[-1].split()[:3] == ["return", "value,", "x_bar,"]


def test_a_gradient_alone_does_not_call_its_result_y():
    lines = of_kind("(x1 - x2)**2 + cos(x1 + x2)", "grad")
    assert lines[-1].strip() == "return x1_bar, x2_bar"


def test_what_needs_nothing_of_the_function_has_one_column():
    lines = of_kind("x**3*y", "hvp", {"x": 1, "y": 2, "x_dot": 1, "y_dot": 0})
    assert lines[0] == "reverse" and "tangent" in lines
    (line,) = (one for one in lines if one.startswith("x_bar_dot = "))
    assert line.split()[-1] == "12"


def test_tangents_beside_a_loop_are_one_sweep(halving):
    lines = of_kind(halving, "jvp", {"x": 3, "n": 2, "x_dot": 1})
    assert lines[0] == "forward with tangents"
    # the derivative of x**2 by x, while it is less than 10
    assert re.search(r"_dot = if .* +6$|, \w+_dot = if", "\n".join(lines), re.M)
    assert lines[-1].startswith("return ")


def test_arrays_inside_a_function(tmp_path):
    path = tmp_path / "powers.py"
    path.write_text(
        "import numpy as np\n"
        "def f(x: float, n: int):\n"
        "    a = np.zeros(n)\n"
        "    for i in range(n):\n"
        "        a[i] = x**i\n"
        "    return np.sum(np.sqrt(a))\n"
    )
    text = shown(f"{path}:f", {"x": 4, "n": 3})
    assert re.search(r"a\w* = zeros\(n\) +\[0\., 0\., 0\.\]", text)
    assert re.search(r"sqrt\(\w+\) +\[1\., 2\., 4\.\]", text)
    assert re.search(r"y = sum\(\w+\) +7\b", text)
    with pytest.raises(AdjointError, match=r"`div` of 0\.5, an array"):
        shown(f"{path}:f", {"x": 0, "n": 2})
    for look in (adjoint.grad(f"{path}:f").explain, adjoint.grad(f"{path}:f").graph):
        with pytest.raises(OptionError, match="arrays; only numbers"):
            look({"x": 4, "n": 3})
