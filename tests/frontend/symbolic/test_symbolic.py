"""Expressions of SymPy as input, beside SymPy's own derivatives in 50 digits."""

import subprocess
import sys
import tracemalloc

import mpmath
import pytest
import sympy
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sympy.codegen.cfunctions import expm1, hypot, log1p

import adjoint
from adjoint.frontend.symbolic.read import read_symbolic
from adjoint.ir.program import walk

x, y, z = sympy.symbols("x y z", real=True)
t = sympy.Symbol("t")
q1, q2 = (sympy.Function(name)(t) for name in ("q1", "q2"))


def exact(expression, point):
    """The number of an expression at a point, by SymPy and mpmath, to 40 digits."""
    number = expression.xreplace({s: sympy.Float(v, 60) for s, v in point.items()})
    number = number.replace(sympy.erf2, lambda a, b: sympy.erf(b) - sympy.erf(a))
    number = number.doit().evalf(40)
    return mpmath.mpmathify(number)


def compare(expression, point, tolerance=1e-12, **options):
    d = adjoint.value_and_grad(expression, wrt=list(point), **options)
    symbols = dict(d.primal.symbols)
    value, gradient = d(*(point[symbols[n]] for n in d.primal.parameter_names))
    gradient = gradient if isinstance(gradient, tuple) else (gradient,)
    expected = [expression, *(expression.diff(symbol) for symbol in point)]
    for ours, theirs in zip((value, *gradient), expected, strict=True):
        number = exact(theirs, point)
        assert abs(ours - number) <= tolerance * max(1, abs(number)), (ours, theirs)


R = sympy.Rational

EXPRESSIONS = [
    (x - y) ** 2 + sympy.cos(x + y),
    x * y / z**2 - 3 * x / (4 * sympy.sqrt(y)) + 1,
    x ** R(1, 3) + y ** R(-2, 3) + z ** R(7, 3) + x ** R(-5, 2) + z ** R(1, 5),
    x**0.5 + y**-1.5 + z**2.0 + 0.1 * x + x**1.3,
    2**x + x**y + sympy.exp(x * y) + sympy.sqrt(2) * z ** (-3),
    sympy.pi * x
    + sympy.E * y
    + sympy.GoldenRatio * z
    + sympy.Catalan * sympy.EulerGamma,
    sympy.log(x, 3) + sympy.asinh(y) + sympy.atan2(x, y) + sympy.acosh(z + 2),
    sympy.sin(x) * sympy.sec(y) + sympy.csc(z) * sympy.cot(x) + sympy.tan(y) ** 2,
    sympy.asec(x + 2) + sympy.acsc(y + 2) + sympy.acot(z) + sympy.acot(-z),
    sympy.acoth(x + 2) + sympy.asech(y / 9) + sympy.acsch(z) + sympy.coth(x),
    sympy.sech(x) + sympy.csch(y) + sympy.tanh(z) * sympy.cosh(x) - sympy.sinh(y),
    sympy.asin(x / 9) + sympy.acos(y / 9) + sympy.atan(z) + sympy.atanh(x / 9),
    sympy.Max(x, y, 2) * sympy.Min(z, 3 * x) + sympy.Abs(x - y) * sympy.sign(y - z),
    sympy.erf(x) + sympy.erfc(y) * sympy.erf2(x, z),
    sympy.gamma(x) + sympy.loggamma(y) + sympy.digamma(z) + sympy.polygamma(2, x),
    sympy.factorial(x) + sympy.beta(y, z) + sympy.sinc(x) + sympy.polygamma(1, y),
    sympy.Piecewise((sympy.sqrt(x - 9), x > 9), (x**2 * y, y < 5), (z, True)),
    sympy.Piecewise((x, (x > y) & (y > z) | (z > 9)), (y, ~(x > z)), (x * z, True)),
    sympy.Piecewise((x, sympy.Xor(x > 2, y > 2)), (y, sympy.Ne(y, 3)), (z, True)),
    sympy.Piecewise((x * y, sympy.ITE(x > y, y > z, z > y)), (x / y, True)),
    sympy.Piecewise((x * y, sympy.Implies(x > y, z > y)), (x / y, True)),
    expm1(x) + log1p(y) + hypot(x, z),
    -x * y * z - 2,
    -sympy.exp(-2 * x / 3) - y,
    R(2, 3) * x * y - R(1, 7) + z / 3,
    sympy.Mul(3, sympy.Add(x, y, evaluate=False), z),
]


@pytest.mark.parametrize("expression", EXPRESSIONS, ids=str)
@pytest.mark.parametrize("point", [(1.25, 2.7, 0.3), (2.5, 1.1, 3.3)])
def test_value_and_gradient_are_those_of_sympy(expression, point):
    compare(expression, dict(zip((x, y, z), point, strict=True)))


def test_steps_have_no_slope():
    d = adjoint.value_and_grad(x * sympy.floor(3 * y) + sympy.ceiling(z) * y)
    assert d(1.5, 2.5, 0.5) == (1.5 * 7 + 2.5, (7.0, 1.0, 0.0))
    d = adjoint.value_and_grad(sympy.frac(x) + sympy.Mod(x, y))
    assert d(-7.25, 3.0) == (0.75 + 1.75, (2.0, 3.0))


def test_heaviside_is_a_step_with_its_own_value_at_the_step():
    d = adjoint.value_and_grad(sympy.Heaviside(x) * y + sympy.Heaviside(x - 1, 0.25))
    assert d(2.0, 3.0) == (4.0, (0.0, 1.0))
    assert d(0.0, 3.0) == (1.5, (0.0, 0.5))
    assert d(1.0, 3.0) == (3.25, (0.0, 1.0))
    assert d(-1.0, 3.0) == (0.0, (0.0, 0.0))


def test_what_is_not_evaluated_is_what_it_holds():
    d = adjoint.value_and_grad(sympy.UnevaluatedExpr(x + y) * sympy.UnevaluatedExpr(z))
    assert d(1.5, 2.5, 0.5) == (2.0, (0.5, 0.5, 4.0))


def test_kroneckers_delta_is_one_where_both_are_equal():
    d = adjoint.value_and_grad(x * sympy.KroneckerDelta(y, z))
    assert d(1.5, 2.0, 2.0) == (1.5, (1.0, 0.0, 0.0))
    assert d(1.5, 2.0, 3.0) == (0.0, (0.0, 0.0, 0.0))


LEAVES = st.sampled_from([x, y, z, *map(sympy.sympify, (1, 2, -3, R(1, 2), 0.75))])


def combined(parts):
    pairs = st.tuples(parts, parts)
    return st.one_of(
        pairs.map(lambda p: p[0] + p[1]),
        pairs.map(lambda p: p[0] - p[1]),
        pairs.map(lambda p: p[0] * p[1]),
        pairs.map(lambda p: p[0] / (2 + p[1] ** 2)),
        pairs.map(lambda p: sympy.Piecewise((p[0], p[1] > 1), (p[1] * x, True))),
        st.tuples(parts, st.sampled_from([2, 3, R(1, 2), R(1, 3), R(-3, 2)])).map(
            lambda p: (1 + p[0] ** 2) ** p[1]
        ),
        st.tuples(
            st.sampled_from([sympy.sin, sympy.cos, sympy.atan, sympy.tanh, sympy.erf]),
            parts,
        ).map(lambda p: p[0](p[1])),
    )


@settings(max_examples=60)
@given(st.recursive(LEAVES, combined, max_leaves=12), st.data())
def test_random_expressions(expression, data):
    numbers = [data.draw(st.sampled_from([-2.3, -0.4, 0.6, 1.7])) for _ in "xyz"]
    assume(expression.free_symbols)
    at = dict(zip((x, y, z), numbers, strict=True))
    assume(abs(exact(expression, at)) < 1e6)
    slopes = [expression.diff(symbol) for symbol in at]
    assume(not any(slope.has(sympy.DiracDelta) for slope in slopes))
    assume(all(abs(exact(slope, at)) < 1e6 for slope in slopes))
    compare(expression, at, 1e-9)


# -- what the code looks like


def body(expression, **options):
    source = adjoint.grad(expression, **options).source
    return source.split("\ndef f(")[1].split("\n\n\n")[0].split("\n", 1)[1].strip()


@pytest.mark.parametrize(
    "expression, text",
    [
        (x * y / z, "return x * y / z"),
        (x - y, "return x - y"),
        (-x + y, "return y - x"),
        (-x - 2, "return -2.0 - x"),
        (1 / x, "return 1.0 / x"),
        (sympy.sqrt(x), "return sqrt(x)"),
        (x ** R(1, 3), "return cbrt(x)"),
        (x ** R(-1, 2), "return 1.0 / sqrt(x)"),
        (x ** R(3, 2), "return x * sqrt(x)"),
        (x**5 / 4, "return x**5 / 4.0"),
        (sympy.exp(-2 * x), "return exp(-2.0 * x)"),
        (R(2, 3) * x * y, "return 2.0 * x * y / 3.0"),
        (x / (y * z), "return x / (y * z)"),
    ],
    ids=str,
)
def test_expressions_are_written_as_a_person_would(expression, text):
    assert body(expression) == text


def test_what_products_and_sums_have_in_common_is_computed_once():
    a, b, c, d = sympy.symbols("a:d")
    program = read_symbolic([a * b * c, a * b * d, b * a * sympy.sin(c)])
    assert sum(op.operation.name == "mul" for op in walk(program.body)) == 4
    program = read_symbolic([a - b + c, sympy.exp(b - a + d), sympy.cos(a - b - d)])
    names = [op.operation.name for op in walk(program.body)]
    assert sum(name in ("add", "sub", "neg") for name in names) <= 4


def test_terms_that_differ_in_one_factor_are_collected():
    a, b, c, d = sympy.symbols("a:d")
    assert body(a * b * c + a * d * c) == "return a * c * (b + d)"
    assert body(a * b - a * c - a * d) == "return a * (b - c - d)"
    assert body(2 * a * b + 3 * a * c) == "return 2.0 * a * b + 3.0 * a * c"
    assert body(-a * b - a * c + d) == "return d - a * (b + c)"


def test_what_is_held_fixed_is_multiplied_first():
    a, b = sympy.symbols("a b")
    d = adjoint.value_and_grad(a * x * b * sympy.sin(x), wrt=x)
    assert "t1 = a * b\n" in d.source.split("def f_value_and_grad")[1]


# -- growth


def operations(expression):
    return sum(1 for _ in walk(read_symbolic(expression).body))


def shared_chain(n):
    """Written out, it has more than 2**n parts."""
    e = x
    for _ in range(n):
        e = sympy.Add(
            sympy.sin(e, evaluate=False),
            sympy.Mul(e, y, evaluate=False),
            evaluate=False,
        )
    return e


def choice_chain(n):
    """Both sides of each choice need the choice before."""
    e = x
    for i in range(n):
        sides = sympy.Add(e, 1, evaluate=False), sympy.Mul(e, 2, evaluate=False)
        pieces = (sides[0], y > i), (sides[1], True)
        e = sympy.Piecewise(*pieces, evaluate=False)
    return e


@pytest.mark.parametrize("chain", [shared_chain, choice_chain])
def test_the_program_is_linear_in_the_graph(chain):
    few, many = operations(chain(30)), operations(chain(300))
    assert many <= 10.2 * few


def test_a_product_of_many_factors_takes_memory_in_proportion():
    peaks = []
    for count in (500, 2000):
        y, *factors = sympy.symbols(f"y x:{count}")
        expression = sympy.Mul(*factors) + y
        tracemalloc.start()
        read_symbolic(expression)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 8 * peaks[0]


def test_depth_does_not_matter():
    e = x
    for _ in range(3_000):
        e = sympy.Add(sympy.Mul(e, y, evaluate=False), x, evaluate=False)
    d = adjoint.grad(e, wrt=x)
    n, at = 3_000, 0.75
    assert d(1.0, at) == pytest.approx((1 - at ** (n + 1)) / (1 - at), rel=1e-12)


def test_only_the_piece_that_holds_is_computed():
    pieces = [(sympy.sqrt(x + i), y < i) for i in range(60)]
    d = adjoint.value_and_grad(sympy.Piecewise(*pieces, (0, True)))
    assert d(-30.0, 39.5)[0] == 10**0.5
    assert d(-30.0, 99.0) == (0.0, (0.0, 0.0))
    guarded = sympy.Piecewise((sympy.log(x), (sympy.sqrt(x) < 2) & (x > 0)), (0, True))
    assert adjoint.value_and_grad(guarded)(-1.0) == (0.0, 0.0)


def test_where_no_piece_holds_the_value_is_nan():
    assert adjoint.grad(sympy.Piecewise((x, x > 0)))(-1.0) == 0.0
    value, _ = adjoint.value_and_grad(sympy.Piecewise((x, x > 0)))(-1.0)
    assert value != value


# -- parameters


def names(source, **options):
    return read_symbolic(source, **options).parameter_names


def test_parameters_are_sorted_by_name_and_number():
    symbols = sympy.symbols("x10 x2 b a_1 B")
    assert names(sum(symbols)) == ("B", "a_1", "b", "x2", "x10")


def test_the_order_of_parameters_may_be_given():
    assert names(x * y, args=[y, x]) == ("y", "x")
    assert names(x * y, args="z, y, x") == ("z", "y", "x")
    assert names(sympy.Lambda((z, x, y), x * y)) == ("z", "x", "y")
    assert adjoint.grad(x**2 * y, args=[y, x], wrt=x)(5.0, 3.0) == 30.0


def test_what_is_asked_for_is_a_parameter_where_it_does_not_occur():
    assert adjoint.grad(x**2, wrt=[z, x])(3.0, 7.0) == (0.0, 6.0)


def test_symbols_that_are_no_identifiers_get_readable_names():
    odd = [*map(sympy.Symbol, ["lambda", r"\theta_{1}", "x'", "a b", "2", "None"])]
    assert " ".join(names(sum(odd))) == "None_ a_b lambda_ theta_1 x2 x_prime"
    said = adjoint.grad(sum(odd)).source.split("Parameters: ")[1].split(".")[0]
    assert " ".join(said.split()) == (
        r"None_ is None, a_b is a b, lambda_ is lambda, theta_1 is \\theta_{1}, "
        "x2 is 2, x_prime is x'"
    )


def test_symbols_of_one_name_are_told_apart():
    real, dummies = sympy.Symbol("x"), [sympy.Dummy("x") for _ in "ab"]
    assert len(set(names(x + real + sum(dummies)))) == 4


def test_functions_of_time_and_their_derivatives_are_parameters():
    energy = q1.diff(t) ** 2 * q2 + q1 * q2.diff(t, 2) + q2.diff(t, 3) * q1.diff(t)
    assert names(energy) == ("q1", "q1_dot", "q2", "q2_d3", "q2_ddot")
    compare(
        energy,
        {q1.diff(t): 0.5, q2: 2.0, q1: 3.0, q2.diff(t, 2): 4.0, q2.diff(t, 3): 0.25},
    )


def test_elements_are_parameters():
    base, matrix = sympy.IndexedBase("v"), sympy.MatrixSymbol("A", 2, 2)
    assert names(base[0] * base[1] + matrix[1, 0]) == ("A_1_0", "v_0", "v_1")


# -- results


def test_lists_and_matrices_have_several_results():
    for several in ([x, [y, x * y]], sympy.Matrix([[x, y, x * y]]), (x, y, x * y)):
        program = read_symbolic(several)
        assert len(program.results) == 3
    with pytest.raises(adjoint.AdjointError, match="returns a tuple"):
        adjoint.grad([x, y])


# -- refusals


@pytest.mark.parametrize(
    "expression, shown",
    [
        (sympy.Integral(sympy.exp(-(x**2)), x) * y, "Integral(exp(-x**2), x)"),
        (sympy.I * x + 1, "as_real_imag"),
        (sympy.besselj(0, x) + 1, "besselj(0, x)"),
        (sympy.Derivative(x**2 * y, x), "doit"),
        (sympy.MatrixSymbol("A", 2, 2), "as_explicit"),
        (sympy.Symbol("A", commutative=False) * x, "A"),
        (sympy.re(t), "real=True"),
        (sympy.polygamma(x, y), "order"),
        (sympy.zoo + x, "zoo"),
        (x * 10**400, "too large for a float"),
        (sympy.Function("f")(x) * x, "f(x) depends on x"),
        ([x, "y"], "not str"),
    ],
    ids=str,
)
def test_what_cannot_be_computed_is_refused_by_name(expression, shown):
    with pytest.raises(adjoint.AdjointError) as caught:
        adjoint.grad(expression)
    assert shown in str(caught.value)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"args": [x]}, "'y' is in the expression but not in `args`"),
        ({"args": [x, x, y]}, "'x' is given twice"),
        ({"args": [sympy.Symbol("x"), y]}, "other assumptions"),
        ({"wrt": [x, x]}, "'x' is given twice"),
        ({"wrt": "q"}, "'q' is not a parameter"),
        ({"signature": "x: float"}, "for Python functions"),
    ],
    ids=str,
)
def test_options_that_do_not_fit(options, message):
    with pytest.raises(adjoint.AdjointError, match=message):
        adjoint.grad(x * y, **options)
    if "args" in options:
        with pytest.raises(adjoint.AdjointError, match="for expressions of SymPy"):
            adjoint.grad("x*y", **options)


# -- the rest of the house


@pytest.mark.parametrize("expression", EXPRESSIONS[2::3], ids=str)
def test_a_saved_module_can_be_checked_against_its_own_docstring(expression):
    from adjoint.check.evidence import check_module

    source = adjoint.value_and_grad(expression, args=[z, x, y]).source
    report = check_module(source, source_name="saved.py", seconds=0.2, points=5)
    assert report
    assert "note: the docstring holds no whole formula" not in str(report)


def test_the_same_expression_gives_the_same_bytes():
    code = (
        "import sympy, adjoint; x, y, z = sympy.symbols('x y z');"
        "e = sympy.Max(x, y*z, z)*x*y*z + sympy.Piecewise((x, (x > y) & (y > z)), (y*z*x, True));"
        "print(adjoint.grad(e + sum(sympy.symbols('a:z'))).source)"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in "12"
    }
    assert len(outputs) == 1


def test_formulas_do_not_import_sympy():
    code = (
        "import sys, adjoint; adjoint.grad('x**2')(3.0); print('sympy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "False"
