"""The functions of NumPy that put elements in order, or ask for it."""

from __future__ import annotations

from adjoint.frontend.arrays.numpy_calls import Lower, arguments, array, one_axis
from adjoint.frontend.python.call import Call
from adjoint.frontend.python.items import Item


def _sorted(name: str) -> Lower:
    def lower(call: Call) -> Item:
        given = arguments(call, "a", "axis", optional=frozenset())
        value = array(call, given["a"])
        rank = value.type.rank
        axis = one_axis(call, given["axis"], rank) if "axis" in given else rank - 1
        return call.emit(name, value, attributes=(axis,))

    return lower


def _searchsorted(call: Call) -> Item:
    given = arguments(call, "a", "v", "side", needed=2)
    row, value = array(call, given["a"]), array(call, given["v"])
    if row.type.rank != 1:
        raise call.problem("`searchsorted` looks into an array of rank 1")
    side = given.get("side", "left")
    if side not in ("left", "right"):
        raise call.problem("the side of `searchsorted` is 'left' or 'right'")
    return call.emit("searchsorted", row, value, attributes=(side,))


METHODS: dict[str, Lower] = {"argsort": _sorted("argsort")}

FUNCTIONS: dict[str, Lower] = {
    **METHODS,
    "sort": _sorted("sort"),
    "searchsorted": _searchsorted,
}
