"""The functions that Python brings: builtins and `math`, as operations."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Iterable

from adjoint.frontend.arrays import lists, numpy_functions
from adjoint.frontend.arrays.access import shape
from adjoint.frontend.arrays.elements import elements_of, enumerated, zipped
from adjoint.frontend.arrays.elements import folded as sum_of
from adjoint.frontend.function.comprehensions import collected, folded
from adjoint.frontend.python.arithmetic import power
from adjoint.frontend.python.by_use import require_rank
from adjoint.frontend.python.call import Call
from adjoint.frontend.python.items import (
    Builtin,
    Elements,
    Generator,
    Item,
    ListItem,
    Own,
    Range,
)
from adjoint.frontend.stop_gradient import STOP_GRADIENT
from adjoint.ir.builder import Builder
from adjoint.ir.identities import MAX_BITS
from adjoint.ir.program import Value
from adjoint.ir.types import BOOL, FLOAT, INT
from adjoint.rules.table import OPERATIONS


def result(call: Call, function: Builtin) -> Item:
    """What the call of a builtin or of a function of `math` gives."""
    if function.module not in ("builtins", "math"):
        return numpy_functions.result(call, function)
    special = _SPECIAL.get((function.module, function.name))
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
    if module != "math":
        return numpy_functions.of_numpy(builder, module, name)
    if name in _CONSTANTS:
        return builder.constant(getattr(math, name), name)
    return Builtin("math", name) if is_known("math", name) else None


def names_of(module: str) -> Iterable[str]:
    """The names that are known in a module."""
    if module == "math":
        return MATH_NAMES
    return numpy_functions.names_of(module)


def is_known(module: str, name: str) -> bool:
    """Whether the function is supported."""
    if module not in ("builtins", "math"):
        return name in numpy_functions.names_of(module)
    return (module, name) in _SPECIAL or (module == "math" and name in _MATH)


# -- builtins


def _range(call: Call) -> Item:
    parts = call.whole(1, 2, 3)
    zero, one = call.constant(0), call.constant(1)
    if len(parts) == 1:
        return Range(zero, parts[0], one)
    step = parts[2] if len(parts) == 3 else one
    if step.number == 0:
        raise call.problem("the step of a range cannot be 0")
    return Range(parts[0], parts[1], step)


def _reversed(call: Call) -> Item:
    call.items(1)
    return tuple(call.sequence())[::-1]


def _tuple(call: Call) -> Item:
    return tuple(call.sequence()) if call.items(0, 1) else ()


def _list(call: Call) -> Item:
    return _listed(call) if call.items(0, 1) else ListItem()


def _listed(call: Call) -> Item:
    """The argument as a new list."""
    (item,) = call.items(1)
    if isinstance(item, Generator):
        return collected(item, call.lowering.assigned)
    elements = call.lowering.elements(call.node, item)
    if elements is None:
        return ListItem(call.sequence())
    if isinstance(item, Value) and item.type.listed:
        return lists.copied(call.lowering, call.node, item)
    if isinstance(item, Value):
        return call.emit("as_list", item)
    return lists.extended(call.lowering, call.node, ListItem(), elements)


def _row(call: Call) -> Value | None:
    """The numbers of the argument, where it is not known how many they are."""
    (item,) = call.items(1)
    if isinstance(item, Value):
        require_rank(call.lowering.context, item, 1)
    many = isinstance(item, (Generator, Elements)) or (
        isinstance(item, Value) and item.type.rank > 0
    )
    if not many:
        return None
    row = item if isinstance(item, Value) else _listed(call)
    if not isinstance(row, Value):
        row = lists.run_time(call.lowering, call.node, row)
    if row.type.rank != 1:
        message = f"`{call.name}` is of numbers here, and these are rows of them"
        raise call.problem(message, "loop over the rows")
    return row


def _enumerate(call: Call) -> Item:
    start = call.keywords.pop("start", None)
    given = call.items(1, 2)
    start = given[1] if len(given) == 2 else start
    first = 0 if start is None else call.lowering.checked(start, call.node).number
    if not isinstance(first, int):
        raise call.problem("the start of `enumerate` has to be written as a number")
    elements = call.lowering.elements(call.node, given[0])
    if elements is not None:
        return enumerated(call.lowering, elements, first)
    pairs = enumerate(call.sequence(), first)
    return tuple((call.constant(i), item) for i, item in pairs)


def _zip(call: Call) -> Item:
    flag = call.keywords.pop("strict", None)
    strict = isinstance(flag, Value) and bool(flag.number)
    given = call.items(*range(256))
    count = len(given)
    found = [call.lowering.elements(call.node, item) for item in given]
    arrays = [elements for elements in found if elements is not None]
    if arrays and len(arrays) == count:
        return zipped(call.lowering, call.node, arrays, strict)
    sequences = [call.sequence(at) for at in range(count)]
    if strict and len(set(map(len, sequences))) > 1:
        raise call.problem("what is zipped here is of different lengths")
    return tuple(zip(*sequences, strict=False))


def _len(call: Call) -> Item:
    (item,) = call.items(1)
    if isinstance(item, Generator) and isinstance(item.node, ast.ListComp):
        item = collected(item)
    if isinstance(item, Value):
        require_rank(call.lowering.context, item, 1)
        if item.type.rank:
            return shape(call.lowering, call.node, item)[0]
    if not isinstance(item, (tuple, Range)):
        raise call.problem("`len` is that of an array, a list or a tuple here")
    return call.constant(len(call.sequence()))


def _extreme(name: str) -> Callable[[Call], Item]:
    def lower(call: Call) -> Item:
        items = call.items(*range(1, 256))
        row = _row(call) if len(items) == 1 else None
        if row is not None:
            return call.emit(f"a{name}", row, attributes=(None, False))
        values = call.scalars(call.sequence() if len(items) == 1 else items)
        if not values:
            raise call.problem(f"`{name}` of nothing")
        return values[0] if len(values) == 1 else call.emit(name, *values)

    return lower


def _sum(call: Call) -> Item:
    start = call.keywords.pop("start", call.constant(0))
    given = call.items(1, 2)
    (total,) = call.scalars((given[1] if len(given) == 2 else start,))
    if isinstance(given[0], Generator):
        return folded(given[0], total, ast.Add())
    elements = call.lowering.elements(call.node, given[0])
    if elements is not None:
        return sum_of(call.lowering, call.node, elements, total)
    for item in call.scalars(call.sequence()):
        total = call.emit("add", total, item)
    return total


def _pow(call: Call) -> Item:
    base, exponent = call.numbers(2)
    return power(call.lowering, base, exponent, call.lowering.where(call.node))


def _round(call: Call) -> Item:
    value, *digits = call.numbers(1, 2)
    if not digits:
        return call.emit("round", value)
    if not isinstance(digits[0].number, int):
        raise call.problem("the digits of `round` have to be written as a number")
    return call.emit("round_to", value, digits[0])


def _int(call: Call) -> Item:
    (value,) = call.numbers(1)
    if value.type == INT:
        return value
    if value.type == BOOL:
        return call.emit("add", value, call.constant(0))
    return call.emit("trunc", value)


def _float(call: Call) -> Item:
    (value,) = call.numbers(1)
    if value.type == FLOAT:
        return value
    if value.literal and value.number is not None:
        return call.constant(float(value.number))
    return call.emit("float", value)


def _bool(call: Call) -> Item:
    (value,) = call.numbers(1)
    return call.lowering.builder.condition(value, call.lowering.where(call.node))


def _divmod(call: Call) -> Item:
    a, b = call.numbers(2)
    return call.emit("floordiv", a, b), call.emit("mod", a, b)


def _abs(call: Call) -> Item:
    return call.emit("abs", *call.numbers(1))


# -- math


def _fabs(call: Call) -> Item:
    return call.emit("abs", _float(call))


def _log(call: Call) -> Item:
    value, *base = call.numbers(1, 2)
    logarithm = call.emit("log", value)
    return call.emit("div", logarithm, call.emit("log", base[0])) if base else logarithm


def _isnan(call: Call) -> Item:
    (value,) = call.numbers(1)
    return call.emit("ne", value, value)


def _isinf(call: Call) -> Item:
    infinity = call.lowering.builder.constant(math.inf, "inf")
    return call.emit("eq", call.emit("abs", *call.numbers(1)), infinity)


def _isfinite(call: Call) -> Item:
    infinity = call.lowering.builder.constant(math.inf, "inf")
    return call.emit("lt", call.emit("abs", *call.numbers(1)), infinity)


def _isqrt(call: Call) -> Item:
    return call.emit("isqrt", *call.whole(1))


def _prod(call: Call) -> Item:
    (item,) = call.items(1)
    total = call.constant(1)
    row = None if isinstance(item, Generator) else _row(call)
    if isinstance(item, Generator):
        return folded(item, total, ast.Mult(), "product")
    if row is not None:
        elements = elements_of(call.lowering, call.node, row)
        assert elements is not None
        operation = "mul", "product"
        return sum_of(call.lowering, call.node, elements, total, *operation)
    for item in call.scalars(call.sequence()):
        total = call.emit("mul", total, item)
    return total


def _fsum(call: Call) -> Item:
    row = _row(call)
    if row is None:
        row = lists.run_time(call.lowering, call.node, ListItem(call.sequence()))
    return call.emit("fsum", row)


def _sorted(call: Call) -> Item:
    row = _row(call)
    if row is None:
        row = lists.run_time(call.lowering, call.node, ListItem(call.sequence()))
    elif not row.type.listed:
        row = call.emit("as_list", row)
    return call.emit("sort", row, attributes=(0,))


def _of_constants(name: str, *counts: int) -> Callable[[Call], Item]:
    """A function of whole numbers that are known when the function is read."""

    def lower(call: Call) -> Item:
        numbers = [value.number for value in call.whole(*counts)]
        if not all(isinstance(n, int) and abs(n) <= MAX_BITS for n in numbers):
            message = f"the arguments of `{call.name}` have to be written as numbers"
            raise call.problem(message, "they may be `static` parameters")
        try:
            return call.constant(getattr(math, name)(*numbers))
        except ValueError as error:
            raise call.problem(str(error)) from None

    return lower


_SPECIAL: dict[tuple[str, str], Callable[[Call], Item]] = {
    ("builtins", "range"): _range,
    ("builtins", "reversed"): _reversed,
    ("builtins", "tuple"): _tuple,
    ("builtins", "list"): _list,
    ("builtins", "sorted"): _sorted,
    ("builtins", "enumerate"): _enumerate,
    ("builtins", "zip"): _zip,
    ("builtins", "len"): _len,
    ("builtins", "min"): _extreme("min"),
    ("builtins", "max"): _extreme("max"),
    ("builtins", "sum"): _sum,
    ("builtins", "pow"): _pow,
    ("builtins", "round"): _round,
    ("builtins", "int"): _int,
    ("builtins", "float"): _float,
    ("builtins", "bool"): _bool,
    ("builtins", "divmod"): _divmod,
    ("builtins", "abs"): _abs,
    ("math", "fabs"): _fabs,
    ("math", "log"): _log,
    ("math", "isnan"): _isnan,
    ("math", "isinf"): _isinf,
    ("math", "isfinite"): _isfinite,
    ("math", "prod"): _prod,
    ("math", "fsum"): _fsum,
    ("math", "factorial"): _of_constants("factorial", 1),
    ("math", "comb"): _of_constants("comb", 2),
    ("math", "perm"): _of_constants("perm", 1, 2),
    ("math", "gcd"): _of_constants("gcd", 1, 2, 3, 4),
    ("math", "isqrt"): _isqrt,
}

_CONSTANTS = ("pi", "e", "tau", "inf", "nan")

#: The operations that are functions of `math`, by their names there.
_MATH = {
    operation.python.removeprefix("math."): operation
    for operation in OPERATIONS.values()
    if operation.python.startswith("math.")
}

MATH_NAMES = frozenset(_MATH) | {n for module, n in _SPECIAL if module == "math"}
NAMES = MATH_NAMES | {n for module, n in _SPECIAL if module == "builtins"}
