"""Derivatives whose program depends on the call: one is made for each key, and kept.

What a call is keyed by is for a `Splitter` to say: the values of the parameters that
were named as static (JAX's ``static_argnames``), or the types of the arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adjoint.errors import AdjointError, OptionError, did_you_mean
from adjoint.frontend.instances import as_tuple


@dataclass(frozen=True)
class Split:
    """A call, split into what the program depends on and what it is called with.

    ``key`` is equal for calls of one program, ``options`` are those to make it with.
    """

    key: Hashable
    options: Mapping[str, Any]
    args: Sequence[Any]
    kwargs: Mapping[str, Any]


Splitter = Callable[[Sequence[Any], Mapping[str, Any]], Split]


class PerCall:
    """A derivative that is made when it is called, once for each key of its calls.

    ``make`` makes it with the options of a `Split`; ``why`` says in words what it
    depends on. While there is just one, attributes (``source``, ``check`` ...) are its
    own; ``unknown`` is the error of asking for one before there is any.
    """

    def __init__(
        self,
        make: Callable[..., Any],
        split: Splitter,
        why: str,
        unknown: AdjointError | None = None,
    ):
        self._make = make
        self._split = split
        self._why = why
        self._unknown = unknown
        self._made: dict[Hashable, Any] = {}

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The derivative at a point. Raises TypeError for a call that does not fit."""
        call = self._split(args, kwargs)
        return self._derivative(call)(*call.args, **call.kwargs)

    def pattern(self, *args: Any, **kwargs: Any) -> Any:
        """Where the entries of a sparse derivative stand for such a call."""
        call = self._split(args, kwargs)
        return self._derivative(call).pattern(*call.args, **call.kwargs)

    def specialised(self, *args: Any, **kwargs: Any) -> Any:
        """The derivative that such a call is for; only what decides has to be given."""
        return self._derivative(self._split(args, kwargs))

    def __repr__(self) -> str:
        return f"<derivative that depends on {self._why}: {len(self._made)} made>"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if len(self._made) == 1:
            (only,) = self._made.values()
            return getattr(only, name)
        if self._unknown is not None and not self._made:
            raise self._unknown
        raise OptionError(
            f"`{name}` depends on {self._why}: "
            f"ask `specialised(...)` for the derivative of one call"
        )

    def _derivative(self, call: Split) -> Any:
        made = self._made.get(call.key)
        if made is None:
            made = self._made[call.key] = self._make(**call.options)
        return made


class StaticNames:
    """Splits calls by the values of parameters that are static, given by name.

    Raises OptionError for a name that is no parameter of the function, or stands twice.
    """

    def __init__(self, source: Any, names: Sequence[str]):
        from adjoint.frontend.function.read import declared_parameters

        declared = declared_parameters(source)
        known = (*declared.positional, *declared.keyword_only)
        for name in names:
            if name not in known:
                hint = did_you_mean(name, known) or f"there is: {', '.join(known)}"
                raise OptionError(f"{name!r} is not a parameter; {hint}")
            if list(names).count(name) > 1:
                raise OptionError(f"the parameter {name!r} is given twice")
        self._names = tuple(names)
        self._declared = declared

    @property
    def why(self) -> str:
        """What the program depends on, in words."""
        return f"the value of {', '.join(self._names)}"

    def __call__(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Split:
        """Split a call. Raises TypeError as Python does for a call that does not fit,
        OptionError for a static value that is not of numbers."""
        declared, names = self._declared, self._names
        given: dict[str, Any] = {}
        others: list[Any] = []
        for at, argument in enumerate(args):
            known = at < len(declared.positional)
            if known and declared.positional[at] in names:
                given[declared.positional[at]] = argument
            else:
                others.append(argument)
        by_name = dict(kwargs)
        for name in names:
            if name in by_name and name in given:
                raise TypeError(f"{declared.name}() got two values for {name!r}")
            if name in by_name:
                given[name] = by_name.pop(name)
            elif name not in given:
                if name not in declared.defaults:
                    message = f"{declared.name}() misses its static argument {name!r}"
                    raise TypeError(message)
                given[name] = declared.defaults[name]
        static = {name: _plain(name, given[name]) for name in names}
        key = tuple(_key(value) for value in static.values())
        return Split(key, {"static": static}, others, by_name)


def _plain(name: str, value: Any) -> Any:
    """A static value as Python's own numbers, in tuples."""
    value = as_tuple(value)
    if isinstance(value, tuple):
        return tuple(_plain(name, part) for part in value)
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return float(value)
    if hasattr(value, "__index__"):  # a whole number of NumPy's
        return value.__index__()
    kind = type(value).__name__
    hint = "give a tuple" if isinstance(value, list) else "numbers, texts, None, tuples"
    message = f"the static argument {name!r} is of type {kind}"
    raise OptionError(f"{message}, which cannot be static; {hint}")


def _key(value: Any) -> Hashable:
    """Equal for the same static value only: 1, 1.0 and True differ; 0.0 and -0.0."""
    if isinstance(value, tuple):
        return tuple(map(_key, value))
    return type(value), value.hex() if isinstance(value, float) else value
