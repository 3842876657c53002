"""The types of values: an element kind and a rank (0 for a scalar)."""

from __future__ import annotations

from typing import NamedTuple


class Type(NamedTuple):
    """``element`` is "float", "int" or "bool"; ``rank`` is 0 for a scalar."""

    element: str
    rank: int = 0

    @property
    def real(self) -> bool:
        """Whether it is a float, or an array of floats: what derivatives are of."""
        return self.element == "float"

    @property
    def scalar(self) -> Type:
        """The type of one element."""
        return Type(self.element)

    def __str__(self) -> str:
        return self.element + (
            "" if not self.rank else f"[{', '.join(':' * self.rank)}]"
        )


FLOAT = Type("float")
INT = Type("int")
BOOL = Type("bool")

#: What a loop saves for its reverse: a stack of tuples of values.
STACK = Type("stack")


def type_of(number: float | int | bool) -> Type:
    """The type of a Python number."""
    if isinstance(number, bool):
        return BOOL
    return INT if isinstance(number, int) else FLOAT
