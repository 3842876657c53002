"""Which derivatives there are: what each computes, is called, and returns."""

from __future__ import annotations

import keyword
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from adjoint.errors import OptionError, did_you_mean
from adjoint.ir.form import nested, text_of, tuple_of
from adjoint.ir.program import Program
from adjoint.target.python import Function
from adjoint.transform.checkpoint import with_checkpoints
from adjoint.transform.dead_code import without_dead_code
from adjoint.transform.reverse import gradient


@dataclass(frozen=True)
class Kind:
    """One kind of derivative.

    ``program``  from the primal, what it is by, and a name, to the derivative's
                 program: its form, and the parameters that it has besides the primal's
    ``returns``  what the program returns, in nested tuples of words
    ``value``    whether its first results are the value of the primal
    """

    name: str
    program: Callable[[Program, Sequence[str], str], Program]
    returns: Callable[[Program, Sequence[str]], Any]
    value: bool = False


def _grad(program: Program, wrt: Sequence[str], name: str) -> Program:
    return gradient(program, wrt, name, keep_value=False)


def _partials(program: Program, wrt: Sequence[str]) -> Any:
    names = [f"d{program.name}/d{parameter}" for parameter in wrt]
    return nested(tuple_of(len(names)), names)


KINDS = {
    kind.name: kind
    for kind in (
        Kind("grad", _grad, _partials),
        Kind(
            "value_and_grad",
            gradient,
            lambda program, wrt: ("value", _partials(program, wrt)),
            value=True,
        ),
    )
}


def primal_function(program: Program) -> Function:
    """The function itself, as it stands in the module beside its derivative."""
    words = text_of(nested(program.form, _values(program)))
    return Function(without_dead_code(program), words, len(program.results))


def _values(program: Program) -> list[str]:
    """What to call the results in words."""
    if program.form is None:
        return ["the value"]
    return [f"y{at}" for at in range(1, len(program.results) + 1)]


def derivative_function(
    program: Program,
    kind: str,
    wrt: Sequence[str],
    checkpoint: str | int | None = None,
) -> Function:
    """The derivative of a program.

    ``checkpoint`` says how many states its loops may save (`transform.checkpoint`).
    Raises OptionError for a kind that does not exist.
    """
    if kind not in KINDS:
        hint = did_you_mean(kind, KINDS) or f"one of {', '.join(KINDS)} is expected"
        raise OptionError(f"there is no derivative {kind!r}; {hint}")
    if checkpoint is not None:
        program = with_checkpoints(program, checkpoint)
    chosen = KINDS[kind]
    derivative = chosen.program(program, wrt, f"{program.name}_{kind}")
    words = text_of(chosen.returns(program, wrt))
    values = len(program.results) if chosen.value else 0
    return Function(derivative, words, values, sweeps=True)


def parameters_of_interest(
    program: Program, wrt: str | Iterable[object] | object | None
) -> list[str]:
    """The names to differentiate by, checked; every float parameter by default.

    Raises OptionError for a name that is no float parameter, or stands twice, and for
    a function that has no parameters.
    """
    known = [str(p.name) for p in program.parameters if p.type.real]
    if wrt is None:
        if not known:
            raise OptionError(f"{program.name} has no parameters to differentiate by")
        return known
    names = [_parameter(program, one) for one in _listed(wrt)]
    if not names:
        raise OptionError("no parameter to differentiate by is given")
    floats, seen = set(known), set[str]()
    for name in names:
        if name not in floats:
            hint = did_you_mean(name, known) or f"the parameters are {', '.join(known)}"
            raise OptionError(f"{name!r} is not a parameter of {program.name}; {hint}")
        if name in seen:
            raise OptionError(f"the parameter {name!r} is given twice")
        seen.add(name)
    return names


def _listed(wrt: object) -> Iterable[object]:
    if isinstance(wrt, str):
        return wrt.replace(",", " ").split()
    return wrt if isinstance(wrt, Iterable) else [wrt]


def _parameter(program: Program, one: object) -> str:
    """The name of a parameter that is given by its name, or by its symbol in SymPy."""
    if isinstance(one, str):
        return one
    symbols = {symbol: name for name, symbol in program.symbols}
    return symbols.get(one, str(one))


def named(program: Program, name: str | None) -> Program:
    """The program under another name. Raises OptionError where it cannot be a name."""
    if name is None:
        return program
    if not name.isidentifier() or keyword.iskeyword(name) or name == "__debug__":
        raise OptionError(f"{name!r} cannot be the name of a Python function")
    return replace(program, name=unicodedata.normalize("NFKC", name))
