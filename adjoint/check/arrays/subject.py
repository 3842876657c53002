"""What is checked of functions of arrays: a function and a derivative, to be called."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from adjoint.check.arrays.slopes import copies
from adjoint.check.decimals import Decimals
from adjoint.check.own_calls import notes_of_own
from adjoint.ir.form import flattened, nested
from adjoint.ir.interpret import run
from adjoint.ir.program import Program, Value, operation_count
from adjoint.transform.writing_out import own_operations, written_out

#: From the arguments, by name, to a list of results.
Results = Callable[[Mapping[str, Any]], Sequence[Any]]

#: A function and its derivative in some arithmetic.
Exact = Callable[[Decimals], tuple[Results, Results]]


@dataclass(frozen=True)
class Subject:
    """A function of arrays and a derivative of it, in any digits and in floats.

    ``kinds`` and ``wrt`` say what the derivative is, ``given`` what its parameters are
    besides those of ``primal``. ``exact`` gives both for an arithmetic, ``function``
    and ``derivative_function``, which are the generated ones, compute in floats.
    ``operations`` are those of the two. ``pattern`` gives the rows and the columns of
    the entries of a sparse derivative. ``notes`` are for the report; ``holds`` says
    whether functions of the user's own hold something near a point.
    """

    primal: Program
    derivative_name: str
    kinds: Sequence[str]
    wrt: Sequence[str]
    given: Sequence[str]
    exact: Exact
    function: Results
    derivative_function: Results
    operations: tuple[int, int]
    pattern: Results | None = None
    notes: Sequence[str] = ()
    holds: bool = False


def subject_of(
    primal: Program,
    derivative: Program,
    kinds: Sequence[str],
    wrt: Sequence[str],
    functions: Sequence[Callable[..., Any]],
) -> Subject:
    """The subject of two programs.

    ``functions`` are the generated ones: that of ``primal``, that of ``derivative``
    and, where it is sparse, that of its pattern.
    """
    function, derivative_function, *pattern = functions
    return Subject(
        primal,
        derivative.name,
        kinds,
        wrt,
        [n for n in derivative.parameter_names if n not in primal.parameter_names],
        cache(
            lambda decimals: (
                exact_results(primal, decimals),
                exact_results(derivative, decimals),
            )
        ),
        _called(function, primal),
        _called(derivative_function, derivative),
        (operation_count(written_out(primal).body), operation_count(derivative.body)),
        _called(pattern[0], primal) if pattern else None,
        list(notes_of_own(primal)),
        bool(own_operations(primal)),
    )


def exact_results(program: Program, decimals: Decimals) -> Results:
    """What the program gives in this arithmetic."""
    from adjoint.ir.array_arithmetic import lifted

    arithmetic, constant = lifted(decimals.arithmetic), decimals.constant
    names = program.parameter_names
    return lambda given: run(
        program, [given[name] for name in names], arithmetic, constant
    )


def _called(function: Callable[..., Any], program: Program) -> Results:
    """A generated function, called with the arguments by their names."""

    def results(given: Mapping[str, Any]) -> list[Any]:
        positional, keywords = [], {}
        for name, form, parts in program.declared:
            items = [_as_given(part, given[str(part.name)]) for part in parts]
            argument = nested(form, items)
            if name in program.keyword_only:
                keywords[name] = argument
            else:
                positional.append(argument)
        return flattened(function(*positional, **keywords))[1]

    return results


def _as_given(parameter: Value, argument: Any) -> Any:
    """The argument as a caller gives it: a list for a list."""
    if not parameter.type.listed:
        return argument
    return as_list(argument, parameter.type.of_arrays)


def as_list(argument: Any, of_arrays: bool) -> list[Any]:
    """The array as nested lists, or as a list of arrays."""
    return list(argument) if of_arrays else argument.tolist()


def in_floats(function: Results, given: Mapping[str, Any]) -> Sequence[Any]:
    """What the generated function gives; NumPy's warnings are for its users."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return function(copies(given))
