"""(d) Time from the text of a formula to the text of its gradient, as formulas grow."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path

from tests.bench.growth_one import FAMILIES
from tests.bench.report import Measure
from tests.bench.timing import growth_exponent

SIZES = (100, 300, 1_000, 3_000, 10_000, 30_000, 100_000)
#: Seconds for the largest.
LARGEST_LIMIT = 10.0
#: What is linear: a fitted power of n up to this, over the sizes from FIT_FROM on.
EXPONENT_LIMIT = 1.1
FIT_FROM = 1_000
#: SymPy is asked for no larger formula once it has needed longer than this.
SYMPY_LIMIT = 20.0
#: Seconds by the clock after which a process is stopped, on a machine that is busy.
PATIENCE = {"adjoint": 120.0, "sympy": 2 * SYMPY_LIMIT}

_ROOT = Path(__file__).parents[2]


def sizes() -> list[Measure]:
    """The seconds for each family and size, SymPy's beside them."""
    print("\n(d) seconds of the processor from text to source\n")
    _print_row("formula", "n", "adjoint", "SymPy")
    measures: list[Measure] = []
    for family in FAMILIES:
        points: list[tuple[int, float]] = []
        sympy_gave_up = False
        for n in SIZES:
            repeats = 3 if n <= 10_000 else 1
            times = [_seconds("adjoint", family, n) for _ in range(repeats)]
            ours = min(times)
            theirs = math.inf if sympy_gave_up else _seconds("sympy", family, n)
            sympy_gave_up = theirs > SYMPY_LIMIT
            points.append((n, ours))
            _print_row(family, f"{n:,}", _shown(ours), _shown(theirs))
        fitted = growth_exponent([point for point in points if point[0] >= FIT_FROM])
        measures += [
            Measure(f"(d) {family}: power of n", fitted, EXPONENT_LIMIT),
            Measure(
                f"(d) {family} of {SIZES[-1]:,}", points[-1][1], LARGEST_LIMIT, " s"
            ),
        ]
    return measures


def _print_row(family: str, n: str, ours: str, theirs: str) -> None:
    print(f"  {family:8}  {n:>8}  {ours:>8}  {theirs:>8}", flush=True)


def _shown(seconds: float) -> str:
    return "-" if seconds == math.inf else f"{seconds:.4f}"


def _seconds(tool: str, family: str, n: int) -> float:
    """One measurement in a process of its own; infinite where it runs out of patience."""
    command = [sys.executable, "-m", "tests.bench.growth_one", tool, family, str(n)]
    try:
        done = subprocess.run(
            command, cwd=_ROOT, capture_output=True, text=True, timeout=PATIENCE[tool]
        )
    except subprocess.TimeoutExpired:
        return math.inf
    if done.returncode and tool == "adjoint":
        raise SystemExit(done.stderr)
    return math.inf if done.returncode else float(done.stdout)
