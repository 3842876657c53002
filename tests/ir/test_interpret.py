"""The reference interpreter against Python itself, and on other arithmetics."""

from fractions import Fraction
from math import copysign

import pytest

import adjoint
from adjoint.frontend.formula.read import read_formula
from adjoint.ir.arithmetic import FLOATS
from adjoint.ir.interpret import Endless, run


@pytest.mark.parametrize(
    ("formula", "x", "z"),
    [
        ("x*z + x/z - x**3", 1.25, 0.75),
        ("x if x < z else z", 2.0, 3.0),
        ("x if x > z else z", 2.0, 3.0),
        ("(x < z) + (z < x)*2", 2.0, 3.0),
        ("x and z", 0.0, 3.0),
        ("x or z", 0.0, 3.0),
        ("x % z + x // z", 7.5, -2.0),
        ("1 < x < z < 3", 2.0, 2.5),
        ("not x", 0.0, 1.0),
    ],
)
def test_same_as_python(formula, x, z):
    arguments = [
        {"x": x, "z": z}[name] for name in read_formula(formula).parameter_names
    ]
    (ours,) = run(read_formula(formula), arguments)
    assert repr(ours) == repr(eval(formula, {"x": x, "z": z}))


def test_only_the_side_that_is_chosen_is_run():
    program = read_formula("log(x) if x > 0 else 0.0")
    assert run(program, [-1.0]) == (0.0,)


def test_another_arithmetic():
    rational = FLOATS | {"div": lambda a, b: Fraction(a) / Fraction(b)}
    program = read_formula("(x + 1/z)*z")
    (value,) = run(
        program, [Fraction(1, 3), Fraction(7)], rational, lambda v: Fraction(v.number)
    )
    assert value == Fraction(10, 3)


def test_both_sides_can_be_joined():
    program = read_formula("f(x, z) = x if z > 0 else -x")
    arithmetic = FLOATS | {"gt": lambda a, b: "unknown"}
    (value,) = run(program, [1.0, 2.0], arithmetic, join=lambda c, a, b: (c, a, b))
    assert value == ("unknown", 1.0, -1.0)


def runs_into_infinity(x):
    while x > 1.0:
        x = 2.0 * x
    return x


def stays_nan(x):
    while not x < 1.0:
        x = x * x - x * x
    return x


def changes_a_sign_and_counts(x, k: int):
    z = 0.0 * x
    while k < 5000:
        z = -z
        k += 1
    return copysign(x, z)


@pytest.mark.parametrize(
    ("function", "x"), [(runs_into_infinity, 2.0), (stays_nan, float("inf"))]
)
def test_a_loop_that_stands_still_is_left_at_once(function, x):
    program = adjoint.grad(function).program
    with pytest.raises(Endless, match="changes nothing"):
        run(program, [x])


def test_a_sign_or_a_count_is_a_change():
    program = adjoint.value_and_grad(changes_a_sign_and_counts).program
    for k in (0, 1):
        value = changes_a_sign_and_counts(3.0, k)
        assert run(program, [3.0, k]) == (value, value / 3.0)
