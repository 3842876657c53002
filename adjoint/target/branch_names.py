"""Which value that a branch hands on keeps its name: ``if c: s -= t``, and no else."""

from __future__ import annotations

from collections import defaultdict

from adjoint.ir.program import IF, Block, Op, Value
from adjoint.target.liveness import Liveness


class BranchNames:
    """Gives a value that one side of a branch yields as it is the name of the result.

    That is right where nothing needs the value behind the branch, nor in the other
    side once the new value is there.
    """

    def __init__(self, body: Block, liveness: Liveness, heir: dict[Value, Value]):
        self._live = liveness
        self._heir = heir
        #: the values that have the name of another
        self._of: dict[Value, list[Value]] = defaultdict(list)
        for value, one in heir.items():
            self._of[one].append(value)
        self._born = liveness.born
        self._block_of: dict[Value, Block] = {}
        self._find(body)
        self._visit(body)

    def _find(self, block: Block) -> None:
        """In which block each value is made."""
        for op in block.ops:
            self._block_of.update(dict.fromkeys(op.results, block))
            for inner in op.blocks:
                self._find(inner)

    def _visit(self, block: Block) -> None:
        home = {*block.parameters, *(r for op in block.ops for r in op.results)}
        for op in reversed(block.ops):
            if op.operation is IF:
                for at, result in enumerate(op.results):
                    for side, other in (op.blocks, op.blocks[::-1]):
                        value = side.results[at]
                        if value in home and self._may_keep(op, at, value, other):
                            self._give(value, result)
            for inner in op.blocks:
                self._visit(inner)

    def _may_keep(self, op: Op, at: int, value: Value, other: Block) -> bool:
        live, heir, result = self._live, self._heir, op.results[at]
        of_same = (
            value.adjoint_of is result.adjoint_of
            and value.tangent_of is result.tangent_of
        )
        alike = value.name == result.name and (value.name or of_same)
        if (
            not alike
            or value.type != result.type
            or heir.get(value) is not None
            or other.results[at] is value
        ):
            return False
        if any(side.results.count(value) > (side is not other) for side in op.blocks):
            return False
        return live.free(value, live.end[op]) and all(
            self._is_apart(value, one, op, other)
            for one in (heir.get(result, result), *self._of[heir.get(result, result)])
        )

    def _is_apart(self, value: Value, one: Value, op: Op, other: Block) -> bool:
        """Whether one that has the name is over before the value, or comes behind it.

        In the other side it may come once the value is not needed there any more.
        """
        live = self._live
        begin, end, born = live.start[op], live.end[op], self._born[one]
        if born >= end:
            return True
        if born > begin:
            inside = self._block_of.get(one) is other
            return inside and live.free(value, born, live.last_of[other])
        since = min(self._born[v] for v in (value, *self._of[value]))
        return born <= since and live.free(one, since, end)

    def _give(self, value: Value, result: Value) -> None:
        of = self._heir.get(result, result)
        if of is value:
            return
        renamed = [value, *self._of.pop(value, [])]
        for one in renamed:
            self._heir[one] = of
        self._of[of] += renamed
