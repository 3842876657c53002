"""The elementwise functions of NumPy, and those of SciPy."""

from __future__ import annotations

import math
from dataclasses import replace

from adjoint.frontend.arrays.access import as_array
from adjoint.frontend.arrays.numpy_calls import (
    Lower,
    arguments,
    as_float,
    truth,
)
from adjoint.frontend.python.arithmetic import power
from adjoint.frontend.python.call import Call
from adjoint.frontend.python.items import Builtin, Item
from adjoint.ir.program import Value
from adjoint.rules.table import OPERATIONS


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
        [as_array(call.lowering, call.node, item) for item in call.items(count)]
    )


def _power(call: Call) -> Item:
    base, exponent = _operands(call, 2)
    return power(call.lowering, base, exponent, call.lowering.where(call.node))


def _reciprocal(call: Call) -> Item:
    (value,) = _operands(call, 1)
    if not value.type.real:
        message = "`reciprocal` of whole numbers is one of them in NumPy"
        raise call.problem(message, "write `1 / x`")
    return call.emit("div", call.constant(1.0), value)


def _positive(call: Call) -> Item:
    return _operands(call, 1)[0]


#: Newer names of NumPy's for the bounds.
_BOUNDS = {"min": "a_min", "max": "a_max"}


def _clip(call: Call) -> Item:
    named = {_BOUNDS.get(name, name): item for name, item in call.keywords.items()}
    given = arguments(replace(call, keywords=named), "a", "a_min", "a_max")
    value = call.lowering.checked(given["a"], call.node)
    if len(given) == 1:
        raise call.problem(f"`{call.name}` is called without a bound")
    for operation, bound in (("max", "a_min"), ("min", "a_max")):
        if bound in given:
            limit = call.lowering.checked(given[bound], call.node)
            value = call.emit(operation, value, limit)
    return value


def _heaviside(call: Call) -> Item:
    x, middle = _operands(call, 2)
    one, zero = call.constant(1.0), call.constant(0.0)
    above = choose(call, call.emit("gt", x, zero), one, zero)
    return choose(call, call.emit("eq", x, zero), middle, above)


def _where(call: Call) -> Item:
    if len(call.arguments) == 1 and not call.keywords:  # the places where it holds
        places = Builtin("numpy", "nonzero")
        return call.lowering.invoked(call.node, places, *call.arguments)
    condition, a, b = _operands(call, 3)
    return choose(call, truth(call, condition), a, b)


def choose(call: Call, condition: Value, a: Value, b: Value) -> Value:
    """a where the condition holds, else b; both are evaluated."""
    builder = call.lowering.builder
    if condition.type.rank or a.type.rank or b.type.rank:
        return call.emit("where", condition, a, b)
    if condition.number is not None:
        return a if condition.number else b
    builder.open()
    then = builder.close(a)
    builder.open()
    orelse = builder.close(b)
    where = call.lowering.where(call.node)
    return builder.branch(condition, then, orelse, where)[0]


def _logical(name: str) -> Lower:
    def lower(call: Call) -> Item:
        count = 1 if name == "not" else 2
        return call.emit(name, *[truth(call, v) for v in _operands(call, count)])

    return lower


def _inverted(call: Call) -> Item:
    (value,) = _operands(call, 1)
    if value.type.element != "bool":
        raise call.problem(f"`{call.name}` is of truth values here")
    return call.emit("not", value)


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
    "remainder": "mod",
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

#: Methods of arrays as well.
METHODS: dict[str, Lower] = {"clip": _clip}

FUNCTIONS: dict[str, Lower] = {
    **METHODS,
    **{name: _elementwise(to) for name, to in _ELEMENTWISE.items()},
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
    **dict.fromkeys(("invert", "bitwise_not"), _inverted),
    "isnan": _isnan,
    "isinf": _compared_with_infinity("eq"),
    "isfinite": _compared_with_infinity("lt"),
    **{name: _step(name) for name in ("floor", "ceil", "trunc")},
    **{name: _step("round") for name in ("rint", "round", "around")},
    "fix": _step("trunc"),
}

#: In `scipy.special`.
SPECIAL: dict[str, Lower] = {
    "expit": _elementwise("sigmoid"),
    "erf": _elementwise("erf"),
    "erfc": _elementwise("erfc"),
    "gamma": _elementwise("gamma"),
    "gammaln": _elementwise("lgamma"),
    "digamma": _elementwise("digamma"),
    "psi": _elementwise("digamma"),
}
