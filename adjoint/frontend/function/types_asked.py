"""``isinstance(x, float)``: decided when a function is read, by what is known then."""

from __future__ import annotations

from adjoint.frontend.arrays.access import unknown_rank
from adjoint.frontend.python.call import Call
from adjoint.frontend.python.items import (
    NONE,
    Builtin,
    Dictionary,
    Function,
    Item,
    described,
    is_instance,
    is_list,
    is_once,
)
from adjoint.ir.program import Value

#: The types that can be asked for, by the module and the name.
_KNOWN = {("builtins", name) for name in "float int bool list tuple str dict".split()}
_KNOWN |= {("numpy", "ndarray")}


def isinstance_of(call: Call) -> Item:
    """Whether the item is of the type, or of one of a tuple of types."""
    item, types = call.items(2)
    types = types if isinstance(types, tuple) else (types,)
    wanted = {
        (one.module, one.name) for one in types if isinstance(one, Builtin)
    } & _KNOWN
    if not wanted or len(wanted) < len(set(types)):
        message = "this type cannot be asked for here"
        known = ", ".join(f"`{name}`" for _, name in sorted(_KNOWN))
        raise call.problem(message, f"known are {known}, and tuples of these")
    found = bool(wanted & _types_of(call, item))
    if not found and ("numpy", "ndarray") in wanted and isinstance(item, Value):
        unknown_rank(call.lowering, call.node, item)
    return call.constant(found)


def not_made(call: Call) -> Item:
    """What calls a type that can only be asked for."""
    raise call.problem(f"`{call.name}` is only a type to ask for here", "leave it out")


def _types_of(call: Call, item: Item) -> set[tuple[str, str]]:
    """The types that an item is of. Raises SourceError for what has none here."""
    if isinstance(item, Value) and not item.type.rank:
        names = {"float": ["float"], "int": ["int"], "bool": ["bool", "int"]}
        found = names[item.type.element]
        if "int" in found and item.op is not None and call.lowering.context.numpy:
            message = "this number may be one of NumPy's, which are no `int`"
            raise call.problem(message, "leave the question out")
        return {("builtins", name) for name in found}
    if isinstance(item, Value) and item in call.lowering.context.sequences:
        raise call.problem("this may be a list or a tuple", "leave the question out")
    if is_list(item):
        return {("builtins", "list")}
    if isinstance(item, Value):
        return {("numpy", "ndarray")}
    if isinstance(item, Dictionary):
        return {("builtins", "dict")}
    tuple_or_list = isinstance(item, tuple) and not is_instance(item)
    if tuple_or_list and not is_once(item):
        return {("builtins", "tuple")}
    if isinstance(item, str):
        return {("builtins", "str")}
    if item is not NONE and not isinstance(item, Function | Builtin):
        raise call.problem(f"the type of {described(item)} cannot be asked for here")
    return set()
