"""The parameters of a function that is read: of their types, or static."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from adjoint.errors import OptionError, did_you_mean
from adjoint.frontend.arrays.list_methods import set_apart
from adjoint.frontend.function.annotations import (
    KNOWN_TYPES,
    UNTOLD,
    UNTOLD_LIST,
    Declared,
    Rows,
    declared_type,
    may_be_tuple,
    parts_of,
)
from adjoint.frontend.function.declared import DeclaredIn
from adjoint.frontend.instances import as_tuple
from adjoint.frontend.python.by_use import UnknownRank
from adjoint.frontend.python.context import Context
from adjoint.frontend.python.item_shapes import name_parts
from adjoint.frontend.python.items import (
    NONE,
    Dictionary,
    Function,
    Item,
    described,
    is_list,
    is_word,
    kind_of,
    plain,
    tuple_of,
)
from adjoint.frontend.python.lowering import FunctionLowering
from adjoint.ir.builder import Builder
from adjoint.ir.form import flattened
from adjoint.ir.program import Packed, Value
from adjoint.ir.types import BOOL, FLOAT, INT, Type


@dataclass(frozen=True)
class KnownTypes:
    """What is known of the parameters: types that are ``given``, ``static`` values.

    By their use, some are ``whole`` numbers, and others have the types in ``used``.
    Lists of tuples are kept ``apart``, in a list for each place, where they cannot be
    lists of lists.
    """

    given: Mapping[str, Declared]
    static: Mapping[str, Any]
    whole: set[str]
    used: dict[str, Type]
    apart: bool = False


class Arguments:
    """The parameters of a function as it is read.

    ``kept`` are the names of those that the program has, ``packed`` the tuples among
    them, with the numbers, arrays and lists in them.
    """

    def __init__(
        self,
        context: Context,
        function: Function,
        types: KnownTypes,
        known: DeclaredIn,
    ):
        self.context, self.function, self.types = context, function, types
        #: the classes that annotations name
        self.known = known
        #: the lists of tuples, with their types and where they are declared
        self.rows: dict[str, tuple[Value, Rows, ast.arg]] = {}
        self.kept: list[str] = []
        self.packed: list[Packed] = []
        self._taken = {one.arg for one in self._declared()}

    def _declared(self) -> list[ast.arg]:
        arguments = self.function.node.args
        return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]

    def by_name(self) -> dict[str, Item]:
        """The parameters: those of the program, and those that are static."""
        text, types = self.function.text, self.types
        arguments = self.function.node.args
        for extra, sign in ((arguments.vararg, "*"), (arguments.kwarg, "**")):
            if extra is not None:
                message = f"`{sign}{extra.arg}` is not supported"
                raise text.error(extra, message, "name the parameters one by one")
        known = [one.arg for one in self._declared()]
        for name in (*types.static, *types.given):
            if name not in known:
                hint = did_you_mean(name, known) or f"there is: {', '.join(known)}"
                raise OptionError(f"{name!r} is not a parameter; {hint}")
        return {one.arg: self._argument(one) for one in self._declared()}

    def _argument(self, declared: ast.arg) -> Item:
        name = declared.arg
        if name in self.types.static:
            static = _static_item(self.context.builder, name, self.types.static[name])
            return self.known.with_classes(static, declared.annotation)
        default = self.function.defaults.get(name)
        if name not in self.types.given:
            if is_word(default) or isinstance(default, tuple | Dictionary):
                self.context.constants[name] = plain_item(default)
                return default
            self._check_default(declared)
        type = self.types.given.get(name) or self._annotated(declared)
        item = self._parameter(name, type, default)
        self.kept.append(name)
        if isinstance(item, tuple):
            form, parts = flattened(item)
            self.packed.append((name, form, tuple(parts)))
            self.context.tuples |= {str(part.name): name for part in parts}
        elif item.type.listed and may_be_tuple(declared.annotation):
            self.context.sequences.add(item)
        if isinstance(type, Rows):
            self.rows[name] = item, type, declared
        return item

    def apart(self, lowering: FunctionLowering) -> dict[str, Item]:
        """The lists of tuples that are kept in a list for each place in them.

        Those of a class are, whose parts have names; the others where that is asked.
        """
        found: dict[str, Item] = {}
        for name, (rows, type, declared) in self.rows.items():
            if self.types.apart or kind_of(type.row) is not None:
                found[name] = set_apart(lowering, declared, rows, type.row)
                name_parts(found[name], name)
        return found

    def _parameter(self, name: str, type: Declared, default: Item) -> Item:
        """A parameter of a type, which may be by use; of a tuple, one for each part."""
        parts = parts_of(type)
        if parts is not None:
            kind = kind_of(type)
            labels = range(len(parts)) if kind is None else kind.fields
            names = [self._free_name(f"{name}_{label}") for label in labels]
            pairs = zip(names, parts, strict=True)
            return tuple_of(kind, [self._parameter(*pair, None) for pair in pairs])
        builder = self.context.builder
        if isinstance(type, Type):
            return builder.parameter(name, Type(*type))
        used = INT if name in self.types.whole else self.types.used.get(name, FLOAT)
        if isinstance(default, Value) and default.type == BOOL:
            used = BOOL
        parameter = builder.parameter(name, used)
        if used.real:
            self.context.guessed[parameter] = None
        return parameter

    def _free_name(self, name: str) -> str:
        while name in self._taken:
            name += "_"
        self._taken.add(name)
        return name

    def _check_default(self, declared: ast.arg) -> None:
        default = self.function.defaults.get(declared.arg)
        if default is None or (
            isinstance(default, Value) and default.number is not None
        ):
            return
        message = f"the default of `{declared.arg}` is not a number"
        hint = f"give its value: `static={{{declared.arg!r}: ...}}`"
        raise self.function.text.error(declared, message, hint)

    def _annotated(self, declared: ast.arg) -> Declared:
        annotation = declared.annotation
        type = UNTOLD if annotation is None else declared_type(annotation, self.known)
        if type is not None and type is not UNTOLD_LIST:
            return type
        assert annotation is not None
        text, name = self.function.text, declared.arg
        if type is UNTOLD_LIST:
            message = f"it is not known of what rank the arrays in `{name}` are"
            hint = f'say signature="{name}: list[float[:, :]]", or tuple[float[:], ...]'
            raise UnknownRank(*text.error(annotation, message, hint).args)
        message = f"the type of `{name}` is not supported"
        refused = self.known.refused(annotation)
        if refused is not None:
            raise text.error(annotation, f"{message}: {refused.message}", refused.hint)
        raise text.error(annotation, message, f"{KNOWN_TYPES} is expected")


def plain_item(item: Item) -> Any:
    """A number, a text or None as Python has it; of a tuple, all of them."""
    if isinstance(item, tuple):
        return (list if is_list(item) else tuple)(map(plain_item, item))
    if isinstance(item, Dictionary):
        return {key: plain_item(part) for key, part in item.entries.items()}
    known = isinstance(item, Value) or is_word(item)
    return plain(item) if known else described(item)


def _static_item(builder: Builder, name: str, given: Any) -> Item:
    given = as_tuple(given)
    if isinstance(given, tuple):
        return tuple(_static_item(builder, name, part) for part in given)
    if given is None:
        return NONE
    if isinstance(given, str):
        return str(given)
    if isinstance(given, (int, float)):
        return builder.constant(given if isinstance(given, int) else float(given))
    raise OptionError(
        f"the static value of {name!r} is no number, text or None: {given!r}"
    )
