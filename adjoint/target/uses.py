"""What the writer of statements needs to know of a program beforehand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from adjoint.ir.program import (
    IF,
    LOOPS,
    Block,
    Op,
    Program,
    Value,
    walk,
)
from adjoint.rules.array_operation import ArrayOperation
from adjoint.target.branch_names import BranchNames
from adjoint.target.liveness import Liveness
from adjoint.target.loop_names import LoopNames, restored_values
from adjoint.target.ownership import stores_in_place


class Uses:
    """Where each value is used.

    ``used`` counts, for the values that something reads, how often. ``heir`` maps a
    value to the last of those that have its name after it: the terms of a running sum,
    a variable that the user assigns again, what the side of a branch yields and the
    result of the branch. ``names`` are those that the user has given: to the function,
    to values.
    """

    def __init__(self, program: Program):
        self.program = program
        tally = program.body.tally
        self.used: dict[Value, int] = {} if tally is None else tally.reads
        #: the block inside that reads a value; most are read in that of the program
        self.inside: dict[Value, Block] = {}
        self.heir: dict[Value, Value] = {}
        self.names: set[str | None] = {program.name, *program.parameter_names}
        self._unread = ""
        self._loops = not LOOPS.isdisjoint(program.operations)
        arrays = any(isinstance(one, ArrayOperation) for one in program.operations)
        if tally is None:
            self._count(program.body)
        self._find_heirs(program.body, None)
        #: the stores that change an array in place, and what may be that array
        self.in_place = stores_in_place(program) if arrays else {}
        #: what a reverse loop has back, to the value of the forward sweep that it was
        self.source: dict[Value, Value] = {}
        #: what is assigned at the end of an iteration, as in ``a, b = b, a + b``
        self.late: set[Value] = set()
        self.liveness = Liveness(program) if self._loops else None
        if self.liveness is None:
            self._name_stores(program.body)
        else:
            loops = LoopNames(program.body, self.liveness, self.heir, self.in_place)
            self.late = loops.late
            BranchNames(program.body, self.liveness, self.heir)
            self.source = restored_values(program.body)

    @property
    def unread(self) -> str:
        """The name of what nothing reads: ``_``, unless that of the user is read."""
        if not self._unread:
            name, read = "_", {value.name for value in self.used}
            while name in read:
                name += "_"
            self._unread = name
        return self._unread

    def only_in(self, value: Value, block: Block) -> bool:
        """Whether the value is read once, and that in this block."""
        if self.used.get(value) != 1:
            return False
        return self.inside.get(value, self.program.body) is block

    def _name_stores(self, body: Block) -> None:
        """An array has one name before what is stored in place, and behind.

        It has not where it comes from another block: there, the name may be in use.
        """
        if not self.in_place:
            return
        home = {
            result: block
            for block in _blocks(body)
            for op in block.ops
            for result in op.results
        }
        for op in reversed(list(self.in_place)):
            array, result = op.operands[0], op.results[0]
            if array in home and home[array] is home[result]:
                self._bequeath(array, result)

    def _count(self, block: Block) -> None:
        for op in block.ops:
            self._use(op.operands, block)
            if op.blocks:
                self._use(op.saved, op.blocks[-1])
                for inner in op.blocks:
                    self._count(inner)
        self._use(block.results, block)

    def _use(self, values: Sequence[Value], block: Block) -> None:
        used = self.used
        for value in values:
            used[value] = used.get(value, 0) + 1
        if block is not self.program.body:
            self.inside.update(dict.fromkeys(values, block))

    def _find_heirs(self, block: Block, own: set[Value] | None) -> None:
        """``own`` are the values defined in the block, None for all."""
        self.names.update([p.name for p in block.parameters])
        for op in reversed(block.ops):
            result = op.result
            if op.blocks:
                self.names.update([one.name for one in op.results])
                for inner in op.blocks:
                    defined = {result for one in inner.ops for result in one.results}
                    if op.operation is IF:
                        self._find_yielded(op, inner, defined)
                    self._find_heirs(inner, defined)
            elif result is None:
                self.names.update([one.name for one in op.results])
            elif result.adjoint_of is not None or result.name is not None:
                self.names.add(result.name)
                ancestor = self._ancestor(op, result, block)
                if ancestor is not None and (own is None or ancestor in own):
                    self._bequeath(ancestor, result)

    def _ancestor(self, op: Op, result: Value, block: Block) -> Value | None:
        """The operand that hands its name on to the result."""
        if result.name is None and op.operation.name not in ("add", "sub"):
            return None
        single = [value for value in op.operands if self.only_in(value, block)]
        if result.name is not None:
            same = [value for value in single if value.name == result.name]
            return same[0] if same else None
        for of in (result.adjoint_of, None):
            for value in single:
                ours = value.generation == result.generation and value.name is None
                if ours and value.op is not None and value.adjoint_of is of:
                    return value
        return None

    def _find_yielded(self, op: Op, inner: Block, defined: set[Value]) -> None:
        for result, value in zip(op.results, inner.results, strict=True):
            if value not in defined or inner.results.count(value) > 1:
                continue
            if value.name not in (None, result.name):
                continue
            own_adjoint = value.adjoint_of not in (None, result.adjoint_of)
            if not own_adjoint or self.only_in(value, inner):
                self._bequeath(value, result)

    def _bequeath(self, value: Value, heir: Value) -> None:
        self.heir[value] = self.heir.get(heir, heir)


def _blocks(body: Block) -> Iterator[Block]:
    """The block, and the blocks inside."""
    yield body
    for op in walk(body):
        yield from op.blocks
