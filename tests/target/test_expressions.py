"""Programs as expressions of SymPy, beside SymPy's own reading and derivatives."""

import math
import random

import pytest
import sympy
from sympy.parsing.sympy_parser import parse_expr

import adjoint
from tests.support import load_formulas
from tests.support_functions import define

x, y = sympy.symbols("x y")


def number(expression, point):
    return sympy.N(
        expression.subs({s: sympy.Float(v, 50) for s, v in point.items()}), 30
    )


def near(a, b):
    return abs(a - b) <= sympy.Float("1e-24") * max(1, abs(a), abs(b))


@pytest.mark.parametrize("case", load_formulas()[::2], ids=lambda case: case.id)
def test_value_and_gradient_of_the_formulas(case):
    symbols = {name: sympy.Symbol(name) for name in case.ranges}
    expected = parse_expr(case.formula, local_dict=symbols | {"arcsin": sympy.asin})
    d = adjoint.value_and_grad(case.formula, wrt=list(symbols))
    value, gradient = d.to_sympy()
    gradient = gradient if isinstance(gradient, tuple) else (gradient,)
    draw = random.Random(case.id)
    point = {
        symbols[name]: sympy.Rational(repr(draw.uniform(*bounds)))
        for name, bounds in case.ranges.items()
    }
    assert near(number(value, point), number(expected, point))
    for symbol, slope in zip(symbols.values(), gradient, strict=True):
        assert near(number(slope, point), number(expected.diff(symbol), point))
    replacements, (named, _) = d.to_sympy(cse=True)
    for name, part in reversed(replacements):
        named = named.subs(name, part)
    assert near(number(named, point), number(expected, point))


def test_an_expression_comes_back_in_its_own_symbols():
    t = sympy.Symbol("t")
    q, positive = sympy.Function("q")(t), sympy.Symbol("x", positive=True)
    energy = q.diff(t) ** 2 * q + positive ** sympy.Rational(1, 3) + sympy.pi / 7
    assert adjoint.to_sympy(energy) == energy
    slopes = adjoint.grad(energy, wrt=[q, q.diff(t), positive]).to_sympy()
    assert slopes == tuple(energy.diff(s) for s in (q, q.diff(t), positive))


def test_several_results_keep_their_form():
    assert adjoint.to_sympy([x, [y, x * y]]) == (x, (y, x * y))
    assert adjoint.to_sympy(sympy.Matrix([[x, y], [1, 2]])) == ((x, y), (1, 2))
    assert adjoint.to_sympy(sympy.Matrix([x, y])) == (x, y)


def test_branches_are_piecewise():
    value = adjoint.to_sympy("sqrt(x) if x > 0 else x*y")
    assert value == sympy.Piecewise((sympy.sqrt(x), x > 0), (x * y, True))

    def h(x, y):
        if x > y:
            a = math.sqrt(x - y)
            return a * y
        return y * x

    slope = adjoint.grad(h, wrt="x").to_sympy()
    for at in ({x: 3, y: 2}, {x: 1, y: 2}):
        expected = sympy.Piecewise((sympy.sqrt(x - y) * y, x > y), (y * x, True))
        assert near(number(slope, at), number(expected.diff(x), at))


def test_kinks_and_steps_are_the_functions_of_sympy():
    formula = "max(x, y, 2) + abs(x)*min(x, y) + x % y + floor(x)*ceil(y) + sign(x)"
    assert adjoint.to_sympy(formula) == (
        sympy.Max(x, y, 2)
        + sympy.Abs(x) * sympy.Min(x, y)
        + sympy.Mod(x, y)
        + sympy.floor(x) * sympy.ceiling(y)
        + sympy.sign(x)
    )
    pieces = adjoint.to_sympy("copysign(x, y) + relu(x) + trunc(x) + (x > 1)")
    for a in (-1.75, 2.25):
        for b in (-1.0, 3.0):
            expected = math.copysign(a, b) + max(a, 0) + math.trunc(a) + (a > 1)
            assert pieces.subs({x: a, y: b}) == expected


def test_shared_parts_are_named_when_asked_for():
    d = adjoint.value_and_grad("exp(x*y) + cos(x*y)")
    replacements, (value, slopes) = d.to_sympy(cse=True)
    names = [name for name, _ in replacements]
    assert (names[0], replacements[0][1]) == (sympy.Symbol("t1"), x * y)
    assert value.has(names[0])
    assert set.union(*(e.free_symbols for e in (value, *slopes))) <= {x, y, *names}
    named = adjoint.to_sympy("sin(t1)*(1 + sin(t1))", cse=True)[0]
    assert [str(name) for name, _ in named] == ["t2"]


def test_symbols_may_be_given():
    real = sympy.Symbol("u", real=True)
    assert adjoint.to_sympy("sqrt(x**2)", {"x": real}) == sympy.Abs(real)
    assert adjoint.grad("x**2*y", "x").to_sympy({"y": 3}) == 6 * x
    with pytest.raises(adjoint.AdjointError, match="did you mean `x1`"):
        adjoint.to_sympy("x1 + 1", {"x": real})


def test_decimals_become_fractions_where_they_are_short():
    value = adjoint.to_sympy("0.1*x + 3.141592653589793*y")
    assert value.coeff(x) == sympy.Rational(1, 10)
    assert value.coeff(y) == sympy.Float(math.pi)


def test_what_has_no_expression_is_refused():
    def loop(x, n):
        s = 0.0
        for _ in range(n):
            s = s + x
        return s

    with pytest.raises(adjoint.AdjointError, match="has a loop"):
        adjoint.to_sympy(loop)

    def guarded(x):
        assert x > 0
        return math.log(x)

    with pytest.raises(adjoint.AdjointError, match="raises an exception"):
        adjoint.to_sympy(guarded)


def test_a_chain_of_conditions_is_one_piecewise():
    x = sympy.Symbol("x")
    function = define(
        "def f(x):\n"
        "    if x < 0:\n        y = x * x\n"
        "    elif x < 1:\n        y = x\n"
        "    elif x < 2:\n        y = 1.0\n"
        "    else:\n        y = x - 1\n"
        "    return y\n"
    )
    pieces = (x**2, x < 0), (x, x < 1), (1, x < 2), (x - 1, True)
    assert adjoint.to_sympy(function) == sympy.Piecewise(*pieces)
    slopes = (2 * x, x < 0), (1, x < 1), (0, x < 2), (1, True)
    found = adjoint.grad(function).to_sympy()
    assert len(found.args) <= 4 and not any(
        a.has(sympy.Piecewise) for a, _ in found.args
    )
    for at in (-1.5, 0.5, 1.5, 2.5):
        assert found.subs(x, at) == sympy.Piecewise(*slopes).subs(x, at)


def test_a_long_chain_of_conditions_is_still_read():
    n = 70
    lines = [f"    elif x < {k}:\n        y = {k} * x\n" for k in range(1, n)]
    text = "def f(x):\n    if x < 0:\n        y = x * x\n" + "".join(lines)
    function = define(text + "    else:\n        y = x\n    return y\n")
    found = adjoint.to_sympy(function)
    assert found.subs(sympy.Symbol("x"), sympy.Rational(81, 2)) == 41 * sympy.Rational(
        81, 2
    )
