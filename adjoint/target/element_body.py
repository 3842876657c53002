"""The body of a function that reads arrays element by element: they are lists."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from adjoint.errors import AdjointError
from adjoint.ir.program import Op, Program, Value, walk
from adjoint.rules.array_operation import ArrayOperation
from adjoint.target.array_body import ArrayWriter
from adjoint.target.element_text import (
    DERIVED,
    SPELLED,
    constant_text,
    copied,
    filled_like,
    subscripts,
)
from adjoint.target.layout import INDENT
from adjoint.target.ownership import STORES
from adjoint.target.spelling import Text
from adjoint.target.statements import BodyWriter

#: The brackets of a column of a matrix, as a Jacobian is written by tangent sweeps.
COLUMN = (":", "a")


class ElementWriter(ArrayWriter):
    """Writes a function of lists, nested where an array has more than one axis.

    The parameters may be anything that ``x[i]`` and ``A[i][j]`` read and that has a
    length: lists, tuples, arrays of NumPy. Arrays of the function's own are lists.
    """

    def write(self) -> None:
        """Write everything; the parameters stay what they are."""
        BodyWriter.write(self)

    def op(self, op: Op) -> None:
        """As for numbers; constant lists stand at the top of the module."""
        if op.operation.name == "array":
            self.module.add_array(op.results[0], constant_text(self.module, op))
        elif op.operation.name == "index" and op.results[0].type.rank:
            self._row(op)
        else:
            BodyWriter.op(self, op)

    def _row(self, op: Op) -> None:
        """A row, unless all that is read of it is read by an index of its own."""
        if op.results[0] in self.uses.once:
            BodyWriter.op(self, op)

    def copied(self, array: Value, text: str) -> str:
        """A copy of an array that is written as this text."""
        return copied(self.module, array.type.rank, text)

    def stored(
        self, op: Op, name: str, indices: Sequence[str], sign: str, value: str
    ) -> list[str]:
        """The statements of a store, in place; one that adds has a ``sign``."""
        array, item, *_ = op.operands
        if op.attributes[0] == COLUMN:
            row, number = self.names.fresh("row"), self.names.fresh("number")
            pairs = f"{self.module.builtin('zip')}({name}, {value})"
            column = f"{INDENT}{row}{subscripts(indices)} = {number}"
            return [f"for {row}, {number} in {pairs}:", column]
        place = f"{name}{subscripts(indices)}"
        rank = array.type.rank - len(indices)
        if op.operation.name == "accumulate":
            if rank:
                added = self.module.helper("added")
                return [f"{place} = {added}({place}, {value})"]
            return [f"{place} {sign} {value}"]
        if rank and not item.type.rank:
            value = filled_like(self.module, rank, place, value)
        elif rank:
            value = self.copied(item, value)
        return [f"{place} = {value}"]

    def repeats_operand(self, op: Op) -> bool:
        """Whether an operand stands where it is computed again and again."""
        rows = op.operation.name == "full" and op.results[0].type.rank > 1
        return rows or BodyWriter.repeats_operand(self, op)

    def applied(self, op: Op, operands: Sequence[Text]) -> Text:
        """The operation on the texts of its operands."""
        if _is_of_arrays(op):
            return DERIVED[op.operation.name](self.module, op, operands)
        return BodyWriter.applied(self, op, operands)


def refuse_whole_arrays(program: Program) -> None:
    """Raise SourceError for the first operation that is one on whole arrays."""
    for op, name in _whole(program):
        raise _refusal(program, op, name)


def _whole(program: Program) -> Iterator[tuple[Op, str]]:
    for op in walk(program.body):
        if op.blocks or not op.results or not _is_of_arrays(op):
            continue
        known = DERIVED if op.sweep or program.generation else SPELLED
        name = op.operation.name
        if name == "array":
            continue
        if (name not in known and name not in STORES) or not _is_plain(op):
            yield op, name


def _is_of_arrays(op: Op) -> bool:
    if isinstance(op.operation, ArrayOperation):
        return True
    return any(value.type.rank for value in (*op.operands, *op.results))


def _is_plain(op: Op) -> bool:
    """Whether no slice, and no array, stands in the brackets."""
    name = op.operation.name
    if name in ("broadcast", "full_like"):
        return not op.operands[1 if name == "full_like" else 0].type.rank
    if name == "full":
        return not op.operands[0].type.rank
    if name not in ("index", *STORES):
        return True
    if name == "store" and op.sweep and op.attributes[0] == COLUMN:
        return op.operands[0].type.rank == 2 and op.operands[1].type.rank == 1
    indices = op.operands[1 if name == "index" else 2 :]
    return all(entry == "a" for entry in op.attributes[0]) and not any(
        index.type.rank for index in indices
    )


def _refusal(program: Program, op: Op, name: str) -> AdjointError:
    message = f"`{name}` of whole arrays is not in the target python"
    hint = "use target='numpy', or loop over the elements"
    if op.where < 0:
        return AdjointError(f"{program.name}: {message}; {hint}")
    return program.source.error(op.where, op.where + 1, message, hint)
