"""Eigenvalues, singular values and orthogonal factors: derivatives, and their text.

Vectors have no sign of their own; LAPACK's may change as a matrix moves. So they stand
in even powers, or with the sign of one of their elements taken away.
"""

import numpy as np
import pytest

import adjoint
from adjoint.check.evidence import check_module
from tests.support_arrays import along, differences
from tests.support_functions import define

MATRIX = "A: float[:, :]"

SYMMETRIC = """
    np.sum(np.linalg.eigvalsh(A) ** 3 * np.arange(1, len(A) + 1))
    np.sum(np.sin(np.linalg.eigh(A)[0]))
    np.sum(np.linalg.eigh(A)[1] ** 2 @ np.arange(1, len(A) + 1) * A[0])
    even(A)
    turned(A)
    np.sum(np.sin(np.linalg.cholesky(A @ A + np.eye(len(A)))))
    """
GENERAL = """
    np.sum(np.sin(np.linalg.svd(A, compute_uv=False)))
    all_three(A)
    np.sum(np.linalg.svd(A, full_matrices=False)[0] ** 2 * A[:, :1])
    np.sum(np.linalg.svd(A, full_matrices=False)[2] ** 2 * A[:1])
    polar(A)
    np.linalg.norm(A, "nuc")
    np.linalg.norm(A, 2)
    np.linalg.norm(A, "fro") * np.linalg.norm(A, ord="fro", axis=(0, 1))
    np.linalg.norm(A, 1) * np.linalg.norm(A, np.inf)
    np.linalg.cond(A)
    np.sum(np.sin(np.linalg.pinv(A)))
    np.sum(np.linalg.lstsq(A, A[:, 0] + 1, rcond=None)[0] ** 3)
    np.sum(np.linalg.lstsq(A, np.sin(A))[0] ** 3)
    np.sum(np.linalg.multi_dot([A, A.T, A]) ** 2) / 100
    np.linalg.multi_dot([A[0], A.T, A, A[0]]) ** 2 / 100
    """
TALL = """
    np.sum(np.sin(np.linalg.qr(A)[0]))
    np.sum(np.linalg.qr(A)[1] ** 3)
    factors(A)
    np.sum(np.linalg.qr(A, mode="reduced")[0] @ np.linalg.qr(A)[1]) ** 2
    """
SQUARE = """
    np.sum(np.sin(np.linalg.matrix_power(A / 4, 2)))
    np.sum(np.sin(np.linalg.matrix_power(A / 4, 3)))
    np.sum(np.linalg.matrix_power(A / 4, 11) + np.linalg.matrix_power(A, 1))
    np.sum(np.linalg.matrix_power(A, -3) + np.linalg.matrix_power(A, 0)) * A[0, 0]
    """
TEXT = """\
import numpy as np

def even(A):
    w, V = np.linalg.eigh(A)
    return np.sum(np.sin(w) * V ** 2 * np.arange(1, len(V) + 1)[:, None])

def turned(A):
    w, V = np.linalg.eigh(A)
    V = V * np.sign(V[0])
    return np.sum(np.sin(w) * V ** 3) + V[0, 0]

def all_three(A):
    U, s, Vt = np.linalg.svd(A, full_matrices=False)
    U, Vt = U * np.sign(U[0]), Vt * np.sign(Vt[:, :1])
    return np.sum(np.sin(U * s)) + np.sum(s[:, None] * Vt ** 3) + U[0, 0] * Vt[0, 0]

def factors(A):
    Q, R = np.linalg.qr(A)
    return np.sum(np.sin(Q) * np.diag(R)) + R[0, -1] ** 2

def polar(A):
    U, s, Vt = np.linalg.svd(A, full_matrices=False)
    return np.sum(np.sin(U @ Vt)) * s[0]

def f(A):
    return {}
"""


def _cases(text, *shapes):
    lines = [line.strip() for line in text.strip().splitlines()]
    return [(line, shape) for line in lines for shape in shapes]


def _data(shape, symmetric):
    """A matrix, and a direction; eigenvalues and singular values stand well apart."""
    rng = np.random.default_rng(3)
    direction = rng.normal(size=shape)
    if symmetric:
        Q = np.linalg.qr(rng.normal(size=shape))[0]
        return Q * np.arange(1.0, len(Q) + 1) @ Q.T, direction + direction.T
    rest = min(shape)
    U = np.linalg.qr(rng.normal(size=(shape[0], rest)))[0]
    V = np.linalg.qr(rng.normal(size=(shape[1], rest)))[0]
    return U * (1 + np.arange(rest)[::-1]) @ V.T, direction


def _symmetrised(function):
    return lambda A: function(0.5 * (A + A.T))


def _check(function, A, direction, of=None):
    """Value, gradient, tangent and product of the Hessian; differences are ``of``."""
    of = of or function
    value, gradient = adjoint.value_and_grad(function, signature=MATRIX)(A)
    assert value == function(A)
    right = differences(of, (A,), 0, 2.0**-11)
    assert gradient.shape == A.shape
    assert np.allclose(gradient, right, rtol=1e-8, atol=1e-8)
    value, tangent = adjoint.jvp(function, signature=MATRIX)(A, direction)
    assert value == function(A)
    assert np.isclose(tangent, np.sum(right * direction), rtol=1e-8, atol=1e-8)
    product = adjoint.hvp(function, signature=MATRIX)(A, direction)
    slope = adjoint.grad(function, signature=MATRIX)
    small = 0.1 * direction
    assert np.allclose(product, 10 * along(slope, (A,), (small,)), rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize(
    ("expression", "shape"), _cases(SYMMETRIC, (1, 1), (2, 2), (4, 4))
)
def test_of_symmetric_matrices(expression, shape):
    function = define(TEXT.format(expression))
    A, direction = _data(shape, symmetric=True)
    A = 0.5 * (A + A.T)
    if "A[0]" in expression:  # which reads more than a symmetric matrix
        expression = expression.replace("* A[0]", "* (A[0] + A[:, 0])")
        function = define(TEXT.format(expression))
    _check(function, A, direction, _symmetrised(function))


@pytest.mark.parametrize(
    ("expression", "shape"),
    _cases(GENERAL, (1, 1), (2, 2), (4, 4), (4, 2), (2, 4))
    + _cases(TALL, (1, 1), (2, 2), (4, 4), (4, 2))
    + _cases(SQUARE, (1, 1), (2, 2), (4, 4)),
)
def test_of_matrices(expression, shape):
    A, direction = _data(shape, symmetric=False)
    _check(define(TEXT.format(expression)), A, direction)


def iterated(A, n: int):
    total, B = 0.0, A
    for _ in range(n):
        w, V = np.linalg.eigh(B)
        total += np.sum(np.sin(w) * V[0] ** 2)
        B = A + 0.1 * V @ np.diag(np.tanh(w)) @ V.T
    return total


def power(A, n: int):
    x = A[0]
    for _ in range(n):
        U, s, Vt = np.linalg.svd(A + 0.1 * np.outer(x, x), full_matrices=False)
        x = Vt[0] * np.sign(Vt[0, 0]) * s[0] + U[:, 0] ** 2
    return np.sum(x)


def by_sides(A):
    w, V = np.linalg.eigh(A)
    if w[0] > 1.5:
        result = np.sum(w**2)
    else:
        result = np.sum(V[0] ** 4 * w)
    return result


def stored(A):
    w, V = np.linalg.eigh(A)
    V[0] = V[0] ** 2
    w2, V2 = np.linalg.eigh(A)
    V2[1] = 2.0 * w2
    w[0] = 3.0 * w[0]
    return np.sum(V * V) + np.sum(V2 * V2) + np.sum(w) * np.sum(w2)


def renamed(A):
    w = np.linalg.eigh(A)[0]
    V = w * 2.0
    t1 = np.sum(V)
    V = np.linalg.eigh(A)[1]
    w = w + V[0] ** 2
    return np.sum(w**2) + t1


@pytest.mark.parametrize("function", [iterated, power, by_sides, stored, renamed])
@pytest.mark.parametrize("shift", [0.0, 1.0])
def test_of_functions_with_statements(function, shift):
    signature = f"{MATRIX}, n: int" if function in (iterated, power) else MATRIX
    rest = (3,) if "n: int" in signature else ()
    A, direction = _data((3, 3), symmetric=True)
    A = 0.5 * (A + A.T) + shift * np.eye(3)
    symmetric = function is not power
    given = {"wrt": "A", "signature": signature}

    def of(A):
        return function(0.5 * (A + A.T) if symmetric else A, *rest)

    value, gradient = adjoint.value_and_grad(function, **given)(A, *rest)
    assert value == function(A.copy(), *rest)
    assert np.allclose(gradient, differences(of, (A,), 0, 2.0**-11), 1e-8, 1e-8)
    slope = adjoint.grad(function, **given)
    product = adjoint.hvp(function, **given)(A, *rest, direction)
    expected = 10 * along(lambda A: slope(A, *rest), (A,), (0.1 * direction,))
    assert np.allclose(product, expected, rtol=1e-7, atol=1e-7)


def test_several_results():
    """Against the closed form: ``dw_i = v_i . dA v_i`` (and a change of sign of V)."""

    def both(A):
        w, V = np.linalg.eigh(A)
        return w, V * V

    A, direction = _data((3, 3), symmetric=True)
    V = np.linalg.eigh(A)[1]
    of_values, of_vectors = adjoint.jacobian(both, signature=MATRIX)(A)
    expected = np.einsum("ai,bi->iab", V, V)
    assert np.allclose(of_values, expected, rtol=1e-12, atol=1e-12)
    moved = np.einsum("abcd,cd->ab", of_vectors, direction)
    right = 10 * along(lambda A: both(A)[1], (A,), (0.1 * direction,))
    assert np.allclose(moved, right, rtol=1e-9, atol=1e-9)


def test_a_hessian_has_its_closed_form():
    """That of tr(A**3) is 3(AD + DA)."""

    def cubes(A):
        return np.sum(np.linalg.eigvalsh(A) ** 3)

    A, D = _data((3, 3), symmetric=True)
    hessian = adjoint.hessian(cubes, signature=MATRIX)(A)
    found = np.einsum("abcd,cd->ab", hessian, D)
    assert np.allclose(found, 3 * (A @ D + D @ A), rtol=1e-11, atol=1e-11)


def test_pseudo_inverses_of_matrices_that_keep_a_lower_rank():
    def rank_one(x):
        return np.sum(np.sin(np.linalg.pinv(np.outer(x, x) + np.outer(x**2, x))))

    x = np.array([1.0, 2.0, -0.5])
    slope = adjoint.grad(rank_one, signature="x: float[:]")(x)
    assert np.allclose(slope, differences(rank_one, (x,), 0), rtol=1e-9, atol=1e-9)


# -- equal values


def squares(A):
    return np.sum(np.linalg.eigh(A)[0] ** 2)


def first_vector(A):
    return np.linalg.eigh(A)[1][0, 0] ** 4


def greatest_vector(A):
    return np.sum(np.linalg.eigh(A)[1][:, 2] ** 4)


def nuclear(A):
    return np.linalg.norm(A, "nuc")


def spectral(A):
    return np.linalg.norm(A, 2)


@pytest.mark.parametrize("function", [squares, by_sides])
def test_equal_eigenvalues_do_no_harm_where_no_vector_is_used(function):
    A = 2.0 * np.eye(3)  # the sum of squares is that of all elements
    assert np.array_equal(adjoint.grad(function, signature=MATRIX)(A), 2.0 * A)


def test_the_derivative_of_a_vector_is_not_there_where_eigenvalues_are_equal():
    slope = adjoint.grad(first_vector, signature=MATRIX)
    with np.errstate(divide="ignore", invalid="ignore"):
        assert not np.isfinite(slope(np.eye(2))).all()


def test_equal_eigenvalues_of_other_vectors_do_no_harm():
    """A turn of the two vectors that have one eigenvalue does not matter."""
    A = np.diag([1.0, 1.0, 2.0])
    slope = adjoint.grad(greatest_vector, signature=MATRIX)(A)
    right = differences(_symmetrised(greatest_vector), (A,), 0, 2.0**-9)
    assert np.allclose(slope, right, rtol=1e-9, atol=1e-9)


def test_second_derivatives_are_not_wrong_where_eigenvalues_are_equal():
    """That of the sum of squares is there, and the formula does not find it."""
    product = adjoint.hvp(squares, signature=MATRIX)
    direction = np.array([[1.0, 2.0], [2.0, 0.5]])
    with np.errstate(divide="ignore", invalid="ignore"):
        found = product(np.eye(2), direction)
    assert np.isnan(found).all() or np.allclose(found, 2.0 * direction)


@pytest.mark.parametrize(
    ("function", "A", "expected"),
    [  # the subgradients of minimum norm
        (nuclear, np.zeros((2, 3)), np.zeros((2, 3))),
        (spectral, np.zeros((2, 3)), np.zeros((2, 3))),
        (nuclear, np.diag([3.0, 0.0]), np.diag([1.0, 0.0])),
        (spectral, np.eye(4), np.eye(4) / 4),
    ],
)
def test_kinks_of_norms(function, A, expected):
    assert np.allclose(adjoint.grad(function, signature=MATRIX)(A), expected)


# -- check


@pytest.mark.parametrize(
    "returned",
    [
        "np.sum(np.linalg.cholesky(A) * A)",
        "np.sum(np.linalg.eigvalsh(A) ** 3)",
        "even(A)",
        "np.sum(np.linalg.eigh(A + A.T)[1][0])",
        "np.sum(np.linalg.svd(A, full_matrices=False)[0]) + np.linalg.norm(A, 'nuc')",
        "np.linalg.cond(A) + np.linalg.norm(A, 2)",
        "np.sum(np.linalg.qr(A)[0] ** 3) + np.linalg.qr(A)[1][0, 1]",
        "np.sum(np.linalg.pinv(A) ** 2) + np.sum(np.linalg.lstsq(A, A[:, 0])[0])",
        "np.linalg.multi_dot([A[0], A.T, A, A[0]])",
    ],
)
def test_check_in_fifty_digits(returned):
    function = define(TEXT.format(returned))
    derivative = adjoint.value_and_grad(function, signature=MATRIX)
    report = derivative.check(seconds=2.0)
    assert report and report.points, str(report)
    text = derivative.source
    report = check_module(text, source_name="f.py", seconds=2.0)
    assert report and report.points, str(report)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("0.5 * (t6 - t6.T)", "0.5 * (t6 + t6.T)"),
        ("w[None] - w[:, None]", "w[None] + w[:, None]"),
        ("V * w_bar", "V / w_bar"),
        (
            "    w, V = np.linalg.eigh(A)\n    t1",
            "    V, w = np.linalg.eigh(A)\n    t1",
        ),
    ],
)
def test_a_wrong_module_is_found_out(right, wrong):
    def f(A):
        w, V = np.linalg.eigh(A)
        return np.sum(np.sin(w) * V[0] ** 2)

    text = adjoint.value_and_grad(f, signature=MATRIX).source
    assert text.count(right) == 1
    text = text.replace(right, wrong)
    assert not check_module(text, source_name="f.py", seconds=2.0)


# -- what is refused


@pytest.mark.parametrize(
    ("returned", "message"),
    [
        ("np.linalg.svd(A)[1][0]", "`full_matrices=False`, or `compute_uv=False`"),
        ("np.linalg.eigh(A, UPLO='U')[0][0]", "the lower triangle"),
        ("np.linalg.eigvalsh(A[None])[0, 0]", "that of one matrix"),
        ("np.linalg.norm(A, 3)", "order of the norm of a matrix"),
        ("np.linalg.norm(A, 'nuc', keepdims=True)[0, 0]", "one matrix here"),
        ("np.linalg.norm(A[0], 'fro')", "the order of a norm is"),
        ("np.linalg.cond(A, 1)", "by the norm 2"),
        ("np.linalg.pinv(A, 1e-3)[0, 0]", "takes 1 argument"),
        ("np.linalg.matrix_power(A, 1.5)[0, 0]", "written as a whole number"),
        ("np.linalg.multi_dot([A])[0, 0]", "two or more matrices"),
        ("np.linalg.lstsq(A, A[0])[3][0]", "nothing but the solution"),
        ("np.linalg.lstsq(A, A[0])", "nothing but the solution"),
        ("np.linalg.lstsq(A, A[0], rcond=0.1)[0][0]", "`rcond` of `lstsq` is None"),
        ("np.linalg.qr(A, mode='complete')[0][0, 0]", "mode of `np.linalg.qr`"),
        ("np.linalg.qr(np.ones((2, 3)) * A[0, 0])[1][0, 0]", "more columns than rows"),
        ("scipy.linalg.cholesky(A)[0, 0]", "SciPy gives the upper factor"),
        ("scipy.linalg.eigh(A)[0][0]", "`scipy.linalg.eigh` is not supported"),
    ],
)
def test_what_is_refused(returned, message):
    function = define("import scipy.linalg\n" + TEXT.format(returned))
    with pytest.raises(adjoint.AdjointError, match=message):
        adjoint.jvp(function, signature=MATRIX)


def test_a_matrix_that_is_wide_has_no_derivative_of_its_factors():
    function = define(TEXT.format("np.sum(np.linalg.qr(A)[1])"))
    A = np.arange(6.0).reshape(2, 3)
    with pytest.raises(np.linalg.LinAlgError, match="square"):
        adjoint.grad(function, signature=MATRIX)(A)
