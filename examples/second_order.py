"""Newton's method, and SciPy's trust regions, by generated second derivatives.

    python examples/second_order.py

Newton's method by hand solves ``H p = -g`` with the gradient and the Hessian of one
generated function. SciPy's ``trust-exact`` takes the Hessian as a matrix, ``trust-ncg``
only its products with vectors, from ``hvp``: that one is for many variables.
"""

import numpy as np
from scipy.optimize import minimize

import adjoint

# The minimum of Rosenbrock's function of four variables is 0, at (1, 1, 1, 1).
ROSENBROCK = " + ".join(
    f"100*(x{i + 1} - x{i}**2)**2 + (1 - x{i})**2" for i in range(1, 4)
)
START = (-0.5, 0.8, 0.9, 0.7)

value = adjoint.value_and_grad(ROSENBROCK)
both = adjoint.Derivative(ROSENBROCK, "grad,hessian")
hessian = adjoint.hessian(ROSENBROCK)
product = adjoint.hvp(ROSENBROCK)


def newton(point, tolerance=1e-12):
    """The point where the gradient vanishes, and the number of steps to it."""
    point = np.array(point)
    for step in range(50):
        gradient, curvature = map(np.array, both(*point))
        if np.abs(gradient).max() < tolerance:
            return point, step
        point = point - np.linalg.solve(curvature, gradient)
    raise ArithmeticError("Newton's method has not converged")


def main():
    """Find the minimum in three ways and print it."""
    found, steps = newton((0.9, 0.9, 0.9, 0.9))
    print(f"newton       {value(*found)[0]:.1e} at {np.round(found, 9)}, {steps} steps")
    for method, more in (
        ("trust-exact", {"hess": lambda x: np.array(hessian(*x))}),
        ("trust-ncg", {"hessp": lambda x, v: np.array(product(*x, *v))}),
    ):
        best = minimize(lambda x: value(*x), START, jac=True, method=method, **more)
        print(f"{method:11}  {best.fun:.1e} at {np.round(best.x, 6)}, {best.nit} steps")


if __name__ == "__main__":
    main()
