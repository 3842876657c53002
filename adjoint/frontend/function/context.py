"""What all calls have in common while one function is read."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from adjoint.frontend.function.text import Text
from adjoint.ir.builder import Builder
from adjoint.ir.program import IF, Op, Value
from adjoint.ir.types import FLOAT
from adjoint.rules.operation import Operation

if TYPE_CHECKING:
    from adjoint.frontend.function.expressions import Expressions

#: Operations that give whole numbers of whole numbers.
WHOLE = {"add", "sub", "mul", "neg", "floordiv", "mod", "abs", "min", "max"}
WHOLE |= {"square", "power", "pow"}


class IntParameter(Exception):
    """Parameters taken for floats turn out to be whole numbers, by their use."""

    def __init__(self, names: set[str]):
        super().__init__(names)
        self.names = names


@dataclass
class Context:
    """What all calls have in common while one function is read.

    ``guessed`` are the parameters whose type is by use; ``origins`` what the parameters
    of loops are before the first iteration; ``unroll`` the longest literal
    range that is unrolled; ``constants`` the constants that were taken in. ``given``
    says of a name's value whether it was assigned on the path that was taken; those in
    ``unsure`` are something (None) where it was not, so that Python would not notice.
    ``own`` are the functions with rules of the user's own, by name; ``frames`` are the
    calls under way; ``stores`` is whether any of them stores something in an array;
    ``numpy`` whether anything of NumPy's was asked for.
    """

    builder: Builder
    text: Text
    unroll: float
    guessed: set[Value] = field(default_factory=set)
    origins: dict[Value, Value] = field(default_factory=dict)
    constants: dict[str, float] = field(default_factory=dict)
    given: dict[Value, Value] = field(default_factory=dict)
    unsure: set[Value] = field(default_factory=set)
    own: Mapping[str, Operation] = field(default_factory=dict)
    active: list[tuple[ast.AST, int]] = field(default_factory=list)
    calls: int = 0
    frames: list[Expressions] = field(default_factory=list)
    stores: bool = False
    numpy: bool = False


def parameters_below(
    value: Value, origins: Mapping[Value, Value], through: set[str] | None
) -> set[Value]:
    """The parameters that a value is computed from by the operations ``through``.

    None stands for any operations.
    """
    found: set[Value] = set()
    seen: set[Value] = set()
    pending = [value]
    while pending:
        value = pending.pop()
        if value in seen:
            continue
        seen.add(value)
        if value in origins:
            pending.append(origins[value])
        elif value.op is None and value.number is None and value.type == FLOAT:
            found.add(value)
        elif value.op is not None:
            pending.extend(_made_of(value, value.op, through))
    return found


def _made_of(value: Value, op: Op, through: set[str] | None) -> Sequence[Value]:
    """What is whole if the result ``value`` of the operation is."""
    if op.operation is IF:
        at = op.results.index(value)
        return [block.results[at] for block in op.blocks]
    if op.blocks:
        at = op.results.index(value) - len(op.results)
        return [op.operands[at]]
    return op.operands if through is None or op.operation.name in through else ()
