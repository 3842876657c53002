"""The types of values: an element kind and a rank (0 for a scalar)."""

from __future__ import annotations

from typing import Final, NamedTuple


class Type(NamedTuple):
    """``element`` is "float", "int" or "bool"; ``rank`` is 0 for a scalar.

    ``listed`` counts the axes, the first ones, that are lists of Python's: 0 for an
    array, 1 for a list of numbers or of arrays, 2 for one of lists.
    """

    element: str
    rank: int = 0
    listed: int = 0

    @property
    def real(self) -> bool:
        """Whether it is a float, or an array of floats: what derivatives are of."""
        return self.element == "float"

    @property
    def scalar(self) -> Type:
        """The type of one element."""
        return Type(self.element)

    @property
    def of_arrays(self) -> bool:
        """Whether it is a list, and what is in it are arrays of NumPy's."""
        return 0 < self.listed < self.rank

    @property
    def item(self) -> Type:
        """The type of an item, of what has some."""
        return Type(self.element, self.rank - 1, max(self.listed - 1, 0))

    def __str__(self) -> str:
        axes = ", ".join(":" * (self.rank - self.listed))
        inside = f"{self.element}[{axes}]" if axes else self.element
        return "list[" * self.listed + inside + "]" * self.listed


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
