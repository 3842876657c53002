"""What can be gone through only once: zip, enumerate, reversed, generators, map.

Values are compared with the function itself, derivatives with differences.
"""

import pytest

import adjoint
from adjoint.errors import SourceError
from tests.support_arrays import differences
from tests.support_functions import define

POINTS = [([1.0, 2.0, 3.0], 0.4), ([-1.0, 2.0, 0.5, 0.25], 3.5), ([0.75, 1.5], -0.4)]

#: The body of ``f(x: list[float], y)``, of s = y * y.
BODIES = {
    "a zip with a name": "z = zip((y, s), (s, 2.0))\nfor a, b in z:\n    s += a * b",
    "one of a list": "z = zip(x, x[1:])\nfor a, b in z:\n    s += a * b",
    "one as an argument": "def g(u):\n    return sum(a * b for a, b in u)\ns += g(zip(x, x))",
    "a generator": "def g(u):\n    return sum(u)\ns += g(v * v * y for v in x) * g((y, s))",
    "a range": "z = reversed(range(len(x)))\nfor i in z:\n    s = 0.5 * s + x[i]",
    "made in a loop": "for i in range(len(x)):\n    z = zip((y, s), (s, y))\n"
    "    s += 0.1 * sum(a * b for a, b in z)",
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
    return define(f"{head}{lines}    return s\n")


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


@pytest.mark.parametrize("name", REFUSED)
def test_twice(name):
    with pytest.raises(SourceError) as caught:
        adjoint.grad(_function(REFUSED[name]))
    shown = str(caught.value)
    assert "only once" in shown or "two kinds" in shown
