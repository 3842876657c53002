"""Small lists whose every item is named by a number become numbers.

``y = [0.0, a]`` and ``y[0] = y[0] + b`` need no list: y is two variables, also where
branches and loops hand it on. (Muchnick, *Advanced Compiler Design and Implementation*,
section 12.2: scalar replacement of aggregates.)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import prod
from typing import Final

from adjoint.ir.builder import Builder
from adjoint.ir.loops import parts
from adjoint.ir.program import (
    BACKWARD,
    FOR,
    GUARD,
    IF,
    UNWIND,
    WHILE,
    Block,
    Op,
    Program,
    Value,
    has_arrays,
    walk,
)
from adjoint.ir.types import FLOAT

#: A longer list stays one: a loop would carry too much.
LONGEST: Final = 12


def with_scalars(program: Program) -> Program:
    """The program in which lists of few numbers, read by their places, are numbers.

    It is a primal; its value is the same, operation by operation.
    """
    if not has_arrays(program) or not {BACKWARD, UNWIND}.isdisjoint(program.operations):
        return program
    shapes = _Lists(program).shapes()
    if not shapes:
        return program
    builder = Builder.anew(program)
    results = _Rebuilt(builder, shapes).block(program.body)
    new = builder.finish(program.name, *results)
    return replace(program, body=new.body, primal_ops=new.primal_ops, maker=new.maker)


def _is_list(value: Value) -> bool:
    """Whether it is a list of floats, or of lists of these."""
    kind = value.type
    return 0 < kind.rank <= 2 and kind.listed == kind.rank and kind.element == "float"


def _places(op: Op, first: int) -> tuple[int, ...] | None:
    """The numbers in the brackets, operands from the ``first``, if they are known."""
    numbers = [one.number for one in op.operands[first:]]
    plain = set(op.attributes[0]) == {"a"}
    if not plain or any(type(number) is not int for number in numbers):
        return None
    return tuple(int(number) for number in numbers if number is not None)


class _Lists:
    """Which values are the same list, before and after a change, and what is read."""

    def __init__(self, program: Program):
        self._parent: dict[Value, Value] = {}
        self._lengths: dict[Value, set[int]] = {}
        self._places: dict[Value, list[tuple[int, ...]]] = {}
        #: a list of lists, and what is a row of it
        self._rows: list[tuple[Value, Value]] = []
        self._stay: set[Value] = set()
        for op in walk(program.body):
            _NOTES.get(op.operation.name, _Lists._keep)(self, op)
        for value in (*program.parameters, *program.results):
            self._stay.add(value)

    def shapes(self) -> dict[Value, tuple[int, ...]]:
        """The lists that are to be numbers, and how many they are along each axis."""
        rows: dict[Value, set[Value]] = {}
        for whole, row in self._rows:
            rows.setdefault(self._root(whole), set()).add(self._root(row))
        stay = {self._root(value) for value in self._stay}
        while True:
            shapes = self._shapes(rows)
            wrong = {
                root for root, shape in shapes.items() if not self._fits(root, shape)
            }
            wrong |= {self._root(value) for value in self._parent} - shapes.keys()
            for whole, own in rows.items():  # none is replaced without its rows
                family = {whole, *own}
                wrong |= set() if family.isdisjoint(wrong | stay) else family
            if wrong <= stay:
                known = {value: self._root(value) for value in self._parent}
                return {v: shapes[r] for v, r in known.items() if r not in stay}
            stay |= wrong

    def _shapes(self, rows: dict[Value, set[Value]]) -> dict[Value, tuple[int, ...]]:
        """The lists, by their roots, that are of one length, and so are their rows."""
        lengths: dict[Value, set[int]] = {}
        for value, found in self._lengths.items():
            lengths.setdefault(self._root(value), set()).update(found)
        one = {root: found.pop() for root, found in lengths.items() if len(found) == 1}
        shapes: dict[Value, tuple[int, ...]] = {}
        for root, length in one.items():
            if root not in rows:
                shapes[root] = (length,)
                continue
            columns = {one[row] for row in rows[root] if row in one}
            if len(columns) == 1:
                shapes[root] = length, *columns
                shapes.update(dict.fromkeys(rows[root] - one.keys(), (*columns,)))
        return shapes

    def _fits(self, root: Value, shape: tuple[int, ...]) -> bool:
        """Whether it is short, and all that is read and stored is there."""
        return 0 < prod(shape) <= LONGEST and all(
            -length <= place < length
            for value, places in self._places.items()
            if self._root(value) is root
            for each in places
            for place, length in zip(each, shape, strict=False)
        )

    def _root(self, value: Value) -> Value:
        parent = self._parent.setdefault(value, value)
        while parent is not value:
            self._parent[value] = self._parent[parent]
            value, parent = parent, self._parent[parent]
        return value

    def _join(self, values: Sequence[Value]) -> None:
        """They are one list, or all of them stay what they are."""
        if not any(value.type.rank for value in values):
            return
        for value in values:
            if value.literal or not _is_list(value):
                self._stay.add(value)
            self._parent[self._root(value)] = self._root(values[0])

    def _keep(self, op: Op) -> None:
        """What else is done with lists, is done with lists."""
        self._stay.update(v for v in (*op.operands, *op.results) if v.type.rank)

    def _make(self, op: Op) -> None:
        """``[a, b]``, of floats or of lists."""
        (result,) = op.results
        floats = all(one.type == FLOAT for one in op.operands)
        lists = all(_is_list(one) for one in op.operands)
        if not _is_list(result) or not (floats or lists):
            self._keep(op)
            return
        self._lengths.setdefault(result, set()).add(len(op.operands))
        self._root(result)
        if lists:
            self._rows += [(result, row) for row in op.operands]

    def _repeat(self, op: Op) -> None:
        """``[a] * n``, where n is known."""
        (result,), (number, count) = op.results, op.operands
        if _is_list(result) and number.type == FLOAT and type(count.number) is int:
            self._lengths.setdefault(result, set()).add(count.number)
            self._root(result)
        else:
            self._keep(op)

    def _read(self, op: Op) -> None:
        self._note_places(op, 1, op.results[0])

    def _store(self, op: Op) -> None:
        if self._note_places(op, 2, op.operands[1]):
            self._join((op.operands[0], op.results[0]))

    def _note_places(self, op: Op, first: int, item: Value) -> bool:
        """Note where an item, or a row, is read or stored, if that is known."""
        places, whole = _places(op, first), op.operands[0]
        row = _is_list(item) and len(places or ()) == whole.type.rank - 1
        number = item.type == FLOAT and len(places or ()) == whole.type.rank
        if places is None or not _is_list(whole) or not (row or number):
            self._keep(op)
            return False
        self._places.setdefault(whole, []).append(places)
        if row:
            self._root(item)
            self._rows.append((whole, item))
        return True

    def _copy(self, op: Op) -> None:
        self._join((op.operands[0], op.results[0]))

    def _branch(self, op: Op) -> None:
        for at, result in enumerate(op.results):
            self._join((result, *[block.results[at] for block in op.blocks]))

    def _loop(self, op: Op) -> None:
        for at, carried in enumerate(zip(*parts(op), strict=True)):
            test = [op.blocks[0].parameters[at]] if op.operation is WHILE else []
            self._join((*carried, *test))


#: What is noted of the operations on lists, by their names.
_NOTES: Final[dict[str, Callable[[_Lists, Op], None]]] = {
    "display": _Lists._make,
    "filled": _Lists._repeat,
    "index": _Lists._read,
    "length": lambda lists, op: None,
    "store": _Lists._store,
    "copy": _Lists._copy,
    "if": _Lists._branch,
    "for": _Lists._loop,
    "while": _Lists._loop,
}


class _Rebuilt:
    """The operations once more, on numbers in the place of lists."""

    def __init__(self, builder: Builder, shapes: dict[Value, tuple[int, ...]]):
        self._builder = builder
        self._shapes = shapes
        self._now: dict[Value, tuple[Value, ...]] = {}

    def block(self, block: Block) -> list[Value]:
        """Make the operations of the block, and say what it yields.

        It recurses as deep as the user has nested loops and branches.
        """
        for op in block.ops:
            self._op(op)
        return self._all(block.results)

    def _all(self, values: Sequence[Value]) -> list[Value]:
        """What the values are now: a list, several."""
        return [one for value in values for one in self._known(value)]

    def _known(self, value: Value) -> tuple[Value, ...]:
        if value.literal and value.number == value.number:  # what is not defined, stays
            number = value.number
            assert number is not None
            return (self._builder.constant(number, value.name),)
        return self._now.get(value, (value,))

    def _note(self, values: Sequence[Value], made: Sequence[Value]) -> None:
        """Have the values be those that have been made, in their order."""
        rest = list(made)
        for value in values:
            count = prod(self._shapes.get(value, ()))
            self._now[value] = tuple(rest[:count])
            del rest[:count]

    def _op(self, op: Op) -> None:
        if op.operation is IF:
            self._branch(op)
        elif op.operation in (FOR, WHILE):
            self._loop(op)
        elif op.operation is GUARD:
            self._builder.guard(self._all(op.operands)[0], op.text, op.where)
        elif any(one in self._shapes for one in (*op.operands, *op.results)):
            self._of_list(op)
        else:
            self._again(op)

    def _again(self, op: Op) -> None:
        new = self._builder.again(op, tuple(self._all(op.operands)), op.where)
        old = op.results[0]
        if new.op is not None and new.number is None:
            new.name = new.name or old.name
            if op.sure:
                new.op.sure = True
        self._now[old] = (new,)

    def _of_list(self, op: Op) -> None:
        """An operation on a list that is no list any longer."""
        name, result = op.operation.name, op.results[0]
        if name in ("display", "copy"):
            self._now[result] = tuple(self._all(op.operands))
        elif name == "filled":
            (number,) = self._known(op.operands[0])
            self._now[result] = (number,) * prod(self._shapes[result])
        elif name == "length":
            length = self._shapes[op.operands[0]][op.attributes[0]]
            self._now[result] = (self._builder.constant(length),)
        elif name == "index":
            at = self._part(op, 1)
            self._now[result] = self._now[op.operands[0]][at]
        else:
            at, held = self._part(op, 2), list(self._now[op.operands[0]])
            held[at] = self._known(op.operands[1])
            for place in range(len(held))[at]:
                self._name(held[place], result, place)
            self._now[result] = tuple(held)

    def _part(self, op: Op, first: int) -> slice:
        """Which of the numbers an item is, or a row."""
        places, shape = _places(op, first), self._shapes[op.operands[0]]
        assert places is not None
        begin, size = 0, prod(shape)
        for place, length in zip(places, shape, strict=False):
            size //= length
            begin += place % length * size
        return slice(begin, begin + size)

    def _name(self, number: Value, of: Value, place: int) -> None:
        """What is stored in a list has its name, and the place."""
        if of.name and number.op is not None and number.number is None:
            number.name = number.name or self._name_of(of, place)

    def _name_of(self, value: Value, place: int) -> str | None:
        """The name of the list, and the place along each axis: ``y_0``, ``P_01``."""
        if value.name is None:
            return None
        shape = self._shapes[value]
        if len(shape) == 1:
            return f"{value.name}_{place}"
        between = "" if max(shape) <= 10 else "_"
        row, column = divmod(place, shape[1])
        return f"{value.name}_{row}{between}{column}"

    def _branch(self, op: Op) -> None:
        builder = self._builder
        (condition,) = self._all(op.operands)
        sides = []
        for block in op.blocks:
            builder.open(op.where)
            sides.append(builder.close(*self.block(block)))
        results = builder.branch(condition, sides[0], sides[1], op.where)
        self._note(op.results, results)
        for old in op.results:
            self._name_all(old, self._now[old])

    def _name_all(self, old: Value, new: Sequence[Value]) -> None:
        if old in self._shapes:
            for place, one in enumerate(new):
                self._name(one, old, place)
        elif new[0].op is not None and new[0].number is None:
            new[0].name = new[0].name or old.name

    def _loop(self, op: Op) -> None:
        builder = self._builder
        operands = tuple(self._all(op.operands))
        blocks = []
        for block in op.blocks:
            builder.open(op.where)
            for parameter in block.parameters:
                self._now[parameter] = self._parameters(parameter)
            blocks.append(builder.close(*self.block(block)))
        results = builder.loop(op.operation, operands, *blocks, where=op.where)
        self._note(op.results, results)

    def _parameters(self, old: Value) -> tuple[Value, ...]:
        """The parameters of a block in the place of one."""
        builder, shape = self._builder, self._shapes.get(old)
        if shape is None:
            new = builder.block_parameter(old.type, old.name)
            new.shape = old.shape
            return (new,)
        names = [self._name_of(old, place) for place in range(prod(shape))]
        return tuple(builder.block_parameter(FLOAT, name) for name in names)
