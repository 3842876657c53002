"""Predators and prey: the gradient of a simulation by Runge-Kutta steps.

    python examples/lotka_volterra.py
    adjoint compile examples/lotka_volterra.py:final_prey

The number of steps is known only at run time; the generated code is a loop forward and
a loop backward. By its side stand the sensitivities as one would derive them by hand:
the equations differentiated, twelve more of them, and integrated along.
"""

import adjoint


# the prey after n steps of the classic Runge-Kutta method
def final_prey(prey, predators, birth, hunt, death, growth, n: int, h=0.01):
    def rate(u, v):
        return birth * u - hunt * u * v, growth * u * v - death * v

    for _ in range(n):
        k1, l1 = rate(prey, predators)
        k2, l2 = rate(prey + h / 2 * k1, predators + h / 2 * l1)
        k3, l3 = rate(prey + h / 2 * k2, predators + h / 2 * l2)
        k4, l4 = rate(prey + h * k3, predators + h * l3)
        prey += h * (k1 + 2 * k2 + 2 * k3 + k4) / 6
        predators += h * (l1 + 2 * l2 + 2 * l3 + l4) / 6
    return prey


POINT = {
    "prey": 10.0,
    "predators": 5.0,
    "birth": 1.1,
    "hunt": 0.4,
    "death": 0.4,
    "growth": 0.1,
}


def sensitivities(prey, predators, birth, hunt, death, growth, n, h=0.01):
    """The derivatives of the last prey, by the differentiated equations."""

    def rate(state):
        u, v, *rest = state
        rates = [birth * u - hunt * u * v, growth * u * v - death * v]
        by_parameter = [(0, 0)] * 2 + [(u, 0), (-u * v, 0), (0, -v), (0, u * v)]
        for du, dv, (p, q) in zip(rest[::2], rest[1::2], by_parameter, strict=True):
            rates.append((birth - hunt * v) * du - hunt * u * dv + p)
            rates.append(growth * v * du + (growth * u - death) * dv + q)
        return rates

    def moved(state, step, rates):
        return [s + step * r for s, r in zip(state, rates, strict=True)]

    state = [prey, predators, 1.0, 0.0, 0.0, 1.0, *[0.0] * 8]
    for _ in range(n):
        k1 = rate(state)
        k2 = rate(moved(state, h / 2, k1))
        k3 = rate(moved(state, h / 2, k2))
        k4 = rate(moved(state, h, k3))
        mean = [
            (a + 2 * b + 2 * c + d) / 6
            for a, b, c, d in zip(k1, k2, k3, k4, strict=True)
        ]
        state = moved(state, h, mean)
    return state[2::2]


def main():
    """Print value and gradient after 1000 steps."""
    derivative = adjoint.value_and_grad(final_prey, wrt=list(POINT))
    value, gradient = derivative(**POINT, n=1000)
    print(f"prey after 1000 steps {value:>22.15f}\n")
    print(f"{'derivative by':15}{'adjoint':>24}{'sensitivity equations':>24}")
    expected = sensitivities(**POINT, n=1000)
    for name, ours, theirs in zip(POINT, gradient, expected, strict=True):
        print(f"{name:15}{ours:>24.15f}{theirs:>24.15f}")


if __name__ == "__main__":
    main()
