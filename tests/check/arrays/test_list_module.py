"""Saved modules of functions of lists, and sparse ones: right ones hold, wrong do not."""

import math

import pytest

import adjoint
from adjoint import AdjointError
from adjoint.check.evidence import check_module
from adjoint.check.report import SAMPLED, WRONG
from adjoint.cli import main
from tests.support_functions import define


def mean_square(x: list[float]):
    return sum([v * v for v in x]) / len(x)


def grown(x: list[float], n: int):
    a = [x[0]]
    for _ in range(n):
        a.append(a[-1] * 0.5 + math.sin(x[1]))
    return sum(a)


def times(a: list[list[float]], x: list[float]):
    out = []
    for row in a:
        s = 0.0
        for u, v in zip(row, x, strict=True):
            s += u * v
        out.append(s)
    return out


def statistics(x: list[float]):
    return max(x) - min(x), sorted(x)


def table(n: int, w: float):
    a = [[0.0] * n for _ in range(n)]
    for i in range(n):
        for j in range(i):
            a[i][j] = w * i * j
            a[j][i] = a[i][j] ** 2
    return sum(sum(row) for row in a)


def swapped(x: list[float]):
    y = list(x)
    y[0], y[1] = y[1], y[0] * y[1]
    y.pop()
    return y + [1.0, x[0]]


def emptied(x: list[float]):
    queue = x[:]
    total = 0.0
    while queue:
        v = queue.pop()
        if v > 1.0:
            total += v**2
        else:
            total += math.exp(v)
    return total


def exactly(x: list[float]):
    return math.fsum(x) ** 2


def form(a: "float[:]", b: "float[:, :]"):
    s = 0.0
    for i in range(len(a)):
        for j in range(len(a)):
            s += a[i] * b[i][j] * a[j]
    return s


def products(x: "float[:]"):
    y = [0.0] * len(x)
    for i in range(len(x)):
        y[i] = x[i] * (y[i - 1] if i > 0 else 1.0)
    return y


def neighbours(x: "float[:]"):
    y = [0.0] * (len(x) - 1)
    for i in range(len(x) - 1):
        y[i] = math.sin(x[i]) * x[i + 1]
    return y


GRADIENTS = (mean_square, grown, table, emptied, exactly, form)
OTHERS = (times, statistics, swapped, products, neighbours)
CASES = [
    *[(f, kind) for f in GRADIENTS for kind in ("value_and_grad", "jvp", "hvp")],
    *[(f, kind) for f in OTHERS for kind in ("jvp", "vjp")],
    *[(f, "jacobian") for f in (swapped, products, form)],
    *[(f, "hessian") for f in (mean_square, grown, exactly)],
    (neighbours, "sparse_jacobian"),
    (neighbours, "value,sparse_jacobian"),
    (form, "sparse_jacobian"),
    (mean_square, "sparse_hessian"),
]


def module(function, kind, target="python"):
    return adjoint.Derivative(function, kind, target=target).source


@pytest.mark.parametrize(
    ("function", "kind"), CASES, ids=lambda one: getattr(one, "__name__", one)
)
def test_a_saved_module_holds(function, kind):
    report = check_module(module(function, kind), source_name="f.py", seconds=0.5)
    assert report and report.points, str(report)
    assert {one.status for one in report.components} == {SAMPLED}


@pytest.mark.parametrize("kind", ["vjp", "jvp", "hessian", "sparse_jacobian"])
def test_lists_beside_numpy_hold(kind):
    text = module(neighbours, kind, "numpy")
    assert "import numpy as np" in text
    report = check_module(text, source_name="f.py", seconds=0.5)
    assert report and report.points, str(report)
    lists = module(swapped, "vjp", "numpy")
    assert check_module(lists, source_name="f.py", seconds=0.5)


@pytest.mark.parametrize(
    ("function", "kind", "right", "wrong"),
    [
        (mean_square, "value_and_grad", "2.0 / t1 * v", "2.0000001 / t1 * v"),
        (mean_square, "value_and_grad", "x_bar[i] +=", "x_bar[0] +="),
        (mean_square, "value_and_grad", "return y, x_bar", "return y, x_bar + [0.0]"),
        (mean_square, "value_and_grad", "return y, x_bar", "return y, x_bar[:1]"),
        (mean_square, "value_and_grad", "y = total / t1", "y = total"),
        (mean_square, "value_and_grad", "0.0] * len(x)", "1e-9] * len(x)"),
        (grown, "jvp", "a_dot = [", "a_dot = [2.0 * "),
        (emptied, "value_and_grad", "queue_bar[-1] +=", "queue_bar[0] +="),
        (swapped, "vjp", "append(0.0)", "append(1e-3)"),
        (swapped, "vjp", "+ t4 * t2", "- t4 * t2"),
        (statistics, "vjp", "put_back(y2_bar", "list(y2_bar"),
        (statistics, "vjp", "sum(t3)", "len(t3)"),
        (exactly, "value_and_grad", "fsum(x)", "max(x)"),
        (times, "vjp", "x_bar[i_2] +=", "x_bar[i] +="),
        (neighbours, "value,sparse_jacobian", "cos(t2)", "sin(t2)"),
        (neighbours, "value,sparse_jacobian", "return y, ", "return [0.0, *y], "),
        (neighbours, "sparse_jacobian", "x[i + 1]", "x[i]"),
    ],
)
def test_a_wrong_line_is_found(function, kind, right, wrong):
    text = module(function, kind)
    start = text.index(f"def {function.__name__}_")
    assert right in text[start:], text
    text = text[:start] + text[start:].replace(right, wrong)
    report = check_module(text, source_name="f.py", seconds=0.5)
    assert not report
    statuses = [report.value.status, *(one.status for one in report.components)]
    assert WRONG in statuses


def test_a_wrong_pattern_is_found():
    text = module(neighbours, "sparse_jacobian")
    start = text.index("def neighbours_sparse_jacobian_pattern")
    for right, wrong in (
        ("i + 1", "i"),
        ("return ", "return [0], "),
        ("cols[i] = [", "cols[0] = ["),
    ):
        assert right in text[start:], text[start:]
        broken = text[:start] + text[start:].replace(right, wrong)
        report = check_module(broken, source_name="f.py", seconds=0.5)
        assert not report
    with pytest.raises(AdjointError, match="which says where the entries stand"):
        check_module(text[:start].rstrip() + "\n", source_name="f.py")


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        ("y = total / t1", "y = open(x)", "`open` is no function"),
        ("y = total / t1", "y = x.__class__", "`.__class__` is not in"),
        ("y = total / t1", "y = [v for v in x if v]", "not in a module"),
        ("y = total / t1", "y = {v for v in x}", "not in a module"),
        ("y = total / t1", "y = lambda: 0", "not in a module"),
        ("y = total / t1", "y = z", "`z` has no value"),
        ("y = total / t1", "y = len", "`len` has no value"),
        ("y = total / t1", "len = total / t1", "that of a function"),
        ("y = total / t1", "import os", "not in a module"),
        ("Types: x: list[float].", "Types: y: list[float].", "type of `x`"),
        ("Types: x: list[float].", "Types: x: list[text].", "is not supported"),
        (
            "def mean_square_value_and_grad(x)",
            "def mean_square_grad(y)",
            "no parameter",
        ),
    ],
)
def test_what_no_module_contains_is_refused(right, wrong, message):
    text = module(mean_square, "value_and_grad")
    assert right in text
    with pytest.raises(AdjointError, match=message):
        check_module(text.replace(right, wrong), source_name="f.py", seconds=0.5)


@pytest.mark.parametrize(
    "endless",
    [
        "y = sum([0.0] * 10**12)",
        "y = sum(range(10**12))",
        "y = [0.0] * -(10**12)\n    while True:\n        pass",
        "y = [[0.0] * 10**4 for _ in range(10**9)]",
        "for _ in range(90):\n        x += x",
        "for _ in range(90):\n        x = [*x, *x]",
        "while True:\n        x.append(1.0)",
    ],
)
def test_what_takes_for_ever_is_given_up(endless):
    text = module(mean_square, "value_and_grad")
    before, line, after = text.rpartition("    y = total / t1\n")
    report = check_module(
        f"{before}{line}    {endless}\n{after}", source_name="f.py", seconds=0.5
    )
    assert not report


@pytest.mark.parametrize("count", [1_500, 50_000])
def test_an_expression_that_is_too_deep_is_one_error(count):
    text = module(mean_square, "value_and_grad")
    deep = "y = total / t1" + " + 0.0" * count
    with pytest.raises(AdjointError, match="nested too deeply"):
        check_module(text.replace("y = total / t1", deep), source_name="f.py")


def test_the_command_line(tmp_path, capsys):
    def check():
        with pytest.raises(SystemExit) as done:
            main(["check", str(path), "--range", "x=0.5:2", "--seconds", "1"])
        return done.value.code, capsys.readouterr()

    path = tmp_path / "lists.py"
    text = module(grown, "value_and_grad")
    path.write_text(text)
    code, said = check()
    assert code == 0
    assert "dgrown/dx  sampled" in said.out
    assert "a_bar[i] += 1.0" in text
    path.write_text(text.replace("a_bar[i] += 1.0", "a_bar[i] += 1.0000001"))
    code, said = check()
    assert code == 1
    assert "WRONG: 1 of 1 derivatives" in said.out
    path.write_text(text.replace("a_bar[i] += 1.0", "a_bar[i] += eval(x)"))
    code, said = check()
    assert (code, said.out) == (2, "")
    assert "`eval` is no function" in said.err


def test_columns_of_lists_hold():
    """A Hessian by two lists has its rows by columns: ``zip(*rows)``.

    The tangent of ``2*x[i]*y[i]`` in the reverse loop was of the forward loop's x[i].
    """
    product = define(
        "def f(x: list[float], y: list[float]):\n    s = 0.0\n"
        "    for i in range(len(x)):\n        s += x[i] * y[i] ** 2\n    return s\n"
    )
    source = adjoint.hessian(product).source
    assert "zip(*" in source
    assert check_module(source, source_name="f.py", seconds=2.0)
