"""The syntax tree of expressions that the front ends share."""

from __future__ import annotations

from collections.abc import Iterator


class Node:
    """One expression: its kind, what it says, its parts, and its place in the source.

    ========== ============================ ==========================
    kind       value                        parts
    ========== ============================ ==========================
    number     the number                   none
    name       the name                     none
    constant   its name (``math.pi``)       none
    unary      ``-`` ``+`` ``not``          the operand
    binary     ``+ - * / // % **``          left, right
    compare    the comparison signs         the things compared
    logic      ``and`` ``or``               two or more operands
    choice     None                         condition, then, else
    call       the function's name          the arguments
    ========== ============================ ==========================
    """

    __slots__ = ("kind", "value", "parts", "start", "end")

    def __init__(
        self, kind: str, value: object, parts: tuple[Node, ...], start: int, end: int
    ):
        self.kind = kind
        self.value = value
        self.parts = parts
        self.start = start
        self.end = end

    def walk(self) -> Iterator[Node]:
        """This node and all below it, in no particular order."""
        pending = [self]
        while pending:
            node = pending.pop()
            yield node
            pending.extend(node.parts)


class Statement:
    """``targets = expression``; no target where the expression stands alone.

    ``nodes`` are those of the expression, operands first, in the order in which Python
    evaluates them.
    """

    __slots__ = ("targets", "expression", "nodes")

    def __init__(self, targets: tuple[str, ...], expression: Node, nodes: list[Node]):
        self.targets = targets
        self.expression = expression
        self.nodes = nodes
