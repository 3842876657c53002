"""Rules of functions that take whole numbers: Bessel's of order n, powers, Chebyshev's."""

import mpmath
import pytest

import adjoint
from adjoint import AdjointError
from adjoint.cli import main
from adjoint.rules_file import read_rules

HALF_A_DIFFERENCE = "(jn(n - 1, x) - jn(n + 1, x))/2"
JN = adjoint.rule("jn(n: int, x)", "scipy.special.jv", x=HALF_A_DIFFERENCE)


def test_a_formula_writes_the_number():
    exact = mpmath.diff(lambda x, y: y * mpmath.besselj(2, x * y), (1.5, 0.75), (1, 1))
    hessian = adjoint.hessian("jn(2, x*y)*y", rules=[JN])
    assert hessian(1.5, 0.75)[0][1] == pytest.approx(float(exact), rel=1e-12)
    assert "jv(4, t1)" in hessian.source  # the rule is used for its own terms


def test_the_rule_of_a_function_of_one():
    @adjoint.rule(x="n*x**(n - 1) if n != 0 else 0")
    def whole_power(n: int, x):
        return x**n

    cubed = adjoint.grad(adjoint.grad("whole_power(3, x)", rules=[whole_power]))
    assert cubed(2.0) == 12.0


def test_a_function_has_it_as_a_parameter():
    def f(k, x):
        return JN(k, x) ** 2 + x * JN(k + 1, x)

    d = adjoint.value_and_grad(f)  # k is whole by its use
    assert d.wrt == ["x"]
    for k in (0, 1, 5):
        value, slope = d(k, 1.25)
        exact = mpmath.diff(
            lambda x, k=k: mpmath.besselj(k, x) ** 2 + x * mpmath.besselj(k + 1, x),
            1.25,
        )
        assert slope == pytest.approx(float(exact), rel=1e-12)
        assert value == f(k, 1.25)


def test_a_loop_sums_orders():
    def series(x):
        total = 0.0
        for n in range(1, 5):
            total = total + JN(n, x) / n
        return total

    exact = mpmath.diff(
        lambda x: sum(mpmath.besselj(n, x) / n for n in range(1, 5)), 2.5
    )
    assert adjoint.grad(series)(2.5) == pytest.approx(float(exact), rel=1e-12)


def test_a_value_that_is_a_formula_is_proved_with_sympy():
    chebyshev = adjoint.rule(
        "chebyshev(n: int, x: float)",
        "cos(n*acos(x))",
        x="n*sin(n*acos(x))/sqrt(1 - x*x)",
        domain={"n": (0, 6), "x": (-0.9, 0.9)},
    )
    assert chebyshev(3, 0.5) == pytest.approx(4 * 0.5**3 - 3 * 0.5)
    d = adjoint.grad("chebyshev(3, x)", rules=[chebyshev])
    assert d(0.25) == pytest.approx(12 * 0.25**2 - 3, rel=1e-14)


def test_the_derivative_may_be_a_function():
    def slope(n, x):
        return n * x ** (n - 1) if n > 0 else 0.0

    rule = adjoint.rule("powi(n: int, x)", "x**n", x=slope, domain={"n": (0, 5)})
    assert adjoint.grad("powi(4, x)", rules=[rule])(-2.0) == -32.0


@pytest.mark.parametrize(
    ("arguments", "partials", "message"),
    [
        (("jn(n: int, x)", "scipy.special.jv"), {"x": "jn(n - 1, x)"}, "at n = "),
        (("p(n: int, x)", "x**n"), {"x": "n*x**n"}, "should be"),
        (("p(n: int, x)", "x**n"), {"x": "p(n - 0.5, x)"}, "is a whole number"),
        (
            ("p(n: int, x)", "x**n"),
            {"x": "n", "n": "x"},
            "there is no derivative by it",
        ),
        (("p(n, x)", "x**n"), {"x": "n*x**(n - 1)"}, "or `n: int` in the signature"),
        (("p(n: whole, x)", "x**n"), {"x": "1"}, "a signature is written"),
    ],
    ids=str,
)
def test_what_is_refused_when_a_rule_is_made(arguments, partials, message):
    with pytest.raises(AdjointError, match=message):
        adjoint.rule(*arguments, **partials)


def test_floats_in_the_place_of_whole_numbers_are_refused():
    def f(n: float, x: float):
        return JN(n, x)

    for source in ("jn(n, x)", "jn(2.0, x)", "jn(2 + 0*x, x)"):
        with pytest.raises(AdjointError, match="`n` of `jn` is a whole number"):
            adjoint.grad(source, rules=[JN])
    with pytest.raises(AdjointError, match="a whole number is expected"):
        adjoint.grad(f)


TOML = """
["jn(n: int, x)"]
value = "scipy.special.jv"
x = "(jn(n - 1, x) - jn(n + 1, x))/2"
domain = {n = [0, 3]}
"""

PYTHON = """
import adjoint

jn = adjoint.rule("jn(n: int, x)", "scipy.special.jv", x="(jn(n - 1, x) - jn(n + 1, x))/2")

@adjoint.rule(x="n*x**(n - 1)", domain={"n": (1, 4)})
def powi(n: int, x):
    return x**n
"""


@pytest.mark.parametrize("suffix", ["toml", "py"])
def test_rules_of_a_file(tmp_path, capsys, suffix):
    path = tmp_path / f"my.{suffix}"
    path.write_text(TOML if suffix == "toml" else PYTHON)
    exact = float(mpmath.diff(lambda x: mpmath.besselj(3, x), 1.5))
    rules = read_rules(path)
    assert adjoint.grad("jn(3, x)", rules=rules)(1.5) == pytest.approx(exact, rel=1e-12)
    with pytest.raises(SystemExit) as done:
        main(["compile", "jn(3, x)", "--rules", str(path)])
    assert done.value.code == 0
    assert "jv(2, x) - jv(4, x)" in capsys.readouterr().out
    with pytest.raises(SystemExit) as done:
        main(["compile", "jn(n, x)", "--rules", str(path)])
    assert done.value.code == 2
    assert "`n` of `jn` is a whole number" in capsys.readouterr().err
    if suffix == "py":
        assert adjoint.grad("powi(3, x)", rules=rules)(2.0) == 12.0
