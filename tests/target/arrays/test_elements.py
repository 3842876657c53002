"""Element code: functions that read and store elements, as modules of lists."""

import mpmath
import numpy as np
import pytest

import adjoint
from tests.support_arrays import differences
from tests.support_counting import lines_and_copies


def rosenbrock(x):
    total = 0.0
    for i in range(len(x) - 1):
        total += 100.0 * (x[i + 1] - x[i] ** 2) ** 2 + (1.0 - x[i]) ** 2
    return total


def tridiagonal(a, b, c, d):
    n = len(d)
    cp = np.zeros(n)
    dp = np.zeros(n)
    cp[0] = c[0] / b[0]
    dp[0] = d[0] / b[0]
    for i in range(1, n):
        m = b[i] - a[i] * cp[i - 1]
        cp[i] = c[i] / m
        dp[i] = (d[i] - a[i] * dp[i - 1]) / m
    x = np.zeros(n)
    x[n - 1] = dp[n - 1]
    for i in range(n - 2, -1, -1):
        x[i] = dp[i] - cp[i] * x[i + 1]
    total = 0.0
    for i in range(n):
        total += (i + 1) * x[i]
    return total


def prefix_sums(x):
    s = np.zeros(len(x))
    s[0] = x[0]
    for i in range(1, len(x)):
        s[i] = s[i - 1] + x[i] ** 2
    return s[-1] * s[1]


def running_maximum(x):
    best = x[0]
    total = 0.0
    for i in range(len(x)):
        if x[i] > best:
            best = x[i]
        total += best * (i + 1)
    return total


def grid_paths(A):
    n, m = A.shape
    cost = np.zeros((n, m))
    for i in range(n):
        for j in range(m):
            if i == 0 and j == 0:
                cost[i, j] = A[i, j]
            elif i == 0:
                cost[i, j] = cost[i, j - 1] + A[i, j]
            elif j == 0:
                cost[i, j] = cost[i - 1, j] + A[i, j]
            else:
                cost[i, j] = A[i, j] + min(cost[i - 1, j], cost[i, j - 1])
    return cost[n - 1, m - 1] ** 2


def stencil(A):
    n, m = A.shape
    total = 0.0
    for i in range(1, n - 1):
        for j in range(1, m - 1):
            total += (A[i, j] - A[i - 1][j] * A[i, j + 1]) ** 2
    return total


def overwritten(x):
    y = np.zeros(3)
    y[0] = x[0] * x[1]
    before = y[0]
    y[0] = y[0] * x[2]
    y[1] += y[0] * before
    return y[1] * y[0]


def stored_if(x, limit: float):
    y = np.ones(len(x))
    for i in range(len(x)):
        if x[i] > limit:
            y[i] = x[i] ** 3
        else:
            y[i] *= x[i]
    return y[0] * y[1] + y[-1]


def in_place(x):
    for i in range(1, len(x)):
        x[i] = x[i] * x[i - 1]
    return x[-1]


def diagonal(S, d):
    for i in range(len(d)):
        S[i, i] += d[i] * d[i]
    total = 0.0
    for i in range(len(d)):
        for j in range(len(d)):
            total += S[i, j] * d[j]
    return total


def smallest(x):
    b = x[0]
    for i in range(1, len(x)):
        b = min(b, x[i])
    return b * x[-1]


def rosenbrock_sum(x):
    return sum(
        100.0 * (x[i + 1] - x[i] ** 2) ** 2 + (1.0 - x[i]) ** 2
        for i in range(len(x) - 1)
    )


def iterated(x, y):
    total = 0.0
    for i, (u, v) in enumerate(zip(x, y)):  # noqa: B905
        total += u * v * v * i
    for v in x:
        total += v**3
    return total * sum(y) + sum(v * v for v in x)


def rows(A):
    total = 0.0
    for row in A:
        first = row[0]
        for v in row:
            total += v * v * first
    return total


VECTOR = [0.7, 1.9, -0.4, 1.2, 0.3]
MATRIX = [[0.7, 1.9, -0.4, 1.1], [1.2, 0.3, 0.8, 0.2], [0.5, -1.5, 2.2, 0.9]]
CASES = (
    (rosenbrock, "x: float[:]", [VECTOR]),
    (
        tridiagonal,
        "a: float[:], b: float[:], c: float[:], d: float[:]",
        [VECTOR, [4.0, 5.0, 6.0, 4.5, 5.5], VECTOR[::-1], [1.0, 2.0, 0.5, 3.0, 1.5]],
    ),
    (prefix_sums, "x: float[:]", [VECTOR]),
    (running_maximum, "x: float[:]", [VECTOR]),
    (grid_paths, "A: float[:, :]", [MATRIX]),
    (stencil, "A: float[:, :]", [MATRIX]),
    (overwritten, "x: float[:]", [VECTOR]),
    (stored_if, "x: float[:]", [VECTOR, 0.5]),
    (in_place, "x: float[:]", [VECTOR]),
    (diagonal, "S: float[:, :], d: float[:]", [MATRIX, VECTOR[:3]]),
    (smallest, "x: float[:]", [VECTOR]),
    (rosenbrock_sum, "x: float[:]", [VECTOR]),
    (iterated, "x: float[:], y: float[:]", [VECTOR, VECTOR[:3]]),
    (rows, "A: float[:, :]", [MATRIX]),
)


def arrays(arguments):
    return [np.array(a) if isinstance(a, list) else a for a in arguments]


@pytest.mark.parametrize(
    "function, signature, arguments", CASES, ids=[case[0].__name__ for case in CASES]
)
def test_gradients_agree_with_differences(function, signature, arguments):
    def on_copies(*given):
        return function(*[np.array(a) if np.ndim(a) else a for a in given])

    d = adjoint.value_and_grad(function, target="python", signature=signature)
    assert "numpy" not in d.source.partition('"""\n\n')[2]
    given = [[*a] if isinstance(a, list) else a for a in arguments]
    value, gradients = d(*given)
    assert given == arguments  # the caller's lists are as they were
    assert value == function(*arrays(arguments))
    if not isinstance(gradients, tuple):
        gradients = (gradients,)
    for at, gradient in enumerate(gradients):
        wanted = differences(on_copies, arrays(arguments), at)
        assert type(gradient) in (list, float)
        np.testing.assert_allclose(gradient, wanted, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("kind", [list, tuple, np.array])
def test_parameters_are_any_sequences(kind):
    d = adjoint.grad(rosenbrock, target="python", signature="x: float[:]")
    x = [-1.2, 1.0, 0.5, 2.0]
    wanted = [0.0] * len(x)
    for i in range(len(x) - 1):
        t = x[i + 1] - x[i] ** 2
        wanted[i] += -400 * t * x[i] - 2 * (1 - x[i])
        wanted[i + 1] += 200 * t
    assert d(kind(x)) == pytest.approx(wanted, rel=1e-13)


def test_fifty_digits():
    """The generated text runs on numbers of 50 digits, as the closed form does."""
    d = adjoint.grad(prefix_sums, target="python", signature="x: float[:]")
    with mpmath.workdps(50):
        x = [mpmath.mpf(n) / 7 for n in (3, 5, -2, 4)]
        gradient = d(x)
        s1 = x[0] + x[1] ** 2
        last = s1 + x[2] ** 2 + x[3] ** 2
        wanted = [
            s1 + last,
            2 * x[1] * (s1 + last),
            2 * x[2] * s1,
            2 * x[3] * s1,
        ]
        for one, exact in zip(gradient, wanted, strict=True):
            assert abs(one - exact) < mpmath.mpf(10) ** -45


@pytest.mark.parametrize(
    "function, signature, sized",
    [
        (rosenbrock, "x: float[:]", lambda n: [[0.5] * n]),
        (prefix_sums, "x: float[:]", lambda n: [[0.5] * n]),
        (in_place, "x: float[:]", lambda n: [[0.5] * n]),
        (stored_if, "x: float[:]", lambda n: [[0.1, 0.9] * (n // 2), 0.5]),
        (rosenbrock_sum, "x: float[:]", lambda n: [[0.5] * n]),
        (iterated, "x: float[:], y: float[:]", lambda n: [[0.5] * n, [0.2] * n]),
        (rows, "A: float[:, :]", lambda n: [[[0.5] * 5 for _ in range(n)]]),
        (grid_paths, "A: float[:, :]", lambda n: [[[0.5] * n for _ in range(5)]]),
        (stencil, "A: float[:, :]", lambda n: [[[0.5] * 5 for _ in range(n)]]),
    ],
)
def test_cost_is_linear(function, signature, sized):
    d = adjoint.value_and_grad(function, target="python", signature=signature)
    name = f"{function.__name__}_value_and_grad"
    counts = [lines_and_copies(d.source, name, sized(n)) for n in (40, 80, 160)]
    assert counts[2] - counts[1] == pytest.approx(2 * (counts[1] - counts[0]), abs=8)


def whole(x):
    y = x * x
    return y[0]


def test_whole_arrays_are_refused():
    with pytest.raises(adjoint.AdjointError) as caught:
        print(adjoint.grad(whole, target="python", signature="x: float[:]").source)
    text = str(caught.value)
    assert "use target='numpy'" in text
    assert "y = x * x" in text and "^" in text


def changing(x):
    for i, v in enumerate(x):
        x[i - 1] = v * v
    return x[0]


def test_a_loop_over_elements_that_change_is_refused():
    with pytest.raises(adjoint.AdjointError, match="changes in a loop over its"):
        print(adjoint.grad(changing, target="python", signature="x: float[:]").source)


def bilinear(a: list[float], b: list[float]):
    total = 0.0
    for i in range(len(a)):
        for j in range(len(b)):
            total += (i + 1) * a[i] ** 2 * b[j] ** (j + 1)
    return total


def test_the_hessian_of_several_lists_is_written_in_lists():
    """That by a and b is that by b and a, turned round; they are lists of their own."""
    derivative = adjoint.hessian(bilinear)
    assert "import numpy" not in derivative.source
    a, b = [1.5, -2.0], [0.5, 2.0, -1.0]
    (aa, ab), (ba, bb) = derivative(a, b)
    powers = sum(x ** (j + 1) for j, x in enumerate(b))
    assert aa == [[2.0 * powers, 0.0], [0.0, 4.0 * powers]]
    slopes = [1.0, 2 * b[1], 3 * b[2] ** 2]
    rows = [[2.0 * (i + 1) * x * slope for slope in slopes] for i, x in enumerate(a)]
    assert ab == rows
    assert ba == [[row[j] for row in rows] for j in range(3)]
    squares = a[0] ** 2 + 2 * a[1] ** 2
    assert bb == [[0, 0, 0], [0, 2 * squares, 0], [0, 0, 6 * b[2] * squares]]
    assert derivative.check(seconds=3)
