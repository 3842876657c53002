"""Linear algebra on matrices of any numbers, as the rest of `array_arithmetic`."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np

from adjoint.ir.arithmetic import Arithmetic
from adjoint.ir.spectral_arithmetic import require_symmetric, spectral_algebra


def linear_algebra(numbers: Arithmetic) -> dict[str, Callable[..., Any]]:
    """The operations, given roots and logarithms of numbers."""
    root, log = numbers["sqrt"], numbers["log"]
    return spectral_algebra(root) | {
        "solve": lambda a, b: _eliminated(a, b)[0],
        "inv": _inverse,
        "det": _determinant,
        "slogdet_sign": lambda a: 1.0 if _determinant(a) > 0 else -1.0,
        "slogdet": lambda a: log(abs(_determinant(a))),
        "cholesky": _cholesky(root),
        "multi_dot": lambda *factors: reduce(np.matmul, factors),
    }


def _eliminated(a: Any, b: Any) -> tuple[Any, Any]:
    """The solution of a x = b, and the determinant of a, by Gauss's elimination."""
    kind = np.result_type(np.asarray(a), np.asarray(b), float)  # of constants as well
    a, x = np.array(a, dtype=kind), np.array(b, dtype=kind)
    determinant: Any = 1
    for k in range(len(a)):
        pivot = max(range(k, len(a)), key=lambda i, k=k: abs(a[i, k]))  # type: ignore[misc]
        if pivot != k:
            a[[k, pivot]], x[[k, pivot]] = a[[pivot, k]], x[[pivot, k]]
            determinant = -determinant
        determinant = determinant * a[k, k]
        a[k], x[k] = a[k] / a[k, k], x[k] / a[k, k]
        for i in range(len(a)):
            if i != k:
                # rows first: mpmath's numbers write out an array before they yield
                x[i], a[i] = x[i] - x[k] * a[i, k], a[i] - a[k] * a[i, k]
    return x, determinant


def _inverse(a: Any) -> Any:
    one = np.asarray(a).flat[0] * 0 + 1 if np.size(a) else 1.0
    return _eliminated(a, np.eye(len(a)) * one)[0]


def _determinant(a: Any) -> Any:
    return _eliminated(a, np.eye(len(a)) * (np.asarray(a).flat[0] * 0 + 1))[1]


def _cholesky(root: Callable[..., Any]) -> Callable[..., Any]:
    def cholesky(a: Any) -> Any:
        require_symmetric(a)
        y = np.asarray(a) * 0
        for i in range(len(y)):
            for j in range(i + 1):
                rest = a[i, j] - y[i, :j] @ y[j, :j] if j else a[i, j]
                y[i, j] = root(rest) if i == j else rest / y[j, j]
        return y

    return cholesky
