"""Types from the first call: what the arguments of a call say of the parameters."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from adjoint.errors import OptionError
from adjoint.frontend.function.annotations import UNTOLD, Declared, parts_of, spelled
from adjoint.frontend.function.read import declared_parameters
from adjoint.frontend.instances import as_tuple, fields_of
from adjoint.frontend.python.items import RecordClass, kind_of, tuple_of
from adjoint.ir.types import Type
from adjoint.specialise import Split

_POSITIONAL = (
    inspect.Parameter.POSITIONAL_ONLY,
    inspect.Parameter.POSITIONAL_OR_KEYWORD,
)
_KINDS = {"f": "float", "i": "int", "u": "int", "b": "bool"}


def _is_told(said: Declared) -> bool:
    """Whether it is a list or a tuple, and of what is said."""
    if isinstance(said, Type):
        return said.listed > 0
    parts = parts_of(said)
    return parts is not None and all(
        isinstance(part, Type) or _is_told(part) for part in parts
    )


def _parts(type: Declared) -> Iterator[Type]:
    if isinstance(type, Type):
        yield type
    for part in parts_of(type) or ():
        yield from _parts(part)


def _in_floats(type: Declared) -> Declared:
    """The type, with floats for whole numbers."""
    parts = parts_of(type)
    if parts is not None:
        return tuple_of(kind_of(type), map(_in_floats, parts))
    whole = isinstance(type, Type) and type.element == "int"
    return type._replace(element="float") if whole else type  # type: ignore[union-attr]


def _type_of(name: str, value: Any, said: Declared) -> Declared:
    """The type of a value; of what is no array, that of what is in it.

    What is ``said`` may be that it is a list of arrays, or a tuple.
    """
    if isinstance(value, bool):
        return Type("bool")
    if isinstance(value, int):
        return Type("int")
    if isinstance(value, float):
        return Type("float")
    is_row = isinstance(value, list | tuple)
    if is_row and said is not UNTOLD:
        return _type_of_items(name, value, said)
    import numpy as np

    try:
        array = np.asarray(value)
    except ValueError:  # its rows are not of one length
        if not is_row:
            raise
        return _type_of_items(name, value, said)
    element = _KINDS.get(array.dtype.kind)
    if element is None:
        raise OptionError(f"{name!r} is no number, and no array of numbers: {value!r}")
    return Type(element, array.ndim)


def _type_of_items(name: str, items: Sequence[Any], said: Declared) -> Declared:
    """A list of arrays of one rank, of any shapes; else a tuple of so many parts."""
    inside = parts_of(said) or ()
    if kind_of(said) is None or len(inside) != len(items):
        inside = (UNTOLD,) * len(items)
    types = tuple(_type_of(name, *pair) for pair in zip(items, inside, strict=True))
    first = types[0] if len(set(types)) == 1 else None
    if isinstance(items, list) and isinstance(first, Type) and first.rank:
        return Type(first.element, first.rank + 1, 1)
    return tuple_of(kind_of(said), types)


class CallTypes:
    """Splits calls by the types of their arguments.

    ``wrt`` are the parameters that are differentiated by, None for all that are floats;
    ``vectors`` says whether seeds or tangents stand behind the arguments.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        wrt: str | Sequence[str] | None,
        static: Mapping[str, Any],
        vectors: bool = False,
    ):
        self._function = function
        self._vectors = vectors
        self._wanted = wrt.replace(",", " ").split() if isinstance(wrt, str) else wrt
        self._static = static

    def __call__(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Split:
        """Split a call. Raises OptionError for arguments that do not fit."""
        types = self._signature(args, kwargs)
        return Split(types, {"signature": types}, args, kwargs)

    @cached_property
    def _given(self) -> list[inspect.Parameter]:
        """The parameters that calls give."""
        parameters = inspect.signature(self._function).parameters.values()
        return [one for one in parameters if one.name not in self._static]

    @cached_property
    def _said(self) -> Mapping[str, Declared]:
        """What the function says of its parameters; it is read once, not per call."""
        return declared_parameters(self._function).types

    def _said_of(self, name: str, value: Any) -> Declared:
        """What is said of a parameter, by the function or by the class of its value."""
        said = self._said.get(name, UNTOLD)
        kind = type(value)
        fields = fields_of(kind)
        seen = getattr(self._function, "__globals__", {}).get(kind.__name__) is kind
        if said is not UNTOLD or not fields or not seen:
            return said
        return tuple_of(RecordClass(kind.__name__, fields), [UNTOLD] * len(fields))

    def _signature(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> str:
        """The signature, ``"x: float[:], n: int"``, that the arguments of a call have.

        Whole numbers are floats for the parameters that are differentiated by, and
        everywhere where no float is given and none is asked for. Raises OptionError
        for arguments that are no numbers, or do not fit the function.
        """
        if self._vectors:  # seeds or tangents stand behind the function's own
            args = args[: sum(one.kind in _POSITIONAL for one in self._given)]
            names = {one.name for one in self._given}
            kwargs = {name: value for name, value in kwargs.items() if name in names}
        try:
            bound = inspect.Signature(self._given).bind(*args, **kwargs)
        except TypeError as error:
            message = f"this call does not fit the function: {error}"
            raise OptionError(message) from None
        types = {
            name: _type_of(name, as_tuple(value), self._said_of(name, value))
            for name, value in bound.arguments.items()
            if not _is_told(self._said.get(name, UNTOLD))
        }
        wanted: Collection[str] | None = self._wanted
        if wanted is None:
            real = any(one.real for type in types.values() for one in _parts(type))
            wanted = () if real else types
        found = {
            name: _in_floats(type) if name in wanted else type
            for name, type in types.items()
        }
        return ", ".join([f"{name}: {spelled(type)}" for name, type in found.items()])
