"""Every rule of the table, by the code that is generated from it.

Two references that share nothing with the rules: SymPy's derivative of the function,
evaluated with 50 digits, and the numeric derivative of the function in mpmath with 50
digits. The bound is a few units in the last place, times what the derivative itself
makes of an error of its arguments.
"""

from __future__ import annotations

import random
import re
from functools import cache

import mpmath
import pytest
import sympy
from mpmath import mp, mpf

import adjoint
from adjoint.ir.program import walk
from adjoint.rules.table import DEFINITIONS, OPERATIONS, WRITTEN_OUT

EPS = mpf(2) ** -53
POINTS = 12

A, B, C = sympy.symbols("a b c", real=True)


def sigmoid(a):
    return 1 / (1 + mpmath.exp(-a))


class Reference:
    """A function: as SymPy writes it, as mpmath computes it, where it is sampled."""

    def __init__(self, sympys, mpmaths, **ranges):
        self.sympys = sympys
        self.mpmaths = mpmaths
        self.ranges = ranges or {"a": (-4, 4)}
        self.names = list(self.ranges)


def both(name, **ranges):
    """A function of one argument that has the same name everywhere."""
    return Reference(getattr(sympy, name)(A), getattr(mpmath, name), **ranges)


POSITIVE = {"a": (0.01, 9)}
TWO = {"a": (-4, 4), "b": (-4, 4)}
POWER = {"a": (0.01, 5), "b": (-5, 5)}

#: The formula of each operation, and what it is.
REFERENCES = {
    "a + b": Reference(A + B, lambda a, b: a + b, **TWO),
    "a - b": Reference(A - B, lambda a, b: a - b, **TWO),
    "a * b": Reference(A * B, lambda a, b: a * b, **TWO),
    "a / b": Reference(A / B, lambda a, b: a / b, **TWO),
    "-a": Reference(-A, lambda a: -a),
    "a**2": Reference(A**2, lambda a: a**2),
    "a**b": Reference(A**B, lambda a, b: a**b, **POWER),
    "a**3": Reference(A**3, lambda a: a**3),
    "a**-2": Reference(A**-2, lambda a: a**-2),
    "a**0.5": Reference(sympy.sqrt(A), mpmath.sqrt, **POSITIVE),
    "a**2.5": Reference(A ** sympy.Rational(5, 2), lambda a: a ** mpf(2.5), **POSITIVE),
    "a**-1.5": Reference(A ** sympy.Rational(-3, 2), lambda a: a ** mpf(-1.5), **POSITIVE),
    "3**a": Reference(3**A, lambda a: mpf(3) ** a),
    "pow(a, b)": Reference(A**B, lambda a, b: a**b, **POWER),
    "math.pow(a, b)": Reference(A**B, lambda a, b: a**b, **POWER),
    "a % b": Reference(A - B * sympy.floor(A / B), lambda a, b: a - b * mpmath.floor(a / b), **TWO),
    "a // b": Reference(sympy.floor(A / B), lambda a, b: mpmath.floor(a / b), **TWO),
    "fmod(a, b)": Reference(
        A - B * sympy.sign(A / B) * sympy.floor(abs(A / B)),
        lambda a, b: a - b * mpmath.sign(a / b) * mpmath.floor(abs(a / b)),
        **TWO,
    ),
    "remainder(a, b)": Reference(
        A - B * sympy.floor(A / B + sympy.Rational(1, 2)),
        lambda a, b: a - b * mpmath.floor(a / b + mpf(0.5)),
        **TWO,
    ),
    "exp(a)": both("exp"),
    "exp2(a)": Reference(2**A, lambda a: mpf(2) ** a),
    "expm1(a)": Reference(sympy.exp(A) - 1, mpmath.expm1),
    "log(a)": both("log", **POSITIVE),
    "log2(a)": Reference(sympy.log(A, 2), lambda a: mpmath.log(a, 2), **POSITIVE),
    "log10(a)": Reference(sympy.log(A, 10), mpmath.log10, **POSITIVE),
    "log1p(a)": Reference(sympy.log(1 + A), mpmath.log1p, a=(-0.99, 9)),
    "sqrt(a)": both("sqrt", **POSITIVE),
    "cbrt(a)": Reference(
        sympy.sign(A) * abs(A) ** sympy.Rational(1, 3),
        lambda a: mpmath.sign(a) * mpmath.cbrt(abs(a)),
    ),
    "sin(a)": both("sin"),
    "cos(a)": both("cos"),
    "tan(a)": both("tan"),
    "asin(a)": both("asin", a=(-1, 1)),
    "acos(a)": both("acos", a=(-1, 1)),
    "atan(a)": both("atan", a=(-9, 9)),
    "atan2(a, b)": Reference(sympy.atan2(A, B), mpmath.atan2, **TWO),
    "sinh(a)": both("sinh"),
    "cosh(a)": both("cosh"),
    "tanh(a)": both("tanh", a=(-25, 25)),
    "asinh(a)": both("asinh", a=(-99, 99)),
    "acosh(a)": both("acosh", a=(1, 99)),
    "atanh(a)": both("atanh", a=(-1, 1)),
    "hypot(a, b)": Reference(sympy.sqrt(A**2 + B**2), mpmath.hypot, **TWO),
    "hypot(a, b, c)": Reference(
        sympy.sqrt(A**2 + B**2 + C**2),
        lambda a, b, c: mpmath.sqrt(a * a + b * b + c * c),
        **TWO,
        c=(-4, 4),
    ),
    "hypot(a)": Reference(abs(A), abs),
    "degrees(a)": Reference(A * 180 / sympy.pi, mpmath.degrees),
    "radians(a)": Reference(A * sympy.pi / 180, mpmath.radians),
    "erf(a)": both("erf"),
    "erfc(a)": both("erfc", a=(-4, 9)),
    "gamma(a)": both("gamma", a=(-3, 20)),
    "lgamma(a)": both("loggamma", a=(0.01, 30)),
    "digamma(a)": both("digamma", a=(0.01, 30)),
    "polygamma(1, a)": Reference(sympy.polygamma(1, A), lambda a: mpmath.psi(1, a), a=(0.01, 30)),
    "polygamma(3, a)": Reference(sympy.polygamma(3, A), lambda a: mpmath.psi(3, a), a=(0.01, 30)),
    "sigmoid(a)": Reference(1 / (1 + sympy.exp(-A)), sigmoid, a=(-50, 50)),
    "softplus(a)": Reference(sympy.log(1 + sympy.exp(A)), lambda a: mpmath.log1p(mpmath.exp(a)), a=(-50, 50)),
    "logaddexp(a, b)": Reference(sympy.log(sympy.exp(A) + sympy.exp(B)), lambda a, b: mpmath.log(mpmath.exp(a) + mpmath.exp(b)), **TWO),
    "abs(a)": Reference(abs(A), abs),
    "relu(a)": Reference(sympy.Max(A, 0), lambda a: max(a, mpf(0))),
    "min(a, b)": Reference(sympy.Min(A, B), min, **TWO),
    "max(a, b)": Reference(sympy.Max(A, B), max, **TWO),
    "min(a, b, c)": Reference(sympy.Min(A, B, C), min, **TWO, c=(-4, 4)),
    "max(a, b, c)": Reference(sympy.Max(A, B, C), max, **TWO, c=(-4, 4)),
    "copysign(a, b)": Reference(abs(A) * sympy.sign(B), lambda a, b: abs(a) * mpmath.sign(b), **TWO),
    "sign(a)*a": Reference(abs(A), abs),
    "floor(a)*a": Reference(sympy.floor(A) * A, lambda a: mpmath.floor(a) * a),
    "ceil(a)*a": Reference(sympy.ceiling(A) * A, lambda a: mpmath.ceil(a) * a),
    "trunc(a)*a": Reference(
        sympy.sign(A) * sympy.floor(abs(A)) * A,
        lambda a: mpmath.sign(a) * mpmath.floor(abs(a)) * a,
    ),
    "round(a)*a": Reference(
        sympy.floor(A + sympy.Rational(1, 2)) * A, lambda a: mpmath.floor(a + mpf(0.5)) * a
    ),
    "round(a, 0)*a": Reference(
        sympy.floor(A + sympy.Rational(1, 2)) * A, lambda a: mpmath.floor(a + mpf(0.5)) * a
    ),
    "float(a)*a": Reference(A**2, lambda a: a * a),
    "sec(a)": both("sec"),
    "csc(a)": both("csc"),
    "cot(a)": both("cot"),
    "sech(a)": both("sech"),
    "csch(a)": both("csch"),
    "coth(a)": both("coth"),
    "log(a, b)": Reference(sympy.log(A) / sympy.log(B), mpmath.log, a=(0.01, 9), b=(1.5, 9)),
    "Mod(a, b)": Reference(A - B * sympy.floor(A / B), lambda a, b: a - b * mpmath.floor(a / b), **TWO),
    "where(a < b, a*b, sin(a))": Reference(
        sympy.Piecewise((A * B, A < B), (sympy.sin(A), True)),
        lambda a, b: a * b if a < b else mpmath.sin(a),
        **TWO,
    ),
    "a if a < b and a*b > 0 else b**2": Reference(
        sympy.Piecewise((A, (A < B) & (A * B > 0)), (B**2, True)),
        lambda a, b: a if a < b and a * b > 0 else b**2,
        **TWO,
    ),
}  # fmt: skip

SYMBOLS = {"a": A, "b": B, "c": C}


def samples(reference, seed):
    """Points inside the domain, the same in every run."""
    seeded = random.Random(seed)
    return [
        [seeded.uniform(low, high) for low, high in reference.ranges.values()]
        for _ in range(POINTS)
    ]


@cache
def gradient(formula):
    names = REFERENCES[formula].names
    return adjoint.value_and_grad(f"f({', '.join(names)}) = {formula}")


def partials(formula, point):
    derivative = gradient(formula)(*point)[1]
    return derivative if len(point) > 1 else [derivative]


def tolerance(exact, slopes, point):
    """A few roundings, and what an error of one in an argument would make."""
    condition = sum(abs(mpf(x) * slope) for x, slope in zip(point, slopes, strict=True))
    return 8 * EPS * (abs(exact) + condition) + mpf(2) ** -1070


def by_sympy(reference, at):
    """The derivative by one argument, and the derivatives of that by all of them."""
    first = sympy.diff(reference.sympys, SYMBOLS[reference.names[at]])
    symbols = [SYMBOLS[name] for name in reference.names]
    second = [sympy.diff(first, symbol) for symbol in symbols]
    return [sympy.lambdify(symbols, plain(e), "mpmath") for e in (first, *second)]


def plain(expression):
    """Away from jumps: what SymPy leaves undone at them is zero."""
    undone = sympy.Derivative, sympy.Subs, sympy.DiracDelta
    expression = expression.replace(lambda e: isinstance(e, undone), lambda e: 0 * A)
    return expression.replace(
        sympy.Heaviside, lambda a, *_: sympy.Piecewise((0, a < 0), (1, True))
    )


def by_mpmath(reference, at):
    orders = [int(i == at) for i in range(len(reference.names))]

    def derivative(*point):
        if len(point) == 1:
            return mpmath.diff(reference.mpmaths, point[0])
        return mpmath.diff(reference.mpmaths, point, tuple(orders))

    return derivative


@pytest.mark.parametrize("formula", REFERENCES)
def test_the_derivative_is_sympys_and_that_of_50_digits(formula):
    reference = REFERENCES[formula]
    points = samples(reference, formula)
    with mp.workdps(50):
        for at, name in enumerate(reference.names):
            first, *second = by_sympy(reference, at)
            numeric = by_mpmath(reference, at)
            for point in points:
                exact = [mpf(x) for x in point]
                expected = first(*exact)
                slopes = [slope(*exact) for slope in second]
                found = mpf(partials(formula, point)[at])
                bound = tolerance(expected, slopes, point)
                assert abs(found - expected) <= bound, (name, point)
                assert abs(numeric(*exact) - expected) <= bound, (name, point)


def test_no_operation_is_left_out():
    """Whoever adds an operation or a definition adds a reference for it."""
    used = {
        op.operation.name
        for formula in REFERENCES
        for op in walk(gradient(formula).primal.body)
    }
    smooth = {
        n for n, operation in OPERATIONS.items() if {*operation.partials} != {"0"}
    }
    assert smooth <= used
    called = {
        name for formula in REFERENCES for name in re.findall(r"\w+(?=\()", formula)
    }
    assert {definition.name for definition in DEFINITIONS.values()} <= called


#: The functions that the formulas of these operations call, in 50 digits.
IN_DIGITS = {
    name: getattr(mpmath, name) for name in "exp cosh tan tanh sqrt hypot".split()
}
IN_DIGITS |= {"abs": abs, "min": min}


WITH_A_VALUE = {n: each for n, each in WRITTEN_OUT.items() if each.written != "nan"}


@pytest.mark.parametrize("operation", WITH_A_VALUE.values(), ids=WITH_A_VALUE)
def test_rules_of_what_rules_alone_name(operation):
    """Its partials are the derivatives of what it is written out as."""
    seeded = random.Random(operation.name)
    names = operation.operands

    def value(formula, *point, **more):  # a text of our own table
        return mpf(
            eval(formula, {**IN_DIGITS, **dict(zip(names, point, strict=True)), **more})
        )

    with mp.workdps(50):
        for _ in range(POINTS):
            point = [mpf(seeded.uniform(1.1, 9)) for _ in names]
            y = value(operation.written, *point)
            if operation.written_on_arrays:
                same = value(operation.written_on_arrays, *point)
                assert abs(same - y) <= mpf(10) ** -45 * abs(y)
            for at in range(len(names)):
                orders = tuple(int(i == at) for i in range(len(names)))
                slope = mpmath.diff(
                    lambda *p: value(operation.written, *p), point, orders
                )
                found = value(operation.partial(at), *point, y=y)
                assert abs(found - slope) <= mpf(10) ** -20 * abs(slope)
