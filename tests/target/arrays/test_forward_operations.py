"""Every array operation in forward mode: tangents, and Hessians times vectors.

Tangents are compared with differences of order eight of the function itself, and with
the reverse mode by <w, J v> = <J' w, v>; products with the Hessian with differences of
the gradient, which is compared with the function elsewhere.
"""

import numpy as np
import pytest

import adjoint
from adjoint.rules.array_table import ARRAY_OPERATIONS
from tests.support_arrays import along, differences
from tests.support_functions import define
from tests.support_operations import (
    BROADCAST,
    ELEMENTWISE,
    SHAPED,
    SQUARE,
    TEXT,
    TWO,
    V,
    apart,
    cases,
    data,
    lines,
)

#: Operations that are made by several others, of which these make something of it.
_SECOND = ["np.prod(z, axis=(0, 2))", "np.cumprod(z, axis=1)"]


def _names(signature):
    return "a, b" if "b: " in signature else signature[0]


def _directions(arguments, seed=3):
    rng = np.random.default_rng(seed)
    return [rng.uniform(-1.0, 1.0, np.shape(one)) for one in arguments]


def _close(one, other, tolerance=1e-8):
    assert np.shape(one) == np.shape(other)
    scale = 1 + np.max(np.abs(other), initial=0.0)
    assert np.allclose(one, other, rtol=tolerance, atol=tolerance * scale)


def _check_tangent(signature, expression, arguments):
    returned = f"0.25 * ({expression})"
    function = define(TEXT.format(parameters=_names(signature), returned=returned))
    directions = _directions(arguments)
    before = [np.array(one) for one in (*arguments, *directions)]
    jvp = adjoint.jvp(function, signature=signature)
    value, tangent = jvp(*arguments, *directions)
    for old, new in zip(before, (*arguments, *directions), strict=True):
        assert np.array_equal(old, new)
        assert not np.shares_memory(tangent, new)
    assert np.shape(value) == np.shape(tangent)
    _close(tangent, along(function, arguments, directions))
    (seed,) = _directions([value], seed=4)
    _, cotangents = adjoint.vjp(function, signature=signature)(*arguments, seed)
    cotangents = (cotangents,) if len(arguments) == 1 else cotangents
    assert [np.shape(bar) for bar in cotangents] == [np.shape(a) for a in arguments]
    pairs = zip(cotangents, directions, strict=True)
    inner = sum(np.sum(bar * dot) for bar, dot in pairs)
    assert np.isclose(np.sum(seed * tangent), inner, rtol=1e-12, atol=1e-12)


def _check_product(signature, expression, arguments):
    returned = f"np.sum(np.sin(0.25 * ({expression})))"
    function = define(TEXT.format(parameters=_names(signature), returned=returned))
    directions = _directions(arguments)
    gradient = adjoint.grad(function, signature=signature, target="numpy")
    product = adjoint.hvp(function, signature=signature)(*arguments, *directions)
    several = len(arguments) > 1

    def flat(*given):
        found = gradient(*given)
        return np.concatenate(
            [part.ravel() for part in (found if several else [found])]
        )

    parts = product if several else (product,)
    for part, one in zip(parts, arguments, strict=True):
        assert part.shape == np.shape(one)
    found = np.concatenate([part.ravel() for part in parts])
    _close(found, along(flat, arguments, directions))


@pytest.mark.parametrize(
    ("signature", "expression"), cases(ELEMENTWISE) + cases(SHAPED)
)
def test_operation(signature, expression):
    arguments = (data(signature),)
    _check_tangent(signature, expression, arguments)
    _check_product(signature, expression, arguments)


@pytest.mark.parametrize(("signature", "expression"), cases(SQUARE))
def test_linear_algebra(signature, expression):
    arguments = (data(signature, square=True),)
    _check_tangent(signature, expression, arguments)
    _check_product(signature, expression, arguments)


@pytest.mark.parametrize("expression", lines(BROADCAST))
@pytest.mark.parametrize(
    "shapes", [((2, 3), (3,)), ((2, 1), (3,)), ((1, 1), (3,)), ((2, 3), (1,)), ((0, 3), (3,))]
)  # fmt: skip
def test_broadcasting(expression, shapes):
    rng = np.random.default_rng(1)
    arguments = tuple(apart(rng, shape) for shape in shapes)
    arguments = (arguments[0], arguments[1] + 0.087)
    _check_tangent(TWO, expression, arguments)
    _check_product(TWO, expression, arguments)


#: A letter of a length of 1 in one of them, which is behind the arrow or summed over.
EINSUMS = [
    ("ij,ij->ij", (1, 3), (2, 3)),
    ("ij,ij->ji", (2, 1), (1, 3)),
    ("ij,ij->", (1, 3), (2, 3)),
    ("ij,ij->j", (2, 3), (2, 1)),
    ("ij,jk->ik", (2, 1), (4, 3)),
    ("ij,jk->ik", (2, 4), (1, 3)),
    ("ij,ik->", (1, 3), (4, 2)),
    ("ij,jk->k", (1, 1), (1, 1)),
]


@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize(("subscripts", "first", "second"), EINSUMS)
def test_einsum_spreads_lengths_of_one(subscripts, first, second, both):
    rng = np.random.default_rng(3)
    arguments = rng.uniform(0.5, 2.0, first), rng.uniform(0.5, 2.0, second)
    signature = "a: float[:, :], b: float[:, :]"
    expression = f"np.einsum('{subscripts}', a, {'b * a[:1, :1]' if both else 'b'})"
    _check_tangent(signature, expression, arguments)
    _check_product(signature, expression, arguments)
    function = define(
        TEXT.format(parameters="a, b", returned=f"np.sum({expression}**2)")
    )
    gradient = adjoint.grad(function, signature=signature)
    for at, found in enumerate(gradient(*arguments)):
        _close(found, differences(function, arguments, at))
    assert adjoint.grad(function, signature=signature).check(seconds=0.3)


@pytest.mark.parametrize("wrt", ["a", "b"])
@pytest.mark.parametrize("expression", [*lines(BROADCAST), "np.outer(b, b) @ a.T"])
def test_one_of_two(expression, wrt):
    """What the parameter was spread over gives the tangent its shape."""
    function = define(TEXT.format(parameters="a, b", returned=expression))
    a, b = apart(np.random.default_rng(1), (2, 3)), np.array([0.7, 1.3, 2.1])
    moved = {"a": a, "b": b}[wrt]
    (direction,) = _directions([moved])
    _value, tangent = adjoint.jvp(function, wrt, signature=TWO)(a, b, direction)
    still = [np.zeros_like(a), np.zeros_like(b)]
    still["ab".index(wrt)] = direction
    _close(tangent, along(function, (a, b), still))


@pytest.mark.parametrize(
    "expression",
    lines(ELEMENTWISE[V])[::3]
    + ["np.sum(x)", "np.cumsum(x)", "x[::-1]", "np.sort(x)", "np.roll(x, 1)"]
    + ["np.cumprod(x)", "np.prod(x) * x"],
)
@pytest.mark.parametrize("length", [0, 1])
def test_small_arrays(expression, length):
    arguments = (np.full(length, 1.25),)
    _check_tangent(V, expression, arguments)
    _check_product(V, expression, arguments)


@pytest.mark.parametrize("zeros", [[1], [0], [4], [1, 3], [0, 4], [0, 2, 4]])
@pytest.mark.parametrize(
    "expression", ["np.prod(x)", "np.sum(np.cumprod(x) * x[::-1])"]
)
def test_products_with_zeros(expression, zeros):
    """Second and third derivatives of products are no quotients."""
    x = data(V)
    x[zeros] = 0.0
    function = define(TEXT.format(parameters="x", returned=expression))
    product = adjoint.hvp(function, signature=V)
    (v,) = _directions([x])
    _close(product(x, v), along(adjoint.grad(function, signature=V), (x,), (v,)))
    third = adjoint.jvp(product, wrt="x", signature=None)
    (w,) = _directions([x], seed=9)
    still = np.zeros_like(v)
    _close(third(x, v, w)[1], along(product.function, (x, v), (w, still)))


def test_every_operation_says_its_tangent():
    """An operation that has adjoints has tangents, by a word or by a formula."""
    for operation in ARRAY_OPERATIONS.values():
        active = any(part not in ("0", "none") for part in operation.partials)
        assert bool(operation.tangent) == active, operation.name


def test_the_tangent_of_a_step_is_refused():
    function = define(TEXT.format(parameters="x", returned="np.arange(0.0, 4.0, x)"))
    with pytest.raises(adjoint.AdjointError, match="`arange` is not there"):
        adjoint.jvp(function, signature="x: float")
