"""``state.x += ...``: a part of an instance changes, where nothing else can hold it."""

import math
import textwrap
from dataclasses import dataclass, replace

import numpy as np
import pytest

import adjoint
from adjoint.errors import SourceError
from tests.frontend.function.test_dataclasses import assert_right, refusal_of
from tests.support_arrays import differences
from tests.support_functions import define


@dataclass
class Particle:
    x: float
    v: float = 0.0
    age: float = 0.0

    def energy(self, stiffness=1.0):
        return self.kinetic + 0.5 * stiffness * self.x**2

    @property
    def kinetic(self):
        return 0.5 * self.v**2


@dataclass(slots=True)
class Filter:
    mean: float
    variance: float
    likelihood: float = 0.0


@dataclass
class Optimiser:
    w: float
    momentum: float
    scale: float


@dataclass
class Field:
    u: np.ndarray
    flux: np.ndarray
    time: float = 0.0


@dataclass
class Pair:
    first: Particle
    weight: float


def total_energy(p, stiffness):
    return p.energy(stiffness) + 0.0 * p.age


def midpoint(p, h):
    return p.x + 0.5 * h * p.v


def oscillator(x: float, stiffness: float):
    p = Particle(x)
    worst = 0.0
    for _ in range(12):
        p.v -= 0.1 * stiffness * p.x
        p.x += 0.1 * p.v
        if p.x < 0.5:
            p.v *= 0.98
        p.age += 1
        worst = max(worst, total_energy(p, stiffness))
    return p.x + 0.3 * p.v + worst + p.age * p.kinetic


def kalman(start: Filter, noise: float):
    f = replace(start, likelihood=0.0)
    for k in range(6):
        f.variance += 0.1
        gain = f.variance / (f.variance + noise)
        off = math.cos(0.3 * k) - f.mean
        f.likelihood -= 0.5 * off**2 / (f.variance + noise)
        f.mean = f.mean + gain * off
        f.variance = (1.0 - gain) * f.variance
    return f.likelihood + f.mean + start.likelihood * start.mean


def adam(w: float, rate: float):
    o = Optimiser(w, 0.0, scale=1.0)
    steps = 0
    while abs(o.w - 2.0) > 0.4:
        slope = 2.0 * (o.w - 2.0)
        o.momentum = 0.9 * o.momentum + 0.1 * slope
        o.scale = 0.99 * o.scale + 0.01 * slope**2
        o.w -= rate * o.momentum / math.sqrt(o.scale)
        steps += 1
        if steps >= 8:
            break
    return o.w**2 + o.scale


def restarted(x: float, y: float):
    p = Particle(x, y)
    seen = [p.x]
    for i in range(5):
        if p.x > 2.0:
            p = Particle(p.x - 2.0, v=p.v)
        else:
            p.x = midpoint(p, 0.5) + 0.1 * i
        p.v *= 1.1
        seen.append(p.x * p.v)
        kept = replace(p, age=x)
        seen.append(kept.age * kept.x)
    p.age = sum(p.v * a for a in seen)
    return p.age + sum([p.x * a for a in (x, y)])


def handed_back(x: float, y: float):
    def made(u):
        p = Particle(u)
        p.v = u * y
        return p

    p = replace(made(x), age=y)
    p.x += made(y).v
    return p.x * p.v + p.age


def in_another(x: float, y: float):
    pair = Pair(Particle(x, y), 2.0)
    for _ in range(3):
        pair.first = replace(pair.first, x=pair.first.x * pair.first.v)
        pair.weight += pair.first.x
    return pair.weight * pair.first.v


PROGRAMS = [
    (oscillator, (1.3, 2.0)),
    (kalman, (Filter(0.2, 1.1, 0.4), 0.3)),
    (adam, (0.3, 0.5)),
    (restarted, (1.3, 0.7)),
    (handed_back, (1.3, 0.7)),
    (in_another, (1.3, 0.7)),
]


@pytest.mark.parametrize(("function", "given"), PROGRAMS)
def test_programs(function, given):
    assert_right(function, given)


def test_the_caller_keeps_what_it_has():
    start = Filter(0.2, 1.1, 0.4)
    adjoint.grad(kalman)(start, 0.3)
    assert start == Filter(0.2, 1.1, 0.4)


def diffused(u, k: float):
    f = Field(u, np.zeros(u.shape[0] + 1))
    for _ in range(4):
        f.flux[1:-1].sum()
        inner = k * (f.u[1:] - f.u[:-1])
        f.flux = np.concatenate((np.zeros(1), inner, np.zeros(1)))
        f.u = f.u + f.flux[1:] - f.flux[:-1]
        f.time += 0.1
    return np.sum(f.u**2 * np.arange(u.shape[0])) * f.time


def test_arrays_as_parts():
    u, k = np.array([0.3, 1.0, 0.2, 0.7]), 0.21
    before = u.copy()
    value, (by_u, by_k) = adjoint.value_and_grad(diffused)(u, k)
    assert value == pytest.approx(diffused(u, k), rel=1e-13)
    assert by_u == pytest.approx(differences(diffused, (u, k), 0), rel=1e-8)
    assert by_k == pytest.approx(differences(diffused, (u, k), 1), rel=1e-8)
    assert np.array_equal(u, before)


CLASSES = """\
import functools
from dataclasses import dataclass, replace

import numpy as np


@dataclass
class S:
    x: float
    v: float = 0.0

    def me(self):
        return self

    def bump(self):
        self.x += 1.0
        return self.x

    def size(self):
        return self.x * self.v


@dataclass(frozen=True)
class Fixed:
    x: float


@dataclass
class A:
    x: np.ndarray


@dataclass
class P:
    inner: S


ONE = S(1.0)


def same(u):
    return u


def size(u):
    return u.x


@dataclass(eq=False)
class Kept:
    x: float


@functools.cache
def kept(u):
    return u.x


def pair(u):
    return u.x, [u]


"""
OTHER = "`s` changes here, and something else may hold it: "
REFUSALS = {
    # another name
    "s = S(x)\nt = s\ns.x = 1.0\nreturn t.x": (OTHER + "`t = s`", "s.x"),
    "t = S(x)\ns = t\ns.x = 1.0\nreturn t.x": (OTHER + "`s = t`", "s.x"),
    "s = t = S(x)\ns.x = 1.0\nreturn t.x": (OTHER + "`s = t = S(x)`", "s.x"),
    "s, t = S(x), S(x)\ns.x = 1.0\nreturn t.x": (OTHER + "`s, t = S(x), S(x)`", "s.x"),
    "s = S(x)\nt = s if n > 2 else S(x)\ns.x += 1.0\nreturn t.x": (
        OTHER + "`t = s if n > 2 else S(x)`",
        "s.x",
    ),
    "s = S(x)\nif (t := s).x > 2:\n    s.x = 1.0\nreturn t.x": (
        OTHER + "`if (t := s).x > 2:`",
        "s.x",
    ),
    "s = same(S(x))\ns.x = 1.0\nreturn s.x": (OTHER + "`s = same(S(x))`", "s.x"),
    "s = S(x)\nt = same(s)\ns.x = 1.0\nreturn t.x": (OTHER + "`t = same(s)`", "s.x"),
    "s = S(x)\nt = s.me()\ns.x = 1.0\nreturn t.x": (OTHER + "`t = s.me()`", "s.x"),
    # what is held by a list, a tuple, another instance, a function
    "a = []\ns = S(x)\nfor _ in range(n):\n    s.x += 1.0\n    a.append(s)\n"
    "return a[0].x": (OTHER + "`a.append(s)`", "s.x"),
    "a = [S(x), S(x)]\nfor s in a:\n    s.x += 1.0\nreturn a[0].x": (
        OTHER + "`for s in a:`",
        "s.x",
    ),
    "a = [S(x)]\na[0].x = 1.0\nreturn a[0].x": (
        "attributes cannot be assigned to",
        "a[0].x",
    ),
    "s = S(x)\na = (s, s)\ns.x = 1.0\nreturn a[0].x": (OTHER + "`a = (s, s)`", "s.x"),
    "s = S(x)\np = P(s)\ns.x = 1.0\nreturn p.inner.x": (OTHER + "`p = P(s)`", "s.x"),
    "p = P(S(x))\ns = p.inner\ns.x = 1.0\nreturn p.inner.x": (
        OTHER + "`s = p.inner`",
        "s.x",
    ),
    "s = S(x)\np = P(S(x))\np.inner = s\ns.x = 1.0\nreturn p.inner.x": (
        OTHER + "`p.inner = s`",
        "s.x",
    ),
    "p = P(S(x))\np.inner.x = 1.0\nreturn p.inner.x": (
        "attributes cannot be assigned to",
        "p.inner.x",
    ),
    "s = S(x)\ny, a = pair(s)\ns.x = 1.0\nreturn a[0].x": (
        OTHER + "`y, a = pair(s)`",
        "s.x",
    ),
    "s = S(x)\n\ndef g(k=s):\n    s = k\n    return s.x\ns.x = 1.0\nreturn g()": (
        OTHER + "`def g(k=s):`",
        "s.x",
    ),
    "s = Kept(x)\ny = kept(s)\ns.x = 1.0\nreturn kept(s)": (
        OTHER + "`y = kept(s)`",
        "s.x",
    ),
    "s = S(x)\nm = s.size\ns.x = 1.0\nreturn m()": (OTHER + "`m = s.size`", "s.x"),
    "s = S(x)\ng = lambda: s.x\ns.x = 1.0\nreturn g()": (
        OTHER + "`g = lambda: s.x`",
        "s.x",
    ),
    "s = S(x)\na = [size(s) for size in (same,)]\ns.x = 1.0\nreturn a[0].x": (
        OTHER + "`a = [size(s) for size in (same,)]`",
        "s.x",
    ),
    "s = S(x)\na = map(abs, (s.x * k for k in (1.0, 2.0)))\ns.x = 1.0\nreturn sum(a)": (
        OTHER + "`a = map(abs, (s.x * k for k in (1.0, 2.0)))`",
        "s.x",
    ),
    # of the caller, or of the module
    "return ONE.bump()": ("`self` is the caller's, and a part of it is", "self.x"),
    "ONE.x = x\nreturn ONE.x": ("attributes cannot be assigned to", "ONE.x"),
    "s = ONE\ns.x = x\nreturn s.x": (OTHER + "`s = ONE`", "s.x"),
    # what cannot be changed so
    "s = Fixed(x)\ns.x = 1.0\nreturn s.x": ("`Fixed` is frozen", "s.x"),
    "if n < 0:\n    s.x = 1.0\ns = S(x)\nreturn s.x": (
        "`s` is read before anything is assigned to it",
        "s.x",
    ),
    "s = S(x)\ns.y = 1.0\nreturn s.x": ("`S` has no part `y`", "s.y"),
    "s = S(x)\ns.x, s.v = s.v, s.x\nreturn s.x": (
        "attributes cannot be assigned to",
        "s.x",
    ),
    "s = A(np.array([x]))\ns.x += 1.0\nreturn s.x[0]": (
        "`s.x` is changed in place here",
        "s.x",
    ),
}


@pytest.mark.parametrize("live", [True, False])
@pytest.mark.parametrize("body", REFUSALS)
def test_refused(body, live, tmp_path):
    text = f"{CLASSES}def f(x, n: int):\n{textwrap.indent(body, '    ')}\n"
    message, place = refusal_of(text, tmp_path, live)
    wanted, where = REFUSALS[body]
    assert wanted in message and place == where


def test_what_to_write_instead():
    for body, hint in (
        ("s.x += 1.0\nreturn s.x", "change one of its own: `own = dataclasses.replace"),
        ("t = same(S(1.0))\nt.x = 1.0\nreturn t.x", "make one of its own in line {}:"),
    ):
        text = f"{CLASSES}def f(s: S):\n{textwrap.indent(body, '    ')}\n"
        line = text[: text.index(body[:9])].count("\n") + 1
        with pytest.raises(SourceError) as caught:
            adjoint.grad(define(text))
        assert hint.format(line) in str(caught.value)


def first_made(x: float, n: int):
    if n > 1:
        s = Particle(x, 0.5)
    s.x = x * n
    return s.x * s.v


def test_what_is_made_on_one_path_alone():
    derivative = adjoint.value_and_grad(first_made)
    assert derivative(1.3, 3) == (first_made(1.3, 3), 1.5)
    with pytest.raises(UnboundLocalError):
        first_made(1.3, 1)
    with pytest.raises(UnboundLocalError):
        derivative(1.3, 1)
