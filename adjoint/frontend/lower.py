"""Expressions to operations: the syntax tree into the builder, without recursion.

What Python always evaluates is taken in one loop. What it may skip (a side of a
conditional, the rest of an ``and``) is asked for by the generator of its node with
``yield``, and comes back as a value.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from itertools import compress
from operator import attrgetter
from typing import Any

from mypy_extensions import mypyc_attr

from adjoint.errors import AdjointError, Source, did_you_mean
from adjoint.frontend.formula.parser import parse_expression
from adjoint.frontend.syntax import Node
from adjoint.ir.builder import Builder
from adjoint.ir.program import Block, Value
from adjoint.ir.types import BOOL, FLOAT
from adjoint.rules.operation import Definition, Operation, OwnOperation
from adjoint.rules.table import (
    DEFINITIONS,
    FUNCTION_NAMES,
    FUNCTIONS,
    MATH_CONSTANTS,
    OPERATIONS,
)

BINARY = {
    "+": OPERATIONS["add"],
    "-": OPERATIONS["sub"],
    "*": OPERATIONS["mul"],
    "/": OPERATIONS["div"],
    "//": OPERATIONS["floordiv"],
    "%": OPERATIONS["mod"],
    "**": OPERATIONS["pow"],
    "<<": OPERATIONS["lshift"],
    ">>": OPERATIONS["rshift"],
    "&": OPERATIONS["bitand"],
    "|": OPERATIONS["bitor"],
    "^": OPERATIONS["bitxor"],
}
_COMPARE = {"<": "lt", "<=": "le", ">": "gt", ">=": "ge", "==": "eq", "!=": "ne"}

#: A chain `a if p else b if q else ...` that would nest deeper than this is not nested.
_LONGEST_NEST = 30
_KIND = attrgetter("kind")

#: A constant operand `n` beyond this is a mistake, and might take for ever.
_LARGEST_N = 1000

#: What a node stands for: a value of the program. In front ends on top of this one
#: there are lists, functions and modules as well.
Item = Any
#: The lowering of one node: it yields the parts that it needs the values of.
Steps = Generator[Node, Item, Item]
#: One side of a branch: its block, and what it gives.
Side = tuple[Block, Item]


@mypyc_attr(allow_interpreted_subclasses=True)
class Lowering:
    """Lowers expressions into one builder.

    ``names`` maps names to their values; a name that is not in it is handed to
    ``unknown``, which says what it stands for or raises. Operations are placed where
    their nodes stand, or all at the offset ``place`` where one is given. ``own_name``
    is the name of the function that is being defined.
    """

    def __init__(
        self,
        source: Source,
        builder: Builder,
        names: Mapping[str, Value],
        unknown: Callable[[Node], Item],
        place: int | None = None,
        own_name: str | None = None,
    ):
        self.source = source
        self.builder = builder
        self.names = names
        self.unknown = unknown
        self.place = place
        self.own_name = own_name
        #: the functions that are operations, by name
        self.functions: Mapping[str, Operation] = FUNCTIONS

    def value(self, expression: Node, nodes: Sequence[Node] = ()) -> Item:
        """The value of an expression.

        ``nodes`` are all of it, operands first and in Python's order, where they are
        known. Raises SourceError for an unknown function or a wrong number of
        arguments.
        """
        suspects = compress(nodes, map(_LAZY.__contains__, map(_KIND, nodes)))
        in_order = nodes and not any(map(is_lazy, suspects))
        running = [self._in_order(nodes) if in_order else self._evaluate(expression)]
        answer: Item = None
        while running:
            try:
                part = running[-1].send(answer)
            except StopIteration as finished:
                running.pop()
                answer = finished.value
            else:
                running.append(self._evaluate(part))
                answer = None
        return answer

    def _evaluate(self, expression: Node) -> Steps:
        return self._in_order(_operands_first(expression))

    def _in_order(self, nodes: Sequence[Node]) -> Steps:
        builder, names, place = self.builder, self.names, self.place
        values: list[Item] = []
        for node in nodes:
            kind = node.kind
            if kind == "name":
                known = names.get(node.value)  # type: ignore[call-overload]
                values.append(self.unknown(node) if known is None else known)
            elif kind == "number":
                values.append(builder.constant(node.value))  # type: ignore[arg-type]
            elif kind == "binary":
                right = values.pop()
                where = node.start if place is None else place
                operation = BINARY[node.value]  # type: ignore[index]
                values[-1] = builder.apply(operation, (values[-1], right), where)
            elif kind == "constant":
                name = str(node.value)
                values.append(builder.constant(MATH_CONSTANTS[name], name))
            elif is_lazy(node):
                values.append((yield from self._lazy(node)))
            else:
                count = len(node.parts)
                operands = tuple(values[len(values) - count :])
                del values[len(values) - count :]
                values.append(self._unary_or_call(node, operands))
        return values.pop()

    # -- what is evaluated in part; a part is asked for by `yield`

    def _lazy(self, node: Node) -> Steps:
        return _LAZY[node.kind](self, node)

    def _choice(self, node: Node) -> Steps:
        condition_node, then_node, else_node = node.parts
        builder, where = self.builder, self._at(node)
        links = _links(node)
        if len(links) > 1 and builder.depth + len(links) > _LONGEST_NEST:
            return (yield from self._long_choice(links))
        condition = self._decision(condition_node, (yield condition_node))
        if condition.number is not None:
            return (yield then_node if condition.number else else_node)
        builder.open(where)
        then = yield then_node
        then_block = builder.close()
        builder.open(where)
        orelse = yield else_node
        else_block = builder.close()
        return self._met(node, condition, (then_block, then), (else_block, orelse))

    def _long_choice(self, links: list[Node]) -> Steps:
        """A chain of conditionals as one branch after the other, none in another."""
        builder = self.builder
        result: Item = None  # of the links so far, where one of them has decided
        undecided: Value | None = None  # that no link has decided; None: surely none
        for link in links:
            where = self._at(link)
            condition_node, then_node, last = link.parts
            if undecided is None:
                condition = self._decision(condition_node, (yield condition_node))
                if condition.number is not None:
                    if condition.number:
                        return (yield then_node)
                    continue
                undecided = other = builder.emit("not", condition, where=where)
            else:
                builder.open(where)
                condition = self._decision(condition_node, (yield condition_node))
                condition = self._joined("and", undecided, undecided, condition, where)
                other = builder.emit("not", condition, where=where)
                undecided = builder.emit("and", undecided, other, where=where)
            result = yield from self._branch(link, condition, then_node, result)
        if undecided is None:
            return (yield last)
        return (yield from self._branch(links[-1], undecided, last, result))

    def _branch(
        self, node: Node, condition: Value, then_node: Node, orelse: Item
    ) -> Steps:
        """The value of ``then_node`` where the condition holds, else ``orelse``."""
        where = self._at(node)
        self.builder.open(where)
        then = yield then_node
        then_block = self.builder.close()
        self.builder.open(where)
        else_block = self.builder.close()
        return self._met(node, condition, (then_block, then), (else_block, orelse))

    def _decision(self, node: Node, value: Item) -> Value:
        """The truth of the value of a node."""
        return self.builder.condition(value, self._at(node))

    def _met(self, node: Node, condition: Value, then: Side, orelse: Side) -> Item:
        """What the block of either side yields; None stands for anything."""
        (then_block, a), (else_block, b) = then, orelse
        then_block.results = (a,)
        else_block.results = (self.builder.constant(0.0) if b is None else b,)
        where = self._at(node)
        return self.builder.branch(condition, then_block, else_block, where)[0]

    def _logic(self, node: Node) -> Steps:
        """``a and b and c`` as ``(a and b) and c``, which is the same."""
        builder, where = self.builder, self._at(node)
        word = str(node.value)
        value = yield node.parts[0]
        for part in node.parts[1:]:
            condition = builder.condition(value, where)
            if condition.number is not None:
                if bool(condition.number) == (word == "and"):
                    value = yield part
                continue
            builder.open(where)
            right = yield part
            value = self._joined(word, condition, value, right, where)
        return value

    def _compare(self, node: Node) -> Steps:
        """``a < b < c`` as ``a < b and b < c``, with b evaluated once."""
        builder, where = self.builder, self._at(node)
        signs: tuple[str, ...] = node.value  # type: ignore[assignment]
        left = yield node.parts[0]
        right = yield node.parts[1]
        holds = builder.emit(_COMPARE[signs[0]], left, right, where=where)
        conditions: list[Value] = []  # of the blocks that are open
        for sign, part in zip(signs[1:], node.parts[2:], strict=True):
            if holds.number is not None and not holds.number:
                break
            certain = holds.number is not None
            if not certain:
                builder.open(where)
            left, right = right, (yield part)
            last = builder.emit(_COMPARE[sign], left, right, where=where)
            if certain:
                holds = last
            elif builder.merge_if_harmless():
                holds = builder.emit("and", holds, last, where=where)
            else:
                conditions.append(holds)
                holds = last
        while conditions:
            condition = conditions.pop()
            holds = self._decided("and", condition, condition, holds, where)
        return holds

    def _joined(
        self, word: str, condition: Value, left: Value, right: Value, where: int
    ) -> Value:
        """As `_decided`; but where ``right`` can always be evaluated, so it is."""
        if right.type == left.type == BOOL and self.builder.merge_if_harmless():
            return self.builder.emit(word, left, right, where=where)
        return self._decided(word, condition, left, right, where)

    def _decided(
        self, word: str, condition: Value, left: Value, right: Value, where: int
    ) -> Value:
        """``left and right`` (or ``or``); ``right`` was evaluated in the open block."""
        builder = self.builder
        if left is condition:
            left = builder.constant(word == "or")
        evaluated = builder.close(right)
        builder.open(where)
        skipped = builder.close(left)
        sides = (evaluated, skipped) if word == "and" else (skipped, evaluated)
        return builder.branch(condition, *sides, where=where)[0]

    # -- what is evaluated whole

    def _unary_or_call(self, node: Node, operands: tuple[Item, ...]) -> Item:
        if node.kind == "call":
            return self._call(node, operands)
        where = self._at(node)
        if node.kind == "compare":
            sign = node.value[0]  # type: ignore[index]
            return self.builder.emit(_COMPARE[sign], *operands, where=where)
        if node.value == "not":
            condition = self.builder.condition(operands[0], where)
            return self.builder.emit("not", condition, where=where)
        if node.value == "-":
            return self.builder.emit("neg", *operands, where=where)
        return operands[0]

    def _call(self, node: Node, operands: tuple[Value, ...]) -> Value:
        name, count = str(node.value), len(operands)
        operation = self.functions.get(name)
        if operation is not None and (
            count == len(operation.operands) or (operation.variadic and count)
        ):
            if "n" in operation.operands:
                self._check_whole(node, operation, operands)
            if isinstance(operation, OwnOperation):
                self._check_own(node, operation, operands)
            if operation.name in ("min", "max") and count == 1:
                return operands[0]
            return self.builder.apply(operation, operands, self._at(node))
        definition = DEFINITIONS.get((name, count))
        if definition is None:
            raise self._wrong_call(node)
        if "n" in definition.operands:
            self._check_whole(node, definition, operands)
        names = dict(zip(definition.operands, operands, strict=True))
        inner = Lowering(self.source, self.builder, names, self.unknown, self._at(node))
        return inner.value(parse_expression(definition.formula))

    # -- helpers

    def _at(self, node: Node) -> int:
        return node.start if self.place is None else self.place

    def _check_whole(
        self,
        node: Node,
        operation: Operation | Definition,
        operands: tuple[Value, ...],
    ) -> None:
        """An operand called ``n`` must be a whole number that is written out."""
        at = operation.operands.index("n")
        number = operands[at].number
        if number is None and not self.builder.fold:
            return  # the formula of a rule, whose operands are not known yet
        if isinstance(number, int) and abs(number) <= _LARGEST_N:
            return
        part = node.parts[at]
        message = f"`{node.value}` needs a whole number written here"
        if isinstance(number, int):
            message = f"this number is too large for `{node.value}`"
        raise self.source.error(part.start, part.end, message)

    def _check_own(
        self, node: Node, operation: OwnOperation, operands: tuple[Value, ...]
    ) -> None:
        """Refuse floats where the user's function takes whole numbers."""
        for at in operation.whole:
            if operands[at].type == FLOAT:
                part, name = node.parts[at], operation.operands[at].strip()
                message = f"the `{name}` of `{operation.name}` is a whole number"
                hint = "write the number here; the parameters of a formula are floats"
                raise self.source.error(part.start, part.end, message, hint)

    def _wrong_call(self, node: Node) -> AdjointError:
        """The error for a call of nothing known, or with too many or few arguments."""
        name, given = str(node.value), len(node.parts)
        start = max(node.start, self.source.text.find(name, node.start))
        place = start, start + len(name)
        counts = [str(count) for known, count in DEFINITIONS if known == name]
        operation = self.functions.get(name)
        if operation is not None:
            lowest = "at least 1" if operation.variadic else len(operation.operands)
            counts.insert(0, str(lowest))
        if counts:
            plural = "" if counts[-1].endswith("1") else "s"
            wanted = f"`{name}` takes {' or '.join(counts)} argument{plural}"
            return self.source.error(node.start, node.end, f"{wanted}, not {given}")
        if name == self.own_name:
            return self.source.error(
                *place, f"`{name}` cannot be used to define itself"
            )
        if name in self.names:
            message = f"`{name}` is a variable, not a function"
            return self.source.error(*place, message, f"did you mean `{name}*(...)`?")
        return self.source.error(*place, f"unknown function `{name}`", _near(name))


def _near(name: str) -> str | None:
    if name == "factorial":
        return "the factorial of n is `gamma(n + 1)`"
    if len(name) <= 2 or not name.isalpha() or not name.isascii():
        return f"did you mean `{name}*(...)`?"
    return did_you_mean(name, FUNCTION_NAMES)


_LAZY: dict[str, Callable[[Lowering, Node], Steps]] = {
    "choice": lambda self, node: self._choice(node),  # a front end may have its own
    "call": Lowering._choice,  # where(c, a, b)
    "logic": Lowering._logic,
    "compare": Lowering._compare,
}


def is_lazy(node: Node) -> bool:
    """Whether Python may skip a part of it."""
    if node.kind == "compare":
        return len(node.parts) > 2
    return node.kind == "logic" or _is_choice(node)


def _is_choice(node: Node) -> bool:
    """Whether it is ``a if c else b``, or the same written ``where(c, a, b)``."""
    if node.kind == "call":
        return node.value == "where" and len(node.parts) == 3
    return node.kind == "choice"


def _links(node: Node) -> list[Node]:
    """The conditionals of a chain, each the ``else`` side of the one before it."""
    found = [node]
    while _is_choice(found[-1].parts[2]):
        found.append(found[-1].parts[2])
    return found


def _operands_first(expression: Node) -> list[Node]:
    """The nodes that are always evaluated, in Python's order; lazy ones unopened."""
    found: list[Node] = []
    pending = [expression]
    while pending:
        node = pending.pop()
        found.append(node)
        if node.parts and (node.kind == "binary" or not is_lazy(node)):
            pending.extend(node.parts)
    found.reverse()
    return found
