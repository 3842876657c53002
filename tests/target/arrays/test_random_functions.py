"""Random functions of a vector and a matrix, with stores, loops and branches."""

import black
import numpy as np
import pytest

import adjoint
from tests.support import examples
from tests.support_arrays import agrees
from tests.support_functions import define
from tests.support_random_arrays import POINT, SIGNATURE, Writer, copies


@pytest.mark.parametrize("seed", range(examples(40)))
def test_random_function(seed):
    text = Writer(seed).function()
    function = define(text)

    def primal(x, A, c):
        return function(np.array(x), np.array(A), float(c))

    try:
        derivative = adjoint.value_and_grad(function, signature=SIGNATURE)
    except adjoint.AdjointError as error:  # a store that is seen under another name
        assert "may be changed with" in str(error)
        return
    arguments = copies()
    value, gradients = derivative(*arguments)
    assert value == primal(*POINT), text
    for before, after in zip(POINT, arguments, strict=True):
        assert np.array_equal(before, after)
    for at, gradient in enumerate(gradients):
        assert agrees(gradient, primal, POINT, at, 1e-7), text
    source = derivative.source
    assert black.format_str(source, mode=black.Mode()) == source
