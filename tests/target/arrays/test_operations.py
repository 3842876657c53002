"""Every array operation: value and gradient of the generated NumPy code.

The value is compared bit for bit with the function itself, the gradient with
differences of order eight and, where HIPS autograd has the operation, with that.
"""

import warnings

import autograd
import autograd.numpy
import autograd.scipy.special
import numpy as np
import pytest

import adjoint
from tests.support_arrays import differences
from tests.support_functions import define
from tests.support_operations import (
    BROADCAST,
    ELEMENTWISE,
    SHAPED,
    SQUARE,
    TEXT,
    TWO,
    M,
    V,
    apart,
    cases,
    data,
    lines,
)


def _check(signature, expression, arguments, tolerance=1e-8):
    names = signature[0] if len(arguments) == 1 else "a, b"
    returned = f"np.sum(np.sin(0.25 * ({expression})))"
    text = TEXT.format(parameters=names, returned=returned)
    function = define(text)
    derivative = adjoint.value_and_grad(function, signature=signature, target="numpy")
    before = [np.array(argument) for argument in arguments]
    value, gradients = derivative(*arguments)
    assert all(np.array_equal(a, b) for a, b in zip(before, arguments, strict=True))
    expected = function(*arguments)
    if "logsumexp" in expression or "expit" in expression or "logaddexp" in expression:
        assert np.isclose(value, expected, rtol=1e-14)  # of SciPy; not bit for bit
    else:
        assert value == expected or (np.isnan(value) and np.isnan(expected))
    gradients = (gradients,) if len(arguments) == 1 else gradients
    for at, gradient in enumerate(gradients):
        assert gradient.shape == arguments[at].shape
        assert gradient.flags.writeable
        assert not any(np.shares_memory(gradient, one) for one in arguments)
        right = differences(function, arguments, at)
        assert np.allclose(gradient, right, rtol=tolerance, atol=tolerance), text
    return text, gradients


def _by_autograd(text, arguments, at):
    """The gradient of the same text by HIPS autograd, None where it has not that."""
    text = text.replace("import numpy as np", "import autograd.numpy as np")
    text = text.replace("import scipy.special", "import autograd.scipy as scipy")
    space = {}
    exec(text, space)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return autograd.grad(space["f"], at)(*arguments)
    except (NotImplementedError, AttributeError, TypeError, ValueError, AssertionError):
        return None


@pytest.mark.parametrize(
    ("signature", "expression"), cases(ELEMENTWISE) + cases(SHAPED)
)
def test_operation(signature, expression):
    arguments = (data(signature),)
    text, (gradient,) = _check(signature, expression, arguments)
    other = _by_autograd(text, arguments, 0)
    if other is not None and other.shape == gradient.shape:
        assert np.allclose(gradient, other, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize(("signature", "expression"), cases(SQUARE))
def test_linear_algebra(signature, expression):
    arguments = (data(signature, square=True),)
    text, (gradient,) = _check(signature, expression, arguments)
    other = _by_autograd(text, arguments, 0)
    if other is not None and other.shape == gradient.shape:
        assert np.allclose(gradient, other, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("expression", lines(BROADCAST))
@pytest.mark.parametrize(
    "shapes",
    [
        ((2, 3), (3,)),
        ((2, 1), (3,)),
        ((1, 1), (3,)),
        ((2, 3), (1,)),
        ((0, 3), (3,)),
        ((1, 0), (1,)),
    ],
)
def test_broadcasting(expression, shapes):
    rng = np.random.default_rng(1)
    arguments = tuple(apart(rng, shape) for shape in shapes)
    arguments = (arguments[0], arguments[1] + 0.087)
    text, gradients = _check(TWO, expression, arguments)
    for at, gradient in enumerate(gradients):
        other = _by_autograd(text, arguments, at)
        if other is not None and other.shape == gradient.shape:  # (where's is not)
            assert np.allclose(gradient, other, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize(
    "expression",
    lines(ELEMENTWISE[V])[::3]
    + ["np.sum(x)", "np.cumsum(x)", "x[::-1]", "np.sort(x)", "np.roll(x, 1)"],
)
@pytest.mark.parametrize("length", [0, 1])
def test_small_arrays(expression, length):
    _check(V, expression, (np.full(length, 1.25),))


@pytest.mark.parametrize("expression", lines(SHAPED[M])[::4])
def test_non_contiguous(expression):
    whole = np.random.default_rng(2).uniform(0.5, 2.5, (6, 4))
    _check(M, expression, (whole[::3, ::-1].T[:3].T,))
