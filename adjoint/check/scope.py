"""What the global names of a generated module mean.

A meaning is ``math.sin``, ``abs`` (a builtin) or ``helper.sigmoid``. A function that a
module defines for itself is a helper only where its text is that of our helper.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from adjoint.check.expressions import Places
from adjoint.rules import helpers
from adjoint.rules.table import CONSTANTS, OPERATIONS

_NUMBERS = {
    "math.pi": (CONSTANTS["pi"], "pi"),
    "math.e": (CONSTANTS["e"], "e"),
    "math.tau": (CONSTANTS["tau"], "tau"),
    "math.inf": (float("inf"), "inf"),
    "math.nan": (float("nan"), "nan"),
}

#: The operation of each meaning that can be called. `round` has two, by the number of
#: arguments; the first is the one that the front end wants to hear.
_CALLED = {
    operation.python: operation.name
    for operation in reversed(OPERATIONS.values())
    if operation.called
}


class Scope:
    """The global names of a module, read in order."""

    def __init__(self, places: Places):
        self.places = places
        self.meanings: dict[str, str] = {}
        self.constants: list[tuple[str, ast.expr]] = []
        self.functions: dict[str, ast.FunctionDef] = {}
        self._bound: set[str] = set()

    def read(self, module: ast.Module) -> None:
        """Note every name that the module binds.

        Raises SourceError for a statement that no generated module contains.
        """
        for at, statement in enumerate(module.body):
            match statement:
                case ast.Expr(value=ast.Constant(value=str())) if at == 0:
                    pass
                case ast.ImportFrom(module="math", level=0, names=names):
                    for name in names:
                        if name.name == "*":
                            self.places.refuse(statement, "adjoint imports by name")
                        self._bind(statement, name.asname or name.name)
                        self.meanings[name.asname or name.name] = f"math.{name.name}"
                case ast.ImportFrom(module=str(other), level=0):
                    self.places.refuse(
                        statement,
                        f"the module imports functions of {other}, which check "
                        "cannot compute to 50 digits",
                    )
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    self._bind(statement, name)
                    self._assign(name, value)
                case ast.FunctionDef(name=name):
                    self._bind(statement, name)
                    self.functions[name] = statement
                case ast.Import(names=[ast.alias(name="numpy")]):
                    self.places.refuse(
                        statement,
                        "a module of functions of arrays is not read back; check the"
                        " formula or the function itself, with --target numpy",
                    )
                case _:
                    self.places.refuse(
                        statement,
                        "this statement is not in a module that adjoint writes",
                    )
        self._recognise_helpers()

    @property
    def numbers(self) -> dict[str, tuple[float, str]]:
        """The names that stand for numbers of ``math``: their number and its name."""
        return {
            name: _NUMBERS[meaning]
            for name, meaning in self.meanings.items()
            if meaning in _NUMBERS
        }

    def operation(self, name: ast.Name) -> str:
        """The operation that a called name means. Raises SourceError for any other."""
        operation = _CALLED.get(self._meaning(name.id) or "")
        if operation is None:
            self.places.refuse(name, f"`{name.id}` is no function that adjoint knows")
        return operation

    def builtin(self, name: ast.Name) -> str | None:
        """The builtin that a name means; None for any other."""
        meaning = self._meaning(name.id)
        return meaning if meaning is not None and hasattr(builtins, meaning) else None

    def _bind(self, statement: ast.stmt, name: str) -> None:
        if name in self._bound:
            self.places.refuse(statement, f"`{name}` is defined twice")
        self._bound.add(name)

    def _assign(self, name: str, value: ast.expr) -> None:
        """A constant, or another name for a builtin."""
        alias = self._meaning(value.id) if isinstance(value, ast.Name) else None
        if alias is not None and hasattr(builtins, alias):
            self.meanings[name] = alias
        else:
            self.constants.append((name, value))

    def _meaning(self, name: str) -> str | None:
        """What a name means; None for one that the module defines in another way."""
        return self.meanings.get(name) if name in self._bound else name

    def _recognise_helpers(self) -> None:
        claims: dict[str, tuple[str, dict[str, str]]] = {}
        for name, function in self.functions.items():
            for helper, ours in _helpers().items():
                called = self._same(function, ours)
                if called is not None:
                    claims[name] = helper, called
        for name, (helper, called) in claims.items():
            if all(
                theirs in claims and claims[theirs][0] == ours
                for theirs, ours in called.items()
            ):
                self.meanings[name] = f"helper.{helper}"
                del self.functions[name]

    def _same(
        self, function: ast.FunctionDef, helper: ast.FunctionDef
    ) -> dict[str, str] | None:
        """Whether two functions are the same text but for the names of what they use.

        Gives which function of this module then stands for which helper of ours; None
        where the texts differ.
        """
        locals_ = _locals(helper)
        stands_for = {function.name: helper.name}
        pairs: list[tuple[object, object]] = [(function, helper)]
        while pairs:
            a, b = pairs.pop()
            if type(a) is not type(b):
                return None
            if isinstance(a, ast.Name) and isinstance(b, ast.Name):
                if b.id in locals_:
                    same = a.id == b.id
                elif b.id in _helpers():
                    same = stands_for.setdefault(a.id, b.id) == b.id
                else:
                    same = self._meaning(a.id) == _our_meaning(b.id)
                if not same:
                    return None
            elif isinstance(a, ast.AST):
                pairs.extend(_fields(a, b))
            elif isinstance(a, list) and isinstance(b, list):
                if len(a) != len(b):
                    return None
                pairs.extend(zip(a, b, strict=True))
            elif repr(a) != repr(b):
                return None
        return stands_for


def _fields(a: ast.AST, b: object) -> list[tuple[object, object]]:
    """The parts of two nodes of one kind, in pairs; without a function's docstring."""
    named = isinstance(a, ast.FunctionDef)
    pairs: list[tuple[object, object]] = []
    for field in a._fields:
        if field == "kind" or (named and field == "name"):
            continue
        x, y = getattr(a, field, None), getattr(b, field, None)
        if named and field == "body":
            x, y = without_docstring(x or []), without_docstring(y or [])
        pairs.append((x, y))
    return pairs


def without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    """The statements of a function, without the text that says what it does."""
    match body:
        case [ast.Expr(value=ast.Constant(value=str())), *rest]:
            return rest
    return body


@cache
def _helper_module() -> ast.Module:
    return ast.parse(Path(helpers.__file__).read_text(encoding="utf-8"))


@cache
def _helpers() -> Mapping[str, ast.FunctionDef]:
    functions = [n for n in _helper_module().body if isinstance(n, ast.FunctionDef)]
    return {function.name: function for function in functions}


def _our_meaning(name: str) -> str:
    return _helper_imports().get(name, name)


@cache
def _helper_imports() -> Mapping[str, str]:
    imports = [n for n in _helper_module().body if isinstance(n, ast.ImportFrom)]
    return {name.name: f"{i.module}.{name.name}" for i in imports for name in i.names}


def _locals(function: ast.FunctionDef) -> set[str]:
    stored = {
        node.id
        for node in ast.walk(function)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    return stored | {argument.arg for argument in function.args.args}
