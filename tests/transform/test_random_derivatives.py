"""Random Python functions: tangents, products and Hessians against the oracle.

The text is run as a user runs it. Branches and loops have tangents beside the values.
"""

import black
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import adjoint
from tests import support_oracle as oracle
from tests.support_functions import arguments, define, modules, outcome

EXAMPLES = max(40, settings().max_examples // 4)
BLACK = black.Mode(target_versions={black.TargetVersion.PY311})
#: A smaller failing function may take minutes to find: `make fuzz` does, not `make test`.
PHASES = [p for p in settings().phases if EXAMPLES > 40 or p != Phase.shrink]
random_functions = settings(
    max_examples=EXAMPLES, phases=PHASES, suppress_health_check=list(HealthCheck)
)
points = st.lists(arguments, min_size=1, max_size=2)
NAMES = ("x", "y")


def run(derivative):
    """The derivative as a user runs it: by its text, in a module of its own."""
    source = derivative.source
    assert black.format_str(source, mode=BLACK) == source
    module = {"__name__": "generated"}
    exec(compile(source, "<generated>", "exec"), module)
    return module[derivative.program.name]


def close(number, wanted, scale=0.0):
    return abs(number - wanted) <= 1e-7 * (1 + abs(wanted) + scale)


@random_functions
@given(modules(), points)
def test_jvp_and_vjp(text, points):
    function = define(text)
    jvp, vjp = adjoint.jvp(function), adjoint.vjp(function)
    forward, reverse = run(jvp), run(vjp)
    for point in points:
        expected = outcome(lambda p=point: function(*p))
        if expected[0] == "raises":
            assert outcome(lambda p=point: forward(*p, 1.0, 0.0)) == expected
            assert outcome(lambda p=point: reverse(*p, 1.0)) == expected
            continue
        for at, name in enumerate(NAMES):
            seeds = [float(at == i) for i in range(2)]
            try:
                value, tangent = forward(*point, *seeds)
                same, cotangents = reverse(*point, 1.0)
            except (ArithmeticError, ValueError):
                continue  # the value is there, the derivative is not: sqrt(0)
            assert outcome(lambda v=value: v) == expected, jvp.source
            assert outcome(lambda v=same: v) == expected, vjp.source
            try:
                wanted = oracle.derivative(jvp.primal, point, name)
            except oracle.Unclear:
                continue
            assert close(tangent, wanted), (name, point, jvp.source)
            assert close(cotangents[at], wanted), (name, point, vjp.source)


@random_functions
@given(modules(), points)
def test_second_derivatives(text, points):
    function = define(text)
    hessian, hvp = adjoint.hessian(function), adjoint.hvp(function)
    rows, product = run(hessian), run(hvp)
    for point in points:
        if outcome(lambda p=point: function(*p))[0] == "raises":
            continue
        for at, name in enumerate(NAMES):
            seeds = [float(at == i) for i in range(2)]
            try:
                entries = rows(*point)[at]
                column = product(*point, *seeds)
            except (ArithmeticError, ValueError):
                continue
            for by, entry, part in zip(NAMES, entries, column, strict=True):
                try:
                    wanted = oracle.second_derivative(hessian.primal, point, name, by)
                except oracle.Unclear:
                    continue
                assert close(entry, wanted), (name, by, point, hessian.source)
                assert close(part, wanted), (name, by, point, hvp.source)


@random_functions
@given(modules(), points)
def test_gradient_of_gradient(text, points):
    function = define(text)
    first = adjoint.grad(function, wrt="x")
    second = adjoint.grad(first, wrt="y")
    mixed = run(second)
    for point in points:
        try:
            function(*point)
            found = mixed(*point)
            wanted = oracle.second_derivative(first.primal, point, "x", "y")
        except (oracle.Unclear, ArithmeticError, ValueError, AssertionError):
            continue
        assert close(found, wanted), (point, second.source)
