"""(m) Gradient and Jacobian of equations of motion, from SymPy's expression to callable.

The model is SymPy's ``n_link_pendulum_on_cart(k)``; its mass matrix times its forcing
is differentiated by all coordinates and speeds, by adjoint, by SymPy's ``diff`` and by
SymPy's forward accumulation, both with ``lambdify(cse=True)``.
"""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Sequence
from typing import Any

import sympy
from sympy.core.cache import clear_cache
from sympy.physics.mechanics.models import n_link_pendulum_on_cart

import adjoint
from tests.bench.operations import count_operations
from tests.bench.report import Measure, show_table

LINKS = range(2, 9)
#: Where the time is required, and how much faster it has to be.
AT, FASTER = 5, 20
TOLERANCE = 1e-10

#: A derivative by one tool: seconds, operations, the numbers at a point.
Result = tuple[float, int, list[float]]


def pendulums() -> list[Measure]:
    """The seconds and operations of each tool, for each number of links."""
    print("\n(m) pendulums of k links: seconds of the processor, operations\n")
    rows: list[list[str]] = []
    measures: list[Measure] = []
    error = 0.0
    for kind in ("gradient", "Jacobian"):
        most = 0.0
        for links in LINKS:
            results = [tool(*model(links, kind)) for tool in TOOLS.values()]
            (seconds, count, ours), *others = results
            rows.append([f"{kind}, k = {links}", *_cells(results)])
            print("  " + "  ".join(rows[-1]), flush=True)
            most = max([most, *(count / theirs for _, theirs, _ in others)])
            error = max([error, *(difference(ours, one) for _, _, one in others)])
            if links == AT:
                part = seconds / min(theirs for theirs, _, _ in others)
                what = f"(m) {kind}, k = {AT}: time / the faster one of SymPy's"
                measures.append(Measure(what, part, 1 / FASTER))
        what = f"(m) {kind}: operations / the fewer of SymPy's, at most"
        measures.append(Measure(what, most, 1))
    print()
    show_table(("", *(f"{name}" for name in TOOLS)), rows)
    return [*measures, Measure("(m) relative difference", error, TOLERANCE)]


def _cells(results: Sequence[Result]) -> list[str]:
    return [f"{seconds:.3f} s {count:6,}" for seconds, count, _ in results]


def model(links: int, kind: str) -> tuple[Any, list[Any]]:
    """The expressions, and the coordinates and speeds to differentiate by."""
    kane = n_link_pendulum_on_cart(links, cart_force=True, joint_torques=False)
    vector = kane.mass_matrix_full @ kane.forcing_full
    expressions = vector if kind == "Jacobian" else sum(vector)
    return expressions, [*kane.q, *kane.u]


def point(names: Sequence[str]) -> dict[str, float]:
    """Some number for each name, the same in every run."""
    return {name: 0.4 + 0.83 * (7 * at % 11) / 11 for at, name in enumerate(names)}


def by_adjoint(expressions: Any, wrt: Sequence[Any]) -> Result:
    """The best of three: the whole of it takes milliseconds."""
    seconds = []
    for _ in range(3):
        begin = time.process_time()
        kind = adjoint.jacobian if hasattr(expressions, "shape") else adjoint.grad
        derivative = kind(expressions, wrt=wrt)
        function = derivative.function
        seconds.append(time.process_time() - begin)
    count = count_operations(derivative.source, function.__name__)
    return (
        min(seconds),
        count,
        flat(function(**point(derivative.primal.parameter_names))),
    )


def by_diff(expressions: Any, wrt: Sequence[Any]) -> Result:
    """SymPy's derivatives, one by one."""

    def differentiated(vector: Any, symbols: Sequence[Any]) -> Any:
        if not hasattr(vector, "shape"):
            return [vector.diff(symbol) for symbol in symbols]
        return list(vector.jacobian(symbols))

    return _by_sympy(differentiated, expressions, wrt)


def by_forward_accumulation(expressions: Any, wrt: Sequence[Any]) -> Result:
    """SymPy's derivatives on the graph of common subexpressions."""
    from sympy.simplify._cse_diff import _forward_jacobian

    def differentiated(vector: Any, symbols: Sequence[Any]) -> Any:
        if not hasattr(vector, "shape"):
            vector = sympy.Matrix([vector])
        return list(_forward_jacobian(vector, sympy.Matrix(symbols)))

    return _by_sympy(differentiated, expressions, wrt)


def _by_sympy(
    differentiated: Callable[[Any, Sequence[Any]], Any],
    expressions: Any,
    wrt: Sequence[Any],
) -> Result:
    """What is easier for SymPy: symbols instead of functions of time, one flat list."""
    names = {one: sympy.Symbol(str(one.func)) for one in wrt}
    force = {
        f: sympy.Symbol(str(f.func))
        for f in expressions.atoms(sympy.Function)
        if isinstance(f, sympy.core.function.AppliedUndef)
    }
    expressions = expressions.xreplace(force | names)
    symbols = sorted(expressions.free_symbols | set(names.values()), key=_as_adjoint)
    clear_cache()
    begin = time.process_time()
    derivative = differentiated(expressions, list(names.values()))
    function = sympy.lambdify(symbols, derivative, "math", cse=True)
    seconds = time.process_time() - begin
    source = inspect.getsource(function)
    count = count_operations(source, function.__name__)
    return seconds, count, flat(function(**point([str(s) for s in symbols])))


def _as_adjoint(symbol: sympy.Symbol) -> tuple[str, int]:
    letters = symbol.name.rstrip("0123456789")
    return letters, int(symbol.name[len(letters) :] or 0)


def flat(numbers: Any) -> list[float]:
    """The numbers in nested lists and tuples."""
    if isinstance(numbers, (list, tuple)):
        return [number for part in numbers for number in flat(part)]
    return [float(numbers)]


def difference(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """The largest difference, relative to the larger number, or to 1."""
    pairs = zip(ours, theirs, strict=True)
    return max(abs(a - b) / max(1.0, abs(a), abs(b)) for a, b in pairs)


TOOLS: dict[str, Callable[[Any, Sequence[Any]], Result]] = {
    "adjoint": by_adjoint,
    "diff, lambdify": by_diff,
    "forward Jacobian, lambdify": by_forward_accumulation,
}
