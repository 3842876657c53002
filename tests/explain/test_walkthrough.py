"""The walkthrough as data: against the design's text, the oracle, and closed forms."""

import math

import pytest

from adjoint.errors import OptionError, SourceError
from adjoint.explain import nodes
from adjoint.explain.walkthrough import walk_through
from adjoint.frontend.read import read
from adjoint.ir.interpret import run
from adjoint.ir.types import FLOAT
from adjoint.ir.validate import validate
from tests.support import load_formulas
from tests.support_oracle import Unclear, derivative

WORKED = "(x1 - x2)**2 + cos(x1 + x2)"
CASES = load_formulas()


def walked(source, wrt=None, **point):
    program = read(source)
    floats = [p.name for p in program.parameters if p.type == FLOAT]
    return walk_through(program, point, floats if wrt is None else wrt)


def steps(walkthrough):
    return [(c.child.name, c.parent.name) for c in walkthrough.contributions]


def test_the_worked_example_in_the_order_of_the_design():
    w = walked(WORKED, x1=1, x2=2)
    forward = {node.name: node.number for node in w.operations}
    assert list(forward) == ["t1", "t2", "t3", "t4", "y"]
    cos3, sin3 = math.cos(3), math.sin(3)
    assert forward == {"t1": -1, "t2": 1, "t3": 3, "t4": cos3, "y": 1 + cos3}
    assert w.adjoints[w.result] == 1
    assert steps(w) == [
        ("y", "t2"),
        ("y", "t4"),
        ("t2", "t1"),
        ("t4", "t3"),
        ("t1", "x1"),
        ("t1", "x2"),
        ("t3", "x1"),
        ("t3", "x2"),
    ]
    sums = [(c.amount, c.before, c.total) for c in w.contributions]
    assert sums == [
        (1, None, 1),
        (1, None, 1),
        (-2, None, -2),
        (-sin3, None, -sin3),
        (-2, None, -2),
        (2, None, 2),
        (-sin3, -2, -2 - sin3),
        (-sin3, 2, 2 - sin3),
    ]
    assert w.gradient == (-2 - sin3, 2 - sin3)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_formulas_and_each_of_their_local_derivatives(case):
    point = case.point()
    program = read(case.formula)
    names = program.parameter_names
    w = walk_through(program, point, names)
    at = [point[name] for name in names]
    assert w.value == run(program, at)[0]
    for name, slope in zip(names, w.gradient, strict=True):
        exact = derivative(program, at, name)
        assert slope == pytest.approx(exact, rel=1e-11, abs=1e-13)
    for contribution in w.contributions:
        agrees_with_its_operation(contribution.local)


def agrees_with_its_operation(local):
    operation, parent = local.child.formula, local.parent
    numbers = {node.name: node.number for node in local.child.operands}
    at = [numbers[name] for name in operation.parameter_names]
    occurrences = sum(operand is parent for operand in local.child.operands)
    if occurrences == 1:
        exact = derivative(operation, at, parent.name)
        assert local.number == pytest.approx(exact, rel=1e-12, abs=1e-14)
    validate(local.formula)
    numbers[local.child.name] = local.child.number
    at = [numbers[name] for name in local.formula.parameter_names]
    (number,) = run(local.formula, at)
    assert number == pytest.approx(local.number, rel=1e-14)


def test_an_adjoint_is_complete_before_it_is_used():
    w = walked("(a*b + sin(a)) * exp(a*b) / (b + sin(a))", a=0.7, b=1.3)
    seen = {w.result: 1.0}
    for visit in w.visits:
        assert visit.adjoint == seen[visit.node]
        for c in visit.contributions:
            assert c.parent not in [v.node for v in w.visits[: w.visits.index(visit)]]
            assert c.before == seen.get(c.parent)
            seen[c.parent] = c.total
    assert seen == w.adjoints


def test_of_a_branch_the_side_that_is_run():
    source = "a = x*x; sqrt(x) if x > 0 else a"
    left = walked(source, x=-3.0)
    assert [n.name for n in left.operations] == ["a", "t1"]
    assert left.has_blocks and left.gradient == (-6.0,)
    assert walked(source, x=4.0).gradient == (0.25,)
    assert walked("where(x > 0, sqrt(x), 0)", x=0.0).gradient == (0.0,)


def test_loops_are_walked_iteration_by_iteration(tmp_path):
    path = tmp_path / "horner.py"
    path.write_text(
        "def f(x: float, n: int):\n"
        "    s = 1.0\n"
        "    for i in range(n):\n"
        "        s = s*x + i\n"
        "    while s > 10:\n"
        "        s = s/2\n"
        "    return s\n"
    )
    w = walked(f"{path}:f", x=3.0, n=3)
    # s = x**3 + x + 2 = 32, halved twice
    assert w.value == 8.0
    assert w.gradient == ((3 * 3.0**2 + 1) / 4,)
    names = [n.name for n in w.operations]
    assert len(set(names)) == len(names) and {"s", "s_2", "s_3"} <= set(names)


def test_too_many_operations_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(nodes, "MOST_OPERATIONS", 50)
    path = tmp_path / "long.py"
    path.write_text(
        "def f(x: float):\n" "    while x > 0:\n" "        x = x + 1\n" "    return x\n"
    )
    with pytest.raises(OptionError, match="more than 50 operations"):
        walked(f"{path}:f", x=1.0)


def test_only_what_varies_with_the_inputs_of_interest():
    w = walked("x*sin(c) + floor(x)", wrt=["x"], x=2.5, c=1.0)
    assert steps(w) == [("y", "t2"), ("t2", "x")]
    assert w.gradient == (math.sin(1.0),)


def test_results_that_are_no_operation():
    assert walked("f(x, z) = x", x=2.0, z=1.0).gradient == (1.0, 0.0)
    constant = walked("f(x) = 3", x=2.0)
    assert constant.gradient == (0.0,) and constant.visits == ()


def test_both_operands_are_the_same():
    w = walked("atan2(x, x) + x*x + (x + x)", x=3.0)
    assert w.gradient == pytest.approx((8.0,), rel=1e-15)


def test_ties_share_and_kinks_have_the_smallest_slope():
    assert walked("max(x, z, 1)", x=2.0, z=2.0).gradient == (0.5, 0.5)
    assert walked("max(x, z)", x=2.0, z=2.0).gradient == (0.5, 0.5)
    assert walked("abs(x) + relu(x)", x=0.0).gradient == (0.0,)


@pytest.mark.parametrize(
    "source, point, message",
    [
        ("x + y", {"x": 1}, "the point has no number for y"),
        ("x1 + x2", {"x1": 1, "x2": 2, "x22": 1}, "did you mean `x2`?"),
        ("x + y", {"x": 1, "y": math.inf}, "y = inf: a finite number is expected"),
        ("sqrt(x)", {"x": 0}, "0.5/y: float division by zero"),
        (
            "exp(x)*exp(x)",
            {"x": 400},
            "no finite value .*: `square` of .*: the result is inf",
        ),
        ("1 + x**y", {"x": -8, "y": 0.5}, "`pow` of -8, 0.5: the result is complex"),
    ],
)
def test_points_that_do_not_fit(source, point, message):
    with pytest.raises((OptionError, SourceError), match=message):
        walked(source, **point)


def test_the_place_of_an_operation_without_a_value():
    with pytest.raises(SourceError) as raised:
        walked("2 + log(x - 2)", x=1)
    assert raised.value.column == 5
    assert "of -1: math domain error" in str(raised.value)


def test_temporaries_do_not_take_the_users_names():
    w = walked("t1 = a*b; y = t1 + 1; sin(y)*t2", a=1.0, b=2.0, t2=3.0)
    assert [n.name for n in w.operations] == ["t1", "y", "t3", "value"]


def test_unicode_and_numbers_of_large_exponents():
    w = walked("θ**-2 * 1e300", θ=1e10)
    assert w.gradient == pytest.approx((-2e270,))


@pytest.mark.parametrize("terms", [2000])
def test_long_sums_do_not_recurse(terms):
    formula = " + ".join(f"x*{k}" for k in range(1, terms + 1))
    w = walked(formula, x=1.0)
    assert w.gradient == (terms * (terms + 1) / 2,)


def test_the_oracle_can_tell_a_wrong_local_derivative():
    program = read("sin(x)")
    assert derivative(program, [1.0], "x") != pytest.approx(math.sin(1.0))
    with pytest.raises(Unclear):
        derivative(read("abs(x)"), [0.0], "x")
