"""Loops read back from generated text: what Python computes, from the text alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import adjoint
from adjoint.check.evidence import check_module
from adjoint.check.floats import NO_RESULT, float_results
from adjoint.check.report import SAMPLED, WRONG
from adjoint.check.text.module import GeneratedModule, read_module
from adjoint.errors import SourceError
from adjoint.ir.interpret import Endless
from tests.support import examples
from tests.support_functions import arguments, define, modules, outcome

GOLDEN = Path(__file__).parents[2] / "golden"

#: Functions whose modules have every shape of a loop.
FUNCTIONS = {
    "counted": """
def f(x, n: int):
    for i in range(n):
        x = x * x / (i + 1.0) + 0.5
    return x
""",
    "backwards": """
def f(x, n: int):
    for i in range(n, 0, -1):
        x = x * 0.5 + i * x
    return x
""",
    "left early": """
def f(x, y, n: int):
    for i in range(n):
        x = x * y + 0.1
        if x > 3.0:
            break
        if x < -3.0:
            return x * i
    else:
        x = x * x
    return x + y
""",
    "left in the middle": """
def f(x, y, n: int):
    for i in range(n):
        if x > 3.0:
            y = y + i
            break
        x = x * y + 0.1
        if x < -3.0:
            break
        y = y * 0.75
    return x * y
""",
    "an endless one left in the middle": """
def f(x, y):
    k = 0
    while True:
        z = x * y
        if k > 6 or z > 4.0:
            return z + k
        x = x + 0.5 * z
        k += 1
""",
    "always left": """
def f(x, y, n: int):
    for i in range(2, n):
        x = x * y + i
        break
    return x
""",
    "while": """
def f(x, y):
    k = 0
    while x * x > 0.25 and k < 30:
        x = x * 0.7 + 0.01 * y
        k += 1
    return x * y + k
""",
    "while with a test of several lines": """
def g(u):
    total = 0.0
    for i in range(12):
        total += u / (i + 1)
    return total

def f(x, y):
    k = 0
    while g(x) > 0.5:
        x = x * 0.5 * y
        k += 1
        if k > 9:
            break
    return x + y
""",
    "nested": """
def f(x, y, n: int):
    total = 0.0
    for i in range(n):
        z = x
        for j in range(i):
            z = z * y + 0.5
        while z > 2.0:
            z = z * 0.5
        total += z * z
    return total
""",
    "in branches": """
def f(x, y, n: int):
    if x > 1.0:
        for i in range(n):
            x = x * y + 0.25
    elif y > 1.0:
        for i in range(n + 2):
            if y > 2.0:
                y = y * 0.5
            else:
                y = y * y
    return x * y
""",
    "swapped": """
def f(x, y, n: int):
    for _ in range(n):
        x, y = y, x + y * 0.5 * x
    return x
""",
    "raises": """
def f(x, n: int):
    assert n < 100, "many"
    for i in range(n):
        if x > 50.0:
            raise ValueError("large")
        x = x * x
    return x
""",
    "whole numbers": """
def f(x, n: int):
    k = 1
    for i in range(n):
        k = k * 3 % 7
        if k & 1:
            x = x * k
        for j in range(k // 2):
            x = x + j * 0.1 * x
    return x
""",
}


def programs(text: str) -> tuple[str, GeneratedModule]:
    derivative = adjoint.value_and_grad(define(text))
    source = derivative.source
    return source, read_module(source, "made.py", "value_and_grad", derivative.wrt)


def compared(source: str, module: GeneratedModule, point: tuple[float, ...]) -> None:
    """The module as it is read, and as Python runs it, give the same floats."""
    space: dict[str, object] = {"__name__": "generated"}
    exec(compile(source, "<generated>", "exec"), space)
    for program in (module.primal, module.derivative):
        function = space[program.name]
        try:
            result = function(*point)  # type: ignore[operator]
        except (ArithmeticError, ValueError, AssertionError, UnboundLocalError):
            with pytest.raises(NO_RESULT):
                float_results(program, point)
            continue
        flat: list[float] = []
        pending = [result]
        while pending:
            one = pending.pop()
            if isinstance(one, tuple):
                pending.extend(reversed(one))
            else:
                flat.append(one)
        try:
            found = float_results(program, point)
        except NO_RESULT:  # an infinite result is none
            continue
        assert outcome(lambda r=tuple(found): r) == outcome(lambda r=tuple(flat): r)


@pytest.mark.parametrize("text", FUNCTIONS.values(), ids=FUNCTIONS)
def test_every_shape_of_a_loop(text: str) -> None:
    source, module = programs(text)
    for x in (0.5, 1.5, -2.5):
        for y in (0.75, 2.5):
            for n in (0, 1, 5):
                point = {"x": x, "y": y, "n": n}
                names = module.primal.parameter_names
                compared(source, module, tuple(point[name] for name in names))


@pytest.mark.parametrize("text", FUNCTIONS.values(), ids=FUNCTIONS)
def test_modules_with_loops_are_checked(text: str) -> None:
    derivative = adjoint.value_and_grad(define(text))
    report = derivative.check(seconds=1.0)
    assert report and {one.status for one in report.components} == {SAMPLED}
    report = check_module(
        derivative.source, source_name="made.py", points=20, seconds=1.0
    )
    assert report and [one.parameter for one in report.components] == derivative.wrt


def test_checkpoints_are_read() -> None:
    derivative = adjoint.value_and_grad(define(FUNCTIONS["counted"]), checkpoint="sqrt")
    module = read_module(derivative.source, "made.py")
    for n in (0, 1, 7, 26):
        compared(derivative.source, module, (0.25, n))
    assert derivative.check({"n": (0, 30)}, seconds=1.0)


@settings(max_examples=examples(60), suppress_health_check=list(HealthCheck))
@given(modules(), st.lists(arguments, min_size=1, max_size=2))
def test_random_functions(text: str, points: list[tuple[float, float, int]]) -> None:
    source, module = programs(text)
    for point in points:
        compared(source, module, point)


@pytest.mark.parametrize("name", ["rk4_lotka_volterra", "newton_sqrt"])
def test_the_modules_under_review_are_right(name: str) -> None:
    text = (GOLDEN / f"{name}.py").read_text(encoding="utf-8")
    assert check_module(text, source_name=name, points=20, seconds=1.0)


RK4 = (GOLDEN / "rk4_lotka_volterra.py").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "wrong"),
    [
        ("t9 = predators_bar / 6.0 * h", "t9 = predators_bar / 6.01 * h", 6),
        ("hunt_bar -= t14 * t6", "hunt_bar += t14 * t6", 1),
        ("birth_bar += birth_bar_2", "birth_bar = birth_bar_2", 1),
        ("    prey_bar = 1.0", "    prey_bar = 2.0", 6),
        ("    growth_bar = 0.0", "    growth_bar = 1e-9", 1),
    ],
)
def test_a_wrong_line_in_a_loop_is_found(old: str, new: str, wrong: int) -> None:
    assert RK4.count(old) == 1
    text = RK4.replace(old, new)
    report = check_module(text, source_name="wrong.py", points=20, seconds=1.0)
    statuses = [one.status for one in report.components]
    assert not report and statuses.count(WRONG) == wrong


LEFT = """import math


def f(x, n: int):
    y = x
    for i in range(n):
        if y > 10.0:
            break
        y = y * x + math.sin(y)
    return y
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            "        if y > 10.0:\n            break",
            "        if y > 1.0:\n            break",
        ),
        ("        y = y * x + sin(y)", "        y = y * x + cos(y)"),
        ("        if y_2 > 10.0:", "        if y_2 > 1.0:"),
    ],
)
def test_a_wrong_line_about_an_exit_is_found(old: str, new: str) -> None:
    derivative = adjoint.value_and_grad(define(LEFT))
    head, name, body = derivative.source.partition("def f_value_and_grad")
    assert old in body
    text = head + name + body.replace(old, new)
    report = check_module(text, source_name="wrong.py", points=20, seconds=1.0)
    statuses = [report.value.status, *[one.status for one in report.components]]
    assert not report and WRONG in statuses


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("= saved.pop()", "= saved.pop(0)", "as many values as names"),
        ("= saved.pop()", "= kept.pop()", "`kept` is no list of saved values"),
        ("t5, t6, t7 = saved.pop()", "t5, t6 = saved.pop()", "8 values were saved"),
        ("        saved.append((", "        saved.extend((", "not how adjoint saves"),
        ("    saved = []\n", "", "not how adjoint saves"),
        ("    # reverse sweep\n", "    saved.pop()\n", "not how adjoint saves"),
        (
            "        t8 = h / 2.0",
            "        return 1.0, h\n        t8 = h / 2.0",
            "within",
        ),
        ("in range(n):", "in list(range(n)):", "does not write such a loop"),
        (
            "for _ in range(n):\n        prey_2",
            "for i in range(n):\n        prey_2",
            "l",
        ),
        (
            "    # reverse sweep\n",
            "    for x in saved:\n        h = x\n",
            "such a loop",
        ),
    ],
)
def test_anything_else_is_refused(old: str, new: str, message: str) -> None:
    text = RK4.replace(old, new)
    assert text != RK4
    with pytest.raises(SourceError, match=message):
        read_module(text, "strange.py")


def test_a_list_is_emptied_once() -> None:
    again = RK4.replace(
        "    # reverse sweep\n",
        "    # reverse sweep\n    for _ in range(n):\n"
        "        a, b, c, d, e, f, g, i = saved.pop()\n",
    )
    with pytest.raises(SourceError, match="`saved` is no list of saved values"):
        read_module(again, "twice.py")


def test_a_loop_without_an_end_is_given_up() -> None:
    text = "def f(x):\n    while x > 1.0:\n        x = x * 1.0\n    return x\n"
    _, module = programs(text)
    with pytest.raises(Endless):
        float_results(module.primal, [2.0])
