"""Identities of array operations: they only take away what does nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from adjoint.ir.shapes import broadcast_shape
from adjoint.ir.types import FLOAT

if TYPE_CHECKING:
    from adjoint.ir.builder import Builder
    from adjoint.ir.program import Value
    from adjoint.rules.operation import Operation

ArrayIdentity = Callable[
    ["Builder", tuple["Value", ...], tuple[Any, ...]], "Value | None"
]


def without_broadcasts(
    builder: Builder, operation: Operation, operands: tuple[Value, ...], where: int
) -> Value | None:
    """The elementwise operation on what its operands were before they were spread.

    ``broadcast(a, x) * x`` is ``a * x``; ``-broadcast(a, x)`` is ``broadcast(-a, x)``.
    """
    if not any(is_operation(operand, "broadcast") for operand in operands):
        return None
    shape = broadcast_shape(*[operand.shape for operand in operands])
    bare = tuple([_bare(operand) for operand in operands])
    value = builder.apply(operation, bare, where)
    if value.shape == shape:
        return value
    likes = [operand for operand in operands if operand.shape == shape]
    return builder.emit("broadcast", value, likes[0], where=where) if likes else None


def with_sign_outside(
    builder: Builder,
    operation: Operation,
    operands: tuple[Value, ...],
    attributes: tuple[Any, ...],
) -> Value | None:
    """A linear operation of ``-a`` as minus that of a, in derivatives.

    There the sign goes into a sum, or is taken of what has fewer elements.
    """
    for at in _LINEAR.get(operation.name, ()):
        operand = operands[at]
        if is_operation(operand, "neg") and builder.made(operand):
            bare = (*operands[:at], operand.op.operands[0], *operands[at + 1 :])  # type: ignore[union-attr]
            value = builder.emit(operation.name, *bare, attributes=attributes)
            return builder.emit("neg", value)
    return None


#: Operations that are linear in operands, and in which.
_LINEAR = dict.fromkeys(
    ("sum", "unbroadcast", "fitted", "transpose", "squeeze", "expand_dims")
    + ("reshape_like", "onto_diagonal"),
    (0,),
) | {"matmul": (0, 1), "outer": (0, 1), "solve": (1,)}


def is_operation(value: Value, name: str) -> bool:
    """Whether the value is the result of the operation of this name."""
    return value.op is not None and value.op.operation.name == name


def _bare(value: Value) -> Value:
    return value.op.operands[0] if is_operation(value, "broadcast") else value  # type: ignore[union-attr]


def _index(
    builder: Builder, operands: tuple[Value, ...], attributes: tuple[Any, ...]
) -> Value | None:
    """``a[i][j]`` is ``a[i, j]``; brackets that only add axes are no index."""
    a, *indices = operands
    op = a.op
    (pattern,) = attributes
    if all(entry in (":", "None", "...") for entry in pattern):
        return _with_axes(builder, a, pattern)
    if op is None or op.operation.name != "index":
        return None
    base, *first = op.operands
    if base.type.listed and builder.made(a):
        return None  # the list, an adjoint, may have lost the row in between
    plain = all(entry == "a" for entry in op.attributes[0])
    if base.type.of_arrays and not a.type.listed:
        return None  # it is the array that is asked
    if not plain or any(index.type.rank for index in (*first, *indices)):
        return None
    both = (*op.attributes[0], *pattern)
    return builder.emit("index", base, *first, *indices, attributes=(both,))


def _accumulate(
    builder: Builder, operands: tuple[Value, ...], attributes: tuple[Any, ...]
) -> Value | None:
    """``a[i] = 0.0; a[i] += v`` is ``a[i] = v``, and nothing where v was a[i].

    ``t = a[0]; a[0] = 0.0; a[1] += v; a[0] += t`` is ``a[1] += v``.
    """
    a, v, *indices = operands
    op = a.op
    if op is None or not builder.made(a):
        return None
    if op.operation.name == "accumulate" and _apart(op.operands[2:], indices):
        before, other, *elsewhere = op.operands
        if not (v.op is not None and v.op.operation.name == "index"):
            return None
        simpler = _accumulate(builder, (before, v, *indices), attributes)
        if simpler is None or simpler is not v.op.operands[0]:
            return None
        attributes = op.attributes
        return builder.emit(
            "accumulate", simpler, other, *elsewhere, attributes=attributes
        )
    if op.operation.name != "store":
        return None
    base, stored, *places = op.operands
    if op.attributes != attributes or places != indices or stored.number != 0:
        return None
    if v.type.rank or base.type.of_arrays:
        return None
    was = v.op is not None and v.op.operation.name == "index"
    if was and v.op.operands == (base, *indices) and v.op.attributes == attributes:  # type: ignore[union-attr]
        return base
    return builder.emit("store", base, v, *indices, attributes=attributes)


def _apart(places: Sequence[Value], others: Sequence[Value]) -> bool:
    """Whether these are surely two places: known, and counted from the same end."""
    pairs = [
        (one.number, other.number) for one, other in zip(places, others, strict=False)
    ]
    known = all(type(a) is type(b) is int and (a < 0) == (b < 0) for a, b in pairs)
    return known and len(places) == len(others) and any(a != b for a, b in pairs)


def _sum(
    builder: Builder, operands: tuple[Value, ...], attributes: tuple[Any, ...]
) -> Value | None:
    """In derivatives: what is one number everywhere has that times the size as sum."""
    a = operands[0]
    if not a.type.rank and a.type.element != "bool":
        return a
    if attributes == (None, False) and is_operation(a, "broadcast") and builder.made(a):
        number, like = a.op.operands  # type: ignore[union-attr]
        if number.type == FLOAT and not like.type.listed:
            return builder.emit("mul", number, builder.emit("size", like))
    return _number_outside(builder, "sum", a, attributes)


def _mean(
    builder: Builder, operands: tuple[Value, ...], attributes: tuple[Any, ...]
) -> Value | None:
    return _number_outside(builder, "mean", operands[0], attributes)


def _number_outside(
    builder: Builder, name: str, a: Value, attributes: tuple[Any, ...]
) -> Value | None:
    """In derivatives: ``sum(2*a)`` as ``2*sum(a)``, where the 2 meets other numbers."""
    if not is_operation(a, "mul") or not builder.made(a) or a.type.listed:
        return None
    number, rest = a.op.operands  # type: ignore[union-attr]
    if not number.literal or number.name is not None:
        return None
    return builder.emit("mul", number, builder.emit(name, rest, attributes=attributes))


def _with_axes(builder: Builder, a: Value, pattern: tuple[str, ...]) -> Value:
    """``a[:, None]``, where the axes of length one are counted in the result."""
    rank = a.type.rank - pattern.count(":")
    entries = [
        one
        for entry in pattern
        for one in ([":"] * rank if entry == "..." else [entry])
    ]
    axis = tuple([at for at, entry in enumerate(entries) if entry == "None"])
    return builder.emit("expand_dims", a, attributes=(axis,)) if axis else a


def _broadcast(
    builder: Builder, operands: tuple[Value, ...], attributes: tuple[Any, ...]
) -> Value | None:
    a, like = operands
    if a.shape == like.shape:
        return a
    if is_operation(a, "broadcast"):  # of a broadcast, all at once
        return builder.emit("broadcast", _bare(a), like)
    first = builder.like(like)
    return None if first is like else builder.emit("broadcast", a, first)


def _unbroadcast(
    builder: Builder, operands: tuple[Value, ...], attributes: tuple[Any, ...]
) -> Value | None:
    a, like = operands
    if a.shape == like.shape:
        return a
    if not like.type.rank:
        return builder.emit("sum", a, attributes=(None, False))
    first = builder.like(like)
    return None if first is like else builder.emit("unbroadcast", a, first)


def _fitted(
    builder: Builder, operands: tuple[Value, ...], attributes: tuple[Any, ...]
) -> Value | None:
    a, like = operands
    if a.shape == like.shape:
        return a
    first = builder.like(like)
    return None if first is like else builder.emit("fitted", a, first)


def _count(
    builder: Builder, operands: tuple[Value, ...], attributes: tuple[Any, ...]
) -> Value | None:
    first = builder.like(operands[0])
    if first is operands[0]:
        return None
    return builder.emit("count", first, attributes=attributes)


def _zeros_like(
    builder: Builder, operands: tuple[Value, ...], attributes: tuple[Any, ...]
) -> Value | None:
    if not operands[0].type.rank:
        return builder.constant(0.0)
    op = operands[0].op
    if op is not None and op.operation.name == "empty":  # which grows afterwards
        return builder.emit("empty", attributes=op.attributes)
    first = builder.like(operands[0])
    return None if first is operands[0] else builder.emit("zeros_like", first)


def _restored(
    builder: Builder, operands: tuple[Value, ...], attributes: tuple[Any, ...]
) -> Value | None:
    axis, keepdims = attributes
    if keepdims or axis is None:
        return operands[0]
    return builder.emit("expand_dims", operands[0], attributes=(axis,))


def _moved(
    builder: Builder, operands: tuple[Value, ...], attributes: tuple[Any, ...]
) -> Value | None:
    """Nothing is moved where there are no axes."""
    return operands[0] if attributes[0] in ((), None) else None


def _transpose(
    builder: Builder, operands: tuple[Value, ...], attributes: tuple[Any, ...]
) -> Value | None:
    (axes,) = attributes
    op = operands[0].op
    if axes == tuple(range(len(axes))):
        return operands[0]
    if op is not None and op.operation.name == "transpose":
        both = tuple([op.attributes[0][at] for at in axes])
        return builder.emit("transpose", op.operands[0], attributes=(both,))
    return None


def _einsum(
    builder: Builder, operands: tuple[Value, ...], attributes: tuple[Any, ...]
) -> Value | None:
    """That only changes the order of axes is a view, as a transposition is."""
    inputs, _, output = attributes[0].partition("->")
    if len(operands) > 1 or sorted(inputs) != sorted(output):
        return None
    axes = tuple([inputs.index(label) for label in output])
    return builder.emit("transpose", operands[0], attributes=(axes,))


ARRAY_IDENTITIES: dict[str, ArrayIdentity] = {
    "index": _index,
    "accumulate": _accumulate,
    "sum": _sum,
    "mean": _mean,
    "broadcast": _broadcast,
    "unbroadcast": _unbroadcast,
    "fitted": _fitted,
    "count": _count,
    "zeros_like": _zeros_like,
    "restored": _restored,
    "expand_dims": _moved,
    "squeeze": _moved,
    "transpose": _transpose,
    "einsum": _einsum,
}
