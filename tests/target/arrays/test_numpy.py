"""The NumPy target: functions of arrays."""

import math
import subprocess
import sys
import warnings

import numpy as np
import pytest

import adjoint
from adjoint.errors import OptionError

WORKED = "f(x1, x2) = (x1 - x2)**2 + cos(x1 + x2)"


def test_worked_example_at_arrays():
    rng = np.random.default_rng(1)
    x1, x2 = rng.uniform(-3, 3, (2, 50))
    value, (d1, d2) = adjoint.value_and_grad(WORKED, target="numpy")(x1, x2)
    assert np.array_equal(value, (x1 - x2) ** 2 + np.cos(x1 + x2))
    assert np.allclose(d1, 2 * (x1 - x2) - np.sin(x1 + x2), rtol=1e-14, atol=1e-14)
    assert np.allclose(d2, -2 * (x1 - x2) - np.sin(x1 + x2), rtol=1e-14, atol=1e-14)


def test_module_imports_numpy_and_what_it_uses_of_math():
    source = adjoint.grad("sin(x) + sqrt(2*pi)*x", target="numpy").source
    imports = [line for line in source.splitlines() if "import" in line]
    assert imports == ["from math import pi, prod, sqrt", "import numpy as np"]


def test_a_parameter_may_be_called_np():
    derivative = adjoint.grad("f(np, numpy) = sin(np)*exp(numpy)", target="numpy")
    got = derivative(np.array([1.0]), np.array([2.0]))
    assert np.allclose(got, [[np.cos(1) * np.exp(2)], [np.sin(1) * np.exp(2)]])


def test_what_was_handed_in_is_not_changed():
    x = np.array([1.0, 2.0])
    adjoint.value_and_grad("x*y + x + y + x*exp(x)", target="numpy")(x, x)
    assert x.tolist() == [1.0, 2.0]


def test_unknown_target_is_refused_with_a_suggestion():
    with pytest.raises(OptionError, match="did you mean `numpy`"):
        adjoint.grad("x", target="nunpy")


SHAPES = [
    ((), ()),
    ((3,), ()),
    ((), (4,)),
    ((1,), (3,)),
    ((3, 1), (4,)),
    ((2, 1, 3), (5, 1)),
    ((0,), ()),
    ((0, 3), (3,)),
    ((1, 1), (1,)),
    ((20000,), (1,)),
    ((3, 10000), (10000,)),
    ((9000, 2), (2,)),
    ((10000, 1), (1, 3)),
    ((2, 3, 9000), (3, 1)),
    ((9001, 1, 1), ()),
]
BRANCHES = "where(x > y, log(x - y)*x, y*sin(x))"


@pytest.mark.parametrize("shapes", SHAPES)
@pytest.mark.parametrize("formula", [WORKED, BRANCHES], ids=["straight", "branches"])
def test_shapes_broadcast(shapes, formula):
    rng = np.random.default_rng(3)
    a, b = (rng.uniform(-2, 2, shape) for shape in shapes)
    value, gradient = adjoint.value_and_grad(formula, target="numpy")(a, b)
    a, b = np.broadcast_arrays(a, b)
    if formula is WORKED:
        t = np.sin(a + b)
        expected = (a - b) ** 2 + np.cos(a + b), 2 * (a - b) - t, -2 * (a - b) - t
    else:
        holds, d = a > b, np.where(a > b, a - b, 1.0)
        expected = (
            np.where(holds, np.log(d) * a, b * np.sin(a)),
            np.where(holds, a / d + np.log(d), b * np.cos(a)),
            np.where(holds, -a / d, np.sin(a)),
        )
    for found, right in zip((value, *gradient), expected, strict=True):
        assert np.shape(found) == right.shape
        assert np.allclose(found, right, rtol=1e-13, atol=1e-13)


def views(shape):
    """Arrays of the shape that are not contiguous, or backwards, or turned."""
    rng = np.random.default_rng(4)
    big = rng.uniform(0.5, 2, tuple(2 * n for n in shape))
    yield big[tuple(slice(None, None, 2) for _ in shape)]
    yield big[tuple(slice(n - 1, None, -1) for n in shape)][tuple(map(slice, shape))]
    yield np.asfortranarray(rng.uniform(0.5, 2, shape))
    yield rng.uniform(0.5, 2, shape[::-1]).T


@pytest.mark.parametrize("shape", [(7,), (100, 130), (20001,)])
@pytest.mark.parametrize("which", range(4))
def test_arrays_of_any_layout(shape, which):
    x = list(views(shape))[which]
    value, (dx, dy) = adjoint.value_and_grad("log(x)*y", target="numpy")(x, x[::-1])
    assert np.allclose(value, np.log(x) * x[::-1], rtol=1e-14)
    assert np.allclose(dx, x[::-1] / x, rtol=1e-14)
    assert np.allclose(dy, np.log(x), rtol=1e-14, atol=1e-15)


def test_results_are_arrays_of_their_own():
    x, y = np.array([1.0, 2.0]), np.array([3.0, 4.0])
    value, (dx, dy) = adjoint.value_and_grad("x*y", target="numpy")(x, y)
    for one in (value, dx, dy):
        one += 1.0
    assert x.tolist() == [1.0, 2.0] and y.tolist() == [3.0, 4.0]
    value, (dx, dy) = adjoint.value_and_grad("x + y", target="numpy")(x, y)
    dx += 1.0
    assert dy.tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    "argument, type",
    [
        (1, np.float64),
        (1.5, np.float64),
        (np.float32(1.5), np.float32),
        ([1, 2], np.float64),
        (np.array([1, 2]), np.float64),
        (np.array([1, 0], dtype=bool), np.float64),
        (np.array([1, 2], dtype=np.int8), np.float64),
        (np.array([1.5, 2.5], dtype=np.float32), np.float32),
        (np.array(1.5, dtype=np.float32), np.float32),
        (np.array([1.5, 2.5], dtype=np.longdouble), np.longdouble),
    ],
)
def test_floats_have_the_type_of_those_given(argument, type):
    formula = "where(x > 1.2, exp(x)*y + 2, sqrt(2*pi)*y) + y*3"
    value, gradient = adjoint.value_and_grad(formula, target="numpy")(argument, 2.0)
    assert value.dtype == type
    assert [one.dtype for one in gradient] == [type, type]


def test_a_point_alone_gives_numbers():
    """No arrays without axes, of a branch either."""
    found = adjoint.hessian("z*x**y", target="numpy")(1.5, 0.0, 3.0)
    assert {type(one) for row in found for one in row} == {np.float64}


@pytest.mark.parametrize("bad", [1j, "1", None, [1.0, "a"], np.array([1j])])
def test_what_is_no_number_is_refused(bad):
    with pytest.raises(TypeError, match=r"[Cc]annot cast"):
        adjoint.grad("x*x", target="numpy")(bad)


@pytest.mark.parametrize(
    "args, named, message",
    [
        ((1,), {}, "missing 1 required positional argument: 'y'"),
        ((1, 2, 3), {}, "takes 2 positional arguments but 3 were given"),
        ((1,), {"x": 2}, "multiple values for argument 'x'"),
        ((1, 2), {"z": 2}, "unexpected keyword argument 'z'"),
    ],
)
def test_calls_that_do_not_fit_are_errors_of_python(args, named, message):
    with pytest.raises(TypeError, match=message):
        adjoint.grad("x*y", target="numpy")(*args, **named)


def test_shapes_that_do_not_broadcast_are_an_error_of_numpy():
    with pytest.raises(ValueError, match="broadcast"):
        adjoint.grad("x*y", target="numpy")(np.ones(2), np.ones(3))


# -- branches

GUARDED = [
    ("where(x > 0, log(x), 0)", lambda x: np.where(x > 0, 1 / np.abs(x), 0.0)),
    ("where(x > 0, sqrt(x), 0)", lambda x: np.where(x > 0, 0.5 / np.sqrt(abs(x)), 0.0)),
    ("1/x if x > 1 else x", lambda x: np.where(x > 1, -1 / x**2, 1.0)),
    ("x*x if abs(x) < 1e100 else 1", lambda x: np.where(abs(x) < 1e100, 2 * x, 0.0)),
    (
        "exp(x) if x < 700 else 1",
        lambda x: np.where(x < 700, np.exp(np.minimum(x, 700)), 0),
    ),
    (
        "x**3 if x > 0 and log(x) < 1 else 5",
        lambda x: np.where((x > 0) & (x < np.e), 3 * np.where(x < 9, x, 0) ** 2, 0),
    ),
    ("abs(x)", np.sign),
    ("relu(x)", lambda x: np.where(x > 0, 1.0, 0.0)),
    ("max(x, 0)", lambda x: np.where(x > 0, 1.0, np.where(x == 0, 0.5, 0.0))),
    (
        "min(x, 3, 2*x)",
        lambda x: np.where(
            x < 0, 2.0, np.where(x == 0, 1.5, np.where(x < 3, 1.0, 0.0))
        ),
    ),
]
VALUES = np.array([-1e300, -800.0, -2.5, -0.5, 0.0, -0.0, 0.25, 1.5, 2.0, 4.0, 1e300])


@pytest.mark.parametrize("formula, slope", GUARDED, ids=[f for f, _ in GUARDED])
def test_sides_that_are_not_taken_neither_warn_nor_poison(formula, slope):
    d = adjoint.value_and_grad(formula, target="numpy")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        value, found = d(VALUES)
        each = [d(x) for x in VALUES]
    with np.errstate(all="ignore"):
        expected = slope(VALUES) + np.zeros_like(VALUES)
    assert np.isfinite(value).all()
    assert np.allclose(found, expected, rtol=1e-14, atol=0)
    assert [one[1] for one in each] == found.tolist()
    assert [one[0] for one in each] == value.tolist()


def test_a_branch_inside_a_branch():
    formula = "log(x)*sqrt(y) if y > 0 else -log(x) if x > 0 else x*y"
    x = np.array([1.0, 2.0, 3.0, -1.0, -2.0])
    y = np.array([4.0, -1.0, 9.0, -1.0, -3.0])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        d = adjoint.value_and_grad(formula, target="numpy")
        value, (dx, dy) = d(x, y)
    assert np.allclose(value, [0.0, -np.log(2), 3 * np.log(3), 1.0, 6.0])
    assert np.allclose(dx, [2.0, -0.5, 1.0, -1.0, -3.0])
    assert np.allclose(dy, [0.0, 0.0, np.log(3) / 6, -1.0, -2.0])


def test_a_domain_error_of_the_users_is_that_of_numpy():
    d = adjoint.value_and_grad("log(x) if x > -1 else 0", target="numpy")
    with pytest.warns(RuntimeWarning, match="invalid value encountered in log"):
        value, _ = d(np.array([-0.5, -2.0, 1.0]))
    assert np.isnan(value).tolist() == [True, False, False]


def test_a_python_function_with_early_returns_and_an_exception():
    def f(x: float, n: int):
        if n < 0:
            raise ValueError("n is negative")
        if x < 0:
            return -x * n
        y = x**n
        if y > 10:
            return y / 2
        return y

    d = adjoint.value_and_grad(f, target="numpy")
    value, slope = d(np.array([-2.0, 2.0, 3.0]), np.array([2, 3, 3]))
    assert value.tolist() == [4.0, 8.0, 13.5]
    assert slope.tolist() == [-2.0, 12.0, 13.5]
    with pytest.raises(ValueError, match="n is negative"):
        d(np.array([1.0, 2.0]), np.array([2, -1]))


def test_defaults_and_keywords():
    def f(x, *, scale=2.0, n: int = 3):
        return scale * x**n

    d = adjoint.grad(f, "x", target="numpy")
    assert d(np.array([1.0, 2.0])).tolist() == [6.0, 24.0]
    assert d(np.array([1.0, 2.0]), n=2, scale=np.array([1.0, 5.0])).tolist() == [
        2.0,
        20.0,
    ]


def test_ties_are_counted():
    d = adjoint.grad("f(x, z) = min(z, x, z)", target="numpy")
    dx, dz = d(np.array([-0.2, 3.0, 1.0]), np.array([-1.4, 5.0, 1.0]))
    assert dx.tolist() == [0.0, 1.0, 1 / 3]
    assert dz.tolist() == [1.0, 0.0, 2 / 3]


def test_the_text_needs_no_numpy():
    program = (
        "import sys; sys.modules['numpy'] = None\n"
        "import adjoint\n"
        "d = adjoint.grad('where(x > 0, erf(x), digamma(x))', target='numpy')\n"
        "assert 'import numpy as np' in d.source\n"
        "try:\n"
        "    d(1.0)\n"
        "except adjoint.AdjointError as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "pip install 'adjoint[numpy]'" in done.stdout


X, Y = np.array([2.0, -2.0, 0.5]), np.array([3.0, 0.5, -1.0])
_SIDE = X > 0
_LOG = np.log(np.abs(X))
_DX, _DY = np.where(_SIDE, Y / X, Y**2), np.where(_SIDE, _LOG, 2 * X * Y)
_XX, _XY = np.where(_SIDE, -Y / X**2, 0.0), np.where(_SIDE, 1 / X, 2 * Y)
_YY = np.where(_SIDE, 0.0, 2 * X)
#: Of log(x)*y where x > 0, else x*y**2: what each kind returns, behind the value.
KINDS = {
    "grad": ((), (_DX, _DY)),
    "jacobian": ((), (_DX, _DY)),
    "hessian": ((), ((_XX, _XY), (_XY, _YY))),
    "jvp": ((2.0, Y), 2.0 * _DX + Y * _DY),
    "vjp": ((X,), (X * _DX, X * _DY)),
    "hvp": ((2.0, Y), (2.0 * _XX + Y * _XY, 2.0 * _XY + Y * _YY)),
}


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_derivative_at_arrays(kind):
    more, expected = KINDS[kind]
    d = getattr(adjoint, kind)("log(x)*y if x > 0 else x*y**2", target="numpy")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = d(X, Y, *more)
    if kind in ("jvp", "vjp"):
        value, found = found
        assert np.allclose(value, np.where(_SIDE, _LOG * Y, X * Y**2), rtol=1e-14)
    assert np.shape(found) == np.shape(expected)
    assert np.allclose(found, expected, rtol=1e-14, atol=1e-14)


def unused(x, y):
    a = math.log(x)
    _ = math.exp(y) if a > 0 else math.sin(y)
    return x * y


def rotated(angle, x):
    return x * math.cos(angle), x * math.sin(angle)


def test_nothing_is_computed_that_nobody_uses():
    """Python's math raises exceptions, which are kept; NumPy raises none."""
    derivative = adjoint.value_and_grad(unused, target="numpy")
    body = derivative.source.split("def unused_value_and_grad")[1]
    assert "np." not in body
    value, (dx, dy) = derivative(np.array([-1.0, 2.0]), 3.0)
    assert value.tolist() == [-3.0, 6.0]
    assert dx.tolist() == [3.0, 3.0] and dy.tolist() == [-1.0, 2.0]
    assert "np.log(" not in adjoint.grad(rotated_length, target="numpy").source


def rotated_length(angle, x):
    math.log(angle)
    u, v = rotated(angle, x)
    return u * u + v * v


def test_a_tuple_of_seeds_is_refused():
    """It would be taken for one array of points."""
    product = adjoint.vjp(rotated, target="numpy")
    with pytest.raises(adjoint.AdjointError, match="takes a tuple, y_bar"):
        product(0.5, 2.0, (1.0, 0.0))
    with pytest.raises(adjoint.AdjointError, match="takes a tuple, y_bar"):
        str(product.source)


def test_functions_that_numpy_lacks_beside_those_of_constants():
    """The helper `lgamma` has another name then, and still calls `math.lgamma`."""
    names = ("lgamma", "gamma", "erf", "erfc")
    formula = " + ".join(f"{name}(0.5)*{name}(x)" for name in names)
    value, slope = adjoint.value_and_grad(formula, target="numpy")(np.array([0.75]))
    expected = sum(getattr(math, n)(0.5) * getattr(math, n)(0.75) for n in names)
    by_number, slope_there = adjoint.value_and_grad(formula)(0.75)
    assert value == pytest.approx([expected], rel=1e-14)
    assert slope == pytest.approx([slope_there], rel=1e-14)
    assert by_number == pytest.approx(expected, rel=1e-14)
