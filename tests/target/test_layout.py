"""Text that black leaves alone, whatever the user's names and formulas look like."""

import ast

import black
import pytest

import adjoint
from adjoint._version import __version__
from adjoint.target.layout import Wrapper, bracketed, definition, width


def checked(formula, kind=adjoint.value_and_grad, **options):
    text = kind(formula, **options).source
    assert black.format_str(text, mode=black.Mode()) == text
    compile(text, "generated", "exec")
    return text


def docstring(text):
    return ast.get_docstring(ast.parse(text))


@pytest.mark.parametrize("count", [1, 2, 9, 14, 17, 30])
@pytest.mark.parametrize("length", [2, 30, 60, 100])
def test_any_number_of_parameters_of_any_length(count, length):
    names = [f"v{i}".ljust(length, "x") for i in range(count)]
    terms = "+".join(
        f"sin({a}*{b})" for a, b in zip(names, names[1:] + names[:1], strict=True)
    )
    for kind in (adjoint.value_and_grad, adjoint.grad):
        checked(f"{terms}*({names[0]} if {names[-1]} > 1 else cos({names[0]}))", kind)


def test_300_parameters():
    checked("+".join(f"v{i}*v{i + 1}" for i in range(0, 300, 2)))


def test_wide_letters_count_twice():
    names = ["変数" * 5 + str(i) for i in range(4)]
    checked("+".join(f"sin({name})*{name}**3" for name in names))
    checked("*".join(names))
    assert width("変数") == 4


def test_long_function_name():
    name = "f" * 90
    assert f"def {name}_value_and_grad(" in checked("x*y", name=name)
    checked("sin(x)", name=name)


def test_many_imports():
    text = checked(
        "sin(x)+cos(x)+tan(x)+asinh(x)+acosh(x)+atan(x)+sinh(x)+cosh(x)+expm1(x)+log1p(x)"
    )
    assert "from math import (\n    acosh,\n" in text


def test_many_constants():
    checked("+".join(f"sqrt({i}*pi)*log({i}+sin({i}))*x**{i}" for i in range(2, 30)))


@pytest.mark.parametrize(
    "formula",
    [
        "x # a comment with \\ and \\n and \\N{x}",
        'x # three """ quotes """',
        "x # '''",
        'x # ends in a quote "',
        'x\t*\ty # tab\t"',
        "x*y   \r\n",
        "\r\n\r\na = x*y   \r\n\r\n\tsin(a)\r\n",
        "x # \x00 \x07 \x1b \x7f \x85 \xa0 \u2028 \ud800 \U0001f600 \u202e",
        "θ*µ # Ω ≈ ∞",
        "\n\n   x*y\n      # below\n\n\n",
        "x \\\n + y",
        "x # " + "long " * 400,
        "+".join(f"x{i % 40}" for i in range(2000)),
        "f(x) = \\\n\\\n x",
        "x # \\",
        'x # \\"""',
        'x # """"""""',
    ],
)
def test_any_formula_in_the_docstring(formula):
    text = checked(formula)
    assert text.isprintable() or all(
        character.isprintable() or character == "\n" for character in text
    )
    text.encode("utf-8")


def test_docstring_of_the_worked_example():
    text = checked("(x1 - x2)**2 + cos(x1 + x2)")
    said = docstring(text)
    assert said.splitlines()[0] == (
        f"The function f and its derivative, written by adjoint {__version__}."
    )
    assert "    (x1 - x2)**2 + cos(x1 + x2)\n" in said
    assert "f(x1, x2) returns the value.\n" in said
    assert "f_value_and_grad(x1, x2) returns (value, (df/dx1, df/dx2))." in said
    assert "Operations: 5 for f, " in said
    assert ", ratio " in said


def test_long_lists_in_the_docstring_are_wrapped():
    text = checked("+".join(f"variable_{i}**2" for i in range(60)))
    lines = docstring(text).splitlines()
    assert max(len(line) for line in lines if "**" not in line) <= 88
    assert "variable_59" in docstring(text)


@pytest.mark.parametrize("count", [1, 2, 5, 20, 40])
def test_definition_is_as_black_has_it(count):
    for length in (3, 8, 16, 30, 88):
        names = [f"{'a' * length}{i}" for i in range(count)]
        text = "\n".join(definition("function", names)) + "\n    return 1\n"
        assert black.format_str(text, mode=black.Mode()) == text
        text = "\n".join(bracketed("", "return y, (", names, ")")) + "\n"
        if count > 1:
            assert black.format_str(text, mode=black.Mode()) == text


def test_wrapped_statements_are_as_black_has_them():
    for indent in ("", "    ", "        "):
        line = f"{indent}{'x' * 50} = {'y' * 30} + {'z' * 30}"
        assert len(Wrapper().wrapped(line)) > 1
    assert Wrapper().wrapped("x = 1") == ["x = 1"]
