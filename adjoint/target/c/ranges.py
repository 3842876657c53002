"""Which subscripts are surely those of an item, whatever the function is given.

The lengths of lists and the bounds of loops are followed as ``length + number``, where
the length is that of a list of the caller's or a whole number that never changes: so
``x[i + 1]`` in ``for i in range(len(x) - 1)`` needs no check when it is run.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from adjoint.target.c.expressions import INT, LIST, MATRIX
from adjoint.target.c.lists import Given, list_and_indices
from adjoint.target.c.loops import Loop, Taken, bodies_of, everything, pushed
from adjoint.target.c.scopes import written


class Bound(NamedTuple):
    """So much more than a whole number that has a name; that one is 0 for ""."""

    of: str
    more: int

    def plus(self, number: int) -> Bound:
        """So much more."""
        return Bound(self.of, self.more + number)


class Span(NamedTuple):
    """The least and the greatest that a whole number is, None where nobody knows."""

    least: Bound | None
    most: Bound | None


_NOWHERE: Final = Span(None, None)
#: The length of what has several.
_VARIES: Final = Bound("?", 0)
#: So often the statements are gone through.
_ROUNDS: Final = 10
_GROWING: Final = ("list_append", "list_pop", "matrix_append", "matrix_pop")
#: The length of a list that varies is named by the list, and when it has changed last.
_SINCE: Final = " since "


def surely_inside(
    body: list[ast.stmt],
    loops: Mapping[ast.stmt, Loop],
    taken: Mapping[ast.stmt, Taken],
    given: Mapping[str, Given],
    copied: Mapping[str, Given],
    types: Mapping[str, str],
) -> set[ast.Subscript]:
    """The subscripts of which every index is surely within its list.

    ``given`` are the lists of the caller's, ``copied`` those of which the function has
    a copy at first, and ``types`` those of all variables.
    """
    sources = _Sources(body, loops, taken)
    return _Ranges(body, loops, sources, given, copied, types).inside


class _Sources:
    """What each variable may be: the expressions, None for what is no expression."""

    def __init__(
        self,
        body: list[ast.stmt],
        loops: Mapping[ast.stmt, Loop],
        taken: Mapping[ast.stmt, Taken],
    ):
        self.of: dict[str, list[ast.expr | None]] = {}
        self._loops, self._taken = loops, taken
        self._pushed: dict[str, list[list[ast.expr]]] = {}
        self._others: dict[str, set[str]] | None = None
        self._saved: set[str] = set()  # they are what the expressions were then
        for statement in everything(body):
            push = pushed(statement)
            if push is not None:
                self._pushed.setdefault(push[0], []).append(push[1])
        self._renamed = set(self._find_renamed())
        for statement in everything(body):
            for name, values in self._assigned(statement):
                self.of.setdefault(name, []).extend(values)

    def _assigned(
        self, statement: ast.stmt
    ) -> Iterator[tuple[str, Sequence[ast.expr | None]]]:
        taken, loop = self._taken.get(statement), self._loops.get(statement)
        if not isinstance(statement, ast.Assign):
            index = {loop.index} if loop is not None else set()
            for name in written(statement) - index:
                yield name, [None]
        elif taken is not None:
            for name in written(statement):
                self._saved.add(name)
                yield name, self._parts(taken)
        else:
            yield from _pairs(statement.targets[0], statement.value)

    def same_lists(self, name: str) -> set[str]:
        """The variables that may be the same list as this one."""
        if self._others is None:
            self._others = {}
            for one, values in self.of.items():
                for value in values:
                    if isinstance(value, ast.Name):
                        self._others.setdefault(one, set()).add(value.id)
                        self._others.setdefault(value.id, set()).add(one)
        found, pending = set[str](), [name]
        while pending:
            one = pending.pop()
            if one not in found:
                found.add(one)
                pending += self._others.get(one, ())
        return found

    def _parts(self, taken: Taken) -> Sequence[ast.expr | None]:
        """What may have been saved in that place, if nothing else has that name."""
        entries = self._pushed.get(taken.stack, [])
        if taken.stack in self._renamed or not entries:
            return [None]
        return [entry[taken.place] for entry in entries if taken.place < len(entry)]

    def _find_renamed(self) -> Iterator[str]:
        """The stacks that are saved on a stack under another name than this one."""
        for statement, taken in self._taken.items():
            for name in written(statement):
                for entry in self._pushed.get(taken.stack, []):
                    part = entry[taken.place] if taken.place < len(entry) else None
                    if not isinstance(part, ast.Name) or part.id != name:
                        yield name

    def single(self, name: str) -> ast.expr | None:
        """The one expression that a variable is, if it is assigned but once."""
        values = self.of.get(name, [])
        return values[0] if len(values) == 1 and name not in self._saved else None


def _pairs(
    target: ast.expr, value: ast.expr
) -> Iterator[tuple[str, Sequence[ast.expr | None]]]:
    if isinstance(target, ast.Name):
        yield target.id, [value]
    elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        for one, other in zip(target.elts, value.elts, strict=True):
            yield from _pairs(one, other)


class _Ranges:
    """Goes through the statements, and knows what whole numbers are on the way."""

    def __init__(
        self,
        body: list[ast.stmt],
        loops: Mapping[ast.stmt, Loop],
        sources: _Sources,
        given: Mapping[str, Given],
        copied: Mapping[str, Given],
        types: Mapping[str, str],
    ):
        self._loops, self._sources = loops, sources
        lists = [name for name, type in types.items() if type in (LIST, MATRIX)]
        self._counters = {loop.index for loop in loops.values()}
        self._spans: dict[str, Span] = {
            name: Span(Bound(name, 0), Bound(name, 0))
            for name, type in types.items()
            if type == INT and name not in sources.of and name not in self._counters
        }
        #: along each axis, how long a list is at least; exactly, where that is not < 0
        self._lengths: dict[tuple[str, int], Bound] = {}
        self._not_negative = {""}
        self._copied = copied
        for name, one in {**given, **copied}.items():
            for axis, length in enumerate(one.lengths):
                self._lengths[name, axis] = Bound(length, 0)
                self._not_negative.add(length)
        self._changes = {one: self._changed_by(one) for one in everything(body)}
        grow = [name for one in everything(body) for name in _grown(one)]
        self._vary = {name for one in grow for name in sources.same_lists(one)}
        self._own = [name for name in lists if name not in given]
        self.inside: set[ast.Subscript] = set()
        self._find(body)

    def _find(self, body: list[ast.stmt]) -> None:
        """Go through the statements until what is known of the lengths is so for all.

        What loops hand on is of the length that it has before, unless they say no.
        """
        for _ in range(_ROUNDS):
            known = dict(self._lengths)
            self._found: dict[tuple[str, int], set[Bound]] = {
                (name, axis): {Bound(length, 0)}
                for name, one in self._copied.items()
                for axis, length in enumerate(one.lengths)
            }
            self.inside = set()
            #: here: when a list has changed last, and how long one is that varies
            self._clock, self._since = 0, dict[str, int]()
            self._here: dict[tuple[str, int], Bound] = {}
            self._visit(body)
            for key, lengths in self._found.items():
                self._lengths[key] = lengths.pop() if len(lengths) == 1 else _VARIES
            if self._lengths == known:
                return
        self.inside = set()

    # -- lengths

    def _note_lengths(self, name: str) -> None:
        for axis in (0, 1):
            for value in self._sources.of[name]:
                length = self._length_of(value, axis)
                if name in self._vary or (length and _SINCE in length.of):
                    length = _VARIES  # elsewhere
                if length is not None:
                    self._found.setdefault((name, axis), set()).add(length)

    def _length_of(self, value: ast.expr | None, axis: int) -> Bound | None:
        """How long what an expression gives is; None where that is not known yet."""
        if isinstance(value, ast.Name):
            known = (value.id, axis) in self._lengths
            return self._length(value.id, axis) if known else None
        if not isinstance(value, ast.Call) or not isinstance(value.func, ast.Name):
            return _VARIES
        function, arguments = value.func.id, value.args
        if function in ("list_copy", "list_added"):
            return self._length_of(arguments[0], axis)
        if function == "list_transposed":
            return self._length_of(arguments[0], 1 - axis)
        if function in ("list_full", "matrix_full") and axis < len(arguments) - 1:
            return self._span(arguments[axis]).least or _VARIES
        if function == "list_display" and not axis:
            return Bound("", len(arguments))
        return _VARIES

    def _length(self, name: str, axis: int) -> Bound:
        """The length of a list here: one that varies has it since the last change."""
        length = self._lengths.get((name, axis), _VARIES)
        if length != _VARIES:
            return length
        since = Bound(f"{name} {axis}{_SINCE}{self._since.get(name, 0)}", 0)
        return self._here.get((name, axis), since)

    def _changed_by(self, statement: ast.stmt) -> set[str]:
        """The variables whose length is another behind a statement, or in it."""
        found: set[str] = set()
        for one in everything([statement]):
            found |= written(one)
            for name in _grown(one):
                found |= self._sources.same_lists(name)
        return found

    def _change(self, statement: ast.stmt) -> None:
        self._clock += 1
        for name in self._changes[statement]:
            self._since[name] = self._clock
            self._here.pop((name, 0), None)
            self._here.pop((name, 1), None)

    # -- whole numbers

    def _span(self, node: ast.expr) -> Span:
        """The least and the most that an expression is."""
        if isinstance(node, ast.Constant) and type(node.value) is int:
            return Span(Bound("", node.value), Bound("", node.value))
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            least, most = self._span(node.operand)
            known = least is not None and least == most and not least.of
            return _exactly(-least.more) if known and least is not None else _NOWHERE
        if isinstance(node, ast.Name):
            return self._spans.get(node.id, _NOWHERE)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            return self._span_of_length(node)
        if isinstance(node, ast.BinOp):
            return self._span_of_sum(node)
        return _NOWHERE

    def _span_of_length(self, node: ast.Call) -> Span:
        assert isinstance(node.func, ast.Name)
        axis = {"len": 0, "columns": 1}.get(node.func.id)
        if axis is None or not isinstance(node.args[0], ast.Name):
            return _NOWHERE
        length = self._length(node.args[0].id, axis)
        return Span(length, length) if self._is_not_negative(length) else _NOWHERE

    def _is_not_negative(self, bound: Bound) -> bool:
        known = bound.of in self._not_negative or _SINCE in bound.of
        return known and bound.more >= 0

    def _span_of_sum(self, node: ast.BinOp) -> Span:
        sign = {ast.Add: 1, ast.Sub: -1}.get(type(node.op))
        right = self._span(node.right)
        left = self._span(node.left)
        if sign == 1 and _number(right) is None:
            left, right = right, left
        number = _number(right)
        if sign is None or number is None:
            return _NOWHERE
        return Span(*[one and one.plus(sign * number) for one in left])

    # -- statements

    def _visit(self, body: list[ast.stmt]) -> None:
        outer = dict(self._spans)
        for statement in body:
            index, span = self._counted(statement)
            if isinstance(statement, (ast.For, ast.While)):
                self._change(statement)  # in the second iteration
            if not any(_grown(statement)):
                self.inside |= set(filter(self._is_item, _subscripts(statement)))
            if isinstance(statement, ast.Assign):
                self._note_assigned(statement)
                continue
            for inner in bodies_of(statement):
                before = self._spans, self._here
                self._spans = self._spans | {index: span}
                self._here = dict(self._here)
                self._visit(inner)
                self._spans, self._here = before
            self._change(statement)
        self._spans = outer

    def _note_assigned(self, statement: ast.Assign) -> None:
        """Note what is known of the lists and the whole numbers that are assigned."""
        here: dict[tuple[str, int], Bound] = {}
        for name in written(statement):
            value = self._sources.single(name)
            if name in self._own:
                self._note_lengths(name)
                for axis in (0, 1):
                    length = self._length_of(statement.value, axis) or _VARIES
                    if length != _VARIES:
                        here[name, axis] = length
            elif value is not None and name not in self._counters:
                self._spans[name] = self._span(value)
        self._change(statement)
        self._here |= here

    def _counted(self, statement: ast.stmt) -> tuple[str, Span]:
        """The index of a loop that nothing else changes, and what it may be."""
        loop = self._loops.get(statement)
        if loop is None or not loop.index or loop.index in self._sources.of:
            return "", _NOWHERE
        return loop.index, self._span_of_range(loop.bounds)

    def _span_of_range(self, bounds: Sequence[ast.expr]) -> Span:
        start, stop, step = [*([ast.Constant(0)] * (len(bounds) < 2)), *bounds, None][
            :3
        ]
        by = 1 if step is None else _number(self._span(step))
        assert start is not None and stop is not None
        first, last = self._span(start), self._span(stop)
        if not by:
            return _NOWHERE
        if by > 0:
            return Span(first.least, last.most and last.most.plus(-1))
        return Span(last.least and last.least.plus(1), first.most)

    def _is_item(self, node: ast.Subscript) -> bool:
        base, indices = list_and_indices(node)
        return isinstance(base, ast.Name) and all(
            self._is_inside(self._length(base.id, axis), index)
            for axis, index in enumerate(indices)
        )

    def _is_inside(self, length: Bound, index: ast.expr) -> bool:
        least, most = self._span(index)
        if least is None or most is None or not self._is_not_negative(least):
            return False
        return most.of == length.of and most.more < length.more


def _grown(statement: ast.stmt) -> Iterator[str]:
    """The lists to which something is appended, or of which the last item is taken."""
    value = getattr(statement, "value", None)
    for node in ast.walk(value) if value is not None else ():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            own = node.args[0] if node.args else None
            changes = node.func.id in _GROWING
            if changes and isinstance(own, ast.Name):
                yield own.id


def _subscripts(statement: ast.stmt) -> Iterator[ast.Subscript]:
    """The subscripts in a statement, but for the blocks inside."""
    for part in ("targets", "target", "value", "test", "iter"):
        found = getattr(statement, part, None)
        for node in found if isinstance(found, list) else [found]:
            for one in ast.walk(node) if node is not None else ():
                if isinstance(one, ast.Subscript):
                    yield one


def _exactly(number: int) -> Span:
    return Span(Bound("", number), Bound("", number))


def _number(span: Span) -> int | None:
    """The number that it surely is, or None."""
    least, most = span
    if least is None or least != most or least.of:
        return None
    return least.more
