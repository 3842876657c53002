"""The reverse sweep of programs with arrays, run by the interpreter."""

import numpy as np
import pytest

from adjoint.errors import SourceError
from adjoint.frontend.function.read import read_function
from adjoint.ir.interpret import run
from adjoint.ir.printer import print_program
from adjoint.ir.program import walk
from adjoint.ir.validate import validate
from tests.support import gradient
from tests.support_arrays import differences
from tests.support_functions import define


def _elements(x, A):
    s = 0.0
    for i in range(len(x)):
        s += x[i] ** 2 * A[i, 0] + A[i][1]
    return s + x[-1] * A.shape[1]


def _stores(x):
    n = len(x)
    S = np.zeros(n)
    S[0] = x[0]
    for i in range(1, n):
        S[i] = S[i - 1] * x[i]
        if x[i] > 1:
            S[i] += x[i] * x[0]
    return S[n - 1]


def _masked(x):
    inner = x[1:]
    return np.sum(np.where(inner > 0, np.sqrt(np.abs(inner)), 0.0) * x[0])


def _products(A, x):
    y = A @ x
    return x @ np.sin(y) + np.sum((A.T @ A) ** 2)


_VECTOR = np.array([1.5, 0.25, -2.0, 3.0])
_MATRIX = np.arange(16.0).reshape(4, 4) / 7 - 1

CASES = [
    (_elements, "x: float[:], A: float[:, :]", (_VECTOR, _MATRIX)),
    (_stores, "x: float[:]", (_VECTOR,)),
    (_masked, "x: float[:]", (_VECTOR,)),
    (_products, "A: float[:, :], x: float[:]", (_MATRIX, _VECTOR)),
]


@pytest.mark.parametrize(("function", "signature", "arguments"), CASES)
def test_against_differences(function, signature, arguments):
    program = read_function(function, signature=signature)
    validate(program)
    names = list(program.parameter_names)
    derivative = gradient(program, names, "d")
    validate(derivative)
    value, *found = run(derivative, arguments)
    assert value == function(*arguments)
    for at, one in enumerate(found):
        expected = differences(function, arguments, at)
        assert np.allclose(one, expected, rtol=1e-9, atol=1e-9)


def test_sum_of_squares_is_one_line():
    program = read_function(
        define("import numpy as np\n\ndef f(x):\n    return np.sum(x**2)\n"),
        signature="x: float[:]",
    )
    lines = print_program(gradient(program, ["x"], "d"))
    assert lines[-2:] == ["x_bar = 2.0 * x", "return y, x_bar"]


def test_elements_are_added_in_place():
    """Nothing of the reverse loop's body has to do with a whole array."""
    program = read_function(_elements, signature="x: float[:], A: float[:, :]")
    loop = next(
        op
        for op in gradient(program, ["x", "A"], "d").body.ops
        if op.operation.name == "backward"
    )
    whole = [
        op.operation.name for op in walk(loop.blocks[0]) if op.results[0].type.rank
    ]
    assert whole and set(whole) == {"accumulate"}


def test_rank_by_use():
    program = read_function(
        define("def f(x, A, n):\n    return x[n] * A[n, 0] + A[n][1]\n")
    )
    assert [str(p.type) for p in program.parameters] == [
        "float[:]",
        "float[:, :]",
        "int",
    ]


def test_unknown_rank():
    function = define("import numpy as np\n\ndef f(x):\n    return np.sum(x * 2)\n")
    with pytest.raises(SourceError) as caught:
        read_function(function)
    assert 'signature="x: float[:]"' in str(caught.value)


def test_of_several_unknown_ranks_the_first_parameter_is_named():
    text = (
        "import numpy as np\n\ndef f(c, x, b, a):\n    return np.sum(a * b * x * 2)\n"
    )
    for _ in range(4):
        with pytest.raises(SourceError) as caught:
            read_function(define(text))
        assert 'signature="x: float[:]"' in str(caught.value)


def _scattered(x, i):
    a = np.zeros(4)
    a[i] = x
    return np.sum(a**2)


def _permuted(x):
    a = np.zeros(4)
    a[[2, 0]] = x
    return np.sum(a**2 * np.arange(4.0))


def test_of_what_is_stored_twice_the_last_counts():
    program = read_function(_scattered, signature="x: float[:], i: int[:]")
    x, i = np.array([3.0, 5.0, 7.0, 2.0]), np.array([1, 3, -3, 3])
    value, found = run(gradient(program, ["x"]), (x, i))
    assert value == _scattered(x, i) == 7.0**2 + 2.0**2
    assert found.tolist() == [0.0, 0.0, 14.0, 4.0]


def test_what_is_stored_at_different_places():
    program = read_function(_permuted, signature="x: float[:]")
    _, found = run(gradient(program, ["x"]), (np.array([3.0, 5.0]),))
    assert found.tolist() == [2 * 3.0 * 2, 0.0]
