"""Functions of NumPy that give several results: one call for all that is used."""

import numpy as np

import adjoint
from adjoint.ir.program import CALL, operation_count
from adjoint.target.arrays.shared_calls import with_shared_calls
from tests.support_arrays import along

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


def test_one_call_serves_the_function_and_its_sweeps():
    def f(A):
        w, V = np.linalg.eigh(A)
        return np.sum(w * V[0] ** 2)

    text = adjoint.value_and_grad(f, signature=MATRIX).source
    assert text.count("    w, V = np.linalg.eigh(A)\n") == 3  # one is the user's
    assert text.count("eigh(") == 4  # and one is a note
    text = adjoint.hvp(f, signature=MATRIX).source
    _, product = text.split("def f_hvp")
    lines = [line.split("#")[0] for line in product.splitlines()]
    assert sum("eigh(" in line for line in lines) == 1


def test_what_is_not_used_of_a_call_has_no_name():
    def f(A):
        U, _s, Vt = np.linalg.svd(A, full_matrices=False)
        return U[0, 0] * np.sum(Vt)

    text = adjoint.value_and_grad(f, signature=MATRIX).source
    assert "    U, _, Vt = np.linalg.svd(A, full_matrices=False)\n    return" in text


def test_singular_values_that_a_tangent_sweep_and_a_reverse_sweep_need():
    """The two sweeps, with a branch in them, have the vectors of one call."""

    def f(A):
        return np.linalg.norm(A, "nuc") * np.linalg.norm(A)

    A = np.array([[2.0, 0.5], [-1.0, 1.5], [0.25, 3.0]])
    direction = np.cos(A)
    product = adjoint.hvp(f, signature=MATRIX)
    assert product.source.count("full_matrices") == 1
    slope = adjoint.grad(f, signature=MATRIX)
    expected = 10 * along(slope, (A,), (0.1 * direction,))
    assert np.allclose(product(A, direction), expected, rtol=1e-8, atol=1e-8)
