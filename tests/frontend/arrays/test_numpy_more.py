"""More functions of NumPy that are made of others: where, of which, in what order.

Values are compared with NumPy's own, to the bit; derivatives with differences.
"""

import numpy as np
import pytest

import adjoint
from tests.frontend.arrays.test_numpy_library import POINT, SIGNATURE, A, X, compare
from tests.support_arrays import differences
from tests.support_functions import define

#: What stands behind ``return``, of a vector x of 4 and a matrix A of 4 by 4.
EXPRESSIONS = """\
np.sum(np.geomspace(1.0, 8.0, 4) * x)
np.sum(np.geomspace(x[0], x[3], 5) ** 2)
np.sum(np.geomspace(-x[0], -x[3], 5) ** 2)
np.sum(np.logspace(0, x[0], 4) * x) + np.sum(np.logspace(0, 2, 4, base=2.0) * x)
np.sum(np.take_along_axis(A, np.argsort(A, axis=1), axis=1) * x)
np.sum(np.take_along_axis(A, np.argsort(A, axis=0)[:2], axis=0) * x)
np.sum(np.take_along_axis(x, np.argsort(x), axis=0) * A)
np.sum(np.insert(x, 1, x[0]) ** 2 * np.arange(5)) + np.sum(np.insert(x, -1, 3.0) ** 3)
np.sum(np.insert(A, 2, x, axis=1) ** 2 * np.arange(5)) + np.sum(np.insert(A, 4, 2.0, axis=0) ** 3)
np.sum(np.delete(x, 1) ** 2) + np.sum(np.delete(x, -4) ** 3) + np.sum(np.delete(A, 1, axis=0) ** 2)
np.sum(np.delete(x, [0, 2]) ** 2) + np.sum(np.delete(A, [1, -1], axis=1) ** 2)
np.sum(np.tri(4) * A) + np.sum(np.tri(4, 3, -1) * A[:, :3])
np.sum(A[np.tril_indices(4)] ** 2) + np.sum(A[np.triu_indices(4, 1)] ** 3)
np.sum(A[:, :3][np.tril_indices(4, -1, 3)] ** 2) + np.sum(A[np.triu_indices_from(A, k=-1)] ** 3)
np.sum(A[np.tril_indices_from(A)] ** 2 * np.arange(10))
np.sum(x[np.nonzero(x > 0)] ** 2) + np.sum(x[np.flatnonzero(x > 0)] ** 3)
np.sum(A[np.where(A > 0)] ** 2) + np.sum(x[np.where(x < 0)[0]] ** 3)
np.sum(np.argwhere(A > 0) * x[0]) + np.sum(np.extract(A > 0, A) ** 2)
np.sum(np.maximum.accumulate(x) ** 2) + np.sum(np.minimum.accumulate(A, axis=1) ** 2)
np.sum(np.maximum.accumulate(A) ** 2 * x) + np.sum(np.maximum.accumulate(A, axis=-1) ** 3)
np.sum(np.polyfit(x, A[0], 2) ** 2)
np.polyfit(x, A[0], 1)[0] ** 2
np.sum(np.polyfit(x, A[0], 1, w=A[1] ** 2) * np.array([1.0, 2.0]))
np.sum(np.polyfit(x, A, 2) ** 2)
np.sum(np.vander(x - x[1]) ** 2) + np.sum(np.vander(x, 6, increasing=True) ** 3)
np.sum(np.polyder([1.0, x[0], 2.0]) ** 2) + np.sum(np.polyint(x) ** 2)
np.sum(np.c_[x, A[0]] ** 2) + np.sum(np.c_[x, A, 2.0 * x] ** 2 * np.arange(6))
np.sum(np.r_[x, 1.0, A[0]] ** 2 * np.arange(9)) + np.sum(np.r_[A, A * x] ** 2)
np.sum(np.block([[A, A], [A, x[:, None] * A]]) ** 2)
np.sum(np.block([x, 2.0, x]) ** 2) + np.sum(np.block([[A, x[:, None]], [x, 1.0]]) ** 2)
np.einsum("ii->", A) ** 2 + np.sum(np.einsum("ii->i", A) * x)
np.einsum("ii,i->", A, x) + np.einsum("ii", A) + np.einsum("ii,jj->", A, A)
np.einsum("ij,ii->", A, A) ** 2
np.sum(np.piecewise(x, [x < 0, x >= 1], [lambda v: v * v, lambda v: v**3]))
np.sum(np.piecewise(x, [x < 0, x >= 1], [0.0, 1.0, lambda v: 2 * v]) * x)
np.sum(np.piecewise(A, [A < 0, A < 1], [lambda v: v * v, lambda v: v**3 + 1, 2]) ** 2)
np.sum(np.apply_along_axis(np.sum, 1, A) ** 2)
np.sum(np.apply_along_axis(lambda r: r[0] * np.sum(r), 0, A) ** 2)
np.sum(np.bincount([0, 2, 2, 1], weights=x, minlength=5) ** 2)
np.sum(np.bincount(np.array([0, 2, 2, 1]), weights=x) ** 2)
np.percentile(x, [25, 75])[0] ** 2 + np.sum(np.quantile(A, (0.25, 0.5), axis=0) ** 2)
np.nanmax(x) ** 2 + np.nanmin(A) ** 2 + np.sum(np.nanmax(A, axis=1) ** 2)
np.nanstd(x) + np.nanvar(x) + np.sum(np.nanvar(A, axis=0, ddof=1) ** 2) + np.sum(np.nanstd(A, axis=1))
np.nanprod(x) ** 2 + np.sum(np.nancumsum(x) ** 2) + np.sum(np.nancumsum(A, axis=1) ** 2)
np.corrcoef(A)[0, 1] ** 2 + np.corrcoef(A, rowvar=False)[1, 2]
np.sum(np.signbit(x) * x) + np.sum(np.isclose(x, 1.6, rtol=0.1) * x) + np.allclose(x, x + 1e-9) * x[0]
np.array_equal(x, x) * x[0] + np.array_equal(x, A) * x[1] + np.array_equal(x, A[0]) * x[2]
np.sum(np.isin(np.arange(4), [1, 2]) * x)
np.sum(np.hanning(4) * x) + np.sum(np.hamming(4) * x) + np.sum(np.hanning(1) * x)
np.finfo(float).eps * x[0] + np.finfo(np.float64).tiny + x[1] * np.finfo(float).resolution
np.sum(x, dtype=float) ** 2 + A.sum(axis=1, dtype=np.float64)[0]""".splitlines()


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_value_and_derivatives(expression):
    compare(expression)


@pytest.mark.parametrize(
    "arguments",
    ["A, A, 1", "A, x, 1", "x, x, 1", "A, A.T, 2", "x, A, 0", "A, A, axes=(0, -1)"]
    + [
        "D, A, axes=([0, 1], [1, 0])",
        "D, D, axes=((2, 0), (2, 0))",
        "D, x, axes=(1, 0)",
    ],
)
def test_contractions_to_the_bit(arguments):
    # as products of matrices, which einsum adds in another order
    f = _function(
        f"D = A[:, :, None] * A * x\n    return np.sum(np.tensordot({arguments}) ** 2)"
    )
    rng = np.random.default_rng(7)
    point = [rng.normal(size=9), rng.normal(size=(9, 9))]
    value, gradient = adjoint.value_and_grad(f, signature=SIGNATURE)(*point)
    assert value == f(*point)
    for at in (0, 1):
        assert gradient[at] == pytest.approx(differences(f, point, at), rel=1e-7)


def test_contractions_of_other_lengths():
    f = _function("return np.sum(np.tensordot(A, A.T, 2))")
    for g in (f, adjoint.grad(f, signature=SIGNATURE)):
        with pytest.raises(ValueError, match="shape-mismatch"):
            g(X, A[:, :2])


def _function(body):
    return define(f"import numpy as np\n\n\ndef f(x, A):\n    {body}\n")


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_the_value_is_numpys(expression):
    f = _function(f"return {expression}")
    assert adjoint.value_and_grad(f, signature=SIGNATURE)(X, A)[0] == f(X, A)


@pytest.mark.parametrize("expression", EXPRESSIONS[::5])
def test_what_is_saved_is_right(expression):
    f = _function(f"return {expression}")
    assert adjoint.value_and_grad(f, signature=SIGNATURE).check()


def test_a_tie_of_the_greatest_so_far_is_shared():
    f = _function("return np.sum(np.maximum.accumulate(x) * A[0])")
    row, weights = np.array([1.0, 1.0, 0.5]), np.array([[1.0, 2.0, 4.0]])
    gradient = adjoint.grad(f, "x", signature=SIGNATURE)(row, weights)
    assert gradient.tolist() == [1.0 + 0.5 * 6.0, 0.5 * 6.0, 0.0]


@pytest.mark.parametrize(
    "expression",
    [
        "np.insert(A, 3, x, axis=1)",
        "np.delete(A, 3, axis=1)",
        "np.delete(A, [3, -1], axis=1)",
        "np.maximum.accumulate(A, axis=1)",
        "np.vander(x, 12)",
        "np.take_along_axis(A, np.argsort(A, axis=1), axis=1)",
    ],
)
def test_the_order_in_memory_is_numpys(expression):
    # a sum goes through an array as it lies there
    f = _function(f"return np.sum({expression})")
    rng = np.random.default_rng(3)
    row, matrix = rng.normal(size=61), rng.normal(size=(61, 61))
    assert adjoint.value_and_grad(f, signature=SIGNATURE)(row, matrix)[0] == f(
        row, matrix
    )


def test_nothing_but_nan():
    f = _function("return np.nanmax(x)")
    with np.errstate(all="ignore"), pytest.warns(RuntimeWarning, match="All-NaN"):
        assert np.isnan(f(np.array([np.nan]), A))
    value, gradient = adjoint.value_and_grad(f, "x", signature=SIGNATURE)([np.nan], A)
    assert np.isnan(value) and gradient.tolist() == [0.0]


def test_a_power_of_zero():
    f = _function("return np.sum(np.vander(x, 4) * A[:3])")
    row = np.array([0.0, 2.0, -1.0])
    gradient = adjoint.grad(f, "x", signature=SIGNATURE)(row, A)
    expected = 3 * row**2 * A[:3, 0] + 2 * row * A[:3, 1] + A[:3, 2]
    assert gradient == pytest.approx(expected, rel=1e-14)


def test_nan_is_left_out():
    f = _function("return np.nanmax(x) * np.nanvar(x) * np.nanprod(x) + np.nanmin(x)")
    row = np.array([2.0, np.nan, 0.5, 1.25])
    value, gradient = adjoint.value_and_grad(f, "x", signature=SIGNATURE)(row, A)
    assert value == f(row, A)
    g = _function("return np.max(x) * np.var(x) * np.prod(x) + np.min(x)")
    expected = differences(g, [row[[0, 2, 3]], A], 0)
    assert gradient[1] == 0.0
    assert gradient[[0, 2, 3]] == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    "call", ["insert(x, 5, 1.0)", "delete(x, 4)", "delete(x, [0, -5])"]
)
def test_places_out_of_bounds(call):
    f = _function(f"return np.sum(np.{call})")
    for g in (lambda: f(X, A), lambda: adjoint.grad(f, "x", signature=SIGNATURE)(X, A)):
        with pytest.raises(IndexError, match="out of bounds"):
            g()


VIEWS = {
    "a vector": "y = np.atleast_1d(z)\n    y[0] = x[1] ** 2",
    "a copy": "y = np.atleast_2d(z).copy()\n    y[0, 0] = x[1] ** 2",
    "items behind a star": "u = (z, x)\n    y, *_ = (*u, A)\n    y[0] = x[1] ** 2",
}


@pytest.mark.parametrize("name", VIEWS)
def test_what_gives_the_array_itself(name):
    f = _function(
        f"z = x * 1.0\n    {VIEWS[name]}\n    return np.sum(z**2) + np.sum(y)"
    )
    value, gradient = adjoint.value_and_grad(f, signature=SIGNATURE)(X, A)
    assert value == f(X, A)
    assert gradient[0] == pytest.approx(differences(f, POINT, 0), rel=1e-9)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("y = np.rot90(np.atleast_2d(z), 0)\n    y[0, 0] = 3.0", "changed with `y`"),
        ("y = np.sum(z, where=z > 0)", "takes no `where`"),
        ("y = np.sum(z, dtype=int)", "no `dtype` but that of its array"),
        ("y = np.r_[z, A]", "of one rank"),
        ("y = np.r_[0:4]", "slices"),
        ("y = np.block([[z], z])", "nested alike"),
        ("y = np.einsum('iij->j', z)", "do not fit"),
        ("y = np.finfo(int).eps", "that of `float`"),
        ("y = np.take_along_axis(A[None], A[None], 1)", "cannot be unpacked|unpack"),
        ("y = np.ndarray(3)", "not made by its type"),
        ("y = np.triu(z)", "that of matrices"),
        ("y = z[..., 2]\n    z *= 2.0", "part of the array without axes"),
        ("u, y = z, z[1, ...]\n    y += 2.0", "part of the array without axes"),
    ],
)
def test_refused(body, message):
    f = _function(f"z = x * 1.0\n    {body}\n    return np.sum(z) + np.sum(y)")
    with pytest.raises(adjoint.AdjointError, match=message):
        adjoint.grad(f, signature=SIGNATURE)


@pytest.mark.parametrize(
    "rows",
    [
        "sum(A)",
        "sum(A[1:], 0.5)",
        "sum(reversed(A), z[0])",
        "sum(A.T * z)",
        "sum(map(np.sin, A))",
    ],
)
def test_a_sum_of_rows_by_python(rows):
    f = _function(f"z = x * 1.0\n    return np.sum(z * {rows})")
    value, gradient = adjoint.value_and_grad(f, signature=SIGNATURE)(X, A)
    assert value == f(X, A)
    for at, found in enumerate(gradient):
        assert found == pytest.approx(differences(f, POINT, at), rel=1e-9, abs=1e-9)
