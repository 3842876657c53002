"""Functions of NumPy that give several results: one call for all that is used."""

import numpy as np

import adjoint
from adjoint.ir.program import CALL, operation_count
from adjoint.target.shared_calls import with_shared_calls

MATRIX = "A: float[:, :]"


def signed(A):
    sign, t1 = np.linalg.slogdet(A)
    return sign * t1


def logarithm(A):
    return np.linalg.slogdet(A)[1]


def test_one_call_gives_all_that_is_used():
    derivative = adjoint.value_and_grad(signed, signature=MATRIX)
    text = derivative.source
    assert text.count("    sign, t1 = np.linalg.slogdet(A)\n") == 3  # one is the user's
    A = np.array([[1.0, 2.0], [3.0, 4.0]])
    value, gradient = derivative(A)
    assert value == signed(A) and value < 0
    assert np.allclose(gradient, -np.linalg.inv(A).T, rtol=1e-14)


def test_one_result_is_taken_from_its_call():
    text = adjoint.value_and_grad(logarithm, signature=MATRIX).source
    assert "    return np.linalg.slogdet(A)[1]\n" in text


def test_a_call_counts_as_one_operation():
    program = adjoint.grad(signed, signature=MATRIX).primal
    written = with_shared_calls(program)
    (call,) = [op for op in written.body.ops if op.operation is CALL]
    assert len(call.results) == 2
    assert written.primal_ops == program.primal_ops - 1 == len(written.body.ops)
    assert operation_count(written.body) == 2  # the call, and a product
