"""Second derivatives of functions of arrays: statistics, and optimisation.

    python examples/second_order_arrays.py

A logistic regression is fitted by Newton's method with a generated Hessian. The
function of Rosenbrock is minimised, of 50 unknowns, by a trust-region method of SciPy,
which is given products with the Hessian and never the Hessian itself. The curvature of
a Gaussian likelihood gives the standard errors of estimates.
"""

import numpy as np
from scipy.optimize import minimize

import adjoint


def logistic(w, X, y):
    """The negative log-likelihood of labels of 0 and 1."""
    z = X @ w
    return np.sum(np.logaddexp(0.0, z)) - y @ z


def rosenbrock(x):
    """A curved valley; 0 where all coordinates are 1."""
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def gaussian(theta, t, y):
    """The negative log-likelihood of a Gaussian process, by its Cholesky factor.

    ``theta`` are the logarithms of length scale, amplitude and noise.
    """
    scale = np.exp(theta)
    distance = (t[:, None] - t[None, :]) / scale[0]
    covariance = scale[1] ** 2 * np.exp(-0.5 * distance**2)
    factor = np.linalg.cholesky(covariance + scale[2] ** 2 * np.eye(len(t)))
    white = np.linalg.solve(factor, y)
    return 0.5 * white @ white + np.sum(np.log(np.diag(factor)))


def fit_logistic():
    """Newton's method, and the standard errors of the weights."""
    rng = np.random.default_rng(1)
    X = np.column_stack([np.ones(200), rng.normal(size=(200, 2))])
    y = (rng.uniform(size=200) < 1 / (1 + np.exp(-X @ [0.5, 1.0, -2.0]))) * 1.0
    both = adjoint.Derivative(
        logistic,
        "value,grad,hessian",
        "w",
        signature="w: float[:], X: float[:, :], y: float[:]",
    )
    w, step, steps = np.zeros(3), np.ones(3), 0
    while np.max(np.abs(step)) > 1e-10:
        _, gradient, hessian = both(w, X, y)
        step = np.linalg.solve(hessian, gradient)
        w, steps = w - step, steps + 1
    p = 1 / (1 + np.exp(-X @ w))
    closed = X.T @ ((p * (1 - p))[:, None] * X)
    _, _, hessian = both(w, X, y)
    error = np.max(np.abs(hessian - closed)) / np.max(closed)
    print(f"logistic regression: {steps} steps of Newton's method, w = {w.round(4)}")
    print(f"  the Hessian beside X' D X: {error:.0e} relative")


def minimise_rosenbrock():
    """A trust-region method that multiplies with the Hessian."""
    gradient = adjoint.value_and_grad(rosenbrock, signature="x: float[:]")
    product = adjoint.hvp(rosenbrock, signature="x: float[:]")
    found = minimize(
        gradient,
        np.linspace(-1.2, 1.0, 50),
        jac=True,
        hessp=product,
        method="trust-ncg",
        options={"gtol": 1e-9, "maxiter": 1000},
    )
    worst = np.max(np.abs(found.x - 1))
    print(f"Rosenbrock, 50 unknowns: f = {found.fun:.1e}, all within {worst:.0e} of 1")


def curvature_of_gaussian():
    """The standard errors of the parameters of a Gaussian process."""
    rng = np.random.default_rng(2)
    t = np.linspace(0.0, 5.0, 40)
    y = np.sin(2.0 * t) + 0.1 * rng.normal(size=40)
    signature = "theta: float[:], t: float[:], y: float[:]"
    gradient = adjoint.value_and_grad(gaussian, "theta", signature=signature)
    product = adjoint.hvp(gaussian, "theta", signature=signature)
    found = minimize(
        gradient,
        np.array([0.0, 0.0, -1.0]),
        args=(t, y),
        jac=True,
        hessp=lambda theta, v, t, y: product(theta, t, y, v),
        method="trust-ncg",
    )
    hessian = [product(found.x, t, y, unit) for unit in np.eye(3)]
    errors = np.sqrt(np.diag(np.linalg.inv(hessian)))
    for name, value, error in zip(
        ("length scale", "amplitude", "noise"), found.x, errors, strict=True
    ):
        print(f"Gaussian process: log {name} = {value:.3f} +- {error:.3f}")


def main():
    """All three."""
    fit_logistic()
    minimise_rosenbrock()
    curvature_of_gaussian()


if __name__ == "__main__":
    main()
