"""(p) Generated C: gradients beside those that SymPy and CasADi write in C."""

from __future__ import annotations

import ctypes
import math
import runpy
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import sympy

import adjoint
from adjoint.target.c.library import compiled
from tests.bench import contenders
from tests.bench.calls import middle
from tests.bench.report import Measure, show_table
from tests.bench.timing import Times, geometric_mean, in_turn, paired_ratio
from tests.support import Case, load_formulas

_LOTKA = Path(__file__).parents[2] / "examples" / "lotka_volterra.py"
_CALLS = 20_000
_ROUNDS = 9

#: Calls what is behind a pointer again and again, each time at another point.
_DRIVER = """
typedef void Gradient(const double *, double *);

static void repeat(Gradient *volatile gradient, const double *at, int n, double *out)
{{
    double x[{inputs}];
    for (int turn = 0; turn < n; turn++) {{
        for (int i = 0; i < {inputs}; i++)
            x[i] = at[i] * (1.0 + 1e-6 * (turn % 1024));
        gradient(x, out);
    }}
}}
"""
_CONTENDER = """
static void by_{tool}(const double *given_, double *out_)
{{
{body}
}}

void repeat_{tool}(const double *at, int n, double *out)
{{
    repeat(by_{tool}, at, n, out);
}}
"""


def gradients() -> list[Measure]:
    """Every formula of the table, and a loop: value and gradient, compiled by cc -O2."""
    print("\n(p) value and gradient in C, beside the C of SymPy (cse) and of CasADi\n")
    if shutil.which("cc") is None:
        print("  there is no C compiler: left out")
        return []
    rows = []
    ratios: dict[str, list[float]] = {}
    for case in load_formulas():
        times = _times(case)
        rows.append(
            [case.id, *(f"{1e9 * min(t) / _CALLS:.0f}" for t in times.values())]
        )
        for tool in times.keys() - {"adjoint"}:
            ratio = paired_ratio(times["adjoint"], times[tool])
            ratios.setdefault(tool, []).append(ratio)
    show_table(("ns a call", *times), rows)
    measures = [
        Measure(f"(p) in C, adjoint / {tool}, geometric mean", geometric_mean(found))
        for tool, found in sorted(ratios.items())
    ]
    return [*measures, _loop(), _list()]


def _times(case: Case) -> dict[str, Times]:
    names = list(case.ranges)
    point = middle(case)
    texts = {"adjoint": _by_adjoint, "SymPy": _by_sympy}
    if contenders.HAS_CASADI:
        texts["CasADi"] = _by_casadi
    parts = [write(case.formula, names) for write in texts.values()]
    drivers = [
        _CONTENDER.format(tool=tool, body=body)
        for tool, (_, body) in zip(texts, parts, strict=True)
    ]
    outside = [before for before, _ in parts]
    driver = _DRIVER.format(inputs=len(names))
    library = compiled("\n".join(["#define _GNU_SOURCE", *outside, driver, *drivers]))
    at = (ctypes.c_double * len(names))(*point)
    out = {tool: (ctypes.c_double * (1 + len(names)))() for tool in texts}
    runs = {tool: _run(library, tool, at, out[tool]) for tool in texts}
    times = in_turn(runs, _ROUNDS)
    for tool in texts:
        for ours, theirs in zip(out["adjoint"], out[tool], strict=True):
            if not math.isclose(ours, theirs, rel_tol=1e-9, abs_tol=1e-12):
                raise SystemExit(
                    f"{case.id}: {list(out['adjoint'])}, {list(out[tool])}"
                )
    return times


def _run(
    library: ctypes.CDLL, tool: str, at: ctypes.Array, out: ctypes.Array
) -> Callable[[], None]:
    repeat = getattr(library, f"repeat_{tool}")
    repeat.restype = None
    return lambda: repeat(at, _CALLS, out)


# -- each gives what stands outside, and the body of a function of x and out


def _by_adjoint(formula: str, names: Sequence[str]) -> tuple[str, str]:
    headed = f"adjoint({', '.join(names)}) = {formula}"
    source = adjoint.value_and_grad(headed, target="c").source
    given = ", ".join(f"given_[{at}]" for at in range(len(names)))
    return source, f"    out_[0] = adjoint_value_and_grad({given}, out_ + 1);"


def _by_sympy(formula: str, names: Sequence[str]) -> tuple[str, str]:
    symbols, expressions = contenders.sympy_gradient(formula, names)
    shared, reduced = sympy.cse(expressions)
    lines = [f"double {name} = given_[{at}];" for at, name in enumerate(symbols)]
    lines += [f"double {name} = {sympy.ccode(one)};" for name, one in shared]
    lines += [f"out_[{at}] = {sympy.ccode(one)};" for at, one in enumerate(reduced)]
    return "", "\n".join(f"    {line}" for line in lines)


def _by_casadi(formula: str, names: Sequence[str]) -> tuple[str, str]:
    import casadi

    function = contenders.by_casadi(formula, names)
    generator = casadi.CodeGenerator("casadi.c")
    generator.add(function)
    text = generator.dump()
    given = ", ".join(f"given_ + {at}" for at in range(len(names)))
    body = (
        f"    const double *points[] = {{{given}}};\n"
        "    double *results[] = {out_, out_ + 1};\n"
        "    f(points, results, 0, 0, 0);"
    )
    return text, body


def _loop() -> Measure:
    """Lotka-Volterra: value and six derivatives beside the function, both in C."""
    function = runpy.run_path(str(_LOTKA))["final_prey"]
    source = adjoint.value_and_grad(function, target="c").source
    library = compiled(source)
    start = (10.0, 5.0, 1.1, 0.4, 0.4, 0.1)
    doubles = [ctypes.c_double] * 6
    arguments = [*doubles, ctypes.c_int64, ctypes.c_double]
    value, both = library.final_prey, library.final_prey_value_and_grad
    value.argtypes = arguments
    value.restype = both.restype = ctypes.c_double
    out = (ctypes.c_double * 7)()
    both.argtypes = [*arguments, type(out)]
    times = in_turn(
        {
            "value": lambda: value(*start, 1_000, 0.01),
            "both": lambda: both(*start, 1_000, 0.01, out),
        },
        200,
    )
    ratio = paired_ratio(times["both"], times["value"])
    return Measure("(p) in C, a loop of 1,000 steps, gradient / function", ratio, 5)


def rod(u: list[float], k: float, steps: int) -> float:
    """Heat in a rod of so many points: the sum of squares after some steps."""
    for _ in range(steps):
        v = u[:]
        for i in range(1, len(u) - 1):
            v[i] = u[i] + k * (u[i - 1] - 2.0 * u[i] + u[i + 1])
        u = v
    return sum(a * a for a in u)


def _list() -> Measure:
    """Heat in a rod of 200 points: its gradient beside the function, both in C."""
    library = compiled(adjoint.value_and_grad(rod, target="c").source)
    points = (ctypes.c_double * 200)(*[math.sin(0.1 * i) for i in range(200)])
    out, by_k = (ctypes.c_double * 200)(), ctypes.c_double()
    given = (points, ctypes.c_int64(200), ctypes.c_double(0.2), ctypes.c_int64(100))
    value, both = library.rod, library.rod_value_and_grad
    times = in_turn(
        {
            "value": lambda: value(*given),
            "both": lambda: both(*given, out, ctypes.byref(by_k)),
        },
        200,
    )
    ratio = paired_ratio(times["both"], times["value"])
    return Measure("(p) in C, 100 steps of a list of 200, gradient / function", ratio)
