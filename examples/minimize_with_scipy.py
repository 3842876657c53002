"""Minimise with SciPy: formulas compiled to modules that need nothing of adjoint.

    python examples/minimize_with_scipy.py

Each formula is saved as a Python module with its gradient, imported from there, and
handed to ``scipy.optimize.minimize(jac=True)``. SciPy wants a function of one array
that returns the value and the gradient; the generated one takes and returns plain
numbers, so that all there is to write is ``f(*x)``.
"""

import importlib.util
import tempfile
from pathlib import Path

from scipy.optimize import minimize

import adjoint

# Himmelblau's function has four minima of value 0, one of them at (3, 2).
HIMMELBLAU = "(x**2 + y - 11)**2 + (x + y**2 - 7)**2"

# Three argon-like atoms with Lennard-Jones forces, one fixed at the origin and one on
# the x axis. The ground state is the triangle of side 2**(1/6) with energy -3.
TRIMER = """
energy(x2, x3, y3) = s12 = 1/x2**6
s13 = 1/(x3**2 + y3**2)**3
s23 = 1/((x3 - x2)**2 + y3**2)**3
4*(s12**2 - s12 + s13**2 - s13 + s23**2 - s23)
"""

# A decay curve a*exp(-k*t) through four points, by least squares. They were made with
# a = 3 and k = 1/2, and rounded to five digits.
POINTS = ((0.0, 3.0), (1.0, 1.81959), (2.0, 1.10364), (4.0, 0.40601))
DECAY = " + ".join(f"(a*exp(-k*{t}) - {y})**2" for t, y in POINTS)


def compile_and_import(formula, name, folder):
    """The function of value and gradient, from a module written to ``folder``."""
    path = Path(folder) / f"{name}_module.py"
    adjoint.value_and_grad(formula, name=name).save(path)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return getattr(module, f"{name}_value_and_grad")


def main():
    """Find each minimum and print it."""
    problems = (
        ("himmelblau", HIMMELBLAU, (1.0, 1.0)),
        ("energy", TRIMER, (1.5, 0.5, 1.5)),
        ("decay", DECAY, (1.0, 1.0)),
    )
    with tempfile.TemporaryDirectory() as folder:
        for name, formula, start in problems:
            function = compile_and_import(formula, name, folder)
            found = minimize(lambda x, f=function: f(*x), start, jac=True, tol=1e-10)
            place = ", ".join(f"{number:.6f}" for number in found.x)
            print(
                f"{name:10}  minimum {found.fun:.6f} at ({place}) "
                f"after {found.nfev} evaluations"
            )


if __name__ == "__main__":
    main()
