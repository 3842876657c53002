"""Code sinking: what a derivative needs in some sides of a branch is done in these.

The reverse sweep of ``sqrt(max(v, 0))`` finds ``0.5 / y`` before it asks whether v > 0:
where v < 0 nothing needs it, but it raises. Done where it is used, it is not computed
there. No way through the program has more operations than before, but one where two of
what ``max`` or ``min`` compares are equal.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from adjoint.ir.clone import cloned
from adjoint.ir.program import GUARD, IF, Block, Op, Program, Value, link, walk
from adjoint.rules.array_operation import ArrayOperation
from adjoint.rules.table import OPERATIONS
from adjoint.transform.raising import Raising

_EQ = OPERATIONS["eq"]

#: An operation is done in no more places than this instead of one.
_MOST_PLACES = 8


def with_sunk_operations(program: Program, primal: Program) -> Program:
    """The program, with operations that derivatives have made where they are needed.

    What one side of a branch uses alone is done there. What several sides use, but not
    every way through them, is done in each of these if it may raise, and else stays.
    Those of the primal stay: when they raise is its behaviour. So do divisions that
    stand for them: ``1 / t``, where the primal asks for ``log(t)`` and nothing else.
    """
    if IF not in program.operations:
        return program
    sinking = _Sinking(program, primal, set())
    if sinking.copies and sinking.stuck:  # for these alone, no copies
        sinking = _Sinking(program, primal, sinking.stuck)
    if not sinking.changed:
        return program
    body = sinking.finished(program.body, {}, {})
    link(body)
    primal_ops = len(body.ops) if program.beside else program.primal_ops
    return replace(program, body=body, primal_ops=primal_ops)


class _Side:
    """A block under way, that is read, and filled, from its end to its beginning.

    ``users`` says of values where in the block they are used: in which branches, and
    whether (None) by anything else. ``copies`` has the values that are others here.
    """

    def __init__(self) -> None:
        self.backwards: list[Op] = []
        self.users: dict[Value, dict[Op | None, None]] = {}
        self.copies: dict[Value, Value] = {}

    def note(self, values: Iterable[Value], branch: Op | None) -> None:
        """Note a use of each of the values."""
        for value in values:
            if value.op is not None:
                self.users.setdefault(value, {})[branch] = None

    def users_of(self, op: Op) -> list[Op | None]:
        """The branches that use what the operation gives; None for other users."""
        found: dict[Op | None, None] = {}
        for result in op.results:
            found.update(self.users.get(result, {}))
        return list(found)


#: Where an operation may be done: in a block, inside branches of the blocks around it.
_Place = tuple[_Side, tuple[tuple[_Side, Op], ...]]


class _Sinking:
    """One walk through the blocks of a program.

    What is tested in a branch is not tested again in its sides. ``stuck`` is what may
    raise and stays where it is all the same; what is known to be so beforehand counts
    as if it did not raise.
    """

    def __init__(self, program: Program, primal: Program, known_stuck: set[Op]):
        self.changed = self.copies = False
        self.stuck: set[Op] = set()
        self._known_stuck = known_stuck
        self._raising = Raising(primal)
        self._first_made = program.primal_generation + 1
        self._movable: set[Op] = set()
        self._risky: set[Value] = set()
        self._placed: set[Op] = set()
        self._sides: dict[Block, _Side] = {}
        self._survey(program.body)
        self._visit(program.body, program.results)

    def finished(
        self, block: Block, known: dict[Value, Value], decided: dict[Value, int]
    ) -> Block:
        """The block as it is now.

        ``known`` are values that are others in it, ``decided`` are the conditions of
        the branches that it is inside of, with the side.
        """
        side = self._sides[block]
        known = known | side.copies if side.copies else known
        ops: list[Op] = []
        for op in reversed(side.backwards):
            if op in self._movable and op.operands[0] in decided and op.blocks:
                inner = op.blocks[decided[op.operands[0]]]
                taken = self.finished(inner, known, decided)
                ops += taken.ops
                given = dict(zip(op.results, taken.results, strict=True))
                known = {old: given.get(new, new) for old, new in known.items()} | given
            else:
                ops.append(self._finished_op(op, known, decided))
        return Block(ops, _seen(block.results, known), block.parameters)

    def _finished_op(
        self, op: Op, known: dict[Value, Value], decided: dict[Value, int]
    ) -> Op:
        operands = _seen(op.operands, known)
        if operands == op.operands and not op.blocks:
            return op
        blocks = [
            self.finished(
                inner,
                known,
                {**decided, op.operands[0]: at} if op.operation is IF else decided,
            )
            for at, inner in enumerate(op.blocks)
        ]
        copy = op.copied(operands, tuple(blocks))
        if op.saved:
            copy.saved = _seen(op.saved, known)
        return copy

    def _survey(self, block: Block, of: Op | None = None, at: int = 0) -> bool:
        """Note what may be moved, and what may raise; says whether all may be moved.

        What is computed from a value that may raise counts as if it did: it has to go
        where that shall go.
        """
        with self._raising.block(of, at):
            found = [self._survey_op(op) for op in block.ops]
        return all(found)

    def _survey_op(self, op: Op) -> bool:
        inside = [self._survey(inner, op, at) for at, inner in enumerate(op.blocks)]
        if not all(inside) or not self._may_move(op):
            self._raising.learn(op)
            return False
        self._movable.add(op)
        raises = self._raising.may_raise(op) and op not in self._known_stuck
        if raises:
            self.stuck.add(op)  # until it is moved
        given = [value for one in op.blocks for o in one.ops for value in o.results]
        if raises or not self._risky.isdisjoint((*op.operands, *given)):
            self._risky.update(op.results)
        return True

    def _may_move(self, op: Op) -> bool:
        """Whether it is elementary, or a branch, on numbers, and a derivative's own."""
        if isinstance(op.operation, ArrayOperation) or op.operation is GUARD:
            return False
        if op.blocks and op.operation is not IF:
            return False
        if self._raising.pinned(op):
            return False
        return all(
            result.generation >= self._first_made
            and result.number is None
            and not result.type.rank
            for result in op.results
        )

    def _visit(self, block: Block, ends: Iterable[Value]) -> None:
        """Take over a block; ``ends`` are the values that are used behind it."""
        side = self._sides[block] = _Side()
        side.note(ends, None)
        for op in reversed(block.ops):
            for inner in op.blocks:
                self._visit(inner, (*inner.results, *op.saved))
            places = self._places(op, side) if op in self._movable else [(side, ())]
            for place, around in places:
                self._put(op, place)
                for outer, branch in around:
                    outer.note(self._used(op), branch)
            if places[0][1]:
                self.changed = True
                self.stuck.difference_update(walk(Block([op])))

    def _places(self, op: Op, side: _Side) -> list[_Place]:
        """Where to do an operation that stands in front of what there is of a block."""
        here: list[_Place] = [(side, ())]
        branches = [user for user in side.users_of(op) if user is not None]
        if not branches or len(branches) < len(side.users_of(op)):
            return here
        if len(branches) > 1 and not _are_ties(branches):
            return here
        found: list[_Place] = []
        count = 0
        for branch in branches:
            for inner in self._using(op, branch):
                count += 1
                found += [
                    (place, ((side, branch), *around))
                    for place, around in self._places(op, inner)
                ]
        if count > 1:
            risky = not self._risky.isdisjoint(op.results)
            if not risky or len(found) > _MOST_PLACES or self._is_certain(op, side):
                return here
        return found

    def _using(self, op: Op, branch: Op) -> list[_Side]:
        """The sides of a branch that use what the operation gives."""
        sides = [self._sides[block] for block in branch.blocks]
        return [side for side in sides if side.users_of(op)]

    def _is_certain(self, op: Op, side: _Side) -> bool:
        """Whether every way through the block uses what the operation gives."""
        for user in side.users_of(op):
            if user is None:
                return True
            using = self._using(op, user)
            if len(using) == 2 and all(self._is_certain(op, one) for one in using):
                return True
        return False

    def _put(self, op: Op, side: _Side) -> None:
        """Have it done in front of what there is of a block; again as a copy."""
        for result in op.results:
            side.users.pop(result, None)
        if op in self._placed:
            op = self._copied(op, side)
            self.copies = True
        self._placed.add(op)
        side.backwards.append(op)
        side.note(op.operands, None)
        for inner in op.blocks:
            branch = op if op.operation is IF else None
            side.note(self._sides[inner].users, branch)

    def _copied(self, op: Op, side: _Side) -> Op:
        """A copy, whose results take the place of those of the original in a block."""
        clone = cloned(Block([self._finished_op(op, {}, {})]), {})
        side.copies.update({result: clone.values[result] for result in op.results})
        self._survey(clone.block)
        self.stuck.difference_update(walk(clone.block))
        (copy,) = clone.block.ops
        for inner in copy.blocks:
            self._visit(inner, inner.results)
        return copy

    def _used(self, op: Op) -> list[Value]:
        """The values from outside that the operation uses."""
        inside = [value for one in op.blocks for value in self._sides[one].users]
        return [*op.operands, *inside]


def _are_ties(branches: list[Op]) -> bool:
    """Whether each is for an operand that equals the one largest, or smallest.

    So only one of them is taken, but where two are equal.
    """
    tests = [branch.operands[0].op for branch in branches]
    common = [set(test.operands) for test in tests if test and test.operation is _EQ]
    return len(common) == len(tests) and bool(set.intersection(*common))


def _seen(values: tuple[Value, ...], known: dict[Value, Value]) -> tuple[Value, ...]:
    return tuple([known.get(value, value) for value in values]) if known else values
