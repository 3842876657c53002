"""The names of the values in one function: the user's own, ``x_bar``, ``t1``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from adjoint.ir.names import RESULT_NAMES, Names
from adjoint.ir.program import BACKWARD, FOR, UNDEFINED, Program, Value, walk
from adjoint.ir.types import STACK
from adjoint.target.uses import Uses


class LocalNames:
    """Names values when they are written first, so that t1, t2, ... come in order.

    ``reserved`` are the names that only the user's own values may have; ``values``
    are those of the function, where they are returned. ``known`` has the names that
    have been given.
    """

    def __init__(
        self,
        program: Program,
        reserved: Iterable[str],
        uses: Uses,
        values: Sequence[Value],
    ):
        self._names = Names(reserved)
        self._heir = uses.heir
        #: those that have a name with others
        self._kin = {*uses.heir, *uses.heir.values()}
        self._source = uses.source
        self._values = list(values)
        self._returned = frozenset(values)
        self.known: dict[Value, str] = {}
        self._of_heir: dict[Value, str] = {}
        self._claimed: set[str] = set()
        self._owner: dict[str, Value] = {}
        #: a name, and those that are it with a number behind
        self._alike: dict[str, list[str]] = {}
        self._last = _last_uses(program, uses)
        #: the position that is being written, where there are loops
        self.now = 0
        for parameter in program.parameters:
            name = str(parameter.name)
            self._claimed.add(name)
            self.known[parameter] = name
            heir = self._heir.get(parameter, parameter)
            self._of_heir[heir] = self._own(name, heir)

    def get(self, value: Value) -> str | None:
        """The name of a value that has been written."""
        return self.known.get(value)

    def settled(self, value: Value) -> str | None:
        """The name that a value will have, where it is that of another already."""
        known = self.known.get(value)
        return known or self._of_heir.get(self._heir.get(value, value))

    def give(self, value: Value) -> str:
        """The name of a value that is being written."""
        name = self.known.get(value)
        if name is not None:
            return name
        if value in self._kin:
            heir = self._heir.get(value, value)
            if heir not in self._of_heir:
                self._of_heir[heir] = self._new(heir)
            name = self._of_heir[heir]
        else:
            name = self._new(value)
        self.known[value] = name
        return name

    def fresh(self, word: str) -> str:
        """A name for what is no value: a function inside this one."""
        return self._names.take(word)

    @contextmanager
    def before(self) -> Iterator[None]:
        """Name what is written before the operation that is written now reads."""
        self.now -= 1
        try:
            yield
        finally:
            self.now += 1

    def shares(self, a: Value, b: Value) -> bool:
        """Whether the values have one name."""
        return self._heir.get(a, a) is self._heir.get(b, b)

    def continues(self, value: Value, name: str | None) -> bool:
        """Whether the value will have the name, which an ancestor of it has."""
        return bool(name) and self._of_heir.get(self._heir.get(value, value)) == name

    def _new(self, value: Value) -> str:
        if self._source:
            restored = self.known.get(self._source.get(value, value))
            if restored is not None and self._over(restored, value):
                return self._own(restored, value)
        if value.name and value.name != UNDEFINED:
            return self._users(value.name, value)
        if value.adjoint_of is not None:
            of = self.known.get(value.adjoint_of)
            if of is not None:
                return self._take(f"{of}_bar", value)
        if value.tangent_of is not None:
            moved = value.tangent_of
            of = self.known.get(moved, "" if moved.literal else moved.name)
            if not of and moved.adjoint_of is not None and not moved.adjoint_of.op:
                whose = self.known.get(moved.adjoint_of)
                of = f"{whose}_bar" if whose else ""  # it is not written itself
            if of:
                return self._take(f"{of}_{value.direction}", value)
        if value in self._returned:
            return self._own(self._names.take(*self._result_names(value)), value)
        return self._own(self._names.temporary(), value)

    def _result_names(self, value: Value) -> Sequence[str]:
        if len(self._values) == 1:
            return RESULT_NAMES
        return (f"{RESULT_NAMES[0]}{self._values.index(value) + 1}",)

    def _users(self, name: str, value: Value) -> str:
        """The user's name itself, for the first value that has it."""
        if name in self._claimed:
            return self._take(name, value)
        self._claimed.add(name)
        return self._own(name, value)

    def _take(self, name: str, value: Value) -> str:
        """The name, if those that had it are no longer needed; else one like it."""
        if not self._last:
            return self._names.take(name)
        alike = self._alike.setdefault(name, [name])
        over = (one for one in alike if self._over(one, value))
        free = None if value.type == STACK else next(over, None)
        if free is None:
            free = self._names.take(name)
            alike.append(free)
        return self._own(free, value)

    def _over(self, name: str, value: Value) -> bool:
        """Whether nothing behind needs the values, of this type, that had the name."""
        owner = self._owner.get(name)
        if owner is None or owner.type.rank != value.type.rank:
            return False
        return self._last.get(owner, self.now + 1) <= self.now

    def _own(self, name: str, value: Value) -> str:
        if self._last:
            self._owner[name] = value
        return name


def _last_uses(program: Program, uses: Uses) -> dict[Value, int]:
    """Where all the values that share a name are used last; nothing without loops."""
    last: dict[Value, int] = {}
    if uses.liveness is None:
        return last
    blocks = [inner for op in walk(program.body) for inner in op.blocks]
    values = [*program.parameters, *(p for block in blocks for p in block.parameters)]
    values += [result for op in walk(program.body) for result in op.results]
    for value in values:
        heir = uses.heir.get(value, value)
        last[heir] = max(last.get(heir, 0), uses.liveness.last(value))
    for op in walk(program.body):
        if op.operation in (FOR, BACKWARD):  # inside, an index is no other's
            index, body = op.blocks[-1].parameters[0], op.blocks[-1]
            heir = uses.heir.get(index, index)
            last[heir] = max(last.get(heir, 0), uses.liveness.last_of[body])
    return last
