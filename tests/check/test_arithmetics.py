"""The arithmetics: 50 digits and SymPy's symbols, operation by operation."""

from __future__ import annotations

import math
from fractions import Fraction
from random import Random
from typing import Any

import pytest
import sympy

from adjoint.check.agreement import Agreement, compare
from adjoint.check.cases import Case, OutsideDomain, TooManyCases, cases
from adjoint.check.decimals import Decimals
from adjoint.check.floats import NO_RESULT, error_in_ulp
from adjoint.check.oracle import Level, slope
from adjoint.check.symbols import Symbols, TooLarge
from adjoint.check.zero import is_surely_not_zero, is_zero_at_once, zeros_in_time
from adjoint.frontend.formula.read import read_formula
from adjoint.ir.arithmetic import FLOATS
from adjoint.ir.literals import exact, is_rounded
from adjoint.rules.operation import Operation
from adjoint.rules.table import OPERATIONS

TRUTH = {"and", "or", "not"}
SCALARS = [
    operation
    for operation in OPERATIONS.values()
    if operation.name in FLOATS and operation.result in ("float", "int", "bool", "operands")
]  # fmt: skip


def arguments(operation: Operation, random: Random) -> list[Any]:
    names = operation.operands if not operation.variadic else ("a", "a", "a")
    ranges = operation.ranges()
    drawn: list[Any] = [random.uniform(*ranges[name.lstrip("*")]) for name in names]
    if operation.name in TRUTH:
        return [x > 0 for x in drawn]
    if operation.name in ("polygamma", "round_to"):
        drawn[operation.name == "round_to"] = 2
    try:
        FLOATS[operation.name](*drawn)
    except TypeError:  # it is for whole numbers only
        return [random.randint(0, 9) for _ in drawn]
    return drawn


@pytest.mark.parametrize("operation", SCALARS, ids=lambda one: one.name)
def test_fifty_digits_agree_with_floats(operation: Operation) -> None:
    random = Random(1)
    decimals = Decimals(50)
    for _ in range(20):
        given = arguments(operation, random)
        number = FLOATS[operation.name](*given)
        digits = [decimals.number(x) if isinstance(x, float) else x for x in given]
        same = decimals.arithmetic[operation.name](*digits)
        assert math.isclose(float(same), number, rel_tol=1e-12, abs_tol=1e-14)


@pytest.mark.parametrize("operation", SCALARS, ids=lambda one: one.name)
def test_symbols_agree_with_floats(operation: Operation) -> None:
    if operation.name not in Symbols(Case([])).arithmetic:
        pytest.skip("SymPy has no bits")
    random = Random(2)
    for _ in range(3):
        given = [
            round(x * 32) / 32 if isinstance(x, float) else x
            for x in arguments(operation, random)
        ]
        exactly = [sympy.Rational(x) if isinstance(x, float) else x for x in given]
        number = FLOATS[operation.name](*given)
        same = Symbols(Case([])).arithmetic[operation.name](*exactly)
        assert math.isclose(float(same), number, rel_tol=1e-12, abs_tol=1e-14)


@pytest.mark.parametrize(
    "formula", ["sqrt(-x)", "log(-x)", "asin(2*x)", "(-x)**0.5", "1/(x - x)", "exp(x*1e9)", "gamma(x*1e9)"]
)  # fmt: skip
def test_what_is_not_real_raises(formula: str) -> None:
    with pytest.raises(NO_RESULT):
        Decimals(50).results(read_formula(formula), [1.0])


@pytest.mark.parametrize("name", ["sin", "cos", "tan"])
def test_an_angle_that_no_float_holds_takes_no_time(name: str) -> None:
    decimals = Decimals(50)
    angle = decimals.number(10) ** 300  # of which 350 digits of pi are needed
    value = decimals.arithmetic[name](angle)
    assert value == decimals.number(getattr(Decimals(400).context, name)(angle))
    with pytest.raises(OverflowError):
        decimals.arithmetic[name](angle ** (10**7))


@pytest.mark.parametrize(
    ("name", "argument", "limit"),
    [("exp", -1e300, 0), ("expm1", -1e300, -1), ("erfc", -1e30, 2), ("erf", 1e30, 1)],
)
def test_a_limit_that_is_reached_takes_no_time(name, argument, limit) -> None:
    assert Decimals(50).arithmetic[name](Decimals(50).number(argument)) == limit


def test_slopes_have_fifty_digits() -> None:
    program = read_formula("exp(sin(x))*y")
    level = Level(50)
    found = slope(program, [1.5, 2.0], [(0, 1.0)], level)
    x = level.exact.number(1.5)
    functions = level.exact.context
    right = 1.5 * 2 * functions.cos(x) * functions.exp(functions.sin(x))
    assert abs(found / right - 1) < 1e-50


def test_what_decimals_mean() -> None:
    assert exact(0.1) == Fraction(1, 10)
    assert exact(1 / 3) == Fraction(1, 3) and not is_rounded(1 / 3)
    assert exact(2 / 47) == Fraction(2, 47) and len(repr(2 / 47)) == 18
    assert exact(0.1 * 3) == Fraction(0.1 * 3) and is_rounded(0.1 * 3)
    assert exact(6.62607015e-34) == Fraction("6.62607015e-34")
    assert exact(2.0**-40) == Fraction(1, 2**40)
    assert exact(-1e300) == -(10**300)


def test_errors_in_units_of_the_last_place() -> None:
    decimals = Decimals(50)
    assert error_in_ulp(1.0, decimals.number(1), decimals) == 0
    assert error_in_ulp(math.nextafter(1.5, 2), decimals.number(1.5), decimals) == 1
    assert error_in_ulp(0.0, decimals.number(0), decimals) is None
    assert error_in_ulp(1.0, decimals.number(10) ** 400, decimals) is None


# -- agreement


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        (lambda d: d.number(2), lambda one: one.exact.number(2), Agreement.SAME),
        (lambda d: d.number(2), lambda one: one.exact.number(2) + 1e-9, Agreement.DIFFERENT),
        (lambda d: d.number(2), lambda one: 0 * one.step, Agreement.DIFFERENT),
        (lambda d: d.number(0), lambda one: one.step**2, Agreement.ZERO),
        (lambda d: d.number(10) ** -d.context.dps, lambda one: one.step**2, Agreement.ZERO),
        (lambda d: d.number(1), lambda one: one.exact.number(one.digits), Agreement.UNSETTLED),
    ],
)  # fmt: skip
def test_agreement(ours: Any, theirs: Any, expected: Agreement) -> None:
    levels = [Level(digits) for digits in (50, 150, 400, 600)]
    assert compare(levels, ours, theirs, None) is expected


# -- cases


def test_every_case_comes_up_once() -> None:
    x, y = sympy.symbols("x y", real=True)
    seen = []
    for case in cases(10):
        first = case.sign(x - y)
        assert case.sign(2 * y - 2 * x) == -first
        seen.append((first, case.sign(y) if first > 0 else None))
    assert seen == [(1, 1), (1, -1), (-1, None)]


def test_what_is_known_is_no_case() -> None:
    x = sympy.Symbol("x", real=True)
    found = list(cases(10))
    assert len(found) == 1
    assert (
        found[0].sign(x * x + 1),
        found[0].sign(x - x),
        found[0].sign(-sympy.exp(x)),
    ) == (1, 0, -1)
    assert not found[0].signs


def test_too_many_cases() -> None:
    symbols = sympy.symbols("x:9", real=True)
    with pytest.raises(TooManyCases):
        for case in cases(16):
            for symbol in symbols:
                case.sign(symbol)


def test_powers_of_negative_numbers_are_outside_the_domain() -> None:
    x, y = sympy.symbols("x y", real=True)
    outside = 0
    for case in cases(4):
        try:
            Symbols(case).arithmetic["pow"](x, y)
        except OutsideDomain:
            outside += 1
    assert outside == 1


@pytest.mark.parametrize("name, operands", [("pow", (2, 10**9)), ("gamma", (10**6,)), ("polygamma", (10**6, 2))])  # fmt: skip
def test_what_sympy_would_compute_for_ever(
    name: str, operands: tuple[int, ...]
) -> None:
    with pytest.raises(TooLarge):
        Symbols(Case([])).arithmetic[name](*operands)


# -- zero


def test_zero_at_once() -> None:
    x, y = sympy.symbols("x y", real=True)
    assert is_zero_at_once((x + y) ** 3 - sympy.expand((x + y) ** 3))
    assert is_zero_at_once(1 / (x - y) + 1 / (y - x))
    assert is_zero_at_once(1 - sympy.tanh(x) ** 2 - 1 / sympy.cosh(x) ** 2)
    assert not is_zero_at_once((x + y) ** 300 - (y + x - 1) ** 300)
    assert not is_zero_at_once(x)


def test_zero_at_length() -> None:
    x = sympy.Symbol("x", real=True)
    zero = sympy.sin(x) ** 4 - sympy.cos(x) ** 4 + sympy.cos(2 * x)
    assert not is_zero_at_once(zero)
    assert zeros_in_time([x, zero], 20.0) == {1}
    assert zeros_in_time([zero], 0.1) == set()


def test_time_is_up() -> None:
    x, y = sympy.symbols("x y", real=True)
    endless = sum(sympy.sin(x**k + y) ** k * sympy.exp(k * x * y) for k in range(1, 40))
    assert zeros_in_time([endless], 2.0) == set()


def test_what_is_surely_not_zero() -> None:
    x = sympy.Symbol("x", real=True)
    assert is_surely_not_zero(x + 1, Random(0))
    assert not is_surely_not_zero(sympy.sin(x) ** 2 + sympy.cos(x) ** 2 - 1, Random(0))
