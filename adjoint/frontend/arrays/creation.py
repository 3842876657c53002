"""The functions of NumPy that make arrays: zeros, arange, array, copy ..."""

from __future__ import annotations

from adjoint.frontend.arrays.access import packed
from adjoint.frontend.arrays.numpy_calls import (
    Lower,
    arguments,
    array,
    as_float,
    sizes,
    whole,
)
from adjoint.frontend.python.call import Call
from adjoint.frontend.python.items import Item, is_list


def _filled(name: str) -> Lower:
    def lower(call: Call) -> Item:
        given = arguments(call, "shape", "dtype")
        return call.emit(name, *sizes(call, given["shape"]))

    return lower


def _full(call: Call) -> Item:
    given = arguments(call, "shape", "fill_value", "dtype", needed=2)
    value = as_float(call, call.lowering.checked(given["fill_value"], call.node))
    return call.emit("full", value, *sizes(call, given["shape"]))


def _filled_like(name: str) -> Lower:
    def lower(call: Call) -> Item:
        given = arguments(call, "a", "dtype")
        return call.emit(name, array(call, given["a"]))

    return lower


def _full_like(call: Call) -> Item:
    given = arguments(call, "a", "fill_value", needed=2)
    value = call.lowering.checked(given["fill_value"], call.node)
    return call.emit("full_like", array(call, given["a"]), value)


def _arange(call: Call) -> Item:
    given = arguments(call, "start", "stop", "step", "dtype")
    values = [
        call.lowering.checked(given[name], call.node)
        for name in ("start", "stop", "step")
        if name in given
    ]
    if len(values) == 1:
        values.insert(0, call.constant(0))
    if len(values) == 2:
        values.append(call.constant(1))
    return call.emit("arange", *values)


def _linspace(call: Call) -> Item:
    given = arguments(call, "start", "stop", "num", needed=2)
    start, stop = (
        call.lowering.checked(given[name], call.node) for name in ("start", "stop")
    )
    number = given.get("num", call.constant(50))
    count = call.lowering.whole(call.lowering.checked(number, call.node), call.node)
    return call.emit("linspace", start, stop, count)


def _eye(call: Call) -> Item:
    given = arguments(call, "N", "M", "k")
    rows = sizes(call, given["N"])[0]
    columns = sizes(call, given["M"])[0] if "M" in given else rows
    offset = whole(call, given["k"], "the offset") if "k" in given else 0
    return call.emit("eye", rows, columns, attributes=(offset,))


def _array(call: Call) -> Item:
    """A new array: what is stored in it does not change the one that it is made of."""
    given = arguments(call, "a", "dtype")
    if isinstance(given["a"], tuple):
        value = packed(call.lowering, call.node, given["a"])
    else:
        value = array(call, given["a"])
        if not is_list(given["a"]):
            value = call.emit("copy", value)
    return as_float(call, value) if _wants_float(call) else value


def _asarray(call: Call) -> Item:
    value = array(call, arguments(call, "a", "dtype")["a"])
    return as_float(call, value) if _wants_float(call) else value


def _astype(call: Call) -> Item:
    return as_float(call, array(call, call.items(1, 2)[0]))


def _wants_float(call: Call) -> bool:
    return "dtype" in call.keywords or len(call.arguments) > 1


def _copy(call: Call) -> Item:
    return call.emit("copy", array(call, call.items(1)[0]))


METHODS: dict[str, Lower] = {
    "copy": _copy,
    "astype": _astype,
}

FUNCTIONS: dict[str, Lower] = {
    **{name: METHODS[name] for name in METHODS if name != "astype"},
    "zeros": _filled("zeros"),
    "ones": _filled("ones"),
    "full": _full,
    "empty": _filled("zeros"),
    **{name: _filled_like(name) for name in ("zeros_like", "ones_like")},
    "empty_like": _filled_like("zeros_like"),
    "full_like": _full_like,
    "arange": _arange,
    "linspace": _linspace,
    "eye": _eye,
    "identity": _eye,
    "array": _array,
    "asarray": _asarray,
}
