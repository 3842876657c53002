"""Measure adjoint beside other tools; everything is printed and nothing kept.

``python tests/bench/run.py`` runs all sections, ``run.py b c`` some of them:

    a  a call of the worked example beside code written by hand
    b  a call of every formula of tests/cases/formulas.csv beside SymPy's lambdify
    c  the number of elementary operations
    d  the time from text to source as formulas grow
    e  the import, the command, and from formula to callable
    f  the gradient of a loop of many steps: time, text and memory
    g  functions of arrays beside NumPy code by hand
    h  gradients of NumPy code beside the functions and HIPS autograd
    i  second derivatives of NumPy code, in the same way
    s  the number of operations of second derivatives
    p  gradients in C beside those of SymPy and CasADi
    m  equations of motion of SymPy: gradient and Jacobian beside SymPy's own

The exit code is 1 where a number is over its limit.
"""

from __future__ import annotations

import platform
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.bench import (
    array_second,
    arrays,
    batches,
    calls,
    growth,
    in_c,
    loops,
    mechanics,
    operations,
    startup,
)
from tests.bench.report import Measure, show

SECTIONS: dict[str, Sequence[Callable[[], list[Measure]]]] = {
    "a": [calls.by_hand],
    "b": [calls.beside_sympy],
    "c": [operations.ratios],
    "d": [growth.sizes],
    "e": [startup.processes, startup.callables],
    "f": [loops.runge_kutta],
    "g": [batches.beside_numpy],
    "h": [arrays.objectives],
    "i": [array_second.second_derivatives],
    "s": [operations.second_derivatives],
    "p": [in_c.gradients],
    "m": [mechanics.pendulums],
}


def main(wanted: Sequence[str]) -> int:
    """Run the sections that are asked for; all of them where none is."""
    unknown = [name for name in wanted if name not in SECTIONS]
    if unknown:
        print(f"no section {unknown[0]!r}\n\n{__doc__}", file=sys.stderr)
        return 2
    print(f"Python {platform.python_version()} on {platform.machine()}")
    begin = time.perf_counter()
    measures: list[Measure] = []
    for name in wanted or SECTIONS:
        for section in SECTIONS[name]:
            measures += section()
    print(f"\nin all ({time.perf_counter() - begin:.0f} s)\n")
    show(measures)
    return 0 if all(measure.holds for measure in measures) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
