"""The body of a function that reads arrays element by element: they are lists."""

from __future__ import annotations

from collections.abc import Iterator

from adjoint.errors import AdjointError
from adjoint.ir.program import Op, Program, Value, walk
from adjoint.rules.array_operation import ArrayOperation
from adjoint.target.arrays.body import ArrayWriter
from adjoint.target.arrays.changes import COLUMN
from adjoint.target.arrays.element_text import (
    DERIVED,
    SPELLED,
    constant_text,
    copied,
    is_elementwise,
)
from adjoint.target.ownership import STORES
from adjoint.target.statements import BodyWriter


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
        elif not self.is_read_by_others(op):
            self.write_what_repeats(op)
            BodyWriter.op(self, op)

    def in_lists(self, op: Op) -> bool:
        """All arrays are lists."""
        return _is_of_arrays(op)

    def copied(self, array: Value, text: str) -> str:
        """A copy of an array that is written as this text."""
        return copied(self.module, array.type.rank, text)

    def repeats_operand(self, op: Op) -> bool:
        """Whether an operand stands where it is computed again and again."""
        return self.computes_again(op) or BodyWriter.repeats_operand(self, op)


def is_element_code(program: Program) -> bool:
    """Whether no operation of the program is one on whole arrays."""
    return next(_whole(program), None) is None


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
        derived = known is DERIVED and is_elementwise(op.operation)
        spelled = name in known or name in STORES or derived
        if not spelled or not _is_plain(op) or _keeps_arrays(op):
            yield op, name


def _is_of_arrays(op: Op) -> bool:
    if isinstance(op.operation, ArrayOperation):
        return True
    return any(value.type.rank for value in (*op.operands, *op.results))


def _keeps_arrays(op: Op) -> bool:
    """Whether it is of a list of arrays, which here would be one of lists."""
    return any(value.type.of_arrays for value in (*op.operands, *op.results))


#: What stands in the brackets, or is reduced or sorted.
_READ = frozenset(("index", "store", "accumulate"))
_REDUCED = frozenset(("amax", "amin", "sort", "sum"))


def _is_plain(op: Op) -> bool:
    """Whether no array stands in the brackets, and a slice only at the end."""
    name = op.operation.name
    if name in _REDUCED:  # by Python's own functions
        whole = name == "sort" or op.attributes == (None, False)
        return whole and (op.operands[0].type.rank == 1 or name == "sum")
    if is_elementwise(op.operation):
        return op.results[0].type.rank == 1
    if name == "transpose":
        return op.attributes[0] == (1, 0)
    if name in ("broadcast", "full_like"):
        return not op.operands[1 if name == "full_like" else 0].type.rank
    if name == "full":
        return not op.operands[0].type.rank
    if name not in _READ:
        return True
    if name == "store" and op.sweep and op.attributes[0] == COLUMN:
        return op.operands[0].type.rank == 2 and op.operands[1].type.rank == 1
    indices = op.operands[1 if name == "index" else 2 :]
    *first, last = op.attributes[0]
    plain = all(entry == "a" for entry in first) and last not in ("None", "...")
    return plain and not any(index.type.rank for index in indices)


def _refusal(program: Program, op: Op, name: str) -> AdjointError:
    message = f"`{name}` of whole arrays is not in the target python"
    hint = "use target='numpy', or loop over the elements"
    if op.where < 0:
        return AdjointError(f"{program.name}: {message}; {hint}")
    return program.source.error(op.where, op.where + 1, message, hint)
