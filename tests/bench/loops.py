"""(f) A loop of many steps: what its gradient costs in time, in text and in memory."""

from __future__ import annotations

import gc
import runpy
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import adjoint
from tests.bench.contenders import module_of
from tests.bench.report import Measure, show_table
from tests.bench.timing import paired_ratio, side_by_side

_FILE = Path(__file__).parents[2] / "examples" / "lotka_volterra.py"
_POINT = (10.0, 5.0, 1.1, 0.4, 0.4, 0.1)
_WRT = ("prey", "predators", "birth", "hunt", "death", "growth")
_SIZES = (1_000, 10_000, 100_000)


def runge_kutta() -> list[Measure]:
    """Lotka-Volterra: value and gradient beside the function as it was written."""
    print("\n(f) Lotka-Volterra by n Runge-Kutta steps, its gradient by 6 numbers\n")
    function = runpy.run_path(str(_FILE))["final_prey"]
    plain, checkpointed = _module(None), _module("sqrt")
    names = "final_prey", "final_prey_value_and_grad"
    primal, both = (module_of(plain)[name] for name in names)
    sparing = module_of(checkpointed)[names[1]]
    calls = {
        "the function": function,
        "as generated": primal,
        "value and gradient": both,
        "with checkpoints": sparing,
    }
    point = (*_POINT, 1_000)
    times = side_by_side({name: (f, point) for name, f in calls.items()}, 15)
    ratios = {name: paired_ratio(t, times["the function"]) for name, t in times.items()}
    show_table(
        ("n = 1,000", "ms a call", "ratio"),
        [(n, f"{1e3 * min(times[n]):.2f}", f"{ratios[n]:.2f}") for n in calls],
    )
    print()
    peaks = {
        (name, n): _peak(f, n)
        for name, f in (("plain", both), ("sqrt", sparing))
        for n in _SIZES
    }
    show_table(
        ("most memory, kB", *(f"n = {n:,}" for n in _SIZES)),
        [
            (name, *(f"{peaks[name, n] / 1e3:,.0f}" for n in _SIZES))
            for name in ("plain", "sqrt")
        ],
    )
    begin = time.perf_counter()
    both(*_POINT, 1_000_000, 1e-5)
    long = time.perf_counter() - begin
    first, _, last = _SIZES
    ratio = ratios["value and gradient"]
    return [
        Measure("(f) value and gradient / the function, n = 1,000", ratio, 3.5),
        Measure("(f) the same with checkpoints", ratios["with checkpoints"]),
        Measure("(f) lines of the module", len(plain.splitlines()), 119),
        Measure(
            "(f) memory, n times 100, plain",
            peaks["plain", last] / peaks["plain", first],
            105,
        ),
        Measure(
            "(f) memory, n times 100, checkpoints",
            peaks["sqrt", last] / peaks["sqrt", first],
            15,
        ),
        Measure("(f) n = 1,000,000, plain", long, None, " s"),
    ]


def _module(checkpoint: str | None) -> str:
    source = f"{_FILE}:final_prey"
    return adjoint.value_and_grad(source, wrt=_WRT, checkpoint=checkpoint).source


def _peak(function: Callable[..., Any], n: int) -> int:
    """The most bytes that a call holds at once."""
    gc.collect()
    tracemalloc.start()
    function(*_POINT, n, 10.0 / n)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak
