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

from adjoint.ir.loops import parts
from adjoint.ir.program import FOR, IF, LOOPS, WHILE, Block, Op, Program, Value, walk
from adjoint.ir.types import INT, Type
from adjoint.transform.sparse.row_sweep import WHOLE, RowSweep, Source
from adjoint.transform.sparse.running_sums import running_sums

#: Operations that change elements of an array.
STORES = frozenset(("store", "accumulate"))

_STORED_AGAIN = "this array is read in the loop that stores it"


class ElementRows(RowSweep):
    """The program with rows of entries beside the arrays that it fills.

    Rows have either the values of the entries or, with ``of_columns``, their columns;
    ``names`` are those of the array of rows and of a row.
    """

    def __init__(
        self,
        program: Program,
        interest: Sequence[Value],
        names: tuple[str, str],
        of_columns: bool,
    ):
        super().__init__(program, interest, of_columns)
        self._name_of_rows, self._name_of_row = names
        self._one = self.builder.constant(1.0)
        self._threads = _threads(program, self.varied)
        self._returned = _threads(program, set())
        self._sums = running_sums(program, self.varied, _stored(program))
        #: where elements of arrays that are filled have been read
        self._reads: dict[Value, list[Op]] = {}

    def entries(self) -> tuple[Program, list[Value]]:
        """The program, and the values in it: of the entries, or rows and columns."""
        self._begin_parameters()
        self._visit(_lengths_first(self.program))
        rows = [
            (
                self.rows[result]
                if result.type.rank
                else self.make("one_row", self.reversed(result, -1))
            )
            for result in self.program.results
        ]
        found = [self.make("flat", *rows)]
        if self.of_columns:
            found.insert(0, self.make("row_numbers", *rows))
        program = replace(self.finish(), beside=True)
        self._name_rows(program)
        return program, found

    def _begin_parameters(self) -> None:
        """Arrays of the caller's that the function stores in, or returns."""
        for parameter in self.program.parameters:
            if parameter in self._threads and parameter.type.rank:
                if parameter in self.interest:
                    name = f"`{parameter.name}` itself is stored in, or returned"
                    raise self.error(-1, name)
                self._begin_array(parameter, self.columns.lengths(parameter))

    # -- the walk through the primal

    def _visit(self, block: Block) -> None:
        outer, self.blocks = self.blocks, (*self.blocks, block)
        for op in block.ops:
            self.order[op] = len(self.order)
            self.maker.update(dict.fromkeys(op.results, op))
            self.home[op.origin] = self.blocks
            thread = any(result in self._threads for result in op.results)
            if op.operation in LOOPS and self._gathers(op):
                self._loop(op)
            elif op.operation is IF and self._gathers(op):
                self._branch(op)
            else:
                self.builder.adopt(op)
                if op.operation.name == "index" and op.operands[0] in self._threads:
                    self._reads.setdefault(op.operands[0], []).append(op)
                if thread and op.operation.name in STORES:
                    self._store(op)
                elif thread:
                    self._begin(op)
        self.blocks = outer

    def _begin(self, op: Op) -> None:
        """An array that a result begins with: no element depends on a parameter."""
        array = op.results[0]
        if op.operation.name == "copy" and op.operands[0] in self.interest:
            self._begin_copy(op)
            return
        if array in self.varied:
            raise self.error(op.where, WHOLE)
        self._begin_array(array, self.columns.lengths_of_new(array))

    def _begin_copy(self, op: Op) -> None:
        """A copy of a parameter: each row has the entry of its own element."""
        array, (parameter,), builder = op.results[0], op.operands, self.builder
        if array.type.rank > 1:
            raise self.error(op.where, "an array of several axes is copied")
        (length,) = self.columns.lengths(parameter)
        self._begin_array(array, (length,))
        start = self.rows[array]
        builder.open(op.where)
        index = builder.block_parameter(INT, "i")
        self.columns.counts(index)
        rows = builder.block_parameter(start.type, start.name)
        row = self._with_entry(self.make("row"), parameter, (index,), self._one)
        filled = self.make("set_row", rows, row, index, pattern=("a",))
        block = builder.close(filled, builder.constant(False))
        operands = (builder.constant(0), length, builder.constant(1), start)
        (whole,) = builder.loop(FOR, operands, block, where=op.where)
        filled.name = whole.name = start.name
        self._keep(array, whole, array)

    def _begin_array(self, array: Value, lengths: Sequence[Value]) -> None:
        self.source[array] = Source(lengths)
        rows = self.make("no_rows", *lengths)
        if array not in self._returned:
            rows.name = f"{array.name or self._name_of_row}_{self._name_of_rows}"
        self._keep(array, rows, array)

    def _store(self, op: Op) -> None:
        array, value, *indices = op.operands
        if value.type.rank or any(entry != "a" for entry in op.attributes[0]):
            raise self.error(op.where, "several elements are stored at once")
        if array not in self.source:  # in a loop that is run again for its reverse
            raise self.error(op.where, _STORED_AGAIN)
        self.continues = op.operation.name == "accumulate"
        own = (array, *indices)
        row = self.reversed(value, op.where, self.source[array], own)
        name = "add_row" if self.continues else "set_row"
        self._take_rows_read(array)
        if self.continues and not row.op.operands:  # type: ignore[union-attr]
            self._keep(op.results[0], self.rows[array], array)
            return
        index = indices[0]
        if len(indices) > 1:
            index = self.columns.place(self.source[array].lengths, indices)
        rows = self.make(name, self.rows[array], row, index, pattern=("a",))
        self._keep(op.results[0], rows, array)

    def _take_rows_read(self, array: Value) -> None:
        """The rows of elements that have been read, before others are stored.

        What takes them over may stand behind the store, and need a copy of all rows.
        """
        for op in self._reads.pop(array, ()):
            home = self.home[op.origin]
            if op.results[0] in self.varied and self.blocks[: len(home)] == home:
                self.rows_read[op] = self.row_of(op)

    def _keep(self, array: Value, rows: Value, like: Value) -> None:
        """Note the rows of an array that another has become."""
        before = self.rows.get(like)
        rows.name = rows.name or (before and before.name) or self._name_of_rows
        self.rows[array] = rows
        self.source[array] = self.source[like]

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
        start = [self._gathered(initial[at], op.where, carried[at]) for at in places]
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
            yielded = [
                self._gathered(side.results[at], op.where, op.results[at])
                for at in places
            ]
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
        self.order[copy] = self.order[op]
        self.maker.update(dict.fromkeys(op.results, copy))
        self.builder.adopt(copy)

    def _new(self, value: Value, like: Value, op: Op | None = None) -> Value:
        """A value of its own for the rows of an array, or the row of a sum."""
        rank = 2 if value.type.rank else 1
        rows = Value(Type(self.element, rank), None, op, None, self.builder.generation)
        if not value.type.rank:
            rows.name = f"{value.name or self._name_of_row}_{self._name_of_rows}"
        self._keep(value, rows, like)
        return rows

    def _gathered(self, value: Value, where: int, onto: Value) -> Value:
        """The rows of an array, or the row of what is added to the sum ``onto``."""
        if value.type.rank or value in self.rows:
            return self.rows[value]
        source = self.source.setdefault(value, self.source.get(onto, Source()))
        return self.reversed(value, where, source)

    def _name_rows(self, program: Program) -> None:
        """One name for a row that is not written as one list."""
        blocks = [block for op in walk(program.body) for block in op.blocks]
        parts = {op.results[0] for op in walk(program.body) if _appends(op)}
        parts |= {op.operands[0] for op in walk(program.body) if _appends(op)}
        inside = [*parts, *(p for block in blocks for p in block.parameters)]
        inside += [result for op in walk(program.body) for result in op.results]
        for value in inside:
            gathers = value in parts or value.adjoint_of is self.row
            if gathers and value.name is None:
                value.name = self._name_of_row


def _name_alike(rows: Sequence[Value]) -> None:
    """Give lists that become one another one name."""
    name = next(value.name for value in rows if value.name is not None)
    for value in rows:
        value.name = value.name or name


def _appends(op: Op) -> bool:
    return op.operation.name in ("append", "extend")


def _stored(program: Program) -> list[Value]:
    """The numbers that are stored anywhere, or returned."""
    stored = [
        op.operands[1] for op in walk(program.body) if op.operation.name in STORES
    ]
    return [*stored, *program.results]


def _lengths_first(program: Program) -> Block:
    """The body, in which the lengths of parameters are known before all else.

    An array like one of them may begin before the program asks for its length.
    """
    body, parameters = program.body, {*program.parameters}

    def comes_later(op: Op) -> bool:
        return op.operation.name != "length" or op.operands[0] not in parameters

    return Block(sorted(body.ops, key=comes_later), body.results, body.parameters)


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
