"""Calls of derivatives inside a function: they are written out like any function."""

from __future__ import annotations

from collections.abc import Iterator

from adjoint.frontend.arrays.lists import run_time
from adjoint.frontend.python.call import Call
from adjoint.frontend.python.items import Derived, Item, is_list
from adjoint.ir.clone import inlined
from adjoint.ir.form import Form, flattened, nested
from adjoint.ir.program import Program, Value
from adjoint.ir.types import Type


def derived_result(call: Call, derived: Derived) -> Item:
    """What the call of a derivative gives.

    Raises SourceError where the arguments are not those of its parameters.
    """
    program = derived.program
    given = _bound(call, derived.name, program)
    arguments: dict[Value, Value] = {}
    for name, form, parts in program.declared:
        item = given[name]
        if len(parts) == 1 and parts[0].type.listed and is_list(item):
            item = run_time(call.lowering, call.node, item, parts[0].type)
        items = list(_flat(call, name, form, item))
        arguments.update(
            (parameter, _converted(call, item, parameter))
            for parameter, item in zip(parts, items, strict=True)
        )
    where = call.lowering.where(call.node)
    values = inlined(call.lowering.builder, program, arguments, where)
    return nested(program.form, values)


def _bound(call: Call, name: str, program: Program) -> dict[str, Item]:
    """The arguments by the names of the parameters."""
    names = [declared for declared, _, _ in program.declared]
    positional = [one for one in names if one not in program.keyword_only]
    if len(call.arguments) > len(positional):
        raise call.wrong_count(name, len(positional))
    given: dict[str, Item] = dict(zip(positional, call.arguments, strict=False))
    for keyword, item in call.keywords.items():
        if keyword in given:
            raise call.problem(f"`{name}` is given its parameter `{keyword}` twice")
        if keyword not in names:
            raise call.problem(f"`{name}` has no parameter `{keyword}`")
        given[keyword] = item
    defaults = {key: call.constant(number) for key, number in program.defaults}
    for parameter in names:
        if parameter not in given and parameter not in defaults:
            raise call.problem(
                f"`{name}` is called without its parameter `{parameter}`"
            )
    return defaults | given


def _flat(call: Call, name: str, form: Form, item: Item) -> Iterator[Item]:
    """What is in an argument, which has to be of this form."""
    found, items = flattened(item)
    if found != form:
        raise call.problem(
            f"the argument `{name}` is not of the form that it has to be"
        )
    yield from items


def _kind_of(type: Type) -> str:
    return "a list of arrays" if type.of_arrays else f"of the type {type}"


def _converted(call: Call, item: Item, parameter: Value) -> Value:
    """The argument in the type of the parameter; the ranks have to be the same."""
    if isinstance(item, Value) and item.type.listed and parameter.type.listed:
        value = item
    else:
        value = call.lowering.checked(item, call.node)
    if value.type.of_arrays != parameter.type.of_arrays:
        kinds = [_kind_of(one.type) for one in (parameter, value)]
        raise call.problem(f"`{parameter.name}` is {kinds[0]} here, not {kinds[1]}")
    rank, expected = value.type.rank, parameter.type.rank
    if rank != expected:
        words = [f"an array of {n} axes" if n else "a number" for n in (rank, expected)]
        given, wanted = (text.replace("of 1 axes", "of one axis") for text in words)
        message = f"`{parameter.name}` is {wanted} here, not {given}"
        raise call.problem(message)
    if parameter.type.real:
        return value if value.type.real else call.emit("float", value)
    if rank and value.type == parameter.type:
        return value
    return call.lowering.whole(value, call.node)
