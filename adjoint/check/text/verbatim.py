"""The builder that writes down what a text says, word by word."""

from __future__ import annotations

from adjoint.errors import Source
from adjoint.ir.builder import Builder
from adjoint.ir.literals import is_too_large
from adjoint.ir.program import Value
from adjoint.ir.types import BOOL
from adjoint.rules.operation import Operation
from adjoint.rules.table import OPERATIONS

#: What NumPy writes for the logic of truth values.
_LOGIC = {"bitand": "and", "bitor": "or"}


class Verbatim(Builder):
    """Neither folds constants, nor shares values, nor uses identities."""

    def __init__(self, source: Source):
        super().__init__(source, identities={}, fold=False, share=False)

    def apply(
        self, operation: Operation, operands: tuple[Value, ...], where: int = -1
    ) -> Value:
        """As `Builder.apply`; refuses a constant that would take for ever."""
        numbers = [operand.number for operand in operands]
        if is_too_large(operation.name, numbers):
            raise self.error(where, "this constant is too large to compute")
        logic = _LOGIC.get(operation.name)
        if logic and all(operand.type == BOOL for operand in operands):
            operation = OPERATIONS[logic]
        return super().apply(operation, operands, where)
