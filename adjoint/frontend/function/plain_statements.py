"""The statements of a function in fewer kinds: what stands for others is written so.

These are those of NumPy's, ``match``, ``while`` with an assignment in its test, and
what changes a part of an instance.
What is printed is left out: it makes no difference to the value.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Sequence
from functools import lru_cache

from adjoint.frontend.function.attribute_changes import with_parts_set
from adjoint.frontend.function.elif_chains import with_short_chains
from adjoint.frontend.function.matches import Matches
from adjoint.frontend.function.none_first import with_flags
from adjoint.frontend.function.numpy_statements import without_numpy
from adjoint.frontend.python.names import (
    SCOPES,
    assigned_names,
    changed_in_place,
    inside,
    read_names,
)
from adjoint.frontend.python.text import Text

_Body = list[ast.stmt]


@lru_cache(maxsize=256)
def plain_body(
    node: ast.FunctionDef, text: Text, flagged: frozenset[str] = frozenset()
) -> Sequence[ast.stmt]:
    """The statements of a function; those that stay what they are are the same objects.

    They are made once for a function, so that what is noted of a loop is found again.
    Of the names ``flagged`` a flag says whether they are None.
    """
    body = with_short_chains(with_flags(node, text, flagged) if flagged else node.body)
    if not any(_is_special(one) for one in inside(node)):
        return body
    own = {one.arg for one in inside(node.args) if isinstance(one, ast.arg)}
    own |= assigned_names(node.body).keys()
    plain = _Plain(text, own | read_names(node), "print" in own)
    return with_short_chains(with_parts_set(plain.body(body), node.args))


def _is_special(node: ast.AST) -> bool:
    kinds = (ast.With, ast.Match, ast.NamedExpr)
    if isinstance(node, ast.Name):
        return node.id == "print"
    return isinstance(node, kinds) or (
        isinstance(node, ast.Attribute)
        and (node.attr == "at" or isinstance(node.ctx, ast.Store))
    )


class _Plain:
    """Writes the statements of one function plainly; ``used`` are its names."""

    def __init__(self, text: Text, used: set[str], own_print: bool):
        self.matches = Matches(text, used)
        self._own_print = own_print

    def body(self, body: Sequence[ast.stmt]) -> _Body:
        """The statements."""
        return [one for statement in body for one in self._statement(statement)]

    def _statement(self, node: ast.stmt) -> _Body:
        instead = without_numpy(node)
        if _prints(node) and not self._own_print:
            instead = [ast.copy_location(ast.Pass(), node)]
        if isinstance(node, ast.Match):
            instead = self.matches.as_branches(node)
        if instead is not None:
            return self.body(instead)
        if isinstance(node, ast.If | ast.For | ast.While):
            whole = copy.copy(node)
            whole.body, whole.orelse = self.body(node.body), self.body(node.orelse)
            return [_tested_inside(whole)]
        return [node]


def _prints(node: ast.stmt) -> bool:
    """Whether it is ``print(...)``, and nothing changes by its arguments."""
    match node:
        case ast.Expr(value=ast.Call(func=ast.Name(id="print")) as call):
            return not _assigns(call) and not changed_in_place([call])
    return False


def _tested_inside(node: ast.stmt) -> ast.stmt:
    """``while (y := f(x)) > 0:`` with its test in the body, which has what is assigned.

    One with an ``else`` stays as it is.
    """
    if not isinstance(node, ast.While) or node.orelse or not _assigns(node.test):
        return node
    leaves = ast.If(ast.UnaryOp(ast.Not(), node.test), [ast.Break()], [])
    forever = ast.While(ast.Constant(True), [leaves, *node.body], [])
    for one in (leaves, forever, leaves.test, forever.test, leaves.body[0]):
        ast.copy_location(one, node.test)
    return ast.copy_location(forever, node)


def _assigns(expression: ast.expr) -> bool:
    pending: list[ast.AST] = [expression]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.NamedExpr):
            return True
        if not isinstance(node, SCOPES):
            pending.extend(ast.iter_child_nodes(node))
    return False
