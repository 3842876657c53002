"""Small lists whose every item is named by a number become numbers.

``y = [0.0, a]`` and ``y[0] = y[0] + b`` need no list: y is two variables, also where
branches and loops hand it on. (Muchnick, *Advanced Compiler Design and Implementation*,
section 12.2: scalar replacement of aggregates.)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
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
    lengths = _Lists(program).lengths()
    if not lengths:
        return program
    builder = Builder.anew(program)
    results = _Rebuilt(builder, lengths).block(program.body)
    new = builder.finish(program.name, *results)
    return replace(program, body=new.body, primal_ops=new.primal_ops, maker=new.maker)


def _is_list(value: Value) -> bool:
    kind = value.type
    return kind.rank == 1 and kind.listed == 1 and kind.element == "float"


def _place(op: Op, at: int) -> int | None:
    """The number in the brackets, the operand ``at``, where it is but one number."""
    number = op.operands[at].number
    plain = op.attributes[0] == ("a",) and type(number) is int
    return int(number) if plain and number is not None else None


class _Lists:
    """Which values are the same list, before and after a change, and what is read."""

    def __init__(self, program: Program):
        self._parent: dict[Value, Value] = {}
        self._lengths: dict[Value, set[int]] = {}
        self._places: dict[Value, list[int]] = {}
        self._stay: set[Value] = set()
        for op in walk(program.body):
            _NOTES.get(op.operation.name, _Lists._keep)(self, op)
        for value in (*program.parameters, *program.results):
            self._stay.add(value)

    def lengths(self) -> dict[Value, int]:
        """The lists that are to be numbers, and how many numbers each is."""
        stay = {self._root(value) for value in self._stay}
        lengths: dict[Value, set[int]] = {}
        for value, found in self._lengths.items():
            lengths.setdefault(self._root(value), set()).update(found)
        places: dict[Value, list[int]] = {}
        for value, numbers in self._places.items():
            places.setdefault(self._root(value), []).extend(numbers)
        replaced = {
            root: length
            for root, (length, *others) in lengths.items()
            if not others
            and root not in stay
            and 0 < length <= LONGEST
            and all(-length <= place < length for place in places.get(root, ()))
        }
        return {
            value: replaced[self._root(value)]
            for value in self._parent
            if self._root(value) in replaced
        }

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
        """``[a, b]``, of floats."""
        (result,) = op.results
        if _is_list(result) and all(one.type == FLOAT for one in op.operands):
            self._lengths.setdefault(result, set()).add(len(op.operands))
            self._root(result)
        else:
            self._keep(op)

    def _repeat(self, op: Op) -> None:
        """``[a] * n``, where n is known."""
        (result,), (number, count) = op.results, op.operands
        if _is_list(result) and number.type == FLOAT and type(count.number) is int:
            self._lengths.setdefault(result, set()).add(count.number)
            self._root(result)
        else:
            self._keep(op)

    def _read(self, op: Op) -> None:
        place = _place(op, 1)
        if place is None:
            self._keep(op)
        else:
            self._places.setdefault(op.operands[0], []).append(place)

    def _store(self, op: Op) -> None:
        place = _place(op, 2) if len(op.operands) == 3 else None
        if place is None or op.operands[1].type != FLOAT:
            self._keep(op)
        else:
            self._places.setdefault(op.operands[0], []).append(place)
            self._join((op.operands[0], op.results[0]))

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

    def __init__(self, builder: Builder, lengths: dict[Value, int]):
        self._builder = builder
        self._lengths = lengths
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
            count = self._lengths.get(value, 1)
            self._now[value] = tuple(rest[:count])
            del rest[:count]

    def _op(self, op: Op) -> None:
        if op.operation is IF:
            self._branch(op)
        elif op.operation in (FOR, WHILE):
            self._loop(op)
        elif op.operation is GUARD:
            self._builder.guard(self._all(op.operands)[0], op.text, op.where)
        elif any(one in self._lengths for one in (*op.operands, *op.results)):
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
        name, numbers = op.operation.name, self._all(op.operands)
        result = op.results[0]
        if name == "length":
            self._now[result] = (self._builder.constant(len(numbers)),)
            return
        if name == "filled":
            self._now[result] = (numbers[0],) * self._lengths[result]
            return
        if name in ("display", "copy"):
            self._now[result] = tuple(numbers)
            return
        held = list(self._now[op.operands[0]])
        if name == "index":
            self._now[result] = (held[_place_of(op, 1)],)
            return
        place = _place_of(op, 2) % len(held)
        held[place] = self._known(op.operands[1])[0]
        self._name(held[place], result, place)
        self._now[result] = tuple(held)

    def _name(self, number: Value, of: Value, place: int) -> None:
        """What is stored in a list has its name, and the place."""
        if of.name and number.op is not None and number.number is None:
            number.name = number.name or f"{of.name}_{place}"

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
        if old in self._lengths:
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
        builder, count = self._builder, self._lengths.get(old)
        if count is None:
            new = builder.block_parameter(old.type, old.name)
            new.shape = old.shape
            return (new,)
        names = [f"{old.name}_{at}" if old.name else None for at in range(count)]
        return tuple(builder.block_parameter(FLOAT, name) for name in names)


def _place_of(op: Op, at: int) -> int:
    place = _place(op, at)
    assert place is not None
    return place
