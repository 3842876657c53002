"""The helper functions of NumPy modules, measured against 40-digit arithmetic."""

import math
import random
import warnings

import mpmath
import numpy as np
import pytest

from adjoint.rules import helpers_numpy as helpers

RANDOM = random.Random(20)
POSITIVE = [RANDOM.uniform(1e-3, 40) for _ in range(300)] + [1e-8, 1.0, 2.0, 9.9, 1e9]
NEGATIVE = [RANDOM.uniform(-9, 0) for _ in range(300)]
WIDE = [RANDOM.uniform(-6, 6) for _ in range(300)] + [0.0, 40.0, -40.0, 800.0, -800.0]

#: The function, the exact one, arguments, the bound in ulps of max(|value|, floor).
CASES = {
    "sigmoid": (
        helpers.sigmoid,
        lambda x: 1 / (1 + mpmath.exp(-x)),
        WIDE[:-1],
        3,
        0.0,
    ),
    "softplus": (
        helpers.softplus,
        lambda x: mpmath.log1p(mpmath.exp(x)),
        WIDE,
        3,
        0.0,
    ),
    "erf": (helpers.erf, mpmath.erf, WIDE, 3, 0.0),
    "erfc": (helpers.erfc, mpmath.erfc, WIDE[:302], 3, 0.0),
    "gamma": (helpers.gamma, mpmath.gamma, [*NEGATIVE, 1.0, 2.0, 170.5], 12, 0.0),
    "lgamma": (
        helpers.lgamma,
        lambda x: mpmath.log(mpmath.gamma(x)),
        POSITIVE,
        12,
        1.0,
    ),
    "digamma": (helpers.digamma, mpmath.digamma, POSITIVE, 5, 0.0),
    "digamma below 0": (helpers.digamma, mpmath.digamma, NEGATIVE, 9, 1.0),
} | {
    f"polygamma {n} {side}": (
        lambda x, n=n: helpers.polygamma(n, x),
        lambda x, n=n: mpmath.psi(n, x),
        arguments,
        bound,
        floor,
    )
    for n in (1, 2, 3, 4)
    for side, arguments, bound, floor in (
        ("above 0", POSITIVE, 8, 0.0),
        ("below 0", NEGATIVE, 12, 1.0),
    )
}


@pytest.mark.parametrize("name", CASES)
def test_helper_is_accurate(name):
    function, exact, arguments, bound, floor = CASES[name]
    values = function(np.array(arguments))
    with mpmath.mp.workdps(40):
        for x, value in zip(arguments, values, strict=True):
            right = exact(mpmath.mpf(x))
            unit = math.ulp(max(abs(float(right)), floor))
            assert abs(mpmath.mpf(float(value)) - right) <= bound * unit, x


def test_remainder_is_that_of_math():
    a = [RANDOM.uniform(-9, 9) for _ in range(500)] + [5.0, 7.0, -5.0, 3.0, 0.0, -0.0]
    b = [RANDOM.uniform(-3, 3) for _ in range(500)] + [
        2.0,
        2.0,
        2.0,
        math.inf,
        1.0,
        1.0,
    ]
    expected = [math.remainder(x, y) for x, y in zip(a, b, strict=True)]
    values = helpers.remainder(np.array(a), np.array(b))
    assert [repr(float(v)) for v in values] == [repr(v) for v in expected]


POLES = [(helpers.gamma, [0.0, -1.0, -math.inf]), (helpers.digamma, [0.0, -3.0])]


@pytest.mark.parametrize("function, poles", POLES)
def test_poles_are_nan_among_others(function, poles):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        values = function(np.array([2.5, *poles, math.nan, 2.5]))
    assert np.isnan(values).tolist() == [False, *[True] * len(poles), True, False]


def test_limits():
    assert helpers.gamma(np.array([171.7, 1e300, math.inf])).tolist() == [math.inf] * 3
    assert helpers.lgamma(np.array([0.0, -2.0, math.inf])).tolist() == [math.inf] * 3
    assert helpers.relu(np.array([-1.0, 2.0, math.nan])).tolist()[:2] == [0.0, 2.0]
    assert helpers.isqrt(np.array([0, 15, 16, 17])).tolist() == [0, 3, 4, 4]


@pytest.mark.parametrize("number", [2.5, 3, np.float64(0.5), np.array(1.5)])
def test_helpers_take_numbers(number):
    names = "relu sigmoid softplus isqrt erf erfc gamma lgamma cotpi digamma".split()
    for name in names:
        if name == "cotpi" and number == 3:
            continue
        value = getattr(helpers, name)(number)
        assert np.shape(value) == () and math.isfinite(value), name
