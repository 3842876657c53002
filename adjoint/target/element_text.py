"""How Python spells arrays as lists, of which the elements are read one by one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from adjoint.ir.program import Op, Value
from adjoint.ir.types import FLOAT
from adjoint.target.entry_text import ENTRY_TEXTS
from adjoint.target.globals import Globals
from adjoint.target.spelling import ATOM, PRODUCT, Text

Texts = Sequence[Text]


def copied(module: Globals, rank: int, text: str) -> str:
    """A list of the elements; of nested lists, all of them are new."""
    if rank == 1:
        return f"{module.builtin('list')}({text})"
    if rank == 2:
        return f"[{module.builtin('list')}(row) for row in {text}]"
    return f"{module.helper('copied')}({text})"


def subscripts(indices: Sequence[str]) -> str:
    """``[i][j]``, which reads nested lists as well as arrays of NumPy."""
    return "".join([f"[{index}]" for index in indices])


def filled_like(module: Globals, rank: int, text: str, number: str) -> str:
    """A list of one number, as long as another (nested lists, as they are nested)."""
    length = module.builtin("len")
    if rank == 1:
        return f"[{number}] * {length}({text})"
    if rank == 2:
        return f"[[{number}] * {length}(row) for row in {text}]"
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
    array, *indices = texts
    return Text(array.at_least(ATOM) + subscripts([text.text for text in indices]))


def _length(module: Globals, op: Op, texts: Texts) -> Text:
    return Text(_one_length(module, texts[0], op.attributes[0]))


def _one_length(module: Globals, text: Text, axis: int) -> str:
    first = "[0]" * axis
    inside = text.at_least(ATOM) if axis else text.text
    return f"{module.builtin('len')}({inside}{first})"


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
    for size in reversed(outer):
        text = f"[{text} for _ in {module.builtin('range')}({_bare(size)})]"
    return Text(text)


def _bare(size: str) -> str:
    return size[1:-1] if size.startswith("(") else size


def _like(number: str) -> Callable[[Globals, Op, Texts], Text]:
    def spell(module: Globals, op: Op, texts: Texts) -> Text:
        rank = op.operands[0].type.rank
        binding = PRODUCT if rank == 1 else ATOM
        return Text(filled_like(module, rank, texts[0].text, number), binding)

    return spell


def _spread(at: int) -> Callable[[Globals, Op, Texts], Text]:
    """A number in all places of an array, the operand ``at``."""

    def spell(module: Globals, op: Op, texts: Texts) -> Text:
        rank = op.operands[at].type.rank
        number, like = texts[1 - at].text, texts[at].text
        binding = PRODUCT if rank == 1 else ATOM
        return Text(filled_like(module, rank, like, number), binding)

    return spell


def _copy(module: Globals, op: Op, texts: Texts) -> Text:
    return Text(copied(module, op.results[0].type.rank, texts[0].text))


def _pack(module: Globals, op: Op, texts: Texts) -> Text:
    return Text(f"[{', '.join([text.text for text in texts])}]")


def _add(module: Globals, op: Op, texts: Texts) -> Text:
    return Text(f"{module.helper('added')}({texts[0].text}, {texts[1].text})")


def _same(module: Globals, op: Op, texts: Texts) -> Text:
    return texts[0]


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
}
#: ... those that come of them in a derivative.
DERIVED: dict[str, Callable[[Globals, Op, Texts], Text]] = {
    **SPELLED,
    "add": _add,
    "broadcast": _spread(1),
    "unbroadcast": _same,
    **ENTRY_TEXTS,
}
