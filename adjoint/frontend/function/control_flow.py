"""Branches, and the flags of what has left its block early.

A ``return``, ``break`` or ``continue`` that is not the end of its block in every case
is kept as a truth value, under a name that no user can write: `RETURNED` and so on.
They are joined and carried like the user's own names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from adjoint.frontend.arrays.known_lists import note_met
from adjoint.frontend.function.expressions import Expressions
from adjoint.frontend.python.item_shapes import (
    Shape,
    filled,
    is_numeric,
    joined_shape,
    leaf_types,
    leaves,
    name_parts,
    shape_of,
)
from adjoint.frontend.python.items import NONE, Item, Refused
from adjoint.frontend.python.names import Names
from adjoint.frontend.python.refusals import none_refusal
from adjoint.frontend.syntax import Node
from adjoint.ir.program import Block, Value, undefined
from adjoint.ir.types import BOOL, Type

RETURNED, BROKE, CONTINUED = "%returned", "%broke", "%continued"
FLAGS = (RETURNED, BROKE, CONTINUED)
#: What is returned; and the mark of a path that ends with an exception.
RESULT, RAISED = "%return", "%raised"

_MISSING = object()


@dataclass(frozen=True, eq=False)
class FirstMade(Refused):
    """What is first made on one side of a branch in a loop, of another rank."""

    shape: Shape = None


class Branches(Expressions):
    """``carried`` are the names that the end of the loop around needs.

    ``unset`` are the parameters of loops that stand for what is not there yet.
    """

    carried: Names = frozenset()
    unset: frozenset[Value] = frozenset()

    # -- leaving

    def leave(self, flag: str) -> None:
        """Note that this path goes no further."""
        self.env[flag] = self.builder.constant(True)

    def left(self) -> Value | None:
        """Whether this path has been left: None for no, or a truth value."""
        if RAISED in self.env:
            return self.builder.constant(True)
        left: Value | None = None
        for flag in self._set_flags():
            value = self.env[flag]
            if value.number is not None or left is None:
                left = value
            elif left.number is None:
                left = self.builder.emit("or", left, value)
        return left

    def _set_flags(self) -> list[str]:
        return [
            flag
            for flag in FLAGS
            if flag in self.env and self.env[flag].number is not False
        ]

    def unless_left(self, action: Callable[[], None], live: Names, where: int) -> None:
        """Lower what ``action`` does for those paths that have not been left."""
        left = self.left()
        if left is None:
            action()
        elif left.number is None:
            flags = self._set_flags()

            def go_on() -> None:
                for flag in (*FLAGS, RESULT):
                    self.env.pop(flag, None)
                action()

            def stay() -> None:
                if len(flags) == 1:
                    self.leave(flags[0])

            goes_on = self.builder.emit("not", left, where=where)
            self.branch(goes_on, go_on, stay, live, where)

    # -- what may turn out to be no good

    def attempt(self, action: Callable[[], None], *reasons: type[Exception]) -> bool:
        """Lower something; if that raises one of these, all is as it was, and False."""
        context, before = self.context, vars(self) | {"env": dict(self.env)}
        under_way, active = len(context.frames), len(context.active)
        calls = context.calls
        if self.builder.attempt(action, *reasons):
            return True
        vars(self).update(before)
        context.calls = calls
        del context.frames[under_way:], context.active[active:]
        return False

    # -- branches

    def branch(
        self,
        condition: Value,
        then: Callable[[], None],
        orelse: Callable[[], None],
        live: Names,
        where: int,
    ) -> None:
        """Lower both sides, and join what they leave behind."""
        entry = self.env
        blocks: list[Block] = []
        sides: list[dict[str, Item]] = []
        for action in (then, orelse):
            self.env = dict(entry)
            self.builder.open(where)
            action()
            blocks.append(self.builder.close())
            sides.append(self.env)
        self.env = entry
        join = _Join(self, condition, blocks, sides, where)
        self.env = join.run(live | self.carried)


class _Join:
    """Joins the names that two sides of a branch leave behind."""

    def __init__(
        self,
        frame: Branches,
        condition: Value,
        blocks: list[Block],
        sides: list[dict[str, Item]],
        where: int,
    ):
        self.frame = frame
        self.condition = condition
        self.blocks = blocks
        self.sides = sides
        self.where = where
        self.entry = frame.env
        self.raised = [RAISED in side for side in sides]
        self._pending: list[tuple[str, Shape, list[Value | bool]]] = []

    def run(self, live: Names) -> dict[str, Item]:
        """The names behind the branch."""
        joined: dict[str, Item] = {}
        results: list[list[Value]] = [[], []]
        negated: list[str] = []
        names = dict.fromkeys([*self.sides[0], *self.sides[1]])
        for name in names:
            if name == RAISED or (name not in live and name[0] != "%"):
                continue
            pair = [self._item(at, name) for at in (0, 1)]
            decided = self._decided(pair)
            if decided is not None:
                joined[name] = self.condition
                if not decided:
                    negated.append(name)
                continue
            item = self._same(name, pair)
            if item is _MISSING:
                item = self._met(name, pair, results)
            if item is not _MISSING:
                joined[name] = item
        self._emit(joined, results)
        for name in negated:
            joined[name] = self._negated()
        if all(self.raised):
            joined[RAISED] = self.frame.builder.constant(True)
        return joined

    def _item(self, at: int, name: str) -> Item:
        if self.raised[at]:
            return _MISSING
        item = self.sides[at].get(name, _MISSING)
        if item is _MISSING and name in FLAGS:
            return self.frame.builder.constant(False)
        return item

    def _decided(self, pair: list[Item]) -> bool | None:
        """Whether it is True on one side and False on the other: the condition."""
        if any(item is _MISSING or not isinstance(item, Value) for item in pair):
            return None
        if not all(item.literal and item.type == BOOL for item in pair):
            return None
        then, orelse = (item.number for item in pair)
        return None if then == orelse else bool(then)

    def _negated(self) -> Value:
        return self.frame.builder.emit("not", self.condition, where=self.where)

    def _same(self, name: str, pair: list[Item]) -> Item:
        """The item of both sides, where they agree or one of them never ends.

        A side that has let go of what was there before does not read it again.
        """
        if pair[0] is pair[1]:
            return pair[0]
        for at in (0, 1):
            if pair[at] is _MISSING and pair[1 - at] is self.entry.get(name):
                return pair[1 - at]
            if self.raised[at] and self._is_outer(pair[1 - at]):
                return pair[1 - at]
        return _MISSING

    def _is_outer(self, item: Item) -> bool:
        """Whether all of it was there before the branch."""
        if not is_numeric(shape_of(item)):
            return True
        known = {value for outer in self.entry.values() for value in leaves(outer)}
        return all(value.literal or value in known for value in leaves(item))

    def _met(self, name: str, pair: list[Item], results: list[list[Value]]) -> Item:
        """Have the sides yield the item; `_MISSING`, or why it cannot be used."""
        shapes = [shape_of(item) for item in pair if item is not _MISSING]
        if not shapes:
            return _MISSING
        try:
            shape = joined_shape(shapes[0], shapes[-1])
        except TypeError as error:
            unset = [not self.frame.unset.isdisjoint(leaves(item)) for item in pair]
            if any(unset):
                shape = shapes[unset[0]]
                return FirstMade(*first_made_in_loop(name, shape), shape)
            what = "what is returned" if name == RESULT else f"`{name}`"
            hint = none_refusal(name)[1] if NONE in pair and name != RESULT else None
            return Refused(f"{what} is of two kinds here: {error}", hint)
        if not is_numeric(shape):
            return Refused(f"`{name}` is defined on one side of a branch only")
        for at, values in enumerate(results):
            if pair[at] is _MISSING:
                values.extend(map(undefined, leaf_types(shape)))
            else:
                pair[at] = self._fitted(at, pair[at], shape)
                values.extend(leaves(pair[at]))
        self._pending.append((name, shape, self._givens(name, pair, results)))
        return _MISSING

    def _fitted(self, at: int, item: Item, shape: Shape) -> Item:
        node = Node("branch", None, (), self.where, self.where + 1)
        return self.frame.fitted_in(self.blocks[at], item, shape, node)

    def _givens(
        self, name: str, pair: list[Item], results: list[list[Value]]
    ) -> list[Value | bool]:
        """Whether the sides give the name a value; nothing where both surely do.

        Where one side passes on what may have none, the sides yield that as well.
        """
        known = self.frame.context.given
        givens: list[Value | bool] = []
        for at, item in enumerate(pair):
            first = None if item is _MISSING else next(leaves(item), None)
            surely = item is not _MISSING or self.raised[at]
            givens.append(surely if first is None else known.get(first, surely))
        if name[0] == "%" or all(given is True for given in givens):
            return []
        if any(isinstance(given, Value) for given in givens):
            for given, values in zip(givens, results, strict=True):
                constant = self.frame.builder.constant
                values.append(given if isinstance(given, Value) else constant(given))
        return givens

    def _emit(self, joined: dict[str, Item], results: list[list[Value]]) -> None:
        then, orelse = self.blocks
        then.results, orelse.results = map(tuple, results)
        builder = self.frame.builder
        values = iter(builder.branch(self.condition, then, orelse, self.where))
        for name, shape, givens in self._pending:
            joined[name] = item = filled(shape, values)
            sides = [side[name] for side in self.sides if name in side]
            note_met(self.frame, item, *sides)
            named(item, name)
            if givens:
                self._note_given(item, givens, values)
            if name == RESULT and all(map(self._returns, self.sides)):
                self.frame.context.returned.update(leaves(item))

    def _returns(self, side: dict[str, Item]) -> bool:
        return RETURNED in side and side[RETURNED].number is True

    def _note_given(
        self, item: Item, givens: list[Value | bool], values: Iterator[Value]
    ) -> None:
        context = self.frame.context
        unsure = any(isinstance(given, Value) for given in givens)
        if unsure:
            given = next(values)
        else:
            given = self.condition if givens[0] else self._negated()
        for value in leaves(item):
            context.given[value] = given
            if unsure:
                context.unsure.add(value)


def first_made_in_loop(name: str, shape: Shape) -> tuple[str, str]:
    """What to say of what is no number, and is not there when its loop begins."""
    what = "an array" if isinstance(shape, Type) else "a tuple"
    if isinstance(shape, Type) and shape.listed:
        what = "a list"
    message = f"`{name}` is {what} that is first made in a loop"
    hint = f"make one before the loop, of the same shape: `{name} = ...`"
    return f"{message}, and read where it may not be there", hint


def named(item: Item, name: str) -> None:
    """Give a number without a name the user's name."""
    if name[0] == "%":
        return
    name_parts(item, name)
    if isinstance(item, Value) and item.op is not None and item.name is None:
        item.name = name
