"""A graph of syntax, in which nodes are shared, to operations: each node once.

What only one side of a choice needs stays in that side; what both need is made before.
"""

from __future__ import annotations

from collections.abc import Mapping

from adjoint.errors import AdjointError
from adjoint.frontend.lower import BINARY, Lowering, Steps, is_lazy
from adjoint.frontend.syntax import Node
from adjoint.ir.builder import Builder
from adjoint.ir.program import Value
from adjoint.rules.table import MATH_CONSTANTS

#: What several sides of choices need, but not all, is made in each of them; so often.
_MOST_REPEATS = 20
_ALWAYS = 10_000


class GraphLowering(Lowering):
    """Lowers nodes of one graph; ``leaves`` has the values of the names."""

    def __init__(self, builder: Builder, leaves: Mapping[Node, Value], size: int):
        super().__init__(builder.source, builder, {}, self._unknown)
        outermost = builder.block
        self._known = {node: (value, outermost) for node, value in leaves.items()}
        self._left = _MOST_REPEATS * size + _ALWAYS

    def _unknown(self, node: Node) -> Value:
        raise AssertionError(node)

    def _evaluate(self, expression: Node) -> Steps:
        pending = [expression]
        while pending:
            node = pending[-1]
            if self._value_of(node) is not None:
                pending.pop()
                continue
            if is_lazy(node):
                value = yield from self._lazy(node)
            else:
                values = [self._value_of(part) for part in node.parts]
                if None in values:
                    pending.extend(reversed(node.parts))
                    continue
                value = self._whole(node, tuple(values))  # type: ignore[arg-type]
            pending.pop()
            self._note(node, value)
        return self._value_of(expression)

    def _note(self, node: Node, value: Value) -> None:
        self._left -= 1
        if self._left < 0:
            raise AdjointError(
                "too much is shared between the sides of the conditions in this "
                "expression; give the shared parts names of their own"
            )
        self._known[node] = value, self.builder.block

    def _value_of(self, node: Node) -> Value | None:
        """The value of a node, where it is defined and can be seen from here."""
        known = self._known.get(node)
        if known is None or not self.builder.is_open(known[1]):
            return None
        return known[0]

    def _whole(self, node: Node, operands: tuple[Value, ...]) -> Value:
        if node.kind == "binary":
            return self.builder.apply(BINARY[str(node.value)], operands)
        if node.parts:
            return self._unary_or_call(node, operands)
        if node.kind == "constant":
            name = str(node.value)
            return self.builder.constant(MATH_CONSTANTS[name], name)
        return self.builder.constant(node.value)  # type: ignore[arg-type]

    # -- choices

    def _choice(self, node: Node) -> Steps:
        condition, *sides = node.parts
        yield condition
        needed = [self._needed(side) for side in sides]
        for shared in needed[0]:
            if shared in needed[1]:
                yield shared
        return (yield from super()._choice(node))

    def _needed(self, side: Node) -> dict[Node, None]:
        """What a side is certain to need and is not there yet, operands first."""
        found: dict[Node, None] = {}
        pending = [(side, False)]
        while pending:
            node, ready = pending.pop()
            if ready:
                found[node] = None
            elif node not in found and node.parts and self._value_of(node) is None:
                parts = node.parts[:1] if is_lazy(node) else node.parts
                pending.append((node, True))
                pending += [(part, False) for part in reversed(parts)]
        return found
