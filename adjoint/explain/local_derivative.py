"""The derivative of one operation by one of its operands, at a point."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from adjoint.errors import OptionError
from adjoint.explain.nodes import Node, as_values
from adjoint.ir.builder import Builder
from adjoint.ir.clone import inlined
from adjoint.ir.interpret import trace
from adjoint.ir.program import IF, Program, Value
from adjoint.rules.operation import Operation
from adjoint.transform.algebra.real_identities import IDENTITIES
from adjoint.transform.partials import is_zero, partial, rule_text
from adjoint.transform.writing_out import written_out


@dataclass(frozen=True)
class LocalDerivative:
    """The derivative of the node ``child`` by its operand ``parent``.

    ``at``       which operand it is, from 0
    ``rule``     its entry in the table of rules, in the operands a, b and the result y
    ``formula``  the rule in the names of the nodes: of a conditional rule, the side
                 that holds at the point
    ``number``   its number at the point
    """

    child: Node
    parent: Node
    at: int
    rule: str
    formula: Program
    number: float


def local_derivative(child: Node, at: int) -> LocalDerivative:
    """The derivative of a node by its operand ``at``.

    Raises OptionError where there is none at the point, such as that of sqrt at 0.
    """
    operation, count = child.operation, len(child.operands)
    assert operation is not None
    rule = _formula(operation, at, count)
    named = _operands(child, at)
    numbers: dict[Value, Any] = {p: named[str(p.name)].number for p in rule.parameters}
    text, parent = rule_text(operation, at, count), child.operands[at]
    try:
        (number,) = trace(rule.body, numbers)
        number = float(number)
    except (ArithmeticError, ValueError, TypeError) as error:
        raise _undefined(child, parent, text, str(error)) from None
    if not math.isfinite(number):
        raise _undefined(child, parent, text, f"it is {number}")
    formula = _written(rule, named, numbers)
    return LocalDerivative(child, parent, at, text, formula, number)


def active_operands(child: Node, varied: set[Node]) -> list[int]:
    """The operands that vary, and that the node's derivative by is not always 0."""
    operation = child.operation
    if operation is None:
        return []
    return [
        at
        for at, operand in enumerate(child.operands)
        if operand in varied and not is_zero(operation, at)
    ]


def _formula(operation: Operation, at: int, count: int) -> Program:
    """The rule, in which what only rules name is written out."""
    rule = partial(operation, at, count)
    whole = written_out(rule)
    if whole is rule:
        return rule
    builder = Builder(identities={}, fold=False)
    names = {p: builder.parameter(str(p.name), p.type) for p in rule.parameters}
    return builder.finish("rule", *inlined(builder, whole, names, -1))


def _operands(child: Node, at: int) -> dict[str, Node]:
    """The nodes by the names that the rule has for them."""
    operation = child.operation
    assert operation is not None
    named = dict(zip(operation.operands, child.operands, strict=False))
    if operation.variadic:
        named = {"a": child.operands[at]}
        if len(child.operands) == 2:
            named["b"] = child.operands[1 - at]
        ties = sum(operand.number == child.number for operand in child.operands)
        named["ties"] = Node("ties", ties, is_constant=True)
    named["y"] = child
    return named


def _written(
    rule: Program, named: dict[str, Node], numbers: dict[Value, Any]
) -> Program:
    """The rule in the names of the nodes, without what does not hold at the point."""
    builder = Builder(identities=IDENTITIES)
    nodes = [named[name] for name in rule.parameter_names]
    known = dict(zip(rule.parameters, as_values(builder, nodes), strict=True))

    def value_of(value: Value) -> Value:  # rules are shallow
        if value not in known:
            known[value] = written(value)
        return known[value]

    def written(value: Value) -> Value:
        if value.op is None:
            assert value.number is not None
            return builder.constant(value.number, value.name)
        if value.op.operation is IF:
            condition = value.op.operands[0]
            holds = condition.number if condition.literal else numbers[condition]
            side = value.op.blocks[0 if holds else 1]
            return value_of(side.results[value.op.results.index(value)])
        operands = tuple(value_of(operand) for operand in value.op.operands)
        return builder.apply(value.op.operation, operands)

    return builder.finish("local_derivative", value_of(rule.results[0]))


def _undefined(child: Node, parent: Node, rule: str, reason: str) -> OptionError:
    operation = child.operation
    assert operation is not None
    return OptionError(
        f"there is no derivative at this point: that of {child.name} = "
        f"{operation.name}(...) by {parent.name} = {parent.number:.6g} "
        f"is {rule}: {reason}"
    )
