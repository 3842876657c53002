"""How Python spells arrays as lists, of which the elements are read one by one."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from adjoint.ir.program import Op, Value
from adjoint.ir.subscripts import Pattern, subscript_text
from adjoint.ir.types import FLOAT
from adjoint.rules.operation import Operation
from adjoint.target.arrays.entry_text import ENTRY_TEXTS
from adjoint.target.globals import Globals
from adjoint.target.spelling import ATOM, OR, PRODUCT, Text, choice

Texts = Sequence[Text]


def list_text(module: Globals, op: Op, texts: Texts) -> Text:
    """The operation on the texts of its operands, of which some are lists."""
    spell = DERIVED.get(op.operation.name)
    return spell(module, op, texts) if spell else _elementwise(module, op, texts)


def copied(module: Globals, rank: int, text: str) -> str:
    """A list of the elements; of nested lists, all of them are new."""
    if rank == 1:
        return f"{module.builtin('list')}({text})"
    if rank == 2:
        row = _of_each(module, "row")
        return f"[{module.builtin('list')}({row}) for {row} in {text}]"
    return f"{module.helper('copied')}({text})"


def subscripts(indices: Sequence[str]) -> str:
    """``[i][j]``, which reads nested lists as well as arrays of NumPy."""
    return "".join([f"[{index}]" for index in indices])


def slice_place(
    module: Globals, pattern: Pattern, indices: Sequence[str]
) -> tuple[str, str]:
    """For a pattern that ends in a slice: the brackets before it, and the slice."""
    *before, entry = pattern
    bounds = [index or "None" for index in _parts(entry, indices[len(before) :])]
    place = f"{module.builtin('slice')}({', '.join(bounds)})"
    return subscripts(indices[: len(before)]), place


def _parts(entry: str, bounds: Sequence[str]) -> list[str]:
    """The parts of a slice, empty where they are not there."""
    remaining = iter(bounds)
    return [next(remaining) if part else "" for part in entry.split(":")]


def _of_each(module: Globals, name: str) -> str:
    """What an item is called in a comprehension; no name of the user's."""
    while name in module.user_names:
        name += "_"
    return name


def filled_like(module: Globals, rank: int, text: str, number: str) -> str:
    """A list of one number, as long as another (nested lists, as they are nested)."""
    length = module.builtin("len")
    if rank == 1:
        return f"[{number}] * {length}({text})"
    if rank == 2:
        row = _of_each(module, "row")
        return f"[[{number}] * {length}({row}) for {row} in {text}]"
    return f"{module.helper('filled')}({text}, {number})"


def constant_text(module: Globals, op: Op) -> str:
    """A constant array as nested lists."""
    return _nested(module, op.attributes[0])


def _nested(module: Globals, numbers: Any) -> str:
    if isinstance(numbers, tuple):
        return f"[{', '.join([_nested(module, part) for part in numbers])}]"
    if isinstance(numbers, float):
        return module.literal(Value(FLOAT, numbers)).text
    return repr(numbers)


def _index(module: Globals, op: Op, texts: Texts) -> Text:
    """``a[i][j]``; the last may be a slice."""
    array, *indices = texts
    text = array.at_least(ATOM)
    remaining = [index.text for index in indices]
    for entry in op.attributes[0]:
        count = entry.count("a")
        text += f"[{subscript_text((entry,), remaining[:count])}]"
        del remaining[:count]
    return Text(text)


def _length(module: Globals, op: Op, texts: Texts) -> Text:
    return Text(_one_length(module, texts[0], op.attributes[0]))


def _one_length(module: Globals, text: Text, axis: int) -> str:
    if axis:
        return f"{module.helper('axis_length')}({text.text}, {axis})"
    return f"{module.builtin('len')}({text.text})"


def _size(module: Globals, op: Op, texts: Texts) -> Text:
    axes = range(op.operands[0].type.rank)
    lengths = [_one_length(module, texts[0], axis) for axis in axes]
    return Text(" * ".join(lengths), PRODUCT if len(lengths) > 1 else ATOM)


def _full(number: str | None) -> Callable[[Globals, Op, Texts], Text]:
    """``[number] * n``; the first operand is the number where it is None."""

    def spell(module: Globals, op: Op, texts: Texts) -> Text:
        value, sizes = (Text(number), texts) if number else (texts[0], texts[1:])
        return _rows(module, value.text, [size.at_least(PRODUCT + 1) for size in sizes])

    return spell


def _rows(module: Globals, number: str, sizes: Sequence[str]) -> Text:
    *outer, last = sizes
    if not outer:
        return Text(f"[{number}] * {last}", PRODUCT)
    text = f"[{number}] * {last}"
    unread = "_"
    while re.search(rf"\b{unread}\b", f"{number} {sizes}"):
        unread += "_"
    for size in reversed(outer):
        text = f"[{text} for {unread} in {module.builtin('range')}({_bare(size)})]"
    return Text(text)


def _bare(size: str) -> str:
    return size[1:-1] if size.startswith("(") else size


def _like(number: str) -> Callable[[Globals, Op, Texts], Text]:
    def spell(module: Globals, op: Op, texts: Texts) -> Text:
        if op.operands[0].type.of_arrays:
            return _arrays_like(module, texts[0].text, number)
        rank = op.operands[0].type.rank
        binding = PRODUCT if rank == 1 else ATOM
        return Text(filled_like(module, rank, texts[0].text, number), binding)

    return spell


def _arrays_like(module: Globals, text: str, number: str) -> Text:
    """A list of arrays of one number, of the shapes of those in another list."""
    np, row = module.module("numpy", "np"), _of_each(module, "row")
    of_shape = f"{np}.full({row}.shape, {number})"
    if number in _MADE_OF:
        of_shape = f"{np}.{_MADE_OF[number]}({row}.shape)"
    return Text(f"[{of_shape} for {row} in {text}]")


def _spread(at: int) -> Callable[[Globals, Op, Texts], Text]:
    """A number in all places of an array, the operand ``at``."""

    def spell(module: Globals, op: Op, texts: Texts) -> Text:
        rank = op.operands[at].type.rank
        number, like = texts[1 - at].text, texts[at].text
        if op.operands[at].type.of_arrays:
            return _arrays_like(module, like, number)
        binding = PRODUCT if rank == 1 else ATOM
        return Text(filled_like(module, rank, like, number), binding)

    return spell


def _copy(module: Globals, op: Op, texts: Texts) -> Text:
    kind = op.results[0].type
    return Text(copied(module, kind.listed or kind.rank, texts[0].text))


def _pack(module: Globals, op: Op, texts: Texts) -> Text:
    return Text(f"[{', '.join([text.text for text in texts])}]")


def _add(module: Globals, op: Op, texts: Texts) -> Text:
    if op.results[0].type.of_arrays:
        return _elementwise(module, op, texts)
    return Text(f"{module.helper('added')}({texts[0].text}, {texts[1].text})")


def _same(module: Globals, op: Op, texts: Texts) -> Text:
    return texts[0]


def _filled(module: Globals, op: Op, texts: Texts) -> Text:
    return Text(f"[{texts[0].text}] * {texts[1].at_least(PRODUCT + 1)}", PRODUCT)


def _concatenate(module: Globals, op: Op, texts: Texts) -> Text:
    return Text(f"[{', '.join([f'*{text.at_least(ATOM)}' for text in texts])}]")


def _builtin(name: str) -> Callable[[Globals, Op, Texts], Text]:
    def spell(module: Globals, op: Op, texts: Texts) -> Text:
        return Text(f"{module.builtin(name)}({texts[0].text})")

    return spell


def _sum(module: Globals, op: Op, texts: Texts) -> Text:
    """The sum of all numbers, also in nested lists."""
    name, text = module.builtin("sum"), texts[0].text
    for _ in range(op.operands[0].type.rank - 1):
        text = f"{module.builtin('map')}({name}, {text})"
    return Text(f"{name}({text})")


def _fsum(module: Globals, op: Op, texts: Texts) -> Text:
    return Text(f"{module.of_math('fsum')}({texts[0].text})")


def _argsort(module: Globals, op: Op, texts: Texts) -> Text:
    places = f"{module.builtin('range')}({module.builtin('len')}({texts[0].text}))"
    key = f"{texts[0].at_least(ATOM)}.__getitem__"
    return Text(f"{module.builtin('sorted')}({places}, key={key})")


def _helper(name: str) -> Callable[[Globals, Op, Texts], Text]:
    def spell(module: Globals, op: Op, texts: Texts) -> Text:
        arguments = ", ".join([text.text for text in texts])
        return Text(f"{module.helper(name)}({arguments})")

    return spell


def _transpose(module: Globals, op: Op, texts: Texts) -> Text:
    """The columns of nested lists as rows."""
    column = _of_each(module, "column")
    columns = f"{module.builtin('zip')}(*{texts[0].at_least(ATOM)})"
    return Text(f"[{module.builtin('list')}({column}) for {column} in {columns}]")


def _where(operands: Texts) -> Text:
    condition, then, orelse = operands
    return choice(condition, then, orelse)


def _elementwise(module: Globals, op: Op, texts: Texts) -> Text:
    """``[v * w for v, w in zip(a, b)]``; what is a number is the same for all."""
    items = [_of_each(module, name) for name in ("v", "w", "u")]
    of_lists = [at for at, one in enumerate(op.operands) if one.type.rank]
    names = dict(zip(of_lists, items, strict=False))
    inside = [Text(names[at]) if at in names else text for at, text in enumerate(texts)]
    spell = _where if op.operation.name == "where" else module.spellers[op.operation]
    lists = [texts[at].text for at in of_lists]
    source = lists[0]
    if len(lists) > 1:
        zipped = f"{module.builtin('zip')}({', '.join(lists)}, strict=True)"
        source = zipped
    elif texts[of_lists[0]].binding <= OR:
        source = f"({source})"
    targets = ", ".join(names.values())
    return Text(f"[{spell(inside).text} for {targets} in {source}]")


def is_elementwise(operation: Operation) -> bool:
    """Whether a derivative may have it of lists, number by number."""
    return operation.name in ("eq", "where")


#: What makes arrays of a number.
_MADE_OF = {"0.0": "zeros", "1.0": "ones"}

#: The operations that lists have; those that a function may ask for itself, and ...
SPELLED: dict[str, Callable[[Globals, Op, Texts], Text]] = {
    "index": _index,
    "length": _length,
    "size": _size,
    "zeros": _full("0.0"),
    "ones": _full("1.0"),
    "full": _full(None),
    "copy": _copy,
    "zeros_like": _like("0.0"),
    "ones_like": _like("1.0"),
    "full_like": _spread(0),
    "pack": _pack,
    "stack": _pack,
    "display": _pack,
    "empty": lambda module, op, texts: Text("[]"),
    "filled": _filled,
    "concatenate": _concatenate,
    "amax": _builtin("max"),
    "amin": _builtin("min"),
    "sort": _builtin("sorted"),
    "fsum": _fsum,
    "as_array": _copy,
    "as_list": _copy,
}
#: ... those that come of them in a derivative.
DERIVED: dict[str, Callable[[Globals, Op, Texts], Text]] = {
    **SPELLED,
    "add": _add,
    "broadcast": _spread(1),
    "unbroadcast": _same,
    "sum": _sum,
    "argsort": _argsort,
    "transpose": _transpose,
    "put_along": _helper("put_back"),
    "take_along": _helper("permuted"),
    **ENTRY_TEXTS,
}
