"""Where the names of a file are found: in what it says; it is never imported."""

from __future__ import annotations

import ast
import tokenize
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from adjoint.errors import AdjointError, Source
from adjoint.frontend.arrays.holders import note_outside
from adjoint.frontend.arrays.numpy_functions import LIBRARIES
from adjoint.frontend.function import builtins
from adjoint.frontend.function.calls import named_defaults
from adjoint.frontend.function.data_classes import (
    DECORATOR,
    Part,
    is_frozen,
    written_parts,
)
from adjoint.frontend.function.records import class_refused, special_refused
from adjoint.frontend.python.items import (
    BROUGHT,
    Function,
    Item,
    Module,
    RecordClass,
    Refused,
    is_word,
)
from adjoint.frontend.python.lowering import FunctionLowering
from adjoint.frontend.python.names import (
    assigned_names,
    changed_attributes,
    changing_names,
)
from adjoint.frontend.python.refusals import MODULES, module_refusal
from adjoint.frontend.python.text import Text
from adjoint.ir.program import Value

_Import = ast.Import | ast.ImportFrom

#: The decorators that leave a function what it is: they save its values, or give it
#: derivatives.
_TRANSPARENT = frozenset(("functools.cache", "functools.lru_cache", "adjoint.rule"))
#: What binds a name once and for all, where nothing else does.
_PLAIN = ast.FunctionDef | ast.ClassDef | _Import | ast.Assign | ast.AnnAssign
_CALLED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_PROPERTY = ["property"]


class FileScope:
    """The names of a file, by what its text says of them.

    ``path`` is where it stands: modules beside it can be imported.
    """

    def __init__(self, source: Source, path: Path | None = None):
        self.path = path
        self.name = source.name
        self.ours = path in LIBRARIES
        self.text = Text(source)
        self._simple: dict[str, list[ast.stmt]] = {}
        self._hidden: set[str] = set()
        self._stars: list[ast.ImportFrom] = []
        body = self.text.tree.body
        run = [one for one in body if not isinstance(one, _CALLED)]
        #: the names of lists and the like that change when the module is run
        self._changed = {*changing_names(run), *changed_attributes(run)}
        for statement in body:
            self._note(statement)

    def _note(self, statement: ast.stmt) -> None:
        names = assigned_names([statement])
        if isinstance(statement, ast.ImportFrom) and "*" in names:
            self._stars.append(statement)
        elif isinstance(statement, _PLAIN):
            for name in names:
                self._simple.setdefault(name, []).append(statement)
        else:
            self._hidden.update(names)

    @property
    def functions(self) -> list[str]:
        """The names of the functions that the file defines."""
        found = self._simple.items()
        return [n for n, made in found if isinstance(made[-1], ast.FunctionDef)]

    def find(self, name: str, reader: FunctionLowering, node: Any) -> Item | None:
        """See `Scope`."""
        made = self._simple.get(name, [])
        if name in self._hidden or len(made) > 1:
            message = f"`{name}` is assigned more than once, or under a condition"
            return Refused(f"{message}, in {self.name}", "assign to it once")
        if not made:
            return self._from_stars(name, reader)
        statement = made[0]
        if isinstance(statement, ast.FunctionDef):
            return self.function(statement, reader, node)
        if isinstance(statement, ast.ClassDef):
            return self._class(statement, reader, node)
        if isinstance(statement, _Import):
            return imported(statement, self.text, reader, self.path).get(name)
        assert isinstance(statement, (ast.Assign, ast.AnnAssign))
        return self._constant(name, statement, reader, node)

    def annotation(self, name: str) -> ast.expr | None:
        """See `Scope`."""
        made = [] if name in self._hidden else self._simple.get(name, [])
        value = getattr(made[0], "value", None) if len(made) == 1 else None
        types = ast.Name | ast.Attribute | ast.Subscript | ast.BinOp
        return value if isinstance(value, types) else None

    def _from_stars(self, name: str, reader: FunctionLowering) -> Item | None:
        for statement in self._stars:
            if statement.module in BROUGHT and not statement.level:
                module = str(statement.module)
                return builtins.of_module(reader.builder, module, name)
        return None

    def function(
        self, statement: ast.FunctionDef, reader: FunctionLowering, node: Any
    ) -> Item:
        """A function of the file, with the values of its defaults."""
        for decorator in statement.decorator_list:
            if self._origin(decorator) not in _TRANSPARENT:
                message = f"`{statement.name}` has a decorator"
                return Refused(message, "call the function that is decorated")
        found = self._plain_function(statement, reader, node)
        return replace(found, kept=bool(statement.decorator_list))

    def _plain_function(
        self, statement: ast.FunctionDef, reader: FunctionLowering, node: Any
    ) -> Function:
        arguments = statement.args
        given = [*arguments.defaults, *filter(None, arguments.kw_defaults)]
        frame = self._frame(reader, node)
        items = tuple([frame.item(default) for default in given])
        defaults = named_defaults(arguments, items)
        return Function(statement.name, statement, self.text, self, None, defaults)

    def _class(
        self, statement: ast.ClassDef, reader: FunctionLowering, node: Any
    ) -> Item:
        """A class of the file, a `NamedTuple` or a dataclass; others are refused."""
        bases = [self._origin(one) for one in statement.bases]
        decorators = [self._origin(one) for one in statement.decorator_list]
        data = decorators == [DECORATOR]
        if not data and (bases != ["typing.NamedTuple"] or decorators):
            return class_refused(statement.name)
        parts = written_parts(statement, self._origin) if data else _named(statement)
        if isinstance(parts, Refused):
            return parts
        frame = self._frame(reader, node)
        functions = [one for one in statement.body if isinstance(one, ast.FunctionDef)]
        refused = special_refused(statement.name, [one.name for one in functions])
        if refused is not None:
            return refused
        methods = {  # of others that are decorated nothing is known
            one.name: self._plain_function(one, reader, node)
            for one in functions
            if [ast.unparse(name) for name in one.decorator_list] in ([], _PROPERTY)
        }
        return RecordClass(
            statement.name,
            tuple(one.name for one in parts),
            {one.name: one.annotation for one in parts},
            self,
            {one.name: frame.item(one.default[0]) for one in parts if one.default},
            methods,
            frozenset(one.name for one in functions if one.decorator_list),
            data,
            not data or is_frozen(statement),
            frozenset(one.name for one in parts if one.by_name),
        )

    def _origin(self, decorator: ast.expr) -> str:
        """What a decorator is called where it is imported from; else empty."""
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        first, *rest = ast.unparse(called).split(".")
        made = [] if first in self._hidden else self._simple.get(first, [])
        for statement in made if len(made) == 1 else ():
            for alias in getattr(statement, "names", ()):
                if first == (alias.asname or alias.name):
                    module = getattr(statement, "module", "") or ""
                    level = "." * getattr(statement, "level", 0)
                    return level + ".".join(filter(None, (module, alias.name, *rest)))
        return ""

    def _constant(
        self,
        name: str,
        statement: ast.Assign | ast.AnnAssign,
        reader: FunctionLowering,
        node: Any,
    ) -> Item | None:
        if statement.value is None:
            return None
        frame = self._frame(reader, node)
        context = reader.context
        reader_depth = len(context.active)
        if reader_depth > 100:
            return Refused(f"`{name}` is defined by itself")
        context.active.append((statement, reader.builder.depth))
        if isinstance(statement.value, ast.Lambda):
            frame.assign(ast.Name(name, ast.Store()), frame.item(statement.value))
        else:
            item = frame.item(statement.value)
            targets = (
                statement.targets
                if isinstance(statement, ast.Assign)
                else [statement.target]
            )
            for target in targets:
                frame.assign(target, item)
        context.active.pop()
        found = frame.env.get(name)
        is_number = isinstance(found, Value) and not found.type.rank
        if name in self._changed and not is_number and not is_word(found):
            message = f"`{name}` is changed when {self.name} is run"
            return Refused(message, "write it as it is then, or make it a parameter")
        reader.context.note_constant(name, found)
        note_outside(reader.context, found)
        return found

    def _frame(self, reader: FunctionLowering, node: Any) -> FunctionLowering:
        place = None if self.text is reader.context.text else reader.where(node)
        return type(reader)(reader.context, self.text, self, None, place)


def _named(node: ast.ClassDef) -> list[Part]:
    """The parts of a `NamedTuple`."""
    found = {
        one.target.id: one
        for one in node.body
        if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name)
    }
    return [
        Part(name, one.annotation, (one.value,) if one.value else None, False)
        for name, one in found.items()
    ]


def _read(path: Path) -> str:
    try:
        with tokenize.open(path) as file:
            return file.read()
    except OSError as error:
        reason = error.strerror or str(error)
        raise AdjointError(f"cannot read {str(path)!r}: {reason}") from None
    except (SyntaxError, UnicodeDecodeError) as error:
        raise AdjointError(f"cannot read {str(path)!r}: {error}") from None


@lru_cache(maxsize=16)
def file_scope(path: Path, name: str, changed: float) -> FileScope:
    """The scope of a file; ``changed`` is when it was written."""
    return FileScope(Source(_read(path), name), path)


def open_file(path: Path, name: str) -> FileScope:
    """The scope of a file as it is now."""
    changed = path.stat().st_mtime_ns if path.exists() else 0
    return file_scope(path, name, changed)


# -- imports


def imported(
    node: _Import, text: Text, reader: FunctionLowering, path: Path | None = None
) -> dict[str, Item]:
    """What an import statement binds."""
    found: dict[str, Item] = {}
    for alias in node.names:
        bound = alias.asname or alias.name.split(".")[0]
        if isinstance(node, ast.Import):
            whole = alias.name if alias.asname else bound
            found[bound] = _module(whole, 0, path)
        elif node.module in BROUGHT and not node.level:
            module = str(node.module)
            item = BROUGHT.get(f"{module}.{alias.name}")
            item = item or builtins.of_module(reader.builder, module, alias.name)
            whole = f"{module}.{alias.name}"
            message = f"`{whole}` is not supported"
            found[bound] = item or Refused(message, MODULES.get(whole))
        else:
            found[bound] = _from_module(node, alias.name, path, reader)
    return found


def _from_module(
    node: ast.ImportFrom, name: str, path: Path | None, reader: FunctionLowering
) -> Item:
    module = _module(node.module or "", node.level, path)
    if not isinstance(module, Module) or module.scope is None:
        return module
    item = module.scope.find(name, reader, module.scope.text.tree.body[0])  # type: ignore[attr-defined]
    return item or Refused(f"`{module.name}` has no `{name}`")


def _module(name: str, level: int, path: Path | None) -> Item:
    """A module that is imported by a file: `math`, or a file beside it."""
    if name in BROUGHT and not level:
        return BROUGHT[name]
    if path is not None:
        folder = path.parent
        for _ in range(level - 1):
            folder = folder.parent
        beside = folder.joinpath(*name.split(".")).with_suffix(".py")
        if name and beside.is_file():
            return Module(name, open_file(beside, str(beside)))
    message, hint = module_refusal(name)
    others = "`math` and `numpy` are, and so are Python files in the same folder"
    return Refused(message, hint or others)
