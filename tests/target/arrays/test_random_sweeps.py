"""Every derivative of random functions of arrays, with stores, loops and branches.

Tangents are compared with the gradient, which is compared with differences elsewhere;
products with the Hessian with differences of the gradient; the Hessian with those.
"""

import warnings
from functools import cache

import black
import numpy as np
import pytest

import adjoint
from tests.support import examples
from tests.support_arrays import STEPS, along
from tests.support_functions import define
from tests.support_random_arrays import POINT, SIGNATURE, Writer, copies

_RANDOM = np.random.default_rng(5)
_DIRECTIONS = [
    _RANDOM.uniform(-1, 1, 3),
    _RANDOM.uniform(-1, 1, (3, 3)),
    float(_RANDOM.uniform(-1, 1)),
]


def _flat(parts):
    return np.concatenate([np.ravel(part) for part in parts])


def _close(one, other, tolerance):
    scale = 1 + np.max(np.abs(other))
    return np.allclose(one, other, rtol=tolerance, atol=tolerance * scale)


@cache
def _function(seed):
    text = Writer(seed).function()
    function = define(text)
    try:
        return text, function, adjoint.grad(function, signature=SIGNATURE)
    except adjoint.AdjointError as error:  # a store that is seen under another name
        assert "may be changed with" in str(error)
        pytest.skip("the function is refused")


@pytest.fixture(autouse=True)
def _warnings_are_errors():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.mark.parametrize("seed", range(examples(30)))
def test_products(seed):
    text, function, gradient = _function(seed)
    arguments = copies()
    value, tangent = adjoint.jvp(function, signature=SIGNATURE)(
        *arguments, *_DIRECTIONS
    )
    for before, after in zip(POINT, arguments, strict=True):
        assert np.array_equal(before, after)
    assert value == function(*copies())
    slope = _flat(gradient(*copies())) @ _flat(_DIRECTIONS)
    assert np.isclose(tangent, slope, rtol=1e-10, atol=1e-10), text

    def slopes(x, A, c):
        return _flat(gradient(np.array(x), np.array(A), float(c)))

    product = adjoint.hvp(function, signature=SIGNATURE)
    found = _flat(product(*copies(), *_DIRECTIONS))
    right = (along(slopes, POINT, _DIRECTIONS, step) for step in STEPS)
    assert any(_close(found, one, 1e-6) for one in right), text


@pytest.mark.parametrize("seed", range(0, examples(30), 2))
def test_matrices(seed):
    text, function, _ = _function(seed)
    hessian = adjoint.hessian(function, signature=SIGNATURE)
    blocks = hessian(*copies())
    sizes = [np.size(one) for one in POINT]
    rows = [
        [np.reshape(block, (n, m)) for block, m in zip(row, sizes, strict=True)]
        for row, n in zip(blocks, sizes, strict=True)
    ]
    whole = np.block(rows)
    product = adjoint.hvp(function, signature=SIGNATURE)
    right = _flat(product(*copies(), *_DIRECTIONS))
    assert _close(whole @ _flat(_DIRECTIONS), right, 1e-9), text
    assert _close(whole, whole.T, 1e-9), text
    assert black.format_str(hessian.source, mode=black.Mode()) == hessian.source


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize("seed", range(0, examples(30), 2))
def test_jacobians(seed, mode):
    text, _, _ = _function(seed)
    text = text.rsplit("    return", 1)[0] + "    return w, A * c\n"
    function = define(text)
    jacobian = adjoint.jacobian(function, signature=SIGNATURE, mode=mode)
    rows = jacobian(*copies())
    _, tangents = adjoint.jvp(function, signature=SIGNATURE)(*copies(), *_DIRECTIONS)
    for row, tangent in zip(rows, tangents, strict=True):
        parts = [
            np.tensordot(part, direction, axes=np.ndim(direction))
            for part, direction in zip(row, _DIRECTIONS, strict=True)
        ]
        assert _close(sum(parts), tangent, 1e-10), text
    assert black.format_str(jacobian.source, mode=black.Mode()) == jacobian.source
