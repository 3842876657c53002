"""Where the names of a function object are found: in its closure and its globals.

They are looked up, and nothing is called or evaluated.
"""

from __future__ import annotations

import ast
import functools
import sys
import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from adjoint.frontend.arrays.holders import note_outside
from adjoint.frontend.function import builtins
from adjoint.frontend.function.data_classes import (
    Part,
    is_data_class,
    live_parts,
    own_of,
)
from adjoint.frontend.function.records import class_refused, special_refused
from adjoint.frontend.function.source import source_of
from adjoint.frontend.python.items import (
    BROUGHT,
    NONE,
    Builtin,
    Derived,
    Dictionary,
    Function,
    Item,
    ListItem,
    Module,
    Own,
    Partial,
    RecordClass,
    Refused,
    tuple_of,
)
from adjoint.frontend.python.lowering import FunctionLowering
from adjoint.frontend.python.refusals import CLASSES, module_refusal
from adjoint.ir.program import Program
from adjoint.rules.operation import OwnOperation

#: Stands for a type that is not said.
_NOTHING = object()
#: Arrays of the module of more numbers are not written into the generated one.
_LARGEST_ARRAY = 10_000


#: A class with nothing of its own: what every `NamedTuple` has.
class _PLAIN(typing.NamedTuple):
    pass


class LiveScope:
    """The names that a function object sees: its closure, then its globals."""

    ours = False

    def __init__(self, name: str, cells: dict[str, Any], names: dict[str, Any]):
        self.name = name
        self._cells = cells
        self._names = names

    def find(self, name: str, reader: FunctionLowering, node: Any) -> Item | None:
        """See `Scope`."""
        for names in (self._cells, self._names):
            if name in names:
                item = live_item(names[name], name, reader)
                reader.context.note_constant(name, item)
                note_outside(reader.context, item)
                return item
        return None

    def annotation(self, name: str) -> ast.expr | None:
        """See `Scope`."""
        thing = self._cells.get(name, self._names.get(name))
        is_type = typing.get_origin(thing) is not None or thing in (float, int, bool)
        return _annotation(thing) if is_type else None


class _LiveEntries(Mapping[Any, Item]):
    """The entries of a dictionary, each looked at when it is asked for."""

    def __init__(self, entries: dict[Any, Any], name: str, reader: FunctionLowering):
        self._entries = entries
        self._name = name
        self._reader = reader

    def __getitem__(self, key: Any) -> Item:
        name = f"{self._name}[{key!r}]"
        item = live_item(self._entries[key], name, self._reader)
        note_outside(self._reader.context, item)
        return item

    def __iter__(self) -> Iterator[Any]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


def live_item(thing: Any, name: str, reader: FunctionLowering) -> Item:
    """What an object of the running program is to us."""
    operation = getattr(thing, "operation", None)
    if isinstance(operation, OwnOperation):
        return Own(operation)
    if thing is None:
        return NONE
    if isinstance(thing, str):
        return str(thing)
    if isinstance(thing, dict):
        return Dictionary(_LiveEntries(thing, name, reader))
    if isinstance(thing, tuple):
        of = None if type(thing) is tuple else _live_class(type(thing), reader)
        if isinstance(of, Refused):
            return of
        return tuple_of(of, [live_item(part, name, reader) for part in thing])
    if type(thing) in (int, bool):
        return reader.builder.constant(thing)
    if isinstance(thing, float):
        return reader.builder.constant(float(thing))
    if type(thing).__module__ == "numpy" and hasattr(thing, "tolist"):
        return _constant_array(thing, name, reader)
    if isinstance(thing, list):
        return ListItem([live_item(part, name, reader) for part in thing])
    if isinstance(thing, types.ModuleType) and thing.__name__ in BROUGHT:
        return BROUGHT[thing.__name__]
    message, hint = module_refusal(_module_of(thing))
    if hint is not None:
        return Refused(message, hint)
    if isinstance(thing, types.ModuleType):
        return Module(thing.__name__, LiveScope(thing.__name__, {}, vars(thing)))
    if isinstance(thing, functools.partial):
        parts = [live_item(part, name, reader) for part in thing.args]
        given = {
            key: live_item(one, name, reader) for key, one in thing.keywords.items()
        }
        return Partial(live_item(thing.func, name, reader), tuple(parts), given)
    if isinstance(thing, functools._lru_cache_wrapper):
        found = live_item(thing.__wrapped__, name, reader)
        return replace(found, kept=True) if isinstance(found, Function) else found
    numpy_function = _of_numpy(thing)
    if numpy_function is not None:
        return numpy_function
    if isinstance(thing, types.FunctionType):
        if thing.__module__ == "dataclasses":
            return Refused(f"`dataclasses.{thing.__name__}` is not supported")
        return live_function(thing, reader)
    if isinstance(thing, types.BuiltinFunctionType) and _is_brought(thing):
        module = "math" if thing.__module__ == "math" else "builtins"
        if builtins.is_known(module, thing.__name__):
            return Builtin(module, thing.__name__)
    if isinstance(thing, type):
        return _live_class(thing, reader) or _class_refused(thing, name)
    program = getattr(thing, "unwritten", None)
    if isinstance(program, Program):
        return Derived(name, program)
    if is_data_class(type(thing)):
        of = _live_class(type(thing), reader)
        if not isinstance(of, RecordClass):
            return of
        parts = [getattr(thing, field) for field in of.fields]
        return tuple_of(of, [live_item(part, name, reader) for part in parts])
    kind = type(thing).__name__
    return Refused(f"`{name}` is not supported here: it is of type {kind}")


def _live_class(kind: type, reader: FunctionLowering) -> RecordClass | Refused | None:
    """A class that is a `NamedTuple` or a dataclass; None for any other."""
    fields = getattr(kind, "_fields", None)
    parts: list[Part] | Refused
    if is_data_class(kind):
        parts, own = live_parts(kind), own_of(kind)
    elif kind.__bases__ == (tuple,) and isinstance(fields, tuple):
        parts = _named_parts(kind)
        own = {n: one for n, one in vars(kind).items() if n not in vars(_PLAIN)}
    else:
        return None
    if isinstance(parts, Refused):
        return parts
    properties = {n: one.fget for n, one in own.items() if isinstance(one, property)}
    methods = {
        name: one
        for name, one in {**own, **properties}.items()
        if isinstance(one, types.FunctionType)
    }
    refused = special_refused(kind.__name__, methods)
    if refused is not None:
        return refused
    written = {one.name: _annotation(one.annotation) for one in parts}
    module = sys.modules.get(kind.__module__)
    return RecordClass(
        kind.__name__,
        tuple(one.name for one in parts),
        {name: one for name, one in written.items() if one is not None},
        LiveScope(kind.__module__, {}, {} if module is None else vars(module)),
        {o.name: live_item(o.default[0], o.name, reader) for o in parts if o.default},
        {name: live_function(one, reader) for name, one in methods.items()},
        frozenset(properties),
        is_data_class(kind),
        not is_data_class(kind) or vars(kind)["__dataclass_params__"].frozen,
        frozenset(one.name for one in parts if one.by_name),
    )


def _named_parts(kind: Any) -> list[Part]:
    """The parts of a `NamedTuple`."""
    annotations = getattr(kind, "__annotations__", {})
    defaults = getattr(kind, "_field_defaults", {})
    return [
        Part(
            name,
            annotations.get(name, _NOTHING),
            (defaults[name],) if name in defaults else None,
            False,
        )
        for name in kind._fields
    ]


def _annotation(said: Any) -> ast.expr | None:
    """A type as it is written; None where there is none."""
    if said is _NOTHING:
        return None
    try:
        return ast.parse(_written(said), mode="eval").body
    except SyntaxError:
        return None


def _written(said: Any) -> str:
    """The text of a type: ``list[State]``, whatever module `State` is of."""
    said = getattr(said, "__forward_arg__", said)
    if isinstance(said, types.UnionType):
        return " | ".join(map(_written, said.__args__))
    origin = typing.get_origin(said)
    if origin is not None:
        parts = ", ".join(map(_written, typing.get_args(said)))
        return f"{_written(origin)}[{parts}]"
    if isinstance(said, type):
        return said.__name__
    return said if isinstance(said, str) else "..." if said is ... else repr(said)


def _class_refused(kind: type, name: str) -> Refused:
    hint = CLASSES.get(f"{kind.__module__}.{kind.__name__}")
    if hint is None:
        return class_refused(name)
    return Refused(f"`{name}` is not supported", hint)


def _module_of(thing: Any) -> str:
    """The name of a module, or of that which a function is of."""
    if isinstance(thing, types.ModuleType):
        return thing.__name__
    functions = (types.FunctionType, types.BuiltinFunctionType)
    return str(thing.__module__) if isinstance(thing, functions) else ""


def _constant_array(thing: Any, name: str, reader: FunctionLowering) -> Item:
    """An array of the module, or a number of NumPy's, taken in as it is now."""
    kinds = {"f": "float", "i": "int", "u": "int", "b": "bool"}
    element = kinds.get(thing.dtype.kind)
    if element is None:
        return Refused(f"`{name}` is an array of {thing.dtype}, not of numbers")
    if thing.size > _LARGEST_ARRAY:
        message = f"`{name}` is an array of {thing.size} numbers, too many to take in"
        return Refused(message, "make it a parameter")
    if not thing.ndim:
        return reader.builder.constant(thing.item())
    attributes = (_nested(thing.tolist()), element)
    return reader.builder.emit("array", attributes=attributes)


def _nested(numbers: Any) -> Any:
    return tuple(map(_nested, numbers)) if isinstance(numbers, list) else numbers


def _of_numpy(thing: Any) -> Builtin | None:
    """A function of NumPy, SciPy or itertools, where it is known."""
    if not callable(thing):
        return None
    module = str(getattr(thing, "__module__", None) or type(thing).__module__)
    name = getattr(thing, "__name__", "")
    module = module.lstrip("_")  # functools.reduce is of `_functools`
    while module:  # `scipy.special` has it from `scipy.special._logsumexp`
        brought = module in BROUGHT and module != "math"
        if brought and builtins.is_known(module, name):
            return Builtin(module, name)
        module = module.rpartition(".")[0]
    special = sys.modules.get("scipy.special")
    known = builtins.is_known("scipy.special", name)
    if known and getattr(special, name, None) is thing:  # which says it is NumPy's
        return Builtin("scipy.special", name)
    return None


def _is_brought(thing: Any) -> bool:
    return thing.__module__ in ("math", "builtins")


def live_function(function: types.FunctionType, reader: FunctionLowering) -> Function:
    """A function object, by its source, its globals and its closure."""
    text, node = source_of(function)
    names, cells = function.__code__.co_freevars, function.__closure__ or ()
    closure: dict[str, Any] = {}
    for name, cell in zip(names, cells, strict=True):
        try:
            closure[name] = cell.cell_contents
        except ValueError:  # nothing is assigned to it yet
            continue
    scope = LiveScope(text.source.name, closure, function.__globals__)
    defaults = {
        name: live_item(thing, name, reader)
        for name, thing in live_defaults(function).items()
    }
    return Function(function.__name__, node, text, scope, None, defaults)


def live_defaults(function: types.FunctionType) -> dict[str, Any]:
    """The defaults of a function object by the names of the parameters."""
    code, given = function.__code__, function.__defaults__ or ()
    names = code.co_varnames[: code.co_argcount]
    found = dict(zip(names[len(names) - len(given) :], given, strict=True))
    return found | (function.__kwdefaults__ or {})
