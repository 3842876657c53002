"""What the writer of statements needs to know about a program beforehand."""

from __future__ import annotations

from adjoint.ir.program import Block, Op, Program, Value


class Uses:
    """How often each value is used, and in which block it is used last."""

    def __init__(self, program: Program):
        self.count: dict[Value, int] = {}
        self.block: dict[Value, Block] = {}
        self._visit(program.body)

    def single(self, value: Value, block: Block) -> bool:
        """Whether the value is used exactly once, in this block."""
        return self.count.get(value) == 1 and self.block[value] is block

    def _visit(self, block: Block) -> None:
        for op in block.ops:
            for inner in op.blocks:
                self._visit(inner)
            self._use(op.operands, block)
        self._use(block.results, block)

    def _use(self, values: tuple[Value, ...], block: Block) -> None:
        for value in values:
            self.count[value] = self.count.get(value, 0) + 1
            self.block[value] = block


def raises(op: Op) -> bool:
    """Whether running the operation may raise an exception."""
    if op.blocks:
        return any(raises(inner) for block in op.blocks for inner in block.ops)
    return op.operation.raises
