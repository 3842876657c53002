"""Where the names of a module are found: in a file, or in the running program.

A file is read by its syntax tree and never imported. Of a function object, the source
is read, and its globals and closure are looked up; nothing is called or evaluated.
"""

from __future__ import annotations

import ast
import functools
import inspect
import tokenize
import types
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from adjoint.errors import AdjointError, Source
from adjoint.frontend.function import builtins
from adjoint.frontend.function.expressions import Expressions, named_defaults
from adjoint.frontend.function.flow import assigned_names
from adjoint.frontend.function.items import (
    BROUGHT,
    Builtin,
    Derived,
    Function,
    Item,
    ListItem,
    Module,
    Own,
    Refused,
)
from adjoint.frontend.function.text import Text
from adjoint.ir.program import Program, Value
from adjoint.rules.operation import OwnOperation

#: Arrays of the module of more numbers are not written into the generated one.
_LARGEST_ARRAY = 10_000

_Def = ast.FunctionDef | ast.Lambda
_Import = ast.Import | ast.ImportFrom


# -- files


class FileScope:
    """The names of a file, by what its text says of them.

    ``path`` is where it stands: modules beside it can be imported.
    """

    def __init__(self, source: Source, path: Path | None = None):
        self.path = path
        self.name = source.name
        self.text = Text(source)
        self._simple: dict[str, list[ast.stmt]] = {}
        self._hidden: set[str] = set()
        self._stars: list[ast.ImportFrom] = []
        for statement in self.text.tree.body:
            self._note(statement)

    def _note(self, statement: ast.stmt) -> None:
        plain = (ast.FunctionDef, ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign)
        names = assigned_names([statement])
        if isinstance(statement, ast.ImportFrom) and "*" in names:
            self._stars.append(statement)
        elif isinstance(statement, plain):
            for name in names:
                self._simple.setdefault(name, []).append(statement)
        else:
            self._hidden.update(names)

    @property
    def functions(self) -> list[str]:
        """The names of the functions that the file defines."""
        found = self._simple.items()
        return [n for n, made in found if isinstance(made[-1], ast.FunctionDef)]

    def find(self, name: str, reader: Expressions, node: Any) -> Item | None:
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
        if isinstance(statement, _Import):
            return imported(statement, self.text, reader, self.path).get(name)
        assert isinstance(statement, (ast.Assign, ast.AnnAssign))
        return self._constant(name, statement, reader, node)

    def _from_stars(self, name: str, reader: Expressions) -> Item | None:
        for statement in self._stars:
            if statement.module in BROUGHT and not statement.level:
                module = str(statement.module)
                return builtins.of_module(reader.builder, module, name)
        return None

    def function(
        self, statement: ast.FunctionDef, reader: Expressions, node: Any
    ) -> Item:
        """A function of the file, with the values of its defaults."""
        for decorator in statement.decorator_list:
            if not _is_cache(decorator) and not _is_rule(decorator):
                message = f"`{statement.name}` has a decorator"
                return Refused(message, "call the function that is decorated")
        arguments = statement.args
        given = [*arguments.defaults, *filter(None, arguments.kw_defaults)]
        frame = self._frame(reader, node)
        items = tuple([_default(frame, default) for default in given])
        defaults = named_defaults(arguments, items)
        return Function(statement.name, statement, self.text, self, None, defaults)

    def _constant(
        self,
        name: str,
        statement: ast.Assign | ast.AnnAssign,
        reader: Expressions,
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
        _note_constant(reader, name, found)
        return found

    def _frame(self, reader: Expressions, node: Any) -> Expressions:
        place = None if self.text is reader.context.text else reader.where(node)
        return type(reader)(reader.context, self.text, self, None, place)


def _default(frame: Expressions, default: ast.expr) -> Item:
    if isinstance(default, ast.Constant) and not isinstance(
        default.value, (int, float)
    ):
        return Refused(
            "this default is not a number", "write a number, or leave it out"
        )
    return frame.item(default)


def _is_cache(decorator: ast.expr) -> bool:
    name = decorator.func if isinstance(decorator, ast.Call) else decorator
    return ast.unparse(name).removeprefix("functools.") in ("cache", "lru_cache")


def _is_rule(decorator: ast.expr) -> bool:
    """Whether it gives derivatives, which are those of the function all the same."""
    name = decorator.func if isinstance(decorator, ast.Call) else decorator
    return ast.unparse(name) in ("rule", "adjoint.rule")


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
    node: _Import, text: Text, reader: Expressions, path: Path | None = None
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
            message = f"`{module}.{alias.name}` is not supported"
            found[bound] = item or Refused(message)
        else:
            found[bound] = _from_module(node, alias.name, path, reader)
    return found


def _from_module(
    node: ast.ImportFrom, name: str, path: Path | None, reader: Expressions
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
    message = f"the module `{name}` is not supported"
    hint = "`math` and `numpy` are, and so are Python files in the same folder"
    return Refused(message, hint)


# -- the running program


class LiveScope:
    """The names that a function object sees: its closure, then its globals."""

    def __init__(self, name: str, cells: dict[str, Any], names: dict[str, Any]):
        self.name = name
        self._cells = cells
        self._names = names

    def find(self, name: str, reader: Expressions, node: Any) -> Item | None:
        """See `Scope`."""
        for names in (self._cells, self._names):
            if name in names:
                item = live_item(names[name], name, reader)
                _note_constant(reader, name, item)
                return item
        return None


def live_item(thing: Any, name: str, reader: Expressions) -> Item:
    """What an object of the running program is to us."""
    operation = getattr(thing, "operation", None)
    if isinstance(operation, OwnOperation):
        return Own(operation)
    if isinstance(thing, tuple):
        return tuple(live_item(part, name, reader) for part in thing)
    if type(thing) in (int, bool):
        return reader.builder.constant(thing)
    if isinstance(thing, float):
        return reader.builder.constant(float(thing))
    if type(thing).__module__ == "numpy" and hasattr(thing, "tolist"):
        return _constant_array(thing, name, reader)
    if isinstance(thing, list):
        return ListItem([live_item(part, name, reader) for part in thing])
    if isinstance(thing, types.ModuleType) and thing.__name__ in BROUGHT:
        return BROUGHT[thing.__name__]
    if isinstance(thing, types.ModuleType):
        return Module(thing.__name__, LiveScope(thing.__name__, {}, vars(thing)))
    if isinstance(thing, functools._lru_cache_wrapper):
        thing = thing.__wrapped__
    numpy_function = _of_numpy(thing)
    if numpy_function is not None:
        return numpy_function
    if isinstance(thing, types.FunctionType):
        return live_function(thing, reader)
    if isinstance(thing, types.BuiltinFunctionType) and _is_brought(thing):
        module = "math" if thing.__module__ == "math" else "builtins"
        if builtins.is_known(module, thing.__name__):
            return Builtin(module, thing.__name__)
    program = getattr(thing, "callee", None)
    if isinstance(program, Program):
        return Derived(name, program)
    kind = type(thing).__name__
    return Refused(f"`{name}` is not supported here: it is of type {kind}")


def _constant_array(thing: Any, name: str, reader: Expressions) -> Item:
    """An array of the module, or a number of NumPy's, taken in as it is now."""
    kinds = {"f": "float", "i": "int", "u": "int", "b": "bool"}
    element = kinds.get(thing.dtype.kind)
    if element is None:
        return Refused(f"`{name}` is an array of {thing.dtype}, not of numbers")
    if thing.size > _LARGEST_ARRAY:
        message = f"`{name}` is an array of {thing.size} numbers, too many to take in"
        return Refused(message, "make it a parameter")
    if not thing.ndim:
        return reader.builder.constant(thing.item())
    attributes = (_nested(thing.tolist()), element)
    return reader.builder.emit("array", attributes=attributes)


def _nested(numbers: Any) -> Any:
    return tuple(map(_nested, numbers)) if isinstance(numbers, list) else numbers


def _of_numpy(thing: Any) -> Builtin | None:
    """A function of NumPy or SciPy, where it is known."""
    if not callable(thing):
        return None
    module = getattr(thing, "__module__", None) or type(thing).__module__
    name = getattr(thing, "__name__", "")
    for known in (str(module), str(module).partition(".")[0]):
        brought = known in BROUGHT and known != "math"
        if brought and builtins.is_known(known, name):
            return Builtin(known, name)
    return None


def _is_brought(thing: Any) -> bool:
    return thing.__module__ in ("math", "builtins")


def live_function(function: types.FunctionType, reader: Expressions) -> Function:
    """A function object, by its source, its globals and its closure."""
    text, node = source_of(function)
    names, cells = function.__code__.co_freevars, function.__closure__ or ()
    closure: dict[str, Any] = {}
    for name, cell in zip(names, cells, strict=True):
        try:
            closure[name] = cell.cell_contents
        except ValueError:  # nothing is assigned to it yet
            continue
    scope = LiveScope(text.source.name, closure, function.__globals__)
    defaults = {
        name: live_item(thing, name, reader)
        for name, thing in live_defaults(function).items()
    }
    return Function(function.__name__, node, text, scope, None, defaults)


def live_defaults(function: types.FunctionType) -> dict[str, Any]:
    """The defaults of a function object by the names of the parameters."""
    code, given = function.__code__, function.__defaults__ or ()
    names = code.co_varnames[: code.co_argcount]
    found = dict(zip(names[len(names) - len(given) :], given, strict=True))
    return found | (function.__kwdefaults__ or {})


def source_of(function: types.FunctionType) -> tuple[Text, _Def]:
    """The text of a function object's file, and its node in there."""
    try:
        lines, _ = inspect.findsource(function)
    except (OSError, TypeError):
        raise AdjointError(
            f"the source of {function.__name__!r} cannot be read; "
            "define it in a file, or give a formula"
        ) from None
    text = _parsed("".join(lines), function.__code__.co_filename)
    found = [node for node in _functions(text) if _is_of(node, function.__code__)]
    if not found:
        raise AdjointError(
            f"the source of {function.__name__!r} is not where it was: "
            f"{text.source.name} has changed since it was imported"
        )
    return text, found[0]


@lru_cache(maxsize=64)
def _parsed(text: str, name: str) -> Text:
    return Text(Source(text, name))


@cache
def _functions(text: Text) -> tuple[_Def, ...]:
    return tuple(
        node
        for node in ast.walk(text.tree)
        if isinstance(node, (ast.FunctionDef, ast.Lambda))
    )


def _is_of(node: _Def, code: types.CodeType) -> bool:
    """Whether the code object was compiled from the node."""
    if isinstance(node, ast.FunctionDef):
        first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
        return node.name == code.co_name and first == code.co_firstlineno
    if code.co_name != "<lambda>" or node.lineno != code.co_firstlineno:
        return False
    body: Any = node.body
    start, end = (body.lineno, body.col_offset), (body.end_lineno, body.end_col_offset)
    for line, end_line, column, end_column in code.co_positions():
        if line is None or column is None or column == end_column:
            continue  # an instruction that stands for no text
        if not (start <= (line, column) and (end_line, end_column) <= end):
            return False
    return True


def _note_constant(reader: Expressions, name: str, item: Item | None) -> None:
    if isinstance(item, Value) and item.number is not None:
        reader.context.constants[name] = item.number
