"""A function in C, to be called from here: compiled into a library, and loaded."""

from __future__ import annotations

import ctypes
import os
import shlex
import subprocess
from collections.abc import Callable, Sequence
from inspect import Parameter, Signature
from math import ldexp
from operator import index
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from adjoint.errors import OptionError
from adjoint.ir.form import flattened, nested
from adjoint.ir.program import Program
from adjoint.target.c.expressions import FLOAT
from adjoint.target.c.module import name_in_c, returns_first, type_of_out
from adjoint.target.python import Function

#: Each operation is rounded by itself, as the text says it.
_FLAGS: Final = ["-std=c99", "-O2", "-ffp-contract=off", "-fPIC", "-shared"]

#: By type: that of C, and what makes it of a number of Python's.
_TYPES: Final[dict[str, tuple[Any, Callable[[Any], Any]]]] = {
    "float": (ctypes.c_double, lambda number: ldexp(number, 0)),  # and no text
    "int": (ctypes.c_int64, index),
    "bool": (ctypes.c_bool, bool),
}


def load(function: Function, text: str) -> Callable[..., Any]:
    """The function of C as one of Python, called like that of the Python target.

    Raises OptionError where there is no C compiler: ``cc``, or what CC names.
    """
    return bound(compiled(text), function)


def bound(library: ctypes.CDLL, function: Function) -> Callable[..., Any]:
    """A function of a library as one of Python."""
    program = function.program
    returns = returns_first(function)
    written = len(program.results) - returns
    called = getattr(library, name_in_c(program.name))
    called.restype = ctypes.c_double if returns else None
    types = [_TYPES[value.type.element] for value in program.parameters]
    element = ctypes.c_double if type_of_out(program) == FLOAT else ctypes.c_int64
    array = element * written
    called.argtypes = [type for type, _ in types] + ([array] if written else [])
    signature = _signature(program)

    def run(*args: Any, **kwargs: Any) -> Any:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        numbers = _flat(program, list(bound.arguments.values()))
        given = [make(one) for one, (_, make) in zip(numbers, types, strict=True)]
        out = array()
        first = called(*given, *([out] if written else []))
        results = [first, *out] if returns else list(out)
        return nested(program.form, results)

    run.__name__ = program.name
    return run


def _flat(program: Program, arguments: Sequence[Any]) -> list[Any]:
    """The arguments with the items of tuples in the place of these."""
    found: list[Any] = []
    for (name, form, _), argument in zip(program.declared, arguments, strict=True):
        if form is None:
            found.append(argument)
            continue
        own, items = flattened(argument)
        if own != form:
            raise TypeError(f"{name} is a tuple of another form than that")
        found += items
    return found


def _signature(program: Program) -> Signature:
    """The parameters as a caller in Python gives them."""
    defaults = dict(program.defaults)
    return Signature(
        [
            Parameter(
                name,
                (
                    Parameter.KEYWORD_ONLY
                    if name in program.keyword_only
                    else Parameter.POSITIONAL_OR_KEYWORD
                ),
                default=defaults.get(name, Parameter.empty),
            )
            for name, _, _ in program.declared
        ]
    )


def compiled(text: str) -> ctypes.CDLL:
    """The library that the C compiler makes of a text. Raises OptionError as `load`."""
    compiler = shlex.split(os.environ.get("CC", "")) or ["cc"]
    with TemporaryDirectory(prefix="adjoint-") as folder:
        source, library = Path(folder, "function.c"), Path(folder, "function.so")
        source.write_text(text, encoding="utf-8")
        command = [*compiler, *_FLAGS, "-o", str(library), str(source), "-lm"]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        except OSError:
            raise OptionError(
                f"to be run here, C needs a compiler, and there is no {compiler[0]!r}; "
                "CC may name another (the text, .source, is there without one)"
            ) from None
        if done.returncode:
            raise OptionError(
                f"{compiler[0]} does not compile it: {done.stderr.strip()}"
            )
        return ctypes.CDLL(str(library))
