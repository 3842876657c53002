"""Functions of lists: values as Python's own, gradients beside differences."""

import math

import black
import numpy as np
import pytest

import adjoint
from tests.support_arrays import differences
from tests.support_counting import lines_and_copies


def squares(x):
    y = [v**2 for v in x]
    return sum(y) * y[0]


def growing(x, n):
    out = [x]
    for i in range(n):
        out.append(out[-1] * x + i)
    total = 0.0
    for v in out:
        total += math.sin(v)
    return total


def positive_roots(x):
    out = []
    for v in x:
        if v > 0:
            out.append(math.sqrt(v))
    return max(out) * len(out)


def whole_zeros(x):
    n = len(x)
    s = [0] * n
    s[0] = x[0]
    for i in range(1, n):
        s[i] = s[i - 1] * 0.5 + x[i] ** 2
    return s[-1] + s[1]


def filtered_sum(x, y):
    return sum(a * b for a, b in zip(x, y, strict=False) if a > b)


def table(x):
    n = len(x)
    D = [[0.0] * n for _ in range(n)]
    for i in range(n):
        for j in range(n):
            D[i][j] = x[i] * x[j]
            if i > 0:
                D[i][j] += D[i - 1][j]
    return D[-1][0] * D[1][2]


def smoothed(x):
    y = x[1:-1]
    for i in range(len(y)):
        y[i] = y[i] + 0.25 * (x[i] - 2.0 * x[i + 1] + x[i + 2])
    return max(y) + sum(y[2:]) * min(x)


def monotone_stack(x):
    s = []
    for v in x:
        while s and s[-1] > v:
            s.pop()
        s.append(v)
    total = 0.0
    for k, v in enumerate(s):
        total += (k + 1) * v
    return total


def stored_slices(x, n):
    s = [1.0, 2.0, x[0]]
    s[1:] = [v * v for v in x[:2]]
    s += [x[1]] * n
    s.extend(v * 2.0 for v in x)
    return sum(sorted(s)[1:3]) * s[-1]


def exact_sum(x):
    return math.fsum(v * v for v in x) * math.prod(x)


def joined(x):
    a = x[:2] + x[2:]
    b = a + [3.0] + a
    return sum(b[i] * i for i in range(len(b)))


def pairs(x):
    return sum(a * b for i, a in enumerate(x) for b in x[i:] if a != b)


def popped(x):
    s = list(x)
    last = s.pop()
    s.append(last * s[0])
    t = s.copy()
    t[0] = 2.0
    return s[0] * s[-1] * t[-1] * t[0]


def rolling(x):
    old = [0.0] * 3
    for v in x:
        new = [v, old[0] * 0.5, old[1] + v * v]
        old = new
    return old[0] * old[1] + old[2]


def picked(x, k):
    weights = [0.5, 2.0, -1.0]
    return weights[k] * x[k] + [x[0], x[1] * x[2]][k - 1]


def one_side(x):
    out = []
    if x[0] > 0:
        out.append(x[0] * x[1])
    else:
        out = [x[2], x[1]]
    return sum(out) + len(out) * x[0]


def matrix_vector(A, x):
    y = [sum(a * b for a, b in zip(row, x, strict=True)) for row in A]
    return math.prod(y) + max(abs(v) for v in y)


def bellman(costs, n):
    best = [costs[0]] + [0] * (n - 1)
    for i in range(1, n):
        best[i] = min(best[j] + costs[i] * (i - j) for j in range(i))
    return best[-1]


def extended_rows(x):
    rows = []
    for v in x:
        rows.append([v, v * v])
    rows[0][1] += x[1]
    return rows[0][1] * rows[-1][0] + len(rows)


def unpacked(x):
    a, b, c, *_ = [v * 2.0 for v in (x[0], x[1], x[2])] + [1.0]
    return a * b - c


def window(x, i, j):
    return sum(x[i:j]) * max(x[i:]) + min(x[:j])


def helper_of(v, n):
    powers = [1.0]
    for _ in range(n):
        powers.append(powers[-1] * v)
    return powers


def with_a_helper(x):
    return sum(helper_of(x[0], 3)) * helper_of(x[1], 2)[-1]


def deep(x):
    out = []
    for i in range(len(x)):
        inner = []
        for j in range(i + 1):
            inner.append(x[j] * (j + 1))
        out.append(sum(inner))
    return sum(v * v for v in out)


del unpacked  # a starred name is refused

VECTOR = [0.7, 1.9, -0.4, 1.2, 0.3]
MATRIX = [[0.7, 1.9, -0.4], [1.2, 0.3, 0.8], [0.5, -1.5, 2.2]]
X = "x: list[float]"
CASES = (
    (squares, X, [VECTOR]),
    (growing, "x: float, n: int", [0.8, 4]),
    (growing, "x: float, n: int", [0.8, 0]),
    (positive_roots, X, [VECTOR]),
    (whole_zeros, X, [VECTOR]),
    (filtered_sum, "x: list[float], y: list[float]", [VECTOR, [0.5, 2.0, -1.0]]),
    (table, X, [VECTOR]),
    (smoothed, X, [VECTOR]),
    (monotone_stack, X, [VECTOR]),
    (stored_slices, X + ", n: int", [VECTOR, 3]),
    (exact_sum, X, [VECTOR]),
    (exact_sum, X, [[0.7, 0.0, 1.3]]),
    (joined, X, [VECTOR]),
    (pairs, X, [VECTOR]),
    (popped, X, [VECTOR]),
    (rolling, X, [VECTOR]),
    (picked, X + ", k: int", [VECTOR, 1]),
    (picked, X + ", k: int", [VECTOR, 2]),
    (one_side, X, [VECTOR]),
    (one_side, X, [[-0.5, 2.0, 0.3]]),
    (matrix_vector, "A: list[list[float]], x: list[float]", [MATRIX, VECTOR[:3]]),
    (bellman, "costs: list[float], n: int", [[0.7, 1.9, 0.4, 1.2], 4]),
    (extended_rows, X, [VECTOR]),
    (window, X + ", i: int, j: int", [VECTOR, 1, 4]),
    (window, X + ", i: int, j: int", [VECTOR, -3, -1]),
    (with_a_helper, X, [VECTOR]),
    (deep, X, [VECTOR]),
)
NAMES = [f"{function.__name__}{at}" for at, (function, _, _) in enumerate(CASES)]


def plain(argument):
    """Lists of Python's floats, for what differences hand over."""
    return argument.tolist() if isinstance(argument, np.ndarray) else argument


def on_lists(function):
    return lambda *given: function(*map(plain, given))


@pytest.mark.parametrize("target", ["python", "numpy"])
@pytest.mark.parametrize(("function", "signature", "arguments"), CASES, ids=NAMES)
def test_value_and_gradient(function, signature, arguments, target):
    d = adjoint.value_and_grad(function, target=target, signature=signature)
    before = repr(arguments)
    value, gradients = d(*arguments)
    assert repr(arguments) == before  # the caller's lists are as they were
    assert value == function(*arguments)
    if not isinstance(gradients, tuple):
        gradients = (gradients,)
    floats = [at for at, one in enumerate(arguments) if not isinstance(one, int)]
    for at, gradient in zip(floats, gradients, strict=True):
        assert type(gradient) in (list, float, np.float64)
        wanted = differences(on_lists(function), arguments, at)
        np.testing.assert_allclose(gradient, wanted, rtol=1e-8, atol=1e-9)
    assert black.format_str(d.source, mode=black.Mode()) == d.source


@pytest.mark.parametrize(("function", "signature", "arguments"), CASES, ids=NAMES)
def test_a_plain_function_becomes_a_plain_module(function, signature, arguments):
    d = adjoint.value_and_grad(function, signature=signature)
    imports = [line for line in d.source.splitlines() if "import" in line]
    assert all(line.startswith("from math import") for line in imports)


@pytest.mark.parametrize("function", [squares, table, monotone_stack, one_side])
def test_it_is_checked(function):
    assert adjoint.value_and_grad(function, signature=X).check(seconds=2.0)


def test_the_code_is_as_a_person_writes_it():
    d = adjoint.value_and_grad(growing, signature="x: float, n: int")
    assert d.source.endswith("""\
def growing_value_and_grad(x, n):
    # forward sweep
    out = [x]
    saved = []
    for i in range(n):
        t1 = out[-1]
        saved.append(t1)
        out.append(t1 * x + i)
    t2 = len(out)
    total = 0.0
    saved_2 = []
    for i in range(t2):
        v = out[i]
        saved_2.append(v)
        total += sin(v)
    # reverse sweep
    out_bar = [0.0] * len(out)  # for v in out:
    for i in reversed(range(t2)):
        v = saved_2.pop()
        out_bar[i] += cos(v)
    x_bar = 0.0
    for _ in range(n):
        t1 = saved.pop()
        t3 = out_bar.pop()  # out.append(out[-1] * x + i)
        out_bar[-1] += t3 * x
        x_bar += t3 * t1
    x_bar += out_bar[0]  # out = [x]
    return total, x_bar
""")


def ties(x):
    return max(x) + 3.0 * min(x)


def test_ties_share_equally():
    """The subgradient of minimum norm: three that tie have a third each."""
    d = adjoint.grad(ties, signature=X)
    assert d([2.0, 2.0, -1.0, 2.0, -1.0]) == [1 / 3, 1 / 3, 1.5, 1 / 3, 1.5]


def test_exceptions_are_pythons():
    d = adjoint.value_and_grad(positive_roots, signature=X)
    for give in (d, positive_roots):
        with pytest.raises(ValueError, match="max"):
            give([-1.0, -2.0])
    emptied = adjoint.value_and_grad(popped, signature=X)
    for give in (emptied, popped):
        with pytest.raises(IndexError):
            give([])


def by_elements(x):
    total = 0.0
    for i in range(len(x) - 1):
        total += 100.0 * (x[i + 1] - x[i] ** 2) ** 2 + (1.0 - x[i]) ** 2
    return total


def by_slices(x):
    total = 0.0
    for a, b in zip(x[:-1], x[1:], strict=True):  # noqa: RUF007
        total += 100.0 * (b - a**2) ** 2 + (1.0 - a) ** 2
    return total


def by_comprehension(x):
    return sum(
        [
            100.0 * (x[i + 1] - x[i] ** 2) ** 2 + (1.0 - x[i]) ** 2
            for i in range(len(x) - 1)
        ]
    )


def by_whole_arrays(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def rosenbrock_gradient(x):
    """The closed form."""
    gradient = [0.0] * len(x)
    for i in range(len(x) - 1):
        apart = x[i + 1] - x[i] ** 2
        gradient[i] += -400.0 * apart * x[i] - 2.0 * (1.0 - x[i])
        gradient[i + 1] += 200.0 * apart
    return gradient


@pytest.mark.parametrize("n", [2, 3, 10, 200])
@pytest.mark.parametrize(
    "function", [by_elements, by_slices, by_comprehension, by_whole_arrays]
)
def test_rosenbrock_in_four_ways(function, n):
    x = [math.sin(3.0 * i) * 1.5 for i in range(n)]
    d = adjoint.value_and_grad(function, signature="x: float[:]")
    value, gradient = d(np.array(x) if function is by_whole_arrays else x)
    np.testing.assert_allclose(gradient, rosenbrock_gradient(x), rtol=1e-12)
    assert value == pytest.approx(by_elements(x), rel=1e-14)
    plain = function is not by_whole_arrays
    assert ("numpy" in d.source.partition('"""\n\n')[2]) != plain


@pytest.mark.parametrize("give", [list, np.array])
def test_a_matrix_without_rows(give):
    def function(A):
        n, m = A.shape
        total = 0.0
        for i in range(n):
            for j in range(m):
                total += A[i, j] ** 2
        return total + m

    d = adjoint.value_and_grad(function, signature="A: float[:, :]", target="python")
    value, gradient = d(np.zeros((0, 3)) if give is np.array else [])
    assert (value, gradient) == (3.0 if give is np.array else 0.0, [])


@pytest.mark.parametrize(
    "function",
    [squares, positive_roots, whole_zeros, smoothed, monotone_stack, joined, popped]
    + [rolling, extended_rows, exact_sum, by_comprehension],
)
def test_cost_is_linear(function):
    """An append, a store or a pop costs the same however long the list is."""
    d = adjoint.value_and_grad(function, signature=X)
    name = f"{function.__name__}_value_and_grad"
    sized = [[0.9 + (7 * i % 5) / 4 for i in range(n)] for n in (40, 80, 160)]
    counts = [lines_and_copies(d.source, name, [x]) for x in sized]
    assert counts[2] - counts[1] == pytest.approx(2 * (counts[1] - counts[0]), abs=9)


#: Rows of other lengths in the place of rows: the functions, and points with gradients.
def row_stored(x: float, n: int):
    rows = [[x, 1.0], [2.0, x]]
    rows[n - 2] = [2.0 * x]
    return rows[1][-1] * 3.0


def rows_stored(x: float, n: int):
    rows = [[x, 1.0], [2.0, x]]
    for i in range(n):
        rows[i % 2] = [x] * 3
    return rows[1][2] * x + sum(rows[0])


def row_of_a_parameter(x: list[float], rows: list[list[float]]):
    rows[0] = x
    return rows[0][-1] * rows[1][-1]


def test_a_row_of_another_length_takes_the_place_of_one():
    assert adjoint.value_and_grad(row_stored)(1.5, 3) == (9.0, 6.0)
    # x^2 + 3 x
    assert adjoint.value_and_grad(rows_stored)(1.5, 4) == (6.75, 6.0)
    by_x, by_rows = adjoint.grad(row_of_a_parameter)([1.0, 4.0], [[1.0], [2.0, 5.0]])
    assert by_x == [0.0, 5.0] and by_rows == [[0.0], [0.0, 4.0]]


def test_a_row_that_is_written_out_is_not_copied():
    source = adjoint.grad(row_stored).source
    assert "] = [2.0 * x]" in source and "list([" not in source


def swapped(rows: list[list[float]], n: int):
    own = [row[:] for row in rows]
    for _ in range(n):
        own[0], own[1] = own[1], own[0]
    return own[0][-1] * 2.0 + own[1][-1] * own[1][0]


def written_out_and_swapped(x: float, n: int):
    return swapped([[x, 2.0 * x, 3.0 * x], [x * x]], n)


def test_rows_of_several_lengths_take_turns():
    # after an odd number of turns: 2 b + a[-1] a[0], else 2 a[-1] + b b
    derivative = adjoint.value_and_grad(swapped)
    assert derivative([[1.0, 2.0, 3.0], [5.0]], 3) == (13.0, [[3.0, 0.0, 1.0], [2.0]])
    assert derivative([[1.0, 2.0, 3.0], [5.0]], 2) == (31.0, [[0.0, 0.0, 2.0], [10.0]])
    # 2 x^2 + 3 x x, and 6 x + x^4
    derivative = adjoint.value_and_grad(written_out_and_swapped)
    assert derivative(2.0, 3) == (20.0, 20.0)
    assert derivative(2.0, 2) == (28.0, 38.0)


# What loops save is the list itself: it must not be changed behind them.


def changes_a_list_behind_a_loop(x, n):
    y = [v * 0.9 for v in x]
    s = 0.0
    for _ in range(n):
        y, y = y, y  # it goes through the loop as it is
        s += math.tanh(max(y))
    for i in range(len(y)):
        y[i] = s
    return s + sum(y)


def lets_it_grow_behind_a_loop(x, n):
    y = [v * 0.9 for v in x]
    s = 0.0
    for _ in range(n):
        z = y
        y = z
        s += math.tanh(max(y))
    while len(y) < 7:
        y.append(0.5)
    return s + sum(y)


@pytest.mark.parametrize(
    "function", [changes_a_list_behind_a_loop, lets_it_grow_behind_a_loop]
)
def test_a_list_that_goes_through_a_loop_is_changed_behind_it(function):
    x, signature = [0.83, -0.61, 1.13, 0.37], "x: list[float], n: int"
    value, gradient = adjoint.value_and_grad(function, signature=signature)(x, 2)
    assert value == function(x, 2)
    expected = differences(lambda one: function(one, 2), [np.array(x)], 0)
    assert gradient == pytest.approx(expected, abs=1e-9)
