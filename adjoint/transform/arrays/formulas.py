"""The formulas of the table of arrays, at the operands of one operation."""

from __future__ import annotations

from typing import Any

from adjoint.frontend.formula.parser import parse_expression
from adjoint.frontend.syntax import Node
from adjoint.ir.builder import Builder
from adjoint.ir.program import Op, Value
from adjoint.rules.array_operation import REQUIRED, ArrayOperation
from adjoint.rules.array_table import ARRAY_OPERATIONS
from adjoint.rules.table import FUNCTIONS, MATH_CONSTANTS
from adjoint.transform.algebra.sums import masked_by

_BINARY = {"+": "add", "-": "sub", "*": "mul", "/": "div", "**": "pow"}
_COMPARE = {"<": "lt", "<=": "le", ">": "gt", ">=": "ge", "==": "eq", "!=": "ne"}


#: Operations that move the elements of their first operand and do nothing else.
_MOVING = frozenset(
    ("index", "reshape", "reshape_like", "transpose", "flip", "expand_dims", "squeeze")
)


class Rule:
    """The formulas of one operation, at its operands and attributes.

    ``given`` are names in them besides these: the adjoint ``g`` that arrives.
    """

    def __init__(self, builder: Builder, op: Op, **given: Value):
        self.builder = builder
        self.op = op
        operation = op.operation
        assert isinstance(operation, ArrayOperation)
        self.names: dict[str, Any] = {"y": op.results[0], **given}
        for at, name in enumerate(operation.operands):
            many = name.startswith("*")
            self.names[name.lstrip("*")] = op.operands[at:] if many else op.operands[at]
        names = [name for name, _ in operation.attributes]
        self.names.update(zip(names, op.attributes, strict=True))

    @property
    def adjoint(self) -> Value:
        """The adjoint that arrives."""
        adjoint: Value = self.names["g"]
        return adjoint

    def value(self, formula: str, **names: Any) -> Value:
        """The value of a formula; ``names`` are known in it besides those of the op."""
        outer, self.names = self.names, {**self.names, **names}
        value: Value = self._of(parse_expression(formula))
        self.names = outer
        return value

    def emit(self, name: str, *operands: Value, **more: Any) -> Value:
        """As `Builder.emit`, at the place of the operation.

        What is masked is moved under its mask: see `transform.seed_loops`.
        """
        if name in _MOVING:
            moved = self._masked(name, *operands, **more)
            if moved is not None:
                return moved
        return self.builder.emit(name, *operands, where=self.op.where, **more)

    def _masked(self, name: str, a: Value, *others: Value, **more: Any) -> Value | None:
        """``where(c, v, 0)[i]`` as ``where(c[i], v[i], 0)``; None for all else."""
        masked = masked_by(a)
        if masked is None:
            return None
        condition, inner, at_true = masked
        if name == "index" and not inner.type.rank:
            return None  # a slice of ones and zeros costs nothing
        if inner.type.rank and inner.shape != condition.shape:
            return None
        condition = self.emit(name, condition, *others, **more)
        if not condition.type.rank:
            return None
        if inner.type.rank:
            inner = self.emit(name, inner, *others, **more)
        sides = (inner, self.builder.constant(0.0))
        return self.emit("where", condition, *(sides if at_true else sides[::-1]))

    def _of(self, node: Node) -> Any:
        """What a node stands for: a value, several, an attribute; rules are shallow."""
        if node.kind == "name":
            name = str(node.value)
            if name in MATH_CONSTANTS and name not in self.names:
                return self.builder.constant(MATH_CONSTANTS[name], name)
            return self.names[name]
        if node.kind == "number":
            return self.builder.constant(node.value)  # type: ignore[arg-type]
        if node.kind == "choice":
            return self._choice(node)
        parts = [self._of(part) for part in node.parts]
        if node.kind == "call":
            return self._call(str(node.value), parts)
        parts = [self._number(part) for part in parts]
        if node.kind == "compare":
            return self.emit(_COMPARE[node.value[0]], *parts)  # type: ignore[index]
        if node.kind == "unary":
            return self.emit("neg", *parts)
        return self.emit(_BINARY[str(node.value)], *parts)

    def _number(self, part: Any) -> Value:
        """An attribute that stands in a sum is a number."""
        return self.builder.constant(part) if isinstance(part, int) else part

    def _choice(self, node: Node) -> Value:
        condition = self._of(node.parts[0])
        if condition.type.rank:
            return self.emit("where", condition, *map(self._of, node.parts[1:]))
        where = self.op.where
        self.builder.open(where)
        then = self.builder.close(self._of(node.parts[1]))
        self.builder.open(where)
        orelse = self.builder.close(self._of(node.parts[2]))
        return self.builder.branch(condition, then, orelse, where)[0]

    def _call(self, name: str, parts: list[Any]) -> Value:
        if name == "swapped":
            return self._swapped(parts[0])
        if name == "where":
            return self.emit("where", *parts)
        operation = ARRAY_OPERATIONS.get(name)
        if operation is None:
            where = self.op.where
            return self.builder.apply(FUNCTIONS[name], tuple(parts), where)
        flat: list[Any] = []
        for part in parts:
            flat += part if isinstance(part, tuple) and _are_values(part) else [part]
        count = len(operation.operands)
        if operation.open_ended:
            count = len(flat) - len(operation.attributes)
        given = [one.number if isinstance(one, Value) else one for one in flat[count:]]
        defaults = [default for _, default in operation.attributes[len(given) :]]
        assert REQUIRED not in defaults, name
        attributes = (*given, *defaults)
        return self.emit(name, *flat[:count], attributes=attributes)

    def _swapped(self, a: Value) -> Value:
        """The matrix, or each of a stack of them, transposed."""
        *first, rows, columns = range(a.type.rank)
        return self.emit("transpose", a, attributes=((*first, columns, rows),))


def _are_values(part: tuple[Any, ...]) -> bool:
    return all(isinstance(one, Value) for one in part)
