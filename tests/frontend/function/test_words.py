"""None and texts: what says how a function computes is decided when it is read.

Values are compared with the function itself, derivatives with closed forms.
"""

import math

import numpy as np
import pytest

import adjoint
from adjoint.cli import main
from adjoint.errors import AdjointError, OptionError
from tests.support_functions import define

KINDS = ("gauss", "exp", "laplace", "quadratic")


def kernel(x, y, length=1.0, kind="gauss", power=None):
    r = (x - y) / length
    if kind == "gauss":
        return math.exp(-r * r / 2)
    elif kind in ("exp", "laplace"):
        return math.exp(-r)
    if kind not in KINDS:
        raise ValueError("no such kernel")
    power = 2.0 if power is None else power
    return (1 + r * r) ** -power


#: d kernel / dx for length = 1, in r = x - y and, of the last, the power.
SLOPES = {
    "gauss": lambda r, p: -r * math.exp(-r * r / 2),
    "exp": lambda r, p: -math.exp(-r),
    "laplace": lambda r, p: -math.exp(-r),
    "quadratic": lambda r, p: -2 * p * r * (1 + r * r) ** (-p - 1),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_text_chooses_the_branch(kind):
    d = adjoint.value_and_grad(kernel, wrt="x", static={"kind": kind})
    value, slope = d(1.25, 0.5)
    assert value == kernel(1.25, 0.5, kind=kind)
    assert slope == pytest.approx(SLOPES[kind](0.75, 2.0), rel=1e-14)
    assert d.check()
    assert " if " not in d.source.split("# forward sweep")[1]


def test_a_default_that_is_no_number_is_kept_and_said():
    d = adjoint.grad(kernel)
    assert d.primal.parameter_names == ("x", "y", "length")
    assert "Constants: kind = 'gauss', power = None." in d.source
    assert d(1.25, 0.5, length=2.0)[0] == pytest.approx(
        SLOPES["gauss"](0.375, 2.0) / 2.0, rel=1e-14
    )


def test_a_signature_makes_a_parameter_of_none():
    d = adjoint.value_and_grad(
        kernel, signature="power: float", static={"kind": "quadratic"}
    )
    assert d.primal.parameter_names == ("x", "y", "length", "power")
    value, gradient = d(1.25, 0.5, 1.0, 3.0)
    assert value == kernel(1.25, 0.5, 1.0, "quadratic", 3.0)
    assert gradient[0] == pytest.approx(SLOPES["quadratic"](0.75, 3.0), rel=1e-14)
    size = 1.0 + 0.75**2
    assert gradient[3] == pytest.approx(-math.log(size) * size**-3.0, rel=1e-14)


def test_a_tuple_may_be_an_array_by_the_signature():
    def scaled(x, rates=(2.0, 0.5)):
        return x * rates[0] + rates[1]

    assert adjoint.grad(scaled)(3.0) == 2.0
    d = adjoint.grad(scaled, signature="rates: float[:]")
    by_x, by_rates = d(3.0, [4.0, 5.0])
    assert (by_x, list(by_rates)) == (4.0, [3.0, 1.0])


def test_names_alone_are_static_for_each_call():
    d = adjoint.grad(kernel, wrt="x", static="kind")
    for kind in KINDS:
        expected = SLOPES[kind](0.75, 2.0)
        assert d(1.25, 0.5, kind=kind) == pytest.approx(expected, rel=1e-14)
    assert d(1.25, 0.5) == pytest.approx(SLOPES["gauss"](0.75, 2.0), rel=1e-14)


def test_what_is_fixed_cannot_be_given():
    d = adjoint.grad(kernel)
    with pytest.raises(OptionError, match="'kind' was 'gauss' when this derivative"):
        d(1.25, 0.5, kind="exp")
    with pytest.raises(TypeError):
        d(1.25, 0.5, nothing=1.0)


def test_a_static_value_of_another_type_is_refused():
    with pytest.raises(OptionError, match="no number, text or None"):
        adjoint.grad(kernel, static={"kind": b"gauss"})


def loss(w, X, y, weights=None):
    r = X @ w - y
    if weights is not None:
        return np.sum(weights * r**2) / np.sum(weights)
    return np.mean(r**2)


def test_arrays_that_may_be_left_out():
    rng = np.random.default_rng(3)
    w, X, y, v = rng.normal(size=3), rng.normal(size=(5, 3)), rng.normal(size=5), None
    types = "w: float[:], X: float[:, :], y: float[:]"
    d = adjoint.grad(loss, "w", signature=types)
    r = X @ w - y
    assert d(w, X, y) == pytest.approx(2.0 / 5.0 * X.T @ r, rel=1e-12)
    v = rng.uniform(1.0, 2.0, size=5)
    d = adjoint.grad(loss, "w", signature=f"{types}, weights: float[:]")
    expected = 2.0 * X.T @ (v * r) / v.sum()
    assert d(w, X, y, v) == pytest.approx(expected, rel=1e-12)


def test_the_first_call_says_what_is_left_out():
    def distance(a, b, weights=None):
        difference = (a - b) ** 2
        if weights is None:
            return np.sum(difference)
        return np.sum(weights * difference)

    a, b, v = np.array([1.0, 2.0]), np.array([0.5, 4.0]), np.array([3.0, 5.0])
    d = adjoint.grad(distance, "a")
    assert d(a, b) == pytest.approx(2.0 * (a - b))
    assert d(a, b, v) == pytest.approx(2.0 * v * (a - b))


#: Programs of x and a whole number n, and the derivative by x at x = 0.5, n = 3.
PROGRAMS = {
    "tuples and lists": (
        "def f(x, n, rates=(2.0, (0.5, 'up')), weights=[1.0, 3.0]):\n"
        "    first, (second, way) = rates\n"
        "    y = x * weights[1] * second + weights[0]\n"
        "    return first * y if way == 'up' else y\n",
        3.0,
    ),
    "truth": (
        "def f(x, n, a=None, b='', c='yes'):\n"
        "    y = x if a else x * x\n"
        "    if not b and c and (a or c):\n"
        "        return y\n"
        "    return 0.0\n",
        1.0,
    ),
    "equal": (
        "def f(x, n, a=None, b='up'):\n"
        "    if a == b or b != 'up' or x == 'up' or None == x:\n"
        "        return 0.0\n"
        "    if a != 'up' and x != None and 'up' == b and a in (1, None):\n"
        "        return 3.0 * x\n"
        "    return 0.0\n",
        3.0,
    ),
    "a local name": (
        "def f(x, n):\n"
        "    best, side = None, 'left'\n"
        "    for step in (1.0, 2.0, 3.0):\n"
        "        if best is None:\n"
        "            best = step * x\n"
        "        else:\n"
        "            best = best + step * x\n"
        "    return best if side == 'left' else 0.0\n",
        6.0,
    ),
    "a dictionary": (
        "import math\n"
        "SET = {'a': 2.0, 'pair': (1.0, 3.0), 3: 0.5, 'of': {'x': 4.0}, 'root': math.sqrt}\n"
        "def f(x, n, more={'p': 2, 'q': None}):\n"
        "    own = {'low': x, 'high': 2 * x, True: 7.0}\n"
        "    y = SET['a'] * x + SET['pair'][1] * x ** more['p'] + SET[3] * own['high']\n"
        "    if 'q' in more and more['q'] is None and 'r' not in SET and len(own) == 3:\n"
        "        y = y * SET['of']['x'] + SET['root'](own['low'] / 2)\n"
        "    for key, value in own.items():\n"
        "        if key in ('low', 'high'):\n"
        "            y += value\n"
        "    return y + own.get('none', 5.0) * x\n",
        4.0 * (2.0 + 3.0 + 1.0) + 0.5 + 3.0 + 5.0,
    ),
    "handed on": (
        "def g(x, scale=None, *, sign='+'):\n"
        "    scale = 1.0 if scale is None else scale\n"
        "    return scale * x if sign == '+' else -scale * x\n"
        "def f(x, n):\n"
        "    return g(x) + g(x, 4.0) + g(x, None, sign='-') + g(x, scale=2.0)\n",
        6.0,
    ),
    "of the module": (
        "MODE = 'fast'\n"
        "NONE = None\n"
        "def f(x, n):\n"
        "    return 2.0 * x if MODE == 'fast' and NONE is None else x\n",
        2.0,
    ),
    "numbers": (
        "SIZES = (1, 2)\n"
        "def f(x, n):\n"
        "    y = 5.0 * x if x in (0.25, 0.5, n) and n not in SIZES else x\n"
        "    return y if 2 in [1, 2] and x not in () else 0.0\n",
        5.0,
    ),
    "a text of signs": (
        'def f(x, n, a="\\"\\"\\"\\\\", b=\'x = 1, y = 2\\n\'):\n'
        "    return x if a != b else 0.0\n",
        1.0,
    ),
}


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("from_file", [False, True])
def test_programs(name, from_file, tmp_path):
    text, expected = PROGRAMS[name]
    f, path = define(text), tmp_path / "m.py"
    path.write_text(text)
    source = f"{path}:f" if from_file else f
    d = adjoint.value_and_grad(source, "x", signature="n: int")
    assert d(0.5, 3) == (f(0.5, 3), expected)
    space = {}
    exec(compile(d.source, "module", "exec"), space)
    assert space["f_value_and_grad"](0.5, 3) == (f(0.5, 3), expected)
    assert d.check()


def test_an_array_may_be_none_and_is_not_equal_to_it():
    f = define("def f(x):\n    return x[0] if x is not None else 0.0\n")
    gradient = adjoint.grad(f, signature="x: float[:]", target="numpy")(np.ones(2))
    assert gradient.tolist() == [1.0, 0.0]
    f = define("def f(x):\n    return x[0] if x != None else 0.0\n")
    with pytest.raises(AdjointError, match="write `is None`"):
        adjoint.grad(f, signature="x: float[:]")


def test_a_static_text_by_the_command_line(tmp_path, capsys):
    path = tmp_path / "m.py"
    path.write_text(
        "def f(x, kind='a', scale=None):\n"
        "    scale = 1.0 if scale is None else scale\n"
        "    return scale * (x if kind == 'a' else x * x if kind == '3' else x**3)\n"
    )
    for static, expected in (
        (("kind=b",), "3.0 * (x * x)"),
        (("kind='3'", "scale=2"), "4.0 * x"),
        (("kind=a", "scale=None"), "1.0"),
    ):
        options = [part for one in static for part in ("--static", one)]
        with pytest.raises(SystemExit, match="0"):
            main(["compile", f"{path}:f", "--derivative", "grad", *options])
        assert f"return {expected}\n" in capsys.readouterr().out
    with pytest.raises(SystemExit, match="2"):
        main(["compile", f"{path}:f", "--static", "kind=a b"])
    assert "'a b' in 'kind=a b' is not a number" in capsys.readouterr().err


def test_the_fields_of_a_message_are_shown_as_they_are_written():
    f = define(
        "def f(x, n):\n"
        "    if x < 0:\n"
        "        raise ValueError(f'{{x}} is {x:.3f}, \"{n + 1!r}\" at most') from None\n"
        "    assert x != 1, f'not {x}'\n"
        "    return x * x\n"
    )
    d = adjoint.value_and_grad(f, "x")
    assert d(3.0, 1) == (9.0, 6.0)
    with pytest.raises(ValueError, match=r'^\{x\} is \{x\}, "\{n \+ 1\}" at most$'):
        d(-1.0, 1)
    with pytest.raises(AssertionError, match=r"^not \{x\}$"):
        d(1.0, 1)


def test_of_a_dictionary_only_what_is_asked_for_is_looked_at():
    settings = {"rate": 2.0, "log": open, "cut": None}
    settings["all"] = settings

    def f(x):
        return settings["rate"] * x if settings["all"]["cut"] is None else x

    def g(x):
        return settings["log"] * x

    assert adjoint.grad(f)(1.5) == 2.0
    with pytest.raises(AdjointError, match=r"`settings\['log'\]` is not supported"):
        adjoint.grad(g)
