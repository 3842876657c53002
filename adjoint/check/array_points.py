"""Random points for functions of arrays: every axis is a few elements long."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from adjoint.check.points import LIKELY, Ranges
from adjoint.ir.program import Value

_LENGTHS = (3, 2, 4)
#: Lengths of axes that differ, at each third point; where it takes so many tries, a
#: function may want odder ones.
_OTHER_LENGTHS = (2, 3, 4)
_MANY_TRIES = 40
_ODD_LENGTHS = (1, 2, 3, 4, 9)
#: Where it takes so many, one that takes a matrix may want a symmetric one.
_SOME_TRIES = 15
#: How long vectors are then, now and then: elements may be read by numbers, ``s[12]``.
_LONG = 24


def random_points(
    parameters: Sequence[Value], ranges: Ranges, seed: int = 0
) -> Iterator[list[Any]]:
    """Random points without end, with arrays of small shapes."""
    import numpy as np

    rng = np.random.default_rng(seed)
    vectors = all(parameter.type.rank <= 1 for parameter in parameters)
    turn = 0
    while True:
        length = _LENGTHS[turn // 4 % len(_LENGTHS)]
        equal = turn % 3 < 2
        symmetric = turn >= _SOME_TRIES and turn % 2 == 1
        if vectors and equal and turn >= _MANY_TRIES and turn % 2:
            length = _LONG
        likely = LIKELY[turn % len(LIKELY)]
        turn += 1
        point: list[Any] = []
        for parameter in parameters:
            low, high = ranges.get(parameter.name or "", likely)
            shape = (length,) * parameter.type.rank
            if not equal:
                lengths = _OTHER_LENGTHS if turn < _MANY_TRIES else _ODD_LENGTHS
                shape = tuple(rng.choice(lengths, parameter.type.rank))
            numbers: Any
            if parameter.type.real:
                numbers = rng.uniform(low, high, shape)
                if symmetric and len(shape) == 2 and shape[0] == shape[1]:
                    numbers = np.tril(numbers) + np.tril(numbers, -1).T
            elif parameter.type.element == "bool":
                numbers = rng.integers(0, 2, shape).astype(bool)
            elif parameter.type.rank:
                numbers = rng.integers(0, min((length, *shape)), shape)
            else:
                numbers = np.asarray(length)
            point.append(numbers if parameter.type.rank else np.asarray(numbers).item())
        yield point
