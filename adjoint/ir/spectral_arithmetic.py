"""Eigenvalues, singular values and orthogonal factors of matrices of any numbers.

The signs of vectors, which nothing fixes, are those that LAPACK has for the same matrix
of floats.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

import numpy as np

Root = Callable[..., Any]

#: How far from symmetric a matrix may be, beside its largest element.
_SYMMETRIC = 1e-9
#: Jacobi's method, whose digits double, takes fewer rounds than this.
_MOST_ROUNDS = 40
#: Singular values that are smaller, beside the largest, are none (NumPy's number).
_NONE = 1e-15


def spectral_algebra(root: Root) -> dict[str, Callable[..., Any]]:
    """The operations, given roots of numbers."""
    return {
        "eigvalsh": lambda a: _eigen(a, root)[0],
        "eigenvalues": lambda a: _eigen(a, root)[0],
        "eigenvectors": lambda a: _with_signs(
            _eigen(a, root)[1], np.linalg.eigh(_floats(a))[1]
        ),
        "svdvals": lambda a: _singular(a, root)[1],
        "svd_s": lambda a: _singular(a, root)[1],
        "svd_u": lambda a: _with_signs(_left(a, root), _lapack_vectors(a)[0]),
        "svd_vt": lambda a: _with_signs(_left(a.T, root), _lapack_vectors(a)[1]).T,
        "pinv": lambda a: _pseudo_inverse(a, root),
        "lstsq": lambda a, b: _pseudo_inverse(a, root) @ b,
        "qr_q": lambda a: _orthogonal(a, root),
        "qr_r": lambda a: _triangle(a, root),
    }


def require_symmetric(a: Any) -> None:
    """Raise ArithmeticError for a matrix that is not symmetric.

    The derivative of what reads a triangle alone is that for symmetric matrices.
    """
    a = np.asarray(a)
    if np.size(a) and np.max(abs(a - a.T)) > _SYMMETRIC * np.max(abs(a)):
        raise ArithmeticError("the matrix is not symmetric")


def _floats(a: Any) -> Any:
    return np.array(a, dtype=float)


def _with_signs(vectors: Any, like: Any) -> Any:
    """The columns, each with the sign of that column of floats."""
    same = np.sum(_floats(vectors) * like, axis=0) >= 0
    return vectors * np.where(same, 1, -1)


def _lapack_vectors(a: Any) -> tuple[Any, Any]:
    u, _, vt = np.linalg.svd(_floats(a), full_matrices=False)
    return u, vt.T


# -- by rotations, as C. G. J. Jacobi


def _eigen(a: Any, root: Root) -> tuple[Any, Any]:
    """The eigenvalues of a symmetric matrix, the least first, and the vectors."""
    require_symmetric(a)
    a = np.array(a)
    vectors = np.eye(len(a), dtype=int) + a * 0
    for _ in _rounds():
        large, small = np.sum(abs(np.diag(a))), np.sum(abs(np.tril(a, -1)))
        if large + small == large:
            break
        for p, q in combinations(range(len(a)), 2):
            if a[p, q]:
                turn = _rotation(a[p, p], a[q, q], a[p, q], root)
                a[:, [p, q]] = a[:, [p, q]] @ turn
                a[[p, q]] = turn.T @ a[[p, q]]
                a[p, q] = a[q, p] = 0 * a[p, q]
                vectors[:, [p, q]] = vectors[:, [p, q]] @ turn
    order = sorted(range(len(a)), key=lambda at: a[at, at])
    return np.diag(a)[order], vectors[:, order]


def _singular(a: Any, root: Root) -> tuple[Any, Any, Any]:
    """The columns ``u*s``, the singular values, the greatest first, and ``v``.

    The columns of the matrix are turned until they are orthogonal (M. R. Hestenes).
    """
    if np.shape(a)[0] < np.shape(a)[1]:
        columns, values, v = _singular(a.T, root)
        return v * values, values, columns / values
    a = np.array(a)
    v = np.eye(a.shape[1], dtype=int) + a[:1].T * 0
    for _ in _rounds():
        done = True
        for p, q in combinations(range(a.shape[1]), 2):
            first, second, both = (
                a[:, p] @ a[:, p],
                a[:, q] @ a[:, q],
                a[:, p] @ a[:, q],
            )
            size = root(first) * root(second)
            if size + abs(both) != size:
                done = False
                turn = _rotation(first, second, both, root)
                a[:, [p, q]] = a[:, [p, q]] @ turn
                v[:, [p, q]] = v[:, [p, q]] @ turn
        if done:
            break
    values = np.array([root(column @ column) for column in a.T])
    order = sorted(range(len(values)), key=lambda at: -values[at])
    return a[:, order], values[order], v[:, order]


def _rounds() -> Iterator[int]:
    """Raises ArithmeticError where there are too many."""
    yield from range(_MOST_ROUNDS)
    raise ArithmeticError("the rotations come to no end")


def _rotation(first: Any, second: Any, both: Any, root: Root) -> Any:
    """What makes ``((first, both), (both, second))`` diagonal, from both sides."""
    middle = (second - first) / (2 * both)
    tangent = 1 / (abs(middle) + root(middle * middle + 1))
    tangent = tangent if middle >= 0 else -tangent
    cosine = 1 / root(tangent * tangent + 1)
    sine = tangent * cosine
    return np.array([[cosine, sine], [-sine, cosine]])


def _left(a: Any, root: Root) -> Any:
    columns, values, _ = _singular(a, root)
    return columns / values


def _pseudo_inverse(a: Any, root: Root) -> Any:
    if np.shape(a)[0] < np.shape(a)[1]:
        return _pseudo_inverse(a.T, root).T
    columns, values, v = _singular(a, root)
    kept = [at for at, one in enumerate(values) if one > _NONE * values[0]]
    return (v[:, kept] / values[kept] ** 2) @ columns[:, kept].T


# -- by Gram and Schmidt


def _orthogonal(a: Any, root: Root) -> Any:
    """The orthogonal factor. Raises ArithmeticError for more columns than rows."""
    a = np.array(a)
    if a.shape[0] < a.shape[1]:
        raise ArithmeticError("the matrix has more columns than rows")
    q = a * 0
    for at in range(a.shape[1]):
        rest = a[:, at]
        for before in range(at):
            rest = rest - q[:, before] * (q[:, before] @ rest)
        q[:, at] = rest / root(rest @ rest)
    return _with_signs(q, np.linalg.qr(_floats(a))[0])


def _triangle(a: Any, root: Root) -> Any:
    product = _orthogonal(a, root).T @ a
    return np.triu(product)
