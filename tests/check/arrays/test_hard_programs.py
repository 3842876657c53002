"""Badly conditioned programs, and shapes that are hard to find: right stays right.

Each wrong derivative is the right one with a factor that differs from 1 by 1e-6.
"""

import ast

import pytest

import adjoint
from adjoint.check.evidence import check_module
from tests.support_functions import define

GAUSS_NEWTON = """\
import numpy as np

def f(p: "float[:]", t: "float[:]", y: "float[:]"):
    for _ in range(2):
        e1 = np.exp(-p[1] * t)
        e2 = np.exp(-p[3] * t)
        r = y - p[0] * e1 - p[2] * e2
        J = np.stack([e1, -p[0] * t * e1, e2, -p[2] * t * e2], axis=1)
        p = p + np.linalg.solve(J.T @ J, J.T @ r)
    return np.sum(p * p)
"""
SATURATED = """\
import numpy as np

def f(x: "float[:]", A: "float[:, :]", y: "float[:]"):
    for _ in range(2):
        m = np.tanh(A @ x)
        J = (1.0 - m**2)[:, None] * A
        x = x + np.linalg.solve(J.T @ J, J.T @ (y - m))
    return np.sum((y - np.tanh(A @ x)) ** 2)
"""
HILBERT = """\
import numpy as np

def f(s: float, b: "float[:]"):
    i = np.arange(9)
    H = 1.0 / (i[:, None] + i[None, :] + 1.0 + s)
    return np.sum(np.linalg.solve(H, b[0] + b[1] * i))
"""
LSTM = """\
import numpy as np

def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))

def f(xs: "float[:, :]", W: "float[:, :]", U: "float[:, :]", b: "float[:]", h: "float[:]", c: "float[:]"):
    n = len(h)
    for x in xs:
        g = W @ x + U @ h + b
        c = sigmoid(g[n : 2 * n]) * c + sigmoid(g[:n]) * np.tanh(g[3 * n :])
        h = sigmoid(g[2 * n : 3 * n]) * np.tanh(c)
    return np.sum(h * h)
"""
PRODUCT = """\
import numpy as np

def f(x: "float[:]", m: float):
    return np.prod(np.exp(-40.0 - 0.5 * (x - m) ** 2))
"""
PROGRAMS = {
    "Gauss and Newton": GAUSS_NEWTON,
    "saturated": SATURATED,
    "Hilbert": HILBERT,
    "LSTM": LSTM,
    "tiny likelihood": PRODUCT,
}
CASES = [(name, "value_and_grad") for name in PROGRAMS]
CASES += [(name, "jvp") for name in PROGRAMS if name != "LSTM"]
CASES += [("tiny likelihood", "hvp")]
ILL_CONDITIONED = ("Hilbert",)
#: Whether few digits are left depends on the order in which the machine's LAPACK adds.
IN_BETWEEN = ("Gauss and Newton", "saturated")


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_right_ones_hold(name, kind):
    derivative = adjoint.Derivative(define(PROGRAMS[name]), kind)
    for report in (
        derivative.check(seconds=60.0),
        check_module(derivative.source, source_name="f.py", seconds=60.0),
    ):
        assert report, str(report)
        assert report.points == 10
        if name not in IN_BETWEEN:
            assert ("ill-conditioned" in str(report)) == (name in ILL_CONDITIONED)


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_wrong_ones_are_found_out(name, kind):
    source = adjoint.Derivative(define(PROGRAMS[name]), kind).source
    wrong = _with_another_result(source, kind)
    report = check_module(wrong, source_name="f.py", seconds=60.0)
    assert "WRONG" in str(report), str(report)


def _with_another_result(source, kind):
    """The module with the last number that the derivative returns times 1.000001."""
    (function,) = [
        one
        for one in ast.parse(source).body
        if isinstance(one, ast.FunctionDef) and one.name == f"f_{kind}"
    ]
    result = function.body[-1].value
    while isinstance(result, ast.Tuple):
        result = result.elts[-1]
    lines = source.splitlines(keepends=True)
    line = lines[result.end_lineno - 1]
    place = result.end_col_offset
    lines[result.end_lineno - 1] = f"{line[:place]}) * 1.000001{line[place:]}"
    line = lines[result.lineno - 1]
    place = result.col_offset
    lines[result.lineno - 1] = f"{line[:place]}({line[place:]}"
    return "".join(lines)


CHAOTIC = """\
import math

def f(m: float, e: float):
    u = m
    for _ in range(50):
        step = (u - e * math.sin(u) - m) / (1.0 - e * math.cos(u))
        u -= step
        if abs(step) < 1e-12:
            break
    return u
"""


def test_floats_that_have_no_digits_left_are_no_error():
    """Beyond e = 1 Newton's method goes astray: floats take another way than digits."""
    derivative = adjoint.hessian(define(CHAOTIC))
    report = derivative.check(ranges={"m": (0.8, 0.9), "e": (1.7, 1.9)}, seconds=2.0)
    assert report.value.status != "wrong", str(report)
    assert not any(one.status == "wrong" for one in report.components)
    wrong = _with_another_result(derivative.source, "hessian")
    assert "WRONG" in str(check_module(wrong, source_name="f.py", seconds=1.0))
