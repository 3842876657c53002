"""What `check` says of functions of arrays, right ones and wrong ones."""

from math import exp, log, sqrt

import numpy as np
import pytest

import adjoint
from adjoint.check.batches import run
from adjoint.check.evidence import check_module
from tests.target.arrays.test_numpy_loops import UNEVEN, until_small


def in_numpy(formula, **options):
    return adjoint.value_and_grad(formula, target="numpy", **options)


def test_a_right_derivative_is_run_too():
    report = in_numpy("where(x > 0, log(x)*y, 0) + sin(x*y)").check()
    assert report
    assert "run with arrays of 100 points" in str(report)


@pytest.mark.parametrize(
    "spoilt",
    [
        lambda value, dx, dy: (value, (dx, dy + 1e-6)),
        lambda value, dx, dy: (value[::-1], (dx, dy)),
        lambda value, dx, dy: (value, (dx * np.where(dx > 0, 1, 1.001), dy)),
        lambda value, dx, dy: (value, (np.full_like(dx, np.nan), dy)),
    ],
)
def test_a_wrong_array_is_seen(spoilt):
    d = in_numpy("x*y + sin(x)*cos(y)")

    def wrong(*arrays):
        value, (dx, dy) = d(*arrays)
        return spoilt(value, dx, dy)

    assert run(d.program, d.function, {}).wrong == ""
    assert "the array holds" in run(d.program, wrong, {}).wrong


def test_a_report_of_a_wrong_function_is_false(monkeypatch):
    d = in_numpy("x*y")
    monkeypatch.setitem(
        d.__dict__, "function", lambda x, y: (np.multiply(x, y), (x, y))
    )
    report = d.check()
    assert not report
    assert "WRONG: 2 of 2 derivatives" in str(report)


# -- saved modules, read back


def branching(x, y, n: int):
    s = 0.0
    for i in range(n):
        if x > i:
            s = s + sqrt(x - i) * y
        elif y > 0 and i > 2:
            s = s * y
        x = x + exp(-s * s)
    return s + x


def guarded(x, y):
    if x + y > 100:
        raise OverflowError("too far")
    if x < 0:
        return -x * y
    z = x**y
    if z > 10:
        return z / 2
    return log(z + 1)


MODULES = [
    "(x1 - x2)**2 + cos(x1 + x2)",
    "log(x)*sqrt(y) if y > 0 else -log(x) if x > 0 else x*y",
    "erf(x)*sigmoid(y) + max(x, y, x*y) + relu(x) + atan2(x, y)",
    "min(x, 3, 2*x)**2 + lgamma(y*y + 1) + abs(y) + (x < y)",
    "sqrt(2*pi)*x if not (x > 1 or y > 2) else hypot(x, y, 3)",
    "prod(x, in_blocks) = x*in_blocks",
    branching,
    guarded,
]


@pytest.mark.parametrize("function", MODULES, ids=lambda f: getattr(f, "__name__", f))
def test_a_saved_module_is_read_back(function):
    text = in_numpy(function).source
    report = check_module(text, source_name="f.py", points=20, seconds=3.0)
    assert report, str(report)
    assert report.points
    if not callable(function):
        assert "proved" in str(report.components[0])


def test_each_kind_is_read_back():
    for kind in ("grad", "jvp", "vjp", "hessian", "hvp"):
        d = getattr(adjoint, kind)("x*log(y) if y > 1 else x**3", target="numpy")
        assert check_module(d.source, source_name="f.py", points=20, seconds=3.0), kind


def test_check_of_a_file(tmp_path, capsys):
    from adjoint.cli import main

    path = tmp_path / "f.py"
    in_numpy("where(x > 0, log(x)*y, 0) + sin(x*y)").save(path)
    with pytest.raises(SystemExit) as stopped:
        main(["check", str(path)])
    assert stopped.value.code == 0
    assert "all 2 derivatives are proved" in capsys.readouterr().out


@pytest.mark.parametrize("function", UNEVEN, ids=lambda f: f.__name__)
def test_uneven_loops_are_read_back(function):
    text = in_numpy(function).source
    report = check_module(text, source_name="f.py", points=20, seconds=3.0)
    assert report and report.points, str(report)
    assert in_numpy(function).check(seconds=3.0)


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        ("y_bar + x_bar * t1)", "y_bar - x_bar * t1)", ""),
        ("return x > 1.0", "return x > 1.5", ""),
        ("saved = (t1,)", "saved = (y,)", ""),
        ("return (x,), False, saved", "return (x,), x < 4.0, saved", ""),
        ("return (x,), False, saved", "return (x,), False, ()", "not in a module"),
        ("return (x,), False, saved", "return (x,), saved", "not how adjoint writes"),
        ("@in_rows", "", "more than plain parameters"),
        ("def going(x, y):", "def going(y, x):", "not called as what is handed"),
        ("def step(x, y):", "def step(x):", "not called as what is handed"),
        ("(x,), y)", "(x,))", "it takes something else"),
        ("y_bar, y):", "y_bar, z):", "not called as what is handed"),
        ("(1.0, 0.0), y)", "(1.0, 0.0), z)", "not called as what is handed"),
    ],
)
def test_a_wrong_loop_is_found_out_or_refused(right, wrong, message):
    before, name, after = in_numpy(until_small).source.partition("@in_blocks\n")
    primal, _, derivative = after.partition(name)
    assert right in name + derivative
    spoilt = before + name + primal + (name + derivative).replace(right, wrong)
    if message:
        with pytest.raises(adjoint.AdjointError, match=message):
            check_module(spoilt, source_name="f.py", points=20, seconds=1.0)
    else:
        assert not check_module(spoilt, source_name="f.py", points=20, seconds=3.0)


def test_what_is_not_handed_to_a_step_is_refused():
    text = in_numpy(until_small).source
    spoilt = text.replace("(x, y):\n        t1", "(x):\n        t1")
    spoilt = spoilt.replace("(x,), y)", "(x,))").replace("going(x, y)", "going(x)")
    with pytest.raises(adjoint.AdjointError, match="`y` is not handed"):
        check_module(spoilt, source_name="f.py", points=20, seconds=1.0)


SPOILT = [
    ("x * np.sin(t2)", "x * np.cos(t2)"),
    ("y_bar - t5 * x", "y_bar - t5 * y"),
    ("lambda x: 1.0 / x", "lambda x: -1.0 / x"),
    ("np.where(y > 0.0", "np.where(y < 0.0"),
]


@pytest.mark.parametrize(("right", "wrong"), SPOILT)
def test_a_wrong_module_is_found_out(right, wrong):
    text = in_numpy("where(x > 0, log(x), 0) + cos(x*y)*x + abs(y)").source
    before, sweep, after = text.partition("# reverse sweep")
    assert right in after
    spoilt = before + sweep + after.replace(right, wrong, 1)
    report = check_module(spoilt, source_name="f.py", points=20, seconds=3.0)
    assert not report
    assert "WRONG" in str(report)


REFUSED = [
    ("points.size == 0", "points.size == 1", "is no function that adjoint"),
    ("lambda x: np.log(x), lambda *_: 0.0, x", "lambda x: np.log(y), lambda *_: 0.0, x", "`y` is not handed"),
    ("lambda x: np.log(x), lambda *_: 0.0, x", "lambda x: np.log(x), lambda *_: 0.0, y", "not called as what is handed"),
    ("np.log", "np.emath", "`np.emath` is no function"),
    ("import numpy as np", "import numpy.random as np", "not in a module that adjoint writes"),
    ("@in_blocks\ndef f(x, y):", "def f(x, y):", "more than plain parameters"),
    ("@in_blocks\ndef f(x, y):", "@in_blocks\ndef f(x: list, y):", "more than plain parameters"),
]  # fmt: skip


@pytest.mark.parametrize(("right", "wrong", "message"), REFUSED)
def test_what_no_module_contains_is_refused(right, wrong, message):
    text = in_numpy("where(x > 0, log(x), 0) + y").source
    assert right in text
    with pytest.raises(adjoint.AdjointError, match=message):
        check_module(text.replace(right, wrong), source_name="f.py")


def test_check_on_the_command_line(capsys):
    from adjoint.cli import main

    with pytest.raises(SystemExit) as stopped:
        main(["check", "exp(x)*y", "--target", "numpy"])
    assert stopped.value.code == 0
    assert "run with arrays" in capsys.readouterr().out
