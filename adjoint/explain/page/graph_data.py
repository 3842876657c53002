"""The recorded walkthrough as plain data: nodes, contributions, scopes and guards."""

from __future__ import annotations

import re
from typing import Any

from adjoint.explain.nodes import Node
from adjoint.explain.page.recording import Contribution, Recording, Scope
from adjoint.ir.names import RESULT_NAMES, Names
from adjoint.ir.program import IF, Op, Value
from adjoint.target.formula import formula_text, leaf_text
from adjoint.transform.partials import rule_text


class GraphData:
    """The nodes and the contributions, by their indices, as plain data."""

    def __init__(self, recording: Recording):
        self.index = {value: at for at, value in enumerate(recording.nodes)}
        self.scopes: list[dict[str, Any]] = []
        self._of_scope: dict[Scope, int] = {}
        self._names = _node_names(recording)
        self.nodes = [
            self._node(value, recording.scopes.get(value)) for value in recording.nodes
        ]
        self.contributions = [self._contribution(c) for c in recording.contributions]
        self.guards = [
            {
                "condition": self.index.get(condition, -1),  # -1: it never holds
                "text": text,
                "scope": self._scope(scope),
            }
            for condition, text, scope in recording.guards
        ]

    def _node(self, value: Value, scope: Scope | None) -> dict[str, Any]:
        node: dict[str, Any] = {"name": self._name(value)}
        node["scope"] = self._scope(scope)
        op = value.op
        if op is None:
            return node | {"text": "", "operation": "input", "operands": []}
        if op.operation is IF:
            at = op.results.index(value)
            operands = (op.operands[0], *(side.results[at] for side in op.blocks))
            condition, then, orelse = map(self._name, operands)
            text = f"{then} if {condition} else {orelse}"
        else:
            operands = op.operands
            text = self._text(op)
        node["text"], node["operation"] = text, op.operation.name
        node["operands"] = [self.index.get(operand, -1) for operand in operands]
        return node

    def _contribution(self, c: Contribution) -> dict[str, Any]:
        return {
            "child": self.index[c.child],
            "at": c.at,
            "parent": self.index[c.parent],
            "rule": self._rule(c),
            "scope": self._scope(c.scope),
        }

    def _rule(self, c: Contribution) -> str:
        """The entry of the table, in the names of the nodes."""
        op = c.child.op
        assert op is not None
        if op.operation is IF:
            return "1"
        operation, count = op.operation, len(op.operands)
        named = dict(
            zip(operation.operands, map(self._name, op.operands), strict=False)
        )
        if operation.variadic:
            named = {"a": self._name(op.operands[c.at])}
            if count == 2:
                named["b"] = self._name(op.operands[1 - c.at])
        named["y"] = self._name(c.child)
        text = rule_text(operation, c.at, count)
        return re.sub(r"\b[abny]\b", lambda m: named.get(m.group(), m.group()), text)

    def _scope(self, scope: Scope | None) -> int:
        """The index of a scope, -1 for none."""
        if scope is None:
            return -1
        if scope not in self._of_scope:
            outer = self._scope(scope.outer)
            self._of_scope[scope] = len(self.scopes)
            condition = self.index[scope.condition]
            self.scopes.append(
                {"condition": condition, "holds": scope.holds, "outer": outer}
            )
        return self._of_scope[scope]

    def _text(self, op: Op) -> str:
        """An elementary operation in the names of the nodes."""
        leaves = {operand: self._leaf(operand) for operand in op.operands}
        operands = tuple(leaves[operand] for operand in op.operands)
        node = Node("", None, op.results[0].type, op.operation, operands)
        return formula_text(node.formula).text

    def _leaf(self, value: Value) -> Node:
        if not value.literal:
            return Node(self._names[value], None, value.type)
        node = Node(value.name or "", value.number, value.type, is_constant=True)
        node.named_by_user = value.name is not None
        return node

    def _name(self, value: Value) -> str:
        """A node's name, or a number; a negative one in parentheses."""
        known = self._names.get(value)
        if known is not None:
            return known
        text = leaf_text(value).text
        return f"({text})" if text.startswith("-") else text


def _node_names(recording: Recording) -> dict[Value, str]:
    """The user's names, ``y`` for the result, t1, t2, ... for the rest, in order."""
    program = recording.program
    users = {str(node.name) for node in recording.nodes if node.name}
    names, claimed = Names(users), set(program.parameter_names)
    found = {p: str(p.name) for p in program.parameters}
    result = program.results[0]
    if result.op is not None and not result.name:
        found[result] = names.take(*RESULT_NAMES)
    for node in recording.nodes:
        if node in found:
            continue
        name = node.name
        if name is None:
            found[node] = names.temporary()
        elif name in claimed:
            found[node] = names.take(name)
        else:
            claimed.add(name)
            found[node] = name
    return found
