"""The reductions of NumPy: sum, max, cumsum, norm ..."""

from __future__ import annotations

from adjoint.frontend.arrays.numpy_calls import (
    Axis,
    Lower,
    arguments,
    array,
    axes,
    cast,
    flag,
    one_axis,
    raveled,
    truth,
    whole,
)
from adjoint.frontend.python.call import Call
from adjoint.frontend.python.items import Item
from adjoint.ir.program import Value


def _reduced(call: Call, *more: str) -> tuple[Value, Axis, bool, dict[str, Item]]:
    given = arguments(call, "a", "axis", "dtype", "out", "keepdims", "where", *more)
    if "out" in given:
        raise call.problem(f"`{call.name}` takes no `out` here")
    if "where" in given:
        instead = f"write `{call.name}(np.where(mask, x, ...))`"
        raise call.problem(f"`{call.name}` takes no `where` here", instead)
    value = array(call, given["a"])
    if "dtype" in given and cast(call, value, given["dtype"]) is not value:
        raise call.problem(f"`{call.name}` takes no `dtype` but that of its array here")
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


def _logsumexp(call: Call) -> Item:
    given = arguments(call, "a", "axis", "b", "keepdims")
    value = array(call, given["a"])
    if "b" in given:
        raise call.problem("`logsumexp` takes no weights here")
    axis = axes(call, given.get("axis"), value.type.rank)
    keepdims = flag(call, given.get("keepdims"))
    return call.emit("logsumexp", value, attributes=(axis, keepdims))


#: Methods of arrays as well.
METHODS: dict[str, Lower] = {
    **{name: _reduction(name) for name in ("sum", "mean", "prod", "any", "all")},
    "max": _extreme("amax"),
    "min": _extreme("amin"),
    "var": _spread("var"),
    "std": _spread("std"),
    **{name: _cumulative(name) for name in ("cumsum", "cumprod")},
    **{name: _place(name) for name in ("argmax", "argmin")},
}

FUNCTIONS: dict[str, Lower] = {
    **METHODS,
    "amax": _extreme("amax"),
    "amin": _extreme("amin"),
    "average": _average,
}

#: In `scipy.special`.
SPECIAL: dict[str, Lower] = {"logsumexp": _logsumexp}
