"""The NumPy spelling of each operation of the table, against Python's own functions."""

import math
import random

import numpy as np
import pytest

from adjoint.ir.arithmetic import FLOATS
from adjoint.ir.builder import Builder
from adjoint.ir.types import BOOL, FLOAT, INT
from adjoint.rules.table import OF_WHOLE_NUMBERS, OPERATIONS
from adjoint.target.arrays.numpy import function_text
from adjoint.target.python import Function

WHOLE = {"lshift", "rshift", "bitand", "bitor", "bitxor"} | OF_WHOLE_NUMBERS
TRUTH = {"and", "or", "not"}


def compiled(name, types, constants):
    """The operation as a function of the operands that are no constants."""
    builder = Builder(identities={}, fold=False)
    operands = [
        (
            builder.parameter(f"x{at}", type)
            if constant is None
            else builder.constant(constant)
        )
        for at, (type, constant) in enumerate(zip(types, constants, strict=True))
    ]
    program = builder.finish("f", builder.emit(name, *operands))
    space = {}
    exec(function_text(Function(program, "the value")), space)
    return space["f"]


def case(operation, count):
    """Types, constants and the range of each operand."""
    names = operation.operands if not operation.variadic else ["*a"] * count
    ranges = operation.ranges()
    type = (
        BOOL if operation.name in TRUTH else INT if operation.name in WHOLE else FLOAT
    )
    constants = [int(ranges["n"][0]) if name == "n" else None for name in names]
    return [type] * len(names), constants, [ranges[name.lstrip("*")] for name in names]


CASES = [(name, 2) for name in OPERATIONS]
CASES += [(name, 3) for name, operation in OPERATIONS.items() if operation.variadic]


@pytest.mark.parametrize("name, count", CASES)
def test_numpy_computes_what_python_does(name, count):
    operation = OPERATIONS[name]
    types, constants, ranges = case(operation, count)
    function = compiled(name, types, constants)
    rng = random.Random(name)
    draw = {
        BOOL: lambda low, high: rng.random() < 0.5,
        INT: lambda low, high: rng.randrange(1, 30),
        FLOAT: rng.uniform,
    }
    columns = [
        [draw[type](*bounds) for _ in range(200)]
        for type, constant, bounds in zip(types, constants, ranges, strict=True)
        if constant is None
    ]
    values = function(*map(np.array, columns))
    for row, value in zip(zip(*columns, strict=True), values, strict=True):
        given = iter(row)
        numbers = [next(given) if c is None else c for c in constants]
        expected = float(FLOATS[name](*numbers))
        assert abs(float(value) - expected) <= 6 * math.ulp(expected), numbers
