"""What one entry of the table of operations says."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import partial
from typing import Any

#: The spelling of an operation that is called, and not written by an operator.
CALLABLE = re.compile(r"[A-Za-z_][\w.]*\Z")


# The classes have slots: what is read a million times is read faster from them.


@dataclass(frozen=True, eq=False, slots=True)
class Operation:
    """One elementary operation. All formulas are in adjoint's own formula language.

    ``operands``
        their names in the formulas of this entry; one name that begins with ``*`` for
        an operation of any number of operands. An operand called ``n`` is a whole
        number that is written out.
    ``partials``
        the derivative of the result with respect to each operand, in terms of the
        operands and the result ``y`` (and, where operands are any number, the count
        ``ties`` of those that equal ``y``). "0" is structural: no code comes of it.
    ``pair``
        where operands are any number: the derivative with respect to ``a`` where there
        are exactly two, the other is ``b``.
    ``on_arrays``
        the derivatives by each operand where the result is an array: a formula of fewer
        steps matters more there, and of a branch both sides are computed; empty where
        they are the same.
    ``python``
        the spelling in Python: ``math.sin``, a builtin (``abs``), a function of our own
        that is written into the generated module (``helper.sign``), or a template in
        the operands (``a + b``).
    ``numpy``
        the spelling in NumPy, in the same way; ``helper.erf`` is a function of
        `helpers_numpy`. A NumPy function of two operands serves any number, in turn.
    ``javascript``
        the spelling in JavaScript, in the same three kinds; empty where it follows from
        Python's (an operator that is the same, ``Math.sin`` for ``math.sin``).
    ``exact``
        the same function by simpler operations, for SymPy and for 50 digits; empty for
        those that both have.
    ``written``
        in place of a spelling: the formula that the operation is written out as, when
        all derivatives have been taken. Its own derivative is shorter and more accurate
        than that of the formula. Most of these are named by rules alone.
    ``written_on_arrays``
        the formula where the operand is an array; empty where it is the same.
    ``result``
        the type of the result; "operands" for the widest of the operands' types.
    ``raises``
        whether Python may raise an exception for some numbers.
    ``ieee``
        whether the result is fixed by IEEE 754, so that constants may be folded here
        and give the same bits everywhere.
    ``domain``
        where to sample it, ``a=-1:1 b=0:2``; everything between -4 and 4 otherwise.

    The rest follows: whether it takes any number of operands (``variadic``), or any
    number where its last operand stands (``open_ended``), whether Python spells it as a
    call and not by an operator (``called``), and whether an operand stands twice in
    that spelling, or in a loop (``repeats_operand``).
    """

    name: str
    operands: tuple[str, ...]
    partials: tuple[str, ...]
    python: str
    pair: str = ""
    on_arrays: tuple[str, ...] = ()
    numpy: str = ""
    javascript: str = ""
    exact: str = ""
    written: str = ""
    written_on_arrays: str = ""
    result: str = "float"
    raises: bool = True
    ieee: bool = False
    commutative: bool = False
    aliases: tuple[str, ...] = ()
    domain: str = ""
    variadic: bool = field(init=False)
    open_ended: bool = field(init=False)
    called: bool = field(init=False)
    repeats_operand: bool = field(init=False)

    def __post_init__(self) -> None:
        first, last = ("", *self.operands)[:2][-1], ("", *self.operands)[-1]
        note = partial(object.__setattr__, self)
        note("variadic", first.startswith("*"))
        note("open_ended", last.startswith("*"))
        note("called", CALLABLE.match(self.python) is not None)
        note("repeats_operand", self.python == "a * a" or " for " in self.python)

    def partial(self, at: int) -> str:
        """The formula of the partial derivative by the operand ``at``."""
        return self.partials[min(at, len(self.partials) - 1)]

    def ranges(self) -> dict[str, tuple[float, float]]:
        """``domain`` parsed: the range of each operand."""
        found = {name.lstrip("*"): (-4.0, 4.0) for name in self.operands}
        for part in self.domain.split():
            name, bounds = part.split("=")
            low, high = bounds.split(":")
            found[name] = (float(low), float(high))
        return found

    def __repr__(self) -> str:
        return f"<operation {self.name}>"


@dataclass(frozen=True, eq=False, slots=True)
class OwnOperation(Operation):
    """A function of the user's with a rule of its own (`adjoint.rule`).

    ``value``
        what it computes, as a program, which takes its place when derivatives have been
        taken; None for a function that generated modules import: ``python`` says which.
    ``derivatives``
        the partial derivatives as programs, whose parameters are operands and ``y``;
        None where it is zero everywhere. Empty for a function that has no rule.
    ``whole``
        the places of operands that are whole numbers; there is no derivative by them.
    ``stops``
        whether the derivative is left out on purpose (`adjoint.stop_gradient`).
    """

    value: Any = None
    derivatives: tuple[Any, ...] = ()
    whole: tuple[int, ...] = ()
    stops: bool = False


@dataclass(frozen=True)
class Definition:
    """A function that is written out where it is used, by a formula in its operands."""

    name: str
    operands: tuple[str, ...]
    formula: str
    aliases: tuple[str, ...] = ()
