"""A generated module, read from its text: nothing of it is ever run by Python."""

from __future__ import annotations

import ast
import re
import textwrap
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

from adjoint.check.body import BodyReader
from adjoint.check.expressions import Places
from adjoint.check.scope import Scope
from adjoint.errors import AdjointError, Source
from adjoint.frontend.function_expressions import IntParameter
from adjoint.ir.form import Form, tuple_of
from adjoint.ir.memory import collection_paused
from adjoint.ir.program import Program
from adjoint.transform.own import HELD_FIXED

#: The kinds of derivative that can be checked; the first results are the value, if any.
_KINDS = {"value_and_grad": 1, "grad": 0}

_FORMULA = re.compile(r"^Formula:\n\n((?:(?:    .*)?\n)+?)(?=\S|\Z)", re.MULTILINE)


@dataclass(frozen=True)
class GeneratedModule:
    """What a generated module says.

    ``primal``      the text of the function, as a program
    ``derivative``  the text of its derivative; its results are the value (where
                    ``has_value``) and one derivative for each name of ``wrt``
    ``formula``     the formula of the docstring; None where it is cut or not there
    """

    primal: Program
    derivative: Program
    has_value: bool
    wrt: tuple[str, ...]
    formula: Source | None


def read_module(
    text: str,
    source_name: str,
    derivative: str | None = None,
    wrt: Sequence[str] | None = None,
) -> GeneratedModule:
    """Read a generated module.

    ``derivative`` is the kind of derivative, or the name of the function that computes
    it; ``wrt`` is what it is a derivative by (default: what the docstring says). Raises
    SourceError, with the place, for what is no generated module.
    """
    source = Source(text.replace("\r\n", "\n").replace("\r", "\n"), source_name)
    try:
        with collection_paused():
            return _Reader(source).module(derivative, wrt)
    except (RecursionError, MemoryError):
        raise AdjointError(
            f"{source_name}: this is nested too deeply to read"
        ) from None


class _Reader:
    def __init__(self, source: Source):
        self.source = source
        self.tree = _parsed(source)
        self.places = Places(source)
        self.scope = Scope(self.places)
        self.scope.read(self.tree)
        self.docstring = ast.get_docstring(self.tree, clean=False) or ""
        self.whole: set[str] = set()

    def module(
        self, derivative: str | None, wrt: Sequence[str] | None
    ) -> GeneratedModule:
        primal_name, kind = self._pair(derivative)
        name = f"{primal_name}_{kind}"
        primal, form = self._program(primal_name)
        if form is not None:
            self.places.refuse(
                self.scope.functions[primal_name], f"`{primal_name}` returns no number"
            )
        program, form = self._program(name)
        if program.parameter_names != primal.parameter_names:
            message = f"`{name}` has not the parameters of `{primal_name}`"
            self.places.refuse(self.scope.functions[name], message)
        names = tuple(wrt or self._documented(primal_name, name, primal))
        has_value = _KINDS[kind] == 1
        if form != _form(len(names), has_value):
            message = f"`{name}` does not return " + _described(names, has_value)
            self.places.refuse(self.scope.functions[name], message)
        if HELD_FIXED in " ".join(self.docstring.split()):
            raise AdjointError(
                f"{self.source.name}: this is no derivative of the whole function, "
                f"but one {HELD_FIXED}; there is nothing to compare it with"
            )
        return GeneratedModule(primal, program, has_value, names, self._formula())

    def _pair(self, derivative: str | None) -> tuple[str, str]:
        """The names of the function and of the kind of its derivative."""
        functions = self.scope.functions
        pairs = [
            (name, kind)
            for kind in _KINDS
            for name in functions
            if f"{name}_{kind}" in functions
            and derivative in (None, kind, f"{name}_{kind}")
        ]
        if not pairs:
            wanted = derivative or " or ".join(_KINDS)
            message = f"{self.source.name}: there is no function here with its {wanted}"
            raise AdjointError(message)
        primal, kind = pairs[0]
        for name, function in functions.items():
            if name != primal and not name.startswith(f"{primal}_"):
                message = f"`{name}` is no function that adjoint writes"
                self.places.refuse(function, message)
        return primal, kind

    def _program(self, name: str) -> tuple[Program, Form]:
        function = self.scope.functions[name]
        arguments = function.args
        # defaults and keyword-only parameters make no difference to what is computed
        plain = ast.arguments(
            [],
            arguments.args,
            None,
            arguments.kwonlyargs,
            arguments.kw_defaults,
            None,
            arguments.defaults,
        )
        if (
            ast.dump(arguments) != ast.dump(plain)
            or any(one.annotation for one in (*arguments.args, *arguments.kwonlyargs))
            or not all(map(_is_plain, [*arguments.defaults, *arguments.kw_defaults]))
            or function.decorator_list
            or function.returns
        ):
            self.places.refuse(function, f"`{name}` has more than plain parameters")
        while True:
            try:
                return self._body(function)
            except IntParameter as found:
                self.whole |= found.names

    def _body(self, function: ast.FunctionDef) -> tuple[Program, Form]:
        scope = self.scope
        reader = BodyReader(
            self.places,
            scope.operation,
            scope.builtin,
            scope.numbers,
            scope.constants,
            self.whole,
        )
        return reader.program(function)

    def _documented(self, primal: str, name: str, program: Program) -> list[str]:
        """What it is a derivative by: as the docstring says, else by everything."""
        sentence = re.compile(
            rf"^{name}\(.*?\)\s+returns\s+(.*?)\.$", re.DOTALL | re.MULTILINE
        )
        match = sentence.search(self.docstring)
        found = re.findall(rf"\bd{primal}/d(\w+)", match[1]) if match else []
        names = found or list(program.parameter_names)
        for one in names:
            if one not in program.parameter_names:
                message = f"`{one}`, in the docstring, is not a parameter of `{primal}`"
                self.places.refuse(self.scope.functions[primal], message)
        return names

    def _formula(self) -> Source | None:
        match = _FORMULA.search(self.docstring + "\n")
        if match is None:
            return None
        text = textwrap.dedent(match[1]).strip("\n")
        if not text or text.endswith(" ..."):
            return None
        return Source(text, f"{self.source.name} (formula)")


def _parsed(source: Source) -> ast.Module:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about what the text says
            return ast.parse(source.text)
    except SyntaxError as error:
        line_starts = [0, *(m.end() for m in re.finditer("\n", source.text))]
        line = min(max(error.lineno or 1, 1), len(line_starts))
        at = line_starts[line - 1] + max((error.offset or 1) - 1, 0)
        raise source.error(at, at + 1, f"this is not Python: {error.msg}") from None
    except ValueError as error:  # a null byte, a lone surrogate
        raise AdjointError(f"{source.name}: this is not Python: {error}") from None


def _is_plain(default: ast.expr | None) -> bool:
    """Whether a parameter's default is a number, or the name of one."""
    if isinstance(default, ast.UnaryOp):
        default = default.operand
    number = isinstance(default, ast.Constant) and not isinstance(default.value, str)
    return default is None or number or isinstance(default, ast.Name)


def _form(count: int, has_value: bool) -> Form:
    gradient = tuple_of(count)
    return (None, gradient) if has_value else gradient


def _described(names: Sequence[str], has_value: bool) -> str:
    many = f"a tuple of {len(names)} derivatives"
    gradient = many if len(names) > 1 else "one derivative"
    return f"(value, {gradient})" if has_value else gradient
