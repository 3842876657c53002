"""Names that are None before a loop, and numbers in it, as people write them.

Values are compared with the function itself, derivatives with differences.
"""

import math

import numpy as np
import pytest

import adjoint
from tests.frontend.function.test_function_table import difference
from tests.support_arrays import along, differences
from tests.support_functions import define, outcome

#: The body of ``f(x, y, n: int)``.
BODIES = {
    "the error before": "s = 0.0\nlast = None\nfor i in range(n):\n    e = x * i - y * s\n"
    "    if last is None:\n        d = 0.0\n    else:\n        d = (e - last) * y\n"
    "    s += 0.1 * e + d * d\n    last = e\nreturn s",
    "the best so far": "best = None\nfor i in range(n + 1):\n    v = (x - 0.7 * i) ** 2 + y\n"
    "    if best is None or v < best:\n        best = v\nreturn best",
    "in an expression": "b = None\nfor i in range(n + 1):\n"
    "    b = x * y if b is None else b * x + i\nreturn b",
    "until little changes": "old = None\nz = x\nfor i in range(60):\n    z = 0.5 * (z + y / z)\n"
    "    if old is not None and abs(z - old) < 1e-9:\n        break\n    old = z\nreturn z",
    "in a while": "z = None\nwhile z is None or z > 0.55:\n"
    "    z = x * y * 3.0 if z is None else 0.4 * z\nreturn z",
    "annotated": "z: float | None = None\nfor i in range(n + 1):\n"
    "    z = x + y * z if z is not None else x * i\nreturn z * x",
    "a place": "a, k = [x, y, x * y], None\nk = None\nfor i in range(3):\n"
    "    if k is None or a[i] > a[k]:\n        k = i\nreturn a[k] ** 2",
    "again in each loop": "s = 0.0\nfor j in range(3):\n    last = None\n    for i in range(n):\n"
    "        v = x * i - y * j * i * i\n        if last is not None:\n            s += last * v\n"
    "        last = v\nreturn s",
    "given at once": "p = None\nfor i in range(n + 1):\n    if p is None:\n        p = x\n"
    "    p = p * y + i\nreturn p",
    "two of them": "lo = None\nhi = None\nfor i in range(n + 2):\n    v = x * i - i * i * y\n"
    "    if lo is None or v < lo:\n        lo = v\n    if hi is None or not v <= hi:\n        hi = v\n"
    "return hi - lo * x",
    "in a helper": "def largest(k):\n    m = None\n    for i in range(k):\n"
    "        v = math.sin(x * i) * y\n        if m is None or m < v:\n            m = v\n    return m\n"
    "return largest(n + 1) * largest(3)",
    "a name that is taken": "has_p = x * y\np = None\nfor i in range(n + 1):\n"
    "    p = has_p if p is None else p * has_p\nreturn p",
    "an augmented one": "t = None\nfor i in range(n + 1):\n    if t is None:\n        t = x\n"
    "    else:\n        t += y * i\nreturn t * t",
}
POINTS = [(1.3, 0.8, 4), (0.6, 1.7, 1), (-0.9, 0.4, 0)]


def _function(body):
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return define(f"import math\n\ndef f(x, y, n: int):\n{lines}")


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("name", BODIES)
def test_values_and_derivatives(name, point):
    function = _function(BODIES[name])
    d = adjoint.value_and_grad(function)
    expected = outcome(lambda: function(*point))
    if expected[0] == "raises":
        assert outcome(lambda: d(*point)[0]) == expected
        return
    value, gradient = d(*point)
    assert value == function(*point)
    for at, found in enumerate(gradient):
        slope = difference(function, point, at)
        assert found == pytest.approx(slope, rel=1e-6, abs=1e-6)
    hessian = adjoint.hessian(function)(*point)
    for at in (0, 1):
        row = difference(lambda *p, at=at: d(*p)[1][at], point, 0)
        assert hessian[at][0] == pytest.approx(row, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("name", [name for name in BODIES if name != "a place"])
def test_in_c_and_of_many_points(name):
    function = _function(BODIES[name])
    d = adjoint.value_and_grad(function)
    points = [(1.3, 0.8), (0.6, 1.7), (0.9, 0.4)]
    expected = [d(x, y, 3) for x, y in points]
    in_c = adjoint.value_and_grad(function, target="c")
    for (x, y), (value, gradient) in zip(points, expected, strict=True):
        found = in_c(x, y, 3)
        assert found[0] == pytest.approx(value, rel=1e-12)
        assert found[1] == pytest.approx(gradient, rel=1e-12)
    batch = adjoint.value_and_grad(function, target="numpy")
    with np.errstate(all="raise"):
        values, (by_x, by_y) = batch(*map(np.array, zip(*points, strict=True)), 3)
    assert values == pytest.approx([value for value, _ in expected], rel=1e-12)
    for at, slopes in enumerate((by_x, by_y)):
        right = [gradient[at] for _, gradient in expected]
        assert slopes == pytest.approx(right, rel=1e-12)


def test_none_at_the_end_has_no_derivative():
    f = _function("b = None\nfor i in range(n):\n    b = x * i\nreturn b")
    assert f(1.0, 2.0, 0) is None
    with pytest.raises(UnboundLocalError):
        adjoint.value_and_grad(f)(1.0, 2.0, 0)
    used = _function("b = None\nfor i in range(n):\n    b = x * i\nreturn b * y")
    with pytest.raises(TypeError):
        used(1.0, 2.0, 0)
    with pytest.raises((TypeError, UnboundLocalError)):
        adjoint.value_and_grad(used)(1.0, 2.0, 0)
    in_c = adjoint.value_and_grad(used, target="c")(1.0, 2.0, 0)
    assert math.isnan(in_c[0])


@pytest.mark.parametrize(
    "body",
    [  # where Python would not notice that it is None
        "def g(v):\n    return 1.0 if v is None else v\nb = None\nfor i in range(n):\n"
        "    x += g(b)\n    b = x\nreturn x",
        "a = b = None\nfor i in range(n):\n    b = x * i\nreturn b",
        "b = None\nfor i in range(n):\n    x += 1.0 if b == y else 2.0\n    b = x\nreturn x",
        "b = None\nfor i in range(n):\n    c = [b, x]\n    b = x * i\nreturn x",
        "b = None\nfor i in range(n):\n    b = None if i == 2 else x\nreturn x",
        "b = None\nfor i in range(n):\n    if i == 3:\n        b = None\n    x += y * b\n    b = x\n"
        "return x",
        "b = None\nfor i in range(n):\n    s = sum(b * x for b in (x, y))\n"
        "    if b is not None:\n        x += b\n    b = s\nreturn x",
        "b = None\nfor i in range(n):\n    if (b := x) is None:\n        x += 1.0\nreturn x",
        "b = None\nfor i in range(n):\n    for b in range(i):\n        x += y * b\n"
        "    c = [b]\nreturn x",
        "b = None\ng = lambda: b\nfor i in range(n):\n    b = x * i\nreturn x",
    ],
)
def test_what_is_refused(body):
    with pytest.raises(adjoint.AdjointError, match=r"`[ab]` is None|None and a number"):
        adjoint.value_and_grad(_function(body))


#: The body of ``f(x, n: int)`` of an array.
OF_ARRAYS = {
    "the one before": "s = 0.0\nlast = None\nfor i in range(n):\n    v = np.sin(x * i + x)\n"
    "    if last is not None:\n        s += np.dot(v, last)\n    last = v\nreturn s",
    "in an expression": "h = None\nfor i in range(n):\n"
    "    h = x * x if h is None else h * np.cos(x) + i\nreturn np.sum(h)",
    "a matrix": "A, y, i = None, x, 0\nwhile i < n:\n    if A is not None:\n        y = A @ y\n"
    "    A = np.outer(y, np.cos(x))\n    i += 1\nreturn np.sum(A)",
    "the best so far": "best, which = None, None\nfor i in range(n):\n    v = np.cos(x * i)\n"
    "    s = np.sum(v * x)\n    if best is None or s < best:\n        best, which = s, v\n"
    "return best * which[0]",
    "moments": "m = None\nv = None\ny = x\nfor i in range(n):\n    g = 2 * y * np.cos(y)\n"
    "    if m is None:\n        m, v = 0.1 * g, 0.01 * g**2\n    else:\n"
    "        m = 0.9 * m + 0.1 * g\n        v = 0.99 * v + 0.01 * g**2\n"
    "    y = y - 0.1 * m / (np.sqrt(v) + 0.01)\nreturn np.sum(y**2)",
    "a list": "h = None\nfor i in range(n):\n    if h is None:\n        h = [np.sum(x)]\n"
    "    else:\n        h.append(h[-1] * x[0] + i)\nreturn sum(h) * h[0]",
    "in a helper, in two loops": "def run(k):\n    p = None\n    for i in range(k):\n"
    "        for j in range(2):\n            p = x + j if p is None else np.sin(p) * x\n"
    "    return p\nreturn np.sum(run(n) * run(2))",
    "rows": "out = None\nfor k in range(n):\n    row = x * k + x\n"
    "    out = row[None, :] if out is None else np.vstack([out, row**2])\n"
    "return np.sum(np.cos(out) * x)",
    "not None, but not there": "for i in range(n):\n    if i > 0:\n        x = x + 0.3 * h\n"
    "    h = np.sin(x)\n    order = np.argsort(-x)\nreturn np.sum(h[order] * np.arange(3))",
}
X = np.array([0.7, -1.2, 0.4])


def _of_arrays(body):
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return define(f"import numpy as np\n\ndef f(x, n: int):\n{lines}")


@pytest.mark.parametrize("n", [1, 2, 4])
@pytest.mark.parametrize("name", OF_ARRAYS)
def test_values_and_derivatives_of_arrays(name, n):
    function, signature = _of_arrays(OF_ARRAYS[name]), "x: float[:], n: int"
    d = adjoint.value_and_grad(function, signature=signature)
    value, gradient = d(X, n)
    assert value == function(X, n)
    expected = differences(lambda x: function(x, n), (X,), 0)
    assert gradient == pytest.approx(expected, rel=1e-8, abs=1e-8)
    _, moved = adjoint.jvp(function, signature=signature)(
        X, n, np.array([1.0, 0.5, -2.0])
    )
    assert moved == pytest.approx(expected @ [1.0, 0.5, -2.0], rel=1e-8, abs=1e-8)
    product = adjoint.hvp(function, signature=signature)(X, n, np.eye(3)[1])
    second = along(lambda x: d(x, n)[1], (X,), (np.eye(3)[1],))
    assert product == pytest.approx(second, rel=1e-7, abs=1e-7)
    assert d.check()


@pytest.mark.parametrize("name", OF_ARRAYS)
def test_an_array_that_is_not_there_is_not_read(name):
    function, signature = _of_arrays(OF_ARRAYS[name]), "x: float[:], n: int"
    for kind, more in ((adjoint.value_and_grad, ()), (adjoint.jvp, (X,))):
        d = kind(function, signature=signature)
        if name in ("the one before", "moments"):
            assert d(X, 0, *more)[0] == function(X, 0)
        else:
            with pytest.raises(UnboundLocalError):
                d(X, 0, *more)


def test_what_has_been_asked_for_is_not_asked_again():
    function = _of_arrays(OF_ARRAYS["the one before"])
    source = adjoint.value_and_grad(function, signature="x: float[:], n: int").source
    assert "if has_last:" in source and "UnboundLocalError" not in source


def test_what_meets_a_number_is_refused_with_what_to_write():
    f = _of_arrays(
        "last = None\nfor i in range(n):\n    x = x + (0 if last is None else last)\n"
        "    last = x\nreturn np.sum(x)"
    )
    with pytest.raises(adjoint.AdjointError) as caught:
        adjoint.value_and_grad(f, signature="x: float[:], n: int")
    assert "`last, has_last = 0.0, False`, with an array of zeros" in str(caught.value)
