"""Types from the first call: what the arguments of a call say of the parameters."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from adjoint.errors import OptionError
from adjoint.ir.types import Type
from adjoint.specialise import Split

_POSITIONAL = (
    inspect.Parameter.POSITIONAL_ONLY,
    inspect.Parameter.POSITIONAL_OR_KEYWORD,
)
_KINDS = {"f": "float", "i": "int", "u": "int", "b": "bool"}


def call_signature(
    function: Callable[..., Any],
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
    wanted: Sequence[str] | None,
    static: Mapping[str, Any] | None,
    vectors: bool = False,
) -> str:
    """The signature, ``"x: float[:], n: int"``, that the arguments of a call have.

    Whole numbers are floats for the parameters that are ``wanted`` (those that are
    differentiated by), and everywhere where no float is given and none is wanted. With
    ``vectors``, there are seeds or tangents behind the function's own arguments.
    Raises OptionError for arguments that are no numbers, or do not fit the function.
    """
    parameters = inspect.signature(function).parameters.values()
    given = [one for one in parameters if one.name not in (static or {})]
    if vectors:
        args = args[: sum(one.kind in _POSITIONAL for one in given)]
        names = {one.name for one in given}
        kwargs = {name: value for name, value in kwargs.items() if name in names}
    try:
        bound = inspect.Signature(given).bind(*args, **kwargs)
    except TypeError as error:
        raise OptionError(f"this call does not fit the function: {error}") from None
    types = {name: _type_of(name, value) for name, value in bound.arguments.items()}
    floats = any(type.real for type in types.values())
    for name, type in types.items():
        if type.element == "int" and (
            (wanted is None and not floats) or _in(name, wanted)
        ):
            types[name] = Type("float", type.rank)
    return ", ".join([f"{name}: {type}" for name, type in types.items()])


def _in(name: str, wanted: Sequence[str] | None) -> bool:
    return wanted is not None and name in wanted


def _type_of(name: str, value: Any) -> Type:
    if isinstance(value, bool):
        return Type("bool")
    if isinstance(value, int):
        return Type("int")
    if isinstance(value, float):
        return Type("float")
    import numpy as np

    array = np.asarray(value)
    element = _KINDS.get(array.dtype.kind)
    if element is None:
        raise OptionError(f"{name!r} is no number, and no array of numbers: {value!r}")
    return Type(element, array.ndim)


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
        types = call_signature(
            self._function, args, kwargs, self._wanted, self._static, self._vectors
        )
        return Split(types, {"signature": types}, args, kwargs)
