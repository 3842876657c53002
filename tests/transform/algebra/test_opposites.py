"""What is the negative of what there is, is not computed a second time."""

import mpmath
import pytest

import adjoint


def test_a_difference_and_its_opposite():
    source = adjoint.hvp("((m - n)**2 + p*p)/(2*s*s)", wrt=["m", "n"]).source
    assert "return t1, -t1" in source, source


def test_opposites_in_loops():
    def filtered(x: list[float], r: float):
        p, total = 1.0, 0.0
        for v in x:
            k = p / (p + r)
            total += k * v + (1.0 - k) * p
            p = (1.0 - k) * p + 0.1
        return total

    def exact(r):
        p, total = mpmath.mpf(1), mpmath.mpf(0)
        for v in (0.5, -1.5, 2.0):
            k = p / (p + r)
            total += k * v + (1 - k) * p
            p = (1 - k) * p + mpmath.mpf(0.1)
        return total

    product = adjoint.hvp(filtered, wrt="r")
    with mpmath.workdps(50):
        expected = float(mpmath.diff(exact, mpmath.mpf(0.7), 2))
    assert product([0.5, -1.5, 2.0], 0.7, 1.0) == pytest.approx(expected, rel=1e-13)
    reverse = product.source[product.source.index("# reverse sweep") :]
    quotients = [line for line in reverse.splitlines() if "_dot = (" in line]
    assert len(quotients) == len({frozenset(line) for line in quotients})


@pytest.mark.parametrize("kind", ["hessian", "hvp"])
def test_values(kind):
    formula = "exp(-((x - y)/s)**2/2)/(sqrt(2*pi)*s)"

    def exact(x, y, s):
        power = -(((x - y) / s) ** 2) / 2
        return mpmath.exp(power) / (mpmath.sqrt(2 * mpmath.pi) * s)

    point = (0.7, 1.3, 0.9)
    orders = [(2, 0, 0), (1, 1, 0), (1, 0, 1)]
    with mpmath.workdps(50):
        expected = [float(mpmath.diff(exact, point, order)) for order in orders]
    derivative = getattr(adjoint, kind)(formula, wrt=["x", "y", "s"])
    if kind == "hvp":
        assert derivative(*point, 1.0, 0.0, 0.0) == pytest.approx(expected, rel=1e-12)
    else:
        assert derivative(*point)[0] == pytest.approx(expected, rel=1e-12)
