"""How arrays and lists change in the generated code: in place, or in a copy."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from adjoint.ir.array_identities import is_operation
from adjoint.ir.program import Op, Value
from adjoint.ir.subscripts import subscript_text
from adjoint.rules.array_operation import ArrayOperation
from adjoint.rules.array_table import ARRAY_OPERATIONS
from adjoint.rules.entry_table import ENTRY_OPERATIONS
from adjoint.rules.operation import Operation
from adjoint.target.arrays.element_text import (
    copied,
    filled_like,
    slice_place,
    subscripts,
)
from adjoint.target.arrays.entry_text import (
    ENTRY_STORES,
    copied_entries,
    entry_statement,
)
from adjoint.target.arrays.text import numpy_name
from adjoint.target.layout import INDENT
from adjoint.target.moves import mentions
from adjoint.target.notes import with_note_cut
from adjoint.target.spelling import PRODUCT, SIGN, Text, bare
from adjoint.target.statements import BodyWriter, WriteForm
from adjoint.target.waiting import NeedsStatements

#: The brackets of a column of a matrix, as a Jacobian is written by tangent sweeps.
COLUMN = (":", "a")

#: What makes an array of a list, or the other way round.
_BETWEEN = frozenset(("as_array", "as_list", "rows_of"))
_BETWEEN |= {"joined_items", "stacked_items", "parted"}


def write_store(writer: BodyWriter, op: Op) -> None:
    """``a[i] = v`` or ``a[i] += v``, in place or in a copy."""
    assert isinstance(writer, ArrayChanges)

    def write(name: str, texts: Sequence[Text]) -> None:
        sign, stored = _signed(op, texts[0])
        if writer.in_lists(op) and op.operands[0].type.of_arrays:
            stored = _summand(sign, texts[0])
        inside = [text.text for text in texts[1:]]
        for statement in writer.stored(op, name, inside, sign, stored):
            writer.line(statement)

    _write_change(writer, op, op.operands[1:], write)


def write_entries(writer: BodyWriter, op: Op) -> None:
    """A change of a list of entries, in place or in a copy."""
    assert isinstance(writer, ArrayChanges)

    def write(name: str, texts: Sequence[Text]) -> None:
        stored, *inside = [text.text for text in texts]
        if stored != "[]" or op.operation.name == "set_row":
            writer.line(entry_statement(op, name, inside, stored))

    _write_change(writer, op, op.operands[1:], write)


def write_append(writer: BodyWriter, op: Op) -> None:
    """``a.append(v)``, in place or in a copy; so is a row that is used elsewhere.

    An array is not copied: what stands in a list is never changed in place.
    """
    assert isinstance(writer, ArrayChanges)
    array, value = op.operands
    fresh = value in writer.frame.waiting and not _is_view(value)

    def write(name: str, texts: Sequence[Text]) -> None:
        text = texts[0].text
        if value.type.rank and not fresh and not array.type.of_arrays:
            text = writer.copied(value, text)
        writer.line(f"{name}.append({text})")

    _write_change(writer, op, (value,), write)


def write_dropped(writer: BodyWriter, op: Op) -> None:
    """``v = a.pop()``, where the last item waits; else ``a.pop()``."""
    assert isinstance(writer, ArrayChanges)
    (array,) = op.operands
    last = next((v for v in writer.frame.waiting if _is_last_of(v, array)), None)

    def write(name: str, texts: Sequence[Text]) -> None:
        text = f"{name}.pop()"
        if last is not None:
            writer.assign(last, Text(text))
        elif not _takes_just_read(writer, name):
            writer.line(text)

    _write_change(writer, op, () if last is None else (last,), write)


def _takes_just_read(writer: ArrayChanges, name: str) -> bool:
    """``v = a.pop()`` in the place of the line before, which is ``v = a[-1]``.

    So ``v = b + a[-1]``, which reads the list once, and nothing else of it.
    """
    line = writer.lines[-1] if writer.lines else ""
    code, read = line.partition("  #")[0], f"{name}[-1]"
    once = re.fullmatch(
        rf"{writer.frame.indent}\w+ = (.*[ (-])?{re.escape(read)}(.*)", code
    )
    again = re.search(r"\b(if|for|lambda|and|or)\b", code)
    if not once or again or len(re.findall(rf"\b{name}\b", code)) > 1:
        return False
    writer.lines[-1] = with_note_cut(line.replace(read, f"{name}.pop()", 1))
    return True


def _write_change(
    writer: ArrayChanges,
    op: Op,
    read: Sequence[Value],
    write: Callable[[str, Sequence[Text]], None],
) -> None:
    """Have the array of the operation changed, in place or in a copy.

    ``write`` writes that, given the array's name and the texts of the values that are
    ``read``. They may say what they read by the name that the array will have.
    """
    if writer.frame.indent is None:
        raise NeedsStatements
    array = op.operands[0]
    views = writer.uses.in_place.get(op)
    if array in writer.frame.waiting:
        with writer.names.before():
            writer.flush(array)
    if views is not None:  # what waits and reads the array must not see the change
        _flush_readers(writer, views, read)
    writer.put_in_order(read)
    old = writer.atom(array).text
    name = writer.names.give(op.results[0])
    texts = [writer.text(value) for value in read]
    if name == old and views is not None:
        write(name, texts)
        return
    writer.flush_readers(name, texts)
    clashes = any(mentions(text.text, name) for text in texts)
    changed = name
    if clashes:
        changed = old if views is not None else writer.names.fresh("changed")
    if views is None and op.operation.name in ENTRY_STORES:
        copy = copied_entries(writer.module, array.type.rank, old)
        writer.line(f"{changed} = {copy}")
    elif views is None:
        writer.line(f"{changed} = {writer.copied(array, old)}")
    elif changed != old:
        writer.line(f"{changed} = {old}")
    write(changed, texts)
    if clashes:
        writer.line(f"{name} = {changed}")


def _is_last_of(value: Value, array: Value) -> bool:
    """Whether the value is the last item of the list."""
    op = value.op
    if op is None or op.operation.name != "index" or op.operands[0] is not array:
        return False
    return op.attributes[0] == ("a",) and op.operands[1].number == -1


def _is_written_out(value: Value) -> bool:
    """Whether its expression is that of a new list."""
    return is_operation(value, "display") or is_operation(value, "filled")


def _is_view(value: Value) -> bool:
    operation = None if value.op is None else value.op.operation
    return not isinstance(operation, ArrayOperation) or operation.view


def _signed(op: Op, stored: Text) -> tuple[str, str]:
    """``+= v``, or ``-= v`` of what is the negative of v: one array less is made."""
    repeats = any(
        _repeats(index.type.element, index.type.rank) for index in op.operands[2:]
    )
    value = op.operands[1]
    negative = is_operation(value, "neg") and stored.binding == SIGN
    if stored.text.startswith("-"):  # -2.0, -2.0 * x / y: the sign is that of all
        negative = negative or value.op is None or _is_product(value)
    if op.operation.name == "accumulate" and negative and not repeats:
        return "-=", bare(stored.text.removeprefix("-"))
    return "+=", stored.text


def _is_product(value: Value) -> bool:
    """Whether it is a product or a quotient, whose sign is that of its first factor."""
    return is_operation(value, "mul") or is_operation(value, "div")


def _summand(sign: str, stored: Text) -> str:
    """What stands behind a plus or a minus."""
    text = stored.at_least(PRODUCT)
    return text.removeprefix("-") if sign == "-=" else text


def _flush_readers(
    writer: BodyWriter, views: Sequence[Value], keep: Sequence[Value]
) -> None:
    """Write the expressions that wait and read any of these, but for some."""
    names = [name for name in map(writer.names.get, views) if name is not None]
    waiting = writer.frame.waiting
    for value, text in list(waiting.items()):
        reads = any(mentions(text.text, name) for name in names)
        if reads and value in waiting and value not in keep:
            writer.flush(value)


def _repeats(element: str, rank: int) -> bool:
    """Whether an index may name an element twice."""
    return rank > 0 and element == "int"


class ArrayChanges(BodyWriter):
    """Writes what changes arrays and lists."""

    forms: ClassVar[Mapping[Operation, WriteForm]] = {
        **BodyWriter.forms,
        **{ARRAY_OPERATIONS[name]: write_store for name in ("store", "accumulate")},
        **{ENTRY_OPERATIONS[name]: write_entries for name in ENTRY_STORES},
        ARRAY_OPERATIONS["appended"]: write_append,
        ARRAY_OPERATIONS["dropped"]: write_dropped,
    }

    def in_lists(self, op: Op) -> bool:
        """Whether the operation is one of lists, and not of NumPy's arrays."""
        if op.operation.name in _BETWEEN:
            return False
        return any(value.type.listed for value in (*op.operands, *op.results))

    def copied(self, array: Value, text: str) -> str:
        """A copy of an array that is written as this text."""
        if array.type.listed:
            return copied(self.module, array.type.listed, text)
        return f"{text}.copy()"

    def stored(
        self, op: Op, name: str, indices: Sequence[str], sign: str, value: str
    ) -> list[str]:
        """The statements of a store, in place; one that adds has a ``sign``."""
        if self.in_lists(op):
            return self.stored_in_list(op, name, indices, sign, value)
        pattern = op.attributes[0]
        brackets = subscript_text(pattern, indices)
        if op.operation.name == "store":
            return [f"{name}[{brackets}] = {value}"]
        types = [index.type for index in op.operands[2:]]
        if any(_repeats(type.element, type.rank) for type in types):
            np = numpy_name(self.module)
            place = brackets if pattern == ("a",) else f"{np}.s_[{brackets}]"
            return [f"{np}.add.at({name}, {place}, {value})"]
        return [f"{name}[{brackets}] {sign} {value}"]

    def stored_in_list(
        self, op: Op, name: str, indices: Sequence[str], sign: str, value: str
    ) -> list[str]:
        """As `stored`, where the array is a list, or nested lists."""
        array, item, *_ = op.operands
        pattern = op.attributes[0]
        adds = op.operation.name == "accumulate"
        if pattern == COLUMN:
            row, number = self.names.fresh("row"), self.names.fresh("number")
            pairs = f"{self.module.builtin('zip')}({name}, {value})"
            column = f"{INDENT}{row}{subscripts(indices)} = {number}"
            return [f"for {row}, {number} in {pairs}:", column]
        if pattern[-1] != "a":
            before, place = slice_place(self.module, pattern, indices)
            if array.type.of_arrays:
                helper = self.module.helper("add_to_items")
                return [f"{helper}({name}, {place}, {value})"]
            helper = self.module.helper("add_to_slice" if adds else "store_in_slice")
            return [f"{helper}({name}{before}, {place}, {value})"]
        place = f"{name}{subscripts(indices)}"
        rank = array.type.rank - len(indices)
        if array.type.of_arrays:  # what stands in a list is not changed itself
            if adds:
                return [f"{place} = {place} {sign[0]} {value}"]
            if not item.type.rank:
                value = f"{numpy_name(self.module)}.full({place}.shape, {value})"
            return [f"{place} = {value}"]
        if adds and rank:
            return [f"{place} = {self.module.helper('added')}({place}, {value})"]
        if adds:
            return [f"{place} {sign} {value}"]
        if rank and not item.type.rank:
            value = filled_like(self.module, rank, place, value)
        elif rank and not (_is_written_out(item) and value.startswith("[")):
            value = copied(self.module, item.type.rank, value)
        return [f"{place} = {value}"]
