"""Lists, arrays and dictionaries of the module, and defaults: a change would stay."""

import textwrap

import pytest

import adjoint
from adjoint.errors import SourceError
from tests.support_functions import define

MODULE = """\
import numpy as np
from typing import NamedTuple

ITEMS, LOG = [1.0, 2.0], []
GRID = [[1.0, 2.0], [3.0, 4.0]]
PAIRS = [(1.0, 2.0), (3.0, 4.0)]
ENTRIES = {"x": 1.0, "items": [1.0]}
BOTH = ([1.0], 2.0)
ARRAY = np.array([1.0, 2.0])


class State(NamedTuple):
    x: float
    items: list = [1.0]


def fill(u, x):
    for i in range(2):
        u[i] = x * i
    return u[0]


def collected(x, found=[]):
    found.append(x)
    return sum(found)


def scaled(x, by=ARRAY):
    by[0] *= x
    return np.sum(by)


def f(x: float):
"""

CHANGED = [
    "h = ITEMS\nh.append(x)\nreturn sum(ITEMS)",
    "h = ITEMS\nh += [x]\nreturn sum(ITEMS)",
    "h = ITEMS\nfor i in range(5):\n    h.append(x * i)\nreturn sum(ITEMS) + sum(h)",
    "h = ITEMS if x > 0 else [x]\nh[0] = x\nreturn sum(ITEMS)",
    "h = LOG\nh.append(x)\nreturn sum(LOG)",
    "a, b = BOTH\na.append(x)\nreturn sum(BOTH[0])",
    "h = GRID[1]\nh[0] = x\nreturn GRID[1][0]",
    "h = list(GRID)\nh[0][0] = x\nreturn GRID[0][0]",
    "h = [ITEMS, ITEMS]\nh[0][0] = x\nreturn h[1][0] + ITEMS[0]",
    "for row in GRID:\n    row[0] = x\nreturn GRID[0][0]",
    "h = PAIRS\nh.append((x, x))\nreturn sum(a for a, b in PAIRS)",
    "h = PAIRS\nfor k in range(20):\n    h[k % 2] = (x, x)\nreturn PAIRS[0][0]",
    "h = ENTRIES\nh['x'] = x\nreturn ENTRIES['x'] * 2",
    "h = ENTRIES\nfor k in range(20):\n    h['x'] *= x\nreturn ENTRIES['x']",
    "h = ENTRIES['items']\nh.append(x)\nreturn sum(ENTRIES['items'])",
    "h = ARRAY\nh[0] = x\nreturn np.sum(ARRAY)",
    "h = ARRAY[1:]\nh += x\nreturn np.sum(ARRAY)",
    "return fill(ITEMS, x) + ITEMS[1]",
    "return fill(ARRAY, x) + ARRAY[1]",
    "return collected(x) + collected(x)",
    "return scaled(x) + scaled(x)",
    "h = State(x).items\nh.append(x)\nreturn sum(State(x).items)",
    "def inner(found=[1.0]):\n    found.append(x)\n    return sum(found)\n"
    "return inner() + inner()",
]
COPIED = [
    "own = [[x, 1.0], [2.0, x]]\nh = [row.copy() for row in own]\n"
    "h[0][0] = x * x\nreturn h[0][0] * own[0][0]",
    "h = ITEMS.copy()\nfor i in range(5):\n    h.append(x * i)\nreturn sum(ITEMS) + sum(h)",
    "h = list(ARRAY)\nh[0] = x\nreturn h[0] + ARRAY[0]",
    "h = ARRAY.copy()\nh += x\nreturn np.sum(h) + ARRAY[0]",
    "h = list(PAIRS)\nh.append((x, x))\nreturn h[-1][0] + len(PAIRS)",
    "h = ENTRIES.copy()\nh['x'] = x\nreturn h['x'] + ENTRIES['x']",
    "h = list(GRID)\nh.append([x, x])\nreturn h[2][0] * h[0][1] + len(GRID)",
    "h = [row.copy() for row in GRID]\nh[0][0] = x\nreturn h[0][0] + GRID[0][0]",
    "h = ITEMS\nfor k in range(9):\n    if x * k > h[1]:\n        h = [x, x * k]\n"
    "h = [2.0 * v for v in h]\nh[0] += x\nreturn h[0] + h[1]",
    "h = ARRAY\nfor k in range(9):\n    h = h * x\n    h[0] += 1.0\nreturn np.sum(h)",
]


def _ways(body, tmp_path):
    """The function as an object, and in a file."""
    text = MODULE + textwrap.indent(body, "    ") + "\n"
    path = tmp_path / "own.py"
    path.write_text(text, encoding="utf-8")
    return define(text), f"{path}:f"


@pytest.mark.parametrize("body", CHANGED)
def test_a_change_is_refused(body, tmp_path):
    for source in _ways(body, tmp_path):
        with pytest.raises(SourceError) as caught:
            adjoint.grad(source)
        message = str(caught.value)
        own = "is of the module, or a default, and is changed here"
        assert own in message or "this may be the list" in message
        assert ".copy()" in message


@pytest.mark.parametrize("body", COPIED)
def test_a_copy_may_change(body, tmp_path):
    for source in _ways(body, tmp_path):
        function = define(MODULE + textwrap.indent(body, "    ") + "\n")
        value, slope = adjoint.value_and_grad(source)(1.5)
        assert value == function(1.5)
        expected = (function(1.5 + 1e-4) - function(1.5 - 1e-4)) / 2e-4
        assert slope == pytest.approx(expected, rel=1e-6)


#: What a module does when it is run, and the constant of which it changes something.
CHANGES = {
    "L[0] = 5.0": "L",
    "L.append(3.0)": "L",
    "M = L\nM[0] = 5.0": "L",
    "for row in D: row.append(1.0)": "D",
    "P.x = 2.0": "P",
    "P.x += 2.0": "P",
}


@pytest.mark.parametrize("change", CHANGES)
def test_constants_of_a_file_that_change_when_it_is_run(change, tmp_path):
    name = CHANGES[change]
    path = tmp_path / "own.py"
    text = f"""\
from dataclasses import dataclass

@dataclass
class Point:
    x: float

L, D, A = [1.0, 2.0], [[1.0]], 3.0
P = Point(1.0)
{change}
T = [A, 1.0]
T[0] = 2.0

def f(x):
    return x * {dict(L="L[0]", D="len(D[0])", P="P.x")[name]}

def g(x):
    return x * A
"""
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SourceError, match=f"`{name}` is changed when") as caught:
        adjoint.grad(f"{path}:f")
    assert "^" in str(caught.value)
    assert adjoint.grad(f"{path}:g")(1.0) == 3.0
