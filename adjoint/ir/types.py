"""The types of values: an element kind and a rank (0 for a scalar)."""

from __future__ import annotations

from typing import Final, NamedTuple


class Type(NamedTuple):
    """``element`` is "float", "int" or "bool"; ``rank`` is 0 for a scalar.

    ``listed`` says of an array that it is a list of Python's, or nested lists.
    """

    element: str
    rank: int = 0
    listed: bool = False

    @property
    def real(self) -> bool:
        """Whether it is a float, or an array of floats: what derivatives are of."""
        return self.element == "float"

    @property
    def scalar(self) -> Type:
        """The type of one element."""
        return Type(self.element)

    def __str__(self) -> str:
        if self.listed:
            return "list[" * self.rank + self.element + "]" * self.rank
        return self.element + (
            "" if not self.rank else f"[{', '.join(':' * self.rank)}]"
        )


FLOAT: Final = Type("float")
INT: Final = Type("int")
BOOL: Final = Type("bool")

#: What a loop saves for its reverse: a stack of tuples of values.
STACK: Final = Type("stack")


def type_of(number: float | int | bool) -> Type:
    """The type of a Python number."""
    if isinstance(number, bool):
        return BOOL
    return INT if isinstance(number, int) else FLOAT
