"""Dictionaries that are known, `functools.partial` and `operator`: what is decided early.

Values are compared with the function itself, derivatives with differences.
"""

import pytest

import adjoint
from adjoint.errors import SourceError
from tests.frontend.function.test_function_table import difference
from tests.support_functions import define

IMPORTS = """\
import functools
import operator
from functools import partial, reduce

SETTINGS = {"rate": 0.1, "steps": 3}


def h(a, b, c=1.0, *, d=2.0):
    return a * b + c * c * d


top = partial(h, 2.0, d=3.0)


"""

#: The body of ``f(x, y, n: int)``, of s = x * y.
BODIES = {
    "partial": "g = partial(h, x, c=y)\ns += g(y) + g(y, d=x) * functools.partial(h, d=y)(x, y)",
    "partial, by name again": "g = partial(h, b=x, c=y)\ns += g(y, c=2.0) * partial(g, y)(d=x)",
    "partial of the module": "s += top(x) * top(y, x)",
    "partial of a partial": "g = partial(partial(h, x), y)\ns += g() * g(d=y)",
    "partial of a lambda": "g = partial(lambda u, v: u * v * s, y)\ns += sum(map(g, (x, y)))",
    "operator": "s += reduce(operator.mul, (x, y, s)) + reduce(operator.add, [x, y], 1.0)\n"
    "s += operator.truediv(x, y) + operator.pow(x * x, 2) + operator.neg(operator.sub(s, x))\n"
    "s += y * (operator.mod(7, n + 2) + operator.floordiv(7, n + 2))",
    "operator, compared": "s += x * y if operator.lt(x, y) else x\n"
    "s += len(operator.add([x], [y, s])) * y",
    "a comprehension": "w = {k: v * x for k, v in {'a': y, 'b': 2.0}.items() if k != 'c'}\n"
    "s += w['a'] * w['b'] + sum({i: y**i for i in range(3)}.values()) * len(w)",
    "names": "w = dict(rate=x, power=y)\nfor k in w:\n    s += w[k] * w['rate']",
    "several as one": "w = {**SETTINGS, 'b': x, **dict(steps=y, c=s), 'rate': 0.5}\n"
    "for i, k in enumerate(w):\n    s += i * w[k] * y",
    "entries that change": "d = {}\nd['a'] = x\nd['b'] = x * y\nd['a'] *= d['b']\n"
    "d['a'], d['c'] = d['b'], d['a']\ns += d['a'] * d['c'] ** 2 * len(d)",
    "in a loop": "d = {'s': 0.0, 'p': 1, 2: x}\nfor i in range(n + 2):\n    d['s'] += x * i\n"
    "    d['p'] *= y\n    d[2] = d['s'] * d[2]\ns += sum(d.values())",
    "in a while": "d = {'a': x * x + 1.5}\nwhile d['a'] < 90:\n    d['a'] *= 1.5\n"
    "    if d['a'] > 80:\n        return d['a'] * y\ns += d['a']",
    "under a condition": "d = {'a': 1}\nif y > 0:\n    d['a'] = x\nelse:\n    d['a'] = x * x\n"
    "    d['a'] += 1\ns += d['a'] * y",
    "on one side": "if y > 0:\n    d = {'a': x}\nelse:\n    d = dict(a=2)\ns += d['a'] * y",
    "a copy": "d = SETTINGS.copy()\nd['rate'] *= x\ne = dict(d, z=1)\nd['steps'] = y\n"
    "s += d['rate'] * d['steps'] * e['steps'] * SETTINGS['rate']",
    "an argument": "def g(u):\n    u['a'] *= x\n    return u['a']\ns += g({'a': y}) * x",
    "with texts": "d = {'kind': 'a', 'v': x, 'w': None}\nfor i in range(n):\n    if x > 0:\n"
    "        d['v'] *= y\n    d['v'] += i\ns += d['v'] if d['kind'] == 'a' else y",
    "a closure": "d = {'v': x}\ng = lambda: d['v'] * y\nd['v'] = x * x\ns += g()",
    "unrolled": "d = {}\nfor i in range(4):\n    d[i] = x**i\ns += sum(d.values()) * y",
    "in a set": "s += x * y * y if n in {1, 3} else y\nif 'a' not in {'b', 'c'}:\n    s *= x",
}

REFUSED = {
    "s += {**x}['a']": "behind `**` stands a dictionary, not a number",
    "s += {i: x for i in range(n)}[0]": "is known when it is read",
    "s += {x: i for i in range(2)}[0]": "the key of a dictionary",
    "s += dict([('a', x)])['a']": "`dict` is made of a dictionary, not of a list",
    "s += partial(x)(y)": "`partial` is of a function",
    "s += partial(h, q=x)(x, y)": "does not have",
    "s += {k: (z := x) for k in (1, 2)}[1]": "in a comprehension",
    "s += sum({x, y})": "sets",
    "d = {'a': x}\ne = d\nd['a'] = y": "with another name",
    "d = {'a': x}\ne = (1, {'b': d})\nfor i in range(n):\n    d['a'] = y": "with another name",
    "def g(u):\n    u['a'] = y\nd = {'a': x}\ng(d)": "with another name",
    "def g(u, d={'a': 2.0}):\n    d['a'] *= u\n    return d['a']\ns += g(x)": "is changed here",
    "SETTINGS['rate'] = x": "not of this function",
    "d = {'a': x}\nif y > 0:\n    d['b'] = x\ns += d['a']": "a dictionary of 'a', 'b'",
    "d = {'a': x, 'kind': 'b'}\nif y > 0:\n    d['kind'] = 'c'\ns += d['a']": "of two kinds",
    "d = {'a': [x]}\nd['a'] += [y]": "a number is expected",
}


def _function(body):
    lines = "".join(f"    {line}\n" for line in body.split("\n"))
    head = "def f(x, y, n: int):\n    s = x * y\n"
    return define(f"{IMPORTS}{head}{lines}    return s\n")


@pytest.mark.parametrize("name", BODIES)
def test_value_and_gradient(name):
    f = _function(BODIES[name])
    derivative = adjoint.value_and_grad(f)
    for n in (1, 2):
        for x, y in ((1.3, 1.7), (0.6, -1.1), (-2.4, 0.8)):
            value, gradient = derivative(x, y, n)
            assert value == f(x, y, n)
            expected = [difference(f, (x, y, n), at) for at in (0, 1)]
            assert gradient == pytest.approx(expected, rel=1e-9, abs=1e-8)


@pytest.mark.parametrize(
    "name", ["partial of the module", "operator", "several as one"]
)
def test_of_a_file(name, tmp_path):
    f = _function(BODIES[name])
    lines = "".join(f"    {line}\n" for line in BODIES[name].split("\n"))
    path = tmp_path / "a.py"
    head = "def f(x, y, n: int):\n    s = x * y\n"
    path.write_text(f"{IMPORTS}{head}{lines}    return s\n")
    assert adjoint.value_and_grad(f"{path}:f")(1.3, 0.7, 2)[0] == f(1.3, 0.7, 2)


@pytest.mark.parametrize("body", REFUSED)
def test_refused(body):
    with pytest.raises(SourceError) as caught:
        adjoint.grad(_function(body))
    assert REFUSED[body] in str(caught.value)


def test_a_default_is_kept_from_call_to_call():
    f = define("def f(x, d={'a': 2.0}):\n    d['a'] *= x\n    return d['a']\n")
    with pytest.raises(SourceError, match="not a dictionary of this call"):
        adjoint.grad(f)


def test_what_is_written():
    f = define(
        "def f(x, n: int):\n    d = {'s': 0.0, 'lambda': 1.0}\n    for i in range(n):\n"
        "        d['s'] += x * i\n        d['lambda'] *= x\n"
        "    return d['s'] * d['lambda']\n"
    )
    source = adjoint.grad(f).source
    assert "        s += x * i\n" in source and "lambda =" not in source


#: Bodies of ``f(x, n)`` in which lists that are entries change.
ENTRIES = {
    "a history": """\
h = {"x": [], "v": [1.0]}
for i in range(n):
    v = h["v"][-1] - 0.1 * x
    x += 0.1 * v
    h["x"].append(x)
    h["v"].append(v)
return sum(h["x"]) * max(h["v"]) + len(h["x"])
""",
    "of tuples, and numbers": """\
h = {"t": [0.0], "s": [(x, 1.0)], "k": 2.0}
for i in range(n):
    a, b = h["s"][-1]
    h["s"].append((a + 0.1 * b, b - 0.1 * a))
    h["t"].extend([h["t"][-1] + 0.1, x])
    h["k"] *= x
return sum(a * b for a, b in h["s"]) + h["t"][-1] * h["t"].pop() * h["k"]
""",
    "under conditions": """\
h = {"up": [x], "down": [1.0]}
for i in range(n):
    if i % 2:
        h["up"].append(x * i)
    elif x > 1.0:
        h["down"].append(x**i)
h["up"].reverse()
return h["up"][0] * sum(h["down"]) + len(h["up"])
""",
    "and other names, without a loop": """\
r = [x]
h = {"a": r, "b": r}
h["a"].append(x * x)
r.append(n)
return sum(h["b"]) * len(r) + h["a"][1]
""",
}


@pytest.mark.parametrize("name", ENTRIES)
def test_lists_that_are_entries_change(name):
    body = "".join(f"    {line}\n" for line in ENTRIES[name].splitlines())
    f = define(f"def f(x, n: int):\n{body}")
    derivative = adjoint.value_and_grad(f)
    for x, n in ((1.3, 4), (0.7, 1), (1.1, 0)):
        value, slope = derivative(x, n)
        assert value == f(x, n)
        expected = difference(f, (x, n), 0)
        assert slope == pytest.approx(expected, rel=1e-8, abs=1e-8)
    assert derivative.check()


def test_the_lists_have_the_names_of_their_keys():
    body = "".join(f"    {line}\n" for line in ENTRIES["a history"].splitlines())
    source = adjoint.grad(define(f"def f(x, n: int):\n{body}")).source
    assert "v.append(" in source and "x_2.append(" in source


def test_a_list_in_a_list_is_given_a_new_one():
    f = define(
        "def f(x):\n    a = [[x], [x]]\n    a[0].append(x)\n    return a[0][1]\n"
    )
    with pytest.raises(SourceError) as caught:
        adjoint.grad(f)
    assert "write `a[0] = a[0] + [...]`" in str(caught.value)
