"""The evidence for a saved module of functions of arrays or lists, from its text alone.

As `programs` does for programs, this compares what the text says: the derivative that
it computes with differences of the function that it computes, both in 50 digits.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np

from adjoint.check.arrays.calls import FiftyDigits, Floats
from adjoint.check.arrays.programs import check_subject
from adjoint.check.arrays.slopes import copies
from adjoint.check.arrays.sparse import check_sparse
from adjoint.check.arrays.subject import Results, Subject, as_list, exact_results
from adjoint.check.arrays.text import ArrayText
from adjoint.check.decimals import Decimals
from adjoint.check.own_calls import notes_of_imported, notes_of_own
from adjoint.check.points import Ranges, check_ranges
from adjoint.check.report import Report
from adjoint.check.text.module import ModuleReader, too_deep
from adjoint.check.text.unpacking import packed, unpacked, with_groups
from adjoint.ir.form import Form, flattened, size
from adjoint.ir.program import Block, Program, Value
from adjoint.ir.types import FLOAT
from adjoint.kinds.pattern import pattern_name

_COUNTED = (ast.BinOp, ast.UnaryOp, ast.Compare, ast.Call, ast.AugAssign)


def check_array_module(
    reader: ModuleReader,
    ranges: Ranges,
    derivative: str | None,
    wrt: Sequence[str] | None,
    seconds: float,
) -> Report:
    """Compare the derivative of the module with differences of its function.

    Raises SourceError for a text that is no generated module, OptionError for ranges
    that do not fit.
    """
    subject = _subject(reader, derivative, wrt)
    check_ranges(ranges, subject.primal.parameter_names)
    check = check_subject if subject.pattern is None else check_sparse
    try:
        return check(subject, ranges, seconds=seconds)
    except RecursionError:
        raise too_deep(reader.source.name) from None


def _subject(
    reader: ModuleReader, derivative: str | None, wrt: Sequence[str] | None
) -> Subject:
    name, kinds = reader.pair(derivative)
    derivative_name = "_".join([name, *kinds])
    functions = reader.scope.functions
    primal = _signature(reader, name)
    names = primal.parameter_names
    whole = [one.arg for one in _declared(functions[derivative_name])]
    if missing := [one for one in names if one not in whole]:
        message = f"`{derivative_name}` has no parameter `{missing[0]}`"
        reader.places.refuse(functions[derivative_name], message)
    given = [one for one in whole if one not in names]
    by = wrt or reader.documented(primal, derivative_name, kinds, given)
    reals = {str(one.name) for one in primal.parameters if one.type.real}
    by = [one for one in by if one in reals]
    pattern = pattern_name(name, kinds)
    if pattern is not None and pattern not in functions:
        message = f"there is no `{pattern}` here, which says where the entries stand"
        reader.places.refuse(functions[derivative_name], message)
    arguments = ArrayText(reader.scope), primal, given, by, "vjp" in kinds
    called, floats = _Called(*arguments), Floats(reader.scope)
    holds_fixed = reader.docstring.holds_fixed
    stated = reader.stated(primal) if holds_fixed else None
    imported = notes_of_imported(one.python for one in reader.scope.imported)

    @cache
    def exact(decimals: Decimals) -> tuple[Results, Results]:
        numbers = FiftyDigits(decimals, reader.scope)
        value = called.results(name, numbers, names)
        if stated is not None:
            value = _both(exact_results(stated, decimals), value)
        return value, called.results(derivative_name, numbers, whole)

    return Subject(
        primal,
        derivative_name,
        kinds,
        by,
        given,
        exact,
        called.results(name, floats, names),
        called.results(derivative_name, floats, whole),
        (_operations(reader, name), _operations(reader, derivative_name)),
        None if pattern is None else called.results(pattern, floats, names),
        list(imported if stated is None else notes_of_own(stated)),
        bool(reader.scope.imported) or holds_fixed,
    )


class _Called:
    """The functions of the module, called with the arguments by their names.

    Those who compare have arrays for lists. In a module without NumPy all arrays are
    given as lists; else the parameters that are typed so, the vectors of these, and
    the seeds of results that are lists: ``seeded`` says whether there are seeds.
    """

    def __init__(
        self,
        text: ArrayText,
        primal: Program,
        given: Sequence[str],
        by: Sequence[str],
        seeded: bool,
    ):
        self._text = text
        self._plain = not text.scope.in_numpy
        self._value_name = primal.name
        count = len(primal.results) if seeded else 0
        self._seeds = given[:count]
        #: which names are those of lists, and whether these are lists of arrays
        self._lists = {
            str(one.name): one.type.of_arrays
            for one in primal.parameters
            if one.type.listed
        }
        vectors = dict(zip(given[count:], by, strict=False))
        self._lists |= {
            vector: self._lists[one]
            for vector, one in vectors.items()
            if one in self._lists
        }

    def results(
        self, name: str, arithmetic: FiftyDigits | Floats, names: Sequence[str]
    ) -> Results:
        """What a function gives; those are its parameters, in their order."""
        function = self._text.function(name, arithmetic)

        def results(given: Mapping[str, Any]) -> list[Any]:
            arguments = [self._as_given(one, given[one]) for one in names]
            _, found = flattened(function(*arguments))
            if name == self._value_name:
                self._note(found)
            return list(map(_as_array, found))

        return results

    def _note(self, values: Sequence[Any]) -> None:
        """Note which values of the function are lists: then so are their seeds."""
        for seed, value in zip(self._seeds, values, strict=False):
            if isinstance(value, list):
                self._lists[seed] = any(isinstance(one, np.ndarray) for one in value)

    def _as_given(self, name: str, argument: Any) -> Any:
        listed = self._plain or name in self._lists
        if not listed or not np.ndim(argument):
            return argument
        return as_list(argument, self._lists.get(name, False))


def _both(stated: Results, own: Results) -> Results:
    """What is stated; the module's own function is run too, to see what it returns."""

    def results(given: Mapping[str, Any]) -> Sequence[Any]:
        own(copies(given))
        return stated(given)

    return results


def _as_array(result: Any) -> Any:
    """An array for nested lists. Raises ValueError where these have no one shape."""
    if not isinstance(result, list):
        return result
    array = np.array(result, dtype=object)
    if any(isinstance(one, list) for one in array.flat):
        raise ValueError("the lists that are returned differ in length")
    return array


def _signature(reader: ModuleReader, name: str) -> Program:
    """The function as its parameters, of the types that the docstring says, and form.

    Its results are not computed.
    """
    function = reader.scope.functions[name]
    types = reader.docstring.types
    parameters = []
    for one in _declared(function):
        if one.arg not in types:
            message = f"the docstring does not say the type of `{one.arg}`"
            reader.places.refuse(one, message)
        parameters.append(Value(types[one.arg], name=one.arg))
    forms = {_form(one.value) for one in _returned(function.body)}
    if len(forms) > 1:
        message = f"`{name}` does not return results of one form"
        reader.places.refuse(function, message)
    form = forms.pop() if forms else None
    values = tuple(Value(FLOAT, name=name) for _ in range(size(form)))
    program = Program(name, tuple(parameters), Block([], values), form=form)
    return packed(program, with_groups(function)[1])


def _declared(function: ast.FunctionDef) -> list[ast.arg]:
    arguments = unpacked(function).args
    return [*arguments.args, *arguments.kwonlyargs]


def _returned(body: Sequence[ast.stmt]) -> Iterator[ast.Return]:
    """The ``return`` statements, but for those of functions inside."""
    pending = list(body)
    while pending:
        statement = pending.pop()
        if isinstance(statement, ast.Return):
            yield statement
        for part in ("body", "orelse"):
            if not isinstance(statement, ast.FunctionDef):
                pending += getattr(statement, part, [])


def _form(result: ast.expr | None) -> Form:
    if not isinstance(result, ast.Tuple):
        return None
    return tuple(map(_form, result.elts))


def _operations(reader: ModuleReader, name: str) -> int:
    """How many operations the text of a function has; those of a loop count once."""
    nodes = ast.walk(reader.scope.functions[name])
    return sum(isinstance(node, _COUNTED) for node in nodes)
