"""From Python's syntax tree of an expression to the one that the front ends share.

The node kinds beside those of `syntax`:

========== ====================================== ==============================
kind       value                                  parts
========== ====================================== ==============================
scalar     None                                   what has to be a number
truth      None                                   what is true or false
operator   the sign                               left, right, one of them any thing
tuple      None                                   the items
list       None                                   the items
attribute  the attribute's name                   the thing
subscript  the pattern (`ir.subscripts`)          the thing, the indices
test       the sign, of `signs.TESTS`             two sides, of any kind
power      ``**``                                 the operands
bits       ``<< >> & | ^ ~``                      the operands
dict       which are behind ``**``                the keys and values in turn
entries    a generator of Python's, of pairs      none
starred    None                                   what has items
named      the name                               what is assigned to it
callee     the name                               none
invoke     the names of the keyword arguments     the function, the arguments
lambda     Python's node                          the defaults
generator  Python's node                          none
argument   Python's node, as of ``generator``     none
waiting    the same, of what may stop early       none
text       the text                               none
nothing    None                                   none: it is None
========== ====================================== ==============================
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence

from adjoint.frontend.python.refusals import (
    CALLS,
    CONSTANTS,
    EXPRESSIONS,
    SIGNS,
)
from adjoint.frontend.python.signs import (
    ARITHMETIC,
    BITS,
    COMPARE,
    TESTS,
    UNARY,
)
from adjoint.frontend.python.text import Text
from adjoint.frontend.syntax import Node
from adjoint.ir.subscripts import Pattern

#: The kind of node and the spelling of every operator.
_OPERATORS = {
    **{sign: ("binary", spelled) for sign, spelled in ARITHMETIC.items()},
    **{sign: ("bits", spelled) for sign, spelled in BITS.items()},
    ast.Pow: ("power", "**"),
    ast.MatMult: ("matmul", "@"),
}

#: The kinds whose value is a number, whatever they are made of.
_SCALAR_KINDS = {"number", "unary", "binary", "compare", "logic", "bits"}
_SCALAR_KINDS |= {"power", "matmul", "scalar", "truth", "test"}

_Task = ast.expr | Callable[[], None]


def convert(expression: ast.expr, text: Text, test: bool = False) -> Node:
    """The node of an expression. Raises SourceError for what is not supported.

    Of a ``test`` only the truth is asked, so that lists may stand in it.
    """
    conversion = _Conversion(text)
    if test:
        conversion.tests.add(expression)
    return conversion.run(expression)


def is_none(node: ast.AST) -> bool:
    """Whether it is written ``None``."""
    return isinstance(node, ast.Constant) and node.value is None


def _is_test(node: ast.Compare) -> bool:
    """Whether it has two sides of any kind; numbers are not compared by ``is``."""
    sides, sign = [node.left, *node.comparators], node.ops[0]
    if isinstance(sign, ast.Is | ast.IsNot):
        return any(map(is_none, sides))
    return type(sign) in TESTS and len(sides) == 2


def binary_node(sign: ast.operator, left: Node, right: Node) -> Node:
    """``left sign right``, for an operator that is supported."""
    return _operator(sign, left, right, left.start, right.end)


def _operator(
    sign: ast.operator, left: Node, right: Node, start: int, end: int
) -> Node:
    kind, spelled = _OPERATORS[type(sign)]
    parts = left, right
    numbers = left.kind in _SCALAR_KINDS and right.kind in _SCALAR_KINDS
    if kind == "binary" and not numbers:
        return Node("operator", spelled, parts, start, end)
    return Node(kind, spelled, (_scalar(left), _scalar(right)), start, end)


def check_operator(sign: ast.AST, node: ast.AST, text: Text) -> None:
    """Raise SourceError unless the operator is supported."""
    if type(sign).__name__ in SIGNS:
        message, hint = SIGNS[type(sign).__name__]
        raise text.error(node, message, hint)


def subscript_pattern(node: ast.Subscript) -> tuple[Pattern, list[ast.expr]]:
    """The pattern of what stands in the brackets, and the expressions in it."""
    entries = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    pattern: list[str] = []
    indices: list[ast.expr] = []
    for entry in entries:
        if isinstance(entry, ast.Slice):
            parts = [entry.lower, entry.upper, entry.step]
            text = ":".join(["a" if part is not None else "" for part in parts])
            pattern.append(text if entry.step is not None else text[:-1])
            indices += [part for part in parts if part is not None]
        elif isinstance(entry, ast.Constant) and entry.value in (None, ...):
            pattern.append("None" if entry.value is None else "...")
        else:
            pattern.append("a")
            indices.append(entry)
    return tuple(pattern), indices


def _as_tuple(node: ast.expr) -> ast.expr:
    """The items of a set as a tuple, which has the same ones."""
    if not isinstance(node, ast.Set):
        return node
    return ast.copy_location(ast.Tuple(node.elts, ast.Load()), node)


def _types(node: ast.expr) -> ast.expr:
    """``float | int`` as the tuple ``(float, int)``."""
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.BitOr):
        return node
    left = _types(node.left)
    first = left.elts if isinstance(left, ast.Tuple) else [left]
    return ast.copy_location(ast.Tuple([*first, node.right], ast.Load()), node)


def _scalar(node: Node) -> Node:
    if node.kind in _SCALAR_KINDS:
        return node
    return Node("scalar", None, (node,), node.start, node.end)


def _truth(node: Node) -> Node:
    if node.kind in _SCALAR_KINDS:
        return node
    return Node("truth", None, (node,), node.start, node.end)


class _Conversion:
    """Converts with a stack of its own: expressions may be nested to any depth."""

    def __init__(self, text: Text):
        self.text = text
        #: expressions of which only the truth is asked
        self.tests: set[ast.expr] = set()
        self._tasks: list[_Task] = []
        self._nodes: list[Node] = []

    def run(self, expression: ast.expr) -> Node:
        self._tasks.append(expression)
        while self._tasks:
            task = self._tasks.pop()
            if not isinstance(task, ast.expr):
                task()
                continue
            visit = getattr(self, "_" + type(task).__name__, None)
            if visit is None:
                raise self._refused(task)
            visit(task)
        return self._nodes.pop()

    def _refused(self, node: ast.expr) -> Exception:
        name = type(node).__name__
        message, hint = EXPRESSIONS.get(name, (f"{name} is not supported", None))
        return self.text.error(node, message, hint)

    def _make(
        self,
        node: ast.expr,
        kind: str,
        value: object,
        parts: Sequence[ast.expr] = (),
        scalar: bool = False,
        truth: bool = False,
    ) -> None:
        """Have the parts converted, then make the node."""
        start, end, count = self.text.start(node), self.text.end(node), len(parts)

        def finish() -> None:
            at = len(self._nodes) - count
            made = self._nodes[at:]
            del self._nodes[at:]
            wrap = _truth if truth else _scalar
            children = tuple(map(wrap, made)) if scalar else tuple(made)
            self._nodes.append(Node(kind, value, children, start, end))

        self._tasks.append(finish)
        self._tasks.extend(reversed(parts))

    # -- one method a type of expression

    def _Constant(self, node: ast.Constant) -> None:
        refusal = CONSTANTS.get(type(node.value))
        if refusal is not None:
            raise self.text.error(node, *refusal)
        kind = "text" if isinstance(node.value, str) else "number"
        self._make(node, "nothing" if node.value is None else kind, node.value)

    def _Name(self, node: ast.Name) -> None:
        self._make(node, "name", node.id)

    def _Tuple(self, node: ast.Tuple) -> None:
        self._make(node, "tuple", None, node.elts)

    def _UnaryOp(self, node: ast.UnaryOp) -> None:
        operand = node.operand
        number = operand.value if isinstance(operand, ast.Constant) else None
        if isinstance(node.op, ast.USub) and type(number) in (int, float):
            self._make(node, "number", -number)  # type: ignore[operator]
        elif isinstance(node.op, ast.Invert):
            self._make(node, "bits", "~", [operand], scalar=True)
        else:
            sign, test = UNARY[type(node.op)], isinstance(node.op, ast.Not)
            if test:
                self.tests.add(operand)
            self._make(node, "unary", sign, [operand], scalar=True, truth=test)

    def _BinOp(self, node: ast.BinOp) -> None:
        check_operator(node.op, node, self.text)
        start, end = self.text.start(node), self.text.end(node)

        def finish() -> None:
            right = self._nodes.pop()
            left = self._nodes.pop()
            self._nodes.append(_operator(node.op, left, right, start, end))

        self._tasks += [finish, node.right, node.left]

    def _Compare(self, node: ast.Compare) -> None:
        parts = [node.left, *node.comparators]
        if _is_test(node):
            if isinstance(node.ops[0], ast.In | ast.NotIn):
                parts[1] = _as_tuple(parts[1])
            self._make(node, "test", TESTS[type(node.ops[0])], parts)
            return
        for sign in node.ops:
            check_operator(sign, node, self.text)
        signs = tuple(COMPARE[type(sign)] for sign in node.ops)
        self._make(node, "compare", signs, parts, scalar=True)

    def _BoolOp(self, node: ast.BoolOp) -> None:
        word = "and" if isinstance(node.op, ast.And) else "or"
        test = node in self.tests
        if test:
            self.tests.update(node.values)
        self._make(node, "logic", word, node.values, scalar=True, truth=test)

    def _IfExp(self, node: ast.IfExp) -> None:
        self.tests.add(node.test)
        self._make(node, "choice", None, [node.test, node.body, node.orelse])

    def _Attribute(self, node: ast.Attribute) -> None:
        self._make(node, "attribute", node.attr, [node.value])

    def _Dict(self, node: ast.Dict) -> None:
        pairs = zip(node.keys, node.values, strict=True)
        parts = [part for pair in pairs for part in pair if part is not None]
        self._make(node, "dict", tuple(key is None for key in node.keys), parts)

    def _DictComp(self, node: ast.DictComp) -> None:
        pair = ast.copy_location(ast.Tuple([node.key, node.value], ast.Load()), node)
        pairs = ast.copy_location(ast.GeneratorExp(pair, node.generators), node)
        self._check_names(pairs)
        self._make(node, "entries", pairs)

    def _Starred(self, node: ast.Starred) -> None:
        self._make(node, "starred", None, [node.value])

    def _NamedExpr(self, node: ast.NamedExpr) -> None:
        self._make(node, "named", node.target.id, [node.value])

    def _Subscript(self, node: ast.Subscript) -> None:
        pattern, indices = subscript_pattern(node)
        self._make(node, "subscript", pattern, [node.value, *indices])

    def _Lambda(self, node: ast.Lambda) -> None:
        defaults = [*node.args.defaults, *filter(None, node.args.kw_defaults)]
        self._make(node, "lambda", node, defaults)

    def _Call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Name) and node.func.id in CALLS:
            raise self.text.error(node, *CALLS[node.func.id])
        for keyword in node.keywords:
            if keyword.arg is None:
                message = "`**` is not supported in a call"
                raise self.text.error(keyword, message, "write the arguments by name")
        names = tuple(str(keyword.arg) for keyword in node.keywords)
        arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
        if isinstance(node.func, ast.Name) and node.func.id == "isinstance":
            arguments = list(map(_types, arguments))
        self._make(node, "invoke", names, [node.func, *arguments])
        if isinstance(node.func, ast.Name):
            self._tasks[-1] = self._callee(node.func)
        first = len(self._tasks) - 1 - len(arguments)
        for at, argument in enumerate(reversed(arguments), start=first):
            if isinstance(argument, (ast.GeneratorExp, ast.ListComp)):
                self._tasks[at] = self._argument(argument, node.func)

    def _List(self, node: ast.List) -> None:
        self._make(node, "list", None, node.elts)

    def _ListComp(self, node: ast.ListComp) -> None:
        self._check_names(node)
        self._make(node, "generator", node)

    def _check_names(self, node: ast.ListComp | ast.GeneratorExp) -> None:
        """Raise SourceError where a name is assigned to in a comprehension."""
        for inner in ast.walk(node):
            if isinstance(inner, ast.NamedExpr):
                message = "`:=` is not supported in a comprehension"
                raise self.text.error(inner, message, "write a loop")

    def _callee(self, node: ast.Name) -> _Task:
        return lambda: self._make(node, "callee", node.id)

    def _argument(self, node: ast.GeneratorExp | ast.ListComp, of: ast.expr) -> _Task:
        self._check_names(node)
        stops = isinstance(of, ast.Name) and of.id in ("any", "all")
        lazy = stops and isinstance(node, ast.GeneratorExp)
        return lambda: self._make(node, "waiting" if lazy else "argument", node)
