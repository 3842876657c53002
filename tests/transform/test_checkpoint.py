"""Checkpointing: the same numbers, with about sqrt(n) states saved."""

import cmath
import math
from types import FunctionType

import mpmath
import pytest

import adjoint
from adjoint.errors import OptionError
from adjoint.ir.validate import validate
from adjoint.target.python import function_text


def walk(x, a, n: int):
    for i in range(n):
        x = x + 0.1 * math.sin(a * x) * i
        if x > 3:
            x = x * 0.5
    return x


def strides(x, n: int):
    total = 0.0
    for i in range(n, -n, -3):
        total = total * x + i
        for j in range(i):
            total = math.sin(total + j * x)
    return total


class Counted(list):
    """A list that counts how many entries all such lists have at once."""

    alive = most = 0

    def append(self, entry):
        Counted.alive += 1
        Counted.most = max(Counted.most, Counted.alive)
        super().append(entry)

    def pop(self):
        Counted.alive -= 1
        return super().pop()


def most_saved(derivative, *arguments):
    """The largest number of entries on all stacks together during one call."""
    text = function_text(derivative._function).replace("= []", "= Counted()")
    assert "Counted" in text
    space = {"Counted": Counted}
    exec(text, space)
    Counted.alive = Counted.most = 0
    space[derivative.program.name](*arguments)
    return Counted.most


@pytest.mark.parametrize("checkpoint", ["sqrt", 1, 2, 7, 1000])
@pytest.mark.parametrize("n", [0, 1, 2, 3, 10, 31])
def test_the_numbers_are_the_same(checkpoint, n):
    for function, point in ((walk, (1.0, 0.7, n)), (strides, (0.3, n))):
        plain = adjoint.value_and_grad(function)
        saving = adjoint.value_and_grad(function, checkpoint=checkpoint)
        validate(saving.program)
        value, gradient = saving(*point)
        assert repr(value) == repr(plain(*point)[0]) == repr(1.0 * function(*point))
        assert gradient == pytest.approx(plain(*point)[1], rel=1e-11)


def test_the_gradient_against_differences():
    derivative = adjoint.grad(walk, wrt="a", checkpoint="sqrt")
    h = 1e-6
    expected = (walk(1.0, 0.7 + h, 9) - walk(1.0, 0.7 - h, 9)) / (2 * h)
    assert derivative(1.0, 0.7, 9) == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize("n", [100, 400, 1600, 6400])
def test_memory_is_about_the_square_root(n):
    plain = adjoint.value_and_grad(walk)
    assert most_saved(plain, 1.0, 0.7, n) == n
    saving = adjoint.value_and_grad(walk, checkpoint="sqrt")
    assert most_saved(saving, 1.0, 0.7, n) <= 2 * math.isqrt(n) + 2


def test_a_budget_of_states():
    saving = adjoint.value_and_grad(walk, checkpoint=10)
    assert most_saved(saving, 1.0, 0.7, 1000) <= 10 + 100 + 1


@pytest.mark.parametrize("checkpoint", ["cube", 0, -3, 1.5])
def test_what_is_no_checkpoint(checkpoint):
    with pytest.raises(OptionError, match="checkpoint"):
        adjoint.value_and_grad(walk, checkpoint=checkpoint)


def last_of_each(x, n: int):
    for _ in range(n):
        p = x * x
        x = math.sin(p + x)
    return x + p


def one_before(x, n: int):
    for i in range(n):
        if i > 0:
            x = x + 0.5 * p  # noqa: F821
        p = x * x
        x = math.sin(p + x)
    return x + p


def one_before_in_loops(x, n: int):
    for i in range(n):
        for j in range(2):
            if i + j > 0:
                x = x * math.cos(p)  # noqa: F821
            p = x * x + j
    return x + p


@pytest.mark.parametrize("checkpoint", [None, "sqrt", 2])
@pytest.mark.parametrize("function", [last_of_each, one_before, one_before_in_loops])
def test_what_is_first_defined_in_a_loop(function, checkpoint):
    """Against complex steps: the functions are analytic but for their branches by i."""
    derivative = adjoint.value_and_grad(function, checkpoint=checkpoint)
    for n in (1, 2, 7):
        value, slope = derivative(0.7, n)
        assert value == function(0.7, n)
        assert slope == pytest.approx(complex_step(function, 0.7, n), rel=1e-13)


def complex_step(function, x, *arguments):
    names = {"math": cmath}
    analytic = FunctionType(function.__code__, names)
    return analytic(x + 1e-100j, *arguments).imag / 1e-100


def test_a_name_that_a_branch_swaps_and_a_loop_defines():
    text = adjoint.value_and_grad(swapping).source
    assert "import" not in text  # `math` has nothing for what is not defined
    assert adjoint.value_and_grad(swapping)(2.0, 0) == (4.0, 4.0)
    assert adjoint.value_and_grad(swapping)(2.0, 1) == (9.0, 0.0)


def swapping(x, m: int):
    if x > 3:
        return x
    for _ in range(m):
        x = 3
    x *= x
    y = x
    return y


def fractions(x, n: int):
    p = 1.0
    for i in range(n):
        for _ in range(2):
            p = p * (x + i) / (1.0 + p * p)
    return p


@pytest.mark.parametrize("outer", ["sqrt", 3])
@pytest.mark.parametrize("inner", [None, "sqrt"])
def test_the_derivative_of_a_derivative_has_checkpoints_where_it_may(inner, outer):
    slope = adjoint.grad(fractions, checkpoint=inner)
    second = adjoint.grad(slope, checkpoint=outer)
    with mpmath.workdps(40):
        for n in (0, 1, 7):
            exact = mpmath.diff(lambda x, n=n: fractions(x, n), mpmath.mpf("0.7"), 2)
            assert second(0.7, n) == pytest.approx(float(exact), rel=1e-13)
