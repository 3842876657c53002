"""What functions mean in a generated module of arrays: in floats, and in 50 digits.

Each arithmetic gives a function for every spelling that a module may call:
``numpy.sin``, ``a.sum`` (a method), ``helper.unbroadcast``, ``math.floor``, ``len``. In
floats they are NumPy's own, Python's and ours; in 50 digits those of the reference
interpreter. Functions of lists are the same in both.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from operator import attrgetter
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

from adjoint.check.arrays.linalg_calls import linalg_calls
from adjoint.check.decimals import Decimals
from adjoint.check.floats import own_float
from adjoint.check.text.scope import Scope
from adjoint.ir.arithmetic import OWN
from adjoint.ir.array_arithmetic import lifted
from adjoint.ir.program import Value
from adjoint.ir.types import type_of
from adjoint.rules import (
    array_shapes,
    helpers,
    helpers_arrays,
    helpers_lists,
    helpers_numpy,
)
from adjoint.rules.array_operation import ArrayOperation
from adjoint.rules.array_table import ARRAY_OPERATIONS
from adjoint.rules.operation import CALLABLE
from adjoint.rules.table import OPERATIONS

Calls = Mapping[str, Callable[..., Any]]

#: Functions of arrays whose text is not made of operands and attributes in turn, and
#: which do the same with numbers of any kind.
_PLAIN = (
    "broadcast_to concatenate stack einsum zeros ones full zeros_like ones_like"
    " full_like eye tri array asarray arange add.at roll outer where"
    " searchsorted convolve correlate"
)
_METHODS = "reshape transpose copy squeeze diagonal argsort"
#: Those that make arrays of floats.
_CREATING = frozenset("zeros ones full zeros_like ones_like full_like eye".split())
#: Where an axis is a tuple of several.
_AXES = frozenset(
    (array_shapes.reduced, array_shapes.restored, array_shapes.expanded)
    + (array_shapes.squeezed,)
)

#: Where the functions stand that modules have copies of; the first ones are NumPy's.
_HELPERS = (helpers_numpy, helpers_arrays, helpers)
_LIST_HELPERS: Calls = {
    f"helper.{name}": function
    for name, function in vars(helpers_lists).items()
    if isinstance(function, FunctionType)
}

#: Python's functions of lists, and of numbers of any kind.
BUILTINS: Calls = {
    one.__name__: one
    for one in (len, range, reversed, zip, enumerate, map, list, slice, sorted)
    + (sum, min, max, abs, float, round)
}
#: Those that may be handed to another.
FUNCTIONS = frozenset(("sum",))
ATTRIBUTES = frozenset(("T", "shape", "size", "__getitem__"))

#: Python's operators, by the names of their nodes: the operation, and the function.
OPERATORS: dict[str, tuple[str, Callable[..., Any]]] = {
    "Add": ("add", operator.add),
    "Sub": ("sub", operator.sub),
    "Mult": ("mul", operator.mul),
    "Div": ("div", operator.truediv),
    "FloorDiv": ("floordiv", operator.floordiv),
    "Mod": ("mod", operator.mod),
    "Pow": ("pow", operator.pow),
    "MatMult": ("matmul", operator.matmul),
    "BitAnd": ("bitand", operator.and_),
    "BitOr": ("bitor", operator.or_),
    "BitXor": ("bitxor", operator.xor),
    "LShift": ("lshift", operator.lshift),
    "RShift": ("rshift", operator.rshift),
    "USub": ("neg", operator.neg),
    "Lt": ("lt", operator.lt),
    "LtE": ("le", operator.le),
    "Gt": ("gt", operator.gt),
    "GtE": ("ge", operator.ge),
    "Eq": ("eq", operator.eq),
    "NotEq": ("ne", operator.ne),
}


class Floats:
    """Floats, as Python and NumPy compute with them when a module is run.

    ``scope`` says what that one imports.
    """

    def __init__(self, scope: Scope):
        helpers = _HELPERS if scope.in_numpy else _HELPERS[::-1]
        self.calls: Calls = {
            **{name: _in_floats(name, helpers) for name in _spellings()},
            **_LIST_HELPERS,
            **{name: partial(own_float, one) for name, one in scope.own.items()},
            **{f"numpy.{name}": attrgetter(name)(np) for name in _PLAIN.split()},
            **{f"a.{name}": _method(name) for name in _METHODS.split()},
            **BUILTINS,
        }

    def constant(self, number: Any, name: str | None = None) -> Any:
        """A number of the text, or one of `math` by its name."""
        return number

    def operator(self, sign: str, *operands: Any) -> Any:
        """``a + b``, or another operator by the name of its node."""
        return OPERATORS[sign][1](*operands)


class FiftyDigits:
    """Numbers of 50 digits, in arrays of objects, for a module as `Floats`."""

    def __init__(self, decimals: Decimals, scope: Scope):
        self._decimals = decimals
        self._functions = lifted(decimals.arithmetic)
        own = {one: self._operation(name) for one, name in _spellings().items()}
        users = {
            name: partial(self._functions[OWN], one) for name, one in scope.own.items()
        }
        self.calls: Calls = {
            **own,
            **_LIST_HELPERS,
            **users,
            **{f"numpy.{name}": self._plain(name) for name in _PLAIN.split()},
            **{f"a.{name}": _method(name) for name in _METHODS.split()},
            **BUILTINS,
            "math.fsum": sum,
            "float": decimals.number,
            "round": self._rounded,
            **linalg_calls(self._functions),
        }

    def constant(self, number: Any, name: str | None = None) -> Any:
        """A number of the text, to all digits."""
        if isinstance(number, bool | int):
            return number
        return self._decimals.constant(Value(type_of(number), number, name=name))

    def operator(self, sign: str, *operands: Any) -> Any:
        """As that of `Floats`."""
        return self._functions[OPERATORS[sign][0]](*operands)

    def _rounded(self, a: Any, *digits: Any) -> Any:
        name = "round_to" if digits else "round"
        return self._functions[name](a, *digits)

    def _operation(self, name: str) -> Callable[..., Any]:
        function = self._functions.get(name)
        operation = ARRAY_OPERATIONS.get(name)
        if function is None or operation is None:
            return function or partial(_missing, name)
        return partial(_with_attributes, function, operation)

    def _plain(self, name: str) -> Callable[..., Any]:
        function = attrgetter(name)(np)
        if name in ("array", "asarray"):
            return lambda a, dtype=None: (
                np.array(a) if name == "array" else np.asarray(a)
            )
        if name not in _CREATING:
            return function

        def creating(*given: Any, **named: Any) -> Any:
            result = function(*given, **named)
            if result.dtype.kind != "f":
                return result
            objects = np.empty(result.shape, dtype=object)
            for at in np.ndindex(result.shape):
                objects[at] = self._decimals.number(float(result[at]))
            return objects

        if name == "full":
            return lambda shape, value: _filled(shape, value)
        if name == "full_like":
            return lambda like, value: _filled(np.shape(like), value)
        return creating


def _filled(shape: Any, value: Any) -> Any:
    result = np.empty(shape, dtype=object)
    result[...] = value
    return result


def _missing(name: str, *_: Any) -> Any:
    raise ArithmeticError(f"{name} is not known to 50 digits")


def _with_attributes(
    function: Callable[..., Any], operation: ArrayOperation, *given: Any, **named: Any
) -> Any:
    """The operation, with all its attributes behind the operands."""
    attributes = [
        _attribute(operation, name, named.pop(name, default))
        for name, default in operation.attributes
    ]
    if named:
        raise TypeError(f"{operation.name} has not these arguments")
    return function(*given, *attributes)


def _attribute(operation: ArrayOperation, name: str, value: Any) -> Any:
    several = operation.shape in _AXES or operation.name == "other_products"
    several = several and name == "axis"
    return (value,) if several and isinstance(value, int) else value


def _method(name: str) -> Callable[..., Any]:
    return lambda a, *given, **named: getattr(a, name)(*given, **named)


def _in_floats(spelling: str, helpers: Sequence[ModuleType]) -> Callable[..., Any]:
    place, _, name = spelling.partition(".")
    if place == "helper":
        found = [vars(one)[name] for one in helpers if name in vars(one)]
        return found[0] if found else partial(_missing, name)
    if place == "a":
        return _method(name)
    if place == "math":
        return getattr(math, name)
    return attrgetter(name)(np)


def _spellings() -> dict[str, str]:
    """What may be called, and the operation that it is."""
    found: dict[str, str] = {}
    for operation in [*OPERATIONS.values(), *ARRAY_OPERATIONS.values()]:
        for spelling in (operation.numpy, operation.python):
            if "." in spelling and CALLABLE.match(spelling):
                found.setdefault(spelling, operation.name)
    return found


#: The numbers of `math`.
NUMBERS = {"math.pi": math.pi, "math.e": math.e, "math.inf": math.inf}
NUMBERS |= {"math.nan": math.nan, "math.tau": math.tau}
NUMBERS |= {"numpy.inf": math.inf, "numpy.nan": math.nan}
