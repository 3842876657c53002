"""Random functions whose lists have several names, are rows, entries, and change.

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
from typing import NamedTuple


class Held(NamedTuple):
    a: list
    b: float


def same(u):
    return u


def both(u, v):
    return u, v


def fill(u, y, n):
    for i in range(n):
        u.append(y + i)
    return y


def put(u, y):
    u[0] = y


def grow(u, y):
    u = u + [y]
    u[0] = y * 2
    return u


def pick(c, u, v):
    return u if c else v


def f(x, n: int):
"""
FIRST = """\
i = 0
r, s, q = [x, 2.0], [], [1.0]
d = {'a': [x], 'b': [2.0]}
t = ([x], 1.0)
M = [[x, 1.0], [2.0, x]]
"""
#: `@` stands for the name of a list.
LISTS = (
    "@; @; @; [x, 2.0]; []; @.copy(); same(@); [v * x for v in @]; @ + [x]; grow(@, x); "
    "@[:]; pick(n > 1, @, @); (@ if x > 1.2 else @)"
).split("; ")
#: `&` stands for one of these.
STATEMENTS = """\
@ = &
@ = &
@.append(x)
@.append(x * i)
@ += [x]
@[0] = x * 3
@[-1] += x
fill(@, x, 2)
put(@, x)
d = {'a': @, 'b': @}
d = {'a': &, 'b': &}
d['a'] = &
d['a'].append(x)
d['b'].append(x * i)
t = (@, @)
t = Held(&, x)
t = both(@, @)
M = [&, &]
M[0][0] = x * 5
M[i % 2][0] += x
M[1] = @
M.append(@)
M.append(&)
M += [@]
M.pop()
M[0], M[1] = M[1], M[0]
@ = M[-1]
@ = d['a']
@ = t[0]
@ = M[0]
@, @ = @, @""".splitlines()
ENDS = (
    "7 * sum(r) + 5 * sum(s) + 3 * sum(q)",
    "7 * sum(r) + sum(d['a']) * 3 + sum(d['b'])",
    "sum(t[0]) + 2 * sum(s) + 3 * sum(q)",
    "sum(M[0]) + 2 * sum(M[1]) + 3 * sum(r)",
    "sum(k * sum(row) for k, row in enumerate(M)) + 3 * sum(r) + sum(q)",
)


def drawn(seed: int) -> str:
    """The text of a module with a function."""
    choice = random.Random(seed).choice

    def filled(text: str) -> str:
        while "&" in text:
            text = text.replace("&", choice(LISTS), 1)
        while "@" in text:
            text = text.replace("@", choice("rsq"), 1)
        return text

    def statements(least: int) -> str:
        count = choice(range(least, 4))
        return "\n".join(filled(choice(STATEMENTS)) for _ in range(count))

    loop = "for i in range(n):\n" + textwrap.indent(statements(1), "    ")
    parts = [FIRST, statements(1), loop, statements(0), f"return {choice(ENDS)} + x"]
    return HEAD + textwrap.indent("\n".join(parts), "    ") + "\n"


@pytest.mark.parametrize("first", range(0, 400, 100))
def test_lists_under_several_names(first):
    accepted = 0
    for seed in range(first, first + 100):
        f = define(drawn(seed))
        try:
            values = [f(1.3, 3), f(0.7, 0)]
        except (IndexError, ValueError):
            continue  # an empty list has no item 0
        try:
            derivative = adjoint.value_and_grad(f)
        except SourceError as error:
            assert "^" in str(error)
            continue
        accepted += 1
        for value, (x, n) in zip(values, ((1.3, 3), (0.7, 0)), strict=True):
            found, slope = derivative(x, n)
            assert found == value, drawn(seed)
            expected = (f(x + 1e-4, n) - f(x - 1e-4, n)) / 2e-4
            assert slope == pytest.approx(expected, rel=1e-5, abs=1e-5), drawn(seed)
    assert accepted > 10
