"""(d) Time from the text of a formula to the text of its gradient, as formulas grow.

That of adjoint compiled to machine code (``make compiled``) where it is, which is held
to the limit then, and that of adjoint as it is installed, beside SymPy's.
"""

from __future__ import annotations

import math
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.bench.growth_one import FAMILIES
from tests.bench.report import Measure
from tests.bench.timing import growth_exponent

SIZES = (100, 300, 1_000, 3_000, 10_000, 30_000, 100_000)
#: Seconds for the largest.
LARGEST_LIMIT = 10.0
#: A fitted power of n up to this, over the sizes from FIT_FROM on, is linear. Memory
#: is slower where more of it is in use: that operations grow as n does, the tests count.
EXPONENT_LIMIT = 1.15
FIT_FROM = 1_000
#: SymPy is asked for no larger formula once it has needed longer than this.
SYMPY_LIMIT = 20.0
#: Seconds by the clock after which a process is stopped, on a machine that is busy.
PATIENCE = {"compiled": 120.0, "adjoint": 120.0, "sympy": 2 * SYMPY_LIMIT}

_ROOT = Path(__file__).parents[2]
_COMPILED = _ROOT / "build" / "compiled"
_NOT_COMPILED = "(adjoint is not compiled: `make compiled` does it)"


def sizes() -> list[Measure]:
    """The seconds for each family and size, SymPy's beside them."""
    print("\n(d) seconds of the processor from text to source\n")
    ours = ["compiled", "adjoint"] if _COMPILED.exists() else ["adjoint"]
    _print_row("formula", "n", *ours, "SymPy")
    measures: list[Measure] = []
    for family in FAMILIES:
        points: dict[str, list[tuple[int, float]]] = {tool: [] for tool in ours}
        sympy_gave_up = False
        for n in SIZES:
            for tool in ours:
                best = min(_seconds(tool, family, n) for _ in range(3))
                points[tool].append((n, best))
            theirs = math.inf if sympy_gave_up else _seconds("sympy", family, n)
            sympy_gave_up = theirs > SYMPY_LIMIT
            times = [*(points[tool][-1][1] for tool in ours), theirs]
            _print_row(family, f"{n:,}", *map(_shown, times))
        largest = points[ours[0]][-1][1]
        measures += [
            *(_power(f"{family}, {tool}", points[tool]) for tool in ours),
            Measure(f"(d) {family} of {SIZES[-1]:,}", largest, LARGEST_LIMIT, " s"),
        ]
    if len(ours) == 1:
        print(f"  {_NOT_COMPILED}")
    return measures


def _power(of: str, points: Sequence[tuple[int, float]]) -> Measure:
    fitted = growth_exponent([point for point in points if point[0] >= FIT_FROM])
    return Measure(f"(d) {of}: power of n", fitted, EXPONENT_LIMIT)


def _print_row(family: str, n: str, *columns: str) -> None:
    cells = [f"{column:>8}" for column in columns]
    print("  ".join([f"  {family:8}", f"{n:>8}", *cells]), flush=True)


def _shown(seconds: float) -> str:
    return "-" if seconds == math.inf else f"{seconds:.4f}"


def _seconds(tool: str, family: str, n: int) -> float:
    """One measurement in a process of its own; infinite where it runs out of patience."""
    script = ["-P", "-m", "tests.bench.growth_one", tool, family, str(n)]
    path = [str(_COMPILED), str(_ROOT)] if tool == "compiled" else [str(_ROOT)]
    try:
        done = subprocess.run(
            [sys.executable, *script],
            env=os.environ | {"PYTHONPATH": os.pathsep.join(path)},
            capture_output=True,
            text=True,
            timeout=PATIENCE[tool],
        )
    except subprocess.TimeoutExpired:
        return math.inf
    if done.returncode and tool != "sympy":
        raise SystemExit(done.stderr)
    return math.inf if done.returncode else float(done.stdout)
