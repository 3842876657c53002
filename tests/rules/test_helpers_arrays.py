"""The helper functions of array operations, beside what they say of themselves."""

import numpy as np
import pytest

from adjoint.rules import helpers_arrays as helpers

RNG = np.random.default_rng(7)

#: The shape that was broadcast, and the shape that came of it.
SPREAD = [
    ((4,), (3, 4)),
    ((3, 1), (3, 4)),
    ((1, 1), (3, 4)),
    ((1,), (3, 4)),
    ((3, 1), (2, 3, 4)),
    ((1, 4), (0, 4)),
    ((5, 1), (5, 0)),
    ((3, 4), (3, 4)),
    ((1, 3, 1), (2, 3, 1)),
]


@pytest.mark.parametrize("shape, broadcast", SPREAD)
def test_unbroadcast_is_the_transpose_of_broadcasting(shape, broadcast):
    x, g = RNG.normal(size=shape), RNG.normal(size=broadcast)
    result = helpers.unbroadcast(g, x)
    assert result.shape == shape
    assert np.isclose(np.sum(result * x), np.sum(g * np.broadcast_to(x, broadcast)))


@pytest.mark.parametrize(
    "shape, like",
    [((3, 1), (3, 4)), ((3, 4), (1, 4)), ((2, 1), (1, 5)), ((2, 3), (2, 3))],
)
def test_fitted_sums_and_spreads(shape, like):
    a, b = RNG.normal(size=shape), RNG.normal(size=like)
    result = helpers.fitted(a, b)
    assert result.shape == like and result.flags.writeable
    # as einsum itself would: the letters of both, summed over those of a
    both = np.broadcast_shapes(shape, like)
    whole = np.sum(np.broadcast_to(a, both) * np.broadcast_to(b, both))
    assert np.isclose(np.sum(result * b), whole)


@pytest.mark.parametrize(
    "shape", [(3, 3), (2, 5), (5, 2), (3, 4, 2), (0, 3), (3, 0), (1, 1), (2, 3, 0)]
)
@pytest.mark.parametrize("offset", range(-4, 5))
def test_onto_diagonal_puts_back_what_diagonal_reads(shape, offset):
    like = RNG.normal(size=shape)
    elements = RNG.normal(size=np.diagonal(like, offset).shape)
    result = helpers.onto_diagonal(elements, like, offset)
    assert np.array_equal(np.diagonal(result, offset), elements)
    assert np.count_nonzero(result) == elements.size
