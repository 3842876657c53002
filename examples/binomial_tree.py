"""An option by a binomial tree (Cox, Ross and Rubinstein): its price and its Greeks.

    python examples/binomial_tree.py
    adjoint compile examples/binomial_tree.py:call_price

The price is the mean of the payoffs over the last nodes of the tree, of n steps; from
one node to the next its weight is multiplied by the ratio of two binomial
probabilities. By its side stand the formulas of Black and Scholes, where the tree is
heading, and differences of the tree itself.
"""

from math import erf, exp, log, pi, sqrt

import adjoint


def call_price(spot, strike, rate, volatility, years, n: int):
    """The price of a European call, by a recombining tree of n steps."""
    up = exp(volatility * sqrt(years / n))
    p = (exp(rate * years / n) - 1 / up) / (up - 1 / up)
    asset = spot * up**-n
    weight = (1 - p) ** n
    total = 0.0
    for k in range(n + 1):
        if asset > strike:
            total += weight * (asset - strike)
        asset *= up * up
        weight *= (n - k) / (k + 1) * p / (1 - p)
    return exp(-rate * years) * total


POINT = {
    "spot": 100.0,
    "strike": 95.0,
    "rate": 0.03,
    "volatility": 0.2,
    "years": 1.5,
}


def black_scholes(spot, strike, rate, volatility, years):
    """The price in the limit, and its derivatives: the Greeks, by their formulas."""
    deviation = volatility * sqrt(years)
    d1 = (log(spot / strike) + rate * years) / deviation + deviation / 2
    d2 = d1 - deviation
    below1, below2 = (0.5 + 0.5 * erf(d / sqrt(2)) for d in (d1, d2))
    density = exp(-d1 * d1 / 2) / sqrt(2 * pi)
    cash = exp(-rate * years)
    greeks = {
        "spot": below1,
        "strike": -cash * below2,
        "rate": years * strike * cash * below2,
        "volatility": spot * density * sqrt(years),
        "years": spot * density * volatility / (2 * sqrt(years))
        + rate * strike * cash * below2,
    }
    return spot * below1 - strike * cash * below2, greeks


def difference(name, n, h=1e-5):
    """The derivative by central differences of the tree, of sixth order."""
    step = h * POINT[name]

    def moved(k):
        return call_price(**POINT | {name: POINT[name] + k * step}, n=n)

    pairs = ((1, 45), (2, -9), (3, 1))
    return sum(c * (moved(k) - moved(-k)) for k, c in pairs) / (60 * step)


def main():
    """Print the price and the Greeks, by the tree and in the limit."""
    n = 400
    value, gradient = adjoint.value_and_grad(call_price)(**POINT, n=n)
    price, greeks = black_scholes(**POINT)
    print(f"{'tree of 400 steps':18}{'adjoint':>16}{'differences':>16}{'limit':>12}")
    print(f"{'price':18}{value:>16.8f}{'':>16}{price:>12.4f}")
    for name, ours in zip(POINT, gradient, strict=True):
        there = difference(name, n)
        print(f"{'by ' + name:18}{ours:>16.8f}{there:>16.8f}{greeks[name]:>12.4f}")


if __name__ == "__main__":
    main()
