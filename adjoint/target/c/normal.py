"""What makes lists in generated Python, as calls: C has no brackets for it.

The text is our own, so each list is written in one of a few ways; here each becomes the
call of a function of `LIST_FUNCTIONS`, with the same operands.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Final

from adjoint.errors import OptionError

#: What the calls give: a list, a matrix, what the first operand is, or a number.
LIST_FUNCTIONS: Final = {
    "list_full": "list",
    "matrix_full": "matrix",
    "list_display": "list",
    "matrix_display": "matrix",
    "list_copy": "first",
    "list_added": "first",
    "list_joined": "list",
    "list_slice": "list",
    "list_equal": "list",
    "list_chosen": "list",
    "list_masked": "list",
    "list_transposed": "matrix",
    "list_append": "number",
    "list_pop": "number",
    "matrix_append": "number",
    "matrix_with": "matrix",
    "matrix_pop": "list",
    "list_into_slice": "number",
    "list_sum": "number",
    "list_max": "number",
    "list_min": "number",
}
_BY_HELPERS: Final = {"added": "list_added", "copied": "list_copy"}
#: Functions of one list, of Python's, and by how much a slice is multiplied before
#: something is added to it.
_OF_ONE_LIST: Final = {"sum": "list_sum", "max": "list_max", "min": "list_min"}
_INTO_SLICE: Final = {"add_to_slice": 1.0, "store_in_slice": 0.0}
#: The bounds of a slice that has none.
_BOUNDS: Final = (0, 2**63 - 1)


def with_calls(
    body: list[ast.stmt], lists: Mapping[str, int], functions: Mapping[str, str]
) -> None:
    """Have calls in the place of what makes and changes lists.

    ``lists`` are the names of lists, and how many axes they have; what else is appended
    to is a stack. The ``functions`` say what functions are, by their names in the text.
    Raises OptionError for what C has not.
    """
    calls = _Calls(lists, functions)
    for statement in body:
        calls.visit(statement)


def makes_lists(body: Iterable[ast.stmt]) -> bool:
    """Whether any of the statements, which have calls now, makes a list."""
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in LIST_FUNCTIONS
        for statement in body
        for node in ast.walk(statement)
    )


def copied_from(value: ast.expr) -> ast.expr:
    """What is copied, where this makes a copy of a list of the function's own."""
    called = value.func if isinstance(value, ast.Call) else None
    if isinstance(called, ast.Name) and called.id == "list_copy":
        assert isinstance(value, ast.Call)
        return value.args[0]
    return value


class _Calls(ast.NodeTransformer):
    """It recurses as deep as statements and expressions are nested in the text."""

    def __init__(self, lists: Mapping[str, int], functions: Mapping[str, str]):
        self._lists = lists
        self._functions = functions

    def visit_Assign(self, node: ast.Assign) -> ast.stmt:
        target = node.targets[0]
        empty = isinstance(node.value, ast.List) and not node.value.elts
        if empty and isinstance(target, ast.Name) and target.id in self._lists:
            rank = self._lists[target.id]
            name = "matrix_full" if rank == 2 else "list_full"
            node.value = _call(name, *[ast.Constant(0)] * rank, ast.Constant(0.0))
            return node
        visited = self.generic_visit(node)
        assert isinstance(visited, ast.stmt)
        return visited

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        visited = self._visited(node)
        assert isinstance(visited, ast.Subscript)
        visited.value = copied_from(visited.value)  # to read it, there is no need to
        if isinstance(visited.slice, ast.Slice):
            return _call("list_slice", visited.value, *self._bounds(visited.slice))
        return visited

    def _bounds(self, node: ast.Slice) -> list[ast.expr]:
        if node.step is not None:
            raise OptionError("slices with steps are not for target c")
        bounds = zip((node.lower, node.upper), _BOUNDS, strict=True)
        return [
            ast.Constant(end) if _is_none(bound) or bound is None else bound
            for bound, end in bounds
        ]

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        if isinstance(node.left, ast.List) and isinstance(node.op, ast.Mult):
            return self._full("list_full", node)
        return self._visited(node)

    def visit_List(self, node: ast.List) -> ast.expr:
        visited = self._visited(node)
        assert isinstance(visited, ast.List)
        rows = [_displayed(one) for one in visited.elts]
        if any(map(self._is_row, visited.elts)):
            if all(rows) and len(set(map(len, rows))) == 1:
                numbers = [number for row in rows for number in row]
                return _call("matrix_display", ast.Constant(len(rows)), *numbers)
            made = _call("matrix_full", *[ast.Constant(0)] * 2, ast.Constant(0.0))
            for row in visited.elts:
                made = _call("matrix_with", made, row)
            return made
        parts: list[ast.expr] = []
        for starred, group in groupby(visited.elts, _is_starred):
            if starred:
                parts += [one.value for one in group if isinstance(one, ast.Starred)]
            else:
                parts.append(_call("list_display", *group))
        if not parts:
            return visited
        joined = parts.pop(0)
        for part in parts:
            joined = _call("list_joined", joined, part)
        return joined

    def _is_row(self, node: ast.expr) -> bool:
        """Whether an item of a list, which has been visited, is a list."""
        if isinstance(node, ast.Name):
            return self._lists.get(node.id) == 1
        called = node.func if isinstance(node, ast.Call) else None
        name = called.id if isinstance(called, ast.Name) else ""
        return LIST_FUNCTIONS.get(name) in ("list", "first")

    def visit_Call(self, node: ast.Call) -> ast.expr:
        visited = self._visited(node)
        assert isinstance(visited, ast.Call)
        function = self._function(visited)
        if isinstance(visited.func, ast.Attribute):
            return self._method(visited, visited.func)
        if function in _BY_HELPERS:
            return _call(_BY_HELPERS[function], *visited.args)
        if function == "list":
            return _call("list_copy", *visited.args)
        if function in _OF_ONE_LIST and len(visited.args) == 1:
            return _call(_OF_ONE_LIST[function], *visited.args)
        if function in _INTO_SLICE:
            return self._into_slice(_INTO_SLICE[function], *visited.args)
        if function == "axis_length":
            return self._length(*visited.args)
        return _call("len", *visited.args) if function == "len" else visited

    def _method(self, node: ast.Call, method: ast.Attribute) -> ast.expr:
        own = method.value
        if isinstance(own, ast.Name) and own.id in self._lists:
            kind = "matrix" if self._lists[own.id] == 2 else "list"
            return _call(f"{kind}_{method.attr}", own, *node.args)
        return node

    def _into_slice(
        self, times: float, own: ast.expr, place: ast.expr, stored: ast.expr
    ) -> ast.expr:
        assert isinstance(place, ast.Call)
        bounds = self._bounds(ast.Slice(*place.args))
        return _call("list_into_slice", own, *bounds, stored, ast.Constant(times))

    def visit_ListComp(self, node: ast.ListComp) -> ast.expr:
        (generator,) = node.generators
        source, row = generator.iter, node.elt
        over = self._function(source)
        if over == "range" and isinstance(row, ast.BinOp):
            assert isinstance(source, ast.Call)
            return self._full("matrix_full", row, self.visit(source.args[0]))
        if over == "zip":
            assert isinstance(source, ast.Call)
            return self._of_several(node, source.args, generator.target)
        if isinstance(source, ast.Name) and self._function(row) == "list":
            return _call("list_copy", source)
        if isinstance(source, ast.Name) and isinstance(generator.target, ast.Name):
            found = self._of_each(source, generator.target.id, row)
            if found is not None:
                return found
        if isinstance(source, ast.Name) and isinstance(row, ast.BinOp):
            one_row = self._full("matrix_full", row, _call("len", source))
            one_row.args[1] = _call("columns", source)
            return one_row
        raise OptionError(f"`{ast.unparse(node)}` is not for target c")

    def _of_each(self, source: ast.Name, item: str, made: ast.expr) -> ast.expr | None:
        """``[v == number for v in x]``, or ``[a if v else b for v in x]``."""
        if isinstance(made, ast.Compare) and _is_name(made.left, item):
            (operator,), (other,) = made.ops, made.comparators
            if isinstance(operator, ast.Eq) and not _reads(other, [item]):
                return _call("list_equal", source, other)
        sides = [made.body, made.orelse] if isinstance(made, ast.IfExp) else []
        by_item = isinstance(made, ast.IfExp) and _is_name(made.test, item)
        if by_item and not any(_reads(side, [item]) for side in sides):
            return _call("list_chosen", source, *sides)
        return None

    def _of_several(
        self, node: ast.ListComp, sources: list[ast.expr], target: ast.expr
    ) -> ast.expr:
        """The columns as rows, or ``[w if v else number for v, w in zip(x, y)]``."""
        made = node.elt
        if isinstance(sources[0], ast.Starred) and self._function(made) == "list":
            return _call("list_transposed", self.visit(sources[0].value))
        if isinstance(made, ast.IfExp) and isinstance(target, ast.Tuple):
            items = [one.id for one in target.elts if isinstance(one, ast.Name)]
            both = _is_name(made.test, items[0]) and _is_name(made.body, items[1])
            if both and len(items) == 2 and not _reads(made.orelse, items):
                return _call("list_masked", *sources, made.orelse)
        raise OptionError(f"`{ast.unparse(node)}` is not for target c")

    def _full(self, name: str, row: ast.BinOp, *outer: ast.expr) -> ast.Call:
        """``[number] * length``, in each of several rows."""
        assert isinstance(row.left, ast.List)
        number = self.visit(row.left.elts[0])
        return _call(name, *outer, self.visit(row.right), number)

    def _length(self, array: ast.expr, axis: ast.expr) -> ast.expr:
        assert isinstance(axis, ast.Constant)
        return _call("columns" if axis.value else "len", array)

    def _function(self, node: ast.expr) -> str:
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            return ""
        return self._functions.get(node.func.id, node.func.id)

    def _visited(self, node: ast.expr) -> ast.expr:
        visited = self.generic_visit(node)
        assert isinstance(visited, ast.expr)
        return visited


def _call(name: str, *arguments: ast.expr) -> ast.Call:
    return ast.Call(ast.Name(name, ast.Load()), list(arguments), [])


def _displayed(node: ast.expr) -> list[ast.expr]:
    """The numbers of a list that is written out, which has been visited."""
    called = node.func if isinstance(node, ast.Call) else None
    if isinstance(called, ast.Name) and called.id == "list_display":
        assert isinstance(node, ast.Call)
        return node.args
    return []


def _is_starred(node: ast.expr) -> bool:
    return isinstance(node, ast.Starred)


def _is_none(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _is_name(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _reads(node: ast.expr, names: Sequence[str]) -> bool:
    return any(isinstance(one, ast.Name) and one.id in names for one in ast.walk(node))
