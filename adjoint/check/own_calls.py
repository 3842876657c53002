"""Functions of the user's own in many digits: at a point, and near it.

What SciPy has and mpmath knows is computed. Of other functions that modules import,
only floats are known: near a point they are what their rule says, so that it is the
composition that is compared, given the rule. What `stop_gradient` is given is, near a
point, what it is there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from adjoint.check.special import KNOWN
from adjoint.ir.arithmetic import FLOATS, OWN
from adjoint.ir.program import Program
from adjoint.rules.operation import OwnOperation
from adjoint.transform.writing_out import own_operations

#: What is noted of a call: its operands, and what it gave.
_Call = tuple[tuple[Any, ...], Any]


def imported_by_name(own: Iterable[OwnOperation]) -> dict[str, OwnOperation]:
    """Those that modules import, by their full names, and those in their rules.

    Where there are two of a name, the one with a rule is meant.
    """
    found: dict[str, OwnOperation] = {}
    pending, seen = list(own), set[OwnOperation]()
    while pending:
        operation = pending.pop()
        if operation in seen:
            continue
        seen.add(operation)
        if operation.value is None:
            known = found.setdefault(operation.python, operation)
            found[operation.python] = operation if operation.derivatives else known
        for program in (operation.value, *operation.derivatives):
            pending += own_operations(program) if program else ()
    return found


def notes_of_own(primal: Program) -> Iterator[str]:
    """How the user's own functions, which ``primal`` calls, are taken: in words."""
    called = own_operations(primal)
    if any(one.stops for one in called):
        yield "note: what stop_gradient is given is held fixed, in both"
    yield from notes_of_imported(imported_by_name(called))


def notes_of_imported(names: Iterable[str]) -> Iterator[str]:
    """How functions of these full names are taken, which a module imports."""
    imported = list(names)
    exact = [name for name in imported if name in KNOWN]
    if exact:
        yield f"note: {', '.join(exact)}: computed to 50 digits by mpmath"
    others = [name for name in imported if name not in KNOWN]
    if others:
        yield (
            f"note: {', '.join(others)}: known in floats alone, and by a rule that was "
            "compared with differences when it was made"
        )


def imported_float(operation: OwnOperation, *operands: Any) -> float:
    """What a function that is imported gives. Raises ArithmeticError if it fails."""
    try:
        return float(FLOATS[OWN](operation, *operands))
    except Exception as error:  # what is imported may raise anything
        raise ArithmeticError(f"{operation.python} fails: {error}") from None


class OwnCalls:
    """What calls of the user's functions give, in one arithmetic.

    ``run`` is the result of a program of numbers in that arithmetic, ``number`` makes
    one of a float, ``context`` is mpmath's.
    """

    def __init__(
        self,
        context: Any,
        number: Callable[[Any], Any],
        run: Callable[[Program, Sequence[Any]], Any],
    ):
        self._context = context
        self._number = number
        self._run = run
        self._noted: list[_Call] | None = None
        self._noting = False
        self._next = 0
        #: near a point, rules are followed to this order
        self._order = 2

    def __call__(self, operation: OwnOperation, *operands: Any) -> Any:
        """What the function of an operation gives.

        Raises ArithmeticError where it is not known.
        """
        if operation.value is not None and not operation.stops:
            return self._run(operation.value, operands)
        if operation.python in KNOWN:
            return KNOWN[operation.python](self._context, *operands)
        return self._held(operation, operands)

    def begin(self) -> None:
        """A run of the whole function begins."""
        self._next = 0

    @contextmanager
    def around(self, there: Callable[[], object]) -> Iterator[None]:
        """Within it, the function is run near the point at which ``there`` runs it."""
        with self._apart(self._order):
            self._noted, self._noting = [], True
            there()
            self._noting, self._next = False, 0
            yield

    # -- inside

    @contextmanager
    def _apart(self, order: int) -> Iterator[None]:
        """Within it, nothing is noted, and rules are followed to that order."""
        before = self._noted, self._noting, self._next, self._order
        self._noted, self._noting, self._next, self._order = None, False, 0, order
        try:
            yield
        finally:
            self._noted, self._noting, self._next, self._order = before

    def _held(self, operation: OwnOperation, operands: tuple[Any, ...]) -> Any:
        """At a point what the call gives, and near it what comes of what it gave."""
        if self._noting or self._noted is None:
            result = self._there(operation, operands)
            if self._noted is not None:
                self._noted.append((operands, result))
            return result
        if self._next >= len(self._noted):
            raise ArithmeticError("near the point it takes another way")
        before, result = self._noted[self._next]
        self._next += 1
        if operation.stops or operands == before:
            return result
        return self._near(operation, (before, result), operands)

    def _there(self, operation: OwnOperation, operands: tuple[Any, ...]) -> Any:
        if operation.stops:
            return operands[0]
        floats = [x if isinstance(x, int) else float(x) for x in operands]
        return self._number(imported_float(operation, *floats))

    def _near(
        self, operation: OwnOperation, there: _Call, operands: tuple[Any, ...]
    ) -> Any:
        """The rule, by the mean of the slopes there and here: to the second order.

        Functions that the rule calls are followed to one order less, where they have
        rules; without them there is no second derivative to be compared.
        """
        if not operation.derivatives:
            raise _NoRule(f"{operation.name} has no rule")
        before, result = there
        rules = zip(operation.derivatives, before, operands, strict=True)
        moves = [(one, b - a) for one, a, b in rules if one is not None and a != b]

        def slopes(call: _Call) -> list[Any]:
            return [self._slope(operation, program, call) for program, _ in moves]

        def moved(slopes: Sequence[Any]) -> Any:
            steps = zip(slopes, moves, strict=True)
            return result + sum(slope * step for slope, (_, step) in steps)

        with self._apart(0):
            first = slopes(there)
        if self._order < 2:
            return moved(first)
        here = operands, moved(first)
        try:
            with self._apart(1), self.around(lambda: slopes(there)):
                second = slopes(here)
        except _NoRule:
            second = first
        return moved([(a + b) / 2 for a, b in zip(first, second, strict=True)])

    def _slope(self, operation: OwnOperation, program: Program, call: _Call) -> Any:
        """The rule's derivative where the function has these operands and result."""
        operands, result = call
        names = dict(zip(operation.operands, operands, strict=True)) | {"y": result}
        return self._run(program, [names[name] for name in program.parameter_names])


class _NoRule(ArithmeticError):
    """A function has no derivative near a point."""
