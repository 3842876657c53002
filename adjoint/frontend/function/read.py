"""Python functions: from a function object, or a function of a file, to a `Program`."""

from __future__ import annotations

import ast
import functools
import keyword
import sys
import textwrap
import types
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from adjoint.errors import AdjointError, OptionError, Source, SourceError, did_you_mean
from adjoint.frontend.function.annotations import (
    Declared,
    declared_type,
    signature_types,
)
from adjoint.frontend.function.declared import DeclaredIn
from adjoint.frontend.function.file_scope import FileScope, open_file
from adjoint.frontend.function.live_scope import live_function
from adjoint.frontend.function.none_first import Key, NoneFirst
from adjoint.frontend.function.parameters import Arguments, KnownTypes, plain_item
from adjoint.frontend.function.source import source_of
from adjoint.frontend.function.statements import Frame
from adjoint.frontend.python.by_use import IntParameter, ParameterTypes, UnknownRank
from adjoint.frontend.python.context import Context
from adjoint.frontend.python.item_shapes import is_numeric, shape_of
from adjoint.frontend.python.items import (
    Columns,
    Dictionary,
    Item,
    Refused,
    described,
    is_word,
)
from adjoint.frontend.python.text import Text
from adjoint.ir.builder import Builder
from adjoint.ir.form import Form, flattened
from adjoint.ir.program import Program, Value
from adjoint.ir.scalar_replacement import with_scalars
from adjoint.ir.types import Type
from adjoint.ir.undefined import define_what_is_passed_on
from adjoint.rules.operation import Operation

Number = float | int | bool
Static = Mapping[str, Number | str | tuple[Any, ...] | None]

#: Calls of calls are lowered by calls of our own.
_RECURSION = 50_000


@dataclass(frozen=True)
class InText:
    """A function by its name, of a text that is read as a file is."""

    source: Source
    name: str


#: A function object, ``path/to/file.py:function``, or one of a text.
Readable = Callable[..., Any] | str | InText


def read_function(
    source: Readable,
    *,
    name: str | None = None,
    signature: str | None = None,
    static: Static | None = None,
    unroll: bool | int = 0,
    functions: Mapping[str, Operation] | None = None,
) -> Program:
    """The program of a Python function.

    ``source`` is a function object, ``"path/to/file.py:function"`` or one of a text.
    ``signature``
    gives types (``"x: float, n: int"``) that the annotations do not; ``static`` gives
    parameters their values, which are then no parameters of the program; literal
    ranges of up to ``unroll`` numbers are unrolled (True: all). ``functions`` are what
    names mean that mean nothing else. Raises SourceError, with the place, for whatever
    is not in the language.
    """
    longest = float("inf") if unroll is True else float(unroll)
    whole: set[str] = set()
    used: dict[str, Type] = {}
    none_first: dict[Key, frozenset[str]] = {}
    flagged: list[NoneFirst] = []
    refusal: SourceError | None = None  # with lists of tuples as lists of lists
    with _deep_recursion():
        while True:
            reading = _Reading(
                source, signature or "", dict(static or {}), longest, whole, used
            )
            reading.types = replace(reading.types, apart=refusal is not None)
            reading.context.own = functions or {}
            reading.context.none_first = none_first
            try:
                return reading.program(name)
            except IntParameter as found:
                whole |= found.names
            except ParameterTypes as found:
                used |= found.types
            except NoneFirst as found:
                names = none_first.get(found.key, frozenset())
                none_first[found.key] = names | {found.name}
                flagged.append(found)
            except SourceError as error:
                for one in flagged:
                    if one.refuses(error) and not isinstance(error, UnknownRank):
                        raise one.refusal from None
                if refusal is not None:
                    raise refusal from None
                if not reading.rows or isinstance(error, UnknownRank):
                    raise
                refusal = error


@dataclass(frozen=True)
class Parameters:
    """A function's name, its parameters, and those defaults that may be static.

    ``types`` are the types that annotations say.
    """

    name: str
    positional: tuple[str, ...]
    keyword_only: tuple[str, ...]
    defaults: Mapping[str, Any]
    types: Mapping[str, Declared]


def declared_parameters(source: Callable[..., Any] | str) -> Parameters:
    """The parameters of a Python function, a function object or one of a file."""
    reading = _Reading(source, "", {}, 0, set(), {})
    function = reading.function
    if isinstance(function, Refused):
        raise AdjointError(f"{function.message}; {function.hint}")
    arguments = function.node.args
    positional = [*arguments.posonlyargs, *arguments.args]
    every = [*positional, *arguments.kwonlyargs]
    said = {one.arg: one.annotation for one in every if one.annotation is not None}
    types = {name: declared_type(one, reading.known) for name, one in said.items()}
    return Parameters(
        function.name,
        tuple(one.arg for one in positional),
        tuple(one.arg for one in arguments.kwonlyargs),
        {
            name: plain_item(item)
            for name, item in function.defaults.items()
            if is_word(item)
            or (is_numeric(shape_of(item)) and not isinstance(item, Dictionary))
        },
        {name: type for name, type in types.items() if type is not None},
    )


class _Reading:
    """One reading of a function, with some parameters known to be whole numbers."""

    def __init__(
        self,
        source: Readable,
        signature: str,
        static: dict[str, Any],
        unroll: float,
        whole: set[str],
        used: dict[str, Type],
    ):
        text, find = _found(source)
        builder = Builder(text.source)
        builder.place = -1
        self.context = Context(builder, text, unroll)
        frame = Frame(self.context, text, _NO_SCOPE)
        self.function = find(frame)
        scope = getattr(self.function, "scope", _NO_SCOPE)
        #: the classes that annotations name
        self.known = DeclaredIn(scope, frame, text.tree)
        given = signature_types(signature, self.known) if signature else {}
        self.types = KnownTypes(given, static, whole, used)
        #: whether any parameter is a list of tuples
        self.rows = False

    def program(self, name: str | None) -> Program:
        """The program; raises IntParameter to be read again."""
        function, context = self.function, self.context
        if isinstance(function, Refused):
            raise AdjointError(f"{function.message}; {function.hint}")
        made = Arguments(context, function, self.types, self.known)
        arguments = made.by_name()
        frame = Frame(context, function.text, function.scope)
        self.rows = bool(made.rows)
        arguments |= made.apart(frame)
        context.active.append((function.node, 0))
        result = frame.run(function, arguments)
        form, values = self._results(result)
        program = context.builder.finish(name or self._name(), *values)
        define_what_is_passed_on(program.body, context.returned)
        kept = made.kept
        keyword_only = {one.arg for one in function.node.args.kwonlyargs}
        whole = replace(
            program,
            form=form,
            packed=tuple(made.packed),
            defaults=self._defaults(kept, keyword_only),
            keyword_only=tuple(name for name in kept if name in keyword_only),
            numpy=context.numpy,
            constants=tuple(context.constants.items()),
            written=self._written(),
        )
        return with_scalars(whole)

    def _defaults(
        self, names: list[str], keyword_only: set[str]
    ) -> tuple[tuple[str, Number], ...]:
        """The defaults that parameters keep: none in front of one that has none."""
        defaults = self.function.defaults
        found: dict[str, Number] = {}
        for name in names:
            default = defaults.get(name)
            if isinstance(default, Value) and default.number is not None:
                found[name] = default.number
            elif name not in keyword_only:
                found = {one: found[one] for one in found if one in keyword_only}
        return tuple(found.items())

    def _written(self) -> str:
        """The text of the function, at the margin."""
        function = self.function
        text = function.text.source.text
        segment = ast.get_source_segment(text, function.node, padded=True) or ""
        return textwrap.dedent(segment)

    def _name(self) -> str:
        name = self.function.name
        return name if name.isidentifier() and not keyword.iskeyword(name) else "f"

    def _results(self, result: Item) -> tuple[Form, list[Value]]:
        form, results = flattened(result)
        for item in results:
            if isinstance(item, Refused):
                raise self._error(item.message, item.hint)
            if not isinstance(item, Value):
                raise self._bad_result(described(item))
        if not results:
            raise self._bad_result("no number")
        return form, results

    def _bad_result(self, what: str) -> AdjointError:
        message = f"`{self._name()}` returns {'nothing' if what == 'None' else what}"
        hint = "a number is expected, or a tuple of numbers"
        if what == described(Columns([])):
            hint = "return a tuple of lists, one for each place in the tuples"
        return self._error(message, hint)

    def _error(self, message: str, hint: str | None) -> AdjointError:
        start = self.function.text.start(self.function.node)
        source = self.function.text.source
        return source.error(start, start + 3, message, hint)


class _NoScope:
    name = ""
    ours = False

    def find(self, name: str, reader: Any, node: Any) -> None:
        """Nothing is known."""

    def annotation(self, name: str) -> None:
        """Nothing is known."""


_NO_SCOPE = _NoScope()


def _found(source: Any) -> tuple[Text, Callable[[Frame], Any]]:
    """The text that a function stands in, and how to get at the function."""
    if isinstance(source, str):
        return _in_file(source)
    if isinstance(source, InText):
        return _in_scope(FileScope(source.source), source.name)
    if isinstance(source, functools._lru_cache_wrapper):
        source = source.__wrapped__
    if not isinstance(source, types.FunctionType):
        raise OptionError(
            f"a Python function is expected, not {type(source).__name__}: "
            "a `def`, a `lambda`, or path/to/file.py:function"
        )
    text, _ = source_of(source)
    return text, lambda reader: live_function(source, reader)


def _in_file(source: str) -> tuple[Text, Callable[[Frame], Any]]:
    path, colon, name = source.rpartition(":")
    if not colon or not name.isidentifier():
        raise OptionError(f"{source!r} is not of the form path/to/file.py:function")
    scope = open_file(Path(path).absolute(), path)
    if name not in scope.functions:
        known = scope.functions
        hint = did_you_mean(name, known)
        hint = hint or f"it defines: {', '.join(known) or 'none'}"
        raise AdjointError(f"{path} defines no function {name!r}; {hint}")
    return _in_scope(scope, name)


def _in_scope(scope: FileScope, name: str) -> tuple[Text, Callable[[Frame], Any]]:
    return scope.text, lambda reader: _function_of(scope, name, reader)


def _function_of(scope: FileScope, name: str, reader: Frame) -> Any:
    return scope.find(name, reader, scope.text.tree.body[0])


@contextmanager
def _deep_recursion() -> Iterator[None]:
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, _RECURSION))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)
