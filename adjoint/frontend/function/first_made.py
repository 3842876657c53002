"""Arrays that are first made in a loop: whether they are there, what they may be.

A truth value is carried with them that says so; what is not there cannot be read.
"""

from __future__ import annotations

from collections.abc import Sequence

from adjoint.frontend.arrays.lists import run_time
from adjoint.frontend.python.context import Context
from adjoint.frontend.python.item_shapes import Shape, leaf_types, leaves
from adjoint.frontend.python.items import Item, ListItem, Refused
from adjoint.frontend.python.lowering import AnyNode, FunctionLowering
from adjoint.ir.program import Value, undefined
from adjoint.ir.types import Type

#: What the name of such an array is preceded by in that of its truth value.
GIVEN = "%given "
#: What it is tried to take what is first made in a loop for, beside a number.
GUESSES = (Type("float", 1), Type("float", 2), Type("float", 1, 1))


def is_unset(item: Item | None) -> bool:
    """Whether there is nothing, or what cannot be used."""
    return item is None or isinstance(item, Refused)


def has_arrays(shape: Shape) -> bool:
    """Whether there are arrays, or lists, in a shape."""
    return any(type.rank for type in leaf_types(shape))


def ranks(shape: Shape) -> list[tuple[int, int]]:
    """The ranks of what is in a shape, and how many axes are lists."""
    return [(type.rank, type.listed) for type in leaf_types(shape)]


def has_flag(context: Context, before: Item | None, shape: Shape) -> bool:
    """Whether it is an array that may not be there when an iteration begins."""
    sure = not is_unset(before) and context.unsure.isdisjoint(leaves(before))
    return not sure and has_arrays(shape)


def is_given(lowering: FunctionLowering, item: Item) -> Value:
    """Whether there is an array by then."""
    surely = lowering.builder.constant(True)
    return lowering.context.given.get(next(leaves(item), surely), surely)


def note_given(context: Context, values: Sequence[Value], given: Value) -> None:
    """Note whether there is an array by then: one that is not cannot be read."""
    context.given.update(dict.fromkeys(values, given))
    context.unsure.update(values)


def nothing(lowering: FunctionLowering, node: AnyNode, type: Type) -> Value:
    """What stands for an array, or a list, that is not there yet: an empty one."""
    if not type.rank:
        return undefined(type)
    if type.listed:
        return run_time(lowering, node, ListItem(), type)
    constant, where = lowering.builder.constant, lowering.where(node)
    none = [constant(0)] * type.rank
    if type.real:
        return lowering.builder.emit("zeros", *none, where=where)
    zero = constant(0 if type.element == "int" else False)
    return lowering.builder.emit("full", zero, *none, where=where)
