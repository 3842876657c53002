"""The branches of functions of arrays, read back: ``choose(c, then, orelse, x)``.

The sides are functions inside the function, or lambdas, whose parameters are called as
what is handed to them. So a side is read where it stands, as one side of an ``if``.
"""

from __future__ import annotations

import ast

from adjoint.check.text.each_point import EachText
from adjoint.check.text.frame import Frame, Returned
from adjoint.ir.program import Block

_Side = ast.FunctionDef | ast.Lambda


class ChoiceReader:
    """Reads the branches, and the uneven loops, of one function."""

    def __init__(self, reader: Frame):
        self.reader = reader
        self._text = EachText(self._function, self._check_names, reader.places.refuse)
        self._sides: dict[str, ast.FunctionDef] = {}
        self._count = 0

    def define(self, side: ast.FunctionDef) -> None:
        """Note a function inside the function."""
        self._sides[side.name] = side

    def is_choice(self, node: ast.AST) -> bool:
        """Whether it calls `choose`."""
        return (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and self.reader.scope.meaning(node.func.id) == "helper.choose"
        )

    def written_out(self, statement: ast.Assign) -> list[ast.stmt] | None:
        """The statements that a call of a loop, or a choice, stands for at one point.

        None where the statement is none, or a choice that has a value.
        """
        match statement:
            case ast.Assign(
                targets=[ast.Tuple(elts=parts)],
                value=ast.Call(func=ast.Name(id=name)) as call,
            ) if all(isinstance(part, ast.Name) for part in parts):
                pass
            case _:
                return None
        meaning = self.reader.scope.meaning(name) or ""
        names = [part.id for part in parts if isinstance(part, ast.Name)]
        if self.is_choice(call) and len(call.args) > 2:
            return self._text.branch(names, call)
        return self._text.loop(meaning.removeprefix("helper."), names, call)

    def values(self, call: ast.expr) -> Returned:
        """What a call of `choose` gives."""
        reader = self.reader
        match call:
            case ast.Call(args=[test, then, orelse, *given], keywords=[]):
                pass
            case _:
                reader.places.refuse(call, "this is not how adjoint chooses")
        condition = reader.builder.condition(reader.value(test))
        (first, ours), (second, theirs) = (
            self._side(side, given) for side in (then, orelse)
        )
        if ours.form != theirs.form:
            reader.places.refuse(call, "the sides return results of different forms")
        where = reader.places.start(call)
        results = reader.builder.branch(condition, first, second, where)
        return type(ours)(results, ours.form)

    def without_choices(self, expression: ast.expr) -> ast.expr:
        """The expression with names in the place of the choices in it."""
        if not any(map(self.is_choice, ast.walk(expression))):
            return expression
        hoister = _Hoister(self)
        changed = hoister.visit(expression)
        assert isinstance(changed, ast.expr)
        return changed

    def named(self, call: ast.Call) -> ast.Name:
        """A name for what the call gives, which no text of a module can have."""
        returned = self.values(call)
        if returned.form is not None:
            self.reader.places.refuse(call, "one number is expected here")
        self._count += 1
        name = f"choice {self._count}"
        self.reader.set(name, returned.values[0])
        return ast.copy_location(ast.Name(name, ast.Load()), call)

    def _side(self, side: ast.expr, given: list[ast.expr]) -> tuple[Block, Returned]:
        reader = self.reader
        function = self._function(side)
        names = [argument.arg for argument in function.args.args]
        handed = [one.id if isinstance(one, ast.Name) else "" for one in given]
        ignored = function.args.vararg is not None
        if names != ([] if ignored else handed) or not _is_plain(function.args):
            message = "its parameters are not called as what is handed to them"
            reader.places.refuse(side, message)
        body = function.body
        statements = body if isinstance(body, list) else [_return(body)]
        self._check_names(function)
        reader.open(statements)
        outer = dict(self._sides)
        returned = reader.run(statements)
        self._sides = outer
        if returned is None:
            reader.places.refuse(side, "this side returns nothing")
        return reader.close(*returned.values), returned

    def _check_names(self, side: _Side) -> None:
        """Refuse a function that reads what is not handed to it, of all points."""
        nodes = list(ast.walk(side))
        own = {node.arg for node in nodes if isinstance(node, ast.arg)}
        names = [node for node in nodes if isinstance(node, ast.Name)]
        own |= {node.id for node in names if isinstance(node.ctx, ast.Store)}
        for node in names:
            if node.id not in own and self.reader.is_local(node.id):
                message = f"`{node.id}` is not handed to this function"
                self.reader.places.refuse(node, message)

    def _function(self, side: ast.expr) -> _Side:
        if isinstance(side, ast.Lambda):
            return side
        name = side.id if isinstance(side, ast.Name) else ""
        if name not in self._sides:
            self.reader.places.refuse(side, "this is no function of this function")
        return self._sides[name]


class _Hoister(ast.NodeTransformer):
    """Puts names in the place of choices."""

    def __init__(self, choices: ChoiceReader):
        self._choices = choices

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if self._choices.is_choice(node):
            return self._choices.named(node)
        return self.generic_visit(node)


def _is_plain(arguments: ast.arguments) -> bool:
    more = (arguments.posonlyargs, arguments.kwonlyargs, arguments.defaults)
    return not any(more) and arguments.kwarg is None


def _return(value: ast.expr) -> ast.Return:
    return ast.copy_location(ast.Return(value), value)
