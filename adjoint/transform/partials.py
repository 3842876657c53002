"""The partial derivatives of the table, parsed and ready to be written into a sweep."""

from __future__ import annotations

from functools import cache

from adjoint.frontend.lower import Lowering
from adjoint.frontend.parser import parse_expression
from adjoint.frontend.syntax import Node
from adjoint.ir.builder import Builder
from adjoint.ir.program import IF, Program, Value
from adjoint.ir.types import FLOAT, INT
from adjoint.rules.operation import Operation
from adjoint.rules.table import MATH_CONSTANTS
from adjoint.transform.algebra import divide, multiply, negative, scale


@cache
def partial(operation: Operation, at: int, count: int) -> Program:
    """The formula of the derivative by operand ``at`` of ``count``, as a program.

    Nothing is folded or simplified: that is left to the builder it is written into.
    """
    return formula_program(rule_text(operation, at, count))


def rule_text(operation: Operation, at: int, count: int) -> str:
    """The entry of the table for the derivative by operand ``at`` of ``count``."""
    if count == 2 and operation.pair:
        return operation.pair
    return operation.partials[0 if operation.variadic else at]


@cache
def formula_program(formula: str) -> Program:
    """A formula of the table as a program whose parameters are its free names."""
    builder = Builder(identities={}, fold=False)
    names: dict[str, Value] = {}

    def unknown(node: Node) -> Value:
        name = str(node.value)
        if name in MATH_CONSTANTS:
            return builder.constant(MATH_CONSTANTS[name], name)
        names[name] = builder.parameter(name, INT if name == "n" else FLOAT)
        return names[name]

    lowering = Lowering(builder.source, builder, names, unknown)
    return builder.finish("rule", lowering.value(parse_expression(formula)))


def is_zero(operation: Operation, at: int) -> bool:
    """Whether the derivative by operand ``at`` is zero (no code comes of it)."""
    return operation.partials[0 if operation.variadic else at] == "0"


class Instance:
    """The partials of one operation at its operands, written on demand.

    With ``divide_last``, quotients are divided last, so that those of several operands
    that have one denominator can be added first: ``(da - y*db)/b``.
    """

    def __init__(
        self,
        builder: Builder,
        operation: Operation,
        operands: tuple[Value, ...],
        result: Value,
        where: int,
        divide_last: bool = False,
    ):
        self.builder = builder
        self.divide_last = divide_last
        self.operation = operation
        self.operands = operands
        self.result = result
        self.where = where
        self._ties: Value | None = None

    def times(self, factor: Value, at: int) -> Value | None:
        """``factor`` times the derivative by operand ``at``; None where it is zero."""
        rule = partial(self.operation, at, len(self.operands))
        self._known: dict[Value, Value] = {}
        self._at = at
        if "ties" in rule.parameter_names:  # counted once, before any branch
            self._ties = self._ties or self._count_ties()
        product = self._product(factor, rule.results[0])
        return None if product.number == 0 and product.literal else product

    def _product(self, factor: Value, value: Value) -> Value:
        """``factor * value`` where ``value`` belongs to the rule's program.

        The factor goes into quotients (so that ``g/b`` is shared by both partials of
        ``a/b``) and into branches (so that zero is never multiplied).
        """
        builder = self.builder
        op = value.op
        if op is None:
            return multiply(builder, factor, self._value(value))
        name = op.operation.name
        if name == "neg":
            return negative(builder, self._product(factor, op.operands[0]))
        if name == "div" and self.divide_last:
            above = self._product(factor, op.operands[0])
            return divide(builder, above, self._value(op.operands[1]))
        if name == "div":
            quotient = divide(builder, factor, self._value(op.operands[1]))
            above = op.operands[0]
            if above.op is not None and above.op.operation.name == "div":
                # a/b/b: written so because 1/b/b may overflow
                return multiply(builder, quotient, self._value(above))
            return self._product(quotient, above)
        if name == "mul" and self._value(op.operands[0]).number is not None:
            scaled = scale(builder, self._value(op.operands[0]), factor)
            return self._product(scaled, op.operands[1])
        if op.operation is IF:
            return self._branch(value, factor)
        return multiply(builder, factor, self._value(value))

    def _branch(self, value: Value, factor: Value | None) -> Value:
        builder = self.builder
        op = value.op
        assert op is not None
        at = op.results.index(value)

        def side(index: int) -> Value:
            chosen = op.blocks[index].results[at]
            return (
                self._value(chosen) if factor is None else self._product(factor, chosen)
            )

        condition = self._value(op.operands[0])
        if condition.number is not None:
            return side(0 if condition.number else 1)
        known = self._known
        blocks = []
        for index in (0, 1):
            self._known = dict(known)
            builder.open(self.where)
            blocks.append(builder.close(side(index)))
        self._known = known
        return builder.branch(condition, blocks[0], blocks[1], self.where)[0]

    def _value(self, value: Value) -> Value:
        """A value of the rule's program, written out (rules are shallow)."""
        known = self._known.get(value)
        if known is None:
            known = self._known[value] = self._written(value)
        return known

    def _written(self, value: Value) -> Value:
        if value.op is None:
            if value.number is not None:
                return self.builder.constant(value.number, value.name)
            return self._named(str(value.name))
        if value.op.operation is IF:
            return self._branch(value, None)
        operands = tuple(self._value(operand) for operand in value.op.operands)
        return self.builder.apply(value.op.operation, operands, self.where)

    def _named(self, name: str) -> Value:
        if name == "y":
            return self.result
        if name == "ties":
            assert self._ties is not None
            return self._ties
        if self.operation.variadic:
            return self.operands[self._at if name == "a" else 1 - self._at]
        return self.operands[self.operation.operands.index(name)]

    def _count_ties(self) -> Value:
        """How many operands equal the result."""
        emit = self.builder.emit
        equal = [emit("eq", operand, self.result) for operand in self.operands]
        total = equal[0]
        for one in equal[1:]:
            total = emit("add", total, one)
        return total
