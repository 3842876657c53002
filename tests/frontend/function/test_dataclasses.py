"""Dataclasses: what has parts with names, and methods, and is no tuple."""

import dataclasses
import dataclasses as dc
import math
import operator
import textwrap
from dataclasses import KW_ONLY, dataclass, field, replace
from functools import reduce
from itertools import pairwise

import numpy as np
import pytest

import adjoint
from adjoint.check.evidence import check_module
from adjoint.errors import SourceError
from tests.support_arrays import differences
from tests.support_functions import define


@dataclass
class Vec:
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


@dc.dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """Where it is, how fast it moves."""

    pos: Vec
    vel: "Vec"
    mass: float = field(default=2.0, repr=False)


@dataclass(frozen=True)
class Market:
    spot: float
    rate: float
    sigma: float
    _: KW_ONLY
    dividend: float = 0.0

    @property
    def drift(self) -> float:
        return self.rate - self.dividend

    def discount(self, t: float) -> float:
        return math.exp(-self.rate * t)


@dataclass
class Noise:
    process: float
    measured: float


@dataclass
class Estimate:
    mean: float
    variance: float


@dataclass
class Rates:
    infect: float
    recover: float


@dataclass(frozen=True)
class Town:
    s: float
    i: float
    r: float

    def flow(self, rates: Rates) -> "Town":
        new = rates.infect * self.s * self.i
        out = rates.recover * self.i
        return Town(-new, new - out, out)

    def moved(self, by: "Town", h: float) -> "Town":
        return Town(self.s + h * by.s, self.i + h * by.i, self.r + h * by.r)


@dataclass
class Layer:
    W: np.ndarray
    b: np.ndarray
    scale: float


@dataclass(eq=False)
class Line:
    slope: float
    start: float


@dataclass(order=True)
class Settings:
    kind: str
    steps: int
    factor: float = 0.5


ORIGIN = Vec(0.1, 0.2)
SETTINGS = Settings("quadratic", 3)


# -- programs


def orbit(body: Body, dt: float):
    for _ in range(6):
        pull = -body.mass / body.pos.norm() ** 3
        vel = body.vel + dt * pull * body.pos
        body = replace(body, pos=body.pos + dt * vel, vel=vel)
    return 0.5 * body.vel.norm() ** 2 - body.mass / body.pos.norm() + body.pos.angle


def call_price(market: Market, strike: float, t: float):
    width = market.sigma * math.sqrt(t)
    d1 = (
        math.log(market.spot / strike) + (market.drift + market.sigma**2 / 2) * t
    ) / (width)

    def cdf(x):
        return 0.5 * (1.0 + math.erf(x / math.sqrt(2.0)))

    held = market.spot * math.exp(-market.dividend * t) * cdf(d1)
    return held - strike * market.discount(t) * cdf(d1 - width)


def filtered(noise: Noise, first: Estimate, gain: float):
    now, total = first, 0.0
    for k in range(8):
        seen = math.sin(0.4 * k)
        ahead = Estimate(gain * now.mean, now.variance * gain**2 + noise.process)
        trust = ahead.variance / (ahead.variance + noise.measured)
        now = dataclasses.replace(
            ahead,
            mean=ahead.mean + trust * (seen - ahead.mean),
            variance=(1.0 - trust) * ahead.variance,
        )
        total += (seen - now.mean) ** 2 / now.variance + math.log(now.variance)
    return total


def epidemic(rates: Rates, town: Town, h: float):
    highest = town
    for _ in range(10):
        half = town.moved(town.flow(rates), h / 2)
        town = town.moved(half.flow(rates), h)
        if town.i > highest.i:
            highest = town
    return highest.i + 0.1 * town.r


def of_lists(first: Vec, x: float):
    bodies = [Body(pos=first, vel=Vec(0.0, 1.0))]
    for i in range(4):
        last = bodies[-1]
        vel = 0.9 * last.vel
        bodies.append(Body(mass=x * i, pos=last.pos + 0.1 * last.vel, vel=vel))
    bodies[-1] = replace(bodies[0], mass=x)
    best = bodies[0]
    for body in bodies:
        if body.pos.norm() > best.pos.norm():
            best = body
    return sum(b.mass * b.pos.norm() for b in bodies) + best.pos.y * best.mass


def none_first(v: Vec, n: float):
    last = None
    total = 0.0
    for i in range(1, 6):
        now = Vec(v.x * i, v.y**i + n)
        if last is not None:
            total += math.hypot(now.x - last.x, now.y - last.y)
        last = now
    return total


def chosen(v: Vec, x: float):
    u = Vec(x, 1.0) if x > 1.2 else Vec(y=x, x=2.0)
    for k in range(SETTINGS.steps):
        if SETTINGS.kind == "quadratic":
            u = replace(u, x=u.x * x * SETTINGS.factor + k * ORIGIN.y)
    if v.x > 50.0:
        return v.norm(x)
    return u.x * v.y + u.norm(more=x * x)


def as_arguments(v: Vec, k: float):
    def sized(u, *, scale=ORIGIN):
        return scale.y * u.norm() + scale.x

    size = Vec(k, v.x).norm
    points = [Vec(v.x * j, k) for j in (1, 2, 3)]
    whole = reduce(operator.add, points, v)
    lengths = sum(map(Vec.norm, points)) + sum(p.norm(k) for p in points)
    return sized(whole) * size(0.5) + sized(Vec(k), scale=v) + lengths


def fitted(line: Line, power: float):
    total = 0.0
    for x, y in ((0.0, 0.1), (0.5, 0.9), (1.0, 1.3)):
        total += (line.start + line.slope * x**power - y) ** 2
    return total


def annealed(v: Vec, heat: float):
    best, now = v, v
    while heat > 0.2:
        now = Vec(now.x - 0.3 * heat * now.x, now.y + 0.1 * heat)
        if now.norm() < best.norm():
            best = now
        heat *= 0.7
    return best.norm() + now.angle


PROGRAMS = [
    (orbit, (Body(pos=Vec(1.0, 0.1), vel=Vec(0.1, 0.9), mass=1.5), 0.05)),
    (call_price, (Market(100.0, 0.03, 0.2, dividend=0.01), 95.0, 0.7)),
    (filtered, (Noise(0.1, 0.3), Estimate(0.2, 1.1), 0.9)),
    (epidemic, (Rates(0.9, 0.3), Town(0.8, 0.2, 0.05), 0.4)),
    (of_lists, (Vec(1.1, 0.4), 1.3)),
    (none_first, (Vec(1.1, 0.4), 1.3)),
    (chosen, (Vec(1.1, 0.4), 1.3)),
    (chosen, (Vec(1.1, 0.4), 0.7)),
    (as_arguments, (Vec(1.1, 0.4), 1.3)),
    (fitted, (Line(0.7, 0.2), 1.3)),
    (annealed, (Vec(1.1, 0.4), 1.2)),
]


def numbers_in(value):
    """The numbers in tuples and instances, from left to right."""
    if dataclasses.is_dataclass(value):
        value = [getattr(value, one.name) for one in dataclasses.fields(value)]
    if isinstance(value, list | tuple):
        return [number for part in value for number in numbers_in(part)]
    return [value]


def filled(value, numbers):
    """Such a value with other numbers; they are taken from an iterator."""
    if dataclasses.is_dataclass(value):
        names = [one.name for one in dataclasses.fields(value)]
        parts = {name: filled(getattr(value, name), numbers) for name in names}
        return type(value)(**parts)
    if isinstance(value, tuple):
        return tuple(filled(part, numbers) for part in value)
    return float(next(numbers))


def assert_right(function, given, derivative=None):
    """The value is Python's, the gradient that of differences."""
    value, gradient = (derivative or adjoint.value_and_grad(function))(*given)
    assert value == function(*given)
    numbers = np.array(numbers_in(given))

    def moved(numbers):
        return function(*filled(given, iter(numbers)))

    expected = differences(moved, [numbers], 0)
    assert numbers_in(gradient) == pytest.approx(expected, rel=1e-8, abs=1e-8)


@pytest.mark.parametrize(("function", "given"), PROGRAMS)
def test_programs(function, given):
    assert_right(function, given)


def test_the_generated_module_stands_alone():
    derivative = adjoint.value_and_grad(orbit)
    assert "dorbit/dbody_pos_x" in derivative.source
    imports = [one for one in derivative.source.splitlines() if "import" in one]
    assert imports == ["from math import atan2, hypot, sqrt"]
    assert check_module(derivative.source, source_name="orbit")
    body, dt = PROGRAMS[0][1]
    with pytest.raises(TypeError, match="cannot unpack non-iterable Body object"):
        derivative.function(body, dt)
    assert derivative.function(dataclasses.astuple(body), dt) == derivative(body, dt)


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


def moved(s: Vec, k: float) -> Vec:
    return Vec(s.x + k * s.y, s.y - k * s.x)


def energy(s: Vec, k: float):
    return 0.5 * s.y**2 + 0.5 * k * s.x**2


def test_every_derivative():
    # (x + k y, y - k x): results are tuples of parts
    assert adjoint.jacobian(moved)(Vec(2.0, 3.0), 0.5) == (
        ((1.0, 0.5), 3.0),
        ((-0.5, 1.0), -2.0),
    )
    value, tangent = adjoint.jvp(moved)(Vec(2.0, 3.0), 0.5, Vec(1.0, 0.0), 0.0)
    assert value == (3.5, 2.0) and tangent == (1.0, -0.5)
    assert adjoint.vjp(moved, "s")((2.0, 3.0), 0.5, Vec(1.0, 10.0))[1] == (-4.0, 10.5)
    at = Vec(0.3, 0.4), 2.0
    assert adjoint.hessian(energy)(*at) == (
        (((2.0, 0.0), 0.3), ((0.0, 1.0), 0.0)),
        ((0.3, 0.0), 0.0),
    )
    assert adjoint.hvp(energy)(*at, Vec(1.0, 1.0), 0.0) == ((2.0, 1.0), 0.3)
    assert adjoint.grad(energy, "s")(k=2.0, s=at[0]) == (0.6, 0.4)
    assert adjoint.grad(energy).check()


def path(corners: list[Vec], k: float):
    total = 0.0
    for a, b in pairwise(corners):
        total += Vec(b.x - a.x, b.y - a.y).norm(k)
    return total + corners[-1].angle + len(corners[0:1])


def test_a_list_of_them():
    corners = [Vec(0.3, 1.2), Vec(-0.7, 0.4), Vec(1.5, 0.9)]
    value, (by_corners, by_k) = adjoint.value_and_grad(path)(corners, 0.1)
    assert value == path(corners, 0.1)

    def of_rows(rows, k):
        return path([Vec(float(x), float(y)) for x, y in rows], float(k))

    given = np.array([(v.x, v.y) for v in corners]), 0.1
    assert by_corners == pytest.approx(differences(of_rows, given, 0), rel=1e-9)
    assert by_k == pytest.approx(differences(of_rows, given, 1), rel=1e-9)


def unannotated(p, k: float):
    return p.slope * k + p.start**2


def test_the_first_call_says_which_class():
    derivative = adjoint.grad(unannotated)
    assert derivative(Line(0.3, 0.4), 0.5) == ((0.5, 0.8), 0.3)


def powered(x, s: Settings = SETTINGS):
    for _ in range(s.steps):
        x = x * x if s.kind == "quadratic" else s.factor * x
    return x


def test_settings():
    linear = Settings("linear", 2, 0.25)
    assert adjoint.grad(powered)(1.1) == pytest.approx(8 * 1.1**7, rel=1e-13)
    assert adjoint.grad(powered, static={"s": linear})(1.1) == 0.0625
    per_call = adjoint.grad(powered, static="s")
    assert per_call(1.1, linear) == 0.0625
    assert adjoint.grad(energy, static={"s": Vec(0.3, 0.4)})(2.0) == 0.5 * 0.3**2


FILE = """\
from __future__ import annotations

import dataclasses
from dataclasses import dataclass as data, field, replace as with_other

import {module} as shapes
from {module} import Vec


@data(frozen=True)
class Pair:
    a: float
    _: dataclasses.KW_ONLY
    b: float = field(default=0.25)

    @property
    def size(self):
        return self.a * self.b


@dataclasses.dataclass(kw_only=True)
class Other:
    inner: Vec
    pair: Pair = Pair(5.0)


ONE = Pair(a=2.0)


def f(other: Other, v: shapes.Vec, x: float):
    pair = with_other(Pair(x), b=other.inner.x)
    more = Other(inner=v)
    return pair.size + more.pair.b * v.area() * other.pair.a + ONE.size
"""
SHAPES = """\
from dataclasses import dataclass


@dataclass()
class Vec:
    x: float
    y: float = 0.5

    def area(self):
        return self.x * self.y
"""


@pytest.mark.parametrize("live", [True, False])
def test_files_are_read_and_not_run(live, tmp_path, monkeypatch):
    module = f"data_shapes_{live}"
    (tmp_path / f"{module}.py").write_text(SHAPES, encoding="utf-8")
    path = tmp_path / "own.py"
    text = FILE.format(module=module)
    if not live:
        text += "\nraise ValueError\n"
    path.write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    derivative = adjoint.value_and_grad(define(text) if live else f"{path}:f")
    # x i.x + 0.25 v.x v.y p.a + 0.5
    value, gradient = derivative(((3.0, 4.0), (5.0, 6.0)), (2.0, 7.0), 11.0)
    assert value == 33.0 + 0.25 * 14.0 * 5.0 + 0.5
    assert gradient == (((11.0, 0.0), (3.5, 0.0)), (8.75, 2.5), 3.0)


CLASSES = """\
from dataclasses import KW_ONLY, InitVar, asdict, dataclass, field, replace
from typing import ClassVar, NamedTuple

import numpy as np


@dataclass
class Vec:
    x: float
    y: float


@dataclass(kw_only=True)
class Named:
    x: float


@dataclass
class Later2:
    x: float
    _: KW_ONLY
    y: float = 0.0


@dataclass
class Deep(Vec):
    z: float


@dataclass
class Later:
    x: float
    y: float = 0.0

    def __post_init__(self):
        self.y = 2 * self.x


@dataclass
class Made:
    x: float
    items: list = field(default_factory=list)


@dataclass
class Shared:
    x: float
    count: ClassVar[int] = 0


@dataclass
class Taken:
    x: float
    y: InitVar[float]


@dataclass(init=False)
class Bare:
    x: float


@dataclass
class Same:
    x: float

    def __eq__(self, other):
        return True


class Tuple(NamedTuple):
    x: float


"""
REFUSALS = {
    "return Vec(x, 1.0).z": ("`Vec` has no `z` here", "Vec(x, 1.0).z"),
    "return Vec(x).x": ("`Vec` is called without its parameter `y`", "Vec(x)"),
    "return Vec(x, x, x).x": ("`Vec` takes 2 arguments, not 3", "Vec(x, x, x)"),
    "return Later2(x, x).x": (
        "`Later2` takes 1 argument, not 2",
        "Later2(x, x)",
    ),
    "return Named(x).x": ("`Named` takes 0 arguments, not 1", "Named(x)"),
    "return Vec(x, y=x, z=x).x": (
        "`Vec` is given its parameter `z`, which it does not have",
        "Vec(x, y=x, z=x)",
    ),
    "return replace(Vec(x, x), z=x).x": (
        "`Vec` is given its parameter `z`, which it does not have",
        "replace(Vec(x, x), z=x)",
    ),
    "return replace(Vec(x, x), x).x": (
        "`replace` takes 1 argument, not 2",
        "replace(Vec(x, x), x)",
    ),
    "return replace(Tuple(x), x=x).x": (
        "`replace` is of an instance of a dataclass, not of a `Tuple`",
        "replace(Tuple(x), x=x)",
    ),
    "return Vec(x, x)._replace(x=x).x": (
        "`Vec` has no `_replace` here",
        "Vec(x, x)._replace",
    ),
    "return asdict(Vec(x, x))['x']": (
        "`dataclasses.asdict` is not supported",
        "asdict",
    ),
    "return Deep(x, x, x).x": (
        "`Deep` is a dataclass that inherits from another class",
        "Deep",
    ),
    "return Later(x).x": (
        "`Later` defines `__post_init__`, which is not supported",
        "Later",
    ),
    "return Made(x).x": ("the `field(...)` of `items` in `Made`", "Made"),
    "return Shared(x).x": ("`count` of `Shared` is no part of it", "Shared"),
    "return Taken(x, x).x": ("`y` of `Taken` is no part of it", "Taken"),
    "return Bare().x": ("the options of `dataclass` for `Bare`", "Bare"),
    "return Same(x).x": ("`Same` defines `__eq__`, which is not supported", "Same"),
    # what Python does with tuples alone
    "a, b = Vec(x, x)\nreturn a": ("a `Vec` is no tuple", "a, b"),
    "return Vec(x, x)[0]": ("a `Vec` is no tuple", "Vec(x, x)"),
    "return len(Vec(x, x))": ("a `Vec` is no tuple", "Vec(x, x)"),
    "return max(Vec(x, x))": ("a `Vec` is no tuple", "Vec(x, x)"),
    "return sum(Vec(x, x))": ("a `Vec` is no tuple", "Vec(x, x)"),
    "s = Vec(x, x)\nfor a in s:\n    x += a\nreturn x": ("a `Vec` is no tuple", "s"),
    "return sum(a for a in Vec(x, x))": ("a `Vec` is no tuple", "Vec(x, x)"),
    "return sum([*Vec(x, x)])": ("a `Vec` is no tuple", "Vec(x, x)"),
    "return max(*Vec(x, x))": ("a `Vec` is no tuple", "Vec(x, x)"),
    "return sum((x,) + Vec(x, x))": ("a `Vec` is no tuple", "Vec(x, x)"),
    "return sum(2 * Vec(x, x))": ("a `Vec` is no tuple", "Vec(x, x)"),
    "return sum(a for a, b in [Vec(x, x)])": ("a `Vec` is no tuple", "a, b"),
    "return sum(a for (a,) in zip(*[Vec(x, x)]))": (
        "a `Vec` is no tuple",
        "*[Vec(x, x)]",
    ),
    "return np.sum(np.array([Vec(x, x)]))": ("a `Vec` is no tuple", "[Vec(x, x)]"),
    "return x in Vec(x, x)": ("a `Vec` is no tuple", "Vec(x, x)"),
    "return x if Vec(x, x) == Vec(x, x) else 0.0": (
        "a `Vec` is compared here, which is not supported",
        "Vec(x, x) == Vec(x, x)",
    ),
    "return x if isinstance(Vec(x, x), tuple) else 0.0": (
        "the type of a `Vec` cannot be asked for here",
        "isinstance(Vec(x, x), tuple)",
    ),
    "return -Vec(x, x)": ("a number is expected here, not a `Vec`", "Vec(x, x)"),
    # what meets
    "s = (x, x)\nfor _ in range(n):\n    s = Vec(x, s[0])\nreturn s[0]": (
        "a tuple of 2 and a `Vec`",
        "for _ in range(n):",
    ),
    "s = [Vec(x, x)]\nfor _ in range(n):\n    s.append((x, x))\nreturn s[0].x": (
        "the items of the list are `Vec`, and this is a tuple of 2",
        "s.append((x, x))",
    ),
    "s = [Vec(x, x)]\nfor _ in range(n):\n    s.append(Vec(x, 1.0))\n"
    "a, b = zip(*s)\nreturn sum(a)": (
        "the number of these elements has to be known",
        "s",
    ),
}


def refusal_of(text, tmp_path, live):
    """The message, and what the carets stand under."""
    path = tmp_path / "own.py"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SourceError) as caught:
        adjoint.grad(define(text) if live else f"{path}:f")
    first, line, carets, *_ = str(caught.value).splitlines()
    start, end = carets.index("^"), carets.rindex("^") + 1
    return first, line[start:end]


@pytest.mark.parametrize("live", [True, False])
@pytest.mark.parametrize("body", REFUSALS)
def test_refused(body, live, tmp_path):
    text = f"{CLASSES}def f(x, n: int):\n{textwrap.indent(body, '    ')}\n"
    message, place = refusal_of(text, tmp_path, live)
    wanted, where = REFUSALS[body]
    assert wanted in message and place == where


@pytest.mark.parametrize("live", [True, False])
@pytest.mark.parametrize(("name", "why"), {"Deep": "inherits", "Made": "field"}.items())
def test_a_parameter_that_is_refused_says_why(name, why, live, tmp_path):
    text = f"{CLASSES}def f(p: {name}, x):\n    return p.x * x\n"
    message, place = refusal_of(text, tmp_path, live)
    assert "the type of `p` is not supported: " in message and why in message
    assert place == name
