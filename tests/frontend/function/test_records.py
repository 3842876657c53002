"""`NamedTuple` classes: tuples whose parts have names, and that have methods."""

import math
import textwrap
from collections import namedtuple
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pytest

import adjoint
from adjoint.check.evidence import check_module
from adjoint.errors import OptionError, SourceError
from tests.support_arrays import differences
from tests.support_functions import define


class Vec(NamedTuple):
    x: float
    y: float = 0.5

    def norm(self, more=0.0):
        return math.sqrt(self.x * self.x + self.y * self.y + more)

    @property
    def angle(self):
        return math.atan2(self.y, self.x)

    def __add__(self, other):
        return Vec(self.x + other.x, self.y + other.y)

    def __rmul__(self, factor):
        return Vec(factor * self.x, factor * self.y)


class Body(NamedTuple):
    """Where it is, how fast it moves."""

    pos: Vec
    vel: "Vec"
    mass: float = 2.0


class Layer(NamedTuple):
    W: np.ndarray
    b: np.ndarray
    scale: float


class Settings(NamedTuple):
    kind: str
    steps: int


Pair = namedtuple("Pair", "a b")
ORIGIN = Vec(0.1, 0.2)
SETTINGS = Settings("quadratic", 3)


def orbit(body: Body, dt: float, n: int):
    for _ in range(n):
        r = body.pos.norm()
        pull = -body.mass / r**3
        vel = body.vel + dt * pull * body.pos
        body = body._replace(pos=body.pos + dt * vel, vel=vel)
    return 0.5 * body.vel.norm() ** 2 - body.mass / body.pos.norm() + body.pos.angle


def orbit_by_hand(x, y, u, v, mass, dt, n):
    for _ in range(n):
        r = math.sqrt(x * x + y * y)
        pull = dt * (-mass / r**3)
        u, v = u + pull * x, v + pull * y
        x, y = x + dt * u, y + dt * v
    kinetic = 0.5 * math.sqrt(u * u + v * v) ** 2
    return kinetic - mass / math.sqrt(x * x + y * y) + math.atan2(y, x)


def test_a_simulation():
    body = Body(Vec(1.0, 0.1), Vec(0.1, 0.9), 1.5)
    numbers = np.array([1.0, 0.1, 0.1, 0.9, 1.5, 0.05])
    value, (by_body, by_dt) = adjoint.value_and_grad(orbit)(body, 0.05, 6)
    assert value == orbit(body, 0.05, 6)
    (x, y), (u, v), mass = by_body
    expected = differences(lambda z: orbit_by_hand(*z, 6), [numbers], 0)
    assert (x, y, u, v, mass, by_dt) == pytest.approx(expected, rel=1e-9)
    assert check_module(adjoint.value_and_grad(orbit).source, source_name="orbit")


def test_the_generated_code_has_the_names_of_the_parts():
    source = adjoint.value_and_grad(orbit).source
    assert "body_pos_x" in source and "body_vel_y" in source
    assert "dorbit/dbody_pos_x" in source


def collected(x: float, n: int):
    bodies = [Body(Vec(x), Vec(0.0, 1.0))]
    for i in range(n):
        last = bodies[-1]
        bodies.append(Body(last.pos + 0.1 * last.vel, 0.9 * last.vel, mass=x * i))
    bodies[-1] = bodies[0]._replace(mass=x)
    best = bodies[0]
    for body in bodies:
        if body.pos.norm() > best.pos.norm():
            best = body
    return sum(b.mass * b.pos.norm() for b in bodies) + best.pos.y * best.mass


def none_first(x: float, n: int):
    last = None
    total = 0.0
    for i in range(1, n + 1):
        now = Vec(x * i, x**i)
        if last is not None:
            total += math.hypot(now.x - last.x, now.y - last.y)
        last = now
    return total


def chosen(x: float, n: int):
    v = Vec(x, 1.0) if n > 2 else Vec(y=x, x=2.0)
    for k in range(SETTINGS.steps):
        if SETTINGS.kind == "quadratic":
            v = v._replace(x=v.x * x + k * ORIGIN.y)
    if x > 50.0:
        return v.norm(x)
    a, b = v
    return a * b + v[0] + len(v) + max(v) + v._asdict()["y"] * v.norm(more=x * x)


def of_lists(x: float, n: int):
    s = Pair([x, 2.0 * x], [1.0, x * x])
    for _ in range(n):
        s = Pair._make(
            [[a + 0.1 * b for a, b in zip(*s, strict=True)], [0.9 * b for b in s.b]]
        )
    s.a.copy()
    return sum(a * b for a, b in zip(s.a, s.b, strict=True))


def as_arguments(x: float, n: int):
    def sized(v, *, scale=ORIGIN):
        return scale.y * v.norm() + scale.x

    size = Vec(x, n).norm
    return sized(Vec(*[x * k for k in (1, 2)])) * size(0.5) + sized(
        Vec(x), scale=Vec(x, x)
    )


@pytest.mark.parametrize(
    "function", [collected, none_first, chosen, of_lists, as_arguments]
)
def test_against_python(function):
    derivative = adjoint.value_and_grad(function)
    for x, n in ((1.3, 4), (0.7, 1), (1.1, 0)):
        value, slope = derivative(x, n)
        assert value == function(x, n)
        expected = differences(lambda z, n: function(float(z), n), (x, n), 0)
        assert slope == pytest.approx(expected, rel=1e-8, abs=1e-8)


def moved(s: Vec, k: float) -> Vec:
    return Vec(s.x + k * s.y, s.y - k * s.x)


def test_what_is_returned():
    # (x + k y, y - k x)
    assert adjoint.jacobian(moved)(Vec(2.0, 3.0), 0.5) == (
        ((1.0, 0.5), 3.0),
        ((-0.5, 1.0), -2.0),
    )
    value, tangent = adjoint.jvp(moved)(Vec(2.0, 3.0), 0.5, Vec(1.0, 0.0), 0.0)
    assert value == moved(Vec(2.0, 3.0), 0.5) and tangent == (1.0, -0.5)
    assert adjoint.vjp(moved, "s")((2.0, 3.0), 0.5, Vec(1.0, 10.0))[1] == (-4.0, 10.5)


def energy(s: Vec, k: float):
    return 0.5 * s.y**2 + 0.5 * k * s.x**2


def test_every_derivative():
    at = Vec(0.3, 0.4), 2.0
    assert adjoint.hessian(energy)(*at) == (
        (((2.0, 0.0), 0.3), ((0.0, 1.0), 0.0)),
        ((0.3, 0.0), 0.0),
    )
    assert adjoint.hvp(energy)(*at, Vec(1.0, 1.0), 0.0) == ((2.0, 1.0), 0.3)
    assert adjoint.grad(energy, "s")(*at) == (0.6, 0.4)
    assert adjoint.grad(energy, static={"s": Vec(0.3, 0.4)})(2.0) == 0.5 * 0.3**2
    assert adjoint.grad(energy).check()


def dense(layer: Layer, x):
    return layer.scale * np.sum(np.tanh(layer.W @ x + layer.b) ** 2)


def test_arrays_in_it():
    W, b, x = np.array([[0.3, 0.2], [0.1, 0.5]]), np.array([0.1, -0.2]), np.ones(2)
    (by_W, by_b, by_scale), by_x = adjoint.grad(dense)(Layer(W, b, 1.3), x)
    h = np.tanh(W @ x + b)
    inner = 1.3 * 2.0 * h * (1.0 - h**2)
    assert by_W == pytest.approx(np.outer(inner, x), rel=1e-13)
    assert by_b == pytest.approx(inner, rel=1e-13)
    assert by_scale == pytest.approx(np.sum(h**2), rel=1e-13)
    assert by_x == pytest.approx(W.T @ inner, rel=1e-13)


def path(corners: list[Vec], k: float):
    total = 0.0
    for a, b in pairwise(corners):
        total += Vec(b.x - a.x, b.y - a.y).norm(k)
    return total + corners[-1].angle + len(corners[0])


def test_a_list_of_them():
    corners = [Vec(0.3, 1.2), Vec(-0.7, 0.4), Vec(1.5, 0.9)]
    value, (by_corners, by_k) = adjoint.value_and_grad(path)(corners, 0.1)
    assert value == path(corners, 0.1)

    def of_rows(rows, k):
        return path([Vec(float(x), float(y)) for x, y in rows], float(k))

    given = np.array(corners), 0.1
    assert by_corners == pytest.approx(differences(of_rows, given, 0), rel=1e-9)
    assert by_k == pytest.approx(differences(of_rows, given, 1), rel=1e-9)


def unannotated(p, k: float):
    return p.a * k + p.b**2


def test_the_first_call_says_which_class():
    derivative = adjoint.grad(unannotated)
    assert derivative(Pair(0.3, 0.4), 0.5) == ((0.5, 0.8), 0.3)
    signature = "p: Pair[float, float], k: float"
    assert adjoint.grad(unannotated, signature=signature)((0.3, 0.4), 0.5)[1] == 0.3
    with pytest.raises(OptionError, match="the type of 'p' in"):
        adjoint.grad(unannotated, signature="p: Unknown, k: float")


def changed(x: list[float]):
    own = list(x)
    s = Pair(own, own)
    own[0] = 5.0 * x[1]
    return s.a[0] * s.b[1]


def test_a_list_in_it_is_the_same_list():
    assert adjoint.value_and_grad(changed)([2.0, 3.0]) == (45.0, [0.0, 30.0])


FILE = """\
import typing
from collections import namedtuple
from typing import NamedTuple

Pair = namedtuple("Pair", ["a", "b"])


class Vec(NamedTuple):
    x: float
    y: float = 0.5

    @property
    def size(self):
        return self.x * self.y


class Other(typing.NamedTuple):
    inner: "Vec"
    pair: Pair

    @staticmethod
    def of(x):
        return x


def f(other: Other, x: float):
    pair = Pair(b=x, a=other.inner.size)
    return pair.a * pair.b + Vec(x).size * other.pair.a
"""


def test_files_are_read_and_not_run(tmp_path):
    path = tmp_path / "own.py"
    path.write_text(FILE, encoding="utf-8")
    derivative = adjoint.grad(f"{path}:f")
    # i.x i.y x + x / 2 p.a at ((3, 4), (5, 6)), 7
    by_other = ((28.0, 21.0), (3.5, 0.0))
    assert derivative(((3.0, 4.0), (5.0, 6.0)), 7.0) == (by_other, 14.5)


ALIASES = """\
from typing import List, NamedTuple, Tuple

import {module} as shapes

Vector = list[float]
Matrix = List[Vector]
Point = Tuple[float, float]


class Tree(NamedTuple):
    left: "Tree"


def f(a: Matrix, p: Point, v: shapes.Vec):
    return a[1][0] * p[1] * v.norm()


def g(tree: Tree):
    return tree.left
"""
SHAPES = """\
from typing import NamedTuple

Number = float


class Vec(NamedTuple):
    x: Number
    y: Number

    def norm(self):
        return (self.x**2 + self.y**2) ** 0.5
"""


@pytest.mark.parametrize("live", [True, False])
def test_names_of_types(live, tmp_path, monkeypatch):
    module = f"shapes_{live}"
    (tmp_path / f"{module}.py").write_text(SHAPES, encoding="utf-8")
    path = tmp_path / "own.py"
    path.write_text(ALIASES.format(module=module), encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    text = path.read_text(encoding="utf-8")
    derivative = adjoint.grad(define(text) if live else f"{path}:f")
    by_a, by_p, by_v = derivative([[1.0, 2.0], [3.0, 5.0]], (7.0, 11.0), (3.0, 4.0))
    assert by_a == [[0.0, 0.0], [55.0, 0.0]] and by_p == (0.0, 15.0)
    assert by_v == pytest.approx((33.0 * 0.6, 33.0 * 0.8), rel=1e-14)
    with pytest.raises(SourceError, match="the type of `tree` is not supported"):
        adjoint.grad(define(text, "g") if live else f"{path}:g")


CLASSES = """\
import enum
from typing import NamedTuple


class Vec(NamedTuple):
    x: float
    y: float


class Same(NamedTuple):
    x: float

    def __eq__(self, other):
        return True


class Inherits(Vec):
    pass


class Plain:
    x = 1.0


"""
REFUSALS = {
    "return Vec(x, 1.0).z": "`Vec` has no `z` here",
    "return Vec(x).x": "`Vec` is called without its parameter `y`",
    "return Vec(x, x, x).x": "`Vec` takes 2 arguments, not 3",
    "return Vec(x, y=x, z=x).x": "given its parameter `z`, which it does not have",
    "return Vec(x, x)._replace(z=x).x": "given its parameter `z`",
    "return Vec(x, x)._replace(x).x": "takes its arguments by name",
    "return Vec._make([x]).x": "`Vec` has 2 parts, and 1 are given",
    "return Same(x).x": "`Same` defines `__eq__`",
    "return Inherits(x, x).x": "`Inherits` is a class that is no `NamedTuple`",
    "return Plain().x": "`Plain` is a class that is no `NamedTuple`",
    "s = Vec(x, x)\ns.x = 1.0\nreturn s.x": "attributes cannot be assigned to",
    "return -Vec(x, x)": "a number is expected here, not a `Vec`",
    "s = (x, x)\nfor _ in range(n):\n    s = Vec(x, s[0])\nreturn s[0]": (
        "a tuple of 2 and a `Vec`"
    ),
    "s = [Vec(x, x)]\nfor _ in range(n):\n    s.append((x, x))\nreturn s[0].x": (
        "the items of the list are `Vec`, and this is a tuple of 2"
    ),
}


@pytest.mark.parametrize("live", [True, False])
@pytest.mark.parametrize("body", REFUSALS)
def test_refused(body, live, tmp_path):
    text = f"{CLASSES}def f(x, n: int):\n{textwrap.indent(body, '    ')}\n"
    path = tmp_path / "own.py"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SourceError) as caught:
        adjoint.grad(define(text) if live else f"{path}:f")
    assert REFUSALS[body] in str(caught.value)
    assert "^" in str(caught.value)


def test_a_part_is_changed_by_replacing_it():
    text = f"{CLASSES}def f(x):\n    s = Vec(x, x)\n    s.x += 1.0\n    return s.x\n"
    with pytest.raises(SourceError) as caught:
        adjoint.grad(define(text))
    assert "write `s = s._replace(x=...)`" in str(caught.value)
