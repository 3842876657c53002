"""Sparse Jacobians of functions that store element by element, in loops.

Where an element of the result is stored, the reverse sweep of that one number is
written: its derivatives by the elements that it was computed from are the entries of
its row. So the loops of the function become loops of the same kind, which have
``values[i] = [...]`` where the function has ``F[i] = ...``; what is stored anew has a
new row, what is added to has more entries. It takes a small multiple of the operations
of the function, whatever the number of unknowns, and no colouring. The same walk writes
the columns of the entries, by themselves.

What is not so local is refused: an element that is computed from other elements of the
result or of arrays of the function's own, or from what all iterations of an earlier
loop have summed (each row has as many entries then as there are unknowns).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from adjoint.errors import AdjointError, OptionError
from adjoint.ir.builder import Builder
from adjoint.ir.loops import parts
from adjoint.ir.program import IF, LOOPS, WHILE, Block, Op, Program, Value, walk
from adjoint.ir.types import Type
from adjoint.rules.entry_table import ENTRY_OPERATIONS
from adjoint.transform.algebra import IDENTITIES
from adjoint.transform.columns import Columns
from adjoint.transform.reverse import Adjoints, Sweep
from adjoint.transform.running_sums import running_sums

#: Operations that change elements of an array.
STORES = frozenset(("store", "accumulate"))


class ElementRows(Sweep):
    """The program with rows of entries beside the arrays that it returns.

    Rows have either the values of the entries or, with ``columns``, their columns;
    ``names`` are those of the array of rows and of a row.
    """

    def __init__(
        self,
        program: Program,
        interest: Sequence[Value],
        names: tuple[str, str],
        columns: bool,
    ):
        super().__init__(program, interest, Builder.beside(program, IDENTITIES))
        self._columns = Columns(self.builder, program, interest)
        self._element = "int" if columns else "float"
        self._of_columns = columns
        self._name_of_rows, self._name_of_row = names
        self._row = Value(Type(self._element, 1))
        self._threads = _threads(program, self.varied)
        self._returned = _threads(program, set())
        #: the arrays of rows, of the arrays that the function fills
        self._rows: dict[Value, Value] = {}
        self._origin: dict[Value, _Origin] = {}
        self._sums = running_sums(program, self.varied, _stored(program))
        #: the rows of running sums
        self._row_of_sum: dict[Value, Value] = {}
        #: rows that are written as one list, and the block where they are
        self._literals: dict[Value, Block] = {}
        self._own: tuple[Value, ...] = ()
        self._within: _Origin | None = None
        self._continues = False
        self._depth = 0
        self._home: dict[Op, tuple[Block, ...]] = {}
        self._order: dict[Op, int] = {}
        #: the operation, as it is now, that computes each value
        self._maker: dict[Value, Op] = {}
        self._blocks: tuple[Block, ...] = ()
        self._loops_reversed: set[Op] = set()

    def entries(self) -> tuple[Program, list[Value]]:
        """The program, and the values in it: of the entries, or rows and columns."""
        self._visit(self.program.body)
        rows = [
            (
                self._rows[result]
                if result.type.rank
                else self._list("one_row", self._reversed(result, -1))
            )
            for result in self.program.results
        ]
        found = [self._list("flat", *rows)]
        if self._of_columns:
            found.insert(0, self._list("row_numbers", *rows))
        program = replace(self.finish(), beside=True)
        self._name_rows(program)
        return program, found

    # -- the walk through the primal

    def _visit(self, block: Block) -> None:
        outer, self._blocks = self._blocks, (*self._blocks, block)
        for op in block.ops:
            self._order[op] = len(self._order)
            self._maker.update(dict.fromkeys(op.results, op))
            self._home[op.origin] = self._blocks
            thread = any(result in self._threads for result in op.results)
            if op.operation in LOOPS and self._gathers(op):
                self._loop(op)
            elif op.operation is IF and self._gathers(op):
                self._branch(op)
            else:
                self.builder.adopt(op)
                if thread and op.operation.name in STORES:
                    self._store(op)
                elif thread:
                    self._begin(op)
        self._blocks = outer

    def _begin(self, op: Op) -> None:
        """An array that a result begins with: no element depends on a parameter."""
        array = op.results[0]
        if array in self.varied:
            raise self._error(op.where, "this array is computed as a whole")
        lengths = self._columns.lengths_of_new(array)
        self._origin[array] = _Origin(lengths)
        rows = self._list("no_rows", *lengths)
        if array not in self._returned:
            rows.name = f"{array.name or self._name_of_row}_{self._name_of_rows}"
        self._keep(array, rows, array)

    def _store(self, op: Op) -> None:
        array, value, *indices = op.operands
        if value.type.rank or any(entry != "a" for entry in op.attributes[0]):
            raise self._error(op.where, "several elements are stored at once")
        self._own, self._within = (array, *indices), self._origin[array]
        self._continues = op.operation.name == "accumulate"
        row = self._reversed(value, op.where)
        name = "add_row" if self._continues else "set_row"
        if self._continues and not row.op.operands:  # type: ignore[union-attr]
            self._keep(op.results[0], self._rows[array], array)
            return
        index = indices[0]
        if len(indices) > 1:
            index = self._columns.place(self._origin[array].lengths, indices)
        rows = self._list(name, self._rows[array], row, index, pattern=("a",))
        self._keep(op.results[0], rows, array)

    def _keep(self, array: Value, rows: Value, like: Value) -> None:
        """Note the rows of an array that another has become."""
        before = self._rows.get(like)
        rows.name = rows.name or (before and before.name) or self._name_of_rows
        self._rows[array] = rows
        self._origin[array] = self._origin[like]

    def _gathers(self, op: Op) -> bool:
        """Whether anything in it is stored in an array, or added to a running sum."""
        inside = list(walk(Block([op])))
        values = {value for one in inside for value in one.results}
        return not (values.isdisjoint(self._threads) and values.isdisjoint(self._sums))

    def _loop(self, op: Op) -> None:
        """A loop carries the rows beside the array, or the row beside the sum."""
        builder, body = self.builder, op.blocks[-1]
        initial, carried, nexts, results = parts(op)
        places = [
            at
            for at, value in enumerate(carried)
            if value in self._threads or value in self._sums
        ]
        start = [self._gathered(initial[at], op.where) for at in places]
        inner = [self._new(carried[at], initial[at]) for at in places]
        builder.open(op.where)
        self._visit(body)
        ends = [self._gathered(nexts[at], op.where, carried[at]) for at in places]
        for rows in zip(start, inner, ends, strict=True):
            _name_alike(rows)
        block = builder.close(*nexts, *ends, *body.results[len(nexts) :])
        block.parameters = (*body.parameters, *inner)
        blocks: tuple[Block, ...] = (block,)
        if op.operation is WHILE:
            test = op.blocks[0]
            unused = [Value(value.type) for value in inner]
            blocks = Block(test.ops, test.results, (*test.parameters, *unused)), block
        copy = op.copied((*op.operands, *start), blocks)
        new = [self._new(results[at], initial[at], copy) for at in places]
        copy.results = (*results, *new, *op.results[len(results) :])
        self._take(op, copy)

    def _branch(self, op: Op) -> None:
        """A branch yields the rows beside the array."""
        builder = self.builder
        places = [
            at
            for at, value in enumerate(op.results)
            if value in self._threads or value in self._sums
        ]
        sides = []
        for side in op.blocks:
            builder.open(op.where)
            self.decided[op.operands[0]] = side is op.blocks[0]
            self._visit(side)
            yielded = [self._gathered(side.results[at], op.where) for at in places]
            sides.append(builder.close(*side.results, *yielded))
        copy = op.copied(op.operands, tuple(sides))
        del self.decided[op.operands[0]]
        one = op.blocks[0].results
        new = [self._new(op.results[at], one[at], copy) for at in places]
        for rows in zip(
            new, *(s.results[len(op.results) :] for s in sides), strict=True
        ):
            _name_alike(rows)
        copy.results = (*op.results, *new)
        self._take(op, copy)

    def _take(self, op: Op, copy: Op) -> None:
        self._order[copy] = self._order[op]
        self._maker.update(dict.fromkeys(op.results, copy))
        self.builder.adopt(copy)

    def _new(self, array: Value, like: Value, op: Op | None = None) -> Value:
        """A value of its own for the rows of an array, or the row of a sum."""
        rank = 2 if array.type.rank else 1
        rows = Value(Type(self._element, rank), None, op, None, self.builder.generation)
        if array.type.rank:
            self._keep(array, rows, like)
        else:
            rows.name = f"{array.name or self._name_of_row}_{self._name_of_rows}"
            self._row_of_sum[array] = rows  # named for what it is the sum of
        return rows

    def _gathered(self, value: Value, where: int, onto: Value | None = None) -> Value:
        """The rows of an array, or the row of a number, as an addition to a sum."""
        if value.type.rank:
            return self._rows[value]
        return self._row_of_sum.get(value) or self._reversed(value, where, onto)

    # -- the reverse sweep of one number

    def _reversed(self, value: Value, where: int, onto: Value | None = None) -> Value:
        """The row of a number that is computed where the builder is now.

        The entries stand behind those of the sum ``onto``, where it is given.
        """
        self._depth = self.builder.depth
        adjoints: Adjoints = {self._row: self._list("row")}
        if value in self.varied:
            self.add(adjoints, value, self.builder.constant(1.0))
            self.reverse(Block(self._cone(value, where)), adjoints)
        row = adjoints.pop(self._row)
        for parameter in self.interest:
            adjoint = adjoints.pop(parameter, None)
            if adjoint is not None:
                row = self._with_entry(row, parameter, (), adjoint)
        sums = [left for left in adjoints if left in self._row_of_sum]
        for left in sorted(sums, key=lambda one: one is onto):
            adjoint = adjoints.pop(left)
            row = self._with_row(row, self._row_of_sum[left], adjoint, left is onto)
        for left in adjoints:
            name = f"`{left.name}`" if left.name else "a value"
            raise self._error(
                where, f"{name} is handed on from one iteration to the next"
            )
        self._own, self._within = (), None
        return row

    def _cone(self, value: Value, where: int) -> list[Op]:
        """The operations that the value depends on a parameter by, in their order."""
        found: dict[Op, None] = {}
        inside: set[Op] = set()
        pending = [value]
        while pending:
            value = pending.pop()
            op = self._maker.get(value)
            done = value.type.rank or value in self._row_of_sum
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
        return sorted(found, key=self._order.__getitem__)

    def _require_local(self, loop: Op, where: int) -> None:
        """Raise AdjointError where a loop would have to be reversed for each row."""
        home = self._home[loop.origin]
        between = self._blocks[len(home) :]
        again = loop.origin in self._loops_reversed
        if again or self._blocks[: len(home)] != home or self._in_loop(between):
            raise self._error(where, "each row needs all iterations of another loop")
        self._loops_reversed.add(loop.origin)

    def _in_loop(self, blocks: Sequence[Block]) -> bool:
        return any(block.parameters for block in blocks)

    def zero(self, value: Value) -> Value:
        """The adjoint of a value that nothing depends on."""
        return self._list("row") if value is self._row else super().zero(value)

    def arrays_read(self, block: Block) -> list[Value]:
        """Of all parameters that the block reads, the one row of their entries."""
        arrays = {op.operands[0] for op in walk(block) if op.operation.name == "index"}
        reads = not (arrays.isdisjoint(self.interest) and arrays.isdisjoint(self._rows))
        return [self._row] if reads else []

    def _accumulate(self, op: Op, adjoint: Value, adjoints: Adjoints) -> None:
        """An element that was read: an entry of the row."""
        array, *indices = op.operands
        if array not in self.varied:
            return
        if array in self.interest:
            row = adjoints.get(self._row) or self.zero(self._row)
            adjoints[self._row] = self._with_entry(row, array, indices, adjoint)
        elif (array, *indices) == self._own:
            plain = adjoint.literal and adjoint.number == 1
            if not plain or self.builder.depth != self._depth:
                raise self._error(op.where, "an element is not just added to")
            self._continues = True
        elif array in self._rows:
            origin = self._origin[array]
            if self._within is not None and not self._within.may_read(origin):
                raise self._error(op.where, "an element is computed from others")
            place = self._columns.place(origin.lengths, indices)
            rows = self._list("row_of", self._rows[array], place)
            row = adjoints.get(self._row) or self.zero(self._row)
            adjoints[self._row] = self._with_row(row, rows, adjoint)
        else:
            raise self._error(op.where, "it reads an array that is computed itself")

    def _reverse_array_op(
        self, op: Op, adjoint: Value, adjoints: Adjoints, reached: Sequence[int]
    ) -> None:
        raise self._error(op.where, f"`{op.operation.name}` is of whole arrays")

    # -- entries

    def _with_entry(
        self, row: Value, parameter: Value, indices: Sequence[Value], adjoint: Value
    ) -> Value:
        item = adjoint
        if self._of_columns:
            item = self._columns.column(parameter, indices)
        if self._literals.get(row) is not self.builder.block:
            return self._list("append", row, item, pattern=())
        return self._list("row", *row.op.operands, item)  # type: ignore[union-attr]

    def _name_rows(self, program: Program) -> None:
        """One name for a row that is not written as one list."""
        blocks = [block for op in walk(program.body) for block in op.blocks]
        parts = {op.results[0] for op in walk(program.body) if _appends(op)}
        parts |= {op.operands[0] for op in walk(program.body) if _appends(op)}
        inside = [*parts, *(p for block in blocks for p in block.parameters)]
        inside += [result for op in walk(program.body) for result in op.results]
        for value in inside:
            gathers = value in parts or value.adjoint_of is self._row
            if gathers and value.name is None:
                value.name = self._name_of_row

    def _with_row(
        self, row: Value, more: Value, factor: Value, first: bool = False
    ) -> Value:
        """The row with all entries of another, times a factor; ``first`` before it."""
        scaled = not (factor.literal and factor.number == 1)
        if scaled and not self._of_columns:
            more = self._list("scaled", more, factor)
        literal = self._literals.get(row) is self.builder.block
        empty = literal and not row.op.operands  # type: ignore[union-attr]
        if empty and scaled and not self._of_columns:
            return more
        if empty or first or (literal and not scaled):
            row, more = more, row  # which is copied, unless nothing else needs it
        return self._list("extend", row, more, pattern=())

    def _list(
        self, name: str, *operands: Value, pattern: tuple[str, ...] | None = None
    ) -> Value:
        given = () if pattern is None else (pattern,)
        attributes = (*given, self._element)
        value = self.builder.apply_array(ENTRY_OPERATIONS[name], operands, attributes)
        if name == "row":
            self._literals[value] = self.builder.block
        return value

    def _error(self, where: int, why: str) -> AdjointError:
        message = f"the Jacobian of {self.program.name} is not sparse by elements"
        hint = f"{why}; without sparse=True it can be had"
        if where < 0:
            return OptionError(f"{message}: {hint}")
        return self.program.source.error(where, where + 1, message, hint)


def _name_alike(rows: Sequence[Value]) -> None:
    """Give lists that become one another one name."""
    name = next(value.name for value in rows if value.name is not None)
    for value in rows:
        value.name = value.name or name


class _Origin:
    """An array that is filled, from the beginning on; and which others it has read."""

    def __init__(self, lengths: Sequence[Value]):
        self.lengths = lengths
        self._read: set[_Origin] = set()

    def may_read(self, other: _Origin) -> bool:
        """Note that elements of it are read; False where these are made of its own."""
        seen, pending = set[_Origin](), [other]
        while pending:
            one = pending.pop()
            if one is self:
                return False
            if one not in seen:
                seen.add(one)
                pending += one._read
        self._read.add(other)
        return True


def _appends(op: Op) -> bool:
    return op.operation.name in ("append", "extend")


def _stored(program: Program) -> list[Value]:
    """The numbers that are stored anywhere, or returned."""
    stored = [
        op.operands[1] for op in walk(program.body) if op.operation.name in STORES
    ]
    return [*stored, *program.results]


def _threads(program: Program, varied: set[Value]) -> set[Value]:
    """The values that an array which is filled has been, from its beginning on."""
    carried: dict[Value, tuple[Value, ...]] = {}
    for op in walk(program.body):
        if op.operation in LOOPS:
            for initial, now, following, result in zip(*parts(op), strict=True):
                carried[now] = carried[result] = (initial, now, following)
        elif op.operation is IF:
            sides = zip(*(block.results for block in op.blocks), strict=True)
            carried.update(zip(op.results, sides, strict=False))
        elif op.operation.name in STORES:
            carried[op.results[0]] = op.operands[:1]
    found: set[Value] = set()
    pending = [value for value in program.results if value.type.rank]
    pending += [value for value in carried if value.type.rank and value in varied]
    while pending:
        value = pending.pop()
        if value not in found:
            found.add(value)
            pending += carried.get(value, ())
    return found
