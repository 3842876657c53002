"""The recording against the walkthrough, which computes the same numbers another way."""

import math
import random

import pytest

import adjoint
from adjoint.errors import OptionError
from adjoint.explain.page.model import describe
from adjoint.explain.page.recording import record
from adjoint.explain.walkthrough import walk_through
from adjoint.frontend.read import read
from adjoint.ir.interpret import trace
from tests.support import load_formulas
from tests.support_javascript import close, needs_node, run_javascript

BRANCHES = [
    "x*2 if x > y else sqrt(x + y)",
    "a = x*y if x > 0 else sqrt(y)+y; a*x + (y if y > 2 else 3)*a",
    "(x if y > 1 else y) if x > y else (x*y if y > 1 else 3)",
    "x if x > 0 else 2",
    "where(x > y, sin(x), cos(y))*x + abs(x - y) + max(x, y)*min(x, y)",
]


class Played:
    """A recording with its numbers at a point."""

    def __init__(self, recording, point):
        self.recording = recording
        program = recording.program
        self.numbers = dict(zip(program.parameters, point, strict=True))
        (self.value,) = trace(program.body, self.numbers)

    def number(self, value):
        return value.number if value.literal else self.numbers[value]

    def ran(self, scope):
        if scope is None:
            return True
        inside = self.ran(scope.outer)
        return inside and bool(self.number(scope.condition)) == scope.holds

    def contributions(self):
        for c in self.recording.contributions:
            if self.ran(c.scope):
                yield (c, *map(self.number, (c.local, c.amount, c.total)))

    def gradient(self):
        totals = {c.parent: total for c, _, _, total in self.contributions()}
        result = self.recording.program.results[0]
        totals.setdefault(result, 1.0)
        return [totals.get(p, 0.0) for p in self.recording.program.parameters]


@pytest.mark.parametrize("case", load_formulas(), ids=lambda case: case.id)
def test_the_formulas_of_the_table_as_the_walkthrough_has_them(case):
    program = read(case.formula)
    names = program.parameter_names
    source = random.Random(case.id)
    point = {name: source.uniform(*case.ranges[name]) for name in names}
    recording = record(program, names)
    played = Played(recording, [point[name] for name in names])
    theirs = walk_through(program, point, names)
    assert played.value == theirs.value
    numbers = [
        (local, amount, total) for _, local, amount, total in played.contributions()
    ]
    expected = [(c.local.number, c.amount, c.total) for c in theirs.contributions]
    assert len(numbers) == len(expected)
    for ours, walked in zip(numbers, expected, strict=True):
        assert all(close(a, b, 1e-11) for a, b in zip(ours, walked, strict=True))
    data = describe(program, point, {}).data
    named = [(node["name"], node["text"]) for node in data["nodes"] if node["text"]]
    assert [name for name, _ in named] == [node.name for node in theirs.operations]
    pairs = [(c["child"], c["parent"]) for c in data["contributions"]]
    walked = [(c.child.name, c.parent.name) for c in theirs.contributions]
    assert [tuple(data["nodes"][i]["name"] for i in pair) for pair in pairs] == walked


@pytest.mark.parametrize("formula", BRANCHES)
@pytest.mark.parametrize("x", [-1.5, 0.5, 2.5])
@pytest.mark.parametrize("y", [0.75, 2.25])
def test_branches_give_the_gradient_of_the_side_that_is_run(formula, x, y):
    program = read(f"f(x, y) = {formula}" if ";" not in formula else formula)
    d = adjoint.value_and_grad(
        f"f(x, y) = {formula}" if ";" not in formula else formula
    )
    try:
        value, expected = d(x, y)
    except ValueError:
        assert x + y < 0  # sqrt
        return
    played = Played(record(program, ["x", "y"]), [x, y])
    assert played.value == value
    ours = played.gradient()
    assert all(close(a, b) for a, b in zip(ours, expected, strict=True))
    walked = walk_through(program, {"x": x, "y": y}, ["x", "y"]).gradient
    assert all(close(a, b) for a, b in zip(ours, walked, strict=True))


def test_each_adjoint_is_complete_before_it_is_used():
    program = read(BRANCHES[1])
    played = Played(record(program, ["x", "y"]), [1.25, 2.5])
    used = set()
    for c, *_ in played.contributions():
        assert c.parent not in used
        used.add(c.child)


def test_nothing_comes_from_the_side_that_is_not_run():
    played = Played(record(read("where(x > 0, sqrt(x), 0)"), ["x"]), [0.0])
    assert played.gradient() == [0.0]
    assert all(math.isfinite(amount) for _, _, amount, _ in played.contributions())


def test_loops_are_refused(tmp_path):
    path = tmp_path / "loop.py"
    path.write_text(
        "def f(x, n: int):\n    for i in range(n):\n        x = x*x\n    return x\n"
    )
    with pytest.raises(OptionError, match="loops"):
        record(read(f"{path}:f"), ["x"])


@needs_node
def test_the_javascript_of_a_recording_has_its_numbers():
    calls, recorded, played = [], [], []
    formulas = [(case.formula, case.ranges) for case in load_formulas()]
    formulas += [(formula, {"x": (0.1, 3), "y": (0.1, 3)}) for formula in BRANCHES]
    for formula, ranges in formulas:
        program = read(formula)
        recording = record(program, program.parameter_names)
        source = random.Random(formula)
        ends = [ranges[name] for name in program.parameter_names]
        points = [[source.uniform(*pair) for pair in ends] for _ in range(3)]
        calls.append((recording.program, points))
        recorded.append(recording.recorded)
        played.append([Played(recording, point) for point in points])
    for one, results in zip(played, run_javascript(calls, recorded), strict=True):
        for ours, (_, *numbers) in zip(one, results, strict=True):
            values = ours.recording.recorded
            for value, number in zip(values, numbers, strict=True):
                if value.literal or value in ours.numbers:
                    assert close(number, ours.number(value), 1e-11)
                else:
                    assert number is None  # of a side that is not run
