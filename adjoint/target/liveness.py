"""Liveness: how long each value is needed, so that its name can be given to another.

Operations are numbered in the order in which they are written, by twos; what a loop
saves is read just behind the operation that defines the last of it. A value that is
used in a loop, but defined before it, is needed until the loop ends, since the next
iteration reads it again.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable, Sequence

from adjoint.ir.program import BACKWARD, LOOPS, Block, Op, Program, Value

#: What is returned is needed to the end.
END = 1 << 60


class Liveness:
    """When each value of a program is used, and where each loop saves.

    ``start`` and ``end`` are the positions of each operation, ``last_of`` that of the
    end of each block, ``born`` that from which each value is there.
    """

    def __init__(self, program: Program):
        self.start: dict[Op, int] = {}
        self.end: dict[Op, int] = {}
        self.last_of: dict[Block, int] = {}
        #: when each value is there
        self.born: dict[Value, int] = dict.fromkeys(program.parameters, 0)
        #: the operation behind which a loop saves; None: at the beginning of its body
        self.save_after: dict[Op, Op | None] = {}
        self._depth: dict[Value, int] = dict.fromkeys(program.parameters, 0)
        self._found: list[tuple[Value, int, tuple[Op, ...]]] = []
        self._clock = 0
        self._visit(program.body, ())
        self._uses: dict[Value, list[int]] = {}
        for value, at, loops in self._found:
            depth = self._depth.get(value, 0)
            last = self.end[loops[depth]] if depth < len(loops) else at
            self._uses.setdefault(value, []).append(last)
        for value in program.results:
            self._uses.setdefault(value, []).append(END)
        for uses in self._uses.values():
            uses.sort()

    def uses(self, value: Value) -> Sequence[int]:
        """The positions of the uses of the value, in order."""
        return self._uses.get(value, ())

    def last(self, value: Value) -> int:
        """The position of the last use of the value, 0 for none."""
        uses = self.uses(value)
        return uses[-1] if uses else 0

    def count(self, value: Value, since: int, until: int = END) -> int:
        """How many operations between the positions use the value."""
        uses = self.uses(value)
        return bisect_right(uses, until) - bisect_right(uses, since)

    def free(self, value: Value, since: int, until: int = END) -> bool:
        """Whether no operation between the positions uses the value."""
        return self.count(value, since, until) == 0

    def keep(self, values: Iterable[Value], op: Op) -> None:
        """The values are needed until the operation ends."""
        for value in values:
            insort(self._uses.setdefault(value, []), self.end[op])

    def _visit(self, block: Block, loops: tuple[Op, ...]) -> None:
        for op in block.ops:
            self._clock += 2
            self.start[op] = self._clock
            self._use(op.operands, loops)
            around = (*loops, op) if op.operation in LOOPS else loops
            for inner in op.blocks:
                self._define(inner.parameters, around)
                self._visit(inner, around)
            if op.saved:
                self._save(op, around)
            if op.operation is BACKWARD and op.pops:  # it pops in each iteration
                self._use((op.operands[3],), around)
            self._clock += 2
            self.end[op] = self._clock
            self._define(op.results, loops)
            if not op.blocks:
                self.born.update(dict.fromkeys(op.results, self.start[op]))
        self._clock += 2
        self.last_of[block] = self._clock
        self._use(block.results, loops)

    def _save(self, loop: Op, around: tuple[Op, ...]) -> None:
        saved = set(loop.saved)
        last = None
        for op in loop.blocks[-1].ops:
            if not saved.isdisjoint(op.results):
                last = op
        self.save_after[loop] = last
        at = self.end[last] + 1 if last else self.start[loop] + 1
        self._found += [(value, at, around) for value in loop.saved]

    def _define(self, values: Sequence[Value], loops: tuple[Op, ...]) -> None:
        self._depth.update(dict.fromkeys(values, len(loops)))
        self.born.update(dict.fromkeys(values, self._clock))

    def _use(self, values: Iterable[Value], loops: tuple[Op, ...]) -> None:
        self._found += [(value, self._clock, loops) for value in values]
