"""How the arguments of NumPy's functions are read: axes, flags, arrays."""

from __future__ import annotations

from collections.abc import Callable

from adjoint.errors import did_you_mean
from adjoint.frontend.arrays.access import as_array, length, unknown_rank
from adjoint.frontend.python.call import Call
from adjoint.frontend.python.items import NONE, Builtin, Item
from adjoint.ir.program import Value

#: How the call of one function is lowered.
Lower = Callable[["Call"], Item]
Axis = tuple[int, ...] | None


#: The parameters of NumPy's that may be given as None, which leaves them out.
_OPTIONAL = frozenset("axis dtype out a_min a_max M stop weights b ord".split())


def arguments(
    call: Call, *names: str, needed: int = 1, optional: frozenset[str] = _OPTIONAL
) -> dict[str, Item]:
    """The arguments by the names of the parameters; the first ones have to be there.

    Raises SourceError for arguments that are not known here, and for None where it is
    not what NumPy takes for what is left out.
    """
    if len(call.arguments) > len(names):
        plural = "" if len(names) == 1 else "s"
        message = f"`{call.name}` takes {len(names)} argument{plural} at most here"
        raise call.problem(message)
    found = dict(zip(names, call.arguments, strict=False))
    for name, item in call.keywords.items():
        if name not in names or name in found:
            message = f"`{call.name}` takes no argument `{name}` here"
            raise call.problem(message, did_you_mean(name, names))
        found[name] = item
    for name in names[:needed]:
        if name not in found:
            raise call.problem(f"`{call.name}` is called without `{name}`")
    for name, item in found.items():
        if item is NONE and (name in names[:needed] or name not in optional):
            raise call.problem(f"`{name}` of `{call.name}` cannot be None here")
    return {name: item for name, item in found.items() if item is not NONE}


def array(call: Call, item: Item) -> Value:
    """The item as an array; a number is one without axes, a list becomes one."""
    value = as_array(call.lowering, call.node, item)
    unknown_rank(call.lowering, call.node, value)
    return value


def matrix(call: Call, item: Item) -> Value:
    """The item as one matrix of floats."""
    value = array(call, item)
    if value.type.rank != 2:
        raise call.problem(f"`{call.name}` is that of one matrix here")
    return as_float(call, value)


def axes(call: Call, item: Item | None, rank: int) -> Axis:
    """The axes, counted from 0 and in order; None for all of them."""
    if item is None:
        return None
    items = item if isinstance(item, tuple) else (item,)
    return tuple(sorted([one_axis(call, one, rank) for one in items]))


def one_axis(call: Call, item: Item, rank: int) -> int:
    """An axis, counted from 0."""
    number = whole(call, item, "the axis")
    if not -rank <= number < rank:
        raise call.problem(f"there is no axis {number} in an array of rank {rank}")
    return number % rank


def whole(call: Call, item: Item, what: str) -> int:
    """A whole number that is known when the function is read."""
    number = item.number if isinstance(item, Value) else None
    if not isinstance(number, int):
        raise call.problem(f"{what} has to be written as a whole number")
    return int(number)


def flag(
    call: Call, item: Item | None, name: str = "keepdims", default: bool = False
) -> bool:
    """True or False, the default where it is not given."""
    return default if item is None else bool(whole(call, item, f"`{name}`"))


def sizes(call: Call, item: Item) -> list[Value]:
    """The lengths of a shape."""
    items = item if isinstance(item, tuple) else (item,)
    return [whole_number(call, one) for one in items]


def whole_number(call: Call, item: Item) -> Value:
    """A whole number, which may be known only when the function runs."""
    return call.lowering.whole(call.lowering.checked(item, call.node), call.node)


def one_length(call: Call, value: Value, axis: int) -> Value:
    """The length of an axis."""
    return length(call.lowering, call.node, value, axis)


def truth(call: Call, value: Value) -> Value:
    """Whether a value is not zero, element by element."""
    if value.type.element == "bool":
        return value
    return call.emit("ne", value, call.constant(0))


def raveled(call: Call, value: Value) -> Value:
    """The elements in one row."""
    if value.type.rank == 1:
        return value
    if not value.type.rank:
        return call.emit("expand_dims", value, attributes=((0,),))
    return call.emit("reshape", value, call.constant(-1))


def cast(call: Call, value: Value, dtype: Item | None) -> Value:
    """The value with elements of the type that ``dtype`` says, where it is given.

    Raises SourceError for a type that is not known.
    """
    if dtype is None:
        return value
    if not (isinstance(dtype, Builtin) and dtype.name in ("float", "int", "bool")):
        message = "this type of elements is not supported"
        raise call.problem(message, "write `dtype=float`")
    if dtype.name == value.type.element:
        return value
    if dtype.name == "int":
        return as_whole(call, value)
    return as_float(call, value) if dtype.name == "float" else truth(call, value)


def is_type(dtype: Item | None, name: str) -> bool:
    """Whether it is the type of this name, as what ``dtype`` says."""
    return isinstance(dtype, Builtin) and dtype.name == name


def as_whole(call: Call, value: Value) -> Value:
    """The value in whole numbers, to which floats are cut; the derivative is zero."""
    if value.type.element == "bool":
        return call.emit("add", value, call.constant(0))
    if value.op is not None and value.op.operation.name == "float":
        value = value.op.operands[0]  # of np.floor: NumPy gives floats there
    return call.emit("whole" if value.type.rank else "trunc", value)


def as_float(call: Call, value: Value) -> Value:
    """The value in floats."""
    return value if value.type.real else call.emit("float", value)
