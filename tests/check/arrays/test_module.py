"""Saved modules of functions of arrays: right ones hold, wrong ones are found out."""

import numpy as np
import pytest
from click.testing import CliRunner

import adjoint
from adjoint.check.evidence import check_module
from adjoint.cli import _commands
from tests.support_functions import define

_MODULE = "import math\n\nimport numpy as np\n\n\ndef f({}):\n    return {}\n"

EXPRESSIONS = [
    ("x: float[:]", "np.sum(np.sin(x) * x[::-1]) + np.linalg.norm(x) * np.std(x)"),
    ("x: float[:], k: float", "np.sum(np.tanh(x * k)) + math.erf(k) + np.prod(x)"),
    ("A: float[:, :]", "np.sum(np.linalg.cholesky(A @ A.T + np.eye(len(A))))"),
    ("A: float[:, :]", "np.linalg.slogdet(A @ A.T + np.eye(len(A)))[1]"),
    ("A: float[:, :], b: float[:]", "b @ np.linalg.solve(A @ A.T + np.eye(len(A)), b)"),
    ("A: float[:, :], b: float[:]", "np.sum((A @ b)[:, None] * A + b)"),
    ("x: float[:], k: int[:]", "np.sum(x[k] ** 2) + np.sum(np.cumprod(x))"),
    ("x: float[:]", "np.sum(np.where(x > 1, np.log(1 + x * x), 0.0) * np.max(x))"),
    ("A: float[:, :]", "np.prod(np.sum(A, axis=1)) * np.mean(np.prod(A, axis=0))"),
    ("A: float[:, :]", "np.einsum('ij,jk->ik', A, A)[0, 1] + np.trace(A) ** 2"),
    ("A: float[:, :]", "np.sum(np.sort(A, axis=0) * np.tile(A, 1)) + np.median"),
    ("x: float[:]", "np.sum(np.array([1.5, -2.0]) * x[:2]) + math.pi * x[0]"),
]


def _saved(signature, expression):
    expression = expression.removesuffix(" + np.median")
    names = ", ".join(part[0] for part in signature.replace("[:, :]", "").split(", "))
    function = define(_MODULE.format(names, expression))
    return adjoint.value_and_grad(function, signature=signature).source


@pytest.mark.parametrize(("signature", "expression"), EXPRESSIONS)
def test_a_saved_module_holds(signature, expression):
    text = _saved(signature, expression)
    report = check_module(text, source_name="f.py", seconds=2.0)
    assert report, str(report)
    assert report.points and report.operations
    assert max(report.value_errors) < 1e6


def test_of_a_value_few_digits_may_be_left():
    text = _saved("x: float[:]", "np.sum(1.0 - np.tanh(9.0 + x**2))")
    report = check_module(text, source_name="f.py", seconds=2.0)
    assert report, str(report)
    wrong = text.replace("return y,", "return y * 1.00001,")
    assert wrong != text
    assert not check_module(wrong, source_name="f.py", seconds=2.0)


def stencil(u, k: float, n: int):
    for _ in range(n):
        lap = np.zeros_like(u)
        lap[1:-1] = u[2:] - 2 * u[1:-1] + u[:-2]
        u = u + k * lap * (1 + u**2)
        if np.sum(u) > 100:
            break
    return np.sum(u**2)


def descent(x):
    steps = 0
    while np.sum(x**2) > 1e-2 and steps < 5:
        x = x - 0.3 * (x + 0.1 * np.sin(x))
        steps += 1
    return np.sum(np.abs(x)) * steps


def sizes(cam, P):
    q = P[:, :2] * cam[8] + cam[0]
    q[0, 0] += cam[1] * q[1, 1]
    return np.sum(q**2)


@pytest.mark.parametrize(
    ("function", "signature"),
    [
        (stencil, "u: float[:]"),
        (descent, "x: float[:]"),
        (sizes, "cam: float[:], P: float[:, :]"),
    ],
)
def test_loops_and_stores_are_read_back(function, signature):
    text = adjoint.grad(function, signature=signature).source
    report = check_module(text, source_name="f.py", seconds=3.0)
    assert report, str(report)


ROSENBROCK = _saved(
    "x: float[:]", "np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)"
)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("x_bar[1:] += 200.0", "x_bar[1:] += 200.0000001"),
        ("x_bar[1:] += ", "x_bar[1:] = "),
        ("x_bar[1:] += ", "x_bar[1:] -= "),
        ("return y, x_bar", "return y, x_bar[::-1]"),
        ("return y, x_bar", "return 2.0 * y, x_bar"),
        ("np.zeros(x.shape)", "t2"),
    ],
)
def test_a_wrong_module_is_found_out(right, wrong):
    before, sweep, after = ROSENBROCK.partition("# reverse sweep")
    assert right in after
    text = before + sweep + after.replace(right, wrong)
    report = check_module(text, source_name="f.py", seconds=2.0)
    assert not report
    assert "WRONG" in str(report)


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        ("np.zeros(", "np.load(", "`np.load` is no function"),
        ("x.shape", "x.__class__", "`.__class__` is not in a module"),
        ("x.shape", "x.tofile", "`.tofile` is not in a module"),
        ("np.asarray(", "open(", "`open` is no function"),
        ("return y, x_bar", "del y\n    return x_bar", "not in a module"),
        ("return y, x_bar", "return y, [x for x in x_bar if x]", "not in a module"),
        ("return y, x_bar", "np = y\n    return y, x_bar", "that of a function"),
        ("return y, x_bar", "x.T = y\n    return y, x_bar", "be assigned to"),
        ("return y, x_bar", "return y, z_bar", "`z_bar` has no value"),
        ("import numpy as np", "import numpy as np\nimport os", "not in a module"),
        ("Types: x: float[:].", "", "does not say the type of `x`"),
        ("Types: x: float[:].", "Types: x: list.", "is not supported"),
    ],
)
def test_what_no_module_contains_is_refused(right, wrong, message):
    assert right in ROSENBROCK
    with pytest.raises(adjoint.AdjointError, match=message):
        check_module(ROSENBROCK.replace(right, wrong), source_name="f.py", seconds=1.0)


def test_a_loop_without_end_is_given_up():
    text = ROSENBROCK.replace("    return y, x_bar", "    while True:\n        pass")
    assert not check_module(text, source_name="f.py", seconds=1.0)


def test_check_on_the_command_line(tmp_path):
    path = tmp_path / "f.py"
    path.write_text(ROSENBROCK, encoding="utf-8")
    command = ["check", str(path), "--range", "x=1:2", "--seconds", "1"]
    result = CliRunner().invoke(_commands, command, standalone_mode=False)
    assert result.return_value == 0
    assert "right at every point" in result.output
    command[2:4] = ["--range", "y=1:2"]
    result = CliRunner().invoke(_commands, command, standalone_mode=False)
    assert isinstance(result.exception, adjoint.AdjointError)


KINDS = ("jvp", "vjp", "hvp", "jacobian", "hessian", "value,grad,hessian")


def _of_kind(kind, expression):
    function = define(_MODULE.format("x, A", expression))
    signature = "x: float[:], A: float[:, :]"
    return adjoint.Derivative(function, kind, signature=signature).source


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_read_back(kind):
    text = _of_kind(kind, "np.sum(np.sin(A @ x) ** 2) * x[0] + np.prod(x)")
    report = check_module(text, source_name="f.py", seconds=0.5)
    assert report and report.points, str(report)
    # the derivative of a function that differs in the last digits
    other = _of_kind(kind, "np.sum(np.sin(A @ x) ** 2) * x[0] * (1 + 1e-12)")
    primal = text[text.index("def f(x, A)") : text.index("def f_")]
    others = other[other.index("def f(x, A)") : other.index("def f_")]
    wrong = check_module(other.replace(others, primal), source_name="f.py", seconds=0.5)
    assert not wrong


def test_several_results_are_read_back():
    for kind in ("jacobian", "vjp", "jvp", "value,jacobian"):
        text = _of_kind(kind, "(A @ x, np.sum(x)**2)")
        report = check_module(text, source_name="f.py", seconds=0.5)
        assert report and report.points, str(report)
        assert any("y2" in one.label for one in report.components) or kind == "vjp"
    # the derivative of another function
    other = _of_kind("jacobian", "(A @ x, np.sum(x)**2 * (1 + 1e-12))")
    primal = "def f(x, A):\n    return A @ x, x.sum() ** 2\n"
    start = other.index("def f(x, A)", other.index('"""', 3))
    end = other.index("def f_", start)
    assert not check_module(
        f"{other[:start]}{primal}\n\n{other[end:]}", source_name="f.py", seconds=0.5
    )


def test_a_result_that_is_missing_or_too_many_is_found():
    text = _of_kind("jacobian", "(A @ x, np.sum(x)**2)")
    before, _, after = text.rpartition("return ")
    for wrong in (f"{before}return x,\n", f"{before}return ({after.strip()}, x)\n"):
        report = check_module(wrong, source_name="f.py", seconds=0.5)
        assert not report
