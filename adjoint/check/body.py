"""The body of a generated function as a `Program`: assignments, branches, a return."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from adjoint.check.expressions import Expressions, Places
from adjoint.check.scope import without_docstring
from adjoint.errors import Source
from adjoint.frontend.lower import Lowering
from adjoint.frontend.syntax import Node
from adjoint.ir.builder import Builder
from adjoint.ir.form import Form
from adjoint.ir.literals import is_too_large
from adjoint.ir.program import Block, Program, Value, undefined
from adjoint.rules.operation import Operation


@dataclass(frozen=True)
class Returned:
    """The values that a function returns, flattened, and the form they are given in."""

    values: tuple[Value, ...]
    form: Form


class _Verbatim(Builder):
    """Writes down what the text says, word by word."""

    def __init__(self, source: Source):
        super().__init__(source, identities={}, fold=False, share=False)

    def apply(
        self, operation: Operation, operands: tuple[Value, ...], where: int = -1
    ) -> Value:
        """As `Builder.apply`; refuses a constant that would take for ever."""
        numbers = [operand.number for operand in operands]
        if is_too_large(operation.name, numbers):
            raise self.error(where, "this constant is too large to compute")
        return super().apply(operation, operands, where)


class BodyReader:
    """Reads one function, statement by statement, as Python would run it.

    ``function`` says which operation a called name means; ``numbers`` are the named
    numbers of the module (pi), ``constants`` its assignments in their order.
    """

    def __init__(
        self,
        places: Places,
        function: Callable[[ast.Name], str],
        numbers: Mapping[str, tuple[float, str]],
        constants: Sequence[tuple[str, ast.expr]],
    ):
        self.places = places
        self.function = function
        self.expressions = Expressions(places, self._called)
        self.builder = _Verbatim(places.source)
        self.names: dict[str, Value] = {
            name: self.builder.constant(number, meaning)
            for name, (number, meaning) in numbers.items()
        }
        self.lowering = Lowering(places.source, self.builder, self.names, self._unknown)
        self._locals: set[str] = set()
        for name, expression in constants:
            self.names[name] = self._value(expression)
        #: for each open branch: what its assignments have replaced
        self._replaced: list[dict[str, Value | None]] = []
        self._steps = 0

    def program(self, function: ast.FunctionDef) -> tuple[Program, Form]:
        """The function as a program, and the form of its result.

        Raises SourceError for what no generated function contains.
        """
        declared = [*function.args.args, *function.args.kwonlyargs]
        parameters = [argument.arg for argument in declared]
        self._locals = {*parameters, *_assigned(function.body)}
        for name in self._locals:
            self.names.pop(name, None)
        for name in parameters:
            self.names[name] = self.builder.parameter(name)
        self._limit = 1000 + 10 * sum(1 for _ in _statements(function.body))
        returned = self._run(without_docstring(function.body))
        if returned is None:
            self.places.refuse(function, f"`{function.name}` returns nothing")
        return self.builder.finish(function.name, *returned.values), returned.form

    # -- statements

    def _run(self, statements: Sequence[ast.stmt]) -> Returned | None:
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
                case ast.Assign(targets=[ast.Tuple() as targets], value=value):
                    self._assign_several(targets, value)
                case ast.Assign(targets=targets, value=value):
                    self._assign(targets, value)
                case ast.AugAssign(target=ast.Name() as target):
                    self._augment(statement, target)
                case ast.Expr(value=value):
                    self._value(value)
                case ast.Raise(exc=ast.Call(func=ast.Name(id=name)), cause=None):
                    where = self.places.start(statement)
                    self.builder.guard(self.builder.constant(False), name, where)
                case ast.Pass():
                    pass
                case ast.For() | ast.While():
                    self.places.refuse(statement, "loops cannot be checked yet")
                case _:
                    self.places.refuse(
                        statement,
                        "this statement is not in a module that adjoint writes",
                    )
        return None

    def _returned(self, result: ast.expr) -> Returned:
        if not isinstance(result, ast.Tuple):
            return Returned((self._value(result),), None)
        parts = [self._returned(part) for part in result.elts]
        values = tuple(value for part in parts for value in part.values)
        return Returned(values, tuple(part.form for part in parts))

    def _assign(self, targets: Sequence[ast.expr], value: ast.expr) -> None:
        number = self._value(value)
        for target in targets:
            self._set(self._name(target), number)

    def _assign_several(self, targets: ast.Tuple, values: ast.expr) -> None:
        if not isinstance(values, ast.Tuple) or len(values.elts) != len(targets.elts):
            self.places.refuse(values, "as many values as names are expected here")
        numbers = [self._value(value) for value in values.elts]
        for target, number in zip(targets.elts, numbers, strict=True):
            self._set(self._name(target), number)

    def _name(self, target: ast.expr) -> str:
        if not isinstance(target, ast.Name):
            self.places.refuse(target, "only names can be assigned to here")
        return target.id

    def _augment(self, statement: ast.AugAssign, target: ast.Name) -> None:
        left = ast.copy_location(ast.Name(target.id, ast.Load()), target)
        whole = ast.BinOp(left, statement.op, statement.value)
        self._set(target.id, self._value(ast.copy_location(whole, statement)))

    # -- branches

    def _branch(self, statement: ast.If) -> None:
        condition = self._condition(statement)
        if condition.number is not None:
            self._run(statement.body if condition.number else statement.orelse)
            return
        then, after_then = self._side(statement.body)
        orelse, after_else = self._side(statement.orelse)
        joined: list[str] = []
        for name in dict.fromkeys([*after_then, *after_else]):
            before = self.names.get(name)
            a, b = after_then.get(name, before), after_else.get(name, before)
            known = a or b
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
            self._set(name, result)

    def _side(self, statements: Sequence[ast.stmt]) -> tuple[Block, dict[str, Value]]:
        """One side of a branch, and the values of the names that it assigns."""
        with_return = self._open(statements)
        self._run(statements)
        after = {name: self.names[name] for name in with_return}
        return self._close(), after

    def _returning_branch(
        self, statement: ast.If, rest: Sequence[ast.stmt]
    ) -> Returned | None:
        """A branch of which a side returns: what follows belongs to the other side."""
        condition = self._condition(statement)
        sides = [[*statement.body, *rest], [*statement.orelse, *rest]]
        if condition.number is not None:
            return self._run(sides[0] if condition.number else sides[1])
        found: list[tuple[Block, Returned]] = []
        for side in sides:
            self._open(side or [statement])
            returned = self._run(side)
            if returned is None:
                self.places.refuse(statement, "not every way from here returns")
            found.append((self._close(*returned.values), returned))
        (then, first), (orelse, second) = found
        if first.form != second.form:
            self.places.refuse(statement, "the sides return results of different forms")
        where = self.places.start(statement)
        return Returned(self.builder.branch(condition, then, orelse, where), first.form)

    def _open(self, statements: Sequence[ast.stmt]) -> dict[str, Value | None]:
        self.builder.open(self.places.start(statements[0]) if statements else -1)
        self._replaced.append({})
        return self._replaced[-1]

    def _close(self, *results: Value) -> Block:
        for name, before in self._replaced.pop().items():
            if before is None:
                del self.names[name]
            else:
                self.names[name] = before
        return self.builder.close(*results)

    # -- values

    def _condition(self, statement: ast.If) -> Value:
        return self.builder.condition(self._value(statement.test))

    def _value(self, expression: ast.expr) -> Value:
        return self.lowering.value(self.expressions.node(expression))

    def _set(self, name: str, value: Value) -> None:
        if self._replaced:
            self._replaced[-1].setdefault(name, self.names.get(name))
        self.names[name] = value

    def _called(self, name: ast.Name) -> str:
        if name.id in self._locals:
            self.places.refuse(name, f"`{name.id}` is a variable here, not a function")
        return self.function(name)

    def _unknown(self, node: Node) -> Value:
        message = f"`{node.value}` has no value here"
        raise self.places.source.error(node.start, node.end, message)


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


def _assigned(body: Sequence[ast.stmt]) -> Iterator[str]:
    """The names that the statements assign."""
    for statement in _statements(body):
        match statement:
            case ast.Assign(targets=targets):
                for target in targets:
                    names = target.elts if isinstance(target, ast.Tuple) else [target]
                    yield from (one.id for one in names if isinstance(one, ast.Name))
            case ast.AugAssign(target=ast.Name(id=name)):
                yield name
