"""Equations of motion from SymPy's mechanics, beside SymPy's derivatives of them."""

import pytest
import sympy
from sympy.physics.mechanics.models import n_link_pendulum_on_cart

import adjoint


@pytest.fixture(scope="module", params=[2, 3])
def pendulum(request):
    """What moves it, its states, SymPy's derivatives of the one by the other, and ours."""
    kane = n_link_pendulum_on_cart(request.param, joint_torques=False)
    vector, states = kane.mass_matrix_full @ kane.forcing_full, [*kane.q, *kane.u]
    jacobian = adjoint.jacobian(vector, wrt=states)
    return vector, states, vector.jacobian(states), jacobian


def at_a_point(derivative, expressions):
    """Our numbers, and SymPy's in 30 digits, each as a flat list."""
    symbols = dict(derivative.primal.symbols)
    point = {s: sympy.Float(0.3 + 0.17 * i, 40) for i, s in enumerate(symbols.values())}
    ours = derivative(**{name: float(point[s]) for name, s in symbols.items()})
    return ours, [e.xreplace(point).evalf(30) for e in expressions]


def agree(ours, theirs):
    for a, b in zip(ours, theirs, strict=True):
        assert abs(a - b) <= 1e-10 * max(1, abs(b))


def test_jacobian(pendulum):
    _, _, slopes, jacobian = pendulum
    ours, theirs = at_a_point(jacobian, slopes)
    assert (len(ours), len(ours[0])) == slopes.shape
    agree([number for row in ours for number in row], theirs)


def test_gradient(pendulum):
    vector, states, slopes, _ = pendulum
    total = sum(vector)
    gradient = adjoint.grad(total, wrt=states)
    rows = range(slopes.rows)
    agree(*at_a_point(gradient, [sum(slopes[rows, at]) for at in range(slopes.cols)]))


def test_there_are_no_more_operations_than_after_sympys_cse(pendulum):
    _, _, slopes, jacobian = pendulum
    replacements, [reduced] = sympy.cse(slopes)
    parts = [*(part for _, part in replacements), *reduced]
    theirs = sum(part.count_ops() for part in parts)
    assert sum(1 for _ in jacobian.program.body.ops) <= theirs
