"""Sparse Jacobians and Hessians: patterns, colours, and the entries."""

import random

import pytest
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st

import adjoint
from adjoint.transform.sparse.sparsity import column_colours, star_colours, symmetric
from tests.support_functions import define


def system(n, equation):
    """A function of n unknowns that returns n values."""
    names = [f"x{i}" for i in range(n)]
    lines = ",\n        ".join(equation(i, names) for i in range(n))
    head = "from math import exp, sin\n\n\n"
    return define(
        f"{head}def f({', '.join(names)}):\n    return (\n        {lines},\n    )\n"
    )


def band(i, x):
    near = [x[j] for j in (i - 1, i, i + 1) if 0 <= j < len(x)]
    return f"sin({'*'.join(near)}) - {x[i]}**2"


def arrow(i, x):
    return " + ".join(f"{name}**2" for name in x) if i == 0 else f"exp({x[0]})*{x[i]}"


def dense(d, point, shape):
    """The sparse result as rows of numbers, by SciPy."""
    entries = d(*point)
    assert len(entries) == len(d.rows) == len(d.cols)
    return scipy.sparse.coo_array((entries, (d.rows, d.cols)), shape=shape).toarray()


def sweeps(program):
    return {op.sweep for op in program.body.ops if "sweep" in op.sweep}


def point_of(n):
    chance = random.Random(n)
    return [chance.uniform(0.5, 1.5) for _ in range(n)]


@pytest.mark.parametrize("equation", [band, arrow])
@pytest.mark.parametrize("mode", [None, "forward", "reverse"])
def test_sparse_jacobian_is_the_dense_one(equation, mode):
    n = 9
    function, point = system(n, equation), point_of(n)
    sparse = adjoint.jacobian(function, sparse=True, mode=mode)
    found = dense(sparse, point, (n, n))
    wanted = adjoint.jacobian(function)(*point)
    for row, exact in zip(found, wanted, strict=True):
        assert list(row) == pytest.approx(exact, rel=1e-14)
    nonzero = [(i, j) for i in range(n) for j in range(n) if wanted[i][j]]
    assert list(zip(sparse.rows, sparse.cols, strict=True)) == nonzero


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_sweeps_of_a_band_do_not_grow(mode):
    counts = [
        len(sweeps(adjoint.jacobian(system(n, band), sparse=True, mode=mode).program))
        for n in (12, 48)
    ]
    assert counts == [3, 3]


def chain(n):
    terms = (f"sin(x{i}*x{i + 1})" for i in range(n - 1))
    return f"f({', '.join(f'x{i}' for i in range(n))}) = {' + '.join(terms)}"


def star(n):
    terms = (f"x0**2*x{i}**3" for i in range(1, n))
    return f"f({', '.join(f'x{i}' for i in range(n))}) = {' + '.join(terms)}"


@pytest.mark.parametrize("formula", [chain(8), star(8), "x*y + abs(z)*x", "exp(x)/y"])
def test_sparse_hessian_is_the_dense_one(formula):
    sparse, full = adjoint.hessian(formula, sparse=True), adjoint.hessian(formula)
    n = len(full.wrt)
    point = point_of(n)
    found = dense(sparse, point, (n, n))
    for row, exact in zip(found, full(*point), strict=True):
        assert list(row) == pytest.approx(exact, rel=1e-13)
    assert sparse.check(seconds=3)


@pytest.mark.parametrize(("formula", "most"), [(chain, 3), (star, 2)])
def test_sweeps_of_a_sparse_hessian_do_not_grow(formula, most):
    for n in (10, 50):
        program = adjoint.hessian(formula(n), sparse=True).program
        assert len([one for one in sweeps(program) if "tangent" in one]) <= most


patterns = st.integers(1, 12).flatmap(
    lambda n: st.lists(
        st.lists(st.integers(0, n - 1), unique=True, max_size=4).map(sorted),
        min_size=n,
        max_size=n,
    )
)


@settings(deadline=None)
@given(patterns)
def test_no_row_has_two_columns_of_one_colour(rows):
    colours = column_colours(rows, len(rows))
    for row in rows:
        assert len({colours[j] for j in row}) == len(row)


@settings(deadline=None)
@given(patterns)
def test_star_colours_tell_every_entry(rows):
    rows = symmetric(rows)
    colours = star_colours(rows)
    for i, row in enumerate(rows):
        for j in row:
            in_row = [k for k in row if colours[k] == colours[j]]
            in_column = [k for k in rows[j] if colours[k] == colours[i]]
            assert in_row == [j] or in_column == [i]


def test_a_loop_has_no_known_sparsity():
    function = define(
        "def f(x, n: int):\n    for _ in range(n):\n        x = x*x\n    return x\n"
    )
    with pytest.raises(adjoint.AdjointError, match="sparsity of f is not known"):
        adjoint.jacobian(function, sparse=True)
