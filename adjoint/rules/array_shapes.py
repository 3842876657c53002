"""The shapes of the results of array operations, from the operands' shapes.

Each takes the operands (values, or whatever has a shape and a type) and the operation's
attributes. A length that is not known beforehand is a new one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from adjoint.ir.shapes import (
    Axis,
    Length,
    Shape,
    broadcast_shape,
    shorter,
    unknown_shape,
)

Operands = tuple[Any, ...]
Axes = tuple[int, ...] | None


def scalar(operands: Operands, *attributes: Any) -> Shape:
    """A number."""
    return ()


def first(operands: Operands, *attributes: Any) -> Shape:
    """The shape of the first operand."""
    shape: Shape = operands[0].shape
    return shape


def second(operands: Operands, *attributes: Any) -> Shape:
    """The shape of the second operand."""
    shape: Shape = operands[1].shape
    return shape


def elementwise(operands: Operands, *attributes: Any) -> Shape:
    """The shape to which all are broadcast."""
    return broadcast_shape(*[operand.shape for operand in operands])


def of_sizes(operands: Operands, *attributes: Any) -> Shape:
    """A length for each operand; an operand is its number where it is one."""
    return tuple([_length(operand) for operand in operands])


def of_sizes_behind(operands: Operands, *attributes: Any) -> Shape:
    """A length for each operand but the first."""
    return of_sizes(operands[1:])


def of_last(operands: Operands, *attributes: Any) -> Shape:
    """As long as the last operand says."""
    return of_sizes(operands[-1:])


def vector(operands: Operands, *attributes: Any) -> Shape:
    """One axis of a length that is not known."""
    return unknown_shape(1)


def _length(operand: Any) -> Axis:
    known = isinstance(operand.number, int) and operand.number >= 0
    return operand.number if known else Length()


def packed(operands: Operands, *attributes: Any) -> Shape:
    """As many as there are operands, of their shape."""
    return (len(operands), *_common([operand.shape for operand in operands]))


def _common(shapes: Sequence[Shape]) -> Shape:
    """What is known of arrays in a list, which may be of several shapes."""
    lengths = zip(*shapes, strict=True)
    return tuple([one[0] if len({*one}) == 1 else Length() for one in lengths])


def lists_of_items(operands: Operands, *attributes: Any) -> int:
    """A list of what the operands are."""
    listed: int = operands[0].type.listed
    return listed + 1


def lists_of_first(operands: Operands, *attributes: Any) -> int:
    """As the first operand."""
    listed: int = operands[0].type.listed
    return listed


def lists_inside(operands: Operands, pattern: Sequence[str]) -> int:
    """Those that are left where some have been taken an item of."""
    array = operands[0].type
    if array.of_arrays:
        listed: int = array.listed - pattern.count("a")
        return max(listed, 0)
    return array.rank + len(pattern) if array.listed else 0


def one_list(operands: Operands, *attributes: Any) -> int:
    """A list of what the second axis, and those behind it, are of."""
    return 1


def empty_lists(operands: Operands, rank: int, listed: int, *attributes: Any) -> int:
    """As the attribute says."""
    return listed


def empty(operands: Operands, rank: int, *attributes: Any) -> Shape:
    """Nothing along the first axis."""
    return (0, *unknown_shape(rank - 1))


def appended(operands: Operands, *attributes: Any) -> Shape:
    """As the first operand, or rows of the second, and one item longer.

    Arrays in a list may be of several shapes: what all have is what both have.
    """
    rows, row = operands[0].shape[1:], operands[1].shape
    if not operands[0].type.of_arrays and operands[0].type.listed < 2:
        return (Length(), *(rows or row))
    if operands[0].shape[0] == 0:
        return (Length(), *row)
    return (Length(), *_common([rows, row]))


def stored(operands: Operands, pattern: Sequence[str]) -> Shape:
    """As the first operand; of a list of rows, with one in the place of another.

    These are of any lengths, and so are arrays in a list of any shapes.
    """
    array, item, *_ = operands
    of_rows = array.type.of_arrays or array.type.listed > 1
    if not of_rows or array.type.rank != item.type.rank + 1:
        return first(operands)
    return (array.shape[0], *_common([array.shape[1:], item.shape]))


def dropped(operands: Operands, *attributes: Any) -> Shape:
    """As the operand, and one item shorter."""
    return (Length(), *operands[0].shape[1:])


def constant(operands: Operands, numbers: Any, *attributes: Any) -> Shape:
    """The shape of nested tuples of numbers."""
    shape: list[int] = []
    while isinstance(numbers, tuple):
        shape.append(len(numbers))
        numbers = numbers[0] if numbers else None
    return tuple(shape)


def indexed(operands: Operands, pattern: Sequence[str]) -> Shape:
    """What ``a[...]`` has the shape of; an index is an int, a slice, or an array."""
    array, *indices = operands
    shape: list[Axis] = list(array.shape)
    if array.type.of_arrays or array.type.listed > 1:  # each is of a shape of its own
        shape[1:] = [n if isinstance(n, int) else Length() for n in shape[1:]]
    result: list[Axis] = []
    at = 0
    arrays = [index for index in indices if index.type.rank]
    remaining = list(indices)
    for entry in pattern:
        if entry == "None":
            result.append(1)
        elif entry == "...":
            count = len(shape) - axes_used(pattern, indices)
            result += shape[at : at + count]
            at += count
        elif entry == "a":
            index = remaining.pop(0)
            at += _axes_of(index)
        else:
            count = entry.count("a")
            result.append(_of_slice(shape[at], entry, remaining[:count]))
            del remaining[:count]
            at += 1
    result += shape[at:]
    if not arrays:
        return tuple(result)
    ranks = [1 if a.type.element == "bool" else a.type.rank for a in arrays]
    return unknown_shape(len(result) + max(ranks))


def _of_slice(length: Axis, entry: str, bounds: Sequence[Any]) -> Axis:
    """The length of a slice, where it leaves out a known number of elements."""
    left_out = 0
    start, stop, *step = entry.split(":")
    numbers = [bound.number for bound in bounds]
    if step and numbers in ([1], [-1]) and not (start or stop):
        return length  # from end to end
    if step or not all(isinstance(number, int) for number in numbers):
        return Length()
    if start:
        left_out = numbers.pop(0)
    if left_out < 0 or (stop and numbers[0] >= 0):
        return Length()
    return shorter(length, left_out - (numbers[0] if stop else 0))


def axes_used(pattern: Sequence[str], indices: Sequence[Any]) -> int:
    """How many axes of the array the indices stand for."""
    remaining, count = list(indices), 0
    for entry in pattern:
        if entry == "a":
            count += _axes_of(remaining.pop(0))
        elif entry not in ("None", "..."):
            del remaining[: entry.count("a")]
            count += 1
    return count


def _axes_of(index: Any) -> int:
    rank: int = index.type.rank
    return rank if rank and index.type.element == "bool" else 1


def reduced(
    operands: Operands, axis: Axes, keepdims: bool = False, *more: Any
) -> Shape:
    """Without the axes that are reduced, or with these of length one."""
    shape = operands[0].shape
    gone = range(len(shape)) if axis is None else axis
    if keepdims:
        return tuple([1 if at in gone else n for at, n in enumerate(shape)])
    return tuple([n for at, n in enumerate(shape) if at not in gone])


def restored(operands: Operands, axis: Axes, keepdims: bool = False) -> Shape:
    """With the axes that were reduced, of length one."""
    if keepdims or axis is None:
        return first(operands)
    return expanded(operands, axis)


def expanded(operands: Operands, axis: tuple[int, ...]) -> Shape:
    """With new axes of length one where ``axis`` says."""
    shape = list(operands[0].shape)
    for at in sorted(axis):
        shape.insert(at, 1)
    return tuple(shape)


def squeezed(operands: Operands, axis: tuple[int, ...]) -> Shape:
    """Without these axes."""
    shape = operands[0].shape
    return tuple([n for at, n in enumerate(shape) if at not in axis])


def transposed(operands: Operands, axes: tuple[int, ...]) -> Shape:
    """With the axes in this order."""
    shape = operands[0].shape
    return tuple([shape[at] for at in axes])


def outer(operands: Operands, *attributes: Any) -> Shape:
    """The axes of the first, then those of the second."""
    shape: Shape = (*operands[0].shape, *operands[1].shape)
    return shape


def matmul(operands: Operands, *attributes: Any) -> Shape:
    """As the operator ``@`` has it."""
    a, b = operands[0].shape, operands[1].shape
    batch = broadcast_shape(a[:-2], b[:-2])
    return (*batch, *a[-2:-1], *(b[-1:] if len(b) > 1 else ()))


def joined(operands: Operands, axis: int) -> Shape:
    """As the first, but for one axis along which all are joined."""
    lengths = [operand.shape[axis] for operand in operands]
    known = all(isinstance(length, int) for length in lengths)
    shape = list(operands[0].shape)
    if operands[0].type.of_arrays:
        shape[1:] = _common([operand.shape[1:] for operand in operands])
    shape[axis] = sum(lengths) if known else Length()
    return tuple(shape)


def stacked(operands: Operands, axis: int) -> Shape:
    """As the first, with one axis more."""
    shape = list(operands[0].shape)
    shape.insert(axis, len(operands))
    return tuple(shape)


def tiled(operands: Operands, reps: tuple[int, ...]) -> Shape:
    """As many axes as the repetitions have, or the operand."""
    return unknown_shape(max(len(reps), len(operands[0].shape)))


def repeated(operands: Operands, axis: int) -> Shape:
    """As the operand, but for the length of one axis."""
    shape = list(operands[0].shape)
    shape[axis] = Length()
    return tuple(shape)


def diagonal(operands: Operands, offset: int) -> Shape:
    """One axis less: the two first become the last."""
    return (*operands[0].shape[2:], Length())


def square(operands: Operands, k: int) -> Shape:
    """A matrix with a vector on a diagonal."""
    length = operands[0].shape[0] if not k else Length()
    return length, length


def rows(operands: Operands) -> Shape:
    """As many as the matrix has rows."""
    shape: Shape = operands[0].shape[:1]
    return shape


def lesser(operands: Operands) -> Shape:
    """As many as a matrix has rows, or columns where these are fewer."""
    height, width = operands[0].shape
    if height == width:
        return (height,)
    known = isinstance(height, int) and isinstance(width, int)
    return (min(height, width) if known else Length(),)


def rows_by_lesser(operands: Operands) -> Shape:
    """A matrix of the rows of the first operand."""
    return (operands[0].shape[0], *lesser(operands))


def lesser_by_columns(operands: Operands) -> Shape:
    """A matrix of the columns of the first operand."""
    return (*lesser(operands), operands[0].shape[1])


def columns_square(operands: Operands) -> Shape:
    """As many rows and columns as the matrix has columns."""
    return (operands[0].shape[1],) * 2


def transposed_matrix(operands: Operands) -> Shape:
    """The rows as columns."""
    height, width = operands[0].shape
    return width, height


def matrix_solution(operands: Operands) -> Shape:
    """What the matrix is multiplied by to give the second operand."""
    return (operands[0].shape[1], *operands[1].shape[1:])


def chained(operands: Operands) -> Shape:
    """The rows of the first and the columns of the last, where these are matrices."""
    return (*operands[0].shape[:-1], *operands[-1].shape[1:])


def einsum(operands: Operands, subscripts: str) -> Shape:
    """What stands behind the arrow."""
    inputs, _, output = subscripts.partition("->")
    lengths: dict[str, Any] = {}
    for labels, operand in zip(inputs.split(","), operands, strict=True):
        for label, length in zip(labels, operand.shape, strict=True):
            (lengths[label],) = broadcast_shape((lengths.get(label, 1),), (length,))
    return tuple([lengths[label] for label in output])


def joined_items(operands: Operands, axis: int) -> Shape:
    """As an array of the list is, but for the length along which they are joined."""
    shape = list(operands[0].shape[1:])
    shape[axis] = Length()
    return tuple(shape)


def stacked_items(operands: Operands, axis: int) -> Shape:
    """As an array of the list is, with one axis more."""
    length, *shape = operands[0].shape
    shape.insert(axis, length)
    return tuple(shape)
