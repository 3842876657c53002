"""The functions of NumPy (and a few of SciPy), as operations."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from adjoint.frontend.function_arrays import unknown_rank
from adjoint.frontend.function_items import BROUGHT, NONE, Builtin, Item, Method
from adjoint.ir.builder import Builder
from adjoint.ir.program import Block, Value
from adjoint.rules.table import OPERATIONS

if TYPE_CHECKING:
    from adjoint.frontend.function_builtins import Call

Lower = Callable[["Call"], Item]

_CONSTANTS = {
    "pi": math.pi,
    "e": math.e,
    "inf": math.inf,
    "nan": math.nan,
    "euler_gamma": 0.5772156649015329,
}


def of_numpy(builder: Builder, module: str, name: str) -> Item | None:
    """``numpy.name``, or that of another module; None where it is not supported."""
    inner = BROUGHT.get(f"{module}.{name}")
    if inner is not None:
        return inner
    if module == "numpy" and name == "newaxis":
        return NONE
    if module == "numpy" and name in _CONSTANTS:
        named = name if name in ("pi", "e", "inf", "nan") else None
        return builder.constant(_CONSTANTS[name], named)
    return Builtin(module, name) if name in _FUNCTIONS.get(module, {}) else None


def names_of(module: str) -> Iterable[str]:
    """The names of the functions that are supported."""
    return _FUNCTIONS.get(module, {}).keys()


def result(call: Call, function: Builtin) -> Item:
    """What the call of a function of NumPy gives."""
    return _FUNCTIONS[function.module][function.name](call)


def method(call: Call, called: Method) -> Item:
    """What the call of a method of an array gives."""
    if not called.of.type.rank:
        raise call.problem("a number has no methods here", "use the function of NumPy")
    arguments = (called.of, *call.arguments)
    return METHODS[called.name](replace(call, arguments=arguments))


# -- elementwise


def _elementwise(name: str) -> Lower:
    def lower(call: Call) -> Item:
        return call.emit(name, *call.numbers(len(OPERATIONS[name].operands)))

    return lower


def _where(call: Call) -> Item:
    condition, a, b = call.numbers(3)
    builder = call.lowering.builder
    condition = _truth(call, condition)
    if condition.type.rank or a.type.rank or b.type.rank:
        return call.emit("where", condition, a, b)
    if condition.number is not None:
        return a if condition.number else b
    sides = Block([], (a,)), Block([], (b,))
    return builder.branch(condition, *sides, where=call.lowering.where(call.node))[0]


def _truth(call: Call, value: Value) -> Value:
    """Whether a value is not zero, element by element."""
    if value.type.element == "bool":
        return value
    return call.emit("ne", value, call.constant(0))


# -- reductions


def _axis(call: Call, item: Item | None, rank: int) -> tuple[int, ...] | None:
    """The axes, counted from 0 and in order; None for all."""
    if item is None or item is NONE:
        return None
    items = item if isinstance(item, tuple) else (item,)
    axes = []
    for one in items:
        number = one.number if isinstance(one, Value) else None
        if not isinstance(number, int):
            raise call.problem("the axis has to be written as a number")
        if not -rank <= number < rank:
            raise call.problem(f"there is no axis {number} in an array of rank {rank}")
        axes.append(number % rank)
    return tuple(sorted(axes))


def _flag(call: Call, item: Item | None) -> bool:
    if item is None:
        return False
    if not isinstance(item, Value) or not isinstance(item.number, (bool, int)):
        raise call.problem("`keepdims` has to be written as True or False")
    return bool(item.number)


def _reduction(name: str) -> Lower:
    def lower(call: Call) -> Item:
        given = _arguments(call, "a", "axis", "keepdims")
        array = _array(call, given["a"])
        axis = _axis(call, given.get("axis"), array.type.rank)
        attributes = (axis, _flag(call, given.get("keepdims")))
        return call.emit(name, array, attributes=attributes)

    return lower


# -- creation


def _zeros(call: Call) -> Item:
    given = _arguments(call, "shape", "dtype")
    sizes = given["shape"]
    sizes = sizes if isinstance(sizes, tuple) else (sizes,)
    lengths = [
        call.lowering.whole(call.lowering.checked(n, call.node), call.node)
        for n in sizes
    ]
    return call.emit("zeros", *lengths)


def _zeros_like(call: Call) -> Item:
    return call.emit("zeros_like", _array(call, _arguments(call, "a")["a"]))


# -- helpers


def _arguments(call: Call, *names: str) -> dict[str, Item]:
    """The arguments by the names of the parameters; the first has to be there."""
    if len(call.arguments) > len(names):
        raise call.problem(f"`{call.name}` takes {len(names)} arguments at most here")
    found = dict(zip(names, call.arguments, strict=False))
    for name, item in call.keywords.items():
        if name not in names or name in found:
            raise call.problem(f"`{call.name}` takes no argument `{name}` here")
        found[name] = item
    if names[0] not in found:
        raise call.problem(f"`{call.name}` is called without an argument")
    return found


def _array(call: Call, item: Item) -> Value:
    """The item as an array; a number is one without axes."""
    value = call.lowering.checked(item, call.node)
    unknown_rank(call.lowering, call.node, value)
    return value


def _dot(call: Call) -> Item:
    a, b = call.numbers(2)
    for operand in (a, b):
        unknown_rank(call.lowering, call.node, operand)
    if not a.type.rank or not b.type.rank:
        return call.emit("mul", a, b)
    if a.type.rank > 2 or b.type.rank > 2:
        raise call.problem("`dot` is that of vectors and matrices here", "write `@`")
    return call.emit("matmul", a, b)


_ELEMENTWISE = {
    "add": "add",
    "subtract": "sub",
    "multiply": "mul",
    "divide": "div",
    "true_divide": "div",
    "negative": "neg",
    "square": "square",
    **{
        name: name
        for name in ("exp", "expm1", "log", "log2", "log10", "log1p", "sqrt", "cbrt")
    },
    **{name: name for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh", "abs")},
    "absolute": "abs",
    "fabs": "abs",
}

#: The methods of arrays, which are the functions of the same name.
METHODS: dict[str, Lower] = {"sum": _reduction("sum"), "dot": _dot}

_FUNCTIONS: dict[str, dict[str, Lower]] = {
    "numpy": {
        **{name: _elementwise(to) for name, to in _ELEMENTWISE.items()},
        "where": _where,
        "sum": _reduction("sum"),
        "dot": _dot,
        "matmul": _dot,
        "zeros": _zeros,
        "zeros_like": _zeros_like,
    },
    "numpy.linalg": {},
}
