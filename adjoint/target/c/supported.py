"""What functions of lists may ask for in C."""

from __future__ import annotations

import re
from typing import Final

from adjoint.errors import AdjointError
from adjoint.ir.program import Op, Program, walk
from adjoint.rules.array_operation import ArrayOperation
from adjoint.target.arrays.element_body import refuse_whole_arrays

_OPERATIONS: Final = frozenset("""
amax amin appended array as_list broadcast concatenate copy display dropped empty filled
full full_like length ones ones_like pack size stack sum transpose unbroadcast zeros
zeros_like
""".split())
_ITEMS: Final = frozenset(("index", "store", "accumulate"))
_OF_ONE_AXIS: Final = frozenset(("amax", "amin", "sum", "concatenate"))
#: Those that are done for each number of a list.
_OF_EACH: Final = frozenset(("add", "eq", "where"))


def refuse_what_c_has_not(program: Program) -> None:
    """Raise SourceError for the first operation on lists that C has not."""
    refuse_whole_arrays(program)
    for op in walk(program.body):
        arrays = any(value.type.rank for value in (*op.operands, *op.results))
        if arrays and not op.blocks and not _is_in_c(op):
            raise _refusal(program, op)


def _is_in_c(op: Op) -> bool:
    name, first = op.operation.name, op.operands[0] if op.operands else None
    if any(value.type.rank > 2 for value in (*op.operands, *op.results)):
        return False
    if name in _OF_EACH or not isinstance(op.operation, ArrayOperation):
        return name in _OF_EACH
    if name in _ITEMS:
        return _is_item(op)
    if name in _OF_ONE_AXIS:
        return first is not None and first.type.rank == 1
    return name in _OPERATIONS


def _is_item(op: Op) -> bool:
    """Whether an item is read or changed, or a row, or a slice of a list."""
    indices, rank = op.attributes[0], op.operands[0].type.rank
    if set(indices) == {"a"}:
        return len(indices) <= rank
    return rank == 1 and re.fullmatch("a?:a?", indices[0]) is not None


def _refusal(program: Program, op: Op) -> AdjointError:
    message = f"`{op.operation.name}` of lists like this is not for target c"
    hint = "numbers are read and stored one by one, x[i] or A[i][j]"
    if op.where < 0:
        return AdjointError(f"{program.name}: {message}; {hint}")
    return program.source.error(op.where, op.where + 1, message, hint)
