"""The partial derivatives of the table, parsed and ready to be written into a sweep."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from adjoint.errors import OptionError
from adjoint.frontend.formula.parser import parse_expression
from adjoint.frontend.lower import Lowering
from adjoint.frontend.syntax import Node
from adjoint.ir.builder import Builder
from adjoint.ir.program import IF, Op, Program, Value
from adjoint.ir.types import FLOAT, INT
from adjoint.rules.operation import Operation, OwnOperation
from adjoint.rules.table import MATH_CONSTANTS, RULE_FUNCTIONS, WRITTEN_OUT
from adjoint.transform.algebra.coefficients import divide, multiply, negative, scale
from adjoint.transform.algebra.sums import masked_by

_UNDEFINED = WRITTEN_OUT["undefined"]


@dataclass(frozen=True, eq=False, slots=True)
class Rule:
    """The derivative by one operand: its value in the program of its formula.

    ``operand`` is the index of the operand that it is (as b is that of a*b), or None;
    ``function`` is the function of an operand that it is (as cos is that of sin), with
    the index of the operand, or None; ``ties`` says whether the number of operands that
    equal the result stands in it.
    """

    value: Value
    operand: int | None
    function: tuple[Operation, int] | None
    ties: bool


def rule_text(operation: Operation, at: int, count: int) -> str:
    """The entry of the table for the derivative by operand ``at`` of ``count``."""
    if count == 2 and operation.pair:
        return operation.pair
    return operation.partial(at)


@cache
def rules(operation: Operation, count: int) -> tuple[Rule | None, ...]:
    """The derivatives by each of ``count`` operands; None where no code comes of it."""
    if isinstance(operation, OwnOperation):
        return tuple([_own_rule(operation, at) for at in range(count)])
    texts = [rule_text(operation, at, count) for at in range(count)]
    return tuple([_rule(text, operation) for text in texts])


@cache
def _rule(formula: str, operation: Operation) -> Rule | None:
    if formula == "0":
        return None
    program = formula_program(formula)
    ties = "ties" in program.parameter_names
    return _rule_of(program.results[0], operation, ties)


def _rule_of(value: Value, operation: Operation, ties: bool = False) -> Rule:
    names = operation.operands
    if value.op is None:
        is_operand = value.number is None and value.name in names
        return Rule(value, names.index(value.name) if is_operand else None, None, ties)
    op, function = value.op, None
    if len(op.operands) == 1 and not op.blocks and not operation.variadic:
        name = op.operands[0].name
        if op.operands[0].op is None and name in names and op.operation.name != "neg":
            function = op.operation, names.index(name)
    return Rule(value, None, function, ties)


def _own_rule(operation: OwnOperation, at: int) -> Rule | None:
    """The rule of a function of the user's. Raises OptionError where it has none."""
    if not operation.derivatives:
        raise OptionError(
            f"`{operation.name}` has no derivative; adjoint.rule can give it one"
        )
    program = operation.derivatives[at]
    if program is None:
        return None
    return _rule_of(program.results[0], operation)


def is_zero(operation: Operation, at: int) -> bool:
    """Whether the derivative by operand ``at`` is zero (no code comes of it)."""
    if isinstance(operation, OwnOperation):
        return rules(operation, len(operation.operands))[at] is None
    return operation.partial(at) == "0"


@cache
def active_operands(operation: Operation, count: int) -> tuple[int, ...]:
    """Of ``count`` operands, those with a derivative that is not zero."""
    return tuple([at for at in range(count) if not is_zero(operation, at)])


@cache
def active_rules(operation: Operation, count: int) -> tuple[tuple[int, Rule], ...]:
    """The derivatives that are not zero, each with the index of its operand."""
    found = enumerate(rules(operation, count))
    return tuple([(at, rule) for at, rule in found if rule is not None])


def partial(operation: Operation, at: int, count: int) -> Program:
    """The formula of the derivative by operand ``at`` of ``count``, as a program."""
    if isinstance(operation, OwnOperation) and operation.derivatives[at] is not None:
        program: Program = operation.derivatives[at]
        return program
    return formula_program(rule_text(operation, at, count))


@cache
def formula_program(formula: str) -> Program:
    """A formula of the table as a program whose parameters are its free names.

    Nothing is folded or simplified: that is left to the builder it is written into.
    """
    return formula_of(parse_expression(formula))


def formula_function(
    operation: Operation, formula: str, run: Callable[[Program, list[Any]], Any]
) -> Callable[..., Any]:
    """The operation by a formula in its operands, on whatever ``run`` computes with."""

    def function(*operands: Any) -> Any:
        program = formula_program(formula)
        named = dict(zip(operation.operands, operands, strict=True))
        return run(program, [named[name] for name in program.parameter_names])

    return function


def formula_of(
    formula: Node, functions: Mapping[str, Operation] = RULE_FUNCTIONS
) -> Program:
    """As `formula_program`, for a parsed formula that may call these ``functions``."""
    builder = Builder(identities={}, fold=False)
    names: dict[str, Value] = {}

    def unknown(node: Node) -> Value:
        name = str(node.value)
        if name in MATH_CONSTANTS:
            return builder.constant(MATH_CONSTANTS[name], name)
        names[name] = builder.parameter(name, INT if name == "n" else FLOAT)
        return names[name]

    lowering = Lowering(builder.source, builder, names, unknown)
    lowering.functions = functions
    return builder.finish("rule", lowering.value(formula))


def direct_product(
    builder: Builder, factor: Value, rule: Rule | None, op: Op
) -> Value | None:
    """``factor`` times a derivative that is 1, an operand or a function of one.

    On numbers it is what `Instance.times` gives, without an instance; None for all
    other derivatives.
    """
    if rule is None or factor.type is not FLOAT:
        return None
    if rule.operand is not None:
        product = multiply(builder, factor, op.operands[rule.operand])
        return None if product.number == 0 else product
    if rule.function is not None:
        function, at = rule.function
        value = builder.apply(function, (op.operands[at],), op.where)
        product = multiply(builder, factor, value)
        return None if product.number == 0 else product
    value = rule.value
    is_one = value.number == 1 and value.op is None and factor.number != 0
    return factor if is_one else None


class Instance:
    """The partials of one operation at its operands, written on demand.

    With ``divide_last``, quotients are divided last, so that those of several operands
    that have one denominator can be added first: ``(da - y*db)/b``. So are numbers
    multiplied last with ``number_last``.
    """

    __slots__ = (
        "builder",
        "divide_last",
        "number_last",
        "operation",
        "operands",
        "result",
        "where",
        "rules",
        "_ties",
        "_known",
        "_at",
    )

    def __init__(
        self,
        builder: Builder,
        operation: Operation,
        operands: tuple[Value, ...],
        result: Value,
        where: int,
        divide_last: bool = False,
        number_last: bool = False,
    ):
        self.builder = builder
        self.divide_last = divide_last
        self.number_last = number_last
        self.operation = operation
        self.operands = operands
        self.result = result
        self.where = where
        self.rules = rules(operation, len(operands))
        if result.type.rank and operation.on_arrays:
            texts = operation.on_arrays
            texts += texts[-1:] * (len(operands) - len(texts))
            self.rules = tuple([_rule(text, operation) for text in texts])
        self._ties: Value | None = None

    def times(self, factor: Value, at: int) -> Value | None:
        """``factor`` times the derivative by operand ``at``; None where it is zero."""
        rule = self.rules[at]
        if rule is None:
            return None
        masked = masked_by(factor) if factor.type.rank else None
        if masked is not None:  # what is masked must not meet an infinite derivative
            condition, inner, at_true = masked
            product = self.times(inner, at)
            if product is None:
                return None
            sides = (product, self.builder.constant(0.0))
            sides = sides if at_true else sides[::-1]
            return self.builder.emit("where", condition, *sides, where=self.where)
        if rule.operand is None:
            self._known: dict[Value, Value] = {}
            self._at = at
            if rule.ties:  # counted once, before any branch
                self._ties = self._ties or self._count_ties()
            product = self._product(factor, rule.value)
        else:
            product = multiply(self.builder, factor, self.operands[rule.operand])
        return None if product.number == 0 and product.literal else product

    def _product(self, factor: Value, value: Value) -> Value:
        """``factor * value`` where ``value`` belongs to the rule's program.

        The factor goes into quotients (so that ``g/b`` is shared by both partials of
        ``a/b``) and into branches (so that zero is never multiplied).
        """
        builder = self.builder
        op = value.op
        if op is None:
            if value.number == 1 and factor.type.real:
                return factor
            if value.number == 0:
                return builder.constant(0.0)
            return multiply(builder, factor, self._leaf(value))
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
            if self.number_last:
                product = self._product(factor, op.operands[1])
                return scale(builder, self._value(op.operands[0]), product)
            scaled = scale(builder, self._value(op.operands[0]), factor)
            return self._product(scaled, op.operands[1])
        if op.operation is IF:
            return self._branch(value, factor)
        if op.operation is _UNDEFINED:  # whatever it is multiplied with
            return builder.apply(_UNDEFINED, (factor, self._value(value)))
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
        if condition.type.rank:
            sides = side(0), side(1)
            return builder.emit("where", condition, *sides, where=self.where)
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
        if value.op is None:
            return self._leaf(value)
        known = self._known.get(value)
        if known is None:
            known = self._known[value] = self._written(value, value.op)
        return known

    def _written(self, value: Value, op: Op) -> Value:
        if op.operation is IF:
            return self._branch(value, None)
        operands = tuple([self._value(operand) for operand in op.operands])
        return self.builder.apply(op.operation, operands, self.where)

    def _leaf(self, value: Value) -> Value:
        """A constant, or what a name of the rule stands for."""
        if value.number is not None:
            return self.builder.constant(value.number, value.name)
        name = value.name
        if name == "y":
            return self.result
        if name == "ties":
            assert self._ties is not None
            return self._ties
        if self.operation.variadic:
            return self.operands[self._at if name == "a" else 1 - self._at]
        return self.operands[self.operation.operands.index(str(name))]

    def _count_ties(self) -> Value:
        """How many operands equal the result."""
        emit = self.builder.emit
        equal = [emit("eq", operand, self.result) for operand in self.operands]
        total = equal[0]
        for one in equal[1:]:
            total = emit("add", total, one)
        return total
