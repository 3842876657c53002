"""Timing contenders side by side: short batches in turn, medians of paired ratios."""

from __future__ import annotations

import gc
import math
import statistics
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

#: A function and the point to call it at.
Call = tuple[Callable[..., Any], Sequence[float]]

#: Seconds per call, one number a round.
Times = list[float]

_UNROLLED = 10
_BATCH_SECONDS = 0.0005


def side_by_side(
    contenders: Mapping[str, Call], rounds: int, unpacked: bool = False
) -> dict[str, Times]:
    """Seconds per call of each contender, in ``rounds`` rounds.

    In each round every contender runs one batch, beginning with another one each time,
    so that whatever slows the machine down for a while slows all of them down. The
    call is ``f(x0, x1)``, or ``f(*x)``, as an optimiser calls, where it is ``unpacked``.
    """
    runners = {name: _runner(*call, unpacked) for name, call in contenders.items()}
    counts = {name: _batch(run) for name, run in runners.items()}
    times: dict[str, Times] = {name: [] for name in contenders}
    order = list(contenders)
    gc.collect()
    gc.disable()
    try:
        for _ in range(rounds):
            for name in order:
                seconds = runners[name](counts[name])
                times[name].append(seconds / (counts[name] * _UNROLLED))
            order.append(order.pop(0))
    finally:
        gc.enable()
    return times


def paired_ratio(times: Times, baseline: Times) -> float:
    """The median, over the rounds, of one contender's time over the other's."""
    return statistics.median(a / b for a, b in zip(times, baseline, strict=True))


def in_turn(
    tasks: Mapping[str, Callable[[], Any]],
    rounds: int,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, Times]:
    """Seconds of each task, run once a round; for what takes milliseconds or more."""
    times: dict[str, Times] = {name: [] for name in tasks}
    for _ in range(rounds):
        for name, task in tasks.items():
            begin = clock()
            task()
            times[name].append(clock() - begin)
    return times


def geometric_mean(numbers: Iterable[float]) -> float:
    """The geometric mean."""
    return statistics.geometric_mean(numbers)


def growth_exponent(points: Sequence[tuple[int, float]]) -> float:
    """The k of ``seconds = c * n**k``, fitted to (n, seconds) by least squares."""
    logs = [(math.log(n), math.log(seconds)) for n, seconds in points]
    return statistics.linear_regression(*zip(*logs, strict=True)).slope


def _runner(
    function: Callable[..., Any], point: Sequence[float], unpacked: bool
) -> Callable[[int], float]:
    """What runs the call ``count`` times ten times and returns the seconds.

    The ten calls are written out, so that next to nothing of the loop is measured.
    """
    names = ", ".join(f"x{i}" for i in range(len(point)))
    calls = f"        f({'*point' if unpacked else names})\n" * _UNROLLED
    text = (
        "def run(count, f, point, clock):\n"
        f"    {names}, = point\n"
        "    begin = clock()\n"
        f"    for _ in range(count):\n{calls}"
        "    return clock() - begin\n"
    )
    space: dict[str, Any] = {}
    exec(text, space)
    run = space["run"]
    return lambda count: run(count, function, tuple(point), time.perf_counter)


def _batch(run: Callable[[int], float]) -> int:
    """How many times ten calls make up a batch; warms the code up on the way."""
    count = 1
    while run(count) < _BATCH_SECONDS:
        count *= 2
    return max(1, round(count * _BATCH_SECONDS / min(run(count) for _ in range(5))))
