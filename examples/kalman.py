"""A recursive filter: the likelihood of a random walk seen through noise (Kalman).

    python examples/kalman.py
    adjoint compile examples/kalman.py:negative_log_likelihood

The level of the Nile at Aswan, year by year, is taken for a random walk; the gradient
by the two variances is what fits them. By its side stands the same likelihood without
a filter: the density of one normal vector, whose derivatives are traces of matrices.
"""

from math import exp, log, pi
from operator import mul

import adjoint

#: The yearly flow of the Nile, 1871 to 1900, in 10^10 cubic metres.
# fmt: off
NILE = (
    11.20, 11.60, 9.63, 12.10, 11.60, 11.60, 8.13, 12.30, 13.70, 11.40,
    9.95, 9.35, 11.10, 9.94, 10.20, 9.60, 11.80, 7.99, 9.58, 11.40,
    11.00, 12.10, 11.50, 12.50, 12.60, 12.20, 10.30, 11.00, 7.74, 8.40,
)
# fmt: on


def negative_log_likelihood(log_noise, log_drift, start=10.0, spread=4.0):
    """Of the measurements, by the prediction of each from those before."""
    noise, drift = exp(log_noise), exp(log_drift)
    level, variance = start, spread
    total = 0.0
    for measured in NILE:
        expected = variance + noise
        error = measured - level
        total += 0.5 * (log(2 * pi * expected) + error**2 / expected)
        gain = variance / expected
        level += gain * error
        variance = (1 - gain) * variance + drift
    return total


def of_the_vector(log_noise, log_drift, start=10.0, spread=4.0):
    """The same as the density of one normal vector, and its derivatives.

    Its covariance is spread + drift * min(i, j), and the noise on the diagonal; the
    derivative by a part D of it is (tr(C D) - e'C D C e) / 2, with C its inverse.
    """
    noise, drift = exp(log_noise), exp(log_drift)
    places = range(len(NILE))
    covariance = [
        [spread + drift * min(i, j) + noise * (i == j) for j in places] for i in places
    ]
    inverse, log_determinant = inverted(covariance)
    errors = [measured - start for measured in NILE]
    weights = [sum(map(mul, row, errors)) for row in inverse]
    value = 0.5 * (sum(map(mul, errors, weights)) + log_determinant)
    by_noise = sum(inverse[i][i] - weights[i] ** 2 for i in places)
    by_drift = sum(
        min(i, j) * (inverse[i][j] - weights[i] * weights[j])
        for i in places
        for j in places
    )
    value += 0.5 * len(NILE) * log(2 * pi)
    return value, (0.5 * noise * by_noise, 0.5 * drift * by_drift)


def inverted(matrix):
    """The inverse of a positive definite matrix, and the log of its determinant."""
    size = len(matrix)
    rows = [
        [*row, *(float(i == j) for j in range(size))] for i, row in enumerate(matrix)
    ]
    log_determinant = 0.0
    for k in range(size):
        log_determinant += log(rows[k][k])
        rows[k] = [number / rows[k][k] for number in rows[k]]
        for i in range(size):
            if i != k:
                factor = rows[i][k]
                rows[i] = [
                    a - factor * b for a, b in zip(rows[i], rows[k], strict=True)
                ]
    return [row[size:] for row in rows], log_determinant


def main():
    """Print value and gradient at two guesses of the variances."""
    derivative = adjoint.value_and_grad(
        negative_log_likelihood, wrt=["log_noise", "log_drift"]
    )
    print(f"{'':22}{'value':>18}{'by log_noise':>18}{'by log_drift':>18}")
    for point in ((0.0, -2.0), (0.5, -1.0)):
        for name, found in (
            ("filter, adjoint", derivative(*point)),
            ("vector, matrices", of_the_vector(*point)),
        ):
            value, gradient = found
            cells = "".join(f"{number:>18.12f}" for number in (value, *gradient))
            print(f"{name:22}{cells}")


if __name__ == "__main__":
    main()
