"""Blocks under construction: which are open, and what each of them has computed."""

from __future__ import annotations

from collections.abc import Callable

from mypy_extensions import mypyc_attr

from adjoint.errors import AdjointError
from adjoint.ir.numbering import Numbering
from adjoint.ir.program import FOR, GUARD, IF, WHILE, Block, Op, Value
from adjoint.ir.result_types import joined
from adjoint.ir.types import BOOL, STACK, Type
from adjoint.rules.operation import Operation

#: How deep branches may stand in branches.
_MAX_DEPTH = 100


@mypyc_attr(allow_interpreted_subclasses=True)
class OpenBlocks:
    """The block of the program and those open inside it, and operations with blocks."""

    def __init__(self) -> None:
        self.generation = 0
        #: the title of the sweep that is being written
        self.sweep = ""
        self._blocks: list[Block] = [Block([])]
        self._known = [Numbering()]
        #: what blocks that are closed have computed
        self._tables: dict[Block, Numbering] = {}

    @property
    def depth(self) -> int:
        """How many blocks are open, beside that of the program."""
        return len(self._blocks) - 1

    def open(self, where: int = -1, after: Block | None = None) -> None:
        """Begin a block; what is made from now on belongs to it.

        ``after`` is a finished block that is certain to have run before this one does:
        its values are known here (`transform.scope` then hands them out of it).
        """
        if self.depth >= _MAX_DEPTH:
            raise self.error(where, f"conditions nest more than {_MAX_DEPTH} deep")
        self._blocks.append(Block([]))
        self._known.append(self._tables[after].copy() if after else Numbering())

    @property
    def block(self) -> Block:
        """The block that is open."""
        return self._blocks[-1]

    def is_open(self, block: Block) -> bool:
        """Whether what is made now stands in the block, or in one inside it."""
        return any(block is one for one in self._blocks)

    def block_parameter(self, type: Type, name: str | None = None) -> Value:
        """The next parameter of the block that is open."""
        value = Value(type, name=name, generation=self.generation)
        self._blocks[-1].parameters += (value,)
        return value

    def close(self, *results: Value) -> Block:
        """End the block that was begun last; it yields ``results``."""
        block = self._blocks.pop()
        block.results = results
        self._tables[block] = self._known.pop()
        return block

    def reopen(self, block: Block) -> None:
        """Go on with a block that has been closed."""
        self._blocks.append(block)
        self._known.append(self._tables.pop(block))

    def merge_if_harmless(self) -> bool:
        """Make the open block part of the one around it, unless it might raise."""
        if any(op.operation.raises or op.blocks for op in self._blocks[-1].ops):
            return False
        self.merge()
        return True

    def merge(self) -> None:
        """Make the open block part of the one around it."""
        self._blocks[-2].ops.extend(self._blocks.pop().ops)
        known = self._known.pop()
        self._known[-1].include(known)

    def attempt(self, build: Callable[[], None], *reasons: type[Exception]) -> bool:
        """Build something; if that raises one of these, nothing is left of it.

        Says whether it has been built.
        """
        depth = len(self._blocks)
        self.open()
        try:
            build()
        except reasons:
            del self._blocks[depth:], self._known[depth:]
            return False
        self.merge()
        return True

    def branch(
        self, condition: Value, then: Block, orelse: Block, where: int = -1
    ) -> tuple[Value, ...]:
        """What ``then`` yields where the condition holds, else what ``orelse`` yields.

        The condition is no constant (the caller builds only one side then).
        """
        if not then.ops and not orelse.ops:
            if then.results == orelse.results:
                return then.results
            decided = self._decided(condition, then.results, orelse.results, where)
            if decided is not None:
                return (decided,)
        op = Op(IF, (condition,), where, (then, orelse), sweep=self.sweep)
        op.results = tuple(
            joined(op, a, b, self.generation)
            for a, b in zip(then.results, orelse.results, strict=True)
        )
        self._blocks[-1].ops.append(op)
        return op.results

    def _decided(
        self,
        condition: Value,
        then: tuple[Value, ...],
        orelse: tuple[Value, ...],
        where: int,
    ) -> Value | None:
        """``True if c else False`` is ``c``, and the other way round ``not c``."""
        if len(then) != 1 or condition.type != BOOL:
            return None
        if then[0].type != BOOL or orelse[0].type != BOOL:
            return None
        outcomes = then[0].number, orelse[0].number
        if outcomes == (True, False):
            return condition
        return (
            self.emit("not", condition, where=where)
            if outcomes == (False, True)
            else None
        )

    def loop(
        self,
        operation: Operation,
        operands: tuple[Value, ...],
        *blocks: Block,
        where: int = -1,
        pops: int = 0,
        saved: tuple[Value, ...] = (),
    ) -> tuple[Value, ...]:
        """The results of a loop (`FOR`, `WHILE`, `BACKWARD` or `UNWIND`).

        Carried values have the type of their block parameter. A loop that saves gives
        its stack as the last result.
        """
        op = Op(operation, operands, where, blocks)
        op.pops, op.saved, op.sweep = pops, saved, self.sweep
        body = blocks[-1]
        count = len(body.results) - (1 if operation in (FOR, WHILE) else 0)
        carried = body.parameters[len(body.parameters) - count :]
        op.results = tuple(
            Value(value.type, None, op, value.name, self.generation)
            for value in carried
        )
        initial = operands[len(operands) - count :]
        for at, value in enumerate(carried):
            kept = body.results[at].shape == value.shape
            if kept and not value.type.listed:  # the length of a list may change
                op.results[at].shape = initial[at].shape
        if saved:
            op.results += (Value(STACK, None, op, "saved", self.generation),)
        self._blocks[-1].ops.append(op)
        return op.results

    def guard(self, condition: Value, text: str, where: int = -1) -> None:
        """Raise the exception that ``text`` spells unless the condition holds."""
        op = Op(GUARD, (condition,), where)
        op.text = text
        self._blocks[-1].ops.append(op)

    # -- what the builder says

    def emit(self, name: str, *operands: Value, where: int = -1) -> Value:
        """The result of an operation."""
        raise NotImplementedError

    def error(self, where: int, message: str) -> AdjointError:
        """An error at an offset of the source."""
        raise NotImplementedError
