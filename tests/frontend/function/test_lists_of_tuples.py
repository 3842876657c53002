"""Lists of tuples that grow: each place of the tuples is a list of its own."""

import numpy as np
import pytest

import adjoint
from adjoint.errors import SourceError
from tests.support_arrays import along, differences
from tests.support_functions import define

X, N = np.array([0.4, -0.7, 1.1, 0.2, -0.3, 0.9]), 5
SIGNATURE = "x: float[:], n: int"

#: Bodies of ``f(x, n)``.
SMOOTH = {
    "states of an integration": """\
states = [(x[0], x[1])]
for i in range(n):
    q, p = states[-1]
    p = p - 0.1 * math.sin(q)
    q = q + 0.1 * p
    states.append((q, p))
return states[-1][0] ** 2 + sum(p * p * q for q, p in states)
""",
    "whole numbers among them": """\
rows = []
for i in range(n):
    rows.append((x[i] ** 2, i, x[i + 1]))
t = 0.0
for a, k, b in rows:
    t += a * k * b * x[k]
for k, (a, _, b) in enumerate(rows):
    t += k * a * b
for (a, _, b), v in zip(rows, x):
    t += math.sin(a * b) * v
return t + len(rows) + rows[2][1] * rows[n - 1][0]
""",
    "comprehensions, and the columns": """\
pairs = [(u * v, u - v) for u, v in zip(x, x[1:])]
a, b = zip(*pairs)
both = np.array(pairs)
return np.sum(both**2 * [1.0, 2.0]) + sum(a) * sum(b) + np.sum(np.array(a) * b)
""",
    "arrays among them": """\
states = [(np.zeros(3), np.ones(3))]
for i in range(n):
    h, c = states[-1]
    c = c * np.tanh(h + x[:3]) + x[i]
    states.append((np.sin(c) * h + x[i + 1], c))
hs, cs = zip(*states)
return np.sum(np.array(hs) * np.stack(cs)) + np.sum(states[2][1])
""",
    "taken from the end": """\
s = [(x[0], 1.0), (x[1], 2.0)]
for i in range(n):
    s.append((x[i] * s[-1][0], s[-2][1] + x[i]))
t = 0.0
while len(s) > 1:
    a, b = s.pop()
    c, d = s.pop()
    t += a * b - c * d
    s.append((a * c, b))
return t + s[0][0]
""",
    "one in the place of another": """\
s = [(v, v * v) for v in x]
for i in range(1, n):
    s[i] = (s[i - 1][1] * x[i], s[i][0] + s[i - 1][0])
s[0] = (3.0, x[2])
first, last, back, kept = s[1:], s[:-1], s[::-1], s.copy()
s.reverse()
t = 0.0
for (a, b), (c, d), (e, f), (g, h), (k, m) in zip(first, last, back, kept, s):
    t += a * d - b * c * e + g * h * k + f * m
return t
""",
    "joined": """\
s, r = [], []
for i in range(n):
    s.append((x[i], x[i] ** 2))
    r.append((x[i + 1], 1.0))
u = s + r
u += [(x[0], 2.0)]
u.extend(s)
u.extend(zip(x, x))
t = 0.0
for a, b in u + list(zip(x[1:], x)):
    t = t * 0.5 + a * b
for a, b in list(u):
    t += a
return t
""",
    "tuples in tuples": """\
s = []
for i in range(n):
    s.append((x[i], (x[i] * 2, i)))
t = 0.0
for a, (b, k) in s:
    t += a * b * k
return t + s[-1][1][0]
""",
    "one of two lists": """\
s = [(0.0, 1.0)]
for i in range(n):
    if x[i] > 0:
        s.append((x[i], s[-1][0]))
    elif x[i] < -0.5:
        s = [(x[i], 2.0)]
r = s if len(s) > 1 else [(x[0], x[1])]
t = 0.0
for a, b in r:
    t += a * a * b
return t
""",
    "a path": """\
path = [(x[0], x[1])]
while path[-1][0] ** 2 + path[-1][1] ** 2 < 100:
    a, b = path[-1]
    path.append((1.5 * a + 0.1 * b + 0.1, b * 1.2 - 0.1 * a))
    if len(path) > 20:
        break
d = 0.0
for (a, b), (c, e) in zip(path, path[1:]):
    d += math.hypot(a - c, b - e)
return d
""",
    "a function that makes one": """\
def pairs(count):
    found = []
    for k in range(count):
        found.append((x[k], x[k + 1] * x[k]))
    return found

return sum(a * b for a, b in pairs(n))
""",
    "known tuples by a number known later": """\
points = ((0.5, 1.0), (x[0], 2.0), (1.5, x[1]))
t = 0.0
for i in range(n):
    a, w = points[i % 3]
    t += w * math.sin(a * x[i])
return t
""",
    "where it is known how many": """\
s = []
for i in range(3):
    s.append((x[i], x[i + 1]))
if s:
    s.append(s[0])
return sum(a * b for a, b in s) + len(s)
""",
}


def _function(body: str):
    lines = "".join(f"    {line}\n" if line else "\n" for line in body.splitlines())
    return define(f"import math\n\nimport numpy as np\n\n\ndef f(x, n):\n{lines}")


@pytest.mark.parametrize("case", SMOOTH)
def test_value_and_derivatives(case):
    f = _function(SMOOTH[case])
    d = adjoint.value_and_grad(f, signature=SIGNATURE)
    value, gradient = d(X, N)
    assert value == f(X.copy(), N)
    expected = differences(f, (X, N), 0)
    assert np.array(gradient) == pytest.approx(expected, rel=1e-9, abs=1e-9)
    direction = np.cos(3.0 * X)
    value, tangent = adjoint.jvp(f, signature=SIGNATURE)(X, N, direction)
    assert value == f(X.copy(), N)
    slope = np.array(gradient) @ direction
    assert tangent == pytest.approx(slope, rel=1e-12, abs=1e-12)
    product = adjoint.hvp(f, signature=SIGNATURE)(X, N, direction)
    moved = along(lambda x: np.array(d(x, N)[1]), (X,), (direction,))
    assert np.array(product) == pytest.approx(moved, rel=1e-8, abs=1e-8)


def test_a_list_of_tuples_is_checked():
    for case in ("states of an integration", "arrays among them"):
        assert adjoint.grad(_function(SMOOTH[case]), signature=SIGNATURE).check()


def test_what_is_written():
    """The lists stand side by side; what is not used is not read."""
    f = _function(SMOOTH["states of an integration"])
    text = adjoint.value_and_grad(f, signature=SIGNATURE).source
    forward = text[text.index("def f_value") :].split("# reverse sweep")[0]
    for line in ("states_0.append(q)", "states_1.append(p)", "q = states_0[-1]"):
        assert f"{line}\n" in forward
    second = (
        "s = [(v, 2 * v) for v in x]\nt = 0.0\nfor _, b in s:\n    t += b\nreturn t"
    )
    assert "s_0[" not in adjoint.grad(_function(second), signature=SIGNATURE).source


def test_the_exceptions_are_kept():
    empty = "s = []\nfor i in range(n):\n    s.append((x[i], i))\n"
    cases = {
        "return s[-1][1] * x[0]": IndexError,
        "a, b = s.pop()\nreturn b * x[0]": IndexError,
        "a, b = zip(*s)\nreturn b[0] * x[0]": ValueError,
    }
    for ending, error in cases.items():
        f = _function(empty + ending)
        d = adjoint.value_and_grad(f, signature=SIGNATURE)
        assert d(X, 3)[0] == f(X, 3)
        for call in (f, d):
            with pytest.raises(error):
                call(X, 0)


GROWN = "s = []\nfor v in x:\n    s.append((v, v * v))\n"

#: Bodies, and a part of the message.
REFUSED = {
    "a number in its place": (
        "a = [(x[0], x[1])]\na.append((x[1], x[2]))\nfor i in range(n):\n"
        "    a = x[i]\nreturn a",
        "`a` changes its kind in this loop: a number and a list",
    ),
    "tuples of two lengths": (
        f"{GROWN}s.append((x[0],))\nreturn x[0]",
        "are tuples of 2, and this is a tuple of 1",
    ),
    "a number among tuples": (
        f"{GROWN}s.append(x[0])\nreturn x[0]",
        "are tuples of 2, and this is a number",
    ),
    "a list among tuples": (
        f"{GROWN}s.append([x[0], x[1]])\nreturn x[0]",
        "are tuples of 2, and this is a list",
    ),
    "arrays and numbers in one place": (
        f"{GROWN}s.append((x, x[0]))\nreturn x[0]",
        "are numbers, and this is an array of rank 1",
    ),
    "texts": (
        "s = []\nfor v in x:\n    s.append((v, 'a'))\nreturn x[0]",
        "not alike: a list of texts",
    ),
    "what is returned": (f"{GROWN}return s", "returns a list of tuples"),
    "a part of a tuple": (f"{GROWN}s[0][1] = 1.0\nreturn x[0]", "cannot be changed"),
    "sorted": (f"{GROWN}return sorted(s)[0][0]", "has to be known"),
    "as arguments": (f"{GROWN}return max(*s)[0]", "has to be known"),
    "in a list": (f"{GROWN}s = [*s]\nreturn s[0][0]", "has to be known"),
    "repeated": (f"{GROWN}return len(s * 2) * x[0]", "list of tuples that grows"),
    "another name before": (
        f"t = [(x[0], 1.0)]\ns = t\n{GROWN.partition(chr(10))[2]}return len(t) * x[0]",
        "`t` may be changed with `s`",
    ),
    "another name from the iteration before": (
        "s, t = [(x[0], 1.0)], [(x[1], 1.0)]\n"
        "for v in x:\n    s.append((v, v))\n    t = s\nreturn len(t) * x[0]",
        "when the next iteration changes `s`",
    ),
    "the list that is gone through": (
        "s = [(x[0], 1.0)]\nfor a, b in s:\n"
        "    if len(s) < 4:\n        s.append((a, b))\nreturn len(s) * x[0]",
        "changes in a loop over its elements",
    ),
    "an array that changes in the list": (
        "s, h = [], np.zeros(3)\n"
        "for v in x:\n    h += v\n    s.append((v, h))\nreturn s[0][1][0]",
        "the next iteration changes `h`",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused(case):
    body, message = REFUSED[case]
    with pytest.raises(SourceError, match=message):
        adjoint.grad(_function(body), signature=SIGNATURE)


#: What is changed in the next iteration, when ``s`` is ``t``.
TAKEN = {
    "a list": ("[x[0]]", "[x[1]]", "s.append(v)"),
    "an array": ("x * 1.0", "x * 2.0", "s[0] = v"),
    "an array as a whole": ("x * 1.0", "x * 2.0", "s += v"),
    "a list of tuples": ("[(x[0], 1.0)]", "[(x[1], 1.0)]", "s.append((v, v))"),
}


@pytest.mark.parametrize("case", TAKEN)
def test_a_name_takes_over_what_another_one_stands_for(case):
    """Once the value was wrong: ``t`` changes with ``s`` from then on."""
    first, second, change = TAKEN[case]
    f = _function(
        f"s = {first}\nt = {second}\nfor v in x:\n    {change}\n    s = t\n"
        "return np.sum(np.array(t)) * x[0]"
    )
    with pytest.raises(SourceError, match="when the next iteration changes `s`"):
        adjoint.grad(f, signature=SIGNATURE)
