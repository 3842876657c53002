"""Functions with derivatives of the user's own: made, proved, refused, used."""

import math

import mpmath
import pytest
import sympy

import adjoint
from adjoint import AdjointError
from adjoint.cli import main
from adjoint.rules_file import read_rules

SINC = adjoint.rule(
    "sinc(x)", "sin(x)/x if x != 0 else 1", x="(cos(x) - y)/x if x != 0 else 0"
)
J0 = adjoint.rule("j0(x)", "scipy.special.j0", x="-j1(x)")


@adjoint.rule(x="cos(x)*exp(y)", y="exp(y)*sin(x)")
def wave(x, y):
    return math.sin(x) * math.exp(y)


@adjoint.rule(
    a=lambda a, n: n * a ** (n - 1) if n != 0 else 0,
    n=lambda y, a: y * math.log(a),
    domain={"a": (0.5, 2)},
)
def raised(a, n):
    return a**n


def calls_rules(a, b):
    return wave(a * b, b) ** 2 + SINC(a) * J0(b)


# -- use


def test_a_formula_calls_the_function_by_its_name():
    d = adjoint.value_and_grad("sinc(x)*z", rules=[SINC])
    value, (by_x, by_z) = d(0.5, 3.0)
    assert value == math.sin(0.5) / 0.5 * 3.0
    exact = mpmath.diff(lambda x: mpmath.sin(x) / x, 0.5)
    assert by_x == pytest.approx(float(3 * exact), rel=1e-14)
    assert by_z == math.sin(0.5) / 0.5
    assert d(0.0, 3.0) == (3.0, (0.0, 1.0))
    assert (
        "(cos(x) - t1)" in d.source
    )  # the derivative as it is given, and nothing else
    assert d.check(seconds=1)


def test_a_python_function_calls_it_like_any_other():
    assert wave(0.5, 0.25) == math.sin(0.5) * math.exp(0.25)
    d = adjoint.value_and_grad(calls_rules)
    a, b = 0.7, 1.3

    def exact(a, b):
        wave = mpmath.sin(a * b) * mpmath.exp(b)
        return wave**2 + mpmath.sin(a) / a * mpmath.besselj(0, b)

    value, slopes = d(a, b)
    assert value == pytest.approx(float(exact(a, b)), rel=1e-14)
    assert value == calls_rules(a, b)
    for at, slope in enumerate(slopes):
        order = (1 - at, at)
        assert slope == pytest.approx(
            float(mpmath.diff(exact, (a, b), order)), rel=1e-12
        )


def test_sympy_calls_it_as_a_function_of_the_name():
    x = sympy.Symbol("x")
    expression = sympy.Function("sinc")(x) * x
    d = adjoint.grad(expression, rules=[SINC])
    assert d(0.5) == pytest.approx(math.cos(0.5), rel=1e-14)


def test_higher_derivatives_differentiate_the_formulas():
    d = adjoint.hessian("sinc(x)", rules=[SINC])
    exact = mpmath.diff(lambda x: mpmath.sin(x) / x, 0.5, 2)
    assert d(0.5) == pytest.approx(float(exact), rel=1e-12)
    with pytest.raises(AdjointError, match="`j1` has no derivative"):
        adjoint.hessian("j0(x)", rules=[J0])
    both = adjoint.rules_of(
        {
            "J0(x)": {"value": "scipy.special.j0", "x": "-J1(x)"},
            "J1(x)": {
                "value": "scipy.special.j1",
                "x": "J0(x) - J1(x)/x",
                "domain": {"x": [0.1, 4]},
            },
        }
    )
    second = adjoint.hessian("J0(x)", rules=both)
    exact = mpmath.diff(lambda x: mpmath.besselj(0, x), 1.5, 2)
    assert second(1.5) == pytest.approx(float(exact), rel=1e-12)


def test_forward_mode_uses_the_rule_as_well():
    d = adjoint.jvp("sinc(x)", rules=[SINC])
    value, tangent = d(0.5, 2.0)
    assert value == math.sin(0.5) / 0.5
    exact = mpmath.diff(lambda x: mpmath.sin(x) / x, 0.5)
    assert tangent == pytest.approx(float(2 * exact), rel=1e-14)


def test_partial_derivatives_may_be_python_functions():
    value, (by_a, by_n) = adjoint.value_and_grad("raised(a, 3*n)", rules=[raised])(
        1.5, 2.0
    )
    assert value == 1.5**6.0
    assert by_a == pytest.approx(6 * 1.5**5, rel=1e-14)
    assert by_n == pytest.approx(3 * 1.5**6 * math.log(1.5), rel=1e-14)


def test_what_generated_modules_import_is_said():
    d = adjoint.value_and_grad("j0(k*r)*r", rules=[J0])
    assert "It imports scipy.special.j0, scipy.special.j1." in d.source
    assert "\nfrom scipy.special import j0, j1\n" in d.source
    space = {}
    exec(d.source, space)
    assert space["f_value_and_grad"](1.0, 2.0) == d(1.0, 2.0)
    clash = adjoint.grad("j0*j0(j0)", rules=[J0])
    assert "from scipy.special import j0 as j0_function, j1" in clash.source
    exact = mpmath.diff(lambda x: x * mpmath.besselj(0, x), 1.5)
    assert clash(1.5) == pytest.approx(float(exact), rel=1e-12)


def test_a_parameter_called_y_is_no_result():
    twice = adjoint.rule("twice(y)", "y + y*y", y="1 + 2*y")
    assert adjoint.grad("twice(x)", rules=[twice])(3.0) == 7.0
    power = adjoint.rule("powers(n, x)", "n*x**2", n="x*x", x="2*n*x")
    assert adjoint.grad("powers(a, b)", rules=[power])(3.0, 2.0) == (4.0, 12.0)


def test_a_rule_may_use_another():
    squared = adjoint.rule(
        "sinc2(x)",
        "sinc(x)**2",
        x="2*sinc(x)*dsinc(x)",
        uses=[
            SINC,
            adjoint.rule("dsinc(x)", "(cos(x) - sin(x)/x)/x if x != 0 else 0"),
        ],
    )
    exact = mpmath.diff(lambda x: (mpmath.sin(x) / x) ** 2, 0.5)
    assert adjoint.grad("sinc2(x)", rules=[squared])(0.5) == pytest.approx(
        float(exact), rel=1e-13
    )


# -- proof


def test_a_wrong_formula_is_refused_with_the_point_and_both_numbers():
    with pytest.raises(AdjointError) as caught:
        adjoint.rule("bad(x)", "sin(x)**2", x="2*sin(x)*cos(x) + 0.001")
    said = str(caught.value)
    point, is_, should = (
        float(said.split(before)[1].split()[0].rstrip(","))
        for before in ("x = ", "it is ", "should be ")
    )
    assert should == pytest.approx(math.sin(2 * point), rel=1e-4)
    assert is_ == pytest.approx(math.sin(2 * point) + 0.001, rel=1e-4)


def test_a_wrong_rule_of_an_imported_function_is_refused():
    with pytest.raises(AdjointError, match=r"at x = .* it is .*, and should be "):
        adjoint.rule("bessel(x)", "scipy.special.j0", x="-j1(x)*1.0001")


def test_one_wrong_derivative_of_several_is_refused():
    with pytest.raises(AdjointError, match="derivative of `g` by b is refused"):
        adjoint.rule("g(a, b)", "a*b**2", a="b**2", b="a*b")
    with pytest.raises(AdjointError, match="by x is refused"):
        adjoint.rule("step(x)", "abs(x)", x="1")


def test_a_function_that_has_no_number_where_it_is_tried_is_not_proved():
    with pytest.raises(AdjointError, match="no point was found to try it at"):
        adjoint.rule(
            "g(x)", "scipy.special.gammaln", x="digamma(x)", domain={"x": (-1e9, -1e9)}
        )
    lgamma = adjoint.rule(
        "g(x)", "scipy.special.gammaln", x="digamma(x)", domain={"x": (0.5, 9)}
    )
    assert adjoint.grad("g(x)", rules=[lgamma])(1.0) == pytest.approx(-mpmath.euler)


@pytest.mark.parametrize(
    ("arguments", "partials", "message"),
    [
        (("sin(x)", "x"), {"x": "1"}, "function of adjoint's own table"),
        (("f x", "x"), {"x": "1"}, "a signature is written"),
        (("g(x)",), {"x": "1"}, "needs a value"),
        (("g(x)", "x + z"), {"x": "1"}, "`z` is not a parameter"),
        (("g(x)", "x"), {"z": "1"}, "`z` is not a parameter of `g`"),
        (("g(x, z)", "x*z"), {"x": "z"}, "no derivative by z"),
        (("g(x, x)", "x"), {"x": "1"}, "stands twice"),
        (("g(x)", "x"), {"x": "coss(x)"}, "did you mean `cos`"),
        (("g(x)", "scipy.special.nothing"), {"x": "1"}, "cannot be imported"),
        (("g(x)", "nowhere.f"), {"x": "1"}, "cannot be imported"),
        (("lambda(x)", "x"), {"x": "1"}, "cannot be a name"),
    ],
    ids=str,
)
def test_rules_that_cannot_be_read(arguments, partials, message):
    with pytest.raises(AdjointError, match=message):
        adjoint.rule(*arguments, **partials)


def test_what_is_no_rule_is_refused():
    with pytest.raises(AdjointError, match=r"made by adjoint\.rule"):
        adjoint.grad("sinc(x)", rules=[math.sin])
    with pytest.raises(AdjointError, match="two rules for `sinc`"):
        adjoint.grad("sinc(x)", rules=[SINC, SINC])
    with pytest.raises(AdjointError, match="unknown function `sinc`"):
        adjoint.grad("sinc(x)")


# -- stop_gradient


def test_what_stop_gradient_is_given_is_held_fixed():
    def f(x):
        return x * adjoint.stop_gradient(x * x)

    assert adjoint.stop_gradient(3.0) == 3.0
    d = adjoint.value_and_grad(f)
    assert d(3.0) == (27.0, 9.0)
    assert adjoint.grad("x*stop_gradient(x)")(3.0) == 3.0
    assert adjoint.jvp(f)(3.0, 1.0) == (27.0, 9.0)
    assert adjoint.hessian("x**2*stop_gradient(x)")(3.0) == 6.0
    assert "stop_gradient is given is held fixed" in " ".join(d.source.split())
    assert d.check(seconds=1)


def test_it_is_held_fixed_in_each_derivative_of_a_derivative():
    # f = s*x**2 and s = x, which is held: f' = 2*s*x, and f" = 2*s
    d = adjoint.grad("stop_gradient(x)*x**2")
    assert d(3.0) == 18.0
    assert adjoint.grad(d)(3.0) == 6.0
    assert adjoint.hessian("stop_gradient(x)*x**2")(3.0) == 6.0
    assert adjoint.jvp(d)(3.0, 1.0) == (18.0, 6.0)

    def g(x):  # 2*s*x*x, and s = x
        return d(x) * x

    assert adjoint.grad(g)(3.0) == 36.0
    assert "held fixed" in " ".join(adjoint.grad(g).source.split())


# -- files


TOML = """
["j0(x)"]
value = "scipy.special.j0"
x = "-j1(x)"

["logit(p)"]
value = "log(p/(1 - p))"
p = "1/(p*(1 - p))"
domain = {p = [0.01, 0.99]}
"""

PYTHON = '''
"""Some rules."""
import adjoint
from math import sin, exp

hat = adjoint.rule("hat(x, w)", "exp(-(x/w)**2)", x="-2*x/w**2*y", w="2*x*x/w**3*y", domain={"w": (0.5, 3)})

@adjoint.rule(x="cos(x)*exp(z)", z="exp(z)*sin(x)")
def wave(x, z):
    return sin(x)*exp(z)

raise SystemExit("nothing here is run")
'''


def test_rules_are_read_from_a_file(tmp_path):
    (tmp_path / "my.toml").write_text(TOML)
    rules = read_rules(tmp_path / "my.toml")
    assert adjoint.grad("logit(p)", rules=rules)(0.25) == pytest.approx(
        16 / 3, rel=1e-15
    )
    (tmp_path / "my.py").write_text(PYTHON)
    rules = read_rules(tmp_path / "my.py")
    slope = adjoint.grad("hat(x, 2) + wave(x, x)", rules=rules)(0.5)
    expected = -0.25 * math.exp(-1 / 16) + math.exp(0.5) * (
        math.cos(0.5) + math.sin(0.5)
    )
    assert slope == pytest.approx(expected, rel=1e-14)


def test_functions_of_files_call_rules_by_name(tmp_path):
    (tmp_path / "my.toml").write_text(TOML)
    (tmp_path / "model.py").write_text(
        "import adjoint\nfrom scipy.special import j0\n\n"
        "def model(r, k):\n    return r*j0(k*r) + adjoint.stop_gradient(r)\n"
    )
    rules = read_rules(tmp_path / "my.toml")
    d = adjoint.grad(f"{tmp_path / 'model.py'}:model", rules=rules)
    exact = mpmath.diff(lambda r, k: r * mpmath.besselj(0, k * r), (0.5, 2.0), (1, 0))
    assert d(0.5, 2.0)[0] == pytest.approx(float(exact), rel=1e-12)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.toml", "[x", "not TOML"),
        ("a.toml", '["g(x)"]\nx = "1"', "has no value"),
        ("a.toml", '["g(x)"]\nvalue = "x*x"\nx = "x"', "should be"),
        ("a.py", "def f(:", "not Python"),
        ("a.py", "x = 1", "no call of adjoint.rule"),
        ("a.py", 'rule("g(x)", text, x="1")', "written out"),
        ("a.py", 'rule("g(x)", x="1")', "a signature and a value"),
        ("a.txt", "", ".toml or a .py file"),
    ],
    ids=str,
)
def test_files_that_hold_no_rules(tmp_path, name, text, message):
    (tmp_path / name).write_text(text)
    with pytest.raises(AdjointError, match=message):
        read_rules(tmp_path / name)
    with pytest.raises(AdjointError, match="cannot read"):
        read_rules(tmp_path / "nothing.toml")


def test_the_command_line(tmp_path, capsys):
    def run(*arguments):
        with pytest.raises(SystemExit) as done:
            main([*arguments, "--rules", str(tmp_path / "my.toml")])
        return done.value.code, capsys.readouterr()

    (tmp_path / "my.toml").write_text(TOML)
    assert "import j0, j1" in run("compile", "j0(x)*x")[1].out
    assert run("check", "logit(p)", "--range", "p=0.1:0.9", "--seconds", "1")[0] == 0
    assert "t2 = j1(x)" in run("show", "j0(x)*x", "--at", "x=1")[1].out
    assert "0.325147" in run("explain", "j0(x)*x", "--at", "x=1")[1].out
    code, said = run("check", "j0(x)", "--seconds", "1")
    assert code == 0
    assert "given the rule of scipy.special.j0" in said.out
    (tmp_path / "my.toml").write_text(TOML.replace('"-j1(x)"', '"j1(x)"'))
    code, said = run("compile", "j0(x)*x")
    assert (code, said.out) == (2, "")
    assert "should be" in said.err
