"""What a call of the generated code costs: beside code by hand, beside SymPy's."""

from __future__ import annotations

import math
from collections.abc import Callable
from math import cos, sin
from typing import Any

from tests.bench import contenders
from tests.bench.report import Measure, show_table
from tests.bench.timing import Times, geometric_mean, paired_ratio, side_by_side
from tests.support import Case, load_formulas

EXAMPLE = "(x1 - x2)**2 + cos(x1 + x2)"

_Pair = tuple[float, tuple[float, float]]


def plain(x1: float, x2: float) -> _Pair:
    """The worked example by hand: one name for each thing used twice."""
    a = x1 - x2
    b = x1 + x2
    s = sin(b)
    d = a + a
    return a * a + cos(b), (d - s, -d - s)


def doubled(x1: float, x2: float) -> _Pair:
    """The same with the factor 2 and the sign as one would derive them."""
    a = x1 - x2
    b = x1 + x2
    s = -sin(b)
    d = 2.0 * a
    return a * a + cos(b), (s + d, s - d)


def in_place(x1: float, x2: float) -> _Pair:
    """The same with every name given where it is first used."""
    return (a := x1 - x2) * a + cos(b := x1 + x2), (
        (s := -sin(b)) + (d := a + a),
        s - d,
    )


BY_HAND = (plain, doubled, in_place)


def by_hand() -> list[Measure]:
    """(a) The worked example beside the tightest of several functions by hand."""
    print("\n(a) one call of f_value_and_grad, the worked example, at (1, 2)\n")
    point = (1.0, 2.0)
    ratios: dict[str, list[float]] = {}
    nanoseconds: dict[str, float] = {}
    for _ in range(5):  # fresh code each time: where it lies in memory matters a little
        generated = contenders.by_generated_module(EXAMPLE, ["x1", "x2"])
        functions = {"adjoint": generated} | {f.__name__: _copy(f) for f in BY_HAND}
        functions["plain, a copy"] = _copy(plain)
        times = side_by_side({n: (f, point) for n, f in functions.items()}, 300)
        for name in times:
            ratios.setdefault(name, []).append(
                paired_ratio(times[name], times["plain"])
            )
            best = 1e9 * min(times[name])
            nanoseconds[name] = min(best, nanoseconds.get(name, best))
    typical = {name: sorted(found)[len(found) // 2] for name, found in ratios.items()}
    show_table(
        ("", "ns a call", "beside plain"),
        [(n, f"{nanoseconds[n]:.0f}", f"{typical[n]:.3f}") for n in typical],
    )
    tightest = min(typical[function.__name__] for function in BY_HAND)
    ratio = typical["adjoint"] / tightest
    return [Measure("(a) worked example / tightest by hand", ratio, 1.05)]


def _copy(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function with code of its own, as a freshly generated one has."""
    return type(function)(function.__code__.replace(), {"sin": sin, "cos": cos})


def beside_sympy() -> list[Measure]:
    """(b) Each formula of the table beside SymPy's ``lambdify`` with ``cse``."""
    print(
        "\n(b) one call, f(*x), of f_value_and_grad beside SymPy's lambdify, cse=True\n"
    )
    rows, by_sympy, by_casadi = [], [], []
    for case in load_formulas():
        names, point = list(case.ranges), middle(case)
        ours, theirs = _beside(contenders.by_sympy, case, 9)
        _compare_results(
            case,
            _in_order_of(names, case)(*point),
            contenders.by_sympy(case.formula, names)(*point),
        )
        ratio = paired_ratio(ours, theirs)
        by_sympy.append((ratio, case.id))
        rows.append([case.id, *(f"{1e9 * min(one):.0f}" for one in (ours, theirs))])
        rows[-1].append(f"{ratio:.2f}")
        if contenders.HAS_CASADI:
            ours, theirs = _beside(contenders.by_casadi, case, 1)
            rows[-1].append(f"{1e9 * min(theirs):.0f}")
            by_casadi.append(paired_ratio(ours, theirs))
    rows.sort(key=lambda row: -float(row[3]))
    head = ["ns a call", "adjoint", "SymPy", "ratio", "CasADi"]
    show_table(head[: len(rows[0])], rows)
    mean = geometric_mean(ratio for ratio, _ in by_sympy)
    worst, worst_id = max(by_sympy)
    measures = [
        Measure("(b) adjoint / SymPy, geometric mean", mean, 0.85),
        Measure(f"(b) adjoint / SymPy, worst ({worst_id})", worst, 1.25),
    ]
    if by_casadi:
        mean = geometric_mean(by_casadi)
        measures.append(Measure("(b) adjoint / CasADi, geometric mean", mean))
    else:
        print(f"  {contenders.NO_CASADI}")
    return measures


def _beside(
    contender: Callable[[str, list[str]], Callable[..., Any]], case: Case, copies: int
) -> tuple[Times, Times]:
    """The seconds of our function of a formula, and of another one, these two in turn.

    Each has fresh code so many times, as in (a): one copy may be 5% off.
    """
    names, point = list(case.ranges), middle(case)
    ours: Times = []
    theirs: Times = []
    for _ in range(copies):
        calls = {
            "ours": (_in_order_of(names, case), point),
            "theirs": (contender(case.formula, names), point),
        }
        times = side_by_side(calls, 20, unpacked=True)
        ours += times["ours"]
        theirs += times["theirs"]
    return ours, theirs


def middle(case: Case) -> list[float]:
    """A point in the middle of the ranges, no two parameters in the same place."""
    return [
        low + (high - low) * (0.3 + 0.4 * (0.618 * i % 1))
        for i, (low, high) in enumerate(case.ranges.values())
    ]


def _in_order_of(names: list[str], case: Case) -> Callable[..., Any]:
    """The generated function of a formula, its parameters in the order of ``names``."""
    formula = f"f({', '.join(names)}) = {case.formula}"
    return contenders.by_generated_module(formula, names)


def _compare_results(case: Case, ours: Any, theirs: Any) -> None:
    value, gradient = ours
    flat = [value, *(gradient if isinstance(gradient, tuple) else (gradient,))]
    for mine, other in zip(flat, theirs, strict=True):
        if not math.isclose(mine, other, rel_tol=1e-9, abs_tol=1e-12):
            raise SystemExit(f"{case.id}: {flat} is not {theirs}")
