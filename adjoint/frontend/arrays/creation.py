"""The functions of NumPy that make arrays: zeros, arange, array, copy ..."""

from __future__ import annotations

from collections.abc import Sequence

from adjoint.errors import SourceError
from adjoint.frontend.arrays.access import packed, shape
from adjoint.frontend.arrays.numpy_calls import (
    Lower,
    arguments,
    array,
    cast,
    is_type,
    sizes,
    whole,
    whole_number,
)
from adjoint.frontend.python.call import Call
from adjoint.frontend.python.items import BROUGHT, Builtin, Item, is_list
from adjoint.ir.program import Value


def _filled(name: str) -> Lower:
    def lower(call: Call) -> Item:
        given = arguments(call, "shape", "dtype")
        return _filled_with(call, name, sizes(call, given["shape"]), given.get("dtype"))

    return lower


def _filled_with(
    call: Call, name: str, lengths: Sequence[Value], dtype: Item | None
) -> Item:
    """Zeros or ones, of the type that ``dtype`` says."""
    if is_type(dtype, "int"):
        return call.emit("full", call.constant(int(name == "ones")), *lengths)
    return cast(call, call.emit(name, *lengths), dtype)


def _full(call: Call) -> Item:
    given = arguments(call, "shape", "fill_value", "dtype", needed=2)
    value = call.lowering.checked(given["fill_value"], call.node)
    value = cast(call, value, given.get("dtype"))
    return call.emit("full", value, *sizes(call, given["shape"]))


def _filled_like(name: str) -> Lower:
    def lower(call: Call) -> Item:
        given = arguments(call, "a", "dtype")
        value, dtype = array(call, given["a"]), given.get("dtype")
        if value.type.real and not is_type(dtype, "int"):
            return cast(call, call.emit(f"{name}_like", value), dtype)
        if dtype is None:
            raise _not_of_floats(call)
        lengths = shape(call.lowering, call.node, value)
        return _filled_with(call, name, lengths, dtype)

    return lower


def _full_like(call: Call) -> Item:
    given = arguments(call, "a", "fill_value", needed=2)
    value = call.lowering.checked(given["fill_value"], call.node)
    like = array(call, given["a"])
    if not like.type.real:
        raise _not_of_floats(call)
    return call.emit("full_like", like, value)


def _not_of_floats(call: Call) -> SourceError:
    message = f"`{call.name}` of an array that is not of floats is not supported"
    return call.problem(message, "say `dtype=float`, or make it by its shape")


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
    result, dtype = call.emit("arange", *values), given.get("dtype")
    if is_type(dtype, "int") and result.type.real:
        message = "NumPy cuts the step, and not the numbers, to whole numbers here"
        raise call.problem(message, "`np.arange(...).astype(int)` cuts the numbers")
    return cast(call, result, dtype)


def _linspace(call: Call) -> Item:
    given = arguments(call, "start", "stop", "num", needed=2)
    start, stop = (
        call.lowering.checked(given[name], call.node) for name in ("start", "stop")
    )
    count = whole_number(call, given.get("num", call.constant(50)))
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
    return cast(call, value, given.get("dtype"))


def _asarray(call: Call) -> Item:
    given = arguments(call, "a", "dtype")
    return cast(call, array(call, given["a"]), given.get("dtype"))


def _astype(call: Call) -> Item:
    given = arguments(call, "a", "dtype", needed=2)
    return cast(call, array(call, given["a"]), given["dtype"])


def _copy(call: Call) -> Item:
    return call.emit("copy", array(call, call.items(1)[0]))


def _tolist(call: Call) -> Item:
    value = array(call, call.items(1)[0])
    return call.emit("as_list", value) if value.type.rank else value


def _ndarray(call: Call) -> Item:
    message = "an array is not made by its type"
    raise call.problem(message, "write `np.zeros`, or `np.array`")


def _finfo(call: Call) -> Item:
    """``np.finfo(float)``, whose attributes are constants."""
    (item,) = call.items(1)
    if not (isinstance(item, Builtin) and item.name == "float"):
        raise call.problem("`finfo` is that of `float` here")
    return BROUGHT["numpy.finfo()"]


METHODS: dict[str, Lower] = {
    "copy": _copy,
    "tolist": _tolist,
    "astype": _astype,
}

FUNCTIONS: dict[str, Lower] = {
    "copy": _copy,
    "zeros": _filled("zeros"),
    "ones": _filled("ones"),
    "full": _full,
    "empty": _filled("zeros"),
    **{f"{name}_like": _filled_like(name) for name in ("zeros", "ones")},
    "empty_like": _filled_like("zeros"),
    "full_like": _full_like,
    "arange": _arange,
    "linspace": _linspace,
    "eye": _eye,
    "identity": _eye,
    "array": _array,
    "asarray": _asarray,
    "ndarray": _ndarray,
    "finfo": _finfo,
}
