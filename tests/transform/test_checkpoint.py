"""Checkpointing: the same numbers, with about sqrt(n) states saved."""

import math

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
