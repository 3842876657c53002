"""Forward mode and second derivatives of functions that work on Python's lists."""

import numpy as np
import pytest

import adjoint
from tests.support_arrays import along, differences

X, V = np.array([0.4, 1.3, -0.8]), np.array([1.0, 0.5, -2.0])


def _gathered(x):
    ys = []
    for i in range(len(x)):
        ys.append(np.sin(x[i]) * x[i - 1])
    s = 0.0
    for y in ys:
        s += y**2
    return s


def _grown(x: list[float]):
    total = [0.0] * len(x)
    for i in range(len(x)):
        total[i] = x[i] * x[i - 1]
    total.append(x[0] ** 3)
    return sum(total)


def _listed(x):
    ys = []
    for i in range(len(x)):
        ys.append(x[i] ** 2 * x[0])
    return ys


def _columns(function):
    return np.array([along(function, (X,), (unit,)) for unit in np.eye(len(X))]).T


@pytest.mark.parametrize(
    ("function", "signature", "given"),
    [(_gathered, "x: float[:]", np.array), (_grown, "x: list[float]", list)],
)
def test_of_a_number(function, signature, given):
    gradient = adjoint.grad(function, signature=signature)

    def slopes(x):
        return np.array(gradient(given(x)))

    value, tangent = adjoint.jvp(function, signature=signature)(given(X), given(V))
    assert np.isclose(value, function(given(X)), rtol=1e-15)
    assert np.isclose(tangent, slopes(X) @ V, rtol=1e-12)
    product = adjoint.hvp(function, signature=signature)(given(X), given(V))
    right = _columns(slopes)
    assert np.allclose(product, right @ V, rtol=1e-8, atol=1e-8)
    hessian = adjoint.hessian(function, signature=signature)(given(X))
    assert np.allclose(hessian, right, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_jacobian_of_a_list(mode):
    found = adjoint.jacobian(_listed, signature="x: float[:]", mode=mode)(X)
    right = _columns(lambda x: np.array(_listed(x)))
    assert np.allclose(found, right, rtol=1e-9, atol=1e-9)


def changed_twice(x: list[float], y: list[float]):
    z = y[:]
    for i in range(len(x)):
        z[i] += 2.0 * x[i]
        z[i] *= x[0]
    return sum(v * v for v in z)


def test_an_item_that_is_changed_has_its_adjoint_changed_in_one_step():
    derivative = adjoint.value_and_grad(changed_twice)
    sweep = derivative.source.rpartition("# reverse sweep")[2]
    assert "z_bar[i] = 0.0" not in sweep
    assert sweep.count("z_bar[i] = ") == 1  # of the product; the sum changes nothing
    x, y = [0.7, -1.2, 0.4], [0.3, 0.9, -0.8]
    value, gradient = derivative(x, y)
    assert value == changed_twice(x, y)
    for at, found in enumerate(gradient):
        given = [list(x), list(y)]
        expected = differences(lambda x, y: changed_twice(list(x), list(y)), given, at)
        assert found == pytest.approx(expected, rel=1e-9)


def kicked(x: list[float], n: int):
    p = list(x)
    for _ in range(n):
        p[0] = p[0] + 0.1 * p[1]
        p[1] = p[1] - 0.1 * p[0] * p[0]
    return p[0] * p[1]


def kicked_at_the_end(x: list[float], n: int):
    p = list(x)
    for _ in range(n):
        p[0] = p[0] + 0.1 * p[-1]
        p[1] = p[1] - 0.1 * p[0] * p[-1]
    return p[0] * p[1]


def test_what_is_added_elsewhere_lets_an_item_be():
    sweep = adjoint.value_and_grad(kicked).source.rpartition("# reverse sweep")[2]
    assert "] = 0.0" not in sweep and "] = p_bar" not in sweep, sweep


@pytest.mark.parametrize("function", [kicked, kicked_at_the_end])
@pytest.mark.parametrize("x", [[0.7, -1.2], [0.4, 0.9, -0.8]])
def test_items_that_are_perhaps_one(function, x):
    value, gradient = adjoint.value_and_grad(function)(x, 3)
    assert value == function(x, 3)
    expected = differences(lambda x: function(list(x), 3), [list(x)], 0)
    assert gradient == pytest.approx(list(expected), rel=1e-9)
