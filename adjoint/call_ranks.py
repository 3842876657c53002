"""Whether a call gives numbers where numbers are meant, and arrays where arrays are.

What is taken for a number may be given as an array all the same: NumPy would compute
something, and the derivative by it would be that by one number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from adjoint.errors import OptionError
from adjoint.ir.program import Program
from adjoint.ir.types import Type


class CallRanks:
    """Looks at the arguments of calls of a program."""

    def __init__(self, program: Program):
        packed = {name for name, _, _ in program.packed}
        types = {str(value.name): value.type for value in program.parameters}
        names = [name for name, _, _ in program.declared]
        #: for each parameter that is no tuple: its place, its name and its type
        self._declared = [
            (at, name, types[name])
            for at, name in enumerate(names)
            if name not in packed
        ]
        self._keyword_only = program.keyword_only

    def check(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
        """Raise OptionError for an argument of another rank than is meant."""
        for at, name, type in self._declared:
            if name in kwargs:
                argument = kwargs[name]
            elif at < len(args) and name not in self._keyword_only:
                argument = args[at]
            else:
                continue  # it has a default, or Python says that it is missing
            rank = _rank(argument)
            if rank is not None and rank != type.rank:
                raise OptionError(_message(name, type, rank))


def _rank(argument: Any) -> int | None:
    """How many axes it has; None where that cannot be told."""
    rank = 0
    while isinstance(argument, (list, tuple)):
        if not argument:
            return None
        rank, argument = rank + 1, argument[0]
    axes = getattr(argument, "ndim", None)
    if axes is None:
        axes = None if hasattr(argument, "__len__") else 0
    return None if axes is None else rank + int(axes)


def _message(name: str, type: Type, rank: int) -> str:
    meant = Type(type.element, rank)
    return (
        f"{name!r} is taken for {_words(type.rank)}, and {_words(rank)} is given; "
        f"signature='{name}: {meant}' says otherwise"
    )


def _words(rank: int) -> str:
    return f"an array of rank {rank}" if rank else "a number"
