"""What the global names of a generated module mean.

A meaning is ``math.sin``, ``numpy``, ``abs`` (a builtin) or ``helper.sigmoid``. A
function that a module defines for itself is a helper only where its text is that of our
helper.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec

from adjoint.check.special import KNOWN
from adjoint.frontend.python.places import Places
from adjoint.rules.operation import CALLABLE, Operation, OwnOperation
from adjoint.rules.table import CONSTANTS, FUNCTIONS, OPERATIONS
from adjoint.target.language import NUMPY, PYTHON, Language

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
_NUMPY_CALLED = {
    operation.numpy: operation.name
    for operation in reversed(OPERATIONS.values())
    if CALLABLE.match(operation.numpy)
} | {"numpy.where": "where", "numpy.all": "all"}


class Scope:
    """The global names of a module, read in order.

    ``own`` are functions that it may import, by their full names: those of the user's
    rules, and those that are known to many digits.
    """

    def __init__(self, places: Places, own: Mapping[str, OwnOperation] | None = None):
        self.places = places
        self.own = {name: _known(name) for name in KNOWN} | dict(own or {})
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
                case ast.Import(names=[ast.alias(name="numpy" | "math") as name]):
                    self._bind(statement, name.asname or name.name)
                    self.meanings[name.asname or name.name] = name.name
                case ast.ImportFrom(module=str(other), level=0, names=names):
                    self._import(statement, other, names)
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    self._bind(statement, name)
                    self._assign(name, value)
                case ast.FunctionDef(name=name):
                    self._bind(statement, name)
                    self.functions[name] = statement
                case _:
                    self.places.refuse(
                        statement,
                        "this statement is not in a module that adjoint writes",
                    )
        self._recognise_helpers()

    def _import(self, statement: ast.stmt, module: str, names: list[ast.alias]) -> None:
        """Functions of the user's own, which the module imports."""
        for name in names:
            meaning = f"{module}.{name.name}"
            if meaning not in self.own:
                message = f"the module imports {meaning}, of which nothing is known"
                hint = "name the file of its rule: `--rules FILE`"
                self.places.refuse(statement, message, hint)
            if meaning in KNOWN:
                self._check_installed(statement, module)
            self._bind(statement, name.asname or name.name)
            self.meanings[name.asname or name.name] = meaning

    def _check_installed(self, statement: ast.stmt, module: str) -> None:
        package = module.partition(".")[0]
        if find_spec(package) is None:
            message = f"{package} is needed to check this, and is not installed"
            self.places.refuse(statement, message)

    @property
    def functions_by_name(self) -> dict[str, Operation]:
        """The operations that may be called, by what `operation` says."""
        return {**FUNCTIONS, **self.own}

    @property
    def imported(self) -> list[OwnOperation]:
        """The functions of the user's own that the module imports."""
        return [self.own[one] for one in self.meanings.values() if one in self.own]

    @property
    def numbers(self) -> dict[str, tuple[float, str]]:
        """The names that stand for numbers of ``math``: their number and its name."""
        return {
            name: _NUMBERS[meaning]
            for name, meaning in self.meanings.items()
            if meaning in _NUMBERS
        }

    @property
    def in_numpy(self) -> bool:
        """Whether the module is one for arrays."""
        return "numpy" in self.meanings.values()

    def operation(self, function: ast.Name | ast.Attribute) -> str:
        """The operation that is called. Raises SourceError for any other function."""
        called = self.called(function) or ""
        if called in self.own:
            return called
        operation = _NUMPY_CALLED.get(called) if self.in_numpy else None
        operation = operation or _CALLED.get(called)
        if operation is None:
            name = ast.unparse(function)
            message = f"`{name}` is no function that adjoint knows"
            if name == "len":
                message = (
                    "modules of lists cannot be checked when they have been saved; "
                    "check the function itself, `file.py:function`"
                )
            self.places.refuse(function, message)
        return operation

    def called(self, function: ast.expr) -> str | None:
        """What the function that is called means, ``numpy.sin``; None for no other."""
        match function:
            case ast.Name(id=name):
                return self.meaning(name)
            case ast.Attribute(value=value, attr=attribute):
                module = self.called(value) or ""
                known = module.partition(".")[0] in ("numpy", "math")
                return f"{module}.{attribute}" if known else None
        return None

    def builtin(self, name: ast.Name) -> str | None:
        """The builtin that a name means; None for any other."""
        meaning = self.meaning(name.id)
        return meaning if meaning is not None and hasattr(builtins, meaning) else None

    def _bind(self, statement: ast.stmt, name: str) -> None:
        if name in self._bound:
            self.places.refuse(statement, f"`{name}` is defined twice")
        self._bound.add(name)

    def _assign(self, name: str, value: ast.expr) -> None:
        """A constant, or another name for a builtin."""
        alias = self.meaning(value.id) if isinstance(value, ast.Name) else None
        if alias is not None and hasattr(builtins, alias):
            self.meanings[name] = alias
        else:
            self.constants.append((name, value))

    def meaning(self, name: str) -> str | None:
        """What a name means; None for one that the module defines in another way."""
        return self.meanings.get(name) if name in self._bound else name

    def _recognise_helpers(self) -> None:
        claims: dict[str, tuple[str, dict[str, str]]] = {}
        for name, function in self.functions.items():
            for language in (PYTHON, NUMPY):
                for helper, ours in _helpers(language).functions.items():
                    called = self._same(function, ours, language)
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
        self, function: ast.FunctionDef, helper: ast.FunctionDef, language: Language
    ) -> dict[str, str] | None:
        """Whether two functions are the same text but for the names of what they use.

        Gives which function of this module then stands for which helper of ours; None
        where the texts differ.
        """
        known = _helpers(language)
        locals_ = known.locals[helper.name]
        stands_for = {function.name: helper.name}
        pairs: list[tuple[object, object]] = [(function, helper)]
        while pairs:
            a, b = pairs.pop()
            if type(a) is not type(b):
                return None
            if isinstance(a, ast.Name) and isinstance(b, ast.Name):
                if b.id in locals_:
                    same = a.id == b.id
                elif b.id in known.functions:
                    same = stands_for.setdefault(a.id, b.id) == b.id
                else:
                    same = self.meaning(a.id) == known.imports.get(b.id, b.id)
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


@cache
def _known(name: str) -> OwnOperation:
    """The operation of a function that no rule is known of."""
    return OwnOperation(name.rpartition(".")[2], ("*a",), (), name, numpy=name)


def _fields(a: ast.AST, b: object) -> list[tuple[object, object]]:
    """The parts of two nodes of one kind, in pairs; without a function's docstring.

    Nor is its name a part: that of a function inside is a name that is called.
    """
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


@dataclass(frozen=True)
class _Helpers:
    """The helper functions of a language, their local names, and their imports."""

    functions: Mapping[str, ast.FunctionDef]
    locals: Mapping[str, set[str]]
    imports: Mapping[str, str]


@cache
def _helpers(language: Language) -> _Helpers:
    functions: dict[str, ast.FunctionDef] = {}
    imports: dict[str, str] = {}
    for path in language.helpers.paths:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            match node:
                case ast.FunctionDef(name=name):
                    functions[name] = node
                case ast.ImportFrom(module=module, names=names):
                    imports |= {one.name: f"{module}.{one.name}" for one in names}
                case ast.Import(names=[name]):
                    imports[name.asname or name.name] = name.name
    locals_ = {name: _locals(function) for name, function in functions.items()}
    return _Helpers(functions, locals_, imports)


def _locals(function: ast.FunctionDef) -> set[str]:
    """The names that the function, and functions inside it, bind."""
    found: set[str] = set()
    for node in ast.walk(function):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
                found.add(name)
            case ast.FunctionDef(name=name) if node is not function:
                found.add(name)
    return found
