"""Functions of NumPy that are made of others, or of parts of arrays.

Values are compared with NumPy's own, derivatives with differences of high order.
"""

from __future__ import annotations

import inspect

import numpy as np
import pytest
from scipy.special import erf, expit, gammaln

import adjoint
from adjoint.frontend.arrays.numpy_functions import in_library
from adjoint.rules import numpy_library, numpy_places, numpy_powers
from tests.support_arrays import differences
from tests.support_functions import define

SIGNATURE = "x: float[:], A: float[:, :]"
X = np.array([1.5, 0.3, -0.7, 2.1])
A = np.random.default_rng(5).normal(size=(4, 4))
POINT = [X, A]

#: What stands behind ``return``, of a vector x of 4 and a matrix A of 4 by 4.
EXPRESSIONS = """\
np.ptp(x) ** 2
np.sum(np.ptp(A, axis=0) ** 2)
np.sum(np.ptp(A, axis=1, keepdims=True) * A)
np.sum(np.polyval(A[0], x))
np.polyval([1.0, 2.0, x[0]], x[1])
np.median(x) ** 2 + np.median(x[:3]) ** 3
np.sum(np.median(A, axis=1) ** 2)
np.sum(np.median(A, axis=0, keepdims=True) * A)
np.sum(np.median(A, keepdims=True) * A)
np.quantile(x, 0.3) ** 2 + np.quantile(x, 0.9)
np.quantile(x, 0.0) + 2.0 * np.quantile(x, 1.0) + 3.0 * np.quantile(x, 1)
np.sum(np.quantile(A, 0.35, axis=1) ** 2)
np.quantile(A[0], 0.1 * x[0])
np.percentile(x, 30) * np.percentile(A, 77.5)
np.sum(np.meshgrid(x, A[0])[0] * A) + np.sum(np.meshgrid(x, A[0])[1] * A)
np.sum(np.meshgrid(x, A[0], indexing="ij")[0] * A)
np.sum(np.meshgrid(x, A[0], A[1])[2] ** 2 * np.meshgrid(x, A[0], A[1])[1])
np.sum(np.meshgrid(x, A[0], A[1], indexing="ij")[0] ** 2 * A)
np.interp(0.3, np.sort(A[0]), x)
np.sum(np.interp(x, [-1.0, 0.0, 1.0, 2.0], A[0]) ** 2)
np.sum(np.interp(x, np.sort(A[0]), A[1]) ** 2)
np.sum(np.interp(A, np.sort(x), x**2, left=0.5, right=x[0]) ** 2)
np.sum(np.gradient(x) ** 2) + np.sum(np.gradient(x, 0.1) ** 3)
np.sum(np.gradient(A)[0] ** 2) + np.sum(np.gradient(A, axis=1) ** 3)
np.sum(np.nan_to_num(x) ** 2)
np.nansum(x**2) + np.nanmean(x**3) + np.sum(np.nanmean(A**2, axis=0))
np.count_nonzero(x > 0) * x[0]
np.sum(np.cov(A) ** 2) + np.cov(x)
np.sum(np.cov(A, rowvar=False, ddof=0) * A)
np.sum(np.vander(x, 3) ** 2) + np.sum(np.vander(x, increasing=True) * A)
np.sum(np.append(x, x[0]) ** 2) + np.sum(np.append(A, A, axis=1) ** 2)
np.sum(np.ediff1d(A) ** 2) + np.sum(np.diagflat(x) * A)
np.sum(np.rot90(A) * A) + np.sum(np.rot90(A, 2) ** 2 * A) + np.sum(np.rot90(A, -1) * A)
np.sum(np.atleast_2d(x) * A) + np.sum(np.atleast_1d(x[0]) ** 2) + np.sum(np.atleast_2d(x[1]))
np.sum(np.dstack([A, A * A])[:, :, 1] ** 2)
np.sum(np.digitize(x, np.array([0.0, 1.0])) * x)
np.sum(x[np.searchsorted(np.array([0.0, 1.0]), x)] * x) + np.searchsorted(np.sort(x), 0.1) * x[0]
np.sum(np.fmax(x, 0.0) ** 2) + np.sum(np.fmin(x, A) ** 3)
np.sum(np.logical_xor(x > 0, x > 1) * x) + np.sum(np.invert(x > 0) * x)
np.sum(np.remainder(x, 0.77) * x) + np.sum(np.round(A) * A) + np.sum(np.around(1.1 * x) * x)
np.sum(np.convolve(x, A[0]) ** 2)
np.sum(np.convolve(x, A[0, :3], mode="same") ** 2) + np.sum(np.convolve(A[0, :2], x, "same") ** 3)
np.sum(np.convolve(x, A[0, :2], "valid") ** 2) + np.sum(np.convolve(A[0, :2], x, "valid") ** 3)
np.sum(np.convolve(np.convolve(x, x), A[1]) ** 2)
np.sum(np.correlate(x, A[0], "full") ** 2 * np.arange(7)) + np.sum(np.correlate(x, A[0, :2]) ** 2)
np.sum(np.correlate(x, A[0, :3], "same") * x) + np.sum(np.correlate(x, A[0, :2], "same") * x)
np.sum(np.correlate(A[0, :2], x) ** 3) + np.sum(np.correlate(A[0, :2], x, "same") * x)
np.sum(np.pad(x, 1) ** 2 * np.arange(6))
np.sum(np.pad(x, (0, 2)) ** 2) + np.sum(np.pad(A, ((1, 0), (0, 2))) * np.arange(30).reshape(5, 6))
np.sum(np.pad(A, ((1, 0), (0, 2)), constant_values=2.5) ** 2)
np.sum(np.pad(x, ((2,),), constant_values=x[0]) ** 3)
np.sum(np.pad(x, (6, 9), mode="edge") ** 2 * np.arange(19))
np.sum(np.pad(x, (6, 9), mode="wrap") ** 2 * np.arange(19))
np.sum(np.pad(x, (6, 9), mode="reflect") ** 2 * np.arange(19))
np.sum(np.pad(x, (6, 9), mode="symmetric") ** 2 * np.arange(19))
np.sum(np.pad(x[:1], 2, mode="reflect") ** 2)
np.sum(np.pad(A, 2, "reflect") ** 2 * np.arange(64).reshape(8, 8))
np.sum(np.split(x, 2)[0] ** 2 * np.split(x, 2)[1])
np.sum(np.array_split(x, 3)[0] ** 2) + np.sum(np.array_split(x, 3)[2] ** 3)
np.sum(np.split(A, [1, 3], axis=1)[1] ** 2) + np.sum(np.vsplit(A, 4)[3] ** 2)
np.sum(np.hsplit(A, 2)[1] ** 2 * A[:, :2])
np.sum(np.select([x > 1, x > 0], [x**2, x**3], 0.5))
np.sum(np.select([A > 1, A > 0], [x**2, 2.0 * A]))
np.sum(A[..., 1:] * A[..., 0:3]) + np.sum(x[...]) + np.sum(A[1, ...]) + np.sum(A[None, ..., 1])
np.sum(A[np.diag_indices(4)] ** 2 * x) + np.sum(A[np.diag_indices_from(A)])
np.sum(A[np.ix_([0, 2], [1, 3, 1])] ** 2) + np.sum(A[np.ix_(np.arange(2), np.array([3]))])
np.sum(np.multiply.outer(x, x) ** 2) + np.subtract.outer(x, A)[0, 1, 2] ** 2
np.sum(np.maximum.outer(x, A[0]) ** 2) + np.sum(np.power.outer(x**2, [1, 2]))
np.add.reduce(x) + np.sum(np.multiply.reduce(A) ** 2) + np.maximum.reduce(x) ** 2
np.sum(np.minimum.reduce(A, axis=1) ** 2) + np.sum(np.add.reduce(A, 1) ** 2)
np.sum(np.add.accumulate(A) ** 2) + np.sum(np.multiply.accumulate(A, axis=1) ** 2)
np.sum(np.where(x[0] > 0, x[1], x[2]) * np.where(np.isnan(x[0]), 1.0, x))
np.sum(np.ravel(x[0]) * np.reshape(2.0, (1, 1)))""".splitlines()


def _function(expression):
    return define(f"import numpy as np\n\n\ndef f(x, A):\n    return {expression}\n")


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_value_and_derivatives(expression):
    compare(expression)


def compare(expression):
    """The value with NumPy's, the derivatives with differences and each other."""
    f = _function(expression)
    d = adjoint.value_and_grad(f, signature=SIGNATURE)
    value, gradient = d(X, A)
    assert value == pytest.approx(f(X, A), rel=4e-16, abs=1e-300)
    assert gradient[0] == pytest.approx(differences(f, POINT, 0), rel=1e-8, abs=1e-8)
    assert gradient[1] == pytest.approx(differences(f, POINT, 1), rel=1e-8, abs=1e-8)
    along = X[::-1] / 3.0, A.T / 2.0
    _, tangent = adjoint.jvp(f, signature=SIGNATURE)(X, A, *along)
    expected = sum(np.sum(g * u) for g, u in zip(gradient, along, strict=True))
    assert tangent == pytest.approx(expected, rel=1e-12, abs=1e-12)
    products = adjoint.hvp(f, signature=SIGNATURE)(X, A, *along)

    def slope(t):
        moved = d(X + t * along[0], A + t * along[1])[1]
        return np.concatenate([np.ravel(one) for one in moved])

    h = 1e-3
    difference = 8.0 * (slope(h) - slope(-h)) - (slope(2 * h) - slope(-2 * h))
    found = np.concatenate([np.ravel(one) for one in products])
    assert found == pytest.approx(difference / (12.0 * h), rel=1e-6, abs=1e-6)


TRAPEZOID = "trapezoid" if hasattr(np, "trapezoid") else "trapz"


@pytest.mark.parametrize(
    "arguments",
    ["x**2", "x**2, dx=0.1", "x**2, A[0]", "A, x, axis=0", "A**2, axis=1", "A, A**2"],
)
def test_trapezoids(arguments):
    f = _function(f"np.sum(np.{TRAPEZOID}({arguments}) ** 2)")
    value, gradient = adjoint.value_and_grad(f, signature=SIGNATURE)(X, A)
    assert value == pytest.approx(f(X, A), rel=1e-15)
    assert gradient[0] == pytest.approx(differences(f, POINT, 0), rel=1e-9, abs=1e-9)
    assert gradient[1] == pytest.approx(differences(f, POINT, 1), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("expression", EXPRESSIONS[::4])
def test_what_is_saved_is_right(expression):
    assert adjoint.value_and_grad(_function(expression), signature=SIGNATURE).check()


SCATTERED = {
    "twice": "y = np.zeros(3)\n    np.add.at(y, [0, 2, 2, 0], x**2)",
    "less": "y = x.copy()\n    np.subtract.at(y, np.array([1, 1]), A[0, :2] * x[0])",
    "a matrix": "y = A**2\n    np.add.at(y, ([0, 0, 1], [1, 1, 2]), x[:3])",
    "a number": "y = A[0] + 0.0\n    np.add.at(y, 2, x[0] ** 2)\n    y[0] = y[2]",
    "in a loop": (
        "y = np.ones(4)\n    for i in range(3):\n"
        "        np.add.at(y, [i, 0, i], y[i] * x[:3])"
    ),
    "a list": "y = x.tolist()\n    y.append(x[0] ** 2)\n    y = np.array(y + A.tolist()[1])",
}


@pytest.mark.parametrize("name", SCATTERED)
def test_what_is_added_as_often_as_it_is_named(name):
    f = define(
        "import numpy as np\n\n\ndef f(x, A):\n"
        f"    {SCATTERED[name]}\n    return np.sum(y**2) + np.sum(x)\n"
    )
    before = X.copy(), A.copy()
    d = adjoint.value_and_grad(f, signature=SIGNATURE)
    value, gradient = d(X, A)
    assert value == pytest.approx(f(X, A), rel=1e-15)
    assert gradient[0] == pytest.approx(differences(f, POINT, 0), rel=1e-9, abs=1e-9)
    assert gradient[1] == pytest.approx(differences(f, POINT, 1), rel=1e-9, abs=1e-9)
    assert all(np.array_equal(a, b) for a, b in zip(before, (X, A), strict=True))


def test_another_thing_with_an_at_is_refused():
    f = define(
        "def f(x, A):\n    y = x + 0.0\n    A.add.at(y, 0, x)\n    return y[0]\n"
    )
    with pytest.raises(adjoint.AdjointError, match="`add` of an array"):
        adjoint.grad(f, signature=SIGNATURE, target="numpy")


def test_what_numpy_warns_of_changes_nothing():
    f = define(
        "import numpy as np\n\n\ndef f(x, A):\n    s = 0.0\n"
        "    for i in range(3):\n"
        '        with np.errstate(divide="ignore", invalid="ignore"):\n'
        "            y = np.where(x > 0, 1.0 / x, 0.0)\n"
        "            if i > 1:\n"
        '                with np.errstate(all="warn"):\n'
        "                    s += np.sum(y * i)\n"
        "    return s\n"
    )
    value, gradient = adjoint.value_and_grad(f, "x", signature=SIGNATURE)(X, A)
    assert value == pytest.approx(f(X, A), rel=1e-15)
    expected = np.where(X > 0, -2.0 / X**2, 0.0)
    assert gradient == pytest.approx(expected, rel=1e-14)


def test_a_context_that_raises_is_refused():
    f = define(
        "import numpy as np\n\n\ndef f(x, A):\n"
        '    with np.errstate(divide="raise"):\n        return np.sum(1.0 / x)\n'
    )
    with pytest.raises(adjoint.AdjointError, match="`with` is not supported"):
        adjoint.grad(f, signature=SIGNATURE)


def test_nan_goes_through_the_middle():
    f = _function("np.median(x) + np.quantile(x, 0.25)")
    row = np.array([1.0, np.nan, 0.5, 2.0])
    assert np.isnan(adjoint.value_and_grad(f, signature=SIGNATURE)(row, A)[0])


def test_none_of_what_is_no_number_reaches_a_gradient():
    f = _function("np.nansum(np.log(x)) + np.sum(np.nan_to_num(x, nan=5.0))")
    row = np.array([2.0, np.nan, 0.5])
    value, gradient = adjoint.value_and_grad(f, "x", signature=SIGNATURE)(row, A)
    assert value == pytest.approx(np.nansum(np.log(row)) + 7.5)
    assert gradient.tolist() == [1.5, 0.0, 3.0]


def test_parts_that_are_not_equal():
    f = _function("np.sum(np.split(x, 3)[0])")
    with pytest.raises(ValueError, match="equal division"):
        f(X, A)
    with pytest.raises(ValueError, match="equal division"):
        adjoint.value_and_grad(f, signature=SIGNATURE)(X, A)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("np.ptp(x, dy=3)", "`ptp` is given its parameter `dy`"),
        ("np.median(x, axis=3)", "no axis 3"),
        ("np.meshgrid(x)", "without its parameter `y`"),
        ("np.searchsorted(A, 1.0)", "rank 1"),
        ("np.searchsorted(x, 1.0, side='up')", "'left' or 'right'"),
        ("np.pad(x, 1, mode='odd')", "mode of `pad` is one of 'constant', 'edge'"),
        ("np.pad(x, ((1, 2), (1, 2)))", "the width of `pad`"),
        ("np.pad(x, int(x[0]))", "whole number"),
        ("np.convolve(A, x)", "two arrays of rank 1"),
        ("np.convolve(x, x, mode='all')", "'full', 'same' or 'valid'"),
        ("np.select([x > 0], [x, x])", "two lists of one length"),
        ("np.split(x, 0)", "at least one part"),
        ("np.invert(x)", "truth values"),
        ("np.medan(x)", "did you mean `mean`, `median`|did you mean `median`"),
    ],
)
def test_what_is_wrong_is_so_at_the_call(call, message):
    f = _function(f"np.sum({call})")
    with pytest.raises(adjoint.AdjointError, match=message) as caught:
        adjoint.grad(f, signature=SIGNATURE)
    assert "numpy_" not in str(caught.value)
    assert f"np.sum({call})" in str(caught.value)


FILES = (numpy_library, numpy_places, numpy_powers)


def test_the_library_defines_functions_of_numpy():
    known = in_library()
    assert "median" in known
    others = "trapezoid trapz meshgrid gradient dstack fmax fmin logical_xor".split()
    others += "atleast_1d atleast_2d ix_ signbit".split()
    for name in known.difference(others, filter(lambda one: "." in one, known)):
        (ours,) = [getattr(one, name) for one in FILES if hasattr(one, name)]
        ours = inspect.signature(ours).parameters
        theirs = inspect.signature(getattr(np, name)).parameters
        assert list(ours) == [one for one in theirs if one in ours], name


def test_no_name_of_the_library_is_in_the_text():
    f = _function("np.median(x) + np.polyval(A[0], x)[0]")
    source = adjoint.value_and_grad(f, signature=SIGNATURE).source
    for name in ("row", "middle", "total", "coefficient", "last"):
        assert f" {name} " not in source.split('"""')[2]


def of_scipy(x, A):
    """Names that a module imports: what they stand for says it is NumPy's."""
    return (
        np.sum(gammaln(x**2 + 1.0) * expit(x)) - betaln_(x[0] ** 2, 2.0) + erf(A[0, 0])
    )


def betaln_(a, b):
    return gammaln(a) + gammaln(b) - gammaln(a + b)


def test_functions_of_scipy_that_were_imported_by_name():
    value, gradients = adjoint.value_and_grad(of_scipy, signature=SIGNATURE)(*POINT)
    assert value == pytest.approx(of_scipy(*POINT), rel=1e-14)
    for at, found in enumerate(gradients):
        expected = differences(of_scipy, POINT, at)
        assert found == pytest.approx(expected, rel=1e-9, abs=1e-9)
