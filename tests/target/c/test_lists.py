"""Functions of lists in C: values beside Python's, gradients beside differences."""

import math
import re

import pytest

import adjoint
from adjoint.check.arrays.programs import check_subject
from adjoint.check.arrays.subject import subject_of
from adjoint.errors import AdjointError, OptionError
from tests.support_arrays import along, differences
from tests.support_c import in_c, needs_compiler
from tests.support_functions import define

#: Functions of ``x: list[float], A: list[list[float]], c: float, n: int``.
PROGRAMS = {
    "items before and behind": """
    s = 0.0
    for i in range(len(x) - 1):
        s += c * (x[i + 1] - x[i] ** 2) ** 2 + x[i - 1]
    return s
""",
    "a list of its own, step by step": """
    u = x[:]
    for _ in range(n):
        v = u[:]
        for i in range(1, len(u) - 1):
            v[i] = u[i] + c * (u[i - 1] - 2.0 * u[i] + u[i + 1])
        u = v
    return sum(a * a for a in u)
""",
    "down from the last item": """
    y = [0.0] * len(x)
    y[len(x) - 1] = x[-1]
    for i in range(len(x) - 2, -1, -1):
        y[i] = c * y[i + 1] + x[i]
    return y[0] * y[1]
""",
    "nested lists": """
    s = 0.0
    for i in range(len(x)):
        for j in range(len(x)):
            s += x[i] * A[i][j] * x[j] * c
    return s
""",
    "rows": """
    s = 0.0
    for row, a in zip(A, x):
        t = 0.0
        for v in row:
            t += v * a
        s += math.tanh(t) * c
    return s
""",
    "a matrix that is copied and changed": """
    B = [row[:] for row in A]
    for k in range(len(B)):
        for i in range(k + 1, len(B)):
            m = B[i][k] / B[k][k]
            for j in range(k, len(B)):
                B[i][j] -= m * B[k][j]
    return math.log(abs(B[0][0] * B[1][1] * B[2][2])) + c
""",
    "lists that grow, and are made of others": """
    m = sum(x) / len(x)
    d = [v - m for v in x]
    e = d[1:] + [c, d[0]]
    e.append(c * d[-1])
    last = e.pop()
    return sum(u * v for u, v in zip(d, e)) * last
""",
    "the greatest and the least": """
    m = max(x)
    return m + math.log(sum(math.exp(v - m) for v in x)) + c * min(x)
""",
    "lists that take turns": """
    u, v = x[:], [c] * len(x)
    for i in range(n):
        u, v = v, u
        u[i % 2] += v[1] * 0.5
        if u[0] > v[0]:
            v = [a * 0.9 for a in u]
    return u[0] * v[1] + u[-1]
""",
    "until it is small": """
    y = [v * c for v in x]
    steps = 0
    while steps < n + 4 and y[0] < 10.0:
        for i in range(len(y)):
            y[i] = 0.7 * y[i] + 0.1 * y[i - 1] * x[i]
        steps += 1
    return y[0] + y[1] * steps
""",
    "an item that data choose": """
    k = 0
    for i in range(1, len(x)):
        if x[i] < x[k]:
            k = i
    return x[k] * c + A[k][n % 2]
""",
    "rows that are written out": """
    P = [[c, x[0]], [0.5, 1.0]]
    for i in range(len(x)):
        P[i % 2][0] += P[0][1] * x[i]
        P[1] = [P[0][0], c * P[1][1]]
    return P[0][0] * P[1][1] - P[n % 2][1]
""",
    "constants": """
    weights = [0.25, 0.5, 0.25]
    s = 0.0
    for i in range(len(x) - 2):
        for j in range(n):
            s += weights[j % 3] * x[i + j % 3] ** 2
    return s * c + weights[n % 3]
""",
}
SIGNATURE = "x: list[float], A: list[list[float]], c: float, n: int"
POINT = (
    [0.83, -0.61, 1.13, 0.37],
    [[1.9, 0.3, -0.4, 0.2], [0.1, 1.2, 0.5, -0.3], [0.2, -0.7, 1.6, 0.4], [0.9] * 4],
    0.42,
    3,
)
DIRECTION = ([0.3, -0.9, 0.2, 0.6], [[0.1, 0.2, -0.3, 0.5]] * 4, 0.7)


def function_of(body):
    return define(f"import math\n\n\ndef f(x, A, c, n):\n{body.strip(chr(10))}\n")


def as_arrays(f):
    """The function, given arrays of NumPy; it changes lists and not these."""
    return lambda x, A, c, n: f(list(x), [list(row) for row in A], float(c), n)


@needs_compiler
@pytest.mark.parametrize("name", PROGRAMS)
def test_the_value_is_python_s_and_the_gradient_that_of_differences(name):
    f = function_of(PROGRAMS[name])
    derivative = adjoint.value_and_grad(f, target="c", signature=SIGNATURE)
    value, gradient = derivative(*POINT)
    assert value == f(*POINT)
    for at, found in enumerate(gradient):
        expected = differences(as_arrays(f), POINT, at)
        assert found == pytest.approx(expected, rel=1e-8, abs=1e-8)


@needs_compiler
@pytest.mark.parametrize("name", PROGRAMS)
def test_tangents_and_second_derivatives_along_a_direction(name):
    f = function_of(PROGRAMS[name])
    jvp = adjoint.jvp(f, target="c", signature=SIGNATURE)
    value, tangent = jvp(*POINT, *DIRECTION)
    assert value == f(*POINT)

    def moved(x, A, c):
        return as_arrays(f)(x, A, c, POINT[3])

    import numpy as np

    point = [np.array(part) for part in POINT[:3]]
    direction = [np.array(part) for part in DIRECTION]
    assert tangent == pytest.approx(float(along(moved, point, direction)), abs=1e-7)

    gradient = adjoint.grad(f, wrt="x", target="c", signature=SIGNATURE)
    product = adjoint.hvp(f, wrt="x", target="c", signature=SIGNATURE)

    def slope(x):
        return gradient(list(x), *POINT[1:])

    found = product(*POINT, DIRECTION[0])
    expected = along(slope, point[:1], direction[:1])
    assert found == pytest.approx(expected, rel=1e-6, abs=1e-6)


@needs_compiler
def test_no_text_of_it_is_warned_of():
    import subprocess

    strict = "-std=c99 -Wall -Wextra -Wpedantic -Wshadow -Werror -Wno-unused-parameter"
    for name, body in PROGRAMS.items():
        f = function_of(body)
        for kind in ("value_and_grad", "hvp"):
            text = getattr(adjoint, kind)(f, target="c", signature=SIGNATURE).source
            command = ["cc", *strict.split(), "-fsyntax-only", "-x", "c", "-"]
            done = subprocess.run(command, input=text, text=True, capture_output=True)
            assert done.returncode == 0, (name, kind, done.stderr)


TEXT = """\
double f_value_and_grad(const double *x, int64_t x_length, double c, double *grad_x,
        double *grad_c)
{
    Lists lists = {NULL, 0, 0, NULL};
    // forward sweep
    int64_t t1 = x_length - 1;
    double s = 0.0;
    for (int64_t i = 0; i < t1; i++) {
        s += c * x[i] * x[i + 1];
    }
    // reverse sweep
    // s += c * x[i] * x[i + 1]
    List *x_bar = list_kept(list_full(&lists, x_length, 1, 0.0));
    double c_bar = 0.0;
"""


def test_lists_of_the_caller_s_are_read_where_they_are():
    text = "def f(x, c):\n    s = 0.0\n    for i in range(len(x) - 1):\n"
    f = define(f"{text}        s += c * x[i] * x[i + 1]\n    return s\n")
    signature = "x: list[float], c: float"
    source = adjoint.value_and_grad(f, target="c", signature=signature).source
    assert source[source.index("double f_value_and_grad(const", 2000) :].startswith(
        TEXT
    )
    assert "place(" not in source  # every item is surely there


@needs_compiler
def test_an_item_that_is_not_there_makes_every_result_nan():
    f = define(
        "def f(x, k):\n    y = x[:]\n    y[k] = y[k] * y[0]\n    return sum(y)\n"
    )
    derivative = adjoint.value_and_grad(
        f, target="c", signature="x: list[float], k: int"
    )
    assert derivative([2.0, 3.0], 1) == (8.0, [4.0, 2.0])
    assert derivative([2.0, 3.0], -2) == (7.0, [4.0, 1.0])
    for k in (2, -3):
        with pytest.raises(IndexError):
            f([2.0, 3.0], k)
        value, gradient = derivative([2.0, 3.0], k)
        assert all(map(math.isnan, [value, *gradient]))
    value, gradient = derivative([], 0)
    assert math.isnan(value)
    assert gradient == []


@needs_compiler
def test_a_loop_ends_where_python_would_raise():
    text = "def f(x, c):\n    i = 0\n    while x[i] > 0.0:\n        i += 1\n"
    f = define(f"{text}        c = c * x[i - 1]\n    return c\n")
    derivative = adjoint.value_and_grad(
        f, target="c", signature="x: list[float], c: float"
    )
    assert derivative([2.0, 3.0, -1.0], 0.5) == (3.0, ([1.5, 1.0, 0.0], 6.0))
    assert math.isnan(derivative([2.0, 3.0], 0.5)[0])


@needs_compiler
def test_functions_that_return_lists():
    text = "def f(x, c):\n    y = [c] * len(x)\n    for i in range(len(x)):\n"
    f = define(f"{text}        y[i] = x[i] * x[i - 1] * c\n    return y\n")
    options = {"target": "c", "signature": "x: list[float], c: float"}
    x, seed = [0.5, 2.0, 3.0], [1.0, 10.0, 100.0]
    value, (by_x, by_c) = adjoint.vjp(f, **options)(x, 2.0, seed)
    assert value == f(x, 2.0)
    total = differences(
        lambda x, c: sum(s * y for s, y in zip(seed, f(x, c), strict=True)), (x, 2.0), 0
    )
    assert by_x == pytest.approx(total, rel=1e-9)
    assert by_c == pytest.approx(0.5 * 3.0 + 10.0 * 1.0 + 100.0 * 6.0)
    value, tangent = adjoint.jvp(f, **options)(x, 2.0, [0.0, 1.0, 0.0], 0.0)
    assert tangent == pytest.approx([0.0, 1.0, 6.0])


@needs_compiler
def test_arguments_are_read_as_python_reads_them():
    f = define("def f(x, k):\n    return sum(x[j] ** 2 for j in k)\n")
    signature = "x: float[:], k: list[int]"
    derivative = adjoint.value_and_grad(f, target="c", signature=signature)
    numpy = pytest.importorskip("numpy")
    assert derivative(numpy.array([1.0, 2.0, 3.0]), (2, 0, 2)) == (19.0, [2.0, 0, 12.0])
    with pytest.raises(TypeError):
        derivative([1.0, 2.0], [0.5])
    rows = define("def f(A):\n    return A[0][0] * A[1][1]\n")
    of_rows = adjoint.grad(rows, target="c", signature="A: list[list[float]]")
    assert of_rows([[1.0, 2.0], [3.0, 4.0]]) == [[4.0, 0.0], [0.0, 1.0]]
    with pytest.raises(ValueError, match="the rows of A are not of one length"):
        of_rows([[1.0], [2.0, 3.0]])


@needs_compiler
def test_no_name_of_the_users_clashes():
    text = "def f(lists, raised, place, List):\n    x_length = 0.0\n    item = 2 * raised\n"
    text += "    for i in range(len(lists)):\n        place = place * lists[i - 1]\n"
    text += "        x_length += place * List[i] * item\n    return x_length\n"
    f = define(text)
    signature = "lists: list[float], raised: float, place: float, List: list[float]"
    derivative = adjoint.value_and_grad(f, target="c", signature=signature)
    given = ([0.5, 2.0], 3.0, 0.7, [1.5, -1.0])
    value, gradient = derivative(*given)
    assert value == f(*given)
    for at, found in enumerate(gradient):
        assert found == pytest.approx(differences(f, given, at), rel=1e-9)


@needs_compiler
def test_check_runs_what_was_compiled():
    f = define("def f(x):\n    return sum(v * v for v in x)\n")
    right = adjoint.value_and_grad(f, target="c", signature="x: list[float]")
    assert right.check()
    both = in_c([right])[0]

    def wrong(x):
        value, by_x = both(x)
        return value, [slope * 1.0000001 for slope in by_x]

    kinds = ["value_and_grad"]
    for function, holds in ((both, True), (wrong, False)):
        functions = [f, function]
        subject = subject_of(right.primal, right.program, kinds, ["x"], functions)
        assert bool(check_subject(subject, {}, seconds=5)) is holds


REFUSED = {
    "three axes": (
        "T: list[list[list[float]]]",
        "return T[0][0][0]",
        "`index` of lists like this",
    ),
    "a step": ("x: list[float]", "return sum(x[::2])", "is not for target c"),
    "sorted": ("x: list[float]", "return sorted(x)[0]", "`sort` of lists like this"),
    "unknown": ("x: list[float]", "return [v for v in x if v > 0]", "does not know"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_c_has_not_is_refused_with_its_name(name):
    signature, line, message = REFUSED[name]
    f = define(f"def f({signature.partition(':')[0]}):\n    {line}\n")
    with pytest.raises((AdjointError, OptionError), match=re.escape(message)):
        adjoint.jvp(f, target="c", signature=signature).source  # noqa: B018
