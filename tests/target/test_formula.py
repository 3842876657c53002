"""One-line formulas: read back, they are the same function; as LaTeX, they are sound."""

import re

import pytest

from adjoint.frontend.formula.read import read_formula
from adjoint.ir.interpret import run
from adjoint.target.formula import formula_text
from adjoint.target.latex import latex_formula, latex_name, latex_words
from tests.support import load_formulas

FORMULAS = [case.formula for case in load_formulas()] + [
    "-(x**2)",
    "(-x)**2",
    "2**-(x + 1)",
    "x - (y - z)",
    "x/(y/z)",
    "-(x % y)*z",
    "-x*y - -z",
    "-(-x)*y",
    "x - -y*z",
    "x % y*z // 2.5",
    "x**y**z",
    "(x*y)**2/-z",
    "1e300*x*1e-300 + 0.1",
    "polygamma(2, x) + hypot(x, y, z) + log10(x)**3",
    "max(x, y)*pi + min(x, y, z)",
]


@pytest.mark.parametrize("formula", FORMULAS)
def test_the_text_means_the_same_bit_for_bit(formula):
    program = read_formula(formula)
    again = read_formula(formula_text(program).text)
    point = {name: 1.1 + 0.3 * k for k, name in enumerate(program.parameter_names)}

    def value(one):
        try:
            return run(one, [point[name] for name in one.parameter_names])[0]
        except (ValueError, ArithmeticError) as error:
            return repr(error)

    assert value(again) == value(program)


@pytest.mark.parametrize(
    "formula, text",
    [
        ("2.0*x", "2*x"),
        ("(x - 1)**2.0", "(x - 1)**2"),
        ("-(x/y)", "-x/y"),
        ("0.5 / y", "0.5/y"),
        ("1 + y*y", "1 + y**2"),
        ("(x + y)*(x - y)", "(x + y)*(x - y)"),
    ],
)
def test_how_it_is_spelled(formula, text):
    assert formula_text(read_formula(formula)).text == text


@pytest.mark.parametrize(
    "formula, latex",
    [
        ("x1/(1 - x2)", r"\frac{x_{1}}{1 - x_{2}}"),
        ("-(x**2)", r"-{x}^{2}"),
        ("(x*y)**z", r"{\left(x \, y\right)}^{z}"),
        ("x*2", r"x \cdot 2"),
        ("x - -y*z", r"x - \left(-y \, z\right)"),
        ("cos(theta)*exp(x)", r"\cos\left(\theta\right) \, e^{x}"),
        ("abs(x) + floor(x)", r"\left|x\right| + \left\lfloor x \right\rfloor"),
        ("1e-7*x", r"1 \cdot 10^{-7} \, x"),
        ("arcsin(pi*x)", r"\arcsin\left(\pi \, x\right)"),
    ],
)
def test_latex(formula, latex):
    assert latex_formula(read_formula(formula)).text == latex


@pytest.mark.parametrize("formula", FORMULAS)
def test_latex_is_balanced(formula):
    text = latex_formula(read_formula(formula)).text
    assert text.count("{") == text.count("}")
    assert text.count(r"\left") - text.count(r"\leftarrow") == text.count(r"\right")
    depth = 0
    for brace in re.findall(r"[{}]", text):
        depth += 1 if brace == "{" else -1
        assert depth >= 0


@pytest.mark.parametrize(
    "name, latex",
    [
        ("x", "x"),
        ("x12", "x_{12}"),
        ("Ef", r"\mathrm{Ef}"),
        ("omega_0", r"\omega_{0}"),
        ("lambd", r"\lambda"),
        ("θ", r"\theta"),
        ("Ω", r"\Omega"),
        ("x_max_2", r"x_{\mathrm{max},2}"),
        ("_x", r"\mathrm{\_x}"),
        ("変", r"\text{U+5909}"),
    ],
)
def test_names_in_latex(name, latex):
    assert latex_name(name) == latex


def test_words_in_latex():
    assert latex_words("a_b & 5% {x} ~ \\^") == (
        r"a\_b \& 5\% \{x\} \textasciitilde{} \textbackslash{}\textasciicircum{}"
    )


@pytest.mark.parametrize("number", [1e-07, 2.5e300, 0.1, 12345.678])
def test_latex_of_numbers_keeps_their_value(number):
    text = latex_formula(read_formula(f"x + {number!r}")).text.removeprefix("x + ")
    digits = re.sub(r" \\cdot 10\^\{(-?\d+)\}", r"e\1", text)
    assert float(digits) == number
