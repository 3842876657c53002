"""Static parameters by name: each value that a call gives has code of its own."""

import math

import numpy as np
import pytest

import adjoint
from adjoint.errors import OptionError
from adjoint.frontend.function.read import declared_parameters
from tests.support_arrays import assert_right


def power(x, n):
    return 1.0 if n == 0 else x * power(x, n - 1)


def legendre(n, x, *, scale=2.0, kind=(1, 2)):
    """n is static, and stands first; so is the tuple."""
    a, b = 1.0, x
    for k in range(1, n):
        a, b = b, ((2 * k + 1) * x * b - k * a) / (k + 1)
    for factor in kind:
        b = b * factor
    return scale * (b if n else a)


def test_each_value_is_compiled_once():
    d = adjoint.value_and_grad(power, static=("n",))
    assert d(1.5, 3) == (1.5 * (1.5 * (1.5 * 1.0)), pytest.approx(3 * 1.5**2))
    assert d(2.0, 5) == (32.0, 80.0)
    assert d.specialised(n=5) is d.specialised(7.0, 5)
    assert d.specialised(n=5) is not d.specialised(n=3)
    assert d.specialised(n=5).check(seconds=1.0)
    assert "power(x)" in d.specialised(n=3).source


@pytest.mark.parametrize("names", ["n, kind", "n kind", ["n", "kind"], ("kind", "n")])
def test_where_the_arguments_may_stand(names):
    d = adjoint.grad(legendre, wrt="x", static=names)
    x = 0.3
    expected = 4.0 * 0.5 * (15 * x * x - 3)  # of P3, times two, times scale
    assert d(3, x) == pytest.approx(expected)
    assert d(3, x=x) == pytest.approx(expected)
    assert d(x=x, n=3, kind=(1, 2)) == pytest.approx(expected)
    assert d(3, x, scale=1.0, kind=(2, 2)) == pytest.approx(expected)
    assert d(2, x) == pytest.approx(4.0 * 3 * x)


def test_equal_numbers_of_other_types_are_other_values():
    def scaled(x, k):
        return x * k // 2

    d = adjoint.value_and_grad(scaled, static="k")
    assert d.specialised(k=1) is not d.specialised(k=1.0)
    assert d.specialised(k=1) is not d.specialised(k=True)
    assert d.specialised(k=0.0) is not d.specialised(k=-0.0)
    assert d.specialised(k=math.nan) is d.specialised(k=math.nan)
    assert d(3.0, 2)[0] == 3.0


def test_whole_numbers_of_numpy():
    numpy = pytest.importorskip("numpy")
    d = adjoint.grad(power, static="n")
    assert d(2.0, numpy.int64(3)) == d(2.0, 3) == 12.0
    assert d.specialised(n=numpy.int32(3)) is d.specialised(n=3)


def test_functions_of_files(tmp_path):
    file = tmp_path / "lib.py"
    file.write_text(
        "def f(x, n=2):\n    for i in range(n):\n        x = x * x\n    return x\n"
    )
    d = adjoint.grad(f"{file}:f", static="n")
    assert d(2.0) == 32.0
    assert d(2.0, 1) == d(2.0, n=1) == 4.0


@pytest.mark.parametrize(
    ("arguments", "keywords", "error", "message"),
    [
        ((2.0, [3]), {}, OptionError, "'n' is of type list, .*; give a tuple"),
        ((2.0, b"3"), {}, OptionError, "'n' is of type bytes"),
        ((2.0,), {}, TypeError, r"power\(\) misses its static argument 'n'"),
        ((2.0, 3), {"n": 3}, TypeError, "two values for 'n'"),
        ((2.0, 3, 4), {}, TypeError, "takes 1 positional argument"),
        ((), {"n": 3}, TypeError, "missing 1 required positional argument: 'x'"),
        ((2.0,), {"n": -1}, adjoint.AdjointError, "do not end here"),
    ],
)
def test_calls_that_do_not_fit(arguments, keywords, error, message):
    d = adjoint.grad(power, static=("n",))
    with pytest.raises(error, match=message):
        d(*arguments, **keywords)


@pytest.mark.parametrize(
    ("source", "names", "message"),
    [
        (power, ("m",), "'m' is not a parameter"),
        (power, "n, n", "is given twice"),
        ("x**2", "x", "are for Python functions"),
    ],
)
def test_names_that_do_not_fit(source, names, message):
    with pytest.raises(OptionError, match=message):
        adjoint.grad(source, static=names)


def test_what_depends_on_the_call_says_so():
    d = adjoint.grad(power, static=("n",))
    with pytest.raises(OptionError, match=r"`source` depends on the value of n"):
        print(d.source)
    assert "depends on the value of n" in repr(d)


def test_other_kinds_take_their_own_arguments():
    value, cotangent = adjoint.vjp(power, static=("n",))(2.0, 3, 10.0)
    assert (value, cotangent) == (8.0, 120.0)
    assert adjoint.jvp(power, static="n")(2.0, 3, 0.5) == (8.0, 6.0)
    assert adjoint.hvp(power, static="n")(2.0, 3, 1.0) == 12.0


def sum_of_cubes(x, k=2.0):
    return np.sum(x**3) * k


def test_seeds_and_tangents_stand_behind_the_arguments_of_the_first_call():
    # d/dx sum(x**3)*k is 3*k*x**2; its second derivative is 6*k*x
    x, v = np.array([1.0, 2.0]), np.array([1.0, -1.0])
    value, (slope, _) = adjoint.vjp(sum_of_cubes)(x, 2.0, 10.0)
    assert value == 18.0
    assert slope.tolist() == [60.0, 240.0]
    value, tangent = adjoint.jvp(sum_of_cubes, wrt="x")(x, 2.0, x_dot=v)
    assert (value, tangent) == (18.0, 6.0 - 24.0)
    assert adjoint.hvp(sum_of_cubes, wrt="x")(x, 2.0, v).tolist() == [12.0, -24.0]
    with pytest.raises(OptionError, match="too many positional"):
        adjoint.grad(sum_of_cubes)(x, 2.0, v)


def _interpolated(values, places, at):
    return np.exp(-np.interp(at, places, values))


def _scales(logarithms, x):
    length, height = np.exp(logarithms)
    return height * np.sum(np.exp(-((x / length) ** 2)))


def _pair(pair, x):
    a, b = pair
    return a * np.sum(x) + b


def _distances(points, scale):
    total = 0.0
    for i in range(len(points) - 1):
        d = points[i] - points[i + 1]
        x, y, z = d / np.linalg.norm(d)
        total += scale * np.dot(d, d) * x * y * z
    return total


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (_distances, (np.array([[0.0, 1.5, 2.0], [0.5, 1.0, 1.0]]), 0.75)),
        (_interpolated, (np.array([1.0, 3.0, 2.0]), np.array([0.0, 1.0, 4.0]), 2.5)),
        (_scales, (np.array([0.5, -0.25]), np.array([0.1, 0.7]))),
        (_pair, (np.array([0.5, -0.25]), np.array([0.1, 0.7]))),
    ],
)
def test_a_call_says_which_parameters_are_arrays(function, arguments):
    assert_right(adjoint.value_and_grad(function), function, *arguments)


def test_calls_do_not_read_the_function_again(monkeypatch):
    read = []

    def noted(function):
        read.append(function)
        return declared_parameters(function)

    monkeypatch.setattr("adjoint.call_types.declared_parameters", noted)
    gradient = adjoint.grad(_scales, wrt="x")
    for x in (np.array([0.1, 0.7]), np.array([0.5, -0.5]), np.array([1.0])):
        assert gradient(np.array([0.5, -0.25]), x).shape == x.shape
    assert read == [_scales]
