"""A generated module, read from its text: nothing of it is ever run by Python."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace

from adjoint.check.claims import Claim, claims
from adjoint.check.own_calls import imported_by_name
from adjoint.check.text.body import BodyReader
from adjoint.check.text.docstring import Docstring
from adjoint.check.text.documented import formula_program, program_with_stops
from adjoint.check.text.each_point import LOOPS
from adjoint.check.text.scope import Scope
from adjoint.check.text.unpacking import packed, with_groups
from adjoint.errors import AdjointError, Source
from adjoint.frontend.python.by_use import IntParameter
from adjoint.frontend.python.places import Places
from adjoint.ir.form import Form, text_of
from adjoint.ir.memory import collection_paused
from adjoint.ir.program import Program
from adjoint.kinds.pattern import SPARSE, pattern_name
from adjoint.kinds.request import Request, kinds_of_name
from adjoint.rules.operation import OwnOperation
from adjoint.transform.sparse.numbers import Coordinates

#: The kinds that are a gradient, and whether the value stands before it.
_GRADIENTS = {"value_and_grad": True, "grad": False}

#: How the docstring names what a derivative is by, by what it says of the result.
_SAID = (
    r"\bd{0}/d(\w+)",
    r"\bd2{0}/d(\w+)2\b",
    r"\(H @ v\)\[(\w+)\]",
    r"\b(\w+)_bar\b",
)

#: What a function calls that is made for rows.
_IN_ROWS = frozenset(f"helper.{name}" for name in LOOPS)


@dataclass(frozen=True)
class GeneratedModule:
    """What a generated module says.

    ``primal``      the text of the function, as a program
    ``derivative``  the text of its derivative; its results are the value (where
                    ``has_value``) and one derivative for each name of ``wrt``,
                    or what the ``claims`` say, where there are some
    ``stated``      the function that it was made from: that of the docstring, where it
                    is whole, and else ``primal``
    """

    primal: Program
    derivative: Program
    has_value: bool
    wrt: tuple[str, ...]
    stated: Program
    claims: tuple[Claim, ...] = ()


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
    return reader_of(text, source_name).read(derivative, wrt)


def reader_of(
    text: str, source_name: str, own: Sequence[OwnOperation] = ()
) -> ModuleReader:
    """What reads the module, which may import the user's ``own`` functions.

    Raises SourceError for what is no generated module.
    """
    source = Source(text.replace("\r\n", "\n").replace("\r", "\n"), source_name)
    try:
        with collection_paused():
            return ModuleReader(source, own)
    except (RecursionError, MemoryError):
        raise too_deep(source_name) from None


def too_deep(source_name: str) -> AdjointError:
    """The error for a text that is nested deeper than Python can follow."""
    return AdjointError(f"{source_name}: this is nested too deeply to read")


class ModuleReader:
    """Reads what a generated module says: its functions, and its docstring."""

    def __init__(self, source: Source, own: Sequence[OwnOperation] = ()):
        self.source = source
        self.own = own
        self.tree = _parsed(source)
        self.places = Places(source)
        self.scope = Scope(self.places, imported_by_name(own))
        self.scope.read(self.tree)
        self.docstring = Docstring(self.tree, source.name)
        self.whole: set[str] = set()

    @property
    def of_arrays(self) -> bool:
        """Whether it has functions of arrays or lists, and not of many points."""
        batches = "helper.in_blocks" in self.scope.meanings.values()
        return (self.scope.in_numpy and not batches) or bool(self.docstring.types)

    def read(
        self,
        derivative: str | None = None,
        wrt: Sequence[str] | None = None,
        stated: Program | None = None,
    ) -> GeneratedModule:
        """The function and its derivative, as programs; of the function ``stated``."""
        try:
            with collection_paused():
                return self._module(derivative, wrt, stated)
        except (RecursionError, MemoryError):
            raise too_deep(self.source.name) from None

    def _module(
        self,
        derivative: str | None,
        wrt: Sequence[str] | None,
        stated: Program | None,
    ) -> GeneratedModule:
        primal_name, kinds = self.pair(derivative)
        name = "_".join([primal_name, *kinds])
        primal, form = self._program(primal_name)
        primal = replace(primal, form=form)
        program, found = self._program(name)
        given = [p for p in program.parameter_names if p not in primal.parameter_names]
        kept = [p for p in program.parameter_names if p in primal.parameter_names]
        request = Request(kinds)
        if tuple(kept) != primal.parameter_names or (
            given and not {"cotangents", "product", "tangent"} & {*request.parts}
        ):
            message = f"`{name}` has not the parameters of `{primal_name}`"
            self.places.refuse(self.scope.functions[name], message)
        names = tuple(wrt or self.documented(primal, name, kinds, given))
        stated = replace(stated or self.stated(primal), form=form)
        if found != request.form(stated, names):
            what = text_of(request.words(stated, names))
            message = f"`{name}` does not return {what[:200]}"
            self.places.refuse(self.scope.functions[name], message)
        module = GeneratedModule(primal, program, False, names, stated)
        if form is None and len(kinds) == 1 and kinds[0] in _GRADIENTS:
            return replace(module, has_value=_GRADIENTS[kinds[0]])
        places = self._places_of_entries(stated, kinds, names)
        found_claims = claims(kinds, stated, names, given, places)
        return replace(module, claims=tuple(found_claims))

    def stated(self, primal: Program) -> Program:
        """The function as the docstring has it, where it does, and else ``primal``.

        Raises AdjointError where the docstring should suffice and does not.
        """
        if self.docstring.holds_fixed:
            own = {one.name: one for one in (*self.scope.imported, *self.own)}
            name = self.source.name
            return program_with_stops(self.docstring, primal, own, name)
        if self.docstring.formula is not None:
            return formula_program(self.docstring.formula, primal)
        return primal

    def _places_of_entries(
        self, stated: Program, kinds: Sequence[str], wrt: Sequence[str]
    ) -> Coordinates | None:
        """Where the entries of a sparse derivative stand, as the module says.

        Raises SourceError where it says nothing of an entry that there should be.
        """
        name = pattern_name(stated.name, kinds)
        if name is None or name not in self.scope.functions:
            return None
        numbers = [value.number for value in self._program(name)[0].results]
        half = len(numbers) // 2
        places = [
            (int(i or 0), int(j or 0))
            for i, j in zip(numbers[:half], numbers[half:], strict=True)
        ]
        find, _ = SPARSE[(SPARSE.keys() & {*kinds}).pop()]
        if None in numbers or sorted(places) != sorted(find(stated, wrt)):
            message = f"`{name}` does not return where the entries stand"
            self.places.refuse(self.scope.functions[name], message)
        return places

    def pair(self, derivative: str | None) -> tuple[str, list[str]]:
        """The names of the function and of the kinds of its derivative."""
        functions = self.scope.functions
        suffix = derivative and "_".join(one.strip() for one in derivative.split(","))
        pairs = [
            (name, kinds)
            for name in functions
            for other in functions
            if other.startswith(f"{name}_")
            and (kinds := kinds_of_name(other[len(name) + 1 :]))
            and suffix in (None, other[len(name) + 1 :], other)
        ]
        if not pairs:
            wanted = derivative or "derivative"
            message = f"{self.source.name}: there is no function here with its {wanted}"
            raise AdjointError(message)
        primal, kinds = min(pairs, key=lambda pair: pair[1] != ["value_and_grad"])
        for name, function in functions.items():
            if name != primal and not name.startswith(f"{primal}_"):
                message = f"`{name}` is no function that adjoint writes"
                self.places.refuse(function, message)
        return primal, kinds

    def _program(self, name: str) -> tuple[Program, Form]:
        function, groups = with_groups(self.scope.functions[name])
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
            or not self._are_typed(function)
            or not all(map(_is_plain, [*arguments.defaults, *arguments.kw_defaults]))
            or function.returns
        ):
            self.places.refuse(function, f"`{name}` has more than plain parameters")
        while True:
            try:
                program, form = self._body(function)
                return packed(program, groups), form
            except IntParameter as found:
                self.whole |= found.names

    def _are_typed(self, function: ast.FunctionDef) -> bool:
        """Whether decorator and annotations are those of a function of batches."""
        declared = (*function.args.args, *function.args.kwonlyargs)
        annotations = [one.annotation for one in declared if one.annotation]
        if not self.scope.in_numpy:
            return not annotations and not function.decorator_list
        decorators = list(map(self.scope.called, function.decorator_list))
        apart = any(self.scope.called(node) in _IN_ROWS for node in _names(function))
        expected = ["helper.in_blocks", "helper.in_rows"]
        types = {ast.unparse(one) for one in annotations}
        fits = decorators == expected or (decorators == expected[:1] and not apart)
        return fits and types <= {"int", "bool"}

    def _body(self, function: ast.FunctionDef) -> tuple[Program, Form]:
        return BodyReader(self.places, self.scope, self.whole).program(function)

    def documented(
        self, primal: Program, name: str, kinds: list[str], given: list[str]
    ) -> list[str]:
        """What it is a derivative by: as the docstring says, else by everything."""
        said = self.docstring.returned(name)
        pattern = pattern_name(primal.name, kinds)
        _, _, columns = self.docstring.returned(pattern or "").partition(
            "the columns are "
        )
        of = primal.name if primal.form is None else r"y\d+"
        patterns = [pattern.format(of) for pattern in _SAID]
        found = next(filter(None, (re.findall(one, said) for one in patterns)), [])
        if not found:  # a tangent; its vectors are called by the parameters
            stems = [one.removesuffix("_dot") for one in given if one.endswith("_dot")]
            found = [one for one in stems if one in primal.parameter_names]
        found = columns.split(", ") if columns else found
        known = primal.parameter_names
        mixed = tuple(f"{one}d" for one in known)  # as in d2f/dx1dx2: by x1 and x2
        found = [one for one in found if one in known or not one.startswith(mixed)]
        names = list(dict.fromkeys(found)) or list(known)
        for one in names:
            if one not in known:
                message = (
                    f"`{one}`, in the docstring, is not a parameter of `{primal.name}`"
                )
                self.places.refuse(self.scope.functions[primal.name], message)
        return names


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


def _names(function: ast.FunctionDef) -> list[ast.Name]:
    return [node for node in ast.walk(function) if isinstance(node, ast.Name)]


def _is_plain(default: ast.expr | None) -> bool:
    """Whether a parameter's default is a number, or the name of one."""
    if isinstance(default, ast.UnaryOp):
        default = default.operand
    number = isinstance(default, ast.Constant) and not isinstance(default.value, str)
    return default is None or number or isinstance(default, ast.Name)
