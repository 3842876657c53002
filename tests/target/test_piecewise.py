"""Branches in `to_sympy`: chains of conditions, flags, and what they cost."""

import itertools

import pytest
import sympy

import adjoint
from tests.support_functions import define


def chain(count):
    """A function with so many conditions, in order, and one value for each."""
    lines = ["def f(x):", "    if x < 0:", "        y = -x"]
    for at in range(1, count):
        lines += [f"    elif x < {at}:", f"        y = {at}*x + x**2"]
    return "\n".join([*lines, "    else:", "        y = x**3", "    return y", ""])


@pytest.mark.parametrize("count", [3, 9, 10, 11, 12, 25, 300])
def test_a_chain_is_one_piecewise(count):
    f = define(chain(count))
    found = adjoint.to_sympy(f)
    assert isinstance(found, sympy.Piecewise) and len(found.args) == count + 1
    assert len(found.atoms(sympy.Piecewise)) == 1
    (x,) = found.free_symbols
    for at in {0, 1, 2, 8, 9, 10, 11, count - 1, count, count + 3}:
        point = sympy.Rational(2 * at - 1, 2)
        assert found.subs(x, point) == f(point)


def test_the_derivative_of_a_chain_is_one_piecewise():
    f = define(chain(40))
    found = adjoint.grad(f).to_sympy()
    (x,) = found.free_symbols
    for at in (0, 1, 9, 10, 11, 30, 39, 41):
        expected = -1 if at == 0 else at + 2 * (at - 0.5) if at < 40 else 3 * 40.5**2
        assert found.subs(x, at - 0.5) == pytest.approx(expected)


def test_its_size_grows_with_the_chain():
    sizes = [adjoint.to_sympy(define(chain(count))).count_ops() for count in (200, 400)]
    assert sizes[1] <= 2.1 * sizes[0]


FLAGS = """
def f(x, y):
    found = False
    total = x
    if x > 0:
        if y > 1:
            found = True
            total = x * y
        elif y > x:
            total = y - x
    else:
        found = y < 0
    if not found:
        total = total + 100
    big = x > 1 and y > 0 or y > 2
    if big and found:
        total = 2 * total
    elif big or x == y:
        total = 3 * total
    return total
"""

NESTED = """
def f(x, y):
    if x < 1:
        if y < 1:
            z = 1
        elif y < 2:
            z = 2 if x < 0 else 3
        else:
            z = 4
        inside = z > 2
    elif x < 2:
        z = y if y > 0 else -y
        inside = True
    else:
        inside = False
        z = 7
    return z + (10 if inside else 20) * x
"""


@pytest.mark.parametrize("text", [FLAGS, NESTED], ids=["flags", "nested"])
@pytest.mark.parametrize("cse", [False, True])
def test_truth_values_that_branches_give(text, cse):
    f = define(text)
    found = adjoint.to_sympy(f, cse=cse)
    replacements, expression = found if cse else ([], found)
    for symbol, part in reversed(replacements):
        expression = expression.subs(symbol, part)
    numbers = [sympy.Rational(one, 2) for one in (-3, -1, 0, 1, 2, 3, 5)]
    for x, y in itertools.product(numbers, repeat=2):
        at = {sympy.Symbol("x"): x, sympy.Symbol("y"): y}
        assert expression.subs(at) == f(x, y), (x, y)
