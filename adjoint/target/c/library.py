"""A function in C, to be called from here: compiled into a library, and loaded."""

from __future__ import annotations

import ctypes
import os
import shlex
import subprocess
from collections.abc import Callable, Mapping, Sequence
from inspect import Parameter, Signature
from math import ldexp, prod
from operator import index
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from adjoint.errors import OptionError
from adjoint.ir.form import flattened, nested
from adjoint.ir.program import Program, Value
from adjoint.target.c.expressions import FLOAT
from adjoint.target.c.head import returns_first, type_of_out
from adjoint.target.c.module import name_in_c
from adjoint.target.c.result_shapes import note_result_shapes
from adjoint.target.python import Function

#: Each operation is rounded by itself, as the text says it.
_FLAGS: Final = ["-std=c99", "-O2", "-ffp-contract=off", "-fPIC", "-shared"]

_INT: Final = ctypes.c_int64


def _float(number: Any) -> float:
    return ldexp(number, 0)  # and no text


#: By type: that of C, and what makes it of a number of Python's.
_TYPES: Final[dict[str, tuple[Any, Callable[[Any], Any]]]] = {
    "float": (ctypes.c_double, _float),
    "int": (_INT, index),
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
    note_result_shapes(program)
    returns = returns_first(function)
    called = getattr(library, name_in_c(program.name))
    called.restype = ctypes.c_double if returns else None
    signature = _signature(program)
    written = program.results[1:] if returns else program.results
    lists = any(value.type.rank for value in program.results)
    buffers = _lists_for if lists else _array_for

    def run(*args: Any, **kwargs: Any) -> Any:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        given = _flat(program, list(bound.arguments.values()))
        numbers: list[Any] = []
        lengths: dict[object, int] = {}
        for value, one in zip(program.parameters, given, strict=True):
            numbers += _in_c(value, one, lengths)
        outs, results = buffers(program, written, lengths)
        first = called(*numbers, *outs)
        return nested(program.form, [first, *results()] if returns else results())

    run.__name__ = program.name
    return run


def _in_c(value: Value, given: Any, lengths: dict[object, int]) -> list[Any]:
    """An argument as C takes it: a list is its first number, and its lengths."""
    type, make = _TYPES[value.type.element]
    if not value.type.rank:
        return [type(make(given))]
    rows = [given] if value.type.rank == 1 else list(given)
    columns = [len(row) for row in rows]
    if len(set(columns)) > 1:
        raise ValueError(f"the rows of {value.name} are not of one length")
    numbers = [make(number) for row in rows for number in row]
    array = (type * max(len(numbers), 1))(*numbers)
    shape = [len(rows), columns[0] if columns else 0][2 - value.type.rank :]
    for axis, length in zip(value.shape, shape, strict=True):
        lengths[axis] = length
    return [array, *[_INT(length) for length in shape]]


#: What is handed over for the results, and what they are afterwards.
_Buffers = tuple[list[Any], Callable[[], list[Any]]]


def _array_for(
    program: Program, written: Sequence[Value], lengths: Mapping[object, int]
) -> _Buffers:
    """One array of numbers."""
    element = ctypes.c_double if type_of_out(program) == FLOAT else _INT
    out = (element * len(written))()
    return [out] if written else [], lambda: list(out)


def _lists_for(
    program: Program, written: Sequence[Value], lengths: Mapping[object, int]
) -> _Buffers:
    """An array for each list, and for each number."""
    shapes = [
        [axis if isinstance(axis, int) else lengths[axis] for axis in value.shape]
        for value in written
    ]
    outs = [(ctypes.c_double * max(prod(shape), 1))() for shape in shapes]

    def results() -> list[Any]:
        return [_nested(list(o), s) for o, s in zip(outs, shapes, strict=True)]

    return list(outs), results


def _nested(numbers: list[float], shape: Sequence[int]) -> Any:
    if not shape:
        return numbers[0]
    if len(shape) == 1:
        return numbers[: shape[0]]
    rows, columns = shape
    return [numbers[row * columns : (row + 1) * columns] for row in range(rows)]


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
