"""Evaluates the text of a generated function of arrays, statement by statement.

Python runs none of it: the syntax tree is gone through, and what it may call is what
`array_calls` has. Stores change arrays in place, as they do when the module is run.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from adjoint.check.array_calls import (
    ATTRIBUTES,
    NUMBERS,
    OPERATORS,
    FiftyDigits,
    Floats,
)
from adjoint.check.scope import Scope, without_docstring
from adjoint.ir.interpret import Guarded
from adjoint.ir.literals import is_too_large

#: A function that takes more steps than this is given up.
_MOST_STEPS = 200_000

#: What a generated function of arrays is made of, beside the operators.
_NODES = (
    (ast.Assign, ast.AugAssign, ast.For, ast.While, ast.If, ast.Return, ast.Expr)
    + (ast.Raise, ast.Assert, ast.Break, ast.Pass, ast.Name, ast.Constant, ast.Tuple)
    + (ast.List, ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.Call)
    + (ast.keyword, ast.Subscript, ast.Slice, ast.Attribute, ast.expr_context)
    + (ast.boolop, ast.Not, ast.UAdd, ast.USub, ast.operator, ast.cmpop)
)
_LISTS = frozenset(("append", "pop"))


class _Returned(Exception):
    """The function has returned."""


class _Broken(Exception):
    """A loop has been broken off."""


class ArrayText:
    """The functions of a module of arrays, to be run in one arithmetic or another.

    Raises SourceError, with the place, for what no generated function contains.
    """

    def __init__(self, scope: Scope):
        self.scope = scope
        known = Floats().calls
        for function in scope.functions.values():
            for node in ast.walk(ast.Module(function.body, [])):
                self._check(node, known)
        for _, expression in scope.constants:
            for node in ast.walk(expression):
                self._check(node, known)

    def function(self, name: str, numbers: Floats | FiftyDigits) -> Callable[..., Any]:
        """The function of this name; it takes its arguments in their order."""
        node = self.scope.functions[name]
        names = [one.arg for one in (*node.args.args, *node.args.kwonlyargs)]

        def run(*arguments: Any) -> Any:
            steps = _Run(self, numbers)
            steps.names.update(zip(names, arguments, strict=True))
            return steps.result(without_docstring(node.body))

        return run

    def called(self, node: ast.Call) -> str:
        """What is called: ``numpy.sum``, ``a.sum`` of what has that method, ``len``."""
        meaning = self.scope.called(node.func)
        if meaning is not None:
            return meaning
        return f"a.{node.func.attr}" if isinstance(node.func, ast.Attribute) else ""

    def _check(self, node: ast.AST, known: Mapping[str, Any]) -> None:
        if isinstance(node, ast.Module):
            return
        if isinstance(node, ast.Call):
            called = self.called(node)
            if called not in known and called.removeprefix("a.") not in _LISTS:
                message = (
                    f"`{ast.unparse(node.func)}` is no function that adjoint knows"
                )
                self.scope.places.refuse(node, message)
        elif isinstance(node, ast.Attribute):
            plain = node.attr in ATTRIBUTES or node.attr in _LISTS
            named = self.scope.called(node) in (*known, *NUMBERS, "numpy.s_")
            if not (
                plain or named or f"a.{node.attr}" in known or self._is_module(node)
            ):
                message = f"`.{node.attr}` is not in a module that adjoint writes"
                self.scope.places.refuse(node, message)
        elif not isinstance(node, _NODES) or _is_stored(node, known):
            message = "this is not in a module that adjoint writes"
            self.scope.places.refuse(node, message)

    def _is_module(self, node: ast.Attribute) -> bool:
        return self.scope.called(node) in ("numpy.linalg", "numpy.add")


def _is_stored(node: ast.AST, known: Mapping[str, Any]) -> bool:
    """Whether the name of a function is given to something else."""
    stored = isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    return stored and getattr(node, "id", "") in known


class _Run:
    """One run of a function: the values of its names."""

    def __init__(self, text: ArrayText, numbers: Floats | FiftyDigits):
        self.text = text
        self.numbers = numbers
        self.names: dict[str, Any] = {
            name: numbers.constant(number, meaning)
            for name, (number, meaning) in text.scope.numbers.items()
        }
        self._steps = 0
        for name, expression in text.scope.constants:
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

    def _step(self) -> None:
        self._steps += 1
        if self._steps > _MOST_STEPS:
            raise ArithmeticError("this goes on and on")

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
                self.text.scope.places.refuse(target, "this cannot be assigned to")

    def _augment(self, target: ast.expr, sign: ast.operator, value: Any) -> None:
        """``a[i] += v`` adds in place, and once where an index is repeated."""
        before = self.value(target)
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
                if name not in self.names:
                    message = f"`{name}` has no value here"
                    self.text.scope.places.refuse(node, message)
                return self.names[name]
            case ast.Constant(value=int() | float() as number):
                return self.numbers.constant(number)
            case ast.Constant(value=plain):  # a text, None, `...`
                return plain
            case ast.Tuple(elts=parts):
                return tuple([self.value(part) for part in parts])
            case ast.List(elts=parts):
                return [self.value(part) for part in parts]
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
                if self.text.scope.called(array) == "numpy.s_":
                    return self.value(index)
                return self.value(array)[self.value(index)]
            case ast.Attribute(value=array, attr=name):
                meaning = self.text.scope.called(node)
                if meaning in NUMBERS:
                    return self.numbers.constant(NUMBERS[meaning])
                return getattr(self.value(array), name)
            case ast.Call():
                return self._call(node)
        raise AssertionError(node)

    def _operator(self, sign: ast.operator, *operands: Any) -> Any:
        name = type(sign).__name__
        if all(isinstance(one, int) for one in operands) and is_too_large(
            OPERATORS[name][0], operands
        ):
            raise OverflowError("this whole number is too large")
        return self.numbers.operator(name, *operands)

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
        name = self.text.called(node)
        given = [self.value(one) for one in node.args]
        named = {str(one.arg): self._named(one) for one in node.keywords}
        if name.startswith("a."):
            assert isinstance(node.func, ast.Attribute)
            array = self.value(node.func.value)
            method = name.removeprefix("a.")
            if isinstance(array, list):
                return getattr(array, method)(*given) if method in _LISTS else None
            given = [array, *given]
        try:
            return self.numbers.calls[name](*given, **named)
        except MemoryError:
            raise ArithmeticError("this array is too large") from None

    def _named(self, keyword: ast.keyword) -> Any:
        if keyword.arg == "dtype":
            name = self.text.scope.meaning(getattr(keyword.value, "id", ""))
            return {"bool": bool, "int": int}.get(name or "", float)
        return self.value(keyword.value)
