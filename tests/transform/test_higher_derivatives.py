"""Second and third derivatives of the table of formulas, against SymPy; their cost."""

import math
import random
from itertools import pairwise

import pytest
import sympy

import adjoint
from adjoint.ir.program import operation_count
from adjoint.ir.validate import validate
from tests.support import load_formulas

FORMULAS = load_formulas()
each_formula = pytest.mark.parametrize("case", FORMULAS, ids=lambda case: case.id)


def point_of(case, names):
    chance = random.Random(case.id)
    return [chance.uniform(*case.ranges[name]) for name in names]


def exact(expression, names, point):
    """The number that SymPy gives, computed to 30 digits from these very floats."""
    values = {
        sympy.Symbol(name): sympy.Rational(x)
        for name, x in zip(names, point, strict=True)
    }
    return float(expression.subs(values).evalf(30))


def plain_symbols(expression):
    """The expression in symbols without assumptions, which are found by name alone."""
    return expression.subs({s: sympy.Symbol(s.name) for s in expression.free_symbols})


@each_formula
def test_hessian_is_that_of_sympy(case):
    hessian = adjoint.hessian(case.formula)
    names = hessian.wrt
    point = point_of(case, names)
    rows = hessian(*point)
    rows = [rows] if len(names) == 1 else rows
    expression = plain_symbols(adjoint.to_sympy(case.formula))
    scale = abs(exact(expression, names, point))
    for row, by, x in zip(rows, names, point, strict=True):
        row = [row] if len(names) == 1 else row
        first = sympy.diff(expression, sympy.Symbol(by))
        for entry, other, z in zip(row, names, point, strict=True):
            wanted = exact(sympy.diff(first, sympy.Symbol(other)), names, point)
            slack = scale / abs(x * z)  # what rounding of the function alone may make
            assert entry == pytest.approx(wanted, rel=1e-11, abs=1e-12 * slack)


TWENTY = random.Random(0).sample([c for c in FORMULAS if len(c.ranges) > 1], 20)


@pytest.mark.parametrize("case", TWENTY, ids=lambda case: case.id)
def test_third_derivatives_are_those_of_sympy(case):
    third = adjoint.jacobian(adjoint.hessian(case.formula))
    names = third.wrt
    point = point_of(case, names)
    found = third(*point)
    expression = plain_symbols(adjoint.to_sympy(case.formula))
    scale = abs(exact(expression, names, point))
    chance = random.Random(case.id)
    for _ in range(4):
        at = [chance.randrange(len(names)) for _ in range(3)]
        derivative = sympy.diff(expression, *[sympy.Symbol(names[i]) for i in at])
        slack = scale / abs(math.prod(point[i] for i in at))
        entry = found[at[0]][at[1]][at[2]]
        wanted = exact(derivative, names, point)
        assert entry == pytest.approx(wanted, rel=1e-10, abs=1e-11 * slack), at


@each_formula
def test_jvp_vjp_and_hvp_agree(case):
    jvp, vjp = adjoint.jvp(case.formula), adjoint.vjp(case.formula)
    hvp, hessian = adjoint.hvp(case.formula), adjoint.hessian(case.formula)
    point = point_of(case, jvp.wrt)
    chance = random.Random(case.id)
    vector = [chance.uniform(0.5, 2.0) for _ in point]
    value, tangent = jvp(*point, *vector)
    same, cotangents = vjp(*point, 3.0)
    assert repr(value) == repr(same)
    cotangents = cotangents if len(point) > 1 else (cotangents,)
    terms = [c * v for c, v in zip(cotangents, vector, strict=True)]
    slack = sum(map(abs, terms))
    assert abs(3.0 * tangent - math.fsum(terms)) <= 32 * 2**-53 * slack
    product, rows = hvp(*point, *vector), hessian(*point)
    product, rows = (product, rows) if len(point) > 1 else ((product,), ((rows,),))
    for entry, row in zip(product, rows, strict=True):
        terms = [h * v for h, v in zip(row, vector, strict=True)]
        assert abs(entry - math.fsum(terms)) <= 1e-12 * sum(map(abs, terms)) + 1e-300


@each_formula
def test_cost_of_second_derivatives(case):
    hessian, hvp = adjoint.hessian(case.formula), adjoint.hvp(case.formula)
    function = operation_count(hessian.primal.body)
    rows = operation_count(hessian.program.body)
    product = operation_count(hvp.program.body)
    assert rows <= 4 * len(hessian.wrt) * function
    assert product <= 10 * function


@pytest.mark.parametrize("n", [2, 20, 200])
def test_cost_of_a_product_does_not_grow_with_the_parameters(n):
    names = [f"x{i}" for i in range(n)]
    chain = " + ".join(f"sin({a}*{b})" for a, b in pairwise(names))
    hvp, gradient = adjoint.hvp(chain), adjoint.grad(chain)
    product = operation_count(hvp.program.body)
    assert product <= 4 * operation_count(gradient.program.body)


def test_each_second_derivative_is_computed_once():
    rows = adjoint.hessian("exp(x*y)*sin(y*z) + x*z**3").program.results
    assert len({id(value) for value in rows}) == 6
    for i in range(3):
        for j in range(3):
            assert rows[3 * i + j] is rows[3 * j + i]


def test_several_at_once_share_their_work():
    formula = "exp(x*y)*sin(y*z) + x*z**3"
    together = adjoint.Derivative(formula, "value,grad,hessian")
    alone = [adjoint.Derivative(formula, kind) for kind in ("value", "grad", "hessian")]
    point = (0.3, 0.7, -1.1)
    assert together(*point) == tuple(one(*point) for one in alone)
    assert together.program.name == "f_value_grad_hessian"
    counts = [operation_count(one.program.body) for one in alone]
    assert operation_count(together.program.body) < sum(counts[1:])


def test_order_and_form_are_those_asked_for():
    found = adjoint.Derivative("x*y", "jvp,value,grad")(2.0, 3.0, 1.0, 10.0)
    assert found == ((6.0, 23.0), 6.0, (3.0, 2.0))


def longer(y, n: int):
    for _ in range(n):
        y = math.hypot(y, 1.0)
        c = -y
    return c


def longer_under_a_condition(y, n: int):
    for i in range(n):
        if i >= 0:
            y = math.hypot(y, 1.0)
            c = -y
        else:
            c = y
    return c


@pytest.mark.parametrize("checkpoint", [None, "sqrt"])
@pytest.mark.parametrize("function", [longer, longer_under_a_condition])
def test_what_a_reverse_loop_has_back_is_differentiated_as_such(function, checkpoint):
    """It is -sqrt(y*y + n); its second derivative has a closed form."""
    for kind in (adjoint.hessian, adjoint.hvp):
        derivative = kind(function, checkpoint=checkpoint)
        validate(derivative.program)
        for n in (1, 2, 5):
            arguments = (-0.44, n) if kind is adjoint.hessian else (-0.44, n, 1.0)
            assert derivative(*arguments) == pytest.approx(
                -n / (0.44**2 + n) ** 1.5, rel=1e-14
            )
