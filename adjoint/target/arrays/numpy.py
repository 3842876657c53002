"""The NumPy target: functions of arrays; functions of numbers, at many points."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from adjoint.errors import OptionError
from adjoint.ir.loops import parts
from adjoint.ir.program import (
    FOR,
    NOTHING,
    UNDEFINED,
    WHILE,
    Block,
    Op,
    Value,
    has_arrays,
)
from adjoint.ir.types import BOOL, FLOAT, INT
from adjoint.target import python
from adjoint.target.arrays.body import ArrayWriter
from adjoint.target.arrays.numpy_body import BatchWriter
from adjoint.target.arrays.numpy_loops import has_even_loops
from adjoint.target.arrays.results import with_own_arrays
from adjoint.target.arrays.shared_calls import with_shared_calls
from adjoint.target.language import NUMPY
from adjoint.target.python import Function, types_of
from adjoint.transform.dead_code import without_dead_code
from adjoint.transform.saving import values_read

_SHAPES = (
    "The parameters are numbers or arrays, of any shapes that broadcast; everything"
    " that is returned has the broadcast shape. Floats have the type of those given,"
    " float64 where whole numbers are given."
)
#: What stands where nothing is defined.
_NUMBERS = {FLOAT: math.nan, INT: 0, BOOL: False}
_BOUNDS = "A whole parameter that bounds a loop is one number for all points."


def module_text(functions: Sequence[Function]) -> str:
    """The whole module, as `python.module_text`; it imports NumPy, and `math`."""
    if any(has_arrays(function.program) for function in functions):
        own = [_with_own_arrays(function) for function in functions]
        return python.module_text(own, NUMPY, ArrayWriter, [types_of(own[0])])
    functions = list(map(_of_points, functions))
    primal = functions[0].program
    whole = any(parameter.type != FLOAT for parameter in primal.parameters)
    remarks = (_SHAPES, _BOUNDS) if whole and has_even_loops(primal) else (_SHAPES,)
    return python.module_text(functions, NUMPY, BatchWriter, remarks)


def function_text(function: Function) -> str:
    """One function with what it needs: enough to be run."""
    if has_arrays(function.program):
        own = _with_own_arrays(function)
        return python.function_text(own, NUMPY, ArrayWriter)
    return python.function_text(_of_points(function), NUMPY, BatchWriter)


def _of_points(function: Function) -> Function:
    """Without what Python keeps for its exceptions: NumPy raises none.

    Raises OptionError for a parameter that is a tuple: it is an array here.
    """
    program = function.program
    if program.packed:
        raise OptionError(
            f"{program.name} takes a tuple, {program.packed[0][0]}, and in the target "
            "numpy a tuple is an array of points; let it take numbers (of seeds: a "
            "jacobian, or a jvp, takes none)"
        )
    needed = without_dead_code(program, program.primal_generation, keep_raising=False)
    needed = replace(needed, body=_with_numbers_at_first(needed.body))
    return replace(function, program=needed)


def _with_numbers_at_first(block: Block) -> Block:
    """Loops that begin with a number where one is not defined, but may be read.

    That is so under a condition that never holds there; NumPy computes it all the same.
    """
    ops = [_with_number_at_first(op) if op.blocks else op for op in block.ops]
    return Block(ops, block.results, block.parameters)


def _with_number_at_first(op: Op) -> Op:
    operands = op.operands
    if op.operation in (FOR, WHILE):
        initial, carried, _, _ = parts(op)
        read = {value for block in op.blocks for value in values_read(block)}
        first = operands[: len(operands) - len(initial)]
        pairs = zip(initial, carried, strict=True)
        operands = (*first, *[_number(a) if b in read else a for a, b in pairs])
    return op.copied(operands, tuple(map(_with_numbers_at_first, op.blocks)))


def _number(value: Value) -> Value:
    """A number for one that is not defined."""
    if value.name not in (UNDEFINED, NOTHING) or value.type not in _NUMBERS:
        return value
    return Value(value.type, _NUMBERS[value.type])


def _with_own_arrays(function: Function) -> Function:
    program = with_shared_calls(with_own_arrays(function.program))
    return replace(function, program=program)
