"""The operations of arrays that are tested: expressions, and arrays for them."""

from __future__ import annotations

import numpy as np
import pytest

TEXT = """\
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
        np.repeat(x, len(x))
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
        np.repeat(A, A.shape[1] - 1, axis=0)
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
        np.linalg.eigvalsh(A + A.T)
        np.linalg.eigh(A + A.T)[0] * np.linalg.eigh(A + A.T)[1] ** 2
        np.linalg.svd(A, compute_uv=False)
        np.linalg.svd(A, full_matrices=False)[0] ** 2 * A[0]
        np.linalg.svd(A, full_matrices=False)[1]
        np.linalg.svd(A, full_matrices=False)[2] ** 2 * A[0]
        np.linalg.norm(A, "nuc") + np.linalg.norm(A, 2) * np.linalg.norm(A, "fro")
        np.linalg.norm(A, 1) + np.linalg.norm(A, np.inf)
        np.linalg.cond(A)
        np.linalg.pinv(A)
        np.linalg.pinv(A[:, :2]) @ A[0]
        np.linalg.matrix_power(A / 4, 5) + np.linalg.matrix_power(A, -2)
        np.linalg.multi_dot([A[0], A / 9, A, A.T, A[1]])
        np.linalg.lstsq(A[:, :2], A[2], rcond=None)[0]
        np.linalg.lstsq(A[:2], A[1:], rcond=None)[0]
        np.linalg.qr(A)[0] @ A[0]
        np.linalg.qr(A[:, 1:])[1]
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


def lines(text):
    """The lines of a text that are not blank."""
    return [line.strip() for line in text.strip().splitlines()]


def cases(table):
    """Each signature with each of its expressions."""
    return [
        pytest.param(signature, line, id=line)
        for signature, text in table.items()
        for line in lines(text)
    ]


def data(signature, seed=0, square=False):
    """An array for the signature; a matrix that is far from singular if ``square``."""
    rng = np.random.default_rng(seed)
    if square:
        return rng.uniform(0.5, 2.5, (3, 3)) + 2 * np.eye(3)
    shape = {1: (5,), 2: (2, 3), 3: (2, 4, 3)}[signature.count(":") - 1]
    return apart(rng, shape)


def apart(rng, shape):
    """Numbers of which no two are near each other, nor near a kink."""
    count = int(np.prod(shape))
    return rng.permutation(np.linspace(0.62, 2.43, count)).reshape(shape)
