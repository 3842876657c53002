"""Jacobians and Hessians of functions of arrays, beside differences of order eight."""

import black
import numpy as np
import pytest

import adjoint
from tests.support_arrays import along
from tests.support_functions import define
from tests.support_operations import (
    ELEMENTWISE,
    SHAPED,
    SQUARE,
    TEXT,
    TWO,
    V,
    cases,
    data,
)


def _unit_vectors(shape):
    for at in np.ndindex(shape):
        unit = np.zeros(shape)
        unit[at] = 1.0
        yield unit


def _columns(function, arguments, at):
    """The Jacobian by the argument ``at``: the axes of the result, then of that."""
    given = [np.array(one, dtype=float) for one in arguments]
    columns = []
    for unit in _unit_vectors(given[at].shape):
        directions = [np.zeros_like(one) for one in given]
        directions[at] = unit
        columns.append(along(function, given, directions))
    value = np.shape(function(*given))
    whole = np.array(columns).reshape((*given[at].shape, *value))
    return np.moveaxis(whole, range(given[at].ndim), range(-given[at].ndim, 0))


def _close(one, other, tolerance=1e-8):
    assert np.shape(one) == np.shape(other)
    scale = 1 + np.max(np.abs(other), initial=0.0)
    assert np.allclose(one, other, rtol=tolerance, atol=tolerance * scale)


def _own(result, arguments):
    assert not isinstance(result, np.ndarray) or result.flags.writeable
    assert not any(np.shares_memory(result, one) for one in arguments)


def _is_formatted(derivative):
    source = derivative.source
    assert black.format_str(source, mode=black.Mode()) == source
    return source


@pytest.mark.parametrize(
    ("signature", "expression"), cases(ELEMENTWISE) + cases(SHAPED) + cases(SQUARE)
)
def test_operation(signature, expression):
    argument = data(signature, square=expression.startswith("np.linalg.") and "A" in signature and "norm" not in expression)  # fmt: skip
    returned = f"0.25 * ({expression})"
    function = define(TEXT.format(parameters=signature[0], returned=returned))
    right = _columns(function, (argument,), 0)
    for mode in ("forward", "reverse"):
        derivative = adjoint.jacobian(function, signature=signature, mode=mode)
        found = derivative(argument)
        _close(found, right)
        _own(found, [argument])
    _is_formatted(derivative)
    summed = f"np.sum(np.sin({returned}))"
    function = define(TEXT.format(parameters=signature[0], returned=summed))
    gradient = adjoint.grad(function, signature=signature, target="numpy")
    hessian = adjoint.hessian(function, signature=signature, target="numpy")
    found = hessian(argument)
    _close(found, _columns(gradient, (argument,), 0))
    _own(found, [argument])
    _is_formatted(hessian)


_TWO = "np.sin(a) @ b * np.exp(b[0])"


@pytest.mark.parametrize("mode", ["forward", "reverse", None])
def test_two_parameters(mode):
    a, b = data("A: float[:, :]"), np.array([0.3, -0.7, 1.2])
    function = define(TEXT.format(parameters="a, b", returned=_TWO))
    by_a, by_b = adjoint.jacobian(function, signature=TWO, mode=mode)(a, b)
    _close(by_a, _columns(function, (a, b), 0))
    _close(by_b, _columns(function, (a, b), 1))
    assert by_a.shape == (2, 2, 3)
    by_b = adjoint.jacobian(function, "b", signature=TWO, mode=mode)(a, b)
    assert by_b.shape == (2, 3)


def test_hessian_of_two_parameters():
    a, b = data("A: float[:, :]"), np.array([0.3, -0.7, 1.2])
    text = TEXT.format(parameters="a, b", returned=f"np.sum(({_TWO}) ** 3)")
    function = define(text)
    gradient = adjoint.grad(function, signature=TWO)
    found = adjoint.hessian(function, signature=TWO)(a, b)
    for i in (0, 1):
        for j in (0, 1):

            def part(a, b, i=i):
                return gradient(a, b)[i]

            _close(found[i][j], _columns(part, (a, b), j))
    assert found[0][1].shape == (2, 3, 3)


_MIXED = """\
import numpy as np

def f(c, x, d):
    y = np.sin(c * x) + d**2 * x[0]
    return y, np.sum(y * x) * c * d
"""
_MIXED_TYPES = "c: float, x: float[:], d: float"


@pytest.mark.parametrize("mode", ["forward", "reverse", None])
def test_numbers_and_arrays_and_several_results(mode):
    function = define(_MIXED)
    given = 1.3, data(V), -0.4
    found = adjoint.jacobian(function, signature=_MIXED_TYPES, mode=mode)(*given)
    for k, row in enumerate(found):

        def value(c, x, d, k=k):
            return function(c, x, d)[k]

        for at, part in enumerate(row):
            _close(part, _columns(value, given, at))


def test_hessian_of_numbers_and_arrays():
    function = define(_MIXED.replace("return y, ", "return "))
    given = 1.3, data(V), -0.4
    gradient = adjoint.grad(function, signature=_MIXED_TYPES)
    found = adjoint.hessian(function, signature=_MIXED_TYPES)(*given)
    for i in range(3):

        def part(c, x, d, i=i):
            return gradient(c, x, d)[i]

        for j in range(3):
            _close(found[i][j], _columns(part, given, j))


def test_hessian_where_tangents_go_through_a_loop_or_only_its_reverse():
    def function(x: "float[:]", v: "float[:]", c):
        w = x * c
        squares = np.array([u * u * c for u in w])
        return np.sum(np.sin(squares * v)) + c * v[0]

    point = (np.array([0.4, -1.2, 0.9]), np.array([0.3, 0.7, -0.5]), 0.8)

    def packed(z):
        return function(z[:3], z[3:6], z[6])

    z = np.array([*point[0], *point[1], point[2]])
    right = [
        along(lambda z, i=i: along(packed, [z], [np.eye(7)[i]]), [z], [np.eye(7)[j]])
        for i in range(7)
        for j in range(7)
    ]
    rows = adjoint.hessian(function)(*point)
    sizes = (3, 3, 1)
    found = np.block(
        [
            [np.reshape(rows[i][j], (m, n)) for j, n in enumerate(sizes)]
            for i, m in enumerate(sizes)
        ]
    )
    _close(found, np.reshape(right, (7, 7)))


def test_hessian_of_an_array():
    """It has the axes of the value first, then those of the parameter, twice."""
    function = define(TEXT.format(parameters="x", returned="np.outer(x, np.sin(x))"))
    x = data(V)[:3]
    jacobian = adjoint.jacobian(function, signature=V)
    found = adjoint.hessian(function, signature=V)(x)
    _close(found, _columns(jacobian, (x,), 0))
    assert found.shape == (3, 3, 3, 3)


LOOPS = [
    # stores, and a branch in a loop
    """
    n = len(x)
    S = np.zeros(n)
    S[0] = x[0]
    for i in range(1, n):
        S[i] = S[i - 1] * x[i]
        if x[i] > 1.1:
            S[i] += x[i] * x[0] ** 2
    return S
    """,
    # nested loops that accumulate
    """
    S = np.zeros(3)
    for i in range(len(x)):
        for j in range(3):
            S[j] += 0.3 * np.sin(x[i] * (j + 1.0)) * S[j - 1] + 0.1 * x[i] ** 2
    return S
    """,
    # a loop that ends at run time
    """
    y = x * 1.0
    while np.sum(y) < 40.0:
        y = y * (1.0 + 0.1 * x) + 0.5
    return y
    """,
    # a branch
    """
    if x[0] > x[1]:
        y = np.exp(x[1:]) * x[0]
    else:
        y = x[:-1] ** 3
    return y * x[2]
    """,
    # time steps of whole arrays
    """
    u = np.sin(x)
    for _ in range(4):
        u = u + 0.1 * (np.roll(u, 1) - 2 * u + np.roll(u, -1)) * u
    return u
    """,
]


def _function(body):
    return define(
        "import numpy as np\n\ndef f(x):\n" + body.replace("\n    ", "\n    ")
    )


@pytest.mark.parametrize("body", LOOPS)
@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_jacobian_of_loops(body, mode):
    function = _function(body)
    for x in (data(V), data(V)[::-1].copy()):
        derivative = adjoint.jacobian(function, signature=V, mode=mode)
        _close(derivative(x), _columns(function, (x,), 0))
        _is_formatted(derivative)


@pytest.mark.parametrize("body", LOOPS)
def test_hessian_of_loops(body):
    text = body.replace("return ", "return np.sum(np.cos(") + "))"
    text = "\n".join(line.rstrip() for line in text.splitlines())
    head, _, last = body.rpartition("return ")
    function = _function(f"{head}return np.sum(np.cos({last.strip()}))\n")
    gradient = adjoint.grad(function, signature=V)
    hessian = adjoint.hessian(function, signature=V)
    product = adjoint.hvp(function, signature=V)
    for x in (data(V), data(V)[::-1].copy()):
        right = _columns(gradient, (x,), 0)
        _close(hessian(x), right)
        v = np.arange(5.0)
        _close(product(x, v), right @ v)
    _is_formatted(hessian)


@pytest.mark.parametrize("length", [0, 1])
def test_small_arrays(length):
    x = np.full(length, 1.25)
    function = define(TEXT.format(parameters="x", returned="np.cumsum(x) * x"))
    for mode in ("forward", "reverse"):
        found = adjoint.jacobian(function, signature=V, mode=mode)(x)
        assert found.tolist() == [[2 * 1.25]][:length] and found.shape == (length,) * 2
    function = define(TEXT.format(parameters="x", returned="np.sum(x**3)"))
    found = adjoint.hessian(function, signature=V)(x)
    assert found.tolist() == [[6 * 1.25]][:length] and found.shape == (length,) * 2


def test_what_does_not_depend_is_zero():
    function = define(
        "import numpy as np\n\ndef f(x, y):\n    return np.sin(x), np.sum(y**2)\n"
    )
    x, y = np.array([0.5, 1.0]), np.array([1.0, 2.0, 3.0])
    signature = "x: float[:], y: float[:]"
    for mode in ("forward", "reverse"):
        (xx, xy), (yx, yy) = adjoint.jacobian(function, signature=signature, mode=mode)(
            x, y
        )
        assert np.allclose(xx, np.diag(np.cos(x)))
        assert xy.tolist() == [[0.0] * 3] * 2
        assert yx.tolist() == [0.0, 0.0]
        assert yy.tolist() == [2.0, 4.0, 6.0]


def test_several_at_once():
    function = define(TEXT.format(parameters="x", returned="np.sum(np.exp(x)) ** 2"))
    from adjoint.api import derivative

    one = derivative(function, "value,grad,hessian", signature=V)
    x = data(V)
    value, gradient, hessian = one(x)
    assert value == function(x)
    e = np.exp(x)
    _close(gradient, 2 * np.sum(e) * e, 1e-13)
    _close(hessian, 2 * np.outer(e, e) + 2 * np.sum(e) * np.diag(e), 1e-13)
    source = _is_formatted(one)
    body = source[source.index("def f_value_grad_hessian") :]
    assert body.count("= np.exp") == 1  # it shares the primal


def test_the_primal_is_computed_once():
    function = define(
        TEXT.format(parameters="x", returned="np.tanh(np.sin(x) @ np.diag(x)) * 2")
    )
    source = adjoint.jacobian(function, signature=V).source
    body = source[source.index("def f_jacobian") :]
    before, loop = body.split("    for i in")
    for call in ("np.sin", "np.tanh", "np.cos"):
        assert call in before and call not in loop


def test_scalar_result_is_reverse():
    function = define(TEXT.format(parameters="x", returned="np.sum(np.sin(x))"))
    source = adjoint.jacobian(function, signature=V).source
    assert "for i in" not in source and "np.cos(x)" in source
    source = adjoint.jacobian(function, signature=V, mode="forward").source
    assert "tangent sweeps, one for each element of x" in source


def test_known_sizes_choose():
    """Three values of a vector of any length: three reverse sweeps are fewer."""
    function = define(
        TEXT.format(parameters="x", returned="np.array([x @ x, np.sum(x), x[0] ** 2])")
    )
    source = adjoint.jacobian(function, signature=V).source
    assert "reverse sweeps, one for each element of y" in source


def cumulative(x: "float[:]"):
    y = [0.0] * len(x)
    for i in range(len(x)):
        y[i] = x[i] * (y[i - 1] if i > 0 else 1.0)
    return y


def test_hessian_of_several_results_of_one_loop():
    """Each row reads again what the loop has saved once."""
    x = np.array([1.5, -0.5, 2.0, 3.0])
    found = adjoint.hessian(cumulative, target="numpy")(x)
    expected = np.zeros((4, 4, 4))
    for k, i, j in np.ndindex(4, 4, 4):
        if i != j and max(i, j) <= k:
            rest = [x[at] for at in range(k + 1) if at not in (i, j)]
            expected[k, i, j] = np.prod(rest)
    np.testing.assert_allclose(found, expected, rtol=1e-14, atol=0)


def root(x):
    return np.sqrt(x)


def root_backwards(x):
    return np.sqrt(np.flip(np.reshape(x, (2, 2)), 1)).T


def root_times_sum(x):
    return np.sqrt(x) * np.sum(x)


def sum_of_roots(x):
    return np.sum(np.sqrt(x)) + np.sum(x**2)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize("function", [root, root_backwards, root_times_sum])
def test_an_infinite_derivative_meets_no_zero(function, mode):
    """Each element alone has it; those beside it are none of nan."""
    x, step = np.array([0.0, 1.0, 4.0, 0.0]), 2.0**-60
    jacobian = adjoint.jacobian(function, signature="x: float[:]", mode=mode)
    with np.errstate(divide="ignore"):
        found = jacobian(x)
    assert not np.isnan(found).any()
    for at in range(4):
        column = found[..., at]
        moved = (function(x + step * (np.arange(4) == at)) - function(x)) / step
        assert np.array_equal(np.isinf(column), np.abs(moved) > 1e6)
    inside = np.array([0.25, 1.0, 4.0, 2.25])
    for at in range(4):
        change = 1e-6 * (np.arange(4) == at)
        slope = (function(inside + change) - function(inside - change)) / 2e-6
        assert np.allclose(jacobian(inside)[..., at], slope, rtol=1e-8, atol=1e-8)


def test_an_infinite_second_derivative_meets_no_zero():
    hessian = adjoint.hessian(sum_of_roots, signature="x: float[:]")
    with np.errstate(divide="ignore"):
        rows = hessian(np.array([0.0, 1.0, 4.0]))
    assert rows[0, 0] == -np.inf
    assert np.array_equal(rows[1:, 1:], np.diag([2 - 0.25, 2 - 0.03125]))
    assert not rows[0, 1:].any() and not rows[1:, 0].any()


def nested(A):
    """It uses no NumPy, but its Jacobian has to."""
    return [[v * v * row[0] for v in row] for row in A]


def weighted(A):
    total = 0.0
    for row in A:
        total += max(row) ** 2 * row[0]
    return total


SQUARES = np.array([[1.0, 2.0, 0.5], [3.0, 4.0, 0.25]])


@pytest.mark.parametrize("mode", [None, "forward"])
def test_nested_lists_of_an_array(mode):
    d = adjoint.jacobian(nested, signature="A: float[:, :]", mode=mode)
    expected = np.zeros((2, 3, 2, 3))
    for i, j in np.ndindex(2, 3):  # in closed form
        expected[i, j, i, j] += 2.0 * SQUARES[i, j] * SQUARES[i, 0]
        expected[i, j, i, 0] += SQUARES[i, j] ** 2
    assert d(SQUARES) == pytest.approx(expected, rel=1e-14)


def test_a_hessian_by_a_matrix_that_is_read_element_by_element():
    d = adjoint.hessian(weighted, signature="A: float[:, :]")
    expected = np.zeros((2, 3, 2, 3))
    for i, row in enumerate(SQUARES):
        expected[i, 1, i, 1] = 2.0 * row[0]  # the second is the largest
        expected[i, 1, i, 0] = expected[i, 0, i, 1] = 2.0 * row[1]
    assert d(SQUARES) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("target", [None, "python", "numpy"])
def test_a_list_of_lists_is_refused_with_what_to_write(target):
    with pytest.raises(adjoint.AdjointError) as caught:
        signature = "A: list[list[float]]"
        adjoint.hessian(weighted, signature=signature, target=target)
    assert "`A` is a list of lists" in str(caught.value)
    assert "signature='A: float[:, :]'" in str(caught.value)
    with pytest.raises(adjoint.AdjointError, match="what is returned is a list of"):
        adjoint.jacobian(nested, signature="A: float[:, :]", mode="reverse")
