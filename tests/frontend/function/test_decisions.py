"""``any`` and ``all``, tuples that are compared, and what ``*`` is left.

Values are compared with the function itself, derivatives with differences.
"""

import numpy as np
import pytest

import adjoint
from tests.support_arrays import differences
from tests.support_functions import define

POINTS = [
    ([1.0, 2.0, 3.0], 0.4),
    ([-1.0, 2.0, 0.5], 3.5),
    ([1.0, 2.0], -0.4),
    ([4.0, 1.0, 1.5, 2.0], 0.3),
    ([0.25], 2.0),
]

#: The body of ``f(x: list[float], y)``, of s = y * y.
BODIES = {
    "all": "if all(v > 0 for v in x):\n    s += sum(x)",
    "any": "if any(v > y for v in x if v < 3):\n    s += x[0] * y",
    "indices": "if any(x[i] > x[i + 1] for i in range(len(x) - 1)):\n    s += x[-1] ** 2",
    "of known items": "if any((y > 3, x[0] < 0)) or all([x[0] > 0.9, y]):\n    s *= x[0]",
    "of nothing": "s *= 2.0 if all([]) and not any(()) and not any(v for v in x[9:]) else 1",
    "nested": "if any(v > w + 1.75 for v in x for w in x if v != w):\n    s *= x[0]",
    "stops": "if any(1 / (v - x[0]) > 0 for v in (x[0] + 1, y, x[0])):\n    s *= x[0]",
    "a rest": "a, *r = x\ns += a * sum(r) * len(r)",
    "a rest in front": "*r, a = x\ns += a * sum(r)",
    "a rest of a tuple": "a, *r, b = (y, x[0], y * y, 2.0, x[-1])\ns += a * r[1] * b * len(r)",
    "no rest": "a, b, *r = (y, x[0])\ns += a * b + len(r)",
    "tuples": "if (len(x), 1) == (3, 1) or (1, 2) == (1, 2, 3):\n    s *= x[0]",
    "tuples that differ": "if (len(x), 'a') != (3, 'a') and (1, 2) != [1, 2]:\n    s *= x[0]",
    "from the greatest": "z = sorted(x, reverse=True)\ns += z[0] * y + z[-1]",
    "the greatest by a key": "s += max((y, x[0], -3.0), key=abs) * y + min(y, x[0], key=lambda v: v * v)",
    "the first of equals": "s += max(-y, y, key=abs) * x[0] + max([y], key=None) * y",
    "a list turned round": "z = [v * y for v in x]\nz.reverse()\ns += z[0] * y\nw = [y, s, x[0]]\n"
    "w.reverse()\ns += w[0] * w[1]",
    "a list in order": "z = [v * v for v in x]\nz.sort()\ns += z[0] * y + z[-1]",
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


def test_too_few_for_a_rest():
    f = _function("a, b, *r = x\ns += a * b")
    with pytest.raises(ValueError, match="at least 2 values"):
        adjoint.grad(f)([1.0], 2.0)


def test_nothing_behind_what_decides_is_computed():
    f = _function("if any(1 / v > 0 for v in (x[0], y)):\n    s *= x[0]")
    assert f([1.0], 0.0) == adjoint.value_and_grad(f)([1.0], 0.0)[0] == 0.0
    for g in (f, adjoint.grad(f)):
        with pytest.raises(ZeroDivisionError):
            g([-1.0], 0.0)


def test_shapes_are_compared():
    f = define(
        "import numpy as np\nimport numpy.typing as npt\n\n\n"
        "def f(x: np.ndarray, A: npt.NDArray[np.float64]):\n"
        "    assert x.shape == A[0].shape and A.shape == (2, 2), 'shapes'\n"
        "    return x @ A @ x\n"
    )
    x, A = np.array([1.0, 2.0]), np.array([[1.0, 2.0], [3.0, 4.0]])
    d = adjoint.grad(f, "x")
    assert d(x, A) == pytest.approx((A + A.T) @ x)
    with pytest.raises(AssertionError, match="shapes"):
        d(np.ones(3), A)


def test_a_rest_of_an_array():
    f = define("def f(x):\n    a, *r, b = x\n    return a * b * sum(r)\n")
    x = np.array([1.0, 2.0, 3.0, 4.0])
    gradient = adjoint.grad(f, signature="x: float[:]", target="numpy")(x)
    assert gradient.tolist() == [20.0, 4.0, 4.0, 5.0]


def test_lists_of_pairs():
    f = define(
        "def f(x: 'list[float]'):\n    pairs = list(enumerate(x))\n"
        "    return len(pairs) * pairs[-1][0] * pairs[0][1]\n"
    )
    assert adjoint.value_and_grad(f)([5.0, 1.0, 2.0]) == (30.0, [6.0, 0.0, 0.0])
