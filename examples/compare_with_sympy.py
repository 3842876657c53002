"""Compare with SymPy: the same gradients; what they cost in operations and in time.

    python examples/compare_with_sympy.py

SymPy differentiates the expression, and its code shares what the value and the
derivatives have in common (``cse=True``). adjoint differentiates the list of
operations. Both write Python; operations and time are those of value and gradient
together.
"""

import ast
import inspect
import math
from timeit import repeat

import sympy

import adjoint

# Formulas in the notation of both, and a point for each.
FORMULAS = {
    "worked example": ("(x1 - x2)**2 + cos(x1 + x2)", (1.0, 2.0)),
    "Gauss": ("exp(-((x - m)/s)**2/2)/(sqrt(2*pi)*s)", (1.0, 0.5, 2.0)),
    "gravitation": ("G*m*M/((x - a)**2 + (y - b)**2)", (1, 2, 3, 4, 1, 5, 2.5)),
    "relativity": ("m*v/sqrt(1 - v**2/c**2)", (1.5, 1.0, 3.0)),
    "Planck": ("h*w/(exp(h*w/(k*T)) - 1)", (1.0, 2.0, 1.5, 3.0)),
    "product of 12": ("*".join(f"x{i}" for i in range(1, 13)), (1.1,) * 12),
}


def by_sympy(formula, parameters):
    """SymPy's function of value and gradient, and its text."""
    symbols = [sympy.Symbol(name) for name in parameters]
    value = sympy.sympify(formula, locals={s.name: s for s in symbols})
    outputs = [value, *(value.diff(symbol) for symbol in symbols)]
    function = sympy.lambdify(symbols, outputs, "math", cse=True)
    return function, inspect.getsource(function)


def operations(source):
    """The operators and calls in the last function of a text."""
    elementary = (ast.BinOp, ast.UnaryOp, ast.AugAssign, ast.Call)
    return sum(
        isinstance(node, elementary) for node in ast.walk(ast.parse(source).body[-1])
    )


def nanoseconds(function, point):
    """What one call takes, at best."""
    times = repeat(lambda: function(*point), number=2_000, repeat=15)
    return 1e9 * min(times) / 2_000


def main():
    """Print one line a formula."""
    print(f"{'':16}{'gradients':>11}{'operations':>20}{'nanoseconds':>20}")
    print(
        f"{'formula':16}{'':>11}{'adjoint':>11}{'SymPy':>9}{'adjoint':>11}{'SymPy':>9}"
    )
    for name, (formula, point) in FORMULAS.items():
        derivative = adjoint.value_and_grad(formula)
        ours, our_text = derivative.function, derivative.source
        theirs, their_text = by_sympy(formula, derivative.wrt)
        _, gradient = ours(*point)
        _, *expected = theirs(*point)
        agree = all(map(math.isclose, gradient, expected))
        print(
            f"{name:16}{'agree' if agree else 'DIFFER':>11}"
            f"{operations(our_text):>11}{operations(their_text):>9}"
            f"{nanoseconds(ours, point):>11.0f}{nanoseconds(theirs, point):>9.0f}"
        )


if __name__ == "__main__":
    main()
