"""How many operations second derivatives take, counted in the generated text."""

import math

import numpy as np
import pytest

import adjoint
from adjoint.ir.arithmetic import FLOATS, function_of
from adjoint.ir.array_arithmetic import lifted
from adjoint.ir.interpret import trace
from tests.bench.operations import count_operations
from tests.support import load_formulas


@pytest.mark.parametrize("case", load_formulas(), ids=lambda case: case.id)
def test_second_derivatives_cost_a_small_multiple_of_the_function(case):
    hessian, product = adjoint.hessian(case.formula), adjoint.hvp(case.formula)
    function = count_operations(hessian.source, "f")
    entries = count_operations(hessian.source, "f_hessian")
    assert entries <= 4 * len(hessian.wrt) * function
    assert count_operations(product.source, "f_hvp") <= 10 * function


@pytest.mark.parametrize(
    ("formula", "operations"),
    [
        # the quotient of constants that cancel, and of what is over one divisor
        ("asin(x)", 7),  # 1 - x, 1 + x, *, sqrt; x * x_dot / t / sqrt(t)
        ("x/y", 10),
        # what rules alone name has short rules of its own
        ("tanh(x)", 11),  # 7 for sech2, tanh, and x_dot * (-2 * tanh * sech2)
        ("atan2(x, y)", 17),
        ("acosh(x)", 10),
        ("asinh(x)", 6),
        ("atanh(x)", 7),
        # a root twice is what is under it; a quotient changes by x_dot - y_dot/y
        ("sqrt(x)", 6),
        ("exp(x)/y", 8),
    ],
)
def test_second_derivatives_of_single_operations_are_short(formula, operations):
    d = adjoint.hvp(formula)
    assert count_operations(d.source, "f_hvp") <= operations
    assert d.check(seconds=5)


def test_a_hessian_computes_nothing_twice():
    # tan(x), tan(y), of each 1 + t*t and 2*t*(1 + t*t) and one factor more, and one
    # product of the two slopes
    d = adjoint.hessian("tan(x)*tan(y)")
    assert count_operations(d.source, "f_hessian") == 2 * (1 + 2 + 3) + 1
    assert d.check(seconds=5)


# -- functions of arrays


def rosenbrock(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def logistic(x, X):
    return np.mean(np.log1p(np.exp(X @ x))) + 0.01 * np.sum(x**2)


def waves(x):
    return np.sum(np.tanh(x) * np.sqrt(1 + x**2)) + np.sum(np.sin(np.cumsum(x)))


def heat(x, steps: int):
    for _ in range(steps):
        x = x + 0.1 * np.sin(np.roll(x, 1) - x)
    return np.sum(x**2)


SIGNATURES = {
    rosenbrock: "x: float[:]",
    logistic: "x: float[:], X: float[:, :]",
    waves: "x: float[:]",
    heat: "x: float[:], steps: int",
}

#: Operations that take no arithmetic: they move elements, or tell lengths.
MOVING = {"index", "store", "zeros", "zeros_like", "broadcast", "reshape", "transpose"}
MOVING |= {"length", "size", "count", "concatenate", "flip", "roll", "copy", "restored"}


def elementary(program, arguments):
    """How many operations on numbers a run of the program takes."""
    arithmetic, total = lifted(FLOATS), 0

    def counted(op, operands):
        nonlocal total
        result = function_of(op.operation, arithmetic)(*operands, *op.attributes)
        sizes = [np.size(one) for one in (*operands, result)]
        if op.operation.name == "matmul":
            total += 2 * math.prod(sizes[:2]) // max(1, min(np.shape(operands[1])))
        elif op.operation.name == "outer":
            total += sizes[-1]
        elif op.operation.name not in MOVING:
            total += max(sizes)
        return result

    numbers = dict(zip(program.parameters, arguments, strict=True))
    trace(program.body, numbers, arithmetic, apply=counted)
    return total


@pytest.mark.parametrize("function", SIGNATURES, ids=lambda f: f.__name__)
def test_a_product_costs_a_small_multiple_whatever_the_length(function):
    signature = SIGNATURES[function]
    product = adjoint.hvp(function, "x", signature=signature)
    ratios = []
    for n in (10, 40):
        given = {"X": np.ones((2 * n, n)) / n, "steps": 4}
        names = product.primal.parameter_names
        x = np.linspace(0.1, 0.9, n)
        arguments = [given.get(name, x) for name in names]
        counts = [
            elementary(product.primal, arguments),
            elementary(product.program, [*arguments, x]),
        ]
        ratios.append(counts[1] / counts[0])
    assert max(ratios) <= 6
    assert ratios[1] <= 1.1 * ratios[0]
