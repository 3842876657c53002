"""Arrays and lists that change, and are held by dictionaries and functions as well.

Values are compared with the function itself, derivatives with differences.
"""

import numpy as np
import pytest

import adjoint
from adjoint.errors import SourceError
from tests.support_arrays import differences
from tests.support_functions import define

#: What stands between an array v of two and what is returned; the value is that.
ARRAYS = {
    "a dictionary": "d = {'v': v, 'w': {'u': v}}\n    v[0] = 3.0",
    "a dictionary, updated": "d = {'v': v, 'w': {'u': v}}\n    v += x",
    "a loop in front": "for i in range(2):\n        v[i] = v[i] * x[0]\n"
    "    d = {'v': v, 'w': {'u': v}}\n    v[1] = x[0]",
    "a branch": "d = {'v': v, 'w': {'u': v}}\n    if x[0] > 0:\n        v = x * 3.0",
}
FUNCTIONS = {
    "partial": "g = partial(h, v)\n    v[0] = 3.0",
    "a default": "def g(k, u=v):\n        return h(u, k)\n    v[0] = 3.0",
    "a default of a lambda": "g = lambda k, u=v: h(u, k)\n    v[0] = 3.0",
    "a partial in a tuple": "g, _ = partial(h, u=v), v\n    g = partial(g)\n    v[0] = 3.0",
}
REFUSED = {
    "a loop": "d = {'v': v, 'w': {'u': v}}\n    for i in range(len(v)):\n        v[i] = 3.0",
    "a view": "d = {'v': v[:1], 'w': {'u': v}}\n    v[0] = 3.0",
    "the caller's": "d = {'v': v * 2.0, 'w': {'u': v}}\n    change(d['v'])",
}
HEAD = """\
import numpy as np
from functools import partial


def h(u, k=1.0):
    return u[0] * k + u[1] * u[0]


def change(u):
    u[0] = 5.0


def f(x):
    v = x * 2.0
"""
ENDS = {
    "dictionary": "return h(d['v'], d['w']['u'][1]) * x[1]",
    "function": "return g(k=v[1]) * x[1]",
}
X = np.array([1.5, 0.7])


def _function(body, end):
    return define(f"{HEAD}    {body}\n    {ENDS[end]}\n")


CASES = [(body, "dictionary") for body in ARRAYS.values()]
CASES += [(body, "function") for body in FUNCTIONS.values()]


@pytest.mark.parametrize(("body", "end"), CASES)
def test_what_is_held_changes_as_well(body, end):
    f = _function(body, end)
    value, gradient = adjoint.value_and_grad(f, signature="x: float[:]")(X)
    assert value == f(X)
    assert gradient == pytest.approx(differences(f, [X], 0), rel=1e-9)


@pytest.mark.parametrize("body", REFUSED.values())
def test_what_cannot_be_followed_is_refused(body):
    with pytest.raises(SourceError, match="chang"):
        adjoint.grad(_function(body, "dictionary"), signature="x: float[:]")


def test_lists():
    f = define(
        "def f(x: 'list[float]'):\n    v = [x[0], x[1]]\n    d = {'v': v}\n"
        "    v.append(x[0] * x[1])\n    v[0] = 7.0 * x[1]\n"
        "    return d['v'][0] * d['v'][2] * len(d['v'])\n"
    )
    value, gradient = adjoint.value_and_grad(f)([2.0, 3.0])
    assert value == f([2.0, 3.0]) == 378.0  # 21 x0 x1^2
    assert gradient == [189.0, 252.0]


def test_a_list_of_a_dictionary_is_not_changed_under_another_name():
    f = define(
        "def f(x: 'list[float]'):\n    d = {'v': [x[0], x[1]]}\n    w = d['v']\n"
        "    w.append(2.0)\n    return sum(d['v'])\n"
    )
    with pytest.raises(SourceError, match="changed"):
        adjoint.grad(f)


def test_a_list_that_a_map_waits_for():
    f = define(
        "def f(x: 'list[float]'):\n    v = [x[0], x[1]]\n    m = map(len, (v, x))\n"
        "    v.append(x[0])\n    return sum(m) * v[2]\n"
    )
    assert adjoint.value_and_grad(f)([2.0, 3.0]) == (f([2.0, 3.0]), [5.0, 0.0])


#: Under another name, arrays that are made anew are changed, and those that are not.
OTHERS = {
    "a dictionary's": "d = {'v': v * 1.0, 'w': v}\n    w = d['v']\n    w[0] = 5.0\n"
    "    return h(d['v']) * h(v, x[1])",
    "a list's": "l = [v * 1.0, v]\n    w = l[0]\n    w[0] = 5.0\n"
    "    return h(l[0]) * h(l[1]) * h(v, x[1])",
    "a list's in a tuple": "l = (v, [v * 1.0])\n    w = l[1][0]\n    w[0] = 5.0\n"
    "    return h(l[0]) * h(l[1][0]) * h(v, x[1])",
    "a copy's": "d = {'v': v}\n    d = d.copy()\n    w = d['v']\n    w[0] = 5.0\n"
    "    return h(d['v']) * h(v, x[1])",
    "a comprehension's": "l = [v * 1.0 for _ in range(2)]\n    w = l[0]\n    w[0] = 5.0\n"
    "    return h(l[0]) * h(l[1]) * h(v, x[1])",
    "of dictionaries": "l = {k: v * 1.0 for k in (1, 2)}\n    w = l[1]\n    w[0] = 5.0\n"
    "    return h(l[1]) * h(l[2]) * h(v, x[1])",
    "an argument's": "g = partial(h, v * 1.0)\n    v[0] = 5.0\n    return g() * h(v, x[1])",
    "a default's": "def g(k, u=v * 1.0):\n        return h(u, k)\n    v[0] = 5.0\n"
    "    return g(x[0]) * h(v, x[1])",
    "in a loop, of its own": "for i in range(2):\n        w = v * 1.0\n        w[i] = 3.0 * x[i]\n"
    "    return h(v) * h(w, x[1])",
}


@pytest.mark.parametrize("name", OTHERS)
def test_under_another_name(name):
    f = define(f"{HEAD}    {OTHERS[name]}\n")
    value, gradient = adjoint.value_and_grad(f, signature="x: float[:]")(X)
    assert value == f(X)
    assert gradient == pytest.approx(differences(f, [X], 0), rel=1e-9)


@pytest.mark.parametrize(
    "body",
    [
        "for i in range(9):\n        w = v\n        w[0] = w[0] * 2.0",
        "i = 0\n    while i < 2:\n        w = v\n        w[0] = w[0] * 2.0\n        i += 1",
        "for i in range(9):\n        for j in range(i):\n            w = v\n            w += x",
        "t = (v, x)\n    for i in range(9):\n        w = t[0]\n        w[1] = 3.0\n    v = t[0]",
        "d = {'v': v}\n    for i in range(9):\n        w = d['v']\n        w[1] = 3.0\n    v = d['v']",
    ],
)
def test_a_change_in_a_loop_under_a_name_of_the_loop(body):
    # it would not be seen behind the loop
    f = define(f"{HEAD}    {body}\n    return h(v)\n")
    with pytest.raises(SourceError, match="in this loop under another name"):
        adjoint.grad(f, signature="x: float[:]")


#: Empty lists, or of what is known, that have two names, and grow in a loop.
GROWING = {
    "in a dictionary": "d = {'b': r}\n@\nreturn sum(d['b']) + x",
    "in a dictionary, called": "d = dict(b=r)\n@\nreturn sum(d['b']) + x",
    "in a tuple, called": "d = tuple([r, 1.0])\n@\nreturn sum(d[0]) + x",
    "as an argument": "g = partial(sum, r)\n@\nreturn g() + x",
    "returned": "d = same(r)\n@\nreturn sum(d) + x",
    "the caller's": "y = fill(r, x, n)\nreturn sum(r) + y",
    "in a dictionary twice": "d = {'b': r, 'c': r}\nfor i in range(n):\n"
    "    d['b'].append(x)\nreturn sum(d['c'])",
    "in a dictionary that changes": "d = {'b': r}\nfor i in range(n):\n"
    "    d['b'].append(x)\nreturn sum(r)",
}
#: Lists of known items that become arrays elsewhere, as rows or behind branches.
GROWING |= {
    "as a row": "M = [[x, 1.0], [2.0, x]]\nM[1] = r\nr.append(x)\n"
    "return sum(M[1]) + n",
    "as a row, in a loop": "M = [[x, 1.0], [2.0, x]]\nM[1] = r\n@\nreturn sum(M[1])",
    "chosen in a loop": "s = [x]\ns.append(1.0)\nfor i in range(n):\n"
    "    s = pick(n > 1, r, r)\ns.append(x)\nreturn sum(r)",
    "chosen as an entry": "d = {'b': [x]}\nfor i in range(n):\n"
    "    d['b'].append(x)\n    d['b'] = pick(n > 1, r, [2.0])\nreturn sum(r)",
}
HELPERS = """\
from functools import partial


def same(u):
    return u


def pick(c, u, v):
    return u if c else v


def fill(u, x, n):
    for i in range(n):
        u.append(x)
    return x


def f(x, n: int):
    r = {}
"""


@pytest.mark.parametrize("first", ["[]", "[x]"])
@pytest.mark.parametrize("name", GROWING)
def test_a_list_that_grows_under_another_name(name, first):
    body = GROWING[name].replace("@", "for i in range(n):\n    r.append(x * i)")
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    with pytest.raises(SourceError) as caught:
        adjoint.grad(define(HELPERS.format(first) + lines))
    message = str(caught.value)
    several = "changed with", "of the caller's", "more than once", "may be the"
    assert any(part in message for part in several)


def test_the_hint_for_rows_copies_the_rows():
    # M.copy() would have the same rows
    f = define(
        "def f(x):\n    row = [x, 2.0]\n    M = [row, row]\n    M[0][0] = x * x\n"
        "    return M[1][0] * row[1]\n"
    )
    with pytest.raises(SourceError) as caught:
        adjoint.grad(f)
    assert "`M = [row.copy() for row in M]`" in str(caught.value)
