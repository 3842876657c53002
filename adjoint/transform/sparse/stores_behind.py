"""Stores behind branches: ``F[i] = a if c else b`` for a store on either side.

Where both sides store last in the same element, what the program computes is the same,
and the element has one row of entries whatever the condition on floats is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from adjoint.ir.program import IF, Block, Op, Program, Value, walk
from adjoint.transform.activity import depends_on_floats


def stores_behind_branches(program: Program) -> Program:
    """The program with such stores behind their branches."""
    body, data = program.body, depends_on_floats(program)
    ops = [new for op in body.ops for new in _moved(op, data)]
    return replace(program, body=Block(ops, body.results), primal_ops=len(ops))


def _moved(op: Op, data: set[Value], inside: bool = False) -> Iterator[Op]:
    """The operation with what is moved behind it; ``inside`` a condition on floats."""
    decides = inside or (op.operation is IF and op.operands[0] in data)
    if not op.blocks:
        yield op
        return
    blocks = tuple(
        Block(
            [new for one in block.ops for new in _moved(one, data, decides)],
            block.results,
            block.parameters,
        )
        for block in op.blocks
    )
    copy = op.copied(op.operands, blocks)
    copy.saved = op.saved
    stores: list[Op] = []
    if op.operation is IF and decides:
        results = list(op.results)
        for at, result in enumerate(results):
            store = _common_store(copy, at)
            if store is not None:
                stores.append(_behind(copy, at, result, store))
    yield copy
    yield from stores


def _common_store(op: Op, at: int) -> Op | None:
    """The store of the first side where both end, for a result, in one like it."""
    found = []
    inside = {r for block in op.blocks for one in walk(block) for r in one.results}
    for block in op.blocks:
        maker = next(
            (one for one in block.ops if block.results[at] in one.results), None
        )
        if maker is None or maker.operation.name != "store":
            return None
        array, _, *indices = maker.operands
        uses = sum(block.results[at] in one.operands for one in walk(block))
        twice = block.results.count(block.results[at]) > 1
        if uses or twice or not inside.isdisjoint((array, *indices)):
            return None
        found.append(maker)
    first, second = found
    places = [(one.operands[0], one.operands[2:], one.attributes) for one in found]
    return first if places[0] == places[1] and first is not second else None


def _behind(op: Op, at: int, result: Value, store: Op) -> Op:
    """Have the branch yield what is stored; gives the store behind it."""
    array, stored, *indices = store.operands
    number = Value(stored.type, None, op, None, result.generation)
    for block in op.blocks:
        maker = next(one for one in block.ops if block.results[at] in one.results)
        block.ops.remove(maker)
        yielded = list(block.results)
        yielded[at] = maker.operands[1]
        block.results = tuple(yielded)
    results = list(op.results)
    results[at] = number
    op.results = tuple(results)
    behind = store.copied((array, number, *indices), (), fresh=True)
    behind.results = (result,)
    return behind
