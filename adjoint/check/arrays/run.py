"""One run of a generated function of arrays or lists, statement by statement.

Stores change arrays and lists in place, as they do when the module is run.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from adjoint.check.arrays.calls import (
    FUNCTIONS,
    NUMBERS,
    OPERATORS,
    FiftyDigits,
    Floats,
)
from adjoint.check.text.scope import Scope
from adjoint.ir.interpret import Guarded
from adjoint.ir.literals import is_too_large

#: The methods of lists.
LISTS = frozenset(("append", "pop"))

#: A function that takes more steps than this is given up.
_MOST_STEPS = 200_000
#: A list that is longer than this is no part of a small test.
_LONGEST = 100_000
_ITEMS_A_STEP = 10


class _Returned(Exception):
    """The function has returned."""


class _Broken(Exception):
    """A loop has been broken off."""


def called_in(scope: Scope, node: ast.Call) -> str:
    """What is called: ``numpy.sum``, ``a.sum`` of what has that method, ``len``."""
    meaning = scope.called(node.func)
    if meaning is not None:
        return meaning
    return f"a.{node.func.attr}" if isinstance(node.func, ast.Attribute) else ""


class ArrayRun:
    """One run of a function: the values of its names, in one arithmetic."""

    def __init__(self, scope: Scope, numbers: Floats | FiftyDigits):
        self.scope = scope
        self.numbers = numbers
        self.names: dict[str, Any] = {
            name: numbers.constant(number, meaning)
            for name, (number, meaning) in scope.numbers.items()
        }
        self._steps = 0
        for name, expression in scope.constants:
            self.names[name] = self.value(expression)

    def result(self, statements: Sequence[ast.stmt]) -> Any:
        """What the statements return."""
        try:
            self._run(statements)
        except _Returned as returned:
            return returned.args[0]
        raise ValueError("nothing is returned")

    # -- statements

    def _run(self, statements: Iterable[ast.stmt]) -> None:
        for statement in statements:
            self._step()
            self._statement(statement)

    def _step(self, count: int = 1) -> None:
        self._steps += count
        if self._steps > _MOST_STEPS:
            raise ArithmeticError("this goes on and on")

    def _charge(self, length: int) -> None:
        """The making of a list takes steps as well, one for some of its items."""
        if length > _LONGEST:
            raise ArithmeticError("this list is too long")
        self._step(max(length, 0) // _ITEMS_A_STEP)

    def _short(self, items: Any) -> Any:
        """The list, or range, to be gone through or copied."""
        if isinstance(items, list | range):
            self._charge(len(items))
        return items

    def _statement(self, statement: ast.stmt) -> None:
        match statement:
            case ast.Assign(targets=targets, value=value):
                result = self.value(value)
                for target in targets:
                    self._assign(target, result)
            case ast.AugAssign(target=target, op=sign, value=value):
                self._augment(target, sign, self.value(value))
            case ast.Return(value=ast.expr() as value):
                raise _Returned(self.value(value))
            case ast.Expr(value=value):
                self.value(value)
            case ast.If(test=test, body=body, orelse=orelse):
                self._run(body if self.value(test) else orelse)
            case ast.For(target=target, iter=iterated, body=body):
                self._loop(body, self.value(iterated), target)
            case ast.While(test=test, body=body):
                self._loop(body, iter(lambda: bool(self.value(test)), False))
            case ast.Break():
                raise _Broken
            case ast.Raise(exc=raised):
                raise Guarded(ast.unparse(raised) if raised else "")
            case ast.Assert(test=test):
                if not self.value(test):
                    raise Guarded("AssertionError")

    def _loop(
        self, body: list[ast.stmt], items: Iterable[Any], target: ast.expr | None = None
    ) -> None:
        for item in items:
            self._step()
            if target is not None:
                self._assign(target, item)
            try:
                self._run(body)
            except _Broken:
                return

    def _assign(self, target: ast.expr, value: Any) -> None:
        match target:
            case ast.Name(id=name):
                self.names[name] = value
            case ast.Tuple(elts=parts):
                for part, one in zip(parts, value, strict=True):
                    self._assign(part, one)
            case ast.Subscript(value=array, slice=index):
                self.value(array)[self.value(index)] = value
            case _:
                self.scope.places.refuse(target, "this cannot be assigned to")

    def _augment(self, target: ast.expr, sign: ast.operator, value: Any) -> None:
        """``a[i] += v`` adds in place, and once where an index is repeated."""
        before = self.value(target)
        if isinstance(before, list) and isinstance(sign, ast.Add):
            before.extend(self._short(value))
            self._short(before)
            self._assign(target, before)
            return
        after = self._operator(sign, before, value)
        if isinstance(target, ast.Name) and isinstance(before, np.ndarray):
            before[...] = after  # whatever else is that array changes too
        else:
            self._assign(target, after)

    # -- expressions

    def value(self, node: ast.expr | None) -> Any:
        """What the expression gives."""
        match node:
            case None:
                return None
            case ast.Name(id=name):
                return self._named(node, name)
            case ast.Constant(value=int() | float() as number):
                return self.numbers.constant(number)
            case ast.Constant(value=plain):  # a text, None, `...`
                return plain
            case ast.Tuple(elts=parts):
                return tuple([self.value(part) for part in parts])
            case ast.List(elts=parts):
                return self._display(parts)
            case ast.ListComp(elt=item, generators=generators):
                return self._comprehended(item, generators)
            case ast.BinOp(left=left, op=sign, right=right):
                return self._operator(sign, self.value(left), self.value(right))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return not self.value(operand)
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.value(operand)
            case ast.UnaryOp(op=sign, operand=operand):
                return self.numbers.operator(type(sign).__name__, self.value(operand))
            case ast.Compare(left=left, ops=signs, comparators=others):
                return self._compared(left, signs, others)
            case ast.BoolOp(op=word, values=values):
                wanted = isinstance(word, ast.Or)
                return any(bool(self.value(one)) == wanted for one in values) == wanted
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return self.value(body if self.value(test) else orelse)
            case ast.Slice(lower=lower, upper=upper, step=step):
                return slice(self.value(lower), self.value(upper), self.value(step))
            case ast.Subscript(value=array, slice=index):
                if self.scope.called(array) == "numpy.s_":
                    return self.value(index)
                return self.value(array)[self.value(index)]
            case ast.Attribute(value=array, attr=name):
                meaning = self.scope.called(node)
                if meaning in NUMBERS:
                    return self.numbers.constant(NUMBERS[meaning])
                return getattr(self.value(array), name)
            case ast.Call():
                return self._call(node)
        raise AssertionError(node)

    def _named(self, node: ast.Name, name: str) -> Any:
        """What a name stands for; it may be a function that is handed on."""
        if name in self.names:
            return self.names[name]
        meaning = self.scope.meaning(name)
        if meaning not in FUNCTIONS:
            self.scope.places.refuse(node, f"`{name}` has no value here")
        return self.numbers.calls[meaning]

    def _display(self, parts: Sequence[ast.expr]) -> list[Any]:
        """``[a, *b]``"""
        result: list[Any] = []
        for part in parts:
            if isinstance(part, ast.Starred):
                result.extend(self._short(self.value(part.value)))
            else:
                result.append(self.value(part))
        return self._short(result)

    def _comprehended(
        self, item: ast.expr, generators: list[ast.comprehension]
    ) -> list[Any]:
        """What a comprehension gives; its names mean nothing behind it."""
        before = dict(self.names)
        result = list(self._items(item, generators))
        self.names = before
        return result

    def _items(
        self, item: ast.expr, generators: list[ast.comprehension]
    ) -> Iterator[Any]:
        if not generators:
            yield self.value(item)
            return
        first, *others = generators
        for one in self.value(first.iter):
            self._step()
            self._assign(first.target, one)
            yield from self._items(item, others)

    def _operator(self, sign: ast.operator, *operands: Any) -> Any:
        name = type(sign).__name__
        if any(isinstance(one, list) for one in operands):
            return self._of_lists(name, *operands)
        if all(isinstance(one, int) for one in operands) and is_too_large(
            OPERATORS[name][0], operands
        ):
            raise OverflowError("this whole number is too large")
        return self.numbers.operator(name, *operands)

    def _of_lists(self, name: str, a: Any, b: Any) -> list[Any]:
        """``[0.0] * n``, ``a + b``"""
        if name == "Add":
            return self._short(self._short(a) + self._short(b))
        if name != "Mult":
            raise TypeError(f"lists have no operator {name}")
        length, times = (len(a), b) if isinstance(a, list) else (len(b), a)
        self._charge(length * times)
        return list(a * b)

    def _compared(
        self, left: ast.expr, signs: list[ast.cmpop], others: list[ast.expr]
    ) -> Any:
        first = self.value(left)
        result: Any = True
        for sign, other in zip(signs, others, strict=True):
            second = self.value(other)
            result = self.numbers.operator(type(sign).__name__, first, second)
            if len(others) > 1 and not result:
                return False
            first = second
        return result

    def _call(self, node: ast.Call) -> Any:
        name = called_in(self.scope, node)
        given = self._display(node.args)
        named = {str(one.arg): self._keyword(one) for one in node.keywords}
        if name.startswith("a."):
            assert isinstance(node.func, ast.Attribute)
            array = self.value(node.func.value)
            method = name.removeprefix("a.")
            if method in LISTS and isinstance(array, list):
                return getattr(array, method)(*given)
            given = [array, *given]
        if name != "len" and any(isinstance(one, range | list) for one in given):
            given = [self._short(one) for one in given]
        try:
            return self.numbers.calls[name](*given, **named)
        except MemoryError:
            raise ArithmeticError("this array is too large") from None

    def _keyword(self, keyword: ast.keyword) -> Any:
        if keyword.arg == "dtype":
            name = self.scope.meaning(getattr(keyword.value, "id", ""))
            return {"bool": bool, "int": int}.get(name or "", float)
        return self.value(keyword.value)
