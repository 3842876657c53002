"""The functions of NumPy (and a few of SciPy): elementwise ones, and reductions."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from adjoint.frontend import numpy_arrays
from adjoint.frontend.function_items import (
    BROUGHT,
    NONE,
    Builtin,
    Item,
    Method,
)
from adjoint.frontend.numpy_calls import (
    Axis,
    arguments,
    array,
    as_float,
    axes,
    flag,
    one_axis,
    raveled,
    truth,
    whole,
)
from adjoint.ir.builder import Builder
from adjoint.ir.program import Block, Value
from adjoint.rules.table import OPERATIONS

if TYPE_CHECKING:
    from adjoint.frontend.function_call import Call

Lower = Callable[["Call"], Item]

_CONSTANTS = {
    "pi": math.pi,
    "e": math.e,
    "inf": math.inf,
    "nan": math.nan,
    "euler_gamma": 0.5772156649015329,
}
#: The types of elements, as they are called in NumPy.
DTYPES = ("float64", "double", "float", "int64", "int", "bool", "bool_")


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
    return Builtin(module, name) if name in FUNCTIONS.get(module, {}) else None


def names_of(module: str) -> Iterable[str]:
    """The names of the functions that are supported."""
    return FUNCTIONS.get(module, {}).keys()


def result(call: Call, function: Builtin) -> Item:
    """What the call of a function of NumPy gives."""
    return FUNCTIONS[function.module][function.name](call)


def method(call: Call, called: Method) -> Item:
    """What the call of a method of an array gives."""
    return METHODS[called.name](replace(call, arguments=(called.of, *call.arguments)))


# -- elementwise


def _elementwise(name: str) -> Lower:
    count = len(OPERATIONS[name].operands)

    def lower(call: Call) -> Item:
        return call.emit(name, *_operands(call, count))

    return lower


def _binary(name: str) -> Lower:
    """An operation of any number of operands, of which NumPy's takes two."""

    def lower(call: Call) -> Item:
        return call.emit(name, *_operands(call, 2))

    return lower


def _operands(call: Call, count: int) -> tuple[Value, ...]:
    """The arguments; they are not looked at whole, so their rank need not be known."""
    return tuple(
        [
            (
                array(call, item)
                if isinstance(item, tuple)
                else call.lowering.checked(item, call.node)
            )
            for item in call.items(count)
        ]
    )


def _power(call: Call) -> Item:
    base, exponent = _operands(call, 2)
    return call.lowering.power(base, exponent, call.lowering.where(call.node))


def _reciprocal(call: Call) -> Item:
    return call.emit("div", call.constant(1.0), *_operands(call, 1))


def _positive(call: Call) -> Item:
    return _operands(call, 1)[0]


def _clip(call: Call) -> Item:
    given = arguments(call, "a", "a_min", "a_max")
    lower = given.get("a_min", call.keywords.get("min"))
    upper = given.get("a_max", call.keywords.get("max"))
    value = call.lowering.checked(given["a"], call.node)
    if lower is not None:
        value = call.emit("max", value, call.lowering.checked(lower, call.node))
    if upper is not None:
        value = call.emit("min", value, call.lowering.checked(upper, call.node))
    return value


def _heaviside(call: Call) -> Item:
    x, middle = _operands(call, 2)
    one, zero = call.constant(1.0), call.constant(0.0)
    above = choose(call, call.emit("gt", x, zero), one, zero)
    return choose(call, call.emit("eq", x, zero), middle, above)


def _where(call: Call) -> Item:
    condition, a, b = _operands(call, 3)
    return choose(call, truth(call, condition), a, b)


def choose(call: Call, condition: Value, a: Value, b: Value) -> Value:
    """a where the condition holds, else b; both are evaluated."""
    builder = call.lowering.builder
    if condition.type.rank or a.type.rank or b.type.rank:
        return call.emit("where", condition, a, b)
    if condition.number is not None:
        return a if condition.number else b
    sides = Block([], (a,)), Block([], (b,))
    return builder.branch(condition, *sides, where=call.lowering.where(call.node))[0]


def _logical(name: str) -> Lower:
    def lower(call: Call) -> Item:
        count = 1 if name == "not" else 2
        return call.emit(name, *[truth(call, v) for v in _operands(call, count)])

    return lower


def _compared_with_infinity(name: str) -> Lower:
    def lower(call: Call) -> Item:
        infinity = call.lowering.builder.constant(math.inf, "inf")
        return call.emit(name, call.emit("abs", *_operands(call, 1)), infinity)

    return lower


def _isnan(call: Call) -> Item:
    (value,) = _operands(call, 1)
    return call.emit("ne", value, value)


def _step(name: str) -> Lower:
    """NumPy's steps give floats."""

    def lower(call: Call) -> Item:
        return as_float(call, call.emit(name, *_operands(call, 1)))

    return lower


# -- reductions


def _reduced(call: Call, *more: str) -> tuple[Value, Axis, bool, dict[str, Item]]:
    given = arguments(call, "a", "axis", "dtype", "out", "keepdims", *more)
    if "dtype" in given or "out" in given:
        raise call.problem(f"`{call.name}` takes neither dtype nor out here")
    value = array(call, given["a"])
    axis = axes(call, given.get("axis"), value.type.rank)
    if axis == tuple(range(value.type.rank)):
        axis = None
    return value, axis, flag(call, given.get("keepdims")), given


def _reduction(name: str) -> Lower:
    def lower(call: Call) -> Item:
        value, axis, keepdims, _ = _reduced(call)
        if name in ("any", "all"):
            value = truth(call, value)
        return call.emit(name, value, attributes=(axis, keepdims))

    return lower


def _extreme(name: str) -> Lower:
    def lower(call: Call) -> Item:
        given = arguments(call, "a", "axis", "out", "keepdims")
        value = array(call, given["a"])
        if not value.type.rank:
            return value
        axis = axes(call, given.get("axis"), value.type.rank)
        keepdims = flag(call, given.get("keepdims"))
        return call.emit(name, value, attributes=(axis, keepdims))

    return lower


def _spread(name: str) -> Lower:
    """The variance and what is made of it, with ``ddof``."""

    def lower(call: Call) -> Item:
        call.keywords.setdefault("ddof", call.constant(0))
        ddof = whole(call, call.keywords.pop("ddof"), "`ddof`")
        value, axis, keepdims, _ = _reduced(call)
        return call.emit(name, value, attributes=(axis, keepdims, ddof))

    return lower


def _average(call: Call) -> Item:
    given = arguments(call, "a", "axis", "weights")
    value = array(call, given["a"])
    axis = axes(call, given.get("axis"), value.type.rank)
    if "weights" not in given:
        return call.emit("mean", value, attributes=(axis, False))
    weights = array(call, given["weights"])
    products = call.emit("mul", value, weights)
    total = call.emit("sum", products, attributes=(axis, False))
    return call.emit("div", total, call.emit("sum", weights, attributes=(axis, False)))


def _cumulative(name: str) -> Lower:
    def lower(call: Call) -> Item:
        given = arguments(call, "a", "axis")
        value = array(call, given["a"])
        axis = 0
        if "axis" in given:
            axis = one_axis(call, given["axis"], value.type.rank)
        else:
            value = raveled(call, value)
        return call.emit(name, value, attributes=(axis,))

    return lower


def _place(name: str) -> Lower:
    """Where the extreme is; as a row, where there is no axis."""

    def lower(call: Call) -> Item:
        given = arguments(call, "a", "axis")
        value = array(call, given["a"])
        axis = axes(call, given.get("axis"), value.type.rank)
        return call.emit(name, value, attributes=(axis,))

    return lower


def _norm(call: Call) -> Item:
    given = arguments(call, "x", "ord", "axis", "keepdims")
    value = array(call, given["x"])
    axis = axes(call, given.get("axis"), value.type.rank)
    keepdims = flag(call, given.get("keepdims"))
    order = given.get("ord")
    number = order.number if isinstance(order, Value) else None
    if order is not None and (value.type.rank != 1 and (axis is None or len(axis) > 1)):
        raise call.problem("matrix norms are not supported, but that of Frobenius")
    if order is None or number == 2:
        return call.emit("norm", value, attributes=(axis, keepdims))
    size = call.emit("abs", value)
    if number == 1:
        return call.emit("sum", size, attributes=(axis, keepdims))
    if number == math.inf:
        return call.emit("amax", size, attributes=(axis, keepdims))
    raise call.problem("the order of a norm is 1, 2 or inf here")


def _logsumexp(call: Call) -> Item:
    given = arguments(call, "a", "axis", "b", "keepdims")
    value = array(call, given["a"])
    if "b" in given:
        raise call.problem("`logsumexp` takes no weights here")
    axis = axes(call, given.get("axis"), value.type.rank)
    keepdims = flag(call, given.get("keepdims"))
    return call.emit("logsumexp", value, attributes=(axis, keepdims))


#: NumPy's name and ours, where ours is an operation of the table of scalars.
_SAME_NAMES = "exp exp2 expm1 log log2 log10 log1p sqrt cbrt sin cos tan sinh cosh tanh"
_ELEMENTWISE = {
    **{name: name for name in _SAME_NAMES.split()},
    "add": "add",
    "subtract": "sub",
    "multiply": "mul",
    "divide": "div",
    "true_divide": "div",
    "floor_divide": "floordiv",
    "negative": "neg",
    "mod": "mod",
    "fmod": "fmod",
    "copysign": "copysign",
    "square": "square",
    "abs": "abs",
    "absolute": "abs",
    "fabs": "abs",
    "arcsin": "asin",
    "arccos": "acos",
    "arctan": "atan",
    "arctan2": "atan2",
    "arcsinh": "asinh",
    "arccosh": "acosh",
    "arctanh": "atanh",
    "asin": "asin",
    "acos": "acos",
    "atan": "atan",
    "atan2": "atan2",
    "asinh": "asinh",
    "acosh": "acosh",
    "atanh": "atanh",
    "degrees": "degrees",
    "rad2deg": "degrees",
    "radians": "radians",
    "deg2rad": "radians",
    "sign": "sign",
    "less": "lt",
    "less_equal": "le",
    "greater": "gt",
    "greater_equal": "ge",
    "equal": "eq",
    "not_equal": "ne",
}
_REDUCTIONS: dict[str, Lower] = {
    **{name: _reduction(name) for name in ("sum", "mean", "prod", "any", "all")},
    "max": _extreme("amax"),
    "min": _extreme("amin"),
    "var": _spread("var"),
    "std": _spread("std"),
    **{name: _cumulative(name) for name in ("cumsum", "cumprod")},
    **{name: _place(name) for name in ("argmax", "argmin")},
    "clip": _clip,
}

FUNCTIONS: dict[str, dict[str, Lower]] = {
    "numpy": {
        **{name: _elementwise(to) for name, to in _ELEMENTWISE.items()},
        **_REDUCTIONS,
        "amax": _extreme("amax"),
        "amin": _extreme("amin"),
        "maximum": _binary("max"),
        "minimum": _binary("min"),
        "hypot": _binary("hypot"),
        "power": _power,
        "float_power": _power,
        "pow": _power,
        "reciprocal": _reciprocal,
        "positive": _positive,
        "heaviside": _heaviside,
        "logaddexp": _binary("logaddexp"),
        "where": _where,
        **{f"logical_{name}": _logical(name) for name in ("and", "or", "not")},
        "isnan": _isnan,
        "isinf": _compared_with_infinity("eq"),
        "isfinite": _compared_with_infinity("lt"),
        **{name: _step(name) for name in ("floor", "ceil", "trunc")},
        "rint": _step("round"),
        "fix": _step("trunc"),
        "average": _average,
        **numpy_arrays.FUNCTIONS,
    },
    "numpy.linalg": {"norm": _norm, **numpy_arrays.LINALG},
    "scipy.special": {
        "expit": _elementwise("sigmoid"),
        "erf": _elementwise("erf"),
        "erfc": _elementwise("erfc"),
        "gamma": _elementwise("gamma"),
        "gammaln": _elementwise("lgamma"),
        "digamma": _elementwise("digamma"),
        "psi": _elementwise("digamma"),
        "logsumexp": _logsumexp,
    },
    "scipy.linalg": {"norm": _norm, **numpy_arrays.LINALG},
    "scipy": {},
}

#: The methods of arrays, which are the functions of the same name.
METHODS: dict[str, Lower] = {**_REDUCTIONS, **numpy_arrays.METHODS}
