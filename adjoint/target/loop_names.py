"""Which values of a loop share a name: ``x`` before it, in it, and behind it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Container, Sequence

from adjoint.ir.loops import parts, popped, stack_readers
from adjoint.ir.program import FOR, IF, LOOPS, UNDEFINED, WHILE, Block, Op, Value
from adjoint.target.liveness import Liveness


class LoopNames:
    """Finds, for the values of loops, the value whose name they have (their heir).

    A carried value has the name of the loop's result. The next value has it too where
    the present one is no longer needed when the next is computed, and the initial value
    where nothing behind needs it. An array that is changed ``in_place`` has one name
    before that and behind. What comes last is named first, so that all that is named
    after it is sure of its own heir.
    """

    def __init__(
        self,
        body: Block,
        liveness: Liveness,
        heir: dict[Value, Value],
        in_place: Container[Op] = (),
    ):
        self.heir = heir
        #: what a variable is next, that has not its name: what it is now is read still
        self.late: set[Value] = set()
        self._liveness = liveness
        self._in_place = in_place
        #: what loops carry, by the heir, and when that is read, the last first
        self._carried: dict[Value, set[Value]] = defaultdict(set)
        self._reads: dict[Value, list[int]] = defaultdict(list)
        #: when those are there that have a name, or had it, the last first
        self._births: dict[Value, list[int]] = defaultdict(list)
        for value, of in heir.items():
            self._note_birth(value, of)
        self._visit(body)

    def _visit(self, block: Block) -> None:
        makers = {result: op for op in block.ops for result in op.results}
        for op in reversed(block.ops):
            if op.operation in LOOPS:
                self._loop(op, makers)
            elif op in self._in_place and op.operands[0] in makers:
                self._store(op, makers[op.operands[0]])
            for inner in op.blocks:
                self._visit(inner)

    def _store(self, op: Op, maker: Op) -> None:
        """Give the array the name of the result, unless what a loop carries has it."""
        array, result = op.operands[0], op.results[0]
        of = self.heir.get(result, result)
        if self._is_free(of, maker, op):
            self._bequeath(array, of)
        else:
            self.heir.pop(array, None)

    def _loop(self, op: Op, makers: dict[Value, Op]) -> None:
        initial, carried, nexts, results = parts(op)
        for at, result in enumerate(results):
            of = self.heir.get(result, result)
            now = carried[at]
            self._bequeath(now, of)
            self._note_carried(now, of)
            if op.operation is WHILE:
                self._bequeath(op.blocks[0].parameters[at], of)
            if nexts.count(nexts[at]) == 1:
                self._next(nexts[at], now, of, op)
            if initial.count(initial[at]) == 1:
                self._initial(initial[at], now, of, op, makers.get(initial[at]))

        self._find_late(op, dict(zip(carried, nexts, strict=True)))

    def _find_late(self, loop: Op, nexts: dict[Value, Value]) -> None:
        """Of ``a, b = b, a + b`` the second; what it reads may not change before it."""
        makers = {op.result: op for op in loop.blocks[-1].ops if not op.blocks}

        def waits(now: Value, value: Value) -> bool:
            ours = value.name is not None and value.name == now.name
            return ours and value in makers and len(self._liveness.uses(value)) == 1

        late = [
            value
            for now, value in nexts.items()
            if waits(now, value) and value not in self.heir
        ]
        while late:
            value = late.pop()
            self.late.add(value)
            for now in makers[value].operands:
                other = nexts.get(now)
                if other is not None and other not in self.late and waits(now, other):
                    self.heir.pop(other, None)
                    late.append(other)

    def _next(self, value: Value, now: Value, of: Value, loop: Op) -> None:
        if value.name not in (None, now.name):
            return
        body, live = loop.blocks[-1], self._liveness
        until = live.last_of[body]
        op = next((op for op in body.ops if value in op.results), None)
        if op is not None:
            self._define(op, value, now, of, until)
            return
        is_index = loop.operation is FOR and value is body.parameters[0]
        if is_index and live.free(now, live.start[loop], until):
            self._bequeath(value, of)

    def _define(self, op: Op, value: Value, now: Value, of: Value, until: int) -> None:
        """Give the value the name if ``now`` is over by the time it is defined."""
        live = self._liveness
        if op.operation is not IF:
            if live.free(now, live.start[op], until):
                self._bequeath(value, of)
            elif self.heir.get(value) is of:
                del self.heir[value]
            return
        if not live.free(now, live.end[op], until):
            return
        self._bequeath(value, of)
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
        self, value: Value, now: Value, of: Value, op: Op, maker: Op | None
    ) -> None:
        live = self._liveness
        same = value.name == now.name if value.name else value.op is not None
        adjoint = value.adjoint_of in (None, now.adjoint_of)
        adjoint = adjoint and value.tangent_of in (None, now.tangent_of)
        ours = self.heir.get(value) in (None, of) and not value.literal
        over = live.free(value, live.start[op])
        others = self._is_free(of, maker, op, (now, value))
        right = same and adjoint and ours and over and others
        if right and not _may_lack(value) and self._apart(value, of):
            self._bequeath(value, of)

    def _apart(self, value: Value, of: Value) -> bool:
        """Whether the value is over when the next that has the name is there.

        (It may come in the other side of a branch that the loop stands in.)
        """
        live, births = self._liveness, self._births[of]
        over = bisect_right(births, -live.last(value))
        return over == len(births) or births[over] >= -live.born[value]

    def _bequeath(self, value: Value, of: Value) -> None:
        self.heir[value] = of
        self._note_birth(value, of)

    def _note_birth(self, value: Value, of: Value) -> None:
        births = self._births[of]
        if not births:
            births.append(-self._liveness.born[of])
        insort(births, -self._liveness.born[value])

    def _note_carried(self, now: Value, of: Value) -> None:
        self._carried[of].add(now)
        for at in reversed(self._liveness.uses(now)):
            insort(self._reads[of], -at)

    def _is_free(
        self, of: Value, since: Op | None, until: Op, but: Sequence[Value] = ()
    ) -> bool:
        """Whether nothing that loops carry under the name is read between the two."""
        live = self._liveness
        start = 0
        if since is not None:  # what a loop carries has the name in all of the loop
            start = live.end[since] if since.operation is IF else live.start[since]
        end, reads = live.start[until], self._reads[of]
        count = bisect_left(reads, -start) - bisect_left(reads, -end)
        for value in but:
            if value in self._carried[of]:
                count -= live.count(value, start, end)
        return count == 0


def _may_lack(value: Value) -> bool:
    """Whether branches may leave it undefined: no other name may be given it."""
    pending = [value]
    while pending:
        value = pending.pop()
        op = value.op
        if op is None or op.operation is not IF:
            continue
        for block in op.blocks:
            yielded = block.results[op.results.index(value)]
            if yielded.name == UNDEFINED:
                return True
            pending.append(yielded)
    return False


def restored_values(body: Block) -> dict[Value, Value]:
    """For each value that a reverse loop pops, the value that was saved."""
    return {
        value: saved
        for reader, saver in stack_readers(body)
        for value, saved in zip(popped(reader), saver.saved, strict=True)
    }
