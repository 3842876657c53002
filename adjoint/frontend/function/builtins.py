"""The functions that Python brings, builtins and `math`: what calls of them give."""

from __future__ import annotations

import math
from collections.abc import Iterable

from adjoint.frontend.arrays import numpy_functions
from adjoint.frontend.function import (
    data_classes,
    iterators,
    number_functions,
    operators,
    records,
    sequence_functions,
)
from adjoint.frontend.function.dictionaries import made
from adjoint.frontend.function.types_asked import isinstance_of, not_made
from adjoint.frontend.python.call import Call
from adjoint.frontend.python.items import Builtin, Item, Own
from adjoint.frontend.stop_gradient import STOP_GRADIENT
from adjoint.ir.builder import Builder
from adjoint.rules.table import OPERATIONS

_SPECIAL = {
    **sequence_functions.FUNCTIONS,
    **number_functions.FUNCTIONS,
    **iterators.FUNCTIONS,
    **operators.FUNCTIONS,
    ("builtins", "isinstance"): isinstance_of,
    ("builtins", "str"): not_made,
    ("builtins", "dict"): made,
    ("collections", "namedtuple"): records.made_class,
    ("dataclasses", "replace"): data_classes.replaced,
}
#: The modules of Python's whose functions are among these, or are operations.
_PYTHONS = (
    *("builtins", "math", "collections", "dataclasses"),
    *("functools", "itertools", "operator"),
)

_CONSTANTS = ("pi", "e", "tau", "inf", "nan")

#: The operations that are functions of `math`, by their names there.
_MATH = {
    operation.python.removeprefix("math."): operation
    for operation in OPERATIONS.values()
    if operation.python.startswith("math.")
}

#: The names that are known in `math`, and those with builtins.
MATH_NAMES = frozenset(_MATH) | {n for module, n in _SPECIAL if module == "math"}
NAMES = MATH_NAMES | {n for module, n in _SPECIAL if module == "builtins"}


def result(call: Call, function: Builtin) -> Item:
    """What the call of a builtin or of a function of `math` gives."""
    if function.module not in _PYTHONS:
        return numpy_functions.result(call, function)
    name = function.module, function.name
    if function.module == "math" and name not in sequence_functions.FUNCTIONS:
        known = function.name in numpy_functions.names_of("numpy")
        hint = f"write `np.{function.name}`" if known else "loop over its elements"
        call.check_scalars(call.arguments, hint)
    special = _SPECIAL.get(name)
    if special is not None:
        return special(call)
    operation = _MATH[function.name]
    if operation.variadic:
        return call.apply(operation, *call.numbers(*range(1, 256)))
    return call.apply(operation, *call.numbers(len(operation.operands)))


def of_module(builder: Builder, module: str, name: str) -> Item | None:
    """``math.name``, or that of another module; None where it is not supported."""
    if module == "adjoint":
        return Own(STOP_GRADIENT) if name == STOP_GRADIENT.name else None
    if module not in _PYTHONS:
        return numpy_functions.of_numpy(builder, module, name)
    if module == "math" and name in _CONSTANTS:
        return builder.constant(getattr(math, name), name)
    return Builtin(module, name) if is_known(module, name) else None


def names_of(module: str) -> Iterable[str]:
    """The names that are known in a module."""
    if module == "math":
        return MATH_NAMES
    if module in _PYTHONS:
        return {name for of, name in _SPECIAL if of == module}
    return numpy_functions.names_of(module)


def is_known(module: str, name: str) -> bool:
    """Whether the function is supported."""
    if module not in _PYTHONS:
        return name in numpy_functions.names_of(module)
    return (module, name) in _SPECIAL or (module == "math" and name in _MATH)
