"""Products of constants that floats round, as 0.95 * 67.6, in functions of arrays."""

import pytest

import adjoint
from adjoint.check.evidence import check_module
from tests.support_functions import define

WHOLE = """\
import numpy as np

def f(x):
    return np.sum(0.95 * (67.6 * np.sin(x)) * x)
"""
SUM = """\
from math import sin

def f(x):
    s = 0.0
    for i in range(len(x) - 1):
        s += 0.95 * (67.6 * sin(x[i])) * x[i + 1]
    return s
"""
STORES = """\
import numpy as np

def f(x):
    y = np.zeros(len(x))
    for i in range(len(x)):
        y[i] = 0.95 * (67.6 * np.sin(x[i]))
    return y
"""
CASES = [
    (WHOLE, "value_and_grad"),
    (WHOLE, "hessian"),
    (SUM, "value_and_grad"),
    (SUM, "sparse_hessian"),
    (STORES, "jacobian"),
    (STORES, "sparse_jacobian"),
]
ROUNDED = repr(0.95 * 67.6)


def _source(text, kind):
    return adjoint.Derivative(define(text), kind, signature="x: float[:]")


@pytest.mark.parametrize(("text", "kind"), CASES)
def test_they_are_right_to_fewer_digits(text, kind):
    d = _source(text, kind)
    assert ROUNDED in d.source
    for report in (
        d.check(seconds=2.0),
        check_module(d.source, source_name="f.py", seconds=2.0),
    ):
        assert report, str(report)
        assert "13 digits (it has rounded constants)" in str(report)


@pytest.mark.parametrize(("text", "kind"), CASES)
@pytest.mark.parametrize("part", [1e-12, 1e-6])
def test_another_constant_is_found_out(text, kind, part):
    source = _source(text, kind).source
    wrong = source.replace(ROUNDED, repr(0.95 * 67.6 * (1 + part)))
    report = check_module(wrong, source_name="f.py", seconds=2.0)
    assert not report
    assert "WRONG" in str(report)
