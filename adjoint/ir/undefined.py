"""What a branch or a loop leaves undefined: nothing, or Python's None.

Where a name is assigned on one side of a branch only, the other side yields nothing,
and to read the name then is Python's own error. But what is not defined may have to be
passed on, under another name, to where it is never read; that must not be an error.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Sequence

from adjoint.ir.program import IF, UNDEFINED, Block, Op, Value, undefined, walk


def define_what_is_passed_on(body: Block, returned: Container[Value] = ()) -> None:
    """Yield None, in place of nothing, for each result that is passed on.

    What branches hand on as ``returned`` is not: to return it is to read it.
    """
    ops = [op for op in walk(body) if op.blocks]
    define(body, [value for op in ops for value in _passed_on(op, returned)])


def define_what_is_saved(body: Block) -> None:
    """Yield None, in place of nothing, for what a loop saves before it is defined."""
    define(body, [value for op in walk(body) for value in op.saved])


def define_what_is_handed_out(body: Block, handed: Container[Value]) -> None:
    """Yield None, in place of nothing, for what branches hand out under other names.

    ``handed`` are the results of branches that the reverse sweep has asked for.
    """
    ops = [op for op in walk(body) if op.operation is IF]
    found = [
        value
        for op in ops
        for block in op.blocks
        for value, result in _yielded(block, op.results)
        if result in handed
    ]
    define(body, found)


def define(body: Block, values: Iterable[Value]) -> None:
    """Yield None, in place of nothing, for each of the values of the body."""
    ops = [op for op in walk(body) if op.blocks]
    makers = {result: op for op in ops for result in op.results[: _carried_count(op)]}
    carriers = {p: r for op in ops for p, r in _carried(op)}
    pending = list(values)
    seen: set[Value] = set()
    while pending:
        value = pending.pop()
        value = carriers.get(value, value)
        if value in seen or value not in makers:
            continue
        seen.add(value)
        pending += _define(value, makers[value])


def _carried(op: Op) -> list[tuple[Value, Value]]:
    """For each carried value of a loop, the parameter and the result."""
    count = _carried_count(op)
    if op.operation is IF or not count:
        return []
    return [
        pair
        for block in op.blocks
        for pair in zip(block.parameters[-count:], op.results[:count], strict=True)
    ]


def _carried_count(op: Op) -> int:
    """How many of the results are no stack."""
    return len(op.results) - (1 if op.saved else 0)


def _define(result: Value, op: Op) -> list[Value]:
    """Have every way to this result yield something; what else is passed on by it."""
    at = op.results.index(result)
    nothing = undefined(result.type, total=True)
    given: list[Value] = []
    for block in op.blocks if op.operation is IF else op.blocks[-1:]:
        given.append(block.results[at])
        if block.results[at].name == UNDEFINED:
            block.results = (*block.results[:at], nothing, *block.results[at + 1 :])
    if op.operation is not IF:
        place = len(op.operands) - _carried_count(op) + at
        given.append(op.operands[place])
        if op.operands[place].name == UNDEFINED:
            before, after = op.operands[:place], op.operands[place + 1 :]
            op.operands = (*before, nothing, *after)
    return given


def _passed_on(op: Op, returned: Container[Value]) -> set[Value]:
    """The values that the operation gives another name to.

    What a block defines and yields once is given the name of the result at once.
    """
    count = _carried_count(op)
    if op.operation is IF:
        return {
            value
            for block in op.blocks
            for value, result in _yielded(block, op.results)
            if result not in returned
        }
    found = set(op.operands[len(op.operands) - count :])
    body = op.blocks[-1]
    if count:
        found |= {value for value, _ in _yielded(body, op.results)}
        read = _read(op)
        for at, parameter in enumerate(body.parameters[-count:]):
            if parameter in read:
                found.add(body.results[at])
    return found


def _yielded(block: Block, results: Sequence[Value]) -> set[tuple[Value, Value]]:
    """What the block gives another name to, and the result that has the name."""
    own = {result for op in block.ops for result in op.results}
    times = Counter(block.results)
    return {
        (value, result)
        for value, result in zip(block.results, results, strict=False)
        if value not in own or times[value] > 1 or value.name not in (None, result.name)
    }


def _read(loop: Op) -> set[Value]:
    """What is read anywhere in the loop."""
    found: set[Value] = set()
    for block in loop.blocks:
        found.update(block.results)
        for op in walk(block):
            found.update(op.operands)
            for inner in op.blocks:
                found.update(inner.results)
    return found
