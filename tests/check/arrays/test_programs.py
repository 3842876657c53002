"""`check` of functions of arrays: right ones hold, and wrong ones are found out."""

import sys
from dataclasses import replace

import numpy as np
import pytest

import adjoint
from adjoint.api import derivative
from adjoint.check.arrays.programs import check_subject
from adjoint.check.arrays.subject import subject_of
from adjoint.check.evidence import check_module
from adjoint.ir.program import Block
from tests.support_functions import define

_MODULE = "import numpy as np\n\ndef f({}):\n    return {}\n"

HOLD = [
    ("x: float[:]", "np.sum(np.sin(x) * x[::-1]) + np.linalg.norm(x) * np.std(x)"),
    ("A: float[:, :], x: float[:]", "x @ np.linalg.solve(A + 9 * np.eye(len(A)), x)"),
    (
        "x: float[:]",
        "np.sum(1.0 - np.tanh(9.0 + x**2))",
    ),  # of which few digits are left
    ("A: float[:, :]", "np.linalg.slogdet(A + 4 * np.eye(len(A)))[1]"),
    ("A: float[:, :]", "np.sum(np.linalg.cholesky(A @ A.T + np.eye(len(A))))"),
    ("A: float[:, :]", "np.linalg.solve(A + 9 * np.eye(3), np.array([1.5, 0, -2]))[1]"),
    ("A: float[:, :]", "np.linalg.solve(A + 9 * np.eye(3), np.array([1, 0, -2]))[1]"),
    ("x: float[:]", "np.linalg.solve(np.array([[2, 1], [1, 3]]), x[:2]) @ x[:2]"),
    (
        "A: float[:, :]",
        "np.linalg.det(A) + np.sum(np.linalg.inv(A + 3 * np.eye(len(A))))",
    ),
    (
        "x: float[:], k: int[:]",
        "np.sum(x[k] ** 2) + np.prod(x) + np.sum(np.cumprod(x))",
    ),
    ("x: float[:]", "np.sum(np.sort(x) * np.arange(len(x))) + np.max(x) + np.median"),
    (
        "A: float[:, :]",
        "np.sum(np.tile(A, 2) ** 2) + np.sum(np.repeat(A, 2, axis=0) ** 3)",
    ),
    (
        "A: float[:, :]",
        "np.sum(np.triu(A) ** 2) + np.trace(A) ** 2 + np.var(A, axis=0)[0]",
    ),
    ("A: float[:, :]", "np.einsum('ij,jk,ki->', A, A, A)"),
]


@pytest.mark.parametrize(("signature", "expression"), HOLD)
def test_holds(signature, expression):
    expression = expression.replace(" + np.median", "")
    names = ", ".join(
        part[0]
        for part in signature.split(", ")
        if part[1:2] == ":" and part[0].isalpha()
    )
    function = define(_MODULE.format(names, expression))
    report = adjoint.value_and_grad(function, signature=signature).check(seconds=1.0)
    assert report, str(report)
    assert report.points


def _report(function, derivative, program, generated):
    """Of a derivative whose program, or whose generated function, is another."""
    subject = subject_of(
        derivative.primal,
        program,
        derivative.kind.split(","),
        derivative.wrt,
        (function, generated),
    )
    return check_subject(subject, {}, seconds=0.5)


def _wrong(derivative):
    """The derivative's program, with one sign the other way round."""
    program = derivative.program
    results = list(program.results)
    op = results[-1].op
    assert op.operation.name in ("mul", "add", "sub")
    swapped = op.copied(op.operands[::-1], ()) if op.operation.name == "sub" else None
    if swapped is None:
        results[-1] = op.operands[-1]
        return replace(program, body=Block(program.body.ops, tuple(results)))
    ops = [swapped if one is op else one for one in program.body.ops]
    return replace(program, body=Block(ops, tuple(results)))


def test_a_wrong_program_is_found_out():
    function = define(_MODULE.format("x", "np.sum(x**3)"))
    found = adjoint.value_and_grad(function, signature="x: float[:]")
    wrong = _wrong(found)
    report = _report(function, found, wrong, found.function)
    assert not report
    assert "slope" in report.components[0].detail


def test_a_wrong_text_is_found_out():
    function = define(_MODULE.format("x", "np.sum(x**3)"))
    found = adjoint.value_and_grad(function, signature="x: float[:]")

    def wrong(x):
        value, gradient = found(x)
        gradient[-1] *= 1 + 1e-6
        return value, gradient

    report = _report(function, found, found.program, wrong)
    assert not report
    assert "is right" in report.components[0].detail


def test_no_point():
    function = define(_MODULE.format("x", "np.sum(np.log(-1 - x**2))"))
    report = adjoint.grad(function, signature="x: float[:]").check(seconds=1)
    assert not report
    assert "no point" in str(report)


def test_ranges_are_for_elements():
    function = define(_MODULE.format("x", "np.sum(np.log(x - 8))"))
    found = adjoint.grad(function, signature="x: float[:]")
    assert found.check(ranges={"x": (9.0, 10.0)})
    assert np.isfinite(found(np.array([9.5]))).all()


KINDS = [
    ("jvp", 1),
    ("vjp", 2),
    ("hvp", 2),
    ("jacobian", 2),
    ("hessian", 4),
    ("value,grad,hessian", 6),
    ("value,jvp", 1),
]
_TWO = "x: float[:], A: float[:, :]"
_NUMBER = "np.sum(np.sin(A @ x) ** 2) * x[0]"


@pytest.mark.parametrize(("kind", "count"), KINDS)
def test_every_kind_holds(kind, count):
    function = define(_MODULE.format("x, A", _NUMBER))
    report = derivative(function, kind, signature=_TWO).check(seconds=0.5)
    assert report, str(report)
    assert report.points and len(report.components) == count


@pytest.mark.parametrize(("kind", "count"), [("jvp", 2), ("vjp", 2), ("jacobian", 4)])
def test_several_results_hold(kind, count):
    function = define(_MODULE.format("x, A", "(np.sin(A @ x), np.sum(A) * x)"))
    report = derivative(function, kind, signature=_TWO).check(seconds=0.5)
    assert report, str(report)
    assert report.points and len(report.components) == count


@pytest.mark.parametrize(
    "returned", ["np.outer(x, x) * x[0]", "np.array([x @ x, x[0]])"]
)
def test_hessian_of_an_array_holds(returned):
    function = define(_MODULE.format("x", returned))
    report = adjoint.hessian(function, signature="x: float[:]").check(seconds=0.5)
    assert report and report.points


@pytest.mark.parametrize(("kind", "count"), KINDS)
def test_the_derivative_of_another_function_is_found_out(kind, count):
    """Both the program and the generated function are of one that differs little."""
    function = define(_MODULE.format("x, A", _NUMBER))
    other = define(_MODULE.format("x, A", f"{_NUMBER} * (1 + 1e-12 * A[1, 1])"))
    right = derivative(function, kind, signature=_TWO)
    wrong = derivative(other, kind, signature=_TWO)
    report = _report(function, right, wrong.program, wrong.function)
    assert not report
    assert any(one.status == "wrong" for one in report.components)


@pytest.mark.parametrize(("kind", "count"), KINDS)
def test_wrong_floats_are_found_out(kind, count):
    function = define(_MODULE.format("x, A", _NUMBER))
    right = derivative(function, kind, signature=_TWO)

    def wrong(*given):
        def moved(part):
            if isinstance(part, tuple):
                return tuple(map(moved, part))
            return part * (1 + 1e-6)

        return moved(right.function(*given))

    assert not _report(function, right, right.program, wrong)


def test_another_shape_is_found_out():
    function = define(_MODULE.format("x", "np.sum(x**3)"))
    right = adjoint.hessian(function, signature="x: float[:]")
    flat = adjoint.grad(function, signature="x: float[:]")
    report = _report(function, right, flat.program, flat.function)
    assert not report


def test_without_numpy_the_extra_is_named(monkeypatch):
    total = define("def f(x: list[float]):\n    return sum([v * v for v in x])\n")
    derivatives = adjoint.grad(total), adjoint.grad("x**2", target="numpy")
    monkeypatch.setitem(sys.modules, "numpy", None)
    for one in derivatives:
        with pytest.raises(adjoint.AdjointError, match=r"adjoint\[numpy\]"):
            one.check()


def state_change(s, u):
    """The change of a state of 13 numbers, read one by one."""
    return np.array([s[3] * s[12], s[6] * s[7] - u[1], np.sin(s[11]) * u[3]])


def test_vectors_are_long_enough_for_what_is_read_of_them(tmp_path):
    derivative = adjoint.jacobian(state_change)
    report = derivative.check()
    assert report and report.points
    path = tmp_path / "change.py"
    derivative.save(path)
    wrong = path.read_text().replace("np.cos(", "np.sin(")
    assert wrong != path.read_text()
    for text, right in ((path.read_text(), True), (wrong, False)):
        assert bool(check_module(text, source_name="change.py")) == right


def standardised(a):
    return np.sum((a - np.mean(a)) / (np.std(a) + 1.0))


def test_a_derivative_that_is_zero_is_right_where_digits_leave_a_rest():
    """In 50 digits it is 1e-51 or so, and in floats 0 or 1e-17."""
    assert adjoint.grad(standardised, signature="a: float[:]").check()
