"""What the writer of statements needs to know of a program beforehand."""

from __future__ import annotations

from adjoint.ir.program import IF, LOOPS, Block, Op, Program, Value, walk
from adjoint.target.liveness import Liveness
from adjoint.target.loop_names import LoopNames, restored_values


class Uses:
    """How often each value is used, and in which block it is used last.

    ``heir`` maps a value to the last of those that have its name after it: the terms of
    a running sum, a variable that the user assigns again, what the side of a branch
    yields and the result of the branch.
    """

    def __init__(self, program: Program):
        self.count: dict[Value, int] = {}
        self.block: dict[Value, Block] = {}
        self.heir: dict[Value, Value] = {}
        self._count(program.body)
        self._find_heirs(program.body, None)
        #: what a reverse loop has back, to the value of the forward sweep that it was
        self.source: dict[Value, Value] = {}
        self.loops = any(op.operation in LOOPS for op in walk(program.body))
        self.liveness = Liveness(program) if self.loops else None
        if self.liveness is not None:
            LoopNames(program.body, self.liveness, self.heir)
            self.source = restored_values(program.body)

    def single(self, value: Value, block: Block) -> bool:
        """Whether the value is used exactly once, in this block."""
        return self.count.get(value) == 1 and self.block[value] is block

    def _count(self, block: Block) -> None:
        for op in block.ops:
            for inner in op.blocks:
                self._count(inner)
            if op.saved:
                self._use(op.saved, op.blocks[-1])
            self._use(op.operands, block)
        self._use(block.results, block)

    def _use(self, values: tuple[Value, ...], block: Block) -> None:
        count, blocks = self.count, self.block
        for value in values:
            count[value] = count.get(value, 0) + 1
            blocks[value] = block

    def _find_heirs(self, block: Block, own: set[Value] | None) -> None:
        """``own`` are the values defined in the block, None for all."""
        for op in reversed(block.ops):
            if op.operation is IF:
                for inner in op.blocks:
                    defined = {result for one in inner.ops for result in one.results}
                    self._find_yielded(op, inner, defined)
                    self._find_heirs(inner, defined)
            elif op.blocks:
                for inner in op.blocks:
                    defined = {result for one in inner.ops for result in one.results}
                    self._find_heirs(inner, defined)
            elif op.results:
                for value in self._ancestors(op, block):
                    if own is None or value in own:
                        self._bequeath(value, op.results[0])
                        break

    def _ancestors(self, op: Op, block: Block) -> list[Value]:
        """The operands whose name the result can have, the likeliest first."""
        result = op.results[0]
        if result.name is not None:
            return [
                value
                for value in op.operands
                if value.name == result.name and self.single(value, block)
            ]
        of = result.adjoint_of
        if of is None or op.operation.name not in ("add", "sub"):
            return []
        found = [
            value
            for value in op.operands
            if value.op is not None
            and value.name is None
            and value.generation == result.generation
            and (value.adjoint_of is None or value.adjoint_of is of)
            and self.single(value, block)
        ]
        return sorted(found, key=lambda value: value.adjoint_of is None)

    def _find_yielded(self, op: Op, inner: Block, defined: set[Value]) -> None:
        for result, value in zip(op.results, inner.results, strict=True):
            if value not in defined or inner.results.count(value) > 1:
                continue
            if value.name not in (None, result.name):
                continue
            own_adjoint = value.adjoint_of not in (None, result.adjoint_of)
            if not own_adjoint or self.count[value] == 1:
                self._bequeath(value, result)

    def _bequeath(self, value: Value, heir: Value) -> None:
        self.heir[value] = self.heir.get(heir, heir)


def raises(op: Op) -> bool:
    """Whether running the operation may raise an exception."""
    if op.blocks:
        return any(raises(inner) for block in op.blocks for inner in block.ops)
    return op.operation.raises
