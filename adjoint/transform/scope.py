"""Scope: what a block hands out, so that no value is used where it is not defined.

The reverse of a branch uses values of the branch; each becomes a result of the branch,
undefined where the other side was run. The reverse of a loop uses values of each
iteration; the loop saves them on a stack (`transform.saving` says which).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from adjoint.ir.program import (
    IF,
    STRUCTURED,
    Block,
    Op,
    Program,
    Value,
    link,
    undefined,
)
from adjoint.ir.undefined import define_what_is_handed_out, define_what_is_saved

#: Which block of which operation, from the outermost in.
Path = tuple[tuple[Op, int], ...]


def homes_of(block: Block, path: Path = ()) -> dict[Value, Path]:
    """Where each value defined in the block, or in a block inside, has its home."""
    return {
        value: inner_path
        for inner_path, inner in _blocks(block, path)
        for value in (*inner.parameters, *(r for op in inner.ops for r in op.results))
    }


def _blocks(block: Block, path: Path) -> Iterator[tuple[Path, Block]]:
    yield path, block
    for op in block.ops:
        for side, inner in enumerate(op.blocks):
            yield from _blocks(inner, (*path, (op, side)))


class Handouts:
    """What the operations that hold blocks hand out beside their results."""

    def __init__(self, program: Program):
        self._flat = STRUCTURED.isdisjoint(program.operations)
        self.homes = {} if self._flat else homes_of(program.body)
        self._of_branch: dict[Op, list[tuple[int, Value, Value]]] = {}
        self._known: dict[tuple[Value, Op], Value] = {}
        self._of_loop: dict[Op, tuple[tuple[Value, ...], Value]] = {}
        self._total: set[Value] = set()

    def out_of_branches(self, value: Value, level: int, total: bool = False) -> Value:
        """The value as it is seen from the block at ``level`` of its path.

        ``total`` asks that it be something (None) even where it is not defined.
        """
        home = self.homes.get(value, ())
        inner = value
        for depth in range(len(home) - 1, level - 1, -1):
            op, side = home[depth][0].origin, home[depth][1]
            assert op.operation is IF, "a value of a loop is used behind the loop"
            handed = self._known.get((value, op))
            if handed is None:
                handed = _yielded(home[depth][0], side, inner)
                if handed is None:
                    handed = Value(value.type, None, op, value.name, value.generation)
                    handed.adjoint_of = value.adjoint_of
                    handed.tangent_of = value.tangent_of
                    handed.direction = value.direction
                    self._of_branch.setdefault(op, []).append((side, inner, handed))
                self._known[value, op] = handed
                self.homes[handed] = home[:depth]
            if total:
                self._total.add(handed)
            inner = handed
        return inner

    def save(
        self, loop: Op, values: tuple[Value, ...], stack: Value, path: Path
    ) -> None:
        """Have the loop, in the block at ``path``, save ``values`` on ``stack``."""
        self._of_loop[loop.origin] = (values, stack)
        self.homes[stack] = path

    def applied(self, program: Program) -> Program:
        """The program in which everything is handed out where it is needed."""
        if self._flat:  # nor does the reverse read what is in a block
            return program
        self._find_homes(program.body)
        for path, block in _blocks(program.body, ()):
            for used in _uses(block):
                home = self.homes.get(used, ())
                level = _common(home, path)
                if level < len(home):
                    self.out_of_branches(used, level)
        if not self._known and not self._of_loop:
            return program
        body = self._rewritten(program.body, ())
        if self._of_loop:
            define_what_is_saved(body)
        handed = self._of_branch.values()
        define_what_is_handed_out(body, {out for each in handed for *_, out in each})
        link(body)
        return replace(program, body=body)

    def _find_homes(self, body: Block) -> None:
        """Where everything is now that the reverse sweep is in its place."""
        self.homes.update(homes_of(body))
        paths = {
            op.origin: path for path, block in _blocks(body, ()) for op in block.ops
        }
        for (_, op), handed in self._known.items():
            self.homes[handed] = paths.get(op, ())
        for op, (_, stack) in self._of_loop.items():
            self.homes[stack] = paths.get(op, ())

    def _seen(self, value: Value, path: Path) -> Value:
        home = self.homes.get(value, ())
        level = _common(home, path)
        if level == len(home):
            return value
        return self._known[value, home[level][0].origin]

    def _rewritten(self, block: Block, path: Path) -> Block:
        ops = [self._rewritten_op(op, path) for op in block.ops]
        results = tuple(self._seen(v, path) for v in block.results)
        return Block(ops, results, block.parameters)

    def _rewritten_op(self, op: Op, path: Path) -> Op:
        operands = tuple(self._seen(v, path) for v in op.operands)
        if operands == op.operands and not op.blocks:
            return op
        handed = self._of_branch.get(op.origin, [])
        blocks: list[Block] = []
        for side, inner in enumerate(op.blocks):
            new = self._rewritten(inner, (*path, (op, side)))
            new.results += tuple(
                value if s == side else undefined(out.type, out in self._total)
                for s, value, out in handed
            )
            blocks.append(new)
        copy = op.copied(operands, tuple(blocks))
        copy.results += tuple(out for _, _, out in handed)
        if op.origin in self._of_loop:
            copy.saved, stack = self._of_loop[op.origin]
            copy.results += (stack,)
        return copy


def _yielded(op: Op, side: int, value: Value) -> Value | None:
    """The result of the branch for which its side yields the value, if there is one."""
    results = op.blocks[side].results
    return op.results[results.index(value)] if value in results else None


def _uses(block: Block) -> Iterator[Value]:
    for op in block.ops:
        yield from op.operands
    yield from block.results


def _common(a: Path, b: Path) -> int:
    count = 0
    for x, y in zip(a, b, strict=False):
        if x[0].origin is not y[0].origin or x[1] != y[1]:
            break
        count += 1
    return count
