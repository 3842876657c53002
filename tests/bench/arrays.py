"""(h) Functions of arrays: their gradients beside the functions and HIPS autograd."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

import adjoint
from tests.bench.report import Measure, show_table
from tests.bench.timing import in_turn, paired_ratio, side_by_side

_TEXT = """\
import {numpy} as np


def rosenbrock(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def logistic(w, X, y):
    return np.mean(np.log1p(np.exp(-y * (X @ w)))) + 0.01 * np.sum(w**2)


def network(W1, b1, W2, b2, X, Y):
    return np.mean((np.tanh(X @ W1 + b1) @ W2 + b2 - Y) ** 2)


def gaussian(mu, L, X):
    C = np.linalg.cholesky(L @ L.T + 0.1 * np.eye(L.shape[0]))
    R = np.linalg.solve(C, (X - mu).T)
    n = X.shape[0]
    return -0.5 * np.sum(R**2) - n * np.sum(np.log(np.diag(C)))


def kmeans(c, X):
    d = np.sum((X[:, None, :] - c[None, :, :]) ** 2, axis=2)
    return np.sum(np.min(d, axis=1))


def logsumexp(x):
    m = np.max(x)
    return m + np.log(np.sum(np.exp(x - m)))


def heat(u, k):
    for _ in range(20):
        inner = u[1:-1] + k * (u[2:] - 2 * u[1:-1] + u[:-2])
        u = np.concatenate((u[:1], inner, u[-1:]))
    return np.sum(u**2)


def bundle(cam, P, obs):
    r = cam[:3]
    theta = np.sqrt(np.sum(r**2))
    k = r / theta
    c, s = np.cos(theta), np.sin(theta)
    x, y, z = P[:, 0], P[:, 1], P[:, 2]
    turned = np.stack((k[1] * z - k[2] * y, k[2] * x - k[0] * z, k[0] * y - k[1] * x), axis=1)
    Q = P * c + turned * s + np.outer(P @ k, k) * (1 - c) + cam[3:6]
    p = Q[:, :2] / Q[:, 2:]
    r2 = np.sum(p**2, axis=1)
    d = 1 + r2 * (cam[7] + cam[8] * r2)
    return np.sum((cam[6] * d[:, None] * p - obs) ** 2)
"""

_WRT = {
    "logistic": ("w",),
    "network": ("W1", "b1", "W2", "b2"),
    "gaussian": ("mu", "L"),
    "kmeans": ("c",),
    "heat": ("u",),
    "bundle": ("cam", "P"),
}


def _points(size: int) -> dict[str, tuple[Any, ...]]:
    """Arguments for each function; ``size`` scales the data."""
    rng = np.random.default_rng(0)
    normal = lambda *shape: rng.normal(size=shape)  # noqa: E731
    return {
        "rosenbrock": (normal(size),),
        "logistic": (normal(4), normal(size, 4), np.sign(normal(size))),
        "network": (
            normal(4, 8),
            normal(8),
            normal(8, 2),
            normal(2),
            normal(size, 4),
            normal(size, 2),
        ),
        "gaussian": (normal(4), normal(4, 4), normal(size, 4)),
        "kmeans": (normal(3, 2), normal(size, 2)),
        "logsumexp": (normal(size),),
        "heat": (normal(size), 0.1),
        "bundle": (
            np.array([0.1, 0.2, 0.3, 0.1, 0.2, 9.0, 1.0, 0.1, 0.05]),
            normal(size, 3),
            normal(size, 2),
        ),
    }


def objectives() -> list[Measure]:
    """Small arrays and large ones: gradient / function, and HIPS autograd / gradient."""
    measures: list[Measure] = []
    for size, rounds in ((10, 15), (10_000, 9)):
        print(f"\n(h) value and gradient of NumPy code, {size:,} data\n")
        rows = []
        for name, point in _points(size).items():
            function, ours, theirs = _contenders(name)
            calls = {"function": function, "ours": ours, "autograd": theirs}
            times = side_by_side(
                {who: (f, point) for who, f in calls.items()}, rounds, unpacked=True
            )
            ratio = paired_ratio(times["ours"], times["function"])
            faster = paired_ratio(times["autograd"], times["ours"])
            rows.append(
                (
                    name,
                    f"{1e6 * min(times['ours']):.1f}",
                    f"{ratio:.2f}",
                    f"{faster:.1f}",
                )
            )
            measures.append(
                Measure(f"(h) {name}, {size:,}: ours / the function", ratio)
            )
            # ours over theirs: at most 1, and at most a fifth on small arrays
            limit = 0.2 if size == 10 else 1.0
            measures.append(
                Measure(f"(h) {name}, {size:,}: ours / autograd", 1 / faster, limit)
            )
        show_table(("", "us a call", "/ function", "autograd / ours"), rows)
    return [*measures, _rosenbrock()]


def _rosenbrock() -> Measure:
    """A million numbers, in slices."""
    function, ours, _ = _contenders("rosenbrock")
    x = np.random.default_rng(0).normal(size=1_000_000)
    times = in_turn({"function": lambda: function(x), "ours": lambda: ours(x)}, 9)
    ratio = paired_ratio(times["ours"], times["function"])
    return Measure("(h) rosenbrock, 1,000,000: ours / the function", ratio, 4.0)


def _contenders(
    name: str,
) -> tuple[Callable[..., Any], Callable[..., Any], Callable[..., Any]]:
    """The function, our value and gradient, and that of HIPS autograd."""
    plain = _functions("numpy")[name]
    traced = _functions("autograd.numpy")[name]
    names = plain.__code__.co_varnames[: plain.__code__.co_argcount]
    wrt = _WRT.get(name, names)
    ranks = {
        one: np.ndim(value) for one, value in zip(names, _points(3)[name], strict=True)
    }
    signature = ", ".join(
        f"{one}: float" + (f"[{', '.join(':' * rank)}]" if rank else "")
        for one, rank in ranks.items()
    )
    source = adjoint.value_and_grad(
        _path() + ":" + name, wrt, signature=signature
    ).source
    space: dict[str, Any] = {}
    exec(source, space)
    autograd = importlib.import_module("autograd")
    places = [names.index(one) for one in wrt]
    place = places[0] if len(places) == 1 else tuple(places)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = autograd.value_and_grad(traced, place)
    return plain, space[f"{name}_value_and_grad"], theirs


def _functions(numpy: str) -> dict[str, Any]:
    space: dict[str, Any] = {}
    exec(_TEXT.format(numpy=numpy), space)
    return space


def _path() -> str:
    """A file with the functions, for adjoint to read."""
    import tempfile
    from pathlib import Path

    path = Path(tempfile.gettempdir()) / "adjoint_bench_arrays.py"
    path.write_text(_TEXT.format(numpy="numpy"), encoding="utf-8")
    return str(path)
