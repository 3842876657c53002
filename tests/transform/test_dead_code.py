"""What a derivative keeps of the primal beside what its results need."""

import math
from collections import Counter
from itertools import chain

import pytest

import adjoint
from adjoint.transform.dead_code import without_dead_code
from tests.support_expressions import random_formula


def root(a):
    x = 1.0
    n = 0
    while abs(x * x - a) > 1e-12 * abs(a):
        if n > 50:
            raise ValueError("no root")
        x = 0.5 * (x + a / x)
        n += 1
    return x


def logarithm(x):
    if x < 0:
        raise ValueError("x is negative")
    assert x < 1e3, "x is large"
    return x * math.log(x) if x > 0 else 0.0


KINDS = {
    adjoint.grad: (),
    adjoint.value_and_grad: (),
    adjoint.hessian: (),
    adjoint.jvp: (1.0,),
    adjoint.hvp: (1.0,),
}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_loop_that_its_raise_ends_ends_in_every_derivative(kind):
    derivative = kind(root)
    with pytest.raises(ValueError, match="no root"):
        derivative(-2.0, *KINDS[kind])
    assert adjoint.grad(root)(2.0) == pytest.approx(0.5 / math.sqrt(2), rel=1e-15)
    assert adjoint.hessian(root)(2.0) == pytest.approx(-0.25 / 2**1.5, rel=1e-11)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_derivative_raises_what_the_function_raises(kind):
    derivative = kind(logarithm)
    with pytest.raises(ValueError, match="negative"):
        derivative(-1.0, *KINDS[kind])
    with pytest.raises(AssertionError, match="large"):
        derivative(1e3, *KINDS[kind])


def test_what_no_result_needs_is_not_there():
    def f(x, y):
        unused = math.sin(x) * y
        for _ in range(3):
            unused = unused * x
        return x * y

    source = adjoint.grad(f).source
    assert "sin" not in source.partition("def f_grad")[2]
    assert "for" not in source.partition("def f_grad")[2]
    assert tuple(adjoint.grad(f)(2.0, 3.0)) == (3.0, 2.0)


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("kind", [adjoint.value_and_grad, adjoint.hessian])
def test_what_there_is_has_been_counted(seed, kind):
    derivative = kind(random_formula(seed))
    for program in (without_dead_code(derivative.primal), derivative.program):
        ops, tally = program.body.ops, program.body.tally
        if any(op.blocks for op in ops):
            assert tally is None
        elif tally is not None:  # else the body has been changed since
            read = chain.from_iterable(op.operands for op in ops)
            assert tally.reads == Counter([*read, *program.results])
            found = Counter(op.operation for op in ops)
            assert Counter(tally.operations) == dict.fromkeys(found, 1)
            assert tally.cost == sum(
                one.number is None for op in ops for one in op.results
            )


def test_a_straight_gradient_is_counted_once():
    assert adjoint.value_and_grad("x*y + sin(x*y)").program.body.tally is not None
