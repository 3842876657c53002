"""Running sums: numbers that a loop carries, and to which it does nothing but add.

What is added in each iteration has derivatives of its own; those of the sum are all of
them, one behind the other. So a row of entries can be carried beside the sum.
"""

from __future__ import annotations

from collections.abc import Iterable

from adjoint.ir.loops import parts
from adjoint.ir.program import IF, LOOPS, Op, Program, Value, walk
from adjoint.ir.types import FLOAT


def running_sums(
    program: Program, varied: set[Value], wanted: Iterable[Value]
) -> set[Value]:
    """Of the values that vary: parameters and results of loops that carry such sums.

    Also the results of branches that have such a loop inside. Only what the values
    ``wanted`` depend on is looked at.
    """
    return _Sums(program, varied, wanted).found


class _Sums:
    def __init__(self, program: Program, varied: set[Value], wanted: Iterable[Value]):
        self._maker = {r: op for op in walk(program.body) for r in op.results}
        self._carried: dict[Value, tuple[Value, Value]] = {}
        loops = [op for op in walk(program.body) if op.operation in LOOPS]
        for op in loops:
            for initial, now, following, result in zip(*parts(op), strict=True):
                self._carried[now] = self._carried[result] = initial, following
        needed = self._needed(wanted)
        self.found: set[Value] = set()
        for op in loops:
            for _, now, following, result in zip(*parts(op), strict=True):
                real = now.type == FLOAT and now in varied and now in needed
                if real and self._is_sum(following, now):
                    self.found |= {now, result}
        for op in reversed(list(walk(program.body))):
            for at, result in enumerate(op.results if op.operation is IF else ()):
                yielded = [block.results[at] for block in op.blocks]
                if any(v in self.found and self._inside(op, v) for v in yielded):
                    self.found.add(result)

    def _inside(self, op: Op, value: Value) -> bool:
        maker = self._maker.get(value)
        return maker is not None and any(maker in block.ops for block in op.blocks)

    def _needed(self, wanted: Iterable[Value]) -> set[Value]:
        """All values that the wanted ones depend on."""
        found: set[Value] = set()
        pending = list(wanted)
        while pending:
            value = pending.pop()
            if value in found or value.literal:
                continue
            found.add(value)
            op = self._maker.get(value)
            if value in self._carried:
                pending += self._carried[value]
            elif op is not None and op.operation is IF:
                at = op.results.index(value)
                pending += [block.results[at] for block in op.blocks]
            elif op is not None and not op.blocks:
                pending += op.operands
        return found

    def _is_sum(self, value: Value, start: Value) -> bool:
        """Whether the value is ``start`` with something added, or nothing."""
        while value is not start:
            op = self._maker.get(value)
            name = op.operation.name if op is not None else ""
            if op is not None and op.operation in LOOPS:
                initial, following = self._carried[value]
                _, carried, _, results = parts(op)
                if not self._is_sum(following, carried[results.index(value)]):
                    return False
                value = initial
            elif op is not None and op.operation is IF:
                at = op.results.index(value)
                sides = [block.results[at] for block in op.blocks]
                return all(self._is_sum(one, start) for one in sides)
            elif op is not None and name == "add":
                first, second = op.operands
                if self._is_sum(second, start):
                    return True
                value = first
            elif op is not None and name == "sub":
                value = op.operands[0]
            else:
                return False
        return True
