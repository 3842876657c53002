"""The text of the functions of a generated module of arrays, or of lists.

Python runs none of it: the syntax tree is gone through (`arrays.run`), and what it may
call is what `arrays.calls` has. Whatever else stands in it is refused here, before.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from typing import Any

from adjoint.check.arrays.calls import ATTRIBUTES, NUMBERS, FiftyDigits, Floats
from adjoint.check.arrays.run import LISTS, ArrayRun, called_in
from adjoint.check.text.scope import Scope, without_docstring
from adjoint.check.text.unpacking import unpacked

#: What a generated function of arrays is made of, beside the operators.
_NODES = (
    (ast.Assign, ast.AugAssign, ast.For, ast.While, ast.If, ast.Return, ast.Expr)
    + (ast.Raise, ast.Assert, ast.Break, ast.Pass, ast.Name, ast.Constant, ast.Tuple)
    + (ast.List, ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.Call)
    + (ast.keyword, ast.Subscript, ast.Slice, ast.Attribute, ast.expr_context)
    + (ast.boolop, ast.Not, ast.UAdd, ast.USub, ast.operator, ast.cmpop)
    + (ast.ListComp, ast.comprehension, ast.Starred)
)


class ArrayText:
    """The functions of a module of arrays, to be run in one arithmetic or another.

    Raises SourceError, with the place, for what no generated function contains.
    """

    def __init__(self, scope: Scope):
        self.scope = scope
        known = Floats(scope).calls
        for function in scope.functions.values():
            taken = {id for node in ast.walk(function) for id in _called_names(node)}
            taken |= scope.meanings.keys()
            for node in _evaluated(function.body):
                self._check(node, known)
                if _is_stored(node, taken):
                    message = "this name is that of a function"
                    scope.places.refuse(node, message)
        for _, expression in scope.constants:
            for node in _evaluated([expression]):
                self._check(node, known)

    def function(self, name: str, numbers: Floats | FiftyDigits) -> Callable[..., Any]:
        """The function of this name; it takes its arguments in their order."""
        node = unpacked(self.scope.functions[name])
        names = [one.arg for one in (*node.args.args, *node.args.kwonlyargs)]

        def run(*arguments: Any) -> Any:
            steps = ArrayRun(self.scope, numbers)
            steps.names.update(zip(names, arguments, strict=True))
            return steps.result(without_docstring(node.body))

        return run

    def _check(self, node: ast.AST, known: Mapping[str, Any]) -> None:
        if isinstance(node, ast.Call):
            called = called_in(self.scope, node)
            if called not in known and called.removeprefix("a.") not in LISTS:
                message = (
                    f"`{ast.unparse(node.func)}` is no function that adjoint knows"
                )
                self.scope.places.refuse(node, message)
        elif isinstance(node, ast.Attribute):
            plain = node.attr in ATTRIBUTES or node.attr in LISTS
            named = self.scope.called(node) in (*known, *NUMBERS, "numpy.s_")
            if not (
                plain or named or f"a.{node.attr}" in known or self._is_module(node)
            ):
                message = f"`.{node.attr}` is not in a module that adjoint writes"
                self.scope.places.refuse(node, message)
        elif not isinstance(node, _NODES) or _has_filter(node):
            message = "this is not in a module that adjoint writes"
            self.scope.places.refuse(node, message)

    def _is_module(self, node: ast.Attribute) -> bool:
        return self.scope.called(node) in ("numpy.linalg", "numpy.add")


def _evaluated(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """The nodes and those inside, but for the exceptions that are raised."""
    pending = list(nodes)
    while pending:
        node = pending.pop()
        yield node
        if not isinstance(node, ast.Raise):
            pending.extend(ast.iter_child_nodes(node))


def _called_names(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Call(func=ast.Name(id=name)):
            yield name


def _is_stored(node: ast.AST, taken: Set[str]) -> bool:
    """Whether the name of a function is given to something else."""
    stored = isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    return stored and getattr(node, "id", "") in taken


def _has_filter(node: ast.AST) -> bool:
    """Whether a comprehension leaves items out, or is asynchronous."""
    return isinstance(node, ast.comprehension) and bool(node.ifs or node.is_async)
