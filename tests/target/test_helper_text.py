"""The helpers that are copied into modules: each has a name of its own."""

import ast
from collections import Counter

import numpy as np
import pytest

import adjoint
from adjoint.target.language import NUMPY, PYTHON
from tests.support_arrays import differences
from tests.support_functions import define


@pytest.mark.parametrize("language", [PYTHON, NUMPY])
def test_no_name_stands_for_two_helpers(language):
    names = Counter(
        node.name
        for path in language.helpers.paths
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef)
    )
    assert [name for name, count in names.items() if count > 1] == []


def test_lists_in_a_module_of_arrays():
    # the tangent of a list that is sorted was that of a batch: not sorted at all
    f = define(
        "def f(x, A):\n    a = x[0]\n    items = sorted([a, 2.0 * a, -a * a])\n"
        "    rows = [[a, x[1]], [a * a, 1.0]]\n"
        "    return x @ A @ x + 3.0 * items[0] + items[2] * len(rows[0])\n"
    )
    x, A = np.array([1.0, 2.0]), np.array([[1.0, 2.0], [3.0, 4.0]])
    u, U = np.array([0.3, -0.2]), np.array([[0.1, 0.5], [-0.2, 0.7]])
    types = "x: float[:], A: float[:, :]"
    value, tangent = adjoint.jvp(f, signature=types)(x, A, u, U)
    assert value == f(x, A)
    by_x, by_A = (differences(f, [x, A], at) for at in (0, 1))
    assert tangent == pytest.approx(by_x @ u + np.sum(by_A * U), rel=1e-9)
