"""Statements in C of functions that have lists.

A variable of a list is a pointer, as in Python: ``b = a`` makes b another name of the
list. What no variable and no stack has any longer is given back at once, as by Python,
so that a loop needs the memory of one iteration, and of what it saves.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

from adjoint.target.c.expressions import LIST, MATRIX
from adjoint.target.c.head import Out
from adjoint.target.c.layout import leaves
from adjoint.target.c.lists import MAY_RAISE, ListExpressions
from adjoint.target.c.loops import bodies_of
from adjoint.target.c.normal import copied_from, makes_lists
from adjoint.target.c.ranges import surely_inside
from adjoint.target.c.scopes import is_plain, written
from adjoint.target.c.statements import SIGNS, Statements
from adjoint.target.layout import INDENT

_LISTS: Final = (LIST, MATRIX)


class ListStatements(Statements):
    """As `Statements`, also of lists."""

    expressions: ListExpressions

    def write(self) -> None:
        """Write everything."""
        own = self.expressions
        own.lists, own.raised = self._names.take("lists"), self._names.take("raised")
        head = self._head
        own.inside = surely_inside(
            self.body, self._loops, self._taken, head.given, head.copied, self._types
        )
        hoisted = self._hoisted()
        self._declare([*head.copied, *[one for one in self._types if one in hoisted]])
        for name, given in head.copied.items():
            self._assign_list(name, own.on_lists("list_of", given.at, *given.sizes))
        begin = len(self.lines)
        super().write()
        if self._may_raise():
            self.lines.insert(begin, f"{INDENT}bool {own.raised} = false;")
        if self._makes_lists():
            line = f"{INDENT}Lists {own.lists} = {{NULL, 0, 0, NULL}};"
            self.lines.insert(0, line)

    def _makes_lists(self) -> bool:
        own = any(type in _LISTS for type in self._own_types().values())
        return own or bool(self._head.copied) or makes_lists(self.body)

    def _may_raise(self) -> bool:
        return not MAY_RAISE.isdisjoint(self.expressions.called)

    def _own_types(self) -> dict[str, str]:
        given = self._head.given
        return {name: type for name, type in self._types.items() if name not in given}

    def _expressions(self, functions: Mapping[str, str]) -> ListExpressions:
        return ListExpressions(functions, self._in_c, self._types, self._head.given)

    def _hoisted(self) -> Collection[str]:
        """The lists that are assigned in loops: each iteration has another one."""
        inside = {
            name
            for loop in _loops(self.body)
            for statement in loop
            for name in written(statement)
        }
        own = self._own_types()
        return {
            name
            for name in inside
            if own.get(name) in _LISTS and name not in self._head.copied
        }

    def _declare(self, declared: Sequence[str], before: ast.stmt | None = None) -> None:
        lists = [name for name in declared if self._types[name] in _LISTS]
        super()._declare([name for name in declared if name not in lists], before)
        for name in lists:
            self._line(f"{self._types[name]}{self._in_c[name]} = NULL;")

    # -- assignments

    def _assign(self, node: ast.stmt) -> None:
        assert isinstance(node, ast.Assign)
        target = node.targets[0]
        if isinstance(target, ast.Subscript):
            self._store(node, target)
            return
        if not is_plain(node) or self._types[(name := _name(target))] not in _LISTS:
            super()._assign(node)
            return
        value = self._value(node, name)
        if node in self._scopes.by_assignment:
            kept = self.expressions.call("list_kept", value)
            self._line(f"{self._types[name]}{self._in_c[name]} = {kept};", node)
        else:
            self._assign_list(name, value, node)

    def _store(self, node: ast.Assign, target: ast.Subscript) -> None:
        own = self.expressions
        stored = copied_from(node.value)
        given = isinstance(stored, ast.Name) and stored.id in self._head.given
        value = own.text(node.value if given else stored)
        if value.type in _LISTS:
            (row,), matrix = own.places(target), own.text(target.value).text
            raised = f"&{own.raised}"
            call = own.on_lists("matrix_store", matrix, row.text, value.text, raised)
            self._line(f"{call};", node)
        else:
            self._line(f"{own.text(target).text} = {value.text};", node)

    def _assign_list(self, name: str, value: str, node: ast.stmt | None = None) -> None:
        variable = f"&{self._in_c[name]}"
        call = self.expressions.on_lists("list_assign", variable, value)
        self._line(f"{call};", node)

    def _value(self, node: ast.Assign, name: str) -> str:
        if self._types[name] not in _LISTS:
            return super()._value(node, name)
        if isinstance(node.value, ast.Constant) and node.value.value is None:
            return "NULL"
        taken = self._taken.get(node)
        if taken is None:
            return self.expressions.text(node.value).text
        entry = super()._value(node, name)
        how = "list_taken" if taken.popped else "list_saved"
        return self.expressions.on_lists(how, entry)

    def _assign_at_once(self, node: ast.Assign) -> None:
        target, value = node.targets[0], node.value
        assert isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple)
        pairs = list(zip(target.elts, value.elts, strict=True))
        lists = [pair for pair in pairs if self._types[_name(pair[0])] in _LISTS]
        kept = []
        for one, other in lists:
            name = _name(one)
            new = self._names.take(f"{self._in_c[name]}_next")
            text = self.expressions.call("list_kept", self.expressions.text(other).text)
            self._line(f"{self._types[name]}{new} = {text};")
            kept.append((name, new))
        numbers = [pair for pair in pairs if pair not in lists]
        if numbers:
            ones, others = zip(*numbers, strict=True)
            rest = ast.Assign(
                [ast.Tuple(list(ones))], ast.Tuple(list(others)), lineno=node.lineno
            )
            super()._assign_at_once(rest)
        for name, new in kept:
            self._assign_list(name, new)
        for _, new in kept:
            self._line(f"{self.expressions.on_lists('list_left', new)};")

    def _augment(self, node: ast.stmt) -> None:
        assert isinstance(node, ast.AugAssign)
        if not isinstance(node.target, ast.Subscript):
            super()._augment(node)
            return
        place = self.expressions.text(node.target).text
        value = self.expressions.text(node.value).text
        self._line(f"{place} {SIGNS[type(node.op)]}= {value};", node)

    def _nothing(self, node: ast.stmt) -> None:
        """As of numbers; what is appended to a list is not nothing."""
        super()._nothing(node)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            self._line(f"{self.expressions.text(node.value).text};", node)

    # -- stacks

    def _saved_text(self, part: ast.expr) -> str:
        text = self.expressions.text(part)
        if text.type not in _LISTS:
            return text.text
        return self.expressions.call("list_number", text.text)

    # -- loops

    def _while(self, node: ast.stmt) -> None:
        begin = len(self.lines)
        super()._while(node)
        raised = self.expressions.raised
        if any(f"&{raised})" in line for line in self.lines[begin:]):
            margin = self._indent + INDENT
            self.lines[-1:-1] = [f"{margin}if ({raised})", f"{margin}{INDENT}break;"]

    # -- the end

    def _return(self, node: ast.stmt) -> None:
        assert isinstance(node, ast.Return) and node.value is not None
        own = self.expressions
        results = [own.text(leaf).text for leaf in leaves(node.value)]
        if self._head.returns and not results[0].isidentifier():
            y = self._names.take("y")
            self._line(f"double {y} = {results[0]};")
            results[0] = y
        if self._may_raise():
            self._line(f"if ({own.raised}) {{")
            with self._indented():
                self._leave(["NAN"] * len(results))
            self._line("}")
        self._leave(results)

    def _write_result(self, out: Out, text: str) -> None:
        if not out.size:
            super()._write_result(out, text)
            return
        given = "NULL" if text == "NAN" else text
        call = self.expressions.call("list_write", given, out.place, out.size)
        self._line(f"{call};")

    def _free(self) -> None:
        super()._free()
        if self._makes_lists():
            self._line(f"{self.expressions.on_lists('lists_free')};")


def _name(target: ast.expr) -> str:
    assert isinstance(target, ast.Name)
    return target.id


def _loops(
    body: Sequence[ast.stmt], inside: bool = False
) -> Iterator[Sequence[ast.stmt]]:
    """The blocks of statements that stand in a loop."""
    if inside:
        yield body
    for statement in body:
        looping = inside or isinstance(statement, (ast.For, ast.While))
        for inner in bodies_of(statement):
            yield from _loops(inner, looping)
