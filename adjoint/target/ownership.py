"""Which stores may be done in place: those into an array that nobody else needs.

In the language in the middle a store gives a new array. Written in place it is as the
user wrote it; that is right where the old array is one of the function's own and is
not read behind the store, nor any view of it. Elsewhere the array is copied first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from adjoint.ir.program import FOR, IF, LOOPS, WHILE, Block, Op, Program, Value, walk
from adjoint.ir.views import is_view
from adjoint.rules.array_operation import ArrayOperation
from adjoint.target.loop_names import restored_values

#: Operations that change an array, their first operand, where it is written in place:
#: stores into elements, changes of lists, and of lists of entries.
STORES = frozenset(("store", "accumulate", "appended", "dropped"))
STORES |= {"append", "extend", "set_row", "add_row"}
#: Those of them that leave what was an item as it is, in the list or no longer.
_KEEPING_ITEMS = frozenset(("appended", "dropped", "set_row"))
#: Operations of which the result may be one of the operands, or a view of one.
_PASSING = frozenset(("unbroadcast", "fitted", "reshape_like", "array"))

#: Which block of which operation, from the outermost in.
_Path = tuple[tuple[Op, int], ...]


def stores_in_place(program: Program) -> dict[Op, list[Value]]:
    """The stores of the program that may be done in place, in order of execution.

    For each, the values that may be the array that it changes, or a part of it.
    """
    stores = [op for op in walk(program.body) if op.operation.name in STORES]
    if not stores:
        return {}
    return Ownership(program).in_place(stores)


class Ownership:
    """Which arrays of the program are read no more where they are changed.

    With ``copying``, the arrays that loops begin with may be copied before, where they
    are not handed on.
    """

    def __init__(self, program: Program, copying: bool = False):
        self._copying = copying
        self._uses: dict[Value, list[tuple[int, _Path]]] = {}
        self._home: dict[Value, _Path] = {}
        self._at: dict[Op, int] = {}
        self._path: dict[Op, _Path] = {}
        self._maker: dict[Value, Op] = {}
        self._end: dict[tuple[Op, int], tuple[int, _Path]] = {}
        self._shared: dict[Value, list[tuple[Value, Op, int]]] = {}
        self._loops: dict[Value, tuple[Op, int]] = {}
        self._saved: set[Value] = set()
        self._clock = 0
        self._visit(program.body, ())
        self._clock += 1
        self._use(program.results, ())
        self._share_what_is_saved(program.body)
        self._owned = self._owned_parameters()

    def in_place(self, stores: list[Op]) -> dict[Op, list[Value]]:
        """As `stores_in_place`, for these stores."""
        return {op: list(self._views(op)) for op in stores if self._is_last(op)}

    def hands_on(self, loop: Op, initial: Value) -> bool:
        """Whether the loop is the last that reads the array, which is new."""
        return self._is_handed_on(initial, self._at[loop], self._path[loop])

    # -- what is known beforehand

    def _visit(self, block: Block, path: _Path) -> None:
        for op in block.ops:
            self._clock += 1
            self._at[op], self._path[op] = self._clock, path
            self._maker.update(dict.fromkeys(op.results, op))
            self._use(operands_read(op), path)
            for side, inner in enumerate(op.blocks):
                below = (*path, (op, side))
                self._home.update(dict.fromkeys(inner.parameters, below))
                self._visit(inner, below)
                self._clock += 1
                self._end[op, side] = self._clock, below
                self._use(inner.results, below)
                if op.saved and inner is op.blocks[-1]:
                    self._use(op.saved, below)
            self._home.update(dict.fromkeys(op.results, path))
            for of, value, side in _passed_on(op):
                if value.type.rank:
                    self._shared.setdefault(of, []).append((value, op, side))
            if op.operation in LOOPS:
                for at, parameter in enumerate(_carried(op.blocks[-1], op)):
                    self._loops[parameter] = (op, at)

    def _share_what_is_saved(self, body: Block) -> None:
        """A reverse loop has back the array itself, and reads it there."""
        homes = self._home
        for value, saved in restored_values(body).items():
            self._saved.add(saved)
            if value.type.rank:
                loop, side = homes[value][-1]
                self._shared.setdefault(saved, []).append((value, loop, side))

    def _use(self, values: Sequence[Value], path: _Path) -> None:
        for value in values:
            if value.type.rank:
                self._uses.setdefault(value, []).append((self._clock, path))

    # -- arrays of the function's own

    def _owned_parameters(self) -> set[Value]:
        """The carried arrays that are the loop's own, from the first iteration on."""
        owned = {value for value in self._loops if value.type.rank}
        while True:
            self._owned = owned
            kept = {value for value in owned if self._is_own(value)}
            if kept == owned:
                return owned
            owned = kept

    def _is_own(self, parameter: Value) -> bool:
        op, at = self._loops[parameter]
        count = len(_carried(op.blocks[-1], op))
        initial = op.operands[len(op.operands) - count + at]
        following = op.blocks[-1].results[at]
        end, path = self._end[op, len(op.blocks) - 1]
        if following is parameter:
            if parameter in self._saved:  # a reverse loop has the same one back
                return False
        elif not self._is_handed_on(following, end, path):
            return False
        return self._copying or self.hands_on(op, initial)

    def _is_handed_on(self, value: Value, at: int, path: _Path) -> bool:
        """Whether it is new, and used no more when it has been handed on, at ``at``."""
        if value.literal:
            return True
        uses = [
            when
            for when, where in self._uses.get(value, ())
            if not _exclusive(path, where)
        ]
        last = max(uses) == at and uses.count(at) == 1
        again = _loops(self._home.get(value, ())) != _loops(path)
        ready = last and not again and self._is_fresh(value)
        # what is done with the arrays in a list does not change the list
        of_arrays = value.type.of_arrays
        return ready and (of_arrays or self._are_views_over(value, at, path))

    def _are_views_over(self, value: Value, at: int, path: _Path) -> bool:
        """Whether no part of the array that has a name of its own is read from then."""
        views = [
            one
            for one, op, _ in self._shared.get(value, ())
            # the entries of a row are copied at once
            if not op.blocks and op.operation.name != "row_of"
        ]
        return not any(
            when >= at and not _exclusive(path, where)
            for one in self._reached(views, dict(path), None)
            for when, where in self._uses.get(one, ())
        )

    def _is_fresh(self, value: Value) -> bool:
        """Whether nothing but the value itself may refer to the array."""
        op = self._maker.get(value)
        if op is None:
            return value.literal or value in self._owned
        if op.operation is IF:
            at = op.results.index(value)
            sides = range(len(op.blocks))
            return all(self._is_yielded_last(op, side, at) for side in sides)
        if op.operation in LOOPS:
            at = op.results.index(value)
            carried = _carried(op.blocks[-1], op)
            return at < len(carried) and carried[at] in self._owned
        if isinstance(op.operation, ArrayOperation):
            return not is_view(op) and op.operation.name not in _PASSING
        return True

    def _is_yielded_last(self, branch: Op, side: int, at: int) -> bool:
        """Whether a side yields an array that is its own, and is not read any more."""
        results = branch.blocks[side].results
        value = results[at]
        if value.literal:
            return True
        if not self._is_fresh(value) or results.count(value) > 1:
            return False
        if _loops(self._home.get(value, ())) != _loops(self._path[branch]):
            return False  # the next iteration would find it changed
        end, path = self._end[branch, side]
        return not any(
            when > end and not _exclusive(path, where)
            for one in self._reached(
                [value], dict(path), branch, not value.type.of_arrays
            )
            for when, where in self._uses.get(one, ())
        )

    # -- the last use

    def _is_last(self, op: Op) -> bool:
        array, at, path = op.operands[0], self._at[op], self._path[op]
        if not self._is_fresh(array):
            return False
        if _loops(self._home.get(array, ())) != _loops(path):
            return False  # the next iteration would find it changed
        return not any(
            when > at and not _exclusive(path, where)
            for value in self._views(op)
            for when, where in self._uses.get(value, ())
        )

    def _views(self, store: Op) -> Iterator[Value]:
        """The array, and all that may be it, or a part of it, under another name.

        What the other side of a branch around the store yields is none of it.
        """
        array = store.operands[0]
        parts = store.operation.name not in _KEEPING_ITEMS and not array.type.of_arrays
        return self._reached([array], dict(self._path[store]), None, parts)

    def _reached(
        self,
        pending: list[Value],
        sides: dict[Op, int],
        but: Op | None,
        parts: bool = True,
    ) -> Iterator[Value]:
        """The values, and what they are handed on to, but not by one operation.

        Without ``parts``, what is an item or a part of them does not count.
        """
        seen = set(pending)
        while pending:
            value = pending.pop()
            yield value
            for one, op, side in self._shared.get(value, ()):
                taken = op is not but and sides.get(op, side) == side
                taken = taken and (parts or op.blocks != ())
                if taken and one not in seen:
                    seen.add(one)
                    pending.append(one)


def operands_read(op: Op) -> Sequence[Value]:
    """The operands of which more is read than the shape, which no store changes.

    Of a list the length is read as well, since that may change.
    """
    operation = op.operation
    if not isinstance(operation, ArrayOperation):
        return op.operands
    return [
        operand
        for at, operand in enumerate(op.operands)
        if operand.type.listed or not operation.reads_shape_alone(at)
    ]


def _passed_on(op: Op) -> Iterator[tuple[Value, Value, int]]:
    """Which values may be what others are, and by which side of a branch."""
    if op.operation is IF:
        for side, block in enumerate(op.blocks):
            for yielded, result in zip(block.results, op.results, strict=True):
                yield yielded, result, side
        return
    for of, value in _handed_on(op):
        yield of, value, 0


def _handed_on(op: Op) -> Iterator[tuple[Value, Value]]:
    if op.operation in LOOPS:
        carried = _carried(op.blocks[-1], op)
        initial = op.operands[len(op.operands) - len(carried) :]
        for block in op.blocks:
            yield from zip(initial, _carried(block, op), strict=False)
        following = op.blocks[-1].results[: len(carried)]
        yield from zip(following, carried, strict=True)
        yield from zip(following, op.results, strict=False)
    elif isinstance(op.operation, ArrayOperation):
        passing = is_view(op) or op.operation.name in _PASSING
        if op.results[0].type.of_arrays:  # what was in a list is in this one too
            yield from ((operand, op.results[0]) for operand in operands_read(op))
        elif passing and op.operands and op.results:
            yield op.operands[0], op.results[0]
        elif op.operation.name == "set_row":  # the other rows are those of before
            yield op.results[0], op.operands[0]


def _carried(block: Block, op: Op) -> tuple[Value, ...]:
    body = op.blocks[-1]
    flags = 1 if op.operation in (FOR, WHILE) else 0
    count = len(body.results) - flags
    return block.parameters[len(block.parameters) - count :]


def _loops(path: _Path) -> list[Op]:
    return [op for op, _ in path if op.operation in LOOPS]


def _exclusive(a: _Path, b: _Path) -> bool:
    """Whether two places are on different sides of one branch."""
    for (one, side), (other, another) in zip(a, b, strict=False):
        if one is not other:
            return False
        if side != another:
            return one.operation is IF
    return False
