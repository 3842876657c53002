"""The C target: functions of numbers and lists, in C99, with nothing but its library.

What the Python target writes is spelled in C, statement by statement: names, and what
stands in one expression, are the same. Where Python raises an exception there is NaN or
an infinity; where the user's own ``raise`` or ``assert`` does, every result is NaN.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Final

from adjoint.ir.names import Names
from adjoint.ir.program import has_arrays
from adjoint.rules import helpers
from adjoint.target.arrays.element_body import ElementWriter
from adjoint.target.arrays.results import with_own_arrays
from adjoint.target.c.constants import Constants
from adjoint.target.c.expressions import FLOAT, functions_of_c
from adjoint.target.c.head import head_of, returns_first
from adjoint.target.c.layout import wrapped
from adjoint.target.c.list_statements import ListStatements
from adjoint.target.c.normal import with_calls
from adjoint.target.c.result_shapes import note_result_shapes
from adjoint.target.c.statements import Statements
from adjoint.target.c.supported import refuse_what_c_has_not
from adjoint.target.helper_text import with_callees
from adjoint.target.python import Function, description, function_lines, user_names
from adjoint.target.statements import BodyWriter
from adjoint.target.uses import Uses
from adjoint.transform.dead_code import without_dead_code

#: Names that mean something in C, or in the headers of its library.
_RESERVED: Final = frozenset("""
auto break case char const continue default do double else enum extern float for goto
if inline int long register restrict return short signed sizeof static struct switch
typedef union unsigned void volatile while asm typeof bool true false int64_t size_t
NULL NAN INFINITY HUGE_VAL I Stack Tape List Lists Matrix main
""".split())
_LIBRARY: Final = frozenset("""
acos acosh asin asinh atan atan2 atanh cbrt ceil copysign cos cosh erf erfc exp exp2
expm1 fabs fdim floor fma fmax fmin fmod frexp gamma hypot ilogb j0 j1 jn ldexp lgamma
llrint llround log log10 log1p log2 logb lrint lround modf nan nearbyint nextafter
nexttoward pow remainder remquo rint round scalb scalbln scalbn signgam significand sin
sinh sqrt tan tanh tgamma trunc y0 y1 yn drem exp10 pow10 finite isinf isnan signbit abs
labs llabs div abort exit free malloc calloc realloc strtod snprintf memcpy rand random
index time remove rename signal read write open close
""".split())
#: What the helpers need of the library: the header, by a word that stands in them.
_HEADERS: Final = {
    "bool": "stdbool.h",
    "true": "stdbool.h",
    "false": "stdbool.h",
    "int64_t": "stdint.h",
    "realloc": "stdlib.h",
    "malloc": "stdlib.h",
    "llabs": "stdlib.h",
    "strtod": "stdlib.h",
    "snprintf": "stdio.h",
    "memcpy": "string.h",
    "size_t": "stddef.h",
}
_WORD: Final = re.compile(r"[^\W\d]\w*")
_HELPER: Final = re.compile(
    r"(?:^//[^\n]*\n)*^static [\w *]*?(\w+)\([^)]*\)\n\{\n.*?^\}\n",
    re.DOTALL | re.MULTILINE,
)
_TAPE: Final = """\
// What the loops save on the way forward, and read on the way back.
typedef struct {
    double *entries;
    size_t count, room;
} Stack;

typedef struct {
    Stack *stacks;
    size_t count, room, released;
} Tape;"""
_LISTS: Final = """\
// A list of numbers, or of rows of numbers, and how many variables and stacks have it.
typedef struct List {
    double *at;
    int64_t length, columns;
    size_t space, number, users;
    struct List *next;
} List, Matrix;

// All lists of one call, and those of them that nobody has any longer.
typedef struct {
    List **each;
    size_t count, room;
    List *released;
} Lists;"""


def module_text(functions: Sequence[Function]) -> str:
    """The whole file: what it is, headers, constants, helpers, the functions.

    Raises OptionError for functions of arrays, and for what C has not.
    """
    functions = list(map(_prepared, functions))
    module, written = _written(functions)
    remarks = [
        f"In C: {one.head}; {_where(function, one)}."
        for function, one in zip(functions, written, strict=True)
    ]
    lines = description(functions, remarks, lambda line: line.replace("*/", "* /"))
    comment = "\n".join(["/*", *[f" * {line}".rstrip() for line in lines], " */"])
    return _whole([comment], module, written)


def functions_text(functions: Sequence[Function]) -> str:
    """Functions with what they need, as they are compiled to be run here."""
    return _whole([], *_written(list(map(_prepared, functions))))


def name_in_c(name: str) -> str:
    """What a function is called in C: its library has some of the names already."""
    return f"{name}_" if name in _RESERVED | _LIBRARY else name


@dataclass(frozen=True)
class _Written:
    """A function in C: its head, the array of results, the text, and what it calls."""

    head: str
    out: str
    text: str
    called: Iterable[str]


def _prepared(function: Function) -> Function:
    """Without what is there for exceptions alone, with the copies that lists need.

    Raises AdjointError for what C has not.
    """
    program = function.program
    note_result_shapes(program)
    needed = without_dead_code(program, program.primal_generation, keep_raising=False)
    if has_arrays(program):
        refuse_what_c_has_not(needed)
        needed = with_own_arrays(needed)
    return replace(function, program=needed)


def _written(functions: Sequence[Function]) -> tuple[Constants, list[_Written]]:
    uses = [Uses(function.program) for function in functions]
    module = Constants([*user_names(uses), *_RESERVED])
    writers = [
        _writer(one)(used, module, one.values, one.sweeps)
        for one, used in zip(functions, uses, strict=True)
    ]
    texts = list(map(function_lines, functions, writers))
    written = [
        _in_c(function, lines, writer, module)
        for function, lines, writer in zip(functions, texts, writers, strict=True)
    ]
    return module, written


def _writer(function: Function) -> type[BodyWriter]:
    return ElementWriter if has_arrays(function.program) else BodyWriter


def _in_c(
    function: Function, lines: Sequence[str], writer: BodyWriter, module: Constants
) -> _Written:
    program = function.program
    tree = ast.parse("\n".join(lines)).body[0]
    assert isinstance(tree, ast.FunctionDef)
    body, functions = tree.body[len(program.packed) :], module.functions()
    names = Names(
        _RESERVED
        | {*module.numbers, *module.lists}
        | functions_of_c(functions.values())
    )
    lists = has_arrays(program)
    if lists:
        named = writer.names.known.items()
        ranks = {name: one.type.rank for one, name in named if one.type.rank}
        with_calls(body, ranks, functions)
        names.take_all(_helpers())
    head = head_of(function, body, module.lists, names)
    write = ListStatements if lists else Statements
    statements = write(body, head, functions, _comments(lines), names, module.numbers)
    statements.write()
    result = FLOAT if head.returns else "void"
    declared = ", ".join(head.declared) or "void"
    first = f"{result} {name_in_c(program.name)}({declared})"
    text = "\n".join([*wrapped(first), "{", *statements.lines, "}"])
    return _Written(first, head.out, text, statements.expressions.called)


def _where(function: Function, written: _Written) -> str:
    """Where the results are, and what a list is."""
    if not written.out:
        where = "the result is returned"
    elif returns_first(function):
        where = f"the value is returned, the rest is written to {written.out} in order"
    else:
        where = f"the results are written to {written.out} in order"
    if has_arrays(function.program):
        where += "; a list is where its numbers stand, row by row, and how many"
    return where


def _comments(lines: Sequence[str]) -> dict[int, str]:
    """The comments of the Python text, by the line, from 1, on which they stand."""
    found = {}
    for at, line in enumerate(lines, 1):
        text = line.lstrip()
        if text.startswith("# "):
            found[at] = text[2:]
        elif "  # " in text and not text.startswith(("raise ", "assert ")):
            found[at] = text.partition("  # ")[2]
    # a backslash at the end would continue the comment
    return {
        at: f"{text} ." if text.endswith("\\") else text for at, text in found.items()
    }


# -- what stands around the functions


def _whole(parts: list[str], module: Constants, written: Sequence[_Written]) -> str:
    texts = [one.text for one in written]
    called = dict.fromkeys(chain.from_iterable(one.called for one in written))
    needed = with_callees(called, _helpers())
    helping = [text for name, text in _helpers().items() if name in needed]
    for word, types in (("Lists", _LISTS), ("Tape", _TAPE)):
        if any(word in text for text in texts):
            helping.insert(0, types)
    constants = module.lines()
    words = {word for text in (*helping, *texts) for word in _WORD.findall(text)}
    headers = {header for word, header in _HEADERS.items() if word in words} | {
        "math.h"
    }
    included = [f"#include <{header}>" for header in sorted(headers)]
    parts += ["\n".join(included), "\n".join(constants), *helping, *texts]
    return "\n\n".join(part for part in parts if part) + "\n"


@cache
def _helpers() -> dict[str, str]:
    """The helper functions, by name, in the order of their file."""
    first = Path(helpers.__file__).with_suffix(".c")
    texts = [
        path.read_text(encoding="utf-8")
        for path in (first, first.with_name("helpers_lists.c"))
    ]
    return {
        match.group(1): match.group().rstrip("\n")
        for match in _HELPER.finditer("\n".join(texts))
    }
