"""Derivatives of functions of lists, called inside functions of lists.

The references are SymPy's, of what the functions compute with derivatives by SymPy.
"""

import numpy as np
import pytest
import sympy

import adjoint


def chain(x: list[float]):
    s = 0.0
    for i in range(len(x) - 1):
        s += (x[i + 1] - x[i]) * x[i] ** 2
    return s


chain_grad = adjoint.grad(chain)
chain_value_and_grad = adjoint.value_and_grad(chain)
chain_jvp = adjoint.jvp(chain)
chain_vjp = adjoint.vjp(chain)
chain_hvp = adjoint.hvp(chain)


def descent(x: list[float], v: list[float]):
    w = x[:]
    for _ in range(2):
        g = chain_grad(w)
        w = [a - b * c for a, b, c in zip(w, v, g, strict=True)]
    return chain(w)


def squares(x: list[float], v: list[float]):
    value, slopes = chain_value_and_grad(x)
    return value * v[0] + sum(a * a for a in slopes)


def both_ways(x: list[float], v: list[float]):
    a, b = chain_jvp(x, v)
    c, d = chain_vjp(v, a)
    return a * b + d[1] * c


def backward(x: list[float], v: list[float]):
    a, _ = chain_jvp(x, v)
    c, d = chain_vjp(v, a)
    return d[1] * c


def bent(x: list[float], v: list[float]):
    return sum(chain_hvp(x, v)) * v[1]


def of_items(x: list[float], v: list[float]):
    g = chain_grad([x[0], v[1], x[0] * v[2]])
    return g[0] * g[2] + x[1]


def symbolic(function, x, v):
    """What the function computes, with the derivatives by SymPy."""

    def slopes(at):
        z = sympy.symbols(f"z:{len(at)}")
        found = [chain(list(z)).diff(one) for one in z]
        return [
            one.subs(dict(zip(z, at, strict=True)), simultaneous=True) for one in found
        ]

    def along(at, by):
        return sum(a * b for a, b in zip(slopes(at), by, strict=True))

    e = sympy.Symbol("e")
    moved = [a + e * b for a, b in zip(x, v, strict=True)]
    hands = {
        "chain_grad": slopes,
        "chain_value_and_grad": lambda at: (chain(at), slopes(at)),
        "chain_jvp": lambda at, by: (chain(at), along(at, by)),
        "chain_vjp": lambda at, by: (chain(at), [by * one for one in slopes(at)]),
        "chain_hvp": lambda at, by: [one.diff(e).subs(e, 0) for one in slopes(moved)],
    }
    ours = {name: globals()[name] for name in hands}
    globals().update(hands)
    try:
        return function(x, v)
    finally:
        globals().update(ours)


@pytest.mark.parametrize(
    "function", [descent, squares, both_ways, backward, bent, of_items]
)
def test_they_are_written_out_and_differentiated(function):
    points = [0.25, 0.5, -0.75], [1.5, 0.5, 0.25]
    value, gradient = adjoint.value_and_grad(function)(*points)
    tangent = adjoint.jvp(function)(*points, [1.0, 0.5, 0.25], [-1.0, 0.75, 2.0])[1]
    x, v = sympy.symbols("x:3"), sympy.symbols("v:3")
    expression = symbolic(function, list(x), list(v))
    at = dict(zip(x + v, points[0] + points[1], strict=True))
    expected = np.array([float(expression.diff(one).subs(at)) for one in x + v])
    assert value == pytest.approx(float(expression.subs(at)), rel=1e-13)
    assert np.array(gradient).ravel() == pytest.approx(expected, rel=1e-12, abs=1e-13)
    along_it = expected @ [1.0, 0.5, 0.25, -1.0, 0.75, 2.0]
    assert tangent == pytest.approx(along_it, rel=1e-12, abs=1e-13)
