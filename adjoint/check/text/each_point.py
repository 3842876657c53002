"""Loops that points leave one by one, as what they are for one point: Python's loops.

``x, saved = while_each(going, step, (x,), a)`` becomes a ``while`` with the statements
of both functions in it, and ``x, saved = choose(c, then, orelse, x)``, of which one
side saves and the other gives None, an ``if``. What the functions call their own is
given names that no text of a module can have, so that nothing else is overwritten.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from typing import NoReturn

_Side = ast.FunctionDef | ast.Lambda
#: The function that a name, or a lambda, stands for.
Function = Callable[[ast.expr], _Side]
#: Refuses what reads a name that is not handed to it.
Check = Callable[[_Side], None]
Refuse = Callable[[ast.AST, str], NoReturn]

#: How many arguments of a loop stand before its functions; of a `while`, its test does.
LOOPS = {"while_each": 0, "for_each": 3, "backward_each": 4, "unwind_each": 1}


class EachText:
    """Writes the loops and branches of one function in Python's own statements."""

    def __init__(self, function: Function, check: Check, refuse: Refuse):
        self._function = function
        self._check_names = check
        self._refuse = refuse
        self._count = 0

    def loop(
        self, kind: str, targets: Sequence[str], call: ast.Call
    ) -> list[ast.stmt] | None:
        """The statements for ``targets = kind(...)``; None where that is no loop."""
        if kind not in LOOPS:
            return None
        before = call.args[: LOOPS[kind]]
        functions = call.args[len(before) :]
        test = functions.pop(0) if kind == "while_each" and functions else None
        match functions:
            case [step, ast.Tuple(elts=initial), *others] if not call.keywords:
                pass
            case _:
                self._refuse(call, "this is not how adjoint writes a loop")
        forward = kind in ("while_each", "for_each")
        body = _Inlined(self, step, others)
        count = len(body.own) - len(initial)
        if count < 0 or len(targets) != len(initial) + forward:
            self._refuse(call, "this is not how adjoint writes a loop")
        carried = body.own[count:]
        stack = targets[-1] if forward else ""
        statements: list[ast.stmt] = []
        if forward and stack != "_":
            statements.append(_assign([stack], [ast.List([], ast.Load())]))
        statements.append(_assign(carried, initial))
        inside = self._inside(call, body, carried, stack if forward else None)
        if test is not None:
            statements.append(self._while(test, others, carried, inside))
        else:
            first = body.own[:count]
            head = self._for(call, kind, before, first)
            statements.append(ast.For(head[0], head[1], [*head[2], *inside], []))
        names: list[ast.expr] = [ast.Name(name, ast.Load()) for name in carried]
        statements.append(_assign(targets[: len(carried)], names))
        return [_placed(statement, call) for statement in statements]

    def branch(self, targets: Sequence[str], call: ast.Call) -> list[ast.stmt] | None:
        """The statements for ``targets = choose(...)`` of which a side saves."""
        condition, *sides = call.args[:3]
        bodies = [_Inlined(self, side, call.args[3:]) for side in sides]
        results = [body.results for body in bodies]
        if any(len(result) != len(targets) for result in results):
            return None
        kept = [[_is_nothing(one) for one in result] for result in results]
        if not any(kept[0]) and not any(kept[1]):
            return None
        blocks: list[list[ast.stmt]] = []
        for body, nothing, other in zip(bodies, kept, kept[::-1], strict=True):
            stacks = {
                one.id: name
                for name, one, absent in zip(targets, body.results, other, strict=True)
                if absent and isinstance(one, ast.Name)
            }
            whole = _renamed([*body.statements, ast.Expr(_tuple(body.results))], stacks)
            *statements, last = whole
            assert isinstance(last, ast.Expr) and isinstance(last.value, ast.Tuple)
            pairs = [
                (name, value)
                for name, value, gone, absent in zip(
                    targets, last.value.elts, nothing, other, strict=True
                )
                if not gone and not absent
            ]
            statements.append(_assign([n for n, _ in pairs], [v for _, v in pairs]))
            blocks.append(statements)
        return [_placed(ast.If(condition, blocks[0], blocks[1]), call)]

    def inlined(
        self, node: ast.expr, others: Sequence[ast.expr]
    ) -> tuple[list[str], list[ast.stmt], ast.expr]:
        """The parameters of a function that are its own, its statements, its result."""
        function = self._function(node)
        arguments = [one.arg for one in function.args.args]
        handed = [one.id if isinstance(one, ast.Name) else "" for one in others]
        count = len(arguments) - len(handed)
        if function.args.vararg:
            handed, count = [], 0
        if count < 0 or arguments[count:] != handed:
            message = "its parameters are not called as what is handed to them"
            self._refuse(node, message)
        self._check_names(function)
        self._count += 1
        if isinstance(function, ast.Lambda):
            body: list[ast.stmt] = [ast.copy_location(ast.Return(function.body), node)]
        else:
            body = function.body
        own = {*arguments[:count], *_bound(body)}
        names = {name: f"{name} of {self._count}" for name in own}
        again = [name for name in handed if name in own]  # changed in there
        first = [_assign([names[n]], [ast.Name(n, ast.Load())]) for n in again]
        *statements, last = _renamed(body, names)
        if not isinstance(last, ast.Return) or last.value is None:
            self._refuse(node, "this function returns nothing")
        return [names[n] for n in arguments[:count]], [*first, *statements], last.value

    # -- the parts of a loop

    def _inside(
        self, call: ast.Call, body: _Inlined, carried: list[str], stack: str | None
    ) -> list[ast.stmt]:
        """The body, and what is carried next; of a forward loop, what it saves."""
        if stack is None:
            return [*body.statements, _assign(carried, body.results)]
        match body.results:
            case [ast.Tuple(elts=nexts), stop, entry]:
                pass
            case _:
                self._refuse(call, "this is not how adjoint writes a loop")
        statements = body.statements
        if isinstance(entry, ast.Name):
            saves = [_saves(one, entry.id, stack) for one in statements]
            if sum(one is not None for one in saves) != 1 or stack == "_":
                self._refuse(call, "this is not how adjoint saves values")
            pairs = zip(statements, saves, strict=True)
            statements = [own if save is None else save for own, save in pairs]
        if isinstance(stop, ast.Constant) and stop.value is False:
            return [*statements, _assign(carried, nexts)]
        name = f"stop of {self._count}"
        test = ast.Name(name, ast.Load())
        return [
            *statements,
            _assign([name], [stop]),
            _assign(carried, nexts),
            ast.If(test, [ast.Break()], []),
        ]

    def _while(
        self,
        test: ast.expr,
        others: Sequence[ast.expr],
        carried: list[str],
        inside: list[ast.stmt],
    ) -> ast.stmt:
        own, statements, holds = self.inlined(test, others)
        if len(own) != len(carried):
            self._refuse(test, "it takes something else than the step does")
        same = dict(zip(own, carried, strict=True))
        *statements, last = _renamed([*statements, ast.Expr(holds)], same)
        assert isinstance(last, ast.Expr)
        if not statements:
            return ast.While(last.value, inside, [])
        leave = ast.If(ast.UnaryOp(ast.Not(), last.value), [ast.Break()], [])
        return ast.While(ast.Constant(True), [*statements, leave, *inside], [])

    def _for(
        self, call: ast.Call, kind: str, before: list[ast.expr], first: list[str]
    ) -> tuple[ast.expr, ast.expr, list[ast.stmt]]:
        """Target, what is gone through, and the statement that takes what was saved."""
        if kind == "unwind_each":
            return _target(first), _called("reversed", before[0]), []
        ranged = _called("range", *before[:3])
        index, *popped = first
        if kind == "backward_each":
            ranged = _called("reversed", ranged)
            if popped:
                stack = ast.Attribute(before[3], "pop", ast.Load())
                take = ast.Assign([_target(popped)], ast.Call(stack, [], []))
                return _target([index]), ranged, [take]
        if popped:
            self._refuse(call, "there is nothing saved to take")
        return _target([index]), ranged, []


class _Inlined:
    """A function that is written out where it is called."""

    def __init__(self, text: EachText, node: ast.expr, others: Sequence[ast.expr]):
        self.own, self.statements, result = text.inlined(node, others)
        self.results = result.elts if isinstance(result, ast.Tuple) else [result]


def _bound(body: Sequence[ast.stmt]) -> set[str]:
    """The names that the statements bind, and the functions inside them."""
    found: set[str] = set()
    for statement in body:
        for node in ast.walk(statement):
            match node:
                case ast.Name(id=name, ctx=ast.Store()) | ast.FunctionDef(name=name):
                    found.add(name)
                case ast.arg(arg=name):
                    found.add(name)
    return found - {"_"}


def _renamed(
    statements: Sequence[ast.stmt], names: Mapping[str, str]
) -> list[ast.stmt]:
    return [_Renaming(names).visit(deepcopy(statement)) for statement in statements]


class _Renaming(ast.NodeTransformer):
    def __init__(self, names: Mapping[str, str]):
        self._names = names

    def visit_Name(self, node: ast.Name) -> ast.AST:
        node.id = self._names.get(node.id, node.id)
        return node

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.arg = self._names.get(node.arg, node.arg)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.name = self._names.get(node.name, node.name)
        return self.generic_visit(node)


def _saves(statement: ast.stmt, name: str, stack: str) -> ast.stmt | None:
    """``stack.append((x, y))`` for ``name = (x, y)``; None for any other statement."""
    match statement:
        case ast.Assign(targets=[ast.Name(id=target)], value=ast.Tuple() as entry):
            if target == name:
                append = ast.Attribute(
                    ast.Name(stack, ast.Load()), "append", ast.Load()
                )
                return ast.Expr(ast.Call(append, [entry], []))
    return None


def _assign(names: Sequence[str], values: Sequence[ast.expr]) -> ast.stmt:
    if not names:
        return ast.Pass()
    if len(names) == 1:
        return ast.Assign([_target(names)], values[0])
    return ast.Assign([_target(names)], _tuple(values))


def _target(names: Sequence[str]) -> ast.expr:
    targets: list[ast.expr] = [ast.Name(name, ast.Store()) for name in names]
    return targets[0] if len(targets) == 1 else ast.Tuple(targets, ast.Store())


def _tuple(values: Sequence[ast.expr]) -> ast.Tuple:
    return ast.Tuple(list(values), ast.Load())


def _called(function: str, *arguments: ast.expr) -> ast.Call:
    return ast.Call(ast.Name(function, ast.Load()), list(arguments), [])


def _is_nothing(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is None


def _placed(statement: ast.stmt, call: ast.Call) -> ast.stmt:
    return ast.fix_missing_locations(ast.copy_location(statement, call))
