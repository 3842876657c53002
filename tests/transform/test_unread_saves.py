"""A loop saves what its reverse loop reads, and nothing else."""

import re

import pytest

import adjoint


def rod(u: list[float], k: float, n: int):
    for _ in range(n):
        new = list(u)
        for i in range(1, len(u) - 1):
            new[i] = u[i] + k * (u[i - 1] - 2 * u[i] + u[i + 1])
        u = new
    return u[1]


def options(s: float, k: float, n: int):
    v = [0.0] * (n + 1)
    for i in range(n + 1):
        v[i] = max(s * 1.1 ** (2 * i - n) - k, 0.0)
    for step in range(n):
        for i in range(n - step):
            v[i] = 0.55 * v[i + 1] * s + 0.4 * v[i]
    return v[0]


def root(a: float, x: float):
    while x * x - a > 1e-9:
        x = x - (x * x - a) / (2 * x)
    return x


@pytest.mark.parametrize("function", [rod, options, root])
@pytest.mark.parametrize("kind", ["value_and_grad", "hvp"])
def test_nothing_is_taken_from_a_stack_and_not_used(function, kind):
    source = getattr(adjoint, kind)(function).source
    assert "saved.pop()" in source or "reversed(saved)" in source
    assert not re.search(r"\b_, |, _ = |_ = saved", source), source


def test_second_derivatives_of_a_rod():
    # u[1] after two steps from (a, b, c, 0): a polynomial in k
    def exact(a, b, c, k):
        first = b + k * (a - 2 * b + c), c + k * (b - 2 * c)
        return first[0] + k * (a - 2 * first[0] + first[1])

    product = adjoint.hvp(rod, wrt="k")
    step, (a, b, c), k = 1e-3, (1.0, -0.5, 2.0), 0.3
    near = [exact(a, b, c, k + sign * step) for sign in (1, 0, -1)]
    expected = (near[0] - 2 * near[1] + near[2]) / step**2
    assert product([a, b, c, 0.0], k, 2, 1.0) == pytest.approx(expected, rel=1e-8)
