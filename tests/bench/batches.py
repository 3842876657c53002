"""Functions of arrays beside NumPy code by hand, at a million points and at few."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

import adjoint
from tests.bench.report import Measure, show_table
from tests.bench.timing import in_turn, paired_ratio, side_by_side

EXAMPLE = "(x1 - x2)**2 + cos(x1 + x2)"
_POINTS = 1_000_000
_BLOCKS = (4096, 8192, 16384, 32768)
#: Each side is for half of the points, in no order.
BRANCH = "where(x1 > x2, log(x1 - x2), x1*exp(x2))"

_Batch = Callable[[Any, Any], tuple[Any, tuple[Any, Any]]]


def plain(x1: Any, x2: Any) -> tuple[Any, tuple[Any, Any]]:
    """The worked example as one writes it with NumPy."""
    a = x1 - x2
    b = x1 + x2
    s = np.sin(b)
    d = a + a
    return a * a + np.cos(b), (d - s, -d - s)


def in_blocks_of(size: int) -> _Batch:
    """The same by hand in blocks, every result written where it will stay."""

    def function(x1: Any, x2: Any) -> tuple[Any, tuple[Any, Any]]:
        y, d1, d2 = (np.empty(x1.size) for _ in range(3))
        room, more = np.empty(size), np.empty(size)
        for start in range(0, x1.size, size):
            part = slice(start, start + size)
            u, v, value, first, second = x1[part], x2[part], y[part], d1[part], d2[part]
            a, b = room[: u.size], more[: u.size]
            np.add(u, v, out=b)
            np.cos(b, out=value)
            np.subtract(u, v, out=a)
            np.multiply(a, a, out=first)
            np.add(value, first, out=value)
            np.sin(b, out=b)
            np.add(a, a, out=a)
            np.subtract(a, b, out=first)
            np.add(a, b, out=second)
            np.negative(second, out=second)
        return y, (d1, d2)

    return function


def branch_by_hand(x1: Any, x2: Any) -> tuple[Any, tuple[Any, Any]]:
    """`BRANCH` with `np.where`, and arguments that are safe where they are not meant."""
    holds = x1 > x2
    a = np.where(holds, x1 - x2, 1.0)
    e = np.exp(np.where(holds, 0.0, x2))
    f = x1 * e
    value = np.where(holds, np.log(a), f)
    return value, (np.where(holds, 1.0 / a, e), np.where(holds, -1.0 / a, f))


def beside_numpy() -> list[Measure]:
    """(g) Value and both derivatives of the worked example at arrays."""
    print(f"\n(g) value and derivatives at {_POINTS:,} points, beside NumPy by hand\n")
    generated = adjoint.value_and_grad(EXAMPLE, target="numpy").function
    by_hand: dict[str, _Batch] = {"plain": plain}
    by_hand |= {f"blocks of {size}, out=": in_blocks_of(size) for size in _BLOCKS}
    ratio = _at_many(generated, by_hand)
    measures = [Measure("(g) a million points / tightest by hand", ratio, 1.15)]
    branch = adjoint.value_and_grad(BRANCH, target="numpy").function
    ratio = _at_many(branch, {"where, safe arguments": branch_by_hand})
    measures.append(Measure("(g) a million points of a branch / np.where", ratio))
    return measures + _at_few(generated)


def _at_many(generated: _Batch, by_hand: dict[str, _Batch]) -> float:
    """The time of the generated function over that of the fastest by hand."""
    x1, x2 = np.random.default_rng(0).uniform(-3, 3, (2, _POINTS))
    functions = {"adjoint": generated} | by_hand
    for function in functions.values():
        _compare_results(generated(x1, x2), function(x1, x2))
    tasks = {n: (lambda f=f: f(x1, x2)) for n, f in functions.items()}
    times = in_turn(tasks, 25, time.process_time)
    ratios = {n: paired_ratio(times["adjoint"], times[n]) for n in by_hand}
    rows = [(n, f"{1e3 * min(times[n]):.1f}", f"{r:.3f}") for n, r in ratios.items()]
    rows.insert(0, ("adjoint", f"{1e3 * min(times['adjoint']):.1f}", ""))
    show_table(("", "ms", "adjoint / this"), rows)
    return max(ratios.values())


def _at_few(generated: _Batch) -> list[Measure]:
    """Numbers and ten points: what is paid for what only many points need."""
    measures = []
    for what, points in {
        "one point": (1.0, 2.0),
        "ten points": np.ones((2, 10)),
    }.items():
        calls = {"adjoint": (generated, points), "plain": (plain, points)}
        times = side_by_side(calls, 40)
        ratio = paired_ratio(times["adjoint"], times["plain"])
        print(f"  {what}: {1e6 * min(times['adjoint']):.1f} microseconds a call")
        measures.append(Measure(f"(g) {what} / plain NumPy", ratio))
    return measures


def _compare_results(ours: Any, theirs: Any) -> None:
    for a, b in zip([ours[0], *ours[1]], [theirs[0], *theirs[1]], strict=True):
        if not np.allclose(a, b, rtol=1e-12, atol=1e-12):
            raise SystemExit("the functions of arrays do not agree")
