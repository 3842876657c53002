"""What a value may be a view of, or another name for: the arrays that it is made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from adjoint.ir.loops import parts
from adjoint.ir.program import IF, LOOPS, Op, Value
from adjoint.ir.views import is_view

#: The operations that change a list, their first operand, and give the same one.
CHANGING = frozenset(("appended", "dropped", "store"))


def bases_of(
    value: Value,
    origins: Mapping[Value, Value],
    following: Mapping[Value, Value] | None = None,
) -> Iterator[Value]:
    """The value, and whatever it may be a view of, or another name for.

    ``following`` is what parameters of a loop are in the next iteration; those of loops
    that are done are known.
    """
    seen, pending = {value}, [value]
    later = dict(following or {})
    while pending:
        value = pending.pop()
        yield value
        later.update(_next_values(value.op))
        found = behind(value, origins)
        for one in [*found, later[value]] if value in later else found:
            if one not in seen and one.type.rank:
                seen.add(one)
                pending.append(one)


def _next_values(op: Op | None) -> Iterable[tuple[Value, Value]]:
    """What the parameters of a loop are in the next iteration."""
    if op is None or op.operation not in LOOPS:
        return ()
    _, carried, nexts, _ = parts(op)
    return zip(carried, nexts, strict=True)


def same_list(value: Value, origins: Mapping[Value, Value]) -> Iterator[Value]:
    """The list of arrays, and whatever may be the same list; of arrays nothing.

    It may grow, or get another array, without any change of the arrays in it.
    """
    if not value.type.of_arrays:
        return
    seen, pending = {value}, [value]
    while pending:
        value = pending.pop()
        yield value
        op = value.op
        if op is None or op.blocks:
            found = behind(value, origins)
        else:
            found = list(op.operands[:1]) if op.operation.name in CHANGING else []
        for one in found:
            if one not in seen:
                seen.add(one)
                pending.append(one)


def behind(value: Value, origins: Mapping[Value, Value]) -> list[Value]:
    """What a value is a view of, or another name for, by the operation it is of."""
    op = value.op
    if op is None:
        return [origins[value]] if value in origins else []
    if value.type.listed and value.type.rank > 1 and not op.blocks:
        return list(op.operands)  # its rows are theirs, or they themselves
    if op.operation is IF:
        at = op.results.index(value)
        return [block.results[at] for block in op.blocks]
    if op.operation in LOOPS:
        at = op.results.index(value)
        initial, _, nexts, _ = parts(op)
        return [nexts[at], initial[at]]
    return [op.operands[0]] if is_view(op) and not copies(op) else []


def is_new_list(value: Value) -> bool:
    """Whether it is a new list, though its rows may be those of others."""
    op = value.op
    if not value.type.listed or op is None:
        return False
    return not op.blocks and not is_view(op)


def copies(op: Op | None) -> bool:
    """Whether it is an index by arrays, which gives a copy."""
    return (
        op is not None
        and op.operation.name == "index"
        and any(index.type.rank for index in op.operands[1:])
    )
