"""The loops of a generated function, read back in the shapes that adjoint writes.

==============================================  ======================================
``for i in range(...):``                        `FOR`
``while c:``, or ``while True:`` in which
``if not c: break`` stands before what is saved `WHILE`
``for i in reversed(range(...)):``              `BACKWARD`
``for _ in range(...): x, y = saved.pop()``     `BACKWARD`, with what was saved
``for x, y in reversed(saved):``                `UNWIND`
==============================================  ======================================

The lists are those of `stacks`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from adjoint.check.text.frame import Frame
from adjoint.check.text.loop_text import (
    LEFT,
    appends,
    breaks,
    popped,
    targets_of,
    with_one_exit,
)
from adjoint.check.text.stacks import Inside, Stacks
from adjoint.frontend.python.by_use import WHOLE, IntParameter, parameters_below
from adjoint.frontend.python.names import assigned_names
from adjoint.ir.program import BACKWARD, FOR, UNWIND, WHILE, Block, Value, undefined
from adjoint.ir.types import FLOAT, INT, STACK, Type
from adjoint.rules.operation import Operation

_Body = Sequence[ast.stmt]
_NOWHERE = "_"


@dataclass
class _Head:
    """What the first line of a loop says.

    ``operands`` are those before the initial values; ``index`` is the target that
    counts, ``popped`` those that have back what was saved, of the types ``entry``.
    """

    operation: Operation
    operands: tuple[Value, ...]
    index: ast.Name | None = None
    popped: list[ast.Name] = field(default_factory=list)
    entry: tuple[Value, ...] = ()


@dataclass
class _Trial:
    """One reading of a loop, for some types of what it carries."""

    blocks: list[Block]
    carried: dict[str, Value]
    inside: Inside


class LoopReader:
    """Reads the loops of one function, for the reader of its statements."""

    def __init__(self, reader: Frame):
        self.reader = reader
        self.stacks = Stacks(reader)
        #: what the parameters of loops are before the first iteration
        self.origins: dict[Value, Value] = {}

    # -- the statements

    def read(self, node: ast.For | ast.While) -> None:
        """Read one loop. Raises SourceError for one that adjoint does not write."""
        if node.orelse:
            self.reader.places.refuse(node.orelse[0], "this is not in such a loop")
        if isinstance(node, ast.While):
            self._while(node)
        else:
            self._for(node)

    def _while(self, node: ast.While) -> None:
        test: _Body = []
        condition: ast.expr = node.test
        body: _Body = node.body
        forever = isinstance(condition, ast.Constant) and condition.value is True
        at = next((at for at, one in enumerate(body) if breaks(one)), len(body))
        if forever and any(map(appends, body[at + 1 :])):
            first = body[at]
            assert isinstance(first, ast.If)
            condition = ast.copy_location(ast.UnaryOp(ast.Not(), first.test), first)
            test, body = body[:at], body[at + 1 :]
        self._loop(node, _Head(WHILE, ()), body, test, condition)

    def _for(self, node: ast.For) -> None:
        head, body = self._head(node)
        self._loop(node, head, body)

    def _head(self, node: ast.For) -> tuple[_Head, _Body]:
        places = self.reader.places
        name, arguments = self._called(node.iter)
        targets = targets_of(node.target)
        if targets is None:
            places.refuse(node.target, "only names can be assigned to here")
        if name == "reversed" and isinstance(arguments[0], ast.Name):
            stack = self.stacks.taken(arguments[0])
            entry = self.stacks.entries[stack]
            self.stacks.check_count(node.target, targets, entry)
            return _Head(UNWIND, (stack,), None, targets, entry), node.body
        backward = name == "reversed"
        if backward:
            name, arguments = self._called(arguments[0])
        if name != "range" or len(targets) != 1:
            places.refuse(node.iter, "adjoint does not write such a loop")
        bounds = self._bounds(arguments)
        index = targets[0]
        taken = popped(node.body[0])
        if taken is None:
            kind = BACKWARD if backward else FOR
            return _Head(kind, bounds, index), node.body
        if not backward and index.id != _NOWHERE:
            places.refuse(node.body[0], "what was saved last has to be read first")
        names, of = taken
        stack = self.stacks.taken_in_turn(of)
        entry = self.stacks.entries[stack]
        self.stacks.check_count(node.body[0], names, entry)
        self.reader.drop(of.id)
        head = _Head(BACKWARD, (*bounds, stack), index, names, entry)
        return head, node.body[1:]

    def _called(self, node: ast.expr) -> tuple[str | None, list[ast.expr]]:
        match node:
            case ast.Call(func=ast.Name() as function, args=arguments, keywords=[]):
                if arguments:
                    return self.reader.builtin(function), arguments
        self.reader.places.refuse(node, "adjoint does not write such a loop")

    def _bounds(self, arguments: list[ast.expr]) -> tuple[Value, ...]:
        if len(arguments) > 3:
            self.reader.places.refuse(arguments[3], "a range has no more than a step")
        values = [self._whole(argument) for argument in arguments]
        number = self.reader.builder.constant
        if len(values) == 1:
            values.insert(0, number(0))
        if len(values) == 2:
            values.append(number(1))
        return tuple(values)

    def _whole(self, argument: ast.expr) -> Value:
        """A bound; a parameter that it is computed from is a whole number."""
        value = self.reader.value(argument)
        if value.type == FLOAT:
            below = (
                parameters_below(value, self.origins, WHOLE) & self.reader.parameters
            )
            if below:
                raise IntParameter({str(parameter.name) for parameter in below})
        return value

    # -- their bodies

    def _loop(
        self,
        node: ast.For | ast.While,
        head: _Head,
        body: _Body,
        test: _Body = (),
        condition: ast.expr | None = None,
    ) -> None:
        reader = self.reader
        in_test = set(assigned_names(test))
        targets = [one.id for one in (head.index, *head.popped) if one is not None]
        assigned = dict.fromkeys([*targets, *assigned_names(body)])
        names = [n for n in assigned if n not in {_NOWHERE, LEFT, *in_test}]
        before = {name: reader.names.get(name) for name in names}
        types: dict[str, Type] = {
            name: FLOAT if value is None else value.type
            for name, value in before.items()
        }
        while True:
            trial = self._trial(node, head, body, test, condition, types)
            whole = [
                name
                for name, value in trial.carried.items()
                if value.type == INT and before[name] is None and types[name] == FLOAT
            ]
            if not whole:
                break
            types |= dict.fromkeys(whole, INT)
        initial = [before[n] or undefined(types[n]) for n in trial.carried]
        inside = trial.inside
        results = reader.builder.loop(
            head.operation,
            (*head.operands, *initial),
            *trial.blocks,
            where=reader.places.start(node),
            pops=len(head.popped),
            saved=inside.saved,
        )
        for name in in_test:
            reader.drop(name)
        for name, result in zip(trial.carried, results, strict=False):
            reader.set(name, result)
        if inside.stack is not None:
            self.stacks.entries[results[-1]] = inside.saved
            reader.set(inside.stack, results[-1])

    def _trial(
        self,
        node: ast.For | ast.While,
        head: _Head,
        body: _Body,
        test: _Body,
        condition: ast.expr | None,
        types: dict[str, Type],
    ) -> _Trial:
        """Read the loop with these types of what it assigns."""
        reader = self.reader
        in_test = assigned_names(test)
        blocks: list[Block] = []
        parameters: list[dict[str, Value]] = []
        if condition is not None:
            with self._inside(body, types, in_test) as (inside, carried):
                reader.run(test)
                holds = reader.builder.condition(reader.value(condition))
                blocks.append(reader.close(holds))
                parameters.append(carried)
        with self._inside(body, types, in_test) as (inside, carried):
            first = self._first(head)
            stop: ast.expr | None = None
            if head.operation in (FOR, WHILE):
                body, stop = with_one_exit(body)
            if reader.run(body) is not None:
                reader.places.refuse(node, "adjoint returns nothing from within a loop")
            following = {name: reader.names.get(name) for name in types}
            kept = {
                name: value
                for name, value in following.items()
                if value is not None and value.type != STACK and types[name] != STACK
            }
            results = [*kept.values(), *([self._flag(stop)] if stop else [])]
            if head.operation in (FOR, WHILE) and not stop:
                results.append(reader.builder.constant(False))
            blocks.append(reader.close(*results))
            parameters.append(carried)
        for block, carried in zip(blocks, parameters, strict=True):
            block.parameters = tuple(carried[name] for name in kept)
        blocks[-1].parameters = (*first, *blocks[-1].parameters)
        return _Trial(blocks, kept, inside)

    @contextmanager
    def _inside(
        self, body: _Body, types: dict[str, Type], in_test: Iterable[str]
    ) -> Iterator[tuple[Inside, dict[str, Value]]]:
        """A block of the loop: names stand for what is carried.

        What the test assigns is nothing to the body, nor to the next test.
        """
        reader = self.reader
        outer = {value for value in reader.names.values() if value.type == STACK}
        reader.open(body)
        inside = Inside(reader.builder.depth, outer)
        self.stacks.loops.append(inside)
        carried: dict[str, Value] = {}
        for name, type in types.items():
            known = reader.names.get(name)
            if type != STACK:
                carried[name] = Value(type, name=name)
                if known is not None:
                    self.origins[carried[name]] = known
                reader.set(name, carried[name])
        for name in in_test:
            reader.drop(name)
        yield inside, carried
        self.stacks.loops.pop()

    def _first(self, head: _Head) -> list[Value]:
        """The parameters of the body before the carried ones: index, what is popped."""
        first: list[Value] = []
        if head.index is not None:
            first.append(Value(INT))
            self._set(head.index, first[-1])
        for name, saved in zip(head.popped, head.entry, strict=True):
            value = Value(saved.type, name=name.id)
            if saved in self.stacks.entries:
                self.stacks.entries[value] = self.stacks.entries[saved]
            first.append(value)
            self._set(name, value)
        return first

    def _set(self, target: ast.Name, value: Value) -> None:
        if target.id != _NOWHERE:
            self.reader.set(target.id, value)

    def _flag(self, stop: ast.expr) -> Value:
        return self.reader.builder.condition(self.reader.value(stop))
