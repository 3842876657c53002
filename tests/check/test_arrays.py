"""`check` of functions of arrays: right ones hold, and wrong ones are found out."""

from dataclasses import replace

import numpy as np
import pytest

import adjoint
from adjoint.check.arrays import check_arrays
from adjoint.ir.program import Block
from tests.support_functions import define

_MODULE = "import numpy as np\n\ndef f({}):\n    return {}\n"

HOLD = [
    ("x: float[:]", "np.sum(np.sin(x) * x[::-1]) + np.linalg.norm(x) * np.std(x)"),
    ("A: float[:, :], x: float[:]", "x @ np.linalg.solve(A + 9 * np.eye(len(A)), x)"),
    ("A: float[:, :]", "np.linalg.slogdet(A + 4 * np.eye(len(A)))[1]"),
    ("A: float[:, :]", "np.sum(np.linalg.cholesky(A @ A.T + np.eye(len(A))))"),
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
    derivative = adjoint.value_and_grad(function, signature="x: float[:]")
    wrong = _wrong(derivative)
    report = check_arrays(
        derivative.primal, wrong, True, ["x"], derivative.function, {}
    )
    assert not report
    assert "slope" in report.components[0].detail


def test_a_wrong_text_is_found_out():
    function = define(_MODULE.format("x", "np.sum(x**3)"))
    derivative = adjoint.value_and_grad(function, signature="x: float[:]")

    def wrong(x):
        value, gradient = derivative(x)
        gradient[-1] *= 1 + 1e-6
        return value, gradient

    report = check_arrays(derivative.primal, derivative.program, True, ["x"], wrong, {})
    assert not report
    assert "is right" in report.components[0].detail


def test_no_point():
    function = define(_MODULE.format("x", "np.sum(np.log(-1 - x**2))"))
    report = adjoint.grad(function, signature="x: float[:]").check(seconds=1)
    assert not report
    assert "no point" in str(report)


def test_ranges_are_for_elements():
    function = define(_MODULE.format("x", "np.sum(np.log(x - 8))"))
    derivative = adjoint.grad(function, signature="x: float[:]")
    assert derivative.check(ranges={"x": (9.0, 10.0)})
    assert np.isfinite(derivative(np.array([9.5]))).all()
