"""The types that annotations, and the option ``signature``, say in words."""

from __future__ import annotations

import ast

from adjoint.errors import OptionError
from adjoint.ir.types import BOOL, FLOAT, INT, Type

_TYPES = {"float": FLOAT, "int": INT, "bool": BOOL}
_UNTOLD = ("ndarray", "NDArray", "ArrayLike", "Array", "Any")
KNOWN_TYPES = "float, int, bool, or an array such as float[:] or float[:, :]"


def signature_types(signature: str) -> dict[str, Type]:
    """The types of ``"x: float, n: int"``."""
    try:
        parsed = ast.parse(f"def f({signature}): pass").body[0]
    except SyntaxError:
        raise OptionError(
            f"{signature!r} is not a list like `x: float, n: int`"
        ) from None
    assert isinstance(parsed, ast.FunctionDef)
    arguments = parsed.args
    found: dict[str, Type] = {}
    for one in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]:
        if one.annotation is None:
            continue
        type = type_of(one.annotation)
        if type is None:
            raise OptionError(
                f"the type of {one.arg!r} in {signature!r} is not supported; "
                f"{KNOWN_TYPES} is expected"
            )
        found[one.arg] = type
    return found


def says_nothing(annotation: ast.expr) -> bool:
    """Whether it is a type of NumPy's, or of typing's, that tells no rank."""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        try:
            return says_nothing(ast.parse(annotation.value.strip(), mode="eval").body)
        except SyntaxError:
            return False
    if isinstance(annotation, ast.Subscript):  # NDArray[np.float64]
        annotation = annotation.value
    named = isinstance(annotation, ast.Attribute | ast.Name)
    return named and ast.unparse(annotation).rpartition(".")[2] in _UNTOLD


def type_of(annotation: ast.expr) -> Type | None:
    """The type that an annotation says; None for one that is not known here."""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        try:
            return type_of(ast.parse(annotation.value.strip(), mode="eval").body)
        except SyntaxError:
            return None
    if isinstance(annotation, ast.Subscript):
        return _array_type(annotation)
    if isinstance(annotation, ast.BinOp) and isinstance(annotation.op, ast.BitOr):
        sides = {type_of(annotation.left), type_of(annotation.right)}
        return FLOAT if sides <= {FLOAT, INT} else None
    return _TYPES.get(annotation.id) if isinstance(annotation, ast.Name) else None


def _array_type(annotation: ast.Subscript) -> Type | None:
    """``float[:, :]``, with a ``:`` for each axis; ``list[float]`` is of rank 1."""
    name, inner = annotation.value, annotation.slice
    if isinstance(name, ast.Name) and name.id in ("list", "List", "Sequence"):
        element = type_of(inner)
        return (
            None
            if element is None
            else Type(element.element, element.rank + 1, element.listed + 1)
        )
    axes = inner.elts if isinstance(inner, ast.Tuple) else [inner]
    plain = all(
        isinstance(axis, ast.Slice) and not (axis.lower or axis.upper or axis.step)
        for axis in axes
    )
    element = type_of(name)
    return Type(element.element, len(axes)) if element and plain and axes else None
