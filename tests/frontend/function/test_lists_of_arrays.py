"""Lists of arrays that grow in loops whose number of iterations is known at run time.

As recurrent networks and mixtures are written: beside the function as Python runs it,
and differences of high order.
"""

import numpy as np
import pytest

import adjoint
from adjoint.errors import SourceError
from tests.support_arrays import along, assert_right, differences
from tests.support_functions import define

_RANDOM = np.random.default_rng(7)
W, XS = _RANDOM.normal(size=(3, 3)) * 0.5, _RANDOM.normal(size=(5, 3))
MATRICES = "W: float[:, :], xs: float[:, :]"

#: What the functions may call.
CELL = """\
import numpy as np


def sigmoid(v):
    return 0.5 * (np.tanh(v) + 1.0)


def cell(W, x, h, c):
    forget, update = sigmoid(W @ h + x), np.tanh(W @ x + h)
    c = forget * c + (1.0 - forget) * update
    return sigmoid(W @ x) * np.tanh(c), c

"""

#: Bodies of ``f(W, xs)`` that keep arrays in lists.
SMOOTH = {
    "a recurrent network": """\
h = np.zeros(3)
hs = []
for x in xs:
    h = np.tanh(W @ h + x)
    hs.append(h)
return np.sum((np.array(hs) - xs) ** 2)
""",
    "a cell with a memory": """\
h, c = np.zeros(3), np.zeros(3)
outputs, memory = [], [c]
for x in xs:
    h, c = cell(W, x, h, c)
    outputs.append(h)
    memory.append(c)
return np.sum(np.array(outputs) * np.stack(memory[1:])) + np.sum(memory[-1])
""",
    "a mixture of distributions": """\
logs = []
for mean in W:
    logs.append(0.3 * mean[0] - 0.5 * np.sum((xs - mean) ** 2, axis=1))
return np.sum(np.log(np.sum(np.exp(np.vstack(logs)), axis=0)))
""",
    "the last one, and one by number": """\
hs = [np.ones(3)]
for t in range(len(xs)):
    hs.append(np.sin(W @ hs[-1]) + hs[t] * xs[t])
return hs[-1] @ hs[2] + len(hs) * np.sum(hs[len(xs) - 1])
""",
    "all ways to go through them": """\
hs = []
for x in xs:
    hs.append(np.tanh(W @ x))
s = 0.0
for h in hs:
    s += np.sum(h**3)
for h, x in zip(hs, xs):
    s += h @ x
for k, h in enumerate(hs):
    s += k * h[0]
for h in reversed(hs):
    s = s * 0.5 + h[1]
return s
""",
    "their sum and their mean": """\
hs = [np.tanh(W @ x) for x in xs]
total = sum(hs) + sum(np.sin(h) for h in hs)
return np.sum(total**2) + np.sum(np.mean(hs, axis=0) ** 3)
""",
    "joined": """\
hs = []
for x in xs:
    hs.append(np.tanh(W @ x))
v = np.concatenate(hs)
return v @ v + np.sum(np.hstack(hs) ** 3) + np.sum(np.vstack(hs) ** 2 * xs)
""",
    "as columns": """\
hs = []
for x in xs:
    hs.append(np.tanh(W @ x))
return np.sum(np.stack(hs, axis=1) * xs.T) + np.sum(np.column_stack(hs) ** 3)
""",
    "comprehensions": """\
hs = [W @ x for x in xs]
gs = [np.sin(h) for h in hs if h[0] > -0.1]
pairs = [g * h for g, h in zip(gs, hs)]
return np.sum(np.array(gs) ** 2) + np.sum(np.array(pairs)) + len(pairs)
""",
    "matrices": """\
M, powers = np.eye(3), []
for x in xs:
    M = 0.5 * M @ W + np.outer(x, x)
    powers.append(M)
wide = np.concatenate(powers, axis=1)
return np.sum(np.array(powers) ** 2) + np.trace(powers[2]) + wide[0, 7] ** 2
""",
    "of several shapes": """\
parts = []
for k in range(1, len(xs)):
    parts.append(np.sin(xs[:k, 0]) * W[0, 1])
v = np.concatenate(parts)
return v @ v + np.sum(parts[0] * parts[2]) + np.sum(parts[3] * parts[0])
""",
    "some of them": """\
hs = []
for x in xs:
    if x[0] > 0:
        hs.append(np.tanh(W @ x))
    else:
        hs.append(x * x)
    if x[1] > 0:
        hs.append(W @ x)
return np.sum(np.mean(np.array(hs), axis=0) ** 2)
""",
    "a loop that ends when it may": """\
hs = [xs[0]]
while len(hs) < 7 and hs[-1] @ hs[-1] < 50.0:
    hs.append(1.5 * hs[-1] + W @ hs[-1])
return np.sum(np.array(hs) ** 2)
""",
    "taken from the end": """\
hs = []
for x in xs:
    hs.append(np.sin(W @ x))
s = 0.0
while len(hs) > 1:
    a, b = hs.pop(), hs.pop()
    s += a @ b
    hs.append(a * b + xs[0])
return s + np.sum(hs[0])
""",
    "one in the place of another": """\
hs = [np.sin(x) for x in xs]
for i in range(1, len(hs)):
    hs[i] = hs[i] * hs[i - 1] + W @ hs[0]
return np.sum(np.array(hs) ** 2)
""",
    "parts of the list": """\
hs = [W @ x for x in xs]
s = 0.0
for a, b, c in zip(hs[1:], hs[:-1], hs[::-1]):
    s += a @ b * c[0]
return s + np.sum(np.array(hs[2:]) ** 3)
""",
    "lists that are joined": """\
hs, gs = [], []
for x in xs:
    hs.append(np.sin(W @ x))
    gs.append(np.cos(x))
ks = hs + gs
ks += hs
ks.extend(gs)
ks = ks + [xs[0]]
return 0.5 * np.sum(np.array(ks) ** 3) + len(ks)
""",
    "element by element": """\
hs = []
for x in xs:
    h = np.zeros(3)
    for j in range(3):
        h[j] = W[j] @ x
    hs.append(h)
s = 0.0
for i in range(len(hs)):
    for j in range(3):
        s += hs[i][j] ** 2 * xs[i, j]
return s
""",
    "all that came before": """\
h, hs = np.zeros(3), []
for x in xs:
    hs.append(h)
    H = np.array(hs)
    weights = np.exp(H @ x)
    h = np.tanh(W @ h + weights @ H / np.sum(weights) + x)
return h @ h
""",
    "beside a list of known length": """\
known, hs = [W[0], W[1] * 2.0, W[2]], [np.sin(x) for x in xs]
s = 0.0
for a, b, k in zip(known, hs, [1, 2, 3]):
    s += a @ b * k
return s
""",
    "a list in a loop": """\
s = 0.0
for x in xs:
    hs = [0.3 * x]
    for _ in range(3):
        hs.append(np.tanh(W @ hs[-1]))
    s += np.sum(np.array(hs) ** 2)
return s
""",
    "one of known arrays by a number known later": """\
ways = [W[0], W[1], W[2]]
s = 0.0
for t in range(len(xs)):
    s += np.sin(ways[t % 3] @ xs[t])
return s
""",
    "a copy in the list": """\
h, hs = np.zeros(3), []
for x in xs:
    h += W @ x
    h[0] = h[0] * 0.5
    hs.append(h.copy())
h[1] = 7.0
return np.sum(np.array(hs) ** 2) * h[1]
""",
}


def _function(body: str):
    lines = "".join(f"    {line}\n" if line else "\n" for line in body.splitlines())
    return define(f"{CELL}\n\ndef f(W, xs):\n{lines}")


@pytest.mark.parametrize("case", SMOOTH)
def test_value_and_derivatives(case):
    f = _function(SMOOTH[case])
    d = adjoint.value_and_grad(f, signature=MATRICES)
    assert_right(d, f, W, XS, near=1e-8)
    directions = np.cos(W), np.cos(XS)
    value, tangent = adjoint.jvp(f, signature=MATRICES)(W, XS, *directions)
    assert value == f(W.copy(), XS.copy())
    _, gradient = d(W, XS)
    slope = sum(np.sum(g * v) for g, v in zip(gradient, directions, strict=True))
    assert tangent == pytest.approx(slope, rel=1e-12, abs=1e-12)
    products = adjoint.hvp(f, signature=MATRICES)(W, XS, *directions)
    for at, product in enumerate(products):
        moved = along(lambda *a, at=at: d(*a)[1][at], (W, XS), directions)
        assert product == pytest.approx(moved, rel=1e-8, abs=1e-7)


def test_what_is_written():
    """The list is kept as the user keeps it; its adjoint is a list that shrinks."""
    f = _function(SMOOTH["a recurrent network"])
    text = adjoint.value_and_grad(f, signature=MATRICES).source
    forward, reverse = text[text.index("def f_value") :].split("# reverse sweep")
    assert "hs.append(h)\n" in forward
    assert "np.array(hs)" in forward
    assert "hs_bar = list(" in reverse
    assert "h_bar + hs_bar.pop()" in reverse


def test_lists_grow_in_place():
    """Also two of them, and where arrays of theirs have names: nothing is copied."""
    f = _function(
        "hs, gs = [xs[0]], []\nfirst, s = hs[0], 0.0\nfor x in xs:\n"
        "    h = np.tanh(W @ hs[-1] + x)\n    hs.append(h)\n    gs.append(h)\n"
        "    last = hs[-1]\n    s += first @ last\n"
        "return s + np.sum(np.array(hs)[1:] * np.array(gs))"
    )
    for kind in (adjoint.value_and_grad, adjoint.jvp, adjoint.hvp):
        text = kind(f, signature=MATRICES).source
        assert "list(hs)" not in text
        assert "list(gs)" not in text
    value, (by_w, _) = adjoint.value_and_grad(f, signature=MATRICES)(W, XS)
    assert value == f(W, XS)
    assert by_w == pytest.approx(differences(f, (W, XS), 0), rel=1e-9, abs=1e-8)


def test_what_is_taken_from_the_end_and_not_used():
    """The reverse sweep asks for its shape: that, and not the list, is saved."""
    f = _function(
        "hs = []\nfor x in xs:\n    hs.append(np.sin(W @ x))\n    hs.append(x * x)\n"
        "    hs.pop()\nreturn np.sum(np.array(hs) ** 2)"
    )
    d = adjoint.value_and_grad(f, signature=MATRICES)
    value, (by_w, _) = d(W, XS)
    assert value == f(W, XS)
    assert by_w == pytest.approx(differences(f, (W, XS), 0), rel=1e-9, abs=1e-8)
    assert "list(hs)" not in d.source


def test_a_list_of_arrays_is_checked():
    for case in ("joined", "of several shapes"):
        d = adjoint.value_and_grad(_function(SMOOTH[case]), signature=MATRICES)
        assert d.check()


def test_hessian_and_few_states():
    f = _function(SMOOTH["a recurrent network"])
    value, gradient = adjoint.value_and_grad(f, signature=MATRICES)(W, XS)
    few = adjoint.value_and_grad(f, signature=MATRICES, checkpoint="sqrt")(W, XS)
    assert few[0] == value
    assert few[1][0] == pytest.approx(gradient[0], rel=1e-13)
    by_w = adjoint.hessian(f, "W", signature=MATRICES)(W, XS)
    slope = adjoint.grad(f, "W", signature=MATRICES)
    expected = differences(lambda W, xs: slope(W, xs)[1, 2], (W, XS), 0)
    assert by_w[1, 2] == pytest.approx(expected, rel=1e-8, abs=1e-8)


def test_many_arrays_are_returned_as_one():
    f = _function(
        "hs = []\nfor x in xs:\n    hs.append(np.tanh(W @ x))\nreturn np.array(hs)"
    )
    seed = np.sin(XS)
    value, cotangents = adjoint.vjp(f, signature=MATRICES)(W, XS, seed)
    assert np.array_equal(value, f(W, XS))
    expected = differences(lambda W, xs: np.sum(f(W, xs) * seed), (W, XS), 0)
    assert cotangents[0] == pytest.approx(expected, rel=1e-9, abs=1e-9)
    assert adjoint.jacobian(f, signature=MATRICES)(W, XS)[1].shape == (5, 3, 5, 3)


def test_the_exceptions_are_kept():
    f = _function("hs = []\nfor x in xs:\n    hs.append(W @ x)\nreturn np.sum(hs[-1])")
    for call in (f, adjoint.grad(f, signature=MATRICES)):
        with pytest.raises(IndexError):
            call(W, XS[:0])
    f = _function("hs = [W @ x for x in xs]\nreturn np.sum(np.stack(hs) ** 2)")
    for call in (f, adjoint.grad(f, signature=MATRICES)):
        with pytest.raises(ValueError, match="need at least one array"):
            call(W, XS[:0])
    shapes = "hs = [x[: int(x[0])] for x in xs]\nreturn np.sum(np.array(hs)) + W[0, 0]"
    shaped = _function(shapes)
    for call in (shaped, adjoint.value_and_grad(shaped, signature=MATRICES)):
        with pytest.raises(ValueError, match="inhomogeneous"):
            call(W, np.array([[1.0, 2.0, 3.0], [2.0, 3.0, 4.0]]))


#: What the loop over the rows of ``xs`` does, and a part of the message.
REFUSED = {
    "an array that changes in the list": (
        "h += x\n    hs.append(h)",
        r"the next iteration changes `h`(.|\n)*a copy in the list: `h.copy\(\)`",
    ),
    "an element that changes in the list": (
        "h[0] = h[0] + x[0]\n    hs.append(h)",
        r"the next iteration changes `h`",
    ),
    "an array that changes when it is in the list": (
        "h = h + x\n    hs.append(h)\n    h[0] = 2.0",
        r"`hs` is read later(.|\n)*a copy in the list: `h.copy\(\)`",
    ),
    "a part of an array in the list": (
        "hs.append(h + x)\n    hs[-1][0] = 1.0",
        "cannot be changed in part",
    ),
    "what is added to an array in the list": (
        "hs.append(h + x)\n    hs[-1] += 1.0",
        "changes an array, and not the list",
    ),
    "arrays of two ranks": (
        "hs.append(x)\n    hs.append(W)",
        "an array of rank 1 and an array of rank 2",
    ),
    "an array of another rank": (
        "hs.append(h + x)\nhs.append(W)",
        "are arrays of rank 1, and this is an array of rank 2",
    ),
    "a number among arrays": (
        "hs.append(h + x)\nhs.append(1.0)",
        "are arrays of rank 1, and this is a number",
    ),
    "a list among arrays": (
        "hs.append(h + x)\nhs.append([1.0, 2.0, 3.0])",
        "an array is expected here(.|\n)*not a list",
    ),
    "lists of arrays": ("hs.append([h, x])", "a list of lists of arrays"),
    "the list that is gone through": (
        "hs.append(x)\nfor g in hs:\n    hs.append(g)",
        "changes in a loop over its elements",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused(case):
    body, message = REFUSED[case]
    f = _function(
        f"h, hs = np.zeros(3), []\nfor x in xs:\n    {body}\nreturn np.sum(np.array(hs))"
    )
    with pytest.raises(SourceError, match=message):
        adjoint.grad(f, signature=MATRICES)


def test_an_array_is_changed_under_a_name_from_the_iteration_before():
    """``w`` is ``v``, when ``v += 1.0`` changes it: once the value was wrong."""
    f = define(
        "import numpy as np\n\n\ndef f(x):\n    v, w, s = x * 1.0, x * 2.0, 0.0\n"
        "    for i in range(len(x)):\n        v += 1.0\n        s += np.sum(w)\n"
        "        w = v\n    return s\n"
    )
    with pytest.raises(SourceError, match="the next iteration changes `v`"):
        adjoint.grad(f, signature="x: float[:]")


def test_the_sum_of_the_rows_of_a_matrix():
    """It is an array; once it was taken for a number, with the derivative zero."""
    f = _function("return np.sum(sum(xs) ** 2 * W[0]) + sum(sum(W))")
    assert_right(adjoint.value_and_grad(f, signature=MATRICES), f, W, XS)


def test_what_is_computed_along_an_axis_may_be_an_array():
    f = _function(
        "a = np.apply_along_axis(np.cumsum, 0, xs)\n"
        "b = np.apply_along_axis(lambda row: W @ row, 1, xs)\n"
        "return np.sum(a * xs) + np.sum(b**2 * xs)"
    )
    assert_right(adjoint.value_and_grad(f, signature=MATRICES), f, W, XS, near=1e-8)


LAYERS = """\
import numpy as np


def f(Ws: "list[float[:, :]]", x: "float[:]"):
    h = x
    for W in Ws:
        h = np.tanh(W @ h)
    return np.sum(h**2)
"""


def test_a_list_of_arrays_as_a_parameter():
    """The weights of layers, of several shapes: the gradient is such a list."""
    f = define(LAYERS)
    layers = [np.cos(np.arange(n * m)).reshape(n, m) for n, m in ((4, 3), (5, 4))]
    x = np.array([0.3, -0.2, 0.9])
    d = adjoint.value_and_grad(f)
    value, (by_layers, by_x) = d(layers, x)
    assert value == f(layers, x)
    assert isinstance(by_layers, list)

    def with_layer(at, layer):
        return [*layers[:at], layer, *layers[at + 1 :]]

    for at in (0, 1):
        expected = differences(
            lambda layer, at=at: f(with_layer(at, layer), x), (layers[at],), 0
        )
        assert by_layers[at] == pytest.approx(expected, rel=1e-9, abs=1e-9)
    expected = differences(lambda x: f(layers, x), (x,), 0)
    assert by_x == pytest.approx(expected, rel=1e-9, abs=1e-9)
    assert d.check()
    product, _ = adjoint.hvp(f)(layers, x, [np.ones((4, 3)), np.zeros((5, 4))], 0 * x)
    moved = along(lambda layer: d([layer, layers[1]], x)[1][0][0], layers[:1], [1.0])
    assert product[0] == pytest.approx(moved, rel=1e-8, abs=1e-8)


def test_a_list_of_arrays_is_returned():
    f = _function("hs = []\nfor x in xs:\n    hs.append(np.tanh(W @ x))\nreturn hs")
    seed = list(np.cos(XS))
    value, cotangents = adjoint.vjp(f, signature=MATRICES)(W, XS, seed)
    assert isinstance(value, list)
    assert np.array_equal(value, f(W, XS))
    expected = differences(lambda W: np.sum(np.array(f(W, XS)) * seed), (W,), 0)
    assert cotangents[0] == pytest.approx(expected, rel=1e-9, abs=1e-9)
    assert np.array_equal(seed, np.cos(XS))  # it is not used up
    for kind in (adjoint.jacobian, adjoint.hessian):
        with pytest.raises(adjoint.AdjointError, match="has no Jacobian"):
            kind(f, signature=MATRICES)


@pytest.mark.parametrize("added", ["hs", "(h for h in hs)"])
def test_the_sum_of_no_arrays_says_so(added):
    """Python's would be a number, where an array is for everything else."""
    f = _function(
        f"hs = []\nfor x in xs:\n    hs.append(W @ x)\nreturn np.sum(sum({added}) ** 2)"
    )
    d = adjoint.value_and_grad(f, signature=MATRICES)
    with pytest.raises(ValueError, match="the sum of no arrays"):
        d(W, XS[:0])
    value, gradient = d(W, XS)
    assert value == f(W, XS)
    for at in (0, 1):
        expected = differences(f, (W, XS), at)
        assert gradient[at] == pytest.approx(expected, rel=1e-9, abs=1e-9)
