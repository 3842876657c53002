"""What is supported of Python: each word of the README's table, tried out.

And the bugs that such tools have had, each with a number that is known from elsewhere.
"""

import math
import re
from pathlib import Path

import pytest

import adjoint
from adjoint.errors import SourceError
from tests.support_functions import define

#: The construct, the body of ``f(x, y, n: int)``, and None where it is supported; where
#: it is not, the message.
ROWS = [
    ("assignment, chained too", "a = b = x * y\na = a + b * x\nreturn a", None),
    (
        "tuples, packed and unpacked",
        "(a, b), c = (x, y), x * y\na, b = b, a\nreturn a * a + b * c",
        None,
    ),
    ("augmented assignment", "x += y\nx *= x\nreturn x - y", None),
    (
        "`if`, `elif`, `else`",
        "if x > 2:\n    z = x\nelif x > 0:\n    z = x * y\nelse:\n    z = y\nreturn z",
        None,
    ),
    ("conditional expressions", "return x * y if x < y else x / y", None),
    (
        "comparisons, chained too; `and`, `or`, `not`",
        "return x * y if 0 < x < 2 and not y < 0 or n == 7 else x",
        None,
    ),
    (
        "`for` over `range`, bounds and step known at run time",
        "for i in range(n, 0, -1):\n    x = x * y + i\nreturn x",
        None,
    ),
    (
        "`for` over tuples, `enumerate` and `zip`",
        "for i, (a, b) in enumerate(zip((x, y), (2.0, x))):\n    x += a * b * i\nreturn x",
        None,
    ),
    ("`while`", "while x < 50:\n    x = x * x + y\nreturn x", None),
    (
        "`break`, `continue`, `else` of a loop",
        "for i in range(n):\n    if i == 1:\n        continue\n    if i == 3:\n        break\n"
        "    x *= y\nelse:\n    x += 1\nreturn x",
        None,
    ),
    (
        "`return` anywhere",
        "for i in range(n):\n    x *= y\n    if x > 2:\n        return x + i\nreturn x * x",
        None,
    ),
    (
        "a function inside, called behind a branch that has returned",
        "def scaled(t):\n    return t * x\nif n == 4:\n    x *= 2\n"
        "elif n == 2:\n    if y > 0:\n        x *= y\n    return x\nreturn scaled(y)",
        None,
    ),
    (
        "`assert`, `raise`",
        "assert x > 0\nif y < 0:\n    raise ValueError('y')\nreturn x * y",
        None,
    ),
    (
        "whole numbers: `//`, `%`, `<<`, `>>`, `&`, `|`, `^`",
        "k = (n // 2) ^ (n % 3) | (n & 1) << 2 >> 1\nreturn x * k + y",
        None,
    ),
    ("`math`", "return math.sin(x) * math.exp(y) + math.atan2(x, y) * math.pi", None),
    (
        "`abs`, `min`, `max`, `sum`, `pow`, `divmod`",
        "q, r = divmod(x, 0.7)\nreturn pow(x, 3) + max(x, y) * abs(r) + sum((x, y, q))",
        None,
    ),
    (
        "`round`, `float`, `int`: derivative zero, or one",
        "return x * round(y) + float(x) * int(y)",
        None,
    ),
    ("functions of the module", "return helper(x, v=y) + helper(y)", None),
    (
        "nested functions, closures, lambdas",
        "def g(u):\n    return u * y\nh = lambda u: g(u) * x\nreturn h(x) + g(y)",
        None,
    ),
    (
        "recursion on numbers known when the function is read",
        "return legendre(x, 4) * y",
        None,
    ),
    ("numbers and tuples of the module", "return x * SCALE + PAIR[1] * y * x", None),
    ("`try`", "try:\n    x = y\nexcept ValueError:\n    x = 1.0\nreturn x", "caught"),
    ("`with`", "with open(x) as y:\n    pass\nreturn x", "`with`"),
    ("generators", "yield x", "generators"),
    ("lists of what is no number", "a = [x, 'a']\nreturn a[n]", "has to be known"),
    (
        "`None` and texts, decided when the function is read",
        "a, b = None, 'sum'\na = y if a is None else x\n"
        "return x + a if b == 'sum' and b in ('sum', 'product') else x * a",
        None,
    ),
    ("`in` a tuple", "return x * y if n in (1, 3) else x + y", None),
    (
        "None first",
        "a = None\nfor i in range(n + 1):\n    a = x if a is None else a * x\nreturn a",
        None,
    ),
    (
        "an array that is None first",
        "a = None\nfor i in range(n + 1):\n"
        "    a = [x, y] if a is None else [a[1], a[0] * x]\nreturn a[0]",
        None,
    ),
    (
        "None that a loop hands on",
        "def g(v):\n    return x if v is None else v * y\n"
        "a = None\nfor i in range(n):\n    a = g(a)\nreturn a",
        "changes in this loop",
    ),
    (
        "printing is left out",
        "for i in range(n):\n    print('step', i, f'{x}')\n    x = x * y + i\nreturn x",
        None,
    ),
    ("lists", "a = [x, y]\na[n % 2] += x * y\nreturn a[0] * a[1]", None),
    (
        "lists that grow",
        "a = [x]\nfor i in range(n):\n    a.append(a[-1] * y + i)\nreturn sum(a)",
        None,
    ),
    (
        "lists of tuples",
        "a = [(x, y)]\nfor i in range(n):\n    u, v = a[-1]\n"
        "    a.append((u - 0.1 * v, v + 0.1 * u))\nreturn sum(u * v for u, v in a)",
        None,
    ),
    (
        "lists of arrays",
        "a = []\nfor i in range(n + 1):\n    a.append(np.array([x, y * i]))\n"
        "return float(np.sum(np.array(a) ** 2))",
        None,
    ),
    (
        "a list of the caller's",
        "def g(u):\n    u.append(y)\na = [x]\ng(a)\nreturn a[0]",
        "caller",
    ),
    (
        "dictionaries",
        "a = {'by': y, 1: x}\nz = sum(a.values()) if 'by' in a and 2 not in a else x\n"
        "return z * a['by'] ** a.get('power', 2)",
        None,
    ),
    (
        "dictionaries that change",
        "a = {}\na['s'] = x\nfor i in range(n):\n    a['s'] *= y\nreturn a['s'] * x",
        None,
    ),
    (
        "lists that are entries",
        "a = {'s': [x], 't': []}\nfor i in range(n):\n    a['s'].append(a['s'][-1] * y)\n"
        "    a['t'].append(x * i)\nreturn sum(a['s']) * x + sum(a['t'])",
        None,
    ),
    (
        "dictionaries that grow in a loop",
        "a = {}\nfor i in range(n):\n    a['s'] = x * i\nreturn x",
        "changes its kind in this loop",
    ),
    ("sets", "a = {x}\nreturn x", "sets"),
    ("texts of numbers", "a = f'{x}'\nreturn x", "strings"),
    ("attributes", "x.a = y\nreturn x", "attributes"),
    ("writing to globals", "global SCALE\nreturn x", "globals"),
    ("reading and writing", "y = input(x)\nreturn x", "reads nor writes"),
    ("unknown functions", "return unknown(x)", "unknown function"),
    ("`:=`", "if (z := x * y) > 1:\n    x += z\nreturn x * z", None),
    (
        "`:=` that may be skipped",
        "if x > 0 and (z := x * y) > 1:\n    x += z\nreturn x",
        "`:=` stands where it may be skipped",
    ),
    (
        "`NamedTuple` classes",
        "a = State(x, v=y)\nfor i in range(n):\n"
        "    a = State(a.x + 0.1 * a.v, a.v - 0.1 * a.size())\n"
        "b = a._replace(x=y)\nreturn a.size() * b.x + b[1]",
        None,
    ),
    (
        "dataclasses",
        "a = Params(x, v=y)\nfor i in range(n):\n"
        "    a = replace(a, x=a.x + 0.1 * a.size())\nreturn a.size() * a.v",
        None,
    ),
    (
        "parts that change",
        "a = Point(x, v=y)\nfor i in range(n):\n"
        "    a.x += 0.1 * a.v\n    a.v = a.v - 0.1 * a.x\nreturn a.x * a.v",
        None,
    ),
    (
        "parts that change under two names",
        "a = Point(x, v=y)\nb = a\na.x = y\nreturn b.x",
        "something else may hold it: `b = a`",
    ),
    ("classes", "class A:\n    pass\nreturn x", "classes"),
    ("classes of the module", "return Other(x).x", "is no `NamedTuple`"),
    (
        "`match`",
        "match n, x * y:\n    case (0, _):\n        x += y\n"
        "    case (2 | 4, z) if z > 1:\n        x *= z\nreturn x * y",
        None,
    ),
    (
        "patterns of mappings",
        "match n:\n    case {'a': 1}:\n        x = y\nreturn x",
        "this pattern",
    ),
    ("recursion without an end", "return endless(x)", "decided at run time"),
    ("swaps", "x, y = y * 2.0, x\nx, y = y, x\nreturn x * x * y", None),
    (
        "nested loops",
        "for i in range(n):\n    for j in range(i):\n        x += y * j * x * 0.1\n"
        "return x",
        None,
    ),
    (
        "defaults and keyword-only parameters",
        "def g(u, v=2.0, *, w=x):\n    return u * v - w\n"
        "return g(x) * g(y, 3.0, w=y * y)",
        None,
    ),
    ("`isqrt` and `gcd` of whole numbers", "return x * math.isqrt(n + 9) * y", None),
    ("deleting", "del x\nreturn y", "`del`"),
    ("asynchronous code", "async def g():\n    pass\nreturn x", "asynchronous"),
    (
        "`enumerate` of a range",
        "for i, j in enumerate(range(n, 0, -1)):\n    x += y * i * j\nreturn x",
        None,
    ),
    (
        "`zip` of ranges",
        "for i, j in zip(range(n), range(1, 9, 2)):\n    x += y * i * j\nreturn x",
        None,
    ),
    (
        "`reversed`",
        "for i in reversed(range(n)):\n    x = x * y + i\nreturn x",
        None,
    ),
    (
        "`zip` of a range and a tuple",
        "for i, j in zip(range(n), (x, y)):\n    x += y * i * j\nreturn x",
        None,
    ),
    (
        "`zip` of a range and a tuple of tuples",
        "for i, j in zip(range(n), ((x, y),)):\n    x += y\nreturn x",
        "have to be known",
    ),
    (
        "comprehension over a range",
        "return sum([x * i + y for i in range(n + 1)]) * x",
        None,
    ),
    ("set of a range", "return sum({x * i for i in range(n)})", "sets"),
    ("other exceptions", "raise Custom('a')", "Python's own exceptions"),
    (
        "f-strings in messages",
        "if x > 9:\n    raise ValueError(f'too much: {x:.2f}') from None\nreturn x * y",
        None,
    ),
    ("other messages", "raise ValueError(str(x))", "a text or a number"),
    (
        "items as arguments",
        "def g(a, *u):\n    return a * u[0] + len(u) * u[-1]\nz = (y, x * y)\n"
        "return g(x, *z) + max(*z, x)",
        None,
    ),
    (
        "dictionaries gone through",
        "a = {1: x, 3: y}\nfor k in a:\n    x += a[k] * k\n"
        "for k, v in a.items():\n    x *= v\nreturn x",
        None,
    ),
    (
        "`map` and `pairwise`",
        "a = [x * i + y for i in range(n)]\nfor u, v in itertools.pairwise(a):\n"
        "    x += u * v\nreturn sum(map(lambda v: v * v, a)) * x",
        None,
    ),
    (
        "iterators",
        "for i, u in itertools.product(filter(None, range(3)), (x, y)):\n    x += u**i\n"
        "return functools.reduce(lambda u, v: u * v + 1, (x, y, x), 0.5)",
        None,
    ),
    (
        "`functools.partial` and `operator`",
        "g = functools.partial(helper, v=y)\nreturn g(x) * functools.reduce(operator.mul, (x, y))",
        None,
    ),
    (
        "`itertools` at run time",
        "a = [x * i + y for i in range(n)]\nfor u, v in itertools.combinations(a, 2):\n"
        "    x += u * v\nreturn x",
        "known when the function is read",
    ),
    (
        "gone through twice",
        "a = zip((x, y), (y, x))\nfor u, v in a:\n    x += u * v\n"
        "return x + sum(u * v for u, v in a)",
        "only once",
    ),
    (
        "`isinstance`",
        "if isinstance(x, (float, list)) and isinstance(n, int):\n    x *= y\nreturn x",
        None,
    ),
    ("any keywords", "def g(**u):\n    return x\nreturn g(a=y)", "by any name"),
    ("decorators", "@helper\ndef g(u):\n    return u\nreturn g(x)", "decorators"),
]

#: By the words of the README's table: the constructs above that show them.
SHOWN = {
    "assignment of every kind": ("assignment, chained too", "augmented assignment"),
    "tuples": ("tuples, packed and unpacked", "numbers and tuples of the module"),
    "unpacking": ("tuples, packed and unpacked",),
    "swaps": ("swaps",),
    "`if`": ("`if`, `elif`, `else`",),
    "`match`": ("`match`",),
    "patterns of mappings and classes": ("patterns of mappings",),
    "`:=`": ("`:=`",),
    "`:=` that may be skipped": ("`:=` that may be skipped",),
    "conditional expressions": ("conditional expressions",),
    "dicts": ("dictionaries gone through",),
    "`functools.partial`": ("`functools.partial` and `operator`",),
    "`map`": ("`map` and `pairwise`",),
    "`pairwise`": ("`map` and `pairwise`",),
    "`filter`": ("iterators",),
    "`functools.reduce` and `itertools` of what is known when it is read": (
        "iterators",
    ),
    "`itertools` of lists known at run time": ("`itertools` at run time",),
    "what is gone through twice": ("gone through twice",),
    "`isinstance`": ("`isinstance`",),
    "`and or not`": ("comparisons, chained too; `and`, `or`, `not`",),
    "early `return`": ("`return` anywhere",),
    "`for` over `range` known at run time": (
        "`for` over `range`, bounds and step known at run time",
    ),
    "over tuples": ("`for` over tuples, `enumerate` and `zip`",),
    "`enumerate`": (
        "`for` over tuples, `enumerate` and `zip`",
        "`enumerate` of a range",
    ),
    "`zip`": (
        "`for` over tuples, `enumerate` and `zip`",
        "`zip` of ranges",
        "`zip` of a range and a tuple",
    ),
    "`reversed`": ("`reversed`",),
    "`while`": ("`while`",),
    "`break`": ("`break`, `continue`, `else` of a loop",),
    "`continue`": ("`break`, `continue`, `else` of a loop",),
    "`else` of loops": ("`break`, `continue`, `else` of a loop",),
    "nested loops": ("nested loops",),
    "`assert`": ("`assert`, `raise`",),
    "`raise` of builtin exceptions with a text": (
        "`assert`, `raise`",
        "f-strings in messages",
    ),
    "calls of other Python functions": ("functions of the module",),
    "lambdas": ("nested functions, closures, lambdas",),
    "closures": ("nested functions, closures, lambdas",),
    "defaults": ("defaults and keyword-only parameters",),
    "keyword-only": ("defaults and keyword-only parameters",),
    "recursion decided by `static=` values or literals": (
        "recursion on numbers known when the function is read",
    ),
    "`math.*`": ("`math`", "`isqrt` and `gcd` of whole numbers"),
    "`abs min max sum pow round float int divmod`": (
        "`abs`, `min`, `max`, `sum`, `pow`, `divmod`",
        "`round`, `float`, `int`: derivative zero, or one",
    ),
    "`print` (which is left out)": ("printing is left out",),
    "bit operations on ints": ("whole numbers: `//`, `%`, `<<`, `>>`, `&`, `|`, `^`",),
    "lists that change and grow": ("lists", "lists that grow"),
    "lists of arrays and of tuples as well": ("lists of tuples", "lists of arrays"),
    "comprehensions": ("comprehension over a range",),
    "dicts whose keys are known": ("dictionaries", "dictionaries that change"),
    "lists in these that grow": ("lists that are entries",),
    "dicts that grow in a loop": ("dictionaries that grow in a loop",),
    "sets": ("sets",),
    "texts made at run time": ("texts of numbers",),
    "`None` and texts that say how to compute": (
        "`None` and texts, decided when the function is read",
    ),
    "`is None`": ("`None` and texts, decided when the function is read",),
    '`kind == "rbf"`': ("`None` and texts, decided when the function is read",),
    "`in`": ("`in` a tuple",),
    "a name that is None first and a number or an array in a loop": (
        "None first",
        "an array that is None first",
    ),
    "None that a loop hands on to a function": ("None that a loop hands on",),
    "`try`": ("`try`",),
    "`with`": ("`with`",),
    "generators": ("generators",),
    "`async`": ("asynchronous code",),
    "`NamedTuple` classes and dataclasses with their methods": (
        "`NamedTuple` classes",
        "dataclasses",
    ),
    "other classes": ("classes", "classes of the module"),
    "`zip` of a run-time range and a tuple of tuples": (
        "`zip` of a range and a tuple of tuples",
    ),
    "changing a list of the caller's": ("a list of the caller's",),
    "other exceptions": ("other exceptions",),
    "messages that are computed": ("other messages",),
    "`f(*items)`": ("items as arguments",),
    "`**kwargs`": ("any keywords",),
    "unknown calls": ("unknown functions",),
    "decorators but `functools.cache`": ("decorators",),
    "recursion decided at run time": ("recursion without an end",),
    "other I/O": ("reading and writing",),
    "`global`": ("writing to globals",),
    "`s.x += v` of a dataclass that nothing else can hold": ("parts that change",),
    "other attribute changes": ("attributes", "parts that change under two names"),
}
README = Path(__file__).parents[3] / "README.md"

MODULE = """\
import functools
import itertools
import math
import operator
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

SCALE = 0.75
PAIR = (0.5, -1.25)


class State(NamedTuple):
    x: float
    v: float

    def size(self):
        return self.x**2 + self.v


@dataclass(frozen=True)
class Params:
    x: float
    v: float

    def size(self):
        return self.x**2 + self.v


@dataclass
class Point:
    x: float
    v: float


class Other:
    x = 1.0


def helper(u, v=1.5):
    return u * v if u < v else u + v


def legendre(u, k):
    if k < 2:
        return u if k else 1.0
    return ((2 * k - 1) * u * legendre(u, k - 1) - (k - 1) * legendre(u, k - 2)) / k


def endless(u):
    if u > 1:
        return endless(u / 2)
    return u


def f(x, y, n: int):
"""


def words_of_the_readme() -> list[tuple[str, bool]]:
    """What stands in the README's table of Python functions, and on which side."""
    text = README.read_text(encoding="utf-8")
    table = re.search(r"^\| supported \| refused.*\n\|[-|]+\n((?:\|.*\n)+)", text, re.M)
    assert table is not None
    found = []
    for line in table[1].splitlines():
        cells = line.strip("|").split(" | ")
        assert len(cells) == 2, line
        for cell, supported in zip(cells, (True, False), strict=True):
            found += [(word.strip(), supported) for word in cell.split(",")]
    return found


@pytest.mark.parametrize(("word", "supported"), words_of_the_readme())
def test_the_readme(word, supported):
    messages = {construct: message for construct, _, message in ROWS}
    for construct in SHOWN[word]:
        assert (messages[construct] is None) == supported


def _function(body):
    return define(MODULE + "".join(f"    {line}\n" for line in body.split("\n")))


def _refusal(body):
    with pytest.raises(SourceError) as caught:
        adjoint.value_and_grad(_function(body))
    shown = str(caught.value).splitlines()
    assert "^" in shown[2]
    return shown[0], " ".join(shown[3:]).strip()


def difference(function, point, at, step=1e-3):
    """The derivative by one argument, by central differences of eighth order."""

    def moved(k):
        return function(*point[:at], point[at] + k * step, *point[at + 1 :])

    weights = ((1, 672), (2, -168), (3, 32), (4, -3))
    return sum(w * (moved(k) - moved(-k)) for k, w in weights) / (840 * step)


@pytest.mark.parametrize(("construct", "body", "message"), ROWS)
def test_row(construct, body, message):
    if message is not None:
        assert message in _refusal(body)[0]
        return
    function = _function(body)
    derivative = adjoint.value_and_grad(function)
    for point in ((1.3, 1.7, 4), (0.6, 1.1, 0), (2.4, 0.8, 2)):
        value, gradient = derivative(*point)
        assert value == function(*point)
        for at, number in enumerate(gradient):
            expected = difference(function, point, at)
            assert number == pytest.approx(expected, rel=1e-9, abs=1e-9)


# -- the bugs of others


def logsumexp(a, b, c):
    m = a
    for v in (a, b, c):
        if v > m:
            m = v
    total = 0.0
    for v in (a, b, c):
        total += math.exp(v - m)
    return m + math.log(total)


def test_a_running_maximum_in_logsumexp():
    # the gradient is the softmax, at a tie as well
    for point in ((1.0, 3.0, -2.0), (2.0, 2.0, 2.0), (800.0, 801.0, 799.0)):
        shares = [math.exp(v - max(point)) for v in point]
        expected = [share / sum(shares) for share in shares]
        assert adjoint.grad(logsumexp)(*point) == pytest.approx(expected, rel=1e-14)


def unpacked(x, y):
    shape = (3, 2)
    rows, cols = shape
    total = 0.0
    for i in range(rows):
        for j in range(cols):
            total += x**i * y**j
    return total


def test_unpacked_rows_and_columns():
    # (1 + x + x^2)(1 + y)
    assert adjoint.grad(unpacked)(2.0, 3.0) == pytest.approx((5 * 4, 7), rel=1e-15)


def accumulated(x, n: int):
    total = 0.0
    for i in range(n):
        if i % 2 == 1:
            total += x**i
    return total


def test_accumulation_under_a_condition_in_a_loop():
    # x + x^3 + x^5
    assert adjoint.grad(accumulated)(1.5, 6) == 1 + 3 * 1.5**2 + 5 * 1.5**4


def overwritten(x):
    y = x * x
    z = y * x
    y = math.sin(y)
    return y * z + y


def test_a_variable_used_before_and_after_being_overwritten():
    # x^3 sin x^2 + sin x^2
    x = 0.7
    s, c = math.sin(x * x), math.cos(x * x)
    expected = 3 * x * x * s + (x**3 + 1) * 2 * x * c
    assert adjoint.grad(overwritten)(x) == pytest.approx(expected, rel=1e-14)


def early(x, n: int):
    p = 1.0
    for i in range(n):
        p *= x
        if p > 20.0:
            return p * i
    return p


def test_an_early_return_in_a_loop():
    # at 3: 27 after the third step, 2 x^3; at 1.1: x^5
    assert adjoint.grad(early)(3.0, 9) == pytest.approx(6 * 3.0**2, rel=1e-15)
    assert adjoint.grad(early)(1.1, 5) == pytest.approx(5 * 1.1**4, rel=1e-14)
    assert adjoint.grad(early)(1.1, 0) == 0.0


def breaks(x, n: int):
    total = 0.0
    for i in range(n):
        if i == 1:
            continue
        if i == 4:
            break
        total = total * x + i
        x = x * x
    return total + x


def test_break_and_continue():
    # i = 0, 2, 3: total = 2 x^4 + 3, and x^8
    x = 1.2
    assert adjoint.value_and_grad(breaks)(x, 9) == (
        pytest.approx(2 * x**4 + 3 + x**8, rel=1e-14),
        pytest.approx(8 * x**3 + 8 * x**7, rel=1e-14),
    )


def reassigned(x, y):
    x = x * y
    y = x + y
    x = x * y
    return x


def test_a_parameter_assigned_again():
    # x y (x y + y)
    x, y = 1.5, 0.4
    expected = (2 * x * y * y + y * y, 2 * x * x * y + 2 * x * y)
    assert adjoint.grad(reassigned)(x, y) == pytest.approx(expected, rel=1e-14)


def closed(x, y):
    scale = x * 2

    def inner(u):
        return u * scale + y

    scale = scale * y
    return inner(x) * inner(y)


def test_a_nested_function_with_a_closure():
    # Python reads scale = 2 x y when it calls: (2 x^2 y + y)(2 x y^2 + y)
    x, y = 0.8, 1.7
    u, v = 2 * x * x * y + y, 2 * x * y * y + y
    expected = (
        4 * x * y * v + 2 * y * y * u,
        (2 * x * x + 1) * v + (4 * x * y + 1) * u,
    )
    assert adjoint.grad(closed)(x, y) == pytest.approx(expected, rel=1e-14)


def power(x, k):
    if k == 0:
        return 1.0
    half = power(x, k // 2)
    return half * half * x if k % 2 else half * half


def test_recursion_on_a_static_argument():
    derivative = adjoint.grad(power, static={"k": 13})
    assert derivative(1.1) == pytest.approx(13 * 1.1**12, rel=1e-14)


def root(a):
    guess = a
    while abs(guess * guess - a) > 1e-14 * a:
        guess = 0.5 * (guess + a / guess)
    return guess


def test_a_while_loop_whose_condition_depends_on_the_differentiated_value():
    for a in (0.01, 2.0, 1e6):
        expected = 0.5 / math.sqrt(a)
        assert adjoint.grad(root)(a) == pytest.approx(expected, rel=1e-12)
