"""A likelihood over observations: waiting times by Weibull's law, some cut short.

    python examples/survival.py
    adjoint compile examples/survival.py:log_likelihood

The observations are a tuple of the module; the generated code has them built in. The
most likely shape and scale are found by climbing along the gradient, which is zero
there; its formulas stand by the side.
"""

from math import exp, log

import adjoint

#: Weeks until relapse under 6-mercaptopurine (Freireich et al., 1963); False: the
#: study ended, or the patient left it, before.
OBSERVED = (
    (6, True),
    (6, True),
    (6, True),
    (6, False),
    (7, True),
    (9, False),
    (10, True),
    (10, False),
    (11, False),
    (13, True),
    (16, True),
    (17, False),
    (19, False),
    (20, False),
    (22, True),
    (23, True),
    (25, False),
    (32, False),
    (32, False),
    (34, False),
    (35, False),
)


def log_likelihood(log_shape, log_scale):
    """The logarithm of the likelihood of what was observed."""
    shape = exp(log_shape)
    total = 0.0
    for weeks, relapsed in OBSERVED:
        z = log(weeks) - log_scale
        hazard = exp(shape * z)
        total -= hazard
        if relapsed:
            total += log_shape + shape * z - log(weeks)
    return total


def score(log_shape, log_scale):
    """The gradient by its formulas."""
    shape = exp(log_shape)
    by_shape = by_scale = 0.0
    for weeks, relapsed in OBSERVED:
        z = log(weeks) - log_scale
        excess = relapsed - exp(shape * z)
        by_shape += relapsed + shape * z * excess
        by_scale -= shape * excess
    return by_shape, by_scale


def main():
    """Print the gradient at a guess and at the maximum."""
    derivative = adjoint.value_and_grad(log_likelihood)
    at = [0.0, 3.0]
    print(f"{'':12}{'shape':>8}{'scale':>9}{'log likelihood':>16}  {'adjoint':>28}")
    for place in ("a guess", "the maximum"):
        value, gradient = derivative(*at)
        ours = "".join(f"{number:>14.9f}" for number in gradient)
        theirs = "".join(f"{number:>14.9f}" for number in score(*at))
        shape, scale = map(exp, at)
        print(f"{place:12}{shape:>8.4f}{scale:>9.4f}{value:>16.9f}  {ours}")
        print(f"{'  by formula':45}  {theirs}")
        for _ in range(2000):
            at = [
                x + 0.05 * slope
                for x, slope in zip(at, derivative(*at)[1], strict=True)
            ]


if __name__ == "__main__":
    main()
