"""Values, operations, blocks and programs: the data of the language in the middle."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from adjoint.errors import Source
from adjoint.ir.form import Form, tuple_of
from adjoint.ir.shapes import Shape, unknown_shape
from adjoint.ir.types import BOOL, FLOAT, INT, Type
from adjoint.rules.array_operation import ArrayOperation
from adjoint.rules.operation import Operation


def _structured(name: str) -> Operation:
    return Operation(name, ("*operands",), ("0",), "", result="blocks", raises=False)


# The operations that hold blocks (the shape of MLIR's `scf` and of JAX's `scan`).
#
# IF        operands: the condition. Two blocks; the results are what the block that was
#           run yields.
# FOR       operands: start, stop, step, then the initial values of what is carried
#           from one iteration to the next. The block's parameters are the index and
#           the carried values; it yields their next values and then a truth value,
#           whether to break off. The results are the last carried values.
# WHILE     operands: the initial values. The first block is the test: from the carried
#           values to a truth value; the second is the body, as that of FOR, with no
#           index.
# BACKWARD  the iterations of FOR in reverse order; operands: start, stop, step, the
#           stack if `pops` is not 0, the initial values. The block's parameters are
#           the index, the values popped, the carried values; it yields the next
#           carried values.
# UNWIND    runs once for each entry of a stack, the last entry first; operands: the
#           stack, the initial values; parameters and results as those of BACKWARD,
#           with no index.
#
# A FOR or WHILE that saves (`Op.saved` names values of its body) has one result more,
# the last one: the stack, with an entry of these values for each iteration.
IF = _structured("if")
FOR = _structured("for")
WHILE = _structured("while")
BACKWARD = _structured("backward")
UNWIND = _structured("unwind")

#: Raises the exception that `Op.text` spells where its operand fails. No result.
GUARD = Operation("guard", ("condition",), ("0",), "", result="bool", raises=True)

#: Several parts of what one function gives, in a program that is about to be written
#: (`target.arrays.shared_calls`); its attribute is the operation of one of them.
CALL = Operation("call", ("*operands",), ("0",), "", result="blocks", raises=True)

LOOPS = frozenset({FOR, WHILE, BACKWARD, UNWIND})
#: The operations that hold blocks.
STRUCTURED = LOOPS | {IF}


#: Each of these types is one object in all values, so that `is` tells it.
_NUMBERS = {FLOAT: FLOAT, INT: INT, BOOL: BOOL}

#: The name of the literal that stands for no value (no user's name has a space).
UNDEFINED = "not defined"
#: The name of the literal that stands for no value but can be saved: Python's None.
NOTHING = "None"


class Value:
    """What is defined once: a parameter, a constant or a result of an operation.

    ``number``      its number where it is a constant, else None
    ``op``          the operation that defines it; None for parameters and literals
    ``name``        the user's name for it, or None
    ``adjoint_of``  the value that it is the adjoint of, or None
    ``tangent_of``  the value that it is the tangent of, or None
    ``direction``   of a tangent: what the direction is called
    ``generation``  0 in a primal, one more for each derivative taken since
    """

    __slots__ = (
        "type",
        "number",
        "op",
        "name",
        "adjoint_of",
        "generation",
        "__dict__",
    )

    # declared in this order: what is asked for most lies close together when compiled
    type: Type
    number: float | int | None
    op: Op | None
    name: str | None
    adjoint_of: Value | None
    generation: int

    # what few values have is not in a slot, as in operations
    tangent_of: Value | None = None
    direction = ""
    _shape: Shape | None = None

    def __init__(
        self,
        type: Type,
        number: float | int | None = None,
        op: Op | None = None,
        name: str | None = None,
        generation: int = 0,
    ):
        self.type = type if type is FLOAT else _NUMBERS.get(type, type)
        self.number = number
        self.op = op
        self.name = name
        self.generation = generation
        self.adjoint_of = None

    @property
    def shape(self) -> Shape:
        """What is known of its shape; it has no axes where it is a number."""
        if self._shape is None:
            self._shape = unknown_shape(self.type.rank) if self.type.rank else ()
        return self._shape

    @shape.setter
    def shape(self, shape: Shape) -> None:
        self._shape = shape

    @property
    def literal(self) -> bool:
        """Whether it is written as a number or a named constant, with no operation."""
        return self.number is not None and self.op is None

    def __repr__(self) -> str:
        shown = self.name or (repr(self.number) if self.number is not None else "value")
        return f"<{shown}: {self.type}>"


def undefined(type: Type, total: bool = False) -> Value:
    """What a block yields where there is nothing to yield; it is never read.

    With ``total`` it is something (None), for what is written down all the same.
    """
    return Value(type, math.nan, name=NOTHING if total else UNDEFINED)


class Op:
    """One operation: which, of what, giving what, and where it stands in the source.

    ``result`` is the result of an operation that has one, ``results`` are those of any.
    ``where`` is a character offset into the program's source, -1 for none.
    ``attributes`` are what an array operation knows beforehand (an axis). ``blocks``
    is empty for the elementary operations; ``saved`` and ``pops`` belong to loops and
    ``text`` to guards. The reverse of a loop with ``recompute`` runs the body again
    instead of having it save; one that ``keeps`` leaves on the stack what it reads.
    ``sweep`` is the title of the sweep that it belongs to, empty in a primal. An index
    that is ``sure`` is within its list wherever the program gets to it.
    """

    __slots__ = (
        "operation",
        "operands",
        "result",
        "where",
        "blocks",
        "attributes",
        "sweep",
        "__dict__",
    )

    # declared in this order, as in values
    operation: Operation
    operands: tuple[Value, ...]
    result: Value | None
    blocks: tuple[Block, ...]
    sweep: str
    where: int
    attributes: tuple[Any, ...]

    # what few operations have is not in a slot: there are millions of the others
    saved: tuple[Value, ...] = ()
    pops = 0
    text = ""
    recompute = False
    keeps = False
    sure = False
    _origin: Op | None = None
    _several: tuple[Value, ...] | None = None

    def __init__(
        self,
        operation: Operation,
        operands: tuple[Value, ...],
        where: int = -1,
        blocks: tuple[Block, ...] = (),
        attributes: tuple[Any, ...] = (),
        sweep: str = "",
    ):
        self.operation = operation
        self.operands = operands
        self.where = where
        self.blocks = blocks
        self.attributes = attributes
        self.result = None
        self.sweep = sweep

    @property
    def results(self) -> tuple[Value, ...]:
        """What it gives: nothing, one value, or (of branches and loops) several."""
        if self._several is not None:
            return self._several
        return () if self.result is None else (self.result,)

    @results.setter
    def results(self, results: tuple[Value, ...]) -> None:
        self.result = results[0] if len(results) == 1 else None
        if len(results) > 1 or self._several is not None:
            self._several = results

    @property
    def origin(self) -> Op:
        """The operation that this one is a copy of, or itself."""
        return self._origin or self

    def copied(
        self,
        operands: tuple[Value, ...],
        blocks: tuple[Block, ...],
        fresh: bool = False,
    ) -> Op:
        """The same operation, with the same results, on other operands and blocks.

        With ``fresh`` it is one of its own, that just looks the same.
        """
        copy = Op(self.operation, operands, self.where, blocks, self.attributes)
        copy.results = self.results
        copy.sweep = self.sweep
        if self.blocks or self.text:  # the others have none of these
            copy.saved, copy.pops, copy.text = self.saved, self.pops, self.text
            copy.recompute, copy.keeps = self.recompute, self.keeps
        if self.sure:
            copy.sure = True
        copy._origin = None if fresh else self.origin
        return copy

    def __repr__(self) -> str:
        return f"<op {self.operation.name}>"


class Block:
    """Operations in execution order, and the values that the block yields.

    The blocks of loops have parameters: the index and what is carried. ``tally`` is
    there where it has been counted what the block is made of.
    """

    __slots__ = ("ops", "results", "parameters", "tally")

    def __init__(
        self,
        ops: list[Op],
        results: tuple[Value, ...] = (),
        parameters: tuple[Value, ...] = (),
    ):
        self.ops = ops
        self.results = results
        self.parameters = parameters
        self.tally: Tally | None = None


class Tally:
    """What a block with no block inside is made of, counted once when it is complete.

    ``reads`` says how often each value is read, ``operations`` which operations there
    are, and ``cost`` is their `operation_count`.
    """

    __slots__ = ("reads", "operations", "cost")

    def __init__(self, reads: dict[Value, int], operations: list[Operation], cost: int):
        self.reads = reads
        self.operations = operations
        self.cost = cost


#: A parameter that is a nested tuple: its name, its form, and what is in it.
Packed: TypeAlias = tuple[str, Form, tuple[Value, ...]]


@dataclass
class Program:
    """A function: typed parameters, one block, and the block's results.

    ``primal_ops`` counts the leading operations of the block that compute the primal
    (all of them in a program that is not a derivative); ``generation`` counts the
    sweeps added so far, ``primal_generation`` those that the primal had already;
    ``form`` says how the results are nested in what the function returns; ``packed``
    names parameters that are nested tuples of parameters of the program; ``beside``
    says whether tangents are computed inside the primal's own branches and loops;
    ``made_from`` is the function that the source is of where this is a derivative of
    it; ``coordinates`` are row and column of each result of a sparse one. Of a Python
    function: ``defaults`` of parameters by name, the ``keyword_only``
    parameters, whether it asks ``numpy`` for anything, the ``constants`` that were
    taken in from the module and the closure, and its text as it is ``written``. Of a
    SymPy expression: the ``symbols``, what each parameter stands for. The ``maker`` is
    the builder that made the body, and knows what it computes.
    """

    name: str
    parameters: tuple[Value, ...]
    body: Block
    source: Source = field(default_factory=lambda: Source(""))
    primal_ops: int = 0
    generation: int = 0
    primal_generation: int = 0
    form: Form = None
    packed: tuple[Packed, ...] = ()
    beside: bool = False
    made_from: str = ""
    coordinates: tuple[tuple[int, int], ...] = ()
    defaults: tuple[tuple[str, float | int | bool], ...] = ()
    keyword_only: tuple[str, ...] = ()
    numpy: bool = False
    constants: tuple[tuple[str, object], ...] = ()
    written: str = ""
    symbols: tuple[tuple[str, object], ...] = ()
    maker: Any = field(default=None, repr=False, compare=False)
    _operations: list[Operation] | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._operations = None
        if self.maker is not None and not self.maker.knows(self.body):
            self.maker = None  # the body has been replaced

    @property
    def results(self) -> tuple[Value, ...]:
        return self.body.results

    @property
    def operations(self) -> list[Operation]:
        """Which operations it is made of, also in blocks inside; each once."""
        if self._operations is None:
            self._operations = operations_in(self.body)
        return self._operations

    @property
    def parameter_names(self) -> tuple[str, ...]:
        return tuple(p.name or "" for p in self.parameters)

    @property
    def declared(self) -> list[Packed]:
        """The parameters as a caller sees them: name, form, and what is in it."""
        if not self.packed:
            return [(p.name or "", None, (p,)) for p in self.parameters]
        groups = {part: group for group in self.packed for part in group[2]}
        found: dict[str, Packed] = {}
        for parameter in self.parameters:
            name = parameter.name or ""
            group = groups.get(parameter, (name, None, (parameter,)))
            found.setdefault(group[0], group)
        return list(found.values())

    def form_of(self, names: Sequence[str]) -> Form:
        """The form of what there is one of for each of these parameters, in this order.

        Those of a parameter that is a tuple are a tuple; one alone is bare.
        """
        if not self.packed:
            return tuple_of(len(names))
        groups = {str(part.name): one for one in self.packed for part in one[2]}
        forms: dict[str, Form] = {}
        for name in names:
            group, form, parts = groups.get(name, (name, None, ()))
            whole = all(part.name in names for part in parts)
            forms[group if whole else name] = form if whole else None
        found = list(forms.values())
        return found[0] if len(found) == 1 else tuple(found)


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


def link(block: Block) -> None:
    """Have each value know the operation that gives it here, and not an older copy.

    What takes a value apart must find the operands that are seen where it stands.
    """
    for op in walk(block):
        for result in op.results:
            result.op = op


def operations_in(block: Block) -> list[Operation]:
    """Which operations the block, and the blocks inside, are made of; each once."""
    if block.tally is not None:
        return block.tally.operations
    found: dict[Operation, None] = {}
    last: Operation | None = None
    for op in block.ops:
        if op.operation is not last:
            last = op.operation
            found[last] = None
    if not STRUCTURED.isdisjoint(found):
        for op in block.ops:
            for inner in op.blocks:
                found.update(dict.fromkeys(operations_in(inner)))
    return list(found)


def has_arrays(program: Program) -> bool:
    """Whether any value of the program is an array: a parameter, or made of numbers."""
    return any(parameter.type.rank for parameter in program.parameters) or any(
        isinstance(one, ArrayOperation) for one in program.operations
    )


def operation_count(block: Block) -> int:
    """How many elementary operations a run costs; of a branch, the dearer side.

    A loop is counted for one iteration; operations on constants alone are done once for
    all and not counted.
    """
    if block.tally is not None:
        return block.tally.cost
    count = 0
    for op in block.ops:
        result = op.result
        if op.blocks:
            costs = [operation_count(inner) for inner in op.blocks]
            count += max(costs) if op.operation is IF else sum(costs)
        elif result is None:  # there are none, or several
            count += any(one.number is None for one in op.results[:1])
        elif result.number is None:
            count += 1
    return count
