"""The body of a function of arrays, in NumPy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from adjoint.ir.array_identities import is_operation
from adjoint.ir.program import Op, Value
from adjoint.ir.subscripts import subscript_text
from adjoint.rules.array_operation import ArrayOperation
from adjoint.rules.array_table import ARRAY_OPERATIONS
from adjoint.rules.entry_table import ENTRY_OPERATIONS
from adjoint.rules.operation import Operation
from adjoint.target.array_text import array_text, constant_text, numpy_name
from adjoint.target.entry_text import ENTRY_STORES, copied_entries, entry_statement
from adjoint.target.layout import INDENT
from adjoint.target.loops import mentions
from adjoint.target.numpy_body import counted
from adjoint.target.ownership import STORES
from adjoint.target.spelling import SIGN, Text, bare, operating
from adjoint.target.statements import BodyWriter, WriteForm
from adjoint.target.waiting import NeedsStatements

#: Of numbers, these are Python's own, which give truth values and whole numbers.
_PYTHONS = frozenset(("and", "or", "not", "floor", "ceil", "trunc", "round", "isqrt"))


def write_store(writer: BodyWriter, op: Op) -> None:
    """``a[i] = v`` or ``a[i] += v``, in place or in a copy."""
    if writer.frame.indent is None:
        raise NeedsStatements
    assert isinstance(writer, ArrayWriter)
    array, value, *indices = op.operands
    views = writer.uses.in_place.get(op)
    if array in writer.frame.waiting:
        writer.flush(array)
    if views is not None:  # what waits and reads the array must not see the change
        _flush_readers(writer, views, (value, *indices))
    writer.put_in_order((value, *indices))
    old = writer.atom(array).text
    sign, stored = _signed(op, writer.text(value))
    inside = [writer.text(index).text for index in indices]
    name = writer.names.give(op.results[0])
    entries = op.operation.name in ENTRY_STORES
    if views is None and entries:
        copy = copied_entries(writer.module, array.type.rank, old)
        writer.line(f"{name} = {copy}")
    elif views is None:
        writer.line(f"{name} = {writer.copied(array, old)}")
    elif name != old:
        writer.line(f"{name} = {old}")
    if entries:
        if stored != "[]" or op.operation.name == "set_row":
            writer.line(entry_statement(op, name, inside, stored))
    else:
        writer.line(writer.stored(op, name, inside, sign, stored))


def _signed(op: Op, stored: Text) -> tuple[str, str]:
    """``+= v``, or ``-= v`` of what is the negative of v: one array less is made."""
    repeats = any(
        _repeats(index.type.element, index.type.rank) for index in op.operands[2:]
    )
    negative = is_operation(op.operands[1], "neg") and stored.binding == SIGN
    if op.operation.name == "accumulate" and negative and not repeats:
        return "-=", bare(stored.text.removeprefix("-"))
    return "+=", stored.text


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


class ArrayWriter(BodyWriter):
    """Writes a function of arrays: they are NumPy's, and numbers are numbers."""

    forms: Mapping[Operation, WriteForm] = {
        **BodyWriter.forms,
        **{ARRAY_OPERATIONS[name]: write_store for name in STORES - ENTRY_STORES},
        **{ENTRY_OPERATIONS[name]: write_store for name in ENTRY_STORES},
    }

    def write(self) -> None:
        """Write everything; the parameters become arrays first."""
        super().write()
        np = numpy_name(self.module)
        first = []
        for parameter in self._program.parameters:
            if parameter.type.rank and parameter in self.uses.once:
                more = ", dtype=float" if parameter.type.real else ""
                name = parameter.name
                first.append(f"{INDENT}{name} = {np}.asarray({name}{more})")
        self.lines[:0] = first

    def op(self, op: Op) -> None:
        """As for numbers; constant arrays stand at the top of the module."""
        if op.operation.name == "array":
            self.module.add_array(op.results[0], constant_text(self.module, op))
        else:
            super().op(op)

    def copied(self, array: Value, text: str) -> str:
        """A copy of an array that is written as this text."""
        return f"{text}.copy()"

    def stored(
        self, op: Op, name: str, indices: Sequence[str], sign: str, value: str
    ) -> str:
        """The statement of a store, in place; one that adds has a ``sign``."""
        pattern = op.attributes[0]
        brackets = subscript_text(pattern, indices)
        if op.operation.name == "store":
            return f"{name}[{brackets}] = {value}"
        types = [index.type for index in op.operands[2:]]
        if any(_repeats(type.element, type.rank) for type in types):
            np = numpy_name(self.module)
            place = brackets if pattern == ("a",) else f"{np}.s_[{brackets}]"
            return f"{np}.add.at({name}, {place}, {value})"
        return f"{name}[{brackets}] {sign} {value}"

    def repeats_operand(self, op: Op) -> bool:
        """The square of an array is written as such, and NumPy multiplies."""
        return super().repeats_operand(op) and not op.results[0].type.rank

    def augments(self, value: Value) -> bool:
        """Numbers are not changed by others; arrays might be."""
        return not value.type.rank

    def applied(self, op: Op, operands: Sequence[Text]) -> Text:
        """The operation on the texts of its operands."""
        if isinstance(op.operation, ArrayOperation):
            return array_text(self.module, op, operands)
        if op.operation.name == "square" and op.results[0].type.rank:
            return operating("a ** b")([operands[0], Text("2")])
        numbers = not any(operand.type.rank for operand in op.operands)
        if numbers and op.operation.name in _PYTHONS:
            return self.module.in_python(op.operation, operands)
        return super().applied(op, counted(op, operands))
