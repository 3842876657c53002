"""Dataclasses: what their text, or the class itself, says of their parts."""

from __future__ import annotations

import ast
import dataclasses
import reprlib
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from adjoint.frontend.arrays.holders import held
from adjoint.frontend.function.annotations import type_written
from adjoint.frontend.function.records import with_others
from adjoint.frontend.python.call import Call
from adjoint.frontend.python.items import (
    Builtin,
    Item,
    Record,
    Refused,
    described,
    is_instance,
)

#: What a decorator and an import are called in full.
Origin = Callable[[ast.expr], str]

DECORATOR = "dataclasses.dataclass"
#: The options of the decorator and of `field` that say nothing of how parts are given,
#: or are looked at. Instances are not compared here.
_OPTIONS = frozenset(("repr", "eq", "order", "unsafe_hash", "frozen", "match_args"))
_OPTIONS |= {"slots", "weakref_slot", "kw_only"}
_FIELD_OPTIONS = frozenset(("default", "repr", "hash", "compare", "metadata"))
_FIELD_OPTIONS |= {"kw_only"}
_NO_FIELDS = ("typing.ClassVar", "dataclasses.InitVar")
#: Where the functions stand that `dataclass` adds to a class.
_GENERATED = ("<string>", dataclasses.__file__, reprlib.__file__)
_FACTORY = "give all parts where one is made"
#: The functions that take instances.
_OF_ANYTHING = {
    Builtin("dataclasses", "replace"),
    Builtin("builtins", "isinstance"),
    Builtin("functools", "partial"),
    Builtin("functools", "reduce"),
    Builtin("itertools", "repeat"),
    Builtin("itertools", "accumulate"),
    *(Builtin("operator", name) for name in ("add", "sub", "mul", "truediv")),
}


@dataclass(frozen=True)
class Part:
    """A part of a dataclass: of its class, or of the text of it.

    ``default`` is an expression or an object; None where there is none.
    """

    name: str
    annotation: Any
    default: tuple[Any] | None
    by_name: bool


def replaced(call: Call) -> Item:
    """``dataclasses.replace(state, x=...)``."""
    if len(call.arguments) != 1:
        raise call.wrong_count("replace", 1)
    (of,) = call.arguments
    if not is_instance(of):
        message = f"`replace` is of an instance of a dataclass, not of {described(of)}"
        hint = "write `_replace`, its method" if isinstance(of, Record) else None
        raise call.problem(message, hint)
    return with_others(call, of)


def check_no_instances(call: Call, callee: Builtin) -> None:
    """Raise SourceError where a function of tuples is given what is none.

    NumPy looks into lists as well.
    """
    if callee in _OF_ANYTHING:
        return
    of_arrays = callee.module.startswith(("numpy", "scipy"))
    given = (*call.arguments, *call.keywords.values())
    for part, item in zip(call.node.parts[1:], given, strict=False):
        for one in held(item) if of_arrays else (item,):
            call.lowering.check_no_instance(one, part)


# -- as a text


def written_parts(node: ast.ClassDef, origin: Origin) -> list[Part] | Refused:
    """The parts of a dataclass by its text; or what of it is not supported."""
    options = _options(node.decorator_list[0])
    if node.bases or node.keywords:
        return inherits(node.name)
    if options is None or not options.keys() <= _OPTIONS:
        message = f"the options of `dataclass` for `{node.name}` are not supported"
        known = ", ".join(sorted(_OPTIONS))
        return Refused(message, f"known are {known}, each True or False")
    found: dict[str, Part] = {}
    others: set[str] = set()
    by_name = options.get("kw_only", False)
    for statement in node.body:
        match statement:
            case ast.AnnAssign(ast.Name(name), annotation, value, 1):
                kind = origin(_outer(annotation))
                if kind == "dataclasses.KW_ONLY":
                    by_name = True
                    continue
                if kind in _NO_FIELDS:
                    return _no_field(node.name, name)
                part = _written(name, annotation, value, by_name, origin)
                if part is None:
                    return _field_refused(node.name, name)
                found[name] = part
            case ast.FunctionDef(name):
                others.add(name)
            case ast.Assign(targets):
                others |= {one.id for one in targets if isinstance(one, ast.Name)}
            case ast.Pass() | ast.Expr(ast.Constant()):
                pass
            case _:
                message = f"`{node.name}` has something else in it than its parts"
                return Refused(message, "keep to parts, methods and properties")
    return _checked(node.name, list(found.values()), others)


def is_frozen(node: ast.ClassDef) -> bool:
    """Whether the parts of one cannot be changed."""
    return bool((_options(node.decorator_list[0]) or {}).get("frozen"))


def _options(decorator: ast.expr) -> dict[str, bool] | None:
    """The options of the decorator; None where they are not written as such."""
    if not isinstance(decorator, ast.Call):
        return {}
    if decorator.args:
        return None
    found: dict[str, bool] = {}
    for one in decorator.keywords:
        if one.arg is None or not isinstance(one.value, ast.Constant):
            return None
        found[one.arg] = bool(one.value.value)
    if found.get("init"):  # as without it
        del found["init"]
    return found


def _outer(annotation: ast.expr) -> ast.expr:
    """What stands in front of the brackets of an annotation, if any."""
    annotation = type_written(annotation)
    return annotation.value if isinstance(annotation, ast.Subscript) else annotation


def _written(
    name: str,
    annotation: ast.expr,
    value: ast.expr | None,
    by_name: bool,
    origin: Origin,
) -> Part | None:
    """A part as it is written; None for a `field` of options that are not known."""
    if not isinstance(value, ast.Call) or origin(value) != "dataclasses.field":
        default = None if value is None else (value,)
        return Part(name, annotation, default, by_name)
    given = {one.arg: one.value for one in value.keywords}
    if value.args or not given.keys() <= _FIELD_OPTIONS:
        return None
    said = given.get("kw_only", ast.Constant(by_name))
    if not isinstance(said, ast.Constant):
        return None
    default = (given["default"],) if "default" in given else None
    return Part(name, annotation, default, bool(said.value))


# -- as a class


def is_data_class(kind: type) -> bool:
    """Whether it is a dataclass by its own decorator."""
    return "__dataclass_fields__" in vars(kind)


def live_parts(kind: type) -> list[Part] | Refused:
    """The parts of a dataclass; or what of it is not supported."""
    if kind.__bases__ != (object,) or type(kind) is not type:
        return inherits(kind.__name__)
    fields: Mapping[str, Any] = vars(kind)["__dataclass_fields__"]
    own = own_of(kind)
    if not vars(kind)["__dataclass_params__"].init:
        message = f"the options of `dataclass` for `{kind.__name__}` are not supported"
        return Refused(message, "leave out `init=False`")
    for name, one in fields.items():
        if one._field_type is not dataclasses._FIELD:  # type: ignore[attr-defined]
            return _no_field(kind.__name__, name)
        if one.default_factory is not dataclasses.MISSING or not one.init:
            return _field_refused(kind.__name__, name)
    found = [
        Part(
            name,
            one.type,
            None if one.default is dataclasses.MISSING else (one.default,),
            one.kw_only,
        )
        for name, one in fields.items()
    ]
    functions = types.FunctionType | property
    others = {name for name, one in own.items() if isinstance(one, functions)}
    return _checked(kind.__name__, found, others)


def own_of(kind: type) -> dict[str, Any]:
    """What the class itself defines; not what `dataclass` adds to it."""
    return {n: one for n, one in vars(kind).items() if not _is_generated(n, one)}


def _is_generated(name: str, thing: Any) -> bool:
    code = getattr(thing, "__code__", None)
    generated = code is not None and code.co_filename in _GENERATED
    return generated or name in ("__annotate__", "__annotate_func__")


# -- what is refused


def inherits(name: str) -> Refused:
    """What to say of a class that is more than a dataclass of its own."""
    message = f"`{name}` is a dataclass that inherits from another class"
    return Refused(message, "write all its parts in one class, or keep the other in it")


def _no_field(kind: str, name: str) -> Refused:
    message = f"`{name}` of `{kind}` is no part of it, but of the class or its call"
    return Refused(message, "make it a constant of the module, or a part")


def _field_refused(kind: str, name: str) -> Refused:
    message = f"the `field(...)` of `{name}` in `{kind}` is not supported"
    return Refused(message, f"of what says how it is made, `default` is; {_FACTORY}")


def _checked(kind: str, parts: list[Part], others: set[str]) -> list[Part] | Refused:
    for part in parts:
        if part.name in others:
            message = f"`{part.name}` is a part of `{kind}`, and something else as well"
            return Refused(message, "give it another name")
    return parts
