"""What is known of the shapes of arrays before they are there.

A shape is a tuple of lengths, one for each axis: a number where it is known, else a
`Length`, which is equal to itself alone. So two values may be known to have the same
shape although no number in it is known.
"""

from __future__ import annotations

from itertools import zip_longest


class Length:
    """The length of an axis, known when the program runs."""

    __slots__ = ()


Shape = tuple["int | Length", ...]


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


def _broadcast(a: int | Length, b: int | Length) -> int | Length:
    if a == b or b == 1:
        return a
    if a == 1:
        return b
    known = [length for length in (a, b) if isinstance(length, int)]
    return known[0] if known else Length()
