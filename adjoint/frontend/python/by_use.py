"""Types by use: parameters taken for numbers turn out to be whole, or arrays.

A parameter of no declared type is a float at first. Where its use says otherwise, the
reading stops with one of the exceptions here, and the function is read again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from adjoint.errors import SourceError
from adjoint.frontend.python.context import Context
from adjoint.ir.program import IF, Op, Value
from adjoint.ir.types import FLOAT, Type
from adjoint.rules.array_operation import ArrayOperation

#: Operations that give whole numbers of whole numbers.
WHOLE = {"add", "sub", "mul", "neg", "floordiv", "mod", "abs", "min", "max"}
WHOLE |= {"square", "power", "pow"}


class IntParameter(Exception):
    """Parameters taken for floats turn out to be whole numbers, by their use."""

    def __init__(self, names: set[str]):
        super().__init__(names)
        self.names = names


class ParameterTypes(Exception):
    """Parameters are of other types than they were taken for, by their use."""

    def __init__(self, types: dict[str, Type]):
        super().__init__(types)
        self.types = types


class UnknownRank(SourceError):
    """It cannot be told from its use whether a parameter is an array, of what rank."""


def require_rank(context: Context, value: Value, rank: int) -> None:
    """Take a parameter for an array of at least this rank, where its type is by use.

    Raises ParameterTypes, for the function to be read again. Does nothing where the
    value is no such parameter, and no item of one.
    """
    if value.type.rank >= rank:
        return
    while value in context.origins:
        value = context.origins[value]
    if value in context.guessed:
        raise ParameterTypes({str(value.name): Type("float", rank)})
    op = value.op
    if op is not None and op.operation.name == "index":
        more = rank + sum(1 for entry in op.attributes[0] if entry == "a")
        base = op.operands[0]
        if base in context.guessed and not value.type.rank:
            raise ParameterTypes({str(base.name): Type("float", more)})


def parameters_below(
    value: Value, origins: Mapping[Value, Value], through: set[str] | None
) -> set[Value]:
    """The parameters that a value is computed from by the operations ``through``.

    None stands for any operations.
    """

    def made_of(value: Value) -> Sequence[Value]:
        return () if value.op is None else _made_of(value, value.op, through)

    found = _first_below(value, origins, made_of)
    return {one for one in found if one.number is None and one.type == FLOAT}


def arrays_below(value: Value, origins: Mapping[Value, Value]) -> set[Value]:
    """The arrays that a value is made of items of, element by element.

    If such an array has more axes than its use has told, the value has some as well.
    """

    def made_of(value: Value) -> Sequence[Value]:
        op = value.op
        if op is not None and op.operation.name == "index":
            return op.operands[:1]
        if op is None or isinstance(op.operation, ArrayOperation):
            return ()
        return _made_of(value, op, None)

    found = _first_below(value, origins, made_of)
    return {one for one in found if one.type.rank}


def whole_arrays_below(value: Value, origins: Mapping[Value, Value]) -> dict[str, Type]:
    """The arrays of floats that a value is made of items of, if it is whole: of ints.

    They are those without an operation, by name, with the type that they have then.
    """

    def made_of(value: Value) -> Sequence[Value]:
        op = value.op
        if op is not None and op.operation.name == "index":
            return op.operands[:1]
        return () if op is None else _made_of(value, op, WHOLE)

    found = _first_below(value, origins, made_of)
    return {
        str(one.name): one.type._replace(element="int")
        for one in found
        if one.type.rank and one.type.real
    }


def _first_below(
    value: Value,
    origins: Mapping[Value, Value],
    made_of: Callable[[Value], Sequence[Value]],
) -> set[Value]:
    """The values without an operation that a value is made of in the end."""
    found: set[Value] = set()
    seen: set[Value] = set()
    pending = [value]
    while pending:
        value = pending.pop()
        if value in seen:
            continue
        seen.add(value)
        if value in origins:
            pending.append(origins[value])
        elif value.op is None:
            found.add(value)
        else:
            pending.extend(made_of(value))
    return found


def _made_of(value: Value, op: Op, through: set[str] | None) -> Sequence[Value]:
    """What is whole if the result ``value`` of the operation is."""
    if op.operation is IF:
        at = op.results.index(value)
        return [block.results[at] for block in op.blocks]
    if op.blocks:
        at = op.results.index(value) - len(op.results)
        return [op.operands[at]]
    return op.operands if through is None or op.operation.name in through else ()
