"""Powers that are written as products: the sums in their derivatives are multiples."""

import random

import numpy as np
import pytest
import sympy
from sympy.parsing.sympy_parser import parse_expr

import adjoint
from adjoint.ir.program import operation_count

# The operations of the best value with gradient that a person has found.
BY_HAND = {
    "x*x*x": 3,  # 3*(x*x)
    "x*x*x*x": 4,  # 4*(x*x*x)
    "exp(-x*x/2)": 5,  # y*(-x)
    "exp(-0.5*x*x)": 5,  # -(y*x)
    "1/(x*x*x)": 5,  # -3*y/x
    "r*r*r*r*4/3*pi": 7,  # 16/3*pi*(r*r*r)
    "a*x*x*x + b*x*x + c*x + d": 15,
    "-k*x*x/2": 6,  # -0.5*x*x and -k*x
    "n = -x; n*n*x": 4,  # 3*n*n
}
CASES = [
    *BY_HAND,
    "x*y*x*y",
    "x*x*y*y*z",
    "p*x*x/(2*s*s)",
    "a*x/(b*x*x + 1)",
    "a*x*x*exp(-b*x*x)",
    "(x - 1)*(x - 1)*(x - 2)*x*x",
    "exp(-(x - m)*(x - m)/(2*s*s))/(s*sqrt(2*pi))",
    "(a*x*x + b*x*y + c*y*y)/(x*x + y*y)",
    "n = -x; n*n*x + n*x*n*y - n*n*n",
    "x/y*x/y + y/x*y/x",
    "x*(2*x)*(3*x)/(4*x) - x*x/7",
    "G*m*n/((x - y)**2 + (a - b)**2)*x*x",
    "x*y/sqrt(1 - x*x/9)*x",
    "sqrt(x)*sqrt(x)*sqrt(x*x)*x + sqrt(x*x*y)*x",
    "n = -2*x; sqrt(n*n)*n*x**3/x**2 + n**3*x",
    "x**2.5*x + sqrt(x)*x*x*y",
    "x*1e200*x*1e-200 + 1e-40*x*1e-40*x",
]


def symbolic(formula):
    """The formula in SymPy's own words, with what is assigned in its place."""
    *lines, last = formula.split("; ")
    for line in lines:
        name, text = line.split(" = ")
        last = last.replace(name, f"({text})")
    return parse_expr(last)


def factors(rng, names):
    """A random product and quotient of few variables: many alike factors."""
    text = rng.choice(names)
    for _ in range(rng.randint(1, 6)):
        sign, name = rng.choice("**/"), rng.choice(names)
        text = rng.choice(
            (f"{text}{sign}{name}", f"-{text}{sign}{name}", f"2*({text})")
        )
    return text


def assert_right(formula, rel=1e-11):
    rng, expression = random.Random(formula), symbolic(formula)
    derivative = adjoint.grad(formula)
    symbols = [sympy.Symbol(name) for name in derivative.primal.parameter_names]
    pairs = [(derivative, [expression.diff(one) for one in symbols])]
    rows = [one for row in sympy.hessian(expression, symbols).tolist() for one in row]
    pairs.append((adjoint.hessian(formula), rows))
    for found, wanted in pairs:
        for _ in range(3):
            at = [rng.uniform(0.4, 2.5) for _ in symbols]
            exact = {
                one: sympy.Float(x, 50) for one, x in zip(symbols, at, strict=True)
            }
            numbers = [float(one.evalf(50, subs=exact)) for one in wanted]
            scale = max(map(abs, numbers))
            got = list(sympy.flatten([found(*at)]))
            assert got == pytest.approx(numbers, rel=rel, abs=rel * scale), found.source


@pytest.mark.parametrize("formula", CASES)
def test_gradient_and_hessian(formula):
    assert_right(formula)


@pytest.mark.parametrize("seed", range(40))
def test_random_products(seed):
    rng = random.Random(seed)
    terms = [factors(rng, "xyz"[: rng.randint(1, 3)]) for _ in range(rng.randint(1, 3))]
    assert_right(" + ".join(terms))


@pytest.mark.parametrize("formula", BY_HAND)
def test_it_costs_what_a_person_would_write(formula):
    program = adjoint.value_and_grad(formula).program
    assert operation_count(program.body) <= BY_HAND[formula]


def test_the_sides_of_a_hessian_share_what_they_have():
    # of x1 and x2 the derivatives are opposites: nothing is computed twice for them
    both = adjoint.hessian("m/((x2 - x1)**2 + (y2 - y1)**2)").program
    one = adjoint.hessian("m/((x2 - x1)**2 + (y2 - y1)**2)", wrt="m,x2,y2").program
    signs = 5 + 4  # of the mirrored entries that are opposites
    assert operation_count(both.body) <= operation_count(one.body) + signs


def cubes(x):
    return np.sum(x * x * x)


def bell(x):
    return np.sum(np.exp(-x * x / 2))


def rows(A, x):
    # the factors are of different shapes, and so are their products
    return np.sum(x * A * x) - np.sum(A * x * A) + np.sum(-0.5 * x * x)


def test_arrays():
    x = np.array([0.5, -1.25, 2.0])
    A = np.array([[1.0, 2.0, -3.0], [0.5, 0.25, 4.0]])
    array = "x: float[:]"
    assert adjoint.grad(cubes, signature=array)(x) == pytest.approx(3 * x**2)
    wanted = -x * np.exp(-(x**2) / 2)
    assert adjoint.grad(bell, signature=array)(x) == pytest.approx(wanted)
    by_A, by_x = adjoint.grad(rows, signature=f"A: float[:, :], {array}")(A, x)
    assert by_A == pytest.approx(x**2 - 2 * A * x)
    assert by_x == pytest.approx((2 * A * x - A**2).sum(axis=0) - x)


def test_arrays_are_written_as_a_person_would():
    array = "x: float[:]"
    assert "return 3.0 * x**2" in adjoint.grad(cubes, signature=array).source
    assert (
        "return np.exp(t1 * x / 2) * t1" in adjoint.grad(bell, signature=array).source
    )
