"""Random Python functions: value and gradient, as text, against Python and the oracle.

The text is run as a user runs it. ``make fuzz`` tries thousands of new functions.
"""

import black
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import adjoint
from tests import support_oracle as oracle
from tests.support_functions import arguments, define, modules, outcome

#: In `make test`; the profile of `make fuzz` asks for more.
EXAMPLES = max(150, settings().max_examples)
BLACK = black.Mode(target_versions={black.TargetVersion.PY311})
#: A smaller failing function may take minutes to find: `make fuzz` does, not `make test`.
PHASES = [p for p in settings().phases if EXAMPLES > 150 or p != Phase.shrink]


@settings(max_examples=EXAMPLES, phases=PHASES, suppress_health_check=list(HealthCheck))
@given(modules(), st.lists(arguments, min_size=1, max_size=3))
def test_value_and_gradient(text, points):
    function = define(text)
    derivative = adjoint.value_and_grad(function)
    source = derivative.source
    assert black.format_str(source, mode=BLACK) == source
    module = {"__name__": "generated"}
    exec(compile(source, "<generated>", "exec"), module)
    assert derivative.wrt == ["x", "y"]
    for point in points:
        expected = outcome(lambda p=point: function(*p))
        assert outcome(lambda p=point: module["f"](*p)) == expected, source
        both = module["f_value_and_grad"]
        if expected[0] == "raises":
            assert outcome(lambda p=point, f=both: f(*p)) == expected, source
            continue
        try:
            value, gradient = both(*point)
        except (ArithmeticError, ValueError):
            continue  # the value is there, the derivative is not: sqrt(0)
        assert outcome(lambda v=value: v) == expected, source
        for name, number in zip(derivative.wrt, gradient, strict=True):
            try:
                wanted = oracle.derivative(derivative.primal, point, name)
            except oracle.Unclear:
                continue
            assert abs(number - wanted) <= 1e-8 * (1 + abs(wanted)), (name, source)
