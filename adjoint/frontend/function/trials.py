"""One lowering of a loop, with types of what it carries that are to be proved."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from adjoint.frontend.arrays.aliases import check_apart
from adjoint.frontend.arrays.known_lists import check_unshared
from adjoint.frontend.arrays.lists import fitted
from adjoint.frontend.arrays.shared_rows import check_next_rows
from adjoint.frontend.function.control_flow import (
    BROKE,
    CONTINUED,
    RAISED,
    RESULT,
    RETURNED,
    FirstMade,
    first_made_in_loop,
)
from adjoint.frontend.function.first_made import (
    GIVEN,
    has_flag,
    is_given,
    is_unset,
    note_given,
    ranks,
)
from adjoint.frontend.function.none_first import check_none_first
from adjoint.frontend.function.unrolling import Loop, Unrolling
from adjoint.frontend.python.item_shapes import (
    DictShape,
    ListOfArrays,
    Shape,
    filled,
    has_named_parts,
    is_numeric,
    is_tuple,
    joined_shape,
    leaf_types,
    leaves,
    names_of_entries,
    names_of_parts,
    shape_of,
    undefined_item,
)
from adjoint.frontend.python.items import (
    NONE,
    Elements,
    Item,
    Refused,
    described,
)
from adjoint.frontend.python.names import changed_inside, changed_names
from adjoint.frontend.python.refusals import none_refusal
from adjoint.ir.program import Block, Value
from adjoint.ir.types import BOOL, INT


@dataclass
class Trial:
    """One lowering of a loop; it holds if no type turned out to be wider.

    ``next`` are the values that go to the next iteration, by name; names that begin
    with ``%`` are those of flags.
    """

    blocks: list[Block]
    next: dict[str, Item]
    shapes: dict[str, Shape]


def changes(name: str, item: Item) -> tuple[str, str]:
    """What to say of what is no number, and is another thing after an iteration."""
    hint = "use another name in the loop"
    if item is NONE:
        hint = none_refusal(name)[1]
    return f"`{name}` is {described(item)}, and changes in this loop", hint


class Trials(Unrolling):
    """Lowers loops of one function, each as often as it takes."""

    def assigned_in(self, node: Loop) -> list[str]:
        """The names of this function that an iteration assigns to, or changes."""
        target = [node.target] if isinstance(node, ast.For) else []
        names = changed_names([*target, *node.body])
        return [name for name in names if name in self.local_names]

    def trial(
        self,
        node: Loop,
        shapes: dict[str, Shape],
        elements: Elements | None,
        body: Callable[[], None] | None = None,
    ) -> Trial:
        """Lower the loop with these types of what it carries, or ``body`` for it."""
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
        self.within(node, body or partial(self.block, node.body))
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
            if has_named_parts(shape) and not self.scope.ours:
                names = [*names_of_parts(name, shape)]
            values = list(map(self.builder.block_parameter, types, names))
            self.env[name] = filled(shape, iter(values))
            if has_flag(self.context, entry.get(name), shape):
                flag = None if self.scope.ours else f"has_{name}"
                given = self.builder.block_parameter(BOOL, flag)
                note_given(self.context, values, given)
            if is_unset(entry.get(name)):
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
    ) -> Trial:
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
            known = not is_unset(entry.get(name))
            if has_flag(self.context, entry.get(name), shape):
                following[GIVEN + name] = is_given(self, following[name])
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
            for name in following.keys() & changed_inside(node.body):
                check_unshared(self, node, name, following[name], self.needed(node))
        check_next_rows(self, node, following, self.assigned_in(node))
        blocks.append(self.builder.close(*values, stop))
        return Trial(blocks, following, wider)

    def _check_static(self, node: Loop, entry: dict[str, Item]) -> None:
        """What is no number may not change from one iteration to the next."""
        for name in self.assigned_in(node):
            item = entry.get(name)
            numeric = item is None or is_numeric(shape_of(item))
            if numeric or isinstance(item, Refused) or RAISED in self.env:
                continue
            if self.env.get(name) is not item:
                message, hint = changes(name, item)
                raise self.problem(node, message, hint)

    def _ask_for_flags(self, node: Loop, entry: dict[str, Item]) -> None:
        """Raise NoneFirst where a name that is None at first may have a flag."""
        for name in self.assigned_in(node):
            if entry.get(name) is NONE:
                refusal = self.problem(node, *changes(name, NONE))
                check_none_first(self.context.active[-1][0], name, refusal, node)

    def _check_names(
        self, node: Loop, entry: dict[str, Item], shapes: dict[str, Shape]
    ) -> None:
        """What is no name of the loop's own may not change under another one in it."""
        assigned = self.assigned_in(node)
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
        if isinstance(item, FirstMade) and not known and item.shape != shape:
            return item.shape
        if isinstance(item, Refused):
            raise self.problem(node, item.message, item.hint)
        following = shape_of(item)
        if not known and not is_numeric(following):
            return None
        if not known and (is_tuple(following) or ranks(shape) != ranks(following)):
            return following  # what it was taken for was but a guess
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
