"""The body of a generated function as a `Program`: assignments, branches, a return."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Sequence

from adjoint.check.text.choices import ChoiceReader
from adjoint.check.text.expressions import Expressions
from adjoint.check.text.frame import Frame, Returned
from adjoint.check.text.loops import LoopReader
from adjoint.check.text.scope import Scope, without_docstring
from adjoint.check.text.verbatim import Verbatim
from adjoint.frontend.lower import Lowering
from adjoint.frontend.python.names import assigned_names
from adjoint.frontend.python.places import Places
from adjoint.frontend.syntax import Node
from adjoint.ir.form import Form
from adjoint.ir.program import Block, Program, Value, undefined
from adjoint.ir.types import BOOL, FLOAT, INT, STACK, Type


class BodyReader(Frame):
    """Reads one function, statement by statement, as Python would run it.

    ``scope`` says what the global names of the module mean. The parameters of the
    names ``whole`` are whole numbers; others have the type of their annotation.
    """

    def __init__(self, places: Places, scope: Scope, whole: Collection[str] = ()):
        super().__init__(places, scope, Verbatim(places.source))
        self.loops = LoopReader(self)
        self.stacks = self.loops.stacks
        self.choices = ChoiceReader(self)
        self._whole = whole
        self.expressions = Expressions(places, self._called)
        self.lowering = Lowering(places.source, self.builder, self.names, self._unknown)
        self.lowering.functions = scope.functions_by_name
        for name, expression in scope.constants:
            self.names[name] = self.value(expression)
        self.globals = {*self.names}
        self._steps = 0

    def program(self, function: ast.FunctionDef) -> tuple[Program, Form]:
        """The function as a program, and the form of its result.

        Raises SourceError for what no generated function contains, IntParameter for
        parameters that have to be whole numbers and are not known to be.
        """
        declared = [*function.args.args, *function.args.kwonlyargs]
        parameters = [argument.arg for argument in declared]
        self.locals = {*parameters, *assigned_names(function.body)}
        for name in self.locals:
            self.names.pop(name, None)
        for argument, name in zip(declared, parameters, strict=True):
            type = INT if name in self._whole else _annotated(argument)
            self.names[name] = self.builder.parameter(name, type)
            self.parameters.add(self.names[name])
        self._limit = 1000 + 50 * sum(1 for _ in ast.walk(function))
        returned = self.run(without_docstring(function.body))
        if returned is None:
            self.places.refuse(function, f"`{function.name}` returns nothing")
        return self.builder.finish(function.name, *returned.values), returned.form

    # -- statements

    def run(self, statements: Sequence[ast.stmt]) -> Returned | None:
        """Read the statements in order; what they return, if they do."""
        for at, statement in enumerate(statements):
            self._steps += 1
            if self._steps > self._limit:
                self.places.refuse(statement, "there are too many ways to get here")
            match statement:
                case ast.Return(value=ast.expr() as result):
                    return self._returned(result)
                case ast.If() if _may_return(statement):
                    return self._returning_branch(statement, statements[at + 1 :])
                case ast.If():
                    self._branch(statement)
                case ast.Assign(targets=[ast.Name(id=name)], value=ast.List(elts=[])):
                    self.set(name, self.stacks.new_list())
                case ast.FunctionDef() if self.scope.in_numpy:
                    self.choices.define(statement)
                case ast.Assign() if written := self.choices.written_out(statement):
                    self.run(written)
                case ast.Assign(targets=[ast.Tuple() as targets], value=value):
                    self._assign_several(targets, value)
                case ast.Assign(targets=targets, value=value):
                    self._assign(targets, value)
                case ast.AugAssign(target=ast.Name() as target):
                    self._augment(statement, target)
                case ast.Expr(value=ast.Call(func=ast.Attribute()) as call):
                    self.stacks.append(statement, call)
                case ast.Expr(value=value) if self.choices.is_choice(value):
                    self.choices.values(value)
                case ast.Expr(value=value):
                    self.value(value)
                case ast.Raise(exc=ast.Call(func=ast.Name(id=name)), cause=None):
                    self._guard(statement, self.builder.constant(False), name)
                case ast.Raise(exc=ast.Name(id=name), cause=None):
                    self._guard(statement, self.builder.constant(False), name)
                case ast.Assert(test=test):
                    condition = self.builder.condition(self.value(test))
                    self._guard(statement, condition, "AssertionError")
                case ast.Pass():
                    pass
                case ast.For() | ast.While():
                    self.loops.read(statement)
                case _:
                    self.places.refuse(
                        statement,
                        "this statement is not in a module that adjoint writes",
                    )
        return None

    def _returned(self, result: ast.expr) -> Returned:
        if self.choices.is_choice(result):
            return self.choices.values(result)
        if not isinstance(result, ast.Tuple):
            return Returned((self.value(result),), None)
        parts = [self._returned(part) for part in result.elts]
        values = tuple(value for part in parts for value in part.values)
        return Returned(values, tuple(part.form for part in parts))

    def _assign(self, targets: Sequence[ast.expr], value: ast.expr) -> None:
        number = self.value(value)
        for target in targets:
            self.set(self._name(target), number)

    def _assign_several(self, targets: ast.Tuple, values: ast.expr) -> None:
        numbers: Sequence[Value] = ()
        if self.choices.is_choice(values):
            numbers = self.choices.values(values).values
        elif isinstance(values, ast.Tuple):
            numbers = [self.value(value) for value in values.elts]
        if len(numbers) != len(targets.elts):
            self.places.refuse(values, "as many values as names are expected here")
        for target, number in zip(targets.elts, numbers, strict=True):
            self.set(self._name(target), number)

    def _name(self, target: ast.expr) -> str:
        if not isinstance(target, ast.Name):
            self.places.refuse(target, "only names can be assigned to here")
        return target.id

    def _augment(self, statement: ast.AugAssign, target: ast.Name) -> None:
        left = ast.copy_location(ast.Name(target.id, ast.Load()), target)
        whole = ast.BinOp(left, statement.op, statement.value)
        self.set(target.id, self.value(ast.copy_location(whole, statement)))

    def _guard(self, statement: ast.stmt, condition: Value, exception: str) -> None:
        self.builder.guard(condition, exception, self.places.start(statement))

    # -- branches

    def _branch(self, statement: ast.If) -> None:
        condition = self._condition(statement)
        if condition.number is not None:
            self.run(statement.body if condition.number else statement.orelse)
            return
        then, after_then = self._side(statement.body)
        orelse, after_else = self._side(statement.orelse)
        joined: list[str] = []
        for name in dict.fromkeys([*after_then, *after_else]):
            before = self.names.get(name)
            a, b = after_then.get(name, before), after_else.get(name, before)
            known = a or b
            sides = (after_then, after_else)
            if any(name in side and side[name] is None for side in sides):
                self.drop(name)  # it was dropped on one of the sides
                continue
            if known is None:
                continue
            then.results += (a or undefined(known.type),)
            orelse.results += (b or undefined(known.type),)
            joined.append(name)
        if not joined and not then.ops and not orelse.ops:
            return
        where = self.places.start(statement)
        results = self.builder.branch(condition, then, orelse, where)
        for name, result in zip(joined, results, strict=True):
            self.stacks.hand_on(after_then.get(name), after_else.get(name), result)
            self.set(name, result)

    def _side(
        self, statements: Sequence[ast.stmt]
    ) -> tuple[Block, dict[str, Value | None]]:
        """One side of a branch, and the values of the names that it assigns."""
        with_return = self.open(statements)
        self.run(statements)
        after = {name: self.names.get(name) for name in with_return}
        return self.close(), after

    def _returning_branch(
        self, statement: ast.If, rest: Sequence[ast.stmt]
    ) -> Returned | None:
        """A branch of which a side returns: what follows belongs to the other side."""
        condition = self._condition(statement)
        sides = [[*statement.body, *rest], [*statement.orelse, *rest]]
        if condition.number is not None:
            return self.run(sides[0] if condition.number else sides[1])
        found: list[tuple[Block, Returned]] = []
        for side in sides:
            self.open(side or [statement])
            returned = self.run(side)
            if returned is None:
                self.places.refuse(statement, "not every way from here returns")
            found.append((self.close(*returned.values), returned))
        (then, first), (orelse, second) = found
        if first.form != second.form:
            self.places.refuse(statement, "the sides return results of different forms")
        where = self.places.start(statement)
        return Returned(self.builder.branch(condition, then, orelse, where), first.form)

    # -- values

    def _condition(self, statement: ast.If) -> Value:
        return self.builder.condition(self.value(statement.test))

    def value(self, expression: ast.expr) -> Value:
        """The value of an expression."""
        expression = self.choices.without_choices(expression)
        value = self.lowering.value(self.expressions.node(expression))
        if value.type == STACK:
            self.places.refuse(expression, "a list is no number")
        return value

    def _called(self, function: ast.Name | ast.Attribute) -> str:
        name = function if isinstance(function, ast.Name) else function.value
        if isinstance(name, ast.Name) and name.id in self.locals:
            self.places.refuse(name, f"`{name.id}` is a variable here, not a function")
        return self.scope.operation(function)

    def _unknown(self, node: Node) -> Value:
        message = f"`{node.value}` has no value here"
        raise self.places.source.error(node.start, node.end, message)


def _annotated(parameter: ast.arg) -> Type:
    name = parameter.annotation.id if isinstance(parameter.annotation, ast.Name) else ""
    return {"int": INT, "bool": BOOL}.get(name, FLOAT)


def _statements(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements and those inside of branches, in no particular order."""
    pending = list(body)
    while pending:
        statement = pending.pop()
        yield statement
        if isinstance(statement, ast.If):
            pending += [*statement.body, *statement.orelse]


def _may_return(branch: ast.If) -> bool:
    return any(isinstance(one, ast.Return) for one in _statements([branch]))
