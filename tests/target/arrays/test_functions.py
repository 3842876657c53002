"""Whole functions of arrays, as people write them: value, gradient, and the text."""

import math

import black
import mpmath
import numpy as np
import pytest
from numpy import abs, max, sum  # that shadow Python's own

import adjoint
from tests.support_arrays import differences
from tests.support_functions import define


def rosen_loop(x):
    s = 0.0
    for i in range(len(x) - 1):
        s += 100.0 * (x[i + 1] - x[i] ** 2) ** 2 + (1 - x[i]) ** 2
    return s


def rosen_slices(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def rosen_whole(x):
    left = np.roll(x, 1)[1:]
    return np.dot(100.0 * (x[1:] - left**2), x[1:] - left**2) + sum((1 - left) ** 2)


def logistic(w, X, y):
    z = X @ w
    return np.mean(np.log1p(np.exp(-y * z))) + 0.01 * w @ w


def network(W1, b1, W2, b2, X, Y):
    H = np.tanh(X @ W1 + b1)
    P = H @ W2 + b2
    return np.mean((P - Y) ** 2)


def log_likelihood(mu, L, X):
    S = L @ L.T + 0.1 * np.eye(L.shape[0])
    C = np.linalg.cholesky(S)
    R = np.linalg.solve(C, (X - mu).T)
    n, d = X.shape
    return (
        -0.5 * np.sum(R**2)
        - n * np.sum(np.log(np.diag(C)))
        - 0.5 * n * d * np.log(2 * np.pi)
    )


def kmeans(c, X):
    d = np.sum((X[:, None, :] - c[None, :, :]) ** 2, axis=2)
    return np.sum(np.min(d, axis=1))


def logsumexp(x):
    m = np.max(x)
    return m + np.log(np.sum(np.exp(x - m)))


def heat(u0, k, n):
    u = u0.copy()
    for _ in range(n):
        u[1:-1] += k * (u[2:] - 2 * u[1:-1] + u[:-2])
    return np.sum(u**2)


def heat_nonlinear(u0, k, n):
    u = u0
    for _ in range(n):
        lap = np.zeros_like(u)
        lap[1:-1] = u[2:] - 2 * u[1:-1] + u[:-2]
        u = u + k * lap * (1 + u**2)
    return np.sum(u**2)


def project(cam, P):
    r = cam[:3]
    theta = np.sqrt(np.sum(r**2))
    k = r / theta
    c, s = np.cos(theta), np.sin(theta)
    turned = np.cross(np.ones((P.shape[0], 1)) * k, P)
    Q = P * c + turned * s + np.outer(P @ k, k) * (1 - c) + cam[3:6]
    p = Q[:, :2] / Q[:, 2:]
    r2 = np.sum(p**2, axis=1)
    d = 1 + r2 * (cam[7] + cam[8] * r2)
    return cam[6] * d[:, None] * p


def bundle(cam, P, obs):
    e = project(cam, P) - obs
    return np.sum(e**2)


def shadowed(x):
    x = abs(x) * 2
    m = max(x)
    x = x[0]
    return m * x + math.sin(x)


def stored(x, A):
    y = x.copy()
    z = y
    y[0] = x[1] * x[2]
    A[0, :] += z[:2]
    A[A > 1.0] = x[0]
    y[[1, 2]] *= A[1, 0]
    return np.sum(A * A) + z @ y


def branches(x, n):
    total = 0.0
    u = x * 1.0
    for i in range(n):
        if u[i] > 0:
            v = np.exp(-u)
            u[i] = u[i] * v.sum()
        else:
            u = u**2 + i
        total += u[i]
        if total > 100:
            break
    return total + np.prod(u)


def while_loop(x):
    u = x
    k = 0
    while np.sum(u**2) > 1e-2 and k < 20:
        u = u - 0.3 * (u + 0.1 * np.sin(u))
        k += 1
    return np.sum(np.abs(u)) * k


def view_kept(x):
    u = x * 2
    v = u[1:]
    u[0] = v[0] * v[1]
    w = u[:2] * 1.0
    u[1] = 5.0
    return np.sum(u**2) + np.sum(w**3)


_RNG = np.random.default_rng(0)
_X = np.array([0.3, -1.2, 0.8, 1.9, -0.4, 0.55])


def _normal(*shape):
    return _RNG.normal(size=shape)


CASES = {
    rosen_loop: (_X,),
    rosen_slices: (_X,),
    rosen_whole: (_X,),
    logistic: (_normal(3), _normal(8, 3), np.sign(_normal(8))),
    network: (
        _normal(3, 4),
        _normal(4),
        _normal(4, 2),
        _normal(2),
        _normal(5, 3),
        _normal(5, 2),
    ),
    log_likelihood: (_normal(3), _normal(3, 3), _normal(7, 3)),
    kmeans: (_normal(3, 2), _normal(9, 2)),
    logsumexp: (_X,),
    heat: (_X, 0.1, 4),
    heat_nonlinear: (_X, 0.1, 4),
    bundle: (
        np.array([0.1, 0.2, 0.3, 0.1, 0.2, 3.0, 1.0, 0.1, 0.05]),
        _normal(5, 3),
        _normal(5, 2),
    ),
    shadowed: (_X,),
    stored: (_X[:4], np.array([[0.25, 2.0], [0.75, 1.5]])),
    branches: (_X, 5),
    while_loop: (_X,),
    view_kept: (_X,),
}


def _copies(arguments):
    return [np.array(a) if isinstance(a, np.ndarray) else a for a in arguments]


@pytest.mark.parametrize("function", CASES, ids=lambda f: f.__name__)
def test_function(function):
    arguments = CASES[function]
    derivative = adjoint.value_and_grad(function)
    value, gradient = derivative(*arguments)

    def primal(*given):
        return function(*_copies(given))

    assert value == primal(*arguments)
    floats = [at for at, a in enumerate(arguments) if not isinstance(a, int)]
    gradients = gradient if isinstance(gradient, tuple) else (gradient,)
    for at, one in zip(floats, gradients, strict=True):
        right = differences(primal, arguments, at)
        assert np.allclose(one, right, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("function", CASES, ids=lambda f: f.__name__)
def test_module(function):
    """The module stands alone, black leaves it as it is, and it gives the same."""
    derivative = adjoint.value_and_grad(function)
    arguments = CASES[function]
    value, _ = derivative(*_copies(arguments))
    text = derivative.source
    assert black.format_str(text, mode=black.Mode()) == text
    imports = [line for line in text.splitlines() if "import" in line.split()[:1]]
    assert set(imports) <= {"import numpy as np"}
    space = {}
    exec(text, space)
    name = function.__name__
    assert space[name](*_copies(arguments)) == value
    assert space[f"{name}_value_and_grad"](*_copies(arguments))[0] == value


def test_callers_arrays_are_not_changed():
    arguments = _copies(CASES[stored])
    before = _copies(arguments)
    adjoint.value_and_grad(stored)(*arguments)
    assert all(np.array_equal(a, b) for a, b in zip(before, arguments, strict=True))


@pytest.mark.parametrize("function", CASES, ids=lambda f: f.__name__)
def test_gradients_share_no_memory(function):
    arguments = _copies(CASES[function])
    _, gradients = adjoint.value_and_grad(function)(*arguments)
    arrays = [a for a in arguments if isinstance(a, np.ndarray)]
    arrays += gradients if isinstance(gradients, tuple) else [gradients]
    for at, one in enumerate(arrays):
        assert not any(np.shares_memory(one, other) for other in arrays[:at])


def one_array_twice(x, y):
    return np.sum(np.sin(x + y)) + np.sum((x + y).T ** 2)


def test_an_adjoint_of_two_parameters_is_two_arrays():
    x, y = _normal(3, 2), _normal(3, 2)
    _, (dx, dy) = adjoint.value_and_grad(one_array_twice)(x, y)
    assert np.allclose(dx, np.cos(x + y) + 2 * (x + y), rtol=1e-13)
    assert np.array_equal(dx, dy) and not np.shares_memory(dx, dy)
    assert dx.flags.writeable and dy.flags.writeable


def layer(X, W, b):
    return np.sum(np.tanh(X @ W + b) ** 2)


@pytest.mark.parametrize(
    ("rows", "columns", "bias"),
    [(5, 2, (2,)), (5, 1, (2,)), (1, 2, (5, 2)), (1, 1, (4, 3)), (5, 2, (1,))]
    + [(5, 2, (5, 1)), (0, 2, (2,)), (5, 1, (0,))],
)
def test_a_layer_of_which_the_bias_or_the_product_is_broadcast(rows, columns, bias):
    arguments = _normal(rows, 3), _normal(3, columns), _normal(*bias)
    _, gradients = adjoint.value_and_grad(layer)(*arguments)
    for at, gradient in enumerate(gradients):
        assert gradient.shape == arguments[at].shape
        right = differences(layer, arguments, at)
        assert np.allclose(gradient, right, rtol=1e-9, atol=1e-9)


def test_tanh_is_accurate_where_it_is_flat_and_warns_of_nothing():
    def f(x):
        return np.sum(np.tanh(x))

    with np.errstate(all="raise", under="ignore"):
        gradient = adjoint.grad(f, signature="x: float[:]")(np.array([800.0, -1e300]))
    assert gradient.tolist() == [0.0, 0.0]
    x = np.linspace(-40.0, 40.0, 33)
    with mpmath.workdps(40):
        exact = [float(mpmath.sech(mpmath.mpf(one)) ** 2) for one in x]
    gradient = adjoint.grad(f, signature="x: float[:]")(x)
    assert np.allclose(gradient, exact, rtol=1e-15, atol=0.0)


def test_the_second_derivative_of_tanh_is_accurate_and_warns_of_nothing():
    def f(x):
        return np.sum(np.tanh(x))

    x = np.array([0.0, 1e-9, 0.5, -3.0, 19.0, -40.0, 300.0, 800.0, -1e300])
    with mpmath.workdps(60):
        slopes = [mpmath.sech(mpmath.mpf(one)) ** 2 for one in x]
        exact = [float(-2 * mpmath.tanh(z) * s) for z, s in zip(x, slopes, strict=True)]
    signature = "x: float[:]"
    with np.errstate(all="raise", under="ignore"):
        rows = adjoint.hessian(f, signature=signature)(x)
        product = adjoint.hvp(f, signature=signature)(x, np.full(9, 0.5))
    assert np.allclose(np.diag(rows), exact, rtol=2e-15, atol=1e-308)
    assert np.allclose(2 * product, exact, rtol=2e-15, atol=1e-308)
    assert not np.any(rows - np.diag(np.diag(rows)))


@pytest.mark.parametrize("power", ["1 / 3", "2 / 3", "0.25", "-1 / 3", "5 / 3"])
def test_the_slope_of_a_root_of_zero_is_infinite(power):
    f = define(f"import numpy as np\n\ndef f(x):\n    return np.sum(x ** ({power}))\n")
    p = mpmath.mpf(eval(power))
    x = np.array([0.0, 1e-8, 0.3, 1.0, 7.5, 1e8])
    with mpmath.workdps(50):
        slopes = [float(p * mpmath.mpf(one) ** (p - 1)) for one in x[1:]]
        curved = [float(p * (p - 1) * mpmath.mpf(one) ** (p - 2)) for one in x[1:]]
    with np.errstate(divide="ignore"):  # NumPy's own warning of 1/0
        slope = adjoint.grad(f, signature="x: float[:]")(x)
        tangent = adjoint.jvp(f, signature="x: float[:]")(x, 1.0 * (x == 0))[1]
        second = np.diag(adjoint.hessian(f, signature="x: float[:]")(x))
    at_zero = float("inf") * eval(power) if eval(power) < 1 else 0.0
    assert slope[0] == tangent == at_zero
    assert second[0] == (-at_zero if at_zero else np.inf)
    assert np.allclose(slope[1:], slopes, rtol=1e-14, atol=0.0)
    assert np.allclose(second[1:], curved, rtol=1e-14, atol=0.0)


def test_an_einsum_that_only_turns_an_array_is_a_view_of_it():
    def turned(A):
        return np.einsum("ij->ji", A)

    def changed(A):
        B = np.einsum("ij->ji", A)
        B[0, 1] = 5.0
        return np.sum(A**2) + np.sum(B**3)

    signature = "A: float[:, :]"
    A = np.arange(6.0).reshape(2, 3)
    value, cotangent = adjoint.vjp(turned, signature=signature)(A, 2 * A.T)
    assert np.array_equal(value, A.T) and np.array_equal(cotangent, 2 * A)
    assert not np.shares_memory(value, A)
    with pytest.raises(adjoint.AdjointError, match="`A` may be changed with `B`"):
        _ = adjoint.grad(changed, signature=signature).source


# -- stores by arrays of indices that may be repeated: NumPy keeps the last


def put(x, v, k):
    s = x * 2.0
    s[k] = v
    return np.sum(s**2) + s[1] * v[0]


def put_one_number(x, v, k):
    s = np.sin(x)
    s[k] = v[0] * v[1]
    return np.sum(s**3)


def added_once(x, v, k):
    s = x * 2.0
    s[k] += v
    s[k] *= np.cos(v)
    return np.sum(s**3)


def put_rows(x, v, k):
    S = np.outer(x, x)
    S[k] = v[:, None] * x
    S[k, k[::-1]] -= v
    S[:, k] *= v
    return np.sum(S**3) + v[0]


INDICES = [[1, 3, 1, -2], [0, 0, 0, 0], [4, -1, 2, 2], [0, 1, 2, 3], [-5, 0, -5, 0]]


@pytest.mark.parametrize("function", [put, put_one_number, added_once, put_rows])
@pytest.mark.parametrize("indices", INDICES)
def test_a_store_by_repeated_indices(function, indices):
    rng = np.random.default_rng(5)
    arguments = rng.normal(size=5), rng.normal(size=4), np.array(indices)
    signature = "x: float[:], v: float[:], k: int[:]"
    derivative = adjoint.value_and_grad(function, ["x", "v"], signature=signature)
    value, gradients = derivative(*arguments)
    assert value == function(*arguments)
    for at, gradient in enumerate(gradients):
        right = differences(function, arguments, at)
        assert np.allclose(gradient, right, rtol=1e-9, atol=1e-9)


def test_nothing_is_stored_by_no_index():
    none = np.zeros(0)
    signature = "x: float[:], v: float[:], k: int[:]"
    derivative = adjoint.grad(added_once, ["x", "v"], signature=signature)
    dx, dv = derivative(_X, none, none.astype(int))
    assert np.array_equal(dx, 6 * (2 * _X) ** 2) and dv.shape == (0,)


def test_rosenbrock_is_the_same_however_it_is_written():
    gradients = [
        adjoint.grad(function, signature="x: float[:]")(_X)
        for function in (rosen_loop, rosen_slices, rosen_whole)
    ]
    for gradient in gradients[1:]:
        assert np.allclose(gradient, gradients[0], rtol=1e-14)


def test_square_sum_is_one_line():
    def f(x):
        return np.sum(x**2)

    source = adjoint.value_and_grad(f, signature="x: float[:]").source
    assert source.endswith("# reverse sweep\n    return y, 2.0 * x\n")


def test_scipy_takes_it():
    optimize = pytest.importorskip("scipy.optimize")
    fun = adjoint.value_and_grad(rosen_slices)
    found = optimize.minimize(fun, np.zeros(8), jac=True, method="L-BFGS-B")
    assert np.allclose(found.x, 1.0, atol=1e-4)


def test_whole_numbers_are_floats_where_they_are_differentiated_by():
    value, gradient = adjoint.value_and_grad(rosen_slices)(np.array([1, 2, 3]))
    assert value == rosen_slices(np.array([1.0, 2.0, 3.0]))
    assert gradient.dtype == float


def test_one_derivative_for_each_rank():
    def f(x):
        return np.sum(x**2)

    derivative = adjoint.grad(f)
    assert np.array_equal(derivative(np.ones(3)), 2 * np.ones(3))
    assert np.array_equal(derivative(np.ones((2, 3))), 2 * np.ones((2, 3)))
    assert derivative(3.0) == 6.0
    assert np.array_equal(derivative([1.0, 2.0]), [2.0, 4.0])


def test_nothing_comes_from_the_side_that_is_not_taken():
    def f(x):
        s = np.sqrt(x)
        inner = s + s**2 + np.log(x) * 0.0
        return np.sum(np.where(x > 0, inner, 0.0))

    with np.errstate(all="ignore"):
        gradient = adjoint.grad(f, signature="x: float[:]")(np.array([-1.0, 0.0, 4.0]))
    assert gradient.tolist() == [0.0, 0.0, 1.25]


def test_ties_share():
    def f(x):
        return np.max(x) + np.sum(np.maximum(x, 2.0)) + np.sum(np.abs(x))

    gradient = adjoint.grad(f, signature="x: float[:]")(np.array([2.0, 0.0, 2.0]))
    assert gradient.tolist() == [2.0, 0.0, 2.0]


def test_kinks_of_norms_are_zero():
    def f(x):
        return np.linalg.norm(x) + np.std(x)

    gradient = adjoint.grad(f, signature="x: float[:]")(np.zeros(3))
    assert gradient.tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("np.sum(x)", 'signature="x: float[:]"'),
        ("np.linalg.eig(x)", "not supported"),
        ("np.sum(x[:, 1], axis=2)", "no axis 2"),
        ("np.sum(x[0, 1] * np.fft)", "not supported"),
        ("np.squeeze(x[:, None])", "say axis="),
        ("x[:, 0] @ 2.0", "of arrays"),
        ("np.einsum('iji', x[:, :, :])", "each once"),
        ("np.reshape(x[:], 1.5)", "whole number"),
        ("np.sum(x[:], axs=0)", "did you mean `axis`?"),
        ("np.squeeze(x[:], 0, 1)", "takes 2 arguments at most"),
        ("x[:, 0].summ()", "did you mean `sum`?"),
        ("x[:].sort()", "write `x = np.sort(x)`"),
        ("np.sum(math.sin(x[:]))", "write `np.sin`"),
        ("np.sum(math.erf(x[:]))", "loop over its elements"),
        ("np.sum(max(x[:], 0.0))", "write `np.maximum`"),
        ("x[0] if x[:] > 0 else 0.0", "neither true nor false"),
    ],
)
def test_refused(text, message, tmp_path):
    path = tmp_path / "m.py"
    imports = "import math\nimport numpy as np\n"
    path.write_text(f"{imports}\ndef f(x):\n    return {text}\n")
    with pytest.raises(adjoint.AdjointError) as caught:
        adjoint.grad(f"{path}:f")
    assert message in str(caught.value)
    assert "^" in str(caught.value)


# -- types of elements: NumPy cuts what is stored in an array of whole numbers


def cast_to_truths(x):
    return np.sum(x.astype(bool) * x**2)


def cast_to_floats(x):
    a = np.full(2, 3, dtype=np.float64)
    a[1] = x[1] ** 2
    k = np.arange(2, dtype=float)
    return np.sum(a * x.astype(float) + k * np.asarray(x, dtype=np.float64) * x)


def of_whole_numbers(x):
    a = np.full(2, 3) + np.full(2, True) + np.arange(2)
    b = np.zeros_like(a, dtype=float)
    b[0] = x[1] * np.full(3, 2)[1]
    m = np.zeros(2, dtype=bool)
    m[1] = True
    return np.sum(b * a * x) + x[m][0] ** 3


def cut_to_whole_numbers(x):
    """NumPy's own example of an interpolation in a grid that is a torus."""
    at = np.floor(3.0 * x).astype(int)
    share = 3.0 * x - at
    grid = np.sin(np.arange(7.0))
    left = grid[np.mod(at, len(grid))]
    return np.sum((1 - share) * left + share * grid[np.mod(at + 1, 7)] * x)


def of_each_kind(x):
    a = np.asarray(4.2 * x, int) * np.array([1.5, -2.5], dtype=np.int64)
    b = np.zeros(3, dtype=int) + np.ones_like(np.arange(3), dtype=int)
    b[1] = x[1].astype(int) + 7
    b[2] += 4
    c = (x > 0).astype(int) + np.full(2, 2.75, dtype=int)
    return np.sum(a * x**2 + c * x) + np.sum(b) * x[0]


@pytest.mark.parametrize(
    "f",
    [cast_to_truths, cast_to_floats, of_whole_numbers, cut_to_whole_numbers]
    + [of_each_kind],
)
def test_types_of_elements_are_those_of_numpy(f):
    x = np.array([1.25, -0.75])
    value, gradient = adjoint.value_and_grad(f, signature="x: float[:]")(x)
    assert value == f(x)
    assert gradient == pytest.approx(differences(f, [x], 0), rel=1e-9)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("return np.sum(np.arange(0.0, 1.0, 0.5, dtype=int) * x)", "cuts the step"),
        ("return np.sum(np.zeros(2, dtype=np.pi) + x)", "write `dtype=float`"),
        ("a = np.full(2, 2)\n    a[0] = x[0]\n    return a[0]", "whole numbers"),
        ("a = np.arange(2)\n    a[0] += x[0]\n    return a[0]", "whole numbers"),
        ("a = np.full(2, 2)\n    a *= x\n    return a[0]", "whole numbers"),
        ("m = x > 0\n    m[0] = x[1]\n    return x[1] * m[0]", "truth values"),
        ("a = np.zeros_like(np.arange(2))\n    return a[0] * x[0]", "dtype=float"),
        ("a = np.full_like(np.arange(2), 1.5)\n    return a[0] * x[0]", "dtype=float"),
        ("return np.sum(np.reciprocal(np.full(2, 2)) * x)", "write `1 / x`"),
    ],
)
def test_what_numpy_would_cut_to_whole_numbers_is_refused(body, message, tmp_path):
    path = tmp_path / "m.py"
    path.write_text(f"import numpy as np\n\ndef f(x: 'float[:]'):\n    {body}\n")
    with pytest.raises(adjoint.AdjointError) as caught:
        adjoint.grad(f"{path}:f")
    assert message in str(caught.value)
    assert "^" in str(caught.value)


def test_a_view_that_is_read_behind_a_store_is_refused(tmp_path):
    path = tmp_path / "m.py"
    path.write_text(
        "def f(x: 'float[:]'):\n    v = x[1:]\n    x[1] = 2.0\n    return v[0] * x[0]\n"
    )
    with pytest.raises(adjoint.AdjointError, match="`v` may be changed with `x`"):
        adjoint.grad(f"{path}:f")


def test_a_helper_that_changes_its_callers_array_is_refused(tmp_path):
    path = tmp_path / "m.py"
    path.write_text(
        "def g(u):\n    u[0] = 1.0\n    return u\n\n\n"
        "def f(x: 'float[:]'):\n    g(x)\n    return x[0] * x[1]\n"
    )
    with pytest.raises(adjoint.AdjointError, match="an array of the caller's"):
        adjoint.grad(f"{path}:f")
