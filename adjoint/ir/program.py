"""Values, operations, blocks and programs: the data of the language in the middle."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

from adjoint.errors import Source
from adjoint.ir.types import Type
from adjoint.rules.operation import Operation

#: Chooses between two blocks; operand 0 is the condition, the results are what the
#: block that was run yields. The only operation so far that holds blocks.
IF = Operation("if", ("condition",), ("0",), "", result="blocks", raises=False)


#: The name of the literal that stands for no value (no user's name has a space).
UNDEFINED = "not defined"


class Value:
    """What is defined once: a parameter, a constant or a result of an operation.

    ``number``      its number where it is a constant, else None
    ``op``          the operation that defines it; None for parameters and literals
    ``name``        the user's name for it, or None
    ``adjoint_of``  the value that it is the adjoint of, or None
    ``generation``  0 in a primal, one more for each derivative taken since
    """

    __slots__ = ("type", "number", "op", "name", "adjoint_of", "generation")

    def __init__(
        self,
        type: Type,
        number: float | int | None = None,
        op: Op | None = None,
        name: str | None = None,
        generation: int = 0,
    ):
        self.type = type
        self.number = number
        self.op = op
        self.name = name
        self.generation = generation
        self.adjoint_of: Value | None = None

    @property
    def literal(self) -> bool:
        """Whether it is written as a number or a named constant (it has no operation)."""
        return self.number is not None and self.op is None

    def __repr__(self) -> str:
        shown = self.name or (repr(self.number) if self.number is not None else "value")
        return f"<{shown}: {self.type}>"


def undefined(type: Type) -> Value:
    """What a block yields where there is nothing to yield; it is never read."""
    return Value(type, math.nan, name=UNDEFINED)


class Op:
    """One operation: which, of what, giving what, and where it stands in the source.

    ``where`` is a character offset into the program's source, -1 for none. ``blocks``
    is empty for the elementary operations.
    """

    __slots__ = ("operation", "operands", "results", "where", "blocks")

    def __init__(
        self,
        operation: Operation,
        operands: tuple[Value, ...],
        where: int = -1,
        blocks: tuple[Block, ...] = (),
    ):
        self.operation = operation
        self.operands = operands
        self.where = where
        self.blocks = blocks
        self.results: tuple[Value, ...] = ()

    def __repr__(self) -> str:
        return f"<op {self.operation.name}>"


class Block:
    """Operations in execution order, and the values that the block yields."""

    __slots__ = ("ops", "results")

    def __init__(self, ops: list[Op], results: tuple[Value, ...] = ()):
        self.ops = ops
        self.results = results


@dataclass
class Program:
    """A function: typed parameters, one block, and the block's results.

    ``primal_ops`` counts the leading operations of the block that compute the primal
    (all of them in a program that is not a derivative); ``generation`` counts the
    derivatives taken so far.
    """

    name: str
    parameters: tuple[Value, ...]
    body: Block
    source: Source = field(default_factory=lambda: Source(""))
    primal_ops: int = 0
    generation: int = 0

    @property
    def results(self) -> tuple[Value, ...]:
        return self.body.results

    @property
    def parameter_names(self) -> tuple[str, ...]:
        return tuple(p.name or "" for p in self.parameters)


def walk(block: Block) -> Iterator[Op]:
    """Every operation of the block and of the blocks inside, in order of execution."""
    pending = [iter(block.ops)]
    while pending:
        for op in pending[-1]:
            yield op
            if op.blocks:
                pending.extend(iter(inner.ops) for inner in reversed(op.blocks))
                break
        else:
            pending.pop()


def operation_count(block: Block) -> int:
    """How many elementary operations a run costs at most: of a branch, the dearer side.

    Operations on constants alone are done once for all and not counted.
    """
    count = 0
    for op in block.ops:
        if op.blocks:
            count += max(operation_count(inner) for inner in op.blocks)
        elif op.results[0].number is None:
            count += 1
    return count
