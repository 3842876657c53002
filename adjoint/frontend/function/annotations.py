"""The types that annotations, and the option ``signature``, say in words."""

from __future__ import annotations

import ast
from collections.abc import Callable

from adjoint.errors import OptionError
from adjoint.frontend.python.items import kind_of, tuple_of
from adjoint.ir.types import BOOL, FLOAT, INT, Type

_TYPES = {"float": FLOAT, "int": INT, "bool": BOOL}
_UNTOLD = ("ndarray", "NDArray", "ArrayLike", "Array", "Any")
_LISTS = ("list", "List", "Sequence")
_TUPLES = ("tuple", "Tuple")
KNOWN_TYPES = (
    "float, int, bool, an array such as float[:] or float[:, :], list[float], "
    "tuple[float, float], a NamedTuple or a dataclass"
)


class Untold:
    """What tells no rank: an array of NumPy's, or a list of such."""


UNTOLD, UNTOLD_LIST = Untold(), Untold()
#: What a parameter is: of one type, of one by use, or a tuple of such parts.
Declared = Type | Untold | tuple["Declared", ...]


class Rows(Type):
    """A list of tuples of one kind of number, taken for a list of lists.

    ``row`` are the types of the tuples.
    """

    row: tuple[Declared, ...]


#: What the name of a class means; None where it is none that is known.
Known = Callable[[str], Declared | None]


def _no_classes(name: str) -> None:
    """What names mean where there are no classes."""


def signature_types(signature: str, known: Known = _no_classes) -> dict[str, Declared]:
    """The types of ``"x: float, n: int"``; ``known`` are the classes of the user's."""
    try:
        parsed = ast.parse(f"def f({signature}): pass").body[0]
    except SyntaxError:
        raise OptionError(
            f"{signature!r} is not a list like `x: float, n: int`"
        ) from None
    assert isinstance(parsed, ast.FunctionDef)
    arguments = parsed.args
    found: dict[str, Declared] = {}
    for one in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]:
        if one.annotation is None:
            continue
        type = declared_type(one.annotation, known)
        if type is None or isinstance(type, Untold):
            raise OptionError(
                f"the type of {one.arg!r} in {signature!r} is not supported; "
                f"{KNOWN_TYPES} is expected"
            )
        found[one.arg] = type
    return found


def parts_of(type: Declared | None) -> tuple[Declared, ...] | None:
    """The types of the parts of a tuple; None for what is none."""
    if isinstance(type, tuple) and not isinstance(type, Type):
        return type
    return None


def spelled(type: Declared) -> str:
    """The type in words, as `signature_types` reads it."""
    parts = parts_of(type)
    if parts is None:
        return str(type)
    kind = kind_of(type)
    name = "tuple" if kind is None else kind.name
    return f"{name}[{', '.join(map(spelled, parts))}]"


def declared_type(annotation: ast.expr, known: Known = _no_classes) -> Declared | None:
    """The type that an annotation says; None for one that is not known here."""
    annotation = type_written(annotation)
    if _name(annotation) in _UNTOLD:
        return UNTOLD
    if isinstance(annotation, ast.Subscript):
        name = _name(annotation.value)
        if name in _UNTOLD:  # NDArray[np.float64]
            return UNTOLD
        if name in _LISTS:
            return _list_of(declared_type(annotation.slice, known))
        if name in _TUPLES:
            return _tuple_of(annotation, known)
        kind = kind_of(known(ast.unparse(annotation.value)))
        if kind is not None:  # State[float, float[:]]
            parts = parts_of(_tuple_of(annotation, known)) or ()
            return tuple_of(kind, parts) if len(parts) == len(kind.fields) else None
        return _array_type(annotation)
    if isinstance(annotation, ast.BinOp) and isinstance(annotation.op, ast.BitOr):
        sides = {declared_type(annotation.left), declared_type(annotation.right)}
        return FLOAT if sides <= {FLOAT, INT} else None
    if not isinstance(annotation, ast.Name | ast.Attribute):
        return None
    name = ast.unparse(annotation)
    return _TYPES.get(name) or known(name)


def type_written(annotation: ast.expr) -> ast.expr:
    """The annotation; that in a text, where it is one."""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        try:
            return type_written(ast.parse(annotation.value.strip(), mode="eval").body)
        except SyntaxError:
            return annotation
    return annotation


def may_be_tuple(annotation: ast.expr | None) -> bool:
    """Whether what is taken for a list may be a tuple, as in ``tuple[float, ...]``."""
    annotation = None if annotation is None else type_written(annotation)
    outer = annotation.value if isinstance(annotation, ast.Subscript) else annotation
    return outer is not None and _name(outer) in (*_TUPLES, "Sequence")


def _name(annotation: ast.expr) -> str:
    """The last part of a name with dots: ``ndarray`` of ``np.ndarray``."""
    named = isinstance(annotation, ast.Attribute | ast.Name)
    return ast.unparse(annotation).rpartition(".")[2] if named else ""


def _list_of(item: Declared | None) -> Declared | None:
    """A list of any length; of tuples of one kind of number, as one of lists."""
    if _has_arrays(item):
        return UNTOLD_LIST
    parts = parts_of(item)
    if parts is not None:
        one, *others = set(parts)
        if others or not isinstance(one, Type) or one.rank:
            return None
        rows = Rows(one.element, 2, 2)
        rows.row = parts
        return rows
    if not isinstance(item, Type):
        return None
    return Type(item.element, item.rank + 1, item.listed + 1)


def _has_arrays(item: Declared | None) -> bool:
    """Whether it is an array of unknown rank, or a tuple with an array in it."""
    return item is UNTOLD or any(
        part.rank > part.listed if isinstance(part, Type) else _has_arrays(part)
        for part in parts_of(item) or ()
    )


def _tuple_of(annotation: ast.Subscript, known: Known) -> Declared | None:
    """``tuple[float, int]``; ``tuple[float, ...]`` is of any length, as a list is."""
    inner = annotation.slice
    parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
    if len(parts) == 2 and isinstance(parts[1], ast.Constant):
        item = declared_type(parts[0], known)
        return _list_of(item) if parts[1].value is ... else None
    found = [declared_type(part, known) for part in parts]
    types = tuple(one for one in found if one is not None)
    return types if types and len(types) == len(found) else None


def _array_type(annotation: ast.Subscript) -> Type | None:
    """``float[:, :]``, with a ``:`` for each axis."""
    inner = annotation.slice
    axes = inner.elts if isinstance(inner, ast.Tuple) else [inner]
    plain = all(
        isinstance(axis, ast.Slice) and not (axis.lower or axis.upper or axis.step)
        for axis in axes
    )
    element = declared_type(annotation.value)
    if not isinstance(element, Type) or not plain or not axes:
        return None
    return Type(element.element, len(axes))
