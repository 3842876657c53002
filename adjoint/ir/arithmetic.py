"""Arithmetics: what each operation does to numbers of one kind. Here, Python's own."""

from __future__ import annotations

import builtins
import math
import operator
from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module
from typing import Any

from adjoint.rules import helpers
from adjoint.rules.operation import Operation, OwnOperation
from adjoint.rules.table import OPERATIONS

#: The function of each operation, by the operation's name.
Arithmetic = Mapping[str, Callable[..., Any]]

#: The key of what an arithmetic makes of functions of the user's own: a function of the
#: operation and the operands.
OWN = "own"

#: Those that Python spells by operators.
OPERATORS: dict[str, Callable[..., Any]] = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "div": operator.truediv,
    "neg": operator.neg,
    "square": lambda a: a * a,
    "pow": operator.pow,
    "power": operator.pow,
    "mod": operator.mod,
    "floordiv": operator.floordiv,
    "lshift": operator.lshift,
    "rshift": operator.rshift,
    "bitand": operator.and_,
    "bitor": operator.or_,
    "bitxor": operator.xor,
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
    "eq": operator.eq,
    "ne": operator.ne,
    "and": lambda a, b: a and b,
    "or": lambda a, b: a or b,
    "not": operator.not_,
}

_MODULES = {"math": math, "helper": helpers}


def _called(operation: Operation) -> Callable[..., Any]:
    module, _, name = operation.python.rpartition(".")
    function: Callable[..., Any] = getattr(_MODULES.get(module, builtins), name)
    return function


def _imported(operation: OwnOperation, *operands: Any) -> Any:
    """What a function gives that modules import."""
    module, _, name = operation.python.rpartition(".")
    return getattr(import_module(module), name)(*operands)


#: Python's floats and ints, exactly as the generated code computes with them.
FLOATS: Arithmetic = {
    **OPERATORS,
    **{
        name: _called(operation)
        for name, operation in OPERATIONS.items()
        if operation.called
    },
    "cot": lambda a: 1.0 / math.tan(a),  # as it is written out
    OWN: _imported,
}


def function_of(
    operation: Operation, arithmetic: Arithmetic = FLOATS
) -> Callable[..., Any]:
    """The function of an operation.

    Raises KeyError for an operation that the arithmetic has not.
    """
    if isinstance(operation, OwnOperation):
        return partial(arithmetic[OWN], operation)
    return arithmetic[operation.name]
