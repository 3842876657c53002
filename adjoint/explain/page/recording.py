"""The textbook sweep over every node, as one program that keeps all of its numbers.

It is the walk of `adjoint.explain.walkthrough`, in the same order, for a function at
any point: where the walkthrough has numbers, this has the values of a program.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from adjoint.errors import OptionError
from adjoint.ir.builder import Builder
from adjoint.ir.program import GUARD, IF, Block, Op, Program, Value, walk
from adjoint.transform.activity import varied_values
from adjoint.transform.algebra.real_identities import IDENTITIES
from adjoint.transform.partials import Instance, is_zero
from adjoint.transform.writing_out import WrittenOut


@dataclass(frozen=True)
class Scope:
    """The side of a branch: run where ``condition`` is ``holds``, inside ``outer``."""

    condition: Value
    holds: bool
    outer: Scope | None


@dataclass(frozen=True)
class Contribution:
    """What a node adds to the adjoint of one of its operands.

    ``local``   the derivative of ``child`` by its operand ``at``, which is ``parent``;
                of the result of a branch, by what the side yields, it is 1
    ``amount``  the adjoint of the child times that
    ``total``   the parent's adjoint so far, with this amount
    ``scope``   where it is computed; None where it always is
    """

    child: Value
    at: int
    parent: Value
    local: Value
    amount: Value
    total: Value
    scope: Scope | None

    def with_values(self, now: Callable[[Value], Value]) -> Contribution:
        """The same of a program in which other values have taken their places."""
        local, amount, total = map(now, (self.local, self.amount, self.total))
        return replace(self, local=local, amount=amount, total=total)


@dataclass(frozen=True)
class Recording:
    """A program whose values are the numbers of the walkthrough.

    ``nodes``          the inputs, then the results of the operations in order, those
                       of branches behind those of their sides
    ``scopes``         where each node is computed that is not always computed
    ``contributions``  in the order of the reverse sweep
    ``guards``         of each exception of the user's own the condition that must
                       hold, how it is spelled, and where it is checked
    """

    program: Program
    nodes: tuple[Value, ...]
    scopes: dict[Value, Scope]
    contributions: tuple[Contribution, ...]
    guards: tuple[tuple[Value, str, Scope | None], ...]

    @property
    def recorded(self) -> tuple[Value, ...]:
        """The nodes, then local derivative, amount and total of each contribution."""
        numbers = [(c.local, c.amount, c.total) for c in self.contributions]
        return (*self.nodes, *(value for three in numbers for value in three))


def record(program: Program, wrt: Sequence[str]) -> Recording:
    """The recording of a scalar program of elementary operations and branches.

    Raises OptionError where it has several results, loops or arrays.
    """
    if len(program.results) != 1:
        raise OptionError(
            f"{program.name} returns {len(program.results)} values, not 1"
        )
    for op in walk(program.body):
        if op.blocks and op.operation is not IF:
            raise OptionError(
                f"{program.name} has loops; a page has no loops yet, but those over "
                "literal ranges can be unrolled (--unroll)"
            )
        if any(value.type.rank for value in (*op.operands, *op.results)):
            raise OptionError(f"{program.name} has arrays; a page has none yet")
    scopes: dict[Value, Scope] = {}
    guards: list[tuple[Value, str, Scope | None]] = []
    found = _results(program.body, None, scopes, guards)
    nodes = (*program.parameters, *found)
    sweep = _RecordingSweep(program, [p for p in program.parameters if p.name in wrt])
    sweep.run()
    body = sweep.builder.finish(program.name, *program.results).body
    written = WrittenOut(replace(program, body=body))
    contributions = [c.with_values(written.now) for c in sweep.contributions]
    return Recording(
        written.program, nodes, scopes, tuple(contributions), tuple(guards)
    )


def _results(
    block: Block,
    scope: Scope | None,
    scopes: dict[Value, Scope],
    guards: list[tuple[Value, str, Scope | None]],
) -> list[Value]:
    """What the operations give, in the order of execution; notes scopes and guards."""
    found: list[Value] = []
    for op in block.ops:
        for inner, holds in zip(op.blocks, (True, False), strict=False):
            within = Scope(op.operands[0], holds, scope)
            found += _results(inner, within, scopes, guards)
        if op.operation is GUARD:
            guards.append((op.operands[0], op.text, scope))
        found += op.results
        if scope is not None:
            scopes.update(dict.fromkeys(op.results, scope))
    return found


Adjoints = dict[Value, Value]


class _RecordingSweep:
    """Visits the nodes as their adjoints become complete, beginning with the result."""

    def __init__(self, program: Program, interest: Sequence[Value]):
        self.builder = Builder.resume(program, IDENTITIES)
        self.contributions: list[Contribution] = []
        self._program = program
        self._varied = varied_values(program, interest)
        self._one = self.builder.constant(1.0)

    def run(self) -> None:
        result = self._program.results[0]
        if result in self._varied:
            self._visit(self._program.body, {result: self._one}, None)

    def _visit(self, block: Block, adjoints: Adjoints, scope: Scope | None) -> None:
        """The reverse of a block; adds to the adjoints of values from outside."""
        homes = {result: op for op in block.ops for result in op.results}
        waiting = self._waiting(block, adjoints, homes)
        ready = deque(op for op, count in waiting.items() if count == 0)
        while ready:
            op = ready.popleft()
            if op.operation is IF:
                self._reverse_branch(op, adjoints, scope)
            else:
                self._reverse_op(op, adjoints, scope)
            for parent in self._reached(op):
                home = homes.get(parent)
                if home is not None:
                    waiting[home] -= 1
                    if waiting[home] == 0:
                        ready.append(home)

    def _waiting(
        self, block: Block, adjoints: Adjoints, homes: dict[Value, Op]
    ) -> dict[Op, int]:
        """How many contributions each operation that has a part in it waits for."""
        seeds = [homes[value] for value in adjoints if value in homes]
        waiting = dict.fromkeys(seeds, 0)
        pending = list(waiting)
        while pending:
            for parent in self._reached(pending.pop()):
                home = homes.get(parent)
                if home is not None:
                    if home not in waiting:
                        pending.append(home)
                    waiting[home] = waiting.get(home, 0) + 1
        return waiting

    def _reached(self, op: Op) -> list[Value]:
        """The operands that the operation contributes to, once for each time."""
        if op.operation is not IF:
            return [op.operands[at] for at in self._active(op)]
        inside = {
            r for block in op.blocks for inner in block.ops for r in inner.results
        }
        reached = [value for block in op.blocks for value in block.results]
        reached += [
            value
            for block in op.blocks
            for o in block.ops
            for value in self._reached(o)
        ]
        return [
            v for v in dict.fromkeys(reached) if v in self._varied and v not in inside
        ]

    def _active(self, op: Op) -> list[int]:
        if not op.results or op.results[0] not in self._varied:
            return []
        return [
            at
            for at, operand in enumerate(op.operands)
            if operand in self._varied and not is_zero(op.operation, at)
        ]

    def _reverse_op(self, op: Op, adjoints: Adjoints, scope: Scope | None) -> None:
        result = op.results[0]
        if result not in adjoints:  # in a branch, of what does not reach its results
            return
        instance = Instance(self.builder, op.operation, op.operands, result, op.where)
        zero = self.builder.constant(0.0)
        for at in self._active(op):
            local = instance.times(self._one, at)
            amount = instance.times(adjoints[result], at)
            self._add(
                adjoints,
                result,
                at,
                op.operands[at],
                local or zero,
                amount or zero,
                scope,
            )

    def _reverse_branch(self, op: Op, adjoints: Adjoints, scope: Scope | None) -> None:
        """The sides go on with the totals so far; the branch yields their totals."""
        sides: list[Adjoints] = []
        blocks: list[Block] = []
        for block, holds in zip(op.blocks, (True, False), strict=True):
            inner = dict(adjoints)
            self.builder.open(op.where, after=block)
            within = Scope(op.operands[0], holds, scope)
            for result, value in zip(op.results, block.results, strict=True):
                if result in adjoints and value in self._varied:
                    arriving = adjoints[result]
                    at = 1 if holds else 2
                    self._add(inner, result, at, value, self._one, arriving, within)
            self._visit(block, inner, within)
            sides.append(inner)
            blocks.append(self.builder.close())
        reached = [
            value
            for value in self._reached(op)
            if any(side.get(value) is not adjoints.get(value) for side in sides)
        ]
        zero = self.builder.constant(0.0)
        for block, side in zip(blocks, sides, strict=True):
            block.results = tuple(side.get(value, zero) for value in reached)
        totals = self.builder.branch(op.operands[0], blocks[0], blocks[1], op.where)
        adjoints.update(zip(reached, totals, strict=True))

    def _add(
        self,
        adjoints: Adjoints,
        child: Value,
        at: int,
        parent: Value,
        local: Value,
        amount: Value,
        scope: Scope | None,
    ) -> None:
        before = adjoints.get(parent)
        total = amount if before is None else self.builder.emit("add", before, amount)
        adjoints[parent] = total
        self.contributions.append(
            Contribution(child, at, parent, local, amount, total, scope)
        )
