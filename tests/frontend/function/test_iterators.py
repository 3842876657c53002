"""What can be gone through only once: zip, enumerate, reversed, generators, map.

Values are compared with the function itself, derivatives with differences.
"""

import numpy as np
import pytest

import adjoint
from adjoint.errors import SourceError
from tests.support_arrays import differences
from tests.support_functions import define

POINTS = [([1.0, 2.0, 3.0], 0.4), ([-1.0, 2.0, 0.5, 0.25], 3.5), ([0.75, 1.5], -0.4)]

IMPORTS = """\
import functools
import itertools
import math
from functools import reduce
from itertools import combinations, product

WEIGHTS = {"first": 0.5, "none": 2.0, "last": 1.5}


"""

#: The body of ``f(x: list[float], y)``, of s = y * y.
BODIES = {
    "a zip with a name": "z = zip((y, s), (s, 2.0))\nfor a, b in z:\n    s += a * b",
    "one of a list": "z = zip(x, x[1:])\nfor a, b in z:\n    s += a * b",
    "one of a list and of numbers": "for a, b in zip(x, (y, 2.0, s)):\n    s += a * b\n"
    "s += sum(a * b * k for k, (a, b) in enumerate(zip([s, y], x)))",
    "one as an argument": "def g(u):\n    return sum(a * b for a, b in u)\ns += g(zip(x, x))",
    "a generator": "def g(u):\n    return sum(u)\ns += g(v * v * y for v in x) * g((y, s))",
    "a range": "z = reversed(range(len(x)))\nfor i in z:\n    s = 0.5 * s + x[i]",
    "made in a loop": "for i in range(len(x)):\n    z = zip((y, s), (s, y))\n"
    "    s += 0.1 * sum(a * b for a, b in z)",
    "map": "s += sum(map(lambda v: v * y, x)) * max(map(abs, x)) + max(map(math.exp, (y, s)))",
    "map of two": "for v in map(lambda u, w: u * w + s, x, x[1:]):\n    s += v",
    "map, lazily": "for v in map(lambda u: u * s, (y, x[0], 2.0)):\n    s += v\n"
    "    if s > 4:\n        break",
    "map that is not asked for all": "for v in map(lambda u: 1 / (u - y), (y + 1, y)):\n"
    "    s += v\n    if v > 0:\n        break",
    "a list of a map": "a, b = map(float, (y, x[0]))\nz = list(map(lambda v: v * a, x))\n"
    "s += z[0] * z[-1] + b",
    "a map with a name": "m = map(lambda v: v * s, x)\ns = s * y\nfor v in m:\n    s += v",
    "map of a range": "s += sum(map(lambda k: y**k, range(len(x)))) + max(map(float, range(20)))",
    "pairs of a range": "for i, j in itertools.pairwise(range(len(x))):\n    s += x[i] * x[j] * j",
    "filter": "s += sum(filter(lambda k: k % 3, range(7))) * y + sum(filter(None, (0, 2))) * y",
    "reduce": "s += functools.reduce(lambda a, b: a * b + 1, (y, s, x[0])) * reduce(max, (y, s), 0.1)",
    "reduce of one": "s += reduce(lambda a, b: 1 / 0, [y]) + reduce(lambda a, b: 1 / 0, (), x[0])",
    "product": "for i, j in itertools.product(range(2), range(3)):\n    s += x[i] ** i * y**j",
    "product, repeated": "for i, j in product((y, x[0]), repeat=2):\n    s += i * j * j",
    "combinations": "for a, b in combinations((y, x[0], x[1]), 2):\n    s += a * b * b\n"
    "s += sum(a * b for a, b in itertools.combinations_with_replacement((y, s), r=2))",
    "permutations": "for a, b, c in itertools.permutations([y, x[0], s]):\n    s += a * b**2 * c**3\n"
    "s += sum(i * y**j for i, j in itertools.permutations(range(4), 2))",
    "pairwise": "for a, b in itertools.pairwise(x):\n    s += a * b * b\n"
    "for a, b in itertools.pairwise((y, s, x[0])):\n    s += a * b * b",
    "accumulate": "for v in itertools.accumulate((y, s, x[0])):\n    s += v * v\n"
    "a, b, c = itertools.accumulate((y, x[0]), lambda p, q: p * q + 1, initial=2.0)\ns += a * b * c",
    "chain": "s += sum(itertools.chain((y, s), [x[0]])) * y\n"
    "s += sum(itertools.chain.from_iterable([(y, s), (x[0],)])) * y",
    "islice and repeat": "s += sum(itertools.islice((y, s, x[0]), 1, None)) * y\n"
    "s += sum(itertools.islice(range(9), 2, 8, 3)) * sum(itertools.repeat(y, 3))",
    "keys": "d = {1: y, 3: s}\nfor k in d:\n    s += k * d[k]\nfor k, v in d.items():\n    s += k * v * v",
    "settings": "for name, weight in WEIGHTS.items():\n    if name != 'none':\n"
    "        s += weight * y\nfor name in WEIGHTS:\n    s *= WEIGHTS[name] + y * len(WEIGHTS)",
}

#: What would be gone through twice, or may be.
REFUSED = {
    "twice": "z = zip((y, s), (s, y))\ns = sum(a * b for a, b in z)\nfor a, b in z:\n    s += a",
    "a list's": "z = zip(x, x)\ns = sum(a * b for a, b in z)\nfor a, b in z:\n    s += a",
    "an argument": "def g(u):\n    return sum(u) * sum(u)\ns += g(v * v for v in x)",
    "known": "def g(u):\n    return sum(u) * sum(u)\ns += g(v * v for v in (y, s))",
    "in a loop": "z = zip((y, s), (s, y))\nfor v in x:\n    s += sum(a * v for a, b in z)",
    "in a branch": "z = enumerate((y, s))\nif y > 0:\n    s = sum(a * b for a, b in z)\n"
    "s += sum(a * b for a, b in z)",
    "made in a branch": "z = zip((y,), (s,))\nif y > 0:\n    z = zip((s,), (y,))\n"
    "s += sum(a * b for a, b in z)",
    "a range": "z = reversed(range(len(x)))\nfor i in z:\n    s += x[i]\nfor i in z:\n    s += 1",
    "of what has changed": "a = [2.0 * v for v in x]\nz = zip(a, a)\na[0] = y\n"
    "for v, w in z:\n    s += v * w",
}


def _function(body):
    lines = "".join(f"    {line}\n" for line in body.split("\n"))
    head = "def f(x: 'list[float]', y):\n    s = y * y\n"
    return define(f"{IMPORTS}{head}{lines}    return s\n")


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("point", POINTS)
def test_value_and_gradient(name, point):
    f = _function(BODIES[name])
    value, (by_x, by_y) = adjoint.value_and_grad(f)(*point)
    assert value == f(*point)
    expected = differences(f, [*point], 0, size=2.0**-12)
    assert by_x == pytest.approx(list(expected), rel=1e-7, abs=1e-7)
    expected = differences(f, [*point], 1, size=2.0**-12)
    assert by_y == pytest.approx(float(expected), rel=1e-7, abs=1e-7)


@pytest.mark.parametrize("name", ["reduce", "product", "pairwise", "settings"])
def test_of_a_file(name, tmp_path):
    f = _function(BODIES[name])
    lines = "".join(f"    {line}\n" for line in BODIES[name].split("\n"))
    path = tmp_path / "a.py"
    head = "def f(x: 'list[float]', y):\n    s = y * y\n"
    path.write_text(f"{IMPORTS}{head}{lines}    return s\n")
    assert adjoint.value_and_grad(f"{path}:f")(*POINTS[0])[0] == f(*POINTS[0])


#: What is asked for in an order, or of a length, that is not known; what is said.
NOT_KNOWN = {
    "s += any(map(lambda v: v > 0, (y, s)))": "any(v for v in ...)",
    "for a, b in zip(map(abs, (y, s)), (y, s)):\n    s += a": "list(map(...))",
    "for i, a in enumerate(map(abs, (y, s))):\n    s += a": "list(map(...))",
    "for a in filter(lambda v: v > 0, (y, s)):\n    s += a": "[v for v in ... if ...]",
    "for a in filter(lambda v: v > 0, x):\n    s += a": "write a loop",
    "for a in itertools.accumulate((y, s), lambda a, b: a * s + b):\n    s += a": "write a loop",
    "s += reduce(lambda a, b: a * b, x)": "write a loop",
    "s += sum(a * b for a, b in itertools.combinations(x, 2))": "write a loop",
    "s += isinstance(math, float)": "the module `math`",
    "s += isinstance(y, complex)": "unknown name",
}


@pytest.mark.parametrize("body", NOT_KNOWN)
def test_what_is_not_known(body):
    with pytest.raises(SourceError) as caught:
        adjoint.grad(_function(body))
    assert NOT_KNOWN[body] in str(caught.value)


TYPES = (
    "if isinstance(y, int | float | list) and isinstance(x, list) and not isinstance(x, tuple):\n"
    "    s *= y\nif isinstance(len(x), int) and isinstance((y,), tuple) and isinstance('', str):\n"
    "    s *= y\nif isinstance(y, int) or isinstance(y > 0, float) or isinstance(None, dict):\n    s *= 5"
)


def test_types():
    f = _function(TYPES)
    value, (by_x, by_y) = adjoint.value_and_grad(f)([1.0], 0.5)
    assert value == f([1.0], 0.5) == 0.5**4  # y^2, twice times y
    assert (by_x, by_y) == ([0.0], 4 * 0.5**3)


def test_a_number_of_numpys_is_no_int():
    f = define(
        "import numpy as np\n\n\ndef f(x: 'float[:]'):\n"
        "    return x[0] * (2 if isinstance(np.argmax(x), int) else 3)\n"
    )
    with pytest.raises(SourceError, match="one of NumPy's"):
        adjoint.grad(f)


def test_an_array_is_asked_for_by_the_first_call():
    f = define(
        "import numpy as np\n\n\ndef f(x, y):\n    if isinstance(x, np.ndarray):\n"
        "        return np.sum(x * x) * y\n    return 3.0 * x * y\n"
    )
    d = adjoint.grad(f, "x")
    assert d(np.array([1.0, 2.0]), 0.5).tolist() == [1.0, 2.0]
    assert d(4.0, 0.5) == 1.5


@pytest.mark.parametrize("name", REFUSED)
def test_twice(name):
    with pytest.raises(SourceError) as caught:
        adjoint.grad(_function(REFUSED[name]))
    shown = str(caught.value)
    assert "only once" in shown or "two kinds" in shown
