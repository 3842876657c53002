"""Random functions that change instances of dataclasses, which others may hold.

What is accepted has the value that Python gives, and the slope of differences; what is
refused is so with the place. The same functions are drawn each time.
"""

import random
import textwrap

import pytest

import adjoint
from adjoint.errors import SourceError
from tests.support_functions import define

HEAD = """\
from dataclasses import dataclass, replace

import numpy as np


@dataclass
class S:
    x: float
    v: float = 0.5

    def size(self, more=1.0):
        return self.x * self.v + more

    def both(self):
        return self.size() + self.twice

    @property
    def twice(self):
        return 2.0 * self.x

    def me(self):
        return self

    def pair(self):
        return [self]


@dataclass
class P:
    inner: S
    k: float


@dataclass
class A:
    x: np.ndarray
    v: float


LOG = []


def same(u):
    return u


def deep(u):
    return same(u)


def read(u, k=1.0):
    return u.size(k) + u.v


def read_more(u):
    total = read(u)
    for k in (1.0, 2.0):
        total += u.x * k
    return total


def copied(u, k):
    u = replace(u, v=k)
    return u


def hold(items, u):
    items.append(u)
    return u.x


def bound(u):
    return u.size


def f(x, n: int):
"""
FIRST = """\
i, y, p = 0, x, S(x)
r = S(x, 1.5)
s = S(v=x, x=2.0)
q = replace(p, x=x * x)
h = P(S(x, x), 1.0)
l = [S(1.0, x)]
z = np.array([x, 1.0])
a = A(np.array([1.0, x]), x)
"""
#: Each is drawn as often as it says; `@` stands for a name.
STATEMENTS = """\
12 @.x += 0.1 * @.v
12 @.v = @.v * 0.9 - 0.1 * @.x
6 @.x = x * i + y
4 @.x -= read(@)
4 y = y + @.size(0.3) + @.twice
3 y = read_more(@) + @.both()
3 y += sum(@.x * k for k in (1.0, x))
3 y += sum([@.v * k for k in (1.0, x)])
2 @ = S(@.v, y)
2 @ = replace(@, v=y)
2 l.append(replace(@, x=y))
1 h = P(replace(@), y)
1 h.k += @.x
1 h.k = y * h.inner.x
1 a.v += @.x
1 a.x = a.x + a.v
1 a.x = z
1 a.x = z * 2.0
1 z[0] = y * 0.1
1 a = A(z, y)
1 z = a.x
1 y += l[-1].x + a.x[0] + z[1]
1 @ = @
1 @ = same(@)
1 @ = deep(@)
1 @ = copied(@, y)
1 @ = @.me()
1 l.append(@)
1 l = [@, @]
1 l = @.pair()
1 y += hold(l, @)
1 h = P(@, y)
1 h.inner = @
1 h.inner.x = y
1 @ = h.inner
1 @ = l[-1]
1 l[0].x = y
1 @, @ = @, @
1 m = bound(@)
1 m = @.size
1 g = lambda: @.x
1 @ = @ if n > 2 else @""".splitlines()
ENDS = (
    "return y + 2 * r.x + 3 * s.x + 5 * q.v",
    "return y + l[-1].x + 2 * l[0].v + 3 * h.inner.x + h.k + r.v",
    "return a.x[0] + 2 * a.x[1] + 3 * z[0] + 5 * a.v + q.x",
    "return read(r) + deep(s).x + q.me().v + y",
    "m = r.size\nr.x = y\nreturn m(x)",
    "t = s\ns.x += y\nreturn t.x + s.v",
)


def drawn(seed: int) -> str:
    """The text of a module with a function."""
    source = random.Random(seed)
    weights = [int(one.split()[0]) for one in STATEMENTS]
    texts = [one.split(maxsplit=1)[1] for one in STATEMENTS]
    names = source.choice(("r", "rs", "rsq"))

    def statement(deep: int = 0) -> str:
        kind = source.random()
        if deep < 2 and kind < 0.25:
            head = source.choice(
                ("for i in range(n):", "if y > 1.0:", "for i in range(2):")
            )
            inside = [statement(deep + 1) for _ in range(source.choice((1, 2, 3)))]
            return f"{head}\n{textwrap.indent(chr(10).join(inside), '    ')}"
        if deep and kind < 0.3:
            return "if y > 9.0:\n    return y + r.x"
        (text,) = source.choices(texts, weights)
        if source.random() < 0.5:  # one name only, and else any
            return text.replace("@", source.choice(names))
        while "@" in text:
            text = text.replace("@", source.choice(names), 1)
        return text

    body = [statement() for _ in range(source.choice((2, 3, 4, 6)))]
    whole = "\n".join([FIRST.rstrip(), *body, source.choice(ENDS)])
    return f"{HEAD}{textwrap.indent(whole, '    ')}\n"


#: Where it is run: the first of these is on the other side of the branches.
POINTS = ((0.7, 3), (1.3, 2), (0.9, 0))


def tried(seed: int) -> str:
    """What becomes of one such function: "accepted", "refused" or "raises"."""
    text = drawn(seed)
    f = define(text)
    try:
        derivative = adjoint.value_and_grad(f)
    except SourceError as error:
        assert "^" in str(error), text
        return "refused"
    for x, n in POINTS:
        step = 2.0**-16
        value, above, below = (f(at, n) for at in (x, x + step, x - step))
        found, slope = derivative(x, n)
        assert found == pytest.approx(value, rel=1e-13, abs=1e-13), text
        jump = abs(above - 2 * value + below) > 1e-5 * (1.0 + abs(value))
        if not jump:  # the point is not where a branch changes
            expected = (above - below) / (2 * step)
            assert slope == pytest.approx(expected, rel=1e-5, abs=1e-5), text
    return "accepted"


@pytest.mark.parametrize("first", range(0, 300, 100))
def test_instances_that_change(first):
    outcomes = [tried(seed) for seed in range(first, first + 100)]
    assert outcomes.count("accepted") > 10
    assert outcomes.count("refused") > 10
