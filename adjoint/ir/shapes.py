"""What is known of the shapes of arrays before they are there.

A shape is a tuple of lengths, one for each axis: a number where it is known, else a
`Length`, which is equal to itself alone. So two values may be known to have the same
shape although no number in it is known.
"""

from __future__ import annotations

from itertools import zip_longest
from typing import NamedTuple


class Length:
    """The length of an axis, known when the program runs."""

    __slots__ = ()


class Shorter(NamedTuple):
    """The length of a slice of an axis that leaves out so many elements."""

    of: Length
    by: int


Axis = int | Length | Shorter
Shape = tuple[Axis, ...]


def shorter(length: Axis, by: int) -> Axis:
    """The length without so many elements; of one that is too short, 0."""
    if isinstance(length, int):
        return max(length - by, 0)
    if isinstance(length, Shorter):
        return Shorter(length.of, length.by + by)
    return Shorter(length, by) if by else length


def unknown_shape(rank: int) -> Shape:
    """A shape of which nothing but the rank is known."""
    return tuple([Length() for _ in range(rank)])


def broadcast_shape(*shapes: Shape) -> Shape:
    """The shape of an elementwise result, by NumPy's rules of broadcasting."""
    result = shapes[0]
    for shape in shapes[1:]:
        if shape != result:
            pairs = zip_longest(reversed(result), reversed(shape), fillvalue=1)
            result = tuple([_broadcast(a, b) for a, b in pairs])[::-1]
    return result


def _broadcast(a: Axis, b: Axis) -> Axis:
    if a == b or b == 1:
        return a
    if a == 1:
        return b
    known = [length for length in (a, b) if isinstance(length, int)]
    return known[0] if known else Length()
