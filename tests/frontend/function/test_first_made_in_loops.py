"""Arrays, lists and tuples of these that are first made in a loop, and read later on.

Whether they are there is known when it runs: Python raises where they are not.
"""

import numpy as np
import pytest

import adjoint
from tests.support_arrays import differences
from tests.support_c import needs_compiler
from tests.support_functions import define, outcome

#: The body of ``f(A, x, n: int)``, for a matrix and a vector.
BODIES = {
    "in the first iteration": "for k in range(n):\n    if k == 0:\n        r = A @ x\n"
    "    s += k * r[0] ** 2",
    "where something is small": "for k in range(n):\n    if s < 2.0:\n        r = np.sin(A @ x + k)\n"
    "    s += r[0] ** 2",
    "read behind the loop": "for k in range(n):\n    r = A @ x * k\ns += r[1] * r[0]",
    "in an inner loop": "for i in range(n):\n    for j in range(i):\n        if j > 0 or i > 1:\n"
    "            s += np.sum(r * x)\n        if i + j != 2:\n            r = A @ x * (i + j)",
    "of two ranks": "for k in range(n):\n    if k > 0:\n        s += np.sum(M @ r) + t\n"
    "    M, r, t = np.outer(x, x) * k, A @ x, x[k]",
    "numbers and truths": "for k in range(n):\n    order, small = np.argsort(-x), x < 0.1 * k\n"
    "s += np.sum(x[order] * np.arange(3.0)) + np.sum(x[small] ** 2)",
    "lists": "for k in range(n):\n    p = [x[0]] * (k + 1)\n    rows = []\n"
    "    for j in range(k):\n        rows.append(x * j)\n"
    "s += p[0] * p[-1] + sum(np.sum(row**2) for row in rows)",
    "a tuple": "for k in range(n):\n    if k:\n        u, v = pair\n        s += np.sum(u * v)\n"
    "    pair = (A @ x, x + k)",
}
_RANDOM = np.random.default_rng(5)
A, X = _RANDOM.normal(size=(3, 3)), _RANDOM.normal(size=3)
SIGNATURE = "A: float[:, :], x: float[:], n: int"


def _function(body):
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return define(
        f"import numpy as np\n\ndef f(A, x, n: int):\n    s = 0.0\n{lines}    return s\n"
    )


@pytest.mark.parametrize("n", [0, 1, 3])
@pytest.mark.parametrize("name", BODIES)
def test_values_and_derivatives(name, n):
    function = _function(BODIES[name])
    d = adjoint.value_and_grad(function, signature=SIGNATURE)
    expected = outcome(lambda: function(A, X, n))
    if expected[0] == "raises":
        assert outcome(lambda: d(A, X, n)[0])[:2] == expected[:2]
        return
    value, gradient = d(A, X, n)
    assert value == pytest.approx(function(A, X, n), rel=1e-15)
    for at, found in enumerate(gradient):
        slope = differences(lambda *given: function(*given, n), (A, X), at)
        assert found == pytest.approx(slope, rel=1e-8, abs=1e-8)
    _, moved = adjoint.jvp(function, signature=SIGNATURE)(A, X, n, 0.5 * A, np.cos(X))
    along = np.sum(gradient[0] * 0.5 * A) + gradient[1] @ np.cos(X)
    assert moved == pytest.approx(along, rel=1e-12, abs=1e-12)
    if n:
        assert d.check()


@needs_compiler
def test_in_c():
    text = (
        "def f(x: list[float], n: int):\n    s = 0.0\n    for k in range(n):\n"
        "        if k > 0:\n            s += y[0] * y[-1]\n"
        "        y = [v * v * k + v for v in x]\n    return s + y[1]\n"
    )
    d = adjoint.value_and_grad(define(text), target="c")
    value, gradient = d([2.0, 3.0], 2)  # y = [2, 3], then [6, 12]
    assert (value, gradient) == (18.0, [3.0, 9.0])
    assert np.isnan(d([2.0, 3.0], 0)[0])
