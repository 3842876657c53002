"""Instances of dataclasses as tuples of their parts, as generated functions take them.

The arrays and lists in them stay the same objects. Nothing of the class is called.
"""

from __future__ import annotations

from typing import Any


def fields_of(kind: type) -> tuple[str, ...] | None:
    """The names of the parts of a dataclass, or a `NamedTuple`; None for all else."""
    fields = getattr(kind, "__dataclass_fields__", None)
    return tuple(fields) if fields is not None else getattr(kind, "_fields", None)


def as_tuple(value: Any) -> Any:
    """The value, with tuples for instances of dataclasses, also those in it."""
    fields = getattr(type(value), "__dataclass_fields__", None)
    if fields is not None:
        return tuple(as_tuple(getattr(value, name)) for name in fields)
    if type(value) is list and value and isinstance(value[0], int | float):
        return value  # a long list of numbers is not gone through
    if type(value) is list or isinstance(value, tuple):
        parts = list(map(as_tuple, value))
        if any(a is not b for a, b in zip(parts, value, strict=True)):
            return parts if isinstance(value, list) else tuple(parts)
    return value
