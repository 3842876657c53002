"""What the decimals in a text mean: the simplest number that Python reads the same."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any

#: A float of more digits may be the rounded result of a computation ...
_SHORT = 12
#: ... and one of still more surely is.
_LONG = 15
#: A fraction is simple where the product of its two numbers is below this.
_SIMPLE = 10**12
#: Whole numbers of more bits are not worth the time.
_LARGEST_BITS = 100_000


@lru_cache(maxsize=10_000)
def exact(number: float) -> Fraction:
    """The number that a finite float stands for.

    The decimal as it is written where it is short, or a simple fraction that Python
    reads as this very float; the float itself otherwise.

    >>> exact(0.1), exact(0.3333333333333333), exact(1e23) == 10**23
    (Fraction(1, 10), Fraction(1, 3), True)
    """
    digits = _digits(number)
    simple = _simple(number) if digits > _SHORT else None
    if simple is not None:
        return simple
    return Fraction(number) if digits > _LONG else Fraction(repr(number))


@lru_cache(maxsize=10_000)
def is_rounded(number: float) -> bool:
    """Whether the float may be a rounded result and mean a number beside it.

    >>> is_rounded(0.1), is_rounded(0.3333333333333333), is_rounded(0.1 + 0.2)
    (False, False, True)
    """
    return _digits(number) > _SHORT and _simple(number) is None


def is_too_large(operation: str, operands: Sequence[Any]) -> bool:
    """Whether the operation would make a whole number that takes long to compute."""
    if operation not in ("pow", "power", "lshift"):
        return False
    a, b = operands
    if not (isinstance(a, int) and isinstance(b, int)):
        return False
    bits = a.bit_length() + b if operation == "lshift" else a.bit_length() * b
    return bits > _LARGEST_BITS


def _digits(number: float) -> int:
    return len(repr(number).partition("e")[0].replace(".", "").strip("-0"))


def _simple(number: float) -> Fraction | None:
    fraction = Fraction(number).limit_denominator(10**6)
    simple = abs(fraction.numerator) * fraction.denominator < _SIMPLE
    return fraction if simple and float(fraction) == number else None
