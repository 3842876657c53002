"""Expressions to operations: the syntax tree into the builder, without recursion."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from adjoint.errors import AdjointError, Source, did_you_mean
from adjoint.frontend.syntax import Node
from adjoint.ir.builder import Builder
from adjoint.ir.program import Block, Value
from adjoint.rules.operation import Operation
from adjoint.rules.table import DEFINITIONS, FUNCTION_NAMES, FUNCTIONS

CONSTANTS = {"pi": math.pi, "e": math.e, "tau": math.tau}

_BINARY = {
    "+": "add",
    "-": "sub",
    "*": "mul",
    "/": "div",
    "//": "floordiv",
    "%": "mod",
    "**": "pow",
}
_COMPARE = {"<": "lt", "<=": "le", ">": "gt", ">=": "ge", "==": "eq", "!=": "ne"}

Task = Callable[[], None]


class Lowering:
    """Lowers expressions into one builder.

    ``names`` maps names to their values; a name that is not in it is handed to
    ``unknown``, which gives its value or raises. Operations are placed where their
    nodes stand, or all at the offset ``place`` where one is given.
    """

    def __init__(
        self,
        source: Source,
        builder: Builder,
        names: Mapping[str, Value],
        unknown: Callable[[Node], Value],
        place: int | None = None,
    ):
        self.source = source
        self.builder = builder
        self.names = names
        self.unknown = unknown
        self.place = place
        self._values: list[Value] = []
        self._tasks: list[Node | Task] = []

    def value(self, expression: Node) -> Value:
        """The value of an expression.

        Raises SourceError for an unknown function or a wrong number of arguments.
        """
        tasks = self._tasks
        base = len(tasks)
        tasks.append(expression)
        while len(tasks) > base:
            task = tasks.pop()
            if not isinstance(task, Node):
                task()
            elif task.kind == "number":
                self._values.append(self.builder.constant(task.value))  # type: ignore[arg-type]
            elif task.kind == "name":
                known = self.names.get(task.value)  # type: ignore[call-overload]
                self._values.append(self.unknown(task) if known is None else known)
            else:
                getattr(self, "_" + task.kind)(task)
        return self._values.pop()

    # -- one method a kind of node: each puts its parts and what to do with them on the
    # -- stack of tasks, last first

    def _unary(self, node: Node) -> None:
        def finish() -> None:
            operand = self._values.pop()
            if node.value == "not":
                operand = self.builder.condition(operand, self._at(node))
            name = {"-": "neg", "not": "not"}.get(str(node.value))
            self._values.append(
                self._emit(name, (operand,), self._at(node)) if name else operand
            )

        self._tasks.append(finish)
        self._tasks.append(node.parts[0])

    def _binary(self, node: Node) -> None:
        def finish() -> None:
            right = self._values.pop()
            left = self._values.pop()
            name = _BINARY[str(node.value)]
            self._values.append(self._emit(name, (left, right), self._at(node)))

        self._tasks.append(finish)
        self._tasks.append(node.parts[1])
        self._tasks.append(node.parts[0])

    def _call(self, node: Node) -> None:
        name, count = str(node.value), len(node.parts)
        definition = DEFINITIONS.get((name, count))
        if definition is not None:
            if definition.name == "where":
                self._choice(node)
            else:
                self._tasks.append(lambda: self._define(node, definition.formula))
                self._tasks.extend(reversed(node.parts))
            return
        operation = FUNCTIONS.get(name)
        if operation is None:
            raise self._unknown_function(node)
        self._check_count(node, operation)
        self._tasks.append(lambda: self._finish_call(node, operation))
        self._tasks.extend(reversed(node.parts))

    def _finish_call(self, node: Node, operation: Operation) -> None:
        count = len(node.parts)
        operands = tuple(self._values[len(self._values) - count :])
        del self._values[len(self._values) - count :]
        if operation.name in ("polygamma", "round_to"):
            self._check_whole(node, operation, operands)
        if operation.name in ("min", "max") and count == 1:
            self._values.append(operands[0])
            return
        self._values.append(self.builder.apply(operation, operands, self._at(node)))

    def _define(self, node: Node, formula: str) -> None:
        """A defined function: its formula, in the operands' values."""
        from adjoint.frontend.formula import parse_expression

        count = len(node.parts)
        operands = self._values[len(self._values) - count :]
        del self._values[len(self._values) - count :]
        definition = DEFINITIONS[str(node.value), count]
        names = dict(zip(definition.operands, operands, strict=True))
        inner = Lowering(self.source, self.builder, names, self.unknown, self._at(node))
        self._values.append(inner.value(parse_expression(formula)))

    def _compare(self, node: Node) -> None:
        signs: tuple[str, ...] = node.value  # type: ignore[assignment]
        if len(signs) == 1:

            def finish() -> None:
                right = self._values.pop()
                left = self._values.pop()
                self._values.append(
                    self._emit(_COMPARE[signs[0]], (left, right), self._at(node))
                )

            self._tasks.append(finish)
            self._tasks.append(node.parts[1])
            self._tasks.append(node.parts[0])
            return
        # a < b < c is a < b and b < c with b evaluated once
        self._chain(node, signs, 0)

    def _chain(self, node: Node, signs: tuple[str, ...], at: int) -> None:
        def compare() -> None:
            right = self._values.pop()
            left = self._values.pop()
            holds = self._emit(_COMPARE[signs[at]], (left, right), self._at(node))
            if at + 1 == len(signs):
                self._values.append(holds)
                return

            def rest() -> None:
                self._values.append(right)
                self._chain(node, signs, at + 1)

            self._short_circuit("and", holds, rest, self._at(node))

        self._tasks.append(compare)
        self._tasks.append(node.parts[at + 1])
        if at == 0:
            self._tasks.append(node.parts[0])

    def _logic(self, node: Node) -> None:
        self._logic_from(node, 0)

    def _logic_from(self, node: Node, at: int) -> None:
        if at + 1 < len(node.parts):

            def decide() -> None:
                left = self._values.pop()

                def rest() -> None:
                    self._logic_from(node, at + 1)

                self._short_circuit(str(node.value), left, rest, self._at(node))

            self._tasks.append(decide)
        self._tasks.append(node.parts[at])

    def _short_circuit(self, word: str, left: Value, rest: Task, where: int) -> None:
        """``left and rest`` (or ``or``): ``rest`` is evaluated only where it decides."""
        condition = self.builder.condition(left, where)
        if condition.number is not None:
            if bool(condition.number) == (word == "and"):
                rest()
            else:
                self._values.append(left)
            return
        self.builder.open(where)

        def finish() -> None:
            right = self._values.pop()
            if left is condition and self._joins(right):
                self._values.append(self._emit(word, (left, right), where))
                return
            evaluated = self.builder.close(right)
            self.builder.open(where)
            skipped = self.builder.close(left)
            sides = (evaluated, skipped) if word == "and" else (skipped, evaluated)
            self._values.extend(self.builder.branch(condition, *sides, where=where))

        self._tasks.append(finish)
        rest()

    def _joins(self, right: Value) -> bool:
        """Whether what was just evaluated may be evaluated always; then the block is merged.

        So it is where it is a truth value and cannot raise.
        """
        return right.type.element == "bool" and self.builder.merge_if_harmless()

    def _choice(self, node: Node) -> None:
        condition_node, then_node, else_node = node.parts
        where = self._at(node)

        def decide() -> None:
            condition = self.builder.condition(self._values.pop(), where)
            if condition.number is not None:
                self._tasks.append(then_node if condition.number else else_node)
                return
            blocks: list[Block] = []

            def close_then() -> None:
                blocks.append(self.builder.close(self._values.pop()))
                self.builder.open(where)

            def close_else() -> None:
                blocks.append(self.builder.close(self._values.pop()))
                self._values.extend(
                    self.builder.branch(condition, blocks[0], blocks[1], where=where)
                )

            self.builder.open(where)
            self._tasks.append(close_else)
            self._tasks.append(else_node)
            self._tasks.append(close_then)
            self._tasks.append(then_node)

        self._tasks.append(decide)
        self._tasks.append(condition_node)

    # -- helpers

    def _at(self, node: Node) -> int:
        return node.start if self.place is None else self.place

    def _emit(self, name: str, operands: tuple[Value, ...], where: int) -> Value:
        return self.builder.emit(name, *operands, where=where)

    def _check_count(self, node: Node, operation: Operation) -> None:
        given, expected = len(node.parts), len(operation.operands)
        if (operation.variadic and given >= 1) or given == expected:
            return
        counts = [str(n) for name, n in DEFINITIONS if name == node.value]
        wanted = (
            "at least 1"
            if operation.variadic
            else " or ".join([str(expected), *counts])
        )
        plural = "" if wanted in ("1", "at least 1") else "s"
        raise self.source.error(
            node.start,
            node.end,
            f"`{node.value}` takes {wanted} argument{plural}, not {given}",
        )

    def _check_whole(
        self, node: Node, operation: Operation, operands: tuple[Value, ...]
    ) -> None:
        at = 0 if operation.name == "polygamma" else 1
        if not isinstance(operands[at].number, int):
            part = node.parts[at] if at < len(node.parts) else node
            raise self.source.error(
                part.start,
                part.end,
                f"`{node.value}` needs a whole number written here",
            )

    def _unknown_function(self, node: Node) -> AdjointError:
        name = str(node.value)
        counts = [n for known, n in DEFINITIONS if known == name]
        if counts:
            plural = "" if counts == [1] else "s"
            message = (
                f"`{name}` takes {counts[0]} argument{plural}, not {len(node.parts)}"
            )
            return self.source.error(node.start, node.end, message)
        end = node.start + len(name)
        hint = did_you_mean(name, FUNCTION_NAMES)
        if name in self.names or (hint is None and len(name) == 1):
            hint = f"did you mean `{name}*(...)`?"
        return self.source.error(node.start, end, f"unknown function `{name}`", hint)
