"""Scope: values of a branch that are used behind it are handed out of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from adjoint.ir.program import Block, Op, Program, Value, undefined

#: Which side of which branch, from the outermost branch in.
_Path = tuple[tuple[Op, int], ...]


def with_exports(program: Program) -> Program:
    """The program in which no value is used outside the block that defines it.

    The reverse of a branch uses values of the branch itself; each becomes a result of
    the branch (undefined where the other side was run), and is used as that.
    """
    if not any(op.blocks for op in program.body.ops):
        return program
    homes = {
        result: path
        for path, block in _blocks(program.body, ())
        for op in block.ops
        for result in op.results
    }
    exports = _Exports(homes)
    for path, block in _blocks(program.body, ()):
        for used in [*(v for op in block.ops for v in op.operands), *block.results]:
            exports.ask(used, path)
    if not exports.added:
        return program
    return replace(program, body=exports.rewritten(program.body, ()))


def _blocks(block: Block, path: _Path) -> Iterator[tuple[_Path, Block]]:
    yield path, block
    for op in block.ops:
        for side, inner in enumerate(op.blocks):
            yield from _blocks(inner, (*path, (op, side)))


def _common(a: _Path, b: _Path) -> int:
    count = 0
    for x, y in zip(a, b, strict=False):
        if x[0] is not y[0] or x[1] != y[1]:
            break
        count += 1
    return count


class _Exports:
    """``added`` says what each branch hands out: (side, value, new result)."""

    def __init__(self, homes: dict[Value, _Path]):
        self.homes = homes
        self.added: dict[Op, list[tuple[int, Value, Value]]] = {}
        self._handed: dict[tuple[Value, Op], Value] = {}

    def ask(self, value: Value, path: _Path) -> None:
        """Hand ``value`` out far enough to be used in the block at ``path``."""
        home = self.homes.get(value, ())
        level = _common(home, path)
        inner = value
        for op, side in reversed(home[level:]):
            handed = self._handed.get((value, op))
            if handed is None:
                handed = Value(value.type, None, op, value.name, value.generation)
                handed.adjoint_of = value.adjoint_of
                self._handed[value, op] = handed
                self.added.setdefault(op, []).append((side, inner, handed))
            inner = handed

    def _seen_from(self, value: Value, path: _Path) -> Value:
        home = self.homes.get(value, ())
        level = _common(home, path)
        return value if level == len(home) else self._handed[value, home[level][0]]

    def rewritten(self, block: Block, path: _Path) -> Block:
        """The block with every use outside replaced by what is handed out."""
        ops: list[Op] = []
        for op in block.ops:
            operands = tuple(self._seen_from(v, path) for v in op.operands)
            added = self.added.get(op, [])
            blocks: list[Block] = []
            for side, inner in enumerate(op.blocks):
                new = self.rewritten(inner, (*path, (op, side)))
                extra = [v if s == side else undefined(v.type) for s, v, _ in added]
                blocks.append(Block(new.ops, (*new.results, *extra)))
            if operands == op.operands and not blocks:
                ops.append(op)
                continue
            new_op = Op(op.operation, operands, op.where, tuple(blocks))
            new_op.results = (*op.results, *(handed for _, _, handed in added))
            ops.append(new_op)
        return Block(ops, tuple(self._seen_from(v, path) for v in block.results))
