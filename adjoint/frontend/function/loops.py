"""Loops: those that stay loops, and those that are unrolled."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from functools import partial

from adjoint.errors import SourceError
from adjoint.frontend.arrays.aliases import check_unchanged
from adjoint.frontend.arrays.holders import check_alone, check_inside
from adjoint.frontend.arrays.known_lists import check_unshared, note_met
from adjoint.frontend.arrays.lists import fitted
from adjoint.frontend.function.control_flow import (
    RAISED,
    RESULT,
    RETURNED,
    named,
)
from adjoint.frontend.function.first_made import (
    GIVEN,
    GUESSES,
    has_arrays,
    is_given,
    is_unset,
    note_given,
    nothing,
)
from adjoint.frontend.function.flow import is_endless, may_wait, returns_in
from adjoint.frontend.function.gone_through import GoneThrough
from adjoint.frontend.function.trials import Trial, Trials
from adjoint.frontend.function.unrolling import Loop
from adjoint.frontend.python.item_shapes import (
    Shape,
    filled,
    is_numeric,
    leaf_types,
    leaves,
    shape_of,
    undefined_item,
)
from adjoint.frontend.python.items import (
    Dictionary,
    Elements,
    Item,
    Range,
    Refused,
)
from adjoint.frontend.python.names import changed_in_place, changed_inside
from adjoint.ir.program import FOR, WHILE, Value
from adjoint.ir.types import BOOL, FLOAT, Type

#: So often at most is a loop lowered with wider types.
_MOST = 100


class _Tried(Exception):
    """A rehearsal is over."""


class Loops(Trials):
    """Lowers the loops of one function."""

    # -- the statements

    def _For(self, node: ast.For) -> None:
        item = self.item(node.iter)
        if isinstance(item, Range) and self.stays_loop(item):
            self.loop(node, (item.start, item.stop, item.step))
            return
        elements = self.elements(node.iter, item)
        if elements is not None:
            check_unchanged(self, node, elements, self.assigned_in(node))
            GoneThrough(self, node).check_none()
            parts = elements.range
            self.loop(node, (parts.start, parts.stop, parts.step), elements)
            return
        self.over_known(node, item)

    def _While(self, node: ast.While) -> None:
        if self._never_begins(node):
            self.finish(node)
        else:
            self.loop(node, ())

    def _never_begins(self, node: ast.While) -> bool:
        """Whether its test is known to fail at first: as a rehearsal."""
        found: list[object] = []

        def test() -> None:
            found.append(self.condition(node.test).number)
            raise _Tried

        self.attempt(test, _Tried)
        return found == [False]

    # -- loops that stay loops

    def loop(
        self,
        node: Loop,
        operands: tuple[Value, ...],
        elements: Elements | None = None,
    ) -> None:
        """Lower a loop that stays one.

        Where it has one ``return``, that is postponed until behind the loop, if that
        can be: it is of the last iteration, and need not be part of every one.
        """

        def postponing() -> None:
            self.postponed = returns[0]
            self._loop(node, operands, elements)
            self.postponed = None
            if self.waits():
                self.attempt(lambda: self._try(returns[0]), _Tried)

        returns = returns_in(node)
        alone = self.postponed is None and len(returns) == 1 and may_wait(returns[0])
        if alone and self.neatly(node, postponing):
            self.waiting = returns[0]
        else:
            self._loop(node, operands, elements)
        if not self.waits():
            self.finish(node)

    def waits(self) -> bool:
        """Whether a loop has been left by a ``return`` that is still to be lowered."""
        left = RETURNED in self.env and RESULT not in self.env
        return left and self.postponed is None

    def _try(self, statement: ast.Return) -> None:
        """Whether what is returned can be computed behind the loop: as a rehearsal."""
        self.env.pop(RETURNED, None)
        self.block([statement])
        self.check_no_tables()
        raise _Tried

    def _loop(
        self,
        node: Loop,
        operands: tuple[Value, ...],
        elements: Elements | None = None,
    ) -> None:
        entry = self.env
        try:
            trial, shapes = self._settled(node, elements)
        except SourceError:
            self._ask_for_flags(node, entry)
            raise
        initial: list[Value] = []
        for name, item in trial.next.items():
            before = entry.get(name.removeprefix(GIVEN))
            shape = shapes.get(name) or shape_of(item)
            initial += self._initial(node, name, before, shape)
        operation, where = FOR if operands else WHILE, self.where(node)
        values = iter(
            self.builder.loop(
                operation, (*operands, *initial), *trial.blocks, where=where
            )
        )
        for name in self.assigned_in(node):
            if is_numeric(shape_of(entry.get(name))):
                self.env.pop(name, None)
        for name, item in trial.next.items():
            self.env[name] = filled(shapes.get(name) or shape_of(item), values)
            note_met(self, self.env[name], entry.get(name), item)
            named(self.env[name], name)
            if name.startswith(GIVEN):
                made = self.env[name.removeprefix(GIVEN)]
                note_given(self.context, list(leaves(made)), self.env.pop(name))
        if isinstance(node, ast.While) and is_endless(node):
            self.leave(RETURNED if RETURNED in trial.next else RAISED)

    def _settled(
        self, node: Loop, elements: Elements | None
    ) -> tuple[Trial, dict[str, Shape]]:
        """The loop with types of what it carries that hold for each iteration.

        Of a name that is first made in it, the rank is not known where it is read in
        front of that: it is taken for a number, for an array or a list if that fails.
        """
        first = self._first_shapes(node)
        unset = [name for name in first if is_unset(self.env.get(name))]
        if not unset:
            return self._lowered(node, first, elements)
        found: list[tuple[Trial, dict[str, Shape]]] = []
        errors: list[SourceError] = []

        def way(guess: dict[str, Shape]) -> None:
            try:
                found.append(self._lowered(node, guess, elements))
            except SourceError as error:
                errors.append(error)
                raise

        ways: list[Callable[[], dict[str, Shape]]] = [
            dict,
            partial(self._rehearsed, node, first, elements, unset),
            *[partial(dict.fromkeys, unset, type) for type in GUESSES],
        ]
        for guessed in ways:
            guess = first | guessed()
            if self.attempt(partial(way, guess), SourceError):
                return found[0]
        raise errors[0]

    def _rehearsed(
        self,
        node: Loop,
        first: dict[str, Shape],
        elements: Elements | None,
        names: Sequence[str],
    ) -> dict[str, Shape]:
        """What the names stand for behind an iteration of what can be lowered of it."""
        found: dict[str, Shape] = {}

        def body() -> None:
            for statement in node.body:
                self.attempt(partial(self.block, [statement]), SourceError)
            found.update({name: shape_of(self.env.get(name)) for name in names})
            raise _Tried

        def trial() -> None:
            self.trial(node, first, elements, body)

        self.attempt(trial, _Tried, SourceError)
        return {name: shape for name, shape in found.items() if is_numeric(shape)}

    def _lowered(
        self, node: Loop, shapes: dict[str, Shape], elements: Elements | None
    ) -> tuple[Trial, dict[str, Shape]]:
        for _ in range(_MOST):
            trial = self.trial(node, shapes, elements)
            if trial.shapes == shapes:
                return trial, shapes
            shapes = trial.shapes
        raise self.problem(node, "the types of what this loop changes do not settle")

    def _first_shapes(self, node: Loop) -> dict[str, Shape]:
        """The names that are carried, and what is known of them before the loop."""
        needed, stored = self.needed(node), changed_in_place(node.body)
        changed = changed_inside(node.body)
        shapes: dict[str, Shape] = {}
        for name in self.assigned_in(node):
            item = self.env.get(name)
            unknown = item is None or isinstance(item, Refused)
            shape = BOOL if unknown else shape_of(item)
            if name in changed:
                check_unshared(self, node, name, item, needed)
            if isinstance(item, Dictionary):
                check_alone(self, node, name, item)
                if name in stored:
                    check_inside(self, node, name, [item])
            if name in needed and is_numeric(shape):
                shapes[name] = shape
        return shapes

    def _initial(
        self, node: Loop, name: str, item: Item | None, shape: Shape
    ) -> list[Value]:
        """The values before the first iteration, literals widened where need be."""
        if name.startswith(GIVEN) and not is_unset(item):
            return [is_given(self, item)]
        if name[0] == "%" and name != RESULT:
            return [self.builder.constant(False)]
        if name != RESULT and is_unset(item) and has_arrays(shape):
            return [nothing(self, node, type) for type in leaf_types(shape)]
        if name == RESULT or is_unset(item):
            return list(leaves(undefined_item(shape)))
        item = fitted(self, node, item, shape)
        pairs = zip(leaves(item), leaf_types(shape), strict=True)
        return [self._widened(value, type) for value, type in pairs]

    def _widened(self, value: Value, type: Type) -> Value:
        if type == FLOAT and value.literal and value.type != FLOAT:
            return self.builder.constant(float(value.number))  # type: ignore[arg-type]
        return value
