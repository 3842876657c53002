"""Random points for functions of arrays: every axis is a few elements long."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from adjoint.check.points import LIKELY, Ranges
from adjoint.ir.program import Value

if TYPE_CHECKING:
    from numpy.random import Generator

#: A length, also what whole numbers are, and a shape for each parameter.
_Shapes = tuple[int, list[tuple[int, ...]]]

_LENGTHS = (3, 2, 4)
#: Lengths of axes that differ, at each third point.
_OTHER_LENGTHS = (2, 3, 4)
#: Where it takes so many tries, a function may want odder ones, or multiples of others,
#: as the gates of an LSTM are.
MANY_TRIES = 40
_MORE_LENGTHS = (3, 2, 4, 6, 5, 1, 7, 8, 12, 9, 10)
_ODD_LENGTHS = (1, 2, 3, 4, 9)
_UNITS, _MULTIPLES = (2, 3), (4, 2, 3)
#: Where it takes so many, one that takes a matrix may want a symmetric one.
_SOME_TRIES = 15
#: How long vectors are then, now and then: elements may be read by numbers, ``s[12]``.
_LONG = 24


def random_points(
    parameters: Sequence[Value],
    ranges: Ranges,
    served: Callable[[], int],
    seed: int = 0,
) -> Iterator[list[Any]]:
    """Random points without end, with arrays of small shapes.

    ``served`` says how many served until now: the shapes of those are taken again where
    it takes many tries to find others.
    """
    import numpy as np

    rng = np.random.default_rng(seed)
    ranks = [parameter.type.rank for parameter in parameters]
    known: list[_Shapes] = []
    turn = 0
    while True:
        again = known and turn >= MANY_TRIES and turn % 4
        length, shapes = found = (
            known[turn // 4 % len(known)] if again else _shapes(ranks, turn, rng)
        )
        symmetric = turn >= _SOME_TRIES and turn % 2 == 1
        likely = LIKELY[turn % len(LIKELY)]
        turn += 1
        point: list[Any] = []
        for parameter, shape in zip(parameters, shapes, strict=True):
            low, high = ranges.get(parameter.name or "", likely)
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
        before = served()
        yield point
        if served() > before and found not in known:
            known.append(found)


def _shapes(ranks: Sequence[int], turn: int, rng: Generator) -> _Shapes:
    """Those to try: at first all axes are equally long in two turns of three."""
    many = turn >= MANY_TRIES
    equal = _MORE_LENGTHS if many else _LENGTHS
    length = equal[turn // 4 % len(equal)]
    if many and turn % 2:
        return length, _of_multiples(ranks, rng)
    if turn % 3 < 2:
        if many and turn % 4 and max(ranks, default=0) < 2:
            length = _LONG
        return length, [(length,) * rank for rank in ranks]
    lengths = _ODD_LENGTHS if many else _OTHER_LENGTHS
    return length, [_drawn(lengths, rank, rng) for rank in ranks]


def _of_multiples(ranks: Sequence[int], rng: Generator) -> list[tuple[int, ...]]:
    """Every axis has one of two lengths; all first or all last axes of matrices one."""
    unit = int(rng.choice(_UNITS))
    lengths = unit, unit * int(rng.choice(_MULTIPLES))
    axis, common = int(rng.integers(2)), int(rng.choice(lengths))
    shapes = []
    for rank in ranks:
        shape = list(_drawn(lengths, rank, rng))
        if rank > 1:
            shape[-axis] = common
        shapes.append(tuple(shape))
    return shapes


def _drawn(lengths: Sequence[int], rank: int, rng: Generator) -> tuple[int, ...]:
    return tuple(map(int, rng.choice(lengths, rank)))
