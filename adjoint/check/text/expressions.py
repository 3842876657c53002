"""Python's syntax tree of an expression as the tree of adjoint's own front end.

What the trees have in common is all that a generated module uses; the rest is refused.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Generator

from adjoint.frontend.python.places import Places
from adjoint.frontend.python.signs import ARITHMETIC, BITS, COMPARE, UNARY
from adjoint.frontend.syntax import Node

_BINARY = {**ARITHMETIC, **BITS, ast.Pow: "**"}

#: No float has more bits before the point.
_LARGEST_BITS = 1024

_Steps = Generator[ast.expr, Node | None, Node]


class Expressions:
    """Translates expressions; ``function`` says which operation a called name means."""

    def __init__(
        self, places: Places, function: Callable[[ast.Name | ast.Attribute], str]
    ):
        self.places = places
        self.function = function

    def node(self, expression: ast.expr) -> Node:
        """The expression in our own syntax; its depth is no matter.

        Raises SourceError for what no generated module contains.
        """
        steps = [self._steps(expression)]
        part: Node | None = None
        while steps:
            try:
                # a step asks for one part of the expression at a time
                wanted = steps[-1].send(part)
            except StopIteration as done:
                steps.pop()
                part = done.value
            else:
                steps.append(self._steps(wanted))
                part = None
        assert part is not None
        return part

    def _steps(self, node: ast.expr) -> _Steps:
        kind, value, wanted = self._parts(node)
        parts: list[Node] = []
        for one in wanted:
            part = yield one
            assert part is not None
            parts.append(part)
        start = self.places.start(node)
        return Node(kind, value, tuple(parts), start, start + 1)

    def _parts(self, node: ast.expr) -> tuple[str, object, list[ast.expr]]:
        """The kind and the value of the node in our syntax; its parts in Python's."""
        match node:
            case ast.Constant(value=bool() | int() | float() as number):
                if isinstance(number, int) and number.bit_length() > _LARGEST_BITS:
                    self.places.refuse(node, "this number is too large for a float")
                return "number", number, []
            case ast.Constant(value=None):
                return "name", "None", []
            case ast.Name(id=name):
                return "name", name, []
            case ast.UnaryOp(op=sign, operand=operand) if type(sign) in UNARY:
                return "unary", UNARY[type(sign)], [operand]
            case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _BINARY:
                return "binary", _BINARY[type(sign)], [left, right]
            case ast.BoolOp(op=word, values=values):
                return "logic", "and" if isinstance(word, ast.And) else "or", values
            case ast.Compare(left=left, ops=signs, comparators=others) if all(
                type(sign) in COMPARE for sign in signs
            ):
                compared = tuple(COMPARE[type(sign)] for sign in signs)
                return "compare", compared, [left, *others]
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return "choice", None, [test, body, orelse]
            case ast.Call(func=ast.Name() as function, args=arguments, keywords=[]):
                return "call", self.function(function), arguments
            case ast.Call(func=ast.Attribute() as function, args=args, keywords=[]):
                return self._numpy_call(node, self.function(function), args)
        self.places.refuse(node, "this is not in a module that adjoint writes")

    def _numpy_call(
        self, node: ast.expr, name: str, arguments: list[ast.expr]
    ) -> tuple[str, object, list[ast.expr]]:
        """A function of NumPy; at one point, ``np.where`` chooses one of two."""
        if name == "where" and len(arguments) == 3:
            return "choice", None, arguments
        if name == "all" and len(arguments) == 1:
            return self._parts(arguments[0])
        if name == "not" and len(arguments) == 1:
            return "unary", "not", arguments
        if name in ("where", "all", "not"):
            self.places.refuse(node, "this is not in a module that adjoint writes")
        return "call", name, arguments
