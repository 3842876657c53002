"""Lists in Python functions: what is one list under two names, and what is refused."""

import numpy as np
import pytest

import adjoint
from adjoint.errors import SourceError
from tests.support_functions import define

X = [1.0, 2.0, 3.0]
SIGNATURE = "x: list[float]"

#: Bodies of ``f(x)``, and the gradient at X, worked out by hand.
RIGHT = (
    ("a = [0.0, 1.0]\nb = a\nb[0] = x[0]\nreturn a[0] * x[1]", [2.0, 1.0, 0.0]),
    ("a = [x[0], x[1]]\nb = a[:]\na[0] = 4.0\nreturn a[0] * b[0]", [4.0, 0.0, 0.0]),
    ("a = x[1:]\na[0] = 4.0\nreturn x[1] * a[0]", [0.0, 4.0, 0.0]),
    ("a = [x[0]]\np = (a, 2.0)\na[0] = x[1]\nreturn p[0][0] * p[1]", [0.0, 2.0, 0.0]),
    ("x[0] = 5.0\nreturn x[0] * x[1]", [0.0, 5.0, 0.0]),
    ("y = x + x\nreturn y[4] * len(y)", [0.0, 6.0, 0.0]),
    ("y = x * 2\nreturn sum(y) * len(y)", [12.0, 12.0, 12.0]),
    ("y = 2 * [x[0]] + [x[1]]\nreturn y[0] * y[1] * y[2]", [4.0, 1.0, 0.0]),
    ("y = [v for v in x if v > 1.5]\nreturn y[0] * y[-1]", [0.0, 3.0, 2.0]),
    ("y = [u * v for u in x for v in x if u < v]\nreturn sum(y)", [5.0, 4.0, 3.0]),
    ("if x and not []:\n    return x[0]\nreturn x[1]", [1.0, 0.0, 0.0]),
    ("s = []\nwhile len(s) < 3:\n    s += [x[0] * len(s)]\nreturn s[2]", [2.0, 0.0, 0.0]),
    ("a, b = [x[0], x[1]], [x[2]]\na, b = b, a\na[0] *= b[1]\nreturn a[0]", [0.0, 3.0, 2.0]),
    ("a, b = x[:2]\nreturn a * b", [2.0, 1.0, 0.0]),
    ("s = [0] * 3\ns[1] = x[0]\nreturn s[0] + s[1] * s[1]", [2.0, 0.0, 0.0]),
    ("y = sorted(x)[::-1]\nreturn y[0] * y[1]", [0.0, 3.0, 2.0]),
    ("return (lambda s: s[0] * s[1])([x[0], x[2]])", [3.0, 0.0, 1.0]),
    ("total = 0.0\nfor i, v in enumerate(x[1:]):\n    total += i * v\nreturn total", [0.0, 0.0, 1.0]),
)  # fmt: skip

#: Bodies, and a part of the message.
REFUSED = (
    ("a = b = []\nfor v in x:\n    a.append(v)\nreturn len(b) * x[0]", "`b` may be"),
    ("a = []\nb = a\nfor v in x:\n    a.append(v)\nreturn len(b) + x[0]", "list `a`"),
    (
        "row = [0.0]\nrows = []\nfor v in x:\n    row[0] = v\n    rows.append(row)\n"
        "return rows[0][0]",
        "when the next iteration",
    ),
    ("r = [x[0]]\ns = [r, r]\nr[0] = x[1]\nreturn s[0][0]", "`s` may be"),
    ("r = [x[0]]\ns = [r, [x[1]]]\ns[0][0] = 7.0\nreturn r[0]", "`r` may be"),
    ("A = [[v] for v in x]\nB = A[:]\nB[0][0] = 7.0\nreturn A[0][0]", "`A` may be"),
    ("A = [[v] for v in x]\nB = list(A)\nB[0][0] = 7.0\nreturn A[0][0]", "`A` may be"),
    ("A = [[v] for v in x]\nfor r in A:\n    r[0] = 9.0\nreturn A[0][0]", "`A` may be"),
    ("a = [v for v in x]\nfor v in a:\n    a.append(v)\nreturn a[0]", "changes in a"),
    ("def g(s):\n    s.append(1.0)\na = [x[0]]\ng(a)\nreturn a[0]", "the caller's"),
    (
        "def g(s):\n    return s\na = [x[0]]\nb = g(a)\nb[0] = 5.0\nreturn a[0]",
        "may be the list `a`",
    ),
    ("n = len(x)\nD = [[0.0] * n] * n\nD[0][0] = x[0]\nreturn D[1][0]", "are one list"),
    ("return x * 2.0", "a whole number"),
    ("return x - x", "`-` is not of a list"),
    ("return -x", "not a list"),
    ("return sin(x)", "unknown function"),
    ("return x < x", "not a list"),
    ("return x[0, 1]", "one index or one slice"),
    ("s = [0.0] * len(x)\ns[0] = [1.0]\nreturn s[1]", "a number is expected"),
    ("s = [{1: v} for v in x]\nreturn s[0][1]", "not alike"),
    ("s = [v for v in x]\ns.insert(0, 1.0)\nreturn s[0]", "`insert`"),
    ("return [v for v in x].pop()", "has a name"),
    ("a = [v for v in x]\nb = a.pop() if x[0] > 0 else 1.0\nreturn b", "be skipped"),
    ("s = list(x)\nwhile s.pop() > 1.0:\n    pass\nreturn s[0]", "be skipped"),
)  # fmt: skip


def _function(body):
    lines = "".join(f"    {line}\n" for line in body.split("\n"))
    return define(f"def f(x):\n{lines}")


@pytest.mark.parametrize(("body", "gradient"), RIGHT)
@pytest.mark.parametrize("target", ["python", "numpy"])
def test_right(body, gradient, target):
    function = _function(body)
    d = adjoint.value_and_grad(function, signature=SIGNATURE, target=target)
    value, found = d([*X])
    assert value == function([*X])
    assert found == gradient


@pytest.mark.parametrize(("body", "message"), REFUSED)
def test_refused(body, message):
    with pytest.raises(SourceError) as caught:
        adjoint.value_and_grad(_function(body), signature=SIGNATURE)
    shown = str(caught.value).splitlines()
    assert message in shown[0]
    assert "^" in shown[2]


MIXED = """\
import numpy as np


def f(x):
    t = []
    for i in range(len(x)):
        t.append(x[i] ** 2)
    y = np.array([v * x[0] for v in x])
    return np.sum(t) + np.sum(y + [1.0, 2.0, 3.0]) + (np.array(t) * [1, 2, 3])[1]
"""


def test_lists_meet_arrays():
    """``array + list`` adds; a list that grows is one of Python's in NumPy code too."""
    function = define(MIXED)
    d = adjoint.value_and_grad(function, signature="x: float[:]")
    value, gradient = d(np.array(X))
    assert value == function(np.array(X)) == 14.0 + 12.0 + 8.0
    # sum of 2x, of x[0]*sum(x), and 2*x[1]**2
    assert gradient.tolist() == [2.0 + 7.0, 4.0 + 1.0 + 8.0, 6.0 + 1.0]


ARRAYS = """\
import numpy as np


def f(A: "float[:, :]", x: "float[:]", n: int = 2):
    rows = []
    for k in range(n):
        rows.append(A[k] ** 2 * k)
    last = x**3
    rows.append(last)
    last[0] = 5.0 * x[1]
    return np.sum(np.vstack(rows) ** 2) + len(rows)
"""


def test_lists_of_arrays_grow_where_loops_are_unrolled():
    """What is stored in an array, is stored in that of the list as well."""
    function = define(ARRAYS)
    with pytest.raises(SourceError, match=r"a copy in the list: `last.copy\(\)`"):
        adjoint.grad(function)
    d = adjoint.value_and_grad(function, static={"n": 3}, unroll=True)
    A, x = np.ones((3, 2)), np.array([1.0, 2.0])
    value, (by_A, by_x) = d(A, x)
    assert value == function(A, x, 3) == 2.0 + 8.0 + 100.0 + 64.0 + 4.0
    assert by_A.tolist() == [[0.0, 0.0], [4.0, 4.0], [16.0, 16.0]]  # 4*k**2*A**3
    assert by_x.tolist() == [0.0, 2 * 25 * 2.0 + 6 * 2.0**5]


def test_a_list_is_returned():
    function = _function("return [v * x[0] for v in x]")
    value, cotangents = adjoint.vjp(function, signature=SIGNATURE)(X, [1.0, 0.5, 2.0])
    assert value == [1.0, 2.0, 3.0] == function(X)
    assert cotangents == [2.0 + 1.0 + 6.0, 0.5, 2.0]
