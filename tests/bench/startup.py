"""(e) What it takes to begin: the import, the command, a formula to a callable."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from itertools import count
from pathlib import Path

from tests.bench import contenders
from tests.bench.report import Measure, show_table
from tests.bench.timing import in_turn

_FORMULA = "(x1 - x2)**2 + cos(x1 + x2)"
_COMMAND = Path(sys.executable).with_name("adjoint")


def processes() -> list[Measure]:
    """Whole processes, with byte code cached, as after a first use."""
    print("\n(e) whole processes, byte code cached: milliseconds\n")
    python = sys.executable
    commands = {
        "python -c pass": [python, "-c", "pass"],
        "import adjoint": [python, "-c", "import adjoint"],
        "import sympy": [python, "-c", "import sympy"],
        "adjoint compile": [str(_COMMAND), "compile", _FORMULA],
    }
    with tempfile.TemporaryDirectory() as folder:
        tasks = {n: partial(_run, c, Path(folder)) for n, c in commands.items()}
        in_turn(tasks, 2)  # fills the cache of byte code
        times = in_turn(tasks, 25)
    show_table(
        ("process", "median", "fastest"),
        [
            (name, f"{1e3 * statistics.median(t):.1f}", f"{1e3 * min(t):.1f}")
            for name, t in times.items()
        ],
    )
    bare, ours = min(times["python -c pass"]), min(times["import adjoint"])
    whole = min(times["adjoint compile"])
    return [
        Measure("(e) import adjoint, over bare Python", 1e3 * (ours - bare), 60, " ms"),
        Measure("(e) adjoint compile, whole process", whole, 0.4, " s"),
    ]


def callables() -> list[Measure]:
    """From the text of a formula to a function of value and gradient, warm.

    The parameters have other names each time, so that nobody has seen the formula;
    SymPy, which remembers what it has seen, is timed with the same formula as well.
    """
    print("\n(e) from formula to callable in a warm process: milliseconds\n")
    ways: dict[str, contenders.Compile] = {
        "adjoint": contenders.by_adjoint,
        "SymPy": contenders.by_sympy,
    }
    if contenders.HAS_CASADI:
        ways["CasADi"] = contenders.by_casadi
    number = count()

    def task(way: contenders.Compile) -> Callable[[], None]:
        def make() -> None:
            k = next(number)
            a, b = f"a{k}", f"b{k}"
            way(_FORMULA.replace("x1", a).replace("x2", b), [a, b])

        return make

    tasks = {name: task(way) for name, way in ways.items()}
    tasks["SymPy, seen before"] = partial(contenders.by_sympy, _FORMULA, ["x1", "x2"])
    in_turn(tasks, 20)
    times = in_turn(tasks, 200)
    show_table(
        ("formula to callable", "median", "fastest"),
        [
            (name, f"{1e3 * statistics.median(t):.2f}", f"{1e3 * min(t):.2f}")
            for name, t in times.items()
        ],
    )
    if not contenders.HAS_CASADI:
        print(f"  {contenders.NO_CASADI}")
    typical = 1e3 * statistics.median(times["adjoint"])
    return [Measure("(e) formula to callable", typical, 2, " ms")]


def _run(command: list[str], folder: Path) -> None:
    """Run to the end, elsewhere than in this repository."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    subprocess.run(
        command,
        cwd=folder,
        env=inherited | {"PYTHONPYCACHEPREFIX": str(folder / "cache")},
        stdout=subprocess.DEVNULL,
        check=True,
    )
