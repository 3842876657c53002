"""The builder: every operation is made here, numbered, folded and simplified."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from mypy_extensions import mypyc_attr

from adjoint.errors import AdjointError, Source, SourceError
from adjoint.ir.arithmetic import FLOATS
from adjoint.ir.array_identities import (
    ARRAY_IDENTITIES,
    with_sign_outside,
    without_broadcasts,
)
from adjoint.ir.blocks import OpenBlocks
from adjoint.ir.identities import EXACT_IDENTITIES, MAX_BITS
from adjoint.ir.numbering import Numbering, expression_key, known_outside
from adjoint.ir.program import (
    Block,
    Op,
    Program,
    Value,
    has_arrays,
    operations_in,
)
from adjoint.ir.result_types import array_result, result_type
from adjoint.ir.shapes import Shape
from adjoint.ir.types import BOOL, FLOAT, INT, Type, type_of
from adjoint.rules.array_operation import ArrayOperation
from adjoint.rules.array_table import ARRAY_OPERATIONS
from adjoint.rules.operation import Operation
from adjoint.rules.table import OPERATIONS

#: A whole number of more bits than this is no float.
_FLOAT_BITS: Final = 1024

Identity = Callable[["Builder", tuple[Value, ...]], Value | None]

#: The type of the result, by `Operation.result`, where the operands are floats.
_ON_FLOATS: Final = {"float": FLOAT, "operands": FLOAT, "int": INT, "bool": BOOL}

_WIDEN: Final = {"add", "sub", "mul", "div", "lt", "le", "gt", "ge", "eq", "ne", "mod"}


@mypyc_attr(allow_interpreted_subclasses=True)
class Builder(OpenBlocks):
    """Makes the operations of one program, in order.

    A repeated expression is the same value (common subexpressions vanish as they are
    made), constants are folded where IEEE 754 fixes the result, and ``identities``
    are applied: by default those that are exact in floating point. Without ``share``
    and ``fold`` and identities, the program is what its maker asks for, word by word.
    """

    def __init__(
        self,
        source: Source | None = None,
        identities: dict[str, Identity] = EXACT_IDENTITIES,
        fold: bool = True,
        share: bool = True,
    ):
        super().__init__()
        self.source = source or Source("")
        self.identities = identities
        self.fold = fold
        self.share = share
        #: where operations are placed that have no place of their own: at the last,
        #: where that is of interest (in functions of several lines)
        self.place: int | None = None
        #: the first generation whose values are derivatives, and may be taken apart
        self.first_made = 1
        #: values that identities leave as they are, since several others use them
        self.settled: set[Value] = set()
        #: whether there is a sign that an identity might take off
        self.signs = False
        self._parameters: list[Value] = []
        self._constants: dict[object, Value] = {}
        #: by the shape, and whether it is a list
        self._first_of_shape: dict[tuple[Shape, int], Value] = {}
        self._primal_ops = 0

    @classmethod
    def resume(cls, program: Program, identities: dict[str, Identity]) -> Builder:
        """A builder that goes on where ``program`` ends, for the derivative of it.

        The operations are shared, not copied; their values are known to the builder.
        """
        builder = cls.beside(program, identities)
        if has_arrays(program):
            for op in program.body.ops:
                for result in op.results:
                    builder._note_shape(result)
        builder._blocks = [Block(list(program.body.ops))]
        builder._primal_ops = len(program.body.ops)
        maker = program.maker
        if maker is not None:
            builder._known = [maker._tables[program.body].copy()]
            builder.signs = maker.signs or OPERATIONS["neg"] in builder._known[0]
        else:
            builder._known = [builder._remember(program.body)]
        return builder

    @classmethod
    def beside(cls, program: Program, identities: dict[str, Identity]) -> Builder:
        """A builder for a derivative that adopts the operations of ``program``."""
        builder = cls(program.source, identities)
        builder.generation = program.generation + 1
        builder.place = -1 if program.written else None
        builder.first_made = program.primal_generation + 1
        builder._parameters = list(program.parameters)
        if program.maker is not None:
            builder._constants = dict(program.maker._constants)
        for parameter in program.parameters:
            builder._note_shape(parameter)
        return builder

    @classmethod
    def anew(cls, program: Program) -> Builder:
        """A builder for the program itself, which has its parameters and no more."""
        builder = cls(program.source)
        builder.place = -1 if program.written else None
        builder.generation = program.generation
        builder._parameters = list(program.parameters)
        for parameter in program.parameters:
            builder._note_shape(parameter)
        return builder

    def knows(self, body: Block) -> bool:
        """Whether it has made just this block, with no block inside."""
        return self._tables.keys() == {body}

    def made(self, value: Value) -> bool:
        """Whether the value is a derivative's own, and none of the primal."""
        return value.generation >= self.first_made

    # -- leaves

    def parameter(self, name: str, type: Type = FLOAT) -> Value:
        """The next parameter."""
        value = Value(type, name=name)
        self._parameters.append(value)
        self._note_shape(value)
        return value

    def constant(self, number: float | int | bool, name: str | None = None) -> Value:
        """The number as a value; ``name`` is its spelling (``pi``) where it has one."""
        key = _constant_key(number, name)
        value = self._constants.get(key)
        if value is None:
            value = Value(type_of(number), number, name=name)
            self._constants[key] = value
            self.signs = self.signs or number < 0
        return value

    # -- operations

    def emit(
        self,
        name: str,
        *operands: Value,
        where: int = -1,
        attributes: tuple[object, ...] = (),
    ) -> Value:
        """The result of the operation ``name`` on the operands.

        Raises AdjointError where a constant is too large to work with.
        """
        operation = OPERATIONS.get(name)
        if operation is None:
            return self.apply_array(ARRAY_OPERATIONS[name], operands, attributes, where)
        return self.apply(operation, operands, where)

    def apply_array(
        self,
        operation: ArrayOperation,
        operands: tuple[Value, ...],
        attributes: tuple[object, ...] = (),
        where: int = -1,
    ) -> Value:
        """As `emit`, for an operation of the table of arrays."""
        identity = ARRAY_IDENTITIES.get(operation.name)
        simpler = identity(self, operands, attributes) if identity else None
        if simpler is None:
            simpler = with_sign_outside(self, operation, operands, attributes)
        if simpler is not None:
            return simpler
        return self._known_or_new_array(operation, operands, where, attributes)

    def apply(
        self, operation: Operation, operands: tuple[Value, ...], where: int = -1
    ) -> Value:
        """As `emit`, for an operation on numbers; on arrays, element by element."""
        if where >= 0 and self.place is not None:
            self.place = where
        identity = self.identities.get(operation.name)
        if identity is not None:
            try:
                simpler = identity(self, operands)
            except SourceError:
                raise
            except (OverflowError, AdjointError) as error:  # to be given its place
                raise self.error(where, str(error)) from None
            if simpler is not None:
                return simpler
        first, last = operands[0], operands[-1]
        if (
            first.type is not FLOAT
            or last.type is not FLOAT
            or (first.number is not None and last.number is not None)
            or len(operands) > 2
        ):
            return self._apply_to_others(operation, operands, where)
        return self._known_or_new(
            operation, operands, where, _ON_FLOATS[operation.result]
        )

    def known(self, operation: Operation, a: Value, b: Value) -> Value | None:
        """The value of an expression that is already there; nothing is made."""
        key = expression_key(operation, (a, b))
        known = self._known[-1][operation].get(key)
        return known or known_outside(self._known, operation, key)

    def again(self, op: Op, operands: tuple[Value, ...], where: int = -1) -> Value:
        """The result of an operation that is done once more, on other operands."""
        if isinstance(op.operation, ArrayOperation):
            return self.apply_array(op.operation, operands, op.attributes, where)
        return self.apply(op.operation, operands, where)

    def error(self, where: int, message: str) -> AdjointError:
        """An error at an offset of the source; without a place where that is -1."""
        if where < 0:
            return AdjointError(message)
        return self.source.error(where, where + 1, message)

    def adopt(self, op: Op) -> None:
        """Append an operation that was made elsewhere, and know its values."""
        block = self._blocks[-1]
        self._known[-1].include(self._remember(Block([op])))
        if len(self._blocks) == 1:
            for result in op.results:
                self._note_shape(result)
        block.ops.append(op)

    def condition(self, value: Value, where: int = -1) -> Value:
        """The truth of a value, as Python's ``if`` sees it."""
        if value.type == BOOL:
            return value
        return self.emit("ne", value, self.constant(0), where=where)

    def finish(self, name: str, *results: Value) -> Program:
        """The program that has been built."""
        for value in results:
            number = value.number
            if type(number) is int and number.bit_length() > _FLOAT_BITS:
                raise AdjointError("the result is a constant too large for a float")
        block = self.close(*results)
        return Program(
            name,
            tuple(self._parameters),
            block,
            self.source,
            self._primal_ops or len(block.ops),
            self.generation,
            maker=self,
        )

    # -- inside

    def _remember(self, block: Block) -> Numbering:
        table, constants = Numbering(), self._constants
        shared = set(filter(_shared, operations_in(block)))
        for op in block.ops:
            operation, operands = op.operation, op.operands
            if op.blocks:
                for inner in op.blocks:
                    self._tables[inner] = self._remember(inner)
            elif op.result is not None and operation in shared:
                key = operands
                if op.attributes or operation.commutative:
                    key = expression_key(operation, operands, op.attributes)
                table[operation][key] = op.result
            for value in operands:
                number = value.number
                if number is not None and value.op is None:
                    constants.setdefault(_constant_key(number, value.name), value)
                    self.signs = self.signs or number < 0
        self.signs = self.signs or OPERATIONS["neg"] in table
        return table

    def _apply_to_others(
        self, operation: Operation, operands: tuple[Value, ...], where: int
    ) -> Value:
        """As `apply`, where it is not one or two floats that are not both constants."""
        for operand in operands:
            if operand.type.rank:
                return self._apply_to_arrays(operation, operands, where)
        for operand in operands:
            if operand.number is not None:
                return self._apply_to_constants(operation, operands, where)
        type = result_type(operation, operands)
        return self._known_or_new(operation, operands, where, type)

    def _apply_to_arrays(
        self, operation: Operation, operands: tuple[Value, ...], where: int
    ) -> Value:
        """As `apply`, where at least one operand is an array."""
        if not any(operand.type.listed for operand in operands):
            simpler = without_broadcasts(self, operation, operands, where)
            if simpler is not None:
                return simpler
        return self._known_or_new_array(operation, operands, where)

    def like(self, value: Value) -> Value:
        """The first value that is known to have the shape of this one, or itself."""
        return self._first_of_shape.get((value.shape, value.type.listed), value)

    def _note_shape(self, value: Value) -> None:
        """Remember floats that are seen from every block by their shape."""
        if value.type.rank and value.type.real:
            key = value.shape, value.type.listed
            self._first_of_shape.setdefault(key, value)

    def _apply_to_constants(
        self, operation: Operation, operands: tuple[Value, ...], where: int
    ) -> Value:
        """As `apply`, where at least one operand is a constant."""
        if operation.name in _WIDEN:
            operands = self._widened(operands)
        constant = None not in [operand.number for operand in operands]
        if constant and self.fold and operation.ieee:
            folded = self._folded(operation, operands, where)
            if folded is not None:
                return folded
        for operand in operands:
            number = operand.number
            if type(number) is int and number.bit_length() > _FLOAT_BITS:
                raise self.error(where, "this constant is too large for a float")
        kind = result_type(operation, operands)
        number = _evaluated(operation, operands) if constant else None
        return self._known_or_new(operation, operands, where, kind, number)

    def _known_or_new(
        self,
        operation: Operation,
        operands: tuple[Value, ...],
        where: int,
        type: Type,
        number: float | int | None = None,
    ) -> Value:
        """The value of an expression that is already there, or of a new operation.

        An operation on constants that has a number is done outside of every block,
        since it is done once for all.
        """
        tables = self._known
        level = -1 if number is None else 0
        expressions = tables[level][operation]
        key = operands
        if operation.commutative and id(operands[0]) > id(operands[1]):
            key = operands[::-1]  # as in `expression_key`
        known = expressions.get(key)
        if known is None and len(tables) > 1:
            known = known_outside(tables, operation, key)
        if known is not None and self.share:
            return known
        if where < 0 and self.place is not None:
            where = self.place
        op = Op(operation, operands, where, (), (), self.sweep)
        value = Value(type, number, op, None, self.generation)
        op.result = expressions[key] = value
        self._blocks[level].ops.append(op)
        return value

    def _known_or_new_array(
        self,
        operation: Operation,
        operands: tuple[Value, ...],
        where: int,
        attributes: tuple[object, ...] = (),
    ) -> Value:
        """As `_known_or_new`, where an operand or the result is an array."""
        key = expression_key(operation, operands, attributes)
        tables = self._known
        known = tables[-1][operation].get(key) or known_outside(tables, operation, key)
        if known is not None and self.share:
            return known
        where = self._placed(where)
        op = Op(operation, operands, where, (), attributes, self.sweep)
        value = array_result(operation, operands, attributes)
        value.op, value.generation = op, self.generation
        op.result = value
        if len(self._blocks) == 1:
            self._note_shape(value)
        self._blocks[-1].ops.append(op)
        if _shared(operation):
            tables[-1][operation][key] = value
        return value

    def _placed(self, where: int) -> int:
        return self.place if where < 0 and self.place is not None else where

    def _widened(self, operands: tuple[Value, ...]) -> tuple[Value, ...]:
        """Whole constants that meet a float become floats, as when Python runs it."""
        first, second = operands
        if first.type == FLOAT and type(second.number) is int:
            return first, self._as_float(second)
        if second.type == FLOAT and type(first.number) is int:
            return self._as_float(first), second
        return operands

    def _as_float(self, value: Value) -> Value:
        number = value.number
        assert number is not None
        small = value.op is None and int(number).bit_length() <= _FLOAT_BITS - 1
        if small and float(number) == number:  # else a comparison might change
            return self.constant(float(number))
        return value

    def _folded(
        self, operation: Operation, operands: tuple[Value, ...], where: int
    ) -> Value | None:
        for operand in operands:
            if not operand.literal or operand.name is not None:
                return None
        numbers = [operand.number for operand in operands]
        if not any(isinstance(number, float) for number in numbers):
            sizes = [int(number).bit_length() for number in numbers]  # type: ignore[arg-type]
            if max(sizes) > MAX_BITS or sum(sizes) > 2 * MAX_BITS:
                raise self.error(where, "this constant is too large to compute")
        result = _evaluated(operation, operands)
        return None if result is None else self.constant(result)


def _shared(operation: Operation) -> bool:
    """Whether the same expression twice may be one value."""
    return not isinstance(operation, ArrayOperation) or operation.shared


def _constant_key(number: float | int | None, name: str | None) -> object:
    """Equal for the same constant only: 1, 1.0 and True differ, and 0.0 and -0.0."""
    return type(number), str(number) if number == 0 else number, name


def _evaluated(operation: Operation, operands: tuple[Value, ...]) -> float | int | None:
    """The number that Python gives, or None where it raises or gives no finite one."""
    function = FLOATS.get(operation.name)
    if function is None:
        return None
    try:
        number = function(*[operand.number for operand in operands])
        return number if math.isfinite(number) else None
    except (ArithmeticError, ValueError, TypeError):
        return None
