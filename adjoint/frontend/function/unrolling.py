"""Loops over what is known beforehand: written out, one iteration after the other.

An iteration that data may leave for good, by ``break`` or ``return``, has those that
follow it inside a branch; they would nest. So a loop over a short range is written out
where nothing but the index decides its exits, and else stays a loop.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence

from adjoint.errors import SourceError
from adjoint.frontend.arrays.holders import arrays_in
from adjoint.frontend.function.control_flow import BROKE, CONTINUED, Branches
from adjoint.frontend.function.flow import Liveness, has_exits, returns_in
from adjoint.frontend.function.gone_through import GoneThrough
from adjoint.frontend.python.items import Elements, Item, Later, Range, Waiting
from adjoint.frontend.python.names import Names, read_names
from adjoint.ir.program import Value, operations_in

#: Literal ranges of at most so many numbers are unrolled.
SHORT = 8
#: The most iterations with a `break` that are nested in each other.
_MOST_NESTED = 16
#: The operations that make arrays of numbers.
_FROM_ITEMS = frozenset(("array", "pack", "stack", "display"))

Loop = ast.For | ast.While


class _LeftByData(Exception):
    """Whether an iteration is the last turns out to be known only when it runs."""


class IndexNeeded(Exception):
    """The index selects from a tuple, which would become an array."""


class Unrolling(Branches):
    """Writes out the loops of one function, or has them stay loops.

    ``postponed`` is a ``return`` to be lowered behind the loops that it leaves,
    ``waiting`` one of which the loops are done.
    """

    flow: Liveness
    postponed: ast.Return | None = None
    waiting: ast.Return | None = None

    def block(self, body: Sequence[ast.stmt]) -> None:
        """Lower statements."""
        raise NotImplementedError

    def loop(
        self,
        node: Loop,
        operands: tuple[Value, ...],
        elements: Elements | None = None,
    ) -> None:
        """Lower a loop that stays one."""
        raise NotImplementedError

    def needed(self, node: Loop) -> Names:
        """The names that the next iteration, or what is behind the loop, may read."""
        needed = self.flow.head[node] | self.flow.after[node]
        if self.postponed in returns_in(node):
            needed |= read_names(self.postponed)
        return needed

    def within(self, node: Loop, action: Callable[[], None]) -> None:
        """Lower the iterations: what they leave behind is needed by the next."""
        outer = self.carried
        self.carried = self.needed(node)
        action()
        self.carried = outer

    def finish(self, node: Loop) -> None:
        """The end of its ``break``, and its ``else``, which may have one of its own."""
        broke = self.env.pop(BROKE, None)
        if not node.orelse:
            return
        where, live = self.where(node), self.flow.after[node]

        def orelse() -> None:
            self.unless_left(lambda: self.block(node.orelse), live, where)

        if not isinstance(broke, Value) or broke.number is False:
            orelse()
        elif broke.number is None:
            ended = self.builder.emit("not", broke, where=where)
            self.branch(ended, orelse, lambda: None, live, where)

    def stays_loop(self, over: Range) -> bool:
        """Whether a loop over the range is too long to be written out."""
        numbers = over.numbers
        return numbers is None or len(numbers) > max(SHORT, self.context.unroll)

    def over_known(self, node: ast.For, over: Item) -> None:
        """Lower a loop over what is known, unrolled unless that nests."""
        items = (
            over.items if isinstance(over, Waiting) else self.sequence(over, node.iter)
        )
        chosen = not isinstance(over, Range) or len(items) <= self.context.unroll
        if chosen or not has_exits(node):
            self._unrolled(node, items)
            return
        if self.attempt(lambda: self._unrolled(node, items, nest=False), _LeftByData):
            return
        if not self.neatly(node, lambda: self._loop_over(node, over)):
            self._unrolled(node, items)

    def neatly(self, node: Loop, action: Callable[[], None]) -> bool:
        """Lower a loop in the way that makes the better text, if it can be done so.

        A loop of which that fails once is not tried again: in a recursion, the attempts
        would double with each call.
        """
        tried = self.context.plain
        if node not in tried and self.attempt(action, SourceError, IndexNeeded):
            return True
        tried.add(node)
        return False

    def _loop_over(self, node: ast.For, over: Range) -> None:
        """Lower a short loop as one; raises IndexNeeded where that is too dear."""
        self.loop(node, (over.start, over.stop, over.step))
        self.check_no_tables()

    def check_no_tables(self) -> None:
        """Raise IndexNeeded where the open block makes an array of numbers."""
        made = operations_in(self.builder.block)
        if any(operation.name in _FROM_ITEMS for operation in made):
            raise IndexNeeded

    def _unrolled(
        self, node: ast.For, items: Sequence[Item], nest: bool = True
    ) -> None:
        postponed, self.postponed = self.postponed, None  # it may read the index
        through = GoneThrough(self, node)
        self.within(node, lambda: self._iterations(node, items, 0, nest, through))
        self.postponed = postponed
        self.finish(node)

    def _iterations(
        self,
        node: ast.For,
        items: Sequence[Item],
        at: int,
        nest: bool,
        through: GoneThrough,
    ) -> None:
        """The iterations from the item ``at`` on.

        Raises _LeftByData where these would nest, unless they may.
        """
        shallow = len(items) - at <= _MOST_NESTED
        while at < len(items) and self.left() is None:
            self._iteration(node, items, at, through)
            at += 1
        if at == len(items):
            return
        left = self.left()
        if not nest and left is not None and left.number is None:
            raise _LeftByData
        where = self.where(node)
        live = self.flow.after[node]
        if shallow:
            self.unless_left(
                lambda: self._iterations(node, items, at, nest, through), live, where
            )
            return
        for one in range(at, len(items)):
            self.unless_left(
                lambda i=one: self._iteration(node, items, i, through),  # type: ignore[misc]
                live,
                where,
            )

    def _iteration(
        self, node: ast.For, items: Sequence[Item], at: int, through: GoneThrough
    ) -> None:
        item, outer = items[at], self.awaited
        if isinstance(item, Later):  # one of those that wait until they are asked for
            item = item()
        if self.context.stores:
            self.awaited = [*outer, *_arrays_behind(items, at)]
        try:
            self.assign(node.target, item)
            self.block(node.body)
        finally:
            self.awaited = outer
        self.env.pop(CONTINUED, None)
        left = self.left()
        if left is None or left.number is not True:
            through.check(at)


def _arrays_behind(items: Sequence[Item], at: int) -> Iterator[Value]:
    """The arrays that the iterations behind the one ``at`` are about."""
    for item in items[at + 1 :]:
        parts = item.arguments if isinstance(item, Later) else (item,)
        for part in parts:
            yield from arrays_in(part)
