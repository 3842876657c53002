"""Lists as stacks: what is appended may itself take from the list."""

import pytest
import sympy

import adjoint


def operators(x: list[float]):
    s = [x[0], x[1]]
    s.append(s.pop() * s.pop())
    s.append(s[0] + x[2])
    s.extend([s.pop() * 2, s[0]])
    return s[0] * s[1] + s[-1]


def folded(x: list[float]):
    s = x[:]
    while len(s) > 1:
        s.append(s.pop() - 2 * s.pop() * x[0])
    return s[0]


def in_turn(x: list[float]):
    s = [x[0]]
    for v in x:
        s.append(v)
        s.append(s.pop() * x[1])
        if len(s) > 2:
            s.append(s.pop() + s.pop() * 2)
    return s.pop() - sum(s)


def under_another_name(x: list[float]):
    s = x[:]
    r = s
    s = [v * 2 for v in s]
    r.append(s[0] * s[1])
    return sum(r) * r[-1] + s[2]


@pytest.mark.parametrize("function", [operators, folded, in_turn, under_another_name])
def test_it_is_the_list_that_the_argument_has_left(function):
    symbols = sympy.symbols("a b c")
    at = dict(zip(symbols, (0.5, 0.75, 1.25), strict=True))
    expression = function(list(symbols))
    slopes = [float(expression.diff(symbol).subs(at)) for symbol in symbols]
    value, gradient = adjoint.value_and_grad(function)([0.5, 0.75, 1.25])
    assert value == function([0.5, 0.75, 1.25])
    assert gradient == pytest.approx(slopes, rel=1e-12)
