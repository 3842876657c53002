"""The builder: every operation is made here, numbered, folded and simplified."""

from __future__ import annotations

import math
from collections.abc import Callable

from adjoint.errors import AdjointError, Source
from adjoint.ir.arithmetic import FLOATS
from adjoint.ir.identities import EXACT_IDENTITIES, MAX_BITS
from adjoint.ir.program import IF, Block, Op, Program, Value
from adjoint.ir.types import BOOL, FLOAT, INT, Type, type_of
from adjoint.rules.operation import Operation
from adjoint.rules.table import OPERATIONS

#: A whole number of more bits than this is no float.
_FLOAT_BITS = 1024
#: How deep branches may stand in branches.
_MAX_DEPTH = 50

Identity = Callable[["Builder", tuple[Value, ...]], Value | None]

_Table = dict[tuple[object, ...], Value]

_WIDEN = {"add", "sub", "mul", "div", "lt", "le", "gt", "ge", "eq", "ne", "mod"}


class Builder:
    """Makes the operations of one program, in order.

    A repeated expression is the same value (common subexpressions vanish as they are
    made), constants are folded where IEEE 754 fixes the result, and ``identities``
    are applied: by default those that are exact in floating point.
    """

    def __init__(
        self,
        source: Source | None = None,
        identities: dict[str, Identity] = EXACT_IDENTITIES,
        fold: bool = True,
    ):
        self.source = source or Source("")
        self.identities = identities
        self.fold = fold
        self.generation = 0
        #: values that identities leave as they are, since several others use them
        self.settled: set[Value] = set()
        self._parameters: list[Value] = []
        self._blocks: list[Block] = [Block([])]
        self._known: list[_Table] = [{}]
        self._constants: dict[tuple[str, str], Value] = {}
        self._tables: dict[Block, _Table] = {}
        self._primal_ops = 0

    @classmethod
    def resume(cls, program: Program, identities: dict[str, Identity]) -> Builder:
        """A builder that goes on where ``program`` ends, for the derivative of it.

        The operations are shared, not copied; their values are known to the builder.
        """
        builder = cls(program.source, identities)
        builder.generation = program.generation + 1
        builder._parameters = list(program.parameters)
        builder._blocks = [Block(list(program.body.ops))]
        builder._primal_ops = len(program.body.ops)
        builder._known = [builder._remember(program.body)]
        return builder

    # -- leaves

    def parameter(self, name: str, type: Type = FLOAT) -> Value:
        """The next parameter."""
        value = Value(type, name=name)
        self._parameters.append(value)
        return value

    def constant(self, number: float | int | bool, name: str | None = None) -> Value:
        """The number as a value; ``name`` is its spelling (``pi``) where it has one."""
        key = (repr(number), name or "")
        value = self._constants.get(key)
        if value is None:
            value = Value(type_of(number), number, name=name)
            self._constants[key] = value
        return value

    # -- operations

    def emit(self, name: str, *operands: Value, where: int = -1) -> Value:
        """The result of the operation ``name`` on the operands.

        Raises AdjointError where a constant is too large to work with.
        """
        return self.apply(OPERATIONS[name], operands, where)

    def apply(
        self, operation: Operation, operands: tuple[Value, ...], where: int = -1
    ) -> Value:
        """As `emit`, for an `Operation`."""
        identity = self.identities.get(operation.name)
        if identity is not None:
            try:
                simpler = identity(self, operands)
            except OverflowError as error:
                raise self.error(where, str(error)) from None
            if simpler is not None:
                return simpler
        if operation.name in _WIDEN:
            operands = self._widened(operands)
        constant = all([operand.number is not None for operand in operands])
        if constant and self.fold and operation.ieee:
            folded = self._folded(operation, operands, where)
            if folded is not None:
                return folded
        known = self._lookup(operation, operands)
        if known is not None:
            return known
        for operand in operands:
            number = operand.number
            if type(number) is int and number.bit_length() > _FLOAT_BITS:
                raise self.error(where, "this constant is too large for a float")
        op = Op(operation, operands, where)
        value = Value(
            _result_type(operation, operands), None, op, None, self.generation
        )
        if constant:
            value.number = _evaluated(operation, operands)
        op.results = (value,)
        self._blocks[-1].ops.append(op)
        self._known[-1][(operation, *operands)] = value
        return value

    def error(self, where: int, message: str) -> AdjointError:
        """An error at an offset of the source; without a place where that is -1."""
        if where < 0:
            return AdjointError(message)
        return self.source.error(where, where + 1, message)

    # -- blocks

    def open(self, where: int = -1, after: Block | None = None) -> None:
        """Begin a block; what is made from now on belongs to it.

        ``after`` is a finished block that is certain to have run before this one does:
        its values are known here (`transform.scope` then hands them out of it).
        """
        if len(self._blocks) > _MAX_DEPTH:
            raise self.error(where, f"conditions nest more than {_MAX_DEPTH} deep")
        self._blocks.append(Block([]))
        self._known.append(dict(self._tables[after]) if after else {})

    def close(self, *results: Value) -> Block:
        """End the block that was begun last; it yields ``results``."""
        block = self._blocks.pop()
        block.results = results
        self._tables[block] = self._known.pop()
        return block

    def merge_if_harmless(self) -> bool:
        """Make the open block part of the one around it, unless it might raise."""
        if any(op.operation.raises or op.blocks for op in self._blocks[-1].ops):
            return False
        self._blocks[-2].ops.extend(self._blocks.pop().ops)
        known = self._known.pop()
        self._known[-1].update(known)
        return True

    def branch(
        self, condition: Value, then: Block, orelse: Block, where: int = -1
    ) -> tuple[Value, ...]:
        """What ``then`` yields where the condition holds, else what ``orelse`` yields.

        The condition is no constant (the caller builds only one side then).
        """
        if not then.ops and not orelse.ops and then.results == orelse.results:
            return then.results
        op = Op(IF, (condition,), where, (then, orelse))
        op.results = tuple(
            Value(_wider(a.type, b.type), None, op, None, self.generation)
            for a, b in zip(then.results, orelse.results, strict=True)
        )
        self._blocks[-1].ops.append(op)
        return op.results

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
        )

    # -- inside

    def _remember(self, block: Block) -> _Table:
        table: _Table = {}
        for op in block.ops:
            if op.blocks:
                for inner in op.blocks:
                    self._tables[inner] = self._remember(inner)
            else:
                table[(op.operation, *op.operands)] = op.results[0]
            for operand in op.operands:
                if operand.literal:
                    key = (repr(operand.number), operand.name or "")
                    self._constants.setdefault(key, operand)
        return table

    def _lookup(
        self, operation: Operation, operands: tuple[Value, ...]
    ) -> Value | None:
        key = (operation, *operands)
        for table in reversed(self._known):
            found = table.get(key)
            if found is not None:
                return found
        if operation.commutative and operands[0] is not operands[1]:
            swapped = (operation, operands[1], operands[0])
            for table in reversed(self._known):
                found = table.get(swapped)
                if found is not None:
                    return found
        return None

    def _widened(self, operands: tuple[Value, ...]) -> tuple[Value, ...]:
        """Whole constants that meet a float become floats, as Python does when it runs."""
        first, second = operands
        if first.type == FLOAT and type(second.number) is int:
            return first, self._as_float(second)
        if second.type == FLOAT and type(first.number) is int:
            return self._as_float(first), second
        return operands

    def _as_float(self, value: Value) -> Value:
        number = value.number
        assert number is not None
        if value.op is None and int(number).bit_length() <= _FLOAT_BITS - 1:
            return self.constant(float(number))
        return value

    def _folded(
        self, operation: Operation, operands: tuple[Value, ...], where: int
    ) -> Value | None:
        for operand in operands:
            if not operand.literal or operand.name is not None:
                return None
        numbers = [operand.number for operand in operands]
        if all([isinstance(number, int) for number in numbers]):
            sizes = [int(number).bit_length() for number in numbers]  # type: ignore[arg-type]
            if max(sizes) > MAX_BITS or sum(sizes) > 2 * MAX_BITS:
                raise self.error(where, "this constant is too large to compute")
        result = _evaluated(operation, operands)
        return None if result is None else self.constant(result)


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


def _result_type(operation: Operation, operands: tuple[Value, ...]) -> Type:
    if operation.result == "float":
        return FLOAT
    if operation.result == "operands":
        widest = operands[0].type
        for operand in operands[1:]:
            widest = _wider(widest, operand.type)
        return (
            INT if widest == BOOL and operation.name not in ("min", "max") else widest
        )
    return Type(operation.result)


def _wider(a: Type, b: Type) -> Type:
    return a if a in (b, FLOAT) or (a == INT and b == BOOL) else b
