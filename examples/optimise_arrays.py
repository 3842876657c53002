"""Minimise five standard test objectives, written in NumPy, with SciPy.

    python examples/optimise_arrays.py

Each objective is a function of one array. Its value and gradient are written to a
module that imports only NumPy; SciPy takes the function of that module as it is.
"""

import importlib.util
import tempfile
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

import adjoint


def rosenbrock(x):
    """A curved valley; 0 where all coordinates are 1."""
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def ackley(x):
    """A nearly flat region with a hole; 0 at the origin, where it has a kink."""
    hole = -20 * np.exp(-0.2 * np.sqrt(np.mean(x**2)))
    return hole - np.exp(np.mean(np.cos(2 * np.pi * x))) + 20 + np.e


def griewank(x):
    """Many shallow minima; 0 at the origin."""
    root = np.sqrt(np.arange(1, len(x) + 1))
    return np.sum(x**2) / 4000 - np.prod(np.cos(x / root)) + 1


def styblinski_tang(x):
    """Two minima along each axis; -39.16617 a coordinate, at -2.903534."""
    return 0.5 * np.sum(x**4 - 16 * x**2 + 5 * x)


def himmelblau(x):
    """Four minima of 0, one at (3, 2)."""
    return (x[0] ** 2 + x[1] - 11) ** 2 + (x[0] + x[1] ** 2 - 7) ** 2


STARTS = {
    rosenbrock: np.linspace(-1.2, 1.0, 10),
    ackley: np.array([0.3, -0.2, 0.1, -0.3]),
    griewank: np.array([1.0, -1.5, 0.5]),
    styblinski_tang: np.full(6, -2.0),
    himmelblau: np.array([2.5, 2.5]),
}


def compile_and_import(objective, folder):
    """The function of value and gradient, from a module written to ``folder``."""
    name = objective.__name__
    path = Path(folder) / f"{name}_module.py"
    adjoint.value_and_grad(objective, signature="x: float[:]").save(path)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return getattr(module, f"{name}_value_and_grad")


def main():
    """Find each minimum and print it."""
    with tempfile.TemporaryDirectory() as folder:
        for objective, start in STARTS.items():
            function = compile_and_import(objective, folder)
            found = minimize(function, start, jac=True, method="BFGS", tol=1e-10)
            place = ", ".join(f"{number:.4f}" for number in found.x + 0.0)
            print(f"{objective.__name__:16}{found.fun + 0.0:11.6f} at ({place})")


if __name__ == "__main__":
    main()
