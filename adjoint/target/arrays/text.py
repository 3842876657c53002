"""How NumPy spells the operations of the table of arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from adjoint.ir.program import Op
from adjoint.ir.subscripts import subscript_text
from adjoint.rules.array_operation import ArrayOperation
from adjoint.target.arrays.entry_text import NUMPY_ENTRY_TEXTS
from adjoint.target.globals import Globals
from adjoint.target.spelling import ATOM, PRODUCT, Text, operating

Texts = Sequence[Text]


def array_text(module: Globals, op: Op, texts: Texts) -> Text:
    """The operation on the texts of its operands."""
    special = _SPECIAL.get(op.operation.name)
    if special is not None:
        return special(module, op, texts)
    assert isinstance(op.operation, ArrayOperation)
    if op.operation.part:
        part, _ = op.operation.part
        return Text(f"{call_text(module, op, texts).text}[{part}]")
    place, _, name = op.operation.numpy.partition(".")
    if place == "a" and op.operands[0].type.rank:
        return Text(f"{texts[0].at_least(ATOM)}.{name}({', '.join(_named(op))})")
    return _called(module, op, [text.text for text in texts])


def call_text(module: Globals, op: Op, texts: Texts) -> Text:
    """The call of a function that gives several results, of which ``op`` is one."""
    given = [text.text for text in texts]
    return _called(module, op, [*given, *_OPTIONS.get(op.operation.name, ())])


def numpy_name(module: Globals) -> str:
    """What NumPy is called in the module."""
    return module.module("numpy", "np")


def _called(module: Globals, op: Op, arguments: Sequence[str]) -> Text:
    """``np.name(operands, attribute=...)``; defaults are left out."""
    function = _function(module, op.operation.numpy)
    return Text(f"{function}({', '.join([*arguments, *_named(op)])})")


def _function(module: Globals, spelling: str) -> str:
    """A helper, or a function of NumPy; numbers have no methods but functions."""
    place, _, name = spelling.partition(".")
    if place == "helper":
        return module.helper(name)
    return f"{numpy_name(module)}.{name}"


def _named(op: Op) -> list[str]:
    """The attributes that are not the default, ``axis=1``."""
    operation = op.operation
    assert isinstance(operation, ArrayOperation)
    given = zip(operation.attributes, op.attributes, strict=True)
    return [
        f"{name}={_shown(value)}"
        for (name, default), value in given
        if value != default or type(value) is not type(default)
    ]


def _shown(value: Any) -> str:
    if isinstance(value, tuple) and len(value) == 1:
        return repr(value[0])
    return f'"{value}"' if isinstance(value, str) else repr(value)


def _method(name: str) -> Callable[[Globals, Op, Texts], Text]:
    """``a.name(...)`` with the other operands as arguments."""

    def spell(module: Globals, op: Op, texts: Texts) -> Text:
        rest = ", ".join([text.text for text in texts[1:]])
        return Text(f"{texts[0].at_least(ATOM)}.{name}({rest})")

    return spell


def _index(module: Globals, op: Op, texts: Texts) -> Text:
    inside = subscript_text(op.attributes[0], [text.text for text in texts[1:]])
    return Text(f"{texts[0].at_least(ATOM)}[{inside}]")


def _length(module: Globals, op: Op, texts: Texts) -> Text:
    (axis,) = op.attributes
    return Text(_one_length(module, texts[0], axis))


def _one_length(module: Globals, text: Text, axis: int) -> str:
    if axis == 0:
        return f"{module.builtin('len')}({text.text})"
    return f"{text.at_least(ATOM)}.shape[{axis}]"


def _size(module: Globals, op: Op, texts: Texts) -> Text:
    return Text(f"{texts[0].at_least(ATOM)}.size")


def _count(module: Globals, op: Op, texts: Texts) -> Text:
    (axis,) = op.attributes
    if axis is None:
        return _size(module, op, texts)
    lengths = [_one_length(module, texts[0], one) for one in axis]
    return Text(" * ".join(lengths), PRODUCT if len(lengths) > 1 else ATOM)


def _transpose(module: Globals, op: Op, texts: Texts) -> Text:
    (axes,) = op.attributes
    array = texts[0].at_least(ATOM)
    if axes == tuple(reversed(range(len(axes)))):
        return Text(f"{array}.T")
    return Text(f"{array}.transpose({', '.join(map(str, axes))})")


def _expand_dims(module: Globals, op: Op, texts: Texts) -> Text:
    """``a[:, None]``; a number becomes an array."""
    (axis,) = op.attributes
    rank = op.results[0].type.rank
    if not op.operands[0].type.rank:
        return _called(module, op, [texts[0].text])
    entries = ["None" if at in axis else ":" for at in range(rank)]
    while entries[-1] == ":":
        entries.pop()
    return Text(f"{texts[0].at_least(ATOM)}[{', '.join(entries)}]")


def _flip(module: Globals, op: Op, texts: Texts) -> Text:
    """``a[::-1]``."""
    (axis,) = op.attributes
    rank = op.operands[0].type.rank
    gone = range(rank) if axis is None else axis
    if isinstance(gone, int):
        gone = (gone,)
    if not gone:
        return texts[0]
    entries = ["::-1" if at in gone else ":" for at in range(max(gone) + 1)]
    return Text(f"{texts[0].at_least(ATOM)}[{', '.join(entries)}]")


def _zeros_like(module: Globals, op: Op, texts: Texts) -> Text:
    """``np.zeros(a.shape)`` in a sweep, which is faster.

    What the user makes keeps the order of its elements in memory, on which the last
    bits of sums depend.
    """
    array = op.operands[0].type.rank and op.sweep
    if not array:
        return _called(module, op, [texts[0].text])
    return Text(f"{numpy_name(module)}.zeros({texts[0].at_least(ATOM)}.shape)")


def _of_shape(module: Globals, op: Op, texts: Texts) -> Text:
    """``np.zeros((n, m))``."""
    return _called_with_shape(module, op, "", [text.text for text in texts])


def _full(module: Globals, op: Op, texts: Texts) -> Text:
    value, *sizes = [text.text for text in texts]
    return _called_with_shape(module, op, f", {value}", sizes)


def _broadcast_to(module: Globals, op: Op, texts: Texts) -> Text:
    array, *sizes = [text.text for text in texts]
    name = f"{numpy_name(module)}.broadcast_to"
    return Text(f"{name}({array}, {_tuple(sizes)})")


def _called_with_shape(
    module: Globals, op: Op, more: str, sizes: Sequence[str]
) -> Text:
    name = op.operation.numpy.removeprefix("numpy.")
    return Text(f"{numpy_name(module)}.{name}({_tuple(sizes)}{more})")


def _tuple(sizes: Sequence[str]) -> str:
    return sizes[0] if len(sizes) == 1 else f"({', '.join(sizes)})"


def _like(module: Globals, op: Op, texts: Texts) -> Text:
    """``np.broadcast_to(a, x.shape)``."""
    array, like = texts
    name = op.operation.numpy.removeprefix("numpy.")
    shape = f"{like.at_least(ATOM)}.shape"
    return Text(f"{numpy_name(module)}.{name}({array.text}, {shape})")


def _reshape_like(module: Globals, op: Op, texts: Texts) -> Text:
    array, like = texts
    return Text(f"{array.at_least(ATOM)}.reshape({like.at_least(ATOM)}.shape)")


def _sequence(module: Globals, op: Op, texts: Texts) -> Text:
    """``np.concatenate((a, b), axis=1)``."""
    items = ", ".join([text.text for text in texts])
    if len(texts) == 1:
        items += ","
    return _called(module, op, [f"({items})"])


def _pack(module: Globals, op: Op, texts: Texts) -> Text:
    items = ", ".join([text.text for text in texts])
    return Text(f"{numpy_name(module)}.array([{items}])")


def _einsum(module: Globals, op: Op, texts: Texts) -> Text:
    arguments = [f'"{op.attributes[0]}"', *[text.text for text in texts]]
    return Text(f"{numpy_name(module)}.einsum({', '.join(arguments)})")


def _matmul(module: Globals, op: Op, texts: Texts) -> Text:
    return operating("a @ b")(texts)


def _svdvals(module: Globals, op: Op, texts: Texts) -> Text:
    return _called(module, op, [texts[0].text, "compute_uv=False"])


def _multi_dot(module: Globals, op: Op, texts: Texts) -> Text:
    return _called(module, op, [f"[{', '.join([text.text for text in texts])}]"])


def _arange(module: Globals, op: Op, texts: Texts) -> Text:
    start, stop, step = [text.text for text in texts]
    arguments = [start, stop] if step == "1" else [start, stop, step]
    if start == "0" and len(arguments) == 2:
        del arguments[0]
    return _called(module, op, arguments)


def _eye(module: Globals, op: Op, texts: Texts) -> Text:
    rows, columns = [text.text for text in texts]
    return _called(module, op, [rows] if rows == columns else [rows, columns])


def _lower_triangle(module: Globals, op: Op, texts: Texts) -> Text:
    length = _one_length(module, texts[0], 0)
    return Text(f"{numpy_name(module)}.tri({length}, dtype={module.builtin('bool')})")


def _rows_of(module: Globals, op: Op, texts: Texts) -> Text:
    return Text(f"{module.builtin('list')}({texts[0].text})")


def constant_text(module: Globals, op: Op) -> str:
    """``np.array([[1.0, 2.0], [3.0, 4.0]])``."""
    numbers, element = op.attributes
    name = numpy_name(module)
    text = _nested(numbers, name)
    empty = "[]" in text
    more = f", dtype={element}" if empty else ""
    return f"{name}.array({text}{more})"


def _nested(numbers: Any, name: str) -> str:
    if isinstance(numbers, tuple):
        return f"[{', '.join([_nested(part, name) for part in numbers])}]"
    text = repr(numbers).replace("e+", "e")
    return text.replace("inf", f"{name}.inf").replace("nan", f"{name}.nan")


#: What is said to functions that give several results, besides the operands.
_OPTIONS = {
    "svd_u": ("full_matrices=False",),
    "svd_s": ("full_matrices=False",),
    "svd_vt": ("full_matrices=False",),
    "lstsq": ("rcond=None",),
}

_SPECIAL: dict[str, Callable[[Globals, Op, Texts], Text]] = {
    "index": _index,
    "length": _length,
    "size": _size,
    "count": _count,
    "transpose": _transpose,
    "expand_dims": _expand_dims,
    "flip": _flip,
    "zeros_like": _zeros_like,
    "zeros": _of_shape,
    "ones": _of_shape,
    "full": _full,
    "broadcast": _like,
    "broadcast_to": _broadcast_to,
    "reshape": _method("reshape"),
    "reshape_like": _reshape_like,
    "copy": _method("copy"),
    "as_list": _method("tolist"),
    "rows_of": _rows_of,
    "concatenate": _sequence,
    "stack": _sequence,
    "pack": _pack,
    "einsum": _einsum,
    "matmul": _matmul,
    "svdvals": _svdvals,
    "multi_dot": _multi_dot,
    "arange": _arange,
    "eye": _eye,
    "lower_triangle": _lower_triangle,
    **NUMPY_ENTRY_TEXTS,
}
