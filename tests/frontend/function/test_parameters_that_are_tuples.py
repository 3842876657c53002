"""Parameters that annotations, a signature or the first call say to be tuples."""

import math
from itertools import pairwise

import numpy as np
import pytest

import adjoint
from adjoint.check.evidence import check_module
from adjoint.derivative_object import Derivative
from adjoint.errors import SourceError
from tests.support_arrays import differences
from tests.support_c import needs_compiler
from tests.support_functions import define

_RANDOM = np.random.default_rng(11)


def pendulum(state: tuple[float, float], length: float) -> tuple[float, float]:
    angle, speed = state
    for _ in range(20):
        speed -= 0.05 * 9.81 / length * math.sin(angle)
        angle, speed = angle + 0.05 * speed, speed
    return angle, speed


def energy(
    state: tuple[float, tuple[float, float]], m: tuple[float], *, g: "tuple[float, int]"
):
    x, (u, v) = state
    assert isinstance(state, tuple)
    return 0.5 * m[0] * (u**2 + v**2) + m[0] * g[0] ** g[1] * math.exp(x)


def area(corners: list[tuple[float, float]]):
    total = 0.0
    for (x0, y0), (x1, y1) in pairwise(corners):
        total += x0 * y1 - x1 * y0
    return 0.5 * total


def weighted(x: tuple[float, ...]):
    return sum((k + 1) * v**2 for k, v in enumerate(x)) + x[0] * x[-1]


STATE, LENGTH = (0.7, -0.2), 1.3
X, M, G = (0.3, (1.5, -0.5)), (2.0,), (1.1, 3)
#: The derivatives of the energy at this point, by hand.
POTENTIAL = 2.0 * 1.1**3 * math.exp(0.3)
BY_X = (POTENTIAL, (3.0, -1.0))
BY_M = (1.25 + POTENTIAL / 2.0,)


def approx(tree):
    """Nested tuples of numbers that are nearly these."""
    if isinstance(tree, tuple):
        return tuple(map(approx, tree))
    return pytest.approx(tree, rel=1e-12)


def test_the_gradient_is_nested_as_the_parameters_are():
    d = adjoint.value_and_grad(energy, wrt="state,m")
    value, gradient = d(X, M, g=G)
    assert value == energy(X, M, g=G)
    assert gradient == approx((BY_X, BY_M))
    assert adjoint.grad(energy, wrt="m")(X, M, g=G) == approx(BY_M)
    assert d.check()
    product = adjoint.hvp(energy, wrt="state")(X, M, (1.0, (0.5, 0.25)), g=G)
    assert product == approx((POTENTIAL, (1.0, 0.5)))
    hessian = adjoint.hessian(energy, wrt="state")(X, M, g=G)
    rows = ((POTENTIAL, (0.0, 0.0)), ((0.0, (2.0, 0.0)), (0.0, (0.0, 2.0))))
    assert hessian == approx(rows)


def test_whole_numbers_in_a_tuple_have_no_derivative():
    with pytest.raises(adjoint.AdjointError, match="'g' has whole numbers in it"):
        adjoint.grad(energy)
    with pytest.raises(adjoint.AdjointError, match="'state_0' is not a parameter"):
        adjoint.grad(energy, wrt="state_0")


@pytest.mark.parametrize("target", ["python", pytest.param("c", marks=needs_compiler)])
def test_every_kind_of_derivative(target):
    point = (*STATE, LENGTH)
    expected = np.array(
        [
            [
                differences(lambda *n, at=at: pendulum(n[:2], n[2])[at], point, by)
                for by in range(3)
            ]
            for at in range(2)
        ]
    )
    jacobian = adjoint.jacobian(pendulum, target=target)(STATE, LENGTH)
    for row, by in zip(jacobian, expected, strict=True):
        (a, b), c = row
        assert [a, b, c] == pytest.approx(by, rel=1e-8)
    seed, tangent = (0.4, -1.1), ((0.3, 0.6), -0.2)
    value, ((a, b), c) = adjoint.vjp(pendulum, target=target)(STATE, LENGTH, seed)
    assert value == pytest.approx(pendulum(STATE, LENGTH), rel=1e-14)
    assert [a, b, c] == pytest.approx(np.array(seed) @ expected, rel=1e-8)
    _, moved = adjoint.jvp(pendulum, target=target)(STATE, LENGTH, *tangent)
    assert moved == pytest.approx(expected @ [0.3, 0.6, -0.2], rel=1e-8)


@pytest.mark.parametrize(
    "kind", ["value_and_grad", "hessian", "hvp", "jvp", "vjp", "value,grad,hessian"]
)
def test_the_text_of_the_module_is_checked_as_well(kind):
    d = Derivative(energy, kind, "state,m")
    report = check_module(d.source, source_name="energy.py")
    assert report and "proved" in str(report)


@pytest.mark.parametrize("target", ["python", pytest.param("c", marks=needs_compiler)])
def test_lists_of_tuples_and_tuples_of_any_length_are_lists(target):
    corners = [(0.0, 0.5), (2.0, 0.25), (1.5, 3.0)]
    value, gradient = adjoint.value_and_grad(area, target=target)(corners)
    assert value == area(corners)
    (x0, y0), (x1, y1), (x2, y2) = corners
    by_hand = [[y1 / 2, -x1 / 2], [(y2 - y0) / 2, (x0 - x2) / 2], [-y1 / 2, x1 / 2]]
    assert gradient == by_hand
    d = adjoint.value_and_grad(weighted, target=target)
    assert d((1.0, 2.0, 4.0)) == (61.0, [6.0, 8.0, 25.0])
    assert d.check()


LAYERS = """\
import numpy as np


def f({}, x):
    for W, b in params:
        x = np.tanh(x @ W + b)
    return np.sum(x**2)
"""
PARAMS = [
    (_RANDOM.normal(size=(3, 2)), _RANDOM.normal(size=2)),
    (_RANDOM.normal(size=(2, 4)), _RANDOM.normal(size=4)),
]


@pytest.mark.parametrize(
    "declared",
    [
        "params",
        "params: list[tuple[np.ndarray, np.ndarray]]",
        "params: tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]",
    ],
)
def test_layers_of_arrays_are_told_by_the_first_call(declared):
    f, x = define(LAYERS.format(declared)), _RANDOM.normal(size=(5, 3))
    d = adjoint.value_and_grad(f)
    value, (by_layers, by_x) = d(PARAMS, x)
    assert value == f(PARAMS, x)
    for at in (0, 1):
        for part in (0, 1):

            def moved(array, at=at, part=part):
                layers = [list(layer) for layer in PARAMS]
                layers[at][part] = array
                return f(layers, x)

            expected = differences(moved, (PARAMS[at][part],), 0)
            assert by_layers[at][part] == pytest.approx(expected, rel=1e-8, abs=1e-9)
    expected = differences(lambda x: f(PARAMS, x), (x,), 0)
    assert by_x == pytest.approx(expected, rel=1e-8, abs=1e-9)
    assert d.check()


def test_a_list_of_arrays_that_is_annotated_so_is_one():
    f = define(
        "import numpy as np\n\n\ndef f(ws: list[np.ndarray], x: np.ndarray):\n"
        "    return sum(np.sum(w**2) for w in ws + ws) + x @ ws[0]"
    )
    ws, x = [np.array([1.0, 2.0]), np.array([3.0, 4.0])], np.array([0.5, 0.25])
    value, (by_ws, by_x) = adjoint.value_and_grad(f)(ws, x)
    assert value == f(ws, x)
    assert isinstance(by_ws, list)
    assert np.array_equal(by_ws, [4 * ws[0] + x, 4 * ws[1]])
    assert np.array_equal(by_x, ws[0])
    with pytest.raises(adjoint.AdjointError, match="what rank the arrays in `ws` are"):
        print(adjoint.grad(f).source)


REFUSED = {
    "tuple[float, str]": "the type of `p` is not supported",
    "list[tuple[float, int]]": "the type of `p` is not supported",
    "tuple[()]": "the type of `p` is not supported",
}


@pytest.mark.parametrize("type", REFUSED)
def test_other_tuples_are_refused(type):
    with pytest.raises(SourceError, match=REFUSED[type]) as caught:
        adjoint.grad(define(f"def f(p: {type}):\n    return p[0]"))
    assert "tuple[float, float]" in str(caught.value.hint)


def test_what_may_be_a_tuple_or_a_list_is_not_asked_for():
    text = "def f(p: tuple[float, ...]):\n    return p[0] if isinstance(p, {}) else 0.0"
    for type in ("list", "tuple"):
        with pytest.raises(SourceError, match="a list or a tuple"):
            adjoint.grad(define(text.format(type)))


def test_what_stands_in_a_tuple_has_a_name_of_its_own():
    def f(p: tuple[float, float], p_0: float, p_1: float = 2.0):
        a, b = p
        return a * p_0 + b * p_1

    assert adjoint.grad(f)((1.0, 2.0), 3.0, 4.0) == ((3.0, 4.0), 1.0, 2.0)

    def g(p: tuple[float, tuple[float]], p_1: tuple[float]):
        return p[0] * p[1][0] ** 2 * p_1[0] ** 3

    gradient = adjoint.grad(g)((5.0, (2.0,)), (1.0,))
    assert gradient == ((4.0, (20.0,)), (60.0,))


def test_a_derivative_of_a_tuple_is_called_inside_of_a_function():
    def inner(p: tuple[float, float]):
        return p[0] ** 2 * p[1]

    slope = adjoint.grad(inner)

    def f(x, y):
        a, b = slope((x, y))
        return a * b

    assert adjoint.grad(f)(3.0, 5.0) == (6.0 * 3.0**2 * 5.0, 2.0 * 3.0**3)


def test_a_point_to_explain_has_the_tuple():
    shown = adjoint.grad(pendulum_once).explain(at={"p": (0.5, 2.0)}).to("text")
    assert "p_0" in shown and "p_1" in shown
    with pytest.raises(adjoint.AdjointError, match="a tuple of another form"):
        adjoint.grad(pendulum_once).explain(at={"p": (0.5, 2.0, 1.0)})


def pendulum_once(p: tuple[float, float]):
    return p[1] * math.sin(p[0])


def swarm(points: list[tuple[float, float]], k: float, n: int):
    trail = [points[0]]
    for _ in range(n):
        centre = sum(x for x, _ in points) / len(points)
        points = [(x + k * (centre - x), y - k * x * y) for x, y in points]
        trail.append(points[-1])
    return sum(x * y * y for x, y in points) + sum(x * y for x, y in trail)


POINTS = [(0.3, 1.2), (-0.7, 0.4), (1.5, 0.9)]


@pytest.mark.parametrize("n", [0, 1, 4])
def test_a_list_of_tuples_that_becomes_another(n):
    derivative = adjoint.value_and_grad(swarm)
    value, (by_points, by_k) = derivative(POINTS, 0.2, n)
    assert value == swarm(POINTS, 0.2, n)

    def of_rows(rows, k):
        return swarm([tuple(map(float, row)) for row in rows], float(k), n)

    expected = differences(of_rows, (np.array(POINTS), 0.2), 0)
    assert np.array(by_points) == pytest.approx(expected, rel=1e-9, abs=1e-9)
    expected = differences(of_rows, (np.array(POINTS), 0.2), 1)
    assert by_k == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_it_is_checked():
    derivative = adjoint.value_and_grad(swarm)
    assert derivative.check()
    assert check_module(derivative.source, source_name="swarm")


@needs_compiler
def test_it_is_written_in_c():
    derivative = adjoint.value_and_grad(swarm, target="c")
    expected = adjoint.value_and_grad(swarm)(POINTS, 0.2, 3)
    value, (by_points, by_k) = derivative(POINTS, 0.2, 3)
    assert value == pytest.approx(expected[0], rel=1e-14)
    assert by_k == pytest.approx(expected[1][1], rel=1e-12)
    assert np.array(by_points) == pytest.approx(np.array(expected[1][0]), rel=1e-12)


def test_what_fails_either_way_is_refused_as_before():
    head = "def f(p: list[tuple[float, float]], n: int):\n    for _ in range(n):\n"
    with pytest.raises(SourceError, match="a list of lists and a number"):
        adjoint.grad(define(f"{head}        p = 1.0\n    return p\n"))
