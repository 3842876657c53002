"""Random Python functions at many points at once, beside the same one by one.

``make fuzz`` tries thousands of new functions.
"""

import math

import numpy as np
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import adjoint
from adjoint.ir.form import flattened
from tests.support_functions import arguments, define, modules

#: In `make test`; the profile of `make fuzz` asks for more.
MANY = settings().max_examples
EXAMPLES = MANY if MANY > 200 else 20
PHASES = [p for p in settings().phases if EXAMPLES > 200 or p != Phase.shrink]


def _finite_results(function, points):
    """The points where the function and its gradient are there, and what they are."""
    found = []
    for point in points:
        try:
            _, results = flattened(function(*point))
        except (ArithmeticError, ValueError, AssertionError, TypeError):
            continue
        if all(map(math.isfinite, results)):
            found.append((point, results))
    return found


@settings(max_examples=EXAMPLES, phases=PHASES, suppress_health_check=list(HealthCheck))
@given(modules(), st.lists(arguments, min_size=2, max_size=6))
def test_value_and_gradient(text, points):
    function = define(text)
    count = points[0][2]  # one number for all points
    points = [(x, y, count) for x, y, _ in points]
    found = _finite_results(adjoint.value_and_grad(function), points)
    if not found:
        return
    x, y, _ = np.array([point for point, _ in found]).T
    derivative = adjoint.value_and_grad(function, target="numpy")
    with np.errstate(all="ignore"):
        _, arrays = flattened(derivative(x, y, count))
    expected = np.array([results for _, results in found]).T
    assert np.allclose(arrays, expected, rtol=1e-8, atol=1e-8), derivative.source
