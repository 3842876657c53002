"""Loops: those that stay loops, and those that are unrolled."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from adjoint.frontend.arrays.aliases import check_apart, check_unchanged
from adjoint.frontend.arrays.holders import check_alone
from adjoint.frontend.arrays.lists import fitted
from adjoint.frontend.arrays.shared_rows import check_next_rows
from adjoint.frontend.function.control_flow import (
    BROKE,
    CONTINUED,
    RAISED,
    RESULT,
    RETURNED,
    first_made_in_loop,
    named,
)
from adjoint.frontend.function.flow import is_endless, may_wait, returns_in
from adjoint.frontend.function.gone_through import GoneThrough
from adjoint.frontend.function.none_first import check_none_first
from adjoint.frontend.function.unrolling import Loop, Unrolling
from adjoint.frontend.python.item_shapes import (
    ColumnsShape,
    DictShape,
    ListOfArrays,
    Shape,
    filled,
    is_numeric,
    is_tuple,
    joined_shape,
    leaf_types,
    leaves,
    names_of_columns,
    names_of_entries,
    shape_of,
    undefined_item,
)
from adjoint.frontend.python.items import (
    NONE,
    Dictionary,
    Elements,
    Item,
    Range,
    Refused,
    described,
)
from adjoint.frontend.python.names import changed_names
from adjoint.frontend.python.refusals import none_refusal
from adjoint.ir.program import FOR, WHILE, Block, Value
from adjoint.ir.types import BOOL, FLOAT, INT, Type


@dataclass
class _Trial:
    """One lowering of a loop; it holds if no type turned out to be wider.

    ``next`` are the values that go to the next iteration, by name; names that begin
    with ``%`` are those of flags.
    """

    blocks: list[Block]
    next: dict[str, Item]
    shapes: dict[str, Shape]


class _Tried(Exception):
    """A rehearsal is over."""


class Loops(Unrolling):
    """Lowers the loops of one function."""

    def _assigned(self, node: Loop) -> list[str]:
        """The names of this function that an iteration assigns to, or changes."""
        target = [node.target] if isinstance(node, ast.For) else []
        names = changed_names([*target, *node.body])
        return [name for name in names if name in self.local_names]

    # -- the statements

    def _For(self, node: ast.For) -> None:
        item = self.item(node.iter)
        if isinstance(item, Range) and self.stays_loop(item):
            self.loop(node, (item.start, item.stop, item.step))
            return
        elements = self.elements(node.iter, item)
        if elements is not None:
            check_unchanged(self, node, elements, self._assigned(node))
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
        shapes = self._first_shapes(node)
        while True:
            trial = self._trial(node, shapes, elements)
            if trial.shapes == shapes:
                break
            shapes = trial.shapes
        initial: list[Value] = []
        for name, item in trial.next.items():
            shape = shapes.get(name) or shape_of(item)
            initial += self._initial(node, name, entry.get(name), shape)
        operation, where = FOR if operands else WHILE, self.where(node)
        values = iter(
            self.builder.loop(
                operation, (*operands, *initial), *trial.blocks, where=where
            )
        )
        for name in self._assigned(node):
            if is_numeric(shape_of(entry.get(name))):
                self.env.pop(name, None)
        for name, item in trial.next.items():
            self.env[name] = filled(shapes.get(name) or shape_of(item), values)
            named(self.env[name], name)
        if isinstance(node, ast.While) and is_endless(node):
            self.leave(RETURNED if RETURNED in trial.next else RAISED)

    def _first_shapes(self, node: Loop) -> dict[str, Shape]:
        """The names that are carried, and what is known of them before the loop."""
        needed = self.needed(node)
        shapes: dict[str, Shape] = {}
        for name in self._assigned(node):
            item = self.env.get(name)
            unknown = item is None or isinstance(item, Refused)
            shape = BOOL if unknown else shape_of(item)
            if isinstance(item, Dictionary):
                check_alone(self, node, name, item)
            if name in needed and is_numeric(shape):
                shapes[name] = shape
        return shapes

    def _initial(
        self, node: Loop, name: str, item: Item | None, shape: Shape
    ) -> list[Value]:
        """The values before the first iteration, literals widened where need be."""
        if name[0] == "%" and name != RESULT:
            return [self.builder.constant(False)]
        if name == RESULT or item is None or isinstance(item, Refused):
            return list(leaves(undefined_item(shape)))
        item = fitted(self, node, item, shape)
        pairs = zip(leaves(item), leaf_types(shape), strict=True)
        return [self._widened(value, type) for value, type in pairs]

    def _widened(self, value: Value, type: Type) -> Value:
        if type == FLOAT and value.literal and value.type != FLOAT:
            return self.builder.constant(float(value.number))  # type: ignore[arg-type]
        return value

    def _trial(
        self, node: Loop, shapes: dict[str, Shape], elements: Elements | None
    ) -> _Trial:
        """Lower the loop with these types of what it carries."""
        entry = self.env
        where = self.where(node)
        blocks: list[Block] = []
        if isinstance(node, ast.While):
            self.builder.open(where)
            self._enter(entry, shapes)
            test = self.condition(node.test)
            blocks.append(self.builder.close(test))
        self.builder.open(where)
        if isinstance(node, ast.For):
            name = node.target.id if isinstance(node.target, ast.Name) else None
            name = name if elements is None else elements.name
            index = self.builder.block_parameter(INT, name)
            self._enter(entry, shapes)
            self.assign(node.target, elements.at(index) if elements else index)
        else:
            self._enter(entry, shapes)
        self.within(node, lambda: self.block(node.body))
        trial = self._closed(node, entry, shapes, blocks)
        self.env = dict(entry)
        return trial

    def _enter(self, entry: dict[str, Item], shapes: dict[str, Shape]) -> None:
        """Begin an iteration: what is carried are parameters of the block."""
        self.env = dict(entry)
        for name, shape in shapes.items():
            own = None if is_tuple(shape) or self.scope.ours else name
            types = list(leaf_types(shape))
            names = [own] * len(types)
            if isinstance(shape, DictShape) and not self.scope.ours:
                names = names_of_entries(shape) or names
            if isinstance(shape, ColumnsShape) and not self.scope.ours:
                names = names_of_columns(name, shape)
            values = list(map(self.builder.block_parameter, types, names))
            self.env[name] = filled(shape, iter(values))
            if name not in entry:
                self.unset |= set(values)
            else:
                origins = zip(values, leaves(entry[name]), strict=False)
                self.context.origins.update(origins)

    def _closed(
        self,
        node: Loop,
        entry: dict[str, Item],
        shapes: dict[str, Shape],
        blocks: list[Block],
    ) -> _Trial:
        """End the iteration: its next values, the flags that leave it, its stop."""
        following: dict[str, Item] = {}
        wider: dict[str, Shape] = {}
        self._check_static(node, entry)
        self._check_names(node, entry, shapes)
        for name, shape in shapes.items():
            item = None if RAISED in self.env else self.env.get(name)
            if item is None:
                following[name] = undefined_item(shape)
            else:
                following[name] = fitted(self, node, item, shape)
            known = name in entry and not isinstance(entry[name], Refused)
            next_shape = self._wider(node, name, shape, item, known)
            if next_shape is not None:
                wider[name] = next_shape
        self.env.pop(CONTINUED, None)
        stop = self.left()
        if stop is None or RAISED in self.env:
            stop = self.builder.constant(False)
        else:
            following |= self._leaving(node, blocks)
        values = [value for item in following.values() for value in leaves(item)]
        if wider == shapes:  # else it is lowered again
            check_apart(self, node, following, self.needed(node))
        check_next_rows(self, node, following, self._assigned(node))
        blocks.append(self.builder.close(*values, stop))
        return _Trial(blocks, following, wider)

    def _check_static(self, node: Loop, entry: dict[str, Item]) -> None:
        """What is no number may not change from one iteration to the next."""
        for name in self._assigned(node):
            item = entry.get(name)
            numeric = item is None or is_numeric(shape_of(item))
            if numeric or isinstance(item, Refused) or RAISED in self.env:
                continue
            if self.env.get(name) is not item:
                message = f"`{name}` is {described(item)}, and changes in this loop"
                hint = "use another name in the loop"
                if item is NONE:
                    hint = none_refusal(name)[1]
                refusal = self.problem(node, message, hint)
                if item is NONE:
                    check_none_first(self.context.active[-1][0], name, refusal, node)
                raise refusal

    def _check_names(
        self, node: Loop, entry: dict[str, Item], shapes: dict[str, Shape]
    ) -> None:
        """What is no name of the loop's own may not change under another one in it."""
        assigned = self._assigned(node)
        for name in self.needed(node) & entry.keys():
            same = self.env.get(name, entry[name]) is entry[name]
            if not same and name not in shapes and name not in assigned:
                message = f"`{name}` is changed in this loop under another name"
                hint = f"change it as `{name}`, or make a copy of it first"
                raise self.problem(node, message, hint)

    def _wider(
        self, node: Loop, name: str, shape: Shape, item: Item | None, known: bool
    ) -> Shape | None:
        """The shape that holds the next value too; None for what is no number."""
        if item is None:
            return shape
        if isinstance(item, Refused):
            raise self.problem(node, item.message, item.hint)
        following = shape_of(item)
        if not known and (not is_numeric(following) or is_tuple(following)):
            return following if is_numeric(following) else None
        try:
            return joined_shape(shape, following)
        except TypeError as error:
            if not known:
                raise self.problem(node, *first_made_in_loop(name, following)) from None
            message = f"`{name}` changes its kind in this loop: {error}"
            hint = error.hint if isinstance(error, ListOfArrays) else None
            raise self.problem(node, message, hint) from None

    def _leaving(self, node: Loop, blocks: list[Block]) -> dict[str, Item]:
        """The flags that code behind the loop needs, carried as well."""
        wanted = [RETURNED, RESULT] + ([BROKE] if node.orelse else [])
        found = {name: self.env[name] for name in wanted if name in self.env}
        if RETURNED not in found or found[RETURNED].number is False:
            found.pop(RETURNED, None)
            found.pop(RESULT, None)
        for item in found.values():
            if not is_numeric(shape_of(item)):
                message = "only numbers can be returned in a loop"
                if isinstance(item, Refused):
                    message = item.message
                raise self.problem(node, message)
            for type in leaf_types(shape_of(item)):
                self.builder.block_parameter(type)
                for test in blocks:
                    test.parameters += (Value(type),)
        return found
