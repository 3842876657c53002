"""What a loop saves for its reverse: what is read there and not cheaper to recompute.

(Futhark recomputes, Tapenade saves what is "to be recorded"; here a value is computed
again where that is one cheap operation on values that are at hand anyway.)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from adjoint.ir.program import Block, Op, Value, walk

#: Operations that cost no more than to save their result and to read it back.
_CHEAP = frozenset(
    ("add", "sub", "mul", "div", "neg", "square", "abs", "min", "max")
    + ("lt", "le", "gt", "ge", "eq", "ne", "and", "or", "not")
)


def values_read(block: Block) -> list[Value]:
    """Every value that is read in the block or in blocks inside, in a fixed order."""
    read = dict.fromkeys(block.results)
    for op in walk(block):
        read.update(dict.fromkeys(op.operands))
        for inner in op.blocks:
            read.update(dict.fromkeys(inner.results))
    return list(read)


def split_needed(
    needed: Sequence[Value],
    body: Block,
    at_hand: Callable[[Value], bool],
    fixed: Sequence[Value] = (),
) -> tuple[list[Value], list[Op]]:
    """Which of the values ``needed`` to save, and which operations to do again.

    ``at_hand`` says of a value that the reverse has it without saving (it does not
    change in the loop, or it is the index). The elements of the arrays that are
    ``fixed`` are read again.
    """
    keep = set(needed)
    again: list[Op] = []
    for op in reversed(body.ops):
        if op.blocks or not op.results or op.results[0] not in keep:
            continue
        cheap = op.operation.name in _CHEAP or _is_read(op, fixed)
        if cheap and all(
            operand.literal or operand in keep or at_hand(operand)
            for operand in op.operands
        ):
            keep.discard(op.results[0])
            again.append(op)
    order = {v: at for at, v in enumerate(body.parameters)}
    order |= {r: at for at, op in enumerate(body.ops, len(order)) for r in op.results}
    kept = [value for value in needed if value in keep]
    return sorted(kept, key=lambda v: order.get(v, len(order))), again[::-1]


def _is_read(op: Op, fixed: Sequence[Value]) -> bool:
    """Whether it reads an element of an array that is fixed."""
    is_element = op.operation.name == "index" and not op.results[0].type.rank
    return is_element and op.operands[0] in fixed


def substituted(block: Block, known: dict[Value, Value]) -> Block:
    """The block with every use of a value of ``known`` replaced."""
    ops = [_substituted_op(op, known) for op in block.ops]
    return Block(ops, _replaced(block.results, known), block.parameters)


def _substituted_op(op: Op, known: dict[Value, Value]) -> Op:
    operands = _replaced(op.operands, known)
    if not op.blocks and operands == op.operands:
        return op
    blocks = tuple(substituted(inner, known) for inner in op.blocks)
    return op.copied(operands, blocks)


def _replaced(values: Sequence[Value], known: dict[Value, Value]) -> tuple[Value, ...]:
    return tuple(known.get(value, value) for value in values)
