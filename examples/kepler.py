"""Kepler's equation by Newton's method: the gradient of an iterative solver.

    python examples/kepler.py
    adjoint compile examples/kepler.py:eccentric_anomaly

How often the loop runs depends on the number that is differentiated. By its side stands
the derivative by the implicit function theorem: from E - e sin E = M follows
dE/dM = 1 / (1 - e cos E) and dE/de = sin E / (1 - e cos E).
"""

import math

import adjoint


def eccentric_anomaly(mean_anomaly, eccentricity, tolerance=1e-13):
    """The E with E - e sin E = M: where a planet stands, from the time."""
    anomaly = mean_anomaly if eccentricity < 0.8 else math.pi
    step = 1.0
    count = 0
    while abs(step) > tolerance:
        error = anomaly - eccentricity * math.sin(anomaly) - mean_anomaly
        step = error / (1 - eccentricity * math.cos(anomaly))
        anomaly -= step
        count += 1
        if count > 50:
            raise RuntimeError("Newton's method does not converge")
    return anomaly


def implicit(mean_anomaly, eccentricity):
    """The two derivatives by the implicit function theorem."""
    anomaly = eccentric_anomaly(mean_anomaly, eccentricity)
    slope = 1 - eccentricity * math.cos(anomaly)
    return 1 / slope, math.sin(anomaly) / slope


def main():
    """Print the derivatives for the orbits of the earth, of Mercury and of a comet."""
    derivative = adjoint.value_and_grad(
        eccentric_anomaly, wrt=["mean_anomaly", "eccentricity"]
    )
    print(f"{'M':>4}{'e':>8}{'E':>20}  {'adjoint':>36}  {'implicit':>36}")
    for point in ((1.0, 0.0167), (2.5, 0.2056), (0.3, 0.967)):
        value, gradient = derivative(*point)
        ours = "".join(f"{number:>18.13f}" for number in gradient)
        theirs = "".join(f"{number:>18.13f}" for number in implicit(*point))
        print(f"{point[0]:>4}{point[1]:>8}{value:>20.15f}  {ours}  {theirs}")


if __name__ == "__main__":
    main()
