"""Sparse derivatives of element loops, against SymPy's of the function run on symbols."""

import types

import mpmath
import numpy as np
import pytest
import scipy.sparse
import sympy

import adjoint
from tests.support_functions import define

TRIDIAGONAL = """
def f(x):
    n = len(x)
    F = np.zeros(n)
    F[0] = (3 - 2 * x[0]) * x[0] - 2 * x[1] + 1
    for i in range(1, n - 1):
        F[i] = (3 - 2 * x[i]) * x[i] - x[i - 1] - 2 * x[i + 1] + 1
    F[n - 1] = (3 - 2 * x[n - 1]) * x[n - 1] - x[n - 2] + 1
    return F
"""
ARROW = """
def f(x):
    n = len(x)
    F = np.zeros(n)
    for i in range(1, n):
        F[0] += x[i] * x[i]
        F[i] = x[0] * x[i] + x[i] ** 3
    F[0] += x[0]
    return F
"""
ARROW_BY_A_SUM = """
def f(x):
    n = len(x)
    F = np.zeros(n)
    s = 0.0
    for i in range(1, n):
        s += x[i] ** 2 * x[0]
        F[i] = np.exp(x[0]) * x[i]
    F[0] = x[0] * s + x[0]
    return F
"""
PERIODIC = """
def f(x):
    n = len(x)
    F = np.zeros(n)
    for i in range(n):
        F[i] = x[i - 1] * x[i] - x[(i + 1) % n] ** 2
    return F
"""
STORED_ANEW = """
def f(x):
    n = len(x)
    F = np.zeros(n)
    for i in range(n):
        F[i] = x[i] * x[n - 1 - i] + x[0]
    F[0] = x[1] - 1.0
    F[-1] = 0.0
    F[1] += x[2] ** 2
    return F
"""
ASSEMBLED = """
def f(x, nodes: "int[:,:]", k):
    F = np.zeros(len(x))
    for e in range(len(nodes)):
        a = nodes[e, 0]
        b = nodes[e, 1]
        stretch = x[b] - x[a]
        force = k * stretch + stretch**3
        F[a] -= force
        F[b] += force
    return F
"""
PRODUCT = """
def f(x, A: "float[:,:]"):
    n = len(x)
    F = np.zeros(n)
    for i in range(n):
        s = 1.0
        for j in range(i):
            s += A[i, j] * np.sin(x[j])
        F[i] = s * s - x[i]
    return F
"""
GRID = """
def f(x):
    n = x.shape[0]
    m = x.shape[1]
    F = np.zeros((n, m))
    for i in range(n):
        for j in range(m):
            s = 4.0 * x[i, j]
            if i > 0:
                s -= x[i - 1, j]
            if i < n - 1:
                s -= x[i + 1, j]
            if j > 0:
                s -= x[i, j - 1]
            if j < m - 1:
                s -= x[i, j + 1]
            F[i, j] = s - np.exp(x[i, j])
    return F
"""
PARTS_OF_ROWS = """
def f(x, c):
    n = len(x)
    scale = c * x[0] ** 2
    F = np.zeros(2 * n)
    i = 0
    while i < n:
        F[2 * i] = scale * x[i]
        if i % 2 == 0:
            F[2 * i + 1] = x[i] ** 3 / c
        else:
            F[2 * i + 1] += np.sin(x[i])
        i += 1
    return F
"""
TWO_RESULTS = """
def f(x, p):
    n = len(x)
    F = np.zeros(n)
    G = np.zeros(n - 1)
    for i in range(n):
        F[i] = p * x[i] ** 2
    for i in range(n - 1):
        G[i] = x[i] * x[i + 1]
    return F, x[0] * x[2] + p, G
"""
UPWIND = """
def f(x):
    n = len(x)
    F = np.zeros(n)
    for i in range(n):
        if i == 0:
            F[i] = x[0] - 1.0
        elif x[i] > 0.8:
            F[i] = x[i] * (x[i] - x[i - 1])
        elif i < n - 1:
            F[i] = x[i] * (x[i + 1] - x[i])
        else:
            F[i] = x[i] ** 2
    return F
"""
LIMITED = """
def f(x):
    n = len(x)
    F = np.zeros(n)
    for i in range(1, n - 1):
        a = x[i] - x[i - 1]
        b = x[i + 1] - x[i]
        slope = 0.0
        if a * b > 0.02:
            slope = a if a < b else b
        elif x[0] > 0.3:
            slope = np.sin(x[(i + 2) % n])
        F[i] += slope * x[i]
    return F
"""
FLUXES = """
def f(x, k):
    n = len(x)
    q = np.zeros(n + 1)
    for i in range(1, n):
        q[i] = k * (x[i] ** 2 - x[i - 1] ** 2)
    q[0] = x[0]
    total = 0.0
    F = np.zeros(n)
    for i in range(n):
        F[i] = (q[i + 1] - q[i]) * x[i]
        total += F[i]
    G = np.zeros(2)
    G[0] = 2.0 * total
    G[1] = q[0] - total
    return F, G
"""
CUMULATED = """
def f(x):
    n = len(x)
    F = np.zeros(n)
    s = x[0] ** 2
    for i in range(n):
        for j in range(i):
            s += x[j] * x[i]
        s = s - x[i]
        F[i] = s
    return F
"""
IN_PLACE = """
def f(x, out):
    for i in range(len(x)):
        out[i] += x[i] * x[0]
    return out
"""
ROSENBROCK = """
def f(x):
    s = 0.0
    for i in range(len(x) - 1):
        s += 100.0 * (x[i + 1] - x[i] ** 2) ** 2 + (1.0 - x[i]) ** 2
    return s
"""
MEMBRANE = """
def f(x):
    n = x.shape[0]
    m = x.shape[1]
    s = 0.0
    for i in range(n - 1):
        for j in range(m - 1):
            a = x[i + 1, j] - x[i, j]
            b = x[i, j + 1] - x[i, j]
            s += np.sqrt(1.0 + a * a + b * b)
    return s
"""
CHAIN = """
def f(x, k):
    n = len(x)
    s = 0.5 * x[0] ** 4
    for i in range(n):
        t = x[i] * x[i - 1] if i > 0 else x[0]
        s += k * np.exp(0.1 * t) / n
    return 2.0 * s + x[0] * x[n - 1]
"""

OF_A_SUM = """
def f(x):
    s = 0.0
    for v in x:
        s += v * v
    return np.exp(0.1 * s)
"""

LINE = np.linspace(0.4, 1.3, 5)
PLATE = np.linspace(0.4, 1.3, 12).reshape(3, 4)
NODES = np.array([[0, 1], [1, 2], [2, 4], [4, 3], [3, 0], [0, 1]])
MATRIX = np.array([[((3 * i + j) % 4) - 1.5 for j in range(5)] for i in range(5)])

JACOBIANS = {
    "tridiagonal": (TRIDIAGONAL, (LINE,), "x"),
    "arrow": (ARROW, (LINE,), "x"),
    "arrow by a sum": (ARROW_BY_A_SUM, (LINE,), "x"),
    "periodic": (PERIODIC, (LINE,), "x"),
    "stored anew": (STORED_ANEW, (LINE,), "x"),
    "assembled": (ASSEMBLED, (LINE, NODES, 0.7), "x"),
    "with a number": (ASSEMBLED, (LINE, NODES, 0.7), "x,k"),
    "a number first": (ASSEMBLED, (LINE, NODES, 0.7), "k,x"),
    "inner loop": (PRODUCT, (LINE, MATRIX), "x"),
    "grid": (GRID, (PLATE,), "x"),
    "while": (PARTS_OF_ROWS, (LINE, 1.5), "x"),
    "while, by both": (PARTS_OF_ROWS, (LINE, 1.5), "x,c"),
    "upwind": (UPWIND, (LINE,), "x"),
    "limited": (LIMITED, (np.array([0.4, 0.5, 0.9, 1.2, 0.8]),), "x"),
    "limited, at a start": (LIMITED, (np.array([0.2, 0.1, 0.9, 1.0, 0.8]),), "x"),
    "fluxes": (FLUXES, (LINE, 0.7), "x,k"),
    "cumulated": (CUMULATED, (LINE,), "x"),
    "stored in a parameter": (IN_PLACE, (LINE, np.ones(5)), "x"),
    "several results": (TWO_RESULTS, (LINE, 0.3), "p,x"),
}
#: Those with conditions on floats.
BRANCHES = {"upwind", "limited", "limited, at a start"}
HESSIANS = {
    "rosenbrock": (ROSENBROCK, (LINE,), "x"),
    "membrane": (MEMBRANE, (PLATE,), "x"),
    "of a sum": (OF_A_SUM, (LINE,), "x"),
    "chain": (CHAIN, (LINE, 0.3), "x"),
}


def defined(text, numpy=np):
    """The function of a text, with what stands for NumPy in it."""
    space = {"np": numpy}
    exec(text, space)
    space["f"].__source__ = text
    return space["f"]


def saved(text, folder):
    path = folder / "function.py"
    path.write_text(f"import numpy as np\n\n\n{text.strip()}\n")
    return f"{path}:f"


def run_on(text, functions, point, wrt, number):
    """Values of the function, with other numbers in place of floats, in one list."""
    zero = number(0)
    stand_in = types.SimpleNamespace(
        zeros=lambda n: np.full(n, zero, dtype=object), **functions
    )
    function = defined(text, stand_in)
    names = parameters(function)
    others = [
        (
            np.array(p, dtype=object)
            if np.asarray(p).dtype.kind == "f" and np.ndim(p)
            else p
        )
        for p in point
    ]
    given = [wrt.get(n, p) for n, p in zip(names, others, strict=True)]
    result = function(*given)
    parts = result if isinstance(result, tuple) else (result,)
    return [number(v) for part in parts for v in np.ravel(part)]


def parameters(function):
    return function.__code__.co_varnames[: function.__code__.co_argcount]


def named_functions(module):
    return {name: getattr(module, name) for name in ("exp", "sin", "sqrt")}


def by_sympy(text, point, wrt, order=1):
    """The Jacobian (or the Hessian) by SymPy, which sees no conditions on floats."""
    names = parameters(defined(text))
    symbols, numbers, unknowns = {}, {}, []
    for name in wrt.split(","):
        given = np.asarray(point[names.index(name)])
        own = sympy.symbols(f"{name}:{given.size}")
        unknowns += own
        numbers.update(zip(own, map(float, np.ravel(given)), strict=True))
        array = np.array(own, dtype=object).reshape(given.shape)
        symbols[name] = array if given.ndim else own[0]
    values = run_on(text, named_functions(sympy), point, symbols, sympy.sympify)
    for _ in range(order - 1):
        values = [value.diff(u) for value in values for u in unknowns]
    rows = [[value.diff(u).subs(numbers) for u in unknowns] for value in values]
    return np.array(rows, dtype=float)


def by_differences(text, point, wrt):
    """The Jacobian by differences of 60-digit numbers."""
    names = parameters(defined(text))
    columns = []
    with mpmath.workdps(60):
        h = mpmath.mpf(10) ** -20
        exact = {}
        for name in wrt.split(","):
            given = np.asarray(point[names.index(name)])
            flat = [mpmath.mpf(float(v)) for v in np.ravel(given)]
            exact[name] = np.array(flat, dtype=object).reshape(given.shape)
        for name in wrt.split(","):
            for at in np.ndindex(exact[name].shape):
                moved = []
                for step in (h, -h):
                    there = {n: np.array(v, dtype=object) for n, v in exact.items()}
                    there[name][at] += step
                    numbers = {n: v if v.ndim else v.item() for n, v in there.items()}
                    functions = named_functions(mpmath)
                    moved.append(run_on(text, functions, point, numbers, mpmath.mpf))
                columns.append([(a - b) / (2 * h) for a, b in zip(*moved, strict=True)])
    return np.array(columns, dtype=float).T


def dense(d, point, shape):
    places = d.pattern(*point)
    return scipy.sparse.coo_array((d(*point), places), shape=shape).toarray()


@pytest.mark.parametrize("target", ["python", "numpy"])
@pytest.mark.parametrize("name", JACOBIANS)
def test_jacobian(name, target, tmp_path):
    text, point, wrt = JACOBIANS[name]
    exact = (by_differences if name in BRANCHES else by_sympy)(text, point, wrt)
    d = adjoint.jacobian(
        saved(text, tmp_path),
        wrt,
        sparse=True,
        target=target,
        signature=_signature(text, point),
    )
    found = dense(d, point, exact.shape)
    assert found == pytest.approx(exact, rel=1e-13, abs=1e-13)


@pytest.mark.parametrize("target", ["python", "numpy"])
@pytest.mark.parametrize("name", HESSIANS)
def test_hessian(name, target, tmp_path):
    text, point, wrt = HESSIANS[name]
    exact = by_sympy(text, point, wrt, order=2)
    d = adjoint.hessian(
        saved(text, tmp_path),
        wrt,
        sparse=True,
        target=target,
        signature=_signature(text, point),
    )
    found = dense(d, point, exact.shape)
    assert found == pytest.approx(exact, rel=1e-13, abs=1e-13)


def _signature(text, point):
    head = text[text.index("(") + 1 : text.index("):")]
    names = [part.split(":")[0].strip() for part in head.split(", ")]
    types_of = [
        (
            "float"
            if isinstance(given, float)
            else f"{'int' if given.dtype.kind == 'i' else 'float'}"
            f"[{', '.join(':' * given.ndim)}]"
        )
        for given in point
    ]
    return ", ".join(f"{a}: {b}" for a, b in zip(names, types_of, strict=True))


# -- cost


def counted(source, name, *arguments):
    """How many arithmetic operations a generated function does at these arguments."""
    text = source.replace("from math", "# from math")
    space = {"exp": Counted.unary, "sin": Counted.unary, "sqrt": Counted.unary}
    Counted.count = 0
    exec(text, space)
    space[name](*arguments)
    return Counted.count


class Counted(float):
    """A float that counts what is done with it."""

    count = 0

    @staticmethod
    def unary(value):
        Counted.count += 1
        return Counted(value)

    def _counting(self, *others):
        Counted.count += 1
        return Counted(1.25)

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _counting
    __truediv__ = __rtruediv__ = __pow__ = __rpow__ = __neg__ = _counting


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (TRIDIAGONAL, "jacobian"),
        (ARROW, "jacobian"),
        (ARROW_BY_A_SUM, "jacobian"),
        (FLUXES.replace("G[0] = 2.0 * total", "G[0] = total"), "jacobian"),
        (ROSENBROCK, "hessian"),
        (CHAIN, "hessian"),
    ],
)
def test_operations_and_entries_grow_linearly(text, kind, tmp_path):
    """Of 10,000 unknowns as many for each as of 100."""
    head = text[text.index("(") + 1 : text.index("):")]
    more = "" if head == "x" else ", k: float"
    d = adjoint.Derivative(
        saved(text, tmp_path),
        f"sparse_{kind}",
        "x",
        target="python",
        signature=f"x: float[:]{more}",
    )
    per_unknown, entries = [], []
    for n in (100, 10_000):
        x = [Counted(0.5 + 0.3 * np.sin(i)) for i in range(n)]
        arguments = (x, 0.5) if more else (x,)
        name = d.program.name
        per_unknown.append(counted(d.source, name, *arguments) / n)
        rows, columns = d.pattern(*arguments)
        assert len(rows) == len(columns) == len(d(*map(plain, arguments)))
        entries.append(len(rows) / n)
    assert per_unknown[1] == pytest.approx(per_unknown[0], rel=0.1)
    assert entries[1] == pytest.approx(entries[0], rel=0.1)
    function = counted(d.source, "f", *arguments)
    assert per_unknown[1] * n <= 4 * function


def plain(argument):
    return [float(v) for v in argument] if isinstance(argument, list) else argument


def test_ten_thousand_unknowns_are_solved_by_newtons_method(tmp_path):
    """Broyden's tridiagonal system: SciPy's sparse solver with the entries."""
    path = saved(TRIDIAGONAL, tmp_path)
    both = adjoint.Derivative(path, "value,sparse_jacobian", signature="x: float[:]")
    x = -np.ones(10_000)
    places = both.pattern(x)
    for _ in range(8):
        value, entries = both(x)
        matrix = scipy.sparse.coo_array((entries, places)).tocsc()
        x = x - scipy.sparse.linalg.spsolve(matrix, value)
    assert abs(both(x)[0]).max() < 1e-12


# -- what is refused


@pytest.mark.parametrize(
    ("text", "kind", "reason"),
    [
        # an element from those before it: a triangle
        (
            "F = np.zeros(n)\n    F[0] = x[0]\n    for i in range(1, n):\n"
            "        F[i] = F[i - 1] * x[i]\n    return F",
            "jacobian",
            "own elements",
        ),
        # each row times a sum of all
        (
            "s = 1.0\n    for i in range(n):\n        s = s * x[i]\n"
            "    F = np.zeros(n)\n    for i in range(n):\n        F[i] = s * x[i]\n"
            "    return F",
            "jacobian",
            "all iterations",
        ),
        # a sum of what depends on the sum
        (
            "F = np.zeros(n)\n    s = 0.0\n    for i in range(n):\n        s += x[i]\n"
            "        F[i] = s\n        s += F[i] * x[i]\n    return F",
            "jacobian",
            "from its",
        ),
        (
            "F = np.zeros(n)\n    p = 1.0\n    for i in range(n):\n"
            "        F[i] = p * x[i]\n        p = x[i]\n    return F",
            "jacobian",
            "from one iteration to the next",
        ),
        # an entry that is there or not as floats have it
        (
            "F = np.zeros(n)\n    for i in range(n):\n        if x[i] > 0.0:\n"
            "            F[i] = x[i] ** 2\n    return F",
            "jacobian",
            "depends on",
        ),
        (
            "F = np.zeros(n)\n    for i in range(n):\n"
            "        F[i] = x[int(x[i])] ** 2\n    return F",
            "jacobian",
            "depends on",
        ),
        (
            "F = np.zeros(n)\n    i = 0\n    while x[i] > 0.5:\n"
            "        F[i] = x[i] ** 2\n        i += 1\n    return F",
            "jacobian",
            "depends on",
        ),
        # the parameter itself
        ("x[0] = 1.0\n    return x", "jacobian", "itself"),
        ("return x", "jacobian", "itself"),
        # of whole arrays
        (
            "F = np.zeros(n)\n    y = x * x\n    for i in range(n):\n"
            "        F[i] = y[i]\n    return F",
            "jacobian",
            "whole",
        ),
        ("return x * x", "jacobian", "whole"),
    ],
)
@pytest.mark.parametrize("target", ["python", "numpy"])
def test_what_is_not_sparse_by_elements_is_refused(
    text, kind, reason, target, tmp_path
):
    path = saved(f"def f(x):\n    n = len(x)\n    {text}\n", tmp_path)
    with pytest.raises(adjoint.AdjointError) as caught:
        adjoint.Derivative(
            path, f"sparse_{kind}", target=target, signature="x: float[:]"
        )
    assert reason in str(caught.value)
    assert "sparse" in str(caught.value)


def test_rows_and_columns_are_asked_for_with_the_arguments(tmp_path):
    d = adjoint.jacobian(saved(ARROW, tmp_path), sparse=True, signature="x: float[:]")
    with pytest.raises(adjoint.AdjointError, match="pattern"):
        d.rows  # noqa: B018
    with pytest.raises(adjoint.AdjointError, match="not sparse"):
        adjoint.grad("x**2").pattern(1.0)
    for kinds in ("grad,sparse_hessian", "sparse_jacobian,vjp"):
        with pytest.raises(adjoint.AdjointError, match="alone"):
            adjoint.Derivative(saved(ARROW, tmp_path), kinds, signature="x: float[:]")


def test_a_pattern_of_a_function_whose_types_the_call_tells():
    d = adjoint.jacobian(defined_with_source(), sparse=True)
    rows, columns = d.pattern(LINE)
    assert len(rows) == len(columns) == len(d(LINE))


def defined_with_source():
    def f(x):
        n = len(x)
        y = np.zeros(n)
        for i in range(n):
            y[i] = x[i] * x[0]
        return y

    return f


COPIED = """
def f(x):
    y = x.copy()
    for i in range(1, len(x) - 1):
        y[i] = x[i - 1] - 2 * x[i] * x[i + 1]
    y[0] += x[2] ** 2
    return y
"""


@pytest.mark.parametrize(
    ("type", "target"),
    [("float[:]", "numpy"), ("float[:]", "python"), ("list[float]", "python")],
)
def test_a_result_may_begin_as_a_copy(type, target):
    f = define("import numpy as np\n" + COPIED)
    options = {"signature": f"x: {type}", "target": target}
    jacobian = adjoint.jacobian(f, sparse=True, **options)
    x = [2.0, -3.0, 5.0, 7.0, 11.0]
    found = scipy.sparse.coo_array((jacobian(x), jacobian.pattern(x)), shape=(5, 5))
    expected = np.eye(5)
    expected[0, 2] = 2 * x[2]
    for i in range(1, 4):
        expected[i, i - 1 : i + 2] = 1.0, -2 * x[i + 1], -2 * x[i]
    assert np.array_equal(found.toarray(), expected)
    assert len(jacobian(x)) == 3 * 3 + 2 + 1  # what is overwritten has no entries
    assert "cols[i] = [i]" in jacobian.source


BEFORE_ITS_LENGTH = """
def f(x):
    y = np.zeros_like(x)
    z = np.zeros_like(y)
    for i in range(1, len(z) - 1):
        z[i] = x[i - 1] * x[i + 1]
    for i in range(len(x)):
        y[i] = 3 * x[i]
    return y, z
"""


def test_an_array_may_begin_before_a_length_is_asked_for():
    f = define("import numpy as np\n" + BEFORE_ITS_LENGTH)
    jacobian = adjoint.jacobian(f, sparse=True, signature="x: float[:]")
    x = np.array([2.0, -3.0, 5.0, 7.0])
    found = scipy.sparse.coo_array((jacobian(x), jacobian.pattern(x)), shape=(8, 4))
    expected = np.zeros((8, 4))
    for i in range(4):
        expected[i, i] = 3.0
        if 0 < i < 3:
            expected[4 + i, i - 1], expected[4 + i, i + 1] = x[i + 1], x[i - 1]
    assert np.array_equal(found.toarray(), expected)


#: What is refused, what the message says to do, and what that gives.
SAID = [
    (
        "y[i] = x[i] ** 2\n    for i in range(n):\n        y[i] *= x[i - 1]",
        "compute it as a number, and store it once",
        "y[i] = x[i] ** 2 * x[i - 1]",
    ),
    (
        "pass\n    y = 2.0 * x",
        "store its elements in a loop",
        "y[i] = 2.0 * x[i]",
    ),
]


@pytest.mark.parametrize(("first", "said", "instead"), SAID)
def test_what_is_said_to_do_instead_does_it(first, said, instead, tmp_path):
    text = (
        "def f(x):\n    n = len(x)\n    y = np.zeros(n)\n    for i in range(n):\n"
        "        {body}\n    return y\n"
    )

    def derivative(body, kind):
        path = saved(text.format(body=body), tmp_path)
        return adjoint.Derivative(path, kind, signature="x: float[:]")

    with pytest.raises(adjoint.AdjointError) as caught:
        derivative(first, "sparse_jacobian")
    assert said in str(caught.value) and "^" in str(caught.value)
    d, x = derivative(instead, "sparse_jacobian"), np.array([0.5, -1.25, 2.0, 0.75])
    matrix = scipy.sparse.coo_array((d(x), d.pattern(x)), shape=(4, 4)).toarray()
    assert matrix == pytest.approx(
        derivative(first, "jacobian")(x), rel=1e-13, abs=1e-13
    )


#: Hessians that go through an array, which is named, and the same in one loop.
THROUGH = [
    ("y = np.sin(x)\n    return np.sum(y[1:] * y[:-1])", "`y`"),
    ("return np.sum(np.sin(x[1:]) * np.sin(x[:-1]))", "an array"),
    ("y = [np.sin(v) for v in x]\n" + "    {loop}", "`y`"),
    (
        "y, z = np.zeros(n), np.zeros(n)\n    for i in range(n):\n"
        "        z[i] = np.sin(x[i])\n        y[i] = z[i] * x[0]\n    {loop}",
        "`z`",
    ),
]
OVER = """s = 0.0
    for i in range(n - 1):
        s += {product}
    return s"""


@pytest.mark.parametrize("target", ["python", "numpy"])
@pytest.mark.parametrize(("through", "name"), THROUGH)
def test_a_hessian_through_an_array_is_refused_with_what_to_write(
    through, name, target, tmp_path
):
    def hessian(body):
        path = saved(f"def f(x):\n    n = len(x)\n    {body}\n", tmp_path)
        options = dict(target=target, signature="x: float[:]")
        return adjoint.Derivative(path, "sparse_hessian", **options)

    loop = OVER.format(product="y[i] * y[i + 1]")
    with pytest.raises(adjoint.AdjointError) as caught:
        hessian(through.replace("{loop}", loop))
    said = str(caught.value)
    assert f"{name} stands between the parameters and the value" in said
    assert "^" in said and "in one loop" in said
    d = hessian(OVER.format(product="np.sin(x[i]) * np.sin(x[i + 1])"))
    x = np.array([0.5, -1.25, 2.0, 0.75])
    matrix = scipy.sparse.coo_array((d(x), d.pattern(x)), shape=(4, 4)).toarray()
    s, c = np.sin(x), np.cos(x)
    beside = np.append(s[1:], 0.0) + np.append(0.0, s[:-1])
    expected = np.diag(-s * beside) + np.diag(c[1:] * c[:-1], 1)
    expected += np.diag(c[1:] * c[:-1], -1)
    assert matrix == pytest.approx(expected, rel=1e-14, abs=1e-15)


THROUGH_STORES = """\
def f(x):
    n = len(x)
    y = np.zeros(n)
    z = np.zeros(n)
    for i in range(n):
        y[i] = np.sin(x[i])
    for i in range(n):
        z[i] = y[i] * x[n - 1 - i]
    s = 0.0
    for i in range(n - 1):
        s += z[i] * y[i + 1]
    return s
"""


@pytest.mark.parametrize("target", ["python", "numpy"])
def test_a_hessian_goes_through_arrays_that_are_stored_element_by_element(
    target, tmp_path
):
    path = saved(THROUGH_STORES, tmp_path)
    options = dict(target=target, signature="x: float[:]")
    d = adjoint.Derivative(path, "sparse_hessian", **options)
    x = np.array([0.5, -1.25, 2.0, 0.75, 1.5])
    matrix = scipy.sparse.coo_array((d(x), d.pattern(x)), shape=(5, 5)).toarray()
    names = sympy.symbols("x:5")
    y = [sympy.sin(one) for one in names]
    s = sum(y[i] * names[4 - i] * y[i + 1] for i in range(4))
    expected = sympy.hessian(s, names).subs(dict(zip(names, x, strict=True)))
    assert matrix == pytest.approx(np.array(expected, float), rel=1e-13, abs=1e-14)
    long = np.linspace(-1.0, 1.0, 3000)
    assert "[list(row) for row in" not in d.source  # a copy of all rows for each
    assert len(d(long)) < 30 * len(long)


@pytest.mark.parametrize("added", ["y[i] += x[i - 1] * x[i]", "y[i] -= x[i - 1]"])
def test_a_second_loop_may_add_to_what_the_first_has_stored(added, tmp_path):
    text = (
        "def f(x):\n    n = len(x)\n    y = np.zeros(n)\n    for i in range(n):\n"
        f"        y[i] = x[i] ** 2\n    for i in range(1, n):\n        {added}\n"
        "    return y\n"
    )
    path = saved(text, tmp_path)
    d = adjoint.Derivative(path, "sparse_jacobian", signature="x: float[:]")
    x = np.array([0.5, -1.25, 2.0, 0.75])
    matrix = scipy.sparse.coo_array((d(x), d.pattern(x)), shape=(4, 4)).toarray()
    expected = np.diag(2.0 * x)
    for i in range(1, 4):  # in closed form
        if "*" in added:
            expected[i, i - 1] += x[i]
            expected[i, i] += x[i - 1]
        else:
            expected[i, i - 1] -= 1.0
    assert matrix.tolist() == expected.tolist()
