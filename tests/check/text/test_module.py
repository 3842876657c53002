"""Reading a generated module: what it says is understood, anything else is refused."""

from __future__ import annotations

import math

import pytest

import adjoint
from adjoint.check.floats import float_results
from adjoint.check.text.module import GeneratedModule, read_module
from adjoint.errors import AdjointError, SourceError
from adjoint.ir.program import operation_count

MODULE = '''"""A module.

Formula:

    x*x

f(x) returns the value.
f_value_and_grad(x) returns (value, df/dx).
"""
{head}

def f(x):
    return x * x


def f_value_and_grad(x):
{body}
'''


def module(body: str = "return x * x, 2 * x", head: str = "") -> GeneratedModule:
    lines = ["    " + line for line in body.split("\n")]
    return read_module(MODULE.format(head=head, body="\n".join(lines)), "made.py")


def results(body: str, *point: float, head: str = "") -> list[float]:
    return float_results(module(body, head).derivative, point)


def test_what_a_module_says() -> None:
    read = module()
    assert read.wrt == ("x",) and read.has_value
    assert read.stated.source.text == "x*x"
    assert read.primal.name == "f" and read.derivative.name == "f_value_and_grad"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("y = x * x\nd = x\nd += x\nd *= 2\nd -= x + x\nreturn y, d", [9.0, 6.0]),
        ("a, b = x * x, 2 * x\na, b = b, a\nreturn b, a", [9.0, 6.0]),
        ("a = b = x\nreturn a * b, a + b", [9.0, 6.0]),
        ("if x > 2:\n    d = 2 * x\nelse:\n    d = 0\nreturn x * x, d", [9.0, 6.0]),
        ("d = 0\nif x > 2:\n    d = 2 * x\nreturn x * x, d", [9.0, 6.0]),
        ("if x < 2:\n    d = 0\nelif x < 5:\n    d = x + x\nelse:\n    d = 1\nreturn x * x, d", [9.0, 6.0]),
        ("if x > 2:\n    return x * x, x + x\nreturn x * x, 0", [9.0, 6.0]),
        ("if x > 2:\n    if x > 3:\n        return 0, 0\n    y = 1\nelse:\n    y = 2\nreturn x * x, 6 * y", [9.0, 6.0]),
        ("if x < 2:\n    raise ValueError('x')\nreturn x * x, 2 * x", [9.0, 6.0]),
        ("return x * x, 2 * x if 2 < x < 4 and not x == 5 else 0", [9.0, 6.0]),
        ("return x**2, -(-x // 1) + x % 7", [9.0, 6.0]),
        ("pass\nx / 2\nreturn x * x, +x + abs(-x)", [9.0, 6.0]),
    ],
)  # fmt: skip
def test_statements(body: str, expected: list[float]) -> None:
    assert results(body, 3.0) == expected


@pytest.mark.parametrize(
    ("head", "body", "expected"),
    [
        ("from math import sqrt", "return sqrt(x), 1", 3.0),
        ("from math import sqrt as math_sqrt", "return math_sqrt(x), 1", 3.0),
        ("from math import pi, sqrt\nC = sqrt(2 * pi)\nD = 2 * C", "return D, 1", 2 * math.sqrt(2 * math.pi)),
        ("builtin_max = max", "return builtin_max(x, 20), 1", 20.0),
        ("from math import pi", "pi = x\nreturn pi, 1", 9.0),
    ],
)  # fmt: skip
def test_global_names(head: str, body: str, expected: float) -> None:
    assert results(body, 9.0, head=head)[0] == expected


@pytest.mark.parametrize(
    "formula",
    [
        "digamma(x)*polygamma(2, y)",
        "sigmoid(x)*softplus(y) + sign(x)*relu(y)",
        "max(exp, x)*exp(x) + abs*abs(x) + sigmoid(max)",
        "log*sigmoid(x) + log(x)*float + digamma(x)",
        "digamma*digamma(x) + pi*x + e**x + cotpi",
        "sin(x)*x if x > 2 else y*2",
    ],
)
def test_a_module_computes_what_python_computes(formula: str) -> None:
    derivative = adjoint.value_and_grad(formula)
    read = read_module(derivative.source, "made.py")
    point = [1.5 + 0.25 * i for i in range(len(read.primal.parameters))]
    value, gradient = derivative(*point)
    gradient = gradient if isinstance(gradient, tuple) else (gradient,)
    assert float_results(read.derivative, point) == [value, *gradient]
    assert float_results(read.primal, point) == [value]
    costs = [operation_count(p.body) for p in (read.primal, read.derivative)]
    assert f"{costs[0]} for f, {costs[1]} for f_value_and_grad" in derivative.source


def test_line_ends_and_other_alphabets() -> None:
    text = MODULE.format(head="", body="    return x * x, 2 * ξ").replace("x", "ξ")
    read = read_module(text.replace("\n", "\r\n"), "made.py")
    assert float_results(read.derivative, [3.0]) == [9.0, 6.0]


@pytest.mark.parametrize(
    "head",
    [
        "import os",
        "from os import system",
        "from .math import sin",
        "from math import *",
        "C = eval('1')",
        "C = __import__('os').getcwd()",
        "C = [1]",
        "C: float = 1.0",
        "class A: pass",
        "if True: pass",
        "f = 1",
        "print('hello')",
        "@print",
        "async def g(): pass",
        "C = 2**10**9",
        "C = 3**3**3**3**3",
        "C = 0x" + "f" * 400,
        "C = " + "9" * 5000,
        "C = 'text'",
        "C = 1j",
        "C = ...",
        "def sigmoid(x):\n    return x",
        "def g(x):\n    return x",
    ],
)
def test_other_modules_are_refused(head: str) -> None:
    with pytest.raises(SourceError):
        module(head=head)


@pytest.mark.parametrize(
    "body",
    [
        "exec('1')\nreturn x * x, 2 * x",
        "return x * x, __import__('os')",
        "return x * x, x.real",
        "return x * x, (lambda: x)()",
        "return x * x, (y := x)",
        "return x * x, f'{x}'",
        "return x * x, [x][0]",
        "return x * x, x @ x",
        "return x * x, x if x is x else x",
        "return x * x, max(*x)",
        "return x * x, max(x, key=x)",
        "return x * x, (yield x)",
        "return x * x, y",
        "return x * x, f(x)",
        "return x * x, sin(x)",
        "return x * x",
        "return x * x, (x, x)",
        "return",
        "y = x",
        "global x\nreturn x * x, x",
        "del x\nreturn x * x, x",
        "import os\nreturn x * x, x",
        "while x: pass\nelse: pass\nreturn x * x, x",
        "while x: return x, x\nreturn x * x, x",
        "while x:\n    x = 0\n    continue\nreturn x * x, x",
        "for i in range(3):\n    break\n    x = 0\nreturn x * x, x",
        "for i in range(1, 2, 3, 4): pass\nreturn x * x, x",
        "for i, j in range(3): pass\nreturn x * x, x",
        "for i in range(*x): pass\nreturn x * x, x",
        "range = x\nfor i in range(3): pass\nreturn x * x, x",
        "y = []\nreturn x * x, y",
        "y = [1]\nreturn x * x, x",
        "y = []\ny.append(x)\nreturn x * x, x",
        "x.append(x)\nreturn x * x, x",
        "y = []\nfor x in reversed(y): pass\nreturn x * x, x",
        "for x in x: pass\nreturn x * x, x",
        "try:\n    y = 1\nfinally:\n    pass\nreturn x * x, x",
        "with x: pass\nreturn x * x, x",
        "def g(): pass\nreturn x * x, x",
        "x.y = 1\nreturn x * x, x",
        "x[0] = 1\nreturn x * x, x",
        "a, b = x\nreturn x * x, x",
        "y: float = x\nreturn x * x, y",
        "abs = x\nreturn x * x, abs(x)",
        "return x * x, x x",
    ],
)
def test_other_functions_are_refused(body: str) -> None:
    with pytest.raises(SourceError) as caught:
        module(body)
    assert caught.value.line >= 10 and caught.value.source == "made.py"


@pytest.mark.parametrize(
    "signature", ["x=print(1)", "x='x'", "x: float", "*x", "**x", "x, /", "x, y", ""]
)
def test_other_parameters_are_refused(signature: str) -> None:
    text = MODULE.format(head="", body="    return x * x, 2 * x")
    with pytest.raises(SourceError):
        read_module(text.replace("grad(x):", f"grad({signature}):"), "made.py")


@pytest.mark.parametrize("signature", ["x=1", "x=-2.5", "*, x", "*, x=None"])
def test_defaults_make_no_difference(signature: str) -> None:
    text = MODULE.format(head="", body="    return x * x, 2 * x")
    read = read_module(text.replace("grad(x):", f"grad({signature}):"), "made.py")
    assert float_results(read.derivative, [3.0]) == [9.0, 6.0]


@pytest.mark.parametrize(
    "expression",
    [
        "(" * 100 + "x" + ")" * 100,
        "(" * 10_000 + "x" + ")" * 10_000,
        "-" * 50_000 + "x",
        "+".join(["x"] * 20_000),
        "abs(" * 90 + "x" + ")" * 90,
        "(x if x > 0 else " * 40 + "x" + ")" * 40,
        "(x if x > 0 else " * 80 + "x" + ")" * 80,
        "x ** " * 3_000 + "x",
    ],
)
def test_deep_expressions_are_read_or_refused(expression: str) -> None:
    try:
        module(f"return x * x, {expression}")
    except AdjointError as error:
        assert len(str(error)) < 1000


@pytest.mark.parametrize(
    "body",
    [
        "if x > 1:\n    y = x\n" + "elif x > 2:\n    y = x\n" * 500 + "return x, x",
        "if 0:\n    y = x\n" + "elif 0:\n    y = x\n" * 3000 + "return x, x",
        "if x > 1:\n    if x > 2:\n        return x, x\n" * 30 + "return x, x",
    ],
)
def test_deep_branches_are_refused(body: str) -> None:
    with pytest.raises(AdjointError):
        module(body)


@pytest.mark.parametrize(
    "text", ["", "x", "def f(x):\n    return x\n", "\0", "def f(:", "\ud800"]
)
def test_what_is_no_module_at_all(text: str) -> None:
    with pytest.raises(AdjointError):
        read_module(text, "made.py")


def test_the_derivative_that_is_asked_for_has_to_be_there() -> None:
    text = adjoint.grad("x*y").source
    assert read_module(text, "made.py", "grad").derivative.name == "f_grad"
    assert not read_module(text, "made.py", "f_grad").has_value
    with pytest.raises(AdjointError, match="value_and_grad"):
        read_module(text, "made.py", "value_and_grad")
