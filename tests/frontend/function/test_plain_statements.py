"""``:=`` and ``match``, which are read as the statements that they stand for.

Values are compared with the function itself, derivatives with differences.
"""

import pytest

import adjoint
from adjoint.errors import SourceError
from tests.frontend.function.test_function_table import difference
from tests.support_functions import define

#: The body of ``f(x, y, n: int, kind="b")``, of s = 1.0.
BODIES = {
    "in a test": "if (z := x * y) > 1:\n    s = z * z\nelif (w := z + y) > 1.5:\n    s = w * z\n"
    "else:\n    s = z + w",
    "in what is computed": "s = (z := x * y) * z + (y := y * z) + y",
    "in order": "s = x * (x := y) + x",
    "in a loop": "for i in range(n):\n    s = s * (z := x + i) + z\n    x = 0.5 * z",
    "in a while": "while (y := 0.5 * y) > 0.11 and n < 9:\n    if y > 3:\n        continue\n"
    "    s += x * y",
    "in a while with a break": "while (k := n + 1) < 9:\n    n += 1\n    if s > 20:\n        break\n"
    "    s += x * k",
    "in a while that returns": "while (s := s * 1.5 + x * x) < 30:\n    if y * s > 9:\n"
    "        return s * x\ns *= y",
    "in an argument": "def g(u, v):\n    return u * v + v\ns = g(z := x * x, z + y) * z",
    "in a lambda": "s = (lambda u: (v := u * u) * v + y)(x)",
    "in an index": "a = [x, y, x * y]\na[(i := n % 3)] += 2.0 * i\ns = a[i] * a[i - 1]",
    "of a list": "s = sum(z := [x, y, x * y]) * z[n % 3]",
    "of a condition": "s = x if (z := x * y) > 1 else z * z",
    "in an assert": "assert (z := x * x) > -1.0\ns = z * y",
    "numbers": "match n:\n    case 0:\n        s = x\n    case 1 | 2:\n        s = x * y\n"
    "    case -3:\n        s = y\n    case _:\n        s = x + y",
    "floats": "match n + 0.5:\n    case 2.5:\n        s = x * x\n    case z:\n        s = z * x",
    "no case": "match n:\n    case 2:\n        s = x * y",
    "returns": "match n:\n    case 0:\n        return x * y\n    case _:\n        return x + y * y",
    "guards": "match n:\n    case k if k > 3:\n        s = x * k\n    case 1 | 0 if x > 1:\n"
    "        s = x * y\n    case n if n > x * y:\n        s = y * n\n    case _:\n        s = y",
    "texts": "match kind:\n    case 'a':\n        s = x\n    case 'b' | 'c':\n        s = x * y",
    "none": "z = None\nmatch z:\n    case 1:\n        s = x\n    case None:\n        s = x * y",
    "tuples": "match n % 2, (z := x * y) > 1:\n    case (0, 5) | (1, 7):\n        s = z\n    case (0, t) if t:\n        s = z + y\n"
    "    case (0, _):\n        s = z * x\n    case 1, k:\n        s = z * y + k\n"
    "    case (1, 2, 3):\n        s = 9.0",
    "tuples of names that are taken": "a, b = n % 3, 2\nmatch a, b:\n"
    "    case (b, 1):\n        s = x\n    case (b, 2) if b > 1:\n        s = x * y * b\n"
    "    case (c, b as d):\n        s = x * c * y + d",
    "types": "match x:\n    case int():\n        s = y\n    case float(z):\n        s = z * y",
    "in a loop and nested": "for i in range(n):\n    match i % 3:\n        case 0:\n"
    "            continue\n        case 1:\n            match i:\n                case 4:\n"
    "                    break\n                case j:\n                    s += j * x\n"
    "        case _:\n            s *= y",
    "a subject of that name": "subject = x * x\nmatch x * y + subject:\n    case 0.0:\n        s = 2.0\n"
    "    case z if z > 4:\n        s = z * subject\n    case _:\n        s = subject",
    "printed": "for i in range(n):\n    print('step', i, f'{s:.3f}', sep='\\t')\n"
    "    s = s * x + y\n    if s > 5:\n        print(s)",
    "many": "match n:\n"
    + "".join(f"    case {k}:\n        s = x * {k} + y\n" for k in range(30))
    + "    case _:\n        s = y",
}

REFUSED = {
    "a side of and": "if x > 0 and (z := x * y) > 1:\n    s = z",
    "a side of a choice": "s = (z := x * y) if x > 0 else 1.0",
    "a comprehension": "a = [(z := v) for v in (x, y)]\ns = z",
    "a generator": "s = sum((z := v) for v in (x, y))",
    "a while with an else": "while (z := s * 2.0) < 9:\n    s = z\nelse:\n    s = 1.0",
    "a list that changes": "s = len(z := [x])\nz.append(y)\ns += sum(z)",
    "a mapping": "match n:\n    case {'a': 1}:\n        s = x",
    "a star": "match x, y:\n    case (1, *z):\n        s = x",
    "a tuple without a name": "z = (x, y)\nmatch z:\n    case (1, 2):\n        s = x",
    "a name of a tuple": "match x, y:\n    case z:\n        s = z[0]",
    "names of several": "match x, y:\n    case (1, z) | (z, 1):\n        s = z",
    "True": "match n:\n    case True:\n        s = x",
}


def _function(body):
    lines = "".join(f"    {line}\n" for line in body.split("\n"))
    return define(f"def f(x, y, n: int, kind='b'):\n    s = 1.0\n{lines}    return s\n")


@pytest.mark.parametrize("name", BODIES)
def test_value_and_gradient(name):
    f = _function(BODIES[name])
    derivative = adjoint.value_and_grad(f)
    for n in range(6):
        for x, y in ((1.3, 1.7), (0.6, -1.1), (-2.4, 0.8), (0.5, 5.0), (1.25, 1.125)):
            value, gradient = derivative(x, y, n)
            assert value == f(x, y, n)
            expected = [difference(f, (x, y, n), at) for at in (0, 1)]
            assert gradient == pytest.approx(expected, rel=1e-9, abs=1e-8)


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name):
    with pytest.raises(SourceError) as caught:
        adjoint.grad(_function(REFUSED[name]))
    shown = str(caught.value).splitlines()
    assert ":=" in shown[0] or "is not supported" in shown[0]
    assert "write" in shown[3]


def test_what_is_written():
    f = define(
        "def f(x, n: int):\n    while (x := 0.5 * x) > 1.0:\n        n += 1\n"
        "    match n:\n        case 0 | 1:\n            return x\n    return x * n\n"
    )
    assert (
        "def f(x, n):\n    while True:\n        x = 0.5 * x\n        if not x > 1.0:\n"
        "            break\n        n += 1\n    return x if n == 0 or n == 1 else x * n\n"
    ) in adjoint.grad(f).source
