"""Which values of a loop share a name: ``x`` before it, in it, and behind it."""

from __future__ import annotations

from adjoint.ir.loops import parts, popped, stack_of
from adjoint.ir.program import IF, LOOPS, WHILE, Block, Op, Value, walk
from adjoint.ir.types import STACK
from adjoint.target.liveness import Liveness


class LoopNames:
    """Finds, for the values of loops, the value whose name they have (their heir).

    A carried value has the name of the loop's result. The next value has it too where
    the present one is no longer needed when the next is computed, and the initial value
    where nothing behind needs it.
    """

    def __init__(self, body: Block, liveness: Liveness, heir: dict[Value, Value]):
        self.heir = heir
        self._liveness = liveness
        self._visit(body)

    def _visit(self, block: Block) -> None:
        for op in reversed(block.ops):
            if op.operation in LOOPS:
                self._loop(op, block)
            for inner in op.blocks:
                self._visit(inner)

    def _loop(self, op: Op, block: Block) -> None:
        body = op.blocks[-1]
        initial, carried, nexts, results = parts(op)
        for at, result in enumerate(results):
            of = self._last_heir(result)
            now = carried[at]
            self.heir[now] = of
            if op.operation is WHILE:
                self.heir[op.blocks[0].parameters[at]] = of
            if nexts.count(nexts[at]) == 1:
                self._next(nexts[at], now, of, body)
            if initial.count(initial[at]) == 1:
                self._initial(initial[at], now, of, op, block)

    def _last_heir(self, value: Value) -> Value:
        """The heir; of an array that is changed in place, that of the heir as well.

        For it is one array, under one name, in a loop around this one too.
        """
        heir = self.heir.get(value, value)
        while value.type.rank and heir is not value:
            value = heir
            heir = self.heir.get(value, value)
        return heir

    def _next(self, value: Value, now: Value, of: Value, body: Block) -> None:
        op = next((op for op in body.ops if value in op.results), None)
        if op is not None and value.name in (None, now.name):
            self._define(op, value, now, of, self._liveness.last_of[body])

    def _define(self, op: Op, value: Value, now: Value, of: Value, until: int) -> None:
        """Give the value the name if ``now`` is over by the time it is defined."""
        live = self._liveness
        if op.operation is not IF:
            if live.free(now, live.start[op], until):
                self.heir[value] = of
            elif self.heir.get(value) is of:
                del self.heir[value]
            return
        if not live.free(now, live.end[op], until):
            return
        self.heir[value] = of
        at = op.results.index(value)
        for side in op.blocks:
            yielded = side.results[at]
            inner = next((one for one in side.ops if yielded in one.results), None)
            if inner is None or side.results.count(yielded) > 1:
                continue
            if yielded.name in (None, now.name):
                self._define(inner, yielded, now, of, live.last_of[side])
            else:
                self.heir.pop(yielded, None)

    def _initial(
        self, value: Value, now: Value, of: Value, op: Op, block: Block
    ) -> None:
        live = self._liveness
        same = value.name == now.name if value.name else value.op is not None
        adjoint = value.adjoint_of in (None, now.adjoint_of)
        adjoint = adjoint and value.tangent_of in (None, now.tangent_of)
        ours = self.heir.get(value) in (None, of) and not value.literal
        if same and adjoint and ours and live.free(value, live.start[op]):
            self.heir[value] = of


def restored_values(body: Block) -> dict[Value, Value]:
    """For each value that a reverse loop pops, the value that was saved."""
    savers: dict[Value, Op] = {}
    source: dict[Value, Value] = {}  # also of a stack that a branch hands out
    for op in walk(body):
        if op.saved:
            savers[op.results[-1]] = op
        for block in op.blocks if op.operation is IF else ():
            for result, value in zip(op.results, block.results, strict=True):
                if result.type == STACK and not value.literal:
                    source[result] = value
        stack = stack_of(op)
        if stack is not None:
            while stack in source:
                stack = source[stack]
            source.update(zip(popped(op), savers[stack].saved, strict=True))
    return source
