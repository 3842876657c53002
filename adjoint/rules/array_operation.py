"""What one entry of the table of array operations says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from adjoint.ir.shapes import Shape
from adjoint.rules.operation import Operation

#: The default of an attribute that has none.
REQUIRED = object()

#: From the operands (values) and the attributes to the shape of the result.
ShapeRule = Callable[..., Shape]
#: From the same to the number of axes that are those of lists.
ListsRule = Callable[..., int]


@dataclass(frozen=True, eq=False, slots=True)
class ArrayOperation(Operation):
    """An operation on whole arrays, or on their elements.

    Elementwise operations are not among these: the scalar operations are applied to
    arrays element by element, with NumPy's broadcasting.

    ``partials`` are not derivatives here but what the reverse sweep adds to the adjoint
    of each operand, as a formula in the operands, the attributes, the result ``y`` and
    the adjoint ``g`` that arrives. "0" is structural, "special" is a function of
    `transform.arrays.special`, "none" is not there.

    ``tangent``
        what the forward sweep makes of the operands' tangents. "linear": the operation
        itself on the tangents of those operands that have a derivative (all together:
        what does not move has the tangent 0); "product": the operation is linear in
        each of them, and the rule is that of products. Else a formula in the tangent
        ``d`` of the one operand that has a derivative, or "special", a function of
        `transform.arrays.tangents`.
    ``result``
        as for other operations, and "first" and "last" for the type of that operand,
        "stored" for the widest of the first two, "number" for "operands" with truth
        values counted, "attribute" for what the last attribute says.

    ``attributes``
        what is known when the program is made (an axis): for each its name and its
        default, which is not written.
    ``shape``
        the shape of the result, from the operands and the attributes.
    ``view``
        whether NumPy's result may be a view of the first operand.
    ``lists``
        whether the result is a list of Python's, or nested lists; None where it is as
        the operands are; else which of its axes are, a function of operands and
        attributes.
    ``part``
        which result of how many it is, where NumPy's function gives several.
    ``shared``
        whether the same expression twice may be one value; not where the array is
        made to be filled.
    """

    tangent: str = ""
    attributes: tuple[tuple[str, object], ...] = ()
    shape: ShapeRule = lambda operands: ()
    view: bool = False
    lists: bool | ListsRule | None = None
    part: tuple[int, int] | None = None
    shared: bool = True

    def reads_shape_alone(self, at: int) -> bool:
        """Whether nothing but the shape of the operand ``at`` matters."""
        return self.operands[min(at, len(self.operands) - 1)] == "like"

    def shape_of(self, operands: tuple[Any, ...], attributes: tuple[Any, ...]) -> Shape:
        """The shape of the result."""
        return self.shape(operands, *attributes)

    def element_of(self, operands: tuple[Any, ...], attributes: tuple[Any, ...]) -> str:
        """The kind of the result's elements."""
        if self.result == "attribute":
            return str(attributes[-1])
        if self.result == "first":
            return str(operands[0].type.element)
        if self.result not in ("operands", "number", "last", "stored"):
            return self.result
        kinds = [operand.type.element for operand in operands]
        if self.result == "stored":
            del kinds[2:]
        if self.result == "number":
            kinds.append("int")
        if self.result == "last":
            del kinds[0]
        return max(kinds, key=("bool", "int", "float").index)

    def listed_of(
        self, operands: tuple[Any, ...], attributes: tuple[Any, ...], rank: int
    ) -> int:
        """How many axes of the result, which has ``rank``, are those of lists."""
        if self.lists is None:
            return lists_of(operands, rank)
        if isinstance(self.lists, bool):
            return rank if self.lists else 0
        return min(self.lists(operands, *attributes), rank)


def lists_of(operands: tuple[Any, ...], rank: int) -> int:
    """How many axes of the result are those of lists, by those of the operands.

    What is made of nested lists is nested lists.
    """
    types = [operand.type for operand in operands]
    if any(type.of_arrays for type in types):
        return min(max([type.listed for type in types]), rank)
    return rank if any(type.listed for type in types) else 0


def entry(
    signature: str, numpy: str, shape: ShapeRule, *partials: str, **more: object
) -> ArrayOperation:
    """An entry of the table: ``name operand operand | attribute attribute``."""
    names, _, attributes = signature.partition("|")
    name, *operands = names.split()
    return ArrayOperation(
        name,
        tuple(operands),
        partials,
        "",
        numpy=numpy,
        shape=shape,
        attributes=tuple(map(_attribute, attributes.split())),
        **more,  # type: ignore[arg-type]
    )


def _attribute(text: str) -> tuple[str, object]:
    name, sign, default = text.partition("=")
    return name, _DEFAULTS[default] if sign else REQUIRED


_DEFAULTS = {"None": None, "False": False, "True": True, "0": 0, "1": 1, "-1": -1}
