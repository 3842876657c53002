"""(i) Second derivatives of functions of arrays, beside HIPS autograd."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import numpy as np

import adjoint
from tests.bench.report import Measure, show_table
from tests.bench.timing import paired_ratio, side_by_side
from tests.support_functions import define

_TEXT = """\
import {numpy} as np


def rosenbrock(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def logistic(w, X, y):
    return np.mean(np.log1p(np.exp(-y * (X @ w)))) + 0.01 * np.sum(w**2)


def network(W, X, Y):
    return np.mean((np.tanh(X @ W) @ W.T - Y) ** 2)


def heat(u, k):
    for _ in range(20):
        inner = u[1:-1] + k * (u[2:] - 2 * u[1:-1] + u[:-2]) * u[1:-1]
        u = np.concatenate((u[:1], inner, u[-1:]))
    return np.sum(u**2)
"""

_SIGNATURES = {
    "rosenbrock": "x: float[:]",
    "logistic": "w: float[:], X: float[:, :], y: float[:]",
    "network": "W: float[:, :], X: float[:, :], Y: float[:, :]",
    "heat": "u: float[:], k: float",
}

#: So many unknowns has a function of which the whole Hessian is taken.
_UNKNOWNS = 20


def _points(size: int) -> dict[str, tuple[Any, ...]]:
    """Arguments for each function; the first is what it is differentiated by."""
    normal = np.random.default_rng(0).normal
    return {
        "rosenbrock": (normal(size=size),),
        "logistic": (
            normal(size=_UNKNOWNS),
            normal(size=(size, _UNKNOWNS)),
            np.sign(normal(size=size)),
        ),
        "network": (
            normal(size=(4, 5)),
            normal(size=(size, 4)),
            normal(size=(size, 4)),
        ),
        "heat": (np.random.default_rng(1).uniform(size=size), 0.1),
    }


def second_derivatives() -> list[Measure]:
    """Products with the Hessian / the function, and HIPS autograd / ours."""
    measures: list[Measure] = []
    for size, rounds in ((10, 15), (10_000, 7)):
        rows = []
        for name, point in _points(size).items():
            function, traced, signature = _contenders(name)
            vector = np.ones_like(point[0])
            ours = adjoint.hvp(function, wrt=_first(signature), signature=signature)
            theirs = importlib.import_module("autograd").hessian_vector_product(traced)
            calls: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
                "function": (function, point),
                "ours": (ours.function, (*point, vector)),
                "autograd": (theirs, (*point, vector)),
            }
            rows.append(_row(measures, f"{name}, {size:,}", calls, rounds))
        print(f"\n(i) products with the Hessian, {size:,} data\n")
        show_table(("", "us a call", "/ function", "autograd / ours"), rows)
    rows = []
    for name, point in _points(_UNKNOWNS).items():
        function, traced, signature = _contenders(name)
        hessian = adjoint.hessian(function, wrt=_first(signature), signature=signature)
        theirs = importlib.import_module("autograd").hessian(traced)
        calls = {
            "function": (function, point),
            "ours": (hessian.function, point),
            "autograd": (theirs, point),
        }
        rows.append(_row(measures, f"Hessian of {name}", calls, 5))
    print(f"\n(i) whole Hessians, {_UNKNOWNS} unknowns\n")
    show_table(("", "us a call", "/ function", "autograd / ours"), rows)
    return measures


def _row(
    measures: list[Measure],
    name: str,
    calls: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]],
    rounds: int,
) -> tuple[str, ...]:
    times = side_by_side(calls, rounds, unpacked=True)
    ratio = paired_ratio(times["ours"], times["function"])
    faster = paired_ratio(times["autograd"], times["ours"])
    measures.append(Measure(f"(i) {name}: ours / the function", ratio))
    measures.append(Measure(f"(i) {name}: ours / autograd", 1 / faster, 1.0))
    shown = f"{1e6 * min(times['ours']):.1f}", f"{ratio:.1f}", f"{faster:.1f}"
    return (name, *shown)


def _first(signature: str) -> str:
    return signature[: signature.index(":")]


def _contenders(name: str) -> tuple[Callable[..., Any], Callable[..., Any], str]:
    """The function in NumPy, the same in HIPS autograd's, and its signature."""
    texts = (_TEXT.format(numpy=numpy) for numpy in ("numpy", "autograd.numpy"))
    plain, traced = (define(text, name) for text in texts)
    return plain, traced, _SIGNATURES[name]
