"""Input that is meant to hurt: constants without bounds, deep and long texts."""

from __future__ import annotations

import math
from contextlib import suppress

import pytest

from adjoint.errors import AdjointError
from adjoint.frontend.formula.read import read_formula
from adjoint.ir.interpret import run
from adjoint.ir.program import walk
from tests.support_counting import calls

DEEP = 5_000
LONG = 30_000


def value(text, *point):
    return run(read_formula(text), point)[0]


# --- constants: an error or a float, at once


@pytest.mark.parametrize(
    "text",
    [
        "9**9**9",
        "9**9**9**9",
        "x * 2**100000000",
        "(-7)**99999999",
        "2**(2**70)",
        "10**400",
        "x + 10**400",
        "x*7**5000",
        "a = 2**9000; a = a*a; a = a*a; a = a*a; a = a*a; x*a",
        "1 << 10000000000",
        "trunc(pi)**(10**10)",
        "floor(1e300)**1000000000",
        "round(7, -10000000000)*x",
        "polygamma(100000000, x)",
        "1" * 5000 + "*x",
        "0x" + "f" * 100_000 + "*x",
        "1" * 4000 + "*x",
    ],
)
def test_a_constant_without_bounds_is_refused(text):
    with pytest.raises(AdjointError, match=r"too (large|many)|not an operator"):
        read_formula(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x*9.0**300", 9.0**300),
        ("x*2**1000", 2.0**1000),
        ("x*10**300/10**299", 10.0),
        ("x*(10**400 // 10**399)", 10.0),
        ("x*1e999", math.inf),
        ("x*2**-2**100", 0.0),
        ("x*1" + "0" * 300, 1e300),
        ("x*0." + "0" * 100_000 + "1", 0.0),
        ("x*1" + "0" * 100_000 + ".0", math.inf),
        ("x*7**2000 % 10", None),
        ("x*0x" + "f" * 255, float(16**255 - 1)),
        ("x < 10**400", None),
    ],
)
def test_other_large_constants_are_numbers(text, expected):
    if expected is None:
        with pytest.raises(AdjointError, match="too large for a float"):
            read_formula(text)
    else:
        assert value(text, 1.0) == expected


@pytest.mark.parametrize(
    "text", ["x*9.0**9**9", "x*2.0**9**4", "exp(1000) + x", "x*gamma(1e9)"]
)
def test_an_overflow_of_floats_is_left_to_the_run(text):
    with pytest.raises(OverflowError):
        value(text, 1.0)


# --- depth


def nested(before, inside, after=""):
    return before * DEEP + inside + after * DEEP


@pytest.mark.parametrize(
    ("text", "x", "expected"),
    [
        (nested("(", "x", ")"), 3.0, 3.0),
        (nested("-", "x"), 3.0, 3.0),
        (nested("-+(", "x", ")"), 3.0, 3.0),
        (nested("not ", "x"), 3.0, True),
        (nested("1*", "x"), 3.0, 3.0),
        (nested("x+(", "x", ")"), 1.0, DEEP + 1.0),
        (nested("(", "x", "+x)"), 1.0, DEEP + 1.0),
        (nested("abs(", "x", ")"), -3.0, 3.0),
        (nested("abs(-", "x", ")"), -3.0, 3.0),
        (nested("max(", "x", ", 2)"), 1.0, 2.0),
        (nested("relu (-(", "x", "))"), 1.0, 0.0),
        ("**".join(["x"] * DEEP), 1.0, 1.0),
        (nested("x**-", "x"), 1.0, 1.0),
        (" and ".join(["x > 1"] * DEEP), 3.0, True),
        (" or ".join(f"x > {i}" for i in range(DEEP)), -1.0, False),
        (" or ".join(f"1/x > {i}" for i in range(DEEP)), 1e-9, True),
        ("<".join(f"x+{i}" for i in range(DEEP)), 1.0, True),
        (nested("(", "x", " < 2) ") + " + x", 1.0, 2.0),
        (nested("(x if 1 else ", "2", ")"), 1.0, 1.0),
        (nested("(", "x", " if 1 else 2)"), 1.0, 1.0),
        (" else ".join(f"{i}*x if x < {i}" for i in range(2000)) + " else x", 5e3, 5e3),
        (nested("(x := ", "x", ")"), None, "`:=` is not an operator"),
        (
            nested("(x and 1/x or ", "x", ")"),
            None,
            "conditions nest more than 100 deep",
        ),
        (
            nested("(1 if x else ", "x", ")*x"),
            None,
            "conditions nest more than 100 deep",
        ),
        (nested("(", "x"), None, "this parenthesis is never closed"),
        (nested("sin(", "x"), None, "this parenthesis is never closed"),
        (nested("x if ", "x"), None, "put the condition"),
        (nested("", "x", ")"), None, "this parenthesis was never opened"),
    ],
    ids=range(28),
)
def test_deep_input(text, x, expected):
    if x is None:
        with pytest.raises(AdjointError, match=expected):
            read_formula(text)
    else:
        assert value(text, x) == expected


def test_a_deep_composition():
    program = read_formula(nested("sin(", "x", ")"))
    assert len(program.body.ops) == DEEP
    assert 0 < run(program, [1.0])[0] < 0.03


# --- length


@pytest.mark.parametrize(
    ("text", "operations"),
    [
        ("+".join(f"x{i}" for i in range(LONG)), LONG - 1),
        ("*".join(["x", "y"] * DEEP), 2 * DEEP - 1),
        ("a0 = x;" + ";".join(f"a{i + 1} = a{i}*y" for i in range(LONG)), LONG),
        ("\n".join(["x += y"] * DEEP), DEEP),
        ("=".join(f"a{i}" for i in range(DEEP)) + "= x*x", 1),
        (f"f({','.join(f'x{i}' for i in range(LONG))}) = x7*x7", 1),
        (f"max({','.join(f'x{i}' for i in range(DEEP))})", 1),
        (f"{'x' * 1_000_000}*2", 1),
        ("# nothing\n" * LONG + "x*x", 1),
        (";" * LONG + "x*x" + "\n" * LONG, 1),
        ("x*x #" + "y" * 1_000_000, 1),
        (" " * 1_000_000 + "x*x", 1),
    ],
    ids=range(12),
)
def test_long_input(text, operations):
    assert sum(1 for _ in walk(read_formula(text).body)) == operations


GROWING = [
    lambda n: "+".join(f"{i}.5*sin(x{i}*x{i + 1})" for i in range(n)),
    lambda n: "*".join(f"x{i}" for i in range(n)),
    lambda n: ";".join(f"a{i} = x*{i}" for i in range(n)),
    lambda n: "(" * n + "x" + ")" * n,
    lambda n: "-" * n + "x",
    lambda n: "2**" * n + "x",
    lambda n: "sin(" * n + "x" + ")" * n,
    lambda n: "(" * n + ")" * n,
    lambda n: "(" * n,
    lambda n: "max(" + "(x," * n,
    lambda n: " and ".join(f"x > {i}" for i in range(n)),
    lambda n: " or ".join(f"1/x > {i}" for i in range(n)),
    lambda n: "<".join(f"x*{i}" for i in range(n)),
    lambda n: " else ".join(f"{i}*x if x < {i}" for i in range(n)) + " else x",
    lambda n: " else ".join(f"{i} if 0" for i in range(n)) + " else x",
    lambda n: "max(" + ",".join(f"x{i}" for i in range(n)) + ")",
    lambda n: "f(" + ",".join(f"x{i}" for i in range(n)) + ") = x0",
    lambda n: "=".join(f"a{i}" for i in range(n)) + "=x",
    lambda n: "\n".join(f"# {i}" for i in range(n)),
    lambda n: "x" * n + "²",
    lambda n: "a = x\n" * n + "a = )",
]


def attempted(text):
    with suppress(AdjointError):
        read_formula(text)


@pytest.mark.parametrize("family", GROWING, ids=range(len(GROWING)))
def test_work_grows_in_proportion(family):
    def cost(n):
        text = family(n)
        return calls(lambda: attempted(text))

    attempted(family(100))  # fills the caches of the rules
    once, twice = cost(400), cost(800)
    assert twice < 2.2 * once + 100
