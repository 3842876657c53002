"""Arrays and lists that change while a loop goes through them.

Python reads each item when its turn comes. Beside the function as Python runs it, and
differences of high order.
"""

import numpy as np
import pytest

import adjoint
from adjoint.errors import SourceError
from tests.support_arrays import assert_right
from tests.support_functions import define

X = np.array([0.31, -0.72, 1.13])
A = np.array([[0.41, -0.23, 0.92], [0.83, 0.35, -0.54], [1.65, 0.15, 0.57]])
MATRICES = "A: float[:, :], x: float[:]"


def _function(body):
    lines = ["h, v, s = x * 1.0, A[1] * 2.0, 0.0", *body.splitlines(), "return s"]
    text = "".join(f"    {line}\n" for line in lines)
    return define(f"import numpy as np\n\n\ndef f(A, x):\n{text}")


#: What may not change before the loop has come to it: the value was once as before.
REFUSED = {
    "an array of a tuple": "for q in (h, v):\n    v *= 2.0\n    s += q[0]",
    "an array in a list": "L = [h, v]\nfor q in L:\n    v[0] = 2.0\n    s += q[0]",
    "an array that comes twice": (
        "L = [h, v, h]\nfor q in L:\n    q *= 2.0\n    s += q[0]"
    ),
    "an array of which a part comes": (
        "M = A * 1.0\nfor q in (h, M[1]):\n    M[1, 0] = 2.0\n    s += q[0]"
    ),
    "under a condition": (
        "for q in (h, v):\n    s += q[0]\n    if s > 0.0:\n        v += 1.0"
    ),
    "in a loop inside": (
        "for q in (h, v):\n    s += q[0]\n    for k in range(len(x)):\n        v[k] = s"
    ),
    "the loop inside": (
        "for q in (h, v):\n    for k in range(2):\n        v += 1.0\n    s += q[0]"
    ),
    "what map waits with": (
        "for q in map(np.sin, (h, v)):\n    v *= 2.0\n    s += q[0]"
    ),
    "values": "d = {'a': h, 'b': v}\nfor q in d.values():\n    v *= 2.0\n    s += q[0]",
    "what items() gives": (
        "d = {'a': h, 'b': v}\nfor k, q in d.items():\n"
        "    d['b'] = h * 2.0\n    s += q[0]"
    ),
    "an item put in": "L = [h, v]\nfor q in L:\n    L[1] = q * 0.5\n    s += q[0]",
    "pop": "L = [h, v]\nfor q in L:\n    L.pop()\n    s += q[0]",
    "pop, enumerated": "L = [h, v]\nfor k, q in enumerate(L):\n    L.pop()\n    s += k",
    "pop, zipped": "L = [h, v]\nfor q, r in zip(L, A):\n    L.pop()\n    s += q @ r",
    "append": (
        "L = [h, v]\nfor q in L:\n    s += q[0]\n    if len(L) < 5:\n"
        "        L.append(q * 0.5)"
    ),
    "reverse": "L = [h, v]\nfor q in L:\n    s += q[0]\n    L.reverse()",
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_gone_through_may_not_change_before(case):
    with pytest.raises(SourceError, match="changes in a loop"):
        adjoint.grad(_function(REFUSED[case]), signature=MATRICES)


#: What may change: what the loop has gone through, and copies; names may be reused.
ALLOWED = {
    "each array in its turn": (
        "L = [h, v]\nfor q in L:\n    q *= 2.0\n    s += q[0]\ns += h @ v"
    ),
    "each item in its turn": (
        "L = [h, v]\nfor k, q in enumerate(L):\n    L[k] = q * q\n"
        "for q in L:\n    s = s * 0.9 + q[0]"
    ),
    "each item in its turn, backwards": (
        "L = [h, v]\nfor k, q in enumerate(reversed(L)):\n    L[-1 - k] = q * q\n"
        "for q in L:\n    s = s * 0.9 + q[0]"
    ),
    "each value in its turn": (
        "d = {'a': h, 'b': v}\nfor k, q in d.items():\n    d[k] = q * q\n"
        "for q in d.values():\n    s = s * 0.9 + q[0]"
    ),
    "a list of which a copy is gone through": (
        "L = [h, v]\nfor q in list(L):\n    L.append(q * q)\n"
        "for q in L:\n    s = s * 0.9 + q[0]"
    ),
    "a name of the list for another one": (
        "L = [h, v]\nfor q in L:\n    L = L + [q * q]\n"
        "for q in L:\n    s = s * 0.9 + q[0]"
    ),
    "the best of the rows": (
        "best = A[0]\nfor r in A:\n    if r[0] > best[0]:\n        best = r\n"
        "s = best @ h * best[1]"
    ),
    "the row before": "prev = A[0]\nfor r in A:\n    s += r @ prev\n    prev = r",
    "a name of the matrix for another one": (
        "M = A\nfor r in M:\n    M = M * r\n    s = s * 0.9 + r @ h\ns += np.sum(M)"
    ),
}


@pytest.mark.parametrize("case", ALLOWED)
def test_what_may_change_in_a_loop(case):
    f = _function(ALLOWED[case])
    assert_right(adjoint.value_and_grad(f, signature=MATRICES), f, A, X)


def test_a_row_that_is_kept_and_then_changed():
    f = _function(
        "M = A * 1.0\nbest = M[0]\nfor r in M:\n    best *= 0.5\n    best = r\n"
        "s = np.sum(M)"
    )
    with pytest.raises(SourceError, match="`best` may be a part of what this loop"):
        adjoint.grad(f, signature=MATRICES)


@pytest.mark.parametrize("kept", ["w = v", "w = [v]", "w = [u for u in [v]]"])
def test_a_swap_hands_an_array_with_another_name_to_the_next_iteration(kept):
    """The second iteration changes what was ``v``: the value was once as before."""
    f = _function(
        f"{kept}\nfor k in range(len(x)):\n    h += A[0]\n    h, v = v, h\n"
        "s = np.sum(np.array(w) ** 2)"
    )
    with pytest.raises(SourceError, match="when the next iteration changes `h`"):
        adjoint.grad(f, signature=MATRICES)


#: A row and the one before; the first time there is none.
_BEFORE = (
    "{begin}\nfor r in A:\n    if {has}:\n        s += r @ prev * h[0]\n    {following}"
)


@pytest.mark.parametrize(
    ("begin", "has", "following"),
    [
        ("prev = None", "prev is not None", "prev = r"),
        ("prev, has_prev = np.zeros(3), False", "has_prev", "prev, has_prev = r, True"),
    ],
)
def test_none_for_the_row_before(begin, has, following):
    f = _function(_BEFORE.format(begin=begin, has=has, following=following))
    assert_right(adjoint.value_and_grad(f, signature=MATRICES), f, A, X)


@pytest.mark.parametrize(
    ("inside", "behind", "message"),
    [
        ("h, v = v, w", "h[0] += 0.5", "`w` may be changed with `h`"),
        ("h[0] += 0.5\n    h, v = v, w", "s = 0.0", "next iteration changes `h`"),
    ],
)
def test_an_array_comes_to_a_name_after_two_iterations(inside, behind, message):
    """What was ``w`` is ``h`` in the end: the value was once as before."""
    f = _function(
        f"w = A[0] * 2.0\nfor k in range(len(x)):\n    {inside}\n{behind}\n"
        "s = np.sum(w * w)"
    )
    with pytest.raises(SourceError, match=message):
        adjoint.grad(f, signature=MATRICES)


def test_the_array_before_is_another_one():
    f = _function(
        "prev = v\nfor k in range(len(x)):\n    s = s * 0.9 + prev @ h\n"
        "    prev = h\n    h = h * v\n    h[0] += 1.0\ns += prev @ x"
    )
    assert_right(adjoint.value_and_grad(f, signature=MATRICES), f, A, X)
