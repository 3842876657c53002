"""Formulas: statements, the header, names and the order of the parameters."""

from __future__ import annotations

import math

import pytest

from adjoint.errors import Source
from adjoint.frontend.formula.read import parse_formula, read_formula
from adjoint.ir.interpret import run
from adjoint.ir.printer import print_program
from adjoint.rules.table import FUNCTION_NAMES


def parameters(text):
    return read_formula(text).parameter_names


def value(text, **point):
    program = read_formula(text)
    return run(program, [point[name] for name in program.parameter_names])[0]


def test_the_worked_example():
    program = read_formula("(x1 - x2)**2 + cos(x1 + x2)")
    assert program.name == "f" and program.parameter_names == ("x1", "x2")
    assert print_program(program) == [
        "t1 = x1 - x2",
        "t2 = t1**2",
        "t3 = x1 + x2",
        "t4 = cos(t3)",
        "y = t2 + t4",
        "return y",
    ]
    assert run(program, [1.0, 2.0]) == (1.0 + math.cos(3.0),)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("y + x", ("y", "x")),
        ("b*a if c else d", ("b", "a", "c", "d")),
        ("where(c, a, b)", ("c", "a", "b")),
        ("x if 1 else y", ("x", "y")),
        ("0 and y or x", ("y", "x")),
        ("a = q; b = a*p; b + r", ("q", "p", "r")),
        ("x = x + 1; x", ("x",)),
        ("x += y; x", ("x", "y")),
        ("a = b = c; a*b", ("c",)),
        ("f(z, a) = a*z", ("z", "a")),
        ("f(x, unused) = x", ("x", "unused")),
        ("f() = 1", ()),
        ("f(x,) = x", ("x",)),
        ("3", ()),
        ("e**x + pi*y + tau", ("x", "y")),
        ("f(e, pi) = e*pi", ("e", "pi")),
        ("pi = 3; pi*x", ("x",)),
        ("gamma/(beta - 1)", ("gamma", "beta")),
        ("cos(cos)", ("cos",)),
        ("sin*sin(x)", ("sin", "x")),
        ("f(f) = f*f", ("f",)),
        ("θ*π + ñ", ("θ", "π", "ñ")),
        ("match + case + _ + type", ("match", "case", "_", "type")),
        ("inf*nan", ("inf", "nan")),
        ("math.pi*x + math.inf*y", ("x", "y")),
        ("pi = x; math.pi + pi", ("x",)),
    ],
)
def test_parameters_are_the_free_names_as_they_appear(text, names):
    assert parameters(text) == names


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("x", "f"),
        ("g(x) = x", "g"),
        ("\n# wave\n\nwave (x) =\n x", "wave"),
        ("sin(x) = x", "sin"),
    ],
)
def test_the_header_names_the_function(text, name):
    assert read_formula(text).name == name
    assert read_formula(text, name="h").name == "h"


def test_two_spellings_of_one_letter_are_one_name():
    assert parameters("ﬁ + fi + 𝐱 + x") == ("fi", "x")


@pytest.mark.parametrize(
    "text",
    [
        "a = x*y; b = a + 1; a*b",
        "a = x*y\nb = a + 1\na*b",
        "a = x*y;\n\n;b = a + 1;a*b;",
        "a = x*y # one\n  # two\n\n\tb = a + 1\r\na*b # three",
        "a = x*\\\ny; b = (a\n+ # in parentheses\n1); a*b",
        "\ufeffa = x*y\rb = a + 1\ra*b\r",
        "f(x, y) = a = x*y; b = a + 1; a*b",
        "f(x,\n  y) =\n  a = x*y\n  b = a + 1\n  a*b",
        "a = c = x*y; b = a; b += 1; c*b",
        "a = x; a *= y; b = a; b -= -1; a*b",
        "a = x*y; b = a + 1; y = a*b",
        "x *= y; b = x + 1; x = x*b",
        "a = x*y; a = a*(a + 1)",
    ],
)
def test_statements(text):
    assert value(text, x=2.0, y=3.0) == 42.0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x += 2", 7.0),
        ("x -= 2", 3.0),
        ("x *= 1 + 1", 10.0),
        ("x /= 2", 2.5),
        ("x //= 2", 2.0),
        ("x %= 2", 1.0),
        ("x **= 2", 25.0),
        ("x ^= 1 + 1", 25.0),
        ("y = 2*x", 10.0),
        ("x; 3*x", 15.0),
        ("y = 1; x", 5.0),
    ],
)
def test_the_result_is_the_last_value(text, expected):
    assert value(text, x=5.0) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pi", math.pi),
        ("e", math.e),
        ("tau", math.tau),
        ("math.e", math.e),
        ("np.pi", math.pi),
        ("-math.inf", -math.inf),
        ("1e999", math.inf),
        ("0xfF + 0b11 + 0o7 + 1_000", 1265),
        ("1_0.5e-1_0", 1_0.5e-1_0),
        (".5 + 5.", 5.5),
        ("True + True", 2),
        ("-2**2", -4),
        ("2**-1", 0.5),
        ("2^3^2", 512),
        ("(-2)^2", 4),
        ("7 // 2 * 2 + 7 % 2", 7),
        ("1 < 2 < 3", True),
        ("1 < 3 < 2", False),
        ("not 0 == 1", True),
        ("0 or 5", 5),
        ("3 and 5", 5),
        ("1 if 0 else 2 if 0 else 3", 3),
        ("numpy.sqrt(16)", 4.0),
        ("log(8, 2)", math.log(8, 2)),
        ("round(2.5)", 2),
        ("round(2.675, 2)", 2.67),
        ("max(1)", 1),
        ("min(3, 1, 2)", 1),
        ("hypot(3, 4)", 5.0),
        ("Mod(7, 4) + power(2, 3)", 11),
    ],
)
def test_constants(text, expected):
    assert value(text) == expected


@pytest.mark.parametrize(
    ("alias", "name"),
    [
        ("ln", "log"),
        ("arcsin", "asin"),
        ("arccos", "acos"),
        ("arctan", "atan"),
        ("arcsinh", "asinh"),
        ("arccosh", "acosh"),
        ("arctanh", "atanh"),
        ("fabs", "abs"),
        ("absolute", "abs"),
        ("ceiling", "ceil"),
        ("sgn", "sign"),
        ("expit", "sigmoid"),
        ("logistic", "sigmoid"),
        ("loggamma", "lgamma"),
        ("psi", "digamma"),
        ("rad2deg", "degrees"),
        ("deg2rad", "radians"),
        ("cosec", "csc"),
        ("cotan", "cot"),
    ],
)
def test_aliases(alias, name):
    assert print_program(read_formula(f"{alias}(x)")) == print_program(
        read_formula(f"{name}(x)")
    )
    assert {alias, name} <= FUNCTION_NAMES


def test_a_side_that_is_not_taken_is_not_computed():
    assert value("where(x > 0, sqrt(x), 0)", x=-1.0) == 0
    assert value("x > 0 and 1/x > 2 and sqrt(x) > 3", x=0.0) is False
    assert value("x <= 0 or 1/x > 2", x=0.0) is True
    assert value("1 < x < 1/(x - 1)", x=1.0) is False
    assert value("0 < x < 1/x < 5", x=0.5) is True
    assert value("x and 1/x", x=0.0) == 0.0
    assert value("x or 2/x", x=4.0) == 4.0


def test_positions_reach_from_the_first_character_to_the_last():
    text = "a = (x + y)*sin(x); math.cos(a) if a > 0 else -a**2"
    formula = parse_formula(Source(text))
    written = {
        text[n.start : n.end] for s in formula.statements for n in s.expression.walk()
    }
    assert {"(x + y)", "(x + y)*sin(x)", "sin(x)", "math.cos(a)", "a > 0"} <= written
    assert {"-a**2", "a**2", "2", "math.cos(a) if a > 0 else -a**2"} <= written


def test_operations_stand_where_they_are_written():
    text = "a = x*y; sec(a) + log(a, y)"
    program = read_formula(text)
    places = [(op.operation.name, text[op.where :][:3]) for op in program.body.ops]
    assert places == [
        ("mul", "x*y"),
        ("cos", "sec"),
        ("div", "sec"),
        ("log", "log"),
        ("log", "log"),
        ("div", "log"),
        ("add", "sec"),
    ]


@pytest.mark.parametrize("count", [2, 29, 31, 32, 60, 200])
def test_long_chains_of_conditionals(count):
    """Beyond some length they are written one after the other."""
    links = [f"{i}*x if x < {i}" for i in range(1, count)]
    text = " else ".join([*links, "1/(x - 3)"])
    for x in (-1.0, 0.5, 1.5, 3.0, count - 1.5, count - 1.0, count + 5.0):
        expected = next((i * x for i in range(1, count) if x < i), None)
        if expected is None and x == 3:
            continue
        assert value(text, x=x) == (1 / (x - 3) if expected is None else expected)


def test_conditions_of_a_long_chain_are_computed_until_one_holds():
    links = [f"{i} if x == {i} or 1/(x - {i}) > 1e9" for i in range(40)]
    text = " else ".join([*links, "1 if 0", "-1"])
    assert [value(text, x=float(x)) for x in (0, 17, 39, 41)] == [0, 17, 39, -1]
    always = " else ".join([*links[:20], "7 if 1", *links[20:], "-1"])
    assert [value(always, x=float(x)) for x in (5, 25)] == [5, 7]
