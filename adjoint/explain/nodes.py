"""The operations that a run of a program executes, as nodes with names and numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from adjoint.errors import OptionError
from adjoint.explain.evaluate import evaluated
from adjoint.explain.point import Point, arguments_at
from adjoint.ir.builder import Builder
from adjoint.ir.interpret import Guarded, trace
from adjoint.ir.names import RESULT_NAMES, Names
from adjoint.ir.program import Op, Program, Value
from adjoint.ir.types import FLOAT, Type, type_of
from adjoint.rules.operation import Operation

#: A walk through more operations than this is nothing for people.
MOST_OPERATIONS = 10_000


@dataclass(eq=False)
class Node:
    """An input, a constant, or what one operation gave when it was executed.

    ``name``       the user's name, ``y``, ``t1``, or the spelling of a constant
    ``number``     the float, int or bool at the point; None where there is no point
    ``operation``  the entry of the table; None for inputs and constants
    ``operands``   the nodes that it was computed from, in the order of the operation
    ``where``      the offset in the user's source, -1 for none
    """

    name: str
    number: Any
    type: Type = FLOAT
    operation: Operation | None = None
    operands: tuple[Node, ...] = ()
    where: int = -1
    is_constant: bool = False
    named_by_user: bool = field(default=False, repr=False)

    def __repr__(self) -> str:
        return f"<{self.name} = {self.number!r}>"

    def __bool__(self) -> bool:
        """The truth of its number: branches and loops ask for it."""
        return bool(self.number)

    def __index__(self) -> int:
        """The bounds of loops are whole numbers."""
        if not isinstance(self.number, int):
            raise TypeError(f"{self.name} = {self.number!r} is no whole number")
        return self.number

    @property
    def formula(self) -> Program:
        """What was computed, as a program of one operation in the operands' names."""
        builder = Builder(identities={}, fold=False)
        operands = as_values(builder, self.operands)
        if self.operation is None:
            return builder.finish("formula", *as_values(builder, (self,)))
        return builder.finish("formula", builder.apply(self.operation, operands))


def as_values(builder: Builder, nodes: Iterable[Node]) -> tuple[Value, ...]:
    """Each node as a parameter of the builder's program, or as a constant."""
    known: dict[Node, Value] = {}
    for node in nodes:
        if node not in known:
            known[node] = (
                builder.constant(node.number, _spelling(node))
                if node.is_constant
                else builder.parameter(node.name, node.type)
            )
    return tuple(known[node] for node in nodes)


def _spelling(node: Node) -> str | None:
    return node.name if node.named_by_user else None


@dataclass(frozen=True)
class Run:
    """One run: the inputs, the executed operations in order, and the results."""

    inputs: tuple[Node, ...]
    operations: tuple[Node, ...]
    results: tuple[Node, ...]


def executed(program: Program, point: Point | None) -> Run:
    """What the program executes at the point; of a branch, the side that is run.

    The iterations of loops follow each other. Without a point, the nodes have no
    numbers, and the program no branches and loops. Raises OptionError where the point
    does not fit the parameters, where the function has no finite value there, and where
    there are more than `MOST_OPERATIONS`.
    """
    if point is None and any(op.blocks for op in program.body.ops):
        raise OptionError(
            f"{program.name} has branches or loops: what it executes is known at a "
            "point alone; give one (--at)"
        )
    numbers = {} if point is None else arguments_at(program, point)
    nodes = {p: Node(str(p.name), numbers.get(p), p.type) for p in program.parameters}
    recorder = _Recorder(program, point is not None)
    try:
        results = trace(
            program.body,
            dict(nodes),
            constant=recorder.constant,
            apply=recorder.apply,
        )
    except Guarded as guard:
        raise OptionError(f"the function raises {guard} at this point") from None
    except (TypeError, ValueError) as error:  # the bounds of a loop
        raise OptionError(f"the function fails at this point: {error}") from None
    results = tuple(_as_node(result) for result in results)
    _give_names(program, recorder.operations, results)
    return Run(tuple(nodes.values()), tuple(recorder.operations), results)


def _as_node(number: Any) -> Node:
    """A node; the index of a loop, which is a plain number, as a constant."""
    if isinstance(number, Node):
        return number
    return Node(f"{number}", number, type_of(number), is_constant=True)


class _Recorder:
    """The arithmetic of a run that keeps each operation as a node."""

    def __init__(self, program: Program, with_numbers: bool):
        self.program = program
        self.with_numbers = with_numbers
        self.operations: list[Node] = []
        self._constants: dict[Value, Node] = {}

    def constant(self, value: Value) -> Node:
        node = self._constants.get(value)
        if node is None:
            name = value.name or f"{value.number}"
            node = Node(name, value.number, value.type, is_constant=True)
            node.named_by_user = value.name is not None
            self._constants[value] = node
        return node

    def apply(self, op: Op, operands: Sequence[Any]) -> Node:
        if len(self.operations) == MOST_OPERATIONS:
            raise OptionError(
                f"the function runs more than {MOST_OPERATIONS:,} operations at this "
                "point, too many to walk through"
            )
        nodes = tuple(_as_node(operand) for operand in operands)
        result = op.results[0]
        if result.type.rank:
            raise OptionError(
                "the function has arrays; only numbers are walked through"
            )
        number = None
        if self.with_numbers:
            numbers = [node.number for node in nodes]
            number = evaluated(self.program.source, op, numbers)
        node = Node("", number, result.type, op.operation, nodes, op.where)
        if result.name:
            node.name, node.named_by_user = result.name, True
        self.operations.append(node)
        return node


def _give_names(
    program: Program, operations: Sequence[Node], results: Sequence[Node]
) -> None:
    """The user's names, ``y`` for the result, t1, t2, ... for the rest, in order."""
    users = {node.name for node in operations if node.named_by_user}
    names = Names({*program.parameter_names, *users})
    if len(results) == 1:
        result = results[0]
        if result.operation is not None and not result.named_by_user:
            result.name = names.take(*RESULT_NAMES)
    for node in operations:
        if not node.name:
            node.name = names.temporary()
        elif node.named_by_user:
            if node.name in users and node.name not in program.parameter_names:
                users.remove(node.name)
            else:
                node.name = names.take(node.name)
