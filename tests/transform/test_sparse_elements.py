"""Sparse derivatives of element loops, against SymPy's of the function run on symbols."""

import types

import numpy as np
import pytest
import scipy.sparse
import sympy

import adjoint

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
    "several results": (TWO_RESULTS, (LINE, 0.3), "p,x"),
}
HESSIANS = {
    "rosenbrock": (ROSENBROCK, (LINE,), "x"),
    "membrane": (MEMBRANE, (PLATE,), "x"),
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


def symbolic(text, point, wrt):
    """Values of the function on symbols, the symbols in order, and the numbers."""
    zero = sympy.Integer(0)
    stand_in = types.SimpleNamespace(
        zeros=lambda n: np.full(n, zero, dtype=object),
        exp=sympy.exp,
        sin=sympy.sin,
        sqrt=sympy.sqrt,
    )
    function = defined(text, stand_in)
    names = function.__code__.co_varnames[: function.__code__.co_argcount]
    arguments, numbers, by_name = [], {}, {}
    for name, given in zip(names, point, strict=True):
        if name not in wrt.split(","):
            arguments.append(given)
            continue
        flat = np.ravel(given)
        own = sympy.symbols(f"{name}:{flat.size}")
        numbers.update(zip(own, map(float, flat), strict=True))
        by_name[name] = own
        arguments.append(
            np.array(own, dtype=object).reshape(given.shape)
            if np.shape(given)
            else own[0]
        )
    result = function(*arguments)
    parts = result if isinstance(result, tuple) else (result,)
    values = [sympy.sympify(v) for part in parts for v in np.ravel(part)]
    return values, [v for name in wrt.split(",") for v in by_name[name]], numbers


def evaluated(rows, numbers):
    return np.array([[float(e.subs(numbers)) for e in row] for row in rows])


def dense(d, point, shape):
    places = d.pattern(*point)
    return scipy.sparse.coo_array((d(*point), places), shape=shape).toarray()


@pytest.mark.parametrize("target", ["python", "numpy"])
@pytest.mark.parametrize("name", JACOBIANS)
def test_jacobian(name, target, tmp_path):
    text, point, wrt = JACOBIANS[name]
    values, unknowns, numbers = symbolic(text, point, wrt)
    exact = evaluated([[v.diff(u) for u in unknowns] for v in values], numbers)
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
    (value,), unknowns, numbers = symbolic(text, point, wrt)
    slopes = [value.diff(u) for u in unknowns]
    exact = evaluated([[g.diff(u) for u in unknowns] for g in slopes], numbers)
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
