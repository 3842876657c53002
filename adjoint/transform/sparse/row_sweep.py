"""The reverse sweep of one number, which gives its row of a sparse Jacobian.

It is the reverse sweep of `transform.reverse`, in which the adjoint of the parameters
is a row: a list, to which an entry is appended where an element of a parameter was
read. Where an element of another array was read, or a running sum, all entries of its
row are taken over, times the adjoint.
"""

from __future__ import annotations

from collections.abc import Sequence

from adjoint.errors import AdjointError, OptionError
from adjoint.ir.builder import Builder
from adjoint.ir.program import IF, LOOPS, Block, Op, Program, Value, walk
from adjoint.ir.types import Type
from adjoint.rules.entry_table import ENTRY_OPERATIONS
from adjoint.transform.activity import depends_on_floats
from adjoint.transform.algebra.real_identities import IDENTITIES
from adjoint.transform.reverse import Adjoints, Sweep
from adjoint.transform.sparse.columns import Columns

#: Operations on whole numbers that an index is computed by.
_OF_INDICES = frozenset(("add", "sub", "mul", "neg", "mod", "floordiv", "min", "max"))

# Why a derivative is not sparse, and what to write instead.
_NOT_ADDED = (
    "an element may be added to, and no more: compute it as a number, and store it once"
)
_OWN = "this array is computed from its own elements"
WHOLE = "this array is computed as a whole: store its elements in a loop, `y[i] = ...`"


class Source:
    """An array that is filled, or a running sum; and from which others it is made."""

    def __init__(self, lengths: Sequence[Value] = ()):
        self.lengths = lengths
        self._read: set[Source] = set()

    def may_read(self, other: Source) -> bool:
        """Note that the other is read; False where that is made of this one."""
        seen, pending = set[Source](), [other]
        while pending:
            one = pending.pop()
            if one is self:
                return False
            if one not in seen:
                seen.add(one)
                pending += one._read
        self._read.add(other)
        return True


class RowSweep(Sweep):
    """Reverse sweeps of single numbers, in the middle of the program that makes them.

    Rows have either the values of the entries or, with ``of_columns``, their columns.
    """

    def __init__(self, program: Program, interest: Sequence[Value], of_columns: bool):
        super().__init__(program, interest, Builder.beside(program, IDENTITIES))
        self.columns = Columns(self.builder, program, interest)
        self.of_columns = of_columns
        self.element = "int" if of_columns else "float"
        #: what stands for all parameters: its adjoint is the row
        self.row = Value(Type(self.element, 1))
        #: the rows of arrays and of running sums, and where these come from
        self.rows: dict[Value, Value] = {}
        self.source: dict[Value, Source] = {}
        #: the operation, as it is now, that computes each value; their order, and the
        #: blocks that each is in
        self.maker: dict[Value, Op] = {}
        self.order: dict[Op, int] = {}
        self.home: dict[Op, tuple[Block, ...]] = {}
        #: the blocks of the program that the sweep is written in
        self.blocks: tuple[Block, ...] = ()
        #: rows that are written as one list, and the block where they are
        self._literals: dict[Value, Block] = {}
        self._data = depends_on_floats(program)
        #: elements that are read under a condition on floats
        self._deferred: dict[Value, Op] = {}
        self._own: tuple[Value, ...] = ()
        self._within: Source | None = None
        self._depth = 0
        self._loops_reversed: set[Op] = set()
        #: the rows of elements that were taken when these were read
        self.rows_read: dict[Op, Value] = {}
        #: whether the row is one to be added to that of the same element
        self.continues = False

    def reversed(
        self,
        value: Value,
        where: int,
        within: Source | None = None,
        own: tuple[Value, ...] = (),
        onto: Value | None = None,
    ) -> Value:
        """The row of a number that is computed where the builder is now.

        It is to be that of the element ``own`` (array and indices), or of a running
        sum, of the source ``within``. The entries stand behind those of the sum
        ``onto``, where it is given. Raises AdjointError where it is no sparse row.
        """
        self._own, self._within, self._depth = own, within, self.builder.depth
        self._deferred = {}
        adjoints: Adjoints = {self.row: self.make("row")}
        if value in self.varied:
            self.add(adjoints, value, self.builder.constant(1.0))
            self.reverse(Block(self._cone(value, where)), adjoints)
        row = adjoints.pop(self.row)
        for read, op in self._deferred.items():
            adjoint = adjoints.pop(read, None)
            if adjoint is not None:
                array, *indices = op.operands
                outside = [self._outside(index, op.where) for index in indices]
                row = self._with_entry(row, array, outside, adjoint, wrapped=True)
        for parameter in self.interest:
            adjoint = adjoints.pop(parameter, None)
            if adjoint is not None:
                row = self._with_entry(row, parameter, (), adjoint)
        row = self._with_sums(row, adjoints, onto, where)
        for left in adjoints:
            name = f"`{left.name}`" if left.name else "a number"
            why = f"{name} is handed on from one iteration to the next"
            raise self.error(where, why)
        return row

    def _with_sums(
        self, row: Value, adjoints: Adjoints, onto: Value | None, where: int
    ) -> Value:
        """The row, and those of the running sums that it depends on."""
        sums = [left for left in adjoints if left in self.rows]
        own = [one for one in sums if self.source[one] is self._within]
        for left in sorted(sums, key=lambda one: one in own):
            adjoint = adjoints.pop(left)
            if left in own:
                plain = adjoint.literal and adjoint.number == 1 and len(own) == 1
            else:
                plain = self._may_read(self.source[left])
            if not plain:
                raise self.error(where, "a sum is computed from itself")
            row = self._with_row(row, self.rows[left], adjoint, left in own)
        return row

    def _may_read(self, source: Source) -> bool:
        return self._within is None or self._within.may_read(source)

    # -- which operations

    def _cone(self, value: Value, where: int) -> list[Op]:
        """The operations that the value depends on a parameter by, in their order."""
        found: dict[Op, None] = {}
        inside: set[Op] = set()
        pending = [value]
        while pending:
            value = pending.pop()
            op = self.maker.get(value)
            done = value.type.rank or value in self.rows
            if op is None or op in found or op in inside or done:
                continue
            found[op] = None
            if op.operation in LOOPS:
                self._require_local(op, where)
            pending += [operand for operand in op.operands if operand in self.varied]
            for block in op.blocks:
                inner = list(walk(block))
                inside.update(inner)
                for one in inner:
                    pending += [o for o in one.operands if o in self.varied]
                    pending += [r for b in one.blocks for r in b.results]
                pending += block.results
        return sorted(found, key=self.order.__getitem__)

    def _require_local(self, loop: Op, where: int) -> None:
        """Raise AdjointError where a loop would have to be reversed for each row."""
        home = self.home[loop.origin]
        between = self.blocks[len(home) :]
        again = loop.origin in self._loops_reversed
        in_loop = any(block.parameters for block in between)
        if again or self.blocks[: len(home)] != home or in_loop:
            raise self.error(where, "each row needs all iterations of another loop")
        self._loops_reversed.add(loop.origin)

    # -- what differs from other reverse sweeps

    def zero(self, value: Value) -> Value:
        """The adjoint of a value that nothing depends on."""
        return self.make("row") if value is self.row else super().zero(value)

    def arrays_read(self, block: Block) -> list[Value]:
        """Of all arrays that the block reads, the one row of the entries."""
        arrays = {op.operands[0] for op in walk(block) if op.operation.name == "index"}
        reads = not (arrays.isdisjoint(self.interest) and arrays.isdisjoint(self.rows))
        return [self.row] if reads else []

    def summed_inside(self, block: Block) -> list[Value]:
        """Nothing: the entries of inner loops are in the row already."""
        return []

    def _accumulate(self, op: Op, adjoint: Value, adjoints: Adjoints) -> None:
        """An element that was read: entries of the row."""
        array, *indices = op.operands
        if array not in self.varied:
            return
        row = adjoints.get(self.row) or self.zero(self.row)
        if (array, *indices) == self._own:
            plain = adjoint.literal and adjoint.number == 1
            if not plain or self.builder.depth != self._depth:
                raise self.error(op.where, _NOT_ADDED)
            self.continues = True
        elif self._depends_on_floats(op):
            self._deferred[op.results[0]] = op
            adjoints[op.results[0]] = adjoint
        elif array in self.interest:
            adjoints[self.row] = self._with_entry(row, array, indices, adjoint)
        elif array in self.rows and self._may_read(self.source[array]):
            more = self.rows_read.get(op) or self.row_of(op)
            adjoints[self.row] = self._with_row(row, more, adjoint)
        else:
            raise self.error(op.where, _OWN if array in self.rows else WHOLE)

    def _reverse_array_op(
        self, op: Op, adjoint: Value, adjoints: Adjoints, reached: Sequence[int]
    ) -> None:
        raise self.error(op.where, f"`{op.operation.name}` is of whole arrays")

    # -- under conditions on floats

    def _depends_on_floats(self, op: Op) -> bool:
        """Whether an element is read, or is not, as floats have it.

        Its entry is there in any case, with 0.0 where it is not read.
        """
        path = self.handouts.homes.get(op.results[0], ())
        inside = [(one, side) for one, side in path if not self._is_around(one, side)]
        if not any(
            one.operation is IF and one.operands[0] in self._data for one, _ in inside
        ):
            return False
        loops = any(one.operation in LOOPS for one, _ in inside)
        if loops or op.operands[0] not in self.interest:
            raise self.error(op.where, "whether this is read depends on floats")
        return True

    def _is_around(self, op: Op, side: int) -> bool:
        return any(op.blocks[side] is block for block in self.blocks)

    def _outside(self, index: Value, where: int) -> Value:
        """An index that is computed in a branch, computed again outside of it."""
        path = self.handouts.homes.get(index, ())
        if index.literal or all(self._is_around(op, side) for op, side in path):
            return index
        op = self.columns.made_by(index)
        if op is None or op.operation.name not in _OF_INDICES:
            raise self.error(where, "which element is read depends on floats")
        operands = [self._outside(operand, where) for operand in op.operands]
        return self.builder.emit(op.operation.name, *operands)

    # -- rows

    def make(
        self, name: str, *operands: Value, pattern: tuple[str, ...] | None = None
    ) -> Value:
        """The result of an operation on lists of entries."""
        given = () if pattern is None else (pattern,)
        attributes = (*given, self.element)
        value = self.builder.apply_array(ENTRY_OPERATIONS[name], operands, attributes)
        if name == "row":
            self._literals[value] = self.builder.block
        return value

    def row_of(self, op: Op) -> Value:
        """The row of the element that is read, of an array that is filled."""
        array, *indices = op.operands
        place = self.columns.place(self.source[array].lengths, indices)
        return self.make("row_of", self.rows[array], place)

    def _with_entry(
        self,
        row: Value,
        parameter: Value,
        indices: Sequence[Value],
        adjoint: Value,
        wrapped: bool = False,
    ) -> Value:
        item = adjoint
        if self.of_columns:
            item = self.columns.column(parameter, indices, wrapped)
        if self._literals.get(row) is not self.builder.block:
            return self.make("append", row, item, pattern=())
        return self.make("row", *row.op.operands, item)  # type: ignore[union-attr]

    def _with_row(
        self, row: Value, more: Value, factor: Value, first: bool = False
    ) -> Value:
        """The row with all entries of another, times a factor; ``first`` before it."""
        scaled = not (factor.literal and factor.number == 1)
        if scaled and not self.of_columns:
            more = self.make("scaled", more, factor)
        literal = self._literals.get(row) is self.builder.block
        empty = literal and not row.op.operands  # type: ignore[union-attr]
        if empty and scaled and not self.of_columns:
            return more
        if empty or first or (literal and not scaled):
            row, more = more, row  # which is copied, unless nothing else needs it
        return self.make("extend", row, more, pattern=())

    def error(self, where: int, why: str) -> AdjointError:
        """The error for a derivative that is not sparse, at its place in the source."""
        message = f"the derivative of {self.program.name} is not sparse by elements"
        hint = f"{why}; without sparse=True it can be had"
        if where < 0:
            return OptionError(f"{message}: {hint}")
        return self.program.source.error(where, where + 1, message, hint)
