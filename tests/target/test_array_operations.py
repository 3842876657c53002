"""Every array operation: value and gradient of the generated NumPy code.

The value is compared bit for bit with the function itself, the gradient with
differences of order eight and, where HIPS autograd has the operation, with that.
"""

import warnings

import autograd
import autograd.numpy
import autograd.scipy.special
import numpy as np
import pytest

import adjoint
from tests.support_arrays import differences
from tests.support_functions import define

_TEXT = """\
import numpy as np
import scipy.special

C = np.array([[0.5, -1.0, 2.0], [1.5, 0.25, -0.75]])
K = [0, 2, 0]

def f({parameters}):
    return {returned}
"""

V, M, W = "x: float[:]", "A: float[:, :]", "z: float[:, :, :]"

#: The signature, and expressions whose sines are summed up.
ELEMENTWISE = {
    V: """
        x
        -x + 2
        x**2 * 3 - x**3
        x**-1.5
        2.5**x
        1 / x
        x / (x + 1)
        np.exp(x) * np.expm1(-x)
        np.exp2(x)
        np.log(x) + np.log2(x) + np.log10(x) + np.log1p(x)
        np.sqrt(x) + np.cbrt(x)
        np.sin(x) + np.cos(x) * np.tan(x / 4)
        np.arcsin(x / 9) + np.arccos(x / 9) + np.arctan(x)
        np.sinh(x) + np.cosh(x) + np.tanh(x)
        np.arcsinh(x) + np.arccosh(x + 2) + np.arctanh(x / 9)
        np.arctan2(x, 2.0) + np.hypot(x, 3.0)
        np.square(x) + np.reciprocal(x) + np.negative(x)
        np.add(x, 1) + np.subtract(2, x) * np.multiply(x, x) + np.divide(x, 3)
        np.power(x, 2.5) + np.float_power(x, 2.0)
        np.abs(x - 1.7) + np.fabs(x) + np.absolute(-x)
        np.maximum(x, 1.3) + np.minimum(x, 2.1)
        np.clip(x, 0.9, 2.3)
        np.sign(x) * x + np.floor(x) * x + np.ceil(x) + np.trunc(x) + np.rint(x)
        np.heaviside(x - 1.4, 0.5) * x
        np.where(x > 1.5, x**2, np.sqrt(x))
        np.logaddexp(x, 1.0)
        np.degrees(x) / 90 + np.radians(x)
        np.mod(x, 0.7) * x + x % 0.9
        np.where(np.logical_and(x > 1, x < 2), x, 2 * x)
        np.where(np.isfinite(x), x, 0.0)
        scipy.special.expit(x)
        x.copy() + np.array(x) + np.asarray(x)
        """,
}

SHAPED = {
    V: """
        np.sum(x) + x.sum() * np.sum(x, axis=0)
        np.mean(x) * x
        np.prod(x) + x.prod()
        np.max(x) + np.min(x) * x.max()
        np.var(x) + np.std(x) + np.var(x, ddof=1) * x.std(ddof=1)
        np.linalg.norm(x) * np.linalg.norm(x, 1)
        scipy.special.logsumexp(x)
        np.cumsum(x) * x
        np.cumprod(x)
        x[1:] - x[:-1]
        x[::-1] * x
        x[::2]
        x[-1] * x[0]
        x[1:-1] * 2
        x[[0, 2, 0]]
        x[K]
        x[x > 1.2]
        x[None, :] * x[:, None]
        x[..., np.newaxis]
        np.take(x, [1, 1])
        x.reshape(-1, 1) * x
        np.concatenate([x, 2 * x, x[:1]])
        np.stack([x, x**2]) + np.stack((x, x), axis=1).T
        np.hstack((x, x[0])) + np.hstack((x, 1.0))
        np.vstack((x, x * x))
        np.column_stack((x, x))
        np.tile(x, 2)
        np.tile(x, (2, 3))
        np.repeat(x, 3)
        np.roll(x, 1) * x
        np.roll(x, -2) * x
        np.flip(x) * x
        np.diff(x)
        np.diff(x, n=2)
        np.outer(x, x + 1)
        np.diag(x)
        np.diag(x, k=1)
        np.sort(x) * np.arange(len(x))
        x[np.argsort(x)] * np.arange(x.size)
        x[np.argmax(x)] * x[np.argmin(x)]
        np.dot(x, x) + x @ x + np.inner(x, x) + np.vdot(x, x)
        np.kron(x, x[:2])
        np.cross(x[:3], x[1:4])
        np.einsum("i,j->ij", x, x)
        np.einsum("i,i->", x, x)
        np.zeros(3) + x[0]
        np.ones((2, len(x))) * x
        np.full(3, x[1])
        np.full_like(x, 2.0) * x + np.ones_like(x) + np.zeros_like(x)
        np.linspace(0.0, 1.0, len(x)) * x
        np.eye(len(x)) @ x
        np.array([x[0], x[1] * 2, 3.0])
        np.array([[x[0], x[1]], [x[1], 1.0]]) @ x[:2]
        np.broadcast_to(x, (3, len(x)))
        np.expand_dims(x, 0) * x
        np.squeeze(x[:, None], axis=1)
        np.where(x > 1.5, x, 0.0).sum()
        np.average(x, weights=x**2)
        x[1] if len(x) > 2 else x[0]
        x[:3] @ C.T
        x.T * x.ndim + x.shape[0]
        np.any(x > 2) * x + np.all(x > 0) * x
        """,
    M: """
        A
        A.T @ A
        A[0] * A[:, 1:2]
        A[0, 1] * A[1]
        A[:, [0, 0, 1]]
        A[[0, 1, 0], [1, 1, 1]]
        A[A > 1.2]
        A[A > 1.2].sum() * A
        np.sum(A, axis=0) * np.sum(A, axis=1, keepdims=True)
        A.mean(axis=-1) + A.mean()
        np.prod(A, axis=0)
        np.prod(A, axis=1, keepdims=True) * A
        A.max(axis=1) + A.min(axis=(0, 1))
        np.var(A, axis=0) + np.std(A, axis=1, keepdims=True, ddof=1)
        np.linalg.norm(A) + np.linalg.norm(A, axis=1)
        scipy.special.logsumexp(A, axis=1)
        scipy.special.logsumexp(A, axis=0, keepdims=True)
        np.cumsum(A, axis=1) + np.cumprod(A, axis=0)
        np.cumsum(A)
        A.ravel() + A.flatten() * A.reshape(-1)
        A.reshape(A.shape[1], A.shape[0])
        np.transpose(A) + A.swapaxes(0, 1)
        np.concatenate([A, A * 2], axis=1)
        np.stack([A, A], axis=-1)
        np.vstack((A, A[0])) * 2
        np.tile(A, (2, 1))
        np.repeat(A, 2, axis=1)
        np.roll(A, 1, axis=0) + np.roll(A, 1)
        np.flip(A, axis=1) + np.flipud(A) + np.fliplr(A)
        np.diff(A, axis=0)
        np.diag(A)
        np.trace(A) * A + np.diagonal(A, 1)[0]
        np.triu(A) + np.tril(A, -1) * 2
        np.sort(A, axis=0) * np.sort(A)
        np.kron(A, A)
        np.einsum("ij,kj->ik", A, A)
        np.einsum("ij->j", A)
        np.einsum("ij->ji", A) + 1
        np.tensordot(A, A.T, axes=1)
        A @ A[0]
        A[:, 0] @ A
        np.expand_dims(A, (0, 3))
        A - A.mean(axis=0)
        (A - A.mean(axis=1, keepdims=True)) / A.std(axis=1, keepdims=True)
        C @ A.T
        len(A) * A + A.shape[1]
        """,
    W: """
        z.sum(axis=(0, 2)) * z.mean(axis=1)[0, 0]
        z @ np.swapaxes(z, 1, 2)
        z @ z[0, 0]
        z[0, :, 0] @ z
        z.transpose(2, 0, 1)
        np.moveaxis(z, 0, 2)
        z[..., 0] + z[:, 1, :1]
        z[:, None, 0]
        z.max(axis=(1, 2))
        np.prod(z, axis=(0, 2))
        z[1:, ::2, [0, 1]]
        np.cumprod(z, axis=1)
        """,
}

SQUARE = {M: """
        np.linalg.inv(A)
        np.linalg.det(A)
        np.linalg.solve(A, A[0])
        np.linalg.solve(A, A @ A)
        np.linalg.slogdet(A)[1]
        np.linalg.slogdet(A)[0] * A
        np.linalg.cholesky(A @ A.T + np.eye(len(A)))
        """}

TWO = "a: float[:, :], b: float[:]"
BROADCAST = """
    a + b
    a * b
    b / a - a**b
    np.maximum(a, b)
    np.where(a > b, a, b)
    np.hypot(a, b)
    b - a
    """


def _lines(text):
    return [line.strip() for line in text.strip().splitlines()]


def _cases(table):
    return [
        pytest.param(signature, line, id=line)
        for signature, text in table.items()
        for line in _lines(text)
    ]


def _data(signature, seed=0, square=False):
    rng = np.random.default_rng(seed)
    if square:
        return rng.uniform(0.5, 2.5, (3, 3)) + 2 * np.eye(3)
    shape = {1: (5,), 2: (2, 3), 3: (2, 4, 3)}[signature.count(":") - 1]
    return _apart(rng, shape)


def _apart(rng, shape):
    """Numbers of which no two are near each other, nor near a kink."""
    count = int(np.prod(shape))
    return rng.permutation(np.linspace(0.62, 2.43, count)).reshape(shape)


def _check(signature, expression, arguments, tolerance=1e-8):
    names = signature[0] if len(arguments) == 1 else "a, b"
    returned = f"np.sum(np.sin(0.25 * ({expression})))"
    text = _TEXT.format(parameters=names, returned=returned)
    function = define(text)
    derivative = adjoint.value_and_grad(function, signature=signature, target="numpy")
    before = [np.array(argument) for argument in arguments]
    value, gradients = derivative(*arguments)
    assert all(np.array_equal(a, b) for a, b in zip(before, arguments, strict=True))
    expected = function(*arguments)
    if "logsumexp" in expression or "expit" in expression or "logaddexp" in expression:
        assert np.isclose(value, expected, rtol=1e-14)  # of SciPy; not bit for bit
    else:
        assert value == expected or (np.isnan(value) and np.isnan(expected))
    gradients = (gradients,) if len(arguments) == 1 else gradients
    for at, gradient in enumerate(gradients):
        assert gradient.shape == arguments[at].shape
        assert gradient.flags.writeable
        assert not any(np.shares_memory(gradient, one) for one in arguments)
        right = differences(function, arguments, at)
        assert np.allclose(gradient, right, rtol=tolerance, atol=tolerance), text
    return text, gradients


def _by_autograd(text, arguments, at):
    """The gradient of the same text by HIPS autograd, None where it has not that."""
    text = text.replace("import numpy as np", "import autograd.numpy as np")
    text = text.replace("import scipy.special", "import autograd.scipy as scipy")
    space = {}
    exec(text, space)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return autograd.grad(space["f"], at)(*arguments)
    except (NotImplementedError, AttributeError, TypeError, ValueError, AssertionError):
        return None


@pytest.mark.parametrize(
    ("signature", "expression"), _cases(ELEMENTWISE) + _cases(SHAPED)
)
def test_operation(signature, expression):
    arguments = (_data(signature),)
    text, (gradient,) = _check(signature, expression, arguments)
    other = _by_autograd(text, arguments, 0)
    if other is not None and other.shape == gradient.shape:
        assert np.allclose(gradient, other, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize(("signature", "expression"), _cases(SQUARE))
def test_linear_algebra(signature, expression):
    arguments = (_data(signature, square=True),)
    text, (gradient,) = _check(signature, expression, arguments)
    other = _by_autograd(text, arguments, 0)
    if other is not None and other.shape == gradient.shape:
        assert np.allclose(gradient, other, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("expression", _lines(BROADCAST))
@pytest.mark.parametrize(
    "shapes",
    [
        ((2, 3), (3,)),
        ((2, 1), (3,)),
        ((1, 1), (3,)),
        ((2, 3), (1,)),
        ((0, 3), (3,)),
        ((1, 0), (1,)),
    ],
)
def test_broadcasting(expression, shapes):
    rng = np.random.default_rng(1)
    arguments = tuple(_apart(rng, shape) for shape in shapes)
    arguments = (arguments[0], arguments[1] + 0.087)
    text, gradients = _check(TWO, expression, arguments)
    for at, gradient in enumerate(gradients):
        other = _by_autograd(text, arguments, at)
        if other is not None and other.shape == gradient.shape:  # (where's is not)
            assert np.allclose(gradient, other, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize(
    "expression",
    _lines(ELEMENTWISE[V])[::3]
    + ["np.sum(x)", "np.cumsum(x)", "x[::-1]", "np.sort(x)", "np.roll(x, 1)"],
)
@pytest.mark.parametrize("length", [0, 1])
def test_small_arrays(expression, length):
    _check(V, expression, (np.full(length, 1.25),))


@pytest.mark.parametrize("expression", _lines(SHAPED[M])[::4])
def test_non_contiguous(expression):
    whole = np.random.default_rng(2).uniform(0.5, 2.5, (6, 4))
    _check(M, expression, (whole[::3, ::-1].T[:3].T,))
